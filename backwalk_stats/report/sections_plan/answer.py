"""The answer, first: the size that the primary analysis needs, in every scenario."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import numbers
from backwalk_stats.tables.power import needed_text
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.plan import SimulatedPower

ORDER = 10
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
    """Return power of the primary estimand at the largest size, from the worst to the best."""
    power = found.results[
        (found.results["quantity"] == "power")
        & (found.results["estimand"] == first.id)
        & (found.results["replicates"] > 0)
    ]
    size = int(power["per_arm"].max())
    at = power[power["per_arm"] == size]["value"]
    shown = [numbers.percent(100 * one) for one in (at.min(), at.max())]
    reach = shown[0] if shown[0] == shown[1] else f"{shown[0]} to {shown[1]}"
    over = f" over {text.plural(len(at), 'scenario')}" if len(at) > 1 else ""
    return (
        f"With {size} people in each arm {first.id}, by {ANALYSES[first.analysis]}, has a power of "
        f"{reach}{over}."
    )


def _without(found: SimulatedPower, scenario: str, first: Estimand) -> str:
    rows = found.results[
        (found.results["scenario"] == scenario) & (found.results["estimand"] == first.id)
    ]
    return str(rows["note"].iloc[0]) if len(rows) else "not simulated"
