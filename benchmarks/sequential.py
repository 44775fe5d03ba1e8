"""Trials a processor second where every effect goes by visit: by small tables and by all columns.

Trials of 60 and 200 people and four visits, `us`, arm and baseline by visit, 30 % monotone
drop-out, and the same with a visit missed in between; Satterthwaite's df. Beside them, in the same
run where R has them, lmerTest with pbkrtest on one of the trials: a random intercept, as these have
no `us`. All times are of the processor, of the best of three runs.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
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
from backwalk_stats.models.resampling.permutation import design_with

REPLICATES = 1024
VISITS = 4
R = """
suppressMessages({library(lmerTest); library(pbkrtest)})
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
run <- function() summary(lmer(pain ~ base * visit + arm * visit + (1 | id), d),
                          ddf = "Kenward-Roger")
run()
times <- sapply(1:5, function(i) sum(system.time(run())[1:2]))
cat(min(times))
"""


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


def rate(run: Callable[[], BatchFits]) -> float:
    """Return fits a processor second, of the best of three runs after a warm-up."""
    run()
    seconds = []
    for _ in range(3):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return REPLICATES / min(seconds)


def seconds_of_r(frame: pd.DataFrame) -> float | None:
    """Return lmerTest's processor seconds with pbkrtest; None where R or they are missing."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.csv"
        frame.to_csv(path, index=False)
        done = subprocess.run(
            [rscript, "-e", R, str(path)], capture_output=True, text=True, check=False
        )
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def main() -> None:
    """Print the table."""
    for people in (60, 200):
        for between in (False, True):
            frame = trial(people, between=between)
            kind = "a visit missed in between" if between else "monotone drop-out"
            for name, run in runs(frame).items():
                small = rate(run)
                with patch.object(batch, "split_of", lambda plan: None):
                    whole = rate(run)
                print(
                    f"{people:>4} people, {kind:<26}{name:<14}{small:>8,.0f} a second, "
                    f"by all columns {whole:>6,.0f}"
                )
        found = seconds_of_r(trial(people, between=False))
        if found is not None:
            print(f"{people:>4} people, lmerTest and pbkrtest, one trial: {1000 * found:.0f} ms")


if __name__ == "__main__":
    main()
