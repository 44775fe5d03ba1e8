"""One estimate a row: subgroups, or the same question asked in other ways."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import estimate_rows, page, panel
from backwalk_stats.figures.axis import Interval
from backwalk_stats.figures.estimate_rows import Line
from backwalk_stats.tables import labels, numbers, trial_labels
from backwalk_stats.trial.outcome import Words, in_words

Contrast = tuple[str, str]
READ = (
    "Diamond: the main result; other marks: {rows}; lines: {interval}. An arrow: the interval goes "
    "on beyond the axis."
)


@page.styled
def effect_forest(
    forest: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    **shown: Any,  # noqa: ANN401
) -> Figure:
    """Return `draw` on a page of a report."""
    wide = page.page_width() / page.MM_PER_INCH
    high = height_inches(forest, wide, words=words, contrast=contrast)
    figure, (axes,) = panel.figure(high * page.MM_PER_INCH)
    draw(axes, forest, words=words, contrast=contrast, **shown)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    forest: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    mcid: float | None = None,
    level: float = 0.95,
    shows: str = "",
    margins: tuple[float, ...] = (),
) -> None:
    """Draw estimates of one difference, arm minus reference of the contrast, a row each.

    The rows (`tables.FOREST`) stand in their order under the heading `group`; those of group "" are
    the main result, bold, and never cut. A label can be the code of an analysis, alone or before a
    colon; it is shown in words. Differences smaller than `mcid`, which is positive, are shaded.
    `shows` stands under the axis in place of the outcome; `margins` are dashed lines.
    """
    rows = numbers.frame_rows(forest)
    if not any(isfinite(row["estimate"]) for row in rows):
        panel.say(axes, f"{words.outcome}: nothing could be estimated")
        return
    estimate_rows.draw(
        axes,
        _lines(rows),
        label=shows or f"{_about(words, contrast)} ({numbers.interval_name(level)})",
        sides=_sides(words, contrast),
        heads=_heads(rows),
        band=mcid,
        dashed=margins,
    )


def height_inches(forest: pd.DataFrame, width: float, *, words: Words, contrast: Contrast) -> float:
    """Return how high a figure must be, so many inches wide, under the theme as it is."""
    rows = numbers.frame_rows(forest)
    sides = _sides(words, contrast)
    label = f"{_about(words, contrast)} (95% interval)"
    return estimate_rows.height_inches(
        _lines(rows), width=width, label=label, sides=sides, heads=_heads(rows)
    )


def _about(words: Words, contrast: Contrast) -> str:
    """Return which difference the horizontal axis shows."""
    if not words.better:
        return f"{words.measure}: {' − '.join(words.pair(contrast))}"
    return f"Difference in {trial_labels.in_sentence(words.measure)}"


def caption(what: str, *, level: float, mcid: float | None = None, unit: str = "", margin: str = "",
            rows: str = "other analyses", counts: bool = False) -> str:  # fmt: skip
    """Return what the figure shows, and how it is read.

    `rows` says what the rows below the main one are; `counts` whether numbers stand beside them.
    """
    said = f"{what} {READ.format(rows=rows, interval=numbers.interval_name(level))}"
    said += " n: participants in arm and reference." if counts else ""
    said += f" Dashed: the margin, {margin}." if margin else ""
    if mcid is not None:
        size = numbers.number(mcid, 0 if float(mcid).is_integer() else numbers.decimals_for(mcid))
        unit = f" ({unit})" if unit else ""
        said += f" Shaded: differences within ±{size}{unit}, too small to matter."
    return said


def alt_text(forest: pd.DataFrame, *, words: Words, contrast: Contrast) -> str:
    """Return what the forest plot shows, row by row, for who cannot see it."""
    rows = [row for row in numbers.frame_rows(forest) if isfinite(row["estimate"])]
    digits = _digits(rows)
    said = [
        f"{', '.join(part for part in (_heading(row), _label(row)) if part)}: "
        f"{estimate_rows.effect_words(_interval(row), digits)}"
        for row in rows
    ]
    arm, reference = (words.arms[name] for name in contrast)
    return (
        f"Forest plot, {words.measure}{words.aside}, {arm} minus {reference}. "
        f"{'; '.join(said) or 'Nothing could be estimated'}."
    )


def _lines(rows: Sequence[numbers.Row]) -> list[Line]:
    """Return the lines in order: a heading before the first row of each group."""
    lines: list[Line] = []
    digits, counted = _digits(rows), _counted(rows)
    group = ""
    for row in rows:
        heading = _heading(row).strip()
        if row["group"] != group and row["group"] and heading:
            lines.append(Line(label=heading, kind="heading"))
        group = row["group"]
        found = _interval(row)
        n = f"{numbers.count(row['n'])} / {numbers.count(row['n_reference'])}" if counted else ""
        lines.append(
            Line(
                label=_label(row),
                kind="row" if group else "main",
                interval=found,
                text=estimate_rows.effect_words(found, digits),
                before=(n,) if counted else (),
            )
        )
    return lines


def _interval(row: numbers.Row) -> Interval:
    """Return estimate and limits of a row; a row of group "" is the main one."""
    ends: Any = {"low": float(row["conf_low"]), "high": float(row["conf_high"])}
    return Interval(estimate=float(row["estimate"]), main=not row["group"], **ends)


def _counted(rows: Sequence[numbers.Row]) -> bool:
    """Tell whether the number of participants is known of a row."""
    return any(isfinite(float(row.get("n", float("nan")))) for row in rows)


def _heads(rows: Sequence[numbers.Row]) -> estimate_rows.Heads | None:
    """Return the head of the numbers of participants, where they are known."""
    return estimate_rows.Heads(before=("n",)) if _counted(rows) else None


def _heading(row: numbers.Row) -> str:
    """Return the heading of a group in words."""
    group = str(row["group"])
    groups = {
        "sensitivity": "Sensitivity analyses",
        "supplementary": "Supplementary analyses (another estimand)",
    }
    if group in groups:
        return groups[group]
    return in_words(group) if group.isidentifier() else labels.sentence_case(group)


def _label(row: numbers.Row) -> str:
    """Return what a row is in words."""
    code, colon, note = str(row["label"]).partition(": ")
    return f"{trial_labels.ANALYSES.get(code, code)}{colon}{note}"


def _digits(rows: Sequence[numbers.Row]) -> int | None:
    """Return the decimals for all rows: those that suit the main result, which comes first."""
    known = [_interval(row) for row in rows if isfinite(row["estimate"])]
    return estimate_rows.effect_digits(known[0]) if known else 2


def _sides(words: Words, contrast: Contrast) -> estimate_rows.Sides:
    """Return which arm is better on which side of zero."""
    arm, reference = (trial_labels.arm_words(label) for label in words.pair(contrast))
    return estimate_rows.better_sides(words.better, (arm, reference))
