"""The evidence map: which claim rests on which study, and what kind of study it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from backwalk_stats.figures.lettering import plain, shorten, width_mm, wrap
from backwalk_stats.figures.page import Page, empty_page, line_height, new_page, styled
from backwalk_stats.figures.style import (
    BLUE,
    FAINT,
    GREY,
    MID,
    SMALL_PT,
    WIDTH_MM,
)
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import DESIGNS, NUMBERS, sentence_case, words_for
from backwalk_stats.tables.numbers import count

if TYPE_CHECKING:
    import pandas as pd

CLAIM_MM = 5.4
ENTRY_MM = 7.4
LONGEST_MM = 18.5
LEGEND_MM = 13.0
BUBBLE_MM = 4.9
SMALLEST_MM, LARGEST_MM = 0.7, 2.3
LARGEST_N = 250.0
UNREAD_N = 30.0
LEGEND_SIZES = (20.0, 60.0, 200.0)


@styled
def evidence_map(evidence_map: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Figure:
    """Draw the studies behind each claim, by kind of study.

    A bubble's area grows with the number of participants up to 250. Filled: numbers that can be
    recomputed. Hollow: numbers printed, but nothing to recompute. Cross: no numbers.

    Parameters
    ----------
    evidence_map : DataFrame
        Columns of `tables.EVIDENCE_MAP`.
    labels : mapping of str to str, optional
        Study identifier to the name shown in place of the column `label`.

    Returns
    -------
    Figure
        170 mm wide, as high as the claims need; kinds of study without a study have no column.
    """
    names = labels or {}
    rows = [
        {**row, "label": names.get(str(row["study_id"]), row["label"])}
        for row in frame_rows(evidence_map)
    ]
    if not rows:
        return empty_page("No claim with a study behind it")
    kinds = _in_order([str(row["design_class"]) for row in rows], list(DESIGNS))
    claims = list(dict.fromkeys((str(row["claim_id"]), str(row["topic"])) for row in rows))
    widths = _widths(kinds, rows)
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        cells.setdefault((str(row["claim_id"]), str(row["design_class"])), []).append(row)
    heads = [
        wrap(sentence_case(words_for(kind, DESIGNS)), width - 1.5, size=SMALL_PT, lines=5)
        for kind, width in zip(kinds, widths, strict=True)
    ]
    head_mm = max(len(head) for head in heads) * line_height(SMALL_PT) + 3.5
    tall = [_row_height(claim, kinds, widths, cells) for claim, _ in claims]
    page = new_page(head_mm + sum(tall) + LEGEND_MM)
    lefts = [1.0 + sum(widths[:place]) for place in range(len(kinds))]
    for left, head in zip(lefts, heads, strict=True):
        page.write_lines(left, 3.0, head, size=SMALL_PT, colour=GREY)
    y = head_mm
    for (claim, topic), height in zip(claims, tall, strict=True):
        band = Rectangle((0, y), WIDTH_MM, CLAIM_MM - 0.6, color=FAINT, zorder=0)
        page.sheet.add_patch(band)
        name = shorten(f"{claim}  {sentence_case(topic)}", WIDTH_MM - 2, bold=True)
        page.write(1.0, y + CLAIM_MM / 2 - 0.3, name, bold=True)
        for left, width, kind in zip(lefts, widths, kinds, strict=True):
            _cell(page, cells.get((claim, kind), []), left, y + CLAIM_MM, width)
        y += height
    _legend(page, y + 4.5)
    return page.figure


def alt_text(evidence_map: pd.DataFrame) -> str:
    """Return what the map shows, with its counts, for a reader who cannot see it."""
    if evidence_map.empty:
        return "Evidence map: no claim with a study behind it."
    numbers = evidence_map.drop_duplicates("study_id")["numbers"].value_counts()
    parts = [f"{numbers.get(code, 0)} with {words}" for code, words in NUMBERS.items()]
    head_to_head = evidence_map[evidence_map["design_class"] == "randomised, backward v forward"]
    return (
        f"Evidence map: {evidence_map['claim_id'].nunique()} claims and "
        f"{evidence_map['study_id'].nunique()} studies: {', '.join(parts)}. Claims with a "
        "randomised comparison of backward and forward walking: "
        f"{head_to_head['claim_id'].nunique()}."
    )


def _in_order(found: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the distinct values found, those known first and in the known order."""
    present = list(dict.fromkeys(found))
    return [*(k for k in known if k in present), *(k for k in present if k not in known)]


def _row_height(
    claim: str,
    kinds: Sequence[str],
    widths: Sequence[float],
    cells: Mapping[tuple[str, str], Sequence[Row]],
) -> float:
    """Return the millimetres that a claim takes: its name, and its fullest column."""
    columns = (
        sum(_entry_height(_label_lines(row, width)) for row in cells.get((claim, kind), []))
        for kind, width in zip(kinds, widths, strict=True)
    )
    return CLAIM_MM + max(columns)


def _widths(kinds: Sequence[str], rows: Sequence[Row]) -> list[float]:
    """Return the width of each column: as the longest word in it needs, scaled to the page."""
    needed = []
    for kind in kinds:
        head = _longest_word(sentence_case(words_for(kind, DESIGNS)))
        labels = [_longest_word(row["label"]) for row in rows if row["design_class"] == kind]
        needed.append(max(head, BUBBLE_MM + max(labels)) + 2.0)
    room = WIDTH_MM - 2.0
    return [min(width * room / sum(needed), room / 3) for width in needed]


def _longest_word(text: str) -> float:
    """Return the width of the longest part of a text that is not broken between lines."""
    parts = plain(text).replace("-", "- ").replace("_", "_ ").split()
    return min(max((width_mm(part, size=SMALL_PT) for part in parts), default=0.0), LONGEST_MM)


def _cell(page: Page, rows: Sequence[Row], left: float, top: float, width: float) -> None:
    """Draw the studies of one claim and kind below each other."""
    ordered = sorted(rows, key=lambda row: list(NUMBERS).index(row["numbers"])
                     if row["numbers"] in NUMBERS else len(NUMBERS))  # fmt: skip
    middle = top
    for row in ordered:
        lines = _label_lines(row, width)
        tall = _entry_height(lines)
        _bubble(page, left + BUBBLE_MM / 2, middle + tall / 2, row["n"], str(row["numbers"]))
        first = middle + tall / 2 - (len(lines) - 1) * line_height(SMALL_PT) / 2
        page.write_lines(left + BUBBLE_MM + 0.2, first, lines, size=SMALL_PT)
        middle += tall


def _label_lines(row: Row, width: float) -> list[str]:
    """Return the lines of a study's label in a column of a width."""
    return wrap(row["label"], width - BUBBLE_MM - 0.8, size=SMALL_PT, lines=3)


def _entry_height(lines: Sequence[str]) -> float:
    """Return the millimetres that a study takes."""
    return max(ENTRY_MM, len(lines) * line_height(SMALL_PT) + 0.8)


def _bubble(page: Page, x: float, y: float, n: float, numbers: str) -> None:
    """Draw one study."""
    if numbers not in ("recomputable", "printed only"):
        cross = Line2D([x], [y], marker="x", color=GREY, markersize=4.5, markeredgewidth=1.2)
        page.sheet.add_line(cross)
        return
    people = min(n, LARGEST_N) if isfinite(n) else UNREAD_N
    radius = SMALLEST_MM + (LARGEST_MM - SMALLEST_MM) * sqrt(people / LARGEST_N)
    face = BLUE if numbers == "recomputable" else "white"
    if isfinite(n):
        page.sheet.add_patch(Circle((x, y), radius, facecolor=face, edgecolor=BLUE, linewidth=1.0))
        return
    ring = {"edgecolor": BLUE, "linewidth": 1.0, "linestyle": (0, (2, 1))}
    page.sheet.add_patch(Circle((x, y), radius, facecolor="white", **ring))
    page.sheet.add_patch(Circle((x, y), 0.55 * radius, facecolor=face, edgecolor="none"))


def _legend(page: Page, y: float) -> None:
    """Explain fill and size, in two lines from height `y`."""
    page.rule(y - 3.6, color=MID)
    x = 3.0
    for code, words in NUMBERS.items():
        _bubble(page, x, y, LEGEND_SIZES[1], code)
        text = sentence_case(words)
        page.write(x + 3.6, y, text, size=SMALL_PT, colour=GREY)
        x += width_mm(text, size=SMALL_PT) + 12.0
    page.write(1.0, y + 5.2, "Participants:", size=SMALL_PT, colour=GREY)
    x = 26.0
    for n in (*LEGEND_SIZES, float("nan")):
        text = count(n) if isfinite(n) else "number not read"
        _bubble(page, x, y + 5.2, n, "printed only")
        page.write(x + 3.6, y + 5.2, text, size=SMALL_PT, colour=GREY)
        x += width_mm(text, size=SMALL_PT) + 12.0
