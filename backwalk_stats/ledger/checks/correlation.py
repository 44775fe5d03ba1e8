"""Pearson's r against its p and its interval.

t = r sqrt(df / (1 - r^2)), df = n - 2 (Student, Biometrika 1908;6:302; Fisher 1915); interval
tanh(atanh(r) +- z / sqrt(n - 3)) (Fisher, Metron 1921;1:3).  The two are different approximations:
p is never held against the interval.  Spearman's rho by the same t is an approximation only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from backwalk_stats.engine.numbers import t_p
from backwalk_stats.ledger.beside import (
    OF_THE_EFFECT,
    SIDES,
    USUAL,
    another_way,
    at_level,
    corrected,
    names,
    near_p,
    quantiles,
    statistic_beside,
)
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import (
    Interval,
    exactly,
    hull,
    is_number,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.reading.spellings import CORRELATION, RANK_CORRELATION
from backwalk_stats.ledger.reading.vocabulary import arm_words
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "t = r sqrt(df / (1 - r^2)), df = n - 2; interval: tanh(atanh(r) +- z / sqrt(n - 3))"
OTHER_KINDS = (
    r"choric\b|\bbiserial|\bcanonical|\bmultiple correlation|\bcross-?correl|\bdistance\b|\brmcorr"
    r"|\brepeated[- ]measures\b|\bpartial\b|\bconcordance\b|\battenuat|\br-to-z|\bz-transformed"
)
PEARSON = r"\bpearson'?s?\b(?!'?s?\W+chi)|\bproduct[- ]moment\b"
FISHER = r"\bfisher'?s?\W+(?:r-to-)?z\b|\bfisher'?s? (?:z-)?transform"
UNNAMED = "neither Pearson's r nor a rank correlation is named"
RANKED = "p and interval of a rank correlation are approximations, of which there are several"
TOTAL_ONLY = "how many of the participants it rests on was not read"
ANOTHER_INTERVAL = "the interval is not Fisher's (bootstrap, or corrected for bias)"
GROUPS = frozenset({"backward", "forward", "control"})
OF_TWO_GROUPS = "of which of two groups r is, or whether p compares two of them, was not read"
SLACK = 0.5  # standard errors by which other intervals of r differ from Fisher's


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A printed r, its df, where they were read, and what was not."""

    text: str
    df: float
    where: str
    total_only: bool
    unsaid: str

    @property
    def interval(self) -> Interval:
        """Return what r can have been."""
        rounded = rounding_interval(self.text)
        return Interval(max(rounded.low, -1.0), min(rounded.high, 1.0))


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield p and the interval of a printed correlation."""
    read = _read(contrast) if contrast.read.scale in (CORRELATION, RANK_CORRELATION) else None
    if read is None:
        return
    plain = _fisher(contrast) or not another_way(contrast)
    if "p_value" in contrast.printed and plain and contrast.read.null in ("", "0"):
        yield from () if corrected(contrast) else _p_value(contrast, read)
    other = another_way(contrast, "resampled", "bayes", "exact", "interval")
    if read.df > 1 and (_fisher(contrast) or not other):
        for quantity, sign in (("conf_low", -1.0), ("conf_high", 1.0)):
            if is_number(contrast.printed.get(quantity, "")):
                yield from _end(contrast, read, quantity, sign)


def _fisher(contrast: Contrast) -> bool:
    return names(contrast, FISHER) and not another_way(contrast, "resampled", "bayes")


def _read(contrast: Contrast) -> _Read | None:
    """Return the printed r with what says how many people it rests on."""
    statistic = statistic_beside(contrast)
    text = contrast.printed.get("estimate", "")
    if statistic is not None and statistic.family in ("r", "rho"):
        text = statistic.text
    elif statistic is not None or not is_number(text):
        return None
    df = statistic.df if statistic else ()
    if not df and is_number(contrast.printed.get("df", "")):
        df = (value_of(contrast.printed["df"]),)
    if abs(value_of(text)) > 1 or names(contrast, OTHER_KINDS) or len(df) > 1:
        return None
    size, where, total = _people(contrast, df)
    if size is None or size < 1:
        return None
    ranked = contrast.read.scale == RANK_CORRELATION or (statistic and statistic.family == "rho")
    unsaid = RANKED if ranked else "" if names(contrast, PEARSON) else UNNAMED
    groups = arm_words(f"{contrast.arm_a} {contrast.arm_b}") & GROUPS
    unsaid = unsaid or (OF_TWO_GROUPS if groups and contrast.arm_b else "")
    return _Read(text=text, df=size, where=where, total_only=total, unsaid=unsaid)


def _people(contrast: Contrast, df: tuple[float, ...]) -> tuple[float | None, str, bool]:
    """Return df, where they were read, and whether only the study's total says so."""
    if df:
        return df[0], f"df {df[0]:g}", False
    noted = re.search(r"\bn\s*=\s*(\d+)\b", contrast.note, re.IGNORECASE)
    if noted:
        return float(noted.group(1)) - 2, f"n {noted.group(1)} (its note)", False
    total = contrast.study.n_total
    where = f"n {total} (studies.csv line {contrast.study.line})"
    return (None if total is None else float(total - 2)), where, True


def _t(r: float, df: float) -> float:
    return math.inf if abs(r) >= 1 else abs(r) * math.sqrt(df / (1 - r * r))


def _p_value(contrast: Contrast, read: _Read) -> Iterator[Candidate]:
    size = read.interval.magnitude()
    ends = Interval(_t(size.low, read.df), _t(size.high, read.df))
    tail = partial(_tail, read.df)
    unsaid = read.unsaid
    one = Candidate(
        quantity="p_value",
        value=tail(_t(value_of(read.text), read.df)),
        interval=Interval(tail(ends.high), tail(ends.low)),
        test="statistic",
        label="p from the printed r",
        inputs=f"r = {read.text}, {read.where}",
        formula=FORMULA,
        unsaid=unsaid or (TOTAL_ONLY if read.total_only else ""),
    )
    if read.total_only and not unsaid:
        # Fewer people can only give a larger p: one below the smallest cannot be right.
        yield Candidate(
            quantity="p_value",
            value=one.value,
            interval=Interval(one.interval.low, 1.0),
            test="statistic",
            label=one.label,
            inputs=one.inputs,
            formula=FORMULA,
            unprinted="how many of the participants it rests on",
        )
        return
    yield one
    if unsaid:
        # The several approximations of a rank correlation's p lie 0.6 of a z apart at most.
        yield near_p(one, ends, exactly(1.0), tail)


def _tail(df: float, statistic: float) -> float:
    return float(t_p(statistic=statistic, df=df))


def _end(contrast: Contrast, read: _Read, quantity: str, sign: float) -> Iterator[Candidate]:
    """Yield one end of Fisher's interval, and what other intervals of r can be."""
    error = 1 / math.sqrt(read.df - 1)

    def at(level: Interval, slack: float = 0.0) -> Candidate:
        reach = Interval(-slack, slack) + quantiles(level, exactly(math.inf)) * exactly(sign)
        z = Interval(_atanh(read.interval.low), _atanh(read.interval.high))
        ends = z + reach * exactly(error)
        middle = (
            _atanh(value_of(read.text)) + sign * error * quantiles(level, exactly(math.inf)).low
        )
        return Candidate(
            quantity=quantity,
            value=math.tanh(middle),
            interval=Interval(math.tanh(ends.low), math.tanh(ends.high)),
            test="interval",
            label="Fisher's interval of the printed r",
            inputs=f"r = {read.text}, {read.where}",
            formula=FORMULA,
            unsaid=read.unsaid or (TOTAL_ONLY if read.total_only else ""),
            condition=ANOTHER_INTERVAL if slack else "",
        )

    yield at_level(contrast, quantity, at)
    if not names(contrast, FISHER):
        yield at_level(contrast, quantity, partial(at, slack=SLACK))
        yield at_level(contrast, quantity, partial(_plain_end, at(exactly(USUAL)), read, sign))


def _plain_end(fisher: Candidate, read: _Read, sign: float, level: Interval) -> Candidate:
    """Return one end of r +- q sqrt((1 - r^2) / df), q from t or the normal."""
    q = quantiles(level, Interval(read.df, math.inf))
    ends = [
        r + sign * one * math.sqrt((1 - r * r) / read.df)
        for r in (read.interval.low, read.interval.high)
        for one in (q.low, q.high)
    ]
    return replace(fisher, interval=hull(*ends), condition="the interval is r +- q SE")


def _atanh(r: float) -> float:
    return math.copysign(math.inf, r) if abs(r) >= 1 else math.atanh(r)


CHECK = Check(
    name="correlation",
    title="p and interval of a correlation",
    formula=FORMULA,
    reference="Fisher, Biometrika 1915;10:507 and Metron 1921;1:3",
    scope="contrast",
    run=run,
    needs=(Need(of="adjusted", excludes=("adjusted",)), SIDES, OF_THE_EFFECT),
)
