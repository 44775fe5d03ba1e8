"""A fitted mixed model: a frozen record with a few views on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.contrasts import Inference, JointTest
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.estimate import Estimate, shifted
from backwalk_stats.engine.fit import Fit
from backwalk_stats.models.blup import effects_frame, effects_of, random_part
from backwalk_stats.models.choices import check_choice
from backwalk_stats.models.covariance_view import (
    Matrices,
    covariance_matrix,
    parameter_labels,
)
from backwalk_stats.models.design import Design
from backwalk_stats.models.estimates import estimate_columns
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.joint_tests import hypothesis
from backwalk_stats.models.likelihood_ratio import Comparable, likelihood_ratio
from backwalk_stats.models.marginal_means import grid, names_of
from backwalk_stats.models.model_contrasts import Weights, compared
from backwalk_stats.models.prediction import design_rows, whitened, with_offset
from backwalk_stats.models.random_design import RandomDesign
from backwalk_stats.models.rows import outcome_of
from backwalk_stats.models.summary import FitSummary
from backwalk_stats.models.variance_parameters import parameter_frame


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """A mixed model after its fit.

    Attributes
    ----------
    formula : Formula
    design : Design
        Coding of the fixed effects.
    fit : Fit
        The maximised likelihood.
    inference : Inference
        Fixed effects with their covariance and df method.
    summary : FitSummary
        The fit in one row; read `converged` and `notes` first.
    frame : DataFrame
        The rows that were used, with their index.
    x, y : array
        Their design, and their outcome less the offset.
    visits : tuple of str
        Visits in order (empty for `lmm`).
    groups : tuple
        Levels with a covariance of their own (empty where there is one for all).
    participants : tuple
        Ids in the order in which they appear.
    random : RandomDesign or None
        Random effects of `lmm`.
    offset : array or None
        Of the rows used, where the formula has one.
    """

    formula: Formula
    design: Design
    fit: Fit
    inference: Inference
    summary: FitSummary
    frame: pd.DataFrame
    x: FloatArray
    y: FloatArray
    visits: tuple[str, ...]
    groups: tuple[object, ...]
    participants: tuple[object, ...]
    random: RandomDesign | None
    offset: FloatArray | None = None

    def coefficients(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the fixed effects.

        Returns
        -------
        DataFrame
            term, estimate, std_error, df, statistic, p_value, conf_low, conf_high; terms named and
            ordered as R's `lm` does. Without convergence all but the estimates are NaN.
        """
        found = self.tested(np.eye(len(self.design.columns)), level=level)
        return pd.DataFrame({"term": list(self.design.names), **estimate_columns(found)})

    def marginal_means(
        self,
        factors: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Return adjusted means: other factors weighed equally, covariates at their mean.

        Parameters
        ----------
        factors, by : str or sequence of str
            Columns of factors of the model; a mean for each combination of their levels.
        at : mapping, optional
            Numeric covariates to hold elsewhere than at their mean over the rows used.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            A column for each factor, then estimate, std_error, df, statistic, p_value (against
            zero), conf_low, conf_high; the first factor varies fastest. Where the model has an
            offset, the column "offset" says at what it is held: its mean over the rows used.
        """
        found = grid(self.design, (*names_of(factors), *names_of(by)), at=at)
        tested = shifted(self.tested(found.rows, level=level), found.offset, level=level)
        return pd.DataFrame({**found.labels, **estimate_columns(tested)})

    def contrasts(
        self,
        factor: str,
        by: str | Sequence[str] | None = None,
        *,
        method: str | Weights = "reference",
        reference: object = None,
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Return differences of marginal means, later minus earlier; p-values are not adjusted.

        Parameters
        ----------
        factor : str
            Column of the factor whose levels are compared.
        by : str or sequence of str, optional
            Columns of factors within whose levels they are compared.
        method : str or mapping
            "reference" (each other level minus the first), "pairwise", "consecutive", "change"
            (with the visits as factor and the arm as `by`: changes from the first visit, and their
            differences between arms), or weights: {"name": [weight of each level]}.
        reference : object, optional
            The level to subtract, instead of the first.
        at : mapping, optional
            Numeric covariates to hold elsewhere than at their mean.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            contrast, a column for each factor of `by`, and the estimate columns.
        """
        found = compared(
            self.design, factor, names_of(by), method=method, reference=reference, at=at
        )
        return pd.DataFrame(
            {**found.labels, **estimate_columns(self.tested(found.rows, level=level))}
        )

    def anova(self) -> pd.DataFrame:
        """Return type III F tests of the terms: term, df_num, df_den, statistic, p_value."""
        terms = [term for term in self.design.terms if term != "(Intercept)"]
        tests = [self.jointly(hypothesis(self.design, term)) for term in terms]
        names = ("df_num", "df_den", "statistic", "p_value")
        columns = {name: [getattr(test, name) for test in tests] for name in names}
        return pd.DataFrame({"term": terms, **columns})

    @property
    def covariance(self) -> Matrices:
        """Return the covariance matrix of visits, or of random effects; a dict where in groups."""
        return covariance_matrix(self.fit, self.groups)

    def variance_parameters(self, *, ci: str = "wald", level: float = 0.95) -> pd.DataFrame:
        """Return the covariance parameters: (group), term, estimate, std_error, limits.

        Parameters
        ----------
        ci : str
            "wald" (quick; symmetric on the scale of the logarithm or of Fisher's z), or "profile".
        level : float
            Confidence level.
        """
        effects = () if self.random is None else self.random.names
        labels = parameter_labels(self.fit, visits=self.visits, groups=self.groups, effects=effects)
        return parameter_frame(
            self.fit, labels, ci=ci, level=level, converged=self.summary.converged
        )

    def random_effects(self) -> pd.DataFrame:
        """Return the predicted random effects of `lmm`, participants in order of appearance.

        Returns
        -------
        DataFrame
            participant, term, estimate, std_error (given the fixed effects, as lme4's `condsd`) and
            prediction_error (with their uncertainty, as SAS's StdErrPred).
        """
        found = effects_of(self.fit, y=self.y, q=self._basis)
        names = () if self.random is None else self.random.names
        return effects_frame(found, names, self.participants, known=self.summary.converged)

    @property
    def _basis(self) -> FloatArray:
        return np.asarray(np.linalg.solve(self.inference.basis.T, self.x.T).T)

    def fitted(self, *, kind: str = "marginal") -> pd.Series:
        """Return the fitted values of the rows used: "marginal", or "conditional" for `lmm`."""
        check_choice("kind", kind, ("marginal", "conditional"))
        values = self.x @ self.inference.beta
        if kind == "conditional":
            values += random_part(self.fit, effects_of(self.fit, y=self.y, q=self._basis))
        if self.offset is not None:
            values = values + self.offset
        return pd.Series(values, index=self.frame.index, name="fitted")

    def residuals(self, *, kind: str = "marginal") -> pd.Series:
        """Return the residuals of the rows used, outcome minus fitted.

        Parameters
        ----------
        kind : str
            "marginal"; "conditional" on the random effects (`lmm`); "normalised": marginal ones
            made uncorrelated with variance near 1, participant by participant.
        """
        check_choice("kind", kind, ("marginal", "conditional", "normalised"))
        fitted = self.fitted(kind="conditional" if kind == "conditional" else "marginal")
        y = self.y if self.offset is None else self.y + self.offset
        values = y - fitted.to_numpy()
        if kind == "normalised":
            values = whitened(self.fit, values)
        return pd.Series(values, index=self.frame.index, name="residual")

    def predict(self, frame: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
        """Return the expected outcome of new rows, over participants like those of the data.

        Returns
        -------
        DataFrame
            estimate, std_error (of the mean, not of a new outcome), df, conf_low, conf_high; the
            index is that of `frame`, and rows that miss a value are NaN.
        """
        rows, held = design_rows(self.design, frame)
        names = ("estimate", "std_error", "df", "conf_low", "conf_high")
        out = pd.DataFrame(np.nan, index=frame.index, columns=list(names))
        if held.any():
            found = estimate_columns(self.tested(rows[held], level=level))
            out.loc[held, :] = np.column_stack([found[name] for name in names])
        return with_offset(out, self.design, frame)

    def likelihood_ratio_test(self, other: FittedModel) -> pd.DataFrame:
        """Return the likelihood-ratio test of this model and another, one of them within the other.

        Returns
        -------
        DataFrame
            The smaller first: model, covariance, parameters, loglik, aic, bic, statistic, df,
            p_value.
        """
        return likelihood_ratio(self._comparable(), other._comparable())

    def _comparable(self) -> Comparable:
        return Comparable(
            name=self.formula.text,
            summary=self.summary,
            y=self.y if self.offset is None else outcome_of(self.formula, self.frame),
            x=self.x,
            deviance=self.fit.point.deviance,
            parameters=self.fit.likelihood.marginal.count + self.x.shape[1],
        )

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p).

        The one place where a fit that did not converge loses its standard errors and p-values.
        """
        if self.summary.converged:
            return self.inference.test(combinations, level=level)
        nothing = np.full(len(combinations), np.nan)
        return Estimate(
            estimate=combinations @ self.inference.beta,
            std_error=nothing,
            df=nothing,
            statistic=nothing,
            p_value=nothing,
            conf_low=nothing,
            conf_high=nothing,
        )

    def jointly(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations, shape (l, p), are zero; NaN as in `tested`."""
        if self.summary.converged:
            return self.inference.joint(combinations)
        width = float(np.linalg.matrix_rank(combinations))
        return JointTest(df_num=width, df_den=np.nan, statistic=np.nan, p_value=np.nan)
