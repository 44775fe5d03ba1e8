"""Difference of two arms in their change from baseline.

With the SD of change printed (or an interval of the mean change): Student's t on changes.  With
only the SDs before and after: s_d^2 = s_x^2 + s_y^2 - 2 r s_x s_y, and r runs from -1 to 1, because
it was not printed.  Cochrane Handbook 6.5.2.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.hulls import candidates, change_box, pair_inputs, student_box, welch_box
from backwalk_stats.ledger.preconditions import OF_AN_EFFECT, OF_AN_INTERVAL, OF_TWO_GROUPS
from backwalk_stats.ledger.verdict import Candidate

FORMULA = (
    "t = (change1 - change2) / SE, SE = s_d sqrt(1/n1 + 1/n2); s_d^2 = s_x^2 + s_y^2 - 2 r s_x s_y"
)
UNPRINTED = "the correlation of the scores before and after"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the tests of the difference in change that the printed rows allow."""
    if contrast.kind != "between" or not contrast.about_change:
        return
    if contrast.changes is not None:
        yield from _from_changes(*contrast.changes, contrast.read.level)
    elif contrast.before_and_after is not None:
        before, after = contrast.before_and_after
        yield from candidates(
            change_box(before, after),
            test="pooled_t",
            label="Student t test of changes, any correlation",
            inputs="; ".join(cell.described() for cell in before + after),
            formula=FORMULA,
            unprinted=UNPRINTED,
            note="the recomputed number takes a correlation of 0",
            level=contrast.read.level,
        )


def _from_changes(a: Cell, b: Cell, level: str) -> Iterator[Candidate]:
    if a.sd_value == 0 and b.sd_value == 0:
        return
    for test, label, box in (
        ("pooled_t", "Student t test of changes", student_box(a, b)),
        ("welch_t", "Welch t test of changes", welch_box(a, b)),
    ):
        yield from candidates(
            box, test=test, label=label, inputs=pair_inputs(a, b), formula=FORMULA, level=level
        )


CHECK = Check(
    name="change_score",
    title="Two arms, change from baseline",
    formula=FORMULA,
    reference="Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.8",
    scope="contrast",
    run=run,
    needs=(*OF_TWO_GROUPS, *OF_AN_EFFECT, *OF_AN_INTERVAL),
)
