"""`bw.tables`, `.tables` and `.figures`: what the report shows, at hand in a notebook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import backwalk_stats as bw
from backwalk_stats.tables.display import DisplayTable, display_columns


@pytest.fixture(scope="module")
def trial() -> bw.Trial:
    return bw.load_trial(bw.example("knee"))


@pytest.fixture(scope="module")
def analysis(trial: bw.Trial) -> bw.Analysis:
    asked = replace(
        trial.estimands[0], analysis="change-score", sensitivity=("ancova",), subgroups=()
    )
    return bw.analyse(
        replace(
            trial,
            outcomes=trial.outcomes[:1],
            estimands=(asked,),
            multiplicity=("none", ()),
        )
    )


def test_tables_of_an_analysis_are_those_of_its_report(analysis: bw.Analysis):
    shown = analysis.tables
    first, told = shown["main_estimates"].rows[0], bw.tables.results(analysis).rows[0]
    estimate, interval = told[4].split()[0], told[5]
    assert f"{estimate} ({interval})" in first
    assert shown["baseline_table"].rows == bw.tables.baseline(analysis).rows
    assert shown["sensitivity_e1_estimates"].rows == bw.tables.sensitivity(analysis, "E1").rows
    assert shown["responders_1_shares"].rows == bw.tables.responders(analysis, "knee_pain").rows
    assert shown["means_1"].rows == bw.tables.means(analysis, "knee_pain").rows
    assert shown["change_1"].rows == bw.tables.within_arm(analysis, "knee_pain").rows
    assert shown["missing_values"].rows == bw.tables.missingness(analysis).rows
    assert shown["load_log"].rows == bw.tables.load_log(analysis).rows


def test_a_trial_is_enough_for_what_only_describes(trial: bw.Trial, analysis: bw.Analysis):
    for table in (bw.tables.means, bw.tables.within_arm):
        assert table(trial, "knee_pain").rows == table(analysis, "knee_pain").rows
    assert bw.tables.load_log(trial).rows == bw.tables.load_log(analysis).rows
    assert len(bw.tables.baseline(trial).rows) > len(bw.tables.baseline(analysis).rows)


def test_nobody_is_in_what_shows_itself(trial: bw.Trial, analysis: bw.Analysis):
    ids = trial.participants["participant"].tolist()
    shown: list[Any] = [analysis, *analysis.tables.values(), *analysis.figures.values()]
    for one in shown:
        assert len(repr(one)) < 2000
        assert not [who for who in ids if who in repr(one) or who in one._repr_html_()]


def test_figures_are_drawn_once_and_carry_their_words(analysis: bw.Analysis):
    figure = analysis.figures["sensitivity_e1"]
    assert analysis.figures["sensitivity_e1"] is figure
    assert "alt='" in figure._repr_html_() and figure.caption[:60] in repr(figure)


def test_what_is_not_there_is_said(trial: bw.Trial, analysis: bw.Analysis):
    with pytest.raises(bw.UsageError, match="no outcome named 'hope'; there are: knee_pain"):
        bw.tables.means(trial, "hope")
    with pytest.raises(bw.UsageError, match="no estimand named 'E9'; there are: E1"):
        bw.tables.sensitivity(analysis, "E9")
    empty = replace(analysis.analysis, parts=())
    with pytest.raises(bw.UsageError, match="holds no baseline"):
        bw.tables.baseline(bw.Analysis(analysis=empty))


def test_a_table_escapes_its_texts():
    columns = display_columns(("a", "<b>", "left", None), ("n", "n", "right", None))
    table = DisplayTable(
        columns=columns, rows=(("<i>", "1"), ("x", "2")), caption="A & B.", groups=("g<", "g<")
    )
    html = table._repr_html_()
    assert "&lt;b&gt;" in html and "&lt;i&gt;" in html and "A &amp; B." in html
    assert html.count("g&lt;") == 1 and "<i>" not in html
