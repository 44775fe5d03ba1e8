"""Rows of the list of bad inputs about numbers, units and ranges in a trial's data."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.loaders.load import check_trial, load_trial
from tests.bad_inputs.trials import faults_of, log_of, the_fault, write_trial

DECIMAL = (
    (
        'name = "knee_pain"\ninstrument = "nprs"',
        'name = "knee_pain"\nlow = 0\nhigh = 10\nbetter = "lower"',
    ),
)
PAIN = 'columns = { W0 = "nprs_w0", W3 = "nprs_w3", W6 = "nprs_w6" }'


def scaled(rows, factor, *, plus=0.0, step="{:g}"):
    """Return rows in which pain is multiplied."""
    pain = ("nprs_w0", "nprs_w3", "nprs_w6")
    return [
        row | {name: step.format(plus + factor * float(row[name])) for name in pain} for row in rows
    ]


def as_timed(minutes=1.0):
    """Return a change of the trial file and of the rows: pain becomes a time in seconds."""
    return {
        "toml": (('instrument = "nprs"', 'instrument = "tug"'),),
        "spoil": lambda rows: scaled(rows, minutes, plus=8 * minutes),
    }


def test_num_decimal_comma_with_semicolons(tmp_path):
    path = write_trial(tmp_path, toml=DECIMAL, separator=";", cells=[(3, "nprs_w0", "6,5")])
    fault = the_fault(path)
    assert (fault.file, fault.row) == ("scores.csv", 1)
    assert 'separator = ";" and decimal = ","' in fault.action
    declared = ('layout = "wide"', 'layout = "wide"\nseparator = ";"\ndecimal = ","')
    path = write_trial(
        tmp_path, toml=(*DECIMAL, declared), separator=";", cells=[(3, "nprs_w0", "6,5")]
    )
    assert load_trial(path).data["value"].eq(6.5).any()


def test_num_decimal_comma_quoted_6_5(tmp_path):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", "6,5"), (5, "nprs_w0", "7,5")]))
    assert (fault.row, fault.column) == (3, "nprs_w0")
    assert fault.found == "a decimal comma (2 rows: lines 3, 5)"
    assert "decimal" in fault.action


@pytest.mark.parametrize("text", ["1,234", "1 234", "1'234", "12,345,678", "1,234.5"])
def test_num_thousands_separators_1_234(tmp_path, text):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)]))
    assert "thousands" in fault.found


def test_num_missing_code_sas(tmp_path):
    path = write_trial(tmp_path, cells=[(3, "nprs_w3", "."), (9, "nprs_w3", ".")])
    fault = the_fault(path)
    assert fault.found == "a word for missing (2 rows: lines 3, 9)"
    assert "missing_codes" in fault.action
    declared = ('missing_codes = ["", "NA", "999"]', 'missing_codes = { "." = "not recorded" }')
    path = write_trial(tmp_path, toml=[declared], cells=[(3, "nprs_w3", "."), (9, "nprs_w3", ".")])
    assert ("nprs_w3", "code '.' read as missing: not recorded", 2) in log_of(path, "repair")
    assert load_trial(path).missing["reason"].tolist() == ["not recorded"] * 2


@pytest.mark.parametrize("text", ["-9", "99", "88", "-99"])
def test_num_999_9_99_88_as_missing(tmp_path, text):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)]))
    assert fault.expected == "NPRS from 0 to 10"
    assert "missing_codes" in fault.action
    assert text not in str(fault)
    path = write_trial(tmp_path, cells=[(3, "nprs_w0", "999"), (4, "nprs_w0", "999.0")])
    trial = load_trial(path)
    assert trial.missing["reason"].tolist() == ["code 999", "code 999"]
    assert trial.data["value"].max() <= 68


def test_num_nan_n_a_nd_mixed_is_refused_unless_declared(tmp_path):
    words = ["NaN", "N/A", "nd", "-", ""]
    cells = [(line, "nprs_w3", text) for line, text in enumerate(words, start=3)]
    fault = the_fault(write_trial(tmp_path, cells=cells))
    assert fault.found == "a word for missing (4 rows: lines 3, 4, 5, 6)"
    declared = ('"999"]', '"NaN", "N/A", "nd", "-"]')
    path = write_trial(tmp_path, toml=[declared], cells=cells)
    logged = [action for column, action, _ in log_of(path, "repair") if column == "nprs_w3"]
    assert logged == [f"code '{word}' read as missing" for word in words[:4]]


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e400", "9" * 400])
def test_num_inf_1e400(tmp_path, text):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)]))
    assert (fault.row, fault.expected) == (3, "a number")
    assert "finite" in fault.action or fault.found == "a long text"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5-6", "a range of values"),
        ("5–6", "a range of values"),
        ("5 to 6", "a range of values"),
        (">100", "a bound, not a number"),
        ("<LLOQ", "a bound, not a number"),
        ("7/10", "a fraction"),
        ("3.1 ± 1.2", "more than one number"),
    ],
)
def test_num_text_ranges_5_6_100_lloq_7_10(tmp_path, text, found):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)]))
    assert (fault.row, fault.column, fault.found) == (3, "nprs_w0", found)


@pytest.mark.parametrize("text", ["45 mm", "6 cm", "6cm", "45 %", "30°", "2.5 µV"])
def test_num_numbers_with_units_45_mm_6_cm(tmp_path, text):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)]))
    assert fault.found == "a number with a unit"


def test_num_typographic_signs_are_repaired_and_counted(tmp_path):
    cells = [(3, "nprs_w0", "５"), (4, "nprs_w0", "\u00a06"), (5, "nprs_w0", "٤")]
    path = write_trial(tmp_path, cells=cells)
    said = "typographic signs, digits or spaces written plainly"
    assert ("nprs_w0", said, 3) in log_of(path, "repair")
    data = load_trial(path).data
    pain = data[(data["outcome"] == "knee_pain") & (data["visit"] == "W0")]["value"]
    assert pain.tolist()[1:4] == [5.0, 6.0, 4.0]


@pytest.mark.parametrize("text", ["0x10", "1_0", "1e", "e5", "--1", "1.2.3", "six"])
def test_num_what_python_or_people_might_take_for_a_number(tmp_path, text):
    assert the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)])).row == 3


def test_unit_pain_vas_mm_0_100_in_an_nprs_0_10_trial(tmp_path):
    path = write_trial(tmp_path, spoil=lambda rows: scaled(rows, 9.5, step="{:.0f}"))
    faults = faults_of(path)
    assert {fault.column for fault in faults} == {"nprs_w0", "nprs_w3", "nprs_w6"}
    assert all("another unit" in fault.action and "mm for cm" in fault.action for fault in faults)


def test_unit_pain_vas_mm_0_100_the_other_way_round(tmp_path):
    vas = (('instrument = "nprs"', 'instrument = "vas100"\nversion = "mm"'),)
    path = write_trial(tmp_path, toml=vas, spoil=lambda rows: scaled(rows, 0.97))
    fault = the_fault(path)
    assert fault.found == "none above a tenth of it (10)"
    assert 'confirmed = ["unit"]' in fault.action
    path.write_text(path.read_text().replace(PAIN, PAIN + '\nconfirmed = ["unit"]'))
    load_trial(path)


def test_unit_cm_vs_mm_vs_0_10_mixed_within_a_column_site(tmp_path):
    vas = (('instrument = "nprs"', 'instrument = "vas100"\nversion = "mm"'),)
    path = write_trial(
        tmp_path,
        toml=vas,
        spoil=lambda rows: [scaled([row], 9.7 if row["site"] == "A" else 0.97)[0] for row in rows],
    )
    fault = the_fault(path)
    assert "sites whose medians differ about tenfold" in fault.found
    path.write_text(path.read_text().replace(PAIN, PAIN + '\nconfirmed = ["site"]'))
    load_trial(path)


def test_unit_degrees_vs_radians_lumbar_rom_cm_vs_mm_schober(tmp_path):
    schober = (('instrument = "nprs"', 'instrument = "mmst"\nsubscale = "flexion"'),)
    in_mm = write_trial(tmp_path, toml=schober, spoil=lambda rows: scaled(rows, 10))
    assert any("another unit" in fault.action for fault in faults_of(in_mm))
    in_cm = write_trial(tmp_path, toml=schober, spoil=lambda rows: scaled(rows, 1))
    load_trial(in_cm)
    stretched = write_trial(
        tmp_path,
        toml=schober,
        spoil=lambda rows: [
            row | {f"nprs_w{w}": f"{15 + float(row[f'nprs_w{w}'])}" for w in (0, 3, 6)}
            for row in rows
        ],
    )
    assert any("quantity" in fault.action for fault in faults_of(stretched))


def test_unit_minutes_vs_seconds_tug_kg_vs_lb(tmp_path):
    load_trial(write_trial(tmp_path, **as_timed()))
    fault = the_fault(write_trial(tmp_path, **as_timed(1 / 60)))
    assert "a median between" in fault.expected
    weight = (('"age", "sex", "site"', '"age", "sex", "site", "weight"'),)
    pounds = write_trial(
        tmp_path,
        toml=weight,
        spoil=lambda rows: [row | {"weight": str(150 + k)} for k, row in enumerate(rows)],
    )
    assert "kg" in the_fault(pounds).action


def test_unit_reversed_scale_koos_100_best_vs_womac_0_best(tmp_path):
    said = ('name = "knee_pain"', 'name = "knee_pain"\nbetter = "higher"')
    fault = the_fault(write_trial(tmp_path, toml=[said]))
    assert (fault.column, fault.found) == ("outcome[0].better", "'higher'")
    turned = write_trial(
        tmp_path,
        spoil=lambda rows: [
            row | {f"womacf_w{w}": str(68 - int(row[f"womacf_w{w}"])) for w in (0, 3, 6)}
            for row in rows
        ],
    )
    (warning,) = [action for _, action, _ in log_of(turned, "warning")]
    assert "is one of the scales turned round" in warning
    assert not log_of(write_trial(tmp_path), "warning")


def test_unit_item_sum_vs_percentage_score_odi_0_50_vs_0_100(tmp_path):
    odi = (('instrument = "nprs"', 'instrument = "odi"'),)
    sums = write_trial(tmp_path, toml=odi, spoil=lambda rows: scaled(rows, 5))
    assert any("looks like the sum" in action for _, action, _ in log_of(sums, "warning"))
    percent = write_trial(tmp_path, toml=odi, spoil=lambda rows: scaled(rows, 10))
    assert not any("looks like the sum" in action for _, action, _ in log_of(percent, "warning"))


def test_range_score_outside_instrument_range_11_on_nprs(tmp_path):
    path = write_trial(tmp_path, cells=[(3, "nprs_w0", "11"), (7, "nprs_w0", "-2")])
    fault = the_fault(path)
    assert fault.found == "a value outside (2 rows: lines 3, 7)"
    assert fault.expected == "NPRS from 0 to 10"
    assert "11" not in str(fault) and "-2" not in str(fault)


def test_range_non_integer_on_an_integer_scale_6_3_nprs(tmp_path):
    path = write_trial(tmp_path, cells=[(3, "nprs_w0", "6.3")])
    (warning,) = log_of(path, "warning")
    assert warning[0] == "nprs_w0" and "whole numbers" in warning[1] and warning[2] == 1
    assert load_trial(path).data["value"].eq(6.3).any()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("age", "60", "-3"),
        ("age", "60", "160"),
        ("bmi", "28", "250"),
        ("height_cm", "170", "17"),
        ("height", "1.7", "170"),
        ("weight_kg", "80", "8"),
    ],
)
def test_range_negative_age_bmi_250_impossible_height(tmp_path, name, good, bad):
    known = (('"age", "sex", "site"', f'"sex", "{name}"'), ('["baseline", "age"]', '["baseline"]'))

    def spoil(rows):
        rows = [row | {name: good} for row in rows]
        rows[4][name] = bad
        return rows

    fault = the_fault(write_trial(tmp_path, toml=known, spoil=spoil))
    assert (fault.row, fault.column, fault.found) == (6, name, "a value outside")
    assert bad not in fault.found


COLUMNS = ["id", "group", "site", "age", "sex", "nprs_w0", "womacf_w6"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.from_regex(
    r"[-+]?[0-9]{1,4}([.,/ ][0-9]{1,3})?(e[0-9]{1,3})?[a-z%]{0,2}", fullmatch=True
)


@settings(max_examples=30)
@given(st.integers(2, 41), st.sampled_from(COLUMNS), TEXTS)
def test_any_text_in_any_cell_is_read_or_refused_without_showing_it(line, column, text):
    with tempfile.TemporaryDirectory() as folder:
        faults, _ = check_trial(write_trial(Path(folder), cells=[(line, column, text)]))
    if len(text) > 6 and column != "group":
        assert not any(text in str(fault) for fault in faults)
