"""Pictures of a record and of a trial's conduct: verdicts, and the flow of participants."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes

from backwalk_stats.analyses.descriptions import flow as counted_flow
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.figures import flow_diagram, verdict_matrix
from backwalk_stats.plot.sources import TEXT, plain, refuse_doubles, trial_of
from backwalk_stats.plot.theme import axes_for, picture, wide_figure
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.tables.labels import VERDICTS, ledger_labels
from backwalk_stats.tables.record_counts import printed_rows
from backwalk_stats.trial.trial import Trial

BY = ("claim", "study")
STAGES = (*flow_diagram.ENROLMENT, *(one for each in flow_diagram.PHASES.values() for one in each))


@picture(Ledger, pd.DataFrame)
def verdicts(
    source: Ledger | pd.DataFrame,
    *,
    by: str | None = None,
    ax: Axes | None = None,
    style: str | None = None,
) -> Axes:
    """Draw how many printed numbers came to which verdict, claim by claim or study by study.

    Parameters
    ----------
    source : Ledger or DataFrame
        A frame has `study_id` and `verdict`, a row for each number, such as `ledger.checks`; every
        row is counted. Of a ledger the numbers that a paper or a review printed are.
    by : {"claim", "study"}, optional
        Claims where the record has some, else studies; of a frame, studies. A number that several
        claims rest on is counted for each; studies without a number that could be recomputed have
        no row.
    ax : Axes, optional
        Where to draw; else a new figure, as high as it has to be.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If `by` is neither, the record has no claims, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("Chen 2021", "reproduced"), ("Chen 2021", "not_derivable")]
    >>> ax = verdicts(pd.DataFrame(rows, columns=["study_id", "verdict"]))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Chen 2021']
    """
    if by is not None and by not in BY:
        raise UsageError(f"by='{by}'; there are: {', '.join(BY)}")
    if isinstance(source, Ledger):
        held = source.reproduction
        printed = printed_rows(held.ledger)
        if by is None:
            by = "claim" if len(held.claims) else "study"
        if by == "claim" and held.claims.empty:
            raise UsageError("this record has no claims; draw it by='study'")
        labels = ledger_labels(held.studies, held.ledger)
        counts = (
            verdict_matrix.by_claim(printed, held.claims)
            if by == "claim"
            else verdict_matrix.by_study(printed, labels=labels)
        )
    else:
        if by == "claim":
            raise UsageError("a frame can be drawn by='study' only; claims are in a ledger")
        own = plain(source, {"study_id": "study_id", "verdict": "verdict"}, "verdicts")
        _refuse_unknown(own["verdict"], VERDICTS, "verdicts: a verdict")
        counts = verdict_matrix.by_study(own)
    with axes_for(ax, wide_figure(), verdict_matrix.height_inches(counts)) as axes:
        verdict_matrix.draw(axes, counts)
    return axes


@picture(Trial, Analysis, pd.DataFrame)
def flow(
    source: Trial | Analysis | pd.DataFrame,
    *,
    ax: Axes | None = None,
    arms: dict[str, str] | None = None,
    style: str | None = None,
) -> Axes:
    """Draw the flow of participants through a trial, as CONSORT asks for it.

    Nothing is assumed: a stage that was neither declared nor counted is left out.

    Parameters
    ----------
    source : Trial, Analysis or DataFrame
        A frame has `stage`, `arm`, `reason` and `n`, as `Analysis` holds it.
    ax : Axes, optional
        Where to draw; else a new figure, as high as it has to be.
    arms : dict of str to str, optional
        Of a frame: name to label of the arms, in order; else their names as they come.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("randomised", "", "", 60), ("allocated", "backward", "", 30)]
    >>> ax = flow(pd.DataFrame(rows, columns=["stage", "arm", "reason", "n"]))
    >>> [text.get_text() for text in ax.texts][0]
    'Enrolment'
    """
    if isinstance(source, pd.DataFrame):
        columns = {one: one for one in ("stage", "arm", "reason", "n")}
        found = plain(source, columns, "flow", text=(*TEXT, "arm"))
        _refuse_unknown(found["stage"], STAGES, "flow: a stage")
        refuse_doubles(found, ("stage", "arm", "reason"), "flow")
        names = arms or {one: one for one in found["arm"] if one}
    else:
        trial = trial_of(source)
        names = trial.arms
        found = _flow_of(source)
    width = wide_figure()
    with axes_for(ax, width, flow_diagram.height_inches(found, width, arms=names)) as axes:
        if ax is None:
            axes.set_position((0.0, 0.0, 1.0, 1.0))
        flow_diagram.draw(axes, found, arms=names)
    return axes


def _flow_of(source: Trial | Analysis) -> pd.DataFrame:
    """Return the flow of a trial (`tables.FLOW`)."""
    if isinstance(source, Analysis):
        part = source.analysis.part("flow")
        if part is not None:
            return part.frames["flow"]
    return counted_flow(trial_of(source)).frames["flow"]


def _refuse_unknown(words: pd.Series, known: Iterable[str], what: str) -> None:
    """Refuse words that a picture does not know, and would leave out."""
    others = words[~words.isin(list(known))]
    if len(others):
        found = ", ".join(f"'{printable(one)}'" for one in others.unique()[:5])
        raise UsageError(f"{what} is one of {', '.join(known)}; found also: {found}")
