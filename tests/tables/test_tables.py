"""Display tables: all text, human words, no raw names and no long numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
import pytest

from backwalk_stats.tables import labels
from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.model import effects_table
from backwalk_stats.tables.record import (
    claims_table,
    grim_table,
    ledger_table,
    pooled_table,
    studies_table,
)
from backwalk_stats.tables.record import range_text as ledger_table_text
from backwalk_stats.tables.record_counts import printed_rows, verdict_counts_table
from backwalk_stats.trial import tables
from tests.figures import synthetic

STUDIES = pd.DataFrame(
    {
        "study_id": ["lee2020", "lee2020_pilot", "registry_7", "b2019_x"],
        "citation": [
            "Lee A, Ba C. One. 2020",
            "Lee A, Ba C. Two. 2020",
            "An entry",
            "Müller-Å B. C",
        ],
        "year": ["2020", "2020", "", "2019"],
        "design": ["randomised", "pilot", "", "cohort"],
        "n_randomised": ["30", "8 (4+4)", "", "12"],
    }
)
CLAIMS = pd.DataFrame(
    [
        (
            "N1",
            "pain",
            "It works.",
            "",
            "a journal",
            "holds",
            "It does.",
            "Because.",
            "",
            "lee2020",
            "f1",
        )
    ],
    columns=list(tables.CLAIMS),
)


def made() -> Iterator[DisplayTable]:
    """Return every table of the room, from ordinary frames."""
    ledger = synthetic.ledger()
    yield ledger_table(ledger)
    yield verdict_counts_table(ledger)
    yield claims_table(CLAIMS)
    yield pooled_table(synthetic.pooled())
    yield effects_table(synthetic.effects())
    yield studies_table(STUDIES)
    yield grim_table(synthetic.grim())


@pytest.mark.parametrize("table", list(made()), ids=lambda table: table.caption[:30])
def test_every_cell_is_text_in_human_words(table: DisplayTable) -> None:
    shown = [c.label for c in table.columns] + [cell for row in table.rows for cell in row]
    shown += [*table.groups, *table.notes, table.caption]
    assert table.rows
    for text in shown:
        assert isinstance(text, str)
        assert text not in ("nan", "None", "NaT", "<NA>")
        assert not re.search(r"[a-z]_[a-z]", text), text
        assert not re.search(r"\d\.\d{7,}", text), text


def test_empty_frames_give_tables_without_rows() -> None:
    for table in (
        ledger_table(synthetic.empty(tables.LEDGER)),
        claims_table(synthetic.empty(tables.CLAIMS)),
        pooled_table(synthetic.empty(tables.POOLED)),
        effects_table(synthetic.empty(tables.EFFECTS)),
        studies_table(pd.DataFrame(columns=["study_id", "citation"])),
        grim_table(synthetic.empty(tables.GRIM)),
    ):
        assert table.rows == ()
    counts = verdict_counts_table(synthetic.empty(tables.LEDGER))
    assert [row[1:4] for row in counts.rows] == [("0", "0", "0")] * (len(labels.VERDICTS) - 1)


def test_ledger_row_reads_as_a_sentence_of_numbers() -> None:
    row = dict.fromkeys(tables.LEDGER, "") | {
        "study_id": "chen2021",
        "finding_id": "chen2021-1",
        "outcome": "NRS week 4",
        "contrast": "BG v CG",
        "quantity": "p_value",
        "reported": "<0.05",
        "recomputed": 0.014706,
        "recomputed_low": 0.013012,
        "recomputed_high": 0.016551,
        "verdict": "reproduced",
        "reason": "t(30) = -2.589",
    }
    table = ledger_table(pd.DataFrame([row]))
    assert table.groups == ("Chen 2021",)
    assert table.keys == ("chen2021-1",)
    assert table.rows[0] == (
        "NRS week 4, BG v CG: p-value",
        "<0.05",
        "0.015",
        "0.013 to 0.017",
        "reproduced",
        "t(30) = -2.589",
    )


def test_pooled_row_names_method_and_interval() -> None:
    frame = synthetic.pooled()
    chosen = (frame["method"] == "reml") & (frame["ci"] == "hksj") & (frame["left_out"] != "")
    table = pooled_table(frame[chosen].head(1), labels={"study1": "Lee 2020"})
    assert table.groups == ("Pain: with rows in doubt, without Lee 2020",)
    assert table.rows[0] == (
        "REML, Hartung–Knapp",
        "6",
        "−0.90",
        "−1.80 to 0.00",
        "0.012",
        "−2.40 to 0.60",
        "0.37 (0.05 to 3.12)",
        "76%",
        "16.45 (5), 0.003",
    )


def test_counts_add_up() -> None:
    ledger = synthetic.ledger()
    table = verdict_counts_table(ledger)
    printed = sum(int(row[1]) + int(row[2]) for row in table.rows)
    assert printed == len(printed_rows(ledger)) > 20


def test_study_labels_are_unique() -> None:
    named = labels.study_labels(STUDIES)
    assert named == {
        "lee2020": "Lee 2020",
        "lee2020_pilot": "Lee 2020 (pilot)",
        "registry_7": "“An entry” (undated)",
        "b2019_x": "Müller-Å 2019",
    }


def test_a_title_stands_for_an_author_that_is_not_known() -> None:
    studies = pd.DataFrame(
        {
            "study_id": ["nct01234567", "retro_vs_fw", "khan2017_x", "old_a", "old_b"],
            "citation": [
                "A registered trial",
                "Effect of retro walking on the knee (authors not read)",
                "El Khan AH, Other B. Title",
                "Same title",
                "Same title",
            ],
            "year": ["2024", "", "2017", "", ""],
        }
    )
    assert list(labels.study_labels(studies).values()) == [
        "NCT01234567",
        "“Effect of retro walking…” (undated)",
        "El Khan 2017",
        "Old a",
        "Old b",
    ]


def test_counted_values_are_named_as_the_nearest_that_can_be() -> None:
    row = {"quantity": "mean", "reported": "20.79", "recomputed": 20.8095, "check": "grim"}
    row |= {"recomputed_low": 20.7619, "recomputed_high": 20.8095}
    assert ledger_table_text(row) == "nearest possible 20.762 and 20.810"
    row = {"quantity": "df", "reported": "1,63 (as printed)", "check": "degrees_of_freedom"}
    row |= {"recomputed": 61.0, "recomputed_low": 61.0, "recomputed_high": 61.0}
    assert ledger_table_text(row) == "61"
    row = {"quantity": "p_value", "reported": "0.42", "check": "interval_to_p"}
    row |= {"recomputed": 9.6e-7, "recomputed_low": 5.48e-7, "recomputed_high": 1.632e-6}
    assert ledger_table_text(row) == "5.5 × 10⁻⁷ to 1.6 × 10⁻⁶"


def test_every_code_has_words() -> None:
    known = (labels.VERDICTS, labels.METHODS, labels.INTERVALS, labels.DESIGNS, labels.NUMBERS)
    assert set(labels.VERDICTS) == set(labels.VERDICT_MEANINGS)
    assert all(words and "_" not in words for codes in known for words in codes.values())


def test_display_table_refuses_parts_that_do_not_fit() -> None:
    column = DisplayColumn(key="a", label="A")
    with pytest.raises(ValueError, match="row 1 of the table has 2 cells, expected 1"):
        DisplayTable(columns=(column,), rows=(("x",), ("x", "y")), caption="c")
    with pytest.raises(ValueError, match="2 keys for 1 rows"):
        DisplayTable(columns=(column,), rows=(("x",),), caption="c", keys=("a", "b"))
