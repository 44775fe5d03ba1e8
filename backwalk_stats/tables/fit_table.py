"""How a model was fitted, and whether the fit can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, count, number, significant

if TYPE_CHECKING:
    import pandas as pd

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
    "kenward-roger": "Kenward–Roger",
    "kenward-roger-linear": "Kenward–Roger, linear",
    "satterthwaite": "Satterthwaite",
}


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
        return "; ".join(map(str, value)) or DASH
    if value is None or value == "":
        return DASH
    if type(value).__name__ in ("bool", "bool_"):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return CODES.get(value, value.replace("_", " "))
    size = float(str(value))
    if key in COUNTS:
        return count(size)
    return significant(size, 2) if key == "gradient" else number(size)
