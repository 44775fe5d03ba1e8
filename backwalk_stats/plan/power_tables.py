"""Simulated power: by size and estimand, what is needed, what was assumed, what was fitted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.trial_labels import ANALYSES
from backwalk_stats.trial.plan import Plan, Scenario

_POWER = display_columns(
    ("estimand", "Estimand", "left", 1.2),
    ("per_arm", "n an arm", "right", 0.6),
    ("power", "Power (95% limits)", "right", 1.6),
    ("error", "Type I error (95% limits)", "right", 1.6),
    ("formula", "By formula", "right", 0.8),
)
_REST = display_columns(
    ("estimand", "Estimand", "left", 1.2),
    ("per_arm", "n an arm", "right", 0.6),
    ("bias", "Bias (Monte Carlo SE)", "right", 1.5),
    ("coverage", "Coverage", "right", 0.9),
    ("se", "Empirical SE", "right", 0.9),
    ("df", "Mean df", "right", 0.8),
    ("failed", "Not converged", "right", 0.9),
)
_NEEDED = display_columns(
    ("estimand", "Estimand", "left", 1.2),
    ("target", "Power", "right", 0.6),
    ("per_arm", "n an arm needed", "left", 3.0),
)
_ASSUMED = display_columns(
    ("what", "Assumed", "left", 1.6),
    ("arm", "Arm", "left", 1.0),
    ("values", "At each visit", "left", 3.2),
)
Row = Mapping[Any, Any]


def needed_text(row: Row) -> str:
    """Return the size that a power needs in words.

    >>> needed_text({"target_power": 0.9, "per_arm": 41.0, "conf_low": 40.0, "conf_high": 42.0,
    ...              "note": "interpolated between 30 and 60"})
    '41 an arm for a power of 90% (40 to 42; interpolated between 30 and 60)'
    >>> needed_text({"target_power": 0.9, "per_arm": float("nan"), "note": "more than 60"})
    'more than 60 an arm for a power of 90%'
    """
    wanted = f"an arm for a power of {numbers.percent(100 * row['target_power'], _decimals(row))}"
    if math.isnan(row["per_arm"]):
        return f"{size_text(row)} {wanted}"
    low, high = (numbers.count(row[name]) for name in ("conf_low", "conf_high"))
    told = f"{low} to {high}; {row['note']}" if not _open(row) else row["note"]
    return f"{size_text(row)} {wanted} ({told})"


def size_text(row: Row) -> str:
    """Return the size, or what is known of it."""
    return str(row["note"]) if math.isnan(row["per_arm"]) else numbers.count(row["per_arm"])


def _open(row: Row) -> bool:
    return math.isnan(row["conf_low"]) or math.isnan(row["conf_high"])


def _decimals(row: Row) -> int:
    return 0 if round(100 * row["target_power"], 6).is_integer() else 1


def _by_size(results: pd.DataFrame, scenario: str) -> Iterator[tuple[str, str, dict[str, Row]]]:
    """Yield estimand with its analysis, size, and the rows by quantity, of one scenario."""
    own = results[(results["scenario"] == scenario) & (results["replicates"] > 0)]
    order = {name: place for place, name in enumerate(own["estimand"].drop_duplicates())}
    own = own.assign(place=own["estimand"].map(order))
    for (_, size, name), rows in own.groupby(["place", "per_arm", "estimand"]):
        by_quantity: dict[str, Row] = {str(row["quantity"]): row for row in rows.to_dict("records")}
        analysis = str(rows["analysis"].iloc[0])
        yield f"{name}: {ANALYSES.get(analysis, analysis)}", str(size), by_quantity


def _share(row: Row | None) -> str:
    if row is None or math.isnan(row["value"]):
        return numbers.DASH
    low, high = (numbers.number(100 * row[name], 1) for name in ("conf_low", "conf_high"))
    return f"{numbers.percent(100 * row['value'])} ({low} to {high})"


def power_cells(results: pd.DataFrame, scenario: str) -> list[tuple[str, str, str, str]]:
    """Return estimand, size, power and type I error of a scenario as text, both with limits."""
    return [
        (name, size, _share(found.get("power")), _share(found.get("type_one_error")))
        for name, size, found in _by_size(results, scenario)
    ]


def power_table(
    results: pd.DataFrame, closed_forms: pd.DataFrame, scenario: str, replicates: int
) -> DisplayTable:
    """Return power and type I error by estimand and size, with the closed form beside them."""
    closed = closed_forms[closed_forms["scenario"] == scenario]
    formula = {
        (str(row["estimand"]), numbers.count(row["per_arm"])): float(row["power"])
        for row in closed.to_dict("records")
    }
    rows, notes = [], []
    cells = power_cells(results, scenario)
    for (name, size, found), own_cells in zip(_by_size(results, scenario), cells, strict=True):
        by = formula.get((name.partition(":")[0], size), math.nan)
        rows.append((*own_cells, numbers.percent(100 * by)))
        notes += [
            f"{name.partition(':')[0]}: {row['note']}." for row in found.values() if row["note"]
        ]
    notes += [f"By formula: {one}." for one in dict.fromkeys(closed["note"]) if one]
    shown = len(_POWER) if formula else len(_POWER) - 1
    return DisplayTable(
        columns=_POWER[:shown],
        rows=tuple(row[:shown] for row in rows),
        caption=f"{scenario}: power and type I error, {numbers.count(replicates)} simulated trials "
        "each.",
        notes=tuple(dict.fromkeys(notes)),
    )


def characteristics_table(results: pd.DataFrame, scenario: str) -> DisplayTable:
    """Return bias, coverage, standard errors and failures by estimand and size."""
    rows = []
    own = results[(results["scenario"] == scenario) & (results["quantity"] == "bias")]
    digits = _digits(float(own["mc_se"].min())) if len(own) else 2
    for name, size, found in _by_size(results, scenario):
        value = {key: float(row["value"]) for key, row in found.items()}
        bias = found.get("bias")
        told = numbers.DASH
        if bias is not None:
            told = (
                f"{numbers.number(bias['value'], digits)} ({numbers.number(bias['mc_se'], digits)})"
            )
        rows.append((
            name, size, told,
            numbers.percent(100 * value.get("coverage", math.nan)),
            numbers.number(value.get("empirical_se", math.nan), 3),
            numbers.number(value.get("mean_df", math.nan), 1),
            numbers.percent(100 * value.get("not_converged", math.nan), 2),
        ))  # fmt: skip
    return DisplayTable(
        columns=_REST,
        rows=tuple(rows),
        caption=f"{scenario}: bias, coverage and standard errors under the assumed difference.",
        notes=(
            "Of the trials that converged; one that does not counts as not significant in power.",
        ),
    )


def _digits(error: float) -> int:
    """Return decimals, two at least, that show a Monte Carlo error to one digit."""
    return 2 if not error > 0.0 else min(6, max(2, -math.floor(math.log10(error))))


def needed_table(needed: pd.DataFrame, scenario: str) -> DisplayTable:
    """Return the smallest size of an arm for each power of one scenario."""
    own = needed[needed["scenario"] == scenario].to_dict("records")
    rows = [
        (
            str(row["estimand"]),
            numbers.percent(100 * row["target_power"], _decimals(row)),
            f"{size_text(row)}{_aside(row)}",
        )
        for row in own
    ]
    return DisplayTable(
        columns=_NEEDED,
        rows=tuple(rows),
        caption=f"{scenario}: people in each arm that a power needs.",
        notes=(
            "Probit of power, made monotone, on log size between the simulated sizes; in brackets "
            "the limits that follow from the simulation. Beyond these sizes nothing is inferred.",
        ),
    )


def _aside(row: Row) -> str:
    if math.isnan(row["per_arm"]):
        return ""
    if _open(row):
        return f" ({row['note']})"
    return f" ({numbers.count(row['conf_low'])} to {numbers.count(row['conf_high'])})"


def assumptions_table(plan: Plan, scenario: Scenario, missing: pd.DataFrame) -> DisplayTable:
    """Return what a scenario assumes by arm and visit, with the shares that were simulated."""
    arms = {arm.name: arm.label for arm in plan.study.arms}
    visits = scenario.visits
    rows = []
    for arm, label in arms.items():
        rows.append(("Mean", label, _listed(visits, scenario.means[arm], 2)))
    rows.append(("Standard deviation", "all", _listed(visits, scenario.sd, 2)))
    if scenario.correlation_told == "a matrix":
        for place, visit in enumerate(visits[:-1]):
            later = scenario.correlation[place][place + 1 :]
            rows.append(
                (f"Correlation with {visit}", "all", _listed(visits[place + 1 :], later, 2))
            )
    else:
        rows.append(("Correlation of visits", "all", correlation_words(scenario)))
    own = missing[missing["scenario"] == scenario.name]
    for arm, label in arms.items():
        shares = [100 * share for share in scenario.dropout[arm]]
        rows.append(("Missing from there on, %", label, _listed(visits, shares, 1)))
        seen = own[own["arm"] == arm].groupby("visit", sort=False)["simulated"].mean()
        found = [100 * float(seen[visit]) for visit in visits]
        rows.append(("Missing in the simulation, %", label, _listed(visits, found, 1)))
    return DisplayTable(
        columns=_ASSUMED,
        rows=tuple(rows),
        caption=f"{scenario.name}: what is assumed of the scores.",
    )


def correlation_words(scenario: Scenario) -> str:
    """Return the correlations of a scenario in words."""
    told = scenario.correlation_told
    if told == "a matrix":
        return "a matrix of its own"
    if told.startswith("ar1:"):
        return f"{told[4:]} to the power of the distance in visits"
    return f"{told} between any two visits"


def _listed(visits: tuple[str, ...], values: Any, digits: int) -> str:  # noqa: ANN401
    shown = [numbers.held_decimals(values, digits)] * len(visits)
    pairs = zip(visits, values, shown, strict=True)
    return ", ".join(f"{visit} {numbers.number(value, own)}" for visit, value, own in pairs)
