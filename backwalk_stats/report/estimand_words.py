"""The words of an estimand: what each code of a trial file says to a reader."""

from __future__ import annotations

POPULATIONS = {
    "all-randomised": "Everyone who was randomised, in the arm to which they were randomised.",
    "per-protocol": "Those whom the trial file marks as having kept to the protocol.",
    "as-treated": "Everyone who was randomised, in the arm whose treatment they received.",
}
INTERCURRENT = {
    "treatment-policy": "Treatment policy: values count whatever happened after randomisation, "
    "such as stopping the walks or taking other treatment.",
    "hypothetical": "Hypothetical: what would have been had the events not happened; values after "
    "an event are not used, where the data mark them as missing.",
    "while-on-treatment": "While on treatment: values up to the event count, where the data hold "
    "none after it.",
}
_MEAN = "Difference in means, {arm} minus {reference}"
SUMMARIES = {
    "mmrm": f"{_MEAN}{{adjusted}}.",
    "ancova": f"{_MEAN}{{adjusted}}.",
    "constrained-longitudinal": f"{_MEAN}, the baseline means of the arms being one.",
    "change-score": "Difference in mean change from baseline, {arm} minus {reference}.",
    "random-slope": "Difference in mean change from baseline, {arm} minus {reference}, where the "
    "mean of each arm runs in a straight line.",
    "rank-based": "Shift between the distributions, {arm} minus {reference} (Hodges–Lehmann).",
    "mixed-anova": "Interaction of arm and visit: whether the courses of {arm} and {reference} "
    "differ.",
    "crossover": "Mean difference within participants, {arm} minus {reference}.",
}
ANALYSES = {
    "mmrm": "mixed model for repeated measures",
    "ancova": "analysis of covariance",
    "change-score": "comparison of change scores",
    "constrained-longitudinal": "constrained longitudinal model",
    "random-slope": "random-slope model",
    "rank-based": "rank-based comparison",
    "mixed-anova": "mixed analysis of variance",
    "crossover": "comparison within participants",
    "multiple-imputation": "multiple imputation, missing at random",
    "jump-to-reference": "reference-based imputation, jump to reference",
    "copy-reference": "reference-based imputation, copy reference",
    "copy-increments": "reference-based imputation, copy increments in reference",
    "last-mean-carried-forward": "reference-based imputation, last mean carried forward",
    "tipping-point": "tipping point of shifts of the imputed values",
    "per-protocol": "the main analysis of those who kept to the protocol",
    "as-treated": "the main analysis by treatment received",
    "bootstrap": "bootstrap interval",
    "permutation": "permutation test",
    "within-arm": "change within each arm",
    "responder": "comparison of responders",
    "subgroup": "comparison within subgroups",
    "baseline": "baseline characteristics",
    "flow": "flow of participants",
    "missingness": "missing values",
    "adherence": "adherence",
}
