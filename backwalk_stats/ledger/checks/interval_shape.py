"""A confidence interval of a difference is symmetric about its estimate, and holds it.

|estimate - (low + high) / 2| must be zero within rounding; on the log scale for ratios.  Intervals
by exact, profile or bootstrap methods need not be symmetric, so asymmetry alone is `compatible`
with a reason; an interval that does not hold its estimate is inconsistent.  Altman and Bland, BMJ
2011;343:d2090.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, is_number, rounding_interval
from backwalk_stats.ledger.reading.spellings import DIFFERENCE, RATIOS, STANDARDISED_REGRESSION
from backwalk_stats.ledger.verdict import Ruling

QUANTITIES = ("estimate", "conf_low", "conf_high")
IN_THE_MIDDLE = "estimate and interval fit: it stands in the middle"
OFF_THE_MIDDLE = "the estimate is not in the middle of its interval"
OF_THE_RAW_ONE = "the interval beside a standardised coefficient is often that of the raw one"
NOT_SYMMETRIC = "not in the middle of its interval: not a plain t or z interval, or a misprint"
FORMULA = "estimate = (low + high) / 2; for ratios log(estimate) = (log(low) + log(high)) / 2"


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield a ruling on the estimate, and on both ends where it stands in their middle."""
    texts = [contrast.printed.get(name, "") for name in QUANTITIES]
    if not all(is_number(text) for text in texts):
        return
    estimate, low, high = (rounding_interval(text) for text in texts)
    shape = _shape(contrast, estimate, low, high)
    kept = QUANTITIES if shape.reason == IN_THE_MIDDLE else QUANTITIES[:1]
    for quantity, text in zip(kept, texts, strict=False):
        yield replace(
            shape,
            quantity=quantity,
            reported=text,
            value=None if quantity != "estimate" else shape.value,
            interval=None if quantity != "estimate" else shape.interval,
            inputs=f"{texts[0]} ({texts[1]} to {texts[2]})",
        )


def _shape(contrast: Contrast, estimate: Interval, low: Interval, high: Interval) -> Ruling:
    """Return the ruling on where an estimate stands in its interval."""
    ratio = contrast.read.scale in RATIOS and min(low.low, estimate.low) > 0
    middle = _middle(low, high, ratio=ratio)
    if middle.meets(estimate):
        verdict, reason = verdicts.COMPATIBLE, IN_THE_MIDDLE
    elif low.low <= estimate.high and estimate.low <= high.high:
        # A ratio whose end is printed as 0.00 has no logarithm to stand in the middle of.
        plain = _is_plain(contrast) and (ratio or contrast.read.scale not in RATIOS)
        verdict = verdicts.INPUTS_INCONSISTENT if plain else verdicts.COMPATIBLE
        told = f"{OFF_THE_MIDDLE}; {verdicts.CANNOT_ALL_BE_RIGHT}"
        reason = told if plain else NOT_SYMMETRIC
    elif _middle(low, high, ratio=False).meets(Interval(-estimate.high, -estimate.low)):
        verdict, reason = verdicts.COMPATIBLE, "in the middle of its interval but for its sign"
    elif contrast.read.scale == STANDARDISED_REGRESSION:
        verdict, reason = verdicts.NOT_DERIVABLE, OF_THE_RAW_ONE
    else:
        verdict = verdicts.INPUTS_INCONSISTENT
        reason = f"the interval does not hold its estimate; {verdicts.CANNOT_ALL_BE_RIGHT}"
    return Ruling(
        quantity="estimate",
        reported="",
        verdict=verdict,
        reason=reason,
        value=math.sqrt(low.middle * high.middle) if ratio else (low.middle + high.middle) / 2,
        interval=middle,
        formula=FORMULA,
    )


def _is_plain(contrast: Contrast) -> bool:
    """Tell whether an interval was read to be one by a standard error about its estimate.

    A named t test of a difference is one, and Wald's of a ratio.
    """
    read = contrast.read
    by_t = read.scale == DIFFERENCE and bool(read.test.keys & {"pooled_t", "welch_t", "paired_t"})
    by_wald = read.scale in RATIOS and re.search(r"\bwald\b", contrast.method, re.I) is not None
    return (by_t and read.adjusted == "crude" and not read.transformed) or by_wald


def _middle(low: Interval, high: Interval, *, ratio: bool) -> Interval:
    if ratio:
        return Interval(math.sqrt(low.low * high.low), math.sqrt(low.high * high.high))
    return Interval((low.low + high.low) / 2, (low.high + high.high) / 2)


CHECK = Check(
    name="interval_shape",
    title="An interval holds its estimate, in its middle",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2011;343:d2090",
    scope="contrast",
    run=run,
    needs=(Need(of="interval_way", excludes=("resampled", "bayes", "interval")),),
)
