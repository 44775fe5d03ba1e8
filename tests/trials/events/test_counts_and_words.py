"""Flow, tables and `check` tell of events as the numbers are, and hide what is of few people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.analyses.descriptions import flow, missingness
from backwalk_stats.analyses.dry_run import planned
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.cli.app import run
from backwalk_stats.report.privacy import disclosed
from backwalk_stats.tables.participants import values_table
from backwalk_stats.tables.small_cells import small_values_by_event
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial.trial import Trial
from tests.trials.events.obvious import KINDS, after, estimand, loaded, made, people

HOW = {"stopped": "hypothetical", "rescue": "hypothetical", "moved away": "composite"}
ARMS = {"backward": "BW", "forward": "FW"}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    asked = estimand("pain", HOW, 'analysis = "ancova"\nsensitivity = ["mmrm", "rank-based"]')
    return loaded(made(tmp_path_factory.mktemp("words"), people(), estimands=asked))


@pytest.fixture(scope="module")
def analysis(trial: Trial) -> TrialAnalysis:
    return analyse_trial(trial)


def test_the_flow_tells_values_set_aside_from_those_never_measured(trial: Trial) -> None:
    frame = flow(trial).frames["flow"]
    left = frame[frame["stage"] == "excluded_from_analysis"]
    for arm, code in ARMS.items():
        own = [one for one in people() if one.arm == code]
        values = [(one.values["pain"]["W8"], after(one, "pain", HOW)["W8"]) for one in own]
        aside = sum(given is not None and now is None for given, now in values)
        never = sum(given is None and now is None for given, now in values)
        used = sum(now is not None for _, now in values)
        mine = left[left["arm"] == arm].set_index("reason")["n"].to_dict()
        assert mine.pop("") == aside + never
        assert mine.pop("set aside after an intercurrent event") == aside
        assert list(mine.values()) == [never]
        counted = frame[(frame["stage"] == "analysed") & (frame["arm"] == arm)]
        assert counted["n"].tolist() == [used]


def test_missing_values_are_counted_as_they_were_measured(trial: Trial) -> None:
    frame = missingness(trial).frames["missingness"]
    here = frame[(frame["outcome"] == "pain") & (frame["visit"] == "W8")].set_index("arm")
    for arm, code in ARMS.items():
        gaps = sum(one.values["pain"]["W8"] is None for one in people() if one.arm == code)
        assert here.loc[arm, "n_missing"] == gaps


def test_the_dry_run_tells_who_is_left_after_the_strategies(trial: Trial) -> None:
    for one in planned(trial, trial.estimands):
        assert not one.reason
        row = MENU[one.analysis](trial, one.estimand).estimates.iloc[0]
        assert one.n == {"backward": row["n"], "forward": row["n_reference"]}


def test_the_dry_run_of_a_reference_based_estimand_is_of_everybody(tmp_path: Path) -> None:
    how = dict.fromkeys(KINDS, "jump-to-reference")
    asked = estimand("pain", how, 'analysis = "ancova"\nsensitivity = ["copy-reference"]')
    found = planned(trial := loaded(made(tmp_path, people(), estimands=asked)), trial.estimands)
    assert [one.n for one in found] == [{"backward": 30, "forward": 30}] * 2


def test_counts_of_few_are_hidden_and_none_follows_from_its_row(analysis: TrialAnalysis) -> None:
    shown = disclosed(replace(analysis, trial=replace(analysis.trial, small_cell=8)))
    part = next(one for one in shown.parts if one.analysis == "events")
    whole = next(one for one in analysis.parts if one.analysis == "events")
    counts, values = part.frames["event_counts"], part.frames["values_by_event"]
    true = whole.frames["event_counts"]
    assert (counts["n"].isna() == ((true["n"] > 0) & (true["n"] < 8))).all()
    assert counts["n"].isna().any()
    names = ["n_measured", "n_set_aside", "n_worst", "n_carried"]
    before = whole.frames["values_by_event"]
    for line, given in zip(values[names].to_numpy(), before[names].to_numpy(), strict=True):
        hidden = pd.isna(line)
        assert hidden.sum() != 1
        assert not hidden.any() or given[hidden].sum() >= 8
        assert not ((given[~hidden][1:] > 0) & (given[~hidden][1:] < 8)).any()
    assert shown.trial.events.empty


def test_a_count_that_is_hidden_in_one_estimand_is_told_by_no_other(tmp_path: Path) -> None:
    asked = "".join(
        estimand("pain", dict.fromkeys(KINDS, how), 'analysis = "ancova"')
        for how in ("hypothetical", "composite")
    )
    whole = analyse_trial(loaded(made(tmp_path, people(), estimands=asked)))
    shown = disclosed(replace(whole, trial=replace(whole.trial, small_cell=8)))
    frames = [
        part.frames["values_by_event"].set_index(["visit", "arm"])
        for part in shown.parts
        if part.analysis == "events"
    ]
    hidden = [frame["n_measured"].isna() for frame in frames]
    assert len(frames) == 2 and hidden[0].any()
    assert hidden[0].equals(hidden[1])
    for frame, own in zip(frames, hidden, strict=True):
        counts = frame.loc[own, ["n_set_aside", "n_worst", "n_carried"]]
        assert (counts.isna() | (counts == 0)).all(axis=None)


def test_no_id_is_in_results(analysis: TrialAnalysis) -> None:
    ids = {one.id for one in people()}
    texts = analysis.estimates.select_dtypes(exclude="number").astype(str)
    assert not any(ids & set(texts[name]) for name in texts)
    notes = [note for part in analysis.parts for note in (*part.notes, part.method)]
    assert not any(one in note for one in ids for note in notes)


def test_a_table_names_only_what_stands_somewhere() -> None:
    row = ("W8", "backward", 30, 20, 6, 0, 0, 4)
    columns = ["visit", "arm", "n", "n_measured", "n_set_aside", "n_worst", "n_carried"]
    frame = pd.DataFrame([row], columns=[*columns, "n_missing"])
    labels = Labels(arms={"backward": "Backward"}, visits={"W8": "Week 8"}, outcomes={})
    table = values_table(frame, labels=labels, title="E1, pain")
    assert [one.label for one in table.columns][2:] == ["As measured", "Set aside", "Not measured"]
    assert table.rows == (("Week 8", "Backward", "20", "6", "4"),)
    few = small_values_by_event(frame.assign(n_set_aside=3, n_measured=23), small_cell=5)
    assert values_table(few, labels=labels, title="").rows[0][2:4] == ("*", "*")


def test_check_says_what_is_done_and_for_how_many(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = made(tmp_path, people(), estimands=estimand("pain", HOW))
    assert run(["check", str(path)]) == 0
    printed = capfd.readouterr().out
    assert "Stopped and rescue: hypothetical (values from the event on are set aside" in printed
    assert "Moved away: composite (the worst score, 10, stands at every visit" in printed
    assert "missing or set aside after an event" in printed
    assert "every value counts, whatever events there were" in printed  # walk, not declared
    said = []
    for code, arm in (("FW", "forward"), ("BW", "backward")):
        own = [one.events for one in people() if one.arm == code]
        n = [sum(any(name == kind and at < 4 for name, at, _ in one) for one in own)
             for kind in ("stopped", "rescue")]  # fmt: skip
        few = [str(one) if one == 0 or one >= 5 else "fewer than 5" for one in n]
        said.append(f"{few[0]} and {few[1]} of {arm}")
    assert f"had by {said[0]}, and {said[1]}." in printed
