"""A pooled estimate against the pool of the record's own rows.

w_i = 1 / (v_i + tau2), estimate = sum(w_i g_i) / sum(w_i), tau2 by DerSimonian and Laird (Control
Clin Trials 1986;7:177-188). A pool is compared only where the source says how many trials it
holds and the record holds exactly as many; other pools are `not_derivable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwalk_stats.ledger.case import Check, Contrast, Pool
from backwalk_stats.ledger.reading.vocabulary import family
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "estimate = sum(w g) / sum(w), w = 1 / (SE^2 + tau2), tau2 by DerSimonian-Laird"
_COUNT = re.compile(r"(?<!\d)(\d+)\s++(?:\w+\s+)?(?:trials|rcts|studies)", re.IGNORECASE)


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the pooled estimate, its interval and Q from the rows of the record."""
    if contrast.kind != "pooled":
        return
    pool = _pool_of(contrast)
    if pool is None:
        return
    for quantity, value in pool.values.items():
        yield Candidate(
            quantity=quantity,
            value=value,
            interval=pool.intervals[quantity],
            test=pool.method,
            label="pool of the record's rows, DerSimonian-Laird",
            inputs=pool.described,
            formula=FORMULA,
            unsaid="which trials it pools is not said",
        )


def _pool_of(contrast: Contrast) -> Pool | None:
    found = _COUNT.search(f"{contrast.arm_a} {contrast.contrast_type}")
    if found is None:
        return None
    fits = [
        pool
        for pool in contrast.pools
        if pool.k == int(found.group(1)) and pool.outcome == family(contrast.outcome)
    ]
    return fits[0] if len(fits) == 1 else None


CHECK = Check(
    name="pooled_estimate",
    title="A pooled estimate from the rows of the record",
    formula=FORMULA,
    reference="DerSimonian and Laird, Control Clin Trials 1986;7:177",
    scope="contrast",
    run=run,
)
