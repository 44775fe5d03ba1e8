"""Whether recovered arms can give the p-values that their study printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backwalk_stats.ledger.case import Cell, Contrast, Study
from backwalk_stats.ledger.checks import one_way, two_sample
from backwalk_stats.ledger.contrasts import contrasts_of
from backwalk_stats.ledger.printed_p import parse_p


def agrees_with_printed(
    *, study: Study, cells: Sequence[Cell], rows: Sequence[Mapping[str, str]]
) -> Callable[[tuple[Cell, ...]], bool]:
    """Return a function that tells whether recovered arms fit every printed p-value.

    Parameters
    ----------
    study : Study
        The study whose source merged two arms.
    cells : sequence of Cell
        Its printed outcome rows.
    rows : sequence of mapping
        Its rows of the contrast table.
    """

    def allowed(arms: tuple[Cell, ...]) -> bool:
        found = (
            contrast
            for row in rows
            for contrast in contrasts_of(row, study=study, cells=cells, recovered=[arms])
            if contrast.derived
        )
        return all(_can_give(contrast) for contrast in found)

    return allowed


def _can_give(contrast: Contrast) -> bool:
    """Tell whether some test of the arms gives the printed p, rounding allowed for."""
    printed = parse_p(contrast.printed.get("p_value", ""))
    if printed is None:
        return True
    candidates = [
        one
        for check in (two_sample, one_way)
        for one in check.run(contrast)
        if one.quantity == "p_value"
    ]
    return not candidates or any(
        interval.meets(one.interval) for one in candidates for interval in printed.intervals
    )
