"""Who takes part: covariates and outcomes before treatment, by arm, without a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.analyses.result_rows import Answer
from backwalk_stats.instruments.kellgren_lawrence import INSTRUMENT as KELLGREN_LAWRENCE
from backwalk_stats.trial.tables import BASELINE

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
# Grades are counted and never averaged.
GRADES = (KELLGREN_LAWRENCE.code, *(alias for alias, _ in KELLGREN_LAWRENCE.aliases))
ALL = ""  # arm of the rows about all participants


def baseline(trial: Trial) -> Result:
    """Return the table of participants at baseline.

    Arms of a randomised trial differ at baseline by chance alone, so nothing is tested (CONSORT
    2025, item 20). Frame baseline (`tables.BASELINE`): a row for each variable and arm, or level
    and arm; kind is "number" or "category"; arm "" is everyone. n counts those with a value, and
    per cent is of these. In a crossover everyone is in the rows of arm "" only.
    """
    people = trial.participants
    covariates = [str(name) for name in people.columns if name not in NOT_COVARIATES]
    columns = {name: _graded(name, people[name]) for name in covariates}
    columns |= _outcomes(trial)
    crossover = trial.study.design == "crossover"
    arms: dict[str, np.ndarray] = {}
    for name in () if crossover else trial.study.arm_names:
        arms[name] = (people["arm"].astype("object") == name).to_numpy()
    arms[ALL] = np.ones(len(people), dtype=bool)
    rows = [
        row
        for variable, column in columns.items()
        for arm, own in arms.items()
        for row in _rows(variable, column.reset_index(drop=True), arm, own)
    ]
    answer = Answer(
        method=(
            "Numbers: mean, SD, median and quartiles; categories: count and per cent of those with "
            "a value. No significance test: arms of a randomised trial differ by chance."
        ),
        frames={"baseline": pd.DataFrame(rows, columns=list(BASELINE))},
    )
    return answer.result("baseline")


def _graded(name: str, column: pd.Series) -> pd.Series:
    """Return a covariate, as labels where its numbers are grades."""
    is_grade = name.lower().replace("_", "-") in GRADES
    if not is_grade or isinstance(column.dtype, pd.CategoricalDtype):
        return column
    levels = sorted(column.dropna().unique())
    return column.astype(pd.CategoricalDtype(levels)).cat.rename_categories(
        [f"{level:g}" for level in levels]
    )


def _outcomes(trial: Trial) -> dict[str, pd.Series]:
    """Return the outcomes at baseline, in the order of the participants."""
    visit = trial.study.baseline
    found: dict[str, pd.Series] = {}
    if not visit:
        return found
    here = trial.data[trial.data["visit"] == visit]
    for outcome in trial.outcomes:
        own = here[here["outcome"] == outcome.name].set_index("participant")["value"]
        values = own.reindex(trial.participants["participant"])
        if values.notna().any():
            found[outcome.name] = values
    return found


def _rows(variable: str, column: pd.Series, arm: str, own: np.ndarray) -> list[dict[str, object]]:
    given = column[own]
    n = int(given.notna().sum())
    shared: dict[str, object] = {"variable": variable, "arm": arm, "n": n}
    shared |= {"n_missing": int(own.sum()) - n, "level": ""}
    if isinstance(column.dtype, pd.CategoricalDtype):
        counts = given.value_counts()
        return [
            {
                **shared,
                "kind": "category",
                "level": str(level),
                "count": int(counts.get(level, 0)),
                "percent": 100.0 * int(counts.get(level, 0)) / n if n else np.nan,
            }
            for level in column.cat.remove_unused_categories().cat.categories
        ]
    values = given.dropna().to_numpy(dtype=float)
    quartiles = np.quantile(values, [0.25, 0.5, 0.75]) if n else [np.nan] * 3
    numbers = {
        "mean": values.mean() if n else np.nan,
        "sd": values.std(ddof=1) if n > 1 else np.nan,
        "q1": quartiles[0],
        "median": quartiles[1],
        "q3": quartiles[2],
    }
    return [{**shared, "kind": "number", **numbers}]
