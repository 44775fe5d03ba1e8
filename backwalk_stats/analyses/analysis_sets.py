"""The main analysis in another population: those who kept to the protocol, or arms as received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from backwalk_stats.trial.estimand import Population
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

WORDS = {
    "per-protocol": "Those who kept to the protocol; the comparison is no longer randomised.",
    "as-treated": "Everyone in the arm received; the comparison is no longer randomised.",
}


def in_population(
    trial: Trial,
    estimand: Estimand,
    population: Population,
    main: Callable[[Trial, Estimand], Result],
) -> Result:
    """Return the main analysis of an estimand in another population, under that name.

    The population, "per-protocol" or "as-treated", is the code of the result; the estimand's own
    plays no part. `main` is its main analysis.
    """
    found = main(trial, replace(estimand, population=population))
    estimates = found.estimates.assign(analysis=population, role="sensitivity")
    return replace(
        found,
        analysis=population,
        estimand=estimand,
        estimates=estimates,
        method=f"{WORDS[population]} {found.method}",
    )
