"""The answer, first: the size that the primary analysis needs, in every scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from backwalk_stats.plan.power_tables import needed_text, size_text
from backwalk_stats.report.document import document
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.plan import SimulatedPower

ORDER = 10
MOST_NAMED = 3  # scenarios; of more the range is told
_MEANS = (
    "Power is the share of simulated trials in which the planned analysis is significant; it is as "
    "true as the assumptions below. Limits in brackets are those of the simulation alone, not of "
    "the assumptions."
)


def section(found: SimulatedPower) -> document.Section:
    """Return what is needed for the first primary estimand, then for all by scenario."""
    first = primary(found)
    entries: list[document.Text] = []
    for scenario in found.plan.scenarios:
        own = found.needed[
            (found.needed["scenario"] == scenario.name) & (found.needed["estimand"] == first.id)
        ]
        told = "; ".join(needed_text(row) for row in own.to_dict("records"))
        told = told or _without(found, scenario.name, first)
        entries.append((document.Strong(text=f"{scenario.name}:"), f" {told}."))
    entries.append((_MEANS,))
    opening = document.Opening(answer=_answer(found, first), entries=tuple(entries))
    return document.Section(id="answer", title="The answer", blocks=(opening,))


def primary(found: SimulatedPower) -> Estimand:
    """Return the first primary estimand that was simulated, else the first that was."""
    done = found.results[found.results["replicates"] > 0]["estimand"].unique().tolist()
    there = [one for one in found.plan.estimands if one.id in done]
    return next((one for one in there if one.role == "primary"), there[0])


def _answer(found: SimulatedPower, first: Estimand) -> str:
    """Return the size that the target needs, in each scenario or over many of them."""
    target = found.plan.target_power or 0.8
    own = found.needed[
        (found.needed["estimand"] == first.id) & (found.needed["target_power"] == target)
    ]
    rows = sorted(own.to_dict("records"), key=_rank)
    sizes = [size_text(row) for row in rows]
    if len(rows) == 1:
        told = f"{sizes[0]} people in each arm"
    elif len(rows) <= MOST_NAMED:
        named = [f"{size} ({row['scenario']})" for size, row in zip(sizes, rows, strict=True)]
        told = f"in each arm: {', '.join(named)}"
    else:
        told = f"{sizes[0]} to {sizes[-1]} people in each arm, over {len(rows)} scenarios"
    return (
        f"For a power of {numbers.percent(100 * target, 0)} {first.id}, by "
        f"{ANALYSES[first.analysis]}, needs {told}."
    )


def _rank(row: Mapping[Any, Any]) -> float:
    """Return what sizes are sorted by: those beyond the simulated ones stand at the ends."""
    if not math.isnan(row["per_arm"]):
        return float(row["per_arm"])
    return math.inf if str(row["note"]).startswith("more than") else -math.inf


def _without(found: SimulatedPower, scenario: str, first: Estimand) -> str:
    rows = found.results[
        (found.results["scenario"] == scenario) & (found.results["estimand"] == first.id)
    ]
    return str(rows["note"].iloc[0]) if len(rows) else "not simulated"
