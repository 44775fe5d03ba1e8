"""A forest plot: what each trial found, how much it weighs, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, isinf, isnan
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, estimate_rows, page, panel
from backwalk_stats.figures.axis import Interval
from backwalk_stats.figures.estimate_rows import Heads, Line, Sides
from backwalk_stats.tables import labels, numbers

MARKS = "†‡§¶"
FAVOURS = Sides(left="← favours backward", right="favours control →")
LABEL = "Hedges g (95% interval)"
READ = (
    "Squares: the trials, larger where they weigh more; diamonds: pooled; dotted: where a further "
    "trial may lie; arms: mean (SD), people. An arrow: the interval goes on beyond the axis."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Everything a forest plot shows.

    Attributes
    ----------
    outcome, pool : str
        What was pooled, and the pool whose interval is never cut.
    trials, pools : list of rows
        In drawing order.
    doubts : dict of str to str
        The mark of each reason for doubt.
    notes : tuple of str
        Why trials are in doubt, and which trials other pools add or leave out.
    """

    outcome: str
    pool: str
    trials: list[numbers.Row]
    pools: list[numbers.Row]
    doubts: dict[str, str]
    notes: tuple[str, ...]


@page.styled
def forest(weights: pd.DataFrame, pooled: pd.DataFrame, **asked: Any) -> Figure:  # noqa: ANN401
    """Return `draw` of a `scene` on a page of a report."""
    chosen = scene(weights, pooled, **asked)
    if not chosen.trials:
        return page.empty_page(f"{chosen.outcome}: no trial could be pooled")
    high = height_inches(chosen, page.page_width() / page.MM_PER_INCH)
    figure, (axes,) = panel.figure(high * page.MM_PER_INCH)
    draw(axes, chosen)
    panel.fit(figure)
    return figure


def scene(
    weights: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    outcome: str,
    pool: str,
    method: str = "reml",
    ci: str = "hksj",
    also: Sequence[str] = (),
    effects: pd.DataFrame | None = None,
) -> Scene:
    """Return what is drawn of one pool: its trials, and pooled effects under them.

    Of `weights` (`tables.WEIGHTS`) the rows of this outcome, pool and method are drawn; of `pooled`
    (`tables.POOLED`) those of this outcome, method and interval become diamonds, hollow for the
    pools of `also`. `effects` (`tables.EFFECTS`) tell means, SDs and numbers of participants.
    `method` is "common", "dl", "pm" or "reml", `ci` "z" or "hksj".
    """
    here = weights[(weights["outcome"] == outcome) & (weights["method"] == method)]
    trials: list[numbers.Row] = numbers.frame_rows(here[here["pool"] == pool])
    arms: dict[str, numbers.Row] = {}
    if effects is not None:
        chosen = effects[effects["outcome"] == outcome]
        arms = {str(row["study_id"]): row for row in numbers.frame_rows(chosen)}
    for row in trials:
        row["arms"] = arms.get(str(row["study_id"]), {})
    whole = numbers.frame_rows(
        pooled[
            (pooled["outcome"] == outcome)
            & (pooled["method"] == method)
            & (pooled["ci"] == ci)
            & (pooled["left_out"] == "")
        ]
    )
    doubts = _doubts(trials)
    return Scene(
        outcome=outcome,
        pool=pool,
        trials=trials,
        pools=[row for name in (pool, *also) for row in whole if row["pool"] == name],
        doubts=doubts,
        notes=(
            *(f"{mark} In doubt: {reason}." for reason, mark in doubts.items()),
            *_pools_in_words(here, (pool, *also)),
        ),
    )


def draw(axes: Axes, shown: Scene) -> None:
    """Draw the trials of one pool and the pooled effects under them; below zero favours backward.

    The interval of the pool is never cut.
    """
    if not shown.trials:
        panel.say(axes, f"{shown.outcome}: no trial could be pooled")
        return
    estimate_rows.draw(axes, _lines(shown), label=LABEL, sides=FAVOURS, heads=_heads(shown))


def height_inches(shown: Scene, width: float) -> float:
    """Return how high a figure must be, so many inches wide, under the theme as it is."""
    return estimate_rows.height_inches(
        _lines(shown), width=width, label=LABEL, sides=FAVOURS, heads=_heads(shown)
    )


def draw_frame(
    axes: Axes,
    found: pd.DataFrame,
    pooled: pd.DataFrame | None = None,
    *,
    label: str,
    shows: str,
    sides: Sides | None = None,
    zero: float = 0.0,
) -> None:
    """Draw rows with estimate, conf_low and conf_high, and below them pooled effects.

    `label` is the column with the names of the rows; a column `weight` gives the area of their
    marks. `pooled` (`tables.META`) are diamonds, named by their column `label` where they have one.
    `shows` is what the horizontal axis shows.
    """
    lines = frame_lines(found, pooled, label=label)
    if not any(isfinite(line.interval.estimate) for line in lines):
        panel.say(axes, "Nothing could be estimated")
        return
    estimate_rows.draw(axes, lines, label=shows, sides=sides, zero=zero)


def frame_height(
    found: pd.DataFrame,
    pooled: pd.DataFrame | None,
    width: float,
    *,
    label: str,
    shows: str,
    sides: Sides | None,
) -> float:
    """Return how high a figure of `draw_frame` must be, so many inches wide."""
    lines = frame_lines(found, pooled, label=label)
    return estimate_rows.height_inches(lines, width=width, label=shows, sides=sides)


def frame_lines(found: pd.DataFrame, pooled: pd.DataFrame | None, *, label: str) -> list[Line]:
    """Return the lines of rows with estimates, and of pooled effects below them."""
    rows = numbers.frame_rows(found)
    pools = [] if pooled is None else numbers.frame_rows(pooled)
    first = axis.intervals(pools[:1] or rows)
    digits = estimate_rows.effect_digits(first[0]) if first else 2
    most = max((float(row.get("weight", 1.0)) for row in rows), default=1.0)
    lines = []
    for row, interval in zip(rows, axis.intervals(rows), strict=True):
        text = estimate_rows.effect_words(interval, digits)
        size = _share(row.get("weight", 1.0), most)
        lines.append(Line(label=str(row[label]), interval=interval, text=text, size=size))
    for place, row in enumerate(pools):
        name = str(row.get("label") or f"All {numbers.count(row['k'])}")
        lines += _pool_lines(row, name, digits, main=place == 0)
    return lines


def caption(what: str, notes: Iterable[str] = ()) -> str:
    """Return what the figure shows, how it is read, and what its marks mean."""
    return " ".join([what, READ, *notes])


def alt_text(weights: pd.DataFrame, pooled: pd.DataFrame, **asked: Any) -> str:  # noqa: ANN401
    """Return what the forest plot shows, with its main number, for a reader who cannot see it."""
    shown = scene(weights, pooled, **asked)
    if not shown.trials:
        return f"Forest plot, {shown.outcome}: no trial could be pooled."
    doubted = sum(bool(row["doubt"]) for row in shown.trials)
    parts = [
        f"Forest plot, {shown.outcome}, {len(shown.trials)} trials ({shown.pool}): Hedges g, "
        "below zero favours backward walking."
    ]
    parts += [f"Rows marked as in doubt: {doubted}."] if doubted else []
    for row in shown.pools:
        effect, p = numbers.effect_text(row), numbers.p_text(row["p_value"])
        trials = numbers.count(row["k"])
        parts.append(f"Pooled effect with 95% interval: {effect}, {p}, {trials} trials.")
    return " ".join(parts)


def _doubts(trials: Sequence[numbers.Row]) -> dict[str, str]:
    """Return the mark of each reason for doubt."""
    reasons = dict.fromkeys(str(row["doubt"]) for row in trials if row["doubt"])
    return {
        reason: MARKS[place % len(MARKS)] * (place // len(MARKS) + 1)
        for place, reason in enumerate(reasons)
    }


def _pools_in_words(weights: pd.DataFrame, pools: Sequence[str]) -> list[str]:
    """Return which trials each other pool adds to the first one, or leaves out."""
    held = {name: list(weights.loc[weights["pool"] == name, "label"].astype(str)) for name in pools}
    said = []
    for name in pools[1:]:
        added = [label for label in held[name] if label not in held[pools[0]]]
        dropped = [label for label in held[pools[0]] if label not in held[name]]
        parts = [f"adds {', '.join(added)}"] if added else []
        parts += [f"leaves out {', '.join(dropped)}"] if dropped else []
        if held[name] and parts:
            said.append(f"{labels.sentence_case(name)}: {'; '.join(parts)}.")
    return said


def _lines(shown: Scene) -> list[Line]:
    """Return the lines of the trials, then of the pooled effects with what belongs to each."""
    most = max((float(row["weight"]) for row in shown.trials), default=1.0)
    has_arms = _has_arms(shown)
    lines = []
    for row, interval in zip(shown.trials, axis.intervals(shown.trials), strict=True):
        mark = shown.doubts.get(str(row["doubt"]), "")
        lines.append(
            Line(
                label=f"{row['label']}{mark}",
                interval=interval,
                text=estimate_rows.effect_words(interval),
                before=_arms(row["arms"]) if has_arms else (),
                after=numbers.percent(row["weight"]),
                size=_share(row["weight"], most),
                hollow=bool(row["doubt"]),
            )
        )
    for row in shown.pools:
        name = f"{labels.sentence_case(row['pool'])}, {numbers.count(row['k'])} trials"
        lines += _pool_lines(row, name, 2, main=row["pool"] == shown.pool)
    return lines


def _share(weight: object, most: float) -> float:
    """Return the area of a mark against the largest, never too small to be seen."""
    known = isinstance(weight, int | float) and isfinite(weight) and most > 0
    return min(max(float(weight) / most, 0.08), 0.999) if known else 0.3  # type: ignore[arg-type]


def _pool_lines(row: numbers.Row, name: str, digits: int | None, *, main: bool) -> list[Line]:
    """Return the lines of a pooled effect: its diamond, what it rests on, and the prediction."""
    (interval,) = axis.intervals([row], main=main)
    text = estimate_rows.effect_words(interval, digits)
    lines = [Line(label=name, kind="pool", interval=interval, text=text, hollow=not main)]
    lines += [Line(label=note, kind="note") for note in _pool_notes(row)]
    if not isnan(row["pi_low"]):
        further = Interval(
            estimate=interval.estimate, low=row["pi_low"], high=row["pi_high"], usual=False
        )
        ends = estimate_rows.effect_words(further, digits).partition("(")[2].rstrip(")")
        lines.append(Line(label="A further trial", kind="range", interval=further, text=ends))
    return lines


def _has_arms(shown: Scene) -> bool:
    """Tell whether means of the arms are known of a trial."""
    return any(row["arms"] for row in shown.trials)


def _heads(shown: Scene) -> Heads:
    """Return the heads of the columns."""
    arms = ("Backward", "Control") if _has_arms(shown) else ()
    return Heads(label="Trial", before=arms, text="Hedges g", after="Weight")


def _arms(arms: numbers.Row) -> tuple[str, str]:
    """Return mean, SD and number of participants of both arms."""
    said = []
    for name in ("backward", "control"):
        mean, n = str(arms.get(name, "")), arms.get(f"n_{name}")
        whole = mean if not mean or n is None or isnan(n) else f"{mean}, {numbers.count(n)}"
        said.append(page.shorten(numbers.shortened(whole), 27.0, small=True))
    return said[0], said[1]


def _pool_notes(row: numbers.Row) -> list[str]:
    """Return the lines under a pooled effect: how it was got, its test, how trials differ."""
    how = labels.words_for(row["method"], labels.METHODS)
    interval = labels.words_for(row["ci"], labels.INTERVALS)
    value = numbers.number(row["statistic"])
    test = (
        f"z = {value}"
        if isinf(row["df"]) or isnan(row["df"])
        else (f"t({numbers.count(row['df'])}) = {value}")
    )
    lines = [f"{how}, {interval} interval; {test}, {numbers.p_text(row['p_value'])}"]
    parts = []
    if not isnan(row["tau2"]) and row["method"] != "common":
        around = numbers.interval_text(row["tau2_low"], row["tau2_high"])
        known = not isnan(row["tau2_low"])
        parts.append(
            f"τ² {numbers.significant(row['tau2'], 2)}" + (f" ({around})" if known else "")
        )
    if not isnan(row["q"]):
        parts.append(f"I² {numbers.percent(row['i2'], 0)}")
        q, df = numbers.number(row["q"], 1), numbers.count(row["q_df"])
        parts.append(f"Q({df}) = {q}, {numbers.p_text(row['q_p'])}")
    return [*lines, *(["; ".join(parts)] if parts else [])]
