"""Fits a second of a batch: a trial of 200 people and four visits, 16 coefficients, drop-out.

Each line is the best of three runs after a warm-up that compiles what there is to compile. The
figure to keep is that of `us` with Satterthwaite's df on two workers: 1,000 fits a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

import backwalk_stats as bw
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch import likelihood as batch_likelihood
from backwalk_stats.engine.batch.contrasts import BatchFits
from backwalk_stats.engine.batch.fits import permuted
from backwalk_stats.engine.batch.tables import BatchPlan, plan_like
from backwalk_stats.engine.mixed.fit import maximise
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.resampling.permutation import design_with

DATA = Path(__file__).parents[1] / "data" / "example_mixed" / "trial_n200.csv"
FORMULA = "pain ~ base * visit + arm * visit + site"
REPLICATES = 1024
WANTED = 1000


def trial(*, complete: bool) -> pd.DataFrame:
    """Return the trial, whole or without the people who missed a visit."""
    frame = pd.read_csv(DATA)
    frame["arm"] = pd.Categorical(frame["arm"], ["forward", "backward"])
    frame["visit"] = pd.Categorical(frame["visit"], ["W02", "W04", "W08", "W12"])
    held = frame.groupby("id")["pain"].transform("count") == 4
    return frame[held] if complete else frame


def fitted(frame: pd.DataFrame, covariance: str) -> FittedModel:
    """Return the model that the batches repeat."""
    return bw.mmrm(FORMULA, frame, participant="id", visit="visit", covariance=covariance)


def plan_of(fit: FittedModel) -> BatchPlan:
    """Return a plan with the four coefficients of the arm at the visits."""
    contrasts = np.eye(fit.x.shape[1])[["arm" in name for name in fit.design.names]]
    return plan_like(fit.fit, x=fit.x, y=fit.y, contrasts=contrasts)


def responses(fit: FittedModel) -> FloatArray:
    """Return outcomes with new noise of participants and rows."""
    rng = np.random.default_rng(2)
    patterns = fit.fit.likelihood.patterns
    who = np.empty(len(fit.y), dtype=int)
    held = patterns.rows >= 0
    who[patterns.rows[held]] = np.nonzero(held)[0]
    people = rng.normal(size=(REPLICATES, patterns.n_participants))[:, who]
    return fit.y + 0.5 * (people + rng.normal(size=(REPLICATES, len(fit.y))))


def line(label: str, run: Callable[[], BatchFits], *, limit: int | None = None) -> None:
    """Print the rate of the best of three runs, and how many replicates converged."""
    run()
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - start)
    rate, converged = REPLICATES / min(seconds), int(found.converged.sum())
    verdict = "" if limit is None else f"   {'kept' if rate >= limit else 'NOT KEPT'}: {limit:,}"
    print(f"{label:<48}{rate:>7.0f} fits/s   {converged} of {REPLICATES} converged{verdict}")


def alone(fit: FittedModel) -> None:
    """Print the rate of one fit after another, as `mmrm` does them, engine alone."""
    likelihood = fit.fit.likelihood
    residual = fit.residuals().to_numpy()
    first = likelihood.marginal.start(likelihood.patterns, residual)
    start = time.perf_counter()
    for _ in range(20):
        maximise(likelihood, first)
    rate = 20 / (time.perf_counter() - start)
    print(f"{'one fit after another, us':<48}{rate:>7.0f} fits/s")


def new_responses(frame: pd.DataFrame) -> None:
    """Print the rates of new responses, by structure and workers."""
    for name in ("us", "cs", "ar1", "csh"):
        fit = fitted(frame, name)
        plan, ys = plan_of(fit), responses(fit)
        for workers in (1, 2):
            run = partial(batch.fit_responses, plan, ys, workers=workers)
            limit = WANTED if name == "us" and workers == 2 else None
            line(f"new responses, {name}, workers={workers}", run, limit=limit)
        if name == "us" and find_spec("numba") is not None:
            with patch.object(batch, "evaluator", lambda: batch_likelihood.evaluate):
                line("new responses, us, without numba", partial(batch.fit_responses, plan, ys))


def resampling(frame: pd.DataFrame) -> None:
    """Print the rates of a bootstrap and of a permutation."""
    fit = fitted(frame, "us")
    plan, strata = plan_of(fit), np.zeros(fit.stats.n_participants, dtype=int)
    arms = np.arange(len(strata)) % 2
    deals = [permuted(labels=arms, seed=1, index=i, strata=strata) for i in range(REPLICATES)]
    designs = np.stack([design_with(fit, "arm", deal) for deal in deals])
    for workers in (1, 2):
        drawn = partial(batch.fit_bootstrap_samples, strata=strata, seed=1, replicates=REPLICATES)
        line(f"bootstrap, us, workers={workers}", partial(drawn, plan, fit.y, workers=workers))
        run = partial(batch.fit_designs, plan, fit.y, designs, workers=workers)
        line(f"permutation of arms, us, workers={workers}", run)


def main() -> None:
    """Print the table."""
    print(f"numba is {'' if find_spec('numba') is not None else 'not '}installed")
    frame = trial(complete=False)
    alone(fitted(frame, "us"))
    new_responses(frame)
    resampling(frame)
    complete = fitted(trial(complete=True), "us")
    run = partial(batch.fit_responses, plan_of(complete), responses(complete))
    line("new responses, us, nobody missing a visit", run)


if __name__ == "__main__":
    main()
