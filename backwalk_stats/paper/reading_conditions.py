"""What a text says of its tests: sides, corrections, repeated measures, other levels and nulls."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwalk_stats.paper.statistics_in_text import TextResult

_ONE = re.compile(
    r"\b(?:one|1|single)[-\s]?(?:tail(?:ed)?|sided?)\b|(?<!non-)(?<!non)(?<!bi)\bdirectional\b", re.I
)
_TWO = re.compile(r"\b(?:two|2|both|double)[-\s]?(?:tail(?:ed)?|sided?)\b|\bnon-?directional\b", re.I)
_ALL_TWO = re.compile(
    r"\b(?:all|every|any)\b[^.]{0,60}\b(?:two|2)[-\s](?:tailed|sided)\b"
    r"|\b(?:two|2)[-\s](?:tailed|sided)\b[^.]{0,60}\bthroughout\b",
    re.I,
)
_MULTIPLE = re.compile(
    r"bonferroni|\bholm|hochberg|hommel|\btukey|\bscheff|dunnett|\bdunn\b|\bsidak|\bšidák|games-howell|"
    r"\bFDR\b|false discovery|multiplicity|multiple (?:comparison|testing)|family-?wise|"
    r"(?:adjusted|corrected)\s+p\b|post[-\s]?hoc|simultaneous",
    re.I,
)
_RESAMPLED = re.compile(r"permutation|bootstrap|randomi[sz]ation test|monte[- ]carlo|bayes", re.I)
_EXACT = re.compile(r"fisher|exact|yates|continuity|mcnemar|mantel|log-?rank", re.I)
_REPEATED = re.compile(
    r"repeated|within[-\s](?:subject|participant|group|person)|sphericity|greenhouse|geisser|huynh|"
    r"mauchly|mixed[-\s](?:model|design|anova|effects)|split[-\s]plot|\btime\b|\bvisits?\b|\bsessions?\b|"
    r"\btrials? effect\b|two[-\s]way|[x×*]\s?(?:time|condition|speed|phase)|rm-?anova",
    re.I,
)
_MARGIN = re.compile(r"non-?inferior|\bequivalen|\bmargin\b|\bTOST\b|superiority (?:bound|margin)", re.I)
_OTHER_INTERVAL = re.compile(
    r"credible|\bCrI\b|\bHDI\b|prediction interval|limits of agreement|\bPI\b|profile|BCa|percentile", re.I
)
_CHANGE_OF_P = re.compile(r"int|trend|het|inferior|equivalence|superiority", re.I)
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
    resampled, exact, repeated, margin, other_interval : bool
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
    repeated: bool
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
    role = _role(result)
    corrected = result.p is not None and _CORRECTED_P.search(result.p["role"] + result.p["before"])
    return Conditions(
        sides=_sides(result, whole),
        firm=_firm(result),
        several=bool(corrected) or _MULTIPLE.search(whole) is not None,
        resampled=_RESAMPLED.search(whole) is not None,
        exact=_EXACT.search(around) is not None,
        repeated=_REPEATED.search(whole) is not None,
        margin=_MARGIN.search(around) is not None,
        other_interval=_OTHER_INTERVAL.search(around) is not None,
        role=role,
        level=min([0.05, *(float(found) for found in _LEVEL.findall(whole) if float(found) > 0)]),
    )


def _sides(result: TextResult, whole: str) -> str:
    p = result.p
    inside = f"{p['before']} {p['inside']}" if p else ""
    # What stands directly behind the result before is said of that one.
    before = _DIRECTLY.sub(" ", result.before)[-_NEAR:]
    near = f"{before} {result.text} {inside} {result.after[:_NEAR]}"
    one, two = _ONE.search(near) is not None, _TWO.search(near) is not None
    if one != two:
        return "one" if one else "two"
    if one or _ONE.search(whole):
        return ""
    return "two" if _ALL_TWO.search(whole) else ""


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
    names = {"int": "interaction", "trend": "trend"}
    return names.get(found.group(0).lower(), "a margin") if found else ""


def _for(after: str) -> str:
    """Return the word behind "p = .03 for ...", where it says what the p is for."""
    found = re.match(
        r"\s*,?\s*for\s(?:the\s)?(interaction|trend|heterogeneity|non-?inferiority|equivalence|superiority)",
        after,
        re.I,
    )
    return found.group(1) if found else ""
