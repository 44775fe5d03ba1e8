"""What must have been read before a printed number may be failed; the one place that asks.

A check declares its needs as data. A need is met when a fitting word was read, unread when nothing
was, and otherwise something else was read: then the check does not apply. An unread need never
fails a number: the best that its row says is `compatible`, else `not_derivable` with the need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.ledger.reading.spellings import (
    CORRELATION,
    DIFFERENCE,
    RANK_CORRELATION,
    RATIOS,
    REGRESSION,
    STANDARDISED_REGRESSION,
)
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    COMPATIBLE,
    FAILURES,
    NOT_DERIVABLE,
    REPRODUCED,
    Candidate,
    Ruling,
)

ASKED = {
    "scale": "the scale of the effect",
    "level": "the level of the interval",
    "sides": "whether the test has one side or two",
    "null": "the value that the test speaks against",
    "role": "what the p is of",
    "people": "whether the sides are the same people",
    "model": "the model",
    "transformed": "whether scores were transformed",
    "adjusted": "whether the numbers are adjusted",
    "p_way": "the way to the p",
    "interval_way": "the way to the interval",
    "counted_test": "the model that the degrees of freedom belong to",
}
# Tests whose recomputed p is corrected for several comparisons already, or by design is not.
CORRECTED = frozenset({"bonferroni", "tukey", "lsd", "dunnett"})
CORRECTION_UNSAID = "how p was corrected for several comparisons is not said"
P_VALUE, STATISTIC = ("p_value",), ("p_value", "statistic")
ENDS = ("conf_low", "conf_high")
MEASURED = ("estimate", *ENDS, "std_error")


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One thing that must have been read.

    Attributes
    ----------
    of : str
        A field of `Readings` or `Scores`.
    fits : tuple of str
        The words with which the check applies; empty for any word.
    excludes : tuple of str
        Words with which it does not apply; then nothing need have been read.
    quantities : tuple of str
        The printed numbers that rest on it; empty for all.
    """

    of: str
    fits: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()


NOT_OF_THE_EFFECT = (
    "heterogeneity",
    "trend",
    "assumption",
    "time",
    "comparison of correlations",
)
# The p and the statistic of an effect, by a test of no difference that prints determine.
OF_AN_EFFECT = (
    Need(of="role", excludes=NOT_OF_THE_EFFECT, quantities=STATISTIC),
    Need(of="p_way", excludes=("resampled", "bayes", "exact"), quantities=P_VALUE),
    Need(of="sides", quantities=P_VALUE),
    Need(of="null", fits=("0",), quantities=STATISTIC),
)
# The two ends of an interval by a standard error.
OF_AN_INTERVAL = (
    Need(of="interval_way", excludes=("resampled", "bayes", "interval"), quantities=ENDS),
    Need(of="level", quantities=ENDS),
)
# Scales on which a difference of means says nothing of the p.
NOT_OF_MEANS = (
    *RATIOS,
    "log ratio",
    "ratio of odds ratios",
    "win ratio",
    "another ratio",
    "percent difference",
    "risk difference",
    "median difference",
    "auc",
    "icc",
    "kappa",
    CORRELATION,
    RANK_CORRELATION,
    "partial correlation",
    REGRESSION,
    STANDARDISED_REGRESSION,
)
OF_RAW_MEANS = (
    Need(of="scale", fits=(DIFFERENCE,), quantities=MEASURED),
    Need(of="scale", excludes=NOT_OF_MEANS, quantities=STATISTIC),
    Need(of="adjusted", fits=("crude",)),
    Need(of="model", excludes=("mixed",)),
    Need(of="transformed", excludes=("transformed",)),
)
OF_TWO_GROUPS = (*OF_RAW_MEANS, Need(of="people", fits=("different",)))
OF_THE_SAME_PEOPLE = (*OF_RAW_MEANS, Need(of="people", fits=("same",)))


class Read(Protocol):
    """What was read of a case: `Readings` of a comparison, `Scores` of an arm."""

    @property
    def corrections(self) -> frozenset[str]:
        """Return the corrections of a p that are spoken of."""

    def word(self, of: str) -> str:
        """Return what was read of a condition; "" where it was not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """What is missing for a check to speak, in words; "" where nothing is.

    Attributes
    ----------
    unread, other : str
        Needs that were not read, and those that were read to be something else.
    strange : str
        Words about the case that were not understood: they keep a failure away, nothing else.
    """

    unread: str = ""
    other: str = ""
    strange: str = ""

    @property
    def missing(self) -> str:
        """Return everything that keeps a failure away."""
        return "; ".join(part for part in (self.unread, self.strange) if part)


def weighed(needs: Sequence[Need], read: Read, quantity: str) -> Weighed:
    """Return which needs of a check are unread, and which are read to be something else."""
    unread, other = [], []
    for need in needs:
        if need.quantities and quantity not in need.quantities:
            continue
        if need.of == "sides":  # both are recomputed: see `by_sides`
            continue
        word = read.word(need.of)
        asked = ASKED.get(need.of, need.of)
        if word and (word in need.excludes or (need.fits and word not in need.fits)):
            other.append(f"{asked}: {word}")
        elif not word and not need.excludes:
            unread.append(asked)
    return Weighed(unread=_listed(unread), other="; ".join(other))


def _listed(unread: Sequence[str]) -> str:
    return f"not read: {'; '.join(unread)}" if unread else ""


def by_sides(one: Candidate, needs: Sequence[Need], read: Read) -> list[Candidate]:
    """Return a two-sided p as what it is with the sides that were read, or with either.

    A one-sided p is half the two-sided one, or 1 less that half where the effect lies on the side
    that was not expected.
    """
    asks = any(need.of == "sides" and one.quantity in need.quantities for need in needs)
    sides = read.word("sides")
    if not asks or sides == "two":
        return [one]
    half = Interval(one.interval.low / 2, one.interval.high / 2)
    tail = replace(one, value=one.value / 2, interval=half, label=f"{one.label}, one-sided")
    other = replace(tail, value=1 - tail.value, interval=Interval(1 - half.high, 1 - half.low))
    if sides == "one":
        return [tail, other]
    unread = [replace(each, condition="the test is one-sided") for each in (tail, other)]
    return [one, *unread]


def prepared(
    one: Candidate,
    needs: Sequence[Need],
    read: Read,
    found: Weighed,
) -> list[Candidate]:
    """Return a check's recomputation with what is unread said, by the sides that were read."""
    said = [one.unsaid, found.missing]
    several = one.quantity == "p_value" and "several" in read.corrections
    corrected = several and one.test not in CORRECTED
    said += [CORRECTION_UNSAID] if corrected else []
    whole = replace(one, unsaid="; ".join(part for part in said if part))
    ready = by_sides(whole, needs, read)
    if corrected:
        larger = Interval(one.interval.low, 1.0)
        ready.append(replace(whole, interval=larger, condition="p is corrected for other tests"))
    return ready


def tempered(ruling: Ruling, found: Weighed) -> Ruling:
    """Return a check's ruling as strong as what was read allows."""
    if found.missing and ruling.verdict in FAILURES:
        reason = ruling.reason.replace(f"; {CANNOT_ALL_BE_RIGHT}", "")
        told = f"{found.missing}; only if it is as this check takes it: {reason}"
        return replace(ruling, verdict=NOT_DERIVABLE, reason=told)
    if not found.unread:
        return ruling
    verdict = COMPATIBLE if ruling.verdict == REPRODUCED else ruling.verdict
    return replace(ruling, verdict=verdict, reason=f"{ruling.reason}; {found.unread}")
