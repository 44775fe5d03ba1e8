"""Small trials: which unstructured fits converge, and that the others cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.oracles.example_trials import small_trial

TRIALS = 150


@dataclass(frozen=True)
class Outcome:
    converged: bool
    complete: int
    frame: pd.DataFrame


def outcome(seed: int, *, n: int, visits: int, leaving: float) -> Outcome:
    """Fit `us` to one simulated trial; a fit that is not reported as converged has no p-values."""
    frame = small_trial(seed, n=n, visits=visits, leaving=leaving)
    complete = int((frame.groupby("id").size() == visits).sum())
    try:
        fit = bw.mmrm("pain ~ arm * visit", frame, "id", "visit")
    except UsageError:  # an arm without a row at a visit is refused before any fit
        return Outcome(False, complete, frame)
    tests = fit.contrasts("arm", by="visit")
    numbers = tests[["std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]]
    if fit.stats.converged:
        assert np.isfinite(numbers.to_numpy()).all()
        assert (tests["df"] > 0).all()
    else:
        assert numbers.isna().all(axis=None)
        assert any("try a covariance with fewer parameters" in note for note in fit.stats.notes)
    return Outcome(fit.stats.converged, complete, frame)


@pytest.mark.parametrize(("n", "visits"), [(20, 4), (30, 6)])
def test_all_converge_with_15_percent_drop_out(n, visits):
    found = [outcome(seed, n=n, visits=visits, leaving=0.15) for seed in range(TRIALS)]
    assert sum(one.converged for one in found) == TRIALS


def test_twelve_people_with_30_percent_drop_out():
    found = [outcome(seed, n=12, visits=4, leaving=0.3) for seed in range(TRIALS)]
    assert sum(one.converged for one in found) >= 134
    # The others have no optimum. With a arms and m visits, a participants' worth of residuals go
    # to the arm means; the m + a - 1 or fewer complete ones that are left can be fitted without
    # remainder by some combination of visits, and the likelihood grows without bound.
    assert all(one.complete <= 4 + 2 - 1 for one in found if not one.converged)


def test_a_refused_fit_has_a_likelihood_without_bound():
    """Along the way to a singular Sigma -2 log L falls for ever: no optimiser can converge."""
    frame = next(one.frame for one in (outcome(seed, n=12, visits=4, leaving=0.3)
                 for seed in range(TRIALS)) if not one.converged)  # fmt: skip
    fit = bw.mmrm("pain ~ arm * visit", frame, "id", "visit").fit
    smallest = np.linalg.eigvalsh(fit.likelihood.marginal.sigmas(fit.point.theta)[0])  # type: ignore[attr-defined]
    assert smallest[0] < 1e-3 * smallest[-1]
    table = frame.pivot(index="id", columns="visit", values="pain").dropna()
    arm = frame.drop_duplicates("id").set_index("id").loc[table.index, "arm"]
    # Weights of the visits, and a constant for each arm, that every complete participant meets.
    full = np.column_stack([table.to_numpy(), pd.get_dummies(arm).to_numpy(float)])
    assert np.linalg.matrix_rank(full) < full.shape[1]


def test_a_declared_fallback_answers_where_us_cannot():
    frame = next(one.frame for one in (outcome(seed, n=12, visits=4, leaving=0.3)
                 for seed in range(TRIALS)) if not one.converged)  # fmt: skip
    fit = bw.mmrm("pain ~ arm * visit", frame, "id", "visit", fallback=("toeph", "csh", "cs"))
    assert fit.stats.converged
    assert fit.stats.covariance in ("toeph", "csh", "cs")
    assert any("us did not converge" in note for note in fit.stats.notes)
