"""p from a printed t, F, chi-square or z and its degrees of freedom.

t and z: two-sided tail; F and chi-square: upper tail.  Abramowitz and Stegun, ch. 26.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

from backwalk_stats.engine.numbers import chi_square_p, f_p, t_p, z_p
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.kinds import named_test
from backwalk_stats.ledger.printed import (
    Interval,
    Statistic,
    exactly,
    hull,
    parse_statistic,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "p = P(|T| >= |t|), P(F >= f), P(X2 >= x2) or P(|Z| >= |z|) at the printed df"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield p from the printed statistic and df."""
    printed = contrast.printed
    statistic = parse_statistic(printed.get("statistic", ""), printed.get("df", ""))
    tail = None if statistic is None else tail_of(statistic)
    if statistic is None or tail is None:
        return
    size = rounding_interval(statistic.text).magnitude()
    df = ", ".join(f"{one:g}" for one in statistic.df)
    yield Candidate(
        quantity="p_value",
        value=tail(abs(value_of(statistic.text))),
        interval=_hull(statistic, size, contrast),
        test="statistic",
        label=f"p from the printed {statistic.family}",
        inputs=f"{statistic.family} = {statistic.text}" + (f", df {df}" if df else ""),
        formula=FORMULA,
    )


def _hull(statistic: Statistic, size: Interval, contrast: Contrast) -> Interval:
    """Return p over the rounding of the statistic, and of df where they need not be whole.

    Welch's df are fractions, often printed as whole numbers; those of a t test that is named as
    Student's or as paired are counts.
    """
    printed = re.findall(r"\d+(?:\.\d+)?", contrast.printed.get("df", "").partition("(")[0])
    counted = named_test(contrast.method).keys in ({"pooled_t"}, {"paired_t"})
    rounded = [
        rounding_interval(text)
        if "." in text or (statistic.family == "t" and not counted)
        else exactly(float(text))
        for text in printed
    ]
    tails = [
        tail_of(replace(statistic, df=df)) for df in product(*((r.low, r.high) for r in rounded))
    ]
    return hull(*(tail(end) for tail in tails if tail for end in (size.low, size.high)))


def tail_of(statistic: Statistic) -> Callable[[float], float] | None:
    """Return the function from the size of a statistic to p; None when df are missing."""
    df = statistic.df
    if statistic.family == "z":
        return lambda size: float(z_p(statistic=size))
    if statistic.family == "t" and len(df) == 1:
        return lambda size: float(t_p(statistic=size, df=df[0]))
    if statistic.family == "F" and len(df) == 2:
        return lambda size: float(f_p(statistic=size, df_num=df[0], df_den=df[1]))
    if statistic.family in ("chi2", "Q") and len(df) == 1:
        return lambda size: float(chi_square_p(statistic=size, df=df[0]))
    return None


CHECK = Check(
    name="statistic_to_p",
    title="p from a printed statistic",
    formula=FORMULA,
    reference="Abramowitz and Stegun, Handbook of Mathematical Functions, ch. 26",
    scope="contrast",
    run=run,
)
