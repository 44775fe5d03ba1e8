"""Events of outcomes without means, kinds that nobody had, and tables that say no time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.analyses.dry_run import planned
from backwalk_stats.analyses.events import as_planned, event_counts
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.trial.estimand import REFERENCE_BASED
from tests.trials.events import obvious
from tests.trials.test_other_kinds import frame, trial_of

ROW = "id,what,visit\n"
EVENTS = '[[events]]\nfile = "e.csv"\nparticipant = "id"\nkind = "what"\nvisit = "visit"\n'
HAD = ("P03", "P08", "P21", "P40")


def told(path: Path) -> list[str]:
    return [str(fault) for fault in check_trial(path)[0]]


def of_kind(folder: Path, kind: str, how: str, *, more: str = "", better: str = "higher") -> Path:
    """Write a trial of one kind of outcome in which four people had an event before W6."""
    (folder / "e.csv").write_text(ROW + "".join(f"{one},rescue,W6\n" for one in HAD))
    asked = f'covariates = []\nevents = {{ rescue = "{how}" }}\n{more}\n'
    path = trial_of(folder, kind, estimand=asked, report=EVENTS)
    way = f'better = "{better}"' if better else ""
    path.write_text(path.read_text().replace('better = "higher"', way))
    return path


@pytest.mark.parametrize("how", ["treatment-policy", "hypothetical", "composite"])
@pytest.mark.parametrize("rows", ["", "K001,stopped,W4\nK002,stopped,W2\n"])
def test_a_kind_that_nobody_had_changes_nothing(tmp_path: Path, how: str, rows: str) -> None:
    who = obvious.people()
    asked = obvious.estimand("pain", {"stopped": "treatment-policy", "surgery": how})
    trial = load_trial(obvious.made(tmp_path, who, events=ROW + rows, estimands=asked))
    (one,) = trial.estimands
    counts = event_counts(trial, one)
    assert counts.loc[counts["kind"] == "surgery", ["n", "n_affected"]].to_numpy().sum() == 0
    assert counts.loc[counts["kind"] == "stopped", "n"].sum() == rows.count("stopped")
    assert as_planned(trial, one).data["value"].equals(trial.data["value"])
    assert not planned(trial, trial.estimands)[0].reason


@pytest.mark.parametrize("when", ["", 'visit = "visit"\ndate = "day"\n'])
def test_a_table_that_says_no_time_is_one_fault(tmp_path: Path, when: str) -> None:
    asked = obvious.estimand("walk", dict.fromkeys(obvious.KINDS, "hypothetical"))
    path = obvious.made(tmp_path, obvious.people(), estimands=asked)
    path.write_text(
        path.read_text().replace('kind = "what"\nvisit = "visit"\n', f'kind = "what"\n{when}')
    )
    (fault,) = told(path)
    assert "either visit (the first that the event affects) or date" in fault


def test_events_by_date_without_dates_of_visits_are_one_fault(tmp_path: Path) -> None:
    asked = obvious.estimand("walk", dict.fromkeys(obvious.KINDS, "hypothetical"))
    path = obvious.made(tmp_path, obvious.people(), by="date", estimands=asked)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("date = {")]
    path.write_text("\n".join(lines))
    (fault,) = told(path)
    assert "dates of the visits under [[data]]" in fault


@pytest.mark.parametrize(
    ("kind", "better", "worst", "words"),
    [
        ("binary", "higher", "no", "not to have 'yes'"),
        ("binary", "lower", "yes", "the event 'yes'"),
        ("ordinal", "higher", "worse", "'worse'"),
        ("ordinal", "lower", "better", "'better'"),
    ],
)
def test_the_worst_of_a_kind_stands_after_the_event(
    tmp_path: Path, kind: str, better: str, worst: str, words: str
) -> None:
    trial = load_trial(of_kind(tmp_path, kind, "composite", better=better))
    (one,) = trial.estimands
    assert f"the worst, {words}, stands" in one.in_words("composite")
    by_hand = frame()
    by_hand.loc[by_hand["id"].isin(HAD), kind] = worst
    folder = tmp_path / "plain"
    folder.mkdir()
    plain = load_trial(trial_of(folder, kind, by_hand))
    found = MENU[one.analysis](trial, one).estimates
    wanted = MENU[one.analysis](plain, plain.estimands[0]).estimates
    numbers = ["estimate", "conf_low", "conf_high", "p_value", "n", "n_reference"]
    pd.testing.assert_frame_equal(found[numbers], wanted[numbers])


@pytest.mark.parametrize("kind", ["binary", "ordinal"])
def test_what_is_worst_has_to_be_said(tmp_path: Path, kind: str) -> None:
    (fault,) = told(of_kind(tmp_path, kind, "composite", better=""))
    assert "Declare better of the outcome" in fault and "low and high" not in fault
    (fault,) = told(of_kind(tmp_path, kind, "composite", more="composite = 1"))
    assert "no such key: the worst of state is " in fault


def test_a_count_needs_the_count_that_stands_for_the_event(tmp_path: Path) -> None:
    path = of_kind(tmp_path, "count", "composite", better="lower")
    (fault,) = told(path)
    assert "the count that stands from the event on" in fault
    path.write_text(path.read_text().replace("covariates = []", "covariates = []\ncomposite = 9"))
    trial = load_trial(path)
    after = as_planned(trial, trial.estimands[0]).data
    stood = after[after["participant"].isin(HAD) & (after["visit"] == "W6")]
    assert stood["value"].tolist() == [9.0] * 4


@pytest.mark.parametrize("how", REFERENCE_BASED)
@pytest.mark.parametrize("kind", ["binary", "ordinal", "count"])
def test_values_of_kinds_are_not_imputed_from_the_reference(
    tmp_path: Path, kind: str, how: str
) -> None:
    (fault,) = told(of_kind(tmp_path, kind, how))
    assert f"as state is {kind}, found '{how}'" in fault and "ancova" not in fault


@pytest.mark.parametrize("kind", ["binary", "ordinal", "count"])
def test_who_is_set_aside_is_not_called_unmeasured(tmp_path: Path, kind: str) -> None:
    trial = load_trial(of_kind(tmp_path, kind, "hypothetical"))
    (one,) = trial.estimands
    notes = MENU[one.analysis](trial, one).notes
    (note,) = [told for told in notes if "left out" in told]
    assert note.startswith("4 participants") and "set aside after an event" in note
