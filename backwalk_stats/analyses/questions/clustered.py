"""Rows that hang together: people of one therapist, or both knees of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses import rows
from backwalk_stats.analyses.model_frames import model_means
from backwalk_stats.analyses.results import (
    Answer,
    asked,
    compared,
    difference_curve,
    in_own_names,
    model_lines,
    sizes_of,
)
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.columns.participants import SEVERAL_PEOPLE
from backwalk_stats.models.linear.ols import ols
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
    hanging = _hanging(trial, estimand)
    included, whole, used, needed = hanging.rows, hanging.whole, hanging.used, hanging.needed
    formula = f"{hanging.formula} + (1 | {hanging.group})"
    # Two people of a therapist, or two knees, may well have the same scores.
    fit = lmm(formula, whole, df="kenward-roger", information="expected", distinct=True)
    found = fit.contrasts("arm", level=estimand.level).assign(visit=estimand.visit)
    found = found[found["contrast"] == estimand.contrast_name]
    means = fit.marginal_means("arm", level=estimand.level).assign(visit=estimand.visit)
    seen = pd.Series({(arm, estimand.visit): n for arm, n in used.items()})
    dropped = included.planned - sum(used.values())
    return Answer(
        lines=model_lines(found, means, used, estimand),
        method=_method(trial, estimand, hanging),
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


@asked("cluster-robust")
def cluster_robust(trial: Trial, estimand: Estimand) -> Answer:
    """Return the adjusted mean difference by least squares with cluster-robust errors.

    Bias-reduced (CR2), with the degrees of freedom of Bell and McCaffrey; the clusters are those of
    the random intercept. Row mean_difference; frame difference_curve.
    """
    if not hang_together(trial, estimand.outcome):
        raise NotEstimable("everybody stands alone: there are no clusters")
    hanging = _hanging(trial, estimand)
    fit = ols(hanging.formula, hanging.whole, vcov="cr2", cluster=hanging.group)
    found = fit.contrasts("arm", level=estimand.level)
    (row,) = found[found["contrast"] == estimand.contrast_name].to_dict("records")
    baseline = ", baseline" * (BASELINE in estimand.covariates)
    dropped = hanging.rows.planned - sum(hanging.used.values())
    return Answer(
        lines=[
            compared(estimand, "mean_difference", row, **sizes_of(hanging.used, estimand)),
        ],
        method=(
            f"Least squares: outcome at {estimand.visit} on arm{baseline}"
            f"{rows.listed_covariates(estimand)}; standard errors by the {hanging.whose(trial)} "
            "(CR2, bias-reduced) with Bell and McCaffrey's degrees of freedom; "
            f"{hanging.counted()} with complete data."
        ),
        notes=(
            *hanging.rows.notes,
            *hanging.rows.left_out_without(dropped, hanging.needed, estimand),
            *rows.unused_baseline(hanging.rows, estimand),
        ),
        frames={"difference_curve": difference_curve(row)},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hanging:
    """Rows that hang together, the complete ones, who is among them, and the model's formula."""

    rows: rows.AnalysisRows
    whole: pd.DataFrame
    used: dict[str, int]
    needed: list[str]
    formula: str
    group: str

    def whose(self, trial: Trial) -> str:
        """Return what a cluster is."""
        return "person" if self.group == "participant" else str(trial.cluster_name)

    def counted(self) -> str:
        """Return how many rows, people or clusters there are."""
        n = self.rows.used(int(self.whole["participant"].nunique()))
        if self.group == "participant":
            return f"{len(self.whole)} rows of {n}"
        return f"{n} in {self.whole[CLUSTER].nunique()} clusters"


def _hanging(trial: Trial, estimand: Estimand) -> _Hanging:
    included = rows.rows_at_visit(trial, estimand)
    listed = BASELINE in estimand.covariates
    if listed:
        included.require_baseline("analysis of covariance adjusted for the baseline")
    parts = _has_parts(trial, estimand.outcome)
    included = _by_part(trial, estimand, included) if parts else _in_clusters(trial, included)
    adjusted = ["baseline"] * listed + [*included.covariates]
    needed = ["value", *adjusted]
    whole = included.frame[included.frame[needed].notna().all(axis=1)].reset_index(drop=True)
    if not parts:
        _require_clusters(whole, estimand, included.covariates, called=str(trial.cluster_name))
    return _Hanging(
        rows=included,
        whole=whole,
        used=rows.participants_in(whole),
        needed=needed,
        formula=" + ".join(["value ~ arm", *adjusted]),
        group="participant" if parts else CLUSTER,
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


def _method(trial: Trial, estimand: Estimand, hanging: _Hanging) -> str:
    baseline = ", baseline" * (BASELINE in estimand.covariates)
    return (
        f"Linear mixed model with a random intercept of the {hanging.whose(trial)} (REML): outcome "
        f"at {estimand.visit} on arm{baseline}{rows.listed_covariates(estimand)}; Kenward and "
        "Roger's standard errors and degrees of freedom (expected information, as R's pbkrtest); "
        f"{hanging.counted()} with complete data."
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
