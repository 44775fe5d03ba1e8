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
from backwalk_stats.ledger.claims import judgement, wording
from backwalk_stats.ledger.claims.bearing import AGAINST, FOR, NEITHER, UNSAID, Bearing, Finding
from backwalk_stats.ledger.pools import main_answer, trials_of
from backwalk_stats.ledger.printed import is_number, parse_p, with_exponent
from backwalk_stats.ledger.rows import cells_from_frame, study_from_row
from backwalk_stats.ledger.vocabulary import families
from backwalk_stats.tables.numbers import interval_text, number, p_text, p_value
from backwalk_stats.trial.tables import CLAIMS

LINE = 95
# Short forms of the record, as words.
_WORDS = (
    (r"%\s?MVIC\b", "activity (percent of maximal contraction)"),
    (r"\bMF\b", "multifidus"),
    (r"\bES\b", "erector spinae"),
    (r"\bVMO\b", "vastus medialis oblique"),
    (r"\bVL\b", "vastus lateralis"),
    (r"\bE?KAM\b", "knee adduction moment"),
    (r"\bKAAI\b", "knee adduction impulse"),
    (r"\bEKFM\b", "knee flexion moment"),
    (r"\bPFJ\b", "patellofemoral"),
    (r"\bLMC\b", "lumbar movement control"),
    (r"\bROM\b", "range of motion"),
    (r"\bQoL\b", "quality of life"),
    (r"\bBWT?\b", "backward walking"),
    (r"\bFWT?\b", "forward walking"),
    (r"\bC(?:NS)?LBP\b", "chronic low back pain"),
    (r"\b(?:NS)?LBP\b", "low back pain"),
    (r"\bOA\b", "osteoarthritis"),
    (r"\bCP\b", "cerebral palsy"),
    (r"\bPFPS\b", "patellofemoral pain"),
    (r"\bconv(?:entional)?\b\.?", "conventional treatment"),
    (r">=\s?(\d+) y\b", r"people of \1 years and more"),
    (r"\bCHRONIC\b", "chronic"),
    (r"\s*\(derived\)|\s*\(undated\)", ""),
    (r"\s*;\s*", ", "),
)
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
        and bears.not_read_in_full(study)
        and study.study_id not in bearing.unfit
    ]
    if verdict == judgement.NOT_READ:
        cited = {study.study_id for study in bearing.cited}
        named = [study for study in left if study.study_id in cited]
        return tuple(named if judgement.source_is_not_read(bearing) else left)
    return tuple(study for study in left if study.full_text == "open")


def explanation(bearing: Bearing, verdict: str) -> str:
    """Return the sentences on a claim, in the order that the module's text gives."""
    said = (
        f"Claimed: {_sentence(bearing.claim.text)}",
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
        kind = "is advice and no study" if "advice" in source else "was not found in the record"
        return f"The source that it names, {_bare(source)}, {kind}."
    parts = [_on_cited(bearing, study) for study in bearing.cited]
    return f"The source that {source} most likely means {' '.join(parts)}"


def _on_cited(bearing: Bearing, study: Study) -> str:
    reasons = bearing.unfit.get(study.study_id, ())
    if reasons:
        return f"is {study.label}, which {_joined(reasons)}: it cannot carry the claim."
    reach = {"open": "its full text is open", "abstract only": "no full text is open"}.get(
        study.full_text, "whether a full text is open is not known"
    )
    if bears.not_read_in_full(study):
        return f"is {study.label}; {reach}, and its abstract alone was read."
    return f"is {study.label}."


def _joined(reasons: Sequence[str]) -> str:
    first, *rest = reasons
    return " and ".join([first, *(reason.removeprefix("watched ") for reason in rest)])


# What the record says.


def _on_record(bearing: Bearing) -> list[str]:
    recomputed = [_recomputed(bearing, f) for f in bearing.findings if f.recomputed]
    sentences = list(dict.fromkeys(recomputed))
    sentences += [
        _listed(bearing, FOR, "Printed for it"),
        _listed(bearing, AGAINST, "Printed against it"),
        _listed(bearing, NEITHER, "No difference is printed in"),
        _listed(bearing, UNSAID, "A difference is printed, but not to which side, in"),
        _better(bearing),
    ]
    assumed = {f.study.label: f.assumed for f in bearing.findings if f.assumed}
    if assumed:
        sentences.append(f"Assumed for {_and(list(assumed))}: {_first(assumed.values())}.")
    if bearing.claim.kind == wording.TRIAL and bearing.findings:
        sentences.append(_on_comparators(bearing))
    sentences += [_on_pool(bearing), _on_parts(bearing)]
    if bearing.missing_dose:
        return [f"No study of the record says that it used {bearing.missing_dose}."]
    if not bearing.findings:
        kind = _KINDS[bearing.claim.kind]
        return [f"The record holds no printed result of {kind} on it.", _on_pool(bearing)]
    return sentences


_KINDS = {
    wording.DIRECTIONS: "backward against forward walking",
    wording.TRIAL: "walking against another treatment or none",
    wording.CHANGE: "people before and after walking",
}


def _recomputed(bearing: Bearing, finding: Finding) -> str:
    """Return one recomputed comparison, with every test that can have been meant."""
    result, p_range = bears.oriented(finding)
    contrast = finding.contrast
    a, b = contrast.first[0], contrast.second[0]
    arms = [_arm(contrast.arm_a), _arm(contrast.arm_b)]
    mine, other = arms if finding.first_is_claimed else arms[::-1]
    sizes = (a.n, b.n) if finding.first_is_claimed else (b.n, a.n)
    low, high = float(result.conf_low), float(result.conf_high)
    text = (
        f"{finding.study.label}, {_outcome(contrast.outcome)}, {mine} minus {other}: "
        f"{number(float(result.estimate))} {a.unit}".rstrip()
        + f" (95% CI {interval_text(low, high)}; {sizes[0]} and {sizes[1]} people"
        + f"{_whom(bearing, finding.study)}), {_verdict_words(finding.side)}."
    )
    same = bears.same_people(contrast)
    test = "a paired t test without correlation to lean on" if same else "Student’s test"
    rounded = f"{p_value(p_range.low)} to {p_value(p_range.high)} as rounding allows"
    text += f" By {test} {p_text(float(result.p_value))} ({rounded})"
    others = "" if same else _other_tests(contrast)
    text += f"; {others}." if others else "."
    if contrast.derived:
        text += " The two arms were recovered from a merged one, not printed."
    return text


def _verdict_words(side: str) -> str:
    return {FOR: "in favour of the claim", AGAINST: "against the claim"}.get(
        side, "which reaches to both sides of no difference"
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


def _listed(bearing: Bearing, side: str, head: str) -> str:
    """Return what studies printed on one side, a study at a time."""
    by_study: dict[str, list[Finding]] = {}
    for finding in bearing.of(side, recomputed=False):
        by_study.setdefault(finding.study.study_id, []).append(finding)
    told = [_of_study(bearing, found) for found in by_study.values()]
    joint = " " if head.endswith(" in") else ": "
    return f"{head}{joint}{'; '.join(told)}." if told else ""


def _of_study(bearing: Bearing, found: Sequence[Finding]) -> str:
    """Return the findings of one study: those with the same numbers together."""
    by_number: dict[str, list[str]] = {}
    for finding in found:
        by_number.setdefault(_printed(finding), []).append(_outcome(finding.contrast.outcome))
    told = [
        f"{_and(list(dict.fromkeys(names)))}{f' {numbers}' if numbers else ''}"
        for numbers, names in by_number.items()
    ]
    return f"{found[0].study.label}{_whom(bearing, found[0].study)}: {', '.join(told)}"


def _printed(finding: Finding) -> str:
    """Return what is printed of a comparison: the side in words, the estimate, the p."""
    contrast = finding.contrast
    printed = contrast.printed
    said = bears.printed_sense(contrast, finding.first_is_claimed)
    estimate = printed.get("estimate", "")
    side = "" if finding.side not in (FOR, AGAINST) or finding.assumed else said
    if re.search(r"[a-z]{3}", estimate):
        side = ""
    parts = [" ".join(part for part in (side, estimate) if part)]
    if is_number(estimate) and "conf_low" in printed and "conf_high" in printed:
        parts = [f"{estimate} ({printed['conf_low']} to {printed['conf_high']})"]
    if contrast.read.role != "heterogeneity":
        parts.append(_p(printed.get("p_value", "")))
    return ", ".join(part for part in parts if part)


def _p(text: str) -> str:
    """Return a printed p as "p = 0.01", "p < 0.05" or in its words.

    >>> _p("P < .001"), _p("0.0057"), _p("no significant difference")
    ('p < 0.001', 'p = 0.0057', 'no significant difference')
    """
    if parse_p(text) is None or not re.search(r"\d", text):
        return text.strip("() ").lower() if text.strip("- ") else ""
    bare = re.sub(r"^\s*p\s*", "", with_exponent(text), flags=re.IGNORECASE).strip("= ")
    bare = re.sub(r"(?<!\d)\.(\d)", r"0.\1", bare)
    found = re.match(r"([<>\u2264\u2265]=?)\s*(.*)", bare)
    return f"p {found.group(1)} {found.group(2)}" if found else f"p = {bare}"


def _better(bearing: Bearing) -> str:
    """Say which direction is better, or which one bears the claim out."""
    if not bearing.findings:
        return ""
    claim = bearing.claim
    if claim.sense in (wording.HIGHER, wording.LOWER):
        return f"{claim.sense.capitalize()} values with {claim.side} walking bear the claim out."
    lower, higher = [], []
    for finding in bearing.findings:
        contrast = finding.contrast
        declared = contrast.first[0].direction if contrast.first else ""
        place = {wording.LOWER: lower, wording.HIGHER: higher}.get(
            wording.polarity(contrast.outcome, declared)
        )
        if place is not None:
            place.append(_outcome(contrast.outcome))
    told = [
        f"{word} is better in {_and(list(dict.fromkeys(names)))}"
        for word, names in (("lower", lower), ("higher", higher))
        if names
    ]
    if len({bool(lower), bool(higher)}) > 1:
        return "Lower is better." if lower else "Higher is better."
    return _sentence("; ".join(told)) if told else ""


def _on_comparators(bearing: Bearing) -> str:
    """Say against what walking was held, where that was not walking in the other direction."""
    others = []
    for finding in bearing.findings:
        contrast = finding.contrast
        arm = contrast.arm_b if finding.first_is_claimed else contrast.arm_a
        if bears.walker(arm, contrast.study) == bears.OTHER:
            others.append(_arm(arm))
    if not others:
        return ""
    held = _or(list(dict.fromkeys(others)))
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
    measured = " ".join(f.contrast.outcome for f in bearing.findings).lower()
    missing = [
        part
        for part in bearing.claim.parts
        if not set(wording.stems(part)) & set(wording.stems(measured))
    ]
    if not bearing.findings or not missing:
        return ""
    return f"Nothing is printed on {_or(missing)} as such."


# How sure that is, and what would settle it.


def _how_sure(bearing: Bearing, verdict: str) -> str:
    open_ones = bearing.of(NEITHER, recomputed=True)
    if verdict == judgement.HOLDS:
        return "The whole interval bears it out, rounding included."
    if verdict == judgement.CONTRADICTED and any(f.recomputed for f in bearing.findings):
        return "The whole interval goes against it, rounding included."
    if verdict in (judgement.SUPPORTED, judgement.CONTRADICTED):
        only = " in abstracts" if _from_abstracts(bearing) else ""
        return f"This is what was printed{only}; how large it is cannot be recomputed."
    if verdict == judgement.MIXED:
        return "The findings do not agree, so no single answer can be given."
    if open_ones:
        return _on_doubt(open_ones)
    if verdict == judgement.NOT_READ:
        return "So nothing can be said yet, neither for the claim nor against it."
    if verdict == judgement.NOT_CARRIED:
        return "That does not make the claim false."
    return "Nothing speaks for the claim, and nothing against it."


def _on_doubt(findings: Sequence[Finding]) -> str:
    """Say that intervals reach both sides, and whether the choice of a test decides."""
    for finding in findings:
        result, rounded = bears.oriented(finding)
        every = [float(result.p_value), rounded.low, rounded.high, *other_p(finding.contrast).values()]
        if min(every) < 0.05 <= max(every):
            return (
                "Neither shown nor refuted: whether p lies below 0.05 depends on the test and on "
                "rounding."
            )
    return "Neither shown nor refuted: the interval holds no difference."


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
    results = f"the results of {_and(protocols)}" if protocols else ""
    read = f"the full text of {_and(papers)}" if papers else ""
    trial = f"means, SDs and numbers of people from {_KINDS[bearing.claim.kind]}"
    told = [part for part in (results, read) if part] or [trial]
    return f"To settle it: {' and '.join(told)}."


# One line: the one fact behind the verdict.


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
    lines = [*options, f"No study of the claimed kind on {topic.lower()}"]
    return next((line for line in lines if line and len(line) <= LINE), lines[-1][:LINE])


def _line_on_source(bearing: Bearing) -> list[str]:
    reasons = _joined(bearing.unfit[bearing.cited[0].study_id])
    if "watched" in reasons or "has " in reasons:
        return [f"The cited study {reasons}", "The cited study cannot carry the claim"]
    cited = f"Cited: {reasons.removeprefix('is ').removesuffix(' without results')}"
    shown = [f for f in bearing.findings if f.recomputed]
    return [*(f"{cited}. {_short(f, rounding=True)}" for f in shown), f"{cited}, without results"]


def _short(finding: Finding, *, rounding: bool) -> str:
    result, p_range = bears.oriented(finding)
    size = f"{number(float(result.estimate))} {finding.contrast.first[0].unit}".strip()
    if rounding:
        ends = f"{p_value(p_range.low)} to {p_value(p_range.high)}"
        return f"{finding.study.label}: {size}, {p_text(float(result.p_value))} ({ends} by rounding)"
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
    outcome = _outcome(shown[0].contrast.outcome)
    return [f"{_short(shown[0], rounding=False)}, {outcome}{tail}", _short(shown[0], rounding=False)]


def _line_on_print(bearing: Bearing) -> list[str]:
    """Return what the clearest printed finding says: one with a size, else one with a side."""
    side = FOR if bearing.of(FOR, recomputed=False) else AGAINST
    found = sorted(bearing.of(side, recomputed=False), key=_vagueness)
    arm = bearing.claim.side
    studies = len({f.study.study_id for f in found})
    lines = []
    for finding in found[:2]:
        outcome = _outcome(finding.contrast.outcome)
        short = re.sub(r",.*", "", outcome)
        who = f"{finding.study.label}" + (f", {studies} studies in all" if studies > 1 else "")
        for name in (outcome, short):
            lines.append(f"{_capital(name)} {_printed(finding)} {arm} ({who})")
        lines.append(f"{_capital(short)} {_printed(finding)} ({finding.study.label})")
    return lines


def _vagueness(finding: Finding) -> tuple[bool, bool, bool]:
    printed = finding.contrast.printed
    return ("estimate" not in printed, bool(finding.assumed), "p_value" not in printed)


def _line_on_both(bearing: Bearing) -> list[str]:
    sides = [[f for f in bearing.findings if f.side == side] for side in (FOR, AGAINST)]
    if not all(sides):
        shown = [f for f in bearing.findings if f.side in (FOR, AGAINST)]
        unsure = [f for f in bearing.findings if f.side in (NEITHER, UNSAID)]
        return [f"{shown[0].study.label} shows it, {unsure[0].study.label} does not"] * bool(
            shown and unsure
        )
    pro, con = (
        [re.sub(r"[,(/].*", "", _outcome(f.contrast.outcome)).strip() for f in side]
        for side in sides
    )
    names = [side[0].study.label for side in sides]
    return [
        f"For: {names[0]} ({pro[0]}). Against: {names[1]} ({con[0]})",
        f"For: {pro[0]} ({names[0]}). Against: {con[0]}",
        f"For: {names[0]}. Against: {names[1]}",
        "Findings go both ways",
    ]


def _line_on_nothing(bearing: Bearing) -> list[str]:
    if bearing.missing_dose:
        return [f"No study of {bearing.missing_dose}"]
    shown = bearing.of(NEITHER, recomputed=True)
    return [f"{_short(f, rounding=False)}: no difference is not ruled out" for f in shown]


# Words.


def _outcome(text: str) -> str:
    return _plain(re.sub(r"\s*\(reduction\)", ", reduction", text))


def _arm(text: str) -> str:
    bare = _plain(text)
    if wording.words(bare) in (["retro"], ["backward"]):
        return "backward walking"
    return "forward walking" if wording.words(bare) == ["forward"] else bare


def _plain(text: str) -> str:
    """Return a label of the record with its short forms written out.

    >>> _plain("MF %MVIC"), _plain("first peak EKAM; KAAI")
    ('multifidus activity (percent of maximal contraction)', \
'first peak knee adduction moment, knee adduction impulse')
    """
    for short, full in _WORDS:
        text = re.sub(short, full, text)
    return text.strip()


def _bare(text: str) -> str:
    return re.sub(r"\s*\([^)]*\)", "", text).strip()


def _whom(bearing: Bearing, study: Study) -> str:
    """Return who was studied, in brackets; "" where it was not read."""
    people = _plain(re.split(r"[;:(]", bearing.people.get(study.study_id, ""))[0]).strip(" ,")
    if not people or people in ("not read", "mixed"):
        return ""
    return f" ({people})"


def _sentence(text: str) -> str:
    return _capital(text).rstrip(".") + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts))


def _and(texts: Sequence[str]) -> str:
    return _series(texts, "and")


def _or(texts: Sequence[str]) -> str:
    return _series(texts, "or")


def _series(texts: Sequence[str], word: str) -> str:
    """Return a list of words as a reader expects it: commas, and a word before the last.

    >>> _series(["a", "b", "c"], "and")
    'a, b and c'
    """
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"
