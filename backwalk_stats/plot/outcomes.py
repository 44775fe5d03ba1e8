"""Pictures of an outcome: what was observed by visit, how it changed, who improved."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.analyses.questions.within_arm import mean_interval, observed_means
from backwalk_stats.figures import trajectories as observed
from backwalk_stats.plot.sources import ordered, outcome_of, trial_of, visits_of, words_of
from backwalk_stats.plot.theme import axes_for, in_style
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.trial.outcome import Words
from backwalk_stats.trial.tables import MEANS
from backwalk_stats.trial.trial import Trial

LEVEL = 0.95


@in_style
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
        names = {participant: "participant", arm: "arm", visit: "visit", value: "value"}
        own = ordered(source, names, ("arm", "visit"), "trajectories")
        words = Words(
            arms={str(one): str(one) for one in own["arm"].cat.categories},
            outcome=value if outcome is None else outcome,
        )
        visits = {str(one): str(one) for one in own["visit"].cat.categories}
        means = _means(own, words, level)
    else:
        trial = trial_of(source)
        name = outcome_of(trial, outcome)
        words, visits = words_of(trial, name), visits_of(trial)
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
