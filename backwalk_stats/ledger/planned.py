"""Power of protocols that have no results yet: what their planned size could show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.summary.power import detectable_effect, two_sample_power
from backwalk_stats.ledger.case import Study
from backwalk_stats.trial.tables import DESIGNS, POWER

LEVEL = 0.05
EFFECT_SIZES = np.round(np.arange(0.0, 2.0001, 0.05), 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A planned trial: its study and the participants of each of its arms."""

    study: Study
    n_per_arm: int


def plan_of(study: Study) -> Plan | None:
    """Return the planned size per arm of a protocol, or None for any other study.

    The total is divided equally among the arms where arm sizes were not printed.
    """
    design = study.design.lower()
    if "protocol" not in design or "review" in design or study.n_total is None:
        return None
    if study.arm_sizes:
        return Plan(study=study, n_per_arm=min(study.arm_sizes))
    if len(study.arms) < 2 or study.n_total < 2 * len(study.arms):
        return None
    return Plan(study=study, n_per_arm=study.n_total // len(study.arms))


def planned_power(studies: Sequence[Study]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the power curves of all protocols, and the effects that they can detect.

    Two-sided two-sample t test of two arms at 5 %; the effect is Cohen's d. Columns are those of
    `tables.POWER` and `tables.DESIGNS`.
    """
    plans = [plan for study in studies if (plan := plan_of(study)) is not None]
    curves = [
        pd.DataFrame(
            {
                "study_id": plan.study.study_id,
                "n_per_arm": float(plan.n_per_arm),
                "effect_size": EFFECT_SIZES,
                "power": two_sample_power(
                    n1=plan.n_per_arm, n2=plan.n_per_arm, effect_size=EFFECT_SIZES, level=LEVEL
                ),
                "level": LEVEL,
            }
        )
        for plan in plans
    ]
    designs = [
        {
            "study_id": plan.study.study_id,
            "label": plan.study.label,
            "n_per_arm": float(plan.n_per_arm),
            "detectable_80": detectable(plan, power=0.80),
            "detectable_90": detectable(plan, power=0.90),
        }
        for plan in plans
    ]
    power = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=list(POWER))
    return power[list(POWER)], pd.DataFrame(designs, columns=list(DESIGNS))


def detectable(plan: Plan, *, power: float) -> float:
    """Return Cohen's d that a plan detects with the given power."""
    n = plan.n_per_arm
    return float(detectable_effect(n1=n, n2=n, power=power, level=LEVEL))
