"""The canonical form of a plan: every key of a trial file that decides a number, and its hash.

Defaults are filled in, keys are sorted, numbers are numbers. What is empty is left out, so that a
key that is added to the package later changes no older hash as long as nobody uses it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwalk_stats.loaders.motion.motion_file_schema import MotionTables
from backwalk_stats.loaders.sheets.sheet import ReadOptions
from backwalk_stats.loaders.trial_file.families import multiplicity
from backwalk_stats.loaders.trial_file.faults import checked_tables, read_toml
from backwalk_stats.loaders.trial_file.outcome_scale import Measured
from backwalk_stats.loaders.trial_file.plan_schema import leaves, outcome_of
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.table_schema import Table
from backwalk_stats.loaders.trial_file.trial_file import TrialFile
from backwalk_stats.loaders.trial_file.trial_plan import estimands
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome

Plan = dict[str, Any]  # full key to a value that JSON has

# Every table of the schemas by its class: the keys that decide a number, and those that do not
# (what readers see, prose, facts of the conduct, data themselves). A key in neither decides, until
# somebody declares it: a test asks for it.
_DATA = (
    "file layout participant row_id keep within instrument arm_from_event arm visit visit_labels "
    "dropout_reason dropout_date sequence covariates missing_codes missing_codes_by_column "
    "missing_codes_where_empty encoding separator decimal sheet dictionary catalogue header_row "
    "header_rows footer_rows duplicates date date_format randomised"
)
_OUTCOME = (
    "name instrument version subscale role unit better low high step thresholds threshold kind "
    "event order exposure columns column combine baseline_column units items missing_rule file"
)
_ESTIMAND = (
    "id outcome visit contrast role population intercurrent events composite analysis covariates "
    "sensitivity covariance df fallback level imputations resamples subgroups framework margin "
    "margin_scale times"
)
_EVENTS = (
    "file participant kind visit date visit_labels date_format missing_codes encoding separator "
    "sheet header_row footer_rows"
)
_HARMS = (
    "file participant term serious related led_to_stop start asked exposure falls codes "
    "missing_codes encoding separator sheet"
)
_FLOW = "assessed excluded randomised allocated received not_received lost discontinued analysed"
_MOTION = (
    "seed recordings facing side backward align up cutoff order gap_limit nodes leave_out_odd "
    "cardan permutations resample"
)
_RECORDING = (
    "file markers_file sensor_files format inside resample participant arm visit direction task "
    "belt_speed unit facing events affected leave_out"
)
_CURVE_TEST = (
    "test signal direction visit covariate alpha alternative method cluster_threshold covariates "
    "roi"
)
_FORMAT = (
    "name separator decimal encoding skip_rows units_row rate time angle_unit length_unit angles "
    "markers quaternions contacts names"
)
DECLARED: dict[str, tuple[str, str]] = {
    "TrialTables": (
        "trial arms visits data outcome estimand multiplicity sets events adherence harms clusters "
        "motion plan",
        "labels flow intervention methods report deviation decision",
    ),
    "TrialTable": ("seed design", "id title registration deviations unblinded strata"),
    "ArmsTable": ("reference labels", "names"),
    "VisitsTable": ("baseline order weeks windows", "labels"),
    "DataTable": (_DATA, ""),
    "CovariateTable": ("column kind labels", "unit confirmed"),
    "WhereEmpty": ("codes empty", ""),
    "OutcomeTable": (_OUTCOME, "label confirmed exposure_unit"),
    "ThresholdTable": ("name kind value unit", "population source"),
    "EstimandTable": (_ESTIMAND, "confirmed"),
    "MultiplicityTable": ("method order weights transitions", "reason"),
    "SetsTable": ("per_protocol received", ""),
    "FlowTable": ("", _FLOW),
    "EventsTable": (_EVENTS, ""),
    "AdherenceTable": (
        "file participant columns session status codes missing_codes encoding separator sheet",
        "",
    ),
    "HarmsTable": (_HARMS, "definition"),
    "MotionFileTable": ("file", ""),
    "ReportTable": ("", "small_cell"),
    "DecisionTable": ("", "key what when reason"),
    "PlanTable": ("replicates alpha target_power scenario", "rationale"),
    "ScenarioTable": (
        "name per_arm outcome means sd correlation dropout dropout_mechanism round clusters "
        "covariates",
        "rationale",
    ),
    "ClustersTable": ("name size icc", ""),
    "DrawnCovariateTable": ("mean sd correlation", ""),
    "DeviationTable": ("", "key when reason before_unblinding"),
    # Of the motion file. Single recordings are data: they have people's ids.
    "MotionTables": (
        "motion arms visits format markers segments signals joint coupling repositioning "
        "participants curve_test",
        "recording",
    ),
    "MotionTable": (_MOTION, "id title"),
    "MotionArms": ("reference", "names"),
    "MotionVisits": ("baseline order", ""),
    "FormatTable": (_FORMAT, ""),
    "SegmentTable": ("right left front back up down sensor parts", ""),
    "SignalTable": ("label component sign", ""),
    "JointTable": ("name proximal distal kind", ""),
    "CouplingTable": ("name proximal distal angles", ""),
    "RecordingTable": ("", _RECORDING),
    "RepositioningTable": ("file participant arm visit target trials", ""),
    "CurveTestTable": (_CURVE_TEST, ""),
}
# Lists whose order decides nothing.
_SETS = frozenset({"covariates", "sensitivity", "subgroups", "thresholds", "falls"})
_ONE_STEP = ("holm", "hochberg", "hommel")  # their order of estimands decides nothing
# Parts of a plan that a simulation of its power depends on: not where the data will stand.
_OF_POWER = (
    "trial.seed", "arms.reference", "arms.names", "visits.", "estimand.", "plan.", "multiplicity.",
)  # fmt: skip
_WITHIN = re.compile(r"data\.\d+\.within")
_OF_SCALES = ("better", "high", "kind", "low", "order", "step")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTrial:
    """What a plan is made of, whether or not there are data.

    Attributes
    ----------
    tables : TrialTables
    measured : tuple of Measured
    motion : MotionTables or None
        Of the motion file, where it is there and can be read.
    """

    tables: TrialTables
    measured: tuple[Measured, ...]
    motion: MotionTables | None = None

    @classmethod
    def of(cls, file: TrialFile) -> PlannedTrial:
        """Return the plan of a trial file that was read; faults of its motion file are raised."""
        named = file.tables.motion
        path = None if named is None else file.folder / named.file
        motion = None
        if path is not None and path.is_file():
            motion, faults = checked_tables(read_toml(path, kind="motion file"), MotionTables)
            faults.stop()
        return cls(tables=file.tables, measured=file.measured, motion=motion)


def canonical(trial: PlannedTrial) -> Plan:
    """Return the canonical form: full key, such as "estimand.E1.covariates", to its value.

    Outcomes and estimands are named by what they call themselves, files of data by their place.
    """
    tables = trial.tables
    plan = _of_table("trial", tables.trial)
    plan |= _of_table("arms", tables.arms, labels=_labels(tables))
    plan["arms.names"] = [tables.arms.reference, *sorted(tables.arm_names[1:])]
    plan |= _of_table("visits", tables.visits)
    for place, table in enumerate(tables.data, start=1):
        plan |= _of_data(f"data.{place}", table)
    for one in trial.measured:
        plan |= _of_outcome(one)
    outcomes = [one.outcome for one in trial.measured]
    for asked, written in zip(estimands(tables, outcomes), tables.estimand, strict=True):
        plan |= _of_estimand(asked, written.intercurrent if tables.events else None)
    method, order = multiplicity(tables)
    order = tuple(sorted(order)) if method in _ONE_STEP else order
    plan |= _of_table("multiplicity", tables.multiplicity, method=method, order=order)
    plan |= _of_table("sets", tables.sets)
    for place, events in enumerate(tables.events, start=1):
        plan |= _of_table(f"events.{place}", events)
    for name, part in (("adherence", tables.adherence), ("harms", tables.harms)):
        plan |= {} if part is None else _of_table(name, part)
    plan |= {f"clusters.{name}": column for name, column in tables.clusters.items()}
    plan |= _of_motion(trial)
    plan |= _of_simulation(tables)
    kept = {key: _plain(value, key.rpartition(".")[2]) for key, value in plan.items()}
    return {key: kept[key] for key in sorted(kept) if not _empty(kept[key])}


def plan_hash(plan: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of a canonical form.

    Examples
    --------
    >>> plan_hash({"a.level": 0.5, "b": 1}) == plan_hash({"b": 1, "a.level": 0.50})
    True
    """
    text = json.dumps(
        dict(plan), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def power_hash(plan: Mapping[str, Any]) -> str:
    """Return the hash of what a simulation of power depends on: not of where data will stand."""
    kept = {
        key: value
        for key, value in plan.items()
        if key.startswith(_OF_POWER)
        or (key.startswith("outcome.") and key.rpartition(".")[2] in _OF_SCALES)
    }
    # People who hang together refuse an analysis or give it a random intercept; where their column
    # stands does not matter.
    kept |= {key: True for key in plan if key.startswith("clusters.")}
    kept["data.within"] = any(map(_WITHIN.fullmatch, plan))
    return plan_hash(kept)


def decides(kind: str, key: str) -> bool:
    """Tell whether a key of a table, by its class, decides a number; one not declared does.

    Examples
    --------
    >>> decides("TrialTable", "seed"), decides("TrialTable", "title")
    (True, False)
    """
    return key not in DECLARED.get(kind, ("", ""))[1].split()


def _of_table(name: str, table: Table, **filled: object) -> Plan:
    """Return the keys of a table that decide, those that are `filled` in place of the written."""
    kind = type(table).__name__
    values = {key: getattr(table, key) for key in type(table).model_fields if decides(kind, key)}
    file, mark = values.get("file"), values.get("separator")
    if file is not None and mark == ReadOptions().separator_of(Path(file)):
        values["separator"] = None  # that of its ending, as if none were written
    return {f"{name}.{key}": value for key, value in (values | filled).items()}


def _labels(tables: TrialTables) -> dict[str, str]:
    """Return every label of an arm; the name of an arm is a label of it."""
    return {**{arm: arm for arm in tables.arm_names}, **tables.arms.labels}


def _of_data(name: str, table: Table) -> Plan:
    """Return what decides of a file of data, each covariate by itself."""
    plan = _of_table(name, table)
    for covariate, said in plan.pop(f"{name}.covariates").items():
        plan[f"{name}.covariates.{covariate}"] = said
    return plan


def _of_outcome(one: Measured) -> Plan:
    """Return what decides of an outcome: its scale as it is known, and where it is read."""
    table, outcome = one.table, one.outcome
    rule = table.missing_rule
    if one.scale is not None and table.items:
        rule = one.scale.rule(rule).name
    known = {key: getattr(outcome, key) for key in _outcome_keys(outcome)}
    named = [
        {"name": each.name, "kind": each.kind, "value": each.value, "unit": each.unit}
        for each in sorted(outcome.thresholds, key=lambda each: each.name)
    ]
    plan = _of_table(f"outcome.{outcome.name}", table, **known, missing_rule=rule)
    plan |= {f"outcome.{outcome.name}.thresholds": named}
    for key in ("name", "threshold"):
        plan.pop(f"outcome.{outcome.name}.{key}")
    return plan


def _outcome_keys(outcome: Outcome) -> tuple[str, ...]:
    """Return the keys of the trial file that an outcome's record knows with its defaults."""
    shared = ("instrument", "version", "subscale", "role", "unit", "better", "low", "high", "step")
    return (*shared, "kind", "exposure")


def _of_estimand(asked: Estimand, every: str | None) -> Plan:
    """Return what decides of an estimand; `every` is the strategy of events of any kind."""
    keys = (key for key in _ESTIMAND.split() if key not in ("id", "intercurrent", "events"))
    plan: Plan = {f"estimand.{asked.id}.{key}": getattr(asked, key) for key in keys}
    plan[f"estimand.{asked.id}.events"] = dict(asked.events)
    plan[f"estimand.{asked.id}.intercurrent"] = every
    return plan


def _of_motion(trial: PlannedTrial) -> Plan:
    """Return what decides of the motion file; its name alone where it is not there yet."""
    named, tables = trial.tables.motion, trial.motion
    plan: Plan = {} if named is None else {"motion.file": named.file}
    if tables is None:
        return plan
    for name, value in _of_table("motion", tables).items():
        key = name.removeprefix("motion.")
        if isinstance(value, Table):
            inner = "motion" if key == "motion" else name
            plan |= _of_table(inner, value)
        elif isinstance(value, list):
            plan |= _of_named(name, value)
        else:
            plan[name] = value
    return plan


def _of_simulation(tables: TrialTables) -> Plan:
    """Return what decides of `[plan]`, where the trial file has one: scenarios by their names."""
    said = tables.plan
    if said is None:
        return {}
    plan = {key: value for key, value in _of_table("plan", said).items() if key != "plan.scenario"}
    for one in said.scenario:
        name = f"plan.scenario.{one.name}"
        filled: Plan = {"outcome": outcome_of(one, tables), "per_arm": sorted(one.per_arm)}
        if not leaves(one):  # as if nothing were said of drop-out
            filled |= {"dropout": {}, "dropout_mechanism": None}
        plan |= _of_table(name, one, **filled)
    return plan


def _of_named(name: str, tables: Sequence[Any]) -> Plan:
    """Return tables of a list, each under its own name, else its place."""
    plan: Plan = {}
    for place, table in enumerate(tables, start=1):
        own = getattr(table, "name", None) or place
        plan |= _of_table(f"{name}.{own}", table) if isinstance(table, Table) else {name: tables}
    return plan


def _plain(value: object, key: str) -> Any:  # noqa: ANN401
    """Return a value as JSON has it: whole numbers whole, lists without order sorted."""
    if isinstance(value, Table):
        keys = type(value).model_fields
        kind = type(value).__name__
        value = {one: getattr(value, one) for one in keys if decides(kind, one)}
        if kind == "WhereEmpty":
            value |= {"codes": _codes(value["codes"])}
    if isinstance(value, Mapping):
        # Codes that mean missing have a reason in words beside them, which decides nothing.
        if key == "missing_codes":
            return _codes(value)
        if key == "missing_codes_by_column":
            return {str(name): _codes(codes) for name, codes in value.items()}
        inner = {str(name): _plain(one, "") for name, one in value.items()}
        return {name: one for name, one in sorted(inner.items()) if not _empty(one)}
    if isinstance(value, list | tuple | set | frozenset):
        listed = [_plain(one, "") for one in value]
        return sorted(listed) if key in _SETS and all(map(_is_text, listed)) else listed
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _codes(said: Mapping[str, str]) -> list[str]:
    """Return the codes that mean missing; the empty cell always does."""
    return sorted(code for code in said if code.strip())


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _empty(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


# Values of a plan as a reader sees them, and the tables to which keys belong.

_BY_NAME = ("outcome", "estimand", "data", "events")  # the second part is which one
_WHOLE = ("harms", "adherence", "motion")


def table_of(key: str) -> str:
    """Return the table of a full key that may be there or not as a whole; "" for one always there.

    Examples
    --------
    >>> table_of("estimand.E1.covariates"), table_of("harms.asked"), table_of("trial.seed")
    ('estimand.E1', 'harms', '')
    >>> table_of("data.1.covariates.age"), table_of("plan.scenario.expected.sd")
    ('data.1', 'plan.scenario.expected')
    """
    parts = key.split(".")
    if parts[0] == "plan" and len(parts) > 3:
        return ".".join(parts[:3])
    if parts[0] in _BY_NAME and len(parts) > 2:
        return ".".join(parts[:2])
    return parts[0] if parts[0] in _WHOLE else ""


def value_in_words(value: object) -> str:
    """Return a value of a plan as text.

    Examples
    --------
    >>> value_in_words(["baseline", "age"]), value_in_words(None), value_in_words({"W0": ["a"]})
    ('baseline, age', 'none', 'W0 = a')
    >>> value_in_words(0.95), value_in_words(True)
    ('0.95', 'true')
    """
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_inside(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_inside(one) for one in value)
    return str(value)


def _inside(value: object) -> str:
    text = value_in_words(value)
    several = isinstance(value, Mapping | list | tuple) and len(value) > 1
    return f"({text})" if several else text


def table_in_words(plan: Mapping[str, Any], name: str) -> str:
    """Return what a whole table of a plan is, in a few words."""
    kind, _, own = name.partition(".")
    said = {key: plan.get(f"{name}.{key}") for key in ("analysis", "outcome", "visit", "file")}
    if kind == "estimand":
        return f"{said['analysis']} of {said['outcome']} at {said['visit']}"
    if kind == "outcome":
        instrument = plan.get(f"{name}.instrument")
        return f"{own} ({instrument})" if instrument else own
    return str(said["file"] or own.rpartition(".")[2] or kind)


def tables_in(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tables of a plan that may be there or not, each once."""
    yield from dict.fromkeys(filter(None, map(table_of, plan)))
