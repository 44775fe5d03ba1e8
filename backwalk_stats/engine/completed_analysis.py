"""Least squares on completed outcomes: one design, many outcomes, with or without a participant.

With orthonormal columns q of the design, gamma = q'y; without participant i it is
gamma - q_i e_i / (1 - h_i), with the residual e_i and the leverage h_i = q_i'q_i: exact, without a
refit (Cook and Weisberg, Residuals and Influence in Regression, 1982, section 2.2.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.centred_design import centred_design
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable

NO_OTHER = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletedAnalysis:
    """The design of an analysis of complete data and its contrasts.

    Attributes
    ----------
    q : array, shape (n, P)
        Orthonormal columns.
    combinations : array, shape (L, P)
        Contrasts, in the basis q.
    """

    q: FloatArray
    combinations: FloatArray

    @property
    def df(self) -> int:
        """Return the residual degrees of freedom, n - P."""
        return int(self.q.shape[0] - self.q.shape[1])

    def estimates(self, y: FloatArray) -> FloatArray:
        """Return the contrasts of outcomes of shape (R, n); shape (R, L)."""
        return np.asarray(y @ self.q @ self.combinations.T)

    def variances(self, y: FloatArray) -> FloatArray:
        """Return the squared standard errors of the contrasts, shape (R, L)."""
        residual = y - (y @ self.q) @ self.q.T
        spread = (residual**2).sum(axis=1) / self.df
        return np.asarray(spread[:, None] * (self.combinations**2).sum(axis=1))

    def without(self, y: FloatArray, left_out: np.ndarray) -> FloatArray:
        """Return the contrasts of outcomes, each without one participant.

        Parameters
        ----------
        y : array, shape (R, n), or (1, n) for all
        left_out : array of int, shape (R,)
            Whose row each outcome leaves out.

        Returns
        -------
        array, shape (R, L)

        Raises
        ------
        NotEstimable
            If a coefficient hangs on one participant.
        """
        own = self.q[left_out]
        room = 1.0 - (own**2).sum(axis=1)
        if (room < NO_OTHER).any():
            raise NotEstimable(
                f"a coefficient of the analysis hangs on one participant ({(room < NO_OTHER).sum()}"
                " of them): leave out the covariate or join its levels"
            )
        gamma = y @ self.q
        rows = np.arange(len(y)) if len(y) > 1 else 0
        residual = y[rows, left_out] - (gamma * own).sum(axis=1)
        gamma = gamma - own * (residual / room)[:, None]
        return np.asarray(gamma @ self.combinations.T)


def completed_analysis(
    *, x: FloatArray, contrasts: FloatArray, names: tuple[str, ...] | None = None
) -> CompletedAnalysis:
    """Return the analysis of a design.

    Parameters
    ----------
    x : array, shape (n, P)
        Design.
    contrasts : array, shape (L, P)
        Combinations of its coefficients.
    names : tuple of str, optional
        Of the columns, for messages.

    Raises
    ------
    NotEstimable
        If no residual degree of freedom is left.
    UsageError
        If columns are collinear.

    Examples
    --------
    >>> arm = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    >>> plan = completed_analysis(
    ...     x=np.column_stack([np.ones(6), arm]), contrasts=np.array([[0.0, 1.0]]))
    >>> y = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]])
    >>> plan.estimates(y).round(6).tolist(), plan.without(y, np.array([5])).round(6).tolist()
    ([[4.0]], [[2.5]])
    """
    design = centred_design(x, names)
    if x.shape[0] <= x.shape[1]:
        raise NotEstimable(
            f"{x.shape[0]} participants leave no residual degree of freedom for {x.shape[1]} "
            "coefficients"
        )
    return CompletedAnalysis(q=design.q, combinations=design.turned(contrasts))


def jackknife_error(estimates: FloatArray) -> FloatArray:
    """Return the jackknife standard error of estimates that leave out one participant each.

    sqrt((n - 1) / n sum (estimate - mean)^2) (Efron and Tibshirani, An Introduction to the
    Bootstrap, 1993, formula 11.5).

    Parameters
    ----------
    estimates : array, shape (n, ...)

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 3.0, 6.0])
    >>> error = jackknife_error((y.sum() - y) / 3)
    >>> bool(np.isclose(error, y.std(ddof=1) / 2))
    True
    """
    n = len(estimates)
    return np.asarray(np.sqrt((n - 1.0) * estimates.var(axis=0)))
