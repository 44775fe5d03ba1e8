"""The evidence map: which claim rests on which study, and what kind of study it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from backwalk_stats.figures import page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import DESIGNS, HEAD_TO_HEAD, NUMBERS, sentence_case, words_for

CLAIM_MM = 5.6
ROW_MM = 4.5
KIND_MM = 61.0
COLUMNS = 3
NARROW_COLUMNS = 2
LEGEND_MM, LEGEND_ROW_MM = 13.0, 5.2
BUBBLE_MM = 5.6
SMALLEST_MM, LARGEST_MM = 0.7, 2.2
LARGEST_N = 250.0
UNREAD_N = 30.0
LEGEND_SIZES = (20.0, 60.0, 200.0)


@page.styled
def evidence_map(evidence_map: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Figure:
    """Draw the studies (`tables.EVIDENCE_MAP`) behind each claim, the kind that tells most first.

    A bubble's area grows with the number of participants up to 250. Filled: numbers that can be
    recomputed. Hollow: numbers printed, but nothing to recompute. Cross: no results printed. Under
    every claim stands whether a randomised comparison of backward with forward walking bears on it,
    since only that speaks to direction. `labels`, by study, stand in place of the column `label`.
    On a narrow page the kind of study stands above its studies, and what is explained is below.
    """
    names = labels or {}
    rows = [
        {**row, "label": names.get(str(row["study_id"]), row["label"])}
        for row in numbers.frame_rows(evidence_map)
    ]
    if not rows:
        return page.empty_page("No claim with a study behind it")
    claims: dict[tuple[str, str], list[numbers.Row]] = {}
    for row in rows:
        claims.setdefault((str(row["claim_id"]), str(row["topic"])), []).append(row)
    plans = {claim: _by_kind(studies) for claim, studies in claims.items()}
    tall = [CLAIM_MM + sum(map(_kind_height, plan.items())) for plan in plans.values()]
    width = page.page_width()
    paper = page.new_page(sum(tall) + _legend_height(), width)
    panel.mark_flexible(paper.figure)
    y = 0.0
    for (claim, topic), plan in plans.items():
        paper.sheet.add_patch(Rectangle((0, y), width, CLAIM_MM - 0.8, color=page.FAINT, zorder=0))
        name = page.shorten(f"{claim}  {sentence_case(topic)}", width - 2, bold=True)
        paper.write(1.0, y + CLAIM_MM / 2 - 0.4, name, bold=True)
        y += CLAIM_MM
        for kind, studies in plan.items():
            _kind(paper, kind, studies, y)
            y += _kind_height((kind, studies))
    _legend(paper, y + 4.5)
    return paper.figure


def alt_text(evidence_map: pd.DataFrame) -> str:
    """Return what the map shows, with its counts, for a reader who cannot see it."""
    if evidence_map.empty:
        return "Evidence map: no claim with a study behind it."
    shown = evidence_map.drop_duplicates("study_id")["numbers"].value_counts()
    parts = [f"{shown.get(code, 0)} with {words}" for code, words in NUMBERS.items()]
    head_to_head = evidence_map[evidence_map["design_class"] == HEAD_TO_HEAD]
    claims, studies = (evidence_map[column].nunique() for column in ("claim_id", "study_id"))
    return (
        f"Evidence map: {claims} {'claim' if claims == 1 else 'claims'} and {studies} "
        f"{'study' if studies == 1 else 'studies'}: {', '.join(parts)}. Claims with a "
        "randomised comparison of backward and forward walking: "
        f"{head_to_head['claim_id'].nunique()}."
    )


def _by_kind(studies: Sequence[numbers.Row]) -> dict[str, list[numbers.Row]]:
    """Return the studies of a claim by kind: head-to-head trials first, even when there is none."""
    found = list(dict.fromkeys(str(row["design_class"]) for row in studies))
    known = [kind for kind in DESIGNS if kind in found and kind != HEAD_TO_HEAD]
    others = [kind for kind in found if kind not in DESIGNS]
    rank = {code: place for place, code in enumerate(NUMBERS)}
    return {
        kind: sorted(
            (row for row in studies if row["design_class"] == kind),
            key=lambda row: rank.get(row["numbers"], len(rank)),
        )
        for kind in (HEAD_TO_HEAD, *known, *others)
    }


def _kind_height(kind_and_studies: tuple[str, Sequence[numbers.Row]]) -> float:
    """Return the millimetres that the studies of one kind take."""
    kind, studies = kind_and_studies
    many = _columns()
    lines = sum(_study_height(studies[at : at + many]) for at in range(0, len(studies), many))
    name = _text_height(_kind_lines(kind))
    return max(name, lines) if not page.is_narrow() else name + (lines or ROW_MM)


def _columns() -> int:
    """Return how many studies stand beside each other."""
    return NARROW_COLUMNS if page.is_narrow() else COLUMNS


def _left() -> float:
    """Return where studies begin."""
    return 0.0 if page.is_narrow() else KIND_MM


def _study_width() -> float:
    """Return the room for one study."""
    return (page.page_width() - _left()) / _columns()


def _study_height(beside: Sequence[numbers.Row]) -> float:
    """Return the millimetres that studies beside each other take."""
    return max(_text_height(_label_lines(row)) for row in beside)


def _text_height(lines: Sequence[str]) -> float:
    """Return the millimetres that lines of text take, with the space around them."""
    return ROW_MM + (len(lines) - 1) * page.SMALL_LINE_MM


def _kind_lines(kind: str) -> list[str]:
    """Return the lines that name a kind of study."""
    text = sentence_case(words_for(kind, DESIGNS))
    room = page.page_width() if page.is_narrow() else KIND_MM
    return page.wrap(text, room - 3, small=True, lines=2)


def _label_lines(row: numbers.Row) -> list[str]:
    """Return the lines of a study's name."""
    return page.wrap(row["label"], _study_width() - BUBBLE_MM - 1.5, small=True, lines=4)


def _kind(paper: page.Page, kind: str, studies: Sequence[numbers.Row], top: float) -> None:
    """Draw the studies of one kind, some beside each other, from height `top`."""
    paper.write_lines(1.0, top + ROW_MM / 2, _kind_lines(kind), small=True, colour=page.GREY)
    many, width, start = _columns(), _study_width(), _left()
    top += _text_height(_kind_lines(kind)) if page.is_narrow() else 0.0
    if not studies:
        paper.write(start + BUBBLE_MM, top + ROW_MM / 2, "none", small=True, colour=page.GREY)
    for at in range(0, len(studies), many):
        beside = studies[at : at + many]
        for place, row in enumerate(beside):
            left, y = start + place * width, top + ROW_MM / 2
            _bubble(paper, left + BUBBLE_MM / 2, y, row["n"], str(row["numbers"]))
            paper.write_lines(left + BUBBLE_MM, y, _label_lines(row), small=True)
        top += _study_height(beside)


def _bubble(paper: page.Page, x: float, y: float, n: float, shown: str) -> None:
    """Draw one study."""
    if shown not in ("recomputable", "printed only"):
        cross = Line2D([x], [y], marker="x", color=page.GREY, markersize=4.5, markeredgewidth=1.2)
        paper.sheet.add_line(cross)
        return
    people = min(n, LARGEST_N) if isfinite(n) else UNREAD_N
    radius = SMALLEST_MM + (LARGEST_MM - SMALLEST_MM) * sqrt(people / LARGEST_N)
    face = page.BLUE if shown == "recomputable" else "white"
    if isfinite(n):
        paper.sheet.add_patch(
            Circle((x, y), radius, facecolor=face, edgecolor=page.BLUE, linewidth=1.0)
        )
        return
    ring = {"edgecolor": page.BLUE, "linewidth": 1.0, "linestyle": (0, (2, 1))}
    paper.sheet.add_patch(Circle((x, y), radius, facecolor="white", **ring))
    paper.sheet.add_patch(Circle((x, y), 0.55 * radius, facecolor=face, edgecolor="none"))


def _legend_height() -> float:
    """Return the millimetres that the explanation takes."""
    return LEGEND_MM + LEGEND_ROW_MM * (len(NUMBERS) - 1) if page.is_narrow() else LEGEND_MM


def _legend(paper: page.Page, y: float) -> None:
    """Explain fill and size from height `y`; on a narrow page a line for each fill."""
    paper.rule(y - 3.6, color=page.MID)
    x = 3.0
    for place, (code, words) in enumerate(NUMBERS.items()):
        if place and page.is_narrow():
            x, y = 3.0, y + LEGEND_ROW_MM
        _bubble(paper, x, y, LEGEND_SIZES[1], code)
        text = sentence_case(words)
        paper.write(x + 3.6, y, text, small=True, colour=page.GREY)
        x += page.width_mm(text, small=True) + 12.0
    y += LEGEND_ROW_MM
    paper.write(1.0, y, "Participants:", small=True, colour=page.GREY)
    x, apart = 26.0, 7.0 if page.is_narrow() else 12.0
    for n in (*LEGEND_SIZES, float("nan")):
        text = numbers.count(n) if isfinite(n) else "number not read"
        _bubble(paper, x, y, n, "printed only")
        paper.write(x + 3.6, y, text, small=True, colour=page.GREY)
        x += page.width_mm(text, small=True) + apart
