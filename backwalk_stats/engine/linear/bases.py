"""Bases of a covariate's curve: orthogonal and raw polynomials, natural cubic splines.

A basis is found once, from the data of a fit, and then evaluated anywhere with the same
coefficients and knots. Values are those of R's `poly` and `splines::ns`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

CUBIC = 4


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RawPolynomial(Shown):
    """x, x^2, ... x^degree."""

    degree: int

    def at(self, x: FloatArray) -> FloatArray:
        """Return the basis at x, shape (n, degree)."""
        return np.asarray(x[:, None] ** np.arange(1, self.degree + 1))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class OrthogonalPolynomial(Shown):
    """Polynomials of degree 1 to k that are orthonormal over the data of the fit.

    Attributes
    ----------
    alpha : array, shape (k,)
        Centres of the recurrence p[j+1] = (x - alpha[j]) p[j] - norm2[j] / norm2[j-1] p[j-1].
    norm2 : array, shape (k + 1,)
        Squared lengths of p[0] = 1 to p[k] over the data.
    """

    alpha: FloatArray
    norm2: FloatArray

    def at(self, x: FloatArray) -> FloatArray:
        """Return the basis at x, shape (n, k)."""
        before, now = np.zeros_like(x), np.ones_like(x)
        out = np.empty((len(x), len(self.alpha)))
        for j, centre in enumerate(self.alpha):
            ratio = self.norm2[j] / self.norm2[j - 1] if j else 0.0
            before, now = now, (x - centre) * now - ratio * before
            out[:, j] = now / np.sqrt(self.norm2[j + 1])
        return out


def orthogonal_polynomial(x: FloatArray, degree: int) -> OrthogonalPolynomial:
    """Return the polynomials orthonormal over x, by the three-term recurrence.

    Forsythe, J Soc Indust Appl Math 1957;5:74; Kennedy and Gentle, Statistical Computing, 1980. x
    needs more distinct values than the degree, which is 1 or more.

    >>> basis = orthogonal_polynomial(np.array([0.0, 1.0, 2.0]), 2)
    >>> basis.at(np.array([0.0, 1.0, 3.0])).round(4)
    array([[-0.7071,  0.4082],
           [ 0.    , -0.8165],
           [ 1.4142,  4.0825]])
    """
    distinct = len(np.unique(x))
    if distinct <= degree:
        raise NotEstimable(
            f"a polynomial of degree {degree} needs at least {degree + 1} distinct values, "
            f"found {distinct}"
        )
    before, now = np.zeros_like(x), np.ones_like(x)
    alpha, norm2 = [], [float(len(x))]
    for j in range(degree):
        centre = float((x * now**2).sum()) / norm2[j]
        # The mean of what is left, once more: the first centre is a sum of values of any size.
        centre += float(((x - centre) * now**2).sum()) / norm2[j]
        ratio = norm2[j] / norm2[j - 1] if j else 0.0
        before, now = now, (x - centre) * now - ratio * before
        alpha.append(centre)
        norm2.append(float(now @ now))
    return OrthogonalPolynomial(alpha=np.array(alpha), norm2=np.array(norm2))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class NaturalSpline(Shown):
    """Cubic splines whose second derivative is zero at the boundary knots, linear beyond them.

    Attributes
    ----------
    interior : array, shape (k - 1,)
        Interior knots.
    boundary : tuple of float
        The two boundary knots.
    turn : array, shape (k + 1, k)
        From the B-splines without the first to the natural ones.
    """

    interior: FloatArray
    boundary: tuple[float, float]
    turn: FloatArray

    def at(self, x: FloatArray) -> FloatArray:
        """Return the basis at x, shape (n, k)."""
        low, high = self.boundary
        knots = _cubic_knots(self.interior, self.boundary)
        inside = np.clip(x, low, high)
        out = _b_splines(inside, knots)
        for edge, beyond in ((low, x < low), (high, x > high)):
            slope = _b_splines(np.array([edge]), knots, derivative=1)
            out[beyond] += (x[beyond] - edge)[:, None] * slope
        return np.asarray(out[:, 1:] @ self.turn)


def natural_spline(x: FloatArray, df: int) -> NaturalSpline:
    """Return the natural cubic splines with df columns, knots at the quantiles of x.

    The df - 1 interior knots stand at equally spaced quantiles (type 7), the boundary knots at the
    range; the constant is left out. The natural splines are those combinations of B-splines (de
    Boor, A Practical Guide to Splines, 1978) that are orthogonal to their second derivatives at the
    boundary, by Householder reflections, as in R's `splines::ns` (Hastie, in Chambers and Hastie,
    Statistical Models in S, 1992, chapter 7). `NotEstimable` where knots coincide, because x has
    few distinct values.

    >>> basis = natural_spline(np.arange(5.0), 2)
    >>> basis.at(np.array([0.0, 2.0, 4.0, 6.0])).round(4)
    array([[ 0.    ,  0.    ],
           [ 0.5663, -0.2108],
           [ 0.3441,  0.7706],
           [-0.0752,  2.0501]])
    """
    low, high = float(x.min()), float(x.max())
    interior = np.quantile(x, np.linspace(0.0, 1.0, df + 1)[1:-1])
    if np.any(np.diff([low, *interior, high]) <= 0.0):
        raise NotEstimable(
            f"a natural spline with {df} degrees of freedom has knots at the quantiles, and some "
            f"of them coincide ({len(np.unique(x))} distinct values): ask for fewer degrees of "
            "freedom, or use poly"
        )
    boundary = (low, high)
    bend = _b_splines(np.array(boundary), _cubic_knots(interior, boundary), derivative=2)
    q, _ = np.linalg.qr(bend[:, 1:].T, mode="complete")
    return NaturalSpline(interior=interior, boundary=boundary, turn=np.asarray(q[:, 2:]))


def _cubic_knots(interior: FloatArray, boundary: tuple[float, float]) -> FloatArray:
    """Return the knots of cubic B-splines: each boundary four times."""
    return np.sort(np.concatenate([np.repeat(boundary, CUBIC), interior]))


def _b_splines(
    x: FloatArray, knots: FloatArray, *, derivative: int = 0, order: int = CUBIC
) -> FloatArray:
    """Return B-splines, or a derivative of them, by Cox and de Boor's recurrence.

    B[i,1] = 1 where t[i] <= x < t[i+1], and B[i,k] = (x - t[i]) / (t[i+k-1] - t[i]) B[i,k-1] +
    (t[i+k] - x) / (t[i+k] - t[i+1]) B[i+1,k-1]; the last interval holds its end. x lies within the
    knots, m in order; order 4 is cubic; the result has shape (n, m - order).
    """
    width = len(knots) - order
    if order == 1:
        last = np.flatnonzero(np.diff(knots) > 0.0)[-1]
        place = np.minimum(np.searchsorted(knots, x, side="right") - 1, last)
        return np.asarray(place[:, None] == np.arange(width), dtype=float)
    lower = _b_splines(x, knots, derivative=max(0, derivative - 1), order=order - 1)
    span = knots[order - 1 :] - knots[: width + 1]
    share = np.divide(1.0, span, out=np.zeros_like(span), where=span > 0.0)
    if derivative:
        scaled = (order - 1) * share * lower
        return np.asarray(scaled[:, :-1] - scaled[:, 1:])
    rising = (x[:, None] - knots[:width]) * share[:-1] * lower[:, :-1]
    falling = (knots[order:] - x[:, None]) * share[1:] * lower[:, 1:]
    return np.asarray(rising + falling)
