"""How tables and pictures are laid on a page: no word torn, no column squeezed, none overlaid."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.figures import page, panel
from backwalk_stats.report.document.document import (
    Document,
    Section,
    TableBlock,
)
from backwalk_stats.report.writers.html_pdf import to_pdf
from backwalk_stats.tables.display import DisplayTable, display_columns

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed"
)
LONG = "Rückwärtsgehen auf dem Laufband mit Übungsprogramm"


def table(first: str, heads: tuple[str, ...], cell: str, rows: int = 3) -> DisplayTable:
    """Return a table of one column of words and many of numbers."""
    return DisplayTable(
        columns=display_columns(
            ("first", "Arm", "left", 1.4),
            *((f"c{place}", head, "right", 2.0) for place, head in enumerate(heads)),
        ),
        rows=tuple((first, *[cell] * len(heads)) for _ in range(rows)),
        caption="Many columns.",
    )


def lines_of(shown: DisplayTable, folder: Path) -> list[str]:
    """Return the lines of a PDF that holds one table, as they are laid out."""
    block = TableBlock(id="t", table=shown)
    made = Document(
        title="T", subtitle="S", sections=(Section(id="s", title="Section", blocks=(block,)),)
    )
    file = folder / "table.pdf"
    file.write_bytes(to_pdf(made))
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\u200b", "").splitlines()


@needs_pdftotext
def test_no_word_of_a_name_is_torn_beside_many_numbers(tmp_path: Path) -> None:
    intervals = [
        f"{name} (95% interval)" for name in ("Mean change", "dav", "dz", "Hodges–Lehmann")
    ]
    heads = ("n", *intervals, "p, Wilcoxon")
    lines = lines_of(table("Backward walking", heads, "−1.05 (−1.69 to −0.50)"), tmp_path)
    assert not any(line.rstrip().endswith("-") for line in lines)
    assert sum("Backward" in line for line in lines) == 3
    assert sum(line.count("(−1.69 to −0.50)") for line in lines) == 3 * len(heads)


@needs_pdftotext
def test_long_names_of_arms_leave_room_to_the_outcome(tmp_path: Path) -> None:
    shown = table("Schmerzintensität beim Treppensteigen", (LONG, LONG), "51.0 (45.6 to 56.4)")
    lines = lines_of(shown, tmp_path)
    assert sum("Schmerzintensität" in line for line in lines) == 3
    assert sum("Treppensteigen" in line for line in lines) == 3


@needs_pdftotext
def test_more_columns_than_fit_are_set_smaller_and_beside_each_other(tmp_path: Path) -> None:
    heads = tuple(f"SD week {week}" for week in range(2, 28, 2))
    lines = lines_of(table("Mixed model (MMRM)", heads, "12.34"), tmp_path)
    assert sum(line.split().count("12.34") for line in lines) == 3 * len(heads)


def test_panels_below_each_other_never_share_a_line_of_words() -> None:
    with page.narrow_page(), page.house_style():
        drawn, axes = panel.figure(60.0, 2)
        for one in axes:
            panel.label_above(one, " ".join([LONG] * 3))
            one.set_xticks([0.0, 1.0], labels=["Week\n2\nor later", "Week\n52\nor later"])
            one.set_xlabel("visits evenly spaced, not to scale")
        panel.fit(drawn)
        heights = [one.get_position().height * drawn.bbox.height for one in axes]
        boxes = [box for one in axes if (box := one.get_tightbbox()) is not None]
    assert len(boxes) == len(axes)
    for upper, lower in pairwise(boxes):
        assert upper.y0 >= lower.y1
    assert np.allclose(heights, heights[0]) and heights[0] > 0.1 * drawn.bbox.height


def test_the_way_that_is_better_is_drawn_and_not_a_question_mark() -> None:
    with page.house_style():
        _, (axes,) = panel.figure(60.0)
        panel.label_above(axes, "Pain", "lower")
        assert "↓\u00a0better" in axes.get_ylabel()
        assert "?" not in axes.get_ylabel()
    assert page.plain("1\u202f000\u2009000\u3000m") == "1\u00a0000 000 m"
    assert page.wrap("to be ↓\u00a0better", page.width_mm("↓\u00a0better") + 1) == [
        "to be",
        "↓\u00a0better",
    ]
