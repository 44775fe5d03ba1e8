"""p of a ratio from its confidence interval, on the log scale.

z = log(ratio) / ((log high - log low) / (2 q)): q from the normal, or from t for a ratio of means.
Altman and Bland, BMJ 2011;343:d2304.  Exact for Wald's test; the likelihood-ratio, score and
log-rank tests of a regression give another p, so that a miss within a factor of three, or with a z
as far from Wald's as theirs can be, is no error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from backwalk_stats.engine.numbers import t_p
from backwalk_stats.ledger.beside import (
    LEVELS,
    OF_THE_EFFECT,
    SIDES,
    Beside,
    another_way,
    at_level,
    corrected,
    interval_beside,
    near_p,
    of_several,
    quantiles,
    said,
)
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.reading.printed import Interval, exactly, hull, parse_df, value_of
from backwalk_stats.ledger.reading.spellings import RATIO_OF_MEANS, RATIOS
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "z = log(ratio) / ((log high - log low) / (2 q)); p = P(|Z| >= |z|)"
WALD = r"\bwald\b|\bwoolf\b|\bz[- ]tests?\b"
POOLED = r"\bdersimonian|\binverse[- ]variance\b|\bmantel|\brevman\b|\bcochrane\b"
KNAPP = r"\bhartung|\bknapp\b|\bsidik\b"
REGRESSION = (
    r"\bcox\b|\bpoisson\b|\blogistic\b|\bregression\b|\bproportional hazards?\b"
    r"|\bnegative binomial\b|\bgenerali[sz]ed\b|\bGEEs?\b|\bGLMM?s?\b|\blog-?binomial\b"
    r"|\blog-?rank\b|\blikelihood\b|\bscore test\b|\bmixed\b"
)
ON_LOGS = (
    r"\bt[- ]?tests?\b|\bt test\b|\bstudent\b|\bwelch\b|\bAN[CO]*VAs?\b|\bmixed\b|\bregression\b"
)
OTHER_TESTS = frozenset({"fisher", "chi_square", "yates"})
NO_TEST = (
    "the source names no test, and p by an exact, chi-square or rank test differs from this one"
)
NOT_WALD = "the interval is not symmetric on the log scale, so it is not Wald's"
# A t interval and its own p depend little on df: fewer people than this are no trial.
LEAST_DF = 3.0


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield p from a ratio and its interval."""
    found = interval_beside(contrast) if contrast.read.scale in RATIOS else None
    beside = found.logs() if found else None
    named = contrast.read.test.keys & OTHER_TESTS
    ways = another_way(contrast, "resampled", "bayes", "exact", "interval")
    if beside is None or named or ways or corrected(contrast) or of_several(contrast):
        return
    if contrast.read.null not in ("", "1") or beside.width.low <= 0:
        return
    kind = _kind(contrast)
    if kind == "other":
        return
    unsaid = [] if kind != "unnamed" else [NO_TEST]
    unsaid += [] if beside.is_symmetric else [NOT_WALD]
    dfs = _dfs(contrast)

    def make(level: Interval) -> Candidate:
        one = _candidate(contrast, beside, level, dfs)
        return replace(one, unsaid="; ".join(unsaid))

    one = at_level(contrast, "p_value", make)
    yield one
    if kind == "regression":
        size = _statistic(contrast, beside, dfs)
        yield near_p(one, size, beside.effect, lambda z: _tail(z, math.inf))


def _kind(contrast: Contrast) -> str:
    """Return what the words say of the test: "wald", "regression", "unnamed" or "other"."""
    words = said(contrast)

    def has(pattern: str) -> bool:
        return re.search(pattern, words, re.IGNORECASE) is not None

    if has(WALD):
        return "wald"
    if contrast.read.scale == RATIO_OF_MEANS and has(ON_LOGS):
        return "wald"
    if has(KNAPP):
        return "unnamed"
    if has(POOLED):
        return "wald"
    if has(REGRESSION):
        return "regression"
    return "other" if contrast.read.test.other else "unnamed"


def _dfs(contrast: Contrast) -> Sequence[float]:
    """Return the df that the interval can have, the likeliest last; infinite for a normal one."""
    if contrast.read.scale != RATIO_OF_MEANS:
        return [math.inf]
    printed = parse_df(contrast.printed.get("df", ""))
    if len(printed) == 1:
        return [printed[0]]
    total = contrast.study.n_total
    likely = [float(total - 2)] if total and total - 2 > LEAST_DF else []
    return [LEAST_DF, math.inf, *likely]


def _candidate(
    contrast: Contrast, beside: Beside, level: Interval, dfs: Sequence[float]
) -> Candidate:
    shares = (beside.effect / beside.width).magnitude()
    at = [math.log(value_of(text)) for text in beside.texts]
    corners = product((shares.low, shares.high), (level.low, level.high), dfs)
    ends = [_p(share, one, df) for share, one, df in corners]
    read = f"{contrast.read.level}% interval" if contrast.read.level else "level not read"
    return Candidate(
        quantity="p_value",
        value=_p(abs(at[0]) / (at[2] - at[1]), level.low, dfs[-1]),
        interval=hull(*ends),
        test="interval",
        label="p from the printed interval of the ratio",
        inputs=f"{beside.described()} ({read})",
        formula=FORMULA,
    )


def _statistic(contrast: Contrast, beside: Beside, dfs: Sequence[float]) -> Interval:
    level = exactly(float(contrast.read.level) / 100) if contrast.read.level else LEVELS
    q = quantiles(level, exactly(dfs[-1]))
    return (beside.effect / beside.width).magnitude() * Interval(2 * q.low, 2 * q.high)


def _p(share: float, level: float, df: float) -> float:
    """Return p of a log ratio that is so large a share of the width of its interval."""
    q = quantiles(exactly(level), exactly(df)).low
    return _tail(2 * share * q, df)


def _tail(statistic: float, df: float) -> float:
    return float(t_p(statistic=statistic, df=df))


CHECK = Check(
    name="ratio_interval_to_p",
    title="p from the interval of a ratio",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2011;343:d2304",
    scope="contrast",
    run=run,
    needs=(SIDES, OF_THE_EFFECT),
)
