"""A fitted mixed model: a frozen record with a few views on it, and how two of them compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.contrasts import Inference, JointTest
from backwalk_stats.engine.mixed.dof import DfMethod
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.marginal import RowDistances
from backwalk_stats.engine.numbers import Estimate, FloatArray, chi_square_p
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit import contrasts as model_contrasts
from backwalk_stats.models.fit import prediction, variance
from backwalk_stats.models.fit.choices import check_choice
from backwalk_stats.models.fit.statsmodels_names import Tidy
from backwalk_stats.models.fit.summary import FitSummary
from backwalk_stats.models.formula.design import Design
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.rows import Coded, outcome_of
from backwalk_stats.registry import Shown

NO_ROLES = TrialColumns()


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RandomDesign(Shown):
    """Random effects of one grouping factor.

    Attributes
    ----------
    z : array, shape (N, r)
    names : tuple of str
    group : str
        The factor: the column of the participants, or "id:site" of people within sites.
    correlated : bool
        Whether the effects of one level are correlated.
    codes : array of int, shape (N,)
        The level of each row.
    levels : tuple
        Their names, in order of first appearance.
    """

    z: FloatArray
    names: tuple[str, ...]
    group: str
    correlated: bool
    codes: np.ndarray
    levels: tuple[object, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class FittedModel(Tidy):
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
    stats : FitSummary
        The fit in one row; read `converged` and `notes` first.
    roles : TrialColumns
        The columns that say whose row it is, and at which visit.
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
    random : tuple of RandomDesign
        Random effects of `lmm`, one for each grouping factor; empty for `mmrm`.
    offset : array or None
        Of the rows used, where the formula has one.
    """

    formula: Formula
    design: Design
    fit: Fit
    inference: Inference
    stats: FitSummary
    frame: pd.DataFrame
    x: FloatArray
    y: FloatArray
    visits: tuple[str, ...]
    groups: tuple[object, ...]
    participants: tuple[object, ...]
    random: tuple[RandomDesign, ...]
    offset: FloatArray | None = None
    roles: TrialColumns = NO_ROLES

    coefficients = model_contrasts.coefficients
    marginal_means = model_contrasts.marginal_means
    contrasts = model_contrasts.contrasts
    anova = model_contrasts.anova

    @property
    def each_row_at_its_own_time(self) -> bool:
        """Return whether the covariance hangs on times of rows, so that visits have no matrix."""
        return isinstance(self.fit.likelihood.marginal, RowDistances)

    @property
    def covariance(self) -> variance.Matrices:
        """Return the covariance matrix of visits, or of random effects.

        A dict of matrices where there are groups with a covariance each, or two random factors.
        """
        return variance.covariance_matrix(self.fit, self.groups, self._factors)

    def variance_parameters(self, *, ci: str = "wald", level: float = 0.95) -> pd.DataFrame:
        """Return the covariance parameters: (group), term, estimate, limits, std_error.

        Parameters
        ----------
        ci : str
            "wald" (quick; symmetric on the scale of the logarithm or of Fisher's z), or "profile".
        level : float
            Confidence level.
        """
        labels = variance.parameter_labels(
            self.fit, visits=self.visits, groups=self.groups, effects=self._factors
        )
        return variance.parameter_frame(
            self.fit, labels, ci=ci, level=level, converged=self.stats.converged
        )

    def random_effects(self) -> pd.DataFrame:
        """Return the predicted random effects of `lmm`, levels in order of appearance.

        Returns
        -------
        DataFrame
            participant (with two random factors: group, level), term, estimate, std_error (given
            the fixed effects, as lme4's `condsd`) and prediction_error (with their uncertainty, as
            SAS's StdErrPred).
        """
        found = variance.effects_of(self.fit, y=self.y, q=self._basis)
        return variance.effects_frame(found, self.random, known=self.stats.converged)

    @property
    def _factors(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the random effects of each grouping factor."""
        return {one.group: one.names for one in self.random}

    @property
    def _basis(self) -> FloatArray:
        return np.asarray(np.linalg.solve(self.inference.basis.T, self.x.T).T)

    def fitted(self, *, kind: str = "marginal") -> pd.Series:
        """Return the fitted values of the rows used: "marginal", or "conditional" for `lmm`."""
        check_choice("kind", kind, ("marginal", "conditional"))
        values = self.x @ self.inference.beta
        if kind == "conditional":
            effects = variance.effects_of(self.fit, y=self.y, q=self._basis)
            values += variance.random_part(effects, self.random)
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

    def predict(
        self,
        frame: pd.DataFrame | None = None,
        *,
        interval: str = "confidence",
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Return the expected outcome of new rows, over participants like those of the data.

        Parameters
        ----------
        frame : DataFrame, optional
            None stands for the rows that were used.
        interval : str
            "confidence": of the expected outcome. "prediction", of `lmm`: of one outcome of a new
            participant (a new level of every random factor), whose random effects and residual are
            added; normal, with Satterthwaite's df of the whole variance.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            estimate, conf_low, conf_high, std_error (of the mean; of a new outcome where that is
            asked), df; the index is that of `frame`, and rows that miss a value are NaN.
        """
        frame = self.frame if frame is None else frame
        check_choice("interval", interval, prediction.INTERVALS)
        if interval == "confidence":
            return prediction.expected(self.design, frame, self.tested, level=level)
        return prediction.of_new_participants(self, frame, level=level)

    def likelihood_ratio_test(self, other: FittedModel) -> pd.DataFrame:
        """Return the likelihood-ratio test of this model and another, one of them within the other.

        Returns
        -------
        DataFrame
            The smaller first: model, covariance, parameters, loglik, aic, bic, statistic, df,
            p_value.
        """
        return _likelihood_ratio(self, other)

    @property
    def _parameters(self) -> int:
        """Return the number of covariance parameters and coefficients."""
        return self.fit.likelihood.marginal.count + len(self.design.columns)

    @property
    def _outcome(self) -> FloatArray:
        """Return the outcome, the offset not taken off, shape (N,)."""
        return self.y if self.offset is None else outcome_of(self.formula, self.frame)

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p).

        The one place where a fit that did not converge loses its standard errors and p-values.
        """
        if self.stats.converged:
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
        if self.stats.converged:
            return self.inference.joint(combinations)
        width = float(np.linalg.matrix_rank(combinations))
        return JointTest(df_num=width, df_den=np.nan, statistic=np.nan, p_value=np.nan)


def fitted_model(
    coded: Coded,
    fit: Fit,
    rule: DfMethod,
    summary: FitSummary,
    *,
    participants: tuple[object, ...],
    roles: TrialColumns,
    visits: tuple[str, ...] = (),
    groups: tuple[object, ...] = (),
    random: tuple[RandomDesign, ...] = (),
) -> FittedModel:
    """Return the record of a fit in the basis of `coded`; the rest as in `FittedModel`."""
    return FittedModel(
        formula=coded.formula,
        design=coded.design,
        fit=fit,
        inference=Inference(rule, fit.point.beta, coded.r),
        stats=summary,
        frame=coded.frame,
        x=coded.x,
        y=coded.y,
        visits=visits,
        groups=groups,
        participants=participants,
        random=random,
        offset=coded.offset,
        roles=roles,
    )


def _likelihood_ratio(one: FittedModel, other: FittedModel) -> pd.DataFrame:
    """Return the test, the model with fewer parameters first.

    The chi-square is conservative where the smaller model sets a variance to zero: its p-value is
    then too large (Self and Liang, J Am Stat Assoc 1987;82:605). That one model lies within the
    other is for the caller to know; it is not tested. Columns: model, covariance, parameters,
    loglik, aic, bic, statistic, df, p_value. Raises UsageError if the models are not of the same
    rows or method, have as many parameters, did not converge, or are REML fits with different fixed
    effects.
    """
    small, large = sorted((one, other), key=lambda model: model._parameters)
    y, own = small._outcome, large._outcome
    if y.shape != own.shape or not np.array_equal(np.sort(y), np.sort(own)):
        raise UsageError("the models are not of the same rows: fit both to the same complete rows")
    if small.stats.method != large.stats.method:
        raise UsageError("one model is fitted by REML and the other by ML")
    if small.stats.method == "reml" and not _same_space(small.x, large.x):
        raise UsageError(
            "the fixed effects differ, and REML likelihoods of different fixed effects do not "
            "compare: fit both with method='ml'"
        )
    if small._parameters == large._parameters:
        raise UsageError("the models have equally many parameters: neither lies within the other")
    if not (small.stats.converged and large.stats.converged):
        raise UsageError("a model did not converge, so its likelihood is not at its maximum")
    statistic = max(0.0, small.fit.point.deviance - large.fit.point.deviance)
    df = large._parameters - small._parameters
    rows = [small, large]
    return pd.DataFrame(
        {
            "model": [row.formula.text for row in rows],
            "covariance": [row.stats.covariance for row in rows],
            "parameters": [row._parameters for row in rows],
            "loglik": [row.stats.loglik for row in rows],
            "aic": [row.stats.aic for row in rows],
            "bic": [row.stats.bic for row in rows],
            "statistic": [np.nan, statistic],
            "df": [np.nan, float(df)],
            "p_value": [np.nan, chi_square_p(statistic=statistic, df=df)],
        }
    )


def _same_space(a: FloatArray, b: FloatArray) -> bool:
    if a.shape != b.shape:
        return False
    left = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
    return bool(np.abs(left).max() <= 1e-8 * np.abs(b).max())


# Residuals of the rows that were used.


def whitened(fit: Fit, residual: FloatArray) -> FloatArray:
    """Return residuals times the inverse Cholesky factor of their covariance, shape (N,).

    In a model that is right they are uncorrelated with variance near 1. Within a participant they
    stand in the order of the visits (rows, for random effects), as in R's mmrm; nlme does the same
    but for its compound symmetry, of which it takes another square root.
    """
    patterns = fit.likelihood.patterns
    half = np.linalg.inv(np.linalg.cholesky(fit.likelihood.marginal.v(fit.point.theta)))
    held = patterns.rows >= 0
    table = np.where(held, residual[patterns.rows], 0.0)
    turned = np.einsum("nab,nb->na", half[patterns.member], table)
    out = np.empty_like(residual)
    out[patterns.rows[held]] = turned[held]
    return out
