"""What reviewers paste: phrases of journals, tables with traps, odd files; honest ones go free."""

from __future__ import annotations

import io
import os
import random
import sys
from fractions import Fraction

import docx
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.paper import paper_files
from backwalk_stats.paper.check_table import check_table, table_rows
from backwalk_stats.paper.check_text import check_text, text_rows
from backwalk_stats.paper.evidence_draft import draft
from backwalk_stats.paper.paper_files import read_paper, tables_in_lines
from tests.paper import honest_tables, reviewer_tables
from tests.paper.rehabilitation_papers import HELD, PARAGRAPHS, paragraph

AGAINST = {"not_reproduced", "inputs_inconsistent"}


@pytest.mark.parametrize(
    ("start", "rounds"), [(0, 6), pytest.param(10_000, 100, marks=pytest.mark.slow)]
)
def test_paragraphs_are_found_and_not_accused(start, rounds):
    found = wanted = 0
    for seed in range(start, start + rounds * len(PARAGRAPHS)):
        _, text, count = paragraph(seed)
        rows = list(text_rows(text))
        assert not [row for row in rows if row["verdict"] in AGAINST], text
        wanted += count
        found += min(len(rows), count)
    assert found >= 0.95 * wanted


@pytest.mark.parametrize(
    ("start", "rounds"), [(0, 5), pytest.param(10_000, 80, marks=pytest.mark.slow)]
)
def test_planted_slips_in_paragraphs_are_caught(start, rounds):
    for seed in range(start, start + rounds * len(HELD)):
        _, text, _ = paragraph(seed, wrong=True)
        assert any(row["verdict"] in AGAINST for row in text_rows(text)), text


# Each is a way to print that was accused once; none is wrong, or none can be told to be.
HONEST = (
    "Pain fell, mean difference at week 6 (95% CI 0.3 to 1.1; p = 0.002).",
    "The difference of 0.7 points in favour of one (95% CI \u22121.3 to \u22120.1; p = 0.02).",
    "The median improvement was 2 (IQR \u22124 to \u22121).",
    "P = 120 W at a pressure of p = 101 kPa, with significance at p < 5%, and p = 12 predictors.",
    "At T12 = 4.8 points, p = 0.04.",
    "18 of 34 participants, 40% of whom were women, attended a mean of 10 of 12 sessions (85%).",
    "t(28) = 2.20, p = .108 after correction.",
    "U = 45, z = \u22121.97, p = .056.",
    "F(3, 87) = 2.90, p = .055 for the effect of speed.",
    "F(2, 58) = 4.31, p(GG) = .027.",
    "Chi-square or Fisher's exact tests were used. Falls: \u03c72(1) = 5.9, p = .03.",
    "b = 0.52, 95% CI [0.10, 0.94], p = .016",
    "SMD = \u22120.45 (95% CI \u22120.80 to \u22120.10), p = 0.01, Q = 10.0, df = 6, p = .12",
)


@pytest.mark.parametrize("text", HONEST)
def test_what_cannot_be_upheld_is_not_said(text):
    assert not set(check_text(text)["verdict"]) & AGAINST


# (text, statistic, value, p, verdict): the p follows from the numbers by scipy's distributions.
READ = (
    ("OR 2,30 (95 %-KI 1,10 bis 4,80; p = 0,03)", "OR", 2.3, "0.03", "reproduced"),
    ("OR 2,30 (IC 95 % 1,10 \u00e0 4,80; p = 0,03)", "OR", 2.3, "0.03", "reproduced"),
    ("\u03c721 = 4.2, p = .04", "chi2", 4.2, ".04", "reproduced"),
    ("Chi\u00b2 = 14.20, df = 6 (P = 0.03); I\u00b2 = 58%", "chi2", 14.2, "0.03", "reproduced"),
    ("t = 2,08; gl = 58; p = 0,042", "t", 2.08, "0.042", "reproduced"),
    ("t(28) = 2. 20, p = 0. 036.", "t", 2.2, "0.036", "reproduced"),
    ("MD 1.2, 95% CI of the difference 0.4 to 2.0, p = 0.003", "MD", 1.2, "0.003", "compatible"),
    ("b = 0.52, 95% CI [0.10, 0.94], p = .16", "b", 0.52, ".16", "not_reproduced"),
    ("MD 8.4; 95% CI 1.8 to 14.9; d = 0.58; p = .13", "MD", 8.4, ".13", "not_reproduced"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "name", "value", "p", "verdict"), READ)
def test_spellings_of_other_places(text, name, value, p, verdict):
    row = check_text(text).iloc[0]
    assert (row["statistic"], row["value"], row["reported_p"]) == (name, value, p)
    assert row["verdict"] == verdict


@pytest.mark.parametrize("name", reviewer_tables.HONEST)
def test_honest_tables_with_a_trap_are_not_accused(name):
    found = check_table(reviewer_tables.HONEST[name])
    assert not set(found["verdict"]) & AGAINST
    assert "p_value" in set(found["quantity"])


@pytest.mark.parametrize("name", reviewer_tables.FOUND)
def test_tables_with_a_trap_are_read(name):
    text, wanted = reviewer_tables.FOUND[name]
    found = check_table(text)
    keys = ["outcome", "contrast", "timepoint", "quantity", "reported"]
    have = set(found[keys].itertuples(index=False, name=None))
    assert have >= set(wanted)
    assert not set(found["verdict"]) & AGAINST


def test_slips_beside_the_traps_are_still_caught():
    head = "| | Backward (n = 34) | Forward (n = 33) | p |\n|---|---|---|---|\n"
    # scipy: 20 and 18 against 14 and 15, chi-square p = .724, Fisher's p = .81
    kinds = check_table(f"chi-square test\n\n{head}| Sex (male/female) | 20/14 | 18/15 | 0.04 |")
    assert kinds["verdict"].iloc[-1] == "not_reproduced"
    unpaired = check_table(
        f"mean (SD); unpaired t test\n\n{head}| TUG | 8.67 (1.64) | 10.26 (2.01) | 0.60 |"
    )
    assert unpaired["verdict"].iloc[-1] == "not_reproduced"


def test_an_arm_at_each_visit_in_lines():
    lines = (
        "Table 2. Mean \u00b1 SD\nOutcome Backward (n=33) Forward (n = 18) p\nPre Post Pre Post\n"
        "Stairs (s) 20.4 \u00b1 2.3 18.0 \u00b1 3.1 19.2 \u00b1 2.6 17.0 \u00b1 3.4 0.30\n"
    )
    grid = tables_in_lines(lines)[0][0]
    assert grid.headings[1:] == (
        ("Backward (n=33) Pre",), ("Backward (n=33) Post",), ("Forward (n = 18) Pre",),
        ("Forward (n = 18) Post",), ("p",),
    )  # fmt: skip


def honest_paper(folder, seed: int):
    parts = [paragraph(seed * 97 + k * 7)[1] for k in range(8)]
    parts += [honest_tables.honest_table(seed * 13 + k)[1].markdown() for k in range(2)]
    path = folder / f"paper {seed}.md"
    path.write_text("\n\n".join(parts), encoding="utf-8")
    return path


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(100, 200), marks=pytest.mark.slow)])
def test_the_drafted_evidence_accuses_nobody(seeds, tmp_path):
    for seed in seeds:
        paper = read_paper(honest_paper(tmp_path, seed))
        cells = [row for grid in paper.tables for row in table_rows(grid)]
        out = tmp_path / f"e{seed}"
        out.mkdir()
        for name, text in draft(paper, list(text_rows(paper.text)), cells).files.items():
            (out / name).write_text(text, encoding="utf-8")
        verdicts = bw.reproduce(evidence=out).checks["verdict"]
        assert len(verdicts) > 5
        assert not set(verdicts) & AGAINST


def test_a_paper_without_tables_has_evidence_too(tmp_path):
    path = tmp_path / "abstract.txt"
    path.write_text("Pain fell, t(28) = 2.20, p = .36.")
    paper = read_paper(path)
    for name, text in draft(paper, list(text_rows(paper.text)), []).files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    path.unlink()
    assert "not_reproduced" in set(bw.reproduce(evidence=tmp_path).checks["verdict"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_may_never_end_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    for name in ("pipe.txt", "zero.txt"):
        with pytest.raises(InputError, match="device or a named pipe"):
            read_paper(tmp_path / name)


def test_a_pipe_that_is_too_long_is_refused_and_not_cut(monkeypatch):
    class Pipe:
        buffer = io.BytesIO(b"p = .03, " * 10)

    monkeypatch.setattr(sys, "stdin", Pipe())
    monkeypatch.setattr(paper_files, "LARGEST_FILE", 50)
    with pytest.raises(InputError, match="at most"):
        read_paper("-")


def test_a_table_inside_a_cell_of_word(tmp_path):
    document = docx.Document()
    inner = document.add_table(1, 1).cell(0, 0).add_table(2, 3)
    for k, text in enumerate(["Outcome, mean (SD)", "Backward (n=34)", "Forward (n=33)"]):
        inner.cell(0, k).text = text
    for k, text in enumerate(["Pain", "3.1 (1.2)", "3.9 (1.3)"]):
        inner.cell(1, k).text = text
    document.save(tmp_path / "nested.docx")
    grid = read_paper(tmp_path / "nested.docx").tables[0]
    assert grid.rows[0] == ("Pain", "3.1 (1.2)", "3.9 (1.3)")


def test_grim_agrees_with_counting_every_total():
    # By counting: every whole total whose mean lies within half a unit, both ends inside.
    pick = random.Random(5)
    for _ in range(400):
        n, items, places = pick.randint(1, 60), pick.randint(1, 7), pick.randint(0, 3)
        mean = f"{pick.uniform(-5, 30):.{places}f}"
        value, half = Fraction(mean), Fraction(1, 2 * 10**places)
        near = round(value * n * items)
        reach = n * items // 2 + 2
        by_counting = any(
            abs(Fraction(total, n * items) - value) <= half
            for total in range(near - reach, near + reach + 1)
        )
        assert bw.grim(mean, n, items).possible == by_counting, (mean, n, items)


def test_numbers_as_pasted():
    assert bw.grim(" 20,79", 21).mean == "20.79"
    assert bw.grim("\u221220.79", 19).possible
    assert bw.debit("0,35", "0,49", 20).possible
    assert not bw.grimmer("3,44", "2,47", 18).possible
    with pytest.raises(UsageError, match="plain decimal"):
        bw.grim("1,234", 20)


@pytest.mark.parametrize(
    ("between", "verdicts"),
    [
        ("Table 2. Mean (SD); Welch's t-test", ["not_derivable", "not_reproduced"]),
        ("\u2020 Welch's t-test", ["not_reproduced", "not_derivable"]),
        ("By Welch's t-test pain differed, p = .031.", ["not_derivable", "not_derivable"]),
    ],
)
def test_a_table_is_not_read_by_the_words_of_another(between, verdicts):
    head = "| | Backward (n = 34) | Forward (n = 33) | p |\n|---|---|---|---|\n"
    row = "| TUG | 8.67 (1.64) | 10.26 (2.01) | 0.60 |"
    found = check_table(f"Mean (SD)\n\n{head}{row}\n\n{between}\n\n{head}{row}")
    assert found[found["quantity"] == "p_value"]["verdict"].tolist() == verdicts


def test_a_caption_of_means_and_medians_is_read_and_doubted():
    text = reviewer_tables.FOUND["median and width"][0]
    mixed = text.replace("median (IQR)", "mean (SD) or median (IQR); independent t-test")
    mixed = mixed.replace("5 (3)", "8.67 (1.64)").replace("4.5 (2)", "10.26 (2.01)")
    found = check_table(mixed.replace("0.03", "0.60"))
    assert found["quantity"].tolist() == ["mean", "sd", "mean", "sd", "p_value"]
    assert found["verdict"].iloc[-1] == "not_derivable"
