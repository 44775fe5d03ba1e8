"""Power, type I error and what is needed, by scenario: a picture and three tables each."""

from __future__ import annotations

from backwalk_stats.figures import simulated_power
from backwalk_stats.plan.power_tables import characteristics_table, needed_table, power_table
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.trial.plan import SimulatedPower

ORDER = 20
_LEAD = (
    "Every estimand is analysed in each simulated trial as it will be in the real one: its model, "
    "covariates, degrees of freedom and fallback. Type I error is the share of significant trials "
    "where every arm has the means of the reference; with a margin, where the arm is worse by the "
    "margin."
)


def section(found: SimulatedPower) -> document.Section:
    """Return each scenario: picture, power, what is needed, bias and coverage; what is left out."""
    blocks: list[document.Block] = []
    for scenario in found.plan.scenarios:
        blocks += _of_scenario(found, scenario.name)
    blocks += _left_out(found)
    return document.Section(
        id="power", title="Power by size", short="Power", blocks=document.led(_LEAD, blocks)
    )


def _of_scenario(found: SimulatedPower, name: str) -> list[document.Block]:
    plan, anchor = found.plan, text.slug(name)
    own = found.results[found.results["scenario"] == name]
    targets = (plan.target_power,) if plan.target_power is not None else (0.8,)
    drawn = drawing.picture(
        simulated_power,
        own,
        name=f"power-{anchor}",
        caption=simulated_power.caption(own, alpha=plan.alpha),
        targets=targets,
        alpha=plan.alpha,
    )
    tables = {
        "power": power_table(found.results, found.closed_forms, name, plan.replicates),
        "needed": needed_table(found.needed, name),
        "bias": characteristics_table(found.results, name),
    }
    return [
        document.Subheading(id=f"scenario-{anchor}", text=name),
        drawn,
        *(
            document.TableBlock(id=f"{kind}-{anchor}", table=table)
            for kind, table in tables.items()
            if table.rows
        ),
    ]


def _left_out(found: SimulatedPower) -> list[document.Block]:
    """Return the estimands that were not simulated, each with the reason."""
    rows = found.results[found.results["replicates"] == 0]
    told = dict.fromkeys(
        f"{row['scenario']}, {row['estimand']} ({row['analysis']}): {row['note']}."
        for row in rows.to_dict("records")
    )
    if not told:
        return []
    return [
        document.Subheading(id="not-simulated", text="Not simulated"),
        document.Items(entries=tuple((one,) for one in told)),
    ]
