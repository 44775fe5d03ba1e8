"""The one fact behind a verdict, in a line: the fullest wording that fits."""

from __future__ import annotations

import re

from backwalk_stats.ledger.case import Study
from backwalk_stats.ledger.claims import judgement, wording
from backwalk_stats.ledger.claims.bearing import Bearing, not_read_in_full
from backwalk_stats.ledger.claims.findings import (
    AGAINST,
    FOR,
    NEITHER,
    UNSAID,
    Finding,
    oriented,
    printed_sense,
)
from backwalk_stats.ledger.claims.plain_words import (
    arm_words,
    capital,
    in_full,
    p_words,
    printed_words,
    reasons_words,
    unit_words,
    without_brackets,
)
from backwalk_stats.tables.numbers import interval_text, number, p_text, p_value

LINE = 95


def to_read(bearing: Bearing, verdict: str) -> tuple[Study, ...]:
    """Return the papers that would tell more: open ones of which not the full text was read.

    Where nothing else is known (`not_read`), those as well of which no open full text is known.
    """
    if bearing.missing_dose:
        return ()
    told = {finding.study.study_id for finding in bearing.findings}
    could = {study.study_id for study in bearing.unread}
    left = [
        study
        for study in bearing.studies
        if study.study_id in told | could
        and not_read_in_full(study)
        and study.study_id not in bearing.unfit
    ]
    if verdict == judgement.NOT_READ:
        cited = {study.study_id for study in bearing.cited}
        named = [study for study in left if study.study_id in cited]
        return tuple(named if judgement.source_is_not_read(bearing) else left)
    return tuple(study for study in left if study.full_text == "open")


def in_one_line(bearing: Bearing, verdict: str, topic: str) -> str:
    """Return the fact that decides, in at most `LINE` characters: the fullest that fits."""
    options = {
        judgement.NOT_CARRIED: _line_on_source,
        judgement.NOT_READ: _line_on_reading,
        judgement.HOLDS: _line_on_numbers,
        judgement.SUPPORTED: _line_on_print,
        judgement.CONTRADICTED: _line_on_numbers,
        judgement.MIXED: _line_on_both,
        judgement.NO_EVIDENCE: _line_on_nothing,
    }[verdict](bearing)
    last = {
        judgement.NO_EVIDENCE: f"No study of the claimed kind on {topic.lower()}",
        judgement.NOT_CARRIED: "The cited study cannot carry the claim",
    }.get(verdict, "What is known is in the sentences below")
    if verdict in (judgement.HOLDS, judgement.SUPPORTED) and bearing.unmeasured:
        count, whole = len(bearing.unmeasured), len(bearing.claim.parts)
        ending = f"; {count} of {whole} parts not measured"
        options = [f"{line}{ending}" for line in options if len(line + ending) <= LINE] or options
    lines = [*options, last]
    return next((line for line in lines if line and len(line) <= LINE), lines[-1][:LINE])


def _line_on_source(bearing: Bearing) -> list[str]:
    reasons = reasons_words(bearing.unfit[bearing.cited[0].study_id])
    if "watched" in reasons or "has " in reasons:
        return [f"The cited study {reasons}", "The cited study cannot carry the claim"]
    cited = f"Cited: {reasons.removeprefix('is ').removesuffix(' without results')}"
    shown = [f for f in bearing.findings if f.recomputed]
    return [*(f"{cited}. {_short(f, rounding=True)}" for f in shown), f"{cited}, without results"]


def _short(finding: Finding, *, rounding: bool) -> str:
    assert finding.arms is not None
    result, p_range = oriented(finding)
    size = f"{number(float(result.estimate))} {unit_words(finding.arms[0].unit)}".strip()
    if rounding:
        ends = f"{p_value(p_range.low)} to {p_value(p_range.high)}"
        return (
            f"{finding.study.label}: {size}, {p_text(float(result.p_value))} ({ends} by rounding)"
        )
    ends = interval_text(float(result.conf_low), float(result.conf_high))
    return f"{finding.study.label}: {size} (95% CI {ends})"


def _line_on_reading(bearing: Bearing) -> list[str]:
    papers = to_read(bearing, judgement.NOT_READ)
    if len(papers) == 1:
        where = "The paper is open" if papers[0].full_text == "open" else "The paper is known"
        return [f"{where}; its abstract alone was read"]
    return [f"{len(papers)} papers are known; their abstracts alone were read"]


def _line_on_numbers(bearing: Bearing) -> list[str]:
    sides = (FOR, AGAINST)
    shown = [f for f in bearing.findings if f.recomputed and f.side in sides]
    if not shown:
        return _line_on_print(bearing)
    more = len({f.study.study_id for f in shown}) - 1
    tail = f", and {more} more" if more else ""
    outcome = in_full(shown[0].contrast.outcome)
    return [
        f"{_short(shown[0], rounding=False)}, {outcome}{tail}",
        _short(shown[0], rounding=False),
    ]


def _line_on_print(bearing: Bearing) -> list[str]:
    """Return what the clearest printed finding says: one with a size, else one with a side."""
    pro, con = (FOR, AGAINST) if bearing.of(FOR, recomputed=False) else (AGAINST, FOR)
    found = sorted(bearing.of(pro, recomputed=False), key=_vagueness)
    against = [_named(bearing, f) for f in bearing.of(con, recomputed=False)]
    studies = len({f.study.study_id for f in found})
    lines = []
    for finding in found[:2]:
        name, label = capital(_named(bearing, finding)), finding.study.label
        bare, text = _side_printed(finding), printed_words(finding)
        if finding.assumed:
            other = arm_words(
                finding.contrast.arm_b if finding.first_is_claimed else finding.contrast.arm_a
            )
            lines.append(f"{name} differs from {other}, {text} ({label}); side not printed")
            lines.append(f"{name} differs, {text} ({label}); side not printed")
            continue
        if against:
            turned = wording.OPPOSITE.get(bare, "the other way")
            who = without_brackets(label)
            one = f"{who}, one of {studies} studies" if studies > 1 else who
            both = (f"{name} {bare} ({told}); {against[0]} {turned}" for told in (one, who))
            lines += [*both, f"{name} {bare}; {against[0]} {turned}"]
        p = p_words(finding.contrast.printed.get("p_value", ""))
        alone = bare[-1:].isalpha() and " with " not in bare
        walk = f"{bare} {bearing.claim.side}" if alone else bare
        if studies > 1:
            lines.append(f"{name} {walk} ({label}, one of {studies} studies)")
        lines += [f"{name} {walk}, {p} ({label})"] * bool(p)
        lines += [f"{name} {walk} ({label})", f"{name} {walk}"]
    return lines


def _side_printed(finding: Finding) -> str:
    """Return the size and side of a printed finding, without its p."""
    return re.sub(r", (?:p [<>=]|p printed|no ).*", "", printed_words(finding))


def _named(bearing: Bearing, finding: Finding) -> str:
    """Return the outcome of a finding: of a list, the first that the claim is about."""
    parts = re.split(r"[,;]", finding.contrast.outcome)
    part = next((part for part in parts if bearing.claim.is_about(part)), parts[0])
    return in_full(part.strip())


def _vagueness(finding: Finding) -> tuple[bool, bool, bool]:
    printed = finding.contrast.printed
    return ("estimate" not in printed, bool(finding.assumed), "p_value" not in printed)


def _line_on_both(bearing: Bearing) -> list[str]:
    sides = [[f for f in bearing.findings if f.side == side] for side in (FOR, AGAINST)]
    if not all(sides):
        return _line_on_doubt(bearing)
    pro, con = ([_named(bearing, f) for f in side] for side in sides)
    names = [side[0].study.label for side in sides]
    ways = [_way(side[0]) for side in sides]
    return [
        f"For: {pro[0]}{ways[0]} ({names[0]}). Against: {con[0]}{ways[1]} ({names[1]})",
        f"For: {pro[0]}{ways[0]} ({names[0]}). Against: {con[0]}{ways[1]}",
        f"For: {pro[0]}{ways[0]}. Against: {con[0]}{ways[1]}",
        f"For: {names[0]} ({pro[0]}). Against: {names[1]} ({con[0]})",
        f"For: {pro[0]} ({names[0]}). Against: {con[0]}",
        f"For: {names[0]}. Against: {names[1]}",
        "Findings go both ways",
    ]


def _way(finding: Finding) -> str:
    """Return the side that a finding shows, as a word behind its outcome; "" without one."""
    if finding.assumed:
        return ""
    if finding.recomputed:
        low = float(oriented(finding)[0].conf_low)
        return " higher" if low > 0 else " lower"
    said = printed_sense(finding.contrast, finding.first_is_claimed)
    return f" {said}" if said else ""


def _line_on_doubt(bearing: Bearing) -> list[str]:
    """Return what stands on one side, and what leaves it open."""
    shown = [f for f in bearing.findings if f.side in (FOR, AGAINST)]
    unsure = [f for f in bearing.findings if f.side in (NEITHER, UNSAID)]
    if not shown or not unsure:
        return ["Findings go both ways"]
    bears = "for it" if shown[0].side == FOR else "against it"
    first, second = shown[0].study.label, unsure[0].study.label
    outcome, other = (_named(bearing, found[0]) for found in (shown, unsure))
    said = "no difference" if unsure[0].side == NEITHER else "side not printed"
    return [
        f"{capital(bears)}: {first} ({outcome}). {capital(said)}: {second} ({other})",
        f"{capital(bears)}: {outcome}. {capital(said)}: {other}",
        f"{capital(bears)}: {first}. {capital(said)}: {second}",
        "Some findings show a side, others none",
    ]


def _line_on_nothing(bearing: Bearing) -> list[str]:
    if bearing.missing_dose:
        return [f"No study of {bearing.missing_dose}"]
    if bearing.compared and not bearing.claim.sense:
        return ["The claim denies a difference or names no side: no finding counts"]
    if bearing.compared and not bearing.findings:
        label = bearing.compared[0].study.label
        return [
            f"{label} compares it, but what was read shows no side",
            "What was read has no side",
        ]
    shown = bearing.of(NEITHER, recomputed=True)
    lines = [f"{_short(f, rounding=False)}: no difference is not ruled out" for f in shown]
    for finding in bearing.of(NEITHER, recomputed=False):
        lines.append(f"No difference printed: {_named(bearing, finding)} ({finding.study.label})")
    if any(printed_sense(f.contrast, f.first_is_claimed) for f in bearing.findings):
        lines.append("A difference is printed; which side is better was not read")
    elif bearing.findings:
        lines.append("No study prints a difference and its side")
    return lines
