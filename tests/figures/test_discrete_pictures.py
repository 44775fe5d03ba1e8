"""Risks, rates and categories by arm: drawn as they are, hidden where of few, told in words."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import backwalk_stats as bw
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.figures import arm_levels, category_shares, page
from backwalk_stats.report.estimate_pictures import levels_of
from backwalk_stats.tables.responder_table import category_table
from backwalk_stats.tables.small_cells import joined_categories
from backwalk_stats.trial.outcome import Words
from tests.figures.drawn import assert_texts_fit

ARMS = {"usual": "Usual care", "backward": "Backward walking", "forward": "Forward walking"}
WORDS = Words(arms=ARMS, outcome="Walks 30 min without a stop", better="higher")
NAMES = ("much worse", "worse", "the same", "better", "much better")


def levels(*, hidden: bool = False, times: float = 1.0) -> pd.DataFrame:
    rows = [("usual", 28, 50.3, 32.2, 68.3), ("backward", 27, 67.0, 47.2, 82.1),
            ("forward", 25, *((nan, nan, nan) if hidden else (55.3, 35.8, 73.3)))]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(arm_levels.COLUMNS))
    return frame.assign(**{name: times * frame[name] for name in arm_levels.COLUMNS[2:]})


def counted(table: list[list[int]], arms: tuple[str, ...] = tuple(ARMS)) -> pd.DataFrame:
    rows = [
        (arm, name, n, 100.0 * n / max(sum(own), 1))
        for arm, own in zip(arms, table, strict=True)
        for name, n in zip(NAMES, own, strict=True)
    ]
    return pd.DataFrame(rows, columns=["arm", "category", "n", "percent"])


def marks(figure: Figure) -> list[float]:
    (axes,) = figure.axes
    drawn = [line for line in axes.lines if line.get_marker() != "None"]
    return [float(np.asarray(line.get_ydata(), dtype=float)[0]) for line in drawn]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("hidden", [False, True])
def test_every_arm_that_is_shown_has_its_mark(*, narrow: bool, hidden: bool) -> None:
    with page.narrow_page() if narrow else page.house_style():
        figure = arm_levels.arm_levels(levels(hidden=hidden), words=WORDS, kind="risk", level=0.95)
    assert marks(figure) == [50.3, 67.0, 55.3][: 3 - hidden]
    assert figure.axes[0].get_ylim()[0] == 0.0
    assert_texts_fit(figure)


def test_no_tick_of_a_share_is_beyond_everybody() -> None:
    frame = levels().assign(conf_high=[100.0, 100.0, 99.0])
    figure = arm_levels.arm_levels(frame, words=WORDS, kind="risk", level=0.95)
    assert figure.axes[0].get_yticks().max() <= 100.0
    rates = arm_levels.arm_levels(levels(times=9.0), words=WORDS, kind="rate", level=0.95)
    assert rates.axes[0].get_yticks().max() > 100.0


def test_the_words_tell_the_numbers() -> None:
    told = arm_levels.alt_text(levels(hidden=True), words=WORDS, kind="risk", level=0.95)
    assert "Backward walking: 67.0 (47.2 to 82.1)" in told
    assert "Forward walking: not shown" in told and "95% interval" in told
    table = counted([[6, 8, 7, 12, 5], [5, 0, 12, 10, 8], [7, 7, 8, 9, 6]])
    said = category_shares.alt_text(table, words=WORDS)
    assert "Usual care: much worse 6, worse 8, the same 7, better 12, much better 5" in said


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_are_as_wide_as_shares(*, narrow: bool) -> None:
    table = [[6, 8, 7, 12, 5], [5, 0, 12, 10, 8], [7, 7, 8, 9, 6]]
    with page.narrow_page() if narrow else page.house_style():
        figure = category_shares.category_shares(counted(table), words=WORDS)
    bars = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    widths = [bar.get_width() for bar in bars]
    wanted = [100.0 * n / sum(own) for own in table for n in own if n]
    assert widths == pytest.approx(wanted)
    assert_texts_fit(figure)


def test_an_arm_of_nobody_draws_nothing() -> None:
    figure = category_shares.category_shares(counted([[1] * 5, [0] * 5, [1] * 5]), words=WORDS)
    assert not figure.axes[0].patches


# No count of few, and none that follows from others.


@pytest.mark.parametrize("seed", range(40))
def test_joined_categories_have_none_or_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.multinomial(int(rng.integers(5, 60)), rng.dirichlet(np.ones(5)), size=3)
    frame = counted(table.tolist())
    found = joined_categories(frame, small_cell=5)
    assert not ((found["n"] > 0) & (found["n"] < 5)).any()
    if not len(found):
        return
    for place, arm in enumerate(ARMS):
        own = found[found["arm"] == arm]
        parts = [name for label in own["category"] for name in label.split(" or ")]
        assert parts == list(NAMES)  # neighbours alone, each once, in order
        at = 0
        for label, n in zip(own["category"], own["n"], strict=True):
            size = len(label.split(" or "))
            assert n == table[place, at : at + size].sum()
            at += size
        if table[place].sum():
            assert own["percent"].sum() == pytest.approx(100.0)


def test_enough_everywhere_stays_as_it_is() -> None:
    frame = counted([[6, 8, 7, 12, 5], [5, 0, 12, 10, 8], [7, 7, 8, 9, 6]])
    found = joined_categories(frame, small_cell=5)
    assert found["category"].tolist() == frame["category"].tolist()
    assert found["n"].tolist() == frame["n"].tolist()
    assert joined_categories(counted([[1, 0, 0, 0, 1]] * 3), small_cell=5).empty


def test_the_table_is_of_the_counts() -> None:
    frame = joined_categories(
        counted([[2, 3, 12, 10, 8], [6, 8, 7, 12, 5], [2, 7, 13, 7, 8]]), small_cell=5
    )
    rows = category_table(frame, arms=ARMS, caption="").rows
    assert rows[0] == ("Much worse or worse", "5 (14%)", "14 (37%)", "9 (24%)")
    assert len(rows) == 4


def test_the_example_counts_what_its_file_holds() -> None:
    folder = bw.example("knees")
    trial, people = bw.load_trial(folder), pd.read_csv(folder / "people.csv")
    of = {one.outcome: one for one in trial.estimands}
    arms = {"UC": "usual", "BW": "backward", "FW": "forward"}
    own = people.assign(arm=people["group"].map(arms))
    found = MENU["ordinal"](trial, of["global_change"]).frames["categories"]
    wanted = own.groupby(["arm", "change"]).size()
    for row in found.itertuples():
        assert row.n == wanted.get((row.arm, row.category), 0)
    rate = levels_of(MENU["rate-ratio"](trial, of["falls"]).estimates, "W12")
    assert rate is not None and rate[1] == "rate"
    weeks = own.groupby("arm")["weeks_followed"].sum()
    crude = own.groupby("arm")["falls"].sum() / weeks
    told = dict(zip(rate[0]["arm"].astype(str), rate[0]["estimate"], strict=True))
    for arm in arms.values():  # of a model with the time as offset: near the crude rate
        assert told[arm] == pytest.approx(float(crude[arm]), rel=0.05)
