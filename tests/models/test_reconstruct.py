"""Reconstructed data: exact where the summaries determine, silent where they do not."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.printed.grid import read_printed, score_grid
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.ledger.verdict import CANNOT_ALL_BE_RIGHT as LEDGER_WORDING
from backwalk_stats.models.arms.ancova import ancova as frame_ancova
from backwalk_stats.models.record.arm_summary import CANNOT_ALL_BE_RIGHT, ArmSummary
from backwalk_stats.models.record.determined import (
    ancova,
    effect_sizes,
    means,
    paired_t,
    student_t,
    welch_t,
)
from backwalk_stats.models.record.reconstruct import reconstruct, reconstructions
from backwalk_stats.models.record.reconstructed import MARK, NOT_DETERMINED, ReconstructedData
from backwalk_stats.trial.tables import MEANS

NPRS = score_grid(low=0, high=10)


def printed(number: float, decimals: int) -> str:
    return f"{number:.{decimals}f}"


def summary(arm: str, pre: Any, post: Any, decimals: int, **more: str) -> ArmSummary:
    change = post - pre
    if not more:
        more = {"sd_change": printed(change.std(ddof=1), decimals)}
    return ArmSummary(
        arm=arm,
        n=len(pre),
        mean_pre=printed(pre.mean(), decimals),
        sd_pre=printed(pre.std(ddof=1), decimals),
        mean_post=printed(post.mean(), decimals),
        sd_post=printed(post.std(ddof=1), decimals),
        **more,
    )


def honest_arm(rng: np.random.Generator, n: int, effect: float, high: int = 10) -> Any:
    """Return honest scores before and after, on whole numbers from 0 to `high`."""
    width = high / 10
    pre = rng.normal(6.2 * width, 1.5 * width, n)
    post = 0.6 * (pre - 6.2 * width) + rng.normal((6.2 - effect) * width, 1.4 * width, n)
    return tuple(np.clip(np.rint(one), 0, high) for one in (pre, post))


def trial(decimals: int, n: int = 30) -> tuple[list[ArmSummary], list[Any]]:
    rng = np.random.default_rng(20261124)
    arms = [honest_arm(rng, n, effect) for effect in (1.4, 2.4)]
    names = ("forward", "backward")
    return [
        summary(a, pre, post, decimals) for a, (pre, post) in zip(names, arms, strict=True)
    ], arms


def pairs_of(drawn: ReconstructedData) -> list[Any]:
    """Return the drawn pairs, as only a test may."""
    rows = list(csv.DictReader(drawn.export_text().splitlines()))
    return [
        np.array(
            [(float(r[f"pre_{MARK}"]), float(r[f"post_{MARK}"])) for r in rows if r["arm"] == a]
        )
        for a in drawn.arms
    ]


def p_of(frame: pd.DataFrame) -> float:
    return float(frame["p_value"].iloc[0])


def test_two_decimals_determine_the_tests_and_nothing_else():
    # The table of measured ranges in the notes on summaries: ANCOVA and change t are the same in
    # all 200 reconstructions, Mann-Whitney and responders are not.
    arms, real = trial(2)
    draws = list(reconstructions(arms, source="simulated", seed=1, grid=NPRS, count=200))
    everything = [(p_of(ancova(d)), p_of(student_t(d)), p_of(welch_t(d))) for d in draws]
    assert np.ptp(everything, axis=0).max() < 1e-12
    change = [post - pre for pre, post in real]
    assert everything[0][1] == pytest.approx(stats.ttest_ind(change[1], change[0]).pvalue, rel=1e-9)
    truth = pd.DataFrame(
        {
            "arm": ["forward"] * 30 + ["backward"] * 30,
            "pre": np.concatenate([real[0][0], real[1][0]]),
            "post": np.concatenate([real[0][1], real[1][1]]),
        }
    )
    fitted = frame_ancova(truth, outcome="post", baseline="pre", arm="arm", reference="forward")
    assert everything[0][0] == pytest.approx(p_of(fitted), rel=1e-9)
    ranks, responders = [], []
    for drawn in draws[:50]:
        forward, backward = (pair[:, 1] - pair[:, 0] for pair in pairs_of(drawn))
        ranks.append(stats.mannwhitneyu(backward, forward, method="asymptotic").pvalue)
        responders.append(float((backward <= -2).mean() - (forward <= -2).mean()))
    assert max(ranks) > 2 * min(ranks)
    assert np.ptp(responders) > 0.1
    assert len({d.export_text() for d in draws}) == 200, "every draw is another one"


def test_one_decimal_leaves_a_range():
    arms, _ = trial(1)
    found = [
        p_of(ancova(d)) for d in reconstructions(arms, source="s", seed=2, grid=NPRS, count=40)
    ]
    assert np.ptp(found) > 1e-3
    box = [p_of(ancova(d)) for d in reconstructions(trial(2)[0], source="s", seed=2, count=1)]
    assert min(found) < box[0] < max(found)


def rounds_to(value: float, text: str) -> bool:
    number = read_printed(text)
    slack = Fraction(1, 10**12)
    return number.low - slack <= Fraction(value) <= number.high + slack


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    n=st.integers(4, 45),
    effect=st.floats(-2, 5),
    decimals=st.integers(1, 2),
    correlated=st.booleans(),
)
def test_an_honest_arm_can_always_be_drawn(seed, n, effect, decimals, correlated):
    pre, post = honest_arm(np.random.default_rng(seed), n, effect)
    if pre.std() == 0 or post.std() == 0:
        return
    r = printed(float(np.corrcoef(pre, post)[0, 1]), 2)
    arm = summary("a", pre, post, decimals, **({"correlation": r} if correlated else {}))
    drawn = reconstruct([arm], source="s", seed=seed, grid=NPRS)
    ((before, after),) = ((pair[:, 0], pair[:, 1]) for pair in pairs_of(drawn))
    for column in (before, after):
        assert np.all((column == np.rint(column)) & (column >= 0) & (column <= 10))
    (found,) = drawn.moments
    for name in ("mean_pre", "sd_pre", "mean_post", "sd_post"):
        assert rounds_to(getattr(found, name), getattr(arm, name)), name
    last = "correlation" if correlated else "sd_change"
    assert rounds_to(getattr(found, last), getattr(arm, last)), last


def test_other_grids():
    rng = np.random.default_rng(4)
    for grid, high, scale in (
        (score_grid(low=0, high=68), 68, 1.0),
        (score_grid(low=0, high=4, items=5), 20, 5.0),
    ):
        pre, post = (one / scale for one in honest_arm(rng, 40, 2.0, high))
        arm = summary("a", pre, post, 2)
        drawn = reconstruct([arm], source="s", seed=1, grid=grid)
        (pair,) = pairs_of(drawn)
        assert np.allclose(pair * scale, np.rint(pair * scale)) and pair.max() <= high / scale
        assert rounds_to(drawn.moments[0].sd_change, arm.sd_change)


def test_continuous_draws_have_the_printed_numbers_themselves():
    arm = ArmSummary(arm="a", n=24, mean_pre="61.3", sd_pre="14.25", mean_post="48.07",
                     sd_post="16.9", sd_change="12.4")  # fmt: skip
    (found,) = reconstruct([arm], source="s", seed=9).moments
    for name in ("mean_pre", "sd_pre", "mean_post", "sd_post", "sd_change"):
        assert getattr(found, name) == pytest.approx(float(getattr(arm, name)), rel=1e-12)
    by_r = replace(arm, sd_change="", correlation="0.42")
    assert reconstruct([by_r], source="s", seed=9).moments[0].correlation == pytest.approx(0.42)


@pytest.mark.parametrize("grid", [None, NPRS], ids=["continuous", "scores"])
def test_a_seed_and_an_index_are_one_draw(grid):
    arms, _ = trial(2, n=20)
    texts = [
        reconstruct(arms, source="s", seed=seed, grid=grid, index=index).export_text()
        for seed, index in ((5, 0), (5, 0), (5, 1), (6, 0))
    ]
    assert texts[0] == texts[1] and len(set(texts)) == 3
    several = reconstructions(arms, source="s", seed=5, grid=grid, first=1, count=1)
    assert next(several).export_text() == texts[2]


def test_what_is_determined_agrees_with_tests_on_the_participants():
    arms, _ = trial(2)
    drawn = reconstruct(arms, source="s", seed=3, grid=NPRS)
    forward, backward = pairs_of(drawn)
    change = [pair[:, 1] - pair[:, 0] for pair in (forward, backward)]
    for of, first, second in (
        ("change", change[1], change[0]),
        ("post", backward[:, 1], forward[:, 1]),
    ):
        for found, equal in ((student_t, True), (welch_t, False)):
            row = found(drawn, of=of).iloc[0]  # type: ignore[arg-type]
            expected = stats.ttest_ind(first, second, equal_var=equal)
            interval = expected.confidence_interval(0.95)
            assert row["contrast"] == "backward - forward"
            assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-10)
            assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
            assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(interval), rel=1e-9)
    within = [stats.ttest_rel(pair[:, 1], pair[:, 0]).pvalue for pair in (forward, backward)]
    assert list(paired_t(drawn)["p_value"]) == pytest.approx(within, rel=1e-9)
    both = np.vstack([forward, backward])
    design = np.column_stack([np.ones(60), [0] * 30 + [1] * 30, both[:, 0]])
    fit = sm.OLS(both[:, 1], design).fit()
    row = ancova(drawn).iloc[0]
    assert (row["estimate"], row["std_error"]) == pytest.approx(
        (fit.params[1], fit.bse[1]), rel=1e-9
    )
    sizes = effect_sizes(drawn).set_index(["quantity", "label"])
    d_z = change[1].mean() / change[1].std(ddof=1)
    assert sizes.loc[("d_z", "backward"), "estimate"] == pytest.approx(d_z)
    pooled = math.sqrt((change[0].var(ddof=1) + change[1].var(ddof=1)) / 2)
    d = (change[1].mean() - change[0].mean()) / pooled
    j = math.exp(math.lgamma(29) - math.lgamma(28.5)) / math.sqrt(29)
    assert sizes.loc[("hedges_g", "backward - forward"), "estimate"] == pytest.approx(j * d)


@pytest.mark.parametrize("name", sorted(NOT_DETERMINED))
def test_what_is_not_determined_is_refused(name):
    drawn = reconstruct(trial(2)[0], source="s", seed=1)
    with pytest.raises(NotEstimable, match=r"do not determine .*; they determine paired_t"):
        getattr(drawn, name)


def test_it_is_no_frame():
    drawn: Any = reconstruct(trial(2)[0], source="s", seed=1)
    assert not isinstance(drawn, pd.DataFrame)
    for use in (
        lambda: drawn["pre"],
        lambda: drawn.columns,
        lambda: list(drawn),
        lambda: np.asarray(drawn),
        lambda: pd.DataFrame(drawn),
        lambda: frame_ancova(drawn, outcome="post", baseline="pre", arm="arm"),
    ):
        with pytest.raises(NotEstimable, match="do not determine"):
            use()
    assert not hasattr(drawn, "columns") and not hasattr(drawn, "anything")
    with pytest.raises(UsageError, match="'change' or 'post'"):
        student_t(drawn, of="rank")  # type: ignore[arg-type]


def test_every_export_says_that_it_is_reconstructed(tmp_path):
    drawn = reconstruct(trial(2)[0], source="table 2", seed=1, grid=NPRS)
    assert drawn.origin == "reconstructed"
    assert MARK in repr(drawn) and "seed 1" in repr(drawn) and "table 2" in repr(drawn)
    path = drawn.export(tmp_path / "new", "pain")
    assert path.name == "RECONSTRUCTED_pain.csv"
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no file is left behind"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    assert header == "participant,arm,pre_RECONSTRUCTED,post_RECONSTRUCTED,origin"
    assert first.startswith("SIM-0001,forward,") and first.endswith(",reconstructed")
    assert rest[-1].startswith("SIM-0060,backward,")
    with pytest.raises(UsageError, match="without folders"):
        drawn.export(tmp_path, "../x")


def test_means_are_those_of_the_draw():
    drawn = reconstruct(trial(2)[0], source="Doe 2020, table 2", seed=1, grid=NPRS)
    frame = means(drawn)
    assert list(frame.columns) == list(MEANS) and len(frame) == 4
    assert set(frame["kind"]) == {"reconstructed"}
    pre = pairs_of(drawn)[0][:, 0]
    expected = stats.t.interval(0.95, 29, pre.mean(), stats.sem(pre))
    assert tuple(frame.loc[0, ["conf_low", "conf_high"]]) == pytest.approx(expected)


GOOD = ArmSummary(arm="a", n=15, mean_pre="6.20", sd_pre="1.42", mean_post="4.87", sd_post="1.55",
                  sd_change="1.40")  # fmt: skip
IMPOSSIBLE = {
    "mean between possible ones": replace(GOOD, mean_pre="6.18"),
    "mean off the scale": replace(GOOD, mean_post="10.20"),
    "SD with that mean": replace(GOOD, n=18, mean_pre="3.44", sd_pre="2.48"),
    "SD too large for the scale": replace(GOOD, sd_pre="6.10"),
    "SD below 0": replace(GOOD, sd_pre="-1.42"),
    "SD of the change too large": replace(GOOD, sd_change="3.10"),
    "SD of the change too small": replace(GOOD, sd_change="0.10"),
    "correlation above 1": replace(GOOD, sd_change="", correlation="1.02"),
}


@pytest.mark.parametrize("arm", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_summaries_are_refused_in_the_ledgers_words(arm):
    assert CANNOT_ALL_BE_RIGHT == LEDGER_WORDING
    with pytest.raises(NotEstimable, match=r"arm 'a': .*; these numbers cannot all be right"):
        reconstruct([arm], source="s", seed=1, grid=NPRS)


def test_what_does_not_determine_a_draw_is_refused():
    cases = [
        ([replace(GOOD, sd_change="")], NPRS, "does not determine how before and after"),
        ([replace(GOOD, n=2)], None, "3 pairs or more"),
        ([replace(GOOD, correlation="0.5")], None, "found both"),
        ([GOOD, GOOD], None, "one summary for each arm"),
        ([GOOD], score_grid(low=0), "both ends"),
    ]
    for arms, grid, message in cases:
        with pytest.raises((NotEstimable, UsageError), match=message):
            reconstruct(arms, source="s", seed=1, grid=grid)
    with pytest.raises(NotEstimable, match="two arms"):
        ancova(reconstruct([GOOD], source="s", seed=1))
