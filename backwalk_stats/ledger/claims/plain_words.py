"""The words of the record, written out for people who did not collect it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwalk_stats.ledger.case import Study
from backwalk_stats.ledger.claims.bearing import Bearing
from backwalk_stats.ledger.claims.findings import AGAINST, FOR, Finding, printed_sense
from backwalk_stats.ledger.claims.wording import OPPOSITE, sense_of
from backwalk_stats.ledger.reading.printed import is_number, parse_p, with_exponent
from backwalk_stats.ledger.reading.vocabulary import words
from backwalk_stats.tables.numbers import shortened

# Short forms of the record, as words.
SHORT_FORMS = (
    (r"%\s?MVIC\b", "activity (percent of maximal contraction)"),
    (r"\bMF\b", "multifidus"),
    (r"\bES\b", "erector spinae"),
    (r"\bVMO\b", "vastus medialis oblique"),
    (r"\bVL\b", "vastus lateralis"),
    (r"\bE?KAM\b", "knee adduction moment"),
    (r"\bKAAI\b", "knee adduction impulse"),
    (r"\bEKFM\b", "knee flexion moment"),
    (r"\bPFJ\b", "patellofemoral"),
    (r"\bLMC\b", "lumbar movement control"),
    (r"\bROM\b", "range of motion"),
    (r"\bQoL\b", "quality of life"),
    (r"\bBWT?\b", "backward walking"),
    (r"\bFWT?\b", "forward walking"),
    (r"\bNo-?LBP\b", "no low back pain"),
    (r"\bC(?:NS)?LBP\b", "chronic low back pain"),
    (r"\b(?:NS)?LBP\b", "low back pain"),
    (r"\bOA\b", "osteoarthritis"),
    (r"\bCP\b", "cerebral palsy"),
    (r"\bPFPS\b", "patellofemoral pain"),
    (r"\bconv(?:entional)?\b\.?", "conventional treatment"),
    (r">=\s?(\d+) y\b", r"people of \1 years and more"),
    (r"\bCHRONIC\b", "chronic"),
    (r"\s*\(derived\)|^[A-Z] (?=[a-z])", ""),
    (r"\b(\d+)-(\d+) (?:y|years)\b", r"\1 to \2 years"),
    (r"^(\d+) (?=(?:\w+ )*(?:osteoarthritis|pain)\b)", r"\1 people with "),
    (r"\bhealthy$", "healthy people"),
    (r"(.*?)\s*\(reduction\)", r"reduction of \1"),
    (r"\s*;\s*", ", "),
)


def arm_words(text: str) -> str:
    """Return an arm of the record, written out."""
    bare = in_full(text)
    if words(bare) in (["retro"], ["backward"]):
        return "backward walking"
    return "forward walking" if words(bare) == ["forward"] else bare


def in_full(text: str) -> str:
    """Return a label of the record with its short forms written out.

    >>> in_full("MF %MVIC"), in_full("first peak EKAM; KAAI")
    ('multifidus activity (percent of maximal contraction)', \
'first peak knee adduction moment, knee adduction impulse')
    """
    for short, full in SHORT_FORMS:
        text = re.sub(short, full, text)
    return text.strip()


def unit_words(unit: str) -> str:
    """Return a unit; "" where it was not read."""
    return "" if "not " in unit else unit


def in_whom(bearing: Bearing, study: Study) -> str:
    """Return who was studied, in brackets; "" where it was not read."""
    people = in_full(re.split(r"[;:(]", bearing.people.get(study.study_id, ""))[0]).strip(" ,")
    if not people or people in ("not read", "mixed"):
        return ""
    return f", in {people}"


def printed_words(finding: Finding) -> str:
    """Return what is printed of a comparison: the side in words, the estimate, the p."""
    contrast = finding.contrast
    printed = contrast.printed
    said = printed_sense(contrast, finding.first_is_claimed)
    estimate = printed.get("estimate", "")
    side = "" if finding.side not in (FOR, AGAINST) or finding.assumed else said
    if re.search(r"[a-z]{3}", estimate):
        # The words of an estimate are about the first arm, whichever of them the claim speaks of.
        turned = side and sense_of(estimate) == OPPOSITE[side]
        estimate = f"{estimate} with {arm_words(contrast.arm_a)}" if turned else estimate
        side = ""
    parts = [" ".join(part for part in (side, estimate) if part)]
    if is_number(estimate) and "conf_low" in printed and "conf_high" in printed:
        low, high = (shortened(printed[name]) for name in ("conf_low", "conf_high"))
        parts = [f"{shortened(estimate)} ({low} to {high})"]
        parts = [f"{'pooled ' if contrast.kind == 'pooled' else ''}{parts[0]}"]
    if contrast.read.role != "heterogeneity":
        time = " for the effect of time" if contrast.read.role == "time" else ""
        parts.append(f"{text}{time}" if (text := p_words(printed.get("p_value", ""))) else "")
    if not printed:
        parts.append("no number read")
    return ", ".join(part for part in parts if part)


def p_words(text: str) -> str:
    """Return a printed p as "p = 0.01", "p < 0.05" or in its words.

    >>> p_words("P < .001"), p_words("0.0057"), p_words("no significant difference")
    ('p < 0.001', 'p = 0.0057', 'no significant difference')
    """
    if parse_p(text) is None or not re.search(r"\d", text):
        return text.strip("() ").lower() if text.strip("- ") else ""
    bare = re.sub(r"^\s*p\s*", "", with_exponent(text), flags=re.IGNORECASE).strip("= ")
    bare = re.sub(r"(?<!\d)\.(\d)", r"0.\1", bare)
    found = re.match(r"([<>\u2264\u2265]=?)\s*(.*)", bare)
    if found:
        return f"p {found.group(1)} {found.group(2)}"
    return f"p = {bare}" if re.search(r"[1-9]", bare) else f"p printed as {bare}"


def reasons_words(reasons: Sequence[str]) -> str:
    """Return why a study cannot carry a claim, as one clause."""
    first, *rest = reasons
    return " and ".join([first, *(reason.removeprefix("watched ") for reason in rest)])


def without_brackets(text: str) -> str:
    """Return a text without what stands in brackets."""
    return re.sub(r"(?<!\s)\s*+\([^)]{0,500}\)", "", text).strip()


def sentence(text: str) -> str:
    """Return a text as a sentence."""
    return capital(text).rstrip(".") + "."


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def joined_by_and(texts: Sequence[str]) -> str:
    """Return a list in words, its last two joined by "and"."""
    return series(texts, "and")


def joined_by_or(texts: Sequence[str]) -> str:
    """Return a list in words, its last two joined by "or"."""
    return series(texts, "or")


def series(texts: Sequence[str], word: str) -> str:
    """Return a list of words as a reader expects it: commas, and a word before the last.

    >>> series(["a", "b", "c"], "and")
    'a, b and c'
    """
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"
