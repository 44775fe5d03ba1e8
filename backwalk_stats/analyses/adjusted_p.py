"""P-values of the estimands, adjusted as the trial file declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backwalk_stats.analyses.result_rows import main_quantity
from backwalk_stats.models.multiplicity import adjusted, fixed_sequence, gatekeeping

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.trial import Trial


def with_adjusted_p(trial: Trial, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return estimates whose p_adjusted is filled in where the trial declares multiplicity.

    Only the row that answers an estimand (its main analysis, contrast and visit) gets one. An
    estimand that could not be tested counts as p = 1: so it can never help another, and its own
    p_adjusted stays missing.
    """
    method, order = trial.multiplicity
    if method == "none" or not order:
        return estimates
    families = [name.split("+") for name in order]
    row_of = {name: answering_row(trial, estimates, name) for family in families for name in family}
    p_of = {
        name: np.nan if row is None else float(estimates["p_value"].to_numpy()[row])
        for name, row in row_of.items()
    }
    tested = [[1.0 if np.isnan(p_of[name]) else p_of[name] for name in one] for one in families]
    if method == "gatekeeping":
        found = [float(p) for family in gatekeeping(tested) for p in family]
    else:
        flat = [p for family in tested for p in family]
        found = [float(p) for p in (
            fixed_sequence(flat) if method == "fixed-sequence" else adjusted(flat, method)
        )]  # fmt: skip
    column = estimates["p_adjusted"].to_numpy(dtype=float).copy()
    names = [name for family in families for name in family]
    for name, p in zip(names, found, strict=True):
        row = row_of[name]
        if row is not None and not np.isnan(p_of[name]):
            column[row] = p
    return estimates.assign(p_adjusted=column)


def answering_row(trial: Trial, estimates: pd.DataFrame, estimand: str) -> int | None:
    """Return the place of the row that answers an estimand, None where there is none."""
    one = next(own for own in trial.estimands if own.id == estimand)
    wanted = (
        (estimates["estimand"] == estimand)
        & (estimates["analysis"] == one.analysis)
        & (estimates["quantity"] == main_quantity(one.analysis))
        & (estimates["contrast"] == one.contrast_name)
        & (estimates["visit"] == one.visit)
        & (estimates["role"] == one.role)
    )
    places = np.flatnonzero(wanted.to_numpy())
    return int(places[-1]) if len(places) else None
