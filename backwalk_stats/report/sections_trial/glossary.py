"""Words of the field, each in a sentence."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject

ORDER = 96
_WORDS = {
    "Backward walking": "Walking with the back to the direction of travel, on ground or treadmill; "
    "also called retro walking or retro-walking in the literature.",
    "Forward walking": "Ordinary walking, at the dose of the backward walks.",
    "ANCOVA": "Analysis of covariance: arms compared at one visit, adjusted for the baseline.",
    "CI": "Confidence interval.",
    "cLDA": "Constrained longitudinal data analysis: baseline is an outcome like later visits, its "
    "mean the same in all arms.",
    "Estimand": "What is to be estimated, in five attributes (ICH E9(R1)).",
    "Hedges’ g": "Difference between arms in standard deviations, with a small-sample correction.",
    "Intercurrent event": "Something after randomisation that changes what a value means, such as "
    "stopping treatment.",
    "Kenward–Roger": "A correction of standard errors and degrees of freedom of mixed models for "
    "small samples.",
    "MCID": "Minimal clinically important difference: the smallest change that patients call "
    "important. Several are published for most scales; one is used here only if it is named.",
    "MDC": "Minimal detectable change: change beyond measurement error.",
    "MMRM": "Mixed model for repeated measures: all visits at once, with a free covariance between "
    "them.",
    "NNT": "Number needed to treat: how many must walk backward for one more responder.",
    "Responder": "A participant whose improvement reaches a named threshold, or 30 % of the "
    "baseline.",
    "Tipping point": "The shift of the values not seen at which the conclusion would change.",
}


def section(subject: TrialSubject) -> document.Section:
    """Return the glossary; it is the same for every trial."""
    entries = tuple(((document.Strong(text=term),), (meaning,)) for term, meaning in _WORDS.items())
    return document.Section(
        id="glossary",
        title="Glossary",
        blocks=(document.Definitions(entries=entries, beside=True),),
    )
