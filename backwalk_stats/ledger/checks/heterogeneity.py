"""I2, Q, the number of studies and the p of heterogeneity, each from any two of the others.

I2 = max(0, (Q - (k - 1)) / Q); p = upper tail of chi-square of Q at k - 1. Higgins and Thompson,
Stat Med 2002;21:1539-1558; Cochran, Biometrics 1954;10:101-129. p rests on Q alone. I2 rests on Q
only where the variance between studies is by DerSimonian and Laird, or the effect is fixed: R's
metafor takes it from tau2 otherwise. Where k is not printed it is searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from scipy.special import chdtri

from backwalk_stats.engine.numbers import chi_square_p
from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.judged import as_printed
from backwalk_stats.ledger.kinds import NamedTest
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.printed import (
    Interval,
    PrintedP,
    is_number,
    parse_df,
    parse_p,
    parse_statistic,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.synonyms import word_read
from backwalk_stats.ledger.verdict import Candidate, Ruling, judge
from backwalk_stats.software import computes_with

FORMULA = "I2 = max(0, (Q - (k - 1)) / Q); p = P(chi-square(k - 1) >= Q)"
MOST_STUDIES = 100
UNREAD = "I2 is not by Q where tau2 is estimated otherwise, and how it was is not read"
_I2 = re.compile(
    r"\bI\s?\^?(?:2|\N{SUPERSCRIPT TWO}|squared)\s*[=:]?\s*(\d+(?:\.\d+)?)\s*(?:%|per)", re.I
)
_STUDIES = re.compile(r"(?<![\d.])(\d+)\s+(?:\w+\s+)?(?:trials|rcts|studies|comparisons)\b", re.I)
_K = re.compile(r"\bk\s*=\s*(\d+)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What was printed of the heterogeneity of one pool: texts as printed, "" where nothing was."""

    i2: str
    q: str
    q_names: tuple[str, ...]
    p: str
    df: tuple[int, ...]
    by_q: str

    @property
    def share(self) -> Interval:
        """Return what I2 can have been, as a fraction."""
        printed = rounding_interval(self.i2)
        return Interval(max(printed.low / 100, 0.0), min(printed.high / 100, 1.0))


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield rulings on the printed p, I2 and Q of a pool."""
    facts = facts_of(contrast)
    if facts is None:
        return
    if not facts.df:
        yield from _searched(facts)
        return
    if facts.p:
        yield from _judged("p_value", facts.p, _p_values(facts))
    yield from _supported("i2", facts.i2, _shares(facts), needed=bool(facts.q))
    both = bool(facts.p and facts.i2)
    for name in facts.q_names:
        yield from _supported(name, contrast.printed[name], _statistics(facts), needed=both)


def facts_of(contrast: Contrast) -> Facts | None:
    """Return what a row prints of heterogeneity; None where it prints less than two numbers."""
    words = " ; ".join((contrast.contrast_type, contrast.note))
    if "subgroup" in words.lower():
        return None
    found = _I2.search(words)
    i2 = contrast.printed.get("i2", "").removesuffix("%").strip() or (found[1] if found else "")
    if not is_number(i2) or 0 < value_of(i2) < 1 or value_of(i2) > 100:
        i2 = ""  # a number below 1 may be a share or a percentage
    names = _q_names(contrast)
    q = contrast.printed[names[0]] if names else ""
    q = q if is_number(q) else getattr(parse_statistic(q, ""), "text", "")
    of_p = contrast.read.role == "heterogeneity"
    p = contrast.printed.get("p_value", "") if of_p else ""
    p = p if parse_p(p) is not None else ""
    if sum(map(bool, (i2, q, p))) < 2:
        return None
    estimator = word_read("estimator", contrast.method, words)
    df = _degrees(contrast, words, of_p=of_p)
    return Facts(i2=i2, q=q, q_names=names, p=p, df=df, by_q=estimator)


def _q_names(contrast: Contrast) -> tuple[str, ...]:
    """Return under which names the row prints Q: its own, and the statistic where that is Q."""
    statistic = contrast.printed.get("statistic", "")
    lettered = re.match(
        r"\s*(?:Q|chi2|chi-square|x2|\N{GREEK SMALL LETTER CHI}2)\b", statistic, re.I
    )
    is_q = bool(lettered) and contrast.read.role == "heterogeneity"
    own = is_number(contrast.printed.get("q", ""))
    return ("q",) * own + ("statistic",) * is_q


def _degrees(contrast: Contrast, words: str, *, of_p: bool) -> tuple[int, ...]:
    """Return the degrees of freedom that the row prints, by df and by its number of studies."""
    df = [int(one) for one in parse_df(contrast.printed.get("df", ""))[:1] if of_p and one >= 1]
    trials = contrast.read.trials
    counts = [trials] if trials.isdigit() else [*_K.findall(words), *_STUDIES.findall(words)]
    studies = {int(one) for one in counts}
    df += [one - 1 for one in studies if len(studies) == 1 and one > 1]
    return tuple(dict.fromkeys(df))


# What each number can be from the others.


def _q_of_share(share: Interval, df: int) -> Interval:
    low = df / (1 - share.low) if 0 < share.low < 1 else (0.0 if share.low <= 0 else inf)
    return Interval(low, df / (1 - share.high) if share.high < 1 else inf)


def _share_of_q(q: Interval, df: int) -> Interval:
    ends = [max(0.0, 1 - df / one) if one > 0 else 0.0 for one in (q.low, q.high)]
    return Interval(100 * ends[0], 100 * ends[1])


def _tail(q: Interval, df: int) -> Interval:
    ends = [float(chi_square_p(statistic=one, df=df)) for one in (q.high, q.low)]
    return Interval(ends[0], ends[1])


def _q_of_p(p: PrintedP, df: int) -> list[Interval]:
    computes_with("scipy")
    return [
        Interval(*(float(chdtri(df, end)) if end > 0 else inf for end in (one.high, one.low)))
        for one in p.intervals
    ]


def _q_range(facts: Facts) -> Interval:
    printed = rounding_interval(facts.q)
    return Interval(max(printed.low, 0.0), printed.high)


def _p_values(facts: Facts) -> list[Candidate]:
    found = []
    for df in facts.df:
        if facts.q:
            value = float(chi_square_p(statistic=value_of(facts.q), df=df))
            found.append(
                _candidate("p_value", value, _tail(_q_range(facts), df), f"Q {facts.q}", df)
            )
    for df in facts.df:
        if facts.i2 and facts.by_q != "another":
            within = _q_of_share(facts.share, df)
            share = value_of(facts.i2) / 100
            middle = df / (1 - share) if share < 1 else inf
            value = float(chi_square_p(statistic=middle, df=df))
            found.append(
                _of_i2(_candidate("p_value", value, _tail(within, df), _said(facts), df), facts)
            )
    return found


def _shares(facts: Facts) -> list[Candidate]:
    found = []
    for df in facts.df if facts.i2 and facts.by_q != "another" else ():
        if facts.q:
            value = 100 * max(0.0, 1 - df / value_of(facts.q)) if value_of(facts.q) else 0.0
            within = _share_of_q(_q_range(facts), df)
            found.append(_of_i2(_candidate("i2", value, within, f"Q {facts.q}", df), facts))
        p = parse_p(facts.p) if facts.p else None
        for q in _q_of_p(p, df) if p is not None else ():
            within = _share_of_q(q, df)
            found.append(_of_i2(_candidate("i2", within.middle, within, f"p {facts.p}", df), facts))
    return found


def _statistics(facts: Facts) -> list[Candidate]:
    found = []
    for df in facts.df:
        p = parse_p(facts.p) if facts.p else None
        for q in _q_of_p(p, df) if p is not None else ():
            found.append(_candidate("q", q.middle, q, f"p {facts.p}", df))
        if facts.i2 and facts.by_q != "another":
            q = _q_of_share(facts.share, df)
            found.append(_of_i2(_candidate("q", q.middle, q, _said(facts), df), facts))
    return found


def _said(facts: Facts) -> str:
    return f"I2 {facts.i2} %"


def _of_i2(one: Candidate, facts: Facts) -> Candidate:
    """Mark a recomputation that takes for granted that I2 is by Q."""
    return replace(one, unsaid="" if facts.by_q == "Q" else UNREAD)


def _candidate(quantity: str, value: float, interval: Interval, of: str, df: int) -> Candidate:
    return Candidate(
        quantity=quantity,
        value=value,
        interval=interval,
        test="heterogeneity",
        label=f"heterogeneity, from {of} and {df + 1} studies",
        inputs=f"{of}, k - 1 = {df}",
        formula=FORMULA,
    )


# Verdicts.


def _judged(name: str, text: str, found: Sequence[Candidate]) -> Iterator[Ruling]:
    printed = as_printed(name, text)
    if printed is None or not found:
        return
    verdict, best, reason = judge(printed, found, NamedTest())
    yield _ruling(name, text, verdict, best.value, best.interval, reason, best.inputs)


def _supported(
    name: str, text: str, found: Sequence[Candidate], *, needed: bool
) -> Iterator[Ruling]:
    """Judge a number that others give; where only one does, its misfit is already that one's."""
    printed = as_printed(name, text) if text else None
    if printed is None:
        return
    fits = any(one.interval.meets(printed.intervals[0]) for one in found)
    if fits or needed:
        yield from _judged(name, text, found)


def _ruling(
    name: str, text: str, verdict: str, value: float | None, within: Interval, reason: str, of: str
) -> Ruling:
    return Ruling(
        quantity=name,
        reported=text,
        verdict=verdict,
        reason=reason,
        value=value,
        interval=within,
        inputs=of,
        formula=FORMULA,
    )


def _searched(facts: Facts) -> Iterator[Ruling]:
    """Judge the p of a pool over every number of studies, where that is not printed."""
    by_i2 = bool(facts.i2) and facts.by_q != "another"
    p = parse_p(facts.p) if facts.p else None
    if p is None or not (by_i2 or facts.q):
        return
    given = {df: _at(facts, df, by_i2=by_i2) for df in range(1, MOST_STUDIES)}
    fits = [
        df + 1
        for df, within in given.items()
        if within is not None and any(within.meets(one) for one in p.intervals)
    ]
    of = "; ".join(part for part in (facts.q and f"Q {facts.q}", by_i2 and _said(facts)) if part)
    if not fits:
        sure = not by_i2 or facts.by_q == "Q"
        verdict = verdicts.NOT_REPRODUCED if sure else verdicts.NOT_DERIVABLE
        reason = f"no number of studies from 2 to {MOST_STUDIES} gives it with {of}"
        reason += f"; {verdicts.CANNOT_ALL_BE_RIGHT}" if sure else f", but {UNREAD}"
        yield _ruling("p_value", facts.p, verdict, None, Interval(0.0, 1.0), reason, of)
        return
    alone = len(fits) == 1 and not p.is_bound
    listed = f"k = {fits[0]}" if len(fits) == 1 else f"k = {fits[0]} to {fits[-1]}"
    within = given[fits[0] - 1] or Interval(0.0, 1.0)
    only = ", the only number of studies that fits" if len(fits) == 1 else ""
    yield _ruling(
        "p_value",
        facts.p,
        verdicts.REPRODUCED if alone else verdicts.COMPATIBLE,
        within.middle if len(fits) == 1 else None,
        within,
        f"heterogeneity, from {of}: fits for {listed}{only}; k is not printed",
        of,
    )


def _at(facts: Facts, df: int, *, by_i2: bool) -> Interval | None:
    """Return what p can be with so many studies; None where Q and I2 do not fit each other."""
    q = _q_range(facts) if facts.q else None
    other = _q_of_share(facts.share, df) if by_i2 else None
    if q is not None and other is not None:
        if not q.meets(other):
            return None
        q = Interval(max(q.low, other.low), min(q.high, other.high))
    within = q or other
    return None if within is None else _tail(within, df)


CHECK = Check(
    name="heterogeneity",
    title="I2, Q, number of studies and p of heterogeneity",
    formula=FORMULA,
    reference="Higgins and Thompson, Stat Med 2002;21:1539; Cochran, Biometrics 1954;10:101",
    scope="contrast",
    run=run,
    needs=(Need(of="role", fits=("heterogeneity",), quantities=("p_value", "statistic")),),
)
