"""The flow of participants through a trial (CONSORT 2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from backwalk_stats.figures import marks, page
from backwalk_stats.tables import labels, numbers, trial_labels
from backwalk_stats.tables.small_cells import HIDDEN, HIDDEN_NOTE

TAG_MM, GAP_MM, STEP_MM, PAD_MM = 7.0, 5.0, 7.0, 2.2
LEFT_MM = TAG_MM + 4.0
ENROLMENT = {
    "assessed": "Assessed for eligibility",
    "excluded": "Excluded",
    "randomised": "Randomised",
}
PHASES = {
    "Allocation": {
        "allocated": "Allocated to {arm}",
        "received": "Received the intervention",
        "not_received": "Did not receive it",
    },
    "Follow-up": {"lost": "Lost to follow-up", "discontinued": "Discontinued the intervention"},
    "Analysis": {"analysed": "Analysed", "excluded_from_analysis": "Left out of the analysis"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Box:
    """A box of wrapped lines, each bold or not, at an indent."""

    lines: tuple[tuple[str, float, bool], ...]

    @property
    def height(self) -> float:
        """Return millimetres."""
        return len(self.lines) * page.SMALL_LINE_MM + 2 * PAD_MM


@page.styled
def flow_diagram(flow: pd.DataFrame, *, arms: Mapping[str, str]) -> Figure:
    """Draw enrolment, allocation, follow-up and analysis, a column for each arm.

    In `tables.FLOW` `stage` is "assessed", "excluded", "randomised" (arm ""), or "allocated",
    "received", "not_received", "lost", "discontinued", "analysed", "excluded_from_analysis" (by
    arm); a row without a reason is the stage's total. An `n` of NaN is a count that is not shown;
    stages without rows are left out. `arms` is name to label, in order.
    """
    rows = numbers.frame_rows(flow)
    if not rows:
        return page.empty_page("The flow of participants is not known")
    width = (page.WIDTH_MM - LEFT_MM - 1.0 - GAP_MM * (len(arms) - 1)) / len(arms)
    right = 66.0
    heads = {s: _box(_stage(rows, s, "", words), right) for s, words in ENROLMENT.items()}
    phases = {}
    for name, stages in PHASES.items():
        boxes = [_box(_phase(rows, stages, arm, arms), width) for arm in arms]
        if any(box.lines for box in boxes):
            phases[name] = boxes
    y, tops = _heights(heads, phases)
    hidden = any(not isfinite(row["n"]) for row in rows)
    paper = page.new_page(y + (page.SMALL_LINE_MM + 2.0 if hidden else 1.0))
    _enrolment(paper, heads, tops, right)
    _phases(paper, phases, tops, width, arms)
    if hidden:
        paper.write(LEFT_MM, paper.height - 2.3, HIDDEN_NOTE, small=True, colour=page.GREY)
    return paper.figure


def alt_text(flow: pd.DataFrame, *, arms: Mapping[str, str]) -> str:
    """Return the flow in words, for who cannot see the figure."""
    rows = numbers.frame_rows(flow)
    said = [
        text
        for stage, words in ENROLMENT.items()
        for text, indent, _ in _stage(rows, stage, "", words)
        if not indent
    ]
    for arm in arms:
        here = [
            text
            for stages in PHASES.values()
            for text, indent, _ in _phase(rows, stages, arm, arms)
            if not indent
        ]
        said += [f"{arms[arm]}: {', '.join(here)}"] if here else []
    return f"Flow of participants. {'; '.join(said) or 'Not known'}."


def _stage(
    rows: list[numbers.Row], stage: str, arm: str, words: str
) -> list[tuple[str, float, bool]]:
    """Return the lines of a stage: its total, then a line for each reason."""
    mine = [row for row in rows if row["stage"] == stage and row["arm"] == arm]
    reasons = [row for row in mine if row["reason"]]
    total = [float(row["n"]) for row in mine if not row["reason"]]
    if not mine:
        return []
    # Where only reasons were counted their sum is the total; a hidden one hides the sum.
    n = total[0] if total else sum(float(row["n"]) for row in reasons)
    lines = [(f"{words} (n = {_count(n)})", 0.0, False)]
    lines += [
        (f"{labels.sentence_case(str(row['reason']))} (n = {_count(float(row['n']))})", 3.0, False)
        for row in reasons
    ]
    return lines


def _phase(
    rows: list[numbers.Row], stages: Mapping[str, str], arm: str, arms: Mapping[str, str]
) -> list[tuple[str, float, bool]]:
    """Return the lines of one arm in one phase, those that name the arm bold."""
    lines: list[tuple[str, float, bool]] = []
    for stage, words in stages.items():
        found = _stage(rows, stage, arm, words.format(arm=trial_labels.arm_words(arms[arm] or arm)))
        lines += [
            (text, indent, stage in ("allocated", "analysed") and not indent)
            for text, indent, _ in found
        ]
    return lines


def _count(n: float) -> str:
    """Return a count, or the mark of one that is not shown."""
    return numbers.count(n) if isfinite(n) else HIDDEN


def _box(lines: Sequence[tuple[str, float, bool]], width: float) -> _Box:
    """Return a box whose lines are wrapped to its width."""
    done: list[tuple[str, float, bool]] = []
    for text, indent, bold in lines:
        mark = "• " if indent else ""
        room = width - 2 * PAD_MM - indent - page.width_mm(mark, small=True)
        for place, part in enumerate(page.wrap(text, room, small=True, bold=bold, lines=6)):
            lead = mark if place == 0 else ""
            more = 0.0 if lead or not indent else page.width_mm(mark, small=True)
            done.append((lead + part, indent + more, bold))
    return _Box(lines=tuple(done))


def _heights(
    heads: Mapping[str, _Box], phases: Mapping[str, Sequence[_Box]]
) -> tuple[float, dict[str, tuple[float, float]]]:
    """Return where the figure ends, and top and height of each row of boxes."""
    y, tops = 1.0, {}
    for name, box in heads.items():
        if box.lines:
            tops[name] = (y, box.height)
            y += box.height + (STEP_MM * 0.6 if name != "randomised" else STEP_MM)
    # The name beside the boxes needs its room, too, where there is but one of them.
    short = max(page.width_mm("Enrolment", bold=True) + 3 + STEP_MM - (y - 1.0), 0.0)
    if tops and short:
        tops = {name: (top + short / 2, height) for name, (top, height) in tops.items()}
        y += short
    for name, boxes in phases.items():
        height = max(*(box.height for box in boxes), page.width_mm(name, bold=True) + 3)
        tops[name] = (y, height)
        y += height + STEP_MM
    return y - STEP_MM, tops


def _enrolment(
    paper: page.Page,
    heads: Mapping[str, _Box],
    tops: Mapping[str, tuple[float, float]],
    width: float,
) -> None:
    """Draw the boxes above the arms; the excluded stand to the right of the line."""
    middle = LEFT_MM + (page.WIDTH_MM - LEFT_MM - 1.0) / 2
    shown = [name for name in ("assessed", "excluded", "randomised") if name in tops]
    if not shown:
        return
    first, last = tops[shown[0]], tops[shown[-1]]
    _tag(paper, "Enrolment", 1.0, max(last[0] + last[1] + first[0] - 1.0, last[0] + last[1]))
    line = [name for name in ("assessed", "randomised") if name in tops]
    for name in line:
        top, height = tops[name]
        _draw(paper, heads[name], (middle - width / 2, top, width, height), centred=True)
    if len(line) == 2:
        _arrow(paper, middle, sum(tops["assessed"]), tops["randomised"][0])
    if "excluded" in tops:
        top, height = tops["excluded"]
        left = middle + 12.0
        _draw(paper, heads["excluded"], (left, top, page.WIDTH_MM - 1 - left, height))
        paper.sheet.plot(
            [middle, left - 0.8], [top + height / 2] * 2, color=page.INK, linewidth=0.8
        )
        paper.sheet.plot([left - 1.0], [top + height / 2], marker=">", color=page.INK, markersize=4)


def _phases(
    paper: page.Page,
    phases: Mapping[str, Sequence[_Box]],
    tops: Mapping[str, tuple[float, float]],
    width: float,
    arms: Mapping[str, str],
) -> None:
    """Draw the boxes of the arms, one row a phase, joined by arrows."""
    xs = [LEFT_MM + place * (width + GAP_MM) for place in range(len(arms))]
    looks = list(marks.arm_looks(arms).values())
    middles = [x + width / 2 for x in xs]
    above = sum(tops["randomised"]) if "randomised" in tops else None
    for place, (name, boxes) in enumerate(phases.items()):
        top, height = tops[name]
        _tag(paper, name, top, top + height)
        for x, box, look in zip(xs, boxes, looks, strict=True):
            _draw(paper, box, (x, top, width, height), edge=look.colour)
        if above is not None:
            start = above if place else above + STEP_MM * 0.4
            if place == 0:
                centre = LEFT_MM + (page.WIDTH_MM - LEFT_MM - 1.0) / 2
                paper.sheet.plot([centre, centre], [above, start], color=page.INK, linewidth=0.8)
                paper.sheet.plot(
                    [middles[0], middles[-1]], [start] * 2, color=page.INK, linewidth=0.8
                )
            for middle in middles:
                _arrow(paper, middle, start, top)
        above = top + height


def _draw(
    paper: page.Page,
    box: _Box,
    place: tuple[float, float, float, float],
    *,
    edge: str = page.INK,
    centred: bool = False,
) -> None:
    """Draw a box and its lines."""
    x, top, width, height = place
    frame = FancyBboxPatch((x, top), width, height, boxstyle="round,pad=0,rounding_size=1.0",
                           facecolor="white", edgecolor=edge, linewidth=0.9)  # fmt: skip
    paper.sheet.add_patch(frame)
    y = top + PAD_MM + page.SMALL_LINE_MM / 2
    for text, indent, bold in box.lines:
        at = x + width / 2 if centred else x + PAD_MM + indent
        align = "center" if centred else "left"
        paper.write(at, y, text, small=True, bold=bold, align=align)
        y += page.SMALL_LINE_MM


def _tag(paper: page.Page, name: str, top: float, bottom: float) -> None:
    """Draw the name of a phase beside its boxes, from bottom to top."""
    frame = FancyBboxPatch((0.6, top), TAG_MM, bottom - top,
                           boxstyle="round,pad=0,rounding_size=1.0", facecolor=page.PALE_BLUE,
                           edgecolor="none")  # fmt: skip
    paper.sheet.add_patch(frame)
    paper.sheet.text(0.6 + TAG_MM / 2, (top + bottom) / 2, name, rotation=90, ha="center",
                     va="center", fontsize=page.BODY_PT, fontweight="bold")  # fmt: skip


def _arrow(paper: page.Page, x: float, start: float, end: float) -> None:
    """Draw an arrow down to a box."""
    paper.sheet.plot([x, x], [start, end - 0.8], color=page.INK, linewidth=0.8)
    paper.sheet.plot([x], [end - 1.1], marker="v", color=page.INK, markersize=4)
