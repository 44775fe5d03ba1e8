"""What every door that compares arms promises: order, types, counts and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.change import change_score, within_arm
from backwalk_stats.models.arms.firth import firth_odds_ratio
from backwalk_stats.models.arms.rank_based import rank_based
from backwalk_stats.models.arms.responders import responders
from backwalk_stats.models.resampling.arm_means import bootstrapped_difference, permuted_difference

Door = Callable[..., pd.DataFrame]
SCORES: dict[str, Any] = {"outcome": "after", "baseline": "before", "arm": "arm"}
ANSWERS: dict[str, Any] = {"responder": "better", "arm": "arm"}
DOORS: dict[str, tuple[Door, dict[str, Any]]] = {
    "within": (within_arm, SCORES),
    "welch": (change_score, SCORES),
    "pooled": (change_score, {**SCORES, "test": "pooled"}),
    "ranks": (rank_based, {"outcome": "after", "arm": "arm"}),
    "strata": (rank_based, {"outcome": "after", "arm": "arm", "strata": "site"}),
    "responders": (responders, ANSWERS),
    "firth": (firth_odds_ratio, {**ANSWERS, "covariates": "before"}),
    "permutation": (permuted_difference, {**SCORES, "seed": 1}),
    "bootstrap": (bootstrapped_difference, {**SCORES, "seed": 1, "replicates": 300}),
}
# Random draws depend on the order of the rows; their tests are elsewhere.
ORDERLESS = [name for name in DOORS if name != "bootstrap"]


def trial() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    n = 16
    frame = pd.DataFrame(
        {
            "id": [f"person-{i}" for i in range(n)],
            "arm": np.repeat(["forward", "backward"], n // 2),
            "site": np.resize(["n", "s"], n),
            "before": rng.integers(40, 90, n) / 10 + 0.0123,
        }
    )
    frame["after"] = (frame["before"] - rng.integers(-5, 30, n) / 10).round(4)
    frame["better"] = frame["after"] < frame["before"] - 1.0
    return frame


def run(name: str, frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    door, columns = DOORS[name]
    reference = {} if name == "within" else {"reference": "backward"}
    return door(frame, **{**columns, **reference, **choices})


@pytest.mark.parametrize("name", ORDERLESS)
def test_order_and_index_of_rows_do_not_matter(name):
    shuffled = trial().sample(frac=1.0, random_state=2)
    shuffled.index = pd.Index([0] * len(shuffled))
    pd.testing.assert_frame_equal(run(name, trial()), run(name, shuffled), rtol=1e-9)


@pytest.mark.parametrize("name", DOORS)
def test_types_of_columns_do_not_matter(name):
    frame = trial()
    typed = frame.astype({"after": "Float64", "before": "Float64", "better": "boolean"})
    typed["arm"] = pd.Categorical(typed["arm"], ["none", "backward", "forward"])
    plain, found = run(name, frame), run(name, typed)
    assert (plain["notes"] == "").all() or name in ("within", "responders", "ranks", "strata")
    assert found["notes"].str.contains("arm: no row has none; left out").all()
    pd.testing.assert_frame_equal(
        plain.drop(columns="notes"), found.drop(columns="notes"), rtol=1e-12
    )


@pytest.mark.parametrize("name", DOORS)
def test_the_frame_given_is_not_changed(name):
    frame = trial()
    run(name, frame)
    pd.testing.assert_frame_equal(frame, trial())


@pytest.mark.parametrize("name", [name for name in DOORS if name != "within"])
def test_the_other_reference_turns_the_contrast(name):
    ahead, back = run(name, trial()), run(name, trial(), reference="backward")
    assert ahead["contrast"].unique().tolist() == ["forward - backward"]
    pd.testing.assert_frame_equal(ahead, back)
    turned = run(name, trial(), reference="forward")
    assert turned["contrast"].unique().tolist() == ["backward - forward"]
    if name in ("responders", "firth"):
        return
    assert turned["estimate"].to_numpy() == pytest.approx(-ahead["estimate"].to_numpy())


@pytest.mark.parametrize("name", DOORS)
def test_rows_left_out_are_counted(name):
    frame = trial().astype({"better": object})
    frame.loc[[0, 1, 9], ["after", "better"]] = None
    frame["after"] = frame["after"].astype(float)
    found = run(name, frame, participant="id")
    if name == "within":
        assert found[["n", "n_dropped"]].to_numpy().tolist() == [[7, 1], [6, 2]]
    else:
        columns = ["n_arm", "n_reference", "dropped_arm", "dropped_reference"]
        assert found[columns].drop_duplicates().to_numpy().tolist() == [[6, 7, 2, 1]]


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda f: f.drop(columns="arm"), "no column named arm; there are: id"),
        (lambda f: f.assign(arm=f["arm"].where(f.index > 1)), "arm: missing in 2 of 16 rows"),
        (lambda f: pd.concat([f, f.tail(3)]), "3 rows repeat the same id"),
        (lambda f: f.drop(index=range(1, 8)), "forward 1; each arm needs 2 at least"),
        (lambda f: f.assign(id=f["id"].where(f.index > 0)), "id: missing in 1 of 16 rows"),
    ],
)
def test_refusals_name_the_fault_and_no_participant(name, broken, message):
    frame = broken(trial())
    with pytest.raises(BackwalkError, match=message) as caught:
        run(name, frame, participant="id")
    text = str(caught.value)
    assert "person-" not in text
    assert not any(str(value) in text for value in trial()["before"])
