"""How statistics are spelled in print: the patterns, and the pieces of text that they find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

DIGITS = (
    r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d|,\d)(?:\.\d{1,18})?|\d{1,18}\.\d{1,18}|\d{1,18}|\.\d{1,18})"
)
POWER = r"(?:[eE][-+–]?\d{1,3}(?!\d|\.\d)|\s?[x×*]\s?10\s?\^?\s?[-–]?\d{1,3}(?!\d|\.\d))?"
NUMBER = rf"{DIGITS}{POWER}"
SIGNED = rf"(?:[-–+]\s?)?{NUMBER}"
ENDS = r"(?!\d|\.\d|,\d{3}(?!\d))"
FREEDOM = r"(?:\d{1,9}\.\d{1,9}|\d{1,9}|\.\d{1,9}|[lI](?=\s*[,;]))"
RELATION = r"(?:<\s?=|>\s?=|=\s?<|=\s?>|[=<>≤≥≈~:])"
_NO_UNIT = r"(?!(?:to|bis|and|vs|or|in|of|at|for|p|P|SD|SE|CI|IQR)\b)"
_SHORT = rf"{_NO_UNIT}[a-zA-Zµ]{{1,3}}(?:/[a-z]{{1,3}}[2²]?)?"
UNIT = rf"(?:\s?(?:%|°|{_SHORT}|points?|degrees?|mmHg)(?![\w]))?"
TO = r"(?:\s*(?:to|bis|a|à|and|through|;|,|–|-|\.\.\.?|…)\s*)"
ENDPOINTS = rf"(?P<low>{SIGNED}){UNIT}{TO}(?P<high>{SIGNED}){ENDS}{UNIT}"
OPEN, CLOSE = r"[(\[{]", r"[)\]}]"
# A letter with a number and one of these behind it is a force, a time or a height.
_MEASURED = re.compile(
    r"\s?(?:mm|cm|km|m|s|ms|kg|g|N|Nm|Hz|k?W|J|[kM]?Pa|mmHg|deg|°C?|years?|days?|weeks?|months?|points?|"
    r"min|h|bpm|%)(?![\w(])"
)

CHI2 = (
    r"(?:χ\s?2?(?:_?[FrRP](?![\w]))?|[xX]2|[cC]hi[-_ ]?2|[cC]hi[-\s]?(?:sq(?:uare[d]?)?\.?)|X\^2)"
)
LETTERS = {
    "chi2": CHI2,
    "Q": r"Q(?:[-_ ]?(?:[wW]ithin|[bB]etween|[wWbBEMT])(?![a-zA-Z]))?",
    "rho": (
        r"(?:ρ|r_?s(?![a-z])|[Ss]pearman(?:'s)?(?:\s(?:rank))?(?:\scorrelation)?\s(?:rho|r|ρ)|rho)"
    ),
    "tau": r"(?:τ(?:_?b)?|[Kk]endall(?:'s)?\stau(?:-?b)?)",
    "F": r"F",
    "t": r"[tT]",
    "r": r"r(?:_?p(?![a-z]))?",
    "z": r"[zZ]",
    "U": r"U",
    "H": r"H",
    "W": r"W",
}
# Degrees of freedom in brackets, in a lowered index, or glued to the letter.
_N_INSIDE = rf"(?:\s*[,;]\s*[nN]\s*=\s*(?P<n>{DIGITS}))?"
_IN_BRACKETS = (
    rf"\s*{OPEN}\s*(?:d\.?f\.?\s*=\s*)?(?P<df1>{FREEDOM})(?:\sd\.?f\.?)?"
    rf"(?:\s*[,;/]\s*(?:d\.?f\.?_?2?\s*=\s*)?(?P<df2>{FREEDOM}))?{_N_INSIDE}\s*{CLOSE}"
)
_LOWERED = rf"_(?P<sub1>{FREEDOM})(?:\s?,\s?_?(?P<sub2>{FREEDOM}))?"
_GLUED = r"(?P<glued1>\d{1,4}(?:\.\d+)?)(?:,\s?(?P<glued2>\d{1,5}(?:\.\d+)?))?"
_WORD = r"(?:[-\s](?:values?|statistic|ratio|score)(?![\w]))?"
_NOISE = r"(?:[^\w\s.,;:()\[\]<>=≤≥±–-]{1,3})?"
_VALUE = rf"\s*(?P<relation>{RELATION})\s*{_NOISE}(?P<value>{SIGNED}){ENDS}"

P_WORD = r"(?:[pP](?:'?s)?(?:[-\s]?(?:[vV]alues?))?|[Ss]ig(?:nificance|\.)?(?=\s*[=(<>]))"
_P_ROLE = (
    r"(?P<role>(?:[\s_-]*(?:for|of)?[\s_-]*\(?(?:(?:group|treatment|arm)\s?[x×*]\s?time|"
    r"interaction|int|trend|het(?:erogeneity)?|adj(?:usted)?\.?|corr(?:ected)?\.?|"
    r"bonf(?:erroni)?|holm|tukey|fdr|GG|HF|exact|non-?inferiority|"
    r"equivalence|superiority)\)?)?)"
)
_SIDES_INSIDE = r"(?:\s*\(?\s*(?P<inside>(?:one|two|1|2)[-\s]?(?:tailed|sided|tail))\s*\)?)?"
P_VALUE = re.compile(
    rf"(?<![\w.])(?P<before>(?:one|two|1|2)[-\s](?:tailed|sided)\s+|adjusted\s+|corrected\s+|"
    rf"Bonferroni[-\s](?:adjusted|corrected)\s+|interaction\s+|heterogeneity\s+)?"
    rf"{P_WORD}{_P_ROLE}{_SIDES_INSIDE}\s*"
    rf"(?:(?P<relation>{RELATION})|(?:was|of|is|were)(?=\s))?\s*"
    rf"(?:(?P<value>(?:[-–]\s?)?{NUMBER}){ENDS}|(?P<ns>[nN]\.?\s?[sS]\.?(?![\w])))"
)
NOT_SIGNIFICANT = re.compile(
    r"[,;(=:]\s*(?P<ns>n\.?\s?s\.?(?!\w)|NS(?!\w)|N\.S\.|"
    r"(?:not|non)[-\s]?(?:statistically\s)?significant)"
)
INTERVAL = re.compile(
    rf"(?:(?P<level>\d{{2}}(?:\.\d+)?)\s?(?:%|per\s?cent)[\s-]?(?:[CK]\.?I\.?s?(?![a-z])|[cC]onfidence\s(?:[iI]nterval|"
    rf"[lL]imit)s?|CL(?![a-z]))|(?:C\.?I\.?|I\.?C\.?|[cC]onfidence\s[iI]nterval)\s?_?\(?"
    rf"(?P<level2>\d{{2}})\s?%\)?|(?P<nolevel>(?<![\w])C\.?I\.?(?![a-z])))"
    rf"(?:\s?[(\[]C\.?I\.?[)\]])?(?:\s(?:of|for)\s(?:the\s)?(?:mean\s)?difference)?\s*(?:=|:|,|was|of|from|between|ranging\sfrom)?\s*{OPEN}?\s*"
    rf"(?:from\s)?{ENDPOINTS}\s*[)\]}}]?"
)
BARE_INTERVAL = re.compile(rf"\s*,?\s*{OPEN}\s*{ENDPOINTS}\s*(?:{CLOSE}|(?=[,;]))")
DEGREES = re.compile(
    rf"(?<![\w.])(?:gl|d\.?f\.?(?:_?[12])?(?:'?s)?|[dD]egrees?\sof\sfreedom)\s*(?:=|:|of|were|was)?\s*"
    rf"[(\[]?(?P<df1>{FREEDOM})(?:\s*(?:,|;|/|and|&)\s*(?:d\.?f\.?_?2\s*=\s*)?"
    rf"(?P<df2>\d+(?:\.\d+)?))?(?![\d.]*\d)"
    rf"|(?<![\w.])(?<![=<>–-])(?<![=<>–-]\s)(?P<df1b>\d{{1,9}}(?:\.\d{{1,9}})?)(?:\s*(?:,|;|/|and|&)\s*(?P<df2b>\d{{1,9}}(?:\.\d{{1,9}})?))?\s?"
    rf"(?:d\.?f\.?(?![\w])|degrees?\sof\sfreedom)"
)
SIZE = re.compile(rf"(?<![\w.])[nN](?P<arm>_?[12])?\s*=\s*(?P<n>{DIGITS}){ENDS}")
ERROR = re.compile(
    rf"(?<![\w.])(?:S\.?E\.?(?:M|\.)?|[Ss]tandard\s[eE]rror)\s*(?:=|:|of|was)?\s*(?P<se>{NUMBER}){ENDS}"
)
ETA = re.compile(
    rf"(?<![A-Za-z])(?P<kind>(?:[Pp]artial\s+|[Gg]enerali[sz]ed\s+)?)(?:η|eta(?![a-z]))[\s_-]*"
    rf"(?P<p1>(?:p|G)(?:artial)?(?![a-z]))?[\s_-]*(?:\^?2|squared?|sq\.?)[\s_]*"
    rf"(?P<p2>(?:p|G)(?:artial)?(?![a-z]))?\s*(?P<relation>{RELATION}|of|was)\s*(?P<value>{NUMBER}){ENDS}"
    r"(?P<percent>\s?%)?"
)
I_SQUARED = re.compile(rf"(?<![\w])I\s?2\s*{RELATION}?\s*(?P<value>{DIGITS})\s?%?")

# Named effects: canonical name, words (in either case), abbreviation (as it is), scale.
EFFECTS = (
    ("OR", r"(?:adjusted\s|crude\s|unadjusted\s)?odds\sratios?", r"a?OR", "ratio"),
    ("HR", r"(?:adjusted\s)?hazards?\sratios?", r"a?HR", "ratio"),
    ("IRR", r"(?:incidence[-\s])?rate\sratios?", r"IRR", "ratio"),
    ("RR", r"(?:adjusted\s)?(?:risk\sratios?|relative\srisks?(?!\sred))", r"a?RR", "ratio"),
    ("ROM", r"ratio\sof\s(?:geometric\s)?means|geometric\smean\sratio", r"GMR|ROM", "ratio"),
    ("SMD", r"standardi[sz]ed\s(?:mean\s)?differences?", r"SMD", "difference"),
    ("median difference", r"median\sdifferences?|Hodges[-–]Lehmann(?:\s\w+){0,2}", r"HL", "ranks"),
    ("RD", r"(?:absolute\s)?risk\sdifferences?", r"A?RD", "difference"),
    (
        "MD",
        r"(?:adjusted\s|weighted\s|estimated\s|baseline-adjusted\s|between[-\s]groups?\s|"
        r"least[-\s]squares\s){0,3}mean\s(?:between[-\s]groups?\s)?differences?|"
        r"between[-\s]groups?\sdifferences?|difference\sin\smeans|treatment\s(?:effect|difference)|"
        r"(?:adjusted\s)?differences?",
        r"W?MD",
        "difference",
    ),
    ("AUC", r"area\sunder\sthe\s(?:ROC\s)?curve", r"AU(?:RO)?C", "auc"),
    ("g", r"hedges'?s?\s?g", r"g(?:_?(?:av|s|rm))?", "difference"),
    ("d", r"cohen'?s?\s?d(?:_?(?:z|av|s|rm))?", r"d(?:_?(?:z|av|s|rm))?", "difference"),
    (
        "ICC",
        r"intraclass\scorrelation(?:\scoefficients?)?",
        r"ICC(?:_?\(?\d\s?,\s?[\dk]\)?)?",
        "bounded",
    ),
    ("kappa", r"kappa", r"κ", "bounded"),
    ("beta", r"beta", r"β", "coefficient"),
    ("b", r"regression\scoefficients?|coefficient", r"[bB]", "coefficient"),
)
SCALES = {name: scale for name, _, _, scale in EFFECTS}
_LETTERED = frozenset({"g", "d", "b", "beta", "kappa"})
_NAMES = "|".join(
    f"(?P<e{place}>(?i:{words})|{letters})" for place, (_, words, letters, _) in enumerate(EFFECTS)
)
_WORDS = "|".join(
    f"(?P<e{place}>(?i:{words}){'' if name in _LETTERED else '|' + letters})"
    for place, (name, words, letters, _) in enumerate(EFFECTS)
)
_ABBREVIATED = r"(?:\s?[(\[][A-Za-z]{1,5}[)\]])?"
_LEVEL_INSIDE = r"(?:\s?[(\[,]?\s?(?P<level>\d{2})\s?%\s?C\.?I\.?\s?[)\]:,]?)?"
EFFECT = re.compile(
    rf"(?<![\w.])(?:{_NAMES})(?![\w])(?:'s)?{_ABBREVIATED}{_LEVEL_INSIDE}\s*"
    rf"(?P<relation>{RELATION}|of|was|were|is)?\s*(?P<value>{SIGNED}){ENDS}"
)
EFFECT_WORD = re.compile(
    rf"(?<![\w.])(?:{_WORDS}|(?P<mean>(?i:means?(?!\sdiff)|medians?(?!\sdiff)|prevalence|"
    r"proportions?|sensitivity|specificity|incidence|reliability)))(?![\w])"
)
MEAN_SD = (
    re.compile(
        rf"(?<![\w.])(?:M|[Mm]eans?)\s*(?:=|:|of|was|were)?\s*(?P<mean>{SIGNED}){ENDS}{UNIT}\s*[,;(\[]+\s*"
        rf"(?:S\.?D\.?|[Ss]tandard\sdeviation)\s*(?:=|:|of|was)?\s*(?P<sd>{NUMBER}){ENDS}"
    ),
    re.compile(rf"(?P<mean>{SIGNED}){UNIT}\s*(?:±|\+/[-–]|\+[-–])\s*(?P<sd>{NUMBER}){ENDS}"),
    re.compile(
        rf"(?P<mean>{SIGNED}){UNIT}\s*[(\[]\s*(?:S\.?D\.?|±)\s*[=:]?\s*(?P<sd>{NUMBER}){ENDS}{UNIT}\s*[)\]]"
    ),
    re.compile(
        rf"[Mm]ean\s?[(\[]S\.?D\.?[)\]](?:\s?[A-Za-z]+){{0,6}}\s?(?:=|:|of|was)?\s*"
        rf"(?P<mean>{SIGNED})\s?[(\[](?P<sd>{NUMBER})[)\]]"
    ),
)
MEDIAN = re.compile(
    rf"(?<![\w])[Mm]edian(?:\s?[(\[](?:IQR|Q1\s?[-–,]\s?Q3|interquartile\srange)[)\]])?(?:\s[a-z]+){{0,3}}?\s*"
    rf"(?:=|:|of|was)?\s*(?P<median>{SIGNED}){UNIT}\s*,?\s*[(\[]\s*(?P<word>IQR|[Ii]nterquartile\srange|"
    rf"Q1\s?[-–]\s?Q3|[Rr]ange)?\s*[:,=]?\s*{ENDPOINTS}\s*[)\]]"
)
COUNT = (
    re.compile(
        rf"(?<![\w.,])(?P<count>\d{{1,7}})\s*(?:/|of(?:\sthe)?|out\sof)\s*(?P<n>\d{{1,7}})(?![\d.])"
        rf"(?:\s[A-Za-z-]+){{0,4}}\s*[(\[,;]\s*(?P<percent>{DIGITS})\s?%"
    ),
    re.compile(
        rf"(?<![\w.,])(?P<percent>{DIGITS})\s?%\s*[(\[]\s*(?:n\s*=\s*)?(?P<count>\d{{1,7}})\s*(?:/|of|out\sof)\s*"
        rf"(?P<n>\d{{1,7}})(?:\s[A-Za-z-]+){{0,3}}\s*[)\]]"
    ),
    re.compile(rf"(?<![\w.,/])(?P<count>\d{{1,7}})\s*[(\[]\s*(?P<percent>{DIGITS})\s?%\s*[)\]]"),
)
# A percentage is of the count beside it when it ends there, and when both are of people.
_ENDS_SHARE = re.compile(
    r"\s*(?:[)\];:,.]|$|vs|versus|and\b|compared|in\b)(?!\s*(?:of|were|was)\b)"
)
# Words that carry the sign of a number, which then may stand without it.
DIRECTION = re.compile(
    r"reduc|decreas|decline|\bfell\b|\bfall\b|\bdrop|lower|less|fewer|shorter|slower|faster|improve|gain|"
    r"increas|favou?r|better|worse|greater|more\b|advantage|benefit|loss|lost",
    re.I,
)
_NO_PEOPLE = re.compile(r"session|visit|class|exercise|appointment|item|step|point|day|week", re.I)
_MIDDLE = re.compile(r"\b(?:mean|average|median|attend|adher|complian)\w*[^.;]*$", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of a statistic where it stands in the plain text.

    Attributes
    ----------
    kind : str
        "test", "effect", "p", "interval", "df", "n", "se", "eta", "i2", "mean", "median", "count".
    start, end : int
        Where it stands.
    name : str
        Canonical name of the statistic ("t", "chi2", "OR"), "" for the rest.
    parts : dict of str
        Its numbers as text, such as `value`, `relation`, `low`, `high`, `level`, `df1`, `df2`.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    parts: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        """Return a part as text, "" where it was not printed."""
        return self.parts.get(key, "")


def plain_number(text: str) -> str:
    """Return a printed number as a plain decimal text.

    Examples
    --------
    >>> plain_number("– 2,000.20"), plain_number(".5e-3"), plain_number("4.2 × 10^-5")
    ('-2000.20', '.5e-3', '4.2e-5')
    """
    text = re.sub(r"\s?[x×*]\s?10\s?\^?\s?", "e", text.replace("–", "-"))
    return text.replace(",", "").replace(" ", "").lstrip("+")


def pieces(text: str) -> list[Piece]:
    """Return the pieces of statistics in a plain text, in order, none over another.

    Examples
    --------
    >>> [(one.kind, one.name) for one in pieces("t(28) = 2.20, p = .036")]
    [('test', 't'), ('p', '')]
    """
    found = sorted(_all(text), key=lambda rank: (rank[0], rank[1].start))
    taken: list[Piece] = []
    busy = bytearray(len(text) + 1)
    for _, piece in found:
        if not any(busy[piece.start : piece.end]):
            taken.append(piece)
            busy[piece.start : piece.end] = b"\x01" * (piece.end - piece.start)
    return sorted(taken, key=lambda piece: piece.start)


def _all(text: str) -> Iterator[tuple[int, Piece]]:
    for name, letters in LETTERS.items():
        for piece in _tests(text, name, letters):
            yield 0, piece
    simple = (
        (1, "p", P_VALUE), (1, "eta", ETA), (2, "interval", INTERVAL), (2, "i2", I_SQUARED),
        (3, "median", MEDIAN), *((3, "mean", pattern) for pattern in MEAN_SD), (5, "df", DEGREES),
        (5, "se", ERROR), (6, "p", NOT_SIGNIFICANT), (7, "n", SIZE),
        *((8, "count", pattern) for pattern in COUNT),
    )  # fmt: skip
    for rank, kind, pattern in simple:
        for found in pattern.finditer(text):
            if kind == "count" and not _is_share(found, text):
                piece = _piece(kind, found)
                yield rank, replace(piece, parts={**piece.parts, "unsure": "1"})
            elif kind != "p" or _is_p(found, text):
                yield rank, _piece(kind, found)
    yield from ((4, piece) for piece in _effects(text))


def _tests(text: str, name: str, letters: str) -> Iterator[Piece]:
    glued = rf"|{_GLUED}" if name in ("t", "F", "chi2") else ""
    pattern = rf"(?<![\w.^/%\\-])(?:{letters}){_WORD}(?:{_IN_BRACKETS}|{_LOWERED}{glued})?{_VALUE}"
    for found in re.finditer(pattern, text):
        parts = {key: value for key, value in found.groupdict().items() if value}
        for place in ("1", "2"):
            df = parts.get(f"df{place}") or parts.get(f"sub{place}") or parts.get(f"glued{place}")
            if df:
                parts[f"df{place}"] = "1" if df in "lI" else df
        if "glued1" in parts and not _is_lowered(found, parts):
            continue
        if "df1" not in parts and _MEASURED.match(text, found.end()):
            continue
        if re.fullmatch(r"[-–+ ]*[1-9]\d{0,2},\d{3}", parts["value"]):
            parts["comma"] = "1"
        yield Piece(
            kind="test", start=found.start(), end=found.end(), name=name, parts=_plain(parts)
        )


def _is_lowered(found: re.Match[str], parts: dict[str, str]) -> bool:
    """Tell whether digits behind a letter are its df: `t28`, not `T12`, which is a time."""
    letters = found.group(0)
    if letters[0] == "T":
        return False
    square = letters[0] in "χxXcC" and not letters.startswith(("χ =", "χ="))
    return square or len(parts["glued1"]) > 1 or "glued2" in parts


def _effects(text: str) -> Iterator[Piece]:
    for found in EFFECT.finditer(text):
        name, letters = effect_name(found)
        letter = name in _LETTERED and len(letters) < 3
        if letter and (not found.group("relation") or _MEASURED.match(text, found.end())):
            continue
        parts = {key: value for key, value in found.groupdict().items() if value and key[0] != "e"}
        end = found.end()
        unit = re.compile(UNIT).match(text, end)
        bare = BARE_INTERVAL.match(text, unit.end() if unit else end)
        if bare:
            parts |= {"low": bare.group("low"), "high": bare.group("high")}
            end = bare.end()
        yield Piece(kind="effect", start=found.start(), end=end, name=name, parts=_plain(parts))


def effect_name(found: re.Match[str]) -> tuple[str, str]:
    """Return the canonical name that a match of `EFFECT` or `EFFECT_WORD` gives, and its letters.

    Examples
    --------
    >>> effect_name(EFFECT_WORD.search("the adjusted odds ratio"))
    ('OR', 'adjusted odds ratio')
    """
    for place, (name, _, _, _) in enumerate(EFFECTS):
        if found.group(f"e{place}"):
            return name, found.group(f"e{place}")
    return "mean", found.group(0)


def _piece(kind: str, found: re.Match[str]) -> Piece:
    parts = {key: value for key, value in found.groupdict().items() if value}
    for key in ("df1", "df2"):
        if f"{key}b" in parts:
            parts[key] = parts[f"{key}b"]
    if "level2" in parts:
        parts["level"] = parts["level2"]
    return Piece(kind=kind, start=found.start(), end=found.end(), parts=_plain(parts))


def _plain(parts: dict[str, str]) -> dict[str, str]:
    words = {"relation", "role", "before", "inside", "kind", "ns", "word", "p1", "p2", "arm"}
    return {key: value if key in words else plain_number(value) for key, value in parts.items()}


def _is_share(found: re.Match[str], text: str) -> bool:
    """Tell whether a percentage is of the count beside it: not `18 of 34, 40% of whom`."""
    before, after = text[max(found.start() - 60, 0) : found.start()], text[found.end() :]
    if _MIDDLE.search(before) or _NO_PEOPLE.search(found.group(0)):
        return False
    ended = found.group(0)[-1] in ")]" or _ENDS_SHARE.match(after) is not None
    return ended


def _is_p(found: re.Match[str], text: str) -> bool:
    """Tell whether a letter p with a number is a p-value: not `p 12`, `P = 120 W`, `p < 5%`."""
    named = found.groupdict()
    large = named.get("value") and re.match(r"0*[1-9]\d|0*[2-9]", named["value"])
    if large and _MEASURED.match(text, found.end()):
        return False
    if named.get("ns") or named.get("relation"):
        return True
    return "." in (named.get("value") or "")
