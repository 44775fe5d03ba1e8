"""Every way in which a published table goes wrong is refused with its place and its cure.

The groups `num`, `range`, `shape`, `stat`, `dup` and `sec` are those of the list of bad inputs;
the name of a case says which row it is.
"""

from __future__ import annotations

import pytest

from backwalk_stats.errors import InputError, printable
from backwalk_stats.evidence.record import read_record

STUDIES, OUTCOMES, CONTRASTS = "studies.csv", "outcomes.csv", "contrasts.csv"
CLAIMS, REVIEW = "article_claims.csv", "cochrane_pain.csv"

# name, file, line, column, what is written, part of `expected`, part of the advice
CELLS = [
    ("num-decimal-comma", OUTCOMES, 2, "mean", "3,1", "plain decimal", "decimal comma"),
    ("num-decimal-comma-sd", OUTCOMES, 2, "sd", "1,25", "zero or more", "decimal comma"),
    ("num-decimal-comma-scale", OUTCOMES, 2, "scale_max", "10,0", "plain", "decimal comma"),
    ("num-decimal-comma-estimate", CONTRASTS, 2, "estimate", "-0,9", "plain", "decimal comma"),
    ("num-decimal-comma-words", CONTRASTS, 2, "estimate", "6,5 mm", "words", "decimal comma"),
    ("num-decimal-comma-statistic", CONTRASTS, 2, "statistic", "t=-2,3", "t=", "decimal comma"),
    ("num-decimal-comma-p", CONTRASTS, 2, "p_value_as_printed", "p=0,03", "0 to 1", "comma"),
    ("num-decimal-comma-df-of-t", CONTRASTS, 2, "df", "30,5", "one number", "decimal comma"),
    ("num-decimal-comma-review", REVIEW, 2, "Experimental.mean", "3,1", "plain", "comma"),
    ("num-thousands-comma", OUTCOMES, 2, "mean", "1,234", "plain decimal", "thousands"),
    ("num-thousands-space", OUTCOMES, 2, "mean", "1 234", "plain decimal", "thousands"),
    ("num-thousands-n", OUTCOMES, 2, "n", "1,234", "whole number", "thousands"),
    ("num-missing-code-sas", OUTCOMES, 2, "mean", ".", "plain decimal", "cell empty"),
    ("num-missing-code-words", OUTCOMES, 2, "sd", "N/A", "zero or more", "cell empty"),
    ("num-missing-code-nd", OUTCOMES, 2, "mean", "nd", "plain decimal", "cell empty"),
    ("num-missing-code-dash", CONTRASTS, 2, "estimate", "-", "words", "cell empty"),
    ("num-missing-code-nan", CONTRASTS, 2, "estimate", "NaN", "words", "cell empty"),
    ("num-missing-999", OUTCOMES, 2, "mean", "999", "on its scale", "code for missing"),
    ("num-missing-minus-9", OUTCOMES, 2, "mean", "-9", "on its scale", "code for missing"),
    ("num-missing-minus-9-sd", OUTCOMES, 2, "sd", "-9", "zero or more", "code for missing"),
    ("num-infinite", OUTCOMES, 2, "mean", "inf", "plain decimal", "finite"),
    ("num-infinite-1e400", OUTCOMES, 2, "mean", "1e400", "plain decimal", "exponent"),
    ("num-infinite-digits", OUTCOMES, 2, "mean", "9" * 400, "plain", "300 characters"),
    ("num-infinite-estimate", CONTRASTS, 2, "estimate", "-inf", "words", "finite"),
    ("num-infinite-statistic", CONTRASTS, 2, "statistic", "t=inf", "t=", "finite"),
    ("num-range-of-values", OUTCOMES, 2, "mean", "5-6", "plain decimal", "range"),
    ("num-range-en-dash", OUTCOMES, 2, "mean", "5–6", "plain decimal", "range"),
    ("num-range-estimate", CONTRASTS, 2, "estimate", "5-6", "words", "range"),
    ("num-bound", OUTCOMES, 2, "mean", ">100", "plain decimal", "bound"),
    ("num-bound-lloq", OUTCOMES, 2, "mean", "<LLOQ", "plain decimal", "bound"),
    ("num-fraction", OUTCOMES, 2, "mean", "7/10", "plain decimal", "fraction"),
    ("num-unit", OUTCOMES, 2, "mean", "45 mm", "plain decimal", "unit"),
    ("num-unit-percent", OUTCOMES, 2, "mean", "45%", "plain decimal", "unit"),
    ("num-mean-with-sd", OUTCOMES, 2, "mean", "3.1 ± 1.2", "plain decimal", "own column"),
    ("num-mean-with-sd-brackets", OUTCOMES, 2, "mean", "3.1 (1.2)", "plain", "own column"),
    ("num-made-a-date", OUTCOMES, 2, "mean", "1-Feb", "plain decimal", "date"),
    ("num-hex", OUTCOMES, 2, "mean", "0x10", "plain decimal", "unit"),
    ("num-underscore", OUTCOMES, 2, "mean", "1_0", "plain decimal", "Digits"),
    ("num-weight", REVIEW, 2, "Weight", "120", "0 to 100", "share"),
    ("range-score-above-scale", OUTCOMES, 2, "mean", "11", "0 to 10", "scale"),
    ("range-score-below-scale", OUTCOMES, 2, "mean", "-0.1", "0 to 10", "scale"),
    ("range-scale-without-width", OUTCOMES, 2, "scale_min", "10", "more than scale_min", ""),
    ("range-count-not-whole", OUTCOMES, 4, "mean", "2.5", "whole number", ""),
    ("range-count-negative", OUTCOMES, 4, "mean", "-1", "whole number", ""),
    ("range-count-above-n", OUTCOMES, 4, "mean", "21", "at most n (20)", "participants"),
    ("stat-negative-sd", OUTCOMES, 2, "sd", "-1", "zero or more", "negative"),
    ("stat-n-zero", OUTCOMES, 2, "n", "0", "1 or more", "1, 2, 3"),
    ("stat-n-not-whole", OUTCOMES, 2, "n", "20.5", "whole number", "1, 2, 3"),
    ("stat-n-of-study", STUDIES, 2, "n_randomised", "-40", "whole number", "1, 2, 3"),
    ("stat-n-of-review", REVIEW, 2, "Control.N", "0", "1 or more", "1, 2, 3"),
    ("stat-p-above-one", CONTRASTS, 2, "p_value_as_printed", "1.2", "0 to 1", "fraction of 1"),
    ("stat-p-above-one-named", CONTRASTS, 2, "p_value_as_printed", "P = 3", "0 to 1", "source"),
    ("stat-p-in-percent", CONTRASTS, 2, "p_value_as_printed", "p<5%", "0 to 1", "fraction of 1"),
    ("stat-p-negative", CONTRASTS, 2, "p_value_as_printed", "-0.03", "0 to 1", "source"),
    ("stat-p-huge", CONTRASTS, 2, "p_value_as_printed", "p=1e400", "0 to 1", "source"),
    ("stat-df-zero", CONTRASTS, 2, "df", "0", "degrees of freedom", "above zero"),
    ("stat-df-negative", CONTRASTS, 2, "df", "-3", "degrees of freedom", "44"),
    ("stat-interval-exchanged", CONTRASTS, 2, "ci_high", "-1.80", "at least ci_low", "lower end"),
    ("stat-interval-one-end", CONTRASTS, 2, "ci_high", "", "since ci_low", "both ends"),
    ("stat-interval-one-end-outcome", OUTCOMES, 2, "ci_low", "3", "since ci_low", "both ends"),
    ("stat-interval-review", REVIEW, 2, "CI.end", "-2", "at least CI.start", "lower end"),
    ("shape-no-study-id", OUTCOMES, 2, "study_id", "", "a-z 0-9", ""),
    ("shape-no-arm", OUTCOMES, 2, "arm", " ", "text", ""),
    ("shape-footer-row", STUDIES, 3, "study_id", "Note: see text", "a-z 0-9", "no spaces"),
    ("shape-unknown-study", OUTCOMES, 2, "study_id", "frist2020", "studies.csv", "first2020"),
    ("shape-unknown-study-contrast", CONTRASTS, 2, "study_id", "pool", "studies.csv", "Add"),
    ("shape-unknown-study-claim", CLAIMS, 2, "evidence_study_ids", "x1", "studies.csv", "Add"),
    ("shape-origin", CONTRASTS, 2, "origin", "recomputed", "'recomputed-here'", "exactly"),
    ("dup-study", STUDIES, 3, "study_id", "first2020", "each study_id once", "Delete one"),
    ("dup-outcome-same", OUTCOMES, 3, "arm", "Backward ", "each study_id + arm", "right one"),
    ("sec-path-in-study-id", STUDIES, 3, "study_id", "../../x", "a-z 0-9", "slashes"),
    ("sec-absolute-path", STUDIES, 3, "study_id", "/etc/passwd", "a-z 0-9", "slashes"),
    ("sec-windows-path", STUDIES, 3, "study_id", "c:\\x", "a-z 0-9", "slashes"),
    ("sec-dots", STUDIES, 3, "study_id", "..", "a-z 0-9", "slashes"),
    ("sec-line-end-in-study-id", STUDIES, 3, "study_id", "second2021\n", "a-z 0-9", "slashes"),
    ("sec-long-study-id", STUDIES, 3, "study_id", "a" * 65, "1 to 64", "slashes"),
    ("sec-fullwidth-study-id", STUDIES, 3, "study_id", "ａ1", "a-z 0-9", "slashes"),
    ("sec-html-in-study-id", STUDIES, 3, "study_id", "<b>", "a-z 0-9", "slashes"),
    ("sec-formula-in-study-id", STUDIES, 3, "study_id", "=1+1", "a-z 0-9", "slashes"),
    ("sec-claim-id", CLAIMS, 2, "claim_id", "../C1", "letters", "slashes"),
    ("sec-script-link", STUDIES, 2, "url", "javascript:alert(1)", "https://", "Begin"),
    ("sec-file-link", STUDIES, 2, "url", "file:///etc/passwd", "https://", "Begin"),
    ("sec-quote-in-link", STUDIES, 2, "url", 'https://x"onclick=', "https://", "Begin"),
    ("sec-formula-string", OUTCOMES, 2, "mean", "__import__('os')", "plain decimal", "Digits"),
    ("sec-spreadsheet-formula", OUTCOMES, 2, "mean", "=1+1", "plain decimal", "Digits"),
]


@pytest.mark.parametrize(
    ("file", "line", "column", "text", "expected", "advice"),
    [case[1:] for case in CELLS],
    ids=[case[0] for case in CELLS],
)
def test_a_wrong_cell(record_folder, file, line, column, text, expected, advice):
    folder = record_folder((file, line, column, text))
    with pytest.raises(InputError) as caught:
        read_record(folder)
    here = [fault for fault in caught.value.faults if (fault.file, fault.row) == (file, line)]
    (fault,) = [fault for fault in here if expected in fault.expected]
    assert advice in fault.action
    assert f"{file}, line {line}, column {fault.column}: expected" in str(caught.value)
    assert printable(fault.found) in str(caught.value)


def test_the_good_record_is_read(record_folder):
    record = read_record(record_folder())
    assert len(record.outcomes) == 3
    assert record.outcomes["mean"].tolist() == ["3.10", "4.00", "2"]
    assert list(record.files) == [STUDIES, OUTCOMES, CONTRASTS, CLAIMS, REVIEW]


def test_six_faults_in_four_files_are_listed_at_once(record_folder):
    folder = record_folder(
        (STUDIES, 3, "study_id", "../second"),
        (OUTCOMES, 2, "mean", "3,1"),
        (OUTCOMES, 2, "sd", "-1"),
        (OUTCOMES, 3, "n", "0"),
        (CONTRASTS, 3, "p_value_as_printed", "p = 1.4"),
        (REVIEW, 2, "Control.SD", "1.3 cm"),
    )
    (folder / CLAIMS).unlink()
    with pytest.raises(InputError) as caught:
        read_record(folder)
    found = [(fault.file, fault.row, fault.column, fault.found) for fault in caught.value.faults]
    assert found == [
        (STUDIES, 3, "study_id", "../second"),
        (OUTCOMES, 2, "mean", "3,1"),
        (OUTCOMES, 2, "sd", "-1"),
        (OUTCOMES, 3, "n", "0"),
        (CONTRASTS, 3, "p_value_as_printed", "p = 1.4"),
        (REVIEW, 2, "Control.SD", "1.3 cm"),
    ]
    message = str(caught.value)
    assert message.startswith("6 faults in the input:")
    line = (
        "outcomes.csv, line 2, column mean: expected a plain decimal number, found 3,1. "
        "It looks like a decimal comma: write a point"
    )
    assert line in message


def test_a_fault_of_shape_in_one_file_does_not_hide_those_of_another(record_folder):
    folder = record_folder((OUTCOMES, 2, "mean", "3,1"))
    with (folder / CONTRASTS).open("a", encoding="utf-8") as stream:
        stream.write("first2020,pain\n")
    (folder / REVIEW).write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError) as caught:
        read_record(folder)
    assert [fault.file for fault in caught.value.faults] == [OUTCOMES, CONTRASTS, REVIEW]


@pytest.mark.parametrize("file", [STUDIES, OUTCOMES, CONTRASTS])
def test_shape_missing_table(record_folder, file):
    folder = record_folder()
    (folder / file).unlink()
    with pytest.raises(InputError, match=f"{file}: expected a file, found no such file"):
        read_record(folder)


@pytest.mark.parametrize("file", [STUDIES, OUTCOMES, CONTRASTS, CLAIMS, REVIEW])
def test_shape_header_only(record_folder, file):
    folder = record_folder()
    header = (folder / file).read_text(encoding="utf-8").splitlines()[0]
    (folder / file).write_text(header + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"{file}, line 1: .* found only the header"):
        read_record(folder)


def test_num_semicolons_and_decimal_commas(record_folder):
    folder = record_folder()
    text = (folder / OUTCOMES).read_text(encoding="utf-8")
    text = text.replace(",", ";").replace(".", ",")
    (folder / OUTCOMES).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"outcomes\.csv, line 1: .*semicolon"):
        read_record(folder)


def test_shape_missing_columns_name_the_nearest(record_folder):
    folder = record_folder()
    text = (folder / OUTCOMES).read_text(encoding="utf-8")
    text = text.replace("mean", "Mean", 1).replace(",n,", ",number,", 1)
    (folder / OUTCOMES).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_record(folder)
    first, second = caught.value.faults
    assert (first.expected, first.row) == ("a column named 'n'", 1)
    assert "study_id, arm, outcome" in first.action
    assert (second.expected, second.found) == ("a column named 'mean'", "'Mean'")


def test_dup_the_same_row_twice(record_folder):
    folder = record_folder((OUTCOMES, 3, "arm", "backward"), (OUTCOMES, 3, "mean", "3.10"))
    text = (folder / OUTCOMES).read_text(encoding="utf-8").replace("1.30", "1.20")
    (folder / OUTCOMES).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"line 3, .*found the same row as line 2\. Delete one"):
        read_record(folder)


def test_sec_a_link_out_of_the_folder_is_not_followed(record_folder, tmp_path_factory):
    folder = record_folder()
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text("secret,word\n1,2\n", encoding="utf-8")
    (folder / CLAIMS).unlink()
    try:
        (folder / CLAIMS).symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    with pytest.raises(InputError) as caught:
        read_record(folder)
    assert "leads out of it" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_sec_control_characters_do_not_reach_the_terminal(record_folder):
    folder = record_folder(
        (OUTCOMES, 2, "mean", "\x1b[31m3"),
        (STUDIES, 3, "study_id", "\x1b]0;x"),
        (OUTCOMES, 3, "study_id", "second202"),
    )
    text = (folder / CONTRASTS).read_text(encoding="utf-8").replace("arm_a", "\x1b[2Ja", 1)
    (folder / CONTRASTS).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_record(folder)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "label",
    ["<script>alert(1)</script>", "=HYPERLINK(1)", "+1", "@x", "$\\alpha$ 5% & _x_", "NA", "null"],
)
def test_sec_odd_labels_are_kept_as_text(record_folder, label):
    folder = record_folder((OUTCOMES, 2, "arm", label), (STUDIES, 2, "citation", label))
    record = read_record(folder)
    assert record.outcomes["arm"].iloc[0] == label
    assert record.studies["citation"].iloc[0] == label


P_VALUES = (
    """
0.000|0.04|.04|<0.05|p = 0.004|P < .04|NS|NOT SEEN|-|significant|(no value)|1|0|p=.5
<0.01 (printed beside I2)|p = 4.2e-5|P=4.2 × 10−5|p = 0.03 at week 6|p(2,65) = 0.03
2 of 3 tests below 0.05|step 2: p=.5|0.180 (and 0.183)|>0.001 ("not significant")
""".strip()
    .replace("\n", "|")
    .split("|")
)


@pytest.mark.parametrize("text", P_VALUES)
def test_stat_p_values_as_papers_print_them(record_folder, text):
    read_record(record_folder((CONTRASTS, 2, "p_value_as_printed", text)))


@pytest.mark.parametrize("text", ["17% to 20% higher", "0.6 m/s", "11.7% slower", "<0.1", "", "7"])
def test_estimates_in_words_are_kept(record_folder, text):
    record = read_record(record_folder((CONTRASTS, 2, "estimate", text)))
    assert record.contrasts["estimate"].iloc[0] == text


@pytest.mark.parametrize("text", ["t=-1.971", "F(1,63) = 4.265", "Q=16.45", "χ²(2)=5.99", "-1.97"])
def test_statistics_as_papers_print_them(record_folder, text):
    read_record(record_folder((CONTRASTS, 2, "statistic", text)))


@pytest.mark.parametrize("text", ["44", "2,65", "28 (implied)", "1,63 (as printed)", "29.6", "?"])
def test_degrees_of_freedom_as_papers_print_them(record_folder, text):
    read_record(record_folder((CONTRASTS, 2, "df", text), (CONTRASTS, 2, "statistic", "F=4")))


def test_num_typographic_signs_are_repaired_and_noted(record_folder):
    folder = record_folder(
        (CONTRASTS, 2, "estimate", "−0.90"),
        (CONTRASTS, 3, "estimate", "\u00a0－0.90"),
        (OUTCOMES, 2, "mean", "３.10 "),
        (OUTCOMES, 2, "sd", "١٫٢٠"),
        (CONTRASTS, 2, "statistic", "t=−2.30"),
    )
    record = read_record(folder)
    assert record.contrasts["estimate"].tolist() == ["-0.90", "-0.90"]
    assert record.contrasts["statistic"].iloc[0] == "t=-2.30"
    assert record.outcomes["mean"].iloc[0] == "3.10"
    assert record.outcomes["sd"].iloc[0] == "1.20"
    noted = [note for note in record.notes if "written plainly" in note]
    assert len(noted) == 4
    assert "contrasts.csv, column estimate: 2 cell(s)" in noted[2]
    assert noted[2].endswith("(line 2, 3)")


def test_what_may_leave_the_scale(record_folder):
    change = record_folder(
        (OUTCOMES, 2, "outcome", "pain change"),
        (OUTCOMES, 2, "mean", "-2.1"),
        (OUTCOMES, 3, "timepoint", "baseline to week 6"),
        (OUTCOMES, 3, "mean", "-1.1"),
    )
    assert read_record(change).outcomes["mean"].tolist()[:2] == ["-2.1", "-1.1"]


def test_range_percentages(record_folder):
    percent = [(OUTCOMES, 2, "scale_min", ""), (OUTCOMES, 2, "scale_max", "")]
    percent += [(OUTCOMES, 2, "unit", "%"), (OUTCOMES, 2, "mean", "104")]
    with pytest.raises(InputError, match="0 to 100, being a percentage, found 104"):
        read_record(record_folder(*percent))
    wider = [*percent[:1], (OUTCOMES, 2, "scale_max", "150"), *percent[2:]]
    assert read_record(record_folder(*wider)).outcomes["mean"].iloc[0] == "104"


def test_a_pool_that_was_recomputed_here_needs_no_study(record_folder):
    folder = record_folder(
        (CONTRASTS, 2, "study_id", "pool"), (CONTRASTS, 2, "origin", "recomputed-here")
    )
    assert read_record(folder).contrasts["study_id"].iloc[0] == "pool"


def test_a_column_that_the_reader_adds_is_refused(record_folder):
    folder = record_folder((REVIEW, 2, "file", "x"))
    with pytest.raises(InputError, match=r"cochrane_pain\.csv, line 1: expected no column named"):
        read_record(folder)
