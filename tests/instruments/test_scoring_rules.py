"""Published rules and worked examples, by item codes only.

[P] read in a source, [D] computed by hand from a rule that was read, [U] from memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backwalk_stats.engine.summary.power import minimal_detectable_change
from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.instruments import koos, koos_ps, oks, omeract_oarsi, sf12
from backwalk_stats.instruments.improvement import improved, improved_by_percent
from backwalk_stats.instruments.registry import instrument, instrument_version
from backwalk_stats.instruments.scoring import band, score_scale

NA = np.nan


def one(code, version, subscale, items, rule=None):
    return float(scored(code, version, subscale, [items], rule).score[0])


def scored(code, version, subscale, items, rule=None, **said):
    scale = instrument(code).version(version).scale(subscale)
    return score_scale(scale, items, rule, **said)


def bands_of(scores: Any, code: str) -> list[str]:
    bands = instrument(code).version().scale().bands
    assert bands is not None
    return list(band(scores, bands))


# KOOS Scoring 2012 [P rule, D numbers]: subscale, items, rule, score.
KOOS = [
    ("pain", [1, 2, 1, 0, 2, 3, 1, NA, 2], None, 62.5),
    ("pain", [1] * 5 + [NA] * 4, None, 75.0),
    ("pain", [1] * 5 + [NA] * 4, "1998", NA),
    ("pain", [1] * 7 + [NA] * 2, "1998", 75.0),
    ("pain", [1] * 4 + [NA] * 5, None, NA),
    ("symptoms", [2, 2, 1, 0, NA, NA, NA], None, 68.75),
    ("adl", [1] * 9 + [NA] * 8, None, 75.0),
    ("adl", [1] * 8 + [NA] * 9, None, NA),
    ("adl", [1] * 14 + [NA] * 3, "1998", NA),
    ("sport", [4, 3, 2, NA, NA], None, 25.0),
    ("qol", [3, 2, NA, NA], None, 37.5),
]


@pytest.mark.parametrize(("subscale", "items", "rule", "expected"), KOOS)
def test_koos(subscale, items, rule, expected):
    assert one("koos", "", subscale, items, rule) == pytest.approx(expected, nan_ok=True)


def test_koos4_needs_four_subscales():
    items = [1] * 9 + [2] * 7 + [3] * 5 + [4] * 4
    assert one("koos", "", "koos4", items) == pytest.approx((75 + 50 + 25 + 0) / 4)
    assert np.isnan(one("koos", "", "koos4", [1] * 9 + [2] * 7 + [3] * 5 + [4, NA, NA, NA]))
    # Some trials of osteoarthritis take ADL in the place of sport.
    items = [1] * 9 + [2] * 7 + [3] * 17 + [4] * 4
    assert one("koos", "", "koos4-adl", items) == pytest.approx((75 + 50 + 25 + 0) / 4)


def test_womac_from_koos():
    answers = np.zeros((1, 42))
    answers[0, 4:9] = 1  # P5 to P9
    answers[0, 14:16] = 2  # S6 and S7
    answers[0, 16:33] = 3  # A1 to A17
    items = koos.womac_items(answers)
    assert scored("womac", "likert-3.1", "total", items).score == [5 + 4 + 51]


def test_koos_ps_table():
    table = koos_ps.NOMOGRAM
    assert len(table) == 29
    assert (table[0], table[11], table[28]) == (100.0, 64.7, 0.0)
    assert np.all(np.diff(table) < 0), "a misprint of the table (67.7 for a sum of 11) is not"
    assert one("koos-ps", "koos", "", [2, 2, 2, 2, 2, 1, 0]) == 64.7
    assert one("koos-ps", "perruccio2008", "", [2, 2, 2, 2, 2, 1, 0]) == pytest.approx(35.3)
    assert np.isnan(one("koos-ps", "koos", "", [2, 2, 2, 2, 2, 1, NA]))


def test_koos_12():
    assert one("koos-12", "", "pain", [1, 2, NA, NA]) == 62.5
    assert np.isnan(one("koos-12", "", "pain", [1, NA, NA, NA]))
    assert one("koos-12", "", "summary", [0] * 4 + [2] * 4 + [4] * 4) == 50.0
    assert np.isnan(one("koos-12", "", "summary", [0] * 4 + [2] * 4 + [4, NA, NA, NA]))


# Ranges [P, Copsey 2018]; missing items of function [P, Whitehouse 2004].
@pytest.mark.parametrize(
    ("version", "highest", "tops"),
    [
        ("likert-3.1", 4, (20, 8, 68, 96)),
        ("vas-100mm", 100, (500, 200, 1700, 2400)),
        ("nrs-11", 10, (50, 20, 170, 240)),
    ],
)
def test_womac_ranges(version, highest, tops):
    for name, top in zip(("pain", "stiffness", "function", "total"), tops, strict=True):
        scale = instrument("womac").version(version).scale(name)
        assert scale.high == top
        assert one("womac", version, name, [highest] * len(scale.items)) == top
        assert one("womac", version, f"{name}-normalised", [highest] * len(scale.items)) == 100


def test_womac_missing_and_normalised():
    assert one("womac", "likert-3.1", "function", [2] * 14 + [NA] * 3) == 34.0
    assert np.isnan(one("womac", "likert-3.1", "function", [2] * 13 + [NA] * 4))
    items = [2] * 14 + [1] + [0] * 9
    assert one("womac", "likert-3.1", "total", items) == 29
    assert one("womac", "likert-3.1", "total-normalised", items) == pytest.approx(30.2083, abs=5e-5)
    assert np.isnan(one("womac", "likert-3.1", "pain", [1, 1, 1, NA, NA]))
    assert one("womac", "nrs-11", "pain-mean", [1, 2, 3, 4, NA]) == 2.5


def test_oks():
    assert one("oks", "0-48", "", [3] * 10 + [NA] * 2) == 36.0
    assert one("oks", "0-48", "", [4, 3, 2, 1, 0, 4, 3, 2, 1, NA, 2, 3]) == pytest.approx(
        27.2727, abs=5e-5
    )
    assert np.isnan(one("oks", "0-48", "", [3] * 9 + [NA] * 3))
    assert oks.oks_from_old([24.0]) == [36.0]
    assert one("oks", "12-60", "", [2] * 12) == 24
    assert instrument("oks").version("12-60").scale().better == "lower"


def test_lefs_and_qbpds():
    assert one("lefs", "", "score", [3] * 20) == 60
    assert one("lefs", "", "percent", [3] * 20) == 75
    assert one("lefs", "", "score", [3] * 16 + [NA] * 4) == 60
    assert np.isnan(one("lefs", "", "score", [3] * 16 + [NA] * 4, "complete"))
    assert one("qbpds", "", "", [5] * 20) == 100


def test_lysholm_takes_points_only():
    assert one("lysholm", "", "", [5, 5, 15, 25, 25, 10, 10, 5]) == 100
    with pytest.raises(InputError, match="column LY3: expected one of 0, 2, 6, 10, 15"):
        one("lysholm", "", "", [5, 5, 14, 25, 25, 10, 10, 5])


# ODI: 16 of 50 and 16 of 45 [P, Fairbank and Pynsent 2000].
def test_odi():
    assert one("odi", "", "", [2] * 8 + [0, 0]) == 32.0
    assert one("odi", "", "", [2] * 8 + [0, NA]) == pytest.approx(35.5556, abs=5e-5)
    assert one("odi", "", "", [2] * 8 + [NA] * 2) == 40.0
    assert np.isnan(one("odi", "", "", [2] * 8 + [NA] * 2, "at-least-9"))
    assert np.isnan(one("odi", "", "", [2] * 7 + [NA] * 3))
    assert one("odi", "", "", [2] * 7 + [NA] * 3, "at-least-7") == 40.0
    assert bands_of([0, 20, 20.5, 40, 60, 60.1, 80, 80.1], "odi") == [
        "minimal", "minimal", "moderate", "moderate", "severe", "crippled", "crippled",
        "bed-bound or exaggerating",
    ]  # fmt: skip


# Kent and Lauridsen [P]: 17 of 23 is 74 of 100; with 3 unanswered 17 of 20 is 85.
def test_rmdq():
    full, holes = [1] * 17 + [0] * 6, [1] * 17 + [0] * 3 + [NA] * 3
    assert one("rmdq", "23", "percent", full) == pytest.approx(73.913, abs=5e-4)
    assert one("rmdq", "23", "percent", holes, "proportional") == 85.0
    assert one("rmdq", "23", "percent", holes, "as_zero") == pytest.approx(73.913, abs=5e-4)
    assert np.isnan(one("rmdq", "23", "percent", holes))
    assert one("rmdq", "24", "score", [1] * 10 + [0] * 14) == 10
    assert one("rmdq", "18", "score", [1] * 18) == 18
    with pytest.raises(UsageError, match="24, 23, 18"):
        instrument("rmdq").version()


def test_tsk():
    assert one("tsk-17", "", "", [1] * 17) == 29
    assert one("tsk-17", "", "", [4] * 17) == 56
    worst = [1 if number in (4, 8, 12, 16) else 4 for number in range(1, 18)]
    assert one("tsk-17", "", "", worst) == 68
    assert bands_of([37, 38], "tsk-17") == ["not high", "high"]
    assert one("tsk-11", "", "", [4] * 11) == 44
    assert [item.code for item in instrument("tsk-11").version().scale().items][:4] == [
        "T1", "T2", "T3", "T5",
    ]  # fmt: skip


def test_phq_9():
    assert one("phq-9", "", "", [1] * 7 + [NA] * 2) == 9
    assert np.isnan(one("phq-9", "", "", [1] * 6 + [NA] * 3))
    items: Any = [[0] * 9, [0] * 8 + [1], [NA] * 8 + [1]]
    found = scored("phq-9", "", "", items)
    assert found.flag[0] == ""
    assert found.flag[1] == "safety: item PHQ9 was answered above 0"
    assert "safety" in found.flag[2] and "no score" in found.flag[2]
    assert bands_of([0, 4, 5, 9, 10, 14, 15, 19, 20, 27], "phq-9") == [
        "none", "none", "mild", "mild", "moderate", "moderate", "moderately severe",
        "moderately severe", "severe", "severe",
    ]  # fmt: skip


def test_sf_12_takes_summaries_or_the_users_own_weights():
    assert one("sf-12", "", "pcs", [43.9]) == 43.9
    found = sf12.sf12_summary([[1, 1], [0, 0]], weights=[-1.5, 2.0], constant=56.57706)
    assert found == pytest.approx([57.07706, 56.57706])
    with pytest.raises(UsageError, match="one weight for each"):
        sf12.sf12_summary([[1, 1]], weights=[1.0], constant=50)


def test_performance_and_impairment():
    assert one("3mbwt", "", "speed", [4.0]) == 0.75
    assert one("3mbwt", "", "time", [4.0]) == 4.0
    assert one("10mwt", "", "speed", [8.0, 10.0]) == 1.25
    assert one("quad", "", "torque-from-force", [200, 0.35]) == pytest.approx(70)
    assert one("quad", "", "torque-per-mass", [200, 0.35, 70]) == pytest.approx(1.0)
    assert one("quad", "", "force-from-kgf", [10]) == pytest.approx(98.0665)
    assert one("quad", "", "symmetry", [80, 100]) == 80
    assert one("mmst", "", "flexion", [15, 20.6]) == pytest.approx(5.6)
    assert one("mmst", "", "extension", [15, 13]) == 2
    assert one("incl", "", "", [95, 45]) == 50
    assert one("lmct6", "", "", [1, 0, 1, 0, 0, 0]) == 2
    assert np.isnan(one("lmct6", "", "", [1, 0, 1, 0, 0, NA]))


@pytest.mark.parametrize(
    ("code", "scale"), [("tug", ""), ("5xsts", ""), ("fsst", ""), ("3mbwt", "time")]
)
def test_who_cannot_do_a_timed_test_is_missing_and_never_0(code, scale):
    assert np.isnan(one(code, "", scale, [NA]))
    with pytest.raises(InputError, match="above 0"):
        one(code, "", scale, [0.0])


@pytest.mark.parametrize(
    ("code", "scale", "name", "sem", "printed"),
    [
        ("3mbwt", "time", "mdc95-unver2020-points", 1.06, 2.94),  # [P]
        ("3mbwt", "time", "mdc95-ozden2020-points", 1.56, 4.33),  # [P], 4.324 from the SEM
        ("nprs", "score", "mdc95-childs2005-points", 1.02, 2.83),  # [D]
        ("tsk-17", "score", "mdc95-woby2005-points", 3.16, 8.76),  # [D]
        ("tsk-11", "score", "mdc95-woby2005-points", 2.54, 7.04),  # [D]
    ],
)
def test_mdc_is_196_root_2_sem(code, scale, name, sem, printed):
    found = instrument(code).version().scale(scale).threshold(name)
    assert found.value == printed
    assert float(minimal_detectable_change(sem=sem)) == pytest.approx(printed, abs=0.0065)
    assert f"{sem:.2f}" in found.note and "sqrt(2)" in found.note


def test_childs_mdc_says_that_it_leaves_out_root_2():
    found = instrument("nprs").version().scale().threshold("mdc-childs2005-points")
    assert found.value == round(1.96 * 1.02, 0) == 2
    assert "without sqrt(2)" in found.note


def test_ostelo_2008():
    for code, version, points in (
        ("nprs", "", 2),
        ("vas100", "mm", 15),
        ("rmdq", "24", 5),
        ("odi", "", 10),
        ("qbpds", "", 20),
    ):
        scale = instrument(code).version(version).scales[0]
        assert scale.threshold("mcid-ostelo2008-points").value == points
        assert scale.threshold("mcid-ostelo2008-percent").value == 30


def test_tubach_2005():
    assert instrument("vas").version("mm").scale().threshold("pass-tubach2005").value == 32.3
    assert instrument("vas").version("cm").scale("cm").threshold(
        "pass-tubach2005"
    ).value == pytest.approx(3.23)
    function = instrument("womac").version("likert-3.1").scale("function-normalised")
    assert function.threshold("pass-tubach2005-knee").value == 31.0
    with pytest.raises(UsageError, match="no threshold"):
        instrument("womac").version("likert-3.1").scale("function").threshold(
            "pass-tubach2005-knee"
        )


def test_30_percent_tolerates_binary_arithmetic():
    assert (7 - 4.9) / 7 < 0.3, "the trap"
    found = improved_by_percent([7, 7, 0, 10, NA], [4.9, 4.91, 0, 6, 3], percent=30, better="lower")
    assert found == pytest.approx([1, 0, NA, 1, NA], nan_ok=True)
    assert improved_by_percent([50], [65], percent=30, better="higher") == [1]


def test_thresholds_by_kind():
    vas = instrument("vas100").version("mm").scale()
    good = improved(
        [80, 80], [32.3, 32.4], threshold=vas.threshold("pass-tubach2005"), better="lower"
    )
    assert list(good) == [1, 0]
    points = vas.threshold("mcid-ostelo2008-points")
    assert list(improved([80, 80], [65, 66], threshold=points, better="lower")) == [1, 0]


# pain, function, global before and after; responder. Two of three at 20 % and 10 points.
OMERACT = [
    ((60, 30), (60, 60), (60, 60), 1),  # pain by 50 % and 30 points
    ((30, 15), (60, 60), (60, 60), 0),  # pain by 50 % but 15 points
    ((60, 60), (60, 60), (60, 30), 0),  # the global assessment alone is never enough
    ((60, 48), (60, 48), (60, 60), 1),  # two by 20 % and 12 points
    ((40, 32), (60, 48), (60, 60), 0),  # one of them by 8 points only
    ((0, 0), (60, 48), (60, 48), 1),  # a baseline of 0 cannot improve, two others did
    ((60, NA), (60, 48), (60, 48), 1),  # missing, and it makes no difference
    ((60, NA), (60, 48), (60, 60), NA),  # missing, and it decides
]


@pytest.mark.parametrize(("pain", "function", "overall", "expected"), OMERACT)
def test_omeract_oarsi(pain, function, overall, expected):
    found = omeract_oarsi.omeract_oarsi_responder(
        **{
            name: ([pair[0]], [pair[1]])
            for name, pair in zip(
                ("pain", "function", "patient_global"), (pain, function, overall), strict=True
            )
        }
    )
    assert found[0] == pytest.approx(expected, nan_ok=True)


def test_spellings_of_the_sheet_and_of_a_trial_file(shared):
    import csv

    with (shared / "instruments" / "instruments.csv").open(encoding="utf-8") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    found = {code: instrument(code).code for code in codes}
    assert len(set(found.values())) == len(codes) - 2, "WOMAC is three of the codes"


def test_a_spelling_implies_its_version():
    for code, version in (("WOMAC_LK", "likert-3.1"), ("WOMAC_VA", "vas-100mm"), ("RMDQ24", "24")):
        assert instrument_version(code)[1].code == version
    with pytest.raises(UsageError, match="is version"):
        instrument_version("WOMAC_LK", "nrs-11")
    with pytest.raises(UsageError, match=r"likert-3\.1, vas-100mm, nrs-11"):
        instrument_version("womac")
    with pytest.raises(UsageError, match="no instrument named 'womack'; there are: 10mwt"):
        instrument("womack")


def test_impossible_answers_are_all_named_without_their_values():
    items: Any = [[1, 2, 1, 0], [99, 2, 1, 0], [1, 2, 1.5, -1]]
    with pytest.raises(InputError) as caught:
        scored("koos", "", "qol", items, rows=[2, 3, 4], file="scores.csv")
    text = str(caught.value)
    assert len(caught.value.faults) == 3
    for place in ("line 3, column Q1", "line 4, column Q3", "line 4, column Q4"):
        assert place in text
    assert "99" not in text and "1.5" not in text


def test_measurements_that_give_a_score_off_the_scale_are_refused():
    with pytest.raises(InputError, match="line 1, column mmst_neutral, mmst_flex"):
        scored("mmst", "", "flexion", [[20.6, 15.0]])


def test_columns_must_be_the_items():
    with pytest.raises(UsageError, match=r"4 columns \(Q1, Q2, Q3, Q4\)"):
        scored("koos", "", "qol", [[1, 2, 3]])
    with pytest.raises(UsageError, match="subscale"):
        scored("koos", "", "", [[1, 2, 3]])
