"""Covariances by distance in a trial file: planned weeks, or the dates of each person's visits."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.questions.mmrm import mmrm
from backwalk_stats.errors import InputError

VISITS = ("W0", "W4", "W8", "W12")
HEAD = """
[trial]
id = "dated"
title = "Visits by date"
[visits]
baseline = "W0"
order = ["W0", "W4", "W8", "W12"]
{weeks}
[arms]
reference = "forward"
labels = {{ forward = "forward", backward = "backward" }}
[[data]]
file = "s.csv"
layout = "long"
participant = "id"
arm = "arm"
visit = "visit"
{dated}
[[outcome]]
name = "pain"
instrument = "nprs"
column = "pain"
[[estimand]]
outcome = "pain"
analysis = "mmrm"
"""
DATED, WEEKS = 'date = "day"', "weeks = [0, 4, 8, 12]"


def scores(people: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for one in range(people):
        start, own = date(2025, 3, 1) + timedelta(days=one), rng.normal()
        for place, visit in enumerate(VISITS):
            day = start + timedelta(days=28 * place + int(rng.integers(-6, 7)) * (place > 0))
            value = int(np.clip(round(6 + own + rng.normal()), 0, 10))
            arm = "backward" if one % 2 else "forward"
            rows.append((f"P{one:02d}", arm, visit, value, day.isoformat()))
    return pd.DataFrame(rows, columns=["id", "arm", "visit", "pain", "day"])


def made(folder: Path, estimand: str, *, weeks: str = WEEKS, dated: str = DATED, frame=None):
    (scores() if frame is None else frame).to_csv(folder / "s.csv", index=False)
    path = folder / "trial.toml"
    path.write_text(HEAD.format(weeks=weeks, dated=dated) + estimand, encoding="utf-8")
    return path


def expected(covariance: str, times: str) -> pd.DataFrame:
    """Return the contrasts of the door on rows put together here."""
    frame = scores()
    first = frame[frame["visit"] == "W0"].set_index("id")
    frame["base"] = frame["id"].map(first["pain"])
    start = pd.to_datetime(frame["id"].map(first["day"]))
    frame["days"] = (pd.to_datetime(frame["day"]) - start).dt.days.astype(float)
    frame["week"] = frame["visit"].str[1:].astype(float)
    frame = frame[frame["visit"] != "W0"].copy()
    frame["visit"] = pd.Categorical(frame["visit"], VISITS[1:], ordered=True)
    frame["arm"] = pd.Categorical(frame["arm"], ["forward", "backward"])
    fit = bw.mmrm("pain ~ base * visit + arm * visit", frame, "id", "visit",
                  covariance=covariance, times=times, df="kenward-roger")  # fmt: skip
    return fit.contrasts("arm", by="visit")


@pytest.mark.parametrize("covariance", ["sp_exp", "sp_pow", "sp_gau"])
@pytest.mark.parametrize(("times", "column"), [("weeks", "week"), ("dates", "days")])
def test_what_a_trial_gives_is_what_the_model_gives(tmp_path, covariance, times, column):
    lines = f'covariance = "{covariance}"\nfallback = []\ntimes = "{times}"\n'
    trial = bw.load_trial(made(tmp_path, lines))
    answer = mmrm(trial, trial.estimands[0])
    found = answer.estimates[answer.estimates["quantity"] == "mean_difference"]
    wanted = expected(covariance, column)
    for name in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-6)
    assert ("days between the dates" in answer.method) == (times == "dates")
    log = trial.load_log.to_string()
    assert ("the days between visits kept" in log) == (times == "dates")
    if times == "weeks":
        assert trial.visit_days is None


def test_a_value_without_a_date_is_refused(tmp_path):
    frame = scores()
    frame.loc[[5, 9], "day"] = ""
    lines = 'covariance = "sp_pow"\ntimes = "dates"\n'
    trial = bw.load_trial(made(tmp_path, lines, frame=frame))
    answer = mmrm(trial, trial.estimands[0])
    assert answer.estimates["estimate"].isna().all()
    assert any("some values have no date" in note for note in answer.notes)
    log = trial.load_log
    (told,) = log[log["level"] == "warning"].to_dict("records")
    assert (told["column"], told["count"]) == ("key times of E1", 2), log
    assert "without a date: E1 cannot be estimated" in told["action"]


def test_two_visits_on_one_day_are_told(tmp_path):
    frame = scores()
    later = frame.index[frame["visit"] == frame["visit"].iloc[2]]
    before = frame.index[frame["visit"] == frame["visit"].iloc[1]]
    frame.loc[later[:3], "day"] = frame.loc[before[:3], "day"].to_numpy()
    lines = 'covariance = "sp_pow"\ntimes = "dates"\n'
    log = bw.load_trial(made(tmp_path, lines, frame=frame)).load_log
    told = log[log["action"].str.startswith("two visits of a person on one day")]
    assert told["count"].tolist() == [3], log


@pytest.mark.parametrize(
    ("lines", "choice", "said"),
    [
        ('covariance = "sp_pow"', {"weeks": ""}, "weeks, which sp_pow needs"),
        ('covariance = "cs"\nfallback = []\ntimes = "dates"', {}, "a covariance by distance"),
        ('covariance = "sp_gau"\ntimes = "dates"', {"dated": ""}, "dates of the visits"),
        (
            'covariance = "sp_pow"\ntimes = "dates"\nsensitivity = ["bootstrap", "ancova"]',
            {},
            "bootstrap",
        ),
        ('covariance = "sp_pow"\ntimes = "days"', {}, "weeks"),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path, lines, choice, said):
    with pytest.raises(InputError, match=said):
        bw.load_trial(made(tmp_path, lines, **choice))
