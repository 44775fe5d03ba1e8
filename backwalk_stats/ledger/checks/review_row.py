"""A study row of a Cochrane analysis: its SMD, interval and weight, from the row's own numbers.

SMD: Hedges' g by RevMan's formula.  Weight: 100 w_i / sum(w), w = 1 / (SE^2 + tau2), tau2 by
DerSimonian-Laird over the rows of the analysis.  Deeks and Higgins, Statistical algorithms in
Review Manager 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Check, ReviewRow
from backwalk_stats.ledger.hulls import smd_candidates, weight_interval, weights_of
from backwalk_stats.ledger.verdict import Candidate

FORMULA = (
    "g by RevMan's formula; weight = 100 w / sum(w), w = 1 / (SE^2 + tau2 by DerSimonian-Laird)"
)


def run(row: ReviewRow) -> Iterator[Candidate]:
    """Yield the SMD, its interval and the weight of a row."""
    if not (row.first.has_spread and row.second.has_spread):
        return
    yield from smd_candidates("cochrane", row.first, row.second)
    if len(row.group) > 1 and row.printed.get("weight"):
        yield Candidate(
            quantity="weight",
            value=weights_of(row.group)[row.position],
            interval=weight_interval(row.group, position=row.position),
            test="cochrane",
            label="DerSimonian-Laird weight",
            inputs=f"the {len(row.group)} rows of analysis {row.analysis} in {row.file}",
            formula=FORMULA,
        )


CHECK = Check(
    name="review_row",
    title="A study row of a Cochrane analysis",
    formula=FORMULA,
    reference="Deeks and Higgins, Statistical algorithms in Review Manager 5 (2010)",
    scope="review",
    run=run,
)
