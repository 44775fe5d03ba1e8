"""Rows that hang together: people of one therapist, or both knees of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses import rows
from backwalk_stats.analyses.model_frames import model_means
from backwalk_stats.analyses.results import Answer, difference_curve, in_own_names, model_lines
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.columns.participants import SEVERAL_PEOPLE
from backwalk_stats.models.mixed.lmm import lmm
from backwalk_stats.trial.estimand import BASELINE, Estimand
from backwalk_stats.trial.trial import Trial

CLUSTER = "cluster"


def hang_together(trial: Trial, outcome: str) -> bool:
    """Return whether rows of an outcome are not each on their own."""
    return trial.clusters is not None or _has_parts(trial, outcome)


def _has_parts(trial: Trial, outcome: str) -> bool:
    return trial.parts is not None and bool((trial.parts["outcome"] == outcome).any())


def clustered(trial: Trial, estimand: Estimand) -> Answer:
    """Return the adjusted mean difference at the visit with a random intercept.

    Of the cluster that the trial file names, or of the person whose rows are told apart; REML,
    Kenward and Roger's degrees of freedom. Rows and frames as of the analysis of covariance.
    """
    included = rows.rows_at_visit(trial, estimand)
    listed = BASELINE in estimand.covariates
    if listed:
        included.require_baseline("analysis of covariance adjusted for the baseline")
    parts = _has_parts(trial, estimand.outcome)
    group = "participant" if parts else CLUSTER
    included = _by_part(trial, estimand, included) if parts else _in_clusters(trial, included)
    adjusted = ["baseline"] * listed + [*included.covariates]
    needed = ["value", *adjusted]
    whole = included.frame[included.frame[needed].notna().all(axis=1)].reset_index(drop=True)
    used = rows.participants_in(whole)
    if not parts:
        _require_clusters(whole, estimand, included.covariates, called=str(trial.cluster_name))
    terms = ["value ~ arm", *adjusted, f"(1 | {group})"]
    # Two people of a therapist, or two knees, may well have the same scores.
    fit = lmm(" + ".join(terms), whole, df="kenward-roger", information="expected", distinct=True)
    found = fit.contrasts("arm", level=estimand.level).assign(visit=estimand.visit)
    found = found[found["contrast"] == estimand.contrast_name]
    means = fit.marginal_means("arm", level=estimand.level).assign(visit=estimand.visit)
    seen = pd.Series({(arm, estimand.visit): n for arm, n in used.items()})
    dropped = included.planned - sum(used.values())
    return Answer(
        lines=model_lines(found, means, used, estimand),
        method=_method(trial, estimand, included, whole, parts=parts),
        converged=fit.stats.converged,
        notes=(
            *included.notes,
            *included.left_out_without(dropped, needed, estimand),
            *rows.unused_baseline(included, estimand),
            # People of a cluster are several people, and of both arms, as they should be.
            *(in_own_names(one, estimand) for one in fit.stats.notes if SEVERAL_PEOPLE not in one),
        ),
        frames={
            "difference_curve": difference_curve(found.iloc[0]),
            "means": model_means(trial, estimand.outcome, means, seen),
            **rows.change_points(trial, estimand),
        },
    )


def _require_clusters(
    whole: pd.DataFrame, estimand: Estimand, covariates: Sequence[str], *, called: str
) -> None:
    """Refuse clusters that the design cannot tell from everybody, the arms or a covariate."""
    if whole[CLUSTER].nunique() < 2:
        raise NotEstimable(f"everybody is of one {called}: take [clusters] out")
    by_arm = whole.groupby("arm", observed=True)[CLUSTER].nunique()
    if (by_arm == 1).all():
        raise NotEstimable(f"each arm has one {called} of its own: nothing tells them apart")
    names = dict(zip(covariates, estimand.other_covariates, strict=True))
    for column, name in names.items():
        pairs = whole[[CLUSTER, column]].drop_duplicates()
        if len(pairs) == pairs[CLUSTER].nunique() == pairs[column].nunique():
            raise NotEstimable(f"{name} tells the same groups as {called}: leave it out")


def _method(
    trial: Trial,
    estimand: Estimand,
    included: rows.AnalysisRows,
    whole: pd.DataFrame,
    *,
    parts: bool,
) -> str:
    baseline = ", baseline" * (BASELINE in estimand.covariates)
    n = included.used(int(whole["participant"].nunique()))
    of = f"{len(whole)} rows of {n}"
    whose = "person"
    if not parts:
        of = f"{n} in {whole[CLUSTER].nunique()} clusters"
        whose = str(trial.cluster_name)
    return (
        f"Linear mixed model with a random intercept of the {whose} (REML): outcome at "
        f"{estimand.visit} on arm{baseline}{rows.listed_covariates(estimand)}; Kenward and Roger's "
        "standard errors and degrees of freedom (expected information, as R's pbkrtest); "
        f"{of} with complete data."
    )


def _in_clusters(trial: Trial, included: rows.AnalysisRows) -> rows.AnalysisRows:
    """Return the rows with the cluster of each person."""
    if trial.clusters is None:
        return included
    of = trial.clusters.set_index("participant")[CLUSTER]
    frame = included.frame
    return replace(included, frame=frame.assign(**{CLUSTER: frame["participant"].map(of)}))


def _by_part(trial: Trial, estimand: Estimand, included: rows.AnalysisRows) -> rows.AnalysisRows:
    """Return a row for each part of a person, such as a knee, with its own value and baseline."""
    if trial.parts is None:
        return included
    own = trial.parts[trial.parts["outcome"] == estimand.outcome]
    wide = own.pivot_table(
        index=["participant", "part"], columns="visit", values="value", sort=False, dropna=False
    ).reset_index()
    before = trial.study.baseline
    wide = wide.assign(
        value=wide.get(estimand.visit, np.nan),
        baseline=wide.get(before, np.nan),
    )
    people = included.frame.drop(columns=["value", "baseline", "change"])
    frame = people.merge(wide[["participant", "part", "value", "baseline"]], on="participant")
    return replace(included, frame=frame)
