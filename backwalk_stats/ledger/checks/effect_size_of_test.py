"""Effect sizes against the statistic that is printed beside them.

Independent t: d = t sqrt(1/n1 + 1/n2), g = J d; paired: d_z = t / sqrt(n) (Lakens, Front Psychol
2013;4:863). Partial eta squared = F df1 / (F df1 + df2), eta squared the same for one factor (Cohen
1973).  r = sqrt(t^2 / (t^2 + df)) (Rosenthal 1991).  Other definitions of d are conditions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from backwalk_stats.engine.summary.two_arms import hedges_correction, pooled_sd
from backwalk_stats.ledger.beside import (
    arm_sizes,
    df_intervals,
    names,
    said,
    statistic_beside,
)
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.hulls import arm_of
from backwalk_stats.ledger.reading import vocabulary
from backwalk_stats.ledger.reading.printed import (
    Interval,
    Statistic,
    hull,
    is_number,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.reading.spellings import CORRELATION, ETA, PARTIAL_ETA, STANDARDISED
from backwalk_stats.ledger.verdict import Candidate

FORMULA = (
    "d = t sqrt(1/n1 + 1/n2), g = J d; d_z = t / sqrt(n); "
    "partial eta squared = F df1 / (F df1 + df2); r = sqrt(t^2 / (t^2 + df))"
)
OTHER_D = (
    r"\bglass\b|\bdelta\b|\bSMC[CR]\b|\bd_?av\b|\bd_?rm\b|\bresponse\b|\bSRM\b|\bppc\b"
    r"|\bcontrol (?:group )?SD\b|\bbaseline SD\b|\bchange\b|\brobust\b|\bcliff"
    r"|\bstandardi[sz]ed (?:regression|beta|coeff)"
)
HEDGES = r"\bhedges\b|\beffect size g\b|^\s*g\s*;"
COHEN = r"\bcohen"
D_Z = r"\bd_?z\b|\bcohen'?s? ?\W?dz\b"
NO_DEFINITION = "which standardised difference this is was not read"
NOT_THE_SIZES = "the sizes of the arms that were tested were not read"
MAY_BE_WELCH = "t may be Welch's, whose standard error is not the pooled one"
ROUNDING = 0.01
VARIANCES_APART = 4.0
OTHER_SPREAD = "within people d is also divided by other spreads (d_av, d_rm)"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the effect size that a printed statistic gives."""
    statistic = statistic_beside(contrast)
    if statistic is None or not is_number(contrast.printed.get("estimate", "")):
        return
    scale = contrast.read.scale
    if scale in (PARTIAL_ETA, ETA):
        yield from _eta(contrast, statistic)
    elif scale == STANDARDISED and statistic.family == "t":
        yield from _d(contrast, statistic)
    elif scale == CORRELATION and statistic.family == "t" and len(statistic.df) == 1:
        yield from _r(contrast, statistic)


def _candidate(
    label: str,
    value: float,
    interval: Interval,
    statistic: Statistic,
    *,
    unsaid: str = "",
    where: str = "",
) -> Candidate:
    df = ", ".join(f"{one:g}" for one in statistic.df)
    beside = f"; {where}" if where else ""
    return Candidate(
        quantity="estimate",
        value=value,
        interval=interval,
        test="statistic",
        label=label,
        inputs=f"{statistic.family} = {statistic.text}" + (f", df {df}" if df else "") + beside,
        formula=FORMULA,
        unsaid=unsaid,
    )


# Shares of variance: both degrees of freedom shrink alike where they are corrected.


def _eta(contrast: Contrast, statistic: Statistic) -> Iterator[Candidate]:
    if names(contrast, r"\bgenerali[sz]ed\b|\bges\b|\bepsilon|\bomega"):
        return
    df = df_intervals(contrast, statistic)
    size = rounding_interval(statistic.text).magnitude()
    if statistic.family == "F" and len(df) == 2:
        above, below = df
    elif statistic.family == "t" and len(df) == 1:
        size, above, below = Interval(size.low**2, size.high**2), Interval(1.0, 1.0), df[0]
    else:
        return
    unsaid = ["Welch's F gives no share of variance"] if names(contrast, r"\bwelch") else []
    one_factor = contrast.read.test.keys == {"one_way"} or statistic.family == "t"
    if contrast.read.scale == ETA and not one_factor:
        unsaid.append("other factors of the model were not read")
    ends = [_share(*end) for end in product(*((x.low, x.high) for x in (size, above, below)))]
    value = abs(value_of(statistic.text)) ** (2 if statistic.family == "t" else 1)
    yield _candidate(
        f"{contrast.read.scale} from the printed {statistic.family}",
        _share(value, above.middle, below.middle),
        hull(*ends),
        statistic,
        unsaid="; ".join(unsaid),
    )


def _share(f: float, above: float, below: float) -> float:
    return f * above / (f * above + below)


def _r(contrast: Contrast, statistic: Statistic) -> Iterator[Candidate]:
    if names(contrast, r"\bpartial\b|\bintra-?class|\bICC\b|\br-to-z|\bz-transformed"):
        return
    df = df_intervals(contrast, statistic)[0]
    printed = rounding_interval(statistic.text)
    ends = [_signed_r(t, one) for t in (printed.low, printed.high) for one in (df.low, df.high)]
    value = _signed_r(value_of(statistic.text), df.middle)
    yield _candidate("r from the printed t", value, hull(*ends), statistic)


def _signed_r(t: float, df: float) -> float:
    return t / math.sqrt(t * t + df)


# Standardised differences.


def _d(contrast: Contrast, statistic: Statistic) -> Iterator[Candidate]:
    read = contrast.read
    if (
        names(contrast, OTHER_D)
        or read.adjusted == "adjusted"
        or read.model
        or contrast.about_change
        or vocabulary.speaks_of_change(said(contrast))
    ):
        return
    if contrast.kind == "pooled" or names(contrast, r"\bwelch"):
        return
    if read.people == "same" or contrast.kind in ("paired", "within"):
        yield from _within(contrast, statistic)
    else:
        yield from _between(contrast, statistic)


def _between(contrast: Contrast, statistic: Statistic) -> Iterator[Candidate]:
    sizes = arm_sizes(contrast)
    if sizes is None or sizes.first < 2 or sizes.second < 2:
        return
    n1, n2 = sizes.first, sizes.second
    df = n1 + n2 - 2
    unsaid = [] if statistic.df == (float(df),) else [NOT_THE_SIZES]
    if not statistic.df:
        unsaid = [] if contrast.read.test.keys == {"pooled_t"} else [MAY_BE_WELCH]
    cohen, hedges = names(contrast, COHEN), names(contrast, HEDGES)
    if cohen == hedges:
        unsaid.append(NO_DEFINITION)
    root = math.sqrt(1 / n1 + 1 / n2)
    exact, short = float(hedges_correction(df)), 1 - 3 / (4 * df - 1)
    plain = "Cohen's d from the printed t"
    small = "Hedges' g from the printed t"
    yield _multiple(
        statistic,
        small if hedges else plain,
        root * (exact if hedges else 1.0),
        unsaid,
        sizes.where,
    )
    other = [(small, root * short, "")] if hedges else []
    other += [
        (small, root * exact, "" if hedges else "it is corrected for small samples"),
        (small, root * short, "" if hedges else "it is corrected for small samples"),
        (plain, root, "it is not corrected for small samples" if hedges else ""),
        ("2 t / sqrt(df)", 2 / math.sqrt(df), "it is 2 t / sqrt(df)"),
        ("2 t / sqrt(N)", 2 / math.sqrt(n1 + n2), "it is 2 t / sqrt(N)"),
    ]
    for label, factor, condition in other:
        yield replace(_multiple(statistic, label, factor, unsaid, sizes.where), condition=condition)
    if n1 != n2:
        plain_d = _multiple(statistic, plain, root, unsaid, sizes.where)
        yield _of_mean_variance(contrast, plain_d, n1, n2)
        if not unsaid and contrast.read.test.keys != {"pooled_t"}:
            yield _of_welch(contrast, statistic, root * exact, plain_d)


def _of_mean_variance(contrast: Contrast, one: Candidate, n1: int, n2: int) -> Candidate:
    """Return d with the root of the mean of the two variances, as a condition.

    The square of the pooled SD over it is 2 (w v1 + (1 - w) v2) / (v1 + v2), w = (n1 - 1) /
    (n1 + n2 - 2): by the printed variances, else by any that are up to four times apart.
    """
    w = (n1 - 1) / (n1 + n2 - 2)
    ends: Sequence[tuple[float, float]] = ((VARIANCES_APART, 1.0), (1.0, VARIANCES_APART))
    for a, b in zip(contrast.first[:1], contrast.second[:1], strict=True):
        if a.has_spread and b.has_spread and (a.n, b.n) == (n1, n2):
            first, second = a.sd_interval, b.sd_interval
            ends = (first.low**2, second.high**2), (first.high**2, second.low**2)
    roots = [math.sqrt(2 * (w * v + (1 - w) * u) / (v + u)) for v, u in ends if v + u > 0]
    interval = hull(*(end * by for end in (one.interval.low, one.interval.high) for by in roots))
    return replace(one, interval=interval, condition="it is by the mean of the two variances")


def _of_welch(
    contrast: Contrast, statistic: Statistic, corrected: float, one: Candidate
) -> Candidate:
    """Return d where t is Welch's with df that round to n1 + n2 - 2, as a condition.

    Its standard error then is at most the pooled one; how much less, the arms' SDs say.
    """
    sizes = arm_sizes(contrast)
    share = least_share(sizes.first, sizes.second) if sizes else 1.0
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if a.has_spread and b.has_spread and min(a.sd_interval.low, b.sd_interval.low) > 0:
            error = math.hypot(a.sd_value / math.sqrt(a.n or 1), b.sd_value / math.sqrt(b.n or 1))
            mean = math.hypot(a.sd_value, b.sd_value) / math.sqrt(2)
            common = max(float(pooled_sd(arm_of(a), arm_of(b))), mean)
            root = math.sqrt(1 / (a.n or 1) + 1 / (b.n or 1))
            share = min(error / (common * root), 1.0) - ROUNDING
    t = rounding_interval(statistic.text)
    ends = (one.interval.low, one.interval.high, t.low * corrected, t.high * corrected)
    interval = hull(*(end * factor for end in ends for factor in (share, 1 + ROUNDING)))
    return replace(one, interval=interval, condition="t is Welch's")


def least_share(n1: int, n2: int) -> float:
    """Return the least that Welch's standard error can be of the pooled one, by the sizes alone.

    His df must round to n1 + n2 - 2, which bounds the ratio v of the two variances of the mean.
    """
    v = np.geomspace(1e-3, 1e3, 4001)
    df = (1 + v) ** 2 / (v**2 / (n1 - 1) + 1 / (n2 - 1))
    pooled = ((n1 - 1) * v * n1 + (n2 - 1) * n2) / (n1 + n2 - 2) * (1 / n1 + 1 / n2)
    share = np.sqrt((1 + v) / pooled)
    return float(share[df >= n1 + n2 - 2.5].min(initial=1.0))


def _within(contrast: Contrast, statistic: Statistic) -> Iterator[Candidate]:
    """Yield d_z of a paired t, whose df are one less than the people."""
    n = statistic.df[0] + 1 if len(statistic.df) == 1 else 0.0
    if n < 2 or n != int(n):
        return
    unsaid = [] if names(contrast, D_Z) else [OTHER_SPREAD]
    root = 1 / math.sqrt(n)
    yield _multiple(statistic, "d_z from the printed t", root, unsaid, f"n {n:g}")
    for label, factor, condition in (
        ("d_z, corrected", root * float(hedges_correction(n - 1)), "it is corrected for small n"),
        ("t / sqrt(df)", 1 / math.sqrt(n - 1), "it is t / sqrt(df)"),
    ):
        one = _multiple(statistic, label, factor, unsaid, f"n {n:g}")
        yield replace(one, condition=condition)


def _multiple(
    statistic: Statistic, label: str, factor: float, unsaid: list[str], where: str
) -> Candidate:
    t = rounding_interval(statistic.text)
    return _candidate(
        label,
        value_of(statistic.text) * factor,
        Interval(t.low * factor, t.high * factor),
        statistic,
        unsaid="; ".join(unsaid),
        where=where,
    )


CHECK = Check(
    name="effect_size_of_test",
    title="Effect size against the statistic beside it",
    formula=FORMULA,
    reference="Lakens, Front Psychol 2013;4:863; Rosenthal, Meta-Analytic Procedures, 1991",
    scope="contrast",
    run=run,
)
