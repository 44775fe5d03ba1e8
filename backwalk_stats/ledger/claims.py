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
from collections.abc import Mapping, Sequence

import pandas as pd

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.bearing import Bearing, favours_backward
from backwalk_stats.ledger.case import Contrast
from backwalk_stats.ledger.contrasts import compares_directions
from backwalk_stats.ledger.explain import explanation
from backwalk_stats.ledger.study_facts import is_single_session, study_from_row
from backwalk_stats.ledger.vocabulary import families, family, words
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
    """Return one row per claim of the record, with its verdict and the reasons.

    Parameters
    ----------
    record : Record
        Holds the claims and the studies.
    contrasts : sequence of Contrast
        All comparisons of the record.
    ledger : DataFrame
        Their findings, with the columns of `tables.LEDGER`.
    """
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
        "explanation": explanation(bearing),
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
    """Collect what the record holds about one claim.

    Parameters
    ----------
    claim : mapping
        A row of the claim table.
    studies : mapping
        Study id to its row.
    contrasts : sequence of Contrast
        All comparisons of the record.
    ledger : DataFrame
        All findings.
    """
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

    Examples
    --------
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
