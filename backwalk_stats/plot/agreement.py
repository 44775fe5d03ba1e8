"""The picture of agreement: two measurements of the same people (Bland and Altman)."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.errors import UsageError
from backwalk_stats.figures import bland_altman as picture_of
from backwalk_stats.models.linear.reliability import measured, reliability
from backwalk_stats.plot.theme import axes_for, picture


@picture(pd.DataFrame)
def bland_altman(
    source: pd.DataFrame,
    *,
    participant: str,
    measurement: str,
    value: str,
    ax: Axes | None = None,
    individuals: bool = True,
    interval: str = "bland-altman",
    level: float = 0.95,
    style: str | None = None,
) -> Axes:
    """Draw the differences of two measurements over their mean, with limits of agreement.

    Parameters
    ----------
    source : DataFrame
        One row for each participant and measurement; people with both are drawn.
    participant, measurement, value : str
        Columns, as in `bw.reliability`.
    ax : Axes, optional
        Where to draw; else a new figure.
    individuals : bool
        Whether every participant is drawn.
    interval : str
        Of the limits: "bland-altman", "bland-altman-3n" or "carkeet", as in `bw.reliability`.
    level : float
        Of the bands about bias and limits. The limits of agreement are at 95 %.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If a column cannot be used, or there are not two measurements.
    NotEstimable
        If fewer than three people have both.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": list("aabbccdd"), "session": [1, 2] * 4,
    ...     "seconds": [6.9, 7.1, 8.2, 8.0, 9.6, 9.9, 7.4, 7.7]})
    >>> ax = bland_altman(frame, participant="id", measurement="session", value="seconds")
    >>> ax.get_ylabel(), ax.get_xlabel()
    ('Difference, 2 − 1', 'Mean of both: seconds')
    """
    found = measured(source, participant=participant, measurement=measurement, value=value)
    if len(found.labels) != 2:
        raise UsageError(
            f"{measurement} has {len(found.labels)} levels: a picture of agreement has two; keep "
            f"two, as in data[data[{measurement!r}].isin([...])]"
        )
    limits = reliability(
        source, participant=participant, measurement=measurement, value=value, interval=interval,
        level=level,
    ).tail(3)  # fmt: skip
    first, second = found.table.T
    points = pd.DataFrame({"mean": (first + second) / 2.0, "difference": second - first})
    with axes_for(ax) as axes:
        picture_of.draw(
            axes, points, limits, measure=value, contrast=found.contrast, individuals=individuals
        )
    return axes
