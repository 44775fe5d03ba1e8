"""The tables of an analysed trial: all text, units and directions said, nothing cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import nan

import pandas as pd
import pytest

from backwalk_stats.instruments.registry import all_instruments
from backwalk_stats.tables import trial_labels
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.tables.estimates import results_table, sensitivity_table, within_arm_table
from backwalk_stats.tables.instrument_table import instruments_table
from backwalk_stats.tables.model import fit_table, means_table
from backwalk_stats.tables.participants import baseline_table, load_log_table, missingness_table
from backwalk_stats.tables.responder_table import responder_table
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial import tables
from backwalk_stats.trial.estimand import SENSITIVITY
from backwalk_stats.trial.outcome import Outcome
from tests.figures import trial_frames, trial_rest

CASE = trial_frames.CASES["ordinary"]
HIDDEN = trial_frames.CASES["one arm empty"]
PAIN = Outcome(name="pain", label="Knee pain (NPRS, 0 to 10)", unit="points", better="lower")
ARMS = CASE.arm_labels
LABELS = Labels(arms=ARMS, visits=CASE.visit_labels, outcomes={"pain": PAIN})


def result(**changed) -> dict:
    """Return one row of results."""
    row: dict = dict.fromkeys(tables.RESULTS, nan)
    row |= {"analysis": "mmrm", "estimand": "E1", "outcome": "pain", "visit": "V2", "arm": ""}
    row |= {"contrast": "backward - forward", "quantity": "mean_difference", "role": "primary"}
    row |= {"estimate": -0.712, "conf_low": -1.3491, "conf_high": -0.075, "p_value": 0.0291}
    return row | {"n": 30.0, "n_reference": 28.0, "note": ""} | changed


def results(*rows: dict) -> pd.DataFrame:
    """Return rows as a frame."""
    return pd.DataFrame(list(rows), columns=list(tables.RESULTS))


def baseline() -> pd.DataFrame:
    """Return a number and a category, for two arms."""
    rows = [
        ("age", "", "number", "forward", 29, 1, 58.31, 9.04, 58.0, 51.0, 65.2, nan, nan),
        ("age", "", "number", "backward", 30, 0, 57.08, 8.51, 57.5, 50.1, 63.9, nan, nan),
        ("sex", "female", "category", "forward", 30, 0, *[nan] * 5, 19, 63.33),
        ("sex", "male", "category", "forward", 30, 0, *[nan] * 5, 11, 36.67),
        ("sex", "female", "category", "backward", 30, 0, *[nan] * 5, nan, nan),
        ("sex", "male", "category", "backward", 30, 0, *[nan] * 5, 0, 0.0),
    ]
    return pd.DataFrame(rows, columns=list(tables.BASELINE))


def responders() -> pd.DataFrame:
    """Return responders by one rule, and by another whose events are not shown."""
    rows = [
        ("mcid", "forward", 11.0, 28, 39.29, 22.1, 59.4),
        ("mcid", "backward", 19, 30, 63.3, 44, 80),
    ]
    rows += [("30%", "forward", nan, 28, nan, nan, nan), ("30%", "backward", 9, 30, 30.0, 15, 49)]
    return pd.DataFrame(rows, columns=list(tables.RESPONDERS))


def within() -> pd.DataFrame:
    """Return what is known of one arm's change."""
    numbers = {"mean_change": -1.35, "d_av": -0.9, "d_z": -1.1, "hodges_lehmann": -1.3}
    return results(
        *(
            result(analysis="within-arm", arm="forward", contrast="", quantity=name, estimate=value,
                   n_reference=nan)
            for name, value in numbers.items()
        )
    )  # fmt: skip


def made() -> Iterator[DisplayTable]:
    """Return every table of a trial."""
    yield baseline_table(baseline(), arms=ARMS, sizes={"forward": 30, "backward": 30})
    yield results_table(results(result(), result(p_adjusted=0.06)), labels=LABELS)
    rows = [result(analysis=name) for name in SENSITIVITY]
    yield sensitivity_table(results(*rows), labels=LABELS)
    yield within_arm_table(within(), labels=LABELS)
    for kind in ("observed", "model"):
        means = trial_frames.means(CASE, kind)
        yield means_table(means, kind=kind, labels=CASE.labels)
    yield missingness_table(trial_rest.missingness(CASE), labels=CASE.labels)
    yield responder_table(responders(), arms=ARMS)
    log = pd.DataFrame(
        [("a.csv", "vas", "repair", "decimal comma read", 3)], columns=tables.LOAD_LOG
    )
    yield load_log_table(log)
    fit = {"n_obs": 118, "converged": True, "gradient": 2.3e-9, "covariance": "us", "notes": ()}
    yield fit_table({"Knee pain": pd.DataFrame([fit])})
    yield instruments_table(all_instruments())


@pytest.mark.parametrize("table", list(made()), ids=lambda table: table.caption[:30])
def test_every_cell_is_text_in_human_words(table: DisplayTable) -> None:
    codes = {place for place, c in enumerate(table.columns) if c.key == "items"}
    shown = [c.label for c in table.columns]
    shown += [text for row in table.rows for i, text in enumerate(row) if i not in codes]
    shown += [*table.groups, *table.notes, table.caption]
    assert table.rows
    for text in shown:
        assert isinstance(text, str)
        assert text not in ("nan", "None", "NaT", "<NA>")
        plain = text.replace("[report] small_cell = 0", "")  # what to write, as it is written
        assert not re.search(r"[a-z]_[a-z]", plain), text
        assert not re.search(r"\d\.\d{7,}", re.sub(r"doi \S+", "", text)), text
    if table.caption != "Instruments.":  # which quotes formulas as they were written
        assert not re.search(r"(?<![\w])-\d", " ".join(shown)), "a true minus sign"


def test_baseline_says_how_many_and_what_is_missing() -> None:
    table = baseline_table(baseline(), arms=ARMS, sizes={"forward": 30, "backward": 30})
    assert [column.label for column in table.columns] == [
        "Characteristic", "Forward walking (n = 30)", "Backward walking (n = 30)",
    ]  # fmt: skip
    assert table.groups == ("Age",) * 3 + ("Sex",) * 2
    assert table.rows == (
        ("Mean (SD)", "58.3 (9.0)", "57.1 (8.5)"),
        ("Median [Q1, Q3]", "58.0 [51.0, 65.2]", "57.5 [50.1, 63.9]"),
        ("Missing, n", "1", "0"),
        ("Female, n (%)", "19 (63%)", "*"),
        ("Male, n (%)", "11 (37%)", "0"),
    )
    assert not any(word in " ".join(table.notes) for word in ("p =", "p-value"))
    assert any("Not shown" in note for note in table.notes)


def test_result_has_unit_and_direction() -> None:
    rows = (result(), result(conf_high=0.2), result(estimate=nan, conf_low=nan, conf_high=nan))
    table = results_table(results(*rows), labels=LABELS)
    assert table.rows[0] == (
        "Knee pain (NPRS, 0 to 10), Week 6", "Backward walking − Forward walking",
        "Mixed model (MMRM)", "30 / 28", "−0.71 points", "−1.35 to −0.08", "0.029",
        "Favours Backward walking",
    )  # fmt: skip
    assert table.rows[1][-1] == "Includes no difference"
    assert table.rows[2][-1] == "–"
    assert table.groups == ("Primary",) * 3


def test_adjusted_p_values_have_a_column_only_where_there_are_some() -> None:
    plain = results_table(results(result()), labels=LABELS)
    adjusted = results_table(results(result(p_adjusted=0.06)), labels=LABELS)
    assert "p adjusted" not in [column.label for column in plain.columns]
    assert "p adjusted" in [column.label for column in adjusted.columns]
    assert "0.060" in adjusted.rows[0]


def test_within_arm_brings_the_quantities_of_an_arm_together() -> None:
    table = within_arm_table(within(), labels=LABELS)
    assert table.groups == ("Knee pain (NPRS, 0 to 10), change to Week 6, points",)
    assert table.rows[0][:3] == ("Forward walking", "30", "−1.35 (−1.35 to −0.08)")
    assert table.rows[0][3] == "0.029"


def test_comparisons_are_left_out_where_they_would_tell_hidden_events() -> None:
    rows = [
        result(analysis="responder", quantity="risk_ratio", note=rule) for rule in ("mcid", "30%")
    ]
    table = responder_table(responders(), results(*rows), arms=ARMS)
    told = [(group, row[0]) for group, row in zip(table.groups, table.rows, strict=True)]
    ratio = "Ratio of percentages: Backward walking against Forward walking"
    assert ("Mcid", ratio) in told
    assert ("30%", ratio) not in told
    assert ("* / 28", "*", "*", "–") in [row[1:] for row in table.rows]


def test_hidden_counts_are_marked_and_explained() -> None:
    table = missingness_table(trial_rest.missingness(HIDDEN), labels=HIDDEN.labels)
    assert any("*" in row for row in table.rows)
    assert any("Not shown" in note for note in table.notes)


@pytest.mark.parametrize(
    ("quantity", "better", "low", "high", "side"),
    [
        ("mean_difference", "lower", -2, -1, 1),
        ("mean_difference", "higher", -2, -1, -1),
        ("mean_difference", "", -2, -1, 0),
        ("mean_difference", "lower", -2, 1, 0),
        ("mean_difference", "lower", nan, nan, 0),
        ("risk_difference", "lower", 5, 20, 1),
        ("risk_ratio", "lower", 0.5, 0.9, -1),
        ("probability_of_superiority", "higher", 0.55, 0.7, 1),
        ("probability_of_superiority", "lower", 0.55, 0.7, -1),
    ],
)
def test_which_side_an_interval_favours(quantity, better, low, high, side) -> None:
    assert trial_labels.favoured(quantity, better, low, high) == side


def test_every_code_has_words() -> None:
    assert set(SENSITIVITY) <= set(trial_labels.ANALYSES)
    words = [*trial_labels.ANALYSES.values(), *trial_labels.EFFECTS.values()]
    assert len(set(words)) == len(words)


def test_empty_frames_give_tables_without_rows() -> None:
    def empty(name: str) -> pd.DataFrame:
        """Return a frame without rows."""
        return pd.DataFrame(columns=list(getattr(tables, name)))

    for table in (
        baseline_table(empty("BASELINE"), arms=ARMS, sizes={}),
        results_table(empty("RESULTS"), labels=LABELS),
        sensitivity_table(empty("RESULTS"), labels=LABELS),
        within_arm_table(empty("RESULTS"), labels=LABELS),
        means_table(empty("MEANS"), kind="model", labels=CASE.labels),
        missingness_table(empty("MISSINGNESS"), labels=CASE.labels),
        responder_table(empty("RESPONDERS"), arms=ARMS),
        load_log_table(empty("LOAD_LOG")),
        fit_table({}),
        instruments_table(()),
    ):
        assert table.rows == ()


def test_a_risk_difference_stands_in_per_cent_as_its_arms_do() -> None:
    row = result(
        quantity="risk_difference", note="mcid", estimate=0.24, conf_low=-0.01, conf_high=0.5
    )
    table = responder_table(responders(), results(row), arms=ARMS)
    assert ("24.0%", "−1.0 to 50.0%") in [line[2:4] for line in table.rows]


def test_a_change_that_is_hidden_is_marked_and_explained():
    row: dict = dict.fromkeys(tables.RESULTS, nan) | {
        "analysis": "within-arm", "outcome": "pain", "visit": "W6", "arm": "f", "contrast": "",
        "quantity": "mean_change", "n": 3.0, "note": "not shown: of fewer than 5 people",
    }  # fmt: skip
    table = within_arm_table(
        pd.DataFrame([row]), labels=Labels(arms={"f": "Forward"}, visits={}, outcomes={})
    )
    assert table.rows[0][2] == "*"
    assert table.notes[-1].startswith("* Not shown")
