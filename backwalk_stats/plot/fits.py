"""Pictures of models: residuals, lines of an analysis of covariance, tipping points, power."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.analyses.model_frames import residual_frames
from backwalk_stats.analyses.questions.ancova import ancova_lines
from backwalk_stats.engine.summary.power import two_sample_power
from backwalk_stats.errors import UsageError
from backwalk_stats.figures import (
    ancova_fit,
    power_curve,
    residual_diagnostics,
    simulated_power,
    tipping_map,
)
from backwalk_stats.models.arms.ancova import AncovaColumns, fit_ancova
from backwalk_stats.models.fit.choices import check_numbers
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.linear.ols import LinearModel
from backwalk_stats.plan.power_report import Power
from backwalk_stats.plot.sources import KINDS as SOURCES
from backwalk_stats.plot.sources import asked_for, named_in, plain, refuse_doubles, source_of
from backwalk_stats.plot.theme import axes_for, new_figure, picture
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.trial.outcome import Words
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import TIPPING

KINDS = ("both", "fit", "quantiles")
PEOPLE = (2, 100)  # in each arm, where power is computed
NO_WORDS = Words(arms={}, outcome="")


@picture()
def residuals(
    source: FittedModel | LinearModel | Analysis | pd.DataFrame | Any,  # noqa: ANN401
    estimand: str | None = None,
    *,
    kind: str = "both",
    ax: Axes | None = None,
    individuals: bool = True,
    fitted: str = "fitted",
    residual: str = "residual",
    style: str | None = None,
) -> Axes | Figure:
    """Draw residuals against the fitted values, and their quantiles against the normal's.

    Parameters
    ----------
    source : fit, Analysis or DataFrame
        A fit of `bw.mmrm`, `bw.lmm`, `bw.ols` and their like; a result of statsmodels that has
        `fittedvalues`, `resid` and `scale`; or a frame whose columns `fitted` and `residual` name.
        Quantiles are of residuals that are normalised: by the inverse root of their covariance
        (mixed models), by standard error (`bw.ols`), by the residual SD (others).
    estimand : str, optional
        Id of the estimand of an analysis; may be left out where it has one model.
    kind : {"both", "fit", "quantiles"}
        "both" draws two panels in a new figure.
    ax : Axes, optional
        Where to draw one panel: "fit", unless `kind` says otherwise.
    individuals : bool
        False draws spread and quantiles in place of a point for each observation.
    fitted, residual : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes or Figure
        The figure where there are two panels.

    Raises
    ------
    UsageError
        If there is no such estimand or column, or the fit did not converge.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"fitted": [1.0, 2, 3, 4], "residual": [0.5, -0.5, 0.25, -0.25]})
    >>> residuals(frame, kind="fit").get_xlabel()
    'Fitted value'
    """
    if kind not in KINDS:
        raise UsageError(f"kind is '{kind}'; it is one of {', '.join(KINDS)}")
    words, frames = _residuals_of(source, estimand, (fitted, residual))
    bins, quantiles = frames["residual_bins"], frames["residual_quantiles"]
    single = frames["residuals"] if individuals else None
    if kind == "both" and ax is None:
        with new_figure(1, 2, figsize=(9.6, 4.2)) as (figure, (left, right)):
            residual_diagnostics.draw(left, bins, words=words, residuals=single)
            residual_diagnostics.draw_quantiles(right, quantiles, residuals=single)
        return figure
    with axes_for(ax) as axes:
        if kind == "quantiles":
            residual_diagnostics.draw_quantiles(axes, quantiles, residuals=single)
        else:
            residual_diagnostics.draw(axes, bins, words=words, residuals=single)
    return axes


@picture(Analysis, pd.DataFrame)
def ancova(
    source: Analysis | pd.DataFrame,
    estimand: str | None = None,
    *,
    ax: Axes | None = None,
    individuals: bool = True,
    outcome: str = "outcome",
    baseline: str = "baseline",
    arm: str = "arm",
    covariates: Sequence[str] = (),
    level: float = 0.95,
    style: str | None = None,
) -> Axes:
    """Draw the lines of an analysis of covariance: outcome over baseline, a line for each arm.

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame has one row for every participant; `outcome`, `baseline`, `arm` and `covariates`
        name its columns, arms are in the order of their categories, and the lines are those of the
        model of `bw.ancova` (one slope, adjusted for the covariates). A frame that `bw.ancova` has
        returned holds differences and no lines: these are drawn with their intervals.
    estimand : str, optional
        Id of the estimand of an analysis; may be left out where one has an analysis of covariance.
    ax : Axes, optional
        Where to draw; else a new figure.
    individuals : bool
        Whether every participant is drawn; equal values share a mark, larger for more people.
    level : float
        Of the bands.
    outcome, baseline, arm : str
        Columns of plain data: the outcome, its baseline, the arm.
    covariates : sequence of str
        Further columns of plain data that the lines are adjusted for.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such estimand, or a column is missing or has no order.
    NotEstimable
        If the lines cannot be fitted.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7, 8] * 2,
    ...     "after": [4.5, 5, 6.5, 7, 3, 4.5, 5, 6]})
    >>> frame["arm"] = pd.Categorical(["forward"] * 4 + ["backward"] * 4, ["forward", "backward"])
    >>> ax = ancova(frame, outcome="after", baseline="before")
    >>> ax.get_ylabel(), ax.get_xlabel()
    ('after', 'before')
    """
    if isinstance(source, pd.DataFrame):
        if {"contrast", "estimate", "conf_low", "conf_high"} <= set(source.columns):
            with axes_for(ax) as axes:
                ancova_fit.draw_differences(axes, source, outcome="")
            return axes
        names = {"value": outcome, "baseline": baseline, "arm": arm}
        names |= {name: name for name in covariates}
        own = plain(source, names, "ancova", as_is=tuple(covariates))
        words = Words(arms=named_in(own), outcome=outcome)
        fit = fit_ancova(own, _columns(tuple(covariates)), vcov="model", df="residual")
        whole = own.dropna()
        lines = ancova_lines(fit, whole["baseline"].astype(float), level=level)
        points, visit, across = own.assign(arm=own["arm"].astype(str)), "", baseline
    else:
        part = _part(source, estimand, "lines")
        asked = part.estimand
        assert asked is not None
        words = source.trial.words(part.outcome)
        visit = source.trial.visits[asked.visit]
        lines, points, across = part.frames["lines"], part.frames["points"], ""
    with axes_for(ax) as axes:
        ancova_fit.draw(axes, lines, words=words, visit=visit, across=across,
                        points=points if individuals else None)  # fmt: skip
    return axes


@picture(Analysis, pd.DataFrame)
def tipping(
    source: Analysis | pd.DataFrame,
    estimand: str | None = None,
    *,
    contrast: str | None = None,
    ax: Axes | None = None,
    outcome: str = "Outcome",
    better: str = "",
    level: float = 0.95,
    style: str | None = None,
) -> Axes:
    """Draw how far the missing values would have to shift before the conclusion tips.

    A map where the values of both arms are shifted, a curve where one arm's are.

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame is as `bw.tipping_point` returns it: delta, delta_reference, estimate, conf_low,
        conf_high, p_value, and contrast where there are several.
    estimand : str, optional
        Id of the estimand of an analysis; may be left out where one has a tipping point.
    contrast : str, optional
        "arm - reference"; may be left out where the frame has one.
    ax : Axes, optional
        Where to draw; else a new figure.
    outcome, better : str
        What the estimates of a frame are of, and whether "lower" or "higher" is better; "" where
        that is not known.
    level : float
        The conclusion has tipped where p is at least 1 - level; of an analysis its own.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such estimand or contrast, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"delta": [0.0, 1, 2], "delta_reference": 0.0,
    ...     "contrast": "backward - forward", "estimate": [-1.2, -1.0, -0.8],
    ...     "conf_low": [-2.1, -1.9, -1.7], "conf_high": [-0.3, -0.1, 0.1],
    ...     "p_value": [0.01, 0.03, 0.08]})
    >>> tipping(frame, outcome="Pain").get_ylabel()
    'Pain: backward − forward'
    """
    if isinstance(source, pd.DataFrame):
        held = [*TIPPING, *(["contrast"] if "contrast" in source.columns else [])]
        own = plain(source, {one: one for one in held}, "tipping")
        frame, named = _one_contrast(own, contrast)
        refuse_doubles(frame, ("delta", "delta_reference"), "tipping",
                       "draw one contrast, outcome or estimand at a time")  # fmt: skip
        pair = named.partition(" - ")[::2]
        if better not in ("", "lower", "higher"):
            raise UsageError(f"better is '{better}'; it is 'lower', 'higher' or ''")
        words = Words(arms={name: name for name in reversed(pair)}, outcome=outcome,
                      better=better)  # type: ignore[arg-type]  # fmt: skip
    else:
        part = _part(source, estimand, "tipping")
        asked = part.estimand
        assert asked is not None
        frame, pair, level = part.frames["tipping"], asked.contrast, asked.level
        words = source.trial.words(part.outcome)
    with axes_for(ax) as axes:
        tipping_map.draw(axes, frame, words=words, contrast=pair, level=level)
    return axes


@picture()
def power(
    source: Power | Ledger | pd.DataFrame | Sequence[float],
    *,
    ax: Axes | None = None,
    scenario: str | None = None,
    per_arm: Sequence[int] | None = None,
    wanted: float = 0.8,
    alpha: float = 0.05,
    n_per_arm: str = "n_per_arm",
    effect_size: str = "effect_size",
    power: str = "power",
    along: str = "n_per_arm",
    style: str | None = None,
) -> Axes:
    """Draw power over the size of a trial, a line for each estimand or true difference.

    Parameters
    ----------
    source : Power, sequence of float, DataFrame or Ledger
        What `bw.power` has simulated: a line for each estimand of one scenario, with the limits of
        the simulation, the target, and the share of significant trials without effect. Or true
        differences in standard deviations: power is that of the two-sided t test of two equal arms,
        all of whom are analysed. Or a frame, whose columns `n_per_arm`, `effect_size` and
        `power` (0 to 1) name, such as one of simulations. Or a record, whose planned trials are
        drawn over the true difference, a line for each size.
    ax : Axes, optional
        Where to draw; else a new figure.
    scenario : str, optional
        Of a simulated power; may be left out where it has one.
    per_arm : sequence of int, optional
        Sizes of an arm for which power is computed; else 2 to 100.
    wanted : float
        Power at which what is needed stands on each line.
    alpha : float
        Two-sided significance level, where power is computed.
    along : {"n_per_arm", "effect_size"}
        What runs along the horizontal axis, of a frame.
    n_per_arm, effect_size, power : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If a column is missing, or a choice does not exist.
    NotEstimable
        If an arm has fewer than 2 people.

    Examples
    --------
    >>> ax = power([0.5, 0.8])
    >>> sorted(filter(str.strip, (text.get_text() for text in ax.texts)))
    ['0.5', '0.8', '26', '64']
    """
    if along not in power_curve.AXES:
        raise UsageError(f"along is '{along}'; it is one of {', '.join(power_curve.AXES)}")
    if isinstance(source, Power):
        with axes_for(ax) as axes:
            simulated_power.draw(axes, _of_scenario(source, scenario), **_aims(source, wanted))
        return axes
    needed = None
    if isinstance(source, Ledger):
        frame, along = source.reproduction.power, "effect_size"
        designs = source.reproduction.designs
        frame = frame.drop_duplicates(["n_per_arm", "effect_size"])
        found = designs["detectable_80"] if wanted == power_curve.WANTED else designs.iloc[:0, 0]
        needed = dict(zip(designs["n_per_arm"].astype(float), found.astype(float), strict=False))
    elif hasattr(source, "columns"):
        names = {"n_per_arm": n_per_arm, "effect_size": effect_size, "power": power}
        frame = plain(source_of(source, (pd.DataFrame,), "power"), names, "power")
        if not frame["power"].dropna().between(0.0, 1.0).all():
            raise UsageError(
                f"power: '{power}' is a proportion from 0 to 1; divide per cent by 100"
            )
        refuse_doubles(frame, ("n_per_arm", "effect_size"), "power", "draw one scenario at a time")
    else:
        sizes = np.arange(PEOPLE[0], PEOPLE[1] + 1) if per_arm is None else np.asarray(per_arm)
        effects = _differences(source)
        frame = pd.concat([_computed(one, sizes, alpha) for one in effects], ignore_index=True)
    with axes_for(ax) as axes:
        power_curve.draw(axes, frame, along=along, wanted=wanted, needed=needed)
    return axes


def _of_scenario(source: Power, scenario: str | None) -> pd.DataFrame:
    """Return the results of the scenario that is meant."""
    results = source.results
    name = asked_for({one: one for one in results["scenario"]}, scenario, "scenario")
    chosen: pd.DataFrame = results[results["scenario"] == name]
    return chosen


def _aims(source: Power, wanted: float) -> dict[str, Any]:
    """Return the power and the error that a plan aims at; `wanted` where it names no target."""
    target = source.plan.target_power
    return {"targets": (wanted if target is None else target,), "alpha": source.plan.alpha}


def _differences(source: object) -> list[float]:
    """Return the true differences for which power is computed."""
    if not isinstance(source, Iterable) or isinstance(source, str | Mapping):
        raise UsageError(
            f"power: expected true differences in standard deviations, as in [0.5, 0.8], "
            f"{SOURCES['Ledger']} or a frame, found {type(source).__name__}"
        )
    return [float(one) for one in check_numbers("power: the true differences", list(source))]


def _computed(effect: float, sizes: np.ndarray, alpha: float) -> pd.DataFrame:
    """Return the power of the t test of two equal arms by size."""
    found = two_sample_power(n1=sizes, n2=sizes, effect_size=effect, level=alpha)
    return pd.DataFrame({"n_per_arm": sizes, "effect_size": effect, "power": found})


def _residuals_of(
    source: Any,  # noqa: ANN401
    estimand: str | None,
    columns: tuple[str, str],
) -> tuple[Words, dict[str, pd.DataFrame]]:
    """Return the words and frames of residuals, wherever they come from."""
    if isinstance(source, Analysis):
        part = _part(source, estimand, "residual_bins")
        return source.trial.words(part.outcome), dict(part.frames)
    if isinstance(source, FittedModel):
        if not source.stats.converged:
            raise UsageError("the fit did not converge: it has no residuals to look at")
        normalised = source.residuals(kind="normalised").to_numpy()
        words = Words(arms={}, outcome=source.formula.text.partition("~")[0].strip())
        return words, residual_frames(
            source.fitted().to_numpy(), source.residuals().to_numpy(), normalised
        )
    if isinstance(source, LinearModel):
        residual, free = source.residuals().to_numpy(), 1.0 - source.fit.leverage
        held = free > 1e-9  # a row that is fitted exactly has no residual
        normalised = residual[held] / (source.stats.residual_sd * np.sqrt(free[held]))
        words = Words(arms={}, outcome=source.formula.text.partition("~")[0].strip())
        return words, residual_frames(source.fitted().to_numpy()[held], residual[held], normalised)
    if all(hasattr(source, name) for name in ("fittedvalues", "resid", "scale")):
        fitted, residual = np.asarray(source.fittedvalues), np.asarray(source.resid)
        return NO_WORDS, residual_frames(fitted, residual, residual / float(source.scale) ** 0.5)
    kinds = (FittedModel, LinearModel, Analysis, pd.DataFrame)
    names = dict(zip(("fitted", "residual"), columns, strict=True))
    own = plain(source_of(source, kinds, "residuals"), names, "residuals").dropna()
    fitted, residual = (own[name].to_numpy(dtype=float) for name in names)
    return NO_WORDS, residual_frames(fitted, residual, residual / _spread(residual))


def _spread(residual: np.ndarray) -> float:
    """Return the standard deviation of residuals, by which a plain frame's are normalised."""
    spread = float(residual.std(ddof=1)) if len(residual) > 1 else 0.0
    if not spread > 0.0:
        raise UsageError("residuals: there is no spread, so nothing to look at")
    return spread


def _part(analysis: Analysis, estimand: str | None, frame: str) -> Result:
    """Return the part of an estimand that has a frame: of its main analysis where that has it."""
    found: dict[str, Result] = {}
    for part in analysis.analysis.parts:
        asked = part.estimand
        if asked is None or not len(part.frames.get(frame, ())):
            continue
        if asked.id not in found or part.analysis == asked.analysis != found[asked.id].analysis:
            found[asked.id] = part
    primary = [one.id for one in analysis.trial.estimands if one.role == "primary"]
    return asked_for(found, estimand, "estimand", main=primary)


def _one_contrast(frame: pd.DataFrame, contrast: str | None) -> tuple[pd.DataFrame, str]:
    """Return the rows of one contrast, and its name."""
    if "contrast" not in frame.columns:
        return frame, contrast or "arm - reference"
    named = asked_for({one: one for one in frame["contrast"]}, contrast, "contrast")
    return frame[frame["contrast"] == named], named


def _columns(covariates: tuple[str, ...]) -> AncovaColumns:
    """Return the columns of a plain frame as the model calls them."""
    return AncovaColumns(outcome="value", baseline="baseline", arm="arm", covariates=covariates,
                         interactions=(), participant=None)  # fmt: skip
