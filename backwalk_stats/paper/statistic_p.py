"""What a statistic in a text determines: its p, and what the text says of sides and corrections."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from backwalk_stats.ledger.reading.printed import unit_of, value_of
from backwalk_stats.paper import recomputed_p as again
from backwalk_stats.paper.printed_patterns import SCALES
from backwalk_stats.paper.recomputed_p import (
    FACTOR,
    FEWEST_DF,
    Range,
    Readings,
    Recomputed,
    printed_range,
)
from backwalk_stats.paper.statistics_in_text import TextResult

_TESTS = frozenset({"t", "F", "z", "chi2", "Q", "H", "r", "rho"})


_ONE = re.compile(
    r"\b(?:one|1|single)[-\s]?(?:tail(?:ed)?|sided?)\b|(?<!non-)(?<!non)(?<!bi)\bdirectional\b",
    re.I,
)
_TWO = re.compile(
    r"\b(?:two|2|both|double)[-\s]?(?:tail(?:ed)?|sided?)\b|\bnon-?directional\b", re.I
)
_ALL_TWO = re.compile(
    r"\b(?:all|every|any)\b[^.]{0,60}\b(?:two|2)[-\s](?:tailed|sided)\b"
    r"|\b(?:two|2)[-\s](?:tailed|sided)\b[^.]{0,60}\bthroughout\b",
    re.I,
)
_MULTIPLE = re.compile(
    r"bonferroni|\bholm|hochberg|hommel|\btukey|\bscheff|dunnett|\bdunn\b|\bsidak|\bšidák|games-howell|"
    r"\bFDR\b|false discovery|multiplicity|multiple (?:comparison|testing)|family-?wise|"
    r"(?:adjusted|corrected)\s+p\b|post[-\s]?hoc|simultaneous|benjamini|multiplicity|newman[-\s]keuls|"
    r"\bp(?:[-\s]?values?)?\s+(?:were|was|are|is|have\sbeen|has\sbeen)\s+(?:adjust|correct|multipl)|"
    r"after\s+(?:\w+\s)?(?:adjust(?:ment|ing)|correct(?:ion|ing))|correct(?:ed|ion)\sfor\b",
    re.I,
)
_RESAMPLED = re.compile(r"permutation|bootstrap|randomi[sz]ation test|monte[- ]carlo|bayes", re.I)
_EXACT = re.compile(r"fisher|exact|yates|continuity|mcnemar|mantel|log-?rank", re.I)
_FISHER = re.compile(r"fisher|yates|exact test|continuity", re.I)
_REPEATED = re.compile(
    r"repeated|within[-\s](?:subject|participant|group|person)|sphericity|greenhouse|geisser|huynh|"
    r"mauchly|epsilon|\u03b5\s?=|mixed[-\s](?:model|design|anova|effects)|split[-\s]plot|\btime\b|\bvisits?\b|\bsessions?\b|"
    r"\btrials? effect\b|two[-\s]way|[x×*]\s?(?:time|condition|speed|phase)|rm-?anova",
    re.I,
)
# Factors whose levels are mostly tried by the same people; heard near the result alone.
_WITHIN = re.compile(
    r"\b(?:speeds?|conditions?|surfaces?|directions?|slopes?|gradients?|phases?|weeks?|months?|days?|"
    r"trials?|tasks?|legs?|limbs?|sides?|joints?|interactions?|over)\b|[x×*]",
    re.I,
)
_BETWEEN = re.compile(r"one[-\s]way|between[-\s](?:group|subject|arm)s?|independent", re.I)
_RANKS = re.compile(
    r"mann[-\s–]whitney|wilcoxon|signed[-\s]rank|rank[-\s]sum|\bU\s?=|friedman", re.I
)
_MARGIN = re.compile(
    r"non-?inferior|\bequivalen|\bmargin\b|\bTOST\b|superiority (?:bound|margin)", re.I
)
_OTHER_INTERVAL = re.compile(
    r"credible|\bCrI\b|\bHDI\b|prediction interval|limits of agreement|\bPI\b|profile|BCa|"
    r"percentile",
    re.I,
)
_CHANGE_OF_P = re.compile(r"time|int|trend|het|inferior|equivalence|superiority", re.I)
_CORRECTED_P = re.compile(r"adj|corr|bonf|holm|tukey|fdr", re.I)
_LEVEL = re.compile(
    r"(?:α|alpha|significance\s+(?:level|threshold)?|level\s+of\s+significance)[^.;]{0,40}?"
    r"(?:=|<|≤|was|at|of|to)\s*(0?\.\d+)",
    re.I,
)
_NEAR = 40
_DIRECTLY = re.compile(
    r"^[\s,;:)\]]*[(\[]?\s*(?:(?:one|two|1|2)[-\s]?(?:tail(?:ed)?|sided?)|(?:non-?)?directional)(?:\stest)?\b[)\]]?",
    re.I,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What was read around one result.

    Attributes
    ----------
    sides : str
        "one", "two", or "" where the text does not say.
    firm : bool
        True when the sides stand in the result itself or directly behind it.
    several : bool
        True when a correction for several comparisons is spoken of, so that p may be larger.
    resampled, exact, fisher, repeated, ranks, margin, other_interval : bool
        True when such a method is spoken of.
    role : str
        What the p is for when it is not for the effect ("interaction", "heterogeneity"), or "".
    level : float
        The smallest level of significance that the text names; 0.05 where it names none.
    """

    sides: str
    firm: bool
    several: bool
    resampled: bool
    exact: bool
    fisher: bool
    repeated: bool
    ranks: bool
    margin: bool
    other_interval: bool
    role: str
    level: float


def conditions_of(result: TextResult, whole: str) -> Conditions:
    """Return what the text says around a result, and of all its tests.

    Parameters
    ----------
    result : TextResult
        As found.
    whole : str
        The plain text of the whole paper.
    """
    around = f"{result.before} {result.text} {result.after}"
    corrected = result.p is not None and _CORRECTED_P.search(result.p["role"] + result.p["before"])
    paper = _of_paper(whole)
    return Conditions(
        sides=_sides(result, paper),
        firm=_firm(result),
        several=bool(corrected) or paper.several,
        resampled=paper.resampled,
        exact=_EXACT.search(around) is not None,
        fisher=paper.fisher,
        repeated=paper.repeated
        or (result.statistic == "F" and (_is_within(around) or _sphered(result))),
        ranks=result.kind == "test" and _RANKS.search(result.sentence) is not None,
        margin=_MARGIN.search(around) is not None,
        other_interval=_OTHER_INTERVAL.search(around) is not None,
        role=_role(result),
        level=paper.level,
    )


def _sphered(result: TextResult) -> bool:
    return result.p is not None and re.search(r"GG|HF", result.p["role"]) is not None


def _is_within(around: str) -> bool:
    return _WITHIN.search(around) is not None and _BETWEEN.search(around) is None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Paper:
    """What the whole text says."""

    one_sided: bool
    all_two_sided: bool
    several: bool
    resampled: bool
    fisher: bool
    repeated: bool
    level: float


@lru_cache(maxsize=4)
def _of_paper(whole: str) -> _Paper:
    levels = [float(found) for found in _LEVEL.findall(whole)]
    return _Paper(
        one_sided=_ONE.search(whole) is not None,
        all_two_sided=_ALL_TWO.search(whole) is not None,
        several=_MULTIPLE.search(whole) is not None,
        resampled=_RESAMPLED.search(whole) is not None,
        fisher=_FISHER.search(whole) is not None,
        repeated=_REPEATED.search(whole) is not None,
        level=min([0.05, *(level for level in levels if level > 0)]),
    )


def _sides(result: TextResult, paper: _Paper) -> str:
    p = result.p
    inside = f"{p['before']} {p['inside']}" if p else ""
    # What stands directly behind the result before is said of that one.
    before = _DIRECTLY.sub(" ", result.before)[-_NEAR:]
    near = f"{before} {result.text} {inside} {result.after[:_NEAR]}"
    one, two = _ONE.search(near) is not None, _TWO.search(near) is not None
    if one != two:
        return "one" if one else "two"
    if one or paper.one_sided:
        return ""
    return "two" if paper.all_two_sided else ""


def _firm(result: TextResult) -> bool:
    p = result.p
    inside = f"{p['before']} {p['inside']}" if p else ""
    own = f"{result.text} {inside}"
    said = _ONE.search(own) is not None or _TWO.search(own) is not None
    return said or _DIRECTLY.match(result.after) is not None


def _role(result: TextResult) -> str:
    p = result.p
    if p is None:
        return ""
    words = f"{p['role']} {p['before']} {_for(result.after)}"
    found = _CHANGE_OF_P.search(words)
    if result.heterogeneity or (found and found.group(0).lower() == "het"):
        return "heterogeneity"
    names = {"int": "interaction", "time": "interaction", "trend": "trend"}
    return names.get(found.group(0).lower(), "a margin") if found else ""


def _for(after: str) -> str:
    """Return the word behind "p = .03 for ...", where it says what the p is for."""
    found = re.match(
        r"\s*,?\s*for\s(?:the\s)?(interaction|trend|heterogeneity|non-?inferiority|equivalence|superiority)",
        after,
        re.I,
    )
    return found.group(1) if found else ""


def recomputed(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    """Return the p that a result determines, or why it determines none.

    Parameters
    ----------
    result : TextResult
        As found.
    said : Conditions
        What the text says around it.
    """
    if result.kind == "p":
        return None, "nothing printed determines p"
    if result.kind == "effect":
        return _of_effect(result, said)
    if result.statistic == "U":
        return _of_rank_sum(result, said)
    if result.statistic not in _TESTS:
        return None, f"nothing printed determines p: {result.statistic} needs a table and its sizes"
    return _of_test(result, said)


def degrees_of(result: TextResult) -> list[float]:
    """Return the df as printed; of a correlation n - 2 where n is printed and df are not."""
    df = [value_of(one) for one in result.df]
    if not df and result.statistic in ("r", "rho") and len(set(result.sizes)) == 1:
        return [value_of(result.sizes[0]) - 2]
    return df


def _of_test(result: TextResult, said: Conditions) -> tuple[Recomputed | None, str]:
    family, df = result.statistic, degrees_of(result)
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
    found = Readings()
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
    found: Readings, result: TextResult, family: str, value: Range, df: Sequence[float], main: Range
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
    scale = (
        main.value / both.value if (both := again.test_p(family, value, df)) and both.value else 1.0
    )
    found.excuses.append(
        (
            Range(low=min(p.low for p in known) * scale, high=max(p.high for p in known) * scale),
            "df that were rounded for print (Welch, Satterthwaite)",
        )
    )


def _conditions(
    found: Readings,
    result: TextResult,
    said: Conditions,
    family: str,
    value: Range,
    df: Sequence[float],
    main: Range,
) -> None:
    if said.several:
        found.excuses.append(
            (
                Range(low=main.low, high=1.0),
                "a correction for several comparisons, which is spoken of",
            )
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
    if family in ("z", "chi2") and said.ranks:
        condition = "the exact distribution of ranks, beside the approximation"
        found.excuses.append((again.widened(main, FACTOR), condition))
    if family == "chi2" and said.fisher and df[0] == 1:
        condition = "an exact or corrected test, which the paper speaks of"
        found.excuses.append((again.widened(main, FACTOR), condition))
    if family == "chi2" and said.exact:
        found.forgiven.append("an exact or corrected test is spoken of")
    if result.main["comma"]:
        found.forgiven.append("its comma may part thousands or be a decimal mark")
    if said.resampled:
        found.forgiven.append("resampling or Bayesian methods are spoken of")
    if family in ("r",) and not result.df:
        found.excuses.append((again.widened(main, 1.0), "n of the table"))


def _put_together(main: Range, how: str, found: Readings, result: TextResult) -> Recomputed:
    forgiven = list(found.forgiven)
    if result.loose:
        forgiven.append("words stand between the two: the p may be that of another test")
    if result.shared:
        forgiven.append("a result without p stands before it: the p may be that one's, or of both")
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
    found = Readings()
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
    scale = SCALES.get(result.statistic, "").replace("coefficient", "difference")
    interval, error = result.interval, result.standard_error
    if scale in ("bounded", "ranks") or result.statistic == "mean":
        return None, f"nothing printed determines p: an interval of a {result.statistic} is no test"
    if interval is None:
        if error is None or not result.main["value"]:
            return None, "nothing printed determines p: no interval, standard error or test"
        return _of_quotient(result, said)
    if said.other_interval:
        return None, "the interval is no confidence interval by a standard error"
    parts = [
        printed_range(text) for text in (result.main["value"], interval["low"], interval["high"])
    ]
    level = value_of(interval["level"]) / 100 if interval["level"] else 0.95
    df = value_of(result.df[0]) if len(result.df) == 1 else math.inf
    main = again.interval_p(*parts, level=level, df=df, scale=scale or "difference")
    if main is None:
        return None, "the printed interval is too coarse, or has no place on the scale"
    found = Readings()
    _effect_conditions(found, result, said, parts, scale, level, df, main)
    name = result.statistic or "the estimate"
    words = (
        f"{name} {result.main['value']} ({level:.0%} CI {interval['low']} to {interval['high']})"
    )
    together = _put_together(main, words, found, result)
    doubts = [together.doubt] if together.doubt else []
    doubts += [] if interval["level"] else ["the level of the interval is not said, read as 95 %"]
    doubts += [] if scale else ["what was estimated is not said, read as a difference"]
    # Few df widen the range, which the excuses allow for: they forgive no more than that.
    soft = ["no df printed, read as normal"] if math.isinf(df) and scale != "ratio" else []
    return Recomputed(
        main=main,
        how=together.how,
        excuses=together.excuses,
        certain=not (doubts or soft),
        doubt="; ".join([*doubts, *soft]),
        forgiven="; ".join(filter(None, [*doubts, together.forgiven])),
    ), ""


def _effect_conditions(
    found: Readings,
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
    scale = SCALES.get(result.statistic, "")
    if scale == "ratio":
        return None, "nothing printed determines p: the scale of the standard error is not said"
    main = again.quotient_p(printed_range(result.main["value"]), printed_range(error["se"]), df=df)
    if main is None:
        return None, "the printed standard error is too coarse"
    found = Readings()
    if said.sides != "two":
        found.excuses.append((again.one_sided(main), "the one-sided test; the sides are not said"))
    if math.isinf(df):
        near = Range(low=main.low / FACTOR, high=min(main.high * FACTOR, 1.0))
        found.excuses.append((near, "no df printed: read as normal, a factor of three is allowed"))
        few = again.quotient_p(
            printed_range(result.main["value"]), printed_range(error["se"]), df=FEWEST_DF
        )
        if few is not None:
            found.excuses.append(
                (Range(low=main.low, high=few.high), "few df, which are not printed")
            )
    if said.several:
        found.excuses.append(
            (Range(low=main.low, high=1.0), "a correction for several comparisons")
        )
    if said.resampled or said.margin:
        found.forgiven.append("another method or null is spoken of")
    name = result.statistic or "estimate"
    words = f"{name} / SE = {result.main['value']} / {error['se']}"
    return _put_together(main, words, found, result), ""
