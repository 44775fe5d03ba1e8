"""People within clusters and rows within people are never taken for independent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.dry_run import exploratory_estimands, planned
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.models.mixed.lmm import lmm
from backwalk_stats.trial.estimand import MAIN_ANALYSES
from tests.trials.made import FORMATS, made, wide_frame

CLUSTERS = '[clusters]\ntherapist = "th"\n'
THERAPISTS = [f"T{k % 5}" for k in range(24)]


def knees(n: int = 20, seed: int = 4) -> pd.DataFrame:
    """Return one or two rows a person: id, group, side, pre and post."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        own = rng.normal(0, 1)
        for side in ("L", "R")[: 1 + (k % 3 > 0)]:
            pre = int(np.clip(round(6 + own + rng.normal()), 0, 10))
            post = int(np.clip(round(4 + own - (k % 2) + rng.normal()), 0, 10))
            rows.append((f"K{k:02d}", "BW" if k % 2 else "FW", side, str(pre), str(post)))
    return pd.DataFrame(rows, columns=["id", "group", "side", "pre", "post"])


def said(path: Path) -> str:
    return "\n".join(map(str, check_trial(path)[0]))


@pytest.mark.parametrize("kind", FORMATS)
def test_people_of_a_therapist_have_one_intercept(tmp_path: Path, kind: str) -> None:
    frame = wide_frame({"th": [str(k % 5) for k in range(24)]})
    trial = load_trial(made(tmp_path, frame, kind=kind, more=CLUSTERS))
    row = MENU["ancova"](trial, trial.estimands[0]).estimates.iloc[0]
    plain = frame.assign(
        arm=pd.Categorical(frame["group"], ["FW", "BW"]),
        before=frame["pre"].astype(float),
        after=frame["post"].astype(float),
    )
    fit = lmm("after ~ arm + before + (1 | th)", plain, df="kenward-roger", information="expected")
    wanted = fit.coefficients().set_index("term").loc["armBW"]
    for number in ("estimate", "std_error", "df", "p_value"):
        assert row[number] == pytest.approx(wanted[number], rel=1e-9), number
    assert row["n"] + row["n_reference"] == 24
    assert not any(name == "th" for name in trial.participants.columns)


def test_both_knees_are_of_one_person(tmp_path: Path) -> None:
    frame = knees()
    trial = load_trial(made(tmp_path, frame, data='within = "side"'))
    assert len(trial.participants) == 20
    row = MENU["ancova"](trial, trial.estimands[0]).estimates.iloc[0]
    plain = frame.assign(
        arm=pd.Categorical(frame["group"], ["FW", "BW"]),
        before=frame["pre"].astype(float),
        after=frame["post"].astype(float),
    )
    fit = lmm("after ~ arm + before + (1 | id)", plain, df="kenward-roger", information="expected")
    wanted = fit.coefficients().set_index("term").loc["armBW"]
    for number in ("estimate", "std_error", "df", "p_value"):
        assert row[number] == pytest.approx(wanted[number], rel=1e-9), number
    assert (row["n"], row["n_reference"]) == (10, 10)


def test_the_dry_run_sees_no_knee(tmp_path: Path) -> None:
    frame = knees()
    other = frame.assign(post=frame["post"].to_numpy()[::-1])
    answers = []
    for one in (frame, other):
        trial = load_trial(made(tmp_path, one, data='within = "side"'))
        answers.append(planned(trial, trial.estimands)[0])
    assert answers[0].n == answers[1].n and not answers[0].reason
    assert answers[0].notes == answers[1].notes


def test_an_outcome_without_an_estimand_keeps_its_clusters(tmp_path: Path) -> None:
    frame = wide_frame({"th": THERAPISTS})
    path = made(tmp_path, frame, more=CLUSTERS)
    text = path.read_text()
    path.write_text(text[: text.index("[[estimand]]")] + CLUSTERS)
    trial = load_trial(path)
    assert [one.analysis for one in exploratory_estimands(trial)] == ["ancova"]


@pytest.mark.parametrize("analysis", sorted({*MAIN_ANALYSES} - {"ancova"}))
@pytest.mark.parametrize("where", ["clusters", "within"])
def test_models_without_an_intercept_are_refused_by_name(
    tmp_path: Path, analysis: str, where: str
) -> None:
    frame = wide_frame({"th": THERAPISTS}) if where == "clusters" else knees()
    path = made(
        tmp_path,
        frame,
        data='within = "side"' if where == "within" else "",
        more=CLUSTERS if where == "clusters" else "",
    )
    path.write_text(path.read_text().replace('"ancova"', f'"{analysis}"'))
    told = said(path)
    assert f"'{analysis}', which takes rows that hang together" in told, told


@pytest.mark.parametrize(
    ("cells", "more", "found"),
    [
        (["", *THERAPISTS[1:]], CLUSTERS, "a therapist for each participant"),
        (THERAPISTS, CLUSTERS.replace('"th"', '"nowhere"'), "a column 'nowhere'"),
        (THERAPISTS, CLUSTERS + 'site = "th"\n', "a second one"),
    ],
)
def test_clusters_that_cannot_be_told_are_faults(tmp_path: Path, cells, more, found) -> None:
    told = said(made(tmp_path, wide_frame({"th": cells}), more=more))
    assert found in told, told


def test_a_knee_without_its_side_is_a_fault(tmp_path: Path) -> None:
    frame = knees()
    frame.loc[0, "side"] = ""
    assert "a part of the person" in said(made(tmp_path, frame, data='within = "side"'))


EVENTS = '[[events]]\nfile = "events.csv"\nparticipant = "id"\nkind = "kind"\nvisit = "visit"\n'


def with_events(folder: Path, frame: pd.DataFrame, how: str, *, more: str = "") -> Path:
    """Write both knees of people of whom three stopped before the last visit."""
    (folder / "events.csv").write_text(
        "id,kind,visit\nK00,stopped,W6\nK03,stopped,W6\nK04,stopped,W6\n"
    )
    path = made(folder, frame, data='within = "side"', more=EVENTS)
    key = f'events = {{ stopped = "{how}" }}\n{more}'
    path.write_text(
        path.read_text().replace('analysis = "ancova"\n', f'analysis = "ancova"\n{key}')
    )
    return path


@pytest.mark.parametrize("how", ["treatment-policy", "hypothetical", "composite",
                                 "while-on-treatment"])  # fmt: skip
def test_each_knee_has_the_events_of_its_person(tmp_path: Path, how: str) -> None:
    frame = knees()
    more = "composite = 10\n" if how == "composite" else ""
    trial = load_trial(with_events(tmp_path, frame, how, more=more))
    stopped = frame["id"].isin(["K00", "K03", "K04"])
    post = frame["post"].astype(float)
    after = {
        "hypothetical": post.mask(stopped),
        "composite": post.mask(stopped, 10.0),
        "while-on-treatment": post.mask(stopped, frame["pre"].astype(float)),
    }.get(how, post)
    plain = frame.assign(
        arm=pd.Categorical(frame["group"], ["FW", "BW"]),
        before=frame["pre"].astype(float),
        after=after,
    ).dropna(subset="after")
    fit = lmm("after ~ arm + before + (1 | id)", plain, df="kenward-roger", information="expected")
    wanted = fit.coefficients().set_index("term").loc["armBW"]
    row = MENU["ancova"](trial, trial.estimands[0]).estimates.iloc[0]
    for number in ("estimate", "std_error", "df", "p_value"):
        assert row[number] == pytest.approx(wanted[number], rel=1e-8), number


def test_imputing_after_an_event_is_refused_where_rows_hang_together(tmp_path: Path) -> None:
    told = said(with_events(tmp_path, knees(), "jump-to-reference"))
    assert "takes rows that hang together for independent" in told
    assert "a strategy that imputes nothing" in told


def test_what_a_file_of_people_holds_does_not_hang_together(tmp_path: Path) -> None:
    frame = knees()
    path = made(tmp_path, frame, data='within = "side"')
    people = frame[["id"]].drop_duplicates()
    people["falls"] = [str(k % 3) for k in range(len(people))]
    people.to_csv(tmp_path / "people.csv", index=False)
    more = (
        '[[data]]\nfile = "people.csv"\nparticipant = "id"\n[[outcome]]\nname = "falls"\n'
        'kind = "count"\ncolumns = { W6 = "falls" }\n[[estimand]]\noutcome = "falls"\n'
        "covariates = []\n"
    )
    path.write_text(path.read_text() + more)
    assert "'count' within" in said(path) and "name the file" in said(path)
    path.write_text(
        path.read_text().replace('name = "falls"', 'name = "falls"\nfile = "people.csv"')
    )
    trial = load_trial(path)
    assert trial.estimands[1].analysis == "rate-ratio"
    found = MENU["rate-ratio"](trial, trial.estimands[1]).estimates
    row = found[found["quantity"] == "rate_ratio"].iloc[0]
    assert row["n"] + row["n_reference"] == 20


@pytest.mark.parametrize("where", ["clusters", "within"])
def test_cluster_robust_errors_stand_beside_the_intercept(tmp_path: Path, where: str) -> None:
    frame = wide_frame({"th": THERAPISTS}) if where == "clusters" else knees()
    path = made(
        tmp_path,
        frame,
        data='within = "side"' if where == "within" else "",
        more=CLUSTERS if where == "clusters" else "",
    )
    asked = '"ancova"\nsensitivity = ["cluster-robust"]'
    path.write_text(path.read_text().replace('"ancova"', asked, 1))
    trial = load_trial(path)
    (one,) = trial.estimands
    assert one.role_of("cluster-robust") == "sensitivity"
    answer = MENU["cluster-robust"](trial, one)
    row = answer.estimates.iloc[0]
    plain = frame.assign(
        arm=pd.Categorical(frame["group"], ["FW", "BW"]),
        before=frame["pre"].astype(float),
        after=frame["post"].astype(float),
    )
    group = "th" if where == "clusters" else "id"
    fit = bw.ols("after ~ arm + before", plain, vcov="cr2", cluster=group)
    wanted = fit.coefficients().set_index("term").loc["armBW"]
    for number in ("estimate", "std_error", "df", "p_value", "conf_low"):
        assert row[number] == pytest.approx(wanted[number], rel=1e-9), number
    assert "CR2" in answer.method
    assert not planned(trial, trial.estimands)[1].reason


def test_cluster_robust_errors_need_clusters(tmp_path: Path) -> None:
    path = made(tmp_path, wide_frame())
    asked = '"ancova"\nsensitivity = ["cluster-robust"]'
    path.write_text(path.read_text().replace('"ancova"', asked, 1))
    assert "no key says what hangs together" in said(path)
