"""Standardised mean difference: Cohen's d and Hedges' g with three kinds of interval.

d = (m1 - m2) / s_p; g = J d.  Cochrane: J = 1 - 3/(4N - 9), SE^2 = N/(n1 n2) + g^2/(2(N - 3.94)),
normal interval.  Large-sample: J by gamma functions, SE^2 = N/(n1 n2) + g^2/(2N), or J^2 times the
variance of d.  Exact: interval
by inverting the noncentral t.  Hedges and Olkin 1985, ch. 5; RevMan statistical algorithms;
Steiger and Fouladi 1997.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.hulls import FORMULA, smd_candidates
from backwalk_stats.ledger.preconditions import ENDS, Need
from backwalk_stats.ledger.verdict import Candidate

# d by the SD of one arm, of changes, or averaged, is another number.
OTHER_SD = re.compile(
    r"glass|control(?: group)? SD|SD of (?:the )?(?:control|change|baseline)|baseline|change|averag"
    r"|d_?z\b|d_?av|d_?rm|SMC[CR]",
    re.IGNORECASE,
)
POOLED_SD = re.compile(r"hedges|revman|cochrane|pooled SD|\bd_?s\b", re.IGNORECASE)
DEFINITION = "which SD it is standardised by is not said"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the standardised difference by each formula that can have been meant."""
    if contrast.kind != "standardised":
        return
    says_d = "cohen" in contrast.contrast_type.lower() or contrast.method.lower().endswith(" d")
    words = f"{contrast.contrast_type} {contrast.method} {contrast.note}"
    other = OTHER_SD.search(words)
    unsaid = "" if not other and POOLED_SD.search(words) else DEFINITION
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if not (a.has_spread and b.has_spread) or (a.sd_value == 0 and b.sd_value == 0):
            continue
        for way in (
            ("cohen", "cohen_large") if says_d else ("cochrane", "noncentral", "large", "shrunk")
        ):
            for one in smd_candidates(way, a, b):
                yield replace(one, unsaid=unsaid)


CHECK = Check(
    name="standardised_difference",
    title="Standardised mean difference",
    formula=FORMULA,
    reference="Hedges and Olkin, Statistical Methods for Meta-Analysis, ch. 5; RevMan algorithms",
    scope="contrast",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("adjusted",)),
        Need(of="level", fits=("95",), quantities=ENDS),
        Need(of="people", excludes=("same",)),
    ),
)
