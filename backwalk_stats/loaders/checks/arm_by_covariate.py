"""Covariates that cannot be told from the arm: every therapist, site or batch has one arm only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.trial.estimand import Estimand

ACTION = "Take it out of the covariates: no model can adjust for it"
TREATS = (
    f"{ACTION}. A therapist, or a site, of one arm only cannot be told from the arm as a fixed "
    'covariate; as a random intercept it can stand: [clusters] therapist = "its column"'
)


def check(view: TrialView, findings: Findings) -> None:
    """Refuse covariates beside which the difference of two arms is not determined."""
    if view.study.design != "parallel":
        return
    people = view.participants.set_index("participant")
    for estimand in view.estimands:
        names = [name for name in estimand.other_covariates if name in people.columns]
        if not names or estimand.outcome not in view.wide:
            continue
        later = view.wide[estimand.outcome].drop(columns=view.study.baseline, errors="ignore")
        measured = later.index[later.notna().any(axis=1)]
        there = people.reindex(measured)[["arm", *names]].dropna()
        if not set(estimand.contrast) <= set(there["arm"]):
            continue
        _tell(there, names, estimand, findings)


def _tell(
    there: pd.DataFrame, names: Sequence[str], estimand: Estimand, findings: Findings
) -> None:
    alone = [name for name in names if not _told_apart(there, [name], estimand)]
    if not alone and _told_apart(there, names, estimand):
        return
    arm, reference = estimand.contrast
    said = " and ".join(alone or names)
    found = "every level of it in one arm only" if alone else "them telling the arm together"
    expected = f"{said} that can be told from the arm ({arm} or {reference})"
    of_words = all(isinstance(there[name].dtype, pd.CategoricalDtype) for name in alone)
    action = TREATS if alone and of_words else ACTION
    findings.add(f"covariates of {estimand.id}", expected, found, action)


def _told_apart(there: pd.DataFrame, names: Sequence[str], estimand: Estimand) -> bool:
    """Return whether the contrast of the arms is estimable beside these covariates."""
    arms = pd.get_dummies(there["arm"].astype("str"), dtype=float)
    columns = [np.ones((len(there), 1))] if names else []
    for name in names:
        column = there[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            columns.append(pd.get_dummies(column.astype("str"), dtype=float).to_numpy())
        else:
            values = column.to_numpy(dtype=float)
            spread = float(values.std())
            columns.append(((values - values.mean()) / (spread or 1.0))[:, None])
    design = np.hstack([arms.to_numpy(), *columns])
    contrast = np.zeros(design.shape[1])
    contrast[arms.columns.get_loc(estimand.contrast[0])] = 1.0
    contrast[arms.columns.get_loc(estimand.contrast[1])] = -1.0
    rank = np.linalg.matrix_rank
    # Estimable where the contrast is a combination of rows of the design.
    gram = design.T @ design
    return bool(rank(np.vstack([gram, contrast * len(there)])) == rank(gram))
