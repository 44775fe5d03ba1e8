"""The door to a trial of one's own: from its trial file to data that can be analysed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders import checks
from backwalk_stats.loaders.checks import arm_by_covariate, arm_sizes, missing_values
from backwalk_stats.loaders.conduct.adherence_rows import no_adherence, read_adherence
from backwalk_stats.loaders.conduct.harm_rows import People, read_harms
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.plan_lock.lock_file import LOCK_FILE, compared
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial import participants
from backwalk_stats.loaders.trial.dropouts import (
    Dropouts,
    dropouts,
    missing_after_leaving,
    tell_of_stayers,
    with_dropouts,
)
from backwalk_stats.loaders.trial.events import Events, Known, ask_of_deaths, read_events
from backwalk_stats.loaders.trial.labels import matched_labels
from backwalk_stats.loaders.trial.outcome_cells import exposures, locate, outcome_cells
from backwalk_stats.loaders.trial.participants import Allocation
from backwalk_stats.loaders.trial.personal_columns import check_identifiers
from backwalk_stats.loaders.trial.redcap_rows import (
    event_without_arm,
    people_and_visits,
    with_arm_of_event,
)
from backwalk_stats.loaders.trial.shaping import (
    kept,
    with_ids,
    without_codes_beside_empty,
    without_people,
)
from backwalk_stats.loaders.trial.sources import Source, TrialView, has_columns, read_sources
from backwalk_stats.loaders.trial.trial_motion import read_motion
from backwalk_stats.loaders.trial.visit_dates import check_dates, days_of_visits, warn_of_distances
from backwalk_stats.loaders.trial_file.families import (
    ask_of_plan,
    declared_graph,
    multiplicity,
)
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.trial_file import TrialFile, read_trial_file
from backwalk_stats.loaders.trial_file.trial_plan import (
    conduct,
    covariate_labels,
    estimands,
    flow,
    study,
)
from backwalk_stats.registry import members
from backwalk_stats.trial.harms import Harms
from backwalk_stats.trial.tables import TRIAL_DATA
from backwalk_stats.trial.trial import Trial, no_events

if TYPE_CHECKING:
    import pandas as pd

OF_EVERY_KIND = (arm_by_covariate, arm_sizes, missing_values)
RowVisits = dict[str, list[str | None]]


def load_trial(path: Path | str, *, allow_identifiers: bool = False) -> Trial:
    r"""Return a trial from its trial file and the data files that it names.

    Nothing is guessed and nothing is dropped silently: what was put right, and what looks odd, is
    in `Trial.load_log`; what cannot be used as it stands is refused, all of it at once.

    Parameters
    ----------
    path : path
        The trial file, in TOML, or the folder in which it is called trial.toml. Its data lie beside
        or below it.
    allow_identifiers : bool
        Whether files may have columns that identify people, such as names and dates of birth. They
        are not read further, with or without it.

    Returns
    -------
    Trial

    Raises
    ------
    InputError
        With every fault. Messages hold lines and columns, never a participant's value or id.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> text = '''
    ... [trial]
    ... id = "small"
    ... title = "A small trial"
    ... [arms]
    ... reference = "forward"
    ... labels = { BW = "backward", FW = "forward" }
    ... [visits]
    ... baseline = "W0"
    ... order = ["W0", "W6"]
    ... [[data]]
    ... file = "scores.csv"
    ... participant = "id"
    ... arm = "group"
    ... [[outcome]]
    ... name = "pain"
    ... instrument = "nprs"
    ... columns = { W0 = "pain_w0", W6 = "pain_w6" }
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "trial.toml").write_text(text)
    ...     rows = "id,group,pain_w0,pain_w6\n001,BW,6,3\n002,BW,7,\n003,FW,6,5\n004,FW,5,4\n"
    ...     _ = pathlib.Path(folder, "scores.csv").write_text(rows)
    ...     trial = load_trial(pathlib.Path(folder, "trial.toml"))
    >>> trial
    <Trial small: 4 participants; arms forward, backward; 2 visits; 1 outcomes>
    >>> trial.participants["participant"].tolist()
    ['001', '002', '003', '004']
    """
    found = loaded(path, allow_identifiers=allow_identifiers)
    if found.trial is None:
        raise InputError(found.faults)
    return found.trial


def check_trial(
    path: Path | str, *, allow_identifiers: bool = False
) -> tuple[tuple[Fault, ...], pd.DataFrame]:
    """Return everything that is wrong with a trial's files, and the log of loading them.

    Parameters
    ----------
    path, allow_identifiers
        As in `load_trial`.

    Returns
    -------
    faults : tuple of Fault
        Empty where the trial can be analysed.
    log : DataFrame
        Columns of `tables.LOAD_LOG`; as far as loading came.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> faults, log = check_trial(bw.example("knee"))
    >>> len(faults), list(log.columns)[:2]
    (0, ['file', 'column'])
    """
    found = loaded(path, allow_identifiers=allow_identifiers)
    return found.faults, found.log


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What came of loading a trial.

    Attributes
    ----------
    trial : Trial or None
        None where there are faults.
    file : TrialFile or None
        None where the trial file itself cannot be read.
    faults : tuple of Fault
    log : DataFrame
        Columns of `tables.LOAD_LOG`.
    """

    trial: Trial | None
    file: TrialFile | None
    faults: tuple[Fault, ...]
    log: pd.DataFrame


def loaded(path: Path | str, *, allow_identifiers: bool = False) -> Loaded:
    """Return the trial with everything found on the way; arguments as in `load_trial`."""
    try:
        file = read_trial_file(path)
    except InputError as error:
        return Loaded(trial=None, file=None, faults=tuple(error.faults), log=Findings().log())
    findings = Findings(file.name, keys=file.lines, names=file.names)
    trial = assemble(
        file, allow_identifiers=allow_identifiers, today=date.today(), findings=findings
    )
    trial = _with_plan(trial, file, findings)
    findings.sort()
    return Loaded(trial=trial, file=file, faults=tuple(findings.faults), log=findings.log())


def _with_plan(trial: Trial | None, file: TrialFile, findings: Findings) -> Trial | None:
    """Return the trial with its plan held against the lock beside it; None where there are faults.

    Those of a motion file are told already.
    """
    if file.faults:
        return None
    try:
        plan = compared(file, findings)
    except InputError as error:
        findings.extend(one for one in error.faults if one.file == LOCK_FILE)
        return None
    if trial is None or findings.faults:
        return None
    sources = {**trial.sources, **plan.sources}
    return replace(trial, plan=plan, sources=sources, load_log=findings.log())


# From a trial file and its data to a trial, with everything found on the way.


def assemble(
    trial_file: TrialFile, *, allow_identifiers: bool, today: date, findings: Findings
) -> Trial | None:
    """Return the trial, or None where the findings have faults; no visit is later than `today`.

    Columns that identify people are a fault unless allowed, and are never read further.
    """
    tables = trial_file.tables
    findings.extend(trial_file.faults)
    read = _read(trial_file, allow_identifiers, findings)
    visits = tables.visits.order
    sources, not_kept = _shaped(read, visits)
    complete = len(findings.faults) == len(trial_file.faults) or len(sources) >= len(tables.data)
    participants.check_ids(sources)
    row_visits = {source.key: _visits(source, visits) for source in sources}
    # Before repeated rows are left out: one of them may be in another arm.
    allocation = _allocation(trial_file, sources, row_visits)
    measured = tables.outcome_columns
    sources, row_visits = _rows_to_read(sources, row_visits, visits, measured=measured)
    located, lacking = locate(
        trial_file.measured, sources, complete=complete, visits=visits, findings=findings
    )
    cells = outcome_cells(located, row_visits)
    days = _days(tables, sources, row_visits, today, findings)
    people, assumed = participants.participant_table(tables, sources, allocation, findings)
    left = dropouts(sources, today=today)
    told = with_dropouts(tables.flow, left.by_arm(allocation.arms), findings)
    counts = flow(told, not_kept=len(not_kept))
    tell_of_stayers(cells, left, visits, sources=sources, findings=findings)
    view = _view(trial_file, cells, people, allocation, lacking, counts=counts, sources=sources)
    _check_data(view, findings, there=complete and not cells.empty)
    beside = _hanging(tables, cells, sources, people) | _kept_days(view, days, findings)
    beside["exposures"] = exposures(located, row_visits, cells)
    adherence, sessions_file = _adherence(trial_file, people, findings)
    seen = People(ids=[*people["participant"]], sources=sources, complete=complete)
    harms, harms_file = _harms(trial_file, seen, allow_identifiers, today, findings)
    motion, motion_files = read_motion(trial_file, allocation, findings=findings)
    known = Known.of(view, left=not_kept, days=days, complete=complete)
    events = _events(trial_file, view, known, allow_identifiers, today, findings)
    if findings.faults:
        return None
    hashes = {trial_file.name: trial_file.sha256, **sessions_file, **motion_files, **harms_file}
    hashes |= {source.sheet.file: source.sheet.sha256 for source in read} | dict(events.sources)
    beside |= {"harms": harms, "motion": motion, "assumptions": assumed, "events": events.frame}
    trial = _trial(trial_file, view, allocation, adherence, hashes, findings)
    missing = _all_missing(trial, left)
    return replace(trial, missing=missing, estimands=events.estimands, **beside)


def _read(trial_file: TrialFile, allow_identifiers: bool, findings: Findings) -> list[Source]:
    """Return the files of the trial; columns that identify people are a fault unless allowed."""
    tables, folder = trial_file.tables, trial_file.folder
    read = read_sources(tables.data, folder=folder, findings=findings)
    for source in read:
        check_identifiers(source, allowed=allow_identifiers)
    return read


def _days(
    tables: TrialTables,
    sources: Sequence[Source],
    row_visits: Mapping[str, Sequence[str | None]],
    today: date,
    findings: Findings,
) -> Mapping[str, Mapping[str, date]]:
    kept = any(one.times == "dates" for one in tables.estimand)
    return check_dates(
        sources, row_visits, visits=tables.visits, today=today, findings=findings, kept=kept
    )


def _kept_days(
    view: TrialView, days: Mapping[str, Mapping[str, date]], findings: Findings
) -> dict[str, Any]:
    """Return the days between visits where an estimand asks for them; tell of those that lack."""
    if all(one.times != "dates" for one in view.estimands):
        return {}
    kept = days_of_visits(days)
    warn_of_distances(view, kept, findings)
    return {"visit_days": kept}


def _hanging(
    tables: TrialTables, cells: pd.DataFrame, sources: Sequence[Source], people: pd.DataFrame
) -> dict[str, Any]:
    """Return what the trial knows of rows and people that hang together."""
    apart = participants.parts(cells, sources)
    found: dict[str, Any] = {"parts": apart}
    for name, column in list(tables.clusters.items())[:1]:
        known = people["participant"].tolist()
        grouped = participants.clusters(name, column, sources, known)
        found |= {"clusters": grouped, "cluster_name": name}
    return found


def _shaped(read: Sequence[Source], visits: Sequence[str]) -> tuple[list[Source], frozenset[str]]:
    """Return the files as declared, a record a row, and the people whom `keep` leaves out.

    Files without a column that their table names are left out, and told.
    """
    there = [one for one in read if has_columns(one, visits=visits)]
    whole = [with_arm_of_event(without_codes_beside_empty(one)) for one in there]
    parts = [part for one in whole for part in people_and_visits(with_ids(one))]
    told = [kept(part) for part in parts]
    left = frozenset().union(*(out for _, out in told))
    return [without_people(part, left) for part, _ in told], left


def _rows_to_read(
    sources: Sequence[Source],
    row_visits: RowVisits,
    visits: Sequence[str],
    *,
    measured: Collection[str],
) -> tuple[list[Source], RowVisits]:
    """Return the sources without rows that a policy leaves out, and the visit of each row."""
    rows = {
        one.key: participants.kept_rows(one, row_visits[one.key], visits=visits, measured=measured)
        for one in sources
    }
    kept = [source.at(rows[source.key]) for source in sources]
    return kept, {key: [row_visits[key][row] for row in places] for key, places in rows.items()}


def _visits(source: Source, visits: Sequence[str]) -> list[str | None]:
    """Return the visit of each row of a long file; "" throughout for a wide one."""
    if source.table.visit is None:
        return [""] * len(source.sheet.frame)
    column = source.column(source.table.visit)
    advice = "Write visits.order as the data do, name them in visit_labels, or take the rows out"
    known = source.table.visit_labels or {name: name for name in visits}
    if source.table.arm_from_event:
        # An event is told by its name alone as well: week_6 is week_6_arm_1 and week_6_arm_2.
        lookup = {folded(label): visit for label, visit in known.items()}
        names = {text: lookup.get(folded(event_without_arm(text))) for text in set(column.texts)}
        known = {**{text: name for text, name in names.items() if name is not None}, **known}
    labels = matched_labels(column, known=known, what="a visit", advice=advice)
    empty = column.where([not text.strip() for text in column.texts])
    column.fault("a visit", "an empty cell", rows=empty)
    return labels


def _allocation(
    trial_file: TrialFile, sources: Sequence[Source], row_visits: RowVisits
) -> Allocation:
    tables = trial_file.tables
    if tables.trial.design == "crossover":
        return participants.crossover_arms(tables, sources, row_visits)
    return participants.parallel_arms(tables, sources)


def _view(
    trial_file: TrialFile,
    cells: pd.DataFrame,
    people: pd.DataFrame,
    allocation: Allocation,
    lacking: frozenset[str],
    *,
    counts: pd.DataFrame,
    sources: Sequence[Source],
) -> TrialView:
    tables = trial_file.tables
    plan = study(tables)
    outcomes = [one.outcome for one in trial_file.measured]
    arms = _arms_of(cells, allocation)
    whole = cells.assign(arm=pd.Categorical(arms, categories=list(plan.arm_names)))
    return TrialView(
        study=plan,
        measured=trial_file.measured,
        estimands=estimands(tables, outcomes),
        cells=whole,
        participants=people,
        flow=counts,
        wide={one.name: _wide(cells, one.name, plan.visit_names) for one in outcomes},
        lacking=lacking,
        without_arm=len({p for one in sources for p in one.participants} - {*allocation.arms}),
        formats={
            (one.file, name): kinds for one in sources for name, kinds in one.sheet.formats.items()
        },
    )


def _wide(cells: pd.DataFrame, outcome: str, visits: Sequence[str]) -> pd.DataFrame:
    """Return an outcome with a column a visit; repeated values are averaged."""
    rows = cells[(cells["outcome"] == outcome) & cells["value"].notna()]
    table = rows.groupby(["participant", "visit"], sort=False)["value"].mean().unstack("visit")
    return table[[visit for visit in visits if visit in table.columns]]


def _arms_of(frame: pd.DataFrame, allocation: Allocation) -> list[str | None]:
    """Return the arm of each row by participant and, in a crossover, by visit."""
    people = frame["participant"].tolist()
    if not allocation.by_visit:
        return [allocation.arms.get(one) for one in people]
    pairs = zip(people, frame["visit"].tolist(), strict=True)
    return [allocation.by_visit.get(pair) for pair in pairs]


def _check_data(view: TrialView, findings: Findings, *, there: bool) -> None:
    # Events, categories and counts have no unit, no ends and no spread to look at; and without
    # files or columns a check would repeat what is said already.
    measured = replace(view, measured=tuple(one for one in view.measured if one.outcome.has_means))
    for member in members(checks) if there else ():
        member.check(view if member in OF_EVERY_KIND else measured, findings)


def _adherence(
    trial_file: TrialFile, people: pd.DataFrame, findings: Findings
) -> tuple[pd.DataFrame, Mapping[str, str]]:
    table = trial_file.tables.adherence
    if table is None:
        return no_adherence(), {}
    known = people["participant"].tolist()
    return read_adherence(table, folder=trial_file.folder, participants=known, findings=findings)


def _events(
    trial_file: TrialFile,
    view: TrialView,
    known: Known,
    allow_identifiers: bool,
    today: date,
    findings: Findings,
) -> Events:
    """Return the intercurrent events; without a file of them the estimands are as planned."""
    if not trial_file.tables.events:
        return Events(frame=no_events(), estimands=view.estimands)
    events = read_events(
        trial_file.tables,
        view.estimands,
        known,
        folder=trial_file.folder,
        allow_identifiers=allow_identifiers,
        today=today,
        findings=findings,
    )
    ask_of_deaths(events, findings)
    return events


def _harms(
    trial_file: TrialFile,
    people: People,
    allow_identifiers: bool,
    today: date,
    findings: Findings,
) -> tuple[Harms | None, Mapping[str, str]]:
    table = trial_file.tables.harms
    if table is None:
        return None, {}
    return read_harms(
        table,
        people,
        folder=trial_file.folder,
        allow_identifiers=allow_identifiers,
        today=today,
        findings=findings,
    )


def _wide_margins(view: TrialView) -> dict[str, tuple[float, str]]:
    """Return for each measured outcome how large a margin looks too wide, and what that is."""
    found = {}
    for one in view.measured:
        outcome = one.outcome
        low, high = outcome.low, outcome.high
        if not outcome.has_means:
            continue
        if low is not None and high is not None:
            told = f"half of the scale, {low:g} to {high:g}"
            found[outcome.name] = ((high - low) / 2.0, told)
        elif outcome.name in view.wide:
            spread = float(view.wide[outcome.name].std().max())
            if spread > 0.0:
                told = "two standard deviations of what was measured"
                found[outcome.name] = (2.0 * spread, told)
    return found


def _trial(
    trial_file: TrialFile,
    view: TrialView,
    allocation: Allocation,
    adherence: pd.DataFrame,
    hashes: Mapping[str, str],
    findings: Findings,
) -> Trial:
    tables = trial_file.tables
    ask_of_plan(tables, view.estimands, findings, wide=_wide_margins(view))
    arms = [arm for arm in tables.arm_names if arm in set(view.cells["arm"])]
    plan = study(tables, arms=arms)
    return Trial(
        study=plan,
        outcomes=tuple(one.outcome for one in view.measured),
        estimands=view.estimands,
        data=_whole_grid(view, plan.arm_names, allocation),
        participants=view.participants,
        missing=_missing(view.cells),
        flow=view.flow,
        adherence=adherence,
        load_log=findings.log(),
        multiplicity=multiplicity(tables),
        graph=declared_graph(tables),
        unadjusted_because=tables.multiplicity.reason or "",
        small_cell=tables.report.small_cell,
        labels=covariate_labels(tables),
        sources=dict(hashes),
        conduct=conduct(tables),
    )


def _whole_grid(view: TrialView, arms: Sequence[str], allocation: Allocation) -> pd.DataFrame:
    """Return one row for every participant, visit and outcome; repeated values are averaged."""
    people = view.participants["participant"].tolist()
    visits = list(view.study.visit_names)
    names = [one.outcome.name for one in view.measured]
    keys = ["participant", "visit", "outcome"]
    values = view.cells.groupby(keys, sort=False)["value"].mean()
    index = pd.MultiIndex.from_product([people, visits, names], names=keys)
    frame = values.reindex(index).reset_index()
    frame["arm"] = pd.Categorical(_arms_of(frame, allocation), categories=list(arms))
    frame["visit"] = pd.Categorical(frame["visit"], categories=visits, ordered=True)
    frame["value"] = frame["value"].astype(np.float64)
    frame = frame.astype({"participant": "str", "outcome": "str"})
    return frame[frame["arm"].notna()].reset_index(drop=True)[list(TRIAL_DATA)]


def _all_missing(trial: Trial, left: Dropouts) -> pd.DataFrame:
    """Return the values missing for a declared reason, and after people left."""
    gone = missing_after_leaving(trial.data, left, trial.study.visit_names)
    whole = pd.concat([trial.missing, gone])
    return whole.drop_duplicates(["participant", "visit", "outcome"]).reset_index(drop=True)


def _missing(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the values that are missing for a declared reason."""
    columns = ["participant", "visit", "outcome", "reason"]
    rows = cells[cells["value"].isna() & (cells["reason"] != "")][columns]
    return rows.drop_duplicates(columns[:3]).astype("str").reset_index(drop=True)
