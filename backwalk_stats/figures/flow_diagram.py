"""The flow of participants through a trial (CONSORT 2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import FancyBboxPatch

from backwalk_stats.figures import estimate_rows, page, panel
from backwalk_stats.tables import labels, numbers, trial_labels
from backwalk_stats.tables.small_cells import HIDDEN, HIDDEN_NOTE

TAG_MM, GAP_MM, STEP_MM, PAD_MM = 7.0, 5.0, 7.0, 2.2
LEFT_MM = TAG_MM + 4.0
HEAD_MM = 66.0  # width of the boxes above the arms
SHRINK = (1.0, 0.9, 0.8, 0.7, 0.6)  # of the size of type, where axes are low
SAMPLE = "Lost to follow-up (n = 12), other reasons"
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """The boxes and where each row of them stands; all in units of a sheet."""

    heads: dict[str, _Box]
    phases: dict[str, list[_Box]]
    tops: dict[str, tuple[float, float]]
    width: float
    height: float
    hidden: bool

    @property
    def column(self) -> float:
        """Return how wide the box of an arm is."""
        many = max((len(boxes) for boxes in self.phases.values()), default=1)
        return (self.width - LEFT_MM - 1.0 - GAP_MM * (many - 1)) / many


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    """Axes whose unit is a millimetre in the reports, and larger where the type is larger."""

    axes: Axes
    width: float
    size: float

    def write(self, x: float, y: float, text: str, **more: Any) -> None:  # noqa: ANN401
        """Write one line, its middle at height `y`."""
        style = {"va": "center_baseline", "fontsize": self.size, "color": panel.ink(), **more}
        self.axes.text(x, y, page.plain(text), **style)

    def line(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Draw a line."""
        self.axes.plot(xs, ys, color=panel.ink(), linewidth=0.8, marker="none", linestyle="-")

    def head(self, x: float, y: float, marker: str) -> None:
        """Draw the head of an arrow."""
        self.axes.plot([x], [y], marker=marker, color=panel.ink(), markersize=4)

    def box(self, place: tuple[float, float, float, float], face: Any, edge: Any) -> None:  # noqa: ANN401
        """Draw a box with round corners."""
        x, top, width, height = place
        frame = FancyBboxPatch((x, top), width, height, boxstyle="round,pad=0,rounding_size=1.0",
                               facecolor=face, edgecolor=edge, linewidth=0.9)  # fmt: skip
        self.axes.add_patch(frame)


@page.styled
def flow_diagram(flow: pd.DataFrame, *, arms: Mapping[str, str]) -> Figure:
    """Return `draw` on a page of a report."""
    if flow.empty:
        return page.empty_page("The flow of participants is not known")
    wide = page.page_width() / page.MM_PER_INCH
    figure, (axes,) = panel.figure(height_inches(flow, wide, arms=arms) * page.MM_PER_INCH)
    axes.set_position((0.0, 0.0, 1.0, 1.0))
    draw(axes, flow, arms=arms)
    return figure


def draw(axes: Axes, flow: pd.DataFrame, *, arms: Mapping[str, str]) -> None:
    """Draw enrolment, allocation, follow-up and analysis on axes, a column for each arm.

    In `tables.FLOW` `stage` is "assessed", "excluded", "randomised" (arm ""), or "allocated",
    "received", "not_received", "lost", "discontinued", "analysed", "excluded_from_analysis" (by
    arm); a row without a reason is the stage's total. An `n` of NaN is a count that is not shown;
    stages without rows are left out. `arms` is name to label, in order. The type is made smaller
    where the axes are too low for it.
    """
    rows = numbers.frame_rows(flow)
    if not rows:
        panel.say(axes, "The flow of participants is not known")
        return
    box = axes.get_window_extent()
    wide, high = (side / axes.figure.dpi * page.MM_PER_INCH for side in (box.width, box.height))
    size = estimate_rows.type_size("ytick.labelsize")
    for share in SHRINK:
        unit = _unit(axes.figure) * share
        plan = _plan(rows, arms, wide / unit)
        if plan.height * unit <= high * 1.001:
            break
    axes.set_axis_off()
    axes.set_xlim(0.0, plan.width)
    axes.set_ylim(max(plan.height, high / unit), 0.0)
    sheet = _Sheet(axes=axes, width=plan.width, size=size * share)
    _enrolment(sheet, plan)
    _phases(sheet, plan, arms)
    if plan.hidden:
        sheet.write(LEFT_MM, plan.height - 2.3, HIDDEN_NOTE, color=panel.second_ink(axes))


def height_inches(flow: pd.DataFrame, width: float, *, arms: Mapping[str, str]) -> float:
    """Return how high a figure must be, so many inches wide, under the theme as it is."""
    unit = _unit(Figure()) / page.MM_PER_INCH
    return _plan(numbers.frame_rows(flow), arms, width / unit).height * unit if len(flow) else 1.0


def _unit(figure: Figure | SubFigure) -> float:
    """Return how many millimetres a unit of the layout is: one, where the type is the reports'."""
    axes = Axes(figure, (0.0, 0.0, 1.0, 1.0))
    letters = estimate_rows.text_points(axes, SAMPLE, bold=True) * page.POINT_MM
    size = estimate_rows.type_size("ytick.labelsize")
    return max(letters / page.width_mm(SAMPLE, small=True, bold=True), size / page.SMALL_PT)


def _plan(rows: list[numbers.Row], arms: Mapping[str, str], width: float) -> _Plan:
    """Return the boxes on a sheet of a width, and where they stand."""
    column = (width - LEFT_MM - 1.0 - GAP_MM * (len(arms) - 1)) / max(len(arms), 1)
    right = min(HEAD_MM, width - LEFT_MM - 2.0, (width - LEFT_MM) / 2 - 13.0)
    heads = {s: _box(_stage(rows, s, "", words), right) for s, words in ENROLMENT.items()}
    phases = {}
    for name, stages in PHASES.items():
        boxes = [_box(_phase(rows, stages, arm, arms), column) for arm in arms]
        if any(box.lines for box in boxes):
            phases[name] = boxes
    y, tops = _heights(heads, phases)
    hidden = any(not isfinite(row["n"]) for row in rows)
    height = y + (page.SMALL_LINE_MM + 2.0 if hidden else 1.0)
    return _Plan(heads=heads, phases=phases, tops=tops, width=width, height=height, hidden=hidden)


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


def _enrolment(sheet: _Sheet, plan: _Plan) -> None:
    """Draw the boxes above the arms; the excluded stand to the right of the line."""
    tops, heads = plan.tops, plan.heads
    middle = LEFT_MM + (sheet.width - LEFT_MM - 1.0) / 2
    width = min(HEAD_MM, sheet.width - LEFT_MM - 2.0)
    shown = [name for name in ("assessed", "excluded", "randomised") if name in tops]
    if not shown:
        return
    first, last = tops[shown[0]], tops[shown[-1]]
    _tag(sheet, "Enrolment", 1.0, max(last[0] + last[1] + first[0] - 1.0, last[0] + last[1]))
    line = [name for name in ("assessed", "randomised") if name in tops]
    for name in line:
        top, height = tops[name]
        _draw(sheet, heads[name], (middle - width / 2, top, width, height), centred=True)
    if len(line) == 2:
        _arrow(sheet, middle, sum(tops["assessed"]), tops["randomised"][0])
    if "excluded" in tops:
        top, height = tops["excluded"]
        left = middle + 12.0
        _draw(sheet, heads["excluded"], (left, top, sheet.width - 1 - left, height))
        sheet.line([middle, left - 0.8], [top + height / 2] * 2)
        sheet.head(left - 1.0, top + height / 2, ">")


def _phases(sheet: _Sheet, plan: _Plan, arms: Mapping[str, str]) -> None:
    """Draw the boxes of the arms, one row a phase, joined by arrows."""
    tops, width = plan.tops, plan.column
    xs = [LEFT_MM + place * (width + GAP_MM) for place in range(len(arms))]
    looks = list(panel.looks(arms, sheet.axes).values())
    middles = [x + width / 2 for x in xs]
    above = sum(tops["randomised"]) if "randomised" in tops else None
    for place, (name, boxes) in enumerate(plan.phases.items()):
        top, height = tops[name]
        _tag(sheet, name, top, top + height)
        for x, box, look in zip(xs, boxes, looks, strict=True):
            _draw(sheet, box, (x, top, width, height), edge=look.colour)
        if above is not None:
            start = above if place else above + STEP_MM * 0.4
            if place == 0:
                centre = LEFT_MM + (sheet.width - LEFT_MM - 1.0) / 2
                sheet.line([centre, centre], [above, start])
                sheet.line([middles[0], middles[-1]], [start] * 2)
            for middle in middles:
                _arrow(sheet, middle, start, top)
        above = top + height


def _draw(
    sheet: _Sheet,
    box: _Box,
    place: tuple[float, float, float, float],
    *,
    edge: str = "",
    centred: bool = False,
) -> None:
    """Draw a box and its lines."""
    x, top, width, height = place
    sheet.box(place, sheet.axes.get_facecolor(), edge or panel.ink())
    y = top + (height - (len(box.lines) - 1) * page.SMALL_LINE_MM) / 2
    for text, indent, bold in box.lines:
        at = x + width / 2 if centred else x + PAD_MM + indent
        weight = "bold" if bold else "normal"
        sheet.write(at, y, text, fontweight=weight, ha="center" if centred else "left")
        y += page.SMALL_LINE_MM


def _tag(sheet: _Sheet, name: str, top: float, bottom: float) -> None:
    """Draw the name of a phase beside its boxes, from bottom to top."""
    ground, ink = sheet.axes.get_facecolor(), panel.ink()
    mixed: Any = 0.1 * np.array(to_rgb(ink)) + 0.9 * np.array(to_rgb(ground))
    pale = to_hex(mixed)
    sheet.box((0.6, top, TAG_MM, bottom - top), pale, "none")
    sheet.write(0.6 + TAG_MM / 2, (top + bottom) / 2, name, rotation=90, ha="center",
                va="center", fontweight="bold")  # fmt: skip


def _arrow(sheet: _Sheet, x: float, start: float, end: float) -> None:
    """Draw an arrow down to a box."""
    sheet.line([x, x], [start, end - 0.8])
    sheet.head(x, end - 1.1, "v")
