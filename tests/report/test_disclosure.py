"""A report is attacked with its own numbers: nothing that it hides follows from what it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.menu import per_protocol
from backwalk_stats.analyses.questions.ancova import ancova
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.errors import InputError
from backwalk_stats.report.disclosure.counts import count_book, followed
from backwalk_stats.report.disclosure.grouped import grouped
from backwalk_stats.report.disclosure.linear_system import (
    Contradiction,
    Relation,
    Unknown,
    carried,
    ranges,
)
from backwalk_stats.report.disclosure.means import told_means
from backwalk_stats.report.disclosure.suppression import small_arms
from backwalk_stats.report.disclosure.wording import (
    plain_log,
    telling_ids,
    texts_with_ids,
)
from backwalk_stats.report.privacy import arm_sizes, disclosed
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.tables.participants import baseline_table, load_log_table
from backwalk_stats.tables.small_cells import OTHER_REASONS
from backwalk_stats.trial.tables import FLOW, LOAD_LOG
from tests.report.attacked_trials import analysed, pain, random_trial, rule, trial_of

NAN = float("nan")
CASES = Path(__file__).parents[3] / "shared" / "trials" / "privacy"


# The solver, against cases with a known answer and against every filling of small tables.


@pytest.mark.parametrize("case", ["observed_and_failure", "percentages_with_n", "subgroup_totals"])
def test_known_cases_are_solved(case: str):
    file = CASES / case / "cells.json"
    if not file.exists():
        pytest.skip("the cases are not here")
    told = json.loads(file.read_text(encoding="utf-8"))
    cells: dict[tuple[str, ...], Unknown] = {
        (one["id"],): Unknown(least=one.get("value", 0), most=one.get("value", one["n"]))
        for one in told["cells"]
    }
    relations = [
        Relation(terms={(name,): factor for name, factor in one["terms"].items()},
                 low=one["low"], high=one["high"])
        for one in told["relations"]
    ]  # fmt: skip
    found = ranges(cells, relations, [(name,) for name in told["hidden_is"]])
    assert found == {(name,): (value, value) for name, value in told["hidden_is"].items()}


@pytest.mark.parametrize("seed", range(25))
def test_ranges_are_those_of_every_filling(seed: int):
    rng = np.random.default_rng(seed)
    names = [(name,) for name in "abcd"]
    cells: dict[tuple[str, ...], Unknown] = {name: Unknown(most=4) for name in names}
    truth = rng.integers(0, 5, 4)
    relations = []
    for _ in range(int(rng.integers(1, 4))):
        factors = rng.integers(-1, 3, 4)
        at, slack = float(factors @ truth), float(rng.integers(0, 2))
        terms: dict[tuple[str, ...], float] = {
            name: float(one) for name, one in zip(names, factors, strict=True) if one
        }
        if terms:
            relations.append(Relation(terms=terms, low=at - slack, high=at + slack))
    grid = np.stack(np.meshgrid(*[np.arange(5)] * 4), axis=-1).reshape(-1, 4)
    fits = np.ones(len(grid), dtype=bool)
    for one in relations:
        total = grid @ [one.terms.get(name, 0.0) for name in names]
        fits &= (total >= one.low) & (total <= one.high)
    found = ranges(cells, relations, names)
    for place, name in enumerate(names):
        assert found[name] == (grid[fits, place].min(), grid[fits, place].max())


def test_what_cannot_be_is_said():
    cells: dict[tuple[str, ...], Unknown] = {("a",): Unknown(most=3), ("b",): Unknown(most=3)}
    with pytest.raises(Contradiction):
        carried(cells, [Relation(terms={("a",): 1.0, ("b",): 1.0}, low=7, high=7)])


# Known faults, each from a trial of its own.


def people_of(sizes: dict[str, int], **columns: Any) -> pd.DataFrame:
    arms = [arm for arm, n in sizes.items() for _ in range(n)]
    table = pd.DataFrame({
        "participant": [f"CANARY{place:03d}" for place in range(len(arms))],
        "arm": pd.Categorical(arms, categories=list(sizes)),
        "age": np.arange(50.0, 50.0 + len(arms)),
        "sex": pd.Categorical(["man", "woman"] * (len(arms) // 2) + ["man"] * (len(arms) % 2)),
        "grade": pd.Categorical(["2"] * len(arms)),
        "per_protocol": True,
        "arm_received": pd.Categorical(arms, categories=list(sizes)),
    })  # fmt: skip
    return table.assign(**columns)


NOBODY = pd.DataFrame(columns=list(FLOW)).astype({"n": "int64"})


def shown_of(trial) -> TrialAnalysis:
    return disclosed(analysed(trial))


def frame(shown: TrialAnalysis, analysis: str, name: str) -> pd.DataFrame:
    return next(one.frames[name] for one in shown.parts if one.analysis == analysis)


def test_a_hidden_eight_of_thirteen_does_not_follow_from_the_row_beside_it():
    value = np.tile([8.0, 4.0], (28, 1))
    value[9:13, 1] = 8.0  # 4 of 13 observed do not respond: 9 / 13 is hidden
    value[13, 1] = NAN
    trial = trial_of(people_of({"forward": 14, "backward": 14}), value, [0, 6], NOBODY)
    whole = analysed(replace(trial, estimands=trial.estimands[:1]))
    told = frame(whole, "responder", "responders")
    assert {(9, 13), (9, 14)} <= set(zip(told["events"], told["n"], strict=True))
    shares = frame(disclosed(whole), "responder", "responders")
    assert shares.loc[shares["arm"] == "forward", "events"].isna().all()
    rows = disclosed(whole).estimates.query("analysis == 'responder'")
    assert rows["estimate"].isna().all(), "a difference would tell the one from the other"


def test_one_persons_change_does_not_follow_from_two_means():
    rng = np.random.default_rng(4)
    value = np.column_stack([rng.integers(4, 9, 26), rng.integers(1, 6, 26)]).astype(float)
    value[5, 1] = NAN
    trial = trial_of(people_of({"forward": 13, "backward": 13}), value, [0, 6], NOBODY)
    whole = analysed(trial)
    before = told_means(whole.parts, trial=trial, digits={}, small_cell=5)
    lost = next(one for one in before if one.arm == "forward")
    assert lost.n == 1
    assert lost.low == pytest.approx(value[5, 0], abs=1e-3)
    assert lost.high == pytest.approx(value[5, 0], abs=1e-3)
    shown = disclosed(whole)
    means = frame(shown, "within-arm", "means")
    changes = shown.estimates.query("quantity == 'mean_change'")
    assert changes["estimate"].isna().all() or not np.allclose(means["estimate"] * 13 % 1, 0)
    table = frame(shown, "baseline", "baseline").query("variable == 'pain'")
    assert table[["mean", "sd", "median", "q1", "q3"]].notna().all(axis=None), "Table 1 stays"


def test_one_persons_change_does_not_follow_from_those_per_protocol():
    value = np.column_stack([np.tile([6.0, 7.0], 20), np.tile([3.0, 5.0, 4.0, 4.0], 10)])
    kept = np.arange(40) != 25
    trial = trial_of(people_of({"forward": 20, "backward": 20}, per_protocol=kept), value, [0, 6],
                     NOBODY)  # fmt: skip
    whole = analysed(trial)
    before = told_means(whole.parts, trial=trial, digits={}, small_cell=5)
    assert {(one.arm, one.n) for one in before} == {("backward", 1)}
    change = value[25, 1] - value[25, 0]
    assert before[0].low == pytest.approx(change, abs=1e-3)
    assert shown_of(trial).estimates.query("quantity == 'mean_change'")["estimate"].isna().all()


def test_a_reason_is_not_told_by_its_total():
    rows = [("lost", "forward", "moved", 1), ("lost", "backward", "moved", 6)]
    value = np.tile([8.0, 4.0], (40, 1))
    value[[0, *range(20, 26)], 1] = NAN
    trial = trial_of(people_of({"forward": 20, "backward": 20}), value, [0, 6],
                     pd.DataFrame(rows, columns=list(FLOW)))  # fmt: skip
    told = frame(shown_of(trial), "flow", "flow").query("stage == 'lost' and reason != ''")
    assert told[["arm", "reason", "n"]].to_numpy().tolist() == [
        ["forward", OTHER_REASONS, 1.0], ["backward", "moved", 6.0],
    ]  # fmt: skip


def log_of(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [("scores.csv", "pain", "repair", action, count) for action, count in rows],
        columns=list(LOAD_LOG),
    )


def test_a_reason_of_few_is_not_told_by_the_load_log():
    log = log_of(
        ("code '888' read as missing: died of a stroke", 1),
        ("code '999' read as missing: visit missed", 12),
        ("missing for the reason died of a stroke", 2),
        ("phq: safety: item PHQ9 was answered above 0", 1),
        ("typographic signs, digits or spaces written plainly", 1),
    )
    shown = plain_log(log, limit=5)
    assert not shown["action"].str.contains("died").any()
    assert not shown["action"].str.contains("888").any()
    assert shown["count"].isna().tolist() == [True, False, True, True, False]
    assert plain_log(log, limit=0).equals(log)
    trial = random_trial(1, load_log=log)
    table = load_log_table(disclosed(analysed(trial)).trial.load_log)
    assert "died" not in str(table.rows)
    assert table.rows[0][-1] == "*"
    assert "small_cell = 0" in " ".join(table.notes)


def test_a_file_named_for_a_participant_is_not_named():
    sources = {"scores.csv": "ab", "home/CANARY003.csv": "cd"}
    log = log_of(("spaces", 1)).assign(file="CANARY003.csv")
    shown = shown_of(random_trial(1, sources=sources, load_log=log))
    assert shown.trial.sources == {"scores.csv": "ab", "data file 2.csv": "cd"}
    assert shown.trial.load_log["file"].tolist() == ["data file 2.csv"]


def test_a_text_that_names_a_participant_is_refused_with_one_message():
    trial = random_trial(1)
    study = replace(trial.study, deviations=("Canary003 was seen late",))
    told = replace(trial, study=study)
    assert texts_with_ids(told) == ("trial.deviations",)
    with pytest.raises(InputError) as caught:
        shown_of(told)
    assert "trial.deviations" in str(caught.value)
    assert "canary003" not in str(caught.value).casefold()
    assert telling_ids(["1", "12", "A1", "P01", "anna"]) == {"p01"}


def test_missing_values_that_an_analysis_tells_are_not_hidden_in_vain():
    value = np.tile([8.0, 4.0], (40, 1))
    age = np.arange(50.0, 90.0)
    age[3] = NAN
    people = people_of({"forward": 20, "backward": 20}, age=age)
    table = frame(shown_of(trial_of(people, value, [0, 6], NOBODY)), "baseline", "baseline")
    assert table.query("variable == 'age' and arm == 'forward'")["n_missing"].tolist() == [1.0]


def test_table_one_of_five_people_is_no_list_of_their_scores():
    value = np.column_stack([np.tile([4.0, 6.0, 6.0, 7.0, 9.0], 5), np.tile([3.0], 25)])
    told = (
        frame(
            shown_of(trial_of(people_of({"forward": 20, "backward": 5}), value, [0, 6], NOBODY)),
            "baseline",
            "baseline",
        )
        .query("kind == 'number'")
        .set_index("arm")
    )
    assert told.loc[["backward"], ["median", "q1", "q3"]].isna().all(axis=None)
    assert told.loc[["forward"], ["median", "q1", "q3"]].notna().all(axis=None)


def test_table_one_of_twenty_six_is_publishable():
    trial = random_trial(5)
    chosen = people_of({"forward": 13, "backward": 13})
    value = np.column_stack([np.tile([6.0, 7.0], 13), np.tile([3.0, 4.0], 13)])
    value[2, 1] = NAN
    grade = pd.Categorical(["2"] * 10 + ["3"] * 3 + ["2"] * 7 + ["3"] * 6)
    trial = trial_of(chosen.assign(grade=grade), value, [0, 6], NOBODY)
    shown = shown_of(trial)
    told = frame(shown, "baseline", "baseline")
    numbers = told[told["kind"] == "number"]
    assert numbers[["mean", "sd", "median", "q1", "q3"]].notna().all(axis=None)
    table: DisplayTable = baseline_table(
        told, arms={"forward": "Forward", "backward": "Backward"}, sizes=arm_sizes(trial)
    )
    assert any("[report] small_cell = 0" in note for note in table.notes)
    assert any("*" in cell for row in table.rows for cell in row)


def test_means_of_arms_under_ten_are_rounded_and_say_so():
    value = np.column_stack([np.tile([6.0, 7.0, 7.0], 7), np.tile([3.0, 4.0, 5.0], 7)])
    trial = trial_of(people_of({"forward": 7, "backward": 14}), value, [0, 6], NOBODY)
    whole = analysed(trial)
    assert small_arms(whole.parts) >= {("pain", "forward")}
    rows = disclosed(whole).estimates.query("quantity == 'mean_change'").set_index("arm")
    exact = whole.estimates.query("quantity == 'mean_change'").set_index("arm")
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        there, whole_number = rows[name]["forward"], exact[name]["forward"]
        assert there == pytest.approx(round(whole_number, 2), abs=1e-12)
        assert there != whole_number
        assert rows[name]["backward"] == exact[name]["backward"]
    assert "rounded" in rows["note"]["forward"]
    assert "rounded" not in rows["note"]["backward"]


@pytest.mark.parametrize("how", ["small_cell = 0", "--individuals"])
def test_who_asks_for_all_gets_all(how: str):
    whole = analysed(random_trial(3))
    if how == "--individuals":
        shown = disclosed(whole, individuals=True)
    else:
        shown = disclosed(replace(whole, trial=replace(whole.trial, small_cell=0)))
    pd.testing.assert_frame_equal(shown.estimates, whole.estimates)
    for before, after in zip(whole.parts, shown.parts, strict=True):
        for name in after.frames:
            pd.testing.assert_frame_equal(after.frames[name], before.frames[name])


def test_what_cannot_be_hidden_is_refused(monkeypatch: pytest.MonkeyPatch):
    from backwalk_stats.report import privacy

    monkeypatch.setattr(privacy, "hide_counts", lambda part, **_: part)
    monkeypatch.setattr(privacy, "drop_counts", lambda part, **_: part)
    for seed in range(30):
        whole = analysed(random_trial(seed))
        try:
            disclosed(whole)
        except InputError as error:
            assert len(error.faults) == 1
            assert "small_cell = 0" in str(error)
            return
    pytest.fail("in some trial something follows")


# Distributions and adjusted means tell of single people too.


def test_single_changes_cannot_be_taken_out_of_a_density():
    rng = np.random.default_rng(4)
    value = np.column_stack([np.full(50, 6.0), rng.integers(1, 8, 50).astype(float)])
    value[0, 1] = 0.0  # the one who improved most
    trial = trial_of(people_of({"forward": 25, "backward": 25}), value, [0, 6], NOBODY)
    whole = analysed(trial)
    shown = disclosed(whole)
    outermost = {}
    for name, analysis in (("exact", whole), ("grouped", shown)):
        own = frame(analysis, "within-arm", "density").query("arm == 'forward'")
        at, high = own["value"].to_numpy(), own["density"].to_numpy()
        outermost[name] = at[high > 0.02 * high.max()].min()
    assert outermost["grouped"] > outermost["exact"] + 0.5
    box = frame(shown, "within-arm", "box")
    assert box[["p5", "p95"]].isna().all(axis=None), "one person of 25 is beyond them"
    assert box[["q1", "median", "q3"]].notna().all(axis=None)
    assert [len(part) for part in grouped(np.arange(23.0), 5)] == [6, 6, 6, 5]


def test_a_score_does_not_follow_from_adjusted_means():
    """Adjusted means, weighed by n, are the observed mean: of all less per protocol, one score."""
    rng = np.random.default_rng(8)
    start = rng.integers(4, 9, 60).astype(float)
    value = np.column_stack([start, np.clip(start - rng.integers(0, 5, 60), 0, 10)])
    people = people_of({"forward": 30, "backward": 30}, per_protocol=np.arange(60) != 41)
    trial = trial_of(people, value, [0, 6], NOBODY)
    asked = replace(trial.estimands[0], analysis="ancova", covariates=("baseline",), subgroups=())
    trial = replace(trial, estimands=(asked,))
    parts = (*analysed(trial).parts[:4], ancova(trial, asked), per_protocol(trial, asked))
    estimates = pd.concat([part.estimates for part in parts], ignore_index=True)
    whole = TrialAnalysis(trial=trial, parts=parts, estimates=estimates)

    def total(analysis: TrialAnalysis, code: str) -> float:
        own = analysis.estimates.query("quantity == 'adjusted_mean'")
        own = own[own["analysis"] == code]
        return float((own["n"] * own["estimate"]).sum())

    assert total(whole, "ancova") - total(whole, "per-protocol") == pytest.approx(value[41, 1])
    before = told_means(whole.parts, trial=trial, digits={}, small_cell=5)
    known = [one for one in before if "as they are at this visit" in one.of]
    assert known
    assert all(one.low <= value[41, 1] + 1e-3 and one.high >= value[41, 1] - 1e-3 for one in known)
    shown = disclosed(whole)
    assert abs(total(shown, "ancova") - total(shown, "per-protocol") - value[41, 1]) > 1e-3
    rows = shown.estimates.query("quantity == 'adjusted_mean'")
    assert rows["note"].str.contains("rounded").all()
    assert shown.estimates.query("quantity == 'mean_difference'")["estimate"].notna().all()


def test_how_few_there_are_is_no_secret_of_its_own():
    """Three of an arm kept to the protocol, one of four without a value: nothing is refused."""
    value = np.tile([[8.0, 4.0], [7.0, 6.0], [6.0, 6.0]], (10, 1))
    value[3, 1] = NAN
    kept = np.ones(30, dtype=bool)
    kept[4:10] = False
    people = people_of({"forward": 10, "backward": 20}, per_protocol=kept)
    shown = shown_of(trial_of(people, value, [0, 6], NOBODY))
    assert frame(shown, "baseline", "baseline")["mean"].notna().any()


# Random trials, attacked.


def attacked(seed: int) -> None:
    """Hold that nothing follows, and that what is true is possible: the attack is no straw man."""
    trial = random_trial(seed)
    whole = analysed(trial)
    shown = disclosed(whole)
    sizes = arm_sizes(trial)
    book = count_book(shown.parts, shown.estimates, sizes=sizes, study=trial.study)
    assert not followed(book, small_cell=5)
    truth = count_book(whole.parts, whole.estimates, sizes=sizes, study=trial.study)
    secret = [one.cell for one in book.secrets if one.cell in truth.cells]
    known = ranges(book.cells, book.relations, secret)
    for cell in secret:
        true = truth.cells[cell]
        if true.least == true.most:
            assert known[cell][0] <= true.least <= known[cell][1], cell


@pytest.mark.parametrize("seed", range(6))
def test_nothing_follows_in_a_random_trial(seed: int):
    attacked(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_nothing_follows_in_many_random_trials(seed: int):
    attacked(seed)


def test_rules_are_solved_together():
    trial = random_trial(2)
    outcome = pain(rule(1.0), rule(2.0), rule(3.0), rule(4.0), rule(20.0, "percent"))
    shown = disclosed(analysed(replace(trial, outcomes=(outcome,))))
    book = count_book(shown.parts, shown.estimates, sizes=arm_sizes(trial), study=shown.trial.study)
    assert not followed(book, small_cell=5)
