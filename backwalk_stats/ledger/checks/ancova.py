"""ANCOVA of the follow-up score on arm and baseline, from six numbers an arm.

b = S_xy / S_xx; effect = (y1 - y2) - b (x1 - x2); RSS = S_yy - S_xy^2 / S_xx;
var = RSS / (N - 3) (1/n1 + 1/n2 + (x1 - x2)^2 / S_xx), r = (s_x^2 + s_y^2 - s_d^2)/(2 s_x s_y).
Cochran, Biometrics 1957;13:261-281.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from backwalk_stats.engine.summary.six_numbers import ancova_from_summaries
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.hulls import searched_hull
from backwalk_stats.ledger.preconditions import ENDS, OF_AN_EFFECT, OF_AN_INTERVAL, Need
from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.ledger.verdict import Candidate

FORMULA = (
    "effect = (y1 - y2) - b (x1 - x2), b = S_xy / S_xx; "
    "var = RSS/(N - 3) (1/n1 + 1/n2 + (x1 - x2)^2/S_xx)"
)
QUANTITIES = ("estimate", "statistic", "p_value", "conf_low", "conf_high")
UNSAID = "which covariates the source adjusts for is not said"
UNPRINTED = "the correlation of the scores before and after"
# A correlation of exactly 1 leaves no residual variance: the search stays just inside.
LARGEST_CORRELATION = 1 - 1e-6


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the baseline-adjusted difference of two arms."""
    if "ancova" not in contrast.read.test.keys or contrast.before_and_after is None:
        return
    before, after = contrast.before_and_after
    changes = contrast.changes
    spread = [_correlation(*cells) for cells in zip(before, after, changes or (), strict=False)]
    correlations = spread or [Interval(-LARGEST_CORRELATION, LARGEST_CORRELATION)] * 2
    box = [cell.mean_interval for cell in before + after]
    box += [cell.sd_interval for cell in before + after] + correlations
    centre = np.array(
        [cell.mean_value for cell in before + after]
        + [cell.sd_value for cell in before + after]
        + [one.middle for one in correlations]
    )
    sizes = np.array([cell.n or 0 for cell in after], dtype=float)
    if min(interval.low for interval in box[4:8]) <= 0:
        return
    for quantity in (name for name in QUANTITIES if name in contrast.printed):
        yield Candidate(
            quantity=quantity,
            value=float(_values(quantity, sizes, centre[np.newaxis])[0]),
            interval=searched_hull(partial(_values, quantity, sizes), box),
            test="ancova",
            label="ANCOVA from summaries",
            inputs="; ".join(cell.described() for cell in (*before, *after, *(changes or ()))),
            formula=FORMULA,
            unprinted="" if spread else UNPRINTED,
            unsaid="" if "baseline" in contrast.method.lower() else UNSAID,
        )


def _values(quantity: str, sizes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return a quantity of the ANCOVA at many points: means, SDs and correlations of two arms."""
    result = ancova_from_summaries(
        n=sizes,
        mean_pre=points[:, 0:2],
        mean_post=points[:, 2:4],
        sd_pre=points[:, 4:6],
        sd_post=points[:, 6:8],
        correlation=points[:, 8:10],
    )
    return np.asarray(getattr(result, quantity), dtype=float)


def _correlation(before: Cell, after: Cell, change: Cell) -> Interval:
    """Return what the correlation can be, from the three SDs."""

    def from_sds(sds: np.ndarray) -> np.ndarray:
        x, y, d = sds.T
        return np.asarray((x**2 + y**2 - d**2) / (2 * x * y), dtype=float)

    found = searched_hull(from_sds, [cell.sd_interval for cell in (before, after, change)])
    low, high = max(found.low, -LARGEST_CORRELATION), min(found.high, LARGEST_CORRELATION)
    if low > high:
        raise NotEstimable("the three SDs exclude each other")
    return Interval(low, high)


CHECK = Check(
    name="ancova",
    title="ANCOVA from six numbers an arm",
    formula=FORMULA,
    reference="Cochran, Biometrics 1957;13:261",
    scope="contrast",
    run=run,
    needs=(
        *OF_AN_EFFECT,
        *OF_AN_INTERVAL,
        Need(of="level", fits=("95",), quantities=ENDS),
        Need(of="people", fits=("different",)),
        Need(of="model", excludes=("mixed", "repeated")),
    ),
)
