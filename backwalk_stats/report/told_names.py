"""What analyses say, with names of a trial file and codes of models in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from backwalk_stats.tables.fit_table import CODES
from backwalk_stats.tables.trial_labels import EFFECTS, arm_words, in_sentence
from backwalk_stats.trial.name_words import in_words

if TYPE_CHECKING:
    from backwalk_stats.analyses.whole_trial import TrialAnalysis
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

_NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
_COVARIANCE = re.compile(r"\b(covariance(?: of the visits:)? |\()([a-z0-9_]+)(?= |;|\)|$)")
_QUANTITY = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, EFFECTS)) + r")(?=:)")


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
