"""DEBIT: the SD of a yes-or-no variable follows from its mean.

SD = sqrt(n / (n - 1) p (1 - p)): some whole number of yeses among n must give a proportion and an
SD that round to the printed ones. Heathers and Brown, DEBIT: a simple consistency test for binary
data, 2019. A row counts as yes-or-no when its unit is "proportion" and its words count people.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from backwalk_stats.engine.printed.integer_samples import debit
from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.participants import counts_people
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    REPRODUCED,
    Ruling,
)

FORMULA = "SD = sqrt(n / (n - 1) p (1 - p))"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on the SD of a proportion."""
    cell = arm.cell
    n = cell.n or 0
    if not cell.unit.startswith("proportion") or not (cell.mean and cell.sd) or n < 2:
        return
    p = min(max(cell.mean_value, 0.0), 1.0)
    fits = debit(mean_text=cell.mean, sd_text=cell.sd, n=n).possible
    misfit = f"no number of yeses among {n} gives this proportion and SD"
    if counts_people(cell):
        verdict = REPRODUCED if fits else INPUTS_INCONSISTENT
        reason = "follows from the proportion" if fits else f"{misfit}; {CANNOT_ALL_BE_RIGHT}"
    else:
        verdict = NOT_DERIVABLE
        reason = "not read that each person is a yes or a no; only then: "
        reason += "possible" if fits else "impossible"
    yield Ruling(
        quantity="sd",
        reported=cell.sd,
        verdict=verdict,
        reason=reason,
        value=sqrt(n / (n - 1) * p * (1 - p)),
        inputs=cell.described(),
        formula=FORMULA,
    )


CHECK = Check(
    name="debit",
    title="The SD of a proportion (DEBIT)",
    formula=FORMULA,
    reference="Heathers and Brown, DEBIT: a simple consistency test for binary data (2019)",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
    ),
)
