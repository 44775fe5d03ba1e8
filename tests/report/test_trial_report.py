"""The report on a trial: what its sentences say, what is written, what is left out."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd
import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.document.document import Document, Section, TableBlock
from backwalk_stats.report.headline import against_thresholds, headline, main_row, uncertainty
from backwalk_stats.report.privacy import label_cloak
from backwalk_stats.report.sections_trial import sensitivity
from backwalk_stats.report.sections_trial.consort import ITEMS, filled
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.report.words import rule_told, visit_labels, with_names_told
from backwalk_stats.report.writers.outputs import _tables
from backwalk_stats.tables import numbers as numbers_of
from backwalk_stats.tables.csv import to_csv
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.estimates import estimate, interval
from backwalk_stats.trial.conduct import Conduct
from backwalk_stats.trial.outcome import Threshold
from backwalk_stats.trial.study import Visit
from tests.report import trial_records as made

NAN = float("nan")


def subject_with(better: str = "lower", **row: object):
    """Return the subject whose main row has other numbers."""
    analysis = made.analysis(outcomes=(made.pain(better=better),))
    main = made.frame(tuple(analysis.estimates.columns),
                      [made.estimate_row("mmrm", "mean_difference", **row)])  # fmt: skip
    adjusting = replace(analysis.trial, multiplicity=("holm", ("E1",)))
    return trial_subject(replace(analysis, trial=adjusting, estimates=main))


def ends(low: float, high: float) -> dict[str, float]:
    return {"estimate": (low + high) / 2, "conf_low": low, "conf_high": high}


@pytest.mark.parametrize(
    ("better", "numbers", "said"),
    [
        ("lower", ends(-1.9, -0.3), "1.10 points lower with backward walking than with forward"),
        ("lower", ends(-1.9, -0.3), "Lower is better: the estimate favours backward walking."),
        ("lower", ends(0.3, 1.9), "Lower is better: the estimate favours forward walking."),
        ("higher", ends(0.3, 1.9), "Higher is better: the estimate favours backward walking."),
        ("", ends(0.3, 1.9), "does not say which way is better"),
        ("lower", ends(-1.9, -0.3), "(adjusted mean difference −1.10, 95% CI −1.90 to −0.30, p = "),
        (
            "lower",
            ends(-1.9, 0.4),
            "differences in both directions, from 1.90 points in favour of "
            "backward walking to 0.40 points in favour of forward walking: it does not show which",
        ),
        (
            "higher",
            ends(-1.9, 0.4),
            "from 0.40 points in favour of backward walking to 1.90 points "
            "in favour of forward walking",
        ),
        ("", ends(-1.9, 0.4), "from 1.90 points lower to 0.40 points higher with backward walking"),
        ("lower", ends(0.0, 0.4), "does not show which is better"),
        (
            "lower",
            {"p_adjusted": 0.016},
            "p = 0.008, adjusted for multiplicity by Holm’s method p = 0.016",
        ),
        ("lower", {"estimate": NAN}, "could not be compared between backward walking and forward"),
    ],
)
def test_the_headline_says_how_much_and_which_way(better, numbers, said):
    subject = subject_with(better, **numbers)
    assert said in headline(subject, subject.trial.estimands[0])


def test_nothing_is_favoured_by_an_interval_that_includes_no_difference():
    subject = subject_with("lower", **ends(-1.9, 0.4))
    asked = subject.trial.estimands[0]
    assert "favours" not in headline(subject, asked) + uncertainty(subject, asked)


@pytest.mark.parametrize(
    ("analysis", "quantity"),
    [("change-score", "change_difference"), ("rank-based", "hodges_lehmann")],
)
def test_a_comparison_of_changes_is_not_told_as_one_of_scores(analysis, quantity):
    asked = made.estimand(analysis=analysis)
    whole = made.analysis(estimands=(asked,))
    main = made.frame(tuple(whole.estimates.columns), [made.estimate_row(analysis, quantity)])
    subject = trial_subject(replace(whole, estimates=main))
    told = headline(subject, subject.trial.estimands[0])
    assert "the change from baseline in knee pain" in told


def test_sensitivity_analyses_are_counted_whole_and_only_with_an_interval():
    rows = [
        made.estimate_row("mmrm", "mean_difference"),
        made.estimate_row("ancova", "mean_difference", **ends(-2.0, -0.1)),
        made.estimate_row("jump-to-reference", "mean_difference", **ends(-1.9, -0.1)),
        made.estimate_row("jump-to-reference", "mean_difference", **ends(-1.9, 0.1)),
        made.estimate_row("permutation", "mean_difference", conf_low=NAN, conf_high=NAN),
        made.estimate_row("tipping-point", "mean_difference", **ends(-1.9, -0.1)),
    ]
    names = ("ancova", "jump-to-reference", "permutation", "tipping-point")
    whole = made.analysis(estimands=(made.estimand(sensitivity=names),))
    main = made.frame(tuple(whole.estimates.columns), rows)
    told = repr(sensitivity.section(trial_subject(replace(whole, estimates=main))))
    assert "Of 3 sensitivity analyses of E1, the tipping point apart, 3 point the same way" in told
    assert "of the 2 with an interval, 1 excludes zero." in told


@pytest.mark.parametrize("width", [0.02, 0.5, 3.0, 40.0])
def test_a_sentence_has_the_digits_of_the_table(width):
    subject = subject_with("lower", **ends(-width / 3, 2 * width / 3))
    row = main_row(subject, subject.trial.estimands[0])
    assert row is not None
    told = headline(subject, subject.trial.estimands[0])
    assert f"difference {estimate(row)}, 95% CI {interval(row)}," in told


@pytest.mark.parametrize(
    ("better", "numbers", "said"),
    [
        ("lower", ends(-1.9, -0.3), "favours backward walking, by 0.30 to 1.90 points"),
        ("lower", ends(0.3, 1.9), "favours forward walking, by 0.30 to 1.90 points"),
        ("higher", ends(0.3, 1.9), "favours backward walking, by 0.30 to 1.90 points"),
        ("higher", ends(-1.9, -0.3), "favours forward walking, by 0.30 to 1.90 points"),
        ("lower", {"conf_low": NAN}, "No interval"),
    ],
)  # fmt: skip
def test_a_whole_interval_on_one_side_is_told_in_size(better, numbers, said):
    subject = subject_with(better, **numbers)
    assert said in uncertainty(subject, subject.trial.estimands[0])


@pytest.mark.parametrize(
    ("better", "numbers", "said"),
    [
        ("lower", ends(-1.9, -0.3), "lies below an advantage of that size"),
        ("lower", ends(-3.9, -2.3), "at least that size"),
        ("lower", ends(-2.9, -0.3), "smaller and larger than that"),
        ("higher", ends(2.0, 3.0), "at least that size"),
        ("higher", ends(-3.9, -2.3), "lies below an advantage of that size"),
    ],
)
def test_only_a_named_important_change_is_compared_with(better, numbers, said):
    subject = subject_with(better, **numbers)
    (told,) = against_thresholds(subject, subject.trial.estimands[0])
    assert said in told
    assert "named important change of 2.00 points (knee pain; Somebody 2001)" in told
    assert "mcid-made-up" not in told
    unnamed = made.analysis(outcomes=(made.pain(thresholds=()),))
    assert against_thresholds(trial_subject(unnamed), made.estimand()) == ()


@pytest.mark.parametrize(
    "ending", [".html", *(pytest.param(one, marks=pytest.mark.slow) for one in (".pdf", ".docx"))]
)
def test_one_file_by_its_ending(ending, tmp_path):
    written = Analysis(analysis=made.analysis()).report(tmp_path / f"a{ending}")
    starts = {".html": b"<!DOCTYPE html>", ".pdf": b"%PDF-", ".docx": b"PK"}
    assert written.read_bytes().startswith(starts[ending])
    assert [path.name for path in tmp_path.iterdir()] == [f"a{ending}"]


@pytest.mark.slow
def test_tables_and_figures_of_a_former_run_go(tmp_path):
    full = made.analysis()
    folder = Analysis(analysis=full).report(tmp_path / "report")
    assert (folder / "tables" / "means_1.csv").is_file()
    fewer = tuple(part for part in full.parts if part.analysis != "within-arm")
    Analysis(analysis=replace(full, parts=fewer)).report(folder)
    assert not (folder / "tables" / "means_1.csv").exists()
    assert not (folder / "figures" / "trajectories_pain.svg").exists()


def test_the_analysis_itself_is_whole_and_says_what_it_is(tmp_path):
    analysis = Analysis(analysis=made.analysis())
    assert analysis.results["estimate"].notna().all()
    mine = analysis.results
    mine["estimate"] = 0.0
    assert (analysis.results["estimate"] != 0.0).all()
    assert "60 participants" in repr(analysis)
    assert "CANARY" not in repr(analysis) + analysis._repr_html_()
    assert "knee pain (NPRS, 0 to 10) was 1.10 points lower" in analysis._repr_html_()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        analysis.report(tmp_path / "file")


def test_a_rare_label_is_taken_out_of_texts_and_codes_are_left_alone():
    people = made.people().assign(grade=pd.Categorical(["2"] * 57 + ["4"] * 3))
    cloak = label_cloak(made.trial(participants=people))
    assert cloak.text("p = 0.4 at Praxis Kanarienvogel") == (
        "p = 0.4 at [a label of fewer than 5 people]"
    )
    assert cloak.levels["grade"] == {"4": "Other (each in fewer than 5 people)"}
    assert set(cloak.levels["site"].values()) == {"Site 1", "Other (each in fewer than 5 people)"}


def test_consort_items_are_those_of_2025_and_filled_only_by_what_is_there():
    assert len({number.rstrip("abcd") for number in ITEMS}) == 30
    full = filled(trial_subject(made.analysis()))
    assert set(full) <= set(ITEMS)
    assert {"22a", "25", "26"} <= set(full)
    assert "27" in full and "29" not in full
    none = {"flow": made.trial().flow.iloc[:0], "conduct": Conduct(), "harms": None}
    bare = replace(made.analysis(estimands=(), **none), parts=())
    assert set(filled(trial_subject(bare))) == {"1b", "9", "10", "30"}


def test_the_same_analysis_gives_the_same_bytes(tmp_path):
    def hashes(name: str) -> dict[str, str]:
        folder = Analysis(analysis=made.analysis()).report(tmp_path / name)
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "provenance.json"
        }

    assert hashes("one") == hashes("two")


def test_rules_of_response_have_the_unit_of_their_outcome_and_no_raw_name():
    steps = Threshold(name="mcid-w1-points", kind="mcid", value=50000.0, unit="points",
                      population="knee pain", source="Somebody 2001; table 2")  # fmt: skip
    outcome = made.pain(unit="steps", thresholds=(steps,))
    rule = "improved by 50000 points or more (mcid-w1-points); observed cases"
    assert rule_told(rule, outcome) == (
        "improved by 50\u202f000 steps or more "
        "(important change in knee pain, Somebody 2001, table 2); observed cases"
    )
    assert rule_told("improved by 1e+06 points or more", outcome).startswith(
        "improved by 1\u202f000\u202f000 steps"
    )
    ratio = replace(outcome, unit="%", thresholds=())
    assert rule_told("improved by 10 points or more", ratio) == (
        "improved by 10 percentage points or more"
    )
    kept = "improved by 30 % or more; observed cases"
    assert rule_told(kept, outcome) == kept
    plain = replace(outcome, unit="")
    assert rule_told("improved by 2 points or more", plain) == "improved by 2 points or more"
    refused = "mcid-w1-points: not applied, the trial has no baseline"
    assert "mcid" not in rule_told(refused, outcome)


def test_visits_have_their_labels_in_methods_and_codes_alone_are_taken_for_visits():
    analysis = made.analysis()
    visits = (Visit(name="W0", week=0.0, label="Baseline"), Visit(name="W12", week=12.0,
              label="Week 12"), Visit(name="post", week=20.0, label="After all"))  # fmt: skip
    trial = replace(analysis.trial, study=replace(analysis.trial.study, visits=visits))
    part = replace(analysis.parts[0], method="the visits W0, W12: post hoc at W12; W120 stays")
    told = with_names_told(replace(analysis, trial=trial, parts=(part,))).parts[0].method
    assert told == "the visits baseline, week 12: post hoc at week 12; W120 stays"
    assert visit_labels(replace(trial, study=replace(trial.study, visits=()))) == {}


def test_files_of_data_have_no_digits_apart():
    table = DisplayTable(columns=display_columns(("n", "Steps", "right", None)),
                         rows=((numbers_of.number(1234567.0, 0),),), caption="Steps.")  # fmt: skip
    section = Section(id="s", title="S", blocks=(TableBlock(id="steps", table=table),))
    files = _tables(Document(title="T", subtitle="", sections=(section,)))
    assert "\u202f" in table.rows[0][0]
    assert to_csv(files["tables/steps.csv"]) == "Steps\n1234567\n"
