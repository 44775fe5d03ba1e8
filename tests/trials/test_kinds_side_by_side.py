"""Analyses beside the main one of outcomes without means: shown, and counted by their own null."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report.document import document
from backwalk_stats.report.open_questions import answering_rows, disagreement, side_by_side
from backwalk_stats.report.sections_trial import sensitivity
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.report.writers.html_pdf import to_pdf
from backwalk_stats.tables.display import DisplayTable, display_columns
from tests.trials.test_other_kinds import frame, trial_of

NULL = {"risk_difference": 0.0, "odds_ratio": 1.0, "rate_ratio": 1.0}
ALL = "[report]\nsmall_cell = 0\n"


def subject_of(folder: Path, kind: str, beside: list[str], data: pd.DataFrame) -> TrialSubject:
    asked = ", ".join(f'"{one}"' for one in beside)
    sets = "[sets]\nper_protocol = 'kept'\n" if "per-protocol" in beside else ""
    more = f"covariates = []\nsensitivity = [{asked}]"
    path = trial_of(folder, kind, data, estimand=more, report=sets + ALL)
    return trial_subject(analyse_trial(load_trial(path)))


def kept() -> pd.DataFrame:
    return frame(5).assign(kept=["no" if k in (3, 10, 21) else "yes" for k in range(48)])


@pytest.mark.parametrize(
    ("kind", "beside"),
    [
        ("ordinal", ["rank-based", "per-protocol"]),
        ("count", ["per-protocol"]),
        ("binary", ["best-case", "worst-case", "missing-as-failure", "per-protocol"]),
    ],
)
def test_every_analysis_stands_in_the_table(tmp_path: Path, kind: str, beside: list[str]):
    data = kept()
    data.loc[[0, 6, 7, 13], kind] = ""
    subject = subject_of(tmp_path, kind, beside, data)
    (estimand,) = subject.estimands
    rows = answering_rows(subject, estimand)
    assert set(rows["analysis"]) == {estimand.analysis, *beside}
    assert not rows.duplicated("analysis").any()
    assert len(side_by_side(subject, estimand).rows) == len(beside) + 1


def test_shares_are_shown_out_of_a_hundred(tmp_path: Path):
    data = kept()
    data.loc[[0, 6, 7, 13], "binary"] = ""
    subject = subject_of(tmp_path, "binary", ["worst-case"], data)
    (estimand,) = subject.estimands
    rows = answering_rows(subject, estimand)
    cells = [row[3].replace("−", "-") for row in side_by_side(subject, estimand).rows]
    assert [float(one) for one in cells] == pytest.approx(100 * rows["estimate"], abs=0.051)


@pytest.mark.parametrize("seed", [1, 4, 8])
def test_sides_are_counted_from_the_null_of_each_quantity(tmp_path: Path, seed: int):
    data = frame(seed)
    data["binary"] = [
        "" if k in (2, 5, 6, 9, 11, 14) else cell for k, cell in enumerate(data["binary"])
    ]
    beside = ["best-case", "worst-case", "missing-as-failure"]
    subject = subject_of(tmp_path, "binary", beside, data)
    (estimand,) = subject.estimands
    rows = subject.analysis.estimates
    rows = rows[rows["quantity"].isin(NULL) & (rows["analysis"] != "responder")]
    main, *others = [row for row in rows.to_dict("records")]
    away = [NULL[row["quantity"]] for row in others]
    way = main["estimate"] - NULL[main["quantity"]]
    alike = sum((row["estimate"] - null) * way > 0 for row, null in zip(others, away, strict=True))
    beyond = sum(not row["conf_low"] <= null <= row["conf_high"]
                 for row, null in zip(others, away, strict=True))  # fmt: skip
    said = sensitivity.agreement(subject, estimand)
    assert f"{alike} point" in said and f"{beyond} exclude" in said, said
    assert "no difference" in said and "zero" not in said
    held = main["conf_low"] <= 0 <= main["conf_high"]
    told = disagreement(subject, estimand)
    assert told.startswith("The interval " + ("leaves out" if held else "includes")), told


def test_a_table_without_rows_is_set(tmp_path: Path):
    empty = DisplayTable(
        columns=display_columns(("a", "A", "left", 1.0)), rows=(), caption="Nothing."
    )
    block = document.TableBlock(id="nothing", table=empty)
    section = document.Section(id="one", title="One", blocks=(block,))
    made = document.Document(title="T", subtitle="", sections=(section,))
    assert to_pdf(made).startswith(b"%PDF")
