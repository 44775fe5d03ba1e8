"""Effect sizes of other kinds from the rows that they were computed from.

SMCC = J m_change / s_change; SMCR = J (m_after - m_before) / s_before, J of n - 1 (Becker, Br J
Math Stat Psychol 1988;41:257); ratio of means = m1 / m2, SE(log)^2 = s1^2 / (n1 m1^2) + s2^2 / (n2
m2^2) (Hedges et al., Ecology 1999;80:1150); Fisher's z of r = atanh(r) (Fisher, Metron 1921;1:3).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

from backwalk_stats.engine.summary.two_arms import hedges_correction
from backwalk_stats.ledger.beside import another_way, at_level, names, quantiles, statistic_beside
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.links import link_within
from backwalk_stats.ledger.reading.printed import (
    Interval,
    exactly,
    hull,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.reading.spellings import RATIO_OF_MEANS
from backwalk_stats.ledger.verdict import Candidate

FORMULA = (
    "SMCC = J m_change / s_change; SMCR = J (m_after - m_before) / s_before; "
    "ratio of means = m1 / m2; z = atanh(r)"
)
SMCC = r"\bSMCC\b|\bstandardi[sz]ed mean change\b.*\bchange[- ]scores?\b"
SMCR = r"\bSMCR\b|\bstandardi[sz]ed mean change\b.*\braw[- ]scores?\b"
ROM = r"\bROM\b|\bRoM\b|\bcrude\b|\bunadjusted\b|\barithmetic\b"
R_TO_Z = r"\br[- ]to[- ]z\b|\bz[- ]transformed\b|\bfisher'?s? z[- ]transform|\bZCOR\b"
UNCORRECTED = "it is not corrected for small samples"
ADJUSTMENT = "whether the ratio is of adjusted or of geometric means was not read"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the effect size that the printed rows give, of the kind that is named."""
    if another_way(contrast, "resampled", "bayes"):
        return
    if names(contrast, SMCC) or names(contrast, SMCR):
        yield from _mean_change(contrast)
    elif names(contrast, R_TO_Z):
        yield from _r_to_z(contrast)
    elif contrast.read.scale == RATIO_OF_MEANS:
        yield from _ratio(contrast)


def _candidate(
    quantity: str, label: str, value: float, interval: Interval, inputs: str
) -> Candidate:
    return Candidate(
        quantity=quantity,
        value=value,
        interval=interval,
        test="statistic",
        label=label,
        inputs=inputs,
        formula=FORMULA,
    )


# Standardised mean changes of one arm.


def _mean_change(contrast: Contrast) -> Iterator[Candidate]:
    arms = f"{contrast.arm_a} {contrast.arm_b}"
    found = link_within(label=contrast.outcome, arms=arms, cells=contrast.cells)
    change, after, before = found.change_first, found.first, found.second
    raw = names(contrast, SMCR)
    if (
        raw
        and after
        and before
        and after is not before
        and before.has_spread
        and after.n == before.n
    ):
        mean, spread = after.mean_interval - before.mean_interval, before
        value, where = (
            after.mean_value - before.mean_value,
            f"{after.described()}; {before.described()}",
        )
    elif not raw and change and change.has_spread:
        mean, spread = change.mean_interval, change
        value, where = change.mean_value, change.described()
    else:
        return
    if spread.sd_interval.low <= 0:
        return
    factor = float(hedges_correction((spread.n or 0) - 1))
    label = "SMCR" if raw else "SMCC"
    for name, times, condition in ((label, factor, ""), (f"{label} without J", 1.0, UNCORRECTED)):
        size = mean / spread.sd_interval * exactly(times)
        one = _candidate("estimate", name, times * value / spread.sd_value, size, where)
        yield replace(one, condition=condition)


def _r_to_z(contrast: Contrast) -> Iterator[Candidate]:
    statistic = statistic_beside(contrast)
    if statistic is None or statistic.family != "r":
        return
    r = rounding_interval(statistic.text)
    if max(abs(r.low), abs(r.high)) >= 1:
        return
    interval = Interval(math.atanh(r.low), math.atanh(r.high))
    value = math.atanh(value_of(statistic.text))
    yield _candidate(
        "estimate", "Fisher's z of the printed r", value, interval, f"r = {statistic.text}"
    )


# The ratio of two arithmetic means.


def _ratio(contrast: Contrast) -> Iterator[Candidate]:
    if names(contrast, r"\bgeometric|\blog|\bfold") or contrast.read.adjusted == "adjusted":
        return
    unsaid = "" if names(contrast, ROM) else ADJUSTMENT
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if (
            not (a.has_spread and b.has_spread)
            or min(a.mean_interval.low, b.mean_interval.low) <= 0
        ):
            continue
        for first, second, condition in ((a, b, ""), (b, a, "the sides are exchanged")):
            for one in _of_means(contrast, first, second):
                yield replace(
                    one,
                    condition=condition,
                    unsaid="; ".join(part for part in (unsaid, one.unsaid) if part),
                )


def _of_means(contrast: Contrast, a: Cell, b: Cell) -> Iterator[Candidate]:
    where = f"{a.described()}; {b.described()}"
    size = a.mean_interval / b.mean_interval
    yield _candidate("estimate", "ratio of means", a.mean_value / b.mean_value, size, where)
    if contrast.read.people == "same" or another_way(contrast, "interval", "exact"):
        return
    for quantity, sign in (("conf_low", -1.0), ("conf_high", 1.0)):
        if quantity in contrast.printed:
            one = at_level(contrast, quantity, partial(_end, (a, b), quantity, sign))
            unsaid = (
                "" if names(contrast, r"\bROM\b|\bRoM\b|\bdelta method\b") else "how was not read"
            )
            yield replace(one, unsaid="; ".join(part for part in (one.unsaid, unsaid) if part))


def _end(arms: tuple[Cell, Cell], quantity: str, sign: float, level: Interval) -> Candidate:
    """Return one end of the interval: exp of a function that is monotone in each number."""
    q = quantiles(level, exactly(math.inf))
    a, b = arms
    boxes = [a.mean_interval, a.sd_interval, b.mean_interval, b.sd_interval]
    corners = product(*((box.low, box.high) for box in boxes), (q.low, q.high))
    sizes = (float(a.n or 0), float(b.n or 0))
    at = (a.mean_value, a.sd_value, b.mean_value, b.sd_value)
    return _candidate(
        quantity,
        "ratio of means, delta method",
        _limit(sizes, sign, (*at, q.low)),
        hull(*(_limit(sizes, sign, corner) for corner in corners)),
        f"{a.described()}; {b.described()}",
    )


def _limit(sizes: tuple[float, float], sign: float, at: Sequence[float]) -> float:
    m1, s1, m2, s2, q = at
    error = math.sqrt(s1**2 / (sizes[0] * m1**2) + s2**2 / (sizes[1] * m2**2))
    return math.exp(math.log(m1 / m2) + sign * q * error)


CHECK = Check(
    name="effect_size_of_rows",
    title="SMCC, SMCR, ratio of means and Fisher's z from their rows",
    formula=FORMULA,
    reference="Becker 1988; Hedges et al., Ecology 1999;80:1150; Viechtbauer 2010",
    scope="contrast",
    run=run,
)
