"""What a stated design can detect: power of the two-sample t test at the planned size.

power = P(|T| > t_crit), T noncentral t with df = 2n - 2 and ncp = d sqrt(n / 2).  Cohen,
Statistical Power Analysis, 2nd ed., ch. 2.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Check, Study
from backwalk_stats.ledger.planned import detectable, plan_of
from backwalk_stats.ledger.reading.printed import exactly
from backwalk_stats.ledger.verdict import NO_RESULTS, Ruling

FORMULA = "power = P(|T| > t_crit), T noncentral t, df = 2n - 2, ncp = d sqrt(n / 2)"


def run(study: Study) -> Iterator[Ruling]:
    """Yield the effect that a protocol's planned size detects with 80 % power."""
    plan = plan_of(study)
    if plan is None:
        return
    effect = detectable(plan, power=0.80)
    yield Ruling(
        quantity="detectable effect",
        reported=study.n_text,
        verdict=NO_RESULTS,
        reason=f"a protocol: {plan.n_per_arm} an arm detect d = {effect:.2f} with 80 % power, "
        "two-sided 5 %; smaller effects are likely to be missed",
        value=effect,
        interval=exactly(effect),
        inputs=f"studies.csv line {study.line}: n {study.n_text}, {len(study.arms)} arms",
        formula=FORMULA,
    )


CHECK = Check(
    name="power",
    title="Power and detectable effect of a stated design",
    formula=FORMULA,
    reference="Cohen, Statistical Power Analysis for the Behavioral Sciences, ch. 2",
    scope="study",
    run=run,
)
