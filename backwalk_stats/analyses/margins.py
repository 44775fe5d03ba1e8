"""Tests of differences, and of ratios of risks and rates, against the margin of an estimand."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from backwalk_stats.engine.summary.proportions import score_test
from backwalk_stats.models.fit.equivalence import equivalence
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome

if TYPE_CHECKING:
    from backwalk_stats.engine.summary.proportions import Counts

Row: TypeAlias = "pd.Series[Any] | Mapping[Any, Any]"
RATIOS = ("risk_ratio", "rate_ratio")
_OF_MEANS = ("mean_difference", "change_difference")
_SIDES = {
    "non-inferiority": "One-sided test of the {what} against the margin{how}, at half of one minus "
    "the level of the interval.",
    "equivalence": "Two one-sided tests of the {what} against the margins{how}, each at half of "
    "one minus the level of the interval; the p-value is the larger of the two.",
}
SCORE = "score test"


def margin_target(estimand: Estimand, main: str) -> str:
    """Return the quantity that is held against the margin; "" where there is none.

    `main`: the quantity by which the analysis compares the arms.

    Examples
    --------
    >>> asked = Estimand(id="E1", outcome="fell", visit="W6", contrast=("b", "f"), margin=1.5,
    ...                  framework="non-inferiority", margin_scale="ratio")
    >>> margin_target(asked, "risk_difference"), margin_target(asked, "hodges_lehmann")
    ('risk_ratio', '')
    """
    if main == "risk_difference":
        return "risk_ratio" if estimand.margin_scale == "ratio" else main
    return main if main in (*_OF_MEANS, "rate_ratio") else ""


def margin_lines(estimand: Estimand, outcome: Outcome) -> tuple[float, ...]:
    """Return the differences, or ratios, at the margin: one on the worse side, two of equivalence.

    None where there is no margin, or which way is worse is not said.
    """
    if estimand.margin is None:
        return ()
    low, high = estimand.margin_ends
    if estimand.framework == "equivalence":
        return low, high
    return {"lower": (high,), "higher": (low,)}.get(outcome.better, ())


def margin_words(estimand: Estimand) -> str:
    """Return what a row is tested against."""
    ratio = "ratio of " * (estimand.margin_scale == "ratio")
    return f"one-sided, margin {ratio}{estimand.margin:g}"


def margin_method(estimand: Estimand, *, score: bool = False) -> str:
    """Return how the margin is tested, for the method of an analysis."""
    ratio = estimand.margin_scale == "ratio"
    what = "logarithm of the ratio" if ratio and not score else "ratio" if ratio else "difference"
    how = f" by the score test of {_WHOSE[estimand.margin_scale]}" if score else ""
    return _SIDES[estimand.framework].format(what=what, how=how)


_WHOSE = {
    "difference": "Farrington and Manning (1990), with the limits of the difference that belong to "
    "it",
    "ratio": "Koopman (1984)",
}


def against_margin(row: Row, estimand: Estimand, *, better: str) -> dict[str, Any]:
    """Return quantity, statistic and one-sided p of a difference against the estimand's margin.

    For equivalence the p is the larger of two. `better` is "lower" or "higher". A ratio is tested
    by its logarithm, whose standard error is that of the ratio over the ratio.

    Examples
    --------
    >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"),
    ...                framework="non-inferiority", margin=1.0)
    >>> row = {"estimate": -0.1, "std_error": 0.4, "df": 50.0}
    >>> round(against_margin(row, one, better="lower")["p_value"], 4)
    0.0041
    """
    numbers = {name: float(row[name]) for name in ("estimate", "std_error", "df")}
    tested = margin_tests(pd.DataFrame([numbers]), estimand, better=better).iloc[0]
    found = {name: float(tested[name]) for name in ("statistic", "p_value")}
    return {"quantity": estimand.margin_quantity, **found}


def margin_tests(numbers: pd.DataFrame, estimand: Estimand, *, better: str) -> pd.DataFrame:
    """Return statistic and one-sided p of each estimate, as `against_margin` does of one.

    `numbers`: estimate, std_error, df.
    """
    low, high = estimand.margin_ends
    if estimand.margin_scale == "ratio":
        numbers = numbers.assign(
            std_error=numbers["std_error"] / numbers["estimate"],
            estimate=np.log(numbers["estimate"]),
        )
        low, high = log(low), log(high)
    found = equivalence(numbers, low=low, high=high, alpha=(1.0 - estimand.level) / 2.0)
    end = _end(estimand, better)
    statistic, p = (f"statistic{end}", f"p{end}") if end else ("statistic", "p_value")
    return found[[statistic, p]].set_axis(["statistic", "p_value"], axis=1)


def _end(estimand: Estimand, better: str) -> str:
    """Return which of the two tests is meant: "" where both are."""
    if estimand.framework == "equivalence":
        return ""
    return "_high" if better == "lower" else "_low"


def counts_against_margin(counts: Counts, estimand: Estimand, *, better: str) -> dict[str, Any]:
    """Return what `against_margin` does, of counts of people by the score test, with its limits."""
    low, high = estimand.margin_ends
    ratio = estimand.margin_scale == "ratio"
    above, below = (
        score_test(counts, null=null, ratio=ratio, greater=greater, level=estimand.level)
        for null, greater in ((low, True), (high, False))
    )
    end = _end(estimand, better)
    tested = {"_low": above, "_high": below}.get(end) or max(
        (above, below), key=lambda one: one.p_value
    )
    return {
        "quantity": estimand.margin_quantity,
        "estimate": tested.estimate,
        "statistic": tested.statistic,
        "p_value": tested.p_value,
        "conf_low": tested.low,
        "conf_high": tested.high,
    }
