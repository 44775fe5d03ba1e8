"""What a trial file plans and assumes, before there are data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.plan_lock.canonical import PlannedTrial, canonical, power_hash
from backwalk_stats.loaders.trial_file.families import declared_graph, multiplicity
from backwalk_stats.loaders.trial_file.plan_schema import PlanTable, scenario
from backwalk_stats.loaders.trial_file.schema import EstimandTable
from backwalk_stats.loaders.trial_file.trial_file import TrialFile, read_trial_file
from backwalk_stats.loaders.trial_file.trial_plan import estimands, study
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.plan import Plan


def whole_plan(path: Path | str) -> TrialFile:
    """Return a trial file, or that of a folder, without any fault; its data need not be there.

    Raises `InputError` with every fault.
    """
    file = read_trial_file(path, data=False)
    if file.faults:
        raise InputError(file.faults)
    return file


def load_plan(path: Path | str) -> Plan:
    r"""Return what a trial file plans, before there are data: its files need not exist.

    Parameters
    ----------
    path : path
        The trial file, in TOML, or the folder in which it is called trial.toml.

    Returns
    -------
    Plan
        Its estimands, and the scenarios of `[[plan.scenario]]` in which `bw.power` asks their
        power; lists by visit stand in order of time, arms with the reference first.

    Raises
    ------
    InputError
        With every fault: drop-out that falls, an unknown arm, correlations that no scores can have.

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
    ... file = "not_yet.csv"
    ... participant = "id"
    ... arm = "group"
    ... [[outcome]]
    ... name = "pain"
    ... instrument = "nprs"
    ... columns = { W0 = "pain_w0", W6 = "pain_w6" }
    ... [[estimand]]
    ... outcome = "pain"
    ... analysis = "ancova"
    ... [[plan.scenario]]
    ... name = "expected"
    ... per_arm = [20, 30]
    ... means = { forward = [6, 5], backward = [6, 4] }
    ... sd = [1.8, 2.1]
    ... correlation = 0.6
    ... dropout = { forward = [0, 0.1], backward = [0, 0.15] }
    ... dropout_mechanism = "mcar"
    ... round = true
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "trial.toml").write_text(text)
    ...     plan = load_plan(folder)
    >>> plan, plan.scenarios[0].dropout["backward"]
    (<Plan of small: estimands E1; scenarios expected>, (0.0, 0.15))
    """
    file = whole_plan(path)
    tables = file.tables
    known = [one.outcome for one in file.measured]
    said = tables.plan or PlanTable()
    pairs = zip(estimands(tables, known), tables.estimand, strict=True)
    return Plan(
        study=study(tables),
        outcomes=tuple(known),
        estimands=tuple(_with_events(one, table) for one, table in pairs),
        multiplicity=multiplicity(tables),
        graph=declared_graph(tables),
        scenarios=tuple(scenario(one, tables) for one in said.scenario),
        replicates=said.replicates,
        alpha=said.alpha,
        target_power=said.target_power,
        rationale=said.rationale or "",
        cluster_name=next(iter(tables.clusters), ""),
        within=any(one.within is not None for one in tables.data),
        file=file.name,
        digest=power_hash(canonical(PlannedTrial.of(file))),
    )


def _with_events(one: Estimand, table: EstimandTable) -> Estimand:
    """Return an estimand with the strategy of all events, whose kinds only the data will tell."""
    if table.intercurrent is None or one.events:
        return one
    return replace(one, events=(("every event", table.intercurrent),))
