"""Ratios at their ends and close to 0 or 1: what is said of them, and by which numbers."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report import headline, sections_trial
from backwalk_stats.report.document import document
from backwalk_stats.report.outcome_forest import outcome_block
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.tables import estimates, numbers
from tests.sentences import held, reader
from tests.trials.test_other_kinds import frame, trial_of

RATIOS = ("risk_ratio", "odds_ratio", "rate_ratio")


def silent(arm: str) -> pd.DataFrame:
    """Return people of whom nobody in an arm had anything to count."""
    data = frame(6)
    data.loc[data["group"] == arm, "count"] = "0"
    return data


def subject_of(folder: Path, kind: str, data: pd.DataFrame) -> TrialSubject:
    path = trial_of(folder, kind, data, report="[report]\nsmall_cell = 0\n")
    return trial_subject(analyse_trial(load_trial(path)))


def _all_in_one_arm(had: int, n: int, whole: int) -> float:
    """Return the two-sided chance that all who had an event are among n of the whole, or rarer."""
    spread = stats.hypergeom(whole, had, n)
    chances = spread.pmf(np.arange(had + 1))
    return float(chances[chances <= spread.pmf(had) * (1 + 1e-9)].sum())


@pytest.mark.parametrize(("arm", "ratio"), [("BW", 0.0), ("FW", inf)])
def test_an_arm_without_an_event_is_compared_and_said(tmp_path: Path, arm: str, ratio: float):
    data = silent(arm)
    subject = subject_of(tmp_path, "count", data)
    (one,) = subject.estimands
    row = headline.main_row(subject, one)
    assert row is not None and row["estimate"] == ratio
    own = (data["group"] == "BW").to_numpy()
    count, time = data["count"].to_numpy(dtype=float), data["months"].to_numpy(dtype=float)
    if arm == "BW":
        # R's poisson.test by scipy: conditional on the sum, a binomial of the shares of time.
        share = float(time[own].sum() / time.sum())
        test = stats.binomtest(int(count[own].sum()), int(count.sum()), share)
        assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-9)
        assert "exact conditional limits of a Poisson ratio" in row["note"]
    else:  # the counts of the other arm vary more than Poisson's: how people could be dealt
        p = _all_in_one_arm(int((count > 0).sum()), int(own.sum()), len(own))
        assert row["p_value"] == pytest.approx(p, rel=1e-9)
        assert "exact by arm labels" in row["note"] and np.isnan(row["conf_low"])
    part = subject.main_part(one)
    assert part is not None and "Wald" not in part.method and "exact conditional" in part.method
    said = headline.headline(subject, one)
    none, some = ("backward", "forward") if arm == "BW" else ("forward", "backward")
    assert f"the rate of state was 0 with {none} walking and above 0 with {some}" in said
    assert "could not be compared" not in said and "0.0000" not in said
    held.holds(subject, document.written_sections(sections_trial, subject))


def test_nobody_with_an_event_is_said_in_words(tmp_path: Path):
    data = frame().assign(count="0")
    trial = load_trial(trial_of(tmp_path, "count", data))
    (note,) = MENU["rate-ratio"](trial, trial.estimands[0]).notes
    assert note == "not estimated: nobody had an event"


@pytest.mark.parametrize("quantity", RATIOS)
def test_what_an_interval_of_a_ratio_includes_is_seen(quantity: str):
    rng = np.random.default_rng(4)
    for _ in range(400):
        low, up = np.exp(rng.normal(0, 2) - rng.exponential(2)), np.exp(rng.exponential(1))
        row = {"quantity": quantity, "estimate": np.sqrt(low * low * up), "conf_low": low,
               "conf_high": low * up}  # fmt: skip
        printed = [one.value for one in reader.ends(estimates.interval(row))]
        for end, told in zip((low, low * up), printed, strict=True):
            assert told > 0 and np.sign(told - 1) == np.sign(end - 1), (row, printed)
        assert reader.printed(estimates.estimate(row)).value > 0


def test_a_ratio_of_nothing_is_a_plain_nought():
    assert numbers.ratio(0.0, 4) == "0" and numbers.ratio(inf, 1) == "∞"
    assert numbers.ratio(1.0, 2) == "1.00" and numbers.ratio(float("nan"), 2) == numbers.DASH


@pytest.mark.parametrize("kind", ["ordinal", "count", "binary"])
def test_the_first_page_has_the_number_of_people_of_each_arm(tmp_path: Path, kind: str):
    data = frame(2)
    data.loc[[1, 3, 4], kind] = ""
    subject = subject_of(tmp_path, kind, data)
    block = outcome_block(subject)
    assert block is not None
    (row,) = block.table.rows
    assert (row[1], row[3]) == ("22", "23"), row
    assert (row[2], row[4]) == ("–", "–") if kind == "ordinal" else "–" not in row[2] + row[4]
