"""Missing values of a visit drawn at random; the parameters are those of bootstrap samples."""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.batch_draws import bootstrap_counts
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.incomplete_visits import predicted
from backwalk_stats.engine.seeds import replicate_generator
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.imputation_model import ImputationModel, Parameters
from backwalk_stats.models.incomplete_trial import IncompleteTrial

FAILURES = 0.01


def drawn_parameters(
    trial: IncompleteTrial, model: ImputationModel, *, seed: int, imputations: int
) -> tuple[Parameters, np.ndarray, int]:
    """Return the parameters of bootstrap samples, their numbers, and how many samples failed.

    Parameters
    ----------
    trial : IncompleteTrial
    model : ImputationModel
        Fitted to it.
    seed, imputations : int
        Sample i is drawn from (seed, i); a sample whose model cannot be fitted is replaced by the
        next number, up to one in a hundred.

    Raises
    ------
    NotEstimable
        If more fail.
    """
    allowed = int(np.ceil(FAILURES * imputations))
    beta, sigma, kept, asked, failed = [], [], np.empty(0, dtype=int), 0, 0
    while len(kept) < imputations:
        indices = np.arange(asked, asked + imputations - len(kept))
        found, good = _refitted(trial, model, seed=seed, indices=indices)
        asked, failed = asked + len(indices), failed + int((~good).sum())
        if failed > allowed:
            raise NotEstimable(
                f"the imputation model could not be fitted in {failed} of {asked} samples; more "
                f"than {allowed} are too many: take a simpler covariance or fewer covariates"
            )
        beta.append(found.beta[good])
        sigma.append(found.sigma[good])
        kept = np.concatenate([kept, indices[good]])
    return Parameters(beta=np.concatenate(beta), sigma=np.concatenate(sigma)), kept, failed


def _refitted(
    trial: IncompleteTrial, model: ImputationModel, *, seed: int, indices: np.ndarray
) -> tuple[Parameters, np.ndarray]:
    """Return the parameters of numbered bootstrap samples of participants, drawn within arms."""
    counts = [bootstrap_counts(seed=seed, index=int(i), strata=trial.arm) for i in indices]
    return model.refitted(np.stack(counts))


def drawn_visit(
    model: ImputationModel, drawn: Parameters, *, at: int, seed: int, indices: np.ndarray
) -> FloatArray:
    """Return a visit with its gaps filled at random, shape (M, n).

    Parameters
    ----------
    model : ImputationModel
    drawn : Parameters
        M sets of them.
    at : int
        The visit, from 0.
    seed : int
    indices : array of int, shape (M,)
        Numbers of the samples that the parameters came from.
    """
    found = predicted(model.visits, at=at, beta=drawn.beta, sigma=drawn.sigma)
    y = np.repeat(model.visits.y[None, :, at], len(indices), axis=0)
    for place, index in enumerate(indices):
        # The sample of participants came from the replicate's own stream; this is a child of it.
        rng = replicate_generator(seed=seed, index=int(index)).spawn(1)[0]
        noise = np.asarray(rng.standard_normal(y.shape[1]))[found.who]
        y[place, found.who] = found.mean[place] + np.sqrt(found.variance[place]) * noise
    return y
