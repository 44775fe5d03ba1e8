"""Analysis of variance of arms (between participants) by visits (within): the split plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray, f_p
from backwalk_stats.errors import NotEstimable

FLAT = 1e-24


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One line of the table.

    Attributes
    ----------
    sum_sq, error_sum_sq : float
        Sum of squares of the effect and of its error.
    df_num, df_den : float
        Degrees of freedom, uncorrected.
    statistic, p_value : float
        F and its p, uncorrected.
    """

    sum_sq: float
    error_sum_sq: float
    df_num: float
    df_den: float
    statistic: float
    p_value: float

    def corrected_p(self, epsilon: float) -> float:
        """Return p with both degrees of freedom times epsilon."""
        df_num, df_den = epsilon * self.df_num, epsilon * self.df_den
        return float(f_p(statistic=self.statistic, df_num=df_num, df_den=df_den))


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitPlot:
    """The table, and what the covariance of the visits says about sphericity.

    Attributes
    ----------
    arm, visit, interaction : Effect
    greenhouse_geisser, huynh_feldt : float
        Epsilons of the effects within participants; 1 where there are two visits.
    """

    arm: Effect
    visit: Effect
    interaction: Effect
    greenhouse_geisser: float
    huynh_feldt: float

    def generalised_eta_squared(self, effect: Effect) -> float:
        """Return SS / (SS + SS of both errors), for manipulated factors.

        Olejnik and Algina, Psychol Methods 2003;8:434; Bakeman, Behav Res Methods 2005;37:379.
        """
        errors = self.arm.error_sum_sq + self.visit.error_sum_sq
        return effect.sum_sq / (effect.sum_sq + errors)


def split_plot(y: FloatArray, arms: np.ndarray, *, unweighted: bool) -> SplitPlot:
    """Return the split-plot analysis of variance of complete participants.

    Visits are turned into a mean and v - 1 orthonormal contrasts; the errors are the deviations
    from the arm's own means. The two types of sums of squares differ in the visit alone: type III
    tests the plain mean of the arms' means, type II the mean over participants. Arm and interaction
    are the same in both. y has a row a participant and a column a visit, without missing values;
    arms are codes 0 to a - 1, each present. Without error df or variation there is no table.

    >>> y = np.array([[5.0, 3.0], [6.0, 5.0], [7.0, 4.0], [5.0, 5.0], [6.0, 5.0], [8.0, 7.5]])
    >>> found = split_plot(y, np.array([0, 0, 0, 1, 1, 1]), unweighted=True)
    >>> round(found.visit.statistic, 3), round(found.interaction.statistic, 3)
    (15.0, 5.4)
    """
    n, visits = y.shape
    sizes = np.bincount(arms)
    if len(sizes) < 2 or visits < 2 or n <= len(sizes):
        raise NotEstimable(
            f"{n} complete participants, {len(sizes)} arms and {visits} visits: needs two arms, "
            "two visits and more participants than arms"
        )
    level = y.sum(axis=1, keepdims=True) / np.sqrt(visits)
    contrast = y @ _orthonormal(visits)
    df_between, within = n - len(sizes), visits - 1
    between_error = _within_arms(level, arms, sizes)
    within_error = _within_arms(contrast, arms, sizes)
    errors = float(np.trace(between_error)), float(np.trace(within_error))
    size = FLAT * float((y**2).sum())
    if min(errors) <= size:
        raise NotEstimable("participants of an arm do not differ: there is no error variance")
    means = _means(contrast, arms, sizes)
    if unweighted:
        weight, centre = len(sizes) ** 2 / (1.0 / sizes).sum(), means.mean(axis=0)
    else:
        weight, centre = float(n), contrast.mean(axis=0)
    epsilon = _greenhouse_geisser(within_error)
    arm, visit = _between(level, arms, sizes), float(weight * (centre**2).sum())
    both, df_arm, df_within = _between(contrast, arms, sizes), len(sizes) - 1, df_between * within
    return SplitPlot(
        arm=_effect(arm, errors[0], df_arm, df_between),
        visit=_effect(visit, errors[1], within, df_within),
        interaction=_effect(both, errors[1], df_arm * within, df_within),
        greenhouse_geisser=epsilon,
        huynh_feldt=_huynh_feldt(epsilon, within=within, df=df_between),
    )


def _orthonormal(visits: int) -> FloatArray:
    """Return v - 1 orthonormal contrasts as columns, each visit against the mean of those before.

    Any such basis gives the same sums of squares.
    """
    out = np.zeros((visits, visits - 1))
    for k in range(1, visits):
        out[:k, k - 1] = -1.0 / k
        out[k, k - 1] = 1.0
    return np.asarray(out / np.sqrt((out**2).sum(axis=0)))


def _means(z: FloatArray, arms: np.ndarray, sizes: np.ndarray) -> FloatArray:
    sums = np.zeros((len(sizes), z.shape[1]))
    np.add.at(sums, arms, z)
    return np.asarray(sums / sizes[:, None])


def _within_arms(z: FloatArray, arms: np.ndarray, sizes: np.ndarray) -> FloatArray:
    """Return the products of deviations from the arm's mean, shape (k, k)."""
    deviation = z - _means(z, arms, sizes)[arms]
    return np.asarray(deviation.T @ deviation)


def _between(z: FloatArray, arms: np.ndarray, sizes: np.ndarray) -> float:
    deviation = _means(z, arms, sizes) - z.mean(axis=0)
    return float((sizes[:, None] * deviation**2).sum())


def _effect(sum_sq: float, error: float, df_num: float, df_den: float) -> Effect:
    statistic = (sum_sq / df_num) / (error / df_den)
    return Effect(
        sum_sq=sum_sq,
        error_sum_sq=error,
        df_num=float(df_num),
        df_den=float(df_den),
        statistic=statistic,
        p_value=float(f_p(statistic=statistic, df_num=df_num, df_den=df_den)),
    )


def _greenhouse_geisser(products: FloatArray) -> float:
    """Return tr(S)^2 / ((v - 1) tr(S^2)) (Greenhouse and Geisser, Psychometrika 1959;24:95)."""
    return float(np.trace(products) ** 2 / (len(products) * (products**2).sum()))


def _huynh_feldt(epsilon: float, *, within: int, df: int) -> float:
    """Return Huynh and Feldt's epsilon as Lecoutre corrected it (J Educ Stat 1991;16:371).

    ((df + 1) k e - 2) / (k (df - k e)), k = v - 1 and df = n - arms; at most 1.
    """
    room = within * (df - within * epsilon)
    if room <= 0.0:
        return 1.0
    return min(1.0, ((df + 1) * within * epsilon - 2.0) / room)
