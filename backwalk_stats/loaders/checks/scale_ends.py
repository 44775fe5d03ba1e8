"""Scores that their scale does not have; nothing is ever clipped."""

from __future__ import annotations

from json import dumps

import numpy as np
import pandas as pd

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.numbers import CODES
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import Measured

TOLERANCE = 1e-9
A_SLIP = 0.05  # a larger share outside is no slip of the hand: unit, version or quantity differ


def check(view: TrialView, findings: Findings) -> None:
    """Refuse scores outside the scale; warn of scores between its steps."""
    for one in view.measured:
        cells = view.of(one.outcome.name)
        cells = cells[cells["value"].notna()]
        if len(cells):
            _tell_outside(cells, one, findings)
            _tell_between(cells, one, findings)


def _tell_outside(cells: pd.DataFrame, one: Measured, findings: Findings) -> None:
    low, high = one.outcome.low, one.outcome.high
    values = cells["value"].to_numpy(dtype=float)
    outside = np.zeros(len(values), dtype=bool)
    if low is not None:
        open_low = one.scale is not None and one.scale.open_low
        outside |= values <= low if open_low else values < low - TOLERANCE
    if high is not None:
        outside |= values > high + TOLERANCE
    if not outside.any():
        return
    expected = _range(one)
    for (file, column), group in cells[outside].groupby(["file", "column"], sort=False):
        action = _advice(values, outside, one, column=str(column))
        rows = sorted(int(row) for row in group["line"])
        findings.add(str(column), expected, "a value outside", action, row=rows, file=str(file))


def _range(one: Measured) -> str:
    low, high, outcome = one.outcome.low, one.outcome.high, one.outcome
    what = outcome.instrument.upper() or outcome.name
    if low is not None and high is not None:
        return f"{what} from {low:g} to {high:g}"
    if low is not None:
        above = one.scale is not None and one.scale.open_low
        return f"{what} above {low:g}" if above else f"{what} of {low:g} or more"
    return f"{what} of at most {high:g}"


def _advice(values: np.ndarray, outside: np.ndarray, one: Measured, *, column: str) -> str:
    wrong = values[outside]
    alone = f'missing_codes_by_column = {{ {dumps(column, ensure_ascii=False)} = ["..."] }}'
    if set(wrong.tolist()) <= CODES and len(set(wrong.tolist())) <= 3:
        return (
            "It looks like a code for missing: declare it under missing_codes, or for this column "
            f"alone: {alone}"
        )
    share = outside.mean()
    if share <= A_SLIP or outside.sum() < 2:
        return (
            "Put it right from the source document, or declare a missing code for this column: "
            f"{alone}"
        )
    said = f"{100 * share:.0f} % of all values are outside: another unit, version or quantity?"
    high = one.outcome.high
    if high is not None and wrong.max() > 2 * high and wrong.max() <= 10 * high:
        said += f" It could be a scale up to {10 * high:g}, such as mm for cm"
    return said if one.scale is None else f"{said}. The score is: {one.scale.formula}"


def _tell_between(cells: pd.DataFrame, one: Measured, findings: Findings) -> None:
    step = one.outcome.step
    if step is None or one.table.items:
        return
    steps = (cells["value"].to_numpy(dtype=float) - (one.outcome.low or 0.0)) / step
    between = np.abs(steps - np.round(steps)) > 1e-6
    for (file, column), group in cells[between].groupby(["file", "column"], sort=False):
        scores = "whole numbers" if step == 1.0 else f"steps of {step:g}"
        action = f"values between the scale's {scores}: an average, or an unanswered item?"
        findings.warn(str(column), action, len(group), file=str(file))
