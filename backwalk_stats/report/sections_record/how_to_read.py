"""What the words of the report mean."""

from __future__ import annotations

from backwalk_stats.report.document import badges, document
from backwalk_stats.tables.labels import CLAIM_MEANINGS, VERDICT_MEANINGS, sentence_case
from backwalk_stats.trial.result import Reproduction

ORDER = 37
_CLAIMS = document.Paragraph(content=("Verdicts on claims:",))
_NUMBERS = document.Paragraph(content=("Verdicts on printed numbers:",))
_ROUNDING = (
    "A printed 4.8 stands for everything from 4.75 to 4.85. Every recomputation is therefore "
    "carried out over all values that the rounding of its printed inputs allows, and what comes "
    "out is an interval, not a point. A printed number is doubted only when it lies outside that "
    "interval. “p < 0.05”, “0.000” and “NS” are bounds and are compared as bounds."
)
_DIRECTION = (
    "Lower is better for pain and for WOMAC and ODI scores. Differences are backward walking minus "
    "the comparison: below zero favours backward walking where lower is better."
)
_LIMITS = (
    "A finding that is reproduced agrees with the numbers printed beside it. That does not show "
    "that the trial was well done, nor that the effect is real. A finding that is not reproduced "
    "means that these numbers cannot all be right as printed: a slip of the pen, a test that was "
    "not named, or participants left out all look the same from outside."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the words of the verdicts, how rounding is treated, and which way is better."""
    used = [code for code in VERDICT_MEANINGS if (reproduction.ledger["verdict"] == code).any()]
    verdicts = document.Definitions(
        beside=True,
        entries=tuple(
            ((badges.verdict_badge(code),), (f"{sentence_case(VERDICT_MEANINGS[code])}.",))
            for code in used
        ),
    )
    asked = [code for code in CLAIM_MEANINGS if (reproduction.claims["verdict"] == code).any()]
    about_claims = document.Definitions(
        beside=True,
        entries=tuple(
            ((badges.claim_badge(code),), (f"{sentence_case(CLAIM_MEANINGS[code])}.",))
            for code in asked
        ),
    )
    words = (document.Strong(text="Rounding."), " " + _ROUNDING)
    direction = (document.Strong(text="Direction."), " " + _DIRECTION)
    limits = (document.Strong(text="What a verdict does not say."), " " + _LIMITS)
    methods = ("The formula and the reference of every check stand under ",)
    return document.Section(
        id="how-to-read",
        title="How to read this report",
        blocks=(
            *((_CLAIMS, about_claims, _NUMBERS, verdicts) if asked and used else ()),
            *((verdicts,) if used and not asked else ()),
            document.Paragraph(content=words),
            document.Paragraph(content=direction),
            document.Paragraph(content=limits),
            document.Paragraph(
                content=(*methods, document.Link(text="Methods", target="#methods"), ".")
            ),
        ),
    )
