"""What every fitted model offers of itself: a line, a text, a tidy frame, and statsmodels' names.

The names and shapes of `params`, `bse`, `tvalues`, `pvalues`, `conf_int`, `nobs`, `llf`, `aic` and
`bic` are those of a statsmodels result; `tidy` and `glance` are those of R's broom, whose dots are
written as underscores.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import pandas as pd

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.registry import TEXT, Shown, rendered

WIDTH = 79
MOST_ROWS = 15  # of coefficients in a `repr`, which is to stay short
KINDS = {
    "FittedModel": "mixed model",
    "LinearModel": "linear model",
    "GeeModel": "marginal model (GEE)",
    "ConstrainedLongitudinal": "constrained longitudinal model",
}


class Tidy(Shown):
    """A fitted model with `stats`, `formula` and `coefficients`, which shows itself."""

    # Every record that takes its face from here has these; what they hold differs by the model.
    stats: Any
    formula: Any
    coefficients: Any

    def __repr__(self) -> str:
        """Return what was fitted to how much in a line, without any participant's value."""
        stats, people = self.stats, ""
        if hasattr(stats, "n_participants"):
            people = f"{stats.n_participants} participants, "
        went = [] if getattr(stats, "converged", True) else ["did not converge"]
        parts = [f"{people}{stats.n_obs} values", *went]
        kind = KINDS.get(type(self).__name__, "fit")
        text = textwrap.shorten(self.formula.text, 600, placeholder=" ...")
        line = f"<{kind}: {text}; {'; '.join(parts)}>"
        return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent="  "))

    def __str__(self) -> str:
        """Return the fit in words and numbers, for a terminal."""
        return rendered(self, TEXT)

    def summary(self, *, level: float = 0.95) -> FitTable:
        """Return formula, people, covariance, method and coefficients, ready to print.

        `level`: confidence level of the intervals. The numbers themselves are in `stats` and
        `tidy()`.
        """
        return FitTable(fit=self, level=level)

    def tidy(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients, one row a term: R's `tidy(fit, conf.int = TRUE)`."""
        return pd.DataFrame(self.coefficients(level=level))

    def glance(self) -> pd.DataFrame:
        """Return the fit in one row, by the names of R's broom.

        Returns
        -------
        DataFrame
            logLik, AIC, BIC and nobs of every model; r_squared, adj_r_squared, sigma, deviance and
            df_residual of least squares; REMLcrit or deviance (-2 logLik), n_participants and
            converged of a mixed model.
        """
        stats = self.stats
        row: dict[str, object] = {"logLik": stats.loglik, "AIC": stats.aic, "BIC": stats.bic}
        if hasattr(stats, "r_squared"):
            row = {
                "r_squared": stats.r_squared,
                "adj_r_squared": stats.r_squared_adjusted,
                "sigma": stats.residual_sd,
                **row,
                "deviance": stats.residual_sd**2 * stats.df_residual,
                "df_residual": stats.df_residual,
                "nobs": stats.n_obs,
            }
        else:
            name = "REMLcrit" if stats.method == "reml" else "deviance"
            row |= {name: -2.0 * stats.loglik, "nobs": stats.n_obs}
            row |= {"n_participants": stats.n_participants, "converged": stats.converged}
        return pd.DataFrame([row])

    # The names that a user of statsmodels types.

    @property
    def params(self) -> pd.Series:
        """Return the coefficients by term."""
        return self._of_terms("estimate")

    @property
    def bse(self) -> pd.Series:
        """Return the standard errors by term."""
        return self._of_terms("std_error")

    @property
    def tvalues(self) -> pd.Series:
        """Return the t statistics by term."""
        return self._of_terms("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Return the p-values by term."""
        return self._of_terms("p_value")

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the limits of the 1 - `alpha` intervals by term, in columns 0 and 1."""
        found = pd.DataFrame(self.coefficients(level=_level_of(alpha))).set_index("term")
        limits = found[["conf_low", "conf_high"]].rename_axis(None)
        limits.columns = pd.Index([0, 1])
        return limits

    @property
    def nobs(self) -> int:
        """Return the number of rows used."""
        return int(self.stats.n_obs)

    @property
    def llf(self) -> float:
        """Return the log-likelihood, restricted for REML."""
        return float(self.stats.loglik)

    @property
    def aic(self) -> float:
        """Return Akaike's criterion, counted as `stats` says."""
        return float(self.stats.aic)

    @property
    def bic(self) -> float:
        """Return the Bayesian criterion, counted as `stats` says."""
        return float(self.stats.bic)

    def _of_terms(self, column: str) -> pd.Series:
        values: pd.Series = self.coefficients().set_index("term")[column]
        return values.rename_axis(None).rename(None)


def _level_of(alpha: object) -> float:
    """Return the confidence level of an alpha; refuse what is no number between 0 and 1."""
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 < alpha < 1:
        told = printable(repr(alpha), 40)
        raise UsageError(f"alpha is {told}; expected a number between 0 and 1, such as 0.05")
    return 1.0 - alpha


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class FitTable(Shown):
    """The summary of a fit: a table that prints itself, and shows itself in a notebook.

    Attributes
    ----------
    fit : FittedModel, LinearModel or ConstrainedLongitudinal
    level : float
        Confidence level of its intervals.
    rows : int or None
        The most coefficients that are listed; None for all.
    """

    fit: Tidy
    level: float = 0.95
    rows: int | None = None

    def __str__(self) -> str:
        """Return all of it as text."""
        return rendered(self, TEXT)

    def __repr__(self) -> str:
        """Return it as text, long models cut."""
        short = FitTable(fit=self.fit, level=self.level, rows=MOST_ROWS)
        return rendered(short, TEXT)
