"""Forest plots: one question asked in several ways, of several groups, or by several trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.analyses.whole_trial import with_everyone
from backwalk_stats.figures import effect_forest
from backwalk_stats.figures import forest as trials
from backwalk_stats.figures import funnel as scatter
from backwalk_stats.figures.estimate_rows import better_sides
from backwalk_stats.models.columns.trial_columns import frame_of
from backwalk_stats.plot.sources import LIMITS, asked_for, plain
from backwalk_stats.plot.theme import axes_for, picture, wide_figure
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Better, Words
from backwalk_stats.trial.tables import FOREST, META

NEEDED = ("estimate", *LIMITS)
Pair = tuple[str, str]


@picture(Analysis, pd.DataFrame)
def sensitivity(
    source: Analysis | pd.DataFrame,
    estimand: str | None = None,
    *,
    ax: Axes | None = None,
    band: float | None = None,
    label: str = "label",
    arms: Pair | None = None,
    better: Better = "",
    shows: str = "Difference",
    style: str | None = None,
) -> Axes:
    """Draw the main analysis beside the others that give the same difference.

    The main result is bold and its interval never cut; an interval more than five times as wide as
    the median one may be, and has an arrow where it goes on.

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame has `estimate`, `conf_low`, `conf_high` and the column that `label` names; rows
        whose column `group` is "", or else the first row, are the main result.
    estimand : str, optional
        Its id, such as "E1"; may be left out where only one has been checked in other ways.
    ax : Axes, optional
        Where to draw; else a new figure, as high as it has to be.
    band : float, optional
        Differences smaller than this are shaded.
    label : str
        Of a frame: the column with the names of the rows.
    arms : tuple of str, optional
        Of a frame: arm and reference, in words, to say which is better on which side.
    better : {"lower", "higher", ""}
        Of a frame: which values are better; "" where that is not known.
    shows : str
        Of a frame: what the horizontal axis shows.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such estimand, it was not checked in other ways, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("Mixed model", 0.01, -0.51, 0.53), ("ANCOVA", -0.04, -0.58, 0.50)]
    >>> frame = pd.DataFrame(rows, columns=["label", "estimate", "conf_low", "conf_high"])
    >>> ax = sensitivity(frame)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Mixed model', 'ANCOVA']
    """
    told = {"arms": arms, "better": better, "shows": shows}
    if isinstance(source, pd.DataFrame):
        return _of_frame(source, ax, label, band, told, what="sensitivity")
    found = {
        one.id: (one, _checked(source, one)) for one in source.trial.estimands if one.sensitivity
    }
    return _of_trial(source, found, estimand, ax, band)


@picture(Analysis, pd.DataFrame)
def subgroups(
    source: Analysis | pd.DataFrame,
    estimand: str | None = None,
    *,
    ax: Axes | None = None,
    band: float | None = None,
    label: str = "label",
    arms: Pair | None = None,
    better: Better = "",
    shows: str = "Difference",
    style: str | None = None,
) -> Axes:
    """Draw the difference within subgroups, everyone on top; no p-value, no test within a group.

    Whether a difference differs between groups is a matter of the interaction, which the results
    hold.

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame has `estimate`, `conf_low`, `conf_high`, `group` ("" for everyone, on top), and the
        column that `label` names.
    estimand : str, optional
        Its id, such as "E1"; may be left out where only one asked for subgroups.
    ax : Axes, optional
        Where to draw; else a new figure, as high as it has to be.
    band : float, optional
        Differences smaller than this are shaded.
    label : str
        Of a frame: the column with the names of the rows.
    arms : tuple of str, optional
        Of a frame: arm and reference, in words, to say which is better on which side.
    better : {"lower", "higher", ""}
        Of a frame: which values are better; "" where that is not known.
    shows : str
        Of a frame: what the horizontal axis shows.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such estimand, it asked for no subgroups, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("", "Everyone", -1.1, -2.0, -0.2), ("sex", "Women", -1.0, -2.4, 0.5)]
    >>> columns = ["group", "label", "estimate", "conf_low", "conf_high"]
    >>> ax = subgroups(pd.DataFrame(rows, columns=columns))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Everyone', 'Sex', 'Women']
    """
    told = {"arms": arms, "better": better, "shows": shows}
    if isinstance(source, pd.DataFrame):
        return _of_frame(source, ax, label, band, told, what="subgroups")
    found = {
        one.id: (one, with_everyone(source.analysis, one))
        for one in source.trial.estimands
        if one.subgroups
    }
    return _of_trial(source, found, estimand, ax, band)


@picture(Ledger, pd.DataFrame)
def forest(
    source: Ledger | pd.DataFrame,
    outcome: str | None = None,
    *,
    pooled: pd.DataFrame | None = None,
    pool: str | None = None,
    also: Sequence[str] = (),
    means: bool = False,
    ax: Axes | None = None,
    label: str = "label",
    arms: Pair | None = None,
    better: Better = "",
    shows: str = "Estimate (95% interval)",
    zero: float = 0.0,
    style: str | None = None,
) -> Axes:
    """Draw what each trial found, and below it what they say together.

    The first diamond is never cut; an interval more than five times as wide as the median one may
    be, and has an arrow where it goes on.

    Parameters
    ----------
    source : Ledger or DataFrame
        A frame has `estimate`, `conf_low`, `conf_high` and the column that `label` names; `weight`,
        where it has one, is the area of the marks. Or what `bw.meta_analysis` returns, alone.
    outcome : str, optional
        Of a ledger: which outcome; may be left out where one was pooled.
    pooled : DataFrame, optional
        Of a frame: what `bw.meta_analysis` returns, a row for each diamond; a column `label` names
        them.
    pool : str, optional
        Of a ledger: which choice of trials; else the main one.
    also : sequence of str
        Of a ledger: other choices of trials, whose diamonds stand below, hollow.
    means : bool
        Of a ledger: True writes mean, SD and people of both arms.
    ax : Axes, optional
        Where to draw; else a new figure, as high as it has to be.
    label : str
        Of a frame: the column with the names of the rows.
    arms : tuple of str, optional
        Of a frame: arm and reference, in words, to say which is better on which side.
    better : {"lower", "higher", ""}
        Of a frame: which values are better; "" where that is not known.
    shows : str
        Of a frame: what the horizontal axis shows.
    zero : float
        Of a frame: no effect, such as 1 for ratios.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If nothing of that outcome or pool was pooled, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("Chen 2021", -0.89, -1.62, -0.16), ("Joshi 2019", -2.23, -3.01, -1.44)]
    >>> frame = pd.DataFrame(rows, columns=["label", "estimate", "conf_low", "conf_high"])
    >>> ax = forest(frame)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Chen 2021', 'Joshi 2019']
    """
    width = wide_figure()
    if isinstance(source, Ledger):
        held = source.reproduction
        name, told = _pooled_of(held.pooled, outcome, pool)
        told |= {"also": also, "effects": held.effects if means else None}
        scene = trials.scene(held.weights, held.pooled, outcome=name, **told)
        with axes_for(ax, width, trials.height_inches(scene, width)) as axes:
            trials.draw(axes, scene)
        return axes
    whole: pd.DataFrame | None
    if {"k", "tau2"} <= set(source.columns):
        found, whole = pd.DataFrame(columns=["label", *NEEDED]), _pools(source)
    else:
        names = {"label": label, **{one: one for one in NEEDED}}
        names |= {"weight": "weight"} if "weight" in source.columns else {}
        found = plain(source, names, "forest", unbounded=True)
        whole = None if pooled is None else _pools(frame_of(pooled))
    told = {"label": "label", "shows": shows, "sides": better_sides(better, arms) if arms else None}
    height = trials.frame_height(found, whole, width, **told)
    with axes_for(ax, width, height) as axes:
        trials.draw_frame(axes, found, whole, **told, zero=zero)
    return axes


def _pools(pooled: pd.DataFrame) -> pd.DataFrame:
    """Return pooled effects as `bw.meta_analysis` gives them (`tables.META`)."""
    plain(pooled, {one: one for one in META}, "forest", as_is=META)
    return pooled


@picture(Ledger, pd.DataFrame)
def funnel(
    source: Ledger | pd.DataFrame,
    outcome: str | None = None,
    *,
    pooled: float | None = None,
    pool: str | None = None,
    ax: Axes | None = None,
    label: str = "label",
    shows: str = "Estimate",
    style: str | None = None,
) -> Axes:
    """Draw the estimate of each trial against its standard error, the most exact on top.

    The triangle holds 95 % of trials where all of them estimate the same effect. What lies outside
    may be difference between trials or the loss of small ones: it is no test of either.

    Parameters
    ----------
    source : Ledger or DataFrame
        A frame has `estimate`, `std_error` and the column that `label` names.
    outcome : str, optional
        Of a ledger: which outcome; may be left out where one was pooled.
    pooled : float, optional
        Of a frame: the pooled estimate, at which the triangle stands; without it there is none.
    pool : str, optional
        Of a ledger: which choice of trials; else the main one.
    ax : Axes, optional
        Where to draw; else a new figure.
    label : str
        Of a frame: the column with the names of the trials.
    shows : str
        Of a frame: what the horizontal axis shows.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If nothing of that outcome or pool was pooled, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("Chen 2021", -0.89, 0.37), ("Joshi 2019", -2.23, 0.40)]
    >>> ax = funnel(pd.DataFrame(rows, columns=["label", "estimate", "std_error"]), pooled=-1.5)
    >>> ax.get_ylabel()
    'Standard error'
    """
    if isinstance(source, Ledger):
        held = source.reproduction
        name, told = _pooled_of(held.pooled, outcome, pool)
        main = _main_rows(held.pooled, name)
        row = main[main["pool"] == told["pool"]].iloc[0]
        found = _with_errors(held.weights, name, told["pool"])
        pooled, shows = float(row["estimate"]), f"Hedges g, {name}"
    else:
        names = {"label": label, "estimate": "estimate", "std_error": "std_error"}
        found = plain(source, names, "funnel")
    with axes_for(ax) as axes:
        scatter.draw(axes, found, label="label", pooled=pooled, shows=shows)
    return axes


def _of_trial(
    source: Analysis,
    found: Mapping[str, tuple[Estimand, pd.DataFrame | None]],
    name: str | None,
    ax: Axes | None,
    band: float | None,
) -> Axes:
    """Draw the forest of the estimand that is asked for, of those that have one."""
    there = {one: (asked, rows) for one, (asked, rows) in found.items() if rows is not None}
    estimand, rows = asked_for(there, name, "estimand")
    told: Any = {"words": source.trial.words(estimand.outcome), "contrast": estimand.contrast}
    width = wide_figure()
    height = effect_forest.height_inches(rows, width, **told)
    with axes_for(ax, width, height) as axes:
        effect_forest.draw(axes, rows, **told, mcid=band, level=estimand.level)
    return axes


def _of_frame(
    source: pd.DataFrame,
    ax: Axes | None,
    label: str,
    band: float | None,
    told: dict[str, Any],
    *,
    what: str,
) -> Axes:
    """Draw a forest of a plain frame."""
    names = {"label": label, **{one: one for one in NEEDED}}
    held = [one for one in ("group", "n", "n_reference", "p_value") if one in source.columns]
    names |= {one: one for one in held}
    names |= {"group": "group"} if what == "subgroups" else {}
    rows = plain(source, names, what, unbounded=True)
    if "group" not in rows:
        rows = rows.assign(group=["", *[" "] * (len(rows) - 1)])
    rows = rows.reindex(columns=[*FOREST])
    arm, reference = told["arms"] or ("", "")
    words = Words(
        arms={"reference": reference, "arm": arm},
        outcome=told["shows"],
        better=told["better"] if told["arms"] else "",
    )
    given: Any = {"words": words, "contrast": ("arm", "reference")}
    width = wide_figure()
    height = effect_forest.height_inches(rows, width, **given)
    with axes_for(ax, width, height) as axes:
        effect_forest.draw(axes, rows, **given, mcid=band, shows=told["shows"])
    return axes


def _checked(source: Analysis, estimand: Estimand) -> pd.DataFrame | None:
    """Return the forest of the analyses of an estimand; None where there is no other analysis."""
    parts = source.analysis.parts_of(estimand.id)
    return next((one.frames["forest"] for one in parts if one.analysis == "sensitivity"), None)


def _main_rows(pooled: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the rows of the main method of an outcome, one for each pool."""
    chosen = (pooled["outcome"] == outcome) & (pooled["left_out"] == "")
    return pooled[chosen & (pooled["method"] == "reml") & (pooled["ci"] == "hksj")]


def _with_errors(weights: pd.DataFrame, outcome: str, pool: str) -> pd.DataFrame:
    """Return the trials of a pool with the standard errors of which their intervals are made."""
    chosen = (weights["outcome"] == outcome) & (weights["pool"] == pool)
    found = weights[chosen & (weights["method"] == "reml")]
    half = (found["conf_high"] - found["conf_low"]) / 2
    return found.assign(std_error=half / scatter.NORMAL)


def _pooled_of(
    pooled: pd.DataFrame, outcome: str | None, pool: str | None
) -> tuple[str, dict[str, Any]]:
    """Return the outcome that is asked for, its main pool and the others."""
    name = asked_for({str(one): str(one) for one in pooled["outcome"]}, outcome, "outcome")
    pools = {str(one): str(one) for one in _main_rows(pooled, name)["pool"]}
    main = asked_for(pools, pool, f"pool of {name}", main=list(pools)[:1])
    return name, {
        "pool": main,
        "also": [one for one in pools if one != main] if pool is None else [],
    }
