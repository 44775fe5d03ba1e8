"""Pictures of an outcome: what was observed by visit, how it changed, who improved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.analyses.questions.responder import response_curve
from backwalk_stats.analyses.questions.within_arm import (
    change_box,
    change_density,
    mean_interval,
    observed_means,
    visit_of,
)
from backwalk_stats.analyses.results import difference_curve
from backwalk_stats.engine.summary.two_arms import Arm, welch
from backwalk_stats.errors import UsageError
from backwalk_stats.figures import change_raincloud, estimation_plot, model_means
from backwalk_stats.figures import response_curve as shares
from backwalk_stats.figures import trajectories as observed
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.plot.sources import (
    LIMITS,
    answer_of,
    asked_for,
    named_in,
    outcome_of,
    plain,
    refuse_doubles,
    trial_of,
)
from backwalk_stats.plot.theme import axes_for, pair_for, picture
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.estimate_pictures import (
    named_difference,
    named_thresholds,
    observed_at_baseline,
)
from backwalk_stats.trial.derive import changes
from backwalk_stats.trial.outcome import Outcome, Threshold, Words
from backwalk_stats.trial.tables import MEANS
from backwalk_stats.trial.trial import Trial

LEVEL = 0.95
ESTIMATED = ("estimate", *LIMITS)


@picture(Trial, Analysis, pd.DataFrame)
def trajectories(
    source: Trial | Analysis | pd.DataFrame,
    outcome: str | None = None,
    *,
    ax: Axes | None = None,
    individuals: bool = True,
    level: float = LEVEL,
    participant: str = "participant",
    arm: str = "arm",
    visit: str = "visit",
    value: str = "value",
    style: str | None = None,
) -> Axes:
    """Draw observed means by visit with t intervals, over a thin line for every participant.

    Parameters
    ----------
    source : Trial, Analysis or DataFrame
        A frame has one row for every participant and visit; `participant`, `arm`, `visit` and
        `value` name its columns. Arms and visits are in the order of their categories; text visits
        need to be a categorical, arms too: the first is the reference.
    outcome : str, optional
        Name of the outcome; may be left out where there is one primary outcome. The label of the
        values where the source is a frame.
    ax : Axes, optional
        Where to draw; else a new figure.
    individuals : bool
        False draws a band of one standard deviation in place of the participants.
    level : float
        Of the intervals.
    participant, arm, visit, value : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such outcome, or a column is missing or has no order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"participant": [1, 1, 2, 2], "value": [6.0, 4.0, 7.0, 6.0]})
    >>> frame["arm"] = pd.Categorical(["forward", "forward", "backward", "backward"])
    >>> frame["visit"] = pd.Categorical(["before", "after"] * 2, categories=["before", "after"])
    >>> ax = trajectories(frame, "Pain")
    >>> ax.get_ylabel()
    'Pain'
    """
    if isinstance(source, pd.DataFrame):
        names = {"participant": participant, "arm": arm, "visit": visit, "value": value}
        own = plain(source, names, "trajectories")
        refuse_doubles(own, ("participant", "visit"), "trajectories")
        words = _words(own, value if outcome is None else outcome)
        visits = named_in(own, "visit")
        means = _means(own, words, level)
    else:
        trial = trial_of(source)
        name = outcome_of(trial, outcome)
        words, visits = trial.words(name), trial.visits
        own = trial.data[trial.data["outcome"] == name]
        means = observed_means(trial, name, level=level)
    with axes_for(ax) as axes:
        observed.draw(
            axes, means, words=words, visits=visits, observations=own if individuals else None
        )
    return axes


def _means(own: pd.DataFrame, words: Words, level: float) -> pd.DataFrame:
    """Return the observed means of a plain frame (`tables.MEANS`)."""
    rows = []
    for (visit, arm), part in own.groupby(["visit", "arm"], observed=True, sort=True):
        values = part["value"].dropna().to_numpy(dtype=float)
        found = mean_interval(values, level=level)
        rows.append(
            (words.outcome, str(visit), float("nan"), str(arm), "observed", len(values), *found)
        )
    return pd.DataFrame(rows, columns=list(MEANS))


@picture(Analysis, FittedModel, pd.DataFrame)
def means(
    source: Analysis | FittedModel | pd.DataFrame,
    which: str | None = None,
    *,
    ax: Axes | None = None,
    level: float = LEVEL,
    arm: str = "arm",
    visit: str = "visit",
    style: str | None = None,
) -> Axes:
    """Draw the means of a model by visit with intervals, and beside them the difference.

    The two panels have the same points per pixel: the gap between arms is the length of the
    difference. On axes of your own the means are drawn alone.

    Parameters
    ----------
    source : Analysis, fit or DataFrame
        A fit of `bw.mmrm` gives its marginal means and contrasts: `arm` and `visit` name the
        factors of its formula. A frame has arm, visit, estimate, conf_low and conf_high, and n
        where it is known; `arm` and `visit` are categoricals, the first arm is the reference.
    which : str, optional
        Of an analysis: id of an estimand ("E1") or name of an outcome; may be left out where one is
        primary. The label of the values of a fit or a frame.
    ax : Axes, optional
        Where to draw the means; else a new figure, with the difference where one was estimated.
    level : float
        Of the intervals of a fit. An analysis and a frame have their own.
    arm, visit : str
        Columns of a plain frame, or factors of a fit.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes
        Those of the means; `ax.figure` is the figure.

    Raises
    ------
    UsageError
        If there is no such estimand or outcome, a column is missing or has no order, or the
        analysis has no means by visit.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"estimate": [5.1, 4.5], "conf_low": [4.7, 4.0]})
    >>> frame["conf_high"], frame["visit"] = [5.6, 4.9], pd.Categorical(["W3", "W3"])
    >>> frame["arm"] = pd.Categorical(["forward", "backward"], categories=["forward", "backward"])
    >>> means(frame, "Pain").get_ylabel()
    'Pain'
    """
    differences = seen = threshold = None
    declared = ""
    if isinstance(source, FittedModel):
        found = source.marginal_means(arm, by=visit, level=level)
        counted = source.frame.groupby([arm, visit], observed=True).size().rename("n")
        found = found.merge(counted.reset_index(), on=[arm, visit], how="left")
        names = {arm: "arm", visit: "visit"}
        label = source.formula.text.partition("~")[0].strip() if which is None else which
        own, words, visits = _model_frame(found.rename(columns=names), label)
        differences = source.contrasts(arm, by=visit, level=level).rename(columns=names)
    elif isinstance(source, pd.DataFrame):
        names = {"arm": arm, "visit": visit, **{one: one for one in ESTIMATED}}
        names |= {"n": "n"} if "n" in source.columns else {}
        found = plain(source, names, "means")
        refuse_doubles(found, ("arm", "visit"), "means")
        n = found.get("n", np.nan)
        own, words, visits = _model_frame(found.assign(n=n), which or "estimate")
    else:
        answer = answer_of(source, which)
        own, words, visits = answer.frame("means"), answer.words, answer.subject.visits
        rows = answer.part.estimates
        quantity = answer.row["quantity"]
        differences = rows[(rows["quantity"] == quantity) & rows["estimate"].notna()]
        seen = observed_at_baseline(answer.subject, answer.estimand, own)
        threshold, declared = named_difference(answer.outcome), answer.estimand.visit
    told: Any = {"words": words, "visits": visits, "observed": seen}
    if ax is not None or differences is None:
        with axes_for(ax) as axes:
            model_means.draw(axes, own, **told)
        return axes
    with pair_for((3, 2)) as (axes, beside):
        model_means.draw_pair(axes, beside, own, differences, **told, visit=declared,
                              threshold=threshold)  # fmt: skip
    return axes


@picture(Trial, Analysis, pd.DataFrame)
def raincloud(
    source: Trial | Analysis | pd.DataFrame,
    outcome: str | None = None,
    *,
    ax: Axes | None = None,
    visit: str | None = None,
    individuals: bool = True,
    level: float = LEVEL,
    arm: str = "arm",
    change: str = "change",
    style: str | None = None,
) -> Axes:
    """Draw the change of each arm: its distribution, its mean with t interval, its participants.

    Parameters
    ----------
    source : Trial, Analysis or DataFrame
        A frame has a row for every participant; `arm` and `change` name its columns, `arm` is a
        categorical.
    outcome : str, optional
        Name of the outcome; may be left out where there is one primary outcome. The label of the
        values where the source is a frame.
    ax : Axes, optional
        Where to draw; else a new figure.
    visit : str, optional
        To which visit; else to that of the outcome's first estimand, or the last.
    individuals : bool
        False draws no points.
    level : float
        Of the intervals.
    arm, change : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such outcome or visit, or a column is missing or has no order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"change": [-2.0, -1.0, 0.0, -3.0, -2.0, -4.0]})
    >>> frame["arm"] = pd.Categorical(["forward"] * 3 + ["backward"] * 3)
    >>> raincloud(frame, "pain").get_xlabel()
    'Change of pain'
    """
    own, words, label = _changes(source, outcome, visit, {"arm": arm, "change": change})
    arms = tuple(words.arms)
    box, density = change_box(own, arms, level=level), change_density(own, arms)
    with axes_for(ax) as axes:
        change_raincloud.draw(
            axes, density, box, words=words, visit=label, points=own if individuals else None
        )
    return axes


@picture(Analysis, pd.DataFrame)
def estimation(
    source: Analysis | pd.DataFrame,
    which: str | None = None,
    *,
    ax: Axes | None = None,
    individuals: bool = True,
    level: float = LEVEL,
    arm: str = "arm",
    value: str = "value",
    style: str | None = None,
) -> Axes:
    """Draw two arms and, on an axis of its own, their difference (Gardner-Altman).

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame has a row for every participant of two arms; `arm` and `value` name its columns,
        `arm` is a categorical. Its difference, the later arm minus the first, has Welch's interval.
    which : str, optional
        Of an analysis: id of an estimand ("E1") or name of an outcome; may be left out where one is
        primary. The label of the values of a frame.
    ax : Axes, optional
        Where to draw; else a new figure.
    individuals : bool
        False draws no points.
    level : float
        Of the intervals of a frame. An analysis has its own.
    arm, value : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such estimand or outcome, a column is missing or has no order, or there are
        not two arms.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"value": [5.0, 6.0, 7.0, 3.0, 4.0, 4.5]})
    >>> frame["arm"] = pd.Categorical(["forward"] * 3 + ["walk"] * 3)
    >>> estimation(frame, "Pain").get_ylabel()
    'Pain'
    """
    if isinstance(source, pd.DataFrame):
        own = plain(source, {"arm": arm, "value": value}, "estimation")
        words = _words(own, value if which is None else which)
        found, row = _two_arms(own, words, level)
        reference, treated = words.arms
        contrast, label = (treated, reference), ""
        curve, points = difference_curve(row), own if individuals else None
    else:
        answer = answer_of(source, which)
        contrast, row, words = answer.estimand.contrast, answer.row, answer.words
        label = answer.subject.visit_label(answer.estimand.visit)
        found, curve = answer.frame("means"), answer.frame("difference_curve")
        found = found[(found["visit"] == answer.estimand.visit) & found["estimate"].notna()]
        points = answer.part.frames.get("points") if individuals else None
    difference = (float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"]))
    with axes_for(ax) as axes:
        estimation_plot.draw(
            axes, found, curve, words=words, contrast=contrast,
            difference=difference, visit=label, points=points,
        )  # fmt: skip
    return axes


@picture(Trial, Analysis, pd.DataFrame)
def responders(
    source: Trial | Analysis | pd.DataFrame,
    outcome: str | None = None,
    *,
    ax: Axes | None = None,
    visit: str | None = None,
    thresholds: Mapping[str, float] | None = None,
    better: Literal["lower", "higher"] | None = None,
    arm: str = "arm",
    change: str = "change",
    style: str | None = None,
) -> Axes:
    """Draw the share of each arm that became better by at least every amount.

    Everyone with a baseline counts; who has no value at the visit counts as not better.

    Parameters
    ----------
    source : Trial, Analysis or DataFrame
        A frame has a row for every participant, NaN where the change is not known; `arm` and
        `change` name its columns, `arm` is a categorical.
    outcome : str, optional
        Name of the outcome; may be left out where there is one primary outcome. The label of the
        values where the source is a frame.
    ax : Axes, optional
        Where to draw; else a new figure.
    visit : str, optional
        At which visit; else at that of the outcome's first estimand, or the last.
    thresholds : mapping of str to float, optional
        Name to improvement, positive, to be marked; else those that the trial file names in points.
    better : {"lower", "higher"}, optional
        Which change is an improvement; needed of a frame.
    arm, change : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such outcome or visit, nobody said which way is better, or a column is
        missing or has no order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"change": [-2.0, -1.0, 0.0, -3.0, -2.0, None]})
    >>> frame["arm"] = pd.Categorical(["forward"] * 3 + ["backward"] * 3)
    >>> ax = responders(frame, "pain", better="lower", thresholds={"named": 2})
    >>> ax.get_xlabel()
    'Improvement in pain'
    """
    own, words, _ = _changes(source, outcome, visit, {"arm": arm, "change": change})
    way = words.better or better
    if not way:
        raise UsageError('responders: say which way is better: better="lower" or "higher"')
    if isinstance(source, pd.DataFrame):
        known = Outcome(name=words.outcome, label=words.outcome, better=way)
        own = own.assign(baseline=0.0)
    else:
        known = trial_of(source).outcome(outcome_of(trial_of(source), outcome))
    if thresholds is not None:
        known = replace(known, thresholds=tuple(
            Threshold(name=name, kind="mcid", value=float(value), unit="points", population="",
                      source="") for name, value in thresholds.items()
        ))  # fmt: skip
    named = dict(thresholds) if thresholds is not None else named_thresholds(known)
    curve = response_curve(own, known, tuple(words.arms))
    with axes_for(ax) as axes:
        shares.draw(axes, curve, words=words, thresholds=named)
    return axes


def _words(own: pd.DataFrame, label: str) -> Words:
    """Return what a picture is told of a plain frame: its arms in order, and its label."""
    return Words(arms=named_in(own), outcome=label)


def _model_frame(found: pd.DataFrame, label: str) -> tuple[pd.DataFrame, Words, dict[str, str]]:
    """Return means of a model (`tables.MEANS`), what is said of them, and their visits."""
    for column in ("arm", "visit"):
        if not isinstance(found[column].dtype, pd.CategoricalDtype):
            order = pd.unique(found[column])
            found = found.assign(**{column: pd.Categorical(found[column], categories=order)})
    words = _words(found, label)
    visits = named_in(found, "visit")
    texts = {one: found[one].astype(str) for one in ("arm", "visit")}
    own = found.assign(**texts, outcome=label, week=np.nan, kind="model", sd=np.nan)
    return own[list(MEANS)], words, visits


def _changes(
    source: Trial | Analysis | pd.DataFrame,
    outcome: str | None,
    visit: str | None,
    names: Mapping[str, str],
) -> tuple[pd.DataFrame, Words, str]:
    """Return the change of every participant, the words, and the label of the visit."""
    if isinstance(source, pd.DataFrame):
        own = plain(source, names, "change")
        return own, _words(own, names["change"] if outcome is None else outcome), ""
    trial = trial_of(source)
    name = outcome_of(trial, outcome)
    at = asked_for({one: one for one in trial.visits}, visit, "visit", main=[visit_of(trial, name)])
    if not trial.study.baseline:
        raise UsageError("this trial has no baseline, and so no change")
    return changes(trial, name, at), trial.words(name), trial.visits[at]


def _two_arms(
    own: pd.DataFrame, words: Words, level: float
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the means of two arms and their difference, later minus first, by Welch's t."""
    if len(words.arms) != 2:
        raise UsageError(f"estimation: two arms are compared; the frame has {len(words.arms)}")
    found = _means(own.assign(visit=pd.Categorical([""] * len(own))), words, level)
    first, second = (
        Arm(mean=row["estimate"], sd=row["sd"], n=row["n"]) for _, row in found.iterrows()
    )
    return found, asdict(welch(second, first, level=level))
