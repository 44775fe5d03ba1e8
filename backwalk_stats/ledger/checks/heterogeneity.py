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
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.kinds import NamedTest
from backwalk_stats.ledger.reading.printed import (
    Interval,
    is_number,
    parse_df,
    parse_p,
    parse_statistic,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.reading.synonyms import word_read
from backwalk_stats.ledger.verdict import Candidate, Ruling, judge
from backwalk_stats.software import computes_with

FORMULA = "I2 = max(0, (Q - (k - 1)) / Q); p = P(chi-square(k - 1) >= Q)"
MOST_STUDIES = 100
UNREAD = "I2 is not by Q where tau2 is estimated otherwise, and how it was is not read"
_I2 = re.compile(
    r"\bI\s?\^?(?:2|\N{SUPERSCRIPT TWO}|squared)\s*+[=:]?\s*+(\d+(?:\.\d+)?)\s*+(?:%|per)", re.I
)
_STUDIES = re.compile(r"(?<![\d.])(\d+)\s+(?:\w+\s+)?(?:trials|rcts|studies|comparisons)\b", re.I)
_K = re.compile(r"\bk\s*=\s*(\d+)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What was printed of the heterogeneity of one pool: texts as printed, "" where nothing was.

    `df` are the degrees of freedom that df and k give; `more` those that studies counted in words
    can have besides, because one study may give several comparisons.
    """

    i2: str
    q: str
    q_names: tuple[str, ...]
    p: str
    df: tuple[int, ...]
    more: tuple[int, ...]
    by_q: str

    @property
    def i2_is_of_q(self) -> bool:
        """Tell whether I2 was printed and may be by Q."""
        return bool(self.i2) and self.by_q != "another"

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
    by_q, by_i2 = _told(facts, _p_of_q(facts)), _told(facts, _p_of_i2(facts))
    shares, statistics = _told(facts, _i2_of_q(facts)), _told(facts, _q_of_p(facts))
    supports = _told(facts, _i2_of_p(facts))
    # Of three numbers the one that fits neither of the others is the wrong one; of two, p or I2.
    wrong_q = (
        _meets(facts.p, "p_value", by_i2)
        and not _meets(facts.p, "p_value", by_q)
        and not _meets(facts.i2, "i2", shares)
        and bool(facts.q)
    )
    if facts.p:
        yield from _judged("p_value", facts.p, by_i2 if wrong_q or not facts.q else by_q)
    if facts.q and not wrong_q:
        yield from _judged("i2", facts.i2, shares)
    elif _meets(facts.i2, "i2", supports):
        yield from _judged("i2", facts.i2, supports)
    for name in facts.q_names:
        text = contrast.printed[name]
        if wrong_q or _meets(text, name, statistics):
            yield from _judged(name, text, statistics)


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
    df, more = _degrees(contrast, words, of_p=of_p)
    return Facts(i2=i2, q=q, q_names=names, p=p, df=df, more=more, by_q=estimator)


def _q_names(contrast: Contrast) -> tuple[str, ...]:
    """Return under which names the row prints Q: its own, and the statistic where that is Q."""
    statistic = contrast.printed.get("statistic", "")
    lettered = re.match(
        r"\s*(?:Q|chi2|chi-square|x2|\N{GREEK SMALL LETTER CHI}2)\b", statistic, re.I
    )
    is_q = bool(lettered) and contrast.read.role == "heterogeneity"
    own = is_number(contrast.printed.get("q", ""))
    return ("q",) * own + ("statistic",) * is_q


def _degrees(
    contrast: Contrast, words: str, *, of_p: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the degrees of freedom that the row prints, and those that it may have besides."""
    df = [int(one) for one in parse_df(contrast.printed.get("df", ""))[:1] if of_p and one >= 1]
    trials = contrast.read.trials
    counts = [trials] if trials.isdigit() else [*_K.findall(words), *_STUDIES.findall(words)]
    studies = {int(one) for one in counts}
    counted = [one - 1 for one in studies if len(studies) == 1 and one > 1]
    in_words = bool(counted) and not df and not trials.isdigit()
    more = tuple(range(counted[0] + 1, 2 * counted[0] + 2)) if in_words else ()
    return tuple(dict.fromkeys([*df, *counted])), more


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


def _q_range(facts: Facts) -> Interval:
    printed = rounding_interval(facts.q)
    return Interval(max(printed.low, 0.0), printed.high)


def _p_of_q(facts: Facts) -> list[Candidate]:
    if not facts.q:
        return []
    value = value_of(facts.q)
    return [
        _candidate(
            "p_value",
            float(chi_square_p(statistic=value, df=df)),
            _tail(_q_range(facts), df),
            f"Q {facts.q}",
            df,
        )
        for df in (*facts.df, *facts.more)
    ]


def _p_of_i2(facts: Facts) -> list[Candidate]:
    if not facts.i2_is_of_q:
        return []
    share = value_of(facts.i2) / 100
    found = []
    for df in (*facts.df, *facts.more):
        middle = df / (1 - share) if share < 1 else inf
        value = float(chi_square_p(statistic=middle, df=df))
        within = _tail(_q_of_share(facts.share, df), df)
        found.append(_of_i2(_candidate("p_value", value, within, _said(facts), df), facts))
    return found


def _i2_of_q(facts: Facts) -> list[Candidate]:
    if not (facts.q and facts.i2_is_of_q):
        return []
    q = value_of(facts.q)
    return [
        _of_i2(
            _candidate(
                "i2",
                100 * max(0.0, 1 - df / q) if q else 0.0,
                _share_of_q(_q_range(facts), df),
                f"Q {facts.q}",
                df,
            ),
            facts,
        )
        for df in (*facts.df, *facts.more)
    ]


def _q_of_p(facts: Facts) -> list[Candidate]:
    p = parse_p(facts.p) if facts.p else None
    if p is None:
        return []
    computes_with("scipy")
    found = []
    for df in (*facts.df, *facts.more):
        for one in p.intervals:
            ends = [float(chdtri(df, end)) if end > 0 else inf for end in (one.high, one.low)]
            q = Interval(ends[0], ends[1])
            found.append(_candidate("q", q.middle, q, f"p {facts.p}", df))
    return found


def _i2_of_p(facts: Facts) -> list[Candidate]:
    if not facts.i2_is_of_q:
        return []
    return [
        _of_i2(replace(one, quantity="i2", value=within.middle, interval=within), facts)
        for one in _q_of_p(facts)
        for within in [_share_of_q(one.interval, int(one.inputs.rpartition(" ")[2]))]
    ]


def _said(facts: Facts) -> str:
    return f"I2 {facts.i2} %"


def _told(facts: Facts, found: Sequence[Candidate]) -> list[Candidate]:
    """Mark the recomputations that take more comparisons than studies."""
    besides = {f"k - 1 = {df}" for df in facts.more}
    return [
        replace(one, condition="the studies hold more comparisons")
        if one.inputs.rpartition(", ")[2] in besides
        else one
        for one in found
    ]


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


def _meets(text: str, name: str, found: Sequence[Candidate]) -> bool:
    printed = as_printed(name, text) if text else None
    return printed is not None and any(
        one.interval.meets(given) for one in found for given in printed.intervals
    )


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
    by_i2 = facts.i2_is_of_q
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
