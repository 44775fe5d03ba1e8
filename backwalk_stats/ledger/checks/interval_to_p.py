"""SE and p from a printed estimate and its 95 % confidence interval.

SE = (high - low) / (2 q), statistic = estimate / SE; q from the normal for pooled estimates and
ratios (on the log scale), else from t: with the printed df, or with all df that the arms allow.
Altman and Bland, BMJ 2011;343:d2304.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from backwalk_stats.engine.numbers import t_from_p, t_p
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.kinds import named_test
from backwalk_stats.ledger.printed import (
    Interval,
    exactly,
    is_number,
    parse_df,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "SE = (high - low) / (2 q); p = P(|T| >= |estimate / SE|), q the 97.5 % point"
LEVEL = 0.95
SMALLEST_DF, LARGEST_DF = 2.0, 1000.0
# Tests whose p is not the one of the interval printed beside them.
OF_ANOTHER_TEST = frozenset({"bonferroni", "tukey", "lsd", "fisher", "chi_square"})
RISKS = ("risk_ratio", "risk_difference")
UNSAID = "the source names no test, and p from an exact or chi-square test differs from this one"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield p from the estimate and its interval."""
    texts = [contrast.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high")]
    named = named_test(contrast.method)
    if not all(is_number(text) for text in texts) or named.other or named.keys & OF_ANOTHER_TEST:
        return
    ratio = contrast.kind == "risk_ratio"
    if ratio and min(rounding_interval(text).low for text in texts) <= 0:
        return
    estimate, low, high = (_scaled(rounding_interval(text), ratio=ratio) for text in texts)
    width = high - low
    if width.low <= 0:
        return
    at = [_scaled(exactly(value_of(text)), ratio=ratio).low for text in texts]
    dfs = _possible_df(contrast)
    centre = _p(abs(at[0]) / (at[2] - at[1]), dfs[-1])
    share = (estimate / width).magnitude()
    ends = [_p(one, df) for one in (share.low, share.high) for df in dfs]
    yield Candidate(
        quantity="p_value",
        value=centre,
        interval=Interval(min(ends), max(ends)),
        test="interval",
        label="p from the printed interval",
        inputs=f"estimate {texts[0]}, 95% CI {texts[1]} to {texts[2]}",
        formula=FORMULA + (" (on the log scale)" if ratio else ""),
        unsaid=UNSAID if contrast.kind in RISKS and not named.is_named else "",
    )


def _p(share: float, df: float) -> float:
    """Return p when the estimate is so large a share of the width of its interval."""
    return float(t_p(statistic=2 * share * float(t_from_p(p_value=1 - LEVEL, df=df)), df=df))


def _possible_df(contrast: Contrast) -> list[float]:
    """Return the df that the interval can have, the likeliest last; infinite for a normal one."""
    printed = parse_df(contrast.printed.get("df", ""))
    if contrast.kind in ("pooled", "risk_ratio", "risk_difference", "standardised"):
        return [math.inf]
    if len(printed) == 1:
        return [float(printed[0])]
    sizes = [cell.n for cell in (*contrast.first[:1], *contrast.second[:1]) if cell.n]
    least = min(sizes) - 1 if sizes else SMALLEST_DF
    most = sum(sizes) - 1 if sizes else LARGEST_DF
    grid = np.geomspace(max(least, SMALLEST_DF), max(most, least, SMALLEST_DF), 12)
    return [*([] if sizes else [math.inf]), *(float(df) for df in grid)]


def _scaled(interval: Interval, *, ratio: bool) -> Interval:
    return Interval(math.log(interval.low), math.log(interval.high)) if ratio else interval


CHECK = Check(
    name="interval_to_p",
    title="p from a printed confidence interval",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2011;343:d2304",
    scope="contrast",
    run=run,
)
