"""Instruments of trials after stroke, of balance and of beliefs about pain: published scoring.

[P] read in the source beside the value, [D] computed by hand from a rule that was read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.summary.power import minimal_detectable_change
from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.instruments.registry import instrument
from backwalk_stats.instruments.scoring import band, score_scale
from backwalk_stats.loaders.trial_file.outcome_scale import default_label

NA = np.nan


def one(code, version, subscale, items, rule=None):
    scale = instrument(code).version(version).scale(subscale)
    return float(score_scale(scale, [items], rule).score[0])


# Code, version, subscale, how many items, the answers' ends, the ends of the scale, better [P].
# BBS: J Neurol Phys Ther 2023;47:44. Mini-BESTest: PMC11066829, table 1; of 32: RehabMeasures.
# FES-I: the guide of fes_i.py; Short FES-I: 7 to 28. ABC: NINDS F1303 (0 to 1600, divided by 16).
# FGA: RehabMeasures. FMA-LE: Gothenburg protocol (4, 14, 4, 4, 2, 6; 34). SPPB: PHOSP form.
# PCS: RehabMeasures (0 to 52; 16, 12, 24). FABQ: PMC4893951 (24, 42). EQ VAS: euroqol.org.
ENDS = [
    ("bbs", "", "score", 14, (0, 4), (0, 56), "higher"),
    ("mini-bestest", "28", "score", 14, (0, 2), (0, 28), "higher"),
    ("mini-bestest", "28", "from-sides", 16, (0, 2), (0, 28), "higher"),
    ("mini-bestest", "28", "anticipatory", 3, (0, 2), (0, 6), "higher"),
    ("mini-bestest", "28", "reactive", 3, (0, 2), (0, 6), "higher"),
    ("mini-bestest", "28", "sensory", 3, (0, 2), (0, 6), "higher"),
    ("mini-bestest", "28", "gait", 5, (0, 2), (0, 10), "higher"),
    ("mini-bestest", "32", "score", 16, (0, 2), (0, 32), "higher"),
    ("fes-i", "16", "score", 16, (1, 4), (16, 64), "lower"),
    ("fes-i", "7", "score", 7, (1, 4), (7, 28), "lower"),
    ("abc", "", "score", 16, (0, 100), (0, 100), "higher"),
    ("fga", "", "score", 10, (0, 3), (0, 30), "higher"),
    ("fma-le", "", "score", 17, (0, 2), (0, 34), "higher"),
    ("fma-le", "", "reflexes", 2, (0, 2), (0, 4), "higher"),
    ("fma-le", "", "synergies", 7, (0, 2), (0, 14), "higher"),
    ("fma-le", "", "mixing", 2, (0, 2), (0, 4), "higher"),
    ("fma-le", "", "little-synergy", 2, (0, 2), (0, 4), "higher"),
    ("fma-le", "", "normal-reflexes", 1, (0, 2), (0, 2), "higher"),
    ("fma-le", "", "coordination", 3, (0, 2), (0, 6), "higher"),
    ("sppb", "", "score", 3, (0, 4), (0, 12), "higher"),
    ("pain-catastrophizing", "", "score", 13, (0, 4), (0, 52), "lower"),
    ("pain-catastrophizing", "", "rumination", 4, (0, 4), (0, 16), "lower"),
    ("pain-catastrophizing", "", "magnification", 3, (0, 4), (0, 12), "lower"),
    ("pain-catastrophizing", "", "helplessness", 6, (0, 4), (0, 24), "lower"),
    ("fabq", "", "pa", 4, (0, 6), (0, 24), "lower"),
    ("fabq", "", "work", 7, (0, 6), (0, 42), "lower"),
    ("groc", "15", "score", 1, (-7, 7), (-7, 7), "higher"),
    ("groc", "11", "score", 1, (-5, 5), (-5, 5), "higher"),
    ("eq-5d-5l", "", "vas", 1, (0, 100), (0, 100), "higher"),
    ("eq-5d-5l", "", "mobility", 1, (1, 5), (1, 5), "lower"),
]


@pytest.mark.parametrize(("code", "version", "subscale", "count", "answers", "ends", "way"), ENDS)
def test_ends_and_direction(code, version, subscale, count, answers, ends, way):
    scale = instrument(code).version(version).scale(subscale)
    assert (len(scale.items), scale.low, scale.high, scale.better) == (count, *ends, way)
    for answer, end in zip(answers, ends, strict=True):
        assert one(code, version, subscale, [answer] * count) == end
    for beyond in (answers[0] - 1, answers[1] + 1):
        with pytest.raises(InputError, match=scale.items[0].code):
            one(code, version, subscale, [beyond] * count)


@pytest.mark.parametrize(
    "code", ["bbs", "mini-bestest", "abc", "fga", "fma-le", "sppb", "pain-catastrophizing", "fabq"]
)
def test_where_no_rule_was_found_every_item_is_needed_and_it_is_said(code):
    for version in instrument(code).versions:
        for scale in version.scales:
            full: list[Any] = [item.high for item in scale.items]
            assert [rule.fewest for rule in scale.rules] == [len(full)]
            assert np.isnan(score_scale(scale, [[*full[:-1], NA]]).score[0])
    assert any(doubt.startswith("No rule") for doubt in instrument(code).unverified)


def test_parts_add_up_to_the_whole_and_share_no_item():
    for code, version in (("fma-le", ""), ("pain-catastrophizing", ""), ("sppb", "")):
        whole, *parts = instrument(code).version(version).scales
        codes = [item.code for part in parts for item in part.items]
        assert sorted(codes) == sorted(item.code for item in whole.items)
    found = instrument("mini-bestest").version("28").scales
    assert [item.code for scale in found[2:] for item in scale.items] == [
        item.code for item in found[0].items
    ]


def test_mini_bestest_counts_the_worse_side():  # [P] RehabMeasures: the lower score is used
    items = [2, 2, 1, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2]
    assert one("mini-bestest", "28", "from-sides", items) == 28 - 1 - 2
    assert one("mini-bestest", "32", "score", items) == 32 - 1 - 2
    assert np.isnan(one("mini-bestest", "28", "from-sides", [*items[:2], NA, *items[3:]]))


def test_fes_i():  # [P] the guide: sum of the answered / how many x 16; none with five missing
    items = [2] * 6 + [3] * 6
    assert one("fes-i", "16", "", [*items, *[NA] * 4]) == pytest.approx(30 / 12 * 16)
    assert np.isnan(one("fes-i", "16", "", [*items[:-1], *[NA] * 5]))
    assert np.isnan(one("fes-i", "16", "", [*items, *[NA] * 4], "complete"))
    assert np.isnan(one("fes-i", "7", "", [2] * 6 + [NA]))
    scale = instrument("fes-i").version("16").scale()
    assert "not verified" in score_scale(scale, [[*items, *[NA] * 4]]).flag[0]
    assert scale.bands is not None
    # Delbaere 2010 as quoted: 16 to 19, 20 to 27, 28 to 64.
    assert list(band([16, 19, 20, 27, 28, 64], scale.bands)) == [
        "low", "low", "moderate", "moderate", "high", "high",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="16, 7"):
        instrument("fes-i").version()


def test_abc_is_the_mean_of_16():  # [P] NINDS F1303: sum of 0 to 1600 divided by 16
    assert one("abc", "", "", [90] * 10 + [50] * 6) == 1200 / 16


def test_reflexes_of_the_leg_are_there_or_not():  # [P] Gothenburg protocol: 0 or 2
    with pytest.raises(InputError, match="E1_2: expected one of 0, 2"):
        one("fma-le", "", "score", [2, 1, *[1] * 15])
    assert one("fma-le", "", "score", [2, 2, *[1] * 7, 1, 1, 2, 2, 0, 2, 2, 1]) == 22


# PHOSP form: below 4.82 s 4 points, 4.82 to 6.20 s 3, 6.21 to 8.70 s 2, above 1; chair 11.2 to
# 13.6 s 3, from 13.7 s 2, from 16.7 s 1 (so PMC3032402, table 3).
@pytest.mark.parametrize(
    ("part", "times", "points"),
    [
        ("gait-4m", [2.0, 4.81, 4.82, 6.20, 6.21, 8.70, 8.71, 40.0], [4, 4, 3, 3, 2, 2, 1, 1]),
        ("chair", [5.0, 11.19, 11.2, 13.6, 13.7, 16.6, 16.7, 60.0], [4, 4, 3, 3, 2, 2, 1, 1]),
    ],
)
def test_sppb_points(part, times, points):
    assert list(bw.instruments.sppb_points(times, part=part)) == points
    found = bw.instruments.sppb_points([NA, NA, 5.0], part=part, unable=[True, False, True])
    assert found == pytest.approx([0, NA, 0], nan_ok=True)


@pytest.mark.parametrize(
    ("seconds", "options", "said"),
    [
        ([5.0], {"part": "gait-3m"}, "there are: gait-4m, chair"),
        ([0.0], {"part": "gait-4m"}, "above 0 s"),
        ([61.0], {"part": "chair"}, "say unable"),
        ([5.0, 6.0], {"part": "chair", "unable": [True]}, "unable of shape"),
    ],
)
def test_sppb_times_that_give_no_points(seconds, options, said):
    with pytest.raises(UsageError, match=said) as caught:
        bw.instruments.sppb_points(seconds, **options)
    assert "61" not in str(caught.value)


def test_parts_of_pcs_and_fabq_take_their_own_items():  # [P] RehabMeasures; PMC4893951
    scales = {
        (code, scale.name): [int(item.code.lstrip("PCSFABQ")) for item in scale.items]
        for code in ("pain-catastrophizing", "fabq")
        for scale in instrument(code).version().scales
    }
    assert scales["pain-catastrophizing", "rumination"] == [8, 9, 10, 11]
    assert scales["pain-catastrophizing", "magnification"] == [6, 7, 13]
    assert scales["pain-catastrophizing", "helplessness"] == [1, 2, 3, 4, 5, 12]
    assert scales["fabq", "pa"] == [2, 3, 4, 5]
    assert scales["fabq", "work"] == [6, 7, 9, 10, 11, 12, 15]


def test_the_letters_pcs_alone_name_no_instrument():
    with pytest.raises(UsageError, match="no instrument named 'pcs'"):
        instrument("pcs")
    with pytest.raises(UsageError, match="no instrument named 'EQ-5D'"):
        instrument("EQ-5D")


def test_eq_5d_5l_has_profiles_and_no_index():  # [P] euroqol.org: state 21143
    levels: Any = [[2, 1, 1, 4, 3], [5] * 5, [1, 1, NA, 1, 1]]
    assert list(bw.instruments.eq5d_profile(levels)) == ["21143", "55555", None]
    for name in ("index", "utility"):
        with pytest.raises(UsageError, match="is not given: an index needs the value set"):
            instrument("eq-5d-5l").version().scale(name)
    wrong: list[tuple[Any, str]] = [
        ([[0, 1, 1, 1, 1]], "levels of 1, 2"),
        ([[1, 1, 1, 1]], "five levels"),
    ]
    for levels, said in wrong:
        with pytest.raises(UsageError, match=said):
            bw.instruments.eq5d_profile(levels)


# MDC that their papers printed beside an SEM: 1.96 sqrt(2) SEM, rounded as printed.
@pytest.mark.parametrize(
    ("code", "scale", "name", "sem", "digits"),
    [
        ("bbs", "score", "mdc-chronic-stroke-points", 0.98, 1),
        ("tug", "score", "mdc-chronic-stroke-points", 1.16, 1),
        ("fga", "score", "mdc-community-stroke-points", 1.81, 2),
        ("fma-le", "score", "mdc-beckerman1996-points", 1.76, 0),
        ("pain-catastrophizing", "score", "mdc95-fernandes2012-points", 4.6, 1),
        ("3mbwt", "time", "mdc95-kocaman2021-points", 1.11, 2),
    ],
)
def test_printed_mdc_agrees_with_its_sem(code, scale, name, sem, digits):
    found = instrument(code).version().scale(scale).threshold(name)
    assert found.value == round(float(minimal_detectable_change(sem=sem)), digits)
    assert f"{sem:g}" in found.note


def test_kocaman_mdc_says_that_it_leaves_out_1_96():
    found = instrument("3mbwt").version().scale("time").threshold("mdc-kocaman2021-points")
    assert found.value == round(np.sqrt(2) * 1.11, 2)
    assert "without 1.96" in found.note


def test_a_change_of_a_rating_of_change_has_no_threshold():
    assert instrument("groc").thresholds == ()


def test_a_name_spelt_out_is_no_acronym_of_a_label():
    one = instrument("pain-catastrophizing")
    scale = one.version().scale("rumination")
    assert default_label("rumination", one, scale) == "Rumination (0 to 16)"
    berg = instrument("bbs")
    assert default_label("balance", berg, berg.version().scale()) == "Balance (BBS, 0 to 56)"
