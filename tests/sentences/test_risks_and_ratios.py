"""What a report says of risks, odds and rates is what their rows say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.report import sections_trial
from backwalk_stats.report.document import document
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.trial.estimand import DEFAULT_ANALYSIS
from tests.analyses import trials
from tests.sentences import held

KINDS = ("binary", "ordinal", "count")
CATEGORIES = {"binary": ("yes",), "ordinal": ("worse", "same", "better"), "count": ()}


def analysed(
    kind: Any, *, better: Any, effect: float, covariates: tuple[str, ...], n: int = 120
) -> TrialAnalysis:
    """Return a trial whose one outcome is of a kind, with an effect of the arm, analysed."""
    trial = trials.simulated(n=n, seed=5)
    first = trial.outcomes[0]
    asked = replace(
        trial.estimands[0],
        outcome=first.name,
        analysis=DEFAULT_ANALYSIS[kind],
        covariates=covariates,
        sensitivity=(),
        subgroups=(),
    )
    data = trial.data[trial.data["outcome"] == first.name].reset_index(drop=True)
    rng = np.random.default_rng(11)
    shift = effect * (data["arm"].astype(str) == asked.contrast[0]).to_numpy()
    latent = rng.normal(size=len(data)) + shift
    values: dict[str, Any] = {
        "binary": (latent > 0.3).astype(float),
        "ordinal": 1.0 + np.digitize(latent, [-0.4, 0.6]),
        "count": rng.poisson(np.exp(0.4 + shift)).astype(float),
    }
    data = data.assign(value=pd.Series(values[kind], index=data.index).where(data["value"].notna()))
    outcome = replace(
        first, label="State", kind=kind, categories=CATEGORIES[kind], better=better, unit="",
        low=None, high=None, step=None, thresholds=(), instrument="",
    )  # fmt: skip
    return analyse_trial(
        replace(trial, outcomes=(outcome,), estimands=(asked,), data=data,
                multiplicity=("none", ()))
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("better", "effect", "covariates"),
    [("higher", 0.9, ()), ("lower", 0.9, ("baseline",)), ("higher", 0.0, ()), ("", -0.9, ())],
)
def test_sentences_say_their_rows(kind: str, better: str, effect: float, covariates: Any) -> None:
    analysis = analysed(kind, better=better, effect=effect, covariates=covariates)
    subject = trial_subject(analysis)
    assert held.row_of(subject, subject.estimands[0]) is not None
    held.holds(subject, document.written_sections(sections_trial, subject))


def test_few_events_are_said_to_be_hidden() -> None:
    subject = trial_subject(analysed("binary", better="higher", effect=0.9, covariates=(), n=40))
    held.holds(subject, document.written_sections(sections_trial, subject))
    row = held.row_of(subject, subject.estimands[0])
    assert row is not None and row["estimate"] != row["estimate"]
