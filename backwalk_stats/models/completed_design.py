"""The analysis of covariance of completed data as arrays: arm, baseline and covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.completed_analysis import CompletedAnalysis, completed_analysis
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.models.design import design_of
from backwalk_stats.models.formula import Formula, Term, Variable
from backwalk_stats.models.incomplete_trial import IncompleteTrial


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisDesign:
    """The design of the analysis of covariance of completed data.

    Attributes
    ----------
    x : array, shape (n, P)
        Columns of ones, arms, baseline (0 where it is missing) and covariates.
    contrasts : array, shape (L, P)
        Each other arm with the reference arm.
    names : tuple of str
        Of the columns.
    """

    x: FloatArray
    contrasts: FloatArray
    names: tuple[str, ...]

    @property
    def fixed(self) -> FloatArray:
        """Return the columns other than the baseline, shape (n, P - 1)."""
        return np.delete(self.x, self.names.index("baseline"), axis=1)

    def with_baseline(self, baseline: FloatArray) -> FloatArray:
        """Return the design with these baseline scores, shape (n, P)."""
        out = self.x.copy()
        out[:, self.names.index("baseline")] = baseline
        return out


def analysis_design(trial: IncompleteTrial) -> AnalysisDesign:
    """Return the design of the outcome at a visit on arm, baseline and covariates."""
    terms: tuple[Term, ...] = tuple(
        (Variable(name),) for name in ("arm", "baseline", *trial.covariates)
    )
    formula = Formula(
        response=Variable("value"), terms=terms, intercept=True, random=(), text="value ~ arm"
    )
    people = trial.people.fillna({"baseline": 0.0})
    design = design_of(formula, people)
    return AnalysisDesign(
        x=design.own(len(people)),
        contrasts=np.eye(len(design.names))[design.of_term("arm")],
        names=design.names,
    )


def analysis_of(trial: IncompleteTrial) -> CompletedAnalysis:
    """Return the analysis of covariance of completed data, for a trial with every baseline."""
    plan = analysis_design(trial)
    return completed_analysis(x=plan.x, contrasts=plan.contrasts, names=plan.names)
