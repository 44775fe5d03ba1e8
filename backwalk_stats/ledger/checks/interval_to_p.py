"""SE and p from a printed estimate and its confidence interval.

SE = (high - low) / (2 q), statistic = estimate / SE; q at the level of the interval, from the
normal for pooled estimates, else from t: with the printed df, or with all df that the arms allow.
For differences; ratios have a check of their own.
Altman and Bland, BMJ 2011;343:d2304.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from backwalk_stats.engine.numbers import t_from_p, t_p
from backwalk_stats.ledger.case import USUAL_INTERVAL, Check, Contrast
from backwalk_stats.ledger.preconditions import OF_AN_EFFECT, Need
from backwalk_stats.ledger.reading.printed import (
    Interval,
    is_number,
    parse_df,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.reading.spellings import DIFFERENCE, RATIOS, STANDARDISED
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "SE = (high - low) / (2 q); p = P(|T| >= |estimate / SE|), q at the level"
SMALLEST_DF, LARGEST_DF = 2.0, 1000.0
# Tests whose p is not the one of the interval printed beside them.
OF_ANOTHER_TEST = frozenset({"bonferroni", "tukey", "lsd", "fisher", "chi_square"})
UNSAID = "the source names no test, and p from an exact or chi-square test differs from this one"
BY_WHAT = "whether the pooled interval is by z or by t (Hartung-Knapp) is not said"
BY_NORMAL = re.compile(
    r"dersimonian|\bDL\b|fixed|common effect|inverse[- ]variance|\bIV\b|mantel|revman|cochrane"
    r"|\bwald\b|\bz\b",
    re.IGNORECASE,
)
BY_T = re.compile(r"hartung|knapp|HKSJ|\bHK\b|sidik|\bt[- ]distribution|kenward|satterth", re.I)
WHOSE = "whether the p is that of the effect or of heterogeneity is not said"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield p from the estimate and its interval."""
    texts = [contrast.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high")]
    named = contrast.read.test
    if not all(is_number(text) for text in texts) or named.other or named.keys & OF_ANOTHER_TEST:
        return
    if contrast.read.scale == STANDARDISED and contrast.kind != "pooled":
        return  # the interval of one standardised difference is not that of its t test
    if contrast.read.scale in RATIOS or _by_t(contrast):
        return
    estimate, low, high = (rounding_interval(text) for text in texts)
    width = high - low
    if width.low <= 0:
        return
    at = [value_of(text) for text in texts]
    level = value_of(contrast.read.level) / 100 if contrast.read.level else USUAL_INTERVAL
    dfs = _possible_df(contrast)
    centre = _p(abs(at[0]) / (at[2] - at[1]), dfs[-1], level)
    share = (estimate / width).magnitude()
    ends = [_p(one, df, level) for one in (share.low, share.high) for df in dfs]
    yield Candidate(
        quantity="p_value",
        value=centre,
        interval=Interval(min(ends), max(ends)),
        test="interval",
        label="p from the printed interval",
        inputs=f"estimate {texts[0]}, {100 * level:g}% CI {texts[1]} to {texts[2]}",
        formula=FORMULA,
        unsaid=_unsaid(contrast),
    )


def _by_t(contrast: Contrast) -> bool:
    """Tell whether a pooled interval is by t, whose df are not printed."""
    said = f"{contrast.method} {contrast.contrast_type} {contrast.note}"
    return contrast.kind == "pooled" and BY_T.search(said) is not None


def _unsaid(contrast: Contrast) -> str:
    if contrast.kind == "risk_difference" and not contrast.read.test.is_named:
        return UNSAID
    beside = f"{contrast.contrast_type} {contrast.note}".lower()
    if contrast.kind != "pooled":
        return ""
    spoken = contrast.printed.get("i2") or "i2" in beside or "i\N{SUPERSCRIPT TWO}" in beside
    if spoken and not contrast.read.role:
        return WHOSE
    return "" if BY_NORMAL.search(f"{contrast.method} {beside}") else BY_WHAT


def _p(share: float, df: float, level: float) -> float:
    """Return p when the estimate is so large a share of the width of its interval."""
    return float(t_p(statistic=2 * share * float(t_from_p(p_value=1 - level, df=df)), df=df))


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


CHECK = Check(
    name="interval_to_p",
    title="p from a printed confidence interval",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2011;343:d2304",
    scope="contrast",
    run=run,
    needs=(
        *OF_AN_EFFECT,
        Need(of="scale", fits=(DIFFERENCE, STANDARDISED, "risk difference")),
        Need(of="level"),
        Need(of="role", excludes=("interaction",)),
        Need(of="people", excludes=("clustered",)),
        Need(of="interval_way", excludes=("resampled", "bayes", "interval")),
    ),
)
