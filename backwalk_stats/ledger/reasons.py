"""Why a printed number cannot be recomputed, in a sentence that a reader can act on."""

from __future__ import annotations

import re

from backwalk_stats.ledger.case import Cell, Contrast
from backwalk_stats.ledger.kinds import NamedTest
from backwalk_stats.ledger.verdict import COMPATIBLE, NOT_REPRODUCED, REPRODUCED

_BESIDE = re.compile(r"printed beside i2|heterogeneity", re.IGNORECASE)


def why_not(contrast: Contrast, named: NamedTest) -> str:
    """Return the reason for which a comparison has no recomputation.

    Parameters
    ----------
    contrast : Contrast
        The comparison.
    named : NamedTest
        The test that its source names.
    """
    if contrast.kind == "pooled":
        return "the numbers of exactly the trials that it pools are not in the record"
    if contrast.kind == "within" and contrast.has_rows:
        return "needs the spread of the change within people, which was not printed"
    if contrast.missing:
        return contrast.missing
    incomplete = [cell for cell in (*contrast.first, *contrast.second) if not cell.has_spread]
    if incomplete:
        return "; ".join(dict.fromkeys(_lacking(cell) for cell in incomplete))
    if contrast.kind == "interaction":
        return "needs the spread of the changes in each arm, which was not printed"
    if named.other or named.is_named:
        return f"{named.other or contrast.method}: not determined by printed means and SDs"
    return "what was printed does not determine it"


def _lacking(cell: Cell) -> str:
    """Say which of n, mean and SD an outcome row lacks."""
    present = {"n": cell.n, "mean": cell.mean, "SD or interval": cell.sd or cell.ci_low}
    lacking = [name for name, value in present.items() if not value]
    return f"{cell.arm}: {', '.join(lacking)} not printed"


def of_another_test(row: dict[str, object], text: str) -> dict[str, object]:
    """Mark a p-value that was printed beside a heterogeneity statistic.

    It may belong to that test and not to the effect: an agreement then is weak, and a disagreement
    says whose it is not.
    """
    if not _BESIDE.search(text):
        return row
    if row["verdict"] == NOT_REPRODUCED:
        reason = (
            "printed p is another test's (heterogeneity): " + str(row["reason"]).partition(";")[0]
        )
        return {**row, "reason": reason}
    if row["verdict"] == REPRODUCED:
        reason = "agrees, but was printed beside I2 and may be the heterogeneity test's"
        return {**row, "verdict": COMPATIBLE, "reason": reason}
    return row
