"""Couplings of a motion file: what is in space, arms compared, and how large a change must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.motion.coordination import (
    coupled_people,
    coupling_notes,
    coupling_over_cycle,
    coupling_rose,
    coupling_shares,
)
from backwalk_stats.analyses.motion.study import (
    MotionStudy,
    coordination_tests,
    detectable_change,
    mean_curves,
)
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.motion.coordination import PATTERNS, coupled
from backwalk_stats.report.subject import motion_subject
from backwalk_stats.trial import tables
from backwalk_stats.trial.motion_plan import Coupling, Joint, MotionPlan
from backwalk_stats.trial.study import Arm
from tests.loaders.motion.folders import BODY, folder_of
from tests.report import motion_records

COUPLING = Coupling(name="lp", proximal="pelvis_rotation", distal="lumbar_rotation")
ARMS = (Arm(name="forward", label="Forward"), Arm(name="backward", label="Backward"))
PLAN = MotionPlan(id="m", couplings=(COUPLING,), arms=ARMS, visits=("W0", "W6"))
IN_SPACE = Joint(name="pelvis", proximal="space", distal="pelvis")
TRUNK = Joint(name="lumbar", proximal="space", distal="lumbar")
SPINE = Joint(name="lumbar", proximal="pelvis", distal="lumbar")
NECK = Joint(name="lumbar", proximal="thorax", distal="head")
NONE = pd.DataFrame(columns=list(tables.FEATURES))
JOINTS = {
    "both in space": ((IN_SPACE, TRUNK), "", ()),
    "its own proximal segment": ((IN_SPACE, SPINE), "", ("anti-phase is built in",)),
    "another segment": ((IN_SPACE, NECK), "", ("lumbar_rotation is an angle against thorax",)),
    "nothing declared": ((), "", ("what pelvis_rotation is", "what lumbar_rotation is")),
    "declared for the file": ((), "space", ()),
    "one declared": ((TRUNK,), "", ("not declared what pelvis_rotation is measured against",)),
}


@pytest.mark.parametrize("case", JOINTS)
def test_what_is_not_a_segment_in_space_is_told(case):
    joints, angles, told = JOINTS[case]
    plan = replace(PLAN, joints=joints, couplings=(replace(COUPLING, angles=angles),))
    notes = coupling_notes(plan, NONE)
    assert len(notes) == len(told)
    for note, words in zip(notes, told, strict=True):
        assert note.startswith("coupling lp: ") and words in note


def test_the_longest_name_of_a_joint_is_meant():
    """`lumbar_in_space_side_bend` belongs to the joint in space, not to the joint `lumbar`."""
    joints = (IN_SPACE, SPINE, replace(TRUNK, name="lumbar_in_space"))
    sides = {"proximal": "pelvis_side_bend", "distal": "lumbar_in_space_side_bend"}
    plan = replace(PLAN, joints=joints, couplings=(replace(COUPLING, **sides),))
    assert coupling_notes(plan, NONE) == ()


def test_few_strides_are_counted():
    rows = [("P", "forward", "W0", "forward", "lp_deviation_phase", 5.0, n) for n in (3, 7, 8, 20)]
    features = pd.DataFrame(rows, columns=list(tables.FEATURES))
    (note,) = coupling_notes(replace(PLAN, joints=(IN_SPACE, TRUNK)), features)
    assert "fewer than 8 strides in 2 of 4 walks" in note


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('distal = "lumbar_rotation"\nangles = "space"\n[[joint]]\nname = "lumbar"\n'
         'proximal = "pelvis"\ndistal = "lumbar"\n', "joint lumbar is measured against pelvis"),
        ('distal = "pelvis_rotation"\n', "another signal than proximal"),
    ],
)  # fmt: skip
def test_a_motion_file_that_contradicts_itself_is_refused(tmp_path, body, words):
    segments = "".join(
        f'\n[segments.{name}]\nright = ["A"]\nleft = ["B"]\nfront = ["A"]\nback = ["C"]\n'
        for name in ("pelvis", "lumbar")
    )
    spoiled = BODY.replace('distal = "lumbar_rotation"\n', body) + segments
    with pytest.raises(bw.InputError, match=words):
        load_motion(folder_of(tmp_path, body=spoiled))


# Frames over participants.


def walked(people: int = 8, *, recordings: int = 1, strides: int = 4, error: float = 0.0, seed=0):
    """Return cycles (`tables.CYCLES` with the arm) of people with lags of their own."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0.0, 2.0 * np.pi, 41)
    parts = []
    for person in range(people):
        lag = 0.6 + 0.1 * rng.normal()
        for recording in range(recordings):
            sizes = 5.0 + error * rng.normal(size=2)
            for signal, size, late in (("pelvis_rotation", sizes[0], 0.0),
                                       ("lumbar_rotation", sizes[1], lag)):  # fmt: skip
                for stride in range(strides):
                    values = size * np.sin(turn - late - 0.02 * stride)
                    parts.append(pd.DataFrame({
                        "participant": f"P{person}", "visit": "W0", "direction": "backward",
                        "recording": 10 * person + recording, "signal": signal, "cycle": stride + 1,
                        "odd": False, "node": np.arange(41), "value": values,
                        "arm": ARMS[person % 2].name,
                    }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def table_of(table, cycles: pd.DataFrame) -> pd.DataFrame:
    return table(coupled_people(cycles, COUPLING), COUPLING)


def test_frames_of_a_coupling_add_up_and_count_participants():
    cycles = walked(6)
    over, rose = table_of(coupling_over_cycle, cycles), table_of(coupling_rose, cycles)
    table = table_of(coupling_shares, cycles)
    for frame, keys in ((over, ["arm", "node"]), (rose, ["arm"])):
        np.testing.assert_allclose(frame.groupby(keys)["percent"].sum(), 100.0)
    assert list(table.columns) == list(tables.COUPLING_SHARES)
    for name in ("share_of_steps", "share_of_mean_angle"):
        np.testing.assert_allclose(table.groupby("arm")[name].sum(), 100.0)
    assert set(over["n"]) == set(rose["n"]) == set(table["n"]) == {3}


def test_shares_of_an_arm_are_means_over_its_participants():
    cycles = walked(4)
    table = table_of(coupling_shares, cycles).set_index(["arm", "pattern"])["share_of_steps"]
    by_hand = []
    for person in ("P1", "P3"):
        mine = cycles[cycles["participant"] == person]
        wide = mine.pivot(index="cycle", columns=["signal", "node"], values="value")
        found = coupled(wide["pelvis_rotation"].to_numpy(), wide["lumbar_rotation"].to_numpy())
        by_hand.append(found.step_shares)
    np.testing.assert_allclose(table["backward"][list(PATTERNS)], np.mean(by_hand, axis=0))


def test_who_has_more_strides_does_not_weigh_more():
    cycles = walked(2)
    mine = cycles["participant"].eq("P0")
    again = cycles[mine].assign(cycle=cycles["cycle"] + 100)
    more = pd.concat([cycles, again], ignore_index=True)
    once, twice = cycles.assign(arm="forward"), more.assign(arm="forward")
    for table in (coupling_rose, coupling_shares, coupling_over_cycle):
        pd.testing.assert_frame_equal(table_of(table, once), table_of(table, twice))


def test_cycles_with_missing_samples_and_signals_that_are_not_there():
    cycles = walked(2)
    torn = cycles.assign(value=cycles["value"].where(cycles["cycle"] > 1))
    kept = cycles[cycles["cycle"] > 1]
    pd.testing.assert_frame_equal(table_of(coupling_shares, torn), table_of(coupling_shares, kept))
    assert table_of(coupling_shares, cycles[cycles["signal"] == "pelvis_rotation"]).empty


# Arms compared.


def features(seed: int, *, people: int = 14, visits=("W0", "W6"), shift: float = 8.0):
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        arm, level = ARMS[person % 2].name, rng.normal(80.0, 10.0)
        for visit in visits:
            late = shift * (arm == "backward") * (visit != "W0")
            for ending in ("marp", "deviation_phase", "in_phase"):
                value = level + late + rng.normal(0.0, 3.0 + 3.0 * (arm == "backward"))
                rows.append((f"P{person}", arm, visit, "backward", f"lp_{ending}", value, 9))
    return pd.DataFrame(rows, columns=list(tables.FEATURES))


def wide_of(frame: pd.DataFrame, feature: str) -> pd.DataFrame:
    mine = frame[frame["feature"] == feature]
    wide = mine.pivot(index=["participant", "arm"], columns="visit", values="value")
    return wide.reset_index().assign(treated=lambda one: (one["arm"] == "backward").astype(float))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_arms_are_compared_as_statsmodels_does(seed):
    """Estimate and HC2 error of statsmodels' OLS, Holm of its multipletests."""
    import statsmodels.formula.api as smf
    from statsmodels.stats.multitest import multipletests

    frame = features(seed)
    found, notes = coordination_tests(frame, PLAN)
    assert not notes and list(found.columns) == list(tables.FEATURE_TESTS)
    for row in found.to_dict("records"):
        theirs = smf.ols("W6 ~ treated + W0", wide_of(frame, row["feature"])).fit(cov_type="HC2")
        assert row["estimate"] == pytest.approx(theirs.params["treated"])
        assert row["std_error"] == pytest.approx(theirs.bse["treated"])
        assert row["contrast"] == "backward - forward" and (row["n_arm"], row["n_reference"]) == (
            7,
            7,
        )
        assert 4.0 < row["df"] < 11.0
    holm = multipletests(found["p_value"], method="holm")[1]
    np.testing.assert_allclose(found["p_adjusted"], holm)


def test_one_visit_is_compared_by_welchs_statistic():
    """Its df is that of Bell and McCaffrey: n - 2 where arms are of one size, not Welch's."""
    from scipy.stats import ttest_ind

    frame = features(5, visits=("W6",))
    found, _ = coordination_tests(frame, replace(PLAN, visits=("W6",)))
    wide = wide_of(frame, "lp_marp")
    one, other = (wide.loc[wide["arm"] == arm, "W6"] for arm in ("backward", "forward"))
    theirs = ttest_ind(one, other, equal_var=False)
    mine = found[found["feature"] == "lp_marp"].iloc[0]
    assert mine["estimate"] == pytest.approx(one.mean() - other.mean())
    assert mine["statistic"] == pytest.approx(theirs.statistic)
    assert mine["df"] == pytest.approx(12.0)
    assert mine["p_value"] == pytest.approx(theirs.pvalue, rel=0.01)
    assert "without a baseline" in mine["method"]


def test_what_cannot_be_compared_is_told_and_not_left_out_in_silence():
    frame = features(6)
    found, notes = coordination_tests(frame[frame["arm"] == "forward"], PLAN)
    assert found.empty and len(notes) == 1
    assert notes[0].startswith("lp, backward, W6: arms are not compared in coordination")
    few = features(7, people=4)
    found, notes = coordination_tests(few, PLAN)
    assert len(found) or notes


def test_few_people_are_not_told_by_a_comparison():
    made = motion_records.study()
    tests, _ = coordination_tests(features(8), PLAN)
    study = replace(made, coordination_tests=tests)
    assert len(motion_subject(study, small_cell=7).study.coordination_tests) == len(tests)
    assert motion_subject(study, small_cell=8).study.coordination_tests.empty
    assert motion_subject(study, small_cell=99).study.shares.empty


@pytest.mark.slow
def test_under_no_effect_few_comparisons_are_beyond_chance():
    """2 x 7 people, unequal variances, 300 studies of 3 independent errors on shared levels."""
    hits = 0
    for seed in range(400, 700):
        found, _ = coordination_tests(features(seed, shift=0.0), PLAN)
        hits += int((found["p_value"] < 0.05).sum())
    assert 20 <= hits <= 70, "900 comparisons: 45 expected, 99.9 % range 25 to 68 if independent"


# How large a change must be.


def test_the_error_of_repeats_is_the_within_mean_square():
    """statsmodels' one-way analysis of variance: the residual mean square."""
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    rng = np.random.default_rng(4)
    people = rng.integers(0, 9, 40)
    value = people + rng.normal(size=40)
    found = bw.summary.sem_from_repeats(value=value, participant=people)
    fitted = smf.ols("value ~ C(people)", pd.DataFrame({"value": value, "people": people})).fit()
    expected = anova_lm(fitted).loc["Residual"]
    assert found.sem == pytest.approx(np.sqrt(expected["mean_sq"]))
    several = np.unique(people, return_counts=True)[1] > 1
    assert found.df == expected["df"] and found.n == several.sum() < len(several)


@pytest.mark.parametrize(
    ("value", "people", "error"),
    [([1.0, np.nan], ["a", "a"], bw.NotEstimable), ([1.0], ["a", "b"], bw.UsageError)],
)
def test_repeats_that_are_none(value, people, error):
    with pytest.raises(error):
        bw.summary.sem_from_repeats(value=value, participant=people)


def test_nobody_measured_twice_has_no_error():
    found = bw.summary.sem_from_repeats(value=[1.0, 2.0], participant=["a", "b"])
    assert np.isnan(found.sem) and (found.n, found.df) == (0, 0)


def test_repeated_recordings_give_the_error_that_was_put_in():
    """Half ranges with an error of 0.5: ranges with one of 1."""
    cycles = walked(24, recordings=4, strides=3, error=0.5, seed=2)
    found = detectable_change(cycles, PLAN)
    own = found[found["source"].str.startswith("this study")].set_index("feature")
    row = own.loc["pelvis_rotation_rom"]
    assert row["sem"] == pytest.approx(1.0, abs=0.17)  # 72 df: a standard error of 0.083
    assert row["mdc"] == pytest.approx(1.959964 * np.sqrt(2.0) * row["sem"], rel=1e-6)
    assert (row["n"], row["df"]) == (24, 72)
    assert "within visit W0, not between days" in row["source"]
    assert {"lp_marp", "lp_in_phase", "lp_deviation_phase"} <= set(own.index)


def test_strides_of_one_recording_are_no_repeats():
    found = detectable_change(walked(8, strides=20), PLAN)
    assert found["source"].str.startswith("published").all()
    assert set(found["feature"]) == {"lumbar_rotation_rom", "lp_marp"}
    assert found["sem"].isna().sum() == 2, "an MDC of unknown level gives no SEM"


def test_repeats_at_a_later_visit_do_not_count():
    later = walked(6, recordings=2).assign(visit="W6")
    assert detectable_change(later, PLAN)["source"].str.startswith("published").all()


def test_a_study_without_couplings_has_empty_frames():
    made = motion_records.study()
    plain = MotionStudy(
        plan=replace(made.plan, couplings=()), movement=made.movement, results=(),
        means=mean_curves(made.movement.curves), over_cycle=made.over_cycle, rose=made.rose,
    )  # fmt: skip
    assert plain.shares.empty and plain.coordination_tests.empty and plain.detectable_change.empty
    assert plain.notes == made.movement.notes
