"""A merged arm, split into the two arms behind it.

(n - 1) S^2 = (n1 - 1) s1^2 + (n2 - 1) s2^2 + n1 n2 / n (m1 - m2)^2, solved for two pairs of
numbers on the grid of the decimals that the other arms are printed with; SDs that differ more
than threefold are held implausible. What comes out is derived, never printed. Cochrane Handbook,
table 6.5.a.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwalk_stats.engine.summary.merged_arms import merge
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.reading.printed import Interval, rounding_interval
from backwalk_stats.ledger.reading.vocabulary import arm_words, is_merged_arm
from backwalk_stats.ledger.verdict import NOT_REPRODUCED, REPRODUCED, Ruling

FORMULA = "(n - 1) S^2 = (n1 - 1) s1^2 + (n2 - 1) s2^2 + n1 n2 / n (m1 - m2)^2"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a merged row, or on a mean that somebody derived from one."""
    cell = arm.cell
    own = [
        one
        for one in arm.derived_arms
        if (one.outcome, one.timepoint) == (cell.outcome, cell.timepoint)
    ]
    if own and is_merged_arm(cell.arm):
        yield _split(cell, own)
    elif own and not cell.was_printed and cell.mean:
        yield from _derived(cell, own)


def _split(cell: Cell, arms: Sequence[Cell]) -> Ruling:
    """Return the merged row as what its recovered arms merge to."""
    first, second = arms[0], arms[1]
    back = merge(
        n1=first.n or 0,
        mean1=first.mean_value,
        sd1=first.sd_value,
        n2=second.n or 0,
        mean2=second.mean_value,
        sd2=second.sd_value,
    )
    sds = " and ".join(sorted({one.sd for one in arms}))
    pairs = "; ".join(dict.fromkeys(f"{one.arm} {one.mean}" for one in arms))
    return Ruling(
        quantity="sd",
        reported=cell.sd,
        verdict=REPRODUCED,
        reason=f"derived, not printed: means {pairs}; SDs {sds}, which arm has which is not known",
        value=back.sd,
        interval=rounding_interval(cell.sd),
        inputs=cell.described(),
        formula=FORMULA,
    )


def _derived(cell: Cell, arms: Sequence[Cell]) -> Iterator[Ruling]:
    same = [one for one in arms if arm_words(one.arm) & arm_words(cell.arm)]
    if not same:
        return
    values = [one.mean_value for one in same]
    reported = rounding_interval(cell.mean)
    fits = any(reported.low <= value <= reported.high for value in values)
    yield Ruling(
        quantity="mean",
        reported=cell.mean,
        verdict=REPRODUCED if fits else NOT_REPRODUCED,
        reason="follows from the merged row" if fits else "does not follow from the merged row",
        value=values[0],
        interval=Interval(min(values), max(values)),
        inputs="; ".join(dict.fromkeys(one.derived for one in same)),
        formula=FORMULA,
    )


CHECK = Check(
    name="merged_arms",
    title="A merged arm, split into the two behind it",
    formula=FORMULA,
    reference="Cochrane Handbook for Systematic Reviews of Interventions, table 6.5.a",
    scope="arm",
    run=run,
)
