"""Outcomes that are no measurements: what is read, what is refused, what is compared and shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.dry_run import planned
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.questions.adjusted_risk import IMPUTED
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.models.arms.responders import responders
from backwalk_stats.plot.outcomes import trajectories
from backwalk_stats.report.headline import headline
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.report.understood import in_lines, understood
from backwalk_stats.trial.estimand import OF_MEANS
from tests.trials.made import FORMATS, HEAD, write

N = 48
ARMS = ["BW" if k % 2 else "FW" for k in range(N)]
KINDS = {
    "binary": 'event = "yes"',
    "ordinal": 'order = ["worse", "same", "better"]',
    "count": 'exposure = "months"',
}


def frame(seed: int = 3) -> pd.DataFrame:
    """Return a row a person as text: an event, an ordered category, a count with its time."""
    rng = np.random.default_rng(seed)
    gain = rng.normal(size=N) + np.array([0.6 * (arm == "BW") for arm in ARMS])
    words = np.array(["worse", "same", "better"])
    return pd.DataFrame(
        {
            "id": [f"P{k + 1:02d}" for k in range(N)],
            "group": ARMS,
            "age": rng.integers(40, 80, N).astype(str),
            "binary": np.where(gain > 0.2, "yes", "no"),
            "ordinal": words[np.digitize(gain, [-0.4, 0.6])],
            "count": rng.poisson(1.5, N).astype(str),
            "months": np.round(rng.uniform(2, 4, N), 1).astype(str),
        }
    )


def trial_of(
    folder: Path,
    kind: str,
    data: pd.DataFrame | None = None,
    *,
    more: str = "",
    estimand: str = "covariates = []",
    report: str = "",
) -> Path:
    """Write a trial of one outcome of a kind, and return its trial file."""
    write(frame() if data is None else data, folder / "s.csv")
    path = folder / "trial.toml"
    path.write_text(
        f'{HEAD}[[data]]\nfile = "s.csv"\nparticipant = "id"\narm = "group"\n'
        f'covariates = ["age"]\n[[outcome]]\nname = "state"\nkind = "{kind}"\n{KINDS[kind]}\n'
        f'role = "primary"\nbetter = "higher"\ncolumns = {{ W6 = "{kind}" }}\n{more}\n'
        f'[[estimand]]\noutcome = "state"\n{estimand}\n{report}',
        encoding="utf-8",
    )
    return path


def told(path: Path) -> str:
    return "\n".join(map(str, check_trial(path)[0]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("analysis", [one for one in OF_MEANS if one != "rank-based"][:7])
def test_means_of_codes_are_refused_by_name(tmp_path: Path, kind: str, analysis: str):
    said = told(trial_of(tmp_path, kind, estimand=f'analysis = "{analysis}"\ncovariates = []'))
    assert f"'{analysis}'" in said and f"state is {kind}" in said, said


def test_an_analysis_of_events_is_refused_for_a_measurement(tmp_path: Path):
    path = trial_of(tmp_path, "count", estimand='analysis = "ordinal"\ncovariates = []')
    assert "another kind of outcome" in told(path)
    path.write_text(path.read_text().replace('kind = "count"\nexposure = "months"\n', ""))
    assert "another kind of outcome, and state is continuous" in told(path)


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_a_measurement_are_refused(tmp_path: Path, kind: str):
    assert "outcome state, unit" in told(trial_of(tmp_path, kind, more='unit = "mm"'))
    assert "outcome state, low" in told(trial_of(tmp_path, kind, more="low = 0"))


@pytest.mark.parametrize(
    ("kind", "cell", "said"),
    [
        ("binary", "perhaps", "2 other values"),
        ("ordinal", "perhaps", "one of order: worse, same, better"),
        ("count", "1.5", "a count: 0, 1, 2"),
        ("count", "-2", "a count: 0, 1, 2"),
    ],
)
def test_a_value_that_is_none_of_the_kind_is_a_fault(tmp_path: Path, kind, cell, said):
    data = frame()
    data.loc[4, kind] = cell
    text = told(trial_of(tmp_path, kind, data))
    assert said in text and "perhaps" not in text, text


def test_an_event_that_is_spelt_otherwise_is_a_fault(tmp_path: Path):
    data = frame()
    data["binary"] = data["binary"].replace("yes", "recovered")
    assert "the event 'yes'" in told(trial_of(tmp_path, "binary", data))


@pytest.mark.parametrize("cell", ["0", "-1"])
def test_a_time_that_is_none_is_a_fault(tmp_path: Path, cell: str):
    data = frame()
    data.loc[2, "months"] = cell
    assert "a time above 0" in told(trial_of(tmp_path, "count", data))


def test_a_count_without_its_time_is_told_and_left_out(tmp_path: Path):
    data = frame()
    data.loc[2, "months"] = ""
    path = trial_of(tmp_path, "count", data)
    log = check_trial(path)[1]
    assert log["action"].str.contains("counts without a time").any()
    trial = load_trial(path)
    rows = MENU["rate-ratio"](trial, trial.estimands[0]).estimates
    row = rows[rows["quantity"] == "rate_ratio"].iloc[0]
    assert row["n"] + row["n_reference"] == N - 1


@pytest.mark.parametrize("kind", FORMATS)
def test_events_are_read_alike_in_every_format(tmp_path: Path, kind: str):
    data = frame().assign(binary=lambda one: one["binary"].map({"yes": "1", "no": "2"}))
    labels = {"binary": {"1": "yes", "2": "no"}} if kind in ("sav", "dta") else None
    path = trial_of(tmp_path, "binary", data)
    write(data, tmp_path / f"s.{kind}", labels)
    event = "yes" if labels else "1"
    text = path.read_text().replace("s.csv", f"s.{kind}").replace('"yes"', f'"{event}"')
    path.write_text(text)
    trial = load_trial(path)
    read = trial.data[trial.data["visit"] == "W6"].set_index("participant")["value"]
    wanted = (frame()["binary"] == "yes").astype(float).tolist()
    assert read.reindex(frame()["id"]).tolist() == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_the_dry_run_learns_nothing_of_the_values(tmp_path: Path, kind: str):
    asked = 'sensitivity = ["best-case", "worst-case", "missing-as-failure"]'
    more = f"covariates = []\n{asked if kind == 'binary' else ''}"
    one = load_trial(trial_of(tmp_path, kind, estimand=more))
    turned = frame()
    turned[kind] = turned[kind].to_numpy()[::-1]
    other = load_trial(trial_of(tmp_path, kind, turned, estimand=more))
    answers = [planned(trial, trial.estimands) for trial in (one, other)]
    assert [a.n for a in answers[0]] == [a.n for a in answers[1]]
    assert all(not a.reason and sum(a.n.values()) == N for a in answers[0]), answers[0]


def test_what_is_understood_tells_no_events_by_arm(tmp_path: Path):
    from backwalk_stats.loaders.load import loaded

    found = loaded(trial_of(tmp_path, "binary"))
    assert found.trial is not None and found.file is not None
    lines = in_lines(
        understood(found.trial, found.file.tables, found.file.measured, path="trial.toml")
    )
    (line,) = [one for one in lines if "W6: n =" in one]
    assert "values not told" in line and "range" not in line
    assert any("the event is 'yes'" in one for one in lines)


@pytest.mark.parametrize("code", IMPUTED)
def test_missing_answers_are_put_in_as_declared(tmp_path: Path, code: str):
    data = frame()
    gone = [0, 1, 2, 5, 7]
    data.loc[gone, "binary"] = ""
    more = f'covariates = []\nsensitivity = ["{code}"]'
    trial = load_trial(trial_of(tmp_path, "binary", data, estimand=more))
    rows = MENU[code](trial, trial.estimands[0]).estimates
    row = rows[rows["quantity"] == "risk_difference"].iloc[0]
    good = {"missing-as-failure": (), "best-case": ("BW",), "worst-case": ("FW",)}[code]
    filled = [
        cell == "yes" if cell else arm in good
        for cell, arm in zip(data["binary"], data["group"], strict=True)
    ]
    by_hand = responders(
        pd.DataFrame({"answer": filled, "group": ARMS}),
        responder="answer", arm="group", reference="FW",
    ).iloc[0]  # fmt: skip
    assert row["estimate"] == pytest.approx(by_hand["estimate"], abs=1e-12)
    assert row["p_value"] == pytest.approx(by_hand["p_value"], abs=1e-12)
    assert row["role"] == "sensitivity"


def test_means_of_codes_are_not_drawn(tmp_path: Path):
    trial = load_trial(trial_of(tmp_path, "ordinal"))
    with pytest.raises(UsageError, match="ordinal"):
        trajectories(trial, "state")


# What a report may show: few events are not told, nor anything that they follow from.


def test_few_events_are_hidden_with_what_they_follow_from(tmp_path: Path):
    data = frame()
    data["binary"] = ["yes" if k in (1, 3, 4, 9) else "no" for k in range(N)]
    path = trial_of(tmp_path, "binary", data)
    subject = trial_subject(analyse_trial(load_trial(path)))
    told_rows = subject.analysis.estimates
    assert told_rows.loc[told_rows["analysis"] == "adjusted-risk", "estimate"].isna().all()
    part = subject.main_part(subject.estimands[0])
    assert part is not None and part.frames["responders"]["events"].isna().all()
    said = headline(subject, subject.estimands[0])
    assert "is not compared here" in said and "small_cell" in said
    path.write_text(path.read_text() + "[report]\nsmall_cell = 0\n")
    open_ = trial_subject(analyse_trial(load_trial(path)))
    assert "of 100 people" in headline(open_, open_.estimands[0])
