"""Arms dealt anew: what stays, what goes with the arm, and that nothing of the truth is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.plan.deal import HIDDEN, MOST_ALIKE, dealt, with_arms_of
from backwalk_stats.trial.motion_plan import MotionPlan, Recording, RepositioningTrials
from backwalk_stats.trial.study import Arm, timing
from backwalk_stats.trial.tables import FLOW, LOAD_LOG
from backwalk_stats.trial.trial import Trial
from tests.report.attacked_trials import random_trial, trial_of

SEEDS = range(12)


def arms(trial: Trial) -> list[str]:
    """Return the arm of each participant."""
    return trial.participants["arm"].astype(str).tolist()


def two_arms(n: int = 24, **columns: Any) -> Trial:
    """Return a trial of two arms, half of the people each, in turn."""
    rng = np.random.default_rng(n)
    names = ["forward", "backward"]
    people = pd.DataFrame({
        "participant": [f"P{place:03d}" for place in range(n)],
        "arm": pd.Categorical([names[place % 2] for place in range(n)], categories=names),
        **columns,
    })  # fmt: skip
    value = np.rint(rng.normal(5.0, 2.0, (n, 2)))
    flow = pd.DataFrame(columns=list(FLOW)).astype({"n": "int64"})
    trial = trial_of(people, value, [0, 6], flow, harms=None)
    return replace(trial, estimands=())


def clustered(labels: list[str], n: int = 24, **columns: Any) -> Trial:
    """Return such a trial with a therapist for each person."""
    trial = two_arms(n, **columns)
    ids = trial.participants["participant"]
    clusters = pd.DataFrame({"participant": ids, "cluster": labels})
    return replace(trial, clusters=clusters, cluster_name="therapist")


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_stay_and_what_was_measured_stays_with_the_person(seed: int):
    trial = random_trial(seed)
    found = dealt(trial)
    new = found.trial
    assert sorted(arms(new)) == sorted(arms(trial)) and arms(new) != arms(trial)
    assert found.alike <= MOST_ALIKE
    pd.testing.assert_frame_equal(new.data.drop(columns="arm"), trial.data.drop(columns="arm"))
    goes = ["arm", "arm_received"]
    kept = trial.participants.columns.difference(goes)
    pd.testing.assert_frame_equal(new.participants[kept], trial.participants[kept])
    assert new.harms is trial.harms and new.events is trial.events
    before, after = (one.participants[goes].astype(str).value_counts() for one in (trial, new))
    pd.testing.assert_series_equal(before, after, check_like=True)
    of = dict(zip(new.participants["participant"], arms(new), strict=True))
    assert new.data["arm"].astype(str).tolist() == new.data["participant"].map(of).tolist()
    assert list(new.data["arm"].cat.categories) == list(trial.data["arm"].cat.categories)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_of_the_true_arms_is_left(seed: int):
    """Two trials with other true arms, dealt to the same arms, are the same trial in every part."""
    trial = random_trial(seed)
    n = len(trial.participants)
    rng = np.random.default_rng(seed)
    other, donors = rng.permutation(n), rng.permutation(n)
    elsewhere = with_arms_of(trial, other)  # the same people, another truth
    one, two = with_arms_of(trial, donors), with_arms_of(elsewhere, np.argsort(other)[donors])
    for name in ("participants", "data", "flow", "load_log", "missing", "adherence", "events"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def test_the_deal_is_that_of_the_seed_and_of_nobody_who_lacks_the_arms():
    trial = two_arms(40)
    assert arms(dealt(trial).trial) == arms(dealt(trial).trial)
    reseeded = replace(trial, study=replace(trial.study, seed=8))
    assert arms(dealt(reseeded).trial) != arms(dealt(trial).trial)
    # Seed and values alone do not give the deal: with other arms the draw is another one.
    mirrored = with_arms_of(trial, np.arange(40)[::-1])
    swapped = {"forward": "backward", "backward": "forward"}
    assert arms(mirrored) == [swapped[one] for one in arms(trial)]
    assert arms(dealt(mirrored).trial) != [swapped[one] for one in arms(dealt(trial).trial)]
    for plain in (np.random.default_rng(trial.study.seed), np.random.default_rng([7])):
        assert arms(with_arms_of(trial, plain.permutation(40))) != arms(dealt(trial).trial)


def test_over_many_seeds_a_dealt_arm_says_nothing_of_the_true_one():
    trial = two_arms(24)
    same = [
        np.mean([a == b for a, b in zip(arms(trial), arms(dealt(one).trial), strict=True)])
        for one in (replace(trial, study=replace(trial.study, seed=seed)) for seed in range(60))
    ]
    # 60 deals of 24: the share that agrees has mean 1/2 and standard error 0.5 / sqrt(60 x 24) at
    # most twice, as the two arms of a deal hang together.
    assert abs(np.mean(same) - 0.5) < 4 * 2 * 0.5 / np.sqrt(60 * 24)


@pytest.mark.parametrize("n", [4, 6, 8])
def test_the_truth_and_its_mirror_are_dealt_again(n: int):
    trial = two_arms(n)
    swapped = {"forward": "backward", "backward": "forward"}
    for seed in range(30):
        found = dealt(replace(trial, study=replace(trial.study, seed=seed)))
        assert arms(found.trial) != arms(trial)
        assert arms(found.trial) != [swapped[one] for one in arms(trial)]
        assert found.alike < 1.0


def test_a_trial_with_no_other_allocation_is_refused():
    trial = two_arms(2)
    with pytest.raises(UsageError, match="besides the true allocation and its mirror"):
        dealt(trial)


def test_a_trial_of_one_arm_is_refused():
    trial = two_arms(8)
    alone = replace(trial.study, arms=(Arm(name="forward", label="Forward"),))
    with pytest.raises(UsageError, match="one arm"):
        dealt(replace(trial, study=alone))


@pytest.mark.parametrize("declared", [(), ("sex",)])
def test_arms_are_dealt_within_declared_strata_else_within_sites(declared: tuple[str, ...]):
    rng = np.random.default_rng(3)
    trial = two_arms(
        40, site=pd.Categorical(rng.choice(["A", "B", "C"], 40)), sex=rng.integers(0, 2, 40) * 1.0
    )
    trial = replace(trial, study=replace(trial.study, strata=declared))
    found = dealt(trial)
    name = (declared or ("site",))[0]
    assert found.within == (name,)
    before, after = (pd.crosstab(one.participants[name], arms(one)) for one in (trial, found.trial))
    pd.testing.assert_frame_equal(before, after)


def test_strata_within_which_nothing_can_move_give_way():
    site = pd.Categorical([f"S{place // 1}" for place in range(12) for _ in (0, 1)])
    trial = two_arms(24, site=pd.Categorical(site))  # a site is a pair, one of each arm
    assert dealt(trial).within == ("site",)
    alone = two_arms(24, site=pd.Categorical(["A", "B"] * 12))  # the site tells the arm
    found = dealt(alone)
    assert found.within == () and found.with_arm == ("site",)
    assert found.trial.participants["site"].tolist() != alone.participants["site"].tolist()
    pairs = zip(arms(found.trial), found.trial.participants["site"], strict=True)
    assert set(pairs) == {("forward", "A"), ("backward", "B")}


def test_a_therapist_of_one_arm_goes_with_the_arm_where_an_arm_has_one():
    trial = clustered(["T1", "T2"] * 12)
    found = dealt(trial)
    assert found.unit == "participant" and found.with_arm == ("therapist",)
    clusters = found.trial.clusters
    assert clusters is not None
    pairs = set(zip(arms(found.trial), clusters["cluster"], strict=True))
    assert pairs == {("forward", "T1"), ("backward", "T2")}


def test_clusters_of_one_arm_are_dealt_whole():
    labels = [f"T{2 * (place // 8) + place % 2}" for place in range(48)]  # six of each arm
    trial = clustered(labels, 48)
    found = dealt(trial)
    assert found.unit == "therapist" and found.trial.clusters is trial.clusters
    new = pd.DataFrame({"therapist": labels, "arm": arms(found.trial)})
    assert (new.groupby("therapist")["arm"].nunique() == 1).all()
    assert new.drop_duplicates("therapist")["arm"].value_counts().to_dict() == {
        "forward": 6, "backward": 6
    }  # fmt: skip
    received = replace(trial, participants=trial.participants.assign(
        arm_received=pd.Categorical(["backward", *arms(trial)[1:]])))  # fmt: skip
    moved = dealt(received).trial.participants
    assert (moved["arm"].astype(str) != moved["arm_received"].astype(str)).sum() == 1


def test_of_whole_clusters_of_other_sizes_the_arms_keep_their_sizes_where_they_can():
    sizes = [3, 3, 5, 5, 4, 4, 6, 6]  # two arms with clusters of the same sizes
    labels = [f"T{2 * place + arm}" for place, size in enumerate(sizes[::2]) for _ in range(size)
              for arm in (0, 1)]  # fmt: skip
    trial = clustered(labels, 36)
    found = dealt(trial)
    assert found.unit == "therapist" and found.alike <= MOST_ALIKE
    assert sorted(arms(found.trial)) == sorted(arms(trial))


def test_clusters_of_several_arms_keep_their_arms():
    labels = [f"T{place // 6}" for place in range(36)]
    trial = clustered(labels, 36)
    found = dealt(trial)
    assert found.within == ("therapist",) and found.trial.clusters is trial.clusters
    before, after = (
        pd.crosstab(np.array(labels), np.array(arms(one))) for one in (trial, found.trial)
    )
    pd.testing.assert_frame_equal(before, after)


def crossover(n: int = 16) -> Trial:
    """Return a crossover of two periods; one person has no row of the second."""
    trial = two_arms(n)
    first = np.array(arms(trial))
    second = np.where(first == "forward", "backward", "forward")
    sequence = [f"{a}-{b}" for a, b in zip(first, second, strict=True)]
    people = trial.participants.assign(sequence=pd.Categorical(sequence))
    both = pd.Categorical(
        np.column_stack([first, second]).ravel(), categories=["forward", "backward"]
    )
    study = replace(trial.study, design="crossover", baseline="")
    data = trial.data.assign(arm=both).drop(index=3).reset_index(drop=True)
    return replace(trial, study=study, participants=people, data=data)


def test_in_a_crossover_orders_of_treatment_are_dealt():
    trial = crossover()
    found = dealt(trial)
    new = found.trial
    assert new.participants["sequence"].value_counts().tolist() == [8, 8]
    assert found.alike <= MOST_ALIKE and len(new.data) == len(trial.data)
    of = dict(zip(new.participants["participant"], new.participants["sequence"], strict=True))
    told = new.data.groupby("participant", sort=False)["arm"].agg("-".join)
    assert all(of[who].startswith(seen) for who, seen in told.items())
    first = new.data.drop_duplicates("participant").set_index("participant")["arm"].astype(str)
    assert first.reindex(new.participants["participant"]).tolist() == arms(new)


def test_recordings_and_repositioning_go_with_the_arm():
    trial = two_arms(12)
    pairs = list(zip(trial.participants["participant"], arms(trial), strict=True))
    recordings = tuple(
        Recording(
            file=f"{who}.c3d", participant=who, arm=arm, visit="W0", direction="forward", rate=100.0
        )
        for who, arm in pairs
    )
    sheets = tuple(
        RepositioningTrials(participant=who, arm=arm, visit="W0", target=20.0, trials=(19.0,))
        for who, arm in pairs
    )
    plan = MotionPlan(id="m", recordings=recordings, repositioning=sheets)
    new = dealt(replace(trial, motion=plan)).trial
    of = dict(zip(new.participants["participant"], arms(new), strict=True))
    assert new.motion is not None and arms(new) != arms(trial)
    assert all(one.arm == of[one.participant] for one in new.motion.recordings)
    assert all(one.arm == of[one.participant] for one in new.motion.repositioning)


def test_declared_counts_by_arm_and_lines_that_name_an_arm_are_gone():
    flow = pd.DataFrame(
        [("assessed", "", "", 60), ("lost", "backward", "moved", 7), ("lost", "forward", "", 1)],
        columns=list(FLOW),
    )
    log = pd.DataFrame(
        [
            ("s.csv", "pain", "warning", "pain at W6: values missing in arm backward", 7),
            ("s.csv", "walk", "repair", "backward_walk: spaces trimmed", 3),
            ("", "arms", "warning", "arms of very unequal size: are data missing?", 5),
        ],
        columns=list(LOAD_LOG),
    )
    new = dealt(replace(two_arms(), flow=flow, load_log=log)).trial
    assert new.flow["stage"].tolist() == ["assessed"]
    assert new.load_log["action"].tolist() == [
        "backward_walk: spaces trimmed", f"{HIDDEN}: lines that name an arm"
    ]  # fmt: skip
    assert new.load_log["count"].tolist() == [3, 2]


def test_what_one_arm_alone_has_is_taken_out_before_the_deal():
    trial = two_arms(24, speed=np.where(np.arange(24) % 2, 4.0 + np.arange(24) / 7, np.nan))
    asked = trial.data["arm"] == "backward"
    sessions = pd.DataFrame(
        [(who, 1, "attended") for who, arm in zip(trial.participants["participant"], arms(trial),
                                                  strict=True) if arm == "backward"],
        columns=["participant", "session", "status"],
    )  # fmt: skip
    late = trial.data["visit"] == "W6"
    data = trial.data.assign(value=trial.data["value"].where(asked | ~late))
    found = dealt(replace(trial, data=data, adherence=sessions))
    assert found.left_out == ("pain at W6", "covariate speed", "sessions")
    new = found.trial
    assert new.data.loc[late, "value"].isna().all() and new.adherence.empty
    assert new.participants["speed"].isna().all()
    pd.testing.assert_series_equal(new.data.loc[~late, "value"], trial.data.loc[~late, "value"])
    assert dealt(trial).left_out == ("covariate speed",)


def test_a_decision_is_blind_only_where_its_day_lies_before_the_unblinding():
    day = date(2026, 12, 1)
    assert timing(date(2026, 11, 30), day) == "before unblinding"
    assert timing(date(2026, 12, 2), day) == "after unblinding"
    assert timing(day, day) == "on the day of unblinding"
    assert timing(day, None) == "no date of unblinding is declared"
