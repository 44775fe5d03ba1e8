"""What a record holds about one claim: the cited source, the findings, the papers left to read.

A finding is a comparison of the claimed kind on the claimed outcome. It is *recomputed* where n,
mean and SD of both sides determine an interval, else it is what its paper printed. Its side is
`FOR` or `AGAINST` the claim, `NEITHER` (an interval over zero, no difference printed) or `UNSAID`
(a difference is printed, its side is not).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from backwalk_stats.engine.numbers import Estimate, t_estimate
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Contrast, Study
from backwalk_stats.ledger.claims import wording
from backwalk_stats.ledger.hulls import TestBox, student_box
from backwalk_stats.ledger.printed import Interval, exactly, is_number, parse_p, value_of
from backwalk_stats.ledger.rows import contrasts_of, is_single_session
from backwalk_stats.ledger.synonyms import DIFFERENCE, RATIOS, STANDARDISED
from backwalk_stats.ledger.vocabulary import is_merged_arm, walks_backward, walks_forward, words

FOR, AGAINST, NEITHER, UNSAID = "for", "against", "neither", "unsaid"
TURNED = {FOR: AGAINST, AGAINST: FOR}
BOTH, OTHER = "both", "other"
_FILLER = frozenset({"a", "study", "in", "the", "of", "and", "journal", "j", "for", "on"})
_RUN = re.compile(r"\b(?:run|running|jog\w*|locomotion)\b", re.IGNORECASE)
_WITHIN_PEOPLE = re.compile(
    r"within|single-group|repeated|cross-?over|random(?:-ordered| order)|same (?:people|persons)"
)
_OWN_SPEED = re.compile(r"(?:self-?selected|own|comfortable|preferred|different) (?:walking )?speed")
_AFTER, _BEFORE = re.compile(r"\bpost\b|\bafter\b"), re.compile(r"\bpre\b|\bbefore\b|\bbaseline\b")
_AS_GAIN = re.compile(r"\b(?:improvement|gain)s?\b", re.IGNORECASE)
_AS_LOSS = re.compile(r"\b(?:reduction|decrease)s?\b", re.IGNORECASE)
_NO_DIFFERENCE = re.compile(
    r"\bno (?:\w+ )*differen|\bnot? (?:\w+ )*significan|\bunchanged\b"
    r"|\bnot? (?:\w+ )?(?:better|superior|more effective|higher|lower)"
)
_ROW = ("method", "source_location", "note")
# What the claim says, what the people who were watched are, and the words for it.
_OTHER_PEOPLE = (
    (r"(?<!sub)\bacute\b", r"\bchronic\b", r"(?<!sub)\bacute\b", "people with chronic complaints"),
    (r"\bchronic\b", r"\bacute\b", r"\bchronic\b", "people with acute complaints"),
    (r"\bolder\b|\belderly\b", r"\b(?:boys|girls|children|students|young)\b", r"\bold|elder", "the young"),
    (r"\bchild|\bboys\b|\bgirls\b", r"\b(?:older|elderly)\b", r"child|boys|girls", "older people"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One comparison of the claimed kind.

    Attributes
    ----------
    side : str
        `FOR`, `AGAINST`, `NEITHER` or `UNSAID`.
    recomputed : bool
        Whether the interval was computed here; else the side is the one that the paper printed.
    test : TestBox or None
        First arm of the comparison minus its second, where recomputed.
    first_is_claimed : bool
        Whether the first arm is the one of which the claim speaks.
    assumed : str
        What had to be assumed to give it a side.
    """

    contrast: Contrast
    side: str
    recomputed: bool = False
    test: TestBox | None = None
    first_is_claimed: bool = True
    assumed: str = ""

    @property
    def study(self) -> Study:
        """Return the study that it comes from."""
        return self.contrast.study

    @property
    def has_number(self) -> bool:
        """Tell whether a number was printed or recomputed, and not a direction alone."""
        return self.recomputed or bool(self.contrast.printed)


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
    beside : tuple of Contrast
        Printed comparisons of another kind on the claimed outcome.
    unread : tuple of Study
        Studies that could tell, and of which not the full text was read.
    missing_dose : str
        The dose claimed, where no study says that it used it; else "".
    rows : DataFrame
        Ledger rows of these studies on the claimed outcome.
    contrasts : sequence of Contrast
        Every comparison of the record.
    """

    claim: wording.Claim
    studies: tuple[Study, ...]
    cited: tuple[Study, ...]
    unfit: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    beside: tuple[Contrast, ...]
    unread: tuple[Study, ...]
    missing_dose: str
    rows: pd.DataFrame
    contrasts: Sequence[Contrast]
    people: Mapping[str, str]

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
    about = [c for c in (*evidence.contrasts, *implied) if c.study.study_id in own and claim.is_about(c.outcome)]
    found = tuple(_findings(claim, [c for c in about if fits(claim, c)]))
    used = {finding.contrast.key for finding in found}
    cited = tuple(own[name] for name in own if is_cited(claim.source, rows[name]))
    mine = ledger["study_id"].isin(list(own)) & ledger["outcome"].map(claim.is_about).astype(bool)
    return Bearing(
        claim=claim,
        studies=tuple(own.values()),
        cited=cited,
        unfit={n: why for n in own if (why := cannot_carry(claim, own[n], rows[n]))},
        findings=found,
        beside=tuple(c for c in about if c.key not in used and c.origin in ("paper", "review")),
        unread=tuple(s for s in own.values() if _could_tell(claim, s) and not_read_in_full(s)),
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
    by_name = bool(
        name and row.get("year") and name.group(0) in source and row["year"] in source
    )
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
    claim: wording.Claim, study: Study, row: Mapping[str, str]
) -> tuple[str, ...]:
    """Return why a study cannot carry a claim, as what is said of it; () where it can."""
    if study.has_no_results:
        kind = "a protocol" if "protocol" in study.design.lower() else "a registry entry"
        return (f"is {kind} without results",)
    reasons = []
    if claim.weeks and is_single_session(row):
        minutes = re.search(r"(\d+)[ -]min", f"{study.design}; {row['arms']}")
        length = f" of {minutes.group(1)} minutes" if minutes else ""
        reasons.append(f"watched one session{length}")
    people = row.get("population", "").lower()
    for said, watched, also, name in _OTHER_PEOPLE:
        if re.search(said, claim.text.lower()) and re.search(watched, people):
            if not re.search(also, people):
                reasons.append(f"watched {name}")
    walkers = {walker(arm, study) for arm in study.arms}
    if claim.kind == wording.DIRECTIONS and len(study.arms) > 1 and "not read" not in row["arms"]:
        if not {"backward", "forward"} <= walkers and BOTH not in walkers:
            reasons.append("has no arm of each direction of walking")
    return tuple(reasons)


def not_read_in_full(study: Study) -> bool:
    """Tell whether the record says that no more than part of a paper was read."""
    return bool(study.read) and "full" not in study.read.lower() and not study.has_no_results


def _could_tell(claim: wording.Claim, study: Study) -> bool:
    """Tell whether the arms of a study are those of a comparison of the claimed kind."""
    if _RUN.search(" ".join(study.arms)) and not _RUN.search(claim.text):
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
        for number in re.findall(r"(\d+)\s*min", row[column])
    }
    return claim.dose if claim.minutes is not None and claim.minutes not in used else ""


# Which comparisons are of the claimed kind.


def walker(arm: str, study: Study) -> str:
    """Return which way an arm walks: "backward", "forward", `BOTH` or `OTHER`; "" for no arm.

    An arm that is only a letter or a number is looked up in the study's list of arms.
    """
    text = arm.strip()
    if text and len(text) < 4:
        text = next((one for one in study.arms if re.match(rf"{re.escape(text)}\b", one)), text)
    if not text:
        return ""
    backward, forward = walks_backward(text), walks_forward(text)
    if backward and (forward or is_merged_arm(text)):
        return BOTH
    return "backward" if backward else "forward" if forward else OTHER


def fits(claim: wording.Claim, contrast: Contrast) -> bool:
    """Tell whether a comparison is of the kind that is claimed."""
    study, role = contrast.study, contrast.read.role
    if study.has_no_results or contrast.kind == "anova":
        return False
    arms = f"{contrast.arm_a} {contrast.arm_b}"
    if _RUN.search(arms) and not _RUN.search(claim.text):
        return False
    if role not in ("", "effect", "interaction", "heterogeneity") and claim.kind != wording.CHANGE:
        return False
    sides = {walker(contrast.arm_a, study), walker(contrast.arm_b, study)}
    if claim.kind == wording.DIRECTIONS:
        return sides == {"backward", "forward"} and _speed_fits(claim, contrast)
    compared = claim.side in sides and bool(sides & {OTHER, "backward", "forward"} - {claim.side})
    if claim.kind == wording.TRIAL:
        return compared and contrast.kind != "within"
    walked = any(walker(arm, study) in (claim.side, BOTH) for arm in study.arms)
    before_after = _AFTER.search(arms.lower()) and _BEFORE.search(arms.lower())
    return role in ("", "effect", "time", "interaction") and (
        compared or bool(walked and before_after)
    )


def _speed_fits(claim: wording.Claim, contrast: Contrast) -> bool:
    """Tell whether a comparison can be one at equal speed, where the claim is about that."""
    if not claim.same_speed:
        return True
    told = f"{contrast.study.design}; {contrast.contrast_type}; {'; '.join(contrast.study.arms)}"
    return same_people(contrast) and not _OWN_SPEED.search(told.lower())


def same_people(contrast: Contrast) -> bool:
    """Tell whether both sides of a comparison are the same people."""
    told = f"{contrast.study.design}; {contrast.contrast_type}; {contrast.study.n_text}".lower()
    paired = contrast.kind in ("paired", "within") or contrast.read.people == "same"
    return paired or _WITHIN_PEOPLE.search(told) is not None


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
                yield from (c for c in found if fits(claim, c))


# The side of each comparison.


def _findings(claim: wording.Claim, fitting: Sequence[Contrast]) -> Iterator[Finding]:
    """Yield the findings; what a study printed stands back where its outcome was recomputed."""
    found = [one for contrast in fitting if (one := _finding(claim, contrast)) is not None]
    done = {(f.study.study_id, _name_of(f)) for f in found if f.recomputed}
    for one in found:
        if one.recomputed or (one.study.study_id, _name_of(one)) not in done:
            yield one


def _name_of(finding: Finding) -> frozenset[str]:
    return wording.stems(finding.contrast.outcome) | frozenset(
        wording.families(finding.contrast.outcome)
    )


def _finding(claim: wording.Claim, contrast: Contrast) -> Finding | None:
    first = _first_is_claimed(claim, contrast)
    boxes = _boxes(contrast)
    declared = contrast.first[0].direction if contrast.first else ""
    target = wording.wanted(claim.sense, wording.polarity(contrast.outcome, declared))
    if boxes and target:
        side = _side_of(boxes, higher_bears_out=first == (target == wording.HIGHER))
        return Finding(
            contrast=contrast, side=side, recomputed=True, test=boxes[0], first_is_claimed=first
        )
    if contrast.origin not in ("paper", "review"):
        return None
    return _as_printed(claim, contrast, target, first)


def _first_is_claimed(claim: wording.Claim, contrast: Contrast) -> bool:
    walkers = [walker(arm, contrast.study) for arm in (contrast.arm_a, contrast.arm_b)]
    if claim.side in walkers:
        return walkers[0] == claim.side
    return _AFTER.search(contrast.arm_a.lower()) is not None


def _boxes(contrast: Contrast) -> list[TestBox]:
    """Return the tests that the printed arms determine, one for each way to read them.

    Of the same people the correlation is not printed; the interval takes the least favourable.
    """
    if contrast.kind not in ("between", "standardised", "paired", "within") or contrast.about_change:
        return []
    same, boxes = same_people(contrast), []
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if not (a.has_spread and b.has_spread) or (same and a.n != b.n):
            return []
        try:
            boxes.append(_any_correlation(a, b) if same else student_box(a, b))
        except NotEstimable:
            return []
    return boxes


def _any_correlation(a: Cell, b: Cell) -> TestBox:
    """Return the paired t at a correlation of -1, the widest: s_d = s_a + s_b (Rosner, ch. 8)."""
    root = math.sqrt(a.n or 0)
    centre = t_estimate(
        estimate=a.mean_value - b.mean_value,
        std_error=(a.sd_value + b.sd_value) / root,
        df=float((a.n or 0) - 1),
    )
    return TestBox(
        centre=centre,
        estimate=a.mean_interval - b.mean_interval,
        std_error=(a.sd_interval + b.sd_interval) / exactly(root),
        df=exactly(float((a.n or 0) - 1)),
    )


def _side_of(boxes: Sequence[TestBox], *, higher_bears_out: bool) -> str:
    """Return the side of a whole interval, rounding and every reading of the arms included."""
    ends = [box.intervals() for box in boxes]
    low = min(one["conf_low"].low for one in ends)
    high = max(one["conf_high"].high for one in ends)
    if low <= 0 <= high or not (math.isfinite(low) and math.isfinite(high)):
        return NEITHER
    return FOR if (low > 0) == higher_bears_out else AGAINST


def _as_printed(
    claim: wording.Claim, contrast: Contrast, target: str, first: bool
) -> Finding | None:
    """Return what a paper printed of a comparison, where it printed a difference or none."""
    differs = _differs(contrast)
    if differs is False:
        return Finding(contrast=contrast, side=NEITHER, first_is_claimed=first)
    said = printed_sense(contrast, first)
    finding = Finding(contrast=contrast, side=UNSAID, first_is_claimed=first)
    if said in (wording.BETTER, wording.WORSE):
        if claim.sense not in (wording.BETTER, wording.WORSE):
            better = wording.polarity(contrast.outcome)
            said = wording.wanted(said, better) if better else ""
        elif claim.sense:
            return replace(finding, side=FOR if said == claim.sense else AGAINST)
    if said and target:
        return replace(finding, side=FOR if said == target else AGAINST)
    if differs and not said and claim.kind == wording.TRIAL and claim.sense == wording.BETTER:
        if OTHER in {walker(arm, contrast.study) for arm in (contrast.arm_a, contrast.arm_b)}:
            assumed = "that the difference is in favour of walking is not printed there"
            return replace(finding, side=FOR, assumed=assumed)
    return finding if differs or said else None


def _differs(contrast: Contrast) -> bool | None:
    """Tell whether a difference was printed: by its p, its interval or in words; None if unsaid."""
    text = contrast.printed.get("p_value", "")
    ends = [contrast.printed.get(name, "") for name in ("conf_low", "conf_high")]
    if all(is_number(end) for end in ends):
        null = 1.0 if contrast.read.scale in RATIOS else 0.0
        low, high = (value_of(end) for end in ends)
        return not low <= null <= high
    if contrast.read.role == "heterogeneity":
        return None
    if _NO_DIFFERENCE.search(f"{text} {contrast.contrast_type}".lower()):
        return False
    printed = parse_p(text)
    if printed is None:
        return None
    level = 0.05
    if all(interval.high <= level for interval in printed.intervals):
        return True
    return False if all(interval.low >= level for interval in printed.intervals) else None


def printed_sense(contrast: Contrast, first: bool) -> str:
    """Return what a row prints of the arm of which the claim speaks: higher, lower, better, worse.

    By words ("backward higher", "A better than C", "favours forward"), else by the sign of a
    printed difference. `first` tells whether that arm is the first.
    """
    numbers = "; ".join(contrast.printed.get(n, "") for n in ("estimate", "p_value"))
    for text in (contrast.contrast_type, numbers, contrast.note):
        said = wording.sense_of(text)
        if said:
            about_first = _arm_spoken_of(text, contrast)
            return said if about_first == first else wording.OPPOSITE[said]
    said = _by_sign(contrast)
    return said if first else wording.OPPOSITE[said]


def _arm_spoken_of(text: str, contrast: Contrast) -> bool:
    """Tell whether words of direction are about the first arm; they are where they name none.

    In "favours X" and "in favour of X" the arm stands behind the word, else before it.
    """
    after = re.search(r"\bfavou?r\w*(?: of)?\s+(.*)", text, re.IGNORECASE)
    sense = wording.SENSE.search(text)
    part = after.group(1) if after else text[: sense.start()] if sense else text
    second = walker(contrast.arm_b, contrast.study)
    named = walker_named(part)
    if named and named == second != walker(contrast.arm_a, contrast.study):
        return False
    if named:
        return True
    last = next((w for w in reversed(words(part)) if len(w) < 4), "")
    short = [words(arm)[0] if words(arm) else "" for arm in (contrast.arm_a, contrast.arm_b)]
    return not (last and last == short[1] != short[0]) and not (
        bool(contrast.arm_b) and contrast.arm_b.lower() in part.lower()
        and contrast.arm_a.lower() not in part.lower()
    )


def walker_named(text: str) -> str:
    """Return the last direction of walking that a text names; "" where it names none.

    >>> walker_named("within participants, backward "), walker_named("between groups")
    ('backward', '')
    """
    named = [word for word in words(text) if walks_backward(word) or walks_forward(word)]
    return "" if not named else "backward" if walks_backward(named[-1]) else "forward"


def _by_sign(contrast: Contrast) -> str:
    """Return whether the first arm is higher or lower by the sign of the printed difference."""
    text = contrast.printed.get("estimate", "").strip().removesuffix("%")
    scale = contrast.read.scale
    known = scale in (DIFFERENCE, STANDARDISED, "percent difference", *RATIOS)
    if not is_number(text) or not (known or contrast.kind in ("pooled", "standardised")):
        return ""
    size = value_of(text) - (1.0 if scale in RATIOS else 0.0)
    if size == 0:
        return ""
    label = f"{contrast.outcome} {contrast.contrast_type}"
    if _AS_GAIN.search(label):
        return wording.BETTER if size > 0 else wording.WORSE
    return wording.HIGHER if (size > 0) != bool(_AS_LOSS.search(label)) else wording.LOWER


def oriented(finding: Finding) -> tuple[Estimate, Interval]:
    """Return the recomputed difference, claimed arm minus the other, and its p over rounding."""
    assert finding.test is not None
    centre = finding.test.centre
    p = finding.test.intervals()["p_value"]
    if finding.first_is_claimed:
        return centre, p
    turned = replace(
        centre, estimate=-centre.estimate, conf_low=-centre.conf_high, conf_high=-centre.conf_low
    )
    return turned, p
