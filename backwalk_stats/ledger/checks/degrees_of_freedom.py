"""Degrees of freedom against the number of participants.

Two arms: t has n1 + n2 - 2; paired: n - 1; F of k arms: k - 1 and N - k. More df than that cannot
come from that many people; fewer can, when some were not analysed. Nuijten et al., Behav Res
Methods 2016;48:1205-1226.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Contrast
from backwalk_stats.ledger.check import Check
from backwalk_stats.ledger.printed_statistic import Statistic, parse_statistic
from backwalk_stats.ledger.rounding import exactly
from backwalk_stats.ledger.verdict import COMPATIBLE, INPUTS_INCONSISTENT, REPRODUCED, Ruling

FORMULA = "two arms: df = n1 + n2 - 2; paired: n - 1; F of k arms: k - 1 and N - k"


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield a ruling on printed degrees of freedom."""
    printed = contrast.printed
    statistic = parse_statistic(printed.get("statistic", ""), printed.get("df", ""))
    people, where = _participants(contrast)
    expected = (
        None if statistic is None or people is None else _expected(contrast, statistic, people)
    )
    if statistic is None or expected is None:
        return
    found = statistic.df[-1]
    if found > expected:
        verdict = INPUTS_INCONSISTENT
        reason = (
            f"degrees of freedom inconsistent with the number of participants: {people} people "
            f"leave at most {expected}"
        )
    elif found == expected:
        verdict, reason = REPRODUCED, f"{people} people leave {expected}"
    else:
        verdict, reason = COMPATIBLE, f"{people} people leave {expected}: some were not analysed"
    yield Ruling(
        quantity="df",
        reported=printed["df"],
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


def _expected(contrast: Contrast, statistic: Statistic, people: int) -> int | None:
    """Return the df that so many people leave, or None where the design does not say."""
    if statistic.family == "t" and len(statistic.df) == 1:
        paired = contrast.kind in ("paired", "within")
        return people - 1 if paired else people - 2
    if statistic.family == "F" and len(statistic.df) == 2 and contrast.kind != "within":
        return people - statistic.df[0] - 1
    return None


CHECK = Check(
    name="degrees_of_freedom",
    title="Degrees of freedom against the number of participants",
    formula=FORMULA,
    reference="Nuijten et al., Behav Res Methods 2016;48:1205",
    scope="contrast",
    run=run,
)
