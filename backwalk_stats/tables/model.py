"""How a model was fitted, and whether the fit can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Literal

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import Labels

WORDS = {
    "n_obs": "Values",
    "n_participants": "Participants",
    "covariance": "Covariance structure",
    "method": "Likelihood",
    "df": "Degrees of freedom",
    "loglik": "Log-likelihood",
    "aic": "AIC",
    "bic": "BIC",
    "iterations": "Steps of the optimiser",
    "gradient": "Largest gradient",
    "converged": "Converged",
    "singular": "Singular",
    "notes": "Notes",
}
COUNTS = ("n_obs", "n_participants", "iterations")
CODES = {
    "reml": "REML",
    "ml": "ML",
    "us": "unstructured",
    "cs": "compound symmetry",
    "csh": "heterogeneous compound symmetry",
    "ar1": "first-order autoregressive",
    "ar1h": "heterogeneous first-order autoregressive",
    "toep": "Toeplitz",
    "toeph": "heterogeneous Toeplitz",
    "ad": "ante-dependence",
    "adh": "heterogeneous ante-dependence",
    "sp_exp": "exponential in time",
    "sp_pow": "power of the distance in time",
    "sp_gau": "Gaussian in time",
    "kenward-roger": "Kenward–Roger",
    "kenward-roger-linear": "Kenward–Roger, linear",
    "satterthwaite": "Satterthwaite",
}
COLUMNS = display_columns(
    ("label", "Trial", "left", 2.0),
    ("backward", "Backward: mean (SD)", "right", 1.6),
    ("n_backward", "n", "right", 0.6),
    ("control", "Control: mean (SD)", "right", 1.6),
    ("n_control", "n", "right", 0.6),
    ("estimate", "Hedges g", "right", 0.9),
    ("interval", "95% interval", "right", 1.6),
    ("doubt", "In doubt because", "left", 3.0),
)


def fit_table(fits: Mapping[str, pd.DataFrame], *, caption: str = "") -> DisplayTable:
    """Return the one-row summaries of fits as text, a column for each under its name.

    Columns of a summary that are not known are shown by their own names.

    Examples
    --------
    >>> import pandas as pd
    >>> fit_table({"Pain": pd.DataFrame([{"loglik": -312.481, "converged": True}])}).rows
    (('Log-likelihood', '−312.48'), ('Converged', 'Yes'))
    """
    rows = {name: frame.iloc[0].to_dict() for name, frame in fits.items() if len(frame)}
    present = list(dict.fromkeys(str(key) for row in rows.values() for key in row))
    ordered = [key for key in WORDS if key in present]
    ordered += [key for key in present if key not in WORDS]
    return DisplayTable(
        columns=(
            DisplayColumn(key="what", label="Fit", width=2.0),
            *(
                DisplayColumn(key=f"fit{place}", label=name, width=2.4)
                for place, name in enumerate(rows)
            ),
        ),
        rows=tuple(
            (
                WORDS.get(key, sentence_case(key.replace("_", " "))),
                *(_text(key, row.get(key)) for row in rows.values()),
            )
            for key in ordered
        ),
        caption=caption or "How the models were fitted.",
    )


def _text(key: str, value: object) -> str:
    """Return one property as text."""
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value)) or numbers.DASH
    if value is None or value == "":
        return numbers.DASH
    if type(value).__name__ in ("bool", "bool_"):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return CODES.get(value, value.replace("_", " "))
    size = float(str(value))
    if key in COUNTS:
        return numbers.count(size)
    return numbers.significant(size, 2) if key == "gradient" else numbers.number(size)


# Means by visit and arm: observed with their standard deviation, or of a model.


def means_table(
    means: pd.DataFrame,
    *,
    kind: Literal["observed", "model"],
    labels: Labels,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return means (`tables.MEANS`) as text, a row for each visit, two columns for each arm.

    Observed means stand with their SD, those of a model with their interval.
    """
    rows = [row for row in numbers.frame_rows(means) if row["kind"] == kind]
    cells = {(row["outcome"], row["visit"], row["arm"]): row for row in rows}
    digits = {
        name: _digits([row for row in rows if row["outcome"] == name]) for name in labels.outcomes
    }
    head = "mean (SD)" if kind == "observed" else f"mean ({numbers.interval_name(level)})"
    columns = [DisplayColumn(key="visit", label="Visit", width=1.4)]
    for place, (name, label) in enumerate(labels.arms.items()):
        columns += [
            DisplayColumn(key=f"n{place}", label="n", align="right", width=0.6),
            DisplayColumn(
                key=f"arm{place}", label=f"{label or name}, {head}", align="right", width=2.0
            ),
        ]
    shown, groups = [], []
    for outcome in labels.outcomes:
        for visit in labels.visits:
            mine = [cells.get((outcome, visit, arm)) for arm in labels.arms]
            if any(mine):
                told = [text for row in mine for text in _cells(row, digits[outcome])]
                shown.append((labels.visit(visit), *told))
                groups.append(sentence_case(labels.outcome(outcome) or outcome))
    return DisplayTable(
        columns=tuple(columns),
        rows=tuple(shown),
        caption=caption
        or f"{'Observed means' if kind == 'observed' else 'Means of the model'} by visit and arm.",
        notes=hidden_notes(shown),
        groups=tuple(groups),
    )


def _digits(rows: list[numbers.Row]) -> int:
    """Return the decimals that suit the means of one outcome; rounded ones are shown as such."""
    told = (float(row[name]) for row in rows for name in ("estimate", "sd", "conf_low"))
    return numbers.held_decimals(told, numbers.means_digits(rows))


def _cells(row: numbers.Row | None, digits: int) -> tuple[str, str]:
    """Return the number of participants and the mean of one arm at one visit."""
    if row is None:
        return numbers.DASH, numbers.DASH
    n = HIDDEN if isnan(row["n"]) else numbers.count(row["n"])
    if isnan(row["estimate"]):
        return n, numbers.DASH if row["n"] == 0 else HIDDEN
    spread = (
        numbers.number(row["sd"], digits)
        if row["kind"] == "observed"
        else numbers.interval_text(row["conf_low"], row["conf_high"], digits)
    )
    return n, f"{numbers.number(row['estimate'], digits)} ({spread})"


# The covariance that a model for repeated measures found between visits.


def covariance_table(
    covariance: pd.DataFrame, *, visits: Mapping[str, str], caption: str = ""
) -> DisplayTable:
    """Return a covariance as text: SDs on the diagonal, correlations below it.

    The frame has visit, visit2 and value: one row for each pair of visits. Visits without a value
    are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = [("W3", "W3", 4.0), ("W3", "W6", 3.0), ("W6", "W3", 3.0), ("W6", "W6", 9.0)]
    >>> frame = pd.DataFrame(cells, columns=["visit", "visit2", "value"])
    >>> covariance_table(frame, visits={"W3": "Week 3", "W6": "Week 6"}).rows
    (('Week 3', '2.00', ''), ('Week 6', '0.50', '3.00'))
    """
    first, second = (covariance[name].astype(str) for name in ("visit", "visit2"))
    pairs = zip(first, second, strict=True)
    value = dict(zip(pairs, covariance["value"].astype(float), strict=True))
    names = [name for name in visits if (name, name) in value]
    rows = tuple(
        (visits[row], *(_cell(value, row, column, names) for column in names)) for row in names
    )
    return DisplayTable(
        columns=display_columns(
            ("visit", "Visit", "left", None),
            *((name, visits[name], "right", None) for name in names),
        ),
        rows=rows,
        caption=caption or "Standard deviations by visit, and correlations below them.",
    )


def _cell(value: Mapping[tuple[str, str], float], row: str, column: str, names: list[str]) -> str:
    """Return an SD on the diagonal, a correlation below it, nothing above it."""
    if row == column:
        return numbers.significant(value[row, row] ** 0.5)
    if names.index(column) > names.index(row):
        return ""
    spread = (value[row, row] * value[column, column]) ** 0.5
    pair = value.get((row, column), value.get((column, row)))
    return numbers.DASH if pair is None or not spread > 0 else numbers.number(pair / spread)


# What each trial contributes to the pools.


def effects_table(effects: pd.DataFrame, *, caption: str = "") -> DisplayTable:
    """Return the standardised differences of the trials (`tables.EFFECTS`), grouped by outcome."""
    rows = numbers.frame_rows(effects)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(
            (
                row["label"],
                numbers.shortened(row["backward"]) or numbers.DASH,
                numbers.count(row["n_backward"]),
                numbers.shortened(row["control"]) or numbers.DASH,
                numbers.count(row["n_control"]),
                numbers.number(row["estimate"]),
                numbers.interval_text(row["conf_low"], row["conf_high"]),
                row["doubt"],
            )
            for row in rows
        ),
        caption=caption or "Trials in the pools; below zero favours backward walking.",
        groups=tuple(sentence_case(str(row["outcome"])) for row in rows),
        keys=tuple(f"{row['outcome']}-{row['study_id']}" for row in rows),
    )
