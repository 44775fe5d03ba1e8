"""The estimates of one estimand side by side: its main analysis, then what it was checked by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.result_rows import Answer
from backwalk_stats.trial.tables import FOREST

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.result import Result

COMPARED = ("mean_difference", "change_difference", "hodges_lehmann")  # all in the outcome's unit


def sensitivity(estimand: Estimand, parts: Sequence[Result]) -> Result:
    """Return the difference of the arms by each analysis that gives one in the outcome's unit.

    The main analysis comes first in `parts`. Frame forest (`tables.FOREST`): group "" is the main
    analysis, "sensitivity" the others; label is the code of the analysis, with a note where an
    analysis has more than one row. An analysis without an interval (permutation) has no row, nor
    has the tipping point, whose unshifted estimate is no answer of its own.
    """
    rows = []
    for place, part in enumerate(parts):
        if part.analysis == "tipping-point":
            continue
        found = differences(part.estimates, estimand)
        for row in found.to_dict("records"):
            label = part.analysis if len(found) < 2 else f"{part.analysis}: {row['note']}"
            kept = {name: row[name] for name in FOREST[2:]}
            rows.append({"group": "sensitivity" if place else "", "label": label, **kept})
    answer = Answer(
        method=(
            "The main analysis beside all others of the estimand that give a difference in the "
            "outcome's unit with an interval; none is combined with another."
        ),
        frames={"forest": pd.DataFrame(rows, columns=list(FOREST))},
    )
    return answer.result("sensitivity", estimand=estimand)


def differences(estimates: pd.DataFrame, estimand: Estimand) -> pd.DataFrame:
    """Return the rows with an interval for the estimand's contrast at its visit, in its unit."""
    wanted = (
        (estimates["contrast"] == estimand.contrast_name)
        & (estimates["visit"] == estimand.visit)
        & estimates["quantity"].isin(list(COMPARED))
        & estimates["estimate"].notna()
        & estimates["conf_low"].notna()
    )
    return estimates.loc[wanted]
