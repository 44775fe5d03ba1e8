"""Events at several visits: one odds ratio for all of them, by estimating equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backwalk_stats.analyses import results, rows
from backwalk_stats.models.linear.gee import GeeModel
from backwalk_stats.models.linear.gee import gee as estimating_equations
from backwalk_stats.trial.estimand import BASELINE, Estimand
from backwalk_stats.trial.trial import Trial


@results.asked("gee")
def gee(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the odds ratio of the event over all visits after baseline, of the population.

    Visits are not in the model: the ratio is one for all of them. Exchangeable working correlation
    of a person's visits. Row odds_ratio.
    """
    listed = BASELINE in estimand.covariates
    included = rows.rows_by_visit(trial, estimand)
    if listed:
        included.require_baseline("estimating equations adjusted for the baseline")
    included = rows.measured_rows(included, estimand, baseline=listed)
    frame = included.frame
    used = rows.participants_in(frame)
    many = results.many(sum(used.values()))
    fit = estimating_equations(
        " + ".join(["value ~ arm", *(["baseline"] if listed else []), *included.covariates]),
        frame,
        participant="participant",
        family="binomial",
        correlation="exchangeable",
        vcov="robust" if many else "kauermann-carroll",
        df="normal" if many else "participants",
    )
    how = "sandwich" if many else "Kauermann and Carroll's, t with participants less coefficients"
    return results.Answer(
        lines=[
            results.compared(
                estimand,
                "odds_ratio",
                _ratio(fit, estimand),
                note=f"all visits after baseline: {', '.join(included.visits)}",
                **results.sizes_of(used, estimand),
            )
        ],
        method=(
            f"Estimating equations (GEE, logit) of the event at {', '.join(included.visits)} on arm"
            f"{', baseline' * listed}{rows.listed_covariates(estimand)}; exchangeable working "
            f"correlation within people; standard errors: {how}; "
            f"{included.used(sum(used.values()))}. Missing values are taken as missing completely "
            "at random."
        ),
        notes=(*included.notes, *(results.in_own_names(one, estimand) for one in fit.stats.notes)),
    )


def _ratio(fit: GeeModel, estimand: Estimand) -> Mapping[str, Any]:
    """Return the odds ratio of arm over reference, its limits those of the logarithm."""
    found = fit.coefficients(level=estimand.level)
    (row,) = found[found["term"] == f"arm{estimand.contrast[0]}"].to_dict("records")
    ratio = float(np.exp(row["estimate"]))
    return {
        **{str(name): value for name, value in row.items()},
        "estimate": ratio,
        "std_error": ratio * float(row["std_error"]),
        "conf_low": float(np.exp(row["conf_low"])),
        "conf_high": float(np.exp(row["conf_high"])),
    }
