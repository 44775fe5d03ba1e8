"""Means of a model by visit, and beside them the differences between arms on the same scale."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import labels, numbers
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 84.0
LIMITS = ("estimate", "conf_low", "conf_high")


@page.styled
def model_means(
    means: pd.DataFrame,
    differences: pd.DataFrame | None = None,
    *,
    words: Words,
    visits: Mapping[str, str],
    visit: str = "",
    observed: pd.DataFrame | None = None,
    threshold: tuple[float, str] | None = None,
    margins: tuple[float, ...] = (),
) -> Figure:
    """Return `draw`, and `draw_differences` beside it where there are any, on a page of a report.

    Both panels have the same points per pixel: the gap between two arms is the length of their
    difference.
    """
    there = _differences(differences, visits)
    if not there or not _shown(means, observed, visits):
        figure, (axes,) = panel.figure(HEIGHT_MM)
        draw(axes, means, words=words, visits=visits, observed=observed)
    else:
        figure, (axes, beside) = panel.figure(HEIGHT_MM, 2, width_ratios=(3, 2), wspace=0.16)
        draw_pair(axes, beside, means, differences, words=words, visits=visits, visit=visit,
                  observed=observed, threshold=threshold, margins=margins)  # fmt: skip
    panel.fit(figure)
    return figure


def draw_pair(
    axes: Axes,
    beside: Axes,
    upper: pd.DataFrame,
    lower: pd.DataFrame | None,
    *,
    words: Words,
    visits: Mapping[str, str],
    visit: str = "",
    observed: pd.DataFrame | None = None,
    threshold: tuple[float, str] | None = None,
    margins: tuple[float, ...] = (),
) -> None:
    """Draw means and differences on two axes that are equally high, on scales of one length."""
    drawn = [float(row[key]) for row in _shown(upper, observed, visits) for key in LIMITS]
    apart = [float(row[key]) for row in _differences(lower, visits) for key in LIMITS]
    apart += [0.0, *margins] if threshold is None else [0.0, *margins, threshold[0]]
    scales = axis.equal_scales(drawn, apart)
    draw(axes, upper, words=words, visits=visits, observed=observed, scale=scales[0])
    draw_differences(beside, lower, words=words, visits=visits, visit=visit,
                     threshold=threshold, margins=margins, scale=scales[1])  # fmt: skip


def draw(
    axes: Axes,
    frame: pd.DataFrame,
    *,
    words: Words,
    visits: Mapping[str, str],
    observed: pd.DataFrame | None = None,
    scale: axis.ValueScale | None = None,
) -> None:
    """Draw the model's means (`tables.MEANS`) by visit on axes, a line for each arm.

    `visits` is name to label, in order. Where the model has no mean, as at baseline, the mean that
    was `observed` (`tables.MEANS`) is drawn.
    """
    rows = _shown(frame, observed, visits)
    if not rows:
        panel.say(axes, f"{words.outcome}: the model gives no means")
        return
    limits = [float(row[key]) for row in rows for key in LIMITS]
    panel.value_axis(axes, scale or axis.value_scale(limits))
    seen = {str(row["visit"]): row["week"] for row in rows}
    at = panel.visit_axis(axes, {one: visits[one] for one in visits if one in seen}, seen)
    looks, ends = panel.looks(words.arms, axes), []
    dodge = 0.015 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    for place, (arm, label) in enumerate(words.arms.items()):
        own = {str(row["visit"]): row for row in rows if row["arm"] == arm}
        aside = (place - (len(words.arms) - 1) / 2) * dodge
        x = [at[one] + aside for one in at if one in own]
        y, low, high = ([float(own[one][key]) for one in at if one in own] for key in LIMITS)
        panel.span(axes, x, low, high, looks[arm].colour)
        panel.arm_line(axes, x, y, looks[arm])
        ends += [(label or arm, y[-1], looks[arm].words)] if y else []
    panel.label_above(axes, words.measure, words.better)
    panel.end_labels(axes, ends)
    panel.counts_below(axes, at, {
        arm: {str(row["visit"]): numbers.count(row["n"]) for row in rows if row["arm"] == arm}
        for arm in words.arms
    })  # fmt: skip


def draw_differences(
    axes: Axes,
    differences: pd.DataFrame | None,
    *,
    words: Words,
    visits: Mapping[str, str],
    visit: str = "",
    threshold: tuple[float, str] | None = None,
    margins: tuple[float, ...] = (),
    scale: axis.ValueScale | None = None,
) -> None:
    """Draw differences (visit, contrast, estimate and limits of `tables.RESULTS`) on axes.

    The one at the declared `visit` is in ink and bold, others are grey. Zero is solid; a
    `threshold`, a difference with its sign and its name, is dotted; `margins` are dashed.
    """
    rows = _differences(differences, visits)
    if not rows:
        panel.say(axes, f"{words.outcome}: no difference was estimated")
        return
    limits = [float(row[key]) for row in rows for key in LIMITS]
    limits += [0.0, *margins] if threshold is None else [0.0, *margins, threshold[0]]
    panel.value_axis(axes, scale or axis.value_scale(limits))
    at = {one: float(k) for k, one in enumerate(_visits(rows, visits))}
    axes.set_xlim(-0.4, len(at) - 0.2)
    axes.set_xticks(list(at.values()), labels=panel.tick_words(
        [visits[one] or one for one in at], 0.5 * panel.width_in_points(axes) / len(at)
    ))  # fmt: skip
    axes.tick_params(axis="x", length=0)
    panel.level(axes, 0.0)
    if threshold is not None:
        panel.level(axes, threshold[0], linestyle=panel.DOTTED)
    for margin in margins:
        panel.level(axes, margin, linestyle="--", color=panel.second_ink(axes))
    ends = _difference_marks(axes, rows, at, visit, words.arms)
    said = [("no difference", 0.0), *(("margin", one) for one in margins)]
    said += [] if threshold is None else [threshold[::-1]]
    ends += [(*one, panel.second_ink(axes)) for one in said]
    name = labels.contrast_label(str(rows[0]["contrast"]), words.arms)
    head = name if len({row["contrast"] for row in rows}) == 1 else "Difference"
    panel.label_above(axes, f"{head}{f', {words.unit}' if words.unit else ''}")
    panel.end_labels(axes, ends, bold=False)
    if visit in at:
        axes.get_xticklabels()[list(at).index(visit)].set_fontweight("bold")
        _write_numbers(axes, rows, at, visit)


def caption(*, words: Words, level: float, visit: str = "", observed: str = "",
            differences: bool = True, margin: str = "") -> str:  # fmt: skip
    """Return what the figure shows, and how it is read.

    `visit` is the label of the declared visit; `observed` that of a visit whose means are as
    observed.
    """
    parts = [f"{words.outcome}: means of the model by visit with {numbers.interval_name(level)}s."]
    if observed:
        parts.append(f"{observed}: means as observed.")
    if differences:
        parts.append("Right: the difference between the arms; both panels have the same scale.")
        parts += [f"Bold: {visit}, the visit that was declared."] if visit else []
        parts += [f"Dashed: the margin, {margin}."] if margin else []
    return " ".join([*parts, "n: participants with a value."])


def alt_text(
    means: pd.DataFrame,
    differences: pd.DataFrame | None = None,
    *,
    words: Words,
    visits: Mapping[str, str],
) -> str:
    """Return what the figure shows, with the means and differences, for who cannot see it."""
    arms = words.arms
    rows = [
        row for row in numbers.frame_rows(means[means["kind"] == "model"]) if row["arm"] in arms
    ]
    digits = numbers.means_digits(rows)
    parts = [
        f"{arms[row['arm']]}, {visits.get(row['visit'], row['visit'])}: "
        f"{numbers.number(row['estimate'], digits)} "
        f"({numbers.interval_text(row['conf_low'], row['conf_high'], digits)})"
        for row in rows
    ]
    for row in [] if differences is None else numbers.frame_rows(differences):
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"], row["estimate"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        name = labels.contrast_label(row["contrast"], arms)
        when = visits.get(row["visit"], row["visit"])
        parts.append(f"{name}, {when}: {numbers.number(row['estimate'], digits)} ({interval})")
    way = f"; {words.way}" if words.way else ""
    return f"Means of the model by visit, {words.measure}{way}. {'; '.join(parts)}."


def _shown(
    means: pd.DataFrame, observed: pd.DataFrame | None, visits: Mapping[str, str]
) -> list[numbers.Row]:
    """Return the means of the model, and the observed ones of visits at which it has none."""
    model = means[(means["kind"] == "model") & means["estimate"].notna()]
    model = model[model["visit"].astype(str).isin(list(visits))]
    if observed is None or model.empty:
        return numbers.frame_rows(model)
    other = ~observed["visit"].astype(str).isin(set(model["visit"].astype(str)))
    known = (observed["kind"] == "observed") & observed["estimate"].notna()
    return [*numbers.frame_rows(observed[other & known]), *numbers.frame_rows(model)]


def _differences(differences: pd.DataFrame | None, visits: Mapping[str, str]) -> list[numbers.Row]:
    """Return the differences that are known."""
    rows = [] if differences is None else numbers.frame_rows(differences)
    return [row for row in rows if row["visit"] in visits and isfinite(row["estimate"])]


def _visits(rows: list[numbers.Row], visits: Mapping[str, str]) -> list[str]:
    """Return the visits of rows, in order."""
    return [one for one in visits if any(row["visit"] == one for row in rows)]


def _difference_marks(
    axes: Axes,
    rows: list[numbers.Row],
    at: Mapping[str, float],
    visit: str,
    arms: Mapping[str, str],
) -> list[tuple[str, float, str]]:
    """Draw differences with their intervals; return the labels of several comparisons.

    One comparison is drawn in ink, since it belongs to neither arm; several by their first arm.
    """
    looks, ends = panel.looks(arms, axes), []
    names = list(dict.fromkeys(str(row["contrast"]) for row in rows))
    for place, name in enumerate(names):
        own = [row for row in rows if row["contrast"] == name]
        look = looks.get(name.partition(" - ")[0])
        for row in own:
            main = visit in ("", row["visit"])
            ink = panel.ink() if main else panel.second_ink(axes)
            colour = ink if len(names) == 1 or look is None else look.colour
            x = at[str(row["visit"])] + 0.14 * place
            panel.span(axes, [x], [row["conf_low"]], [row["conf_high"]], colour,
                       width=2.2 if main else 1.4)  # fmt: skip
            marker = "o" if len(names) == 1 or look is None else look.marker
            axes.plot([x], [row["estimate"]], marker=marker, color=colour, zorder=5)
        if len(names) > 1 and look is not None:
            label = labels.contrast_label(name, arms)
            ends.append((label, float(own[-1]["estimate"]), look.words))
    return ends


def _write_numbers(
    axes: Axes, rows: list[numbers.Row], at: Mapping[str, float], visit: str
) -> None:
    """Write the one comparison beside its marks where there is room, else at the visit only."""
    if len(rows) > len(at):
        return
    said = {}
    for row in rows:
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        said[str(row["visit"])] = f"{numbers.number(row['estimate'], digits)}\n{interval}"
    slot = panel.width_in_points(axes) / np.ptp(axes.get_xlim())
    widest = max(panel.text_width(text, panel.points("font.size")) for text in said.values())
    if widest + 12.0 > 0.9 * slot:
        axes.set_xlabel(said.get(visit, "").replace("\n", " (") + ")", fontweight="bold")
        return
    for row in rows:
        main = row["visit"] == visit
        axes.annotate(said[str(row["visit"])], (at[str(row["visit"])], row["estimate"]), (6, 0),
                      textcoords="offset points", va="center", zorder=6,
                      fontweight="bold" if main else "normal", path_effects=panel.halo(axes),
                      color=panel.ink() if main else panel.second_ink(axes))  # fmt: skip
