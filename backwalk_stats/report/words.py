"""The words of an estimand: what each code of a trial file says to a reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.tables import numbers
from backwalk_stats.tables.instrument_table import KINDS
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.model import CODES
from backwalk_stats.tables.trial_labels import EFFECTS, arm_words, in_sentence
from backwalk_stats.trial.estimand import BY, Estimand, ids_of, not_adjusted
from backwalk_stats.trial.outcome import Outcome, Threshold, in_words
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial

POPULATIONS = {
    "all-randomised": "Everyone who was randomised, in the arm to which they were randomised.",
    "per-protocol": "Those whom the trial file marks as having kept to the protocol.",
    "as-treated": "Everyone who was randomised, in the arm whose treatment they received.",
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
    "adjusted-risk": "Difference of risks (marginal), {arm} minus {reference}{adjusted}.",
    "ordinal": "Odds of a higher category, {arm} over {reference}{adjusted}.",
    "rate-ratio": "Ratio of rates, {arm} over {reference}{adjusted}.",
    "gee": "Odds of the event over all visits after baseline (of the population), {arm} over "
    "{reference}{adjusted}.",
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
    "adjusted-risk": "comparison of risks",
    "ordinal": "proportional odds model",
    "rate-ratio": "negative binomial model of rates",
    "gee": "generalised estimating equations",
    "missing-as-failure": "missing answers as failures",
    "best-case": "missing answers as the best case for the arm",
    "worst-case": "missing answers as the worst case for the arm",
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
    "cluster-robust": "least squares with cluster-robust errors",
    "within-arm": "change within each arm",
    "responder": "comparison of responders",
    "subgroup": "comparison within subgroups",
    "baseline": "baseline characteristics",
    "flow": "flow of participants",
    "missingness": "missing values",
    "adherence": "adherence",
    "harms": "harms",
}
_NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
_COVARIANCE = re.compile(r"\b(covariance(?: of the visits:)? |\()([a-z0-9_]+)(?= |;|\)|$)")
_CODE = re.compile(r"[A-Za-z]+[_-]?\d+")
_AMOUNT = re.compile(r"(?i)(improved by|a score of) (\d[\d.e+-]*) points or")
_QUANTITY = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, EFFECTS)) + r")(?=:)")


# How several estimands are tested together.

_MULTIPLICITY = {
    "holm": "P-values were adjusted by the method of Holm over the estimands {order}.",
    "hochberg": "P-values were adjusted by the method of Hochberg over the estimands {order}.",
    "hommel": "P-values were adjusted by the method of Hommel over the estimands {order}.",
    "fixed-sequence": "Estimands were tested in the fixed order {order}, each only while those "
    "before it were significant.",
    "gatekeeping": "Families of estimands were tested in the order {order}, each family only after "
    "the one before it had passed as a whole (serial gatekeeping, Holm within a family).",
    "parallel-gatekeeping": "Families of estimands were tested in the order {order}, each family "
    "as soon as one estimand of the family before it was rejected (parallel gatekeeping: "
    "Bonferroni within a family, Holm within the last), as a graph of Bretz and others (2009).",
    "graph": "The estimands {order} were tested by the graphical procedure of Bretz and others "
    "(Stat Med 2009;28:586): {weights} of the level at the start; of one that is rejected {parts}. "
    "P-values are adjusted by its sequentially rejective algorithm.",
}
_DOUBLED = (
    " One-sided p-values against a margin were doubled to be adjusted beside two-sided ones, and "
    "their adjusted p is one-sided again."
)


def multiplicity_told(trial: Trial) -> str:
    """Return how p-values of several estimands were adjusted, or that they were not, and why.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> multiplicity_told(SimpleNamespace(multiplicity=("none", ()), unadjusted_because=""))
    'No adjustment was made for the number of comparisons.'
    """
    method, order = trial.multiplicity
    if method == "none":
        because = f": {trial.unadjusted_because.rstrip('.')}" if trial.unadjusted_because else ""
        return f"No adjustment was made for the number of comparisons{because}."
    graph, weights, parts = trial.graph, "", "nothing is passed on"
    if graph is not None:
        weights = ", ".join(f"{name} {numbers.plain(round(w, 4))}" for name, w in graph.weights)
        goes = [f"{a} to {b} {numbers.plain(round(g, 4))}" for a, b, g in graph.transitions]
        parts = f"these parts of its share go on: {', '.join(goes)}" if goes else parts
    told = _MULTIPLICITY[method].format(order=", ".join(order), weights=weights, parts=parts)
    covered = ids_of(order)
    margins = any(one.margin is not None and one.id in covered for one in trial.estimands)
    return f"{told}{_DOUBLED if margins else ''}"


def p_told(trial: Trial, estimand: Estimand, row: numbers.Row) -> str:
    """Return p, and the adjusted p with its procedure, or that nothing was adjusted.

    The last is said where several estimands are primary and this one is in no procedure.
    """
    adjusted, (method, order) = float(row["p_adjusted"]), trial.multiplicity
    plain = numbers.p_text(float(row["p_value"]))
    if estimand.id in not_adjusted(trial.estimands, order):
        return f"{plain}, not adjusted for multiplicity"
    if not isfinite(adjusted):
        return plain
    return f"{plain}, adjusted for multiplicity by {BY[method]} {numbers.p_text(adjusted)}"


# What analyses say, with names of a trial file and codes of models in words.


def covariate_labels(trial: Trial) -> dict[str, str]:
    """Return name to label of the covariates: as the trial file has it, else the name in words."""
    names = [str(name) for name in trial.participants.columns if name not in _NOT_COVARIATES]
    return {name: trial.labels.get(name) or in_words(name) for name in names}


def visit_labels(trial: Trial) -> dict[str, str]:
    """Return name to label of visits whose name is a code, such as "W12": no word means it."""
    return {
        visit.name: visit.label
        for visit in trial.study.visits
        if visit.label and _CODE.fullmatch(visit.name)
    }


def called(threshold: Threshold) -> str:
    """Return what a threshold is and where it is published, for a place inside a sentence.

    >>> called(Threshold(name="mcid-a-points", kind="mcid", value=2.0, unit="points",
    ...                  population="knee pain", source="A 2008; table 1"))
    'important change in knee pain, A 2008, table 1'
    """
    where = f"{KINDS[threshold.kind]} in {threshold.population}, {threshold.source}"
    return where.replace("; ", ", ")


def difference_unit(outcome: Outcome) -> str:
    """Return the unit of a difference, "points" where the outcome has none."""
    return "percentage points" if outcome.unit == "%" else outcome.unit or "points"


def rule_told(text: str, outcome: Outcome) -> str:
    """Return a text in which rules of response are in the unit of their outcome and with words.

    What analyses write stays as it is in files: there a rule is known by the name of its threshold.
    """
    for one in outcome.thresholds:
        text = text.replace(f"({one.name})", f"({called(one)})")
        text = re.sub(rf"^{re.escape(one.name)}(?=: )", sentence_case(called(one)), text)

    def amount(found: re.Match[str]) -> str:
        """Return a size with its unit."""
        size = float(found[2])
        unit = difference_unit(outcome) if found[1] == "improved by" else outcome.unit or "points"
        return f"{found[1]} {numbers.amount(size, unit)} or"

    return _AMOUNT.sub(amount, text)


def with_names_told(analysis: TrialAnalysis) -> TrialAnalysis:
    """Return an analysis whose methods, notes and headings of subgroups are in readers' words.

    Visits have their labels there, and covariates and arms theirs.
    """
    labels = covariate_labels(analysis.trial) | visit_labels(analysis.trial)
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
