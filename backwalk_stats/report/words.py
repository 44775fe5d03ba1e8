"""The words of an estimand: what each code of a trial file says to a reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.tables.model import CODES
from backwalk_stats.tables.trial_labels import EFFECTS, arm_words, in_sentence
from backwalk_stats.trial.outcome import in_words
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial

if TYPE_CHECKING:
    from backwalk_stats.report.subject import TrialSubject

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
_NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
_COVARIANCE = re.compile(r"\b(covariance(?: of the visits:)? |\()([a-z0-9_]+)(?= |;|\)|$)")
_QUANTITY = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, EFFECTS)) + r")(?=:)")
ITEMS = {
    "1a": "Called a randomised trial",
    "1b": "Structured summary",
    "2": "Registry, number, date of registration",
    "3": "Where protocol and analysis plan can be read",
    "4": "Where data, code and other material can be had",
    "5a": "Funding, and the part the funders had",
    "5b": "Interests of the authors",
    "6": "Background",
    "7": "Objectives, of benefit and of harm",
    "8": "Part that patients or the public had",
    "9": "Design, allocation ratio, framework",
    "10": "Changes after the start, with reasons",
    "11": "Setting and places",
    "12a": "Who could take part",
    "12b": "Which sites and which therapists",
    "13": "Intervention and comparator, so that they can be repeated",
    "14": "Outcomes: measure, metric, summary, time",
    "15": "How harm was defined and asked for",
    "16a": "How the sample size was found",
    "16b": "Interim analyses and rules for stopping",
    "17a": "Who made the random sequence, and how",
    "17b": "Type of randomisation, blocks, strata",
    "18": "How the sequence was concealed",
    "19": "Who could see the sequence when enrolling",
    "20a": "Who was blinded",
    "20b": "How blinding was done",
    "21a": "Statistical methods for each outcome",
    "21b": "Who is in each analysis, and in which group",
    "21c": "How missing data were handled",
    "21d": "Methods of further analyses, planned or not",
    "22a": "Randomised, treated and analysed, by group",
    "22b": "Losses and exclusions, with reasons",
    "23a": "Dates of recruitment and follow-up",
    "23b": "Why the trial ended",
    "24a": "Intervention and comparator as given; adherence",
    "24b": "Other care during the trial",
    "25": "Baseline table",
    "26": "For each outcome: numbers, result by group, effect with interval",
    "27": "Harms by group",
    "28": "Further analyses",
    "29": "Interpretation",
    "30": "Limitations",
}


# What analyses say, with names of a trial file and codes of models in words.


def covariate_labels(trial: Trial) -> dict[str, str]:
    """Return name to label of the covariates: as the trial file has it, else the name in words."""
    names = [str(name) for name in trial.participants.columns if name not in _NOT_COVARIATES]
    return {name: trial.labels.get(name) or in_words(name) for name in names}


def with_names_told(analysis: TrialAnalysis) -> TrialAnalysis:
    """Return an analysis whose methods, notes and headings of subgroups are in readers' words."""
    labels = covariate_labels(analysis.trial)
    arms = analysis.trial.study.arms
    labels |= {arm.name: arm_words(arm.label) for arm in arms if "_" in arm.name}
    return replace(analysis, parts=tuple(_part(part, labels) for part in analysis.parts))


def told(text: str, labels: Mapping[str, str]) -> str:
    """Return a text in which covariates and covariances are called by words.

    Examples
    --------
    >>> told("covariance of the visits: us; baseline, kl_grade", {"kl_grade": "KL grade"})
    'covariance of the visits: unstructured; baseline, KL grade'
    >>> told("covariance us did not converge; csh was tried", {})
    'covariance unstructured did not converge; csh was tried'
    >>> told("Improved by 30 %, risk_ratio: nobody responded", {})
    'Improved by 30 %, ratio of percentages: nobody responded'
    """
    for name in sorted(labels, key=len, reverse=True):
        text = in_sentence(labels[name]).join(re.split(rf"(?<!\w){re.escape(name)}(?!\w)", text))
    text = _QUANTITY.sub(lambda found: in_sentence(EFFECTS[found[0]]), text)
    return _COVARIANCE.sub(lambda found: f"{found[1]}{CODES.get(found[2], found[2])}", text)


def _part(part: Result, labels: Mapping[str, str]) -> Result:
    forest = part.frames.get("forest")
    frames = dict(part.frames)
    if forest is not None:
        heads = [labels.get(str(group), str(group)) for group in forest["group"]]
        frames["forest"] = forest.assign(group=heads)
    return replace(
        part,
        method=told(part.method, labels),
        notes=tuple(told(note, labels) for note in part.notes),
        frames=frames,
    )


# The items of CONSORT 2025 by number, in our words, and what of a trial's analysis fills them.


def filled(subject: TrialSubject) -> dict[str, str]:
    """Return the items that the report fills, at least in part, and by what is there."""
    trial, analysis = subject.trial, subject.analysis
    there = {part.analysis for part in analysis.parts}
    extra = {name for one in trial.estimands for name in one.sensitivity}
    found = {
        "2": "Registry number" if trial.study.registration else "",
        "9": "Design and sizes of the arms",
        "10": "Declared deviations" if trial.study.deviations else "",
        "14": "Estimands" if trial.estimands else "",
        "21a": "Statistical methods" if trial.estimands else "",
        "21b": "Population of each estimand" if trial.estimands else "",
        "21c": "Statistical methods, missing values" if trial.estimands else "",
        "21d": "Sensitivity and subgroups" if extra or "subgroup" in there else "",
        "22a": "Participants" if "flow" in there else "",
        "22b": "Participants, declared losses" if _has_losses(subject) else "",
        "24a": "Adherence" if _has_sessions(subject) else "",
        "25": "Baseline table" if "baseline" in there else "",
        "26": "Main results" if trial.estimands else "",
        "28": "Sensitivity and subgroups" if extra or "subgroup" in there else "",
        "30": "What is not known" if trial.estimands else "",
    }
    return {number: place for number, place in found.items() if place}


def _has_sessions(subject: TrialSubject) -> bool:
    """Tell whether it is known who came to the sessions."""
    return any(len(part.frames.get("sessions", ())) for part in subject.parts("adherence"))


def _has_losses(subject: TrialSubject) -> bool:
    """Tell whether the trial file declares who was lost or left out."""
    stages = set(subject.trial.flow["stage"].astype(str))
    return bool(stages & {"lost", "discontinued", "excluded", "not_received"})
