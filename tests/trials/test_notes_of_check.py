"""What `check` says of an analysis beforehand holds of the analysis: nothing is told of noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.dry_run import planned
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.models.mixed.lmm import lmm
from backwalk_stats.trial.trial import Trial
from tests.trials.made import made, wide_frame
from tests.trials.test_hanging_rows import CLUSTERS
from tests.trials.test_other_kinds import N, frame, trial_of

BESIDE = {
    "binary": '"best-case", "worst-case", "missing-as-failure"',
    "ordinal": '"rank-based"',
    "count": "",
}


def holds(trial: Trial) -> None:
    """Hold every note of the dry run to be one of the analysis itself."""
    for one in planned(trial, trial.estimands):
        notes = MENU[one.analysis](trial, one.estimand).notes
        assert set(one.notes) <= set(notes), (one.analysis, one.notes, notes)


@pytest.mark.parametrize("kind", BESIDE)
@pytest.mark.parametrize("seed", [2, 5, 9])
def test_notes_of_other_kinds_hold(tmp_path: Path, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = frame(seed)
    heaped = rng.poisson(1.2, N) * np.where(rng.random(N) < 0.2, 8, 1)
    data["count"] = heaped.astype(str)
    data.loc[rng.random(N) < 0.2, kind] = ""
    asked = f"covariates = []\nsensitivity = [{BESIDE[kind]}]"
    holds(load_trial(trial_of(tmp_path, kind, data, estimand=asked)))


@pytest.mark.parametrize("seed", [3, 7])
def test_notes_of_means_hold(tmp_path: Path, seed: int) -> None:
    data = wide_frame(n=16, seed=seed)
    data.loc[[2, 5], "post"] = ""
    asked = 'sensitivity = ["change-score", "rank-based"]'
    holds(load_trial(made(tmp_path, data, estimand=asked)))


def test_notes_of_clusters_hold_where_they_differ_much(tmp_path: Path) -> None:
    places = [f"T{k % 6}" for k in range(24)]
    data = wide_frame({"th": places})
    data["post"] = [str(int(place[1]) + (k % 3 > 0)) for k, place in enumerate(places)]
    trial = load_trial(made(tmp_path, data, more=CLUSTERS))
    holds(trial)
    notes = MENU["ancova"](trial, trial.estimands[0]).notes
    assert not any("several people" in one for one in notes)


def test_people_of_a_therapist_may_score_alike(tmp_path: Path) -> None:
    """Whole scores: two people of one therapist and arm are as like as one row written twice."""
    data = wide_frame({"th": [f"T{k // 4}" for k in range(24)]})
    data["pre"] = [str(3 + (k // 2) % 5) for k in range(24)]
    data["post"] = np.random.default_rng(5).integers(0, 8, 24).astype(str)
    data.loc[2, ["pre", "post"]] = data.loc[0, ["pre", "post"]].to_numpy()
    trial = load_trial(made(tmp_path, data, more=CLUSTERS))
    row = MENU["ancova"](trial, trial.estimands[0]).estimates.iloc[0]
    plain = data.assign(
        arm=pd.Categorical(data["group"], ["FW", "BW"]),
        before=data["pre"].astype(float),
        after=data["post"].astype(float),
    )
    formula = "after ~ arm + before + (1 | th)"
    with pytest.raises(UsageError, match="repeat another of the same th"):
        lmm(formula, plain)
    # The same numbers where a column that does nothing tells the two rows apart.
    told = plain.assign(after=plain["after"] + np.where(plain.index == 2, 1e-9, 0.0))
    fit = lmm(formula, told, df="kenward-roger", information="expected")
    wanted = fit.coefficients().set_index("term").loc["armBW"]
    assert row["estimate"] == pytest.approx(wanted["estimate"], rel=1e-6)
    assert row["p_value"] == pytest.approx(wanted["p_value"], rel=1e-6)


@pytest.mark.parametrize(
    ("places", "more", "said"),
    [
        (["T"] * 24, "", "everybody is of one therapist"),
        (["A" if k % 2 else "B" for k in range(24)], "", "each arm has one therapist of its own"),
        ([f"T{k % 5}" for k in range(24)], 'covariates = ["baseline", "room"]', "the same groups"),
    ],
)
def test_clusters_that_nothing_tells_apart(tmp_path: Path, places, more: str, said: str) -> None:
    data = wide_frame({"th": places, "room": [f"room {one}" for one in places]})
    keys = 'covariates = ["room"]' if more else ""
    path = made(tmp_path, data, data=keys, estimand=more, more=CLUSTERS)
    assert not check_trial(path)[0]
    trial = load_trial(path)
    assert said in planned(trial, trial.estimands)[0].reason
    row = MENU["ancova"](trial, trial.estimands[0]).estimates.iloc[0]
    assert np.isnan(row["estimate"]) and said in row["note"]
