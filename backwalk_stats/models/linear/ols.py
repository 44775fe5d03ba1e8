"""Ordinary least squares by formula, with model or heteroskedasticity-consistent errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear import heteroskedastic
from backwalk_stats.engine.linear.inference import LinearInference
from backwalk_stats.engine.linear.least_squares import LeastSquares, least_squares
from backwalk_stats.engine.mixed.contrasts import JointTest
from backwalk_stats.engine.mixed.dof import DfMethod
from backwalk_stats.engine.numbers import Estimate, FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.participants import participants_of
from backwalk_stats.models.columns.trial_columns import SettledRows, TrialColumns, settled_formula
from backwalk_stats.models.fit import contrasts as model_contrasts
from backwalk_stats.models.fit import prediction
from backwalk_stats.models.fit.choices import check_choice
from backwalk_stats.models.fit.statsmodels_names import Tidy
from backwalk_stats.models.formula.design import Design, design_of
from backwalk_stats.models.formula.formula import Formula, parse_formula
from backwalk_stats.models.formula.rows import (
    coding_notes,
    outcome_less_offset,
    outcome_of,
    refuse_empty_cells,
    refuse_single_levels,
)
from backwalk_stats.registry import Shown

VCOV = ("model", *heteroskedastic.KINDS, *heteroskedastic.CLUSTERED)
DF = ("residual", "satterthwaite")
LARGE_CONDITION = 1e6


def ols(
    formula: str,
    data: pd.DataFrame,
    *,
    vcov: str = "model",
    df: str | None = None,
    cluster: str | None = None,
) -> LinearModel:
    """Fit a linear model by ordinary least squares.

    The design is centred, scaled and factored by Householder reflections, and the solution refined
    against the data as given (see `engine.least_squares`).

    Parameters
    ----------
    formula : str
        For instance "pain ~ arm + baseline"; terms are named as R's `lm` names them.
    data : DataFrame
        One row a participant. Rows with a missing value are left out; `stats` counts them.
    vcov : str
        Covariance of the coefficients: "model" (one residual variance), or "hc0", "hc1", "hc2",
        "hc3" where the variance may differ between rows. HC2 and HC3 are for small trials. With
        `cluster`, where rows hang together: "cr0", "cr2" (bias-reduced, for few clusters) or
        "cr3" (close to the jackknife), as R's clubSandwich.
    df : str, optional
        "residual", the default: rows minus coefficients for every test, also with "hc0" to "hc3"
        (as R's `lmtest::coeftest`). "satterthwaite": with "hc0" to "hc3" the df of Bell and
        McCaffrey for each test; with "model" it is rows minus coefficients exactly. With "cr0" to
        "cr3" Bell and McCaffrey's are the only ones.
    cluster : str, optional
        Column: which rows hang together, such as those of a person with both knees; 4 at least.

    Returns
    -------
    LinearModel
        With coefficients(), marginal_means(), contrasts(), anova(), summary(), stats.

    Raises
    ------
    UsageError
        If a choice or column does not exist, or columns are collinear: names them and the condition
        number.
    NotEstimable
        If the outcome is the same in every row, or no residual degree of freedom is left.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "pain": [6.0, 5.0, 7.0, 4.0, 3.0, 3.5]})
    >>> ols("pain ~ arm", frame).coefficients().round(4)[["term", "estimate", "std_error", "df"]]
              term  estimate  std_error   df
    0  (Intercept)       6.0     0.4564  4.0
    1         armb      -2.5     0.6455  4.0
    """
    parsed = parse_formula(formula)
    if parsed.random:
        raise UsageError("ols has no random effects: leave out ( | ), or use lmm")
    settled = settled_formula(data, parsed, TrialColumns(participant=cluster))
    return fit_formula(parsed, settled, vcov=vcov, df=df, cluster=cluster)


def fit_formula(
    formula: Formula,
    settled: SettledRows,
    *,
    vcov: str,
    df: str | None,
    cluster: str | None = None,
) -> LinearModel:
    """Return the fit of a formula without random effects to complete rows; see `ols`."""
    vcov, df = _choices(vcov, df, cluster)
    frame = settled.frame
    y = outcome_of(formula, frame)
    if np.all(y == y[0]):
        raise NotEstimable(
            f"{formula.response.name} is the same in every row: there is nothing to explain"
        )
    design = design_of(formula, frame)
    refuse_single_levels(design.factors)
    refuse_empty_cells(design, formula)
    y, offset = outcome_less_offset(formula, y, design)
    x = design.own(len(y))
    if not x.shape[1]:
        raise UsageError("the formula has no term: add one, or the intercept")
    if len(y) <= x.shape[1]:
        raise NotEstimable(
            f"{len(y)} complete rows and {x.shape[1]} coefficients leave no degree of freedom"
        )
    fit = least_squares(y=y, x=x, names=design.names)
    method, told = _in_clusters(fit, frame, cluster, vcov=vcov, df=df)
    return LinearModel(
        formula=formula,
        design=design,
        fit=fit,
        inference=LinearInference(fit, method),
        stats=linear_summary(
            fit,
            y=y,
            n_dropped=settled.dropped,
            vcov=vcov,
            df=df,
            notes=(*settled.notes, *told, *coding_notes(formula, design, dropped=settled.dropped)),
        ),
        frame=frame,
        x=x,
        y=y,
        offset=offset,
    )


def _choices(vcov: str, df: str | None, cluster: str | None) -> tuple[str, str]:
    """Return errors and df as asked; refuse what does not exist or go together."""
    vcov = str(vcov).lower()
    clustered = vcov in heteroskedastic.CLUSTERED
    chosen = str(df).lower() if df is not None else "satterthwaite" if clustered else "residual"
    check_choice("vcov", vcov, VCOV)
    check_choice("df", chosen, DF)
    if clustered and cluster is None:
        raise UsageError(f"vcov={vcov!r} needs cluster=, the column of what hangs together")
    if cluster is not None and not clustered:
        raise UsageError(
            f"vcov={vcov!r} takes rows as independent, and cluster= says that they hang together: "
            f"take one of {', '.join(heteroskedastic.CLUSTERED)}, or leave cluster out"
        )
    if clustered and chosen == "residual":
        raise UsageError(
            f"df='residual' counts rows, which vcov={vcov!r} does not take as independent: leave "
            "df out, or take 'satterthwaite'"
        )
    return vcov, chosen


def _in_clusters(
    fit: LeastSquares, frame: pd.DataFrame, cluster: str | None, *, vcov: str, df: str
) -> tuple[DfMethod, tuple[str, ...]]:
    """Return the covariance with its df, and a note on the clusters where there are some."""
    if cluster is None:
        return _df_method(fit, vcov=vcov, df=df), ()
    held = participants_of(frame[cluster])
    if len(held.ids) < heteroskedastic.FEWEST_CLUSTERS:
        raise NotEstimable(
            f"{cluster}: {len(held.ids)} clusters, and cluster-robust errors need "
            f"{heteroskedastic.FEWEST_CLUSTERS} at least"
        )
    note = f"errors by {len(held.ids)} clusters of {cluster}"
    return heteroskedastic.clustered(fit, held.codes, vcov), (note,)


def _df_method(fit: LeastSquares, *, vcov: str, df: str) -> DfMethod:
    """Return the covariance in the basis of the fit, with its degrees of freedom."""
    if vcov == "model":
        identity: FloatArray = np.eye(len(fit.beta))
        return heteroskedastic.ResidualDf(fit.variance * identity, float(fit.df))
    weight = heteroskedastic.row_weights(fit, vcov)
    covariance = heteroskedastic.consistent_covariance(fit, weight)
    if df == "satterthwaite":
        return heteroskedastic.BellMcCaffreyDf(covariance, fit.design.q, weight)
    return heteroskedastic.ResidualDf(covariance, float(fit.df))


# A fitted linear model: a frozen record with the views that a mixed model has, and its summary.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class LinearSummary(Shown):
    """A least-squares fit in one row.

    Attributes
    ----------
    n_obs, n_dropped : int
        Rows used, and rows left out because a needed value is missing.
    df_residual : int
        Rows minus coefficients.
    residual_sd : float
        In the unit of the outcome; smaller is closer.
    r_squared, r_squared_adjusted : float
        Share of the variance about the mean (without an intercept: about zero) that the model
        explains; larger is closer.
    loglik : float
        Log-likelihood, with the variance at its maximum likelihood estimate, as R's `logLik(lm)`.
    aic, bic : float
        Smaller is better; coefficients and the variance are counted, as in R.
    condition_number : float
        Of the centred design with columns of one length: 1 is best. A coefficient may lose as many
        digits as it has.
    vcov, df : str
        The covariance of the coefficients, and the method of degrees of freedom.
    notes : tuple of str
        What the reader must know.
    """

    n_obs: int
    n_dropped: int
    df_residual: int
    residual_sd: float
    r_squared: float
    r_squared_adjusted: float
    loglik: float
    aic: float
    bic: float
    condition_number: float
    vcov: str
    df: str
    notes: tuple[str, ...]


def linear_summary(
    fit: LeastSquares, *, y: FloatArray, n_dropped: int, vcov: str, df: str, notes: tuple[str, ...]
) -> LinearSummary:
    """Return the summary of a least-squares fit.

    `fit`: with at least one residual degree of freedom. `y` (shape (n,)): outcome. `n_dropped`:
    rows left out. `vcov`, `df`: as asked. `notes`: what is known beyond the fit.
    """
    n, p = len(y), len(fit.beta)
    intercept = fit.design.constant is not None
    about = y - y.mean() if intercept else y
    unexplained = fit.rss / float(about @ about)
    variance = fit.rss / n
    loglik = math.inf if fit.exact else -0.5 * n * (math.log(2.0 * math.pi * variance) + 1.0)
    return LinearSummary(
        n_obs=n,
        n_dropped=n_dropped,
        df_residual=fit.df,
        residual_sd=math.sqrt(fit.variance),
        r_squared=1.0 - unexplained,
        r_squared_adjusted=1.0 - unexplained * (n - intercept) / fit.df,
        loglik=loglik,
        aic=2.0 * (p + 1) - 2.0 * loglik,
        bic=float(np.log(n)) * (p + 1) - 2.0 * loglik,
        condition_number=fit.design.condition,
        vcov=vcov,
        df=df,
        notes=(*notes, *_warnings(fit)),
    )


def _warnings(fit: LeastSquares) -> tuple[str, ...]:
    found = []
    if fit.exact:
        found.append("every row is fitted exactly: there is no residual variance to test with")
    if fit.design.condition > LARGE_CONDITION:
        digits = max(0, 15 - round(math.log10(fit.design.condition)))
        found.append(
            f"condition number {fit.design.condition:.2g}: a change of the data in the 15th digit "
            f"may change a coefficient in digit {digits + 1}"
        )
    return tuple(found)


@dataclass(frozen=True, kw_only=True, repr=False)
class LinearModel(Tidy):
    """A linear model after its fit by ordinary least squares.

    Attributes
    ----------
    formula : Formula
    design : Design
        Coding of the terms.
    fit : LeastSquares
        Coefficients, residuals, leverage.
    inference : LinearInference
        Coefficients with their covariance and df method.
    stats : LinearSummary
        The fit in one row; read `condition_number` and `notes` first.
    frame : DataFrame
        The rows that were used, with their index.
    x, y : array
        Their design, shape (n, p), and outcome less the offset, shape (n,).
    offset : array, shape (n,), or None
        Of the rows used, where the formula has one.
    """

    formula: Formula
    design: Design
    fit: LeastSquares
    inference: LinearInference
    stats: LinearSummary
    frame: pd.DataFrame
    x: FloatArray
    y: FloatArray
    offset: FloatArray | None = None

    coefficients = model_contrasts.coefficients
    marginal_means = model_contrasts.marginal_means
    contrasts = model_contrasts.contrasts

    def anova(self, *, type: int = 3, effect_size: str | None = None) -> pd.DataFrame:
        """Return F tests of the terms: term, df_num, df_den, statistic, p_value.

        Parameters
        ----------
        type : int
            3: a factor at equal weights of the factors that it interacts with, and at the value
            zero of a covariate that it interacts with (centre it where that means nothing). 2:
            each term beside all those that do not hold it.
        effect_size : str, optional
            "partial-eta-squared", with vcov="model": a column partial_eta_squared, the share
            SS / (SS + SS of the residuals) of the variance that the other terms leave.

        Raises
        ------
        UsageError
            If a choice does not exist, or an effect size is asked beside robust errors.
        """
        if effect_size is None or self.stats.vcov != "model":
            return model_contrasts.anova(self, type=type, effect_size=effect_size)
        check_choice("effect_size", effect_size, model_contrasts.EFFECT_SIZES)
        found = model_contrasts.anova(self, type=type)
        explained = found["statistic"] * found["df_num"]
        return found.assign(partial_eta_squared=explained / (explained + found["df_den"]))

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p)."""
        return self.inference.test(combinations, level=level)

    def jointly(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations, shape (l, p), are zero."""
        return self.inference.joint(combinations)

    @property
    def covariance(self) -> pd.DataFrame:
        """Return the covariance of the coefficients, in the choice of `vcov`, by name."""
        names = list(self.design.names)
        return pd.DataFrame(self.inference.covariance, index=names, columns=names)

    def fitted(self) -> pd.Series:
        """Return the fitted values, in the index of the rows used."""
        y = self.y if self.offset is None else self.y + self.offset
        return pd.Series(y - self.fit.residual, index=self.frame.index, name="fitted")

    def predict(
        self,
        frame: pd.DataFrame | None = None,
        *,
        interval: str = "confidence",
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Return the expected outcome of new rows.

        Parameters
        ----------
        frame : DataFrame, optional
            None stands for the rows that were used.
        interval : str
            "confidence": of the expected outcome. "prediction": of one new outcome, whose residual
            is added; normal, with one residual variance (`vcov="model"`), as R's `predict.lm`.
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
        if self.stats.vcov != "model":
            raise UsageError(
                "interval='prediction' rests on one residual variance, which "
                f"vcov='{self.stats.vcov}' does not trust: fit with vcov='model'"
            )

        def one_outcome(combinations: FloatArray, *, level: float) -> Estimate:
            found = self.tested(combinations, level=level)
            return prediction.beyond(found, self.fit.variance, level=level)

        return prediction.expected(self.design, frame, one_outcome, level=level)

    def residuals(self) -> pd.Series:
        """Return outcome minus fitted value, in the index of the rows used."""
        return pd.Series(self.fit.residual, index=self.frame.index, name="residual")
