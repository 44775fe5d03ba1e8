"""Firth's logistic regression: finite estimates where an arm or a covariate separates outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from backwalk_stats.engine.numbers import FloatArray, chi_square_p, profile_limits
from backwalk_stats.errors import NotEstimable

STEPS, HALVINGS, LONGEST = 500, 40, 2.0
FLAT, CLOSE, NOISE, RISE, NEARER = 1e-10, 1e-12, 1e-12, 0.1, 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class FirthFit:
    """A fit by penalised likelihood.

    Attributes
    ----------
    x, y : array, shape (n, p) and (n,)
        Design, its columns scaled, and outcome.
    scale : array, shape (p,)
        What the columns were divided by.
    beta, std_error : array, shape (p,)
        Coefficients of the columns as given, and the square roots of the diagonal of the inverse
        information.
    loglik : float
        Penalised log-likelihood.
    """

    x: FloatArray
    y: FloatArray
    scale: FloatArray
    beta: FloatArray
    std_error: FloatArray
    loglik: float

    def ratio_test(self, index: int) -> tuple[float, float]:
        """Return the penalised likelihood ratio chi-square of a coefficient of 0, and its p."""
        square = max(0.0, 2.0 * (self.loglik - self._profile(index, 0.0)))
        return square, float(chi_square_p(statistic=square, df=1))

    def profile_interval(self, index: int, *, level: float = 0.95) -> tuple[float, float]:
        """Return the limits at which the profile penalised likelihood drops by chi-square / 2."""
        return profile_limits(
            lambda value: self.loglik - self._profile(index, value),
            centre=float(self.beta[index]),
            step=float(self.std_error[index]),
            level=level,
            close=CLOSE,
        )

    def _profile(self, index: int, value: float) -> float:
        """Return the largest penalised log-likelihood with one coefficient held."""
        start = self.beta * self.scale
        start[index] = value * self.scale[index]
        free = np.arange(len(start)) != index
        return _maximised(self.x, self.y, start, free)[1]


def firth_fit(*, y: FloatArray, x: FloatArray) -> FirthFit:
    """Return the maximum of log L + log |X'WX| / 2, W = p (1 - p).

    The penalty is Jeffreys' prior; it takes the leading bias off the coefficients and keeps them
    finite (Firth, Biometrika 1993;80:27). Tests and intervals are by the profile of the penalised
    likelihood (Heinze and Schemper, Stat Med 2002;21:2409), as R's `logistf`. y is 0 and 1, shape
    (n,); x has its intercept and independent columns, shape (n, p). A search that does not reach a
    maximum is `NotEstimable`.

    >>> arm = np.repeat([0.0, 1.0], 10)
    >>> y = np.concatenate([np.repeat([1.0, 0.0], [3, 7]), np.ones(10)])
    >>> fit = firth_fit(y=y, x=np.column_stack([np.ones(20), arm]))
    >>> round(float(np.exp(fit.beta[1])), 4), round(21 * 7.5 / 3.5, 4)
    (45.0, 45.0)
    """
    scale = np.sqrt((x**2).mean(axis=0))
    scaled = x / scale
    beta, loglik = _maximised(scaled, y, np.zeros(x.shape[1]), np.ones(x.shape[1], dtype=bool))
    weight = _weights(scaled, beta)[1]
    inverse = np.linalg.inv((scaled * weight[:, None]).T @ scaled)
    return FirthFit(
        x=scaled,
        y=y,
        scale=scale,
        beta=beta / scale,
        std_error=np.sqrt(np.diagonal(inverse)) / scale,
        loglik=loglik,
    )


def _weights(x: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return probabilities and p (1 - p)."""
    linear = x @ beta
    p = special.expit(linear)
    return p, p * special.expit(-linear)


def _penalised(x: FloatArray, y: FloatArray, beta: FloatArray) -> float:
    linear = x @ beta
    weight = _weights(x, beta)[1]
    sign, determinant = np.linalg.slogdet((x * weight[:, None]).T @ x)
    if sign <= 0.0:
        return -np.inf
    likelihood = y * special.log_expit(linear) + (1.0 - y) * special.log_expit(-linear)
    return float(likelihood.sum() + determinant / 2.0)


def _score(
    x: FloatArray, y: FloatArray, beta: FloatArray, free: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """Return the penalised score of the free coefficients, and p (1 - p)."""
    p, weight = _weights(x, beta)
    q = np.linalg.qr(x * np.sqrt(weight)[:, None])[0]
    leverage = (q**2).sum(axis=1)
    return (x.T @ (y - p + leverage * (0.5 - p)))[free], weight


def _maximised(
    x: FloatArray, y: FloatArray, start: FloatArray, free: np.ndarray
) -> tuple[FloatArray, float]:
    """Return the maximum over the free coefficients: steps by the information, halved if needed."""
    beta, value = start.copy(), _penalised(x, y, start)
    for _ in range(STEPS):
        score, weight = _score(x, y, beta, free)
        steepest = np.abs(score).max(initial=0.0)
        if steepest <= FLAT:
            return beta, value
        own = x[:, free]
        step = np.linalg.solve((own * weight[:, None]).T @ own, score)
        step *= min(1.0, LONGEST / float(np.abs(step).max()))
        for _ in range(HALVINGS):
            moved = beta.copy()
            moved[free] += step
            reached = _penalised(x, y, moved)
            # a step to the other side of the maximum may be as high and no nearer to it
            if reached >= value + RISE * float(score @ step):
                break
            as_high = reached >= value - NOISE * (1.0 + abs(value))
            if as_high and np.abs(_score(x, y, moved, free)[0]).max() < NEARER * steepest:
                break
            step /= 2.0
        beta, value = moved, reached
    raise NotEstimable("Firth's likelihood was not maximised: check the covariates")
