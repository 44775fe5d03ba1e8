"""Visits in names are put in order of time by number and by words, never by letters."""

from __future__ import annotations

import pytest

from backwalk_stats.loaders.draft.visit_names import in_time, numbered_name, parted_name, visit_of


@pytest.mark.parametrize(
    ("name", "stem", "visit"),
    [
        ("nprs_w0", "nprs", "W0"),
        ("pain week 6", "pain", "W6"),
        ("wk12 pain", "pain", "W12"),
        ("Pain_T1", "pain", "T1"),
        ("odi.3m", "odi", "M3"),
        ("odi 3 months", "odi", "M3"),
        ("odi_m12", "odi", "M12"),
        ("V1_pain", "pain", "V1"),
        ("Visit 2 HR", "hr", "V2"),
        ("pre_pain", "pain", "pre"),
        ("glucose POST", "glucose", "post"),
        ("pain follow-up", "pain", "followup"),
        ("painBaseline", "pain", "baseline"),
        ("score at start", "score", "start"),
        ("pain day 7", "pain", "D7"),
        ("w6", "", "W6"),
        ("pain after 6 weeks", "pain", "W6"),
        ("VAS nach 6 Wochen", "vas", "W6"),
        ("follow-up 3 months NPRS", "nprs", "M3"),
        ("VAS_FU_3m", "vas", "M3"),
        ("fu2 pain", "pain", "FU2"),
        ("10m walk pre", "10m walk", "pre"),
        ("post 10 m walk", "10 m walk", "post"),
        ("walk speed 10m post", "walk speed 10m", "post"),
        ("knee_flexion_post_op", "knee flexion", "postop"),
        ("Pre-test VAS", "vas", "pre"),
        ("VAS 3-month follow-up", "vas", "M3"),
        ("VAS 2nd", "vas", "V2"),
        ("1st visit ROM", "rom", "V1"),
        ("Dolor_inicial", "dolor", "inicial"),
    ],
)
def test_a_name_is_parted_into_what_and_when(name: str, stem: str, visit: str):
    parted = parted_name(name)
    assert parted is not None
    assert (parted[0], parted[1].name) == (stem, visit)


@pytest.mark.parametrize(
    "name", ["age", "sex", "group", "bmi", "id", "site", "mood", "work6a", "BMI (kg/m2)"]
)
def test_a_name_without_a_visit_has_none(name: str):
    assert parted_name(name) is None


def test_order_is_of_time_and_not_of_letters():
    names = ["w12", "w2", "post", "w0", "followup", "month 3", "day 3", "pre"]
    visits = [visit for name in names if (visit := visit_of(name)) is not None]
    told = [one.name for one in in_time(visits)]
    assert told == ["pre", "W0", "D3", "W2", "W12", "M3", "post", "followup"]


def test_events_of_redcap_are_visits():
    order = ["follow_up_arm_1", "week_6_arm_1", "baseline_arm_1", "month_3_arm_2"]
    visits = [visit for name in order if (visit := visit_of(name)) is not None]
    assert [one.name for one in in_time(visits)] == ["baseline", "W6", "M3", "followup"]


def test_numbers_at_the_end_are_an_order():
    assert numbered_name("pk10") == ("pk", 10)
    assert numbered_name("12") is None
