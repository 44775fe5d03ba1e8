"""Pictures of outcomes that have no means: risks, rates, and who is in which category."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.errors import UsageError
from backwalk_stats.figures import arm_levels, category_shares
from backwalk_stats.plot.sources import LIMITS, answer_of, named_in, plain, refuse_doubles
from backwalk_stats.plot.theme import axes_for, picture
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.estimate_pictures import levels_of
from backwalk_stats.trial.outcome import Words, plain_words


@picture(Analysis, pd.DataFrame)
def risks(
    source: Analysis | pd.DataFrame,
    which: str | None = None,
    *,
    ax: Axes | None = None,
    arm: str = "arm",
    style: str | None = None,
) -> Axes:
    """Draw the risk of an event, or the rate of a count, in each arm with its limits.

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame has a row for each arm: `arm` (a categorical), estimate, conf_low and conf_high, the
        share of people from 0 to 100 per cent, and n where it is known.
    which : str, optional
        Of an analysis: id of an estimand ("E1") or name of an outcome; may be left out where one is
        primary. The label of the event of a frame.
    ax : Axes, optional
        Where to draw; else a new figure.
    arm : str
        Column of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes
        The vertical axis is in per cent of people, or in events by the unit of time.

    Raises
    ------
    UsageError
        If there is no such estimand, its analysis has no risks and no rates, or a column is
        missing or has no order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"estimate": [40.0, 60.0], "conf_low": [20.0, 41.0]})
    >>> frame["conf_high"], frame["arm"] = [62.0, 77.0], pd.Categorical(["forward", "backward"])
    >>> risks(frame, "Walks 30 min").get_ylabel()
    'Walks 30 min, % of people'
    """
    kind: arm_levels.Kind = "risk"
    per = ""
    if isinstance(source, pd.DataFrame):
        names = {"arm": arm, **{name: name for name in ("estimate", *LIMITS)}}
        names |= {"n": "n"} if "n" in source.columns else {}
        own = plain(source, names, "risks")
        refuse_doubles(own, ("arm",), "risks")
        levels = own.assign(n=own.get("n", float("nan")))
        words = Words(arms=named_in(own), outcome=which or "event")
    else:
        answer = answer_of(source, which)
        found = levels_of(answer.part.estimates, answer.estimand.visit)
        if found is None:
            raise UsageError(
                f"{answer.estimand.id}: the analysis '{answer.part.analysis}' has no risks or rates"
            )
        levels, kind, _ = found
        words, per = answer.words, plain_words(answer.outcome.exposure or "")
    with axes_for(ax) as axes:
        arm_levels.draw(axes, levels, words=words, kind=kind, per=per)
    return axes


@picture(Analysis, pd.DataFrame)
def categories(
    source: Analysis | pd.DataFrame,
    which: str | None = None,
    *,
    ax: Axes | None = None,
    arm: str = "arm",
    category: str = "category",
    style: str | None = None,
) -> Axes:
    """Draw how many people of each arm are in which ordered category, a bar an arm.

    Parameters
    ----------
    source : Analysis or DataFrame
        A frame has a row for every participant; `arm` and `category` name its columns, both are
        categoricals, the categories from low to high.
    which : str, optional
        Of an analysis: id of an estimand ("E1") or name of an outcome; may be left out where one is
        primary. The label of the categories of a frame.
    ax : Axes, optional
        Where to draw; else a new figure.
    arm, category : str
        Columns of a plain frame.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such estimand, its analysis has no categories, or a column is missing or has
        no order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"arm": pd.Categorical(["forward", "forward", "backward"])})
    >>> frame["category"] = pd.Categorical(["worse", "better", "better"], ["worse", "better"])
    >>> categories(frame, "Change").get_xlabel()
    '% of the arm; numbers: people'
    """
    if isinstance(source, pd.DataFrame):
        names = {"arm": arm, "category": category}
        own = plain(source, names, "categories", as_is=("category",))
        if not isinstance(own["category"].dtype, pd.CategoricalDtype):
            raise UsageError(
                f"the column '{category}' needs an order: pd.Categorical(values, categories=[...])"
            )
        counts = own.groupby(["arm", "category"], observed=False).size().rename("n").reset_index()
        words = Words(arms=named_in(own), outcome=which or category)
    else:
        answer = answer_of(source, which)
        counts, words = answer.frame("categories"), answer.words
    with axes_for(ax) as axes:
        category_shares.draw(axes, counts, words=words)
    return axes
