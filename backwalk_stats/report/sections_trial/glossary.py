"""Words of the field, each in a sentence."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject

ORDER = 116
# A term, how the report may spell it, what it means.
_WORDS = (
    ("Backward walking", r"(?i)backward walk|retro.?walk", "Walking with the back to the direction "
     "of travel, on ground or treadmill; also called retro walking in the literature."),
    ("Forward walking", r"(?i)forward walk", "Ordinary walking, at the dose of the backward "
     "walks."),
    ("ANCOVA", r"(?i)ANCOVA|analysis of covariance", "Analysis of covariance: arms compared at one "
     "visit, adjusted for the baseline."),
    ("CI", r"\bCI\b", "Confidence interval."),
    ("cLDA", r"(?i)cLDA|constrained longitudinal", "Constrained longitudinal data analysis: "
     "baseline is an outcome like later visits, its mean the same in all arms."),
    ("Estimand", r"(?i)estimand", "What is to be estimated, in five attributes (ICH E9(R1))."),
    ("Hedges’ g", r"(?i)hedges", "Difference between arms in standard deviations, with a "
     "small-sample correction."),
    ("Hodges–Lehmann", r"(?i)hodges.lehmann", "Shift between two distributions: the median of all "
     "differences between two people, one of each arm."),
    ("Intercurrent event", r"(?i)intercurrent", "Something after randomisation that changes what a "
     "value means, such as stopping treatment."),
    ("Kenward–Roger", r"(?i)kenward.roger", "A correction of standard errors and degrees of "
     "freedom of mixed models for small samples."),
    ("MCID", r"(?i)\bmcid|important change", "Minimal clinically important difference: the "
     "smallest change that patients call important. Several are published for most scales; one is "
     "used here only if it is named."),
    ("MDC", r"(?i)\bmdc\b|\bmdc-|minimal detectable", "Minimal detectable change: change beyond "
     "measurement error."),
    ("MMRM", r"(?i)MMRM|mixed model for repeated", "Mixed model for repeated measures: all visits "
     "at once, with a free covariance between them."),
    ("NNT", r"(?i)\bNNT|number needed", "Number needed to treat: how many must walk backward for "
     "one more responder."),
    ("Responder", r"(?i)responder", "A participant whose improvement reaches a named threshold, or "
     "30 % of the baseline."),
    ("Sensitivity analysis", r"(?i)sensitivity anal", "The same estimand under other "
     "assumptions."),
    ("Standardised difference", r"(?i)standardised difference|SDs at baseline", "A difference in "
     "standard deviations; which one is said beside it."),
    ("Supplementary analysis", r"(?i)supplementary anal", "Another estimand than the one declared: "
     "other people, another treatment received, another summary."),
    ("Tipping point", r"(?i)tipping", "The shift of the values not seen at which the conclusion "
     "would change."),
)  # fmt: skip


def section(subject: TrialSubject) -> document.Section:
    """Return the glossary; the report keeps the terms that occur in it."""
    entries = tuple(((document.Strong(text=term),), (meaning,)) for term, _, meaning in _WORDS)
    spelt = tuple(spelling for _, spelling, _ in _WORDS)
    block = document.Definitions(entries=entries, beside=True, spelt=spelt)
    return document.Section(id="glossary", title="Glossary", blocks=(block,), appendix=True)
