"""Pictures of participants: whose values are missing, who came to the sessions."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.analyses import descriptions
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.figures import adherence_grid, adherence_sessions
from backwalk_stats.figures import missingness as missing_cells
from backwalk_stats.plot.sources import named_in, outcome_of, plain, refuse_doubles, trial_of
from backwalk_stats.plot.theme import axes_for, picture
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.tables import MISSINGNESS, SESSIONS
from backwalk_stats.trial.trial import Trial

STATUSES = list(adherence_sessions.COUNTS)
MOST_SESSIONS = 10_000


@picture(Trial, Analysis, pd.DataFrame)
def missingness(
    source: Trial | Analysis | pd.DataFrame,
    outcome: str | None = None,
    *,
    ax: Axes | None = None,
    individuals: bool = True,
    participant: str = "participant",
    arm: str = "arm",
    visit: str = "visit",
    value: str = "value",
    style: str | None = None,
) -> Axes:
    """Draw whose values of an outcome are missing, and when: a cell for each person and visit.

    Parameters
    ----------
    source : Trial, Analysis or DataFrame
        A frame has one row for every participant and visit; `participant`, `arm`, `visit` and
        `value` name its columns. Who has no row at a visit is missing there. Arms and visits are
        in the order of their categories.
    outcome : str, optional
        Name of the outcome; may be left out where there is one primary outcome.
    ax : Axes, optional
        Where to draw; else a new figure.
    individuals : bool
        True: a column is one participant, those who left first at the right. False: only how many
        are missing at each visit; no person is followed from visit to visit.
    participant, arm, visit, value : str
        Columns of a plain frame: a row for each participant and visit.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no such outcome, or a column is missing or has no order, or a participant has
        two rows at a visit.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"participant": [1, 1, 2, 2], "value": [6.0, None, 7.0, 6.0]})
    >>> frame["arm"] = pd.Categorical(["forward", "forward", "backward", "backward"])
    >>> frame["visit"] = pd.Categorical(["before", "after"] * 2, categories=["before", "after"])
    >>> ax = missingness(frame)
    >>> [text.get_text() for text in ax.texts]
    ['backward', '0', '0', 'forward', '0', '1 of 1']
    """
    if isinstance(source, pd.DataFrame):
        names = {"participant": participant, "arm": arm, "visit": visit, "value": value}
        own = _whole(plain(source, names, "missingness"))
        labels = _labels(own, value if outcome is None else outcome)
        counts = _missing(own, value if outcome is None else outcome)
    else:
        trial = trial_of(source)
        name = outcome_of(trial, outcome)
        own = trial.data[trial.data["outcome"] == name]
        found = descriptions.missingness(trial).frames["missingness"]
        counts = found[found["outcome"] == name]
        labels = Labels(
            arms=trial.arms,
            visits=trial.visits,
            outcomes={name: trial.outcome(name)},
        )
    with axes_for(ax) as axes:
        missing_cells.draw(axes, counts, labels=labels, observations=own if individuals else None)
    return axes


@picture(Trial, Analysis, pd.DataFrame)
def adherence(
    source: Trial | Analysis | pd.DataFrame,
    *,
    ax: Axes | None = None,
    individuals: bool = True,
    participant: str = "participant",
    arm: str = "arm",
    session: str = "session",
    status: str = "status",
    style: str | None = None,
) -> Axes:
    """Draw who came to the sessions: a row for each participant, or a line for each arm.

    Parameters
    ----------
    source : Trial, Analysis or DataFrame
        A frame has one row for every participant and session; `participant`, `arm`, `session` (a
        number) and `status` ("attended", "missed" or "withdrawn") name its columns. Arms are in
        the order of their categories.
    ax : Axes, optional
        Where to draw; else a new figure.
    individuals : bool
        True: a row is one participant, those who came most often first. False: the share of each
        arm that attended, under the share that had not withdrawn.
    participant, arm, session, status : str
        Columns of a plain frame: a row for each participant and session.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If a column is missing, arms have no order, a status is another, or a participant has two
        rows of a session.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"participant": [1, 1, 2, 2], "session": [1, 2, 1, 2]})
    >>> frame["arm"] = pd.Categorical(["forward", "forward", "backward", "backward"])
    >>> frame["status"] = ["attended", "missed", "attended", "withdrawn"]
    >>> adherence(frame, individuals=False).get_ylabel()
    'Attended, % of the arm (thin line: not withdrawn)'
    """
    if isinstance(source, pd.DataFrame):
        names = {"participant": participant, "arm": arm, "session": session, "status": status}
        rows = plain(source, names, "adherence")
        _check_sessions(rows)
        arms = named_in(rows)
        people = rows[["participant", "arm"]].drop_duplicates()
        counts = _sessions(rows)
    else:
        trial = trial_of(source)
        rows, people = trial.adherence, trial.participants
        arms = trial.arms
        counts = descriptions.adherence(trial).frames["sessions"]
    with axes_for(ax) as axes:
        if individuals:
            adherence_grid.draw(axes, rows, people, arms=arms)
        else:
            adherence_sessions.draw(axes, counts, arms=arms)
    return axes


def _whole(own: pd.DataFrame) -> pd.DataFrame:
    """Return a row for every participant and visit, without a value where there was no row."""
    refuse_doubles(own, ("participant", "visit"), "missingness")
    arms = own.drop_duplicates("participant").set_index("participant")["arm"]
    wide = own.pivot(index="participant", columns="visit", values="value")
    whole = wide.reindex(columns=own["visit"].cat.categories).reset_index()
    long = whole.melt("participant", var_name="visit", value_name="value")
    return long.assign(
        arm=pd.Categorical(long["participant"].map(arms), categories=own["arm"].cat.categories),
        visit=pd.Categorical(long["visit"], categories=own["visit"].cat.categories),
    )


def _labels(own: pd.DataFrame, outcome: str) -> Labels:
    """Return the words of a plain frame."""
    named = Outcome(name=outcome, label=outcome)
    return Labels(arms=named_in(own), visits=named_in(own, "visit"), outcomes={outcome: named})


def _missing(own: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return how many values of a whole frame are missing (`tables.MISSINGNESS`)."""
    found = own.groupby(["visit", "arm"], observed=True)["value"].agg(["size", "count"])
    rows = [
        (outcome, str(visit), str(arm), n, seen, n - seen, 100.0 * (n - seen) / n)
        for (visit, arm), n, seen in found.itertuples(name=None)
    ]
    return pd.DataFrame(rows, columns=list(MISSINGNESS))


def _check_sessions(rows: pd.DataFrame) -> None:
    """Refuse statuses that are not known, and two rows of one session."""
    others = sorted({one or "none" for one in rows["status"]} - set(STATUSES))
    if others:
        known = ", ".join(STATUSES)
        found = ", ".join(f"'{printable(one)}'" for one in others[:5])
        raise UsageError(f"adherence: a status is one of {known}; found also: {found}")
    session = rows["session"]
    if not (session.isin(range(MOST_SESSIONS + 1))).all():
        raise UsageError(
            "adherence: a session is a whole number, in the order in which they were, up to "
            f"{MOST_SESSIONS}; some row has another"
        )
    refuse_doubles(rows, ("participant", "session"), "adherence")


def _sessions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return counts by session and arm (`tables.SESSIONS`)."""
    counts = rows.groupby(["arm", "session"], observed=True)["status"].value_counts().unstack()
    found = counts.reindex(columns=STATUSES).fillna(0.0)
    whole = found.assign(n=found.sum(axis=1)).reset_index()
    return whole.assign(arm=whole["arm"].astype(str))[list(SESSIONS)]
