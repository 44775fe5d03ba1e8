"""Each strategy changes the numbers as its definition says, in any layout and analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.events import after_events, as_planned, values_by_event
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.questions.responder import responder
from backwalk_stats.models.missing.reference_based import conditional_mean_imputation
from backwalk_stats.trial.derive import by_visit
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial
from tests.trials.events.obvious import KINDS, ORDER, after, estimand, loaded, made, people

WORDS = ("treatment-policy", "hypothetical", "composite", "while-on-treatment")
STRATEGIES = [dict.fromkeys(KINDS, word) for word in WORDS]
MIXED = [dict(zip(KINDS, words, strict=True)) for words in product(WORDS, repeat=3)]
ESTIMATES = ["quantity", "visit", "arm", "estimate", "std_error", "df", "p_value", "n",
             "n_reference"]  # fmt: skip


def wanted(outcome: str, how: Mapping[str, str]) -> pd.DataFrame:
    told = [after(one, outcome, how) for one in people()]
    return pd.DataFrame(told, columns=list(ORDER), dtype=float)


def planned(trial: Trial, asked: Estimand) -> pd.DataFrame:
    return by_visit(as_planned(trial, asked), asked.outcome)[list(ORDER)]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Trial]:
    """The trial in both layouts, with events by visit and by date."""
    folder = tmp_path_factory.mktemp("events")
    how = STRATEGIES[2]
    asked = estimand("pain", how) + estimand("walk", how)
    return {
        (layout, by): loaded(
            made(folder / f"{layout}{by}", people(), layout=layout, by=by, estimands=asked)
        )
        for layout, by in product(("wide", "long"), ("visit", "date"))
    }


@pytest.mark.parametrize("outcome", ["pain", "walk"])
@pytest.mark.parametrize(("layout", "by"), list(product(("wide", "long"), ("visit", "date"))))
def test_values_are_those_of_the_plain_loops(
    trials: dict[tuple[str, str], Trial], layout: str, by: str, outcome: str
) -> None:
    trial = trials[layout, by]
    asked = next(one for one in trial.estimands if one.outcome == outcome)
    for how in (*STRATEGIES, *MIXED):
        named = tuple((kind, how[kind]) for kind in KINDS)
        found = planned(trial, replace(asked, events=named))  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(found, wanted(outcome, how))


def test_strategies_are_applied_once_and_leave_other_outcomes_alone(
    trials: dict[tuple[str, str], Trial],
) -> None:
    trial = trials["wide", "visit"]
    first = trial.estimands[0]
    once = as_planned(trial, first)
    assert as_planned(once, first).data.equals(once.data)
    pd.testing.assert_frame_equal(by_visit(once, "walk"), by_visit(trial, "walk"))


@pytest.mark.parametrize("how", [*STRATEGIES[1:], dict(zip(KINDS, WORDS[1:], strict=True))],
                         ids=lambda how: "-".join(dict.fromkeys(how.values())))  # fmt: skip
def test_analyses_are_those_of_a_file_with_these_values(
    tmp_path: Path, how: dict[str, str]
) -> None:
    other = {"pain": how, "walk": dict.fromkeys(KINDS, "treatment-policy")}
    asked = "".join(estimand(outcome, own) for outcome, own in other.items())
    trial = loaded(made(tmp_path / "a", people(), estimands=asked))
    plain = "".join(estimand(outcome, None) for outcome in other)
    same = loaded(made(tmp_path / "b", people(), by="", estimands=plain, how=other))
    for one, two in zip(trial.estimands, same.estimands, strict=True):
        for code in ("ancova", "mmrm", "rank-based", "change-score", "multiple-imputation"):
            asking = [replace(each, analysis="ancova", imputations=5) for each in (one, two)]
            found, expected = MENU[code](trial, asking[0]), MENU[code](same, asking[1])
            assert found.converged and np.isfinite(expected.estimates["estimate"]).any()
            pd.testing.assert_frame_equal(found.estimates[ESTIMATES], expected.estimates[ESTIMATES])
        pd.testing.assert_frame_equal(
            responder(trial, one).frames["responders"], responder(same, two).frames["responders"]
        )


def test_composite_people_are_no_responders_and_are_counted(tmp_path: Path) -> None:
    how = dict.fromkeys(KINDS, "composite")
    trial = loaded(made(tmp_path, people(), estimands=estimand("pain", how)))
    found = responder(trial, trial.estimands[0]).frames["responders"]
    observed = found[found["rule"].str.endswith("observed cases")].iloc[0]
    own = [one for one in people() if (one.arm == "BW") == (observed["arm"] == "backward")]
    values = [after(one, "pain", how) for one in own]
    pairs = pd.DataFrame(values, dtype=float)[["W0", "W8"]].dropna()
    told = pairs.to_numpy()
    share = (told[:, 0] - told[:, 1]) / told[:, 0] >= 0.3 - 1e-9
    assert (observed["n"], observed["events"]) == (len(told), share.sum())


def test_reference_based_imputation_starts_at_the_event(tmp_path: Path) -> None:
    how = {"stopped": "jump-to-reference", "rescue": "hypothetical", "moved away": "composite"}
    asked = estimand("pain", how, 'analysis = "ancova"\nimputations = 2')
    trial = loaded(made(tmp_path, people(), by="date", layout="long", estimands=asked))
    found = MENU["ancova"](trial, trial.estimands[0]).estimates
    rows = []
    for one in people():
        values = after(one, "pain", {**how, "stopped": "hypothetical"})
        first = {kind: at for kind, at, _ in one.events}
        from_ = first.get("stopped", 9)
        for place, visit in enumerate(ORDER[1:], start=1):
            imputed = from_ <= place < first.get("moved away", 9)
            rows.append((one.id, one.arm, visit, values["W0"], values[visit], imputed))
    frame = pd.DataFrame(rows, columns=["who", "arm", "visit", "base", "pain", "event"])
    frame["visit"] = pd.Categorical(frame["visit"], categories=list(ORDER[1:]), ordered=True)
    # From the first imputed visit on, as the door asks for it.
    frame["event"] = frame.groupby("who")["event"].cummax()
    frame["pain"] = frame["pain"].astype(float)
    expected = conditional_mean_imputation(
        frame, value="pain", participant="who", visit="visit", arm="arm", baseline="base",
        at="W8", strategy="jr", reference="FW", event="event",
    ).iloc[0]  # fmt: skip
    row = found[found["note"].str.startswith("conditional")].iloc[0]
    for name in ("estimate", "std_error", "p_value"):
        assert row[name] == pytest.approx(expected[name], rel=1e-9)
    assert row["role"] == "primary" and found["role"].tolist().count("primary") == 1


def test_a_reference_based_sensitivity_analysis_starts_at_the_event_too(tmp_path: Path) -> None:
    options = 'analysis = "ancova"\nimputations = 2'
    beside = options + '\nsensitivity = ["jump-to-reference"]'
    given = dict.fromkeys(KINDS, "hypothetical")
    jumps = dict.fromkeys(KINDS, "jump-to-reference")
    path = made(tmp_path, people(), estimands=estimand("pain", given, beside)
                + estimand("pain", jumps, options))  # fmt: skip
    trial = loaded(path)
    first, second = trial.estimands
    found = MENU["jump-to-reference"](trial, first).estimates
    same = MENU["ancova"](trial, second).estimates
    notes = "conditional means, jackknife"
    estimates = [frame.loc[frame["note"] == notes, "estimate"].iloc[0] for frame in (found, same)]
    assert estimates[0] == pytest.approx(estimates[1], rel=1e-12)
    assert first.role_of("jump-to-reference") == "sensitivity"
    policy = replace(first, events=tuple((kind, "treatment-policy") for kind in KINDS))
    assert policy.role_of("jump-to-reference") == "supplementary"
    again = MENU["jump-to-reference"](trial, policy).estimates
    pd.testing.assert_series_equal(again["estimate"], found["estimate"])


# The array itself, and who is counted where.


def test_everybody_is_counted_once(trials: dict[tuple[str, str], Trial]) -> None:
    trial = trials["wide", "visit"]
    asked = trial.estimands[0]
    for how in (*STRATEGIES, *MIXED[::7]):
        one = replace(asked, events=tuple(how.items()))  # type: ignore[arg-type]
        counts = values_by_event(trial, one)
        parts = [name for name in counts if str(name).startswith("n_")]
        assert (counts[parts].sum(axis=1) == counts["n"]).all()
        at = counts[counts["visit"] == "W8"].set_index("arm")
        here = wanted("pain", how)["W8"].notna().to_numpy()
        own = np.array([one.arm == "BW" for one in people()])
        used = at.loc["backward", ["n_measured", "n_worst", "n_carried"]].sum()
        assert used == (here & own).sum()


def test_the_baseline_stays_and_an_unplanned_visit_gets_no_worst_score() -> None:
    values = np.array([[5.0, np.nan, 4.0], [6.0, np.nan, 3.0]])
    first = {"composite": np.array([0, 3])}
    planned = np.array([True, False, True])
    found = after_events(values, first, baseline=0, planned=planned, worst=10.0)
    assert np.array_equal(found.values[0], [5.0, np.nan, 10.0], equal_nan=True)
    assert np.array_equal(found.values[1], values[1], equal_nan=True)
