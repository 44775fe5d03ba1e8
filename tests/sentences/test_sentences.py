"""Sentences of the trial report read back and held against the results, on random legal trials."""

from __future__ import annotations

from typing import Any

import pytest

from backwalk_stats.report import sections_trial
from backwalk_stats.report.document import document, drawing
from backwalk_stats.report.subject import trial_subject
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
    """Write the report of one random trial and hold everything it says against its rows."""
    subject = trial_subject(random_analysis(seed))
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
