"""Sentences of the trial report read back and held against the results, on random legal trials."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.errors import InputError
from backwalk_stats.report import sections_trial
from backwalk_stats.report.document import document, drawing
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.trial.estimand import Strategy
from tests.analyses import trials
from tests.sentences import held, shown
from tests.sentences.random_trials import random_analysis

SAMPLE, MANY = 40, 1000


@pytest.fixture(scope="module", autouse=True)
def undrawn() -> Any:
    """Pictures have their words and are not drawn: the words are what is read."""

    def picture(figure: Any, *frames: Any, name: str, caption: str, **told: Any) -> Any:
        told = {key: one for key, one in told.items() if key not in ("shown", "narrow")}
        alt = figure.alt_text(*frames, **told)
        return document.FigureBlock(name=name, svg=b"", png=b"", caption=caption, alt=alt)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "picture", picture)
        yield


def hold(seed: int) -> None:
    """Hold the report of one random trial.

    Its frames are drawn apart from each other: where its counts contradict each other, so that no
    hiding helps, everything is shown.
    """
    analysis = random_analysis(seed)
    try:
        hold_report(analysis)
    except InputError:
        hold_report(replace(analysis, trial=replace(analysis.trial, small_cell=0)))


def hold_report(analysis: TrialAnalysis) -> None:
    """Write a report and hold everything that it says against its rows."""
    subject = trial_subject(analysis)
    sections = document.written_sections(sections_trial, subject)
    held.holds(subject, sections)
    shown.holds(subject, sections)


@pytest.mark.parametrize("seed", range(SAMPLE))
def test_every_sentence_says_its_row(seed: int) -> None:
    hold(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_every_sentence_says_its_row_on_many_trials(block: int) -> None:
    step = MANY // 20
    for seed in range(SAMPLE + block * step, SAMPLE + (block + 1) * step):
        hold(seed)


# Whole analyses, with numbers that the models themselves gave.

ANALYSES = ("rank-based", "mmrm", "change-score", "ancova", "random-slope", "mixed-anova")


def analysed(kind: str, code: Any) -> TrialAnalysis:
    """Return a small trial, changed by its kind, analysed as a whole."""
    trial = trials.crossover() if kind == "crossover" else trials.simulated(n=16, seed=3)
    value = trial.data["value"]
    if kind == "tiny":
        value = value * 1e-4
    if kind == "all equal":
        value = value * 0 + 3.0
    if kind == "an empty arm":
        value = value.mask(trial.data["arm"] == "backward")
    if kind == "two an arm":
        value = value.mask(~trial.data["participant"].isin([f"CANARY{i:03d}" for i in range(4)]))
    asked = trial.estimands[0]
    code = "crossover" if kind == "crossover" else code
    asked = replace(asked, analysis=code, level=0.9, sensitivity=("rank-based", "change-score"))
    return analyse_trial(replace(trial, estimands=(asked,), data=trial.data.assign(value=value)))


@pytest.mark.parametrize("kind", ["plain", "two an arm"])
def test_a_whole_analysis_is_said_as_it_is(kind: str) -> None:
    hold_report(analysed(kind, "rank-based"))


Strategies = tuple[tuple[str, Strategy], ...]


def with_events(limit: int = 5, *, several: bool = True) -> TrialAnalysis:
    """Return a trial in which some had events, with two estimands of other strategies."""
    trial = trials.simulated(n=60, seed=5)
    rng = np.random.default_rng(2)
    rows = [(one, kind, visit) for one in trial.participants["participant"]
            for kind, often in (("rescue", 0.4), ("moved away", 0.15), ("surgery", 0.03))
            for visit in rng.choice(["W3", "W6", ""], 1) if rng.random() < often]  # fmt: skip
    events = pd.DataFrame(rows, columns=["participant", "kind", "visit"]).astype("str")
    asked = replace(trial.estimands[0], subgroups=(), sensitivity=("rank-based",), composite=10.0)
    how: Strategies = (("rescue", "hypothetical"), ("moved away", "while-on-treatment"),
           ("surgery", "composite"))  # fmt: skip
    other: Strategies = (("rescue", "treatment-policy"), ("moved away", "composite"), how[2])
    second = replace(asked, id="E2", role="secondary", analysis="ancova", events=other)
    both = (replace(asked, events=how), *([second] if several else []))
    return analyse_trial(replace(trial, events=events, estimands=both, small_cell=limit))


@pytest.mark.parametrize(("limit", "several"), [(5, False), (5, True), (12, True)])
def test_events_are_said_as_they_are(limit: int, several: bool) -> None:
    hold_report(with_events(limit, several=several))


def test_a_wrong_count_of_events_is_not_passed_by() -> None:
    analysis = with_events(limit=1)
    parts = [
        replace(part, frames={**part.frames, "event_counts": part.frames["event_counts"].assign(
            n=lambda frame: frame["n"] + 1)}) if part.analysis == "events" else part
        for part in analysis.parts
    ]  # fmt: skip
    subject = trial_subject(analysis)
    sections = document.written_sections(sections_trial, subject)
    section = next(one for one in sections if one.id == "estimands")
    held.intercurrent(subject, section)
    wrong = trial_subject(replace(analysis, parts=tuple(parts)))
    with pytest.raises(AssertionError):
        held.intercurrent(wrong, section)


@pytest.mark.slow
@pytest.mark.parametrize("code", ANALYSES)
@pytest.mark.parametrize("kind", ["plain", "tiny", "all equal", "an empty arm", "crossover"])
def test_whole_analyses_are_said_as_they_are(kind: str, code: str) -> None:
    hold_report(analysed(kind, code))
