"""The statistics of a text, each recomputed: `bw.check_text`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from backwalk_stats.errors import UsageError
from backwalk_stats.ledger.printed_p import parse_p
from backwalk_stats.ledger.rounding import unit_of, value_of
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
)
from backwalk_stats.paper import recomputed_p as again
from backwalk_stats.paper.plain_text import plain_text
from backwalk_stats.paper.printed_patterns import EFFECTS
from backwalk_stats.paper.reading_conditions import Conditions, conditions_of
from backwalk_stats.paper.recomputed_p import Range, printed_range
from backwalk_stats.paper.statistics_in_text import TextResult, statistics_in_text

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "text", "statistic", "df1", "df2", "value", "reported_p", "recomputed", "recomputed_low",
    "recomputed_high", "verdict", "reason", "quantity", "relation", "ci_low", "ci_high", "ci_level",
    "sided", "position", "printed", "printed_low", "printed_high", "printed_df",
)  # fmt: skip
FACTOR = 3.0
# The fewest df that two arms of a trial leave: an interval without df can be Student's with these.
FEWEST_DF = 8.0
_SCALES = {name: scale for name, _, scale in EFFECTS}
_TESTS = frozenset({"t", "F", "z", "chi2", "Q", "H", "r", "rho"})
_NARROW, _WIDE_P = 10.0, 0.05
CANNOT_ALL = "these numbers cannot all be right"
NO_P = "no p printed: p is recomputed, there is nothing to compare it with"


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
        Other values, each with its condition: where one fits, nothing can be held against the paper.
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
class _Found:
    excuses: list[tuple[Range, str]] = field(default_factory=list)
    other_sides: list[tuple[Range, str]] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)


def check_text(text: str) -> pd.DataFrame:
    """Return the statistics that stand in a text, each recomputed from the numbers beside it.

    Parameters
    ----------
    text : str
        Running text: an abstract, a results section; plain, Markdown, LaTeX or HTML.

    Returns
    -------
    DataFrame
        One row per statistic, in order: `text` as printed, `statistic` ("t", "F", "chi2", "OR",
        ...; "" for a p-value alone), `df1`, `df2`, `value`, `reported_p` as printed ("<0.05",
        "ns"), `recomputed` with its range over the rounding of every printed number, `verdict`
        (`reproduced`, `compatible`, `not_reproduced`, `inputs_inconsistent`, `not_derivable`) and
        `reason`. Then `quantity` (what was recomputed: "p_value", "partial_eta_squared",
        "statistic", "percent"), `relation`, `ci_low`, `ci_high`, `ci_level`, `sided`, `position`, and
        the numbers as text: `printed`, `printed_low`, `printed_high`, `printed_df`.

    Raises
    ------
    UsageError
        When something else than text is given.

    Notes
    -----
    Both half-up and half-even rounding are allowed, `4.80` and `4.8` differ, and `<` and `>` are
    open bounds. A verdict against a paper needs sides, df, level and scale to be read; where one is
    not, the reason names the condition.

    Examples
    --------
    >>> found = check_text("Pain fell, t(28) = 2.20, p = .036; sway did not, F(1, 28) = 4.84, p = .63.")
    >>> found[["statistic", "value", "reported_p", "verdict"]].values.tolist()
    [['t', 2.2, '.036', 'reproduced'], ['F', 4.84, '.63', 'not_reproduced']]
    """
    import pandas as pd

    if not isinstance(text, str):
        raise UsageError(f"expected text, found {type(text).__name__}; a table goes to check_table")
    return pd.DataFrame(list(text_rows(text)), columns=list(COLUMNS))


def text_rows(text: str) -> Iterator[dict[str, object]]:
    """Yield the rows of `check_text`."""
    plain = plain_text(text)
    for result in statistics_in_text(plain):
        yield from _rows(result, plain.text, plain.first[result.start])


def _rows(result: TextResult, whole: str, position: int) -> Iterator[dict[str, object]]:
    said = conditions_of(result, whole)
    for quantity, statistic, value, outcome in _checks(result, said):
        found, interval, p = outcome.found, result.interval, result.p
        df = [*_degrees(result), math.nan, math.nan]
        yield {
            "text": result.text,
            "statistic": statistic,
            "df1": df[0],
            "df2": df[1],
            "value": value_of(value) if value else math.nan,
            "reported_p": _reported(result) if p and quantity == "p_value" else "",
            "recomputed": found.value if found else math.nan,
            "recomputed_low": found.low if found else math.nan,
            "recomputed_high": found.high if found else math.nan,
            "verdict": outcome.verdict,
            "reason": outcome.reason,
            "quantity": quantity,
            "relation": result.main["relation"] or ("=" if value else ""),
            "ci_low": value_of(interval["low"]) if interval else math.nan,
            "ci_high": value_of(interval["high"]) if interval else math.nan,
            "ci_level": value_of(interval["level"]) if interval and interval["level"] else math.nan,
            "sided": said.sides,
            "position": position,
            "printed": value,
            "printed_low": interval["low"] if interval else "",
            "printed_high": interval["high"] if interval else "",
            "printed_df": ", ".join(result.df),
        }


def _reported(result: TextResult) -> str:
    p = result.p
    if p is None:
        return ""
    if p["ns"]:
        return "ns"
    relation = p["relation"].replace(" ", "")
    return ("" if relation in ("", "=", ":") else relation) + p["value"]


def _checks(
    result: TextResult, said: Conditions
) -> Iterator[tuple[str, str, str, Outcome]]:
    """Yield quantity, statistic, value as printed, and what comes out."""
    main = result.main
    if result.kind == "mean":
        text = "a mean and its SD alone determine nothing"
        yield "mean", "mean", main["mean"], Outcome(verdict=NOT_DERIVABLE, reason=text)
        return
    if result.kind == "median":
        yield "median", "median", main["median"], _median(result)
        return
    if result.kind == "count":
        yield "percent", "percent", main["percent"], _percent(result)
        return
    if result.kind == "eta":
        text = "the F that it belongs to does not stand beside it"
        yield "eta_squared", "eta2", main["value"], Outcome(verdict=NOT_DERIVABLE, reason=text)
        return
    yield "p_value", result.statistic, main["value"] if result.kind != "p" else "", _p_outcome(
        result, said
    )
    if result.eta is not None and len(result.df) == 2:
        yield _eta(result)
    if result.kind == "test" and result.statistic == "t" and result.standard_error and result.beside:
        yield _quotient(result)
    if result.kind == "test" and result.statistic == "t" and result.interval and len(result.df) == 1:
        yield _interval_beside(result, said)


def _p_outcome(result: TextResult, said: Conditions) -> Outcome:
    impossible = _impossible(result)
    if impossible:
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=f"{impossible}; {CANNOT_ALL}")
    p, fault = _printed_p(result, said)
    if fault:
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=fault)
    again_found, why_not = _recomputed(result, said)
    if again_found is None:
        return Outcome(verdict=NOT_DERIVABLE, reason=why_not)
    if p is None:
        reason = f"{again_found.how}; {NO_P}"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=again_found.main)
    if said.role and result.kind != "test":
        reason = f"the printed p is for {said.role}, not for the effect"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=again_found.main)
    return compared(p, again_found)


def _printed_p(result: TextResult, said: Conditions) -> tuple[PrintedP | None, str]:
    """Return the printed p, or what is wrong with it."""
    if result.p is None:
        return None, ""
    text = _reported(result)
    if text == "ns":
        open_low = Range(low=said.level, high=1.0, open_low=True)
        return PrintedP(text="ns", range=open_low, unit=0.0), ""
    number = result.p["value"]
    if not 0 <= value_of(number) <= 1:
        return None, f"a p-value lies between 0 and 1, not at {number}"
    relation = text[: -len(number)]
    if "<" in relation and value_of(number) == 0:
        return None, f"no p-value is below {number}"
    parsed = parse_p(f"p {relation or '='} {number}")
    if parsed is None:
        return None, ""
    ends = parsed.intervals[0]
    found = Range(
        low=ends.low,
        high=ends.high,
        open_low=relation == ">",
        open_high=relation == "<",
    )
    unit = 0.0 if parsed.is_bound else unit_of(number)
    return PrintedP(text=text, range=found, unit=unit), ""


def compared(p: PrintedP, found: Recomputed) -> Outcome:
    """Return the verdict on a printed p against its recomputation.

    Parameters
    ----------
    p : PrintedP
        As printed.
    found : Recomputed
        The range by the numbers beside it, and what fits under conditions that were not read.
    """
    span = f"{found.how} gives p {_span(found.main)}"
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
    strong = width <= min(_NARROW * p.unit, _WIDE_P) * (1 + 1e-9)
    reason = f"{span}: inside what rounding allows"
    return Outcome(verdict=REPRODUCED if strong else COMPATIBLE, reason=reason, found=main)


def _span(one: Range) -> str:
    low, high = f"{one.low:.3g}", f"{one.high:.3g}"
    return low if low == high else f"{low} to {high}"


# What a result determines ------------------------------------------------------------------------


def _recomputed(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    if result.kind == "p":
        return None, "nothing printed determines p"
    if result.kind == "effect":
        return _of_effect(result, said)
    if result.statistic == "U":
        return _of_rank_sum(result, said)
    if result.statistic not in _TESTS:
        return None, f"nothing printed determines p: {result.statistic} needs a table and its sizes"
    return _of_test(result, said)


def _degrees(result: TextResult) -> list[float]:
    """Return the df as printed; of a correlation n - 2 where n is printed and df are not."""
    df = [value_of(one) for one in result.df]
    if not df and result.statistic in ("r", "rho") and len(set(result.sizes)) == 1:
        return [value_of(result.sizes[0]) - 2]
    return df


def _of_test(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    family, df = result.statistic, _degrees(result)
    value = printed_range(result.main["value"], result.main["relation"])
    if family in ("r", "rho"):
        value = Range(
            low=max(value.low, -1.0), high=min(value.high, 1.0), open_low=value.open_low,
            open_high=value.open_high, value=value.value,
        )  # fmt: skip
    needed = {"F": 2, "z": 0}.get(family, 1)
    if family == "z":
        df = []
    if len(df) != needed:
        words = "no df printed" if not df else f"{family} has {needed} df, not {len(df)}"
        return None, f"nothing printed determines p: {words}"
    both = again.test_p(family, value, df)
    if both is None:
        return None, "nothing printed determines p"
    how = _words(family, result, df)
    found = _Found()
    halves = family in again.HALVED or (df and df[0] == 1 and family in ("F", "chi2"))
    main = both
    if said.sides == "one" and family in again.HALVED:
        main, how = again.one_sided(both), f"{how}, one-sided,"
        found.excuses.append((again.other_side(main), "the other side"))
        if not said.firm:
            found.excuses.append((both, "the two-sided test; one-sided may be said of another"))
    elif said.sides != "two" and halves:
        half = again.one_sided(both)
        found.excuses.append((half, "the one-sided test; the sides are not said"))
        found.other_sides.append((again.other_side(half), "the one-sided test on the other side"))
    _rounded_degrees(found, result, family, value, df, main)
    _conditions(found, result, said, family, value, df, main)
    return _put_together(main, how, found, result), ""


def _words(family: str, result: TextResult, df: Sequence[float]) -> str:
    inside = f"({', '.join(f'{one:g}' for one in df)})" if df else ""
    relation = result.main["relation"] if result.main["relation"] in "<>≤≥" else "="
    return f"{family}{inside} {relation} {result.main['value']}"


def _rounded_degrees(
    found: _Found, result: TextResult, family: str, value: Range, df: Sequence[float], main: Range
) -> None:
    """Allow df of Welch or Satterthwaite that were rounded for print."""
    if family not in ("t", "F"):
        return
    texts = result.df
    ends: list[tuple[float, ...]] = []
    for place, one in enumerate(df):
        whole = "." not in texts[place]
        exact = whole and family == "F" and place == 0
        step = 0.0 if exact else unit_of(texts[place]) / 2
        ends.append((max(one - step, 0.05), one + step))
    ranges = [again.test_p(family, value, list(corner)) for corner in product(*ends)]
    known = [one for one in ranges if one is not None]
    scale = main.value / both.value if (both := again.test_p(family, value, df)) and both.value else 1.0
    found.excuses.append(
        (
            Range(low=min(p.low for p in known) * scale, high=max(p.high for p in known) * scale),
            "df that were rounded for print (Welch, Satterthwaite)",
        )
    )


def _conditions(
    found: _Found,
    result: TextResult,
    said: Conditions,
    family: str,
    value: Range,
    df: Sequence[float],
    main: Range,
) -> None:
    if said.several:
        found.excuses.append(
            (Range(low=main.low, high=1.0), "a correction for several comparisons, which is spoken of")
        )
    if family == "F" and df[0] > 1 and said.repeated:
        spread = again.corrected_f_p(value, df)
        found.excuses.append((spread, "df corrected for sphericity and printed uncorrected"))
    if family == "rho":
        condition = "the exact distribution of rho, or another approximation than t"
        found.excuses.append((again.widened(main, FACTOR), condition))
        if df[0] < 8:
            found.forgiven.append("rho of so few pairs has an exact distribution")
    if family == "H":
        condition = "the exact distribution of H, or ties"
        found.excuses.append((again.widened(main, FACTOR), condition))
    if family == "chi2" and said.exact:
        found.forgiven.append("an exact or corrected test is spoken of")
    if result.main["comma"]:
        found.forgiven.append("its comma may part thousands or be a decimal mark")
    if said.resampled:
        found.forgiven.append("resampling or Bayesian methods are spoken of")
    if family in ("r",) and not result.df:
        found.excuses.append((again.widened(main, 1.0), "n of the table"))


def _put_together(main: Range, how: str, found: _Found, result: TextResult) -> Recomputed:
    forgiven = list(found.forgiven)
    if result.loose:
        forgiven.append("words stand between the two: the p may be that of another test")
    doubt = "words stand between the two" if result.loose else ""
    return Recomputed(
        main=main,
        how=how,
        excuses=tuple(found.excuses),
        other_sides=tuple(found.other_sides),
        certain=not result.loose,
        doubt=doubt,
        forgiven="; ".join(forgiven),
    )


def _of_rank_sum(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    sizes = [*result.df, *result.sizes]
    if len(sizes) != 2 or any(not one.isdigit() or int(one) < 2 for one in sizes):
        return None, "nothing printed determines p: U needs the sizes of both arms"
    n1, n2 = (int(one) for one in sizes)
    main = again.rank_sum_p(printed_range(result.main["value"]), n1, n2)
    found = _Found()
    found.excuses.append((again.widened(main, FACTOR), "ties or the exact distribution"))
    if said.sides != "two":
        half = again.widened(again.one_sided(main), FACTOR)
        found.excuses.append((half, "the one-sided test; the sides are not said"))
    if n1 + n2 < 12:
        found.forgiven.append("so few people need the exact distribution")
    if said.resampled:
        found.forgiven.append("resampling is spoken of")
    whole = _put_together(main, f"U = {result.main['value']} of {n1} and {n2}", found, result)
    return Recomputed(
        main=whole.main, how=whole.how, excuses=whole.excuses, certain=False,
        doubt="ties are not printed", forgiven=whole.forgiven,
    ), ""  # fmt: skip


def _of_effect(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    scale = _SCALES.get(result.statistic, "")
    interval, error = result.interval, result.standard_error
    if scale in ("bounded", "ranks") or result.statistic == "mean":
        return None, f"nothing printed determines p: an interval of a {result.statistic} is no test"
    if interval is None:
        if error is None or not result.main["value"]:
            return None, "nothing printed determines p: no interval, standard error or test"
        return _of_quotient(result, said)
    if said.other_interval:
        return None, "the interval is no confidence interval by a standard error"
    parts = [printed_range(text) for text in (result.main["value"], interval["low"], interval["high"])]
    level = value_of(interval["level"]) / 100 if interval["level"] else 0.95
    df = value_of(result.df[0]) if len(result.df) == 1 else math.inf
    main = again.interval_p(*parts, level=level, df=df, scale=scale or "difference")
    if main is None:
        return None, "the printed interval is too coarse, or has no place on the scale"
    found = _Found()
    _effect_conditions(found, result, said, parts, scale, level, df, main)
    name = result.statistic or "the estimate"
    words = f"{name} {result.main['value']} ({level:.0%} CI {interval['low']} to {interval['high']})"
    together = _put_together(main, words, found, result)
    doubts = [together.doubt] if together.doubt else []
    doubts += [] if interval["level"] else ["the level of the interval is not said, read as 95 %"]
    doubts += [] if scale else ["what was estimated is not said, read as a difference"]
    return Recomputed(
        main=main,
        how=together.how,
        excuses=together.excuses,
        certain=not doubts,
        doubt="; ".join(doubts),
        forgiven="; ".join([*doubts, together.forgiven] if doubts else [together.forgiven]).strip("; "),
    ), ""


def _effect_conditions(
    found: _Found,
    result: TextResult,
    said: Conditions,
    parts: Sequence[Range],
    scale: str,
    level: float,
    df: float,
    main: Range,
) -> None:
    if said.sides != "two":
        found.excuses.append((again.one_sided(main), "the one-sided test; the sides are not said"))
    if said.several:
        found.excuses.append(
            (Range(low=main.low / FACTOR, high=1.0), "a correction for several comparisons")
        )
    if math.isinf(df):
        near = again.widened(main, FACTOR)
        found.excuses.append((near, "no df printed: read as normal, a factor of three is allowed"))
        student = again.interval_p(*parts, level=level, df=FEWEST_DF, scale=scale or "difference")
        if scale != "ratio" and student is not None:
            spread = Range(low=min(main.low, student.low), high=max(main.high, student.high))
            found.excuses.append((spread, "few df, which are not printed"))
    if not _symmetric(parts, scale):
        found.forgiven.append("the interval is not symmetric about its estimate: another method")
    if scale == "auc":
        found.forgiven.append("the test of an area has the standard error under 0.5")
    if said.margin:
        found.forgiven.append("a margin is spoken of: the p may be against it")
    if said.resampled or said.exact:
        found.forgiven.append("exact or resampling methods are spoken of")


def _symmetric(parts: Sequence[Range], scale: str) -> bool:
    """Tell whether an estimate can be the middle of its interval, on the logarithm for a ratio."""
    estimate, low, high = parts
    if scale == "ratio":
        if low.low <= 0 or estimate.low <= 0:
            return True
        middle = [math.sqrt(low.low * high.low), math.sqrt(low.high * high.high)]
    else:
        middle = [(low.low + high.low) / 2, (low.high + high.high) / 2]
    return middle[0] <= estimate.high + 1e-12 and estimate.low <= middle[1] + 1e-12


def _of_quotient(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    error = result.standard_error
    assert error is not None
    df = value_of(result.df[0]) if len(result.df) == 1 else math.inf
    scale = _SCALES.get(result.statistic, "")
    if scale == "ratio":
        return None, "nothing printed determines p: the scale of the standard error is not said"
    main = again.quotient_p(
        printed_range(result.main["value"]), printed_range(error["se"]), df=df
    )
    if main is None:
        return None, "the printed standard error is too coarse"
    found = _Found()
    if said.sides != "two":
        found.excuses.append((again.one_sided(main), "the one-sided test; the sides are not said"))
    if math.isinf(df):
        near = Range(low=main.low / FACTOR, high=min(main.high * FACTOR, 1.0))
        found.excuses.append((near, "no df printed: read as normal, a factor of three is allowed"))
        few = again.quotient_p(
            printed_range(result.main["value"]), printed_range(error["se"]), df=FEWEST_DF
        )
        if few is not None:
            found.excuses.append((Range(low=main.low, high=few.high), "few df, which are not printed"))
    if said.several:
        found.excuses.append((Range(low=main.low, high=1.0), "a correction for several comparisons"))
    if said.resampled or said.margin:
        found.forgiven.append("another method or null is spoken of")
    name = result.statistic or "estimate"
    words = f"{name} / SE = {result.main['value']} / {error['se']}"
    return _put_together(main, words, found, result), ""


# What cannot be, and what stands beside a test ---------------------------------------------------


def _impossible(result: TextResult) -> str:
    """Return what is impossible in a result's own numbers, or ""."""
    if result.kind == "test":
        return _impossible_test(result)
    if result.kind != "effect" or result.interval is None or not result.main["value"]:
        return ""
    if not result.statistic:
        return ""
    parts = (result.main["value"], result.interval["low"], result.interval["high"])
    estimate, low, high = (printed_range(text) for text in parts)
    if low.low > high.high:
        low, high = high, low
    if estimate.high < low.low or estimate.low > high.high:
        return f"the interval {parts[1]} to {parts[2]} does not hold its estimate {parts[0]}"
    if _SCALES.get(result.statistic) == "ratio" and (estimate.high < 0 or low.high < 0):
        return f"a ratio is not negative: {parts[0]} ({parts[1]} to {parts[2]})"
    return ""


def _impossible_test(result: TextResult) -> str:
    value = printed_range(result.main["value"], result.main["relation"])
    family = result.statistic
    if any(value_of(one) <= 0 for one in result.df):
        return f"{family} has more than 0 degrees of freedom, not {', '.join(result.df)}"
    if family in ("F", "chi2", "Q", "H", "U", "W") and value.high < 0:
        return f"{family} is never below 0, not {result.main['value']}"
    if family in ("r", "rho", "tau") and "=" in (result.main["relation"] or "="):
        if value.low > 1 or value.high < -1:
            return f"{family} lies between -1 and 1, not at {result.main['value']}"
    sizes = [int(float(one)) for one in result.sizes]
    if family == "t" and len(sizes) == 1 and value_of(result.df[0] if result.df else "0") >= sizes[0] > 0:
        # n of one arm may stand beside the t of both.
        return ""
    return ""


def _eta(result: TextResult) -> tuple[str, str, str, Outcome]:
    eta = result.eta
    assert eta is not None
    value = printed_range(result.main["value"], result.main["relation"])
    df = [value_of(one) for one in result.df]
    found = again.partial_eta_squared(value, df)
    if any("." in one for one in result.df):
        corners = product(*((printed_range(t).low, printed_range(t).high) for t in result.df))
        others = [again.partial_eta_squared(value, corner) for corner in corners]
        found = Range(
            low=min(o.low for o in others), high=max(o.high for o in others), value=found.value
        )
    printed = printed_range(eta["value"])
    letters = f"{eta['kind']}{eta['p1']}{eta['p2']}".lower()
    general = "g" in letters.replace("partial", "")
    partial = "p" in letters and not general
    how = f"F df1 / (F df1 + df2) is {_span(found)}"
    if printed.meets(found):
        outcome = Outcome(verdict=REPRODUCED, reason=f"{how}: agrees", found=found)
    elif partial or printed.low > found.high:
        name = "partial eta squared" if partial else "eta squared, never above the partial one,"
        outcome = Outcome(
            verdict=NOT_REPRODUCED,
            reason=f"outside what rounding allows: {how}; {name} was printed as {eta['value']}",
            found=found,
        )
    else:
        reason = f"{how}, the largest that it can be; of how many factors is not said"
        outcome = Outcome(verdict=NOT_DERIVABLE, reason=reason, found=found)
    return "eta_squared", "partial eta2" if partial else "eta2", eta["value"], outcome


def _quotient(result: TextResult) -> tuple[str, str, str, Outcome]:
    """Return b / SE against the t printed beside them."""
    effect, error = result.beside[0], result.standard_error
    assert error is not None
    size, below = printed_range(effect["value"]), printed_range(error["se"])
    t = printed_range(result.main["value"], result.main["relation"])
    if below.low <= 0:
        reason = "the printed standard error is too coarse"
        return "statistic", effect.name, effect["value"], Outcome(verdict=NOT_DERIVABLE, reason=reason)
    corners = [a / b for a in (size.low, size.high) for b in (below.low, below.high)]
    found = Range(low=min(corners), high=max(corners), value=size.value / below.value)
    how = f"{effect.name} / SE = {effect['value']} / {error['se']} gives t {_span(found)}"
    mirrored = Range(low=-found.high, high=-found.low)
    if t.meets(found) or t.meets(mirrored):
        verdict = REPRODUCED if found.high - found.low <= 0.1 else COMPATIBLE
        return "statistic", effect.name, effect["value"], Outcome(
            verdict=verdict, reason=f"{how}: agrees", found=found
        )
    standardised = effect.name == "beta"
    verdict = NOT_DERIVABLE if standardised else NOT_REPRODUCED
    why = " (the error may be that of another coefficient)" if standardised else ""
    reason = f"outside what rounding allows: {how}, not {result.main['value']}{why}"
    return "statistic", effect.name, effect["value"], Outcome(verdict=verdict, reason=reason, found=found)


def _interval_beside(result: TextResult, said: Conditions) -> tuple[str, str, str, Outcome]:
    """Return the t that an interval of the difference gives, against the t printed beside it."""
    interval = result.interval
    assert interval is not None
    low, high = printed_range(interval["low"]), printed_range(interval["high"])
    level = value_of(interval["level"]) / 100 if interval["level"] else 0.95
    quantile = float(again.t_quantile(level=level, df=value_of(result.df[0])))
    t = printed_range(result.main["value"], result.main["relation"])
    value, name = result.main["value"], "t"
    corners = [
        (b + a) / (b - a) * quantile
        for a in (low.low, low.high)
        for b in (high.low, high.high)
        if b > a
    ]
    if not corners:
        reason = "the printed interval is too coarse"
        return "interval", name, value, Outcome(verdict=NOT_DERIVABLE, reason=reason)
    face = (high.value + low.value) / max(high.value - low.value, 1e-300) * quantile
    found = Range(low=min(corners), high=max(corners), value=face)
    how = f"the interval {interval['low']} to {interval['high']} gives t {_span(found)}"
    if t.meets(found) or t.meets(Range(low=-found.high, high=-found.low)):
        return "interval", name, value, Outcome(
            verdict=COMPATIBLE, reason=f"{how}: agrees", found=found
        )
    raw = any(one.name == "MD" for one in result.beside) and bool(interval["level"])
    certain = raw and not (said.resampled or said.other_interval or said.several or result.loose)
    reason = f"{how}, not {value}"
    if not certain:
        reason += ", but what the interval is of, and how it was made, is not said"
    return "interval", name, value, Outcome(
        verdict=NOT_REPRODUCED if certain else NOT_DERIVABLE, reason=reason, found=found
    )


def _median(result: TextResult) -> Outcome:
    main = result.main
    low, middle, high = (printed_range(main[key]) for key in ("low", "median", "high"))
    if middle.high < low.low or middle.low > high.high:
        reason = f"the median lies outside {main['low']} to {main['high']}; {CANNOT_ALL}"
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=reason)
    return Outcome(verdict=NOT_DERIVABLE, reason="a median and its quartiles alone determine nothing")


def _percent(result: TextResult) -> Outcome:
    main = result.main
    if not main["n"]:
        reason = "of how many people the count is taken is not printed beside it"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason)
    count, n = int(main["count"]), int(main["n"])
    if n == 0 or count > n:
        reason = f"{count} of {n} is no part; {CANNOT_ALL}"
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=reason)
    share = 100 * count / n
    found = Range(low=share, high=share, value=share)
    how = f"{count} of {n} is {share:.4g} %"
    if printed_range(main["percent"]).meets(found):
        return Outcome(verdict=REPRODUCED, reason=f"{how}: agrees", found=found)
    reason = f"outside what rounding allows: {how}, not {main['percent']} %"
    return Outcome(verdict=NOT_REPRODUCED, reason=reason, found=found)
