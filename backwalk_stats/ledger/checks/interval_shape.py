"""A confidence interval of a difference is symmetric about its estimate, and holds it.

|estimate - (low + high) / 2| must be zero within rounding; on the log scale for ratios.  Intervals
by exact, profile or bootstrap methods need not be symmetric, so asymmetry alone is `compatible`
with a reason; an interval that does not hold its estimate is inconsistent.  Altman and Bland, BMJ
2011;343:d2090.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.printed import Interval, is_number, rounding_interval
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "estimate = (low + high) / 2; for ratios log(estimate) = (log(low) + log(high)) / 2"


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield a ruling on the shape of a printed interval."""
    texts = [contrast.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high")]
    if not all(is_number(text) for text in texts):
        return
    estimate, low, high = (rounding_interval(text) for text in texts)
    reported = f"{texts[0]} ({texts[1]} to {texts[2]})"
    if estimate.high < low.low or estimate.low > high.high:
        verdict, reason = verdicts.INPUTS_INCONSISTENT, "the interval does not hold its estimate"
        yield _ruling(
            reported, verdict, f"{reason}; {verdicts.CANNOT_ALL_BE_RIGHT}", low, high, ratio=False
        )
        return
    ratio = contrast.kind == "risk_ratio" and min(low.low, estimate.low) > 0
    middle = _middle(low, high, ratio=ratio)
    if middle.meets(estimate):
        yield _ruling(
            reported, verdicts.REPRODUCED, "symmetric about its estimate", low, high, ratio=ratio
        )
    else:
        reason = "not symmetric about its estimate: not a plain t or z interval, or a misprint"
        yield _ruling(reported, verdicts.COMPATIBLE, reason, low, high, ratio=ratio)


def _middle(low: Interval, high: Interval, *, ratio: bool) -> Interval:
    if ratio:
        return Interval(math.sqrt(low.low * high.low), math.sqrt(low.high * high.high))
    return Interval((low.low + high.low) / 2, (low.high + high.high) / 2)


def _ruling(
    reported: str, verdict: str, reason: str, low: Interval, high: Interval, *, ratio: bool
) -> Ruling:
    middle = _middle(low, high, ratio=ratio)
    return Ruling(
        quantity="interval midpoint",
        reported=reported,
        verdict=verdict,
        reason=reason,
        value=math.sqrt(low.middle * high.middle) if ratio else (low.middle + high.middle) / 2,
        interval=middle,
        inputs=f"95% CI {reported}",
        formula=FORMULA,
    )


CHECK = Check(
    name="interval_shape",
    title="An interval holds its estimate, in its middle",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2011;343:d2090",
    scope="contrast",
    run=run,
)
