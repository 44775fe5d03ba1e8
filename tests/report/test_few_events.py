"""Rates and odds from which a number of few people follows are hidden, as risks are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report.headline import headline
from backwalk_stats.report.subject import TrialSubject, trial_subject
from tests.trials.test_other_kinds import ARMS, KINDS, N, frame, trial_of

ALL = "[report]\nsmall_cell = 0\n"
TWO = KINDS["ordinal"].replace('"worse", "same", "better"', '"same", "better"')


def with_events(backward: int, forward: int, most: int = 1) -> pd.DataFrame:
    """Return people of whom so many of an arm have something to count, up to `most` each."""
    cells, left = [], {"BW": backward, "FW": forward}
    for k, arm in enumerate(ARMS):
        left[arm] -= 1
        cells.append(str(1 + k % most) if left[arm] >= 0 else "0")
    data = frame().assign(count=cells, months="3")
    return data.assign(ordinal=["better" if cell != "0" else "same" for cell in cells])


def subject_of(folder: Path, kind: str, data: pd.DataFrame, report: str = "") -> TrialSubject:
    path = trial_of(folder, kind, data, report=report)
    path.write_text(path.read_text().replace(KINDS["ordinal"], TWO))
    return trial_subject(analyse_trial(load_trial(path)))


def shown(subject: TrialSubject) -> pd.DataFrame:
    rows = subject.analysis.estimates
    return rows[rows["analysis"].isin(["rate-ratio", "ordinal"])]


@pytest.mark.parametrize("kind", ["count", "ordinal"])
@pytest.mark.parametrize(("backward", "forward"), [(3, 9), (9, 1), (4, 4), (0, 2)])
def test_few_people_are_not_told(tmp_path: Path, kind: str, backward: int, forward: int) -> None:
    data = with_events(backward, forward)
    subject = subject_of(tmp_path, kind, data)
    rows = shown(subject)
    numbers = ["estimate", "conf_low", "conf_high", "std_error", "statistic", "p_value"]
    assert rows[numbers].isna().all(axis=None), rows
    said = headline(subject, subject.estimands[0])
    assert "is not compared here" in said or "could not be compared" in said
    if backward:  # else odds have no maximum
        open_ = shown(subject_of(tmp_path, kind, data, ALL))
        assert open_["estimate"].notna().any()


def test_what_is_hidden_would_have_told(tmp_path: Path) -> None:
    """Of Poisson counts the square of a rate over its error is the number of events."""
    rows = shown(subject_of(tmp_path, "count", with_events(3, 9), ALL)).set_index("arm")
    for arm, events in (("backward", 3), ("forward", 9)):
        row = rows.loc[arm]
        assert (row["estimate"] / row["std_error"]) ** 2 == pytest.approx(events, rel=1e-6)


@pytest.mark.parametrize("kind", ["count", "ordinal"])
def test_as_many_as_a_small_cell_are_shown(tmp_path: Path, kind: str) -> None:
    rows = shown(subject_of(tmp_path, kind, with_events(5, 7)))
    assert rows.loc[rows["quantity"].isin(["rate_ratio", "odds_ratio"]), "estimate"].notna().all()


def test_categories_of_few_among_many_are_no_table_of_two_by_two(tmp_path: Path) -> None:
    words = ["worse"] * 3 + ["better" if k % 3 else "same" for k in range(N - 3)]
    path = trial_of(tmp_path, "ordinal", frame().assign(ordinal=words))
    rows = shown(trial_subject(analyse_trial(load_trial(path))))
    assert rows.loc[rows["quantity"] == "odds_ratio", "estimate"].notna().all()


def test_those_who_kept_to_the_protocol_are_counted_by_themselves(tmp_path: Path) -> None:
    data = with_events(6, 7).assign(kept=["no" if k in (1, 3, 5) else "yes" for k in range(N)])
    asked = 'covariates = []\nsensitivity = ["per-protocol"]'
    path = trial_of(
        tmp_path, "count", data, estimand=asked, report="[sets]\nper_protocol = 'kept'\n"
    )
    rows = trial_subject(analyse_trial(load_trial(path))).analysis.estimates
    known = rows.groupby("analysis")["estimate"].apply(lambda own: bool(np.any(own.notna())))
    assert known["rate-ratio"] and not known["per-protocol"]
