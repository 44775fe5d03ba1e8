"""How the sample size was determined, with all assumptions, as CONSORT and SPIRIT ask for it."""

from __future__ import annotations

from backwalk_stats.plan.power_tables import assumptions_table, correlation_words
from backwalk_stats.report.document import document, text
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.plan import Scenario, SimulatedPower

ORDER = 30
_LEAD = (
    "CONSORT 2025 item 16a and SPIRIT 2025 item 19 ask how the sample size was determined, with "
    "all assumptions. The sentences below can stand in a protocol and in a report as they are; "
    "where something is not said in the trial file, they say so."
)
_DF = {
    "kenward-roger": "Kenward-Roger (observed information)",
    "kenward-roger-linear": "Kenward-Roger (linear)",
    "satterthwaite": "Satterthwaite",
}


def section(found: SimulatedPower) -> document.Section:
    """Return the sentences of each scenario and the table of what it assumes."""
    blocks: list[document.Block] = []
    for scenario in found.plan.scenarios:
        anchor = text.slug(scenario.name)
        blocks.append(document.Subheading(id=f"assumed-{anchor}", text=scenario.name))
        blocks += document.paragraphs([assumed(found, scenario), *_asked(found, scenario)])
        table = assumptions_table(found.plan, scenario, found.missing)
        blocks.append(document.TableBlock(id=f"assumptions-{anchor}", table=table))
    blocks += document.paragraphs([_sensitivity(found)])
    return document.Section(
        id="sample-size", title="How the sample size was determined", short="Sample size",
        blocks=document.led(_LEAD, blocks),
    )  # fmt: skip


def assumed(found: SimulatedPower, scenario: Scenario) -> str:
    """Return the assumptions of a scenario in sentences."""
    plan, outcome = found.plan, found.plan.outcome(scenario.outcome)
    by_visit = "; ".join(
        f"{plan.study.arm_label(arm)} {_numbers(means)}" for arm, means in scenario.means.items()
    )
    unit = f" ({outcome.unit})" if outcome.unit else ""
    kept = "nothing is rounded"
    if scenario.rounded:
        step, low, high = (numbers.plain(float(one or 0.0)) for one in
                           (outcome.step, outcome.low, outcome.high))  # fmt: skip
        kept = f"recorded to steps of {step} within {low} to {high}"
    parts = [
        f"{outcome.label} is assumed normal at {', '.join(scenario.visits)} with means{unit} "
        f"{by_visit}, standard deviations {_numbers(scenario.sd)} and correlation "
        f"{correlation_words(scenario)}; {kept}.",
        _dropout(found, scenario),
    ]
    if scenario.clusters is not None:
        one = scenario.clusters
        parts.append(
            f"People of an arm come by {one.name} in groups of {one.size}, with an intracluster "
            f"correlation of {numbers.plain(one.icc)}."
        )
        if not plan.cluster_name:
            parts.append("The planned analyses take no account of these groups.")
    parts += [
        f"{name} is normal with mean {numbers.plain(one.mean)} and standard deviation "
        f"{numbers.plain(one.sd)} in both arms, its correlation with the baseline score is "
        f"{numbers.plain(one.correlation)}, and given that score it tells nothing of later ones."
        for name, one in scenario.covariates.items()
    ]
    parts += [text.sentence(one) for one in scenario.assumptions]
    rests = scenario.rationale or plan.rationale
    parts.append(
        f"The assumed difference rests on: {text.sentence(rests)}" if rests else
        "The trial file does not say what the assumed difference rests on (rationale)."
    )  # fmt: skip
    return " ".join(parts)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(numbers.plain(value) for value in values)


def _dropout(found: SimulatedPower, scenario: Scenario) -> str:
    if scenario.complete:
        return "Nobody is assumed to leave."
    shares = "; ".join(
        f"{found.plan.study.arm_label(arm)} {_numbers(tuple(round(100 * one, 10) for one in own))}"
        for arm, own in scenario.dropout.items()
    )
    return f"Missing from each visit on, in per cent: {shares}; {scenario.mechanism}."


def _asked(found: SimulatedPower, scenario: Scenario) -> list[str]:
    """Return a sentence for each estimand: test, alpha, power at each size with its limits."""
    plan, told = found.plan, []
    truths = found.truths[found.truths["scenario"] == scenario.name]
    truth = dict(zip(truths["estimand"], truths["difference"], strict=True))
    for one in plan.estimands:
        rows = found.results[
            (found.results["scenario"] == scenario.name)
            & (found.results["estimand"] == one.id)
            & (found.results["quantity"] == "power")
            & (found.results["replicates"] > 0)
        ]
        if rows.empty:
            continue
        sizes = ", ".join(
            f"{numbers.percent(100 * row['value'])} (95% limits "
            f"{numbers.number(100 * row['conf_low'], 1)} to "
            f"{numbers.number(100 * row['conf_high'], 1)}) with {numbers.count(row['per_arm'])}"
            for row in rows.to_dict("records")
        )
        note = next((str(note) for note in rows["note"] if note), "")
        told.append(
            f"{one.id}: a true difference of {numbers.number(truth[one.id], 2)} "
            f"({plan.study.arm_label(one.contrast[0])} minus "
            f"{plan.study.arm_label(one.contrast[1])}, {plan.study.visit_label(one.visit)}, as "
            f"recorded, nobody leaving) is found by {_analysis(one)}, {_test(plan.alpha, one)}, in "
            f"{sizes} people in each arm, of {numbers.count(plan.replicates)} simulated trials "
            f"each.{' ' + text.sentence(note) if note else ''}"
        )
    return told


def _analysis(one: Estimand) -> str:
    words = ANALYSES[one.analysis]
    extra = []
    if "baseline" in one.covariates and one.analysis in ("mmrm", "ancova", "random-slope"):
        extra.append("with the baseline as covariate")
    if one.analysis in ("mmrm", "constrained-longitudinal"):
        fallback = f", else {', '.join(one.fallback)}" if one.fallback else ""
        extra.append(f"covariance {one.covariance}{fallback}")
        extra.append(f"degrees of freedom {_DF.get(one.df, one.df)}")
    return f"{words}{' (' + '; '.join(extra) + ')' if extra else ''}"


def _test(alpha: float, one: Estimand) -> str:
    if one.framework == "non-inferiority":
        return f"non-inferiority, one-sided at {numbers.plain(alpha / 2)}, margin {one.margin:g}"
    if one.framework == "equivalence":
        return f"two one-sided tests at {numbers.plain(alpha / 2)} each, margin {one.margin:g}"
    return f"two-sided at {numbers.plain(alpha)}"


def _sensitivity(found: SimulatedPower) -> str:
    """Return how sensitive the size is to what is assumed (ICH E9, 3.5), or that nobody asked."""
    many = len(found.plan.scenarios)
    if many > 1:
        return f"{text.plural(many, 'scenario')} show how the size depends on what is assumed."
    return (
        "One scenario alone does not show how the size depends on what is assumed; ICH E9 (3.5) "
        "asks for that. A second [[plan.scenario]] adds it."
    )
