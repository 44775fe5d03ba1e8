"""Which rows a printed comparison was computed from, and why none where there are none."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.links import link, link_named, link_within, outcome_labels
from tests.ledger.findings import arm, between, ledger_of, one, rows


def cell(arm: str, mean: str = "4.8", **more: str | int) -> Cell:
    described = {
        "study_id": "trial",
        "outcome": "pain",
        "instrument": "NRS",
        "unit": "points",
        "scale_min": "0",
        "scale_max": "10",
        "timepoint": "week 6",
        "n": 20,
        "sd": "1.1",
        "confidence": "verbatim-primary",
        "source": "abstract",
    }
    return Cell(arm=arm, mean=mean, **{**described, **more})  # type: ignore[arg-type]


def linked(cells: list[Cell], **more: str):
    words = {"label": "NRS", "about": "", "arm_a": "backward", "arm_b": "forward", "source": ""}
    return link(**{**words, **more}, cells=cells)


class TestLabels:
    """One printed label may name several outcomes."""

    CELLS = (cell("a"), cell("a", outcome="function", instrument="WOMAC total"))

    @pytest.mark.parametrize(
        ("label", "parts"),
        [
            ("NRS, WOMAC week 4", ("NRS week 4", "WOMAC week 4")),
            ("NRS; WOMAC", ("NRS", "WOMAC")),
            ("NRS and WOMAC", ("NRS", "WOMAC")),
            ("NRS", ("NRS",)),
            # Nothing is won by splitting what has no rows.
            ("stride, cadence", ("stride, cadence",)),
        ],
    )
    def test_is_split_where_that_finds_rows(self, label: str, parts: tuple[str, ...]) -> None:
        assert outcome_labels(label, self.CELLS) == parts


def test_arms_are_found_by_the_words_that_they_share() -> None:
    a, b = cell("BG backward+conventional"), cell("CG conventional")
    found = linked([a, b], arm_a="exercise/retro", arm_b="usual care")
    assert (found.first, found.second) == (a, b)


def test_three_arms_leave_the_third_beside() -> None:
    cells = [cell("backward"), cell("forward"), cell("control")]
    found = linked(cells)
    assert (found.first, found.second, found.others) == (cells[0], cells[1], (cells[2],))


def test_ambiguous_arms_are_not_guessed() -> None:
    contrasts = [between(arm_a="walking", arm_b="rest", p_value_as_printed="0.03")]
    outcomes = [arm("walking outdoors", 20, "40.1", "5.0"), arm("walking indoors", 20, "41", "5.0")]
    outcomes += [arm("rest", 20, "45.0", "5.0")]
    found = one(ledger_of(outcomes=outcomes, contrasts=contrasts), quantity="p_value")
    assert found["verdict"] == "not_derivable"
    assert "'walking' against 'rest'" in found["reason"]
    assert "arms printed: rest, walking indoors, walking outdoors" in found["reason"]
    assert "inputs column" in found["reason"]


def test_inputs_column_overrules_names() -> None:
    outcomes = [arm("walking outdoors", 20, "40.1", "5.0"), arm("walking indoors", 20, "44", "5.0")]
    outcomes += [arm("rest", 20, "45.0", "5.0")]
    where = "walking outdoors @ lumbar flexion @ week 6; rest @ lumbar flexion @ week 6"
    contrasts = [between(arm_a="walking", arm_b="rest", estimate="-4.9", inputs=where)]
    found = one(ledger_of(outcomes=outcomes, contrasts=contrasts), quantity="estimate")
    assert found["recomputed"] == pytest.approx(-4.9)
    assert "walking outdoors" in found["inputs"]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ("a @ pain @ week 6; c @ pain @ week 6", "'c @ pain @ week 6': no row"),
        ("a @ pain; b @ pain @ week 6", "'a @ pain': 2 rows"),
        ("a @ pain @ week 6", "fewer than two rows"),
    ],
)
def test_inputs_that_name_no_single_row_say_so(inputs: str, reason: str) -> None:
    cells = [cell("a"), cell("a", timepoint="week 12"), cell("b")]
    assert reason in link_named(inputs=inputs, cells=cells).missing


def test_rows_of_the_own_source_come_first() -> None:
    cells = [
        cell("retro", "4.1", source="Cochrane 4.5"),
        cell("control", "5.1", source="Cochrane 4.5"),
        cell("retro", "4.0", source="abstract"),
        cell("control", "5.0", source="abstract"),
    ]
    of = {"arm_a": "retro", "arm_b": "control"}
    by_abstract = linked(cells, **of, source="abstract (PMC1)").first
    by_review = linked(cells, **of, source="Cochrane 4.5").first
    assert (by_abstract, by_review) == (cells[2], cells[0])
    # Without a hint either could be meant.
    assert linked(cells, **of, source="table 3").first is None


def test_time_point_of_the_label_is_taken_else_the_last() -> None:
    cells = [
        cell(arm, mean, timepoint=time)
        for time, mean in (("baseline", "6.0"), ("week 3", "5.0"), ("week 6", "4.0"))
        for arm in ("backward", "forward")
    ]
    assert linked(cells, label="NRS week 3").first == cells[2]
    assert linked(cells).first == cells[4]
    assert linked(cells, label="NRS baseline").first == cells[0]
    assert linked(cells).before_first == cells[0]
    assert linked(cells, label="NRS week 12").first is None


def test_merged_arm_stands_for_itself_alone() -> None:
    cells = [cell("retro+forward combined", n=46), cell("control")]
    assert linked(cells, arm_a="retro", arm_b="control").first is None
    found = linked(cells, arm_a="retro+forward combined", arm_b="control")
    assert (found.first, found.second) == (cells[0], cells[1])


def test_change_is_looked_for_where_change_is_meant() -> None:
    scores = [cell("backward"), cell("forward")]
    changes = [
        cell(one, outcome="pain change", timepoint="baseline to week 6")
        for one in ("backward", "forward")
    ]
    found = linked([*scores, *changes], label="NRS change")
    assert (found.change_first, found.about_change, found.remark) == (changes[0], True, "")
    found = linked(scores, label="NRS change")
    assert "tested on the follow-up scores" in found.remark


def test_within_an_arm() -> None:
    cells = [
        cell(arm, timepoint=time)
        for arm in ("backward", "control")
        for time in ("baseline", "week 6")
    ]
    found = link_within(label="NRS", arms="BW post BW pre", cells=cells)
    assert (found.first, found.second) == (cells[1], cells[0])
    assert "which of the arms" in link_within(label="NRS", arms="post pre", cells=cells).missing
    assert "needs the spread" in link_within(label="NRS", arms="BW", cells=cells[1:]).missing


def test_what_has_no_rows_says_so() -> None:
    found = linked([cell("backward")], label="stride length")
    assert not found.has_rows
    assert found.missing == "no row of this study in outcomes.csv prints stride length"


def test_rows_of_another_study_are_never_used() -> None:
    outcomes = [{**arm("backward", 20, "40.1", "5.0"), "study_id": "other"}]
    outcomes += [{**arm("forward", 20, "44.1", "5.0"), "study_id": "other"}]
    contrasts = [between(estimate="-4.0")]
    found = rows(ledger_of(outcomes=outcomes, contrasts=contrasts), quantity="estimate")
    assert found["verdict"].tolist() == ["not_derivable"]
