"""A verdict for each claim of an article, from the studies that bear on it and their findings.

The order of the questions is the definition:

1. The article names a source, and every study of the base in that journal is one that cannot carry
   the claim (a protocol; a single session for a claim about weeks): "does not hold as cited".
2. No printed finding of the named studies is about the claim's outcome, or none of them used the
   claim's dose: "no evidence in the base".
3. A comparison of the kind that is claimed was recomputed from the arms' n, mean and SD, its whole
   interval favours backward walking, and no other goes without: "holds".
4. Otherwise: "not testable from what is public".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.engine.numbers import Estimate
from backwalk_stats.errors import NotEstimable
from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.case import Contrast, Study
from backwalk_stats.ledger.hulls import student_box
from backwalk_stats.ledger.rows import compares_directions, is_single_session, study_from_row
from backwalk_stats.ledger.verdict import FAILURES, NO_RESULTS, NOT_DERIVABLE
from backwalk_stats.ledger.vocabulary import families, family, walks_backward, words
from backwalk_stats.tables.numbers import interval_text, number, p_text
from backwalk_stats.trial.tables import CLAIMS

HOLDS = "holds"
NOT_AS_CITED = "does not hold as cited"
NOT_TESTABLE = "not testable from what is public"
NO_EVIDENCE = "no evidence in the base"
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "fifteen": 15}
_JOURNAL_FILLER = frozenset({"a", "study", "in", "the", "of", "and", "journal", "j"})


def claims_frame(
    record: Record, contrasts: Sequence[Contrast], ledger: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per claim of the record, with its verdict and the reasons."""
    studies = {str(row["study_id"]): row for row in _rows(record.studies)}
    return pd.DataFrame(
        [_claim(claim, studies, contrasts, ledger) for claim in _rows(record.claims)],
        columns=list(CLAIMS),
    )


def _claim(
    claim: Mapping[str, str],
    studies: Mapping[str, Mapping[str, str]],
    contrasts: Sequence[Contrast],
    ledger: pd.DataFrame,
) -> dict[str, str]:
    bearing = bearing_on(claim, studies, contrasts, ledger)
    verdict = verdict_of(bearing)
    return {
        "claim_id": claim["claim_id"],
        "topic": claim["topic"],
        "claim": claim["claim_in_our_words"],
        "cited_source": claim["source_named_by_article"],
        "verdict": verdict,
        "in_one_line": "",
        "explanation": explanation(bearing),
        "to_read": "",
        "study_ids": ";".join(study.study_id for study in bearing.studies),
        "finding_ids": ";".join(bearing.findings["finding_id"]),
    }


def verdict_of(bearing: Bearing) -> str:
    """Return the verdict on a claim; the module's text is the definition."""
    if bearing.cited and all(study.study_id in bearing.unfit for study in bearing.cited):
        return NOT_AS_CITED
    if bearing.findings.empty or bearing.missing_dose:
        return NO_EVIDENCE
    favours = [favours_backward(contrast) for contrast in bearing.direct]
    judged = [one for one in favours if one is not None]
    return HOLDS if judged and all(judged) else NOT_TESTABLE


def bearing_on(
    claim: Mapping[str, str],
    studies: Mapping[str, Mapping[str, str]],
    contrasts: Sequence[Contrast],
    ledger: pd.DataFrame,
) -> Bearing:
    """Collect what the record holds about one row of the claim table; studies are by their id."""
    named = [name.strip() for name in claim["evidence_study_ids"].split(";")]
    rows = {name: studies[name] for name in named if name in studies}
    known = {name: study_from_row(row) for name, row in rows.items()}
    text = f"{claim['topic']} {claim['claim_in_our_words']}"
    meant = families(text)
    own = [c for c in contrasts if c.study.study_id in rows and family(c.outcome) in meant]
    about = ledger["study_id"].isin(list(rows)) & ledger["outcome"].map(family).isin(meant)
    source = claim["source_named_by_article"]
    return Bearing(
        claim=claim,
        studies=tuple(known.values()),
        cited=tuple(known[n] for n, row in rows.items() if same_journal(source, row["journal"])),
        unfit={n: why for n, row in rows.items() if (why := _cannot_carry(text, row))},
        own=tuple(own),
        direct=tuple(c for c in own if compares_directions(c)),
        pools=tuple(c for c in own if c.kind == "pooled"),
        findings=ledger[about],
        missing_dose=_missing_dose(text, tuple(rows.values())),
    )


def same_journal(source: str, journal: str) -> bool:
    """Tell whether an abbreviated journal title is the one that a source names.

    Every word of the abbreviation must begin a word of the full title, in order.

    >>> same_journal("the Journal of Orthopaedic Surgery and Research", "J Orthop Surg Res")
    True
    >>> same_journal("a study in PLOS One", "PLOS ONE")
    True
    >>> same_journal("Cleveland Clinic (advice page)", "PLOS ONE")
    False
    """
    full = [word for word in words(source) if word not in _JOURNAL_FILLER]
    short = [word for word in words(journal) if word not in _JOURNAL_FILLER]
    if not short or len(short) != len(full):
        return False
    return all(a.startswith(b) for a, b in zip(full, short, strict=True))


def _cannot_carry(text: str, row: Mapping[str, str]) -> str:
    """Return why a study cannot carry a claim, or ""."""
    study = study_from_row(row)
    if study.has_no_results:
        kind = "a protocol" if "protocol" in study.design.lower() else "a registry entry"
        return f"is {kind} and has no results"
    if is_single_session(row) and re.search(r"\bweeks?\b", text.lower()):
        return "watched one single session, and the claim is about weeks"
    return ""


def _missing_dose(text: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Return the minutes a day that a claim names, where no study says it used so many."""
    found = re.search(r"\b(\w+) minutes a day", text.lower())
    if found is None:
        return ""
    word = found.group(1)
    minutes = int(word) if word.isdigit() else _COUNTS.get(word)
    used = {
        int(number)
        for row in rows
        for column in ("arms", "sessions_per_week", "note")
        for number in re.findall(r"(\d+)\s*min", row[column])
    }
    return "" if minutes in used else f"{word} minutes a day"


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


# What bears on one claim: the studies it names, the cited ones, and their findings.


@dataclass(frozen=True, kw_only=True, slots=True)
class Bearing:
    """What the record holds about one claim.

    Attributes
    ----------
    claim : mapping
        The row of the claim.
    studies : tuple of Study
        The studies that it names.
    cited : tuple of Study
        Those in the journal that the article names.
    unfit : mapping
        Study id to why that study cannot carry the claim.
    own : tuple of Contrast
        Every comparison of the named studies on the claimed outcome.
    direct : tuple of Contrast
        Comparisons of backward with forward walking on the claimed outcome.
    pools : tuple of Contrast
        Printed meta-analyses of the claimed outcome.
    findings : DataFrame
        Ledger rows about the claimed outcome.
    missing_dose : str
        The dose claimed, where no study of the base used it; else "".
    """

    claim: Mapping[str, str]
    studies: tuple[Study, ...]
    cited: tuple[Study, ...]
    unfit: Mapping[str, str]
    own: tuple[Contrast, ...]
    direct: tuple[Contrast, ...]
    pools: tuple[Contrast, ...]
    findings: pd.DataFrame
    missing_dose: str


def direct_estimate(contrast: Contrast) -> Estimate | None:
    """Return Student's test of a comparison of directions, where both arms print a spread."""
    if not contrast.first or not contrast.second:
        return None
    a, b = contrast.first[0], contrast.second[0]
    if not (a.has_spread and b.has_spread) or contrast.kind not in ("between", "standardised"):
        return None
    try:
        return student_box(a, b).centre
    except NotEstimable:
        return None


def favours_backward(contrast: Contrast) -> bool | None:
    """Tell whether a comparison of directions favours backward walking with its whole interval.

    None where the printed arms do not determine it.
    """
    result = direct_estimate(contrast)
    if result is None:
        return None
    first_is_better = (
        float(result.conf_high) < 0
        if contrast.first[0].direction.startswith("lower")
        else float(result.conf_low) > 0
    )
    second_is_better = (
        float(result.conf_low) > 0
        if contrast.first[0].direction.startswith("lower")
        else float(result.conf_high) < 0
    )
    return first_is_better if walks_backward(contrast.arm_a) else second_is_better


# Two or three plain sentences on a claim, made from what bears on it.


def explanation(bearing: Bearing) -> str:
    """Return the sentences: the cited source, the direct comparison, what was recomputed."""
    sentences = [_on_cited(bearing), _on_direct(bearing), _on_pools(bearing), _on_findings(bearing)]
    return " ".join(sentence for sentence in sentences if sentence)


def _on_cited(bearing: Bearing) -> str:
    """Say whether the source that the article names can carry the claim, and what it prints."""
    if bearing.missing_dose:
        return f"No study of the base says that it used {bearing.missing_dose}."
    parts = [
        f"{study.label} {bearing.unfit[study.study_id]}"
        for study in bearing.cited
        if study.study_id in bearing.unfit
    ]
    named = {study.study_id for study in bearing.cited}
    prints = [
        f"{contrast.study.label} prints {contrast.outcome}: {contrast.printed['p_value']}, "
        f"{contrast.contrast_type}"
        for contrast in bearing.own
        if contrast.study.study_id in named and "p_value" in contrast.printed
    ]
    sentences = []
    if parts:
        sentences.append(
            f"The source that the article points to does not carry this: {'; '.join(parts)}."
        )
    if prints:
        sentences.append(f"{'; '.join(prints)}.")
    return " ".join(sentences)


def _on_direct(bearing: Bearing) -> str:
    """Give the comparisons of backward with forward: recomputed ones, else what is printed."""
    shown = _different(_comparison(contrast) for contrast in bearing.direct)
    if shown:
        return f"Backward against forward: {'; '.join(shown)}."
    if "backward vs forward" not in bearing.claim["design_claimed"].lower():
        return ""
    bare = "No study of the base prints the n, mean and SD of backward against forward walking."
    printed = _different(_printed_only(contrast) for contrast in bearing.direct)
    return f"{bare} Printed without them: {'; '.join(printed)}." if printed else bare


def _different(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _printed_only(contrast: Contrast) -> str:
    texts = [contrast.printed[name] for name in ("estimate", "p_value") if name in contrast.printed]
    said = ", ".join(texts) or contrast.contrast_type
    return f"{contrast.study.label}, {contrast.outcome}: {said}"


def _comparison(contrast: Contrast) -> str:
    result = direct_estimate(contrast)
    if result is None:
        return ""
    better = favours_backward(contrast)
    low, high = float(result.conf_low), float(result.conf_high)
    numbers = (
        f"{contrast.outcome} {number(float(result.estimate), 2)} "
        f"(95% CI {interval_text(low, high)}, {p_text(float(result.p_value))})"
    )
    origin = ", on arms recovered by algebra" if contrast.derived else ""
    said = "in favour of backward" if better else "not shown to be better"
    return f"{contrast.study.label}, {numbers}{origin}, {said}"


def _on_pools(bearing: Bearing) -> str:
    """Give the pooled estimates that reviews printed on the outcome, as printed."""
    texts = [
        f"{pool.study.label}, {pool.outcome} {pool.printed['estimate']} "
        f"({pool.printed['conf_low']} to {pool.printed['conf_high']})"
        for pool in bearing.pools
        if {"estimate", "conf_low", "conf_high"} <= set(pool.printed)
    ]
    if not texts:
        return ""
    return f"Printed pools, not of backward against forward: {'; '.join(dict.fromkeys(texts))}."


def _on_findings(bearing: Bearing) -> str:
    """Say how many other comparisons bear on it, and how many of them can be recomputed."""
    direct = {contrast.key for contrast in bearing.direct if direct_estimate(contrast) is not None}
    other = {contrast.key: contrast for contrast in bearing.own if contrast.key not in direct}
    if not other:
        return (
            "" if direct else f"No number on it is printed in the {_studies(bearing)} named for it."
        )
    effects = bearing.findings[bearing.findings["quantity"].isin(["estimate", "p_value"])]
    recomputed = effects[~effects["verdict"].isin([NOT_DERIVABLE, NO_RESULTS])]["finding_id"]
    keys = {key for key in other if recomputed.str.startswith(f"{key}-").any()}
    failed = effects[effects["verdict"].isin(FAILURES)]["finding_id"]
    wrong = {key for key in keys if failed.str.startswith(f"{key}-").any()}
    more = "other comparison" if direct else "comparison"
    count = f"{len(other)} {more}{'' if len(other) == 1 else 's'}"
    bears = "bears" if len(other) == 1 else "bear"
    said = f"{count} printed in the base {bears} on it; {_some(len(keys))} can be recomputed"
    return f"{said}{f', and {len(wrong)} of these do not come out' if wrong else ''}."


def _some(count: int) -> str:
    return "none" if count == 0 else str(count)


def _studies(bearing: Bearing) -> str:
    return "1 study" if len(bearing.studies) == 1 else f"{len(bearing.studies)} studies"
