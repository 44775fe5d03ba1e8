"""How trials were simulated: draws, seeds, blocks, versions, fits that failed."""

from __future__ import annotations

from backwalk_stats.plan.blocks import engine
from backwalk_stats.report.document import document, text
from backwalk_stats.tables import numbers
from backwalk_stats.trial.plan import BLOCK, SimulatedPower

ORDER = 90
_DRAWN = (
    "Scores of a person at all visits are drawn from the multivariate normal distribution and, "
    "where said, recorded to the nearest step within the limits. A person leaves at a visit with "
    "the chance that gives the declared cumulative shares; where leaving depends on the last "
    "recorded score, the intercepts are found from a large sample of its own."
)
_LEFT = (
    "The main analysis of each estimand is simulated. Sensitivity analyses, subgroups and "
    "responders are not; nor are people who do not keep to the protocol, intercurrent events, or "
    "covariates that are not declared. All estimands of a scenario see the same trials."
)
_COUNTED = (
    "A trial whose fit does not converge, after the fallbacks, counts as not significant and is "
    "left out of bias, coverage and standard errors. Limits of shares are Wilson’s, of bias those "
    "of t. Truth is the difference of the expected recorded scores at the visit, nobody leaving "
    "(Morris, White and Crowther, Stat Med 2019;38:2074)."
)


def section(found: SimulatedPower) -> document.Section:
    """Return the methods, and how often fits fell back or failed."""
    plan = found.plan
    versions = ", ".join(f"{name} {one}" for name, one in engine().items()
                         if one and name != "engine")  # fmt: skip
    blocks = document.paragraphs(
        (
            _DRAWN,
            f"{numbers.count(plan.replicates)} trials were simulated for each scenario, size and "
            f"hypothesis, in blocks of {BLOCK} with random streams of their own (Philox) from the "
            f"seed {plan.study.seed}; the numbers depend on neither the number of workers nor "
            f"their order. Computed with {versions}.",
            _COUNTED,
            _LEFT,
        )
    )
    return document.Section(id="methods", title="Methods", blocks=(*blocks, *_fits(found)))


def _fits(found: SimulatedPower) -> list[document.Block]:
    """Return which covariances were fitted beside the declared one, and why fits failed."""
    declared = {one.id: one.covariance for one in found.plan.estimands}
    lines = []
    for row in found.fits.to_dict("records"):
        if row["kind"] == "covariance" and row["what"] == declared[row["estimand"]]:
            continue
        which = "fell back to" if row["kind"] == "covariance" else "no answer:"
        lines.append(
            f"{row['scenario']}, {row['per_arm']} an arm ({row['hypothesis']}), "
            f"{row['estimand']}: {which} {row['what']} in {text.plural(int(row['count']), 'trial')}"
        )
    if not lines:
        return document.paragraphs(["Every fit converged with the declared covariance."])
    return [document.Items(entries=tuple((text.sentence(one),) for one in lines))]
