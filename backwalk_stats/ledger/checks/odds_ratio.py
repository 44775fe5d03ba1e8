"""Crude odds ratio of the printed counts, with Woolf's interval.

OR = a d / (b c), SE(log OR)^2 = 1/a + 1/b + 1/c + 1/d (Woolf, Ann Hum Genet 1955;19:251); with 0.5
in every cell where one is empty (Haldane 1956), or in any table (Anscombe 1956). An adjusted odds
ratio is not determined by the counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.stats.contingency import odds_ratio as conditional_odds_ratio

from backwalk_stats.engine.numbers import Estimate
from backwalk_stats.engine.summary.proportions import Counts, odds_ratio
from backwalk_stats.ledger.beside import (
    OF_THE_EFFECT,
    SIDES,
    another_way,
    at_level,
    corrected,
    said,
)
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, exactly, hull, is_number
from backwalk_stats.ledger.reading.spellings import ODDS_RATIO
from backwalk_stats.ledger.verdict import Candidate
from backwalk_stats.software import computes_with

FORMULA = "OR = a d / (b c); interval: exp(log OR +- z sqrt(1/a + 1/b + 1/c + 1/d))"
NOT_OF_ONE_TABLE = (
    r"\bproportional odds|\bcommon\b|\bordinal|\bmantel|\bpeto\b|\bstratif|\bGEEs?\b|\bmixed\b"
    r"|\bconditional\b|\bmatched\b|\bper (?:unit|point|SD|year|cm)\b"
)
OF_COUNTS = frozenset({"fisher", "chi_square", "yates"})
WALD = r"\bwald\b|\bwoolf\b"
ADJUSTMENT = "whether the odds ratio is adjusted was not read"
NO_TEST = "the source names no test, and p by Wald, Fisher or chi-square differ"
NO_INTERVAL = "the kind of interval (Woolf, profile, exact) was not read"
FEW = 5  # below so many in a cell the kinds of interval differ by more than that
SLACK = 0.5  # standard errors by which profile, score and exact limits differ from Woolf's
ROUND = "the sides, or the event, are exchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """One way to an odds ratio: 0.5 added or not, the sides as printed or exchanged."""

    label: str
    counts: Counts
    added: float | None
    condition: str = ""

    def at(self, level: float) -> Estimate:
        """Return the odds ratio with its interval at a level."""
        return odds_ratio(self.counts, level=level, added=self.added)


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the odds ratio of two arms that print counts, its interval and its p."""
    if contrast.read.scale != ODDS_RATIO or another_way(contrast, "resampled", "bayes"):
        return
    if re.search(NOT_OF_ONE_TABLE, said(contrast), re.IGNORECASE):
        return
    unsaid = ADJUSTMENT
    if contrast.read.adjusted == "crude" or contrast.read.test.keys & OF_COUNTS:
        unsaid = ""
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if not (a.is_count and b.is_count):
            continue
        inputs = f"{a.described_as_count()}; {b.described_as_count()}"
        for one in _recomputed(contrast, a, b):
            yield replace(
                one,
                inputs=inputs,
                unsaid="; ".join(part for part in (unsaid, one.unsaid) if part),
            )


def _recomputed(contrast: Contrast, a: Cell, b: Cell) -> Iterator[Candidate]:
    ways = list(_ways(a, b))
    for way in ways:
        yield _candidate("estimate", way, exactly(float(way.at(0.95).estimate)))
    yield from _conditional(ways)
    exact = another_way(contrast, "exact", "interval") or corrected(contrast)
    for quantity in () if exact else ("conf_low", "conf_high"):
        if is_number(contrast.printed.get(quantity, "")):
            yield from _ends(contrast, ways, quantity)
    # With an interval beside it p is `ratio_interval_to_p`'s to say.
    if not contrast.read.test.keys and not exact and "conf_low" not in contrast.printed:
        for way in (one for one in ways if not one.condition):
            found = _candidate("p_value", way, exactly(float(way.at(0.95).p_value)))
            named = re.search(WALD, said(contrast), re.IGNORECASE)
            yield replace(found, unsaid="" if named else NO_TEST)


def _ways(a: Cell, b: Cell) -> Iterator[_Way]:
    """Yield the ways to the odds ratio of two arms; none where all or none had the event."""
    n1, n2 = a.n or 0, b.n or 0
    as_printed = Counts(events1=float(a.mean), n1=n1, events2=float(b.mean), n2=n2)
    turned = Counts(events1=float(b.mean), n1=n2, events2=float(a.mean), n2=n1)
    if not as_printed.table.sum(axis=0).all():
        return
    empty = not as_printed.table.all()
    half = "0.5 was added to every cell"
    for counts, condition in ((as_printed, ""), (turned, ROUND)):
        yield _Way(label="odds ratio", counts=counts, added=None, condition=condition)
        if not empty:
            also = "; ".join(part for part in (half, condition) if part)
            yield _Way(label="odds ratio, 0.5 added", counts=counts, added=0.5, condition=also)


def _conditional(ways: list[_Way]) -> Iterator[Candidate]:
    """Yield the conditional estimate, which R's Fisher test prints, as a condition."""
    for way in (one for one in ways if one.added is None):
        computes_with("scipy")
        found = float(conditional_odds_ratio(way.counts.table.astype(int)).statistic)
        if np.isfinite(found):
            one = _candidate("estimate", way, exactly(found))
            reason = "it is the conditional estimate of Fisher's test"
            yield replace(one, condition=reason)


def _ends(contrast: Contrast, ways: list[_Way], quantity: str) -> Iterator[Candidate]:
    """Yield one end by Woolf; where he is not named, others of his kind as a condition."""
    named = re.search(WALD, said(contrast), re.IGNORECASE) is not None
    small = not named and min((float(one.counts.table.min()) for one in ways), default=0.0) < FEW
    for way in ways:
        one = at_level(contrast, quantity, partial(_end, way, quantity, 0.0))
        unsaid = "; ".join(part for part in (one.unsaid, NO_INTERVAL if small else "") if part)
        yield replace(one, unsaid=unsaid)
        if not named and not small:
            wide = at_level(contrast, quantity, partial(_end, way, quantity, SLACK))
            yield replace(wide, condition="the interval is not Woolf's")


def _end(way: _Way, quantity: str, slack: float, level: Interval) -> Candidate:
    found = [way.at(one) for one in (level.low, level.high)]
    ends = [float(getattr(one, quantity)) for one in found]
    factor = float(np.exp(slack * float(found[0].std_error)))
    low, high = min(ends) / factor, max(ends) * factor
    return replace(_candidate(quantity, way, hull(low, high)), value=ends[0])


def _candidate(quantity: str, way: _Way, interval: Interval) -> Candidate:
    return Candidate(
        quantity=quantity,
        value=interval.middle,
        interval=interval,
        test="odds_ratio" if quantity == "estimate" else "interval",
        label=way.label,
        inputs="",
        formula=FORMULA,
        condition=way.condition,
    )


CHECK = Check(
    name="odds_ratio",
    title="Odds ratio from counts",
    formula=FORMULA,
    reference="Woolf, Ann Hum Genet 1955;19:251; Haldane, Ann Hum Genet 1956;20:309",
    scope="contrast",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("adjusted",)),
        Need(of="people", excludes=("same",)),
        SIDES,
        OF_THE_EFFECT,
    ),
)
