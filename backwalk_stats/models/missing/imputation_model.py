"""The model behind imputations, fitted to what was observed, and without each participant.

The mean of the model has arm by visit, and baseline and covariates (by visit unless told
otherwise); with a single visit after baseline it is a linear model. Observed visits from an
intercurrent event on are left out of the fit where the strategy does not treat them as missing at
random (Wolbers et al., Pharm Stat 2022;21:1246).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.batch.contrasts import BatchFits
from backwalk_stats.engine.batch.fits import fit_counts, fit_without_each
from backwalk_stats.engine.batch.tables import BatchPlan, plan_like
from backwalk_stats.engine.missing.draws import STRATEGIES, IncompleteVisits
from backwalk_stats.engine.mixed.marginal import VisitCovariance
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_choice, check_yes_no
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.fit.prediction import design_rows
from backwalk_stats.models.formula.rows import in_words_of, inner_names
from backwalk_stats.models.missing.incomplete import IncompleteTrial
from backwalk_stats.models.mixed.mmrm import visit_model


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """Sets of parameters: beta, shape (R, p), and a covariance for each arm, shape (R, G, J, J)."""

    beta: FloatArray
    sigma: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class ImputationModel:
    """A fitted imputation model.

    Attributes
    ----------
    fit : FittedModel
        From `visit_model`.
    covariance : VisitCovariance
        Its covariance model.
    visits : IncompleteVisits
        What is missing, and what is assumed of it.
    row : array of int, shape (n,)
        Participant's number in the fit, -1 for those without an observed visit in it.
    """

    fit: FittedModel
    covariance: VisitCovariance
    visits: IncompleteVisits
    row: np.ndarray

    @property
    def estimate(self) -> Parameters:
        """Return the REML estimates, R = 1."""
        point = self.fit.fit.point
        return Parameters(beta=self.fit.inference.beta[None], sigma=self._sigma(point.theta[None]))

    def refitted(self, counts: np.ndarray) -> tuple[Parameters, np.ndarray]:
        """Return REML estimates with each participant so many times in the data.

        `counts` (shape (R, n)). Returns tuple of Parameters and array of bool, shape (R,): the
        estimates, NaN where a fit failed; and which fits converged.
        """
        held = self.row >= 0
        own = np.empty((len(counts), int(held.sum())), dtype=counts.dtype)
        own[:, self.row[held]] = counts[:, held]
        return self._parameters(fit_counts(self._plan(), self._residual, own))

    def without_each(self) -> Parameters:
        """Return the REML estimates without each participant in turn, R = n.

        Raises NotEstimable if a model cannot be fitted without some participant.
        """
        n, held = len(self.row), np.flatnonzero(self.row >= 0)
        fits = fit_without_each(self._plan(), self._residual, self.row[held])
        found, good = self._parameters(fits)
        if not good.all():
            raise NotEstimable(
                f"without one participant the imputation model cannot be fitted "
                f"({int((~good).sum())} of {n} times): take a simpler covariance or fewer "
                "covariates, or random draws instead of the jackknife"
            )
        whole = self.estimate
        beta = np.repeat(whole.beta, n, axis=0)
        sigma = np.repeat(whole.sigma, n, axis=0)
        beta[held], sigma[held] = found.beta, found.sigma
        return Parameters(beta=beta, sigma=sigma)

    def _plan(self) -> BatchPlan:
        fit = self.fit
        return plan_like(fit.fit, x=fit.x, y=fit.y, contrasts=np.eye(fit.x.shape[1]))

    @property
    def _residual(self) -> FloatArray:
        """Return the outcome less the fit: a large mean would cost the refits digits."""
        return np.asarray(self.fit.y - self.fit.x @ self.fit.inference.beta)

    def _parameters(self, found: BatchFits) -> tuple[Parameters, np.ndarray]:
        beta = found.estimate + self.fit.inference.beta
        return Parameters(beta=beta, sigma=self._sigma(found.theta)), found.converged

    def _sigma(self, theta: FloatArray) -> FloatArray:
        return np.array([self.covariance.sigmas(one) for one in theta])


@dataclass(frozen=True, kw_only=True, slots=True)
class ImputationChoices:
    """What is assumed of missing values.

    Attributes
    ----------
    strategy : str
        See `engine.reference_strategies`.
    covariance : str
        As in `mmrm`.
    by_arm : bool
        A covariance matrix for each arm, instead of one for all.
    by_visit : str, sequence of str, or None
        Columns of the baseline and of covariates whose slope differs between visits; None is all.
    """

    strategy: str
    covariance: str
    by_arm: bool
    by_visit: str | Sequence[str] | None


def imputation_model(
    trial: IncompleteTrial, columns: TrialColumns, choices: ImputationChoices
) -> ImputationModel:
    """Fit the imputation model.

    `columns`: whose names `choices.by_visit` uses. Raises UsageError if a choice does not exist, or
    the data cannot answer. Raises NotEstimable if the fit does not converge.
    """
    check_choice("strategy", choices.strategy, STRATEGIES)
    check_yes_no("covariance_by_arm", choices.by_arm)
    n, size = trial.y.shape
    terms = _terms(choices.by_visit, columns, visits=size)
    long = _long(trial)
    usable = ~np.isnan(trial.y)
    if choices.strategy != "mar":
        usable &= np.arange(size) < trial.event[:, None]
    _refuse_unseen_arm(trial, usable)
    with in_words_of(trial.names):
        fit = visit_model(
            f"value ~ {' + '.join(terms)}",
            long[usable.ravel()],
            participant="who",
            visit="visit",
            least_visits=min(size, 2),
            covariance=choices.covariance,
            df="residual",
            group="arm" if choices.by_arm else None,
        )
    covariance = fit.fit.likelihood.marginal
    if not fit.stats.converged or not isinstance(covariance, VisitCovariance):
        raise NotEstimable(
            f"the imputation model did not converge ({'; '.join(fit.stats.notes)}); "
            "take a simpler covariance or fewer covariates"
        )
    row = np.full(n, -1)
    row[np.array(fit.participants, dtype=int)] = np.arange(len(fit.participants))
    base = pd.Categorical([trial.arms[0]] * len(long), categories=list(trial.arms))
    visits = IncompleteVisits(
        y=trial.y,
        own=design_rows(fit.design, long)[0].reshape(n, size, -1),
        reference=design_rows(fit.design, long.assign(arm=base))[0].reshape(n, size, -1),
        group=trial.arm if choices.by_arm else np.zeros(n, dtype=int),
        reference_group=0,
        event=trial.event,
        strategy=choices.strategy,
    )
    return ImputationModel(fit=fit, covariance=covariance, visits=visits, row=row)


def _long(trial: IncompleteTrial) -> pd.DataFrame:
    """Return one row for each participant and visit, missing ones included."""
    n, size = trial.y.shape
    frame = trial.people.loc[np.repeat(np.arange(n), size)].reset_index(drop=True)
    return frame.assign(
        who=np.repeat(np.arange(n), size),
        visit=pd.Categorical(list(trial.visits) * n, categories=list(trial.planned), ordered=True),
        value=trial.y.ravel(),
    )


def _refuse_unseen_arm(trial: IncompleteTrial, usable: np.ndarray) -> None:
    """Refuse an arm of which the model would see nothing: no mean could be told for it."""
    seen = np.bincount(trial.arm[usable.any(axis=1)], minlength=len(trial.arms))
    unseen = [name for name, count in zip(trial.arms, seen, strict=True) if not count]
    if unseen:
        raise UsageError(
            f"no participant of {', '.join(unseen)} has the outcome before the event; the "
            "imputation model needs some of each arm: declare other events, or take strategy 'mar'"
        )


def _terms(
    by_visit: str | Sequence[str] | None, columns: TrialColumns, *, visits: int
) -> list[str]:
    """Return arm, baseline and covariates, with or without their interaction with visit."""
    inner = {str(columns.baseline): "baseline", **inner_names(columns.covariates)}
    asked = tuple(inner) if by_visit is None else names_of(by_visit)
    strange = [name for name in asked if name not in inner]
    if strange:
        raise UsageError(f"by_visit is {', '.join(strange)}; each is one of {', '.join(inner)}")
    if visits == 1:
        return ["arm", *inner.values()]
    crossed = [f"{own} * visit" if name in asked else own for name, own in inner.items()]
    return ["arm * visit", *crossed]
