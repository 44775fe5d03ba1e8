"""`[plan]` and `[[plan.scenario]]` of a trial file: what is assumed, and what cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PlainValidator

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.trial_file.table_schema import Table, Words, unexpected
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.plan import Clusters, DrawnCovariate, Scenario

if TYPE_CHECKING:
    from backwalk_stats.loaders.trial_file.schema import TrialTables

AR1 = "ar1:"
LARGEST = 1e12  # of a score: squares and sums of more are lost in floating point, or not finite
Number = Annotated[float, Field(allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
PerArm = Annotated[int, Field(ge=2, le=100_000)]
ByVisit = Annotated[list[Number], Field(min_length=1, max_length=60)]
_CORRELATION = 'a number, "ar1:0.7", or a matrix: a list of lists of numbers'
_MECHANISM = '"mcar", or { mar = b } with the slope b on the last recorded score'


def _listed(value: object) -> object:
    return [value] if isinstance(value, int) and not isinstance(value, bool) else value


def _is_number(value: object) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and math.isfinite(float(value))  # type: ignore[arg-type]


def _correlation(value: object) -> float | str | list[list[float]]:
    """Return a correlation as it is written; what it means needs the number of visits."""
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, str) and value.startswith(AR1) and _as_float(value[len(AR1) :]):
        return value
    rows = isinstance(value, list) and bool(value) and all(isinstance(one, list) for one in value)
    if rows and all(_is_number(cell) for one in value for cell in one):  # type: ignore[attr-defined]
        return [[float(cell) for cell in one] for one in value]  # type: ignore[attr-defined]
    raise unexpected(_CORRELATION)


def _as_float(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _mechanism(value: object) -> float | Literal["mcar"]:
    """Return the slope of drop-out at random, or that there is none."""
    if value == "mcar":
        return "mcar"
    if isinstance(value, dict) and list(value) == ["mar"] and _is_number(value["mar"]):
        return float(value["mar"])
    raise unexpected(_MECHANISM)


class ClustersTable(Table):
    """People of an arm who hang together."""

    name: Words
    size: Annotated[int, Field(ge=2, le=100_000)]
    icc: Annotated[Number, Field(ge=0, lt=1)]


class DrawnCovariateTable(Table):
    """A covariate that is drawn: normal, correlated with the baseline score."""

    mean: Number
    sd: Annotated[Number, Field(gt=0)]
    correlation: Annotated[Number, Field(gt=-1, lt=1)]


class ScenarioTable(Table):
    """One scenario: what is assumed of the scores of one outcome.

    Attributes
    ----------
    per_arm : list of int
        Sizes of an arm; one may be written without brackets.
    means, dropout : dict
        Arm to one number for each visit at which the outcome is measured.
    sd : list
        One for each visit.
    correlation : float, str or list
        Of every two visits; "ar1:0.7" is 0.7 to the power of the distance in visits; or a matrix.
    dropout_mechanism : float or "mcar"
        Slope on the last recorded score.
    round : bool
        Whether scores are rounded to the step of the outcome and held within its limits.
    covariates : dict
        Covariate of the trial to mean, sd and correlation with the baseline score.
    rationale : str
        What the difference rests on.
    """

    name: Words
    per_arm: Annotated[list[PerArm], Field(min_length=1, max_length=50), BeforeValidator(_listed)]
    outcome: Words | None = None
    means: dict[str, ByVisit]
    sd: Annotated[list[Annotated[Number, Field(gt=0)]], Field(min_length=1, max_length=60)]
    correlation: Annotated[Any, PlainValidator(_correlation)]
    dropout: dict[str, ByVisit] = Field(default_factory=dict)
    dropout_mechanism: Annotated[Any, PlainValidator(_mechanism)] = None
    round: bool | None = None
    clusters: ClustersTable | None = None
    covariates: dict[Words, DrawnCovariateTable] = Field(default_factory=dict)
    rationale: Words | None = None


class PlanTable(Table):
    """How power is simulated, and the scenarios."""

    replicates: Annotated[int, Field(ge=2, le=10_000_000)] = 10_000
    alpha: Annotated[Number, Field(gt=0, lt=0.5)] = 0.05
    target_power: Annotated[Number, Field(gt=0, lt=1)] | None = None
    rationale: Words | None = None
    scenario: Annotated[list[ScenarioTable], Field(max_length=200)] = Field(default_factory=list)


# What the keys of a scenario say against each other and against the trial.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A scenario that is looked at: its table, its key, and where faults are told."""

    table: ScenarioTable
    key: str
    tables: TrialTables
    faults: Faults
    outcome: str
    visits: tuple[str, ...]

    def tell(self, word: str, expected: str, found: str, action: str = "") -> None:
        """Add a fault at a key of the scenario; "" is the scenario itself."""
        self.faults.add(f"{self.key}.{word}" if word else self.key, expected, found, action)


def check_scenarios(tables: TrialTables, outcomes: Sequence[Outcome], faults: Faults) -> None:
    """Tell every scenario that cannot be; `outcomes` are those whose scales are known."""
    known = {one.name: one for one in outcomes}
    names: list[str] = []
    for place, one in enumerate(tables.plan.scenario if tables.plan is not None else ()):
        key = f"plan.scenario[{place}]"
        if one.name in names:
            faults.add(f"{key}.name", "every scenario once", f"'{one.name}' again")
        names.append(one.name)
        if len(set(one.per_arm)) < len(one.per_arm):
            faults.add(f"{key}.per_arm", "every size once", "one a second time")
        name = outcome_of(one, tables)
        if name is None:
            _tell_outcome(one, tables, faults, f"{key}.outcome")
            continue
        asked = _Asked(
            table=one, key=key, tables=tables, faults=faults, outcome=name,
            visits=visits_of(name, tables),
        )  # fmt: skip
        for check in (_check_outcome, _check_by_visit, _check_dropout, _check_correlation,
                      _check_clusters, _check_covariates):  # fmt: skip
            check(asked)
        if name in known:
            _check_scale(asked, known[name])


def _tell_outcome(one: ScenarioTable, tables: TrialTables, faults: Faults, key: str) -> None:
    there = [outcome.name for outcome in tables.outcome]
    if one.outcome is None:
        faults.add(key, f"the outcome that is drawn: {', '.join(there)}", "no such key")
    else:
        faults.unknown(key, "an outcome", one.outcome, there)


def outcome_of(one: ScenarioTable, tables: TrialTables) -> str | None:
    """Return the outcome of a scenario: the one that is named, else the only one that there is."""
    names = [outcome.name for outcome in tables.outcome]
    if one.outcome is None:
        return names[0] if len(names) == 1 else None
    return one.outcome if one.outcome in names else None


def visits_of(outcome: str, tables: TrialTables) -> tuple[str, ...]:
    """Return the visits at which an outcome is measured, in order of time."""
    table = next(one for one in tables.outcome if one.name == outcome)
    if table.is_long:
        return tuple(tables.visits.order)
    there = {*table.columns, *table.items}
    there |= {tables.visits.baseline} if table.baseline_column is not None else set()
    return tuple(visit for visit in tables.visits.order if visit in there)


def _check_outcome(asked: _Asked) -> None:
    name, tables = asked.outcome, asked.tables
    kind = tables.kind_of(name)
    if kind != "continuous":
        found = f"'{name}', which is {kind}"
        asked.tell("outcome", "an outcome that is measured: its scores are drawn", found)
    if tables.trial.design == "crossover":
        expected = "a parallel design: scores of a crossover are not drawn"
        asked.tell("", expected, "'crossover' under [trial]")
    elif tables.visits.baseline not in asked.visits:
        asked.tell("outcome", "an outcome that is measured at baseline", f"'{name}', which is not")
    elif len(asked.visits) < 2:
        asked.tell("outcome", "a visit after baseline", f"none where '{name}' is measured")


def _check_by_visit(asked: _Asked) -> None:
    one, visits, arms = asked.table, asked.visits, asked.tables.arm_names
    expected = f"{len(visits)} numbers, one for each of {', '.join(visits)}"
    if len(one.sd) != len(visits):
        asked.tell("sd", expected, f"{len(one.sd)}")
    for word, by_arm in (("means", one.means), ("dropout", one.dropout)):
        for arm, numbers in by_arm.items():
            if arm not in arms:
                asked.faults.unknown(f"{asked.key}.{word}.{arm}", "an arm", arm, arms)
            if len(numbers) != len(visits):
                asked.tell(f"{word}.{arm}", expected, f"{len(numbers)}")
        lacking = [arm for arm in arms if arm not in by_arm]
        known = all(arm in arms for arm in by_arm)
        if lacking and known and (by_arm or word == "means"):
            told = f"{word} of every arm: {', '.join(arms)}"
            asked.tell(word, told, f"none of {', '.join(lacking)}")


def _check_dropout(asked: _Asked) -> None:
    """Tell shares that cannot be of monotone drop-out, and one whose mechanism nobody has said."""
    one = asked.table
    for arm, shares in one.dropout.items():
        under = f"dropout.{arm}"
        beyond = [share for share in shares if not 0.0 <= share < 1.0]
        if beyond:
            expected = "shares missing from each visit on: 0 or more, below 1"
            asked.tell(under, expected, f"{beyond[0]:g}")
        elif shares[0] != 0.0:
            asked.tell(under, "0 first: the baseline is always there", f"{shares[0]:g}")
        elif any(later < earlier for earlier, later in pairwise(shares)):
            first, then = next(pair for pair in pairwise(shares) if pair[1] < pair[0])
            action = "Shares are cumulative: who has left does not come back"
            asked.tell(under, "shares that never fall", f"{first:g}, then {then:g}", action)
    if leaves(one) and one.dropout_mechanism is None:
        asked.tell("dropout_mechanism", _MECHANISM, "no such key")


def leaves(one: ScenarioTable) -> bool:
    """Tell whether anybody leaves in a scenario."""
    return any(share > 0.0 for shares in one.dropout.values() for share in shares)


def _check_correlation(asked: _Asked) -> None:
    """Tell correlations that cannot be."""
    given, visits = asked.table.correlation, len(asked.visits)
    if isinstance(given, list):
        wrong = _not_a_correlation(given, visits)
        if wrong:
            asked.tell("correlation", *wrong)
            return
    else:
        number = float(given[len(AR1) :]) if isinstance(given, str) else given
        if not -1.0 < number < 1.0:
            asked.tell("correlation", "a correlation above -1 and below 1", f"{number:g}")
            return
    least = float(np.linalg.eigvalsh(matrix_of(given, visits)).min())
    if least <= 1e-10:
        found = f"one whose smallest eigenvalue is {least:.3g}"
        action = "No scores can have such correlations"
        asked.tell("correlation", "a positive definite matrix", found, action)


def _not_a_correlation(given: list[list[float]], visits: int) -> tuple[str, str] | None:
    """Return what is expected of a matrix and what was found, where its form is wrong."""
    if len(given) != visits or any(len(row) != visits for row in given):
        rows = f"{len(given)} rows of {', '.join(sorted({str(len(row)) for row in given}))}"
        return f"a matrix of {visits} x {visits}, one row for each visit", rows
    matrix = np.array(given)
    if not np.array_equal(matrix, matrix.T):
        row, column = np.argwhere(matrix != matrix.T)[0]
        cells = f"{matrix[row, column]:g} and {matrix[column, row]:g}"
        where = f"of row {row + 1}, column {column + 1} and of their opposite"
        return "a symmetric matrix", f"{cells} {where}"
    if not (np.diag(matrix) == 1.0).all():
        place = int(np.flatnonzero(np.diag(matrix) != 1.0)[0])
        return "1 on the diagonal", f"{matrix[place, place]:g} in row {place + 1}"
    return None


def matrix_of(given: float | str | list[list[float]], visits: int) -> np.ndarray:
    """Return the correlations of a scenario, shape (M, M).

    >>> matrix_of("ar1:0.5", 3)[0].tolist(), matrix_of(0.6, 2)[0].tolist()
    ([1.0, 0.5, 0.25], [1.0, 0.6])
    """
    if isinstance(given, list):
        return np.array(given, dtype=float)
    if isinstance(given, str):
        apart = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
        return np.asarray(float(given[len(AR1) :]) ** apart, dtype=float)
    return np.where(np.eye(visits, dtype=bool), 1.0, given)


def _check_clusters(asked: _Asked) -> None:
    said, own = asked.table.clusters, next(iter(asked.tables.clusters), None)
    if said is not None and own is not None and said.name != own:
        asked.tell("clusters", f"the clusters of the trial, '{own}'", f"'{said.name}'")
    most = max(asked.table.per_arm)
    if said is not None and said.size > most:
        found = f"{said.size} people in a cluster"
        asked.tell("clusters", f"at most {most}, the size of an arm", found)
    if said is None and own is not None:
        action = f'clusters = {{ name = "{own}", size = 8, icc = 0.05 }}'
        expected = f"the size of a {own} and its icc, as the analysis knows of them"
        asked.tell("clusters", expected, "no such key", action)


def _check_covariates(asked: _Asked) -> None:
    """Tell covariates that the trial does not have, and categories, which are not drawn."""
    tables = asked.tables
    said = {name: one for table in tables.data for name, one in table.covariates.items()}
    for name in asked.table.covariates:
        key = f"covariates.{name}"
        if name not in said:
            asked.faults.unknown(f"{asked.key}.{key}", "covariates of [[data]]", name, said)
        elif said[name].kind == "category" or said[name].labels:
            asked.tell(key, "a covariate that is a number: categories are not drawn", "a category")


def _check_scale(asked: _Asked, outcome: Outcome) -> None:
    """Tell means outside of the scale, and scores that are to be rounded to no step."""
    one = asked.table
    low = -math.inf if outcome.low is None else outcome.low
    high = math.inf if outcome.high is None else outcome.high
    for arm, means in one.means.items():
        beyond = [mean for mean in means if not low <= mean <= high]
        if beyond:
            expected = f"means within the scale, {low:g} to {high:g}"
            asked.tell(f"means.{arm}", expected, f"{beyond[0]:g}")
    if outcome.step is not None and one.round is None:
        expected = f"true or false: whether scores are rounded to steps of {outcome.step:g}"
        asked.tell("round", expected, "no such key")
    ends = {"step": outcome.step, "low": outcome.low, "high": outcome.high}
    lacking = [word for word, end in ends.items() if end is None]
    if one.round and lacking:
        found = f"true, and '{outcome.name}' has no {', no '.join(lacking)}"
        asked.tell("round", "false", found, "Give the outcome its low, high and step")


# From tables to records.


def scenario(one: ScenarioTable, tables: TrialTables) -> Scenario:
    """Return a scenario that was checked."""
    outcome = outcome_of(one, tables)
    if outcome is None:
        raise ValueError("a scenario that was not checked has no outcome")
    visits = visits_of(outcome, tables)
    nobody = {arm: (0.0,) * len(visits) for arm in tables.arm_names}
    taken = [] if one.dropout else ["nobody leaves: the scenario says nothing on drop-out"]
    if len({means[0] for means in one.means.values()}) > 1:
        taken.append(
            "the arms differ at baseline, which arms that were dealt by chance do only by chance: "
            "a model without the baseline has another type I error"
        )
    mar = one.dropout_mechanism if isinstance(one.dropout_mechanism, float) else None
    given = one.correlation
    told = "a matrix" if isinstance(given, list) else given if isinstance(given, str) else None
    return Scenario(
        name=one.name,
        outcome=outcome,
        visits=visits,
        per_arm=tuple(sorted(one.per_arm)),
        means=_by_arm(one.means, tables),
        sd=tuple(map(float, one.sd)),
        correlation=tuple(map(tuple, matrix_of(given, len(visits)).tolist())),
        correlation_told=told or f"{given:g}",
        dropout=_by_arm(one.dropout, tables) if one.dropout else nobody,
        mar=mar,
        rounded=bool(one.round),
        clusters=None if one.clusters is None else Clusters(**one.clusters.model_dump()),
        covariates={
            name: DrawnCovariate(**table.model_dump()) for name, table in one.covariates.items()
        },
        rationale=one.rationale or "",
        assumptions=tuple(taken),
    )


def _by_arm(
    numbers: Mapping[str, Sequence[float]], tables: TrialTables
) -> dict[str, tuple[float, ...]]:
    """Return numbers by arm, the reference first."""
    return {arm: tuple(map(float, numbers[arm])) for arm in tables.arm_names}
