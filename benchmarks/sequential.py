"""Trials a processor second: those of one design by small tables, and simulated ones.

Trials of 60 and 200 people and four visits, `us`, arm and baseline by visit, 30 % monotone
drop-out, and the same with a visit missed in between; Satterthwaite's df. Then trials that are
drawn anew and analysed, drawing included: Kenward and Roger's df, drop-out that goes by the last
score, every analysis that is simulated and other covariances. Beside them, in the same run where R
has them, lmerTest with pbkrtest on one of the trials (a random intercept, as these have no `us`)
and mmrm with Kenward-Roger-Linear. All times are of the processor, of the best of three runs.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

import backwalk_stats as bw
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch.contrasts import BatchFits
from backwalk_stats.engine.batch.fits import permuted
from backwalk_stats.engine.batch.tables import plan_like
from backwalk_stats.engine.simulation.answers import answers
from backwalk_stats.engine.simulation.designs import Clusters, Covariate, Design, Scale
from backwalk_stats.engine.simulation.draws import Sampler, calibrated
from backwalk_stats.engine.simulation.questions import Question
from backwalk_stats.models.resampling.permutation import design_with

REPLICATES = 1024
VISITS = 4
R = """
suppressMessages({library(lmerTest); library(pbkrtest)})
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
best <- function(run) { run(); min(sapply(1:5, function(i) sum(system.time(run())[1:2]))) }
cat("lmerTest", best(function() summary(
  lmer(pain ~ base * visit + arm * visit + (1 | id), d), ddf = "Kenward-Roger")), "\\n")
if (requireNamespace("mmrm", quietly = TRUE))
  cat("mmrm", best(function() summary(mmrm::mmrm(
    pain ~ base * visit + arm * visit + us(visit | id), d, method = "Kenward-Roger",
    vcov = "Kenward-Roger-Linear"))), "\\n")
"""
BLOCK = 250
ANALYSES = ("mmrm", "ancova", "change-score", "constrained-longitudinal", "random-slope")
STRUCTURES = ("cs", "ar1", "toep", "toeph", "ad", "adh")


def trial(people: int, *, between: bool) -> pd.DataFrame:
    """Return a simulated trial; `between`: a twentieth of the people miss the second visit."""
    rng = np.random.default_rng(people)
    last = np.where(rng.random(people) < 0.3, rng.integers(1, VISITS, people), VISITS)
    seen = np.arange(VISITS) < last[:, None]
    if between:
        seen[: people // 20, 1] = False
    who, slot = np.nonzero(seen)
    base, level = rng.normal(6.0, 1.0, people), rng.normal(size=people)
    pain = 0.6 * base[who] + level[who] + rng.normal(size=len(who)) - 0.3 * slot * (who % 2)
    return pd.DataFrame(
        {
            "id": [f"P{one:03d}" for one in who],
            "arm": pd.Categorical(np.array(["forward", "backward"])[who % 2]),
            "visit": pd.Categorical(np.array(["W1", "W2", "W3", "W4"])[slot]),
            "base": base[who],
            "pain": pain,
        }
    )


def runs(frame: pd.DataFrame) -> dict[str, Callable[[], BatchFits]]:
    """Return what is timed, by name; each makes so many fits."""
    fit = bw.mmrm("pain ~ base * visit + arm * visit", frame, participant="id", visit="visit")
    contrasts = np.eye(fit.x.shape[1])[["arm" in name for name in fit.design.names]]
    plan = plan_like(fit.fit, x=fit.x, y=fit.y, contrasts=contrasts)
    n = fit.stats.n_participants
    rng, strata = np.random.default_rng(2), np.zeros(n, dtype=int)
    ys = fit.y + 0.5 * rng.normal(size=(REPLICATES, len(fit.y)))
    deals = [
        permuted(labels=np.arange(n) % 2, seed=1, index=i, strata=strata) for i in range(REPLICATES)
    ]
    designs = np.stack([design_with(fit, "arm", deal) for deal in deals])
    samples = partial(batch.fit_bootstrap_samples, strata=strata, seed=1, replicates=REPLICATES)
    return {
        "new responses": partial(batch.fit_responses, plan, ys),
        "bootstrap": partial(samples, plan, fit.y),
        "permutation": partial(batch.fit_designs, plan, fit.y, designs),
        "without each": partial(batch.fit_without_each, plan, fit.y, np.arange(REPLICATES) % n),
    }


def seconds(run: Callable[[], object]) -> float:
    """Return processor seconds of the best of three runs after a warm-up."""
    run()
    took = []
    for _ in range(3):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return min(took)


def seconds_of_r(frame: pd.DataFrame) -> dict[str, float]:
    """Return processor seconds of a fit of each package that R has; none where there is no R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.csv"
        frame.to_csv(path, index=False)
        done = subprocess.run(
            [rscript, "-e", R, str(path)], capture_output=True, text=True, check=False
        )
    return {name: float(took) for name, took in map(str.split, done.stdout.splitlines())}


def truth(people: int) -> Design:
    """Return what simulated trials are drawn from."""
    at = np.arange(VISITS + 1)
    return Design(
        sizes=(people // 2, people - people // 2),
        reference=0,
        means=np.array([6.0 - 0.3 * at, 6.0 - 0.5 * at]),
        covariance=4.0 * 0.7 ** np.abs(np.subtract.outer(at, at)),
        dropout=np.array([0.05 * at, 0.075 * at]),
        mar=0.3,
        scale=Scale(0.0, 10.0, 1.0),
    )


def simulated(sampler: Sampler, question: Question, *, between: bool = False) -> float:
    """Return trials drawn and analysed a processor second; `between`: with gaps, as in `trial`."""

    def run() -> None:
        for block in range(REPLICATES // BLOCK):
            rng = np.random.default_rng([1, block])
            drawn = sampler.draw(BLOCK, rng)
            if between:
                drawn.y[:, : sampler.design.n // 20, 2] = np.nan
            answers(question, drawn, sampler)

    return (REPLICATES // BLOCK) * BLOCK / seconds(run)


def frame_of(sampler: Sampler) -> pd.DataFrame:
    """Return one simulated trial, as R takes it."""
    y = sampler.draw(1, np.random.default_rng(1)).y[0]
    who, slot = np.nonzero(~np.isnan(y[:, 1:]))
    arms = np.array(["forward", "backward"])[sampler.design.arm[who]]
    visits = np.array(["W1", "W2", "W3", "W4"])[slot]
    return pd.DataFrame(
        {"id": who, "arm": arms, "visit": visits, "base": y[who, 0], "pain": y[who, slot + 1]}
    ).assign(id=lambda one: one["id"].map("P{:03d}".format))


def show_simulated(people: int) -> None:
    """Print the rates of simulated trials, and how many times faster than R they are."""
    sampler = calibrated(truth(people))
    asked = Question(
        analysis="mmrm", visit=VISITS, arm=1, reference=0, weeks=(0.0, 2.0, 4.0, 8.0, 12.0)
    )
    more = replace(
        truth(people), covariates=(Covariate(60.0, 8.0, 0.2),), clusters=Clusters(8, 0.05)
    )
    others = calibrated(more)

    def show(name: str, rate: float) -> None:
        print(f"{people:>4} people, simulated: {name:<30}{rate:>8,.0f} a second")

    own = simulated(sampler, asked)
    show("mmrm, us", own)
    for analysis in ANALYSES[1:]:
        show(analysis, simulated(sampler, replace(asked, analysis=analysis)))
    show("mmrm, us, gaps", simulated(sampler, asked, between=True))
    show("mmrm, us, a covariate", simulated(others, replace(asked, covariates=(0,))))
    sites = replace(asked, analysis="ancova", clustered=True)
    show("ancova with clusters", simulated(others, sites))
    for name in STRUCTURES:
        show(f"mmrm, {name}", simulated(sampler, replace(asked, covariance=name)))
    took = seconds_of_r(frame_of(sampler))
    for name in ("lmerTest", "mmrm"):
        if name in took:
            each = took[name]
            print(f"{people:>4} people, {name}: {1000 * each:.0f} ms; {each * own:,.0f} times")
        else:
            print(f"{people:>4} people, {name}: R does not have it here")


def main() -> None:
    """Print the table."""
    for people in (60, 200):
        for between in (False, True):
            frame = trial(people, between=between)
            kind = "a visit missed in between" if between else "monotone drop-out"
            for name, run in runs(frame).items():
                small = REPLICATES / seconds(run)
                with patch.object(batch, "split_of", lambda plan: None):
                    whole = REPLICATES / seconds(run)
                print(
                    f"{people:>4} people, {kind:<26}{name:<14}{small:>8,.0f} a second, "
                    f"by all columns {whole:>6,.0f}"
                )
        show_simulated(people)


if __name__ == "__main__":
    main()
