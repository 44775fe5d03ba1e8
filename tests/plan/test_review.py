"""The tables of a blind review: all arms together, small counts as ranges, one arm never alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from backwalk_stats.errors import InputError
from backwalk_stats.plan import blind_review, pooled_tables
from backwalk_stats.plan.deal import HIDDEN, dealt
from backwalk_stats.report.document.document import TableBlock
from backwalk_stats.report.sections_trial import deviations
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.tables.participants import decisions_table
from backwalk_stats.trial.plan import Scenario
from backwalk_stats.trial.study import Decision
from backwalk_stats.trial.tables import FLOW, LOAD_LOG
from backwalk_stats.trial.trial import Trial
from tests.report.attacked_trials import analysed, random_trial


def with_values(trial: Trial, values: pd.Series) -> Trial:
    """Return a trial with other values."""
    return replace(trial, data=trial.data.assign(value=values))


def columns(table: DisplayTable) -> dict[str, list[str]]:
    """Return the cells of a table by the key of their column."""
    keys = [one.key for one in table.columns]
    return dict(zip(keys, map(list, zip(*table.rows, strict=True)), strict=True))


def test_pooled_numbers_are_those_of_everybody():
    trial = random_trial(11, small_cell=0)
    table = columns(pooled_tables.pooled_table(trial))
    for place, visit in enumerate(trial.study.visit_names):
        values = trial.data.loc[trial.data["visit"] == visit, "value"].dropna().to_numpy(float)
        assert table["n"][place] == str(len(values))
        assert float(table["mean"][place]) == pytest.approx(values.mean(), abs=0.006)
        assert float(table["sd"][place]) == pytest.approx(values.std(ddof=1), abs=0.006)
        assert table["range"][place] == f"{values.min():g} to {values.max():g}"
        told = float(table["skew"][place].replace("−", "-"))
        assert told == pytest.approx(skew(values, bias=False), abs=0.051)  # scipy's G1


def test_skewness_is_scipys_and_outliers_are_tukeys():
    values = np.random.default_rng(1).exponential(size=50)
    assert pooled_tables.skewness(values) == pytest.approx(skew(values, bias=False), rel=1e-12)
    far, fence = pooled_tables.outliers(np.array([0.0, 1.0, 2.0, 3.0, 4.0, 11.0, 10.0]))
    assert (far, fence) == (0, 0)
    low, high = np.quantile([*range(9), 30.0], [0.25, 0.75])
    assert high + 3 * (high - low) < 30.0
    assert pooled_tables.outliers(np.array([*range(9), 30.0]))[1] == 1
    assert pooled_tables.outliers(np.full(5, 2.0)) == (0, 0)


def test_single_peoples_values_and_small_counts_are_ranges():
    trial = random_trial(11)
    assert trial.small_cell == 5
    values = trial.data["value"].copy()
    first = np.flatnonzero((trial.data["visit"] == "W0").to_numpy())
    values.iloc[first] = 5.0
    values.iloc[first[:3]] = [0.0, 9.0, np.nan]
    spoiled = with_values(trial, values)
    table = columns(pooled_tables.pooled_table(spoiled))
    assert table["range"][0] == "5 to 5"  # 0 and 9 are of one person each
    assert table["far"][0] == "1 to 4"
    missing = columns(pooled_tables.missing_table(spoiled))
    assert missing["missing"][0] == "1"  # the n of every analysis tells it
    whole = columns(pooled_tables.pooled_table(replace(spoiled, small_cell=0)))
    assert whole["range"][0] == "0 to 9" and whole["far"][0] == "2"


def test_from_a_pooled_mean_no_sum_of_few_people_can_be_worked_out():
    """What a printed mean leaves open of its sum: a step, or a fifth of 4 people's SDs."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        n, sd, step = (
            int(rng.integers(20, 300)),
            float(rng.uniform(0.2, 30)),
            float(rng.choice([0, 1])),
        )
        digits = pooled_tables.held_digits(n, sd, step, 5)
        if digits is not None:
            assert n * 10.0**-digits >= max(step, 4 * sd / 5)
        else:
            assert n < max(step, 4 * sd / 5)


def test_what_one_arm_alone_has_is_not_told():
    trial = random_trial(11, small_cell=0)
    alone = (trial.data["arm"] == "backward") | (trial.data["visit"] == "W0")
    spoiled = with_values(trial, trial.data["value"].where(alone))
    table = columns(pooled_tables.pooled_table(spoiled))
    assert table["mean"][0] != HIDDEN and table["mean"][-1] == HIDDEN == table["n"][-1]
    assert any(pooled_tables._ONE_ARM in note for note in pooled_tables.pooled_table(spoiled).notes)
    mean = trial.data.loc[alone & (trial.data["visit"] != "W0"), "value"].mean()
    assert f"{mean:.2f}" not in " ".join(table["mean"])


def test_rounding_and_values_off_the_step_are_counted():
    trial = random_trial(11, small_cell=0)
    values = trial.data["value"].copy()
    values.iloc[:4] = [1.5, 2.25, 3.0, 4.0]
    table = columns(pooled_tables.coding_table(with_values(trial, values)))
    assert table["seen"] == ["2"] and table["off"] == ["2"] and table["step"] == ["1"]


def test_populations_hide_few_people_and_few_left():
    trial = random_trial(11)
    n = len(trial.participants)
    kept = [place >= 2 for place in range(n)]
    people = trial.participants.assign(per_protocol=kept)
    table = columns(pooled_tables.populations_table(replace(trial, participants=people)))
    row = table["population"].index("Per protocol")
    assert table["n"][0] == str(n) and table["n"][row] == f"{n - 4} to {n - 1}"


def test_counts_that_are_declared_by_arm_are_pooled():
    rows = [
        ("lost", "forward", "", 3),
        ("lost", "forward", "ill", 2),
        ("lost", "backward", "ill", 9),
    ]
    flow = pd.DataFrame(rows, columns=list(FLOW))
    table = columns(pooled_tables.populations_table(replace(random_trial(11), flow=flow)))
    assert table["n"][table["population"].index("Lost to follow-up")] == "about 10"  # 12 of them


def test_questions_that_name_an_arm_are_counted_and_not_told():
    trial = random_trial(11)
    log = pd.DataFrame(
        [
            ("s.csv", "pain", "question", "is 999 a code?", 7),
            ("s.csv", "pain", "warning", "pain at W6: values missing in arm backward", 8),
        ],
        columns=list(LOAD_LOG),
    )
    table = blind_review.questions_table(dealt(replace(trial, load_log=log)).trial)
    told = " ".join(cell for row in table.rows for cell in row)
    assert "Is 999 a code?" in told and "backward" not in told and "lines that name an arm" in told


def test_each_planned_analysis_has_a_row_with_its_fallback():
    trial = dealt(random_trial(11)).trial
    table = columns(blind_review.convergence_table(analysed(trial)))
    assert len(table["analysis"]) == 6 and set(table["converged"]) <= {"Yes", "No"}


PLANNED = Scenario(
    name="expected",
    outcome="pain",
    visits=("W0", "W3"),
    per_arm=(20, 40),
    means={"forward": (6.0, 5.0), "backward": (6.0, 3.0)},
    sd=(2.0, 2.0),
    correlation=((1.0, 0.5), (0.5, 1.0)),
    correlation_told="0.5",
    dropout={"forward": (0.0, 0.1), "backward": (0.0, 0.3)},
)


def test_planned_spread_of_all_arms_together_is_that_of_a_large_sample():
    rng = np.random.default_rng(5)
    one = PLANNED
    n = 200_000
    cover = np.outer(one.sd, one.sd) * np.array(one.correlation)
    sizes = {"forward": n, "backward": n // 2}
    sample = np.vstack(
        [rng.multivariate_normal(one.means[arm], cover, size=size) for arm, size in sizes.items()]
    )
    sd, correlation = pooled_tables.together(one, np.array([2.0, 1.0]) / 3.0)
    # Standard errors of an SD of 2 and of a correlation of 300,000: 0.003 and 0.002.
    np.testing.assert_allclose(sd, sample.std(axis=0), atol=0.012)
    assert correlation[1] == pytest.approx(np.asarray(np.corrcoef(sample.T))[0, 1], abs=0.008)


def test_planned_and_seen_stand_beside_each_other():
    trial = random_trial(11, small_cell=0)
    assert trial.study.visit_names == ("W0", "W3") and len(trial.study.arms) == 2
    table = pooled_tables.planned_table(trial, [PLANNED])
    cells = {(row[0], row[1]): row[2:] for row in table.rows}
    wide = trial.data.pivot(index="participant", columns="visit", values="value")
    assert cells["People in the data", ""] == ("40, 80", str(len(wide)))
    assert float(cells["SD", "Week 0"][1]) == pytest.approx(wide["W0"].std(), abs=0.006)
    seen = float(cells["Correlation with the baseline", "Week 3"][1])
    assert seen == pytest.approx(wide["W0"].corr(wide["W3"]), abs=0.006)
    sizes = trial.participants["arm"].value_counts(normalize=True)
    share = 100 * (0.1 * sizes["forward"] + 0.3 * sizes["backward"])
    assert float(cells["Missing", "Week 3"][0].rstrip("%")) == pytest.approx(share, abs=0.51)


def test_decisions_are_rows_in_the_order_of_their_days():
    made = [
        Decision(key="b", what="x", when=date(2026, 12, 5), reason="r"),
        Decision(key="a", what="y", when=date(2026, 11, 5), reason="s"),
    ]
    table = columns(decisions_table(made, date(2026, 12, 1)))
    assert table["key"] == ["a", "b"]
    assert table["timing"] == ["Before unblinding", "After unblinding"]


def decided(reason: str) -> Trial:
    """Return a trial whose file has one decision."""
    trial = random_trial(11, small_cell=0)
    made = (Decision(key="pain", what="ranks", when=date(2026, 11, 5), reason=reason),)
    return replace(trial, study=replace(trial.study, decisions=made, unblinded=date(2026, 12, 1)))


def test_a_report_of_the_trial_lists_the_decisions_with_their_timing():
    subject = trial_subject(analysed(decided("a floor")))
    (block,) = [one for one in deviations.section(subject).blocks if one.kind == "table"]
    assert isinstance(block, TableBlock)
    assert block.table.rows == (("pain", "Ranks", "2026-11-05", "Before unblinding", "A floor"),)


def test_a_decision_that_names_a_participant_is_refused():
    with pytest.raises(InputError, match="names no participant"):
        trial_subject(analysed(decided("CANARY003 was ill")))
