"""The statistics of a text, each recomputed: `bw.check_text`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from backwalk_stats.engine.numbers import t_quantile
from backwalk_stats.errors import UsageError
from backwalk_stats.ledger.reading.printed import value_of
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
)
from backwalk_stats.paper import recomputed_p as again
from backwalk_stats.paper.plain_text import plain_text
from backwalk_stats.paper.printed_patterns import DIRECTION, SCALES
from backwalk_stats.paper.recomputed_p import (
    CANNOT_ALL,
    NO_P,
    Outcome,
    PrintedP,
    Range,
    compared,
    printed_p,
    printed_range,
    span_of,
)
from backwalk_stats.paper.statistic_p import Conditions, conditions_of, degrees_of, recomputed
from backwalk_stats.paper.statistics_in_text import TextResult, statistics_in_text

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "text", "statistic", "df1", "df2", "value", "reported_p", "recomputed", "recomputed_low",
    "recomputed_high", "verdict", "reason", "quantity", "relation", "ci_low", "ci_high", "ci_level",
    "sided", "position", "printed", "printed_low", "printed_high", "printed_df", "printed_se",
    "p_role",
)  # fmt: skip


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
        `reason`. Then `quantity` (what was recomputed: "p_value", "eta_squared", "statistic",
        "interval", "percent"), `relation`, `ci_low`, `ci_high`, `ci_level`, `sided`, `position`,
        and the numbers as text: `printed`, `printed_low`, `printed_high`, `printed_df`,
        `printed_se`; `p_role` ("effect", "heterogeneity", "interaction", "trend", "a margin").

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
    >>> found = check_text("Pain fell, t(28) = 2.20, p = .036; F(1, 28) = 4.84, p = .63.")
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
        df = [*degrees_of(result), math.nan, math.nan]
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
            "printed_se": result.standard_error["se"] if result.standard_error else "",
            "p_role": said.role or ("effect" if p else ""),
        }


def _reported(result: TextResult) -> str:
    p = result.p
    if p is None:
        return ""
    if p["ns"]:
        return "ns"
    relation = p["relation"].replace(" ", "")
    return ("" if relation in ("", "=", ":") else relation) + p["value"]


def _checks(result: TextResult, said: Conditions) -> Iterator[tuple[str, str, str, Outcome]]:
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
    yield (
        "p_value",
        result.statistic,
        main["value"] if result.kind != "p" else "",
        _p_outcome(result, said),
    )
    if result.eta is not None and len(result.df) == 2:
        yield _eta(result)
    if (
        result.kind == "test"
        and result.statistic == "t"
        and result.standard_error
        and result.beside
    ):
        yield _quotient(result)
    if (
        result.kind == "test"
        and result.statistic == "t"
        and result.interval
        and len(result.df) == 1
    ):
        yield _interval_beside(result, said)


def _p_outcome(result: TextResult, said: Conditions) -> Outcome:
    impossible = _impossible(result)
    if impossible:
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=f"{impossible}; {CANNOT_ALL}")
    p, fault = _p_of(result, said)
    if fault and result.kind == "p" and value_of(result.p["value"] if result.p else "0") > 1:
        return Outcome(
            verdict=NOT_DERIVABLE, reason=f"{fault}: the letter may be of something else"
        )
    if fault:
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=fault)
    found, why_not = recomputed(result, said)
    if found is None:
        return Outcome(verdict=NOT_DERIVABLE, reason=why_not)
    if p is None:
        reason = f"{found.how}; {NO_P}"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=found.main)
    if said.role and result.kind != "test":
        reason = f"the printed p is for {said.role}, not for the effect"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=found.main)
    return compared(p, found)


def _p_of(result: TextResult, said: Conditions) -> tuple[PrintedP | None, str]:
    """Return the printed p, or what is wrong with it."""
    if result.p is None:
        return None, ""
    text = _reported(result)
    number = "ns" if text == "ns" else result.p["value"]
    return printed_p(number, text.removesuffix(number), level=said.level)


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
    if (estimate.high < low.low or estimate.low > high.high) and not _turned(result):
        return f"the interval {parts[1]} to {parts[2]} does not hold its estimate {parts[0]}"
    if SCALES.get(result.statistic) == "ratio" and (estimate.high < 0 or low.high < 0):
        return f"a ratio is not negative: {parts[0]} ({parts[1]} to {parts[2]})"
    return ""


def _turned(result: TextResult) -> bool:
    """Tell whether a word gives the sign that a number leaves out: a fall of 0.7 (-1.3 to -0.1)."""
    interval = result.interval
    if interval is None or not DIRECTION.search(result.sentence):
        return False
    estimate = printed_range(result.main["value"] or result.main["median"])
    ends = [printed_range(interval[key]) for key in ("low", "high")]
    low, high = min(end.low for end in ends), max(end.high for end in ends)
    return -estimate.high <= high and low <= -estimate.low


def _impossible_test(result: TextResult) -> str:
    value = printed_range(result.main["value"], result.main["relation"])
    family = result.statistic
    if any(value_of(one) <= 0 for one in result.df):
        return f"{family} has more than 0 degrees of freedom, not {', '.join(result.df)}"
    if family in ("F", "chi2", "Q", "H", "U", "W") and value.high < 0:
        return f"{family} is never below 0, not {result.main['value']}"
    whole = (result.main["relation"] or "=") == "="
    if whole and family in ("r", "rho", "tau") and (value.low > 1 or value.high < -1):
        return f"{family} lies between -1 and 1, not at {result.main['value']}"
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
    if eta["percent"]:
        printed = Range(low=printed.low / 100, high=printed.high / 100, value=printed.value / 100)
    letters = f"{eta['kind']}{eta['p1']}{eta['p2']}".lower()
    general = "g" in letters.replace("partial", "")
    partial = "p" in letters and not general
    how = f"F df1 / (F df1 + df2) is {span_of(found)}"
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
        return (
            "statistic",
            effect.name,
            effect["value"],
            Outcome(verdict=NOT_DERIVABLE, reason=reason),
        )
    corners = [a / b for a in (size.low, size.high) for b in (below.low, below.high)]
    found = Range(low=min(corners), high=max(corners), value=size.value / below.value)
    how = f"{effect.name} / SE = {effect['value']} / {error['se']} gives t {span_of(found)}"
    mirrored = Range(low=-found.high, high=-found.low)
    if t.meets(found) or t.meets(mirrored):
        verdict = REPRODUCED if found.high - found.low <= 0.1 else COMPATIBLE
        return (
            "statistic",
            effect.name,
            effect["value"],
            Outcome(verdict=verdict, reason=f"{how}: agrees", found=found),
        )
    standardised = effect.name == "beta"
    verdict = NOT_DERIVABLE if standardised else NOT_REPRODUCED
    why = " (the error may be that of another coefficient)" if standardised else ""
    reason = f"outside what rounding allows: {how}, not {result.main['value']}{why}"
    return (
        "statistic",
        effect.name,
        effect["value"],
        Outcome(verdict=verdict, reason=reason, found=found),
    )


def _interval_beside(result: TextResult, said: Conditions) -> tuple[str, str, str, Outcome]:
    """Return the t that an interval of the difference gives, against the t printed beside it."""
    interval = result.interval
    assert interval is not None
    low, high = printed_range(interval["low"]), printed_range(interval["high"])
    level = value_of(interval["level"]) / 100 if interval["level"] else 0.95
    quantile = float(t_quantile(level=level, df=value_of(result.df[0])))
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
    how = f"the interval {interval['low']} to {interval['high']} gives t {span_of(found)}"
    if t.meets(found) or t.meets(Range(low=-found.high, high=-found.low)):
        return (
            "interval",
            name,
            value,
            Outcome(verdict=COMPATIBLE, reason=f"{how}: agrees", found=found),
        )
    raw = any(one.name == "MD" for one in result.beside) and bool(interval["level"])
    certain = raw and not (said.resampled or said.other_interval or said.several or result.loose)
    reason = f"{how}, not {value}"
    if not certain:
        reason += ", but what the interval is of, and how it was made, is not said"
    return (
        "interval",
        name,
        value,
        Outcome(verdict=NOT_REPRODUCED if certain else NOT_DERIVABLE, reason=reason, found=found),
    )


def _median(result: TextResult) -> Outcome:
    main = result.main
    low, middle, high = (printed_range(main[key]) for key in ("low", "median", "high"))
    turned = (
        DIRECTION.search(result.sentence) and -middle.high <= high.high and low.low <= -middle.low
    )
    if (middle.high < low.low or middle.low > high.high) and not turned:
        reason = f"the median lies outside {main['low']} to {main['high']}; {CANNOT_ALL}"
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=reason)
    return Outcome(
        verdict=NOT_DERIVABLE, reason="a median and its quartiles alone determine nothing"
    )


def _percent(result: TextResult) -> Outcome:
    main = result.main
    if main["unsure"]:
        reason = "what the percentage is of is not said"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason)
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
