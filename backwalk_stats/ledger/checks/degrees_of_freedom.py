"""Degrees of freedom against the number of participants.

Two arms: t has n1 + n2 - 2, or N - k with the error of all k arms; paired: n - 1; F of k arms:
k - 1 and N - k; arms by v visits: (k - 1)(v - 1) and (N - k)(v - 1). More df than that cannot come
from that many people; fewer can, when some were not analysed. Nuijten et al., Behav Res
Methods 2016;48:1205-1226.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Statistic, exactly, parse_statistic
from backwalk_stats.ledger.verdict import Ruling

FORMULA = (
    "two arms: df = n1 + n2 - 2; paired: n - 1; F of k arms: k - 1 and N - k; "
    "arms by v visits: (N - k)(v - 1)"
)


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield a ruling on printed degrees of freedom."""
    printed = contrast.printed
    statistic = parse_statistic(printed.get("statistic", ""), printed.get("df", ""))
    people, where = _participants(contrast)
    if statistic is None or people is None:
        return
    possible = _possible(contrast, statistic, people)
    if not possible:
        return
    found, expected = statistic.df[-1], possible[0]
    if found > max(possible):
        # Knees, sessions or visits may stand in the table; of arms with their n it is known.
        verdict = verdicts.INPUTS_INCONSISTENT if contrast.first else verdicts.NOT_DERIVABLE
        reason = (
            f"more degrees of freedom than people allow: {people} leave at most {max(possible)}"
        )
    elif found in possible:
        verdict, reason = verdicts.REPRODUCED, f"{people} people leave {found:g}"
        expected = int(found)
        reason += "" if found == possible[0] else ", with the error of all arms"
    else:
        verdict = verdicts.COMPATIBLE
        reason = f"{people} people leave {expected}: some were not analysed, or the test is Welch's"
    yield Ruling(
        quantity="df",
        reported=printed.get("df") or ", ".join(f"{one:g}" for one in statistic.df),
        verdict=verdict,
        reason=reason,
        value=float(expected),
        interval=exactly(float(expected)),
        inputs=where,
        formula=FORMULA,
    )


def _participants(contrast: Contrast) -> tuple[int | None, str]:
    """Return how many people the comparison holds, and where that was printed."""
    if contrast.first and contrast.second:
        arms = (contrast.first[0], contrast.second[0], *contrast.others[0])
        arms = arms if contrast.kind == "anova" else arms[:2]
        if all(arm.n for arm in arms):
            total = sum(arm.n or 0 for arm in arms)
            if contrast.kind in ("paired", "within"):
                total = arms[0].n or 0
            return total, "; ".join(arm.described() for arm in arms)
    study = contrast.study
    return study.n_total, f"studies.csv line {study.line}: n {study.n_text}"


def _possible(contrast: Contrast, statistic: Statistic, people: int) -> tuple[int, ...]:
    """Return the df that so many people leave, the likeliest first; none where nothing says.

    A mixed model has df that its summaries do not determine, and they may exceed the people.
    """
    within = contrast.kind in ("paired", "within")
    shape = (statistic.family, len(statistic.df))
    if "two_visit_model" in contrast.read.test.keys:
        return ()
    if contrast.kind == "interaction":
        return _of_interaction(contrast, statistic, people) if shape == ("F", 2) else ()
    if shape == ("t", 1):
        return (people - 1,) if within else (people - 2, *_of_all_arms(contrast))
    if shape == ("F", 2) and not within:
        return (people - int(statistic.df[0]) - 1, *_of_all_arms(contrast))
    return ()


def _of_interaction(contrast: Contrast, statistic: Statistic, people: int) -> tuple[int, ...]:
    """Return the error df of arms by visits: (N - k)(v - 1), with (k - 1)(v - 1) above."""
    above = statistic.df[0]
    arms = max(len(contrast.study.arms), 2)
    whole = above % (arms - 1) == 0 and statistic.df[-1] == int(statistic.df[-1])
    if not whole or "anova" not in contrast.method.lower():
        return ()
    return (int(above) // (arms - 1) * (people - arms),)


def _of_all_arms(contrast: Contrast) -> tuple[int, ...]:
    """Return N - k over all arms of the study: the df of a pair tested with their common error."""
    if contrast.kind != "between":
        return ()
    if contrast.first and contrast.second and contrast.others[0]:
        sizes = [arm.n for arm in (contrast.first[0], contrast.second[0], *contrast.others[0])]
        return (sum(size or 0 for size in sizes) - len(sizes),) if all(sizes) else ()
    study = contrast.study
    if len(study.arms) > 2 and study.n_total is not None:
        return (study.n_total - len(study.arms),)
    return ()


CHECK = Check(
    name="degrees_of_freedom",
    title="Degrees of freedom against the number of participants",
    formula=FORMULA,
    reference="Nuijten et al., Behav Res Methods 2016;48:1205",
    scope="contrast",
    run=run,
    needs=(Need(of="counted_test", fits=("named", "repeated-measures ANOVA")),),
)
