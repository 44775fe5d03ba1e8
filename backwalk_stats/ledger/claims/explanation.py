"""The table of claims: verdict, one line, and a few sentences made from what bears on each.

The sentences stand in one order: what is claimed; what the named source is; what the record says,
with interval and for whom; how sure that is; what would settle it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.summary import many_arms
from backwalk_stats.errors import NotEstimable
from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.case import Contrast, Study
from backwalk_stats.ledger.claims import bearing as bears
from backwalk_stats.ledger.claims import findings as found
from backwalk_stats.ledger.claims import judgement, wording
from backwalk_stats.ledger.claims.bearing import Bearing
from backwalk_stats.ledger.claims.findings import AGAINST, FOR, NEITHER, UNSAID, Finding
from backwalk_stats.ledger.claims.plain_words import (
    arm_words,
    in_full,
    in_whom,
    joined_by_and,
    joined_by_or,
    p_words,
    printed_words,
    reasons_words,
    sentence,
    unit_words,
    without_brackets,
)
from backwalk_stats.ledger.claims.summary_line import in_one_line, to_read
from backwalk_stats.ledger.pools import main_answer, trials_of
from backwalk_stats.ledger.reading.vocabulary import families
from backwalk_stats.ledger.rows import cells_from_frame, study_from_row
from backwalk_stats.tables.numbers import DASH, interval_text, number, p_text, p_value, shortened
from backwalk_stats.trial.tables import CLAIMS

MOST = 5
_TESTS = (
    ("least significant difference", many_arms.lsd_pair),
    ("Tukey", many_arms.tukey_pair),
    ("Bonferroni", many_arms.bonferroni_pair),
)


def claims_frame(
    record: Record, contrasts: Sequence[Contrast], ledger: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per claim of the record (`tables.CLAIMS`)."""
    rows = {row["study_id"]: row for row in _rows(record.studies)}
    evidence = bears.Evidence(
        studies={name: study_from_row(row) for name, row in rows.items()},
        rows=rows,
        cells=cells_from_frame(record.outcomes),
        contrasts=contrasts,
        ledger=ledger,
    )
    found = [_claim(row, evidence) for row in _rows(record.claims)]
    return pd.DataFrame(found, columns=list(CLAIMS))


def _claim(row: dict[str, str], evidence: bears.Evidence) -> dict[str, str]:
    bearing = bears.bearing_on(wording.claim_from_row(row), evidence)
    verdict = judgement.verdict_of(bearing)
    return {
        "claim_id": row["claim_id"],
        "topic": row["topic"],
        "claim": row["claim_in_our_words"],
        "short_claim": row["short_claim"].strip(),
        "cited_source": row["source_named_by_article"],
        "verdict": verdict,
        "in_one_line": in_one_line(bearing, verdict, row["topic"]),
        "explanation": explanation(bearing, verdict),
        "to_read": "; ".join(study.label for study in to_read(bearing, verdict)),
        "study_ids": ";".join(study.study_id for study in bearing.studies),
        "finding_ids": ";".join(bearing.rows["finding_id"]),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def explanation(bearing: Bearing, verdict: str) -> str:
    """Return the sentences on a claim, in the order that the module's text gives."""
    said = (
        f"Claimed: {sentence(bearing.claim.text)}",
        _on_source(bearing),
        *_on_record(bearing),
        _how_sure(bearing, verdict),
        _what_would_settle(bearing, verdict),
    )
    return " ".join(sentence for sentence in said if sentence)


# What the named source is.


def _on_source(bearing: Bearing) -> str:
    source = bearing.claim.source.strip()
    if not source or re.search(r"\bunnamed\b|\bnot named\b", source):
        return "The article names no source."
    if not bearing.cited:
        among = "is not among the studies that are named for the claim"
        kind = "is advice and no study" if "advice" in source else among
        return f"The source that it names, {without_brackets(source)}, {kind}."
    parts = [_on_cited(bearing, study) for study in bearing.cited]
    if len(parts) == 1:
        return f"The source that {source} most likely means is {parts[0]}."
    return f"The source that {source} means can be one of {len(parts)}: {'. Or '.join(parts)}."


def _on_cited(bearing: Bearing, study: Study) -> str:
    reasons = bearing.unfit.get(study.study_id, ())
    if reasons:
        weeks = ["weeks of walking"] * any("one session" in why for why in reasons)
        about = joined_by_and(weeks + [_NEEDED[why] for why in reasons if why in _NEEDED])
        about = f"a claim about {about}" if about else "the claim"
        return f"{study.label}, which {reasons_words(reasons)}: it cannot carry {about}"
    reach = {"open": "its full text is open", "abstract only": "no full text is open"}.get(
        study.full_text, "whether a full text is open is not known"
    )
    if bears.not_read_in_full(study):
        return f"{study.label}; {reach}, and its abstract alone was read"
    return study.label


# What a claim is about that names other people than those who were watched.
_NEEDED = {
    "watched people with chronic complaints": "acute complaints",
    "watched people with acute complaints": "chronic complaints",
    "watched the young": "older people",
    "watched older people": "the young",
}


# What the record says.


def _on_record(bearing: Bearing) -> list[str]:
    recomputed = [_recomputed(bearing, f) for f in bearing.findings if f.recomputed]
    sentences = list(dict.fromkeys(recomputed))
    if len(sentences) > MOST:
        more = len(sentences) - MOST
        sentences = [*sentences[:MOST], f"Recomputed as well: {more} more."]
    sentences += [
        _together(bearing),
        _listed(bearing.of(FOR, recomputed=False), bearing, "Printed for it"),
        _listed(bearing.of(AGAINST, recomputed=False), bearing, "Printed against it"),
        _listed(bearing.of(NEITHER, recomputed=False), bearing, "No difference is printed in"),
        *_without_side(bearing),
        _better(bearing),
    ]
    assumed = {f.study.label: f.assumed for f in bearing.findings if f.assumed}
    if assumed:
        sentences.append(f"Assumed for {joined_by_and(list(assumed))}: {_first(assumed.values())}.")
    if bearing.claim.kind == wording.TRIAL and bearing.findings:
        sentences.append(_on_comparators(bearing))
    sentences += [_on_pool(bearing), _on_parts(bearing), _on_beside(bearing)]
    if bearing.missing_dose:
        return [f"No study of the record says that it used {bearing.missing_dose}."]
    if not bearing.findings:
        return [_on_nothing(bearing), _on_pool(bearing), _on_beside(bearing)]
    return sentences


def _on_nothing(bearing: Bearing) -> str:
    """Say why nothing counts: nothing was compared, or what was compared shows no side."""
    kind = _KINDS[bearing.claim.kind]
    if not bearing.compared:
        return f"The record holds no printed result of {kind} on it."
    told = dict.fromkeys(f"{c.study.label} ({in_full(c.outcome)})" for c in bearing.compared)
    where = joined_by_and(list(told)[:MOST]) + " and others" * (len(told) > MOST)
    if not bearing.claim.sense:
        why = "the claim denies a difference or names no side, so that none of it counts"
    else:
        why = "what is printed and read there shows no side that is better or worse"
    return f"The record compares {kind} in {where}, but {why}."


_KINDS = {
    wording.DIRECTIONS: "backward against forward walking",
    wording.TRIAL: "walking against another treatment or none",
    wording.CHANGE: "people before and after walking",
}

_TRIALS = {
    wording.DIRECTIONS: "backward against forward walking",
    wording.TRIAL: "walking against another treatment",
    wording.CHANGE: "several weeks of walking against another treatment",
}


def _recomputed(bearing: Bearing, finding: Finding) -> str:
    """Return one recomputed comparison, with every test that can have been meant."""
    result, p_range = found.oriented(finding)
    contrast = finding.contrast
    assert finding.arms is not None
    a, b = finding.arms
    arms = [_walk(bearing, contrast, arm) for arm in (contrast.arm_a, contrast.arm_b)]
    mine, other = arms if finding.first_is_claimed else arms[::-1]
    sizes = (a.n, b.n) if finding.first_is_claimed else (b.n, a.n)
    low, high = float(result.conf_low), float(result.conf_high)
    text = (
        f"{finding.study.label}, {in_full(contrast.outcome)}, {mine} minus {other}: "
        f"{number(float(result.estimate))} {unit_words(a.unit)}".rstrip()
        + f" (95% CI {interval_text(low, high)}; {sizes[0]} and {sizes[1]} people"
        + f"{in_whom(bearing, finding.study).replace(', in', ' with', 1)}), "
        + f"{_verdict_words(finding.side)}."
    )
    test = "a paired t test" if found.same_people(contrast) else "Student’s test"
    test += f" ({finding.remark})" if finding.remark else ""
    ends = [p_value(p_range.low), p_value(p_range.high)]
    rounded = f" ({' to '.join(ends)} as rounding allows)" if ends[0] != ends[1] else ""
    text += f" By {test} {p_text(float(result.p_value))}{rounded}"
    others = "" if finding.remark else _other_tests(contrast)
    text += f"; {others}." if others else "."
    if contrast.derived:
        text += " The two arms were recovered from a merged one, not printed."
    return text


def _walk(bearing: Bearing, contrast: Contrast, arm: str) -> str:
    """Return an arm by its direction where directions are compared, else in the record's words."""
    if bearing.claim.kind == wording.DIRECTIONS:
        return f"{found.walker(arm, contrast.study)} walking"
    return arm_words(arm)


def _together(bearing: Bearing) -> str:
    """Give the pool of the recomputed studies, where there are two or more."""
    pool = judgement.claim_pool(bearing)
    if pool is None:
        return ""
    new = interval_text(float(pool["pi_low"]), float(pool["pi_high"]))
    further = "" if new == DASH else f"; a further study is expected from {new}"
    return (
        f"The {int(pool['k'])} recomputed studies together, so turned that above zero bears the "
        f"claim out: standardised difference {number(float(pool['estimate']))} (95% CI "
        f"{interval_text(float(pool['conf_low']), float(pool['conf_high']))}{further})."
    )


def _verdict_words(side: str) -> str:
    return {FOR: "in favour of the claim", AGAINST: "against the claim"}.get(
        side, "which holds zero"
    )


def _other_tests(contrast: Contrast) -> str:
    """Return the p of the pair by the tests that take the error of all arms."""
    found = other_p(contrast)
    if not found:
        return ""
    arms = 2 + len(contrast.others[0])
    told = ", ".join(f"{p_value(p)} ({name})" for name, p in found.items())
    return f"with the error of all {arms} arms {told}"


def other_p(contrast: Contrast) -> dict[str, float]:
    """Return p of the first against the second arm by tests over all arms; {} without a third."""
    if not contrast.others or not contrast.others[0]:
        return {}
    cells = (contrast.first[0], contrast.second[0], *contrast.others[0])
    if not all(cell.has_spread for cell in cells):
        return {}
    n, mean, sd = (
        np.array([getattr(cell, name) for cell in cells], dtype=float)
        for name in ("n", "mean_value", "sd_value")
    )
    try:
        arms = many_arms.Arms(n, mean, sd)
        return {name: float(test(arms, first=0, second=1).p_value) for name, test in _TESTS}
    except NotEstimable:
        return {}


def _without_side(bearing: Bearing) -> list[str]:
    """Return the differences that count on no side: unprinted, or printed and not to be judged."""
    unsaid = bearing.of(UNSAID, recomputed=False)
    sided = [f for f in unsaid if found.printed_sense(f.contrast, f.first_is_claimed)]
    why = "which side is better was not read" if bearing.claim.sense else "the claim names no side"
    return [
        _listed(
            [f for f in unsaid if f not in sided],
            bearing,
            "A difference is printed, but not to which side, in",
        ),
        _listed(sided, bearing, f"A difference is printed, but {why}, in"),
    ]


def _listed(shown: Iterable[Finding], bearing: Bearing, head: str) -> str:
    """Return what studies printed on one side, a study at a time."""
    by_study: dict[str, list[Finding]] = {}
    for finding in shown:
        by_study.setdefault(finding.study.study_id, []).append(finding)
    told = [_of_study(bearing, found) for found in by_study.values()]
    if len(told) > MOST:
        told = [*told[:MOST], f"and {len(told) - MOST} more studies"]
    joint = " " if head.endswith(" in") else ": "
    return f"{head}{joint}{'; '.join(told)}." if told else ""


def _of_study(bearing: Bearing, found: Sequence[Finding]) -> str:
    """Return the findings of one study: those with the same numbers together."""
    numbers: dict[str, list[str]] = {}
    for finding in found:
        said = numbers.setdefault(in_full(finding.contrast.outcome), [])
        said += [text for text in (printed_words(finding),) if text not in said]
    names: dict[str, list[str]] = {}
    for outcome, said in numbers.items():
        names.setdefault(" and ".join(said), []).append(outcome)
    told = [
        f"{joined_by_and(outcomes)}{':' * said[:1].isdigit()} {said}".strip()
        for said, outcomes in names.items()
    ]
    return f"{found[0].study.label}{in_whom(bearing, found[0].study)}: {', '.join(told)}"


def _better(bearing: Bearing) -> str:
    """Say which direction is better, or which one bears the claim out."""
    if not bearing.findings:
        return ""
    claim = bearing.claim
    if claim.sense in (wording.HIGHER, wording.LOWER):
        return f"{claim.sense.capitalize()} values with {claim.side} walking bear the claim out."
    lower: list[str] = []
    higher: list[str] = []
    for finding in bearing.findings:
        contrast = finding.contrast
        declared = finding.arms[0].direction if finding.arms else ""
        better = wording.polarity(contrast.outcome, declared)
        if "(reduction)" in contrast.outcome:
            better = wording.OPPOSITE[better]
        place = {wording.LOWER: lower, wording.HIGHER: higher}.get(better)
        if place is not None:
            place.append(in_full(contrast.outcome))
    told = [
        f"{word} is better in {joined_by_and(list(dict.fromkeys(names)))}"
        for word, names in (("lower", lower), ("higher", higher))
        if names
    ]
    if len({bool(lower), bool(higher)}) > 1:
        return "Lower is better." if lower else "Higher is better."
    return sentence("; ".join(told)) if told else ""


def _on_comparators(bearing: Bearing) -> str:
    """Say against what walking was held, where that was not walking in the other direction."""
    others = []
    for finding in bearing.findings:
        contrast = finding.contrast
        arm = contrast.arm_b if finding.first_is_claimed else contrast.arm_a
        if found.walker(arm, contrast.study) == found.OTHER:
            others.append(arm_words(arm))
    if not others:
        return ""
    held = joined_by_or(list(dict.fromkeys(others)))
    return f"Walking was held against {held}: that says nothing of its direction."


def _on_pool(bearing: Bearing) -> str:
    """Give the pool of walking added, beside a claim about direction."""
    claim = bearing.claim
    if claim.kind != wording.DIRECTIONS or claim.side != "backward":
        return ""
    own = {study.study_id for study in bearing.studies}
    trials = trials_of(bearing.contrasts)
    for outcome in families("; ".join(claim.families)) or tuple(claim.families):
        if not any(t.outcome == outcome and t.study_id in own for t in trials):
            continue
        answer = main_answer(trials, bearing.contrasts, outcome)
        if answer is None or not answer.added:
            continue
        return (
            f"Backward walking added to other care is another question: {answer.k} trials, "
            f"{answer.people} people, standardised difference {number(answer.estimate)} (95% CI "
            f"{interval_text(answer.conf_low, answer.conf_high)}; a further trial is expected "
            f"from {interval_text(answer.pi_low, answer.pi_high)})."
        )
    return ""


def _on_parts(bearing: Bearing) -> str:
    """Name the items of a list on which no study of the kind printed anything."""
    missing = bearing.unmeasured
    return f"Nothing is printed on {joined_by_or(missing)} as such." if missing else ""


def _on_beside(bearing: Bearing) -> str:
    """Give printed pools of another comparison, and the other direction held against none."""
    told = []
    for contrast in bearing.beside:
        ends = [contrast.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high")]
        sides = {found.walker(arm, contrast.study) for arm in (contrast.arm_a, contrast.arm_b)}
        turned = sides - {bearing.claim.side, found.BOTH, ""} == sides == {"forward", found.OTHER}
        arms = f"{arm_words(contrast.arm_a)} against {arm_words(contrast.arm_b)}"
        start = f"{contrast.study.label}, {in_full(contrast.outcome)}, {arms}"
        if contrast.kind == "pooled" and all(ends):
            ends = [shortened(end) for end in ends]
            told.append(f"{start}, pooled {ends[0]} ({ends[1]} to {ends[2]})")
        elif turned and (said := found.printed_sense(contrast, found.walks_first(contrast))):
            told.append(f"{start}, forward {said}, {p_words(contrast.printed.get('p_value', ''))}")
    return f"Not of the claimed kind: {'; '.join(dict.fromkeys(told))}." if told else ""


# How sure that is, and what would settle it.


def _how_sure(bearing: Bearing, verdict: str) -> str:
    numbers = any(finding.recomputed for finding in bearing.findings)
    if verdict in (judgement.HOLDS, judgement.CONTRADICTED) and numbers:
        way = "bears it out" if verdict == judgement.HOLDS else "goes against it"
        return f"The whole interval {way}, rounding included.{_on_one_study(bearing)}"
    if verdict in (judgement.SUPPORTED, judgement.CONTRADICTED):
        only = " in abstracts" if _from_abstracts(bearing) else ""
        return f"This is what was printed{only}; how large it is cannot be recomputed."
    if verdict == judgement.MIXED:
        return "The findings do not agree, so no single answer can be given."
    if bearing.of(NEITHER, recomputed=True):
        return _on_doubt(bearing.of(NEITHER, recomputed=True))
    return _without_findings(bearing, verdict)


def _on_one_study(bearing: Bearing) -> str:
    """Say so where all rests on one study, and how small it is."""
    studies = {f.study.study_id for f in bearing.findings}
    arms = next((f.arms for f in bearing.findings if f.arms), None)
    if len(studies) != 1 or arms is None:
        return ""
    same = found.same_people(bearing.findings[0].contrast)
    people = max(cell.n or 0 for cell in arms) if same else sum(cell.n or 0 for cell in arms)
    return f" It rests on one study of {people} people."


def _without_findings(bearing: Bearing, verdict: str) -> str:
    if verdict == judgement.NOT_READ:
        return "So nothing can be said yet, neither for the claim nor against it."
    if verdict == judgement.NOT_CARRIED:
        return "That does not make the claim false."
    if bearing.of(NEITHER, recomputed=False):
        return "No difference was shown; that there is none was not shown either."
    return "Nothing speaks for the claim, and nothing against it."


def _on_doubt(findings: Sequence[Finding]) -> str:
    """Say that intervals reach both sides, and whether the choice of a test decides."""
    for finding in findings:
        result, rounded = found.oriented(finding)
        every = [
            float(result.p_value),
            rounded.low,
            rounded.high,
            *other_p(finding.contrast).values(),
        ]
        if min(every) < 0.05 <= max(every):
            return (
                "Neither shown nor refuted: whether p lies below 0.05 depends on the test and on "
                "rounding."
            )
    return "Neither shown nor refuted: the interval holds zero."


def _from_abstracts(bearing: Bearing) -> bool:
    return all(bears.not_read_in_full(finding.study) for finding in bearing.findings)


def _what_would_settle(bearing: Bearing, verdict: str) -> str:
    if verdict in (judgement.HOLDS, judgement.CONTRADICTED) and any(
        finding.recomputed for finding in bearing.findings
    ):
        return "A further trial would tell how far that carries."
    if bearing.missing_dose:
        return f"A trial of {bearing.missing_dose} would settle it."
    papers = [study.label for study in to_read(bearing, verdict)]
    protocols = [s.label for s in bearing.cited if s.has_no_results]
    results = f"the results of {joined_by_and(protocols)}" if protocols else ""
    read = f"the full text of {joined_by_and(papers)}" if papers else ""
    other = any("people with" in why for whys in bearing.unfit.values() for why in whys)
    where = " in the people whom the claim names" if other else ""
    trial = f"a trial of {_TRIALS[bearing.claim.kind]}{where}, with n, mean and SD of each arm"
    told = [part for part in (results, read) if part] or [trial]
    return f"To settle it: {' and '.join(told)}."


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts))
