"""Sentences of the trial report read back and held against the results, on random legal trials."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.errors import InputError
from backwalk_stats.report import sections_trial
from backwalk_stats.report.document import document, drawing
from backwalk_stats.report.subject import trial_subject
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


@pytest.mark.slow
@pytest.mark.parametrize("code", ANALYSES)
@pytest.mark.parametrize("kind", ["plain", "tiny", "all equal", "an empty arm", "crossover"])
def test_whole_analyses_are_said_as_they_are(kind: str, code: str) -> None:
    hold_report(analysed(kind, code))
