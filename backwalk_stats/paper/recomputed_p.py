"""p recomputed from printed statistics over the rounding of each number, and the verdict on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product

from backwalk_stats.engine.numbers import chi_square_p, f_p, t_p, t_quantile, z_p
from backwalk_stats.ledger.reading.printed import (
    NOISE,
    Interval,
    parse_p,
    rounding_interval,
    unit_of,
    value_of,
)
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    NARROW_UNITS,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
    WIDE_P,
)

# Families whose two-sided p is twice the tail of one statistic: half of it is the one-sided p.
HALVED = frozenset({"t", "z", "r", "rho"})
NULL_AREA = 0.5
FACTOR = 3.0
# The fewest df that two arms of a trial leave: an interval without df may be Student's with these.
FEWEST_DF = 8.0
CANNOT_ALL = "these numbers cannot all be right"
NO_P = "no p printed: p is recomputed, there is nothing to compare it with"


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """An interval whose ends may be open: `< 0.05` does not hold 0.05.

    Attributes
    ----------
    low, high : float
        The ends.
    open_low, open_high : bool
        Whether the end itself is left out.
    value : float
        From the numbers at face value.
    """

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False
    value: float = math.nan

    def meets(self, other: Range) -> bool:
        """Tell whether the two share a point; ends that touch do when both are closed."""
        return _below(self.low, other.high, self.open_low or other.open_high) and _below(
            other.low, self.high, other.open_low or self.open_high
        )

    def holds(self, other: Range) -> bool:
        """Tell whether the other lies inside."""
        slack = NOISE * max(abs(self.high), abs(other.high))
        return self.low <= other.low + slack and other.high <= self.high + slack

    @property
    def interval(self) -> Interval:
        """Return the ends as a closed interval."""
        return Interval(self.low, self.high)


def _below(low: float, high: float, is_open: bool) -> bool:
    slack = NOISE * max(abs(low), abs(high)) if math.isfinite(low) and math.isfinite(high) else 0.0
    return low < high - slack if is_open else low <= high + slack


def printed_range(text: str, relation: str = "=") -> Range:
    """Return what a printed statistic can have been, with `<` and `>` as open bounds.

    Examples
    --------
    >>> printed_range("2.20").low, printed_range("1", "<").high
    (2.195, 1.5)
    """
    around = rounding_interval(text)
    value = value_of(text)
    if "<" in relation or relation == "≤":
        return Range(low=0.0, high=around.high, open_high=relation != "≤", value=value)
    if ">" in relation or relation == "≥":
        return Range(low=around.low, high=math.inf, open_low=relation != "≥", value=value)
    return Range(low=around.low, high=around.high, value=value)


def _size(value: Range) -> Range:
    """Return what the absolute value can be."""
    if value.low <= 0 <= value.high:
        return Range(
            low=0.0,
            high=max(-value.low, value.high),
            open_high=value.open_high,
            value=abs(value.value),
        )
    if value.high < 0:
        return Range(low=-value.high, high=-value.low, value=abs(value.value))
    return value


def _falling(tail: Callable[[float], float], size: Range) -> Range:
    """Return the p of a statistic whose p falls as it rises."""
    low = 0.0 if math.isinf(size.high) else tail(size.high)
    return Range(
        low=low,
        high=tail(size.low),
        open_low=size.open_high,
        open_high=size.open_low,
        value=tail(size.value),
    )


def test_p(family: str, value: Range, df: Sequence[float]) -> Range | None:
    """Return the two-sided p of a printed statistic; None where its df do not determine it.

    Parameters
    ----------
    family : str
        "t", "F", "z", "chi2", "Q", "H", "r", "rho".
    value : Range
        What the statistic can have been.
    df : sequence of float
        As printed: one for t, chi-square and r (n - 2), two for F.

    Returns
    -------
    Range or None
        r and rho go through t = r sqrt(df / (1 - r^2)).

    Examples
    --------
    >>> found = test_p("t", printed_range("2.20"), [28.0])
    >>> round(found.low, 5), round(found.high, 5)
    (0.03584, 0.03662)
    """
    size = _size(value)
    if family == "z":
        return _falling(lambda x: float(z_p(statistic=x)), size)
    if family == "F":
        if len(df) != 2:
            return None
        return _falling(lambda x: float(f_p(statistic=x, df_num=df[0], df_den=df[1])), size)
    if len(df) != 1:
        return None
    if family == "t":
        return _falling(lambda x: float(t_p(statistic=x, df=df[0])), size)
    if family in ("r", "rho"):
        return _falling(lambda x: float(t_p(statistic=_t_of_r(x, df[0]), df=df[0])), size)
    return _falling(lambda x: float(chi_square_p(statistic=x, df=df[0])), size)


test_p.__test__ = False  # type: ignore[attr-defined]


def _t_of_r(r: float, df: float) -> float:
    return math.inf if r >= 1 else r * math.sqrt(df / (1 - r * r))


def one_sided(both: Range) -> Range:
    """Return half of a two-sided p."""
    return Range(
        low=both.low / 2,
        high=both.high / 2,
        open_low=both.open_low,
        open_high=both.open_high,
        value=both.value / 2,
    )


def other_side(half: Range) -> Range:
    """Return the one-sided p when the effect lies on the side that was not expected."""
    return Range(low=1 - half.high, high=1 - half.low, value=1 - half.value)


def widened(found: Range, factor: float) -> Range:
    """Return a range whose ends may miss by a factor."""
    return Range(low=found.low / factor, high=min(found.high * factor, 1.0), value=found.value)


def corrected_f_p(value: Range, df: Sequence[float]) -> Range:
    """Return the p of an F when the df were corrected for sphericity and printed uncorrected.

    Epsilon of Greenhouse and Geisser (1959, Psychometrika 24:95) lies between 1 / df1 and 1.
    """
    ends = [test_p("F", value, [df[0] * eps, df[1] * eps]) for eps in _steps(1 / df[0], 1.0)]
    found = [one for one in ends if one is not None]
    return Range(low=min(p.low for p in found), high=max(p.high for p in found))


def _steps(low: float, high: float, count: int = 33) -> list[float]:
    return [low + (high - low) * step / (count - 1) for step in range(count)]


def interval_p(
    estimate: Range, low: Range, high: Range, *, level: float, df: float, scale: str
) -> Range | None:
    """Return the p of an estimate with its interval.

    p = 2 P(T > |estimate - null| / SE), SE = (high - low) / (2 q), with q of the level at df.

    Parameters
    ----------
    estimate, low, high : Range
        What the printed numbers can have been.
    level : float
        Confidence level, such as 0.95.
    df : float
        Of Student's t; infinite is the normal distribution.
    scale : str
        "ratio" (on the logarithm, null 1), "difference" (null 0), "auc" (null 0.5), "correlation"
        (on Fisher's z, null 0).

    Returns
    -------
    Range or None
        None where a number has no place on the scale or the interval may have no width.

    Examples
    --------
    >>> ends = [printed_range(text) for text in ("2.30", "1.10", "4.80")]
    >>> found = interval_p(*ends, level=0.95, df=float("inf"), scale="ratio")
    >>> round(found.low, 5), round(found.high, 5)
    (0.02573, 0.02767)
    """
    turned = [_on_scale(one, scale) for one in (estimate, low, high)]
    if any(one is None for one in turned):
        return None
    est, first, last = (one for one in turned if one is not None)
    if last.low - first.high <= 0:
        return None
    quantile = float(t_quantile(level=level, df=df))

    def tail(middle: float, bottom: float, top: float) -> float:
        statistic = abs(middle) / ((top - bottom) / (2 * quantile))
        return float(t_p(statistic=statistic, df=df))

    corners = [
        tail(*corner)
        for corner in product((est.low, est.high), (first.low, first.high), (last.low, last.high))
    ]
    # An estimate that may be the null itself has p = 1.
    top = 1.0 if est.low <= 0 <= est.high else max(corners)
    return Range(low=min(corners), high=top, value=tail(est.value, first.value, last.value))


def _on_scale(one: Range, scale: str) -> Range | None:
    if scale == "difference":
        return one
    if scale == "auc":
        return Range(low=one.low - 0.5, high=one.high - 0.5, value=one.value - NULL_AREA)
    if scale == "ratio":
        if one.low <= 0:
            return None
        return Range(low=math.log(one.low), high=math.log(one.high), value=math.log(one.value))
    if max(abs(one.low), abs(one.high)) >= 1:
        return None
    return Range(low=math.atanh(one.low), high=math.atanh(one.high), value=math.atanh(one.value))


def quotient_p(estimate: Range, error: Range, *, df: float) -> Range | None:
    """Return the p of an estimate and its standard error; None where the error may be 0."""
    if error.low <= 0:
        return None
    size = _size(estimate)
    tails = {
        name: float(t_p(statistic=a / b, df=df))
        for name, a, b in (
            ("low", size.high, error.low),
            ("high", size.low, error.high),
            ("value", size.value, error.value),
        )
    }
    return Range(low=tails["low"], high=tails["high"], value=tails["value"])


def rank_sum_p(u: Range, n1: int, n2: int) -> Range:
    """Return the p of Mann and Whitney's U by the normal distribution, no ties.

    From no correction for continuity to one of half a step (1947, Ann Math Stat 18:50).
    """
    middle, spread = n1 * n2 / 2, math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    far = max(abs(u.low - middle), abs(u.high - middle))
    near = 0.0 if u.low <= middle <= u.high else min(abs(u.low - middle), abs(u.high - middle))
    face = abs(u.value - middle)
    low, high, value = (
        float(z_p(statistic=max(x, 0.0) / spread)) for x in (far, near - 0.5, face - 0.5)
    )
    return Range(low=low, high=high, value=value)


def partial_eta_squared(value: Range, df: Sequence[float]) -> Range:
    """Return what partial eta squared can be: F df1 / (F df1 + df2), which rises with F.

    Examples
    --------
    >>> found = partial_eta_squared(printed_range("4.26"), [1.0, 44.0])
    >>> round(found.low, 4), round(found.high, 4)
    (0.0882, 0.0884)
    """
    low, high, face = (
        1.0 if math.isinf(f) else f * df[0] / (f * df[0] + df[1])
        for f in (max(value.low, 0.0), value.high, value.value)
    )
    return Range(low=low, high=high, value=face)


# The verdict --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What comes out for one printed number, and the verdict on it."""

    verdict: str
    reason: str
    found: Range | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedP:
    """A printed p as a range; `unit` is one unit of its last decimal, 0 for a bound."""

    text: str
    range: Range
    unit: float

    @property
    def is_bound(self) -> bool:
        """Tell whether `<`, `>`, "ns" or zeros were printed and not a number."""
        return self.unit == 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Recomputed:
    """A recomputed p, and others that hold under a condition that was not read.

    Attributes
    ----------
    main : Range
        By the numbers as printed.
    how : str
        What was computed from what, in words.
    excuses : tuple of (Range, str)
        Other values, each with its condition: where one fits, nothing is held against the paper.
    certain : bool
        False where a precondition was not read: the best is then `compatible`.
    doubt : str
        What was not read, for the reason.
    other_sides : tuple of (Range, str)
        The same for numbers alone: "ns" and `>` are not printed of a test on the wrong side.
    forgiven : str
        A condition under which nothing that does not fit can be called an error, or "".
    """

    main: Range
    how: str
    excuses: tuple[tuple[Range, str], ...] = ()
    other_sides: tuple[tuple[Range, str], ...] = ()
    certain: bool = True
    doubt: str = ""
    forgiven: str = ""


@dataclass(slots=True)
class Readings:
    """Conditions that are being collected: what would fit, and what forgives a misfit."""

    excuses: list[tuple[Range, str]] = field(default_factory=list)
    other_sides: list[tuple[Range, str]] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)


def compared(p: PrintedP, found: Recomputed) -> Outcome:
    """Return the verdict on a printed p against its recomputation.

    Parameters
    ----------
    p : PrintedP
        As printed.
    found : Recomputed
        The range by the numbers beside it, and what fits under conditions that were not read.
    """
    span = f"{found.how} gives p {span_of(found.main)}"
    if p.range.meets(found.main):
        return _agreement(p, found, span)
    others = found.excuses if p.is_bound else (*found.excuses, *found.other_sides)
    for other, condition in others:
        if p.range.meets(other):
            reason = f"{span}; {p.text} fits {condition}"
            return Outcome(verdict=COMPATIBLE, reason=reason, found=found.main)
    if found.forgiven:
        reason = f"{span}, not {p.text}, but {found.forgiven}"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=found.main)
    reason = f"outside what rounding allows: {span}, not {p.text}"
    return Outcome(verdict=NOT_REPRODUCED, reason=reason, found=found.main)


def _agreement(p: PrintedP, found: Recomputed, span: str) -> Outcome:
    main = found.main
    if not found.certain:
        reason = f"{span}: agrees; {found.doubt}"
        return Outcome(verdict=COMPATIBLE, reason=reason, found=main)
    if p.is_bound:
        inside = p.range.holds(main)
        reason = f"{span}: {'lies inside' if inside else 'rounding allows both sides of'} {p.text}"
        return Outcome(verdict=REPRODUCED if inside else COMPATIBLE, reason=reason, found=main)
    width = main.high - main.low
    strong = width <= min(NARROW_UNITS * p.unit, WIDE_P) * (1 + 1e-9)
    reason = f"{span}: inside what rounding allows"
    return Outcome(verdict=REPRODUCED if strong else COMPATIBLE, reason=reason, found=main)


def span_of(one: Range) -> str:
    """Return a range in three digits, one number where both ends print alike."""
    low, high = f"{one.low:.3g}", f"{one.high:.3g}"
    return low if low == high else f"{low} to {high}"


def printed_p(number: str, relation: str, *, level: float = 0.05) -> tuple[PrintedP | None, str]:
    """Return a printed p as a range, or what is wrong with it.

    Parameters
    ----------
    number : str
        As printed; "ns" for words.
    relation : str
        "", "<", ">", "≤" or "≥".
    level : float
        Above which "ns" means.

    Examples
    --------
    >>> printed_p("0.000", "")[0].range.high, printed_p(".000", "<")[1]
    (0.0005, 'no p-value is below .000')
    """
    if number == "ns":
        above = Range(low=level, high=1.0, open_low=True)
        return PrintedP(text="ns", range=above, unit=0.0), ""
    if not 0 <= value_of(number) <= 1:
        return None, f"a p-value lies between 0 and 1, not at {number}"
    if "<" in relation and value_of(number) == 0:
        return None, f"no p-value is below {number}"
    parsed = parse_p(f"p {relation or '='} {number}")
    if parsed is None:
        return None, ""
    ends = parsed.intervals[0]
    found = Range(low=ends.low, high=ends.high, open_low=relation == ">", open_high=relation == "<")
    unit = 0.0 if parsed.is_bound else unit_of(number)
    return PrintedP(text=relation + number, range=found, unit=unit), ""
