"""Arms that a source merged, recovered on the grid of the decimals printed beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backwalk_stats.engine.summary.merged_arms import merge
from backwalk_stats.ledger.case import Cell, Study
from backwalk_stats.ledger.unmerge import recovered_arms
from tests.ledger.findings import between, ledger_of, rows

STUDY = Study(
    study_id="trial",
    label="Trial",
    design="3-arm RCT",
    arms=("retro walking", "forward walking", "control"),
    arm_sizes=(23, 23, 22),
    n_total=68,
    n_text="68",
    numbers="",
    note="",
    line=2,
)
CONTROL = Cell(
    study_id="trial",
    arm="control",
    outcome="pain",
    instrument="NRS",
    unit="points",
    scale_min="0",
    scale_max="10",
    timepoint="week 6",
    n=22,
    mean="4.8",
    sd="0.8",
)


def merged(mean: float, sd: float, n: int = 46) -> Cell:
    return replace(CONTROL, arm="retro+forward combined", n=n, mean=f"{mean:.6g}", sd=f"{sd:.6f}")


def alternatives(cell: Cell, study: Study = STUDY) -> tuple[tuple[Cell, ...], ...]:
    return recovered_arms(study=study, cells=(cell, CONTROL), allowed=lambda _: True)


def test_recovers_what_was_merged_up_to_what_algebra_cannot_tell() -> None:
    # The two arms of Alghadir 2019 as Cochrane CD004376.pub4 merged them: 4.25 (1.242176), n = 46.
    back = merge(n1=23, mean1=3.9, sd1=1.1, n2=23, mean2=4.6, sd2=1.3)
    assert (round(back.mean, 6), round(back.sd, 6)) == (4.25, 1.242176)
    found = alternatives(merged(back.mean, back.sd))
    pairs = {tuple((one.arm, one.mean, one.sd) for one in arms) for arms in found}
    # Either arm can have either mean, and either SD.
    assert pairs == {
        (("retro", m1, s1), ("forward", m2, s2))
        for m1, m2 in (("3.9", "4.6"), ("4.6", "3.9"))
        for s1, s2 in (("1.1", "1.3"), ("1.3", "1.1"))
    }
    assert all(one.derived and not one.was_printed for arms in found for one in arms)


def test_unequal_arms_leave_no_choice_of_names() -> None:
    study = replace(STUDY, arm_sizes=(20, 26, 22))
    back = merge(n1=20, mean1=3.2, sd1=1.1, n2=26, mean2=5.4, sd2=1.6)
    found = alternatives(merged(back.mean, back.sd), study)
    assert (("3.2", "1.1"), ("5.4", "1.6")) in {
        tuple((one.mean, one.sd) for one in arms) for arms in found
    }
    assert all([one.n for one in arms] == [20, 26] for arms in found)


@pytest.mark.parametrize(
    "study",
    [
        replace(STUDY, arm_sizes=()),
        replace(STUDY, arm_sizes=(23, 22, 23)),
        replace(STUDY, arms=("walking A", "walking B", "control")),
    ],
    ids=["sizes not printed", "sizes that do not add up", "names that fit no arm"],
)
def test_is_left_alone_where_sizes_are_not_known(study: Study) -> None:
    assert alternatives(merged(4.25, 1.242176), study) == ()


def test_a_printed_p_strikes_out_what_cannot_give_it() -> None:
    outcomes = [
        {"arm": one.arm, "outcome": "pain", "instrument": "NRS", "timepoint": "week 6"}
        | {"unit": "points", "n": str(one.n), "mean": one.mean, "sd": one.sd}
        for one in (merged(4.25, 1.242176), CONTROL)
    ]
    contrasts = [between(outcome="NRS", arm_a="retro", arm_b="control", p_value_as_printed="0.01")]
    ledger = ledger_of(
        outcomes=outcomes,
        contrasts=contrasts,
        arms="retro walking; forward walking; control",
        n_randomised="68 (23+23+22)",
    )
    reason = rows(ledger, check="merged_arms")["reason"].iloc[0]
    # The lower mean is the retro arm: the higher one gives p >= 0.19 against control.
    assert "retro 3.9; forward 4.6;" in reason
    assert reason.startswith("derived, not printed")
