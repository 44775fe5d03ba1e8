"""Findings: comparisons of the kind that is claimed, and the side of each.

A finding is *recomputed* where n, mean and SD of both sides determine an interval, else it is what
its paper printed. Its side is `FOR` or `AGAINST` the claim, `NEITHER` (an interval over zero, no
difference printed) or `UNSAID` (a difference is printed, its side is not).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from backwalk_stats.engine.numbers import Estimate, t_estimate
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Contrast, Study
from backwalk_stats.ledger.claims import wording
from backwalk_stats.ledger.hulls import TestBox, change_box, student_box
from backwalk_stats.ledger.reading.printed import Interval, exactly, is_number, parse_p, value_of
from backwalk_stats.ledger.reading.spellings import DIFFERENCE, RATIO_OF_MEANS, RATIOS, STANDARDISED
from backwalk_stats.ledger.reading.vocabulary import (
    families,
    is_before,
    is_merged_arm,
    time_in,
    walks_backward,
    walks_forward,
    words,
)

FOR, AGAINST, NEITHER, UNSAID = "for", "against", "neither", "unsaid"
BOTH, OTHER = "both", "other"
RUN = re.compile(r"\b(?:run|running|jog\w*|locomotion)\b", re.IGNORECASE)
_WITHIN_PEOPLE = re.compile(
    r"within|single-group|repeated|cross-?over|random(?:-ordered| order)|same (?:people|persons)"
)
_PARALLEL = re.compile(r"\brct\b|parallel|\d-(?:arm|group)|(?:two|three)[- ](?:arm|group)")
_BOTH_WAYS = re.compile(r"cross-?over|within[- ](?:subject|participant|person|people)|same people")
_OWN_SPEED = re.compile(
    r"(?:self-?selected|own|comfortable|preferred|different) (?:walking )?speed"
)
_SHORT = re.compile(r"(?:group |arm )?(\w{1,3})", re.IGNORECASE)
_AFTER, _BEFORE = re.compile(r"\bpost\b|\bafter\b"), re.compile(r"\bpre\b|\bbefore\b|\bbaseline\b")
_AS_GAIN = re.compile(r"\b(?:improvement|gain)s?\b", re.IGNORECASE)
_AS_LOSS = re.compile(r"\b(?:reduction|decrease)s?\b", re.IGNORECASE)
_NO_DIFFERENCE = re.compile(
    r"\bno (?:\w+ )*differen|\bnot? (?:\w+ )*significan|\bunchanged\b"
    r"|\bnot? (?:\w+ )?(?:better|superior|more effective|higher|lower)"
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
    arms : tuple of Cell or None
        The rows that it was computed from.
    first_is_claimed : bool
        Whether the first arm is the one of which the claim speaks.
    remark : str
        What has to be said of the numbers that it was recomputed from.
    assumed : str
        What had to be assumed to give it a side.
    """

    contrast: Contrast
    side: str
    recomputed: bool = False
    test: TestBox | None = None
    arms: tuple[Cell, Cell] | None = None
    first_is_claimed: bool = True
    remark: str = ""
    assumed: str = ""

    @property
    def study(self) -> Study:
        """Return the study that it comes from."""
        return self.contrast.study

    @property
    def differs(self) -> bool:
        """Tell whether an interval or a p says that there is a difference."""
        return self.side in (FOR, AGAINST) if self.recomputed else _differs(self.contrast) is True

    @property
    def has_number(self) -> bool:
        """Tell whether a number was printed or recomputed, and not a direction alone."""
        return self.recomputed or bool(self.contrast.printed)


# Which comparisons are of the claimed kind.


def walker(arm: str, study: Study) -> str:
    """Return which way an arm walks: "backward", "forward", `BOTH` or `OTHER`; "" for no arm.

    An arm that is only a letter or a number is looked up in the study's list of arms.
    """
    text, short = arm.strip(), _SHORT.fullmatch(arm.strip())
    if short:
        start = re.compile(rf"(?:group |arm )?{re.escape(short.group(1))}\b", re.IGNORECASE)
        named = [one for one in study.arms if start.match(one)]
        text = named[0] if len(named) == 1 else text
    if not text:
        return ""
    backward, forward = walks_backward(text), walks_forward(text)
    if backward and (forward or is_merged_arm(text)):
        return BOTH
    return "backward" if backward else "forward" if forward else OTHER


def walker_words(study: Study) -> frozenset[str]:
    """Return the directions of walking that the arms of a study name."""
    text = "; ".join(study.arms)
    named = (("backward", walks_backward(text)), ("forward", walks_forward(text)))
    return frozenset(name for name, walks in named if walks)


def fits(claim: wording.Claim, contrast: Contrast) -> bool:
    """Tell whether a comparison is of the kind that is claimed."""
    study, role = contrast.study, contrast.read.role
    if study.has_no_results or contrast.kind == "anova":
        return False
    arms = f"{contrast.arm_a} {contrast.arm_b}"
    if RUN.search(arms) and not RUN.search(claim.text):
        return False
    if claim.kind != wording.CHANGE and _before_treatment(contrast):
        return False
    if role not in ("", "effect", "interaction", "heterogeneity") and claim.kind != wording.CHANGE:
        return False
    sides = {walker(contrast.arm_a, study), walker(contrast.arm_b, study)}
    if claim.kind == wording.DIRECTIONS:
        return sides == {"backward", "forward"} and _speed_fits(claim, contrast)
    compared = claim.side in sides and bool(sides & {OTHER, "backward", "forward"} - {claim.side})
    if claim.kind == wording.TRIAL:
        return compared and contrast.kind != "within"
    told = walker_named(f"{contrast.outcome} {contrast.contrast_type} {arms}")
    walked = told in ("", claim.side) and claim.side in walker_words(study)
    before_after = _AFTER.search(arms.lower()) and _BEFORE.search(arms.lower())
    return role in ("", "effect", "time", "interaction") and (
        compared or bool(walked and before_after)
    )


def _before_treatment(contrast: Contrast) -> bool:
    """Tell whether groups are compared as they were before any treatment: that is no effect."""
    if same_people(contrast) or contrast.about_change:
        return False
    cells = (*contrast.first, *contrast.second)
    times = [time_in(contrast.outcome)] if not cells else [cell.timepoint for cell in cells]
    return all(is_before(time) for time in times)


def _speed_fits(claim: wording.Claim, contrast: Contrast) -> bool:
    """Tell whether a comparison can be one at equal speed, where the claim is about that."""
    if not claim.same_speed:
        return True
    told = f"{contrast.study.design}; {contrast.contrast_type}; {'; '.join(contrast.study.arms)}"
    return same_people(contrast) and not _OWN_SPEED.search(told.lower())


def same_people(contrast: Contrast) -> bool:
    """Tell whether both sides of a comparison are the same people."""
    told = f"{contrast.study.design}; {contrast.contrast_type}; {contrast.study.n_text}".lower()
    if contrast.kind in ("paired", "within") or contrast.read.people == "same":
        return True
    if _PARALLEL.search(contrast.study.design.lower()) and not _BOTH_WAYS.search(told):
        return False
    return _WITHIN_PEOPLE.search(told) is not None


# The side of each comparison.


def findings(claim: wording.Claim, fitting: Sequence[Contrast]) -> Iterator[Finding]:
    """Yield the findings of comparisons that fit.

    What a study printed stands back where its outcome was recomputed; the same two rows count once;
    and walking as a treatment is held against the other direction only in a study that has nothing
    else to hold it against.
    """
    found = [one for contrast in fitting if (one := _finding(claim, contrast)) is not None]
    found = _each_once(found)
    if claim.kind == wording.TRIAL:
        treated = {f.study.study_id for f in found if OTHER in _walkers(f.contrast)}
        found = [
            f for f in found if OTHER in _walkers(f.contrast) or f.study.study_id not in treated
        ]
    done = {(f.study.study_id, _name_of(f)) for f in found if f.recomputed}
    for one in found:
        if one.recomputed or (one.study.study_id, _name_of(one)) not in done:
            yield one


def _each_once(found: Sequence[Finding]) -> list[Finding]:
    """Return findings without those that were recomputed from rows that another one took."""
    kept: dict[object, Finding] = {}
    for place, one in enumerate(found):
        rows = frozenset((c.line, c.arm, c.mean, c.sd) for c in one.arms or ())
        key = (one.study.study_id, rows) if rows else place
        if key not in kept or (kept[key].remark and not one.remark):
            kept[key] = one
    return list(kept.values())


def _walkers(contrast: Contrast) -> set[str]:
    return {walker(arm, contrast.study) for arm in (contrast.arm_a, contrast.arm_b)}


def _name_of(finding: Finding) -> frozenset[str]:
    return wording.stems(finding.contrast.outcome) | frozenset(families(finding.contrast.outcome))


def _finding(claim: wording.Claim, contrast: Contrast) -> Finding | None:
    first = _first_is_claimed(claim, contrast)
    bases = _bases(contrast)
    declared = bases[0].arms[0].direction if bases else ""
    target = wording.wanted(claim.sense, wording.polarity(contrast.outcome, declared))
    if bases and target:
        up = first == (target == wording.HIGHER)
        return Finding(
            contrast=contrast,
            side=_side_of([basis.test for basis in bases], higher_bears_out=up),
            recomputed=True,
            test=bases[0].test,
            arms=bases[0].arms,
            first_is_claimed=first,
            remark=bases[0].remark,
        )
    if contrast.origin not in ("paper", "review"):
        return None
    return _as_printed(claim, contrast, target, first)


def _first_is_claimed(claim: wording.Claim, contrast: Contrast) -> bool:
    walkers = [walker(arm, contrast.study) for arm in (contrast.arm_a, contrast.arm_b)]
    if claim.side in walkers:
        return walkers[0] == claim.side
    return _AFTER.search(contrast.arm_a.lower()) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Basis:
    """What a comparison was recomputed from: both rows, their test, and what has to be said."""

    arms: tuple[Cell, Cell]
    test: TestBox
    remark: str = ""


def _bases(contrast: Contrast) -> list[_Basis]:
    """Return the tests that the printed arms determine, one for each way to read them.

    [] where one way determines none. Of the same people, and of changes from printed baselines,
    the correlation is not printed; the interval takes the least favourable.
    """
    if contrast.kind not in ("between", "standardised", "paired", "within"):
        return []
    try:
        if contrast.about_change and contrast.kind != "within" and not same_people(contrast):
            return _bases_of_change(contrast)
        return [_basis(contrast, a, b) for a, b in _alternatives(contrast)]
    except NotEstimable:
        return []


def _alternatives(contrast: Contrast) -> list[tuple[Cell, Cell]]:
    pairs = list(zip(contrast.first, contrast.second, strict=True))
    same = same_people(contrast)
    # An interval whose level was not read gives no SD, and so decides nothing here.
    known = not any(cell.spread_is_a_guess for pair in pairs for cell in pair)
    whole = known and all(
        a.has_spread and b.has_spread and (not same or a.n == b.n) for a, b in pairs
    )
    return pairs if whole and not (same and contrast.about_change) else []


def _basis(contrast: Contrast, a: Cell, b: Cell) -> _Basis:
    if same_people(contrast):
        return _Basis(arms=(a, b), test=_any_correlation(a, b), remark="whatever the correlation")
    return _Basis(arms=(a, b), test=student_box(a, b))


def _bases_of_change(contrast: Contrast) -> list[_Basis]:
    """Return the test of changes: of printed ones, of four means, else of scores at follow-up.

    Printed changes need a sign that cannot be mistaken: a better direction that is declared, and
    means that do not both run against it.
    """
    if contrast.changes is not None:
        a, b = contrast.changes
        better = wording.polarity("", a.direction)
        means = [cell.mean_value * (-1 if better == wording.LOWER else 1) for cell in (a, b)]
        if not better or max(means) < 0:
            return []
        return [_Basis(arms=(a, b), test=student_box(a, b), remark="of the changes")]
    whole = contrast.before_and_after
    if whole is not None:
        remark = "of the changes, whatever their correlation with baseline"
        return [_Basis(arms=whole[1], test=change_box(*whole), remark=remark)]
    remark = "of scores at follow-up; changes are not printed"
    return [replace(_basis(contrast, a, b), remark=remark) for a, b in _alternatives(contrast)]


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
    advised = claim.kind == wording.TRIAL and claim.sense == wording.BETTER
    treated = advised and OTHER in _walkers(contrast)
    if differs and not said and treated:
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


def walks_first(contrast: Contrast) -> bool:
    """Tell whether the first arm of a comparison is one that walks."""
    return walker(contrast.arm_a, contrast.study) in ("backward", "forward", BOTH)


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
        bool(contrast.arm_b)
        and contrast.arm_b.lower() in part.lower()
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
    """Return whether the first arm is higher or lower by the sign of the printed difference.

    A ratio of odds, risks or hazards says nothing here: which event it counts was not read.
    """
    text = contrast.printed.get("estimate", "").strip().removesuffix("%")
    scale = contrast.read.scale
    known = scale in (DIFFERENCE, STANDARDISED, "percent difference", RATIO_OF_MEANS)
    known = known or (not scale and contrast.kind in ("pooled", "standardised"))
    if not is_number(text) or not known:
        return ""
    size = value_of(text) - (1.0 if scale == RATIO_OF_MEANS else 0.0)
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
