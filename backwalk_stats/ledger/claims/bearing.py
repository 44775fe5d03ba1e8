"""What a record holds about one claim: the cited source, the findings, the papers left to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.ledger.case import Cell, Contrast, Study
from backwalk_stats.ledger.claims import wording
from backwalk_stats.ledger.claims.findings import BOTH, OTHER, RUN, Finding, findings, fits, walker
from backwalk_stats.ledger.reading.vocabulary import families, words
from backwalk_stats.ledger.rows import contrasts_of, is_single_session

_FILLER = frozenset({"a", "study", "in", "the", "of", "and", "journal", "j", "for", "on"})
_ROW = ("method", "source_location", "note")
# What the claim says, what the people who were watched are, and the words for it.
_OTHER_PEOPLE = (
    (r"(?<!sub)\bacute\b", r"\bchronic\b", r"(?<!sub)\bacute\b", "people with chronic complaints"),
    (r"\bchronic\b", r"\bacute\b", r"\bchronic\b", "people with acute complaints"),
    (
        r"\bolder\b|\belderly\b",
        r"\b(?:boys|girls|children|students|young)\b",
        r"\bold|elder",
        "the young",
    ),
    (r"\bchild|\bboys\b|\bgirls\b", r"\b(?:older|elderly)\b", r"child|boys|girls", "older people"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bearing:
    """What the record holds about one claim.

    Attributes
    ----------
    studies : tuple of Study
        The studies that are said to bear on it.
    cited : tuple of Study
        Those that the article's source can mean.
    unfit : mapping of str to tuple of str
        Study id to the reasons why that study cannot carry the claim.
    findings : tuple of Finding
        Comparisons of the claimed kind on the claimed outcome.
    compared : tuple of Contrast
        Comparisons of the claimed kind on the claimed outcome, whether they gave a finding or not.
    beside : tuple of Contrast
        Printed comparisons of another kind on the claimed outcome.
    unread : tuple of Study
        Studies that could tell, and of which not the full text was read. One of which printed
        results are known, on other outcomes alone, is not among them.
    missing_dose : str
        The dose claimed, where no study says that it used it; else "".
    rows : DataFrame
        Ledger rows of these studies on the claimed outcome.
    contrasts : sequence of Contrast
        Every comparison of the record.
    people : mapping of str to str
        Study id to who was studied.
    """

    claim: wording.Claim
    studies: tuple[Study, ...]
    cited: tuple[Study, ...]
    unfit: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    compared: tuple[Contrast, ...]
    beside: tuple[Contrast, ...]
    unread: tuple[Study, ...]
    missing_dose: str
    rows: pd.DataFrame
    contrasts: Sequence[Contrast]
    people: Mapping[str, str]

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Return the items of a claim that is a list on which there is no finding.

        An NRS is pain itself; tests of cognition are akin to each other, and not the same.
        """
        measured = "; ".join(f.contrast.outcome for f in self.findings).lower()
        scales = set(families(measured)) - {"cognition"}
        said = wording.stems(measured)
        return tuple(
            part
            for part in self.claim.parts
            if self.findings and not wording.stems(part) & said and not scales & set(families(part))
        )

    def of(self, side: str, *, recomputed: bool) -> tuple[Finding, ...]:
        """Return the findings of one side."""
        return tuple(f for f in self.findings if f.side == side and f.recomputed == recomputed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a record holds, as claims are judged by it; studies, rows and cells are by study id."""

    studies: Mapping[str, Study]
    rows: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, tuple[Cell, ...]]
    contrasts: Sequence[Contrast]
    ledger: pd.DataFrame


def bearing_on(claim: wording.Claim, evidence: Evidence) -> Bearing:
    """Collect what the record holds about a claim."""
    rows, ledger, known = evidence.rows, evidence.ledger, evidence.studies
    implied = [c for name in claim.named if name in known for c in _implied(claim, name, evidence)]
    own = {name: known[name] for name in claim.named if name in known}
    about = [
        c
        for c in (*evidence.contrasts, *implied)
        if c.study.study_id in own and claim.is_about(c.outcome)
    ]
    compared = tuple(c for c in about if fits(claim, c))
    found = tuple(findings(claim, compared))
    used = {finding.contrast.key for finding in found}
    told = {finding.study.study_id for finding in found}
    heard = {c.study.study_id for c in about}
    # What was read of these studies prints other outcomes: nothing says that they have this one.
    elsewhere = {c.study.study_id for c in evidence.contrasts} - heard
    cited = tuple(own[name] for name in own if is_cited(claim.source, rows[name]))
    mine = ledger["study_id"].isin(list(own)) & ledger["outcome"].map(claim.is_about).astype(bool)
    return Bearing(
        claim=claim,
        studies=tuple(own.values()),
        cited=cited,
        unfit={
            n: why for n in own if (why := cannot_carry(claim, own[n], rows[n], compared=n in told))
        },
        findings=found,
        compared=compared,
        beside=tuple(c for c in about if c.key not in used and c.origin in ("paper", "review")),
        unread=tuple(
            study
            for name, study in own.items()
            if _could_tell(claim, study) and not_read_in_full(study) and name not in elsewhere
        ),
        missing_dose=_missing_dose(claim, [rows[name] for name in own]),
        rows=ledger[mine],
        contrasts=evidence.contrasts,
        people={name: rows[name].get("population", "") for name in own},
    )


# The source that the article names.


def is_cited(source: str, row: Mapping[str, str]) -> bool:
    """Tell whether a source can mean a study: by its journal, its DOI, or first author and year."""
    doi = row.get("doi", "").strip().lower()
    name = re.match(r"[A-Z][\w'\N{RIGHT SINGLE QUOTATION MARK}-]+", row.get("citation", ""))
    by_name = bool(name and row.get("year") and name.group(0) in source and row["year"] in source)
    return same_journal(source, row["journal"]) or by_name or bool(doi and doi in source.lower())


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
    full = [word for word in words(source) if word not in _FILLER]
    short = [word for word in words(journal) if word not in _FILLER]
    if not short or len(short) != len(full):
        return False
    return all(a.startswith(b) for a, b in zip(full, short, strict=True))


def cannot_carry(
    claim: wording.Claim, study: Study, row: Mapping[str, str], *, compared: bool = False
) -> tuple[str, ...]:
    """Return why a study cannot carry a claim, as what is said of it; () where it can.

    `compared` tells that a comparison of the claimed kind is known of it.
    """
    if study.has_no_results:
        kind = "a protocol" if "protocol" in study.design.lower() else "a registry entry"
        return (f"is {kind} without results",)
    reasons = []
    if claim.weeks and is_single_session(row):
        minutes = re.search(r"(?<!\d)(\d+)[ -]min", f"{study.design}; {row['arms']}")
        length = f" of {minutes.group(1)} minutes" if minutes else ""
        reasons.append(f"watched one session{length}")
    people = row.get("population", "").lower()
    for said, watched, also, name in _OTHER_PEOPLE:
        others = re.search(watched, people) and not re.search(also, people)
        if others and re.search(said, claim.text.lower()):
            reasons.append(f"watched {name}")
    if not compared and _walks_one_way(claim, study) and "not read" not in row["arms"]:
        reasons.append("has no arm of each direction of walking")
    return tuple(reasons)


def _walks_one_way(claim: wording.Claim, study: Study) -> bool:
    """Tell whether the arms rule out a comparison of directions that the claim is about."""
    walkers = {walker(arm, study) for arm in study.arms}
    alone = claim.side in walkers and len(study.arms) > 1 and walkers <= {claim.side, OTHER}
    return claim.kind == wording.DIRECTIONS and alone and "direction" not in study.design.lower()


def not_read_in_full(study: Study) -> bool:
    """Tell whether the record says that no more than part of a paper was read."""
    return bool(study.read) and "full" not in study.read.lower() and not study.has_no_results


def _could_tell(claim: wording.Claim, study: Study) -> bool:
    """Tell whether the arms of a study are those of a comparison of the claimed kind."""
    if RUN.search(" ".join(study.arms)) and not RUN.search(claim.text):
        return False
    walkers = {walker(arm, study) for arm in study.arms}
    if claim.kind == wording.DIRECTIONS:
        return BOTH in walkers or {"backward", "forward"} <= walkers
    return bool({claim.side, BOTH} & walkers)


def _missing_dose(claim: wording.Claim, rows: Sequence[Mapping[str, str]]) -> str:
    """Return the minutes a day that a claim names, where no study says it used so many."""
    used = {
        int(number)
        for row in rows
        for column in ("arms", "sessions_per_week", "note")
        for number in re.findall(r"(?<!\d)(\d+)\s*+min", row[column])
    }
    return claim.dose if claim.minutes is not None and claim.minutes not in used else ""


def _implied(claim: wording.Claim, name: str, evidence: Evidence) -> Iterator[Contrast]:
    """Yield comparisons that no row of a study makes, and that its printed arms determine."""
    if claim.kind == wording.CHANGE:
        return
    own = [c for c in evidence.contrasts if c.study.study_id == name and claim.is_about(c.outcome)]
    if any(fits(claim, contrast) for contrast in own):
        return
    study, cells = evidence.studies[name], evidence.cells.get(name, ())
    mine = [c for c in cells if c.has_spread and claim.is_about(c.outcome_name)]
    for outcome in dict.fromkeys(cell.outcome for cell in mine):
        arms = dict.fromkeys(cell.arm for cell in mine if cell.outcome == outcome)
        walkers = {arm: walker(arm, study) for arm in arms}
        for a in (arm for arm in arms if walkers[arm] == claim.side):
            for b in (arm for arm in arms if walkers[arm] not in (claim.side, BOTH)):
                row = dict.fromkeys(_ROW, "") | {"outcome": outcome, "arm_a": a, "arm_b": b}
                row |= {"contrast_type": "post-score mean difference", "origin": "derived"}
                found = contrasts_of({**row, "line": "0"}, study=study, cells=cells)
                yield from (c for c in found if c.first and fits(claim, c))
