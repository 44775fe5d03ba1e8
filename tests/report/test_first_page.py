"""The first page of a trial's report, and the order of what comes after it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from io import BytesIO
from math import isnan
from pathlib import Path
from typing import Any

import docx
import pytest

import backwalk_stats as bw
from backwalk_stats.report.document import document
from backwalk_stats.report.headline import answer_line, meaning
from backwalk_stats.report.open_questions import disagreement, open_questions
from backwalk_stats.report.outcome_forest import (
    Compared,
    baseline_sd,
    comparison_table,
    outcome_block,
)
from backwalk_stats.report.sections_trial import consort
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.report.writers.html_pdf import to_html
from backwalk_stats.report.writers.outputs import trial_document
from backwalk_stats.report.writers.word import to_docx
from backwalk_stats.trial.conduct import Conduct
from tests.report import trial_records as made
from tests.report.page_blanks import blank_shares, last_of_a_part, too_blank

NAN, INF = float("nan"), float("inf")


def subject_with(better: str = "lower", **row: object) -> TrialSubject:
    """Return the subject whose main row has other numbers."""
    whole = made.analysis(outcomes=(made.pain(better=better),))
    rows = [made.estimate_row("mmrm", "mean_difference", **row)]
    return trial_subject(replace(whole, estimates=made.frame(tuple(whole.estimates.columns), rows)))


def written(subject: TrialSubject) -> document.Document:
    return trial_document(subject, lambda done, total, what: None)


def ends(low: float, high: float) -> dict[str, Any]:
    return {"estimate": (low + high) / 2, "conf_low": low, "conf_high": high}


@pytest.mark.parametrize(
    ("numbers", "said", "sure"),
    [
        (ends(-1.9, -0.3), "was 1.10 points lower with backward walking", "0.30 to 1.90 lower"),
        (ends(0.3, 1.9), "was 1.10 points higher with backward walking", "0.30 to 1.90 higher"),
        (ends(-0.5, 1.9), "was 0.70 points higher", "0.50 lower to 1.90 higher"),
        (ends(-1.9, 1.9), "differed by 0.00 points between backward", "1.90 lower to 1.90 higher"),
        ({"estimate": -1.0, "conf_low": -INF, "conf_high": -0.2}, "1.00 points lower",
         "0.20 to any amount lower"),
        ({"estimate": NAN}, "could not be compared", ""),
    ],
)  # fmt: skip
def test_the_answer_turns_signs_into_words(numbers, said, sure):
    subject = subject_with(**numbers)
    line, sureness = answer_line(subject, subject.trial.estimands[0])
    assert said in line and sure in sureness
    assert "−" not in line + sureness


@pytest.mark.parametrize(
    ("better", "numbers", "said"),
    [
        ("lower", ends(-2.4, -0.3), "The direction is clear, the size is not: the interval favours "
         "backward walking by 0.30 to 2.40 points, on both sides of the 2 points"),
        ("lower", ends(2.1, 3.4), "favours forward walking, by 2.10 to 3.40 points: at least"),
        ("higher", ends(0.1, 1.4), "favours backward walking, by 0.10 to 1.40 points: less than"),
        ("lower", ends(-0.3, 1.9), "does not show which is better"),
        ("", ends(0.3, 1.9), "the trial file does not say which way is better"),
    ],
)  # fmt: skip
def test_the_lead_says_what_the_answer_leaves_open(better, numbers, said):
    subject = subject_with(better, **numbers)
    assert said in " ".join(meaning(subject, subject.trial.estimands[0]))


def told(block: document.Block | document.Section) -> str:
    return " ".join(document.words_of(block))


def test_nothing_known_is_called_unknown():
    whole = made.analysis()
    asked = whole.trial.estimands
    before = told(open_questions(trial_subject(whole), asked))
    assert "What 14 missing people would have scored" in before
    assert "Nothing was measured after week 6" in before
    assert "Of those in the data" not in before
    part = whole.part("missingness")
    assert part is not None
    full = part.frames["missingness"].assign(n_missing=0, n_observed=30, percent_missing=0.0)
    parts = tuple(
        replace(one, frames={"missingness": full}) if one.analysis == "missingness" else one
        for one in whole.parts
    )
    after = told(open_questions(trial_subject(replace(whole, parts=parts)), asked))
    assert "missing people" not in after
    earlier = (replace(asked[0], visit="V1"),)
    assert "Nothing was measured" not in told(open_questions(trial_subject(whole), earlier))


def test_what_the_files_tell_is_not_called_unknown():
    whole = made.analysis()
    bare = replace(whole.trial, harms=None, conduct=Conduct())
    knew = {"blinded": "The assessors.", "other_care": "Painkillers as before."}
    trials = {
        "What harm was done, who knew the arm, and what else was taken: not in the files.": bare,
        "Who knew the arm, and what else was taken: not in the files.": replace(
            bare, harms=whole.trial.harms
        ),
        "What harm was done: not in the files.": replace(bare, conduct=Conduct(methods=knew)),
        "": replace(bare, harms=whole.trial.harms, conduct=Conduct(methods=knew)),
    }
    assert whole.trial.harms is not None
    for said, trial in trials.items():
        found = open_questions(trial_subject(replace(whole, trial=trial)), trial.estimands)
        assert " ".join(told(found).split()).endswith(said)
        assert ("not in the files" in told(found)) == bool(said)


def test_sensitivity_and_supplementary_are_counted_apart():
    names = ("ancova", "per-protocol", "as-treated", "rank-based")
    asked = made.estimand(sensitivity=names)
    assert asked.supplementary == names[1:]
    whole = made.analysis(estimands=(asked,))
    rows = [made.estimate_row("mmrm", "mean_difference")]
    rows += [
        made.estimate_row(name, quantity, role=asked.role_of(name), **ends(-1.9, high))
        for name, quantity, high in (
            ("ancova", "mean_difference", -0.1),
            ("per-protocol", "mean_difference", 0.2),
            ("as-treated", "mean_difference", -0.2),
            ("rank-based", "hodges_lehmann", -0.2),
        )
    ]
    found = made.frame(tuple(whole.estimates.columns), rows)
    subject = trial_subject(replace(whole, estimates=found))
    said = disagreement(subject, subject.trial.estimands[0])
    assert said == (
        "The interval includes zero in 0 of the 1 sensitivity analysis and in 1 of the 3 "
        "supplementary analyses."
    )


def test_one_outcome_is_drawn_in_its_unit_and_no_end_is_left_out():
    block = outcome_block(subject_with(**ends(-1.9, -0.3)))
    assert block is not None and block.forest is not None
    assert block.forest.head == "Difference, points"
    (mark,) = block.forest.marks
    places = (mark.threshold, mark.low, mark.estimate, mark.high, block.forest.zero)
    known = [place for place in places if place is not None]
    assert len(known) == 5 and known == sorted(set(known))
    assert known[0] > 0 and known[-1] < 1
    open_ended = outcome_block(subject_with(estimate=-1.0, conf_low=-INF, conf_high=-0.2))
    assert open_ended is not None and open_ended.forest is not None
    assert open_ended.forest.marks[0].low == 0.0


def test_without_an_sd_at_baseline_several_outcomes_share_no_scale():
    other = made.pain(name="function", label="Function", thresholds=())
    asked = (made.estimand(), made.estimand(id="E2", outcome="function", role="secondary"))
    whole = made.analysis(outcomes=(made.pain(), other), estimands=asked)
    rows = [
        made.estimate_row("mmrm", "mean_difference"),
        made.estimate_row("mmrm", "mean_difference", estimand="E2", outcome="function"),
    ]
    found = made.frame(tuple(whole.estimates.columns), rows)
    subject = trial_subject(replace(whole, estimates=found))
    assert baseline_sd(subject, "pain") > 0 and isnan(baseline_sd(subject, "function"))
    block = outcome_block(subject)
    assert block is not None and block.forest is None
    assert len(block.table.rows) == 2


def headings(shown: document.Document) -> dict[str, str]:
    """Return anchor to words of every heading."""
    found = {section.id: section.title for section in shown.sections}
    for section in shown.sections:
        for block in section.blocks:
            if isinstance(block, document.OpenQuestions | document.Abstract):
                found[block.id] = block.title
    return found


@pytest.mark.parametrize("bare", [False, True])
def test_consort_points_to_headings_that_exist(bare):
    whole = made.analysis()
    if bare:
        trial = made.trial(estimands=(), flow=made.trial().flow.iloc[:0])
        whole = replace(whole, trial=trial, parts=(), estimates=whole.estimates.iloc[:0])
    subject = trial_subject(whole)
    there = headings(written(subject))
    for link in consort.filled(subject).values():
        assert there[link.target[1:]] == link.text


def test_no_picture_and_no_table_stands_twice():
    shown = written(trial_subject(made.analysis()))
    drawn = [figure.svg for figure in shown.figures()]
    tables = [(block.table.columns, block.table.rows) for block in shown.tables()]
    assert len(set(drawn)) == len(drawn) > 5
    assert len(set(tables)) == len(tables) > 5


def numbered_words(words: str, kind: str) -> list[str]:
    return re.findall(rf"{kind} (\d+)\. ([A-Z][\w ]{{6,20}})", words)


def test_tables_and_figures_have_one_number_in_every_medium():
    shown = written(trial_subject(made.analysis())).numbered()
    assert [block.number for block in shown.tables()] == list(range(1, len(shown.tables()) + 1))
    page = re.sub(r"<[^>]+>", "", to_html(shown))
    word = "\n".join(p.text for p in docx.Document(BytesIO(to_docx(shown))).paragraphs)
    for kind, blocks in (("Table", shown.tables()), ("Figure", shown.figures())):
        for block in blocks:
            caption = (
                block.table.caption if isinstance(block, document.TableBlock) else block.caption
            )
            start = caption[:25]
            assert f"{kind} {block.number}. {start}" in word
            assert f"{kind} {block.number}. {start}" in page.replace("&#39;", "'")
    cut = shown.on_paper()
    assert {b.id: b.number for b in cut.tables()}.items() <= {
        b.id: b.number for b in shown.tables()
    }.items()


def test_the_glossary_holds_only_what_is_said():
    terms = {"kept": r"\bseen\b", "left out": r"\bunseen\b"}
    block = document.Definitions(
        entries=tuple(((name,), ("meaning",)) for name in terms), spelt=tuple(terms.values())
    )
    sections = (
        document.Section(id="a", title="A", blocks=(document.Paragraph(content=("It is seen.",)),)),
        document.Section(id="g", title="G", blocks=(block,)),
    )
    _, glossary = document.with_terms_that_occur(sections)
    (left,) = glossary.blocks
    assert isinstance(left, document.Definitions)
    assert [term for (term,), _ in left.entries] == ["kept"]
    said = told(
        next(
            one for one in written(trial_subject(made.analysis())).sections if one.id == "glossary"
        )
    )
    assert "Tipping point" in said and "cLDA" not in said


def test_what_stands_in_the_appendix_follows_the_main_part():
    shown = written(trial_subject(made.analysis()))
    marks = [section.appendix for section in shown.sections]
    assert marks == sorted(marks) and True in marks
    assert shown.sections[0].id == "answer"
    kinds = [block.kind for block in shown.sections[0].blocks]
    assert kinds == ["finding", "figures", "figure", "open", "table", "abstract"]


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_the_first_page_of_a_small_trial_is_one_page(tmp_path: Path):
    file = bw.Analysis(analysis=made.analysis()).report(tmp_path / "a.pdf")
    first = bw_words(file)[0]
    for words in ("Whether it matters", "Abstract", "For the authors", "Table 1", "Figure 1"):
        assert words in first
    assert len(blank_shares(file)) == len(bw_words(file))


def bw_words(file: Path) -> list[str]:
    """Return the words of every page of a PDF."""
    import subprocess

    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_the_report_of_the_example_is_short_and_little_of_it_is_blank(tmp_path: Path):
    file = bw.analyse(bw.example("knee")).report(tmp_path / "knee.pdf")
    assert min(last_of_a_part(file)) + 1 <= 8
    assert too_blank(file) == {}
    first = bw_words(file)[0]
    assert "What is not known" in first and "For the authors" in first


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_a_report_with_movement_is_as_short_and_its_details_are_in_the_appendix(tmp_path: Path):
    file = bw.analyse(bw.example("back")).report(tmp_path / "back.pdf")
    last = min(last_of_a_part(file))
    assert last + 1 <= 8
    assert too_blank(file) == {}
    pages = bw_words(file)
    assert not any("Features of movement" in page for page in pages[: last + 1])
    assert any("Features of movement" in page for page in pages[last + 1 :])


def test_rounded_means_show_no_decimals_that_they_do_not_have():
    row = made.estimate_row("mmrm", "mean_difference", estimate=0.24, conf_low=-0.64, conf_high=1.1)
    rounded = Compared(
        what="Week 8",
        contrast=("backward", "forward"),
        arms={"backward": (4.1, 3.5, 4.7, 22.0), "forward": (3.9, 3.3, 4.5, 20.0)},
        row=row,
    )
    labels = {"backward": "Backward", "forward": "Forward"}
    shown = comparison_table([rounded], arms=labels, first="Visit", level=0.95, caption="")
    assert {"4.1 (3.5 to 4.7)", "0.24 (−0.64 to 1.10)"} <= {*map(str, shown.rows[0])}
