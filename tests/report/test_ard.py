"""Analysis results data: every statistic of the report in long form, nothing that is hidden."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.report.ard import COLUMNS, json_of_subject, of_subject
from backwalk_stats.report.subject import trial_subject
from tests.report import trial_records


@pytest.fixture(scope="module")
def subject():
    return trial_subject(trial_records.analysis())


def test_estimates_are_those_of_the_results(subject):
    found = of_subject(subject)
    assert list(found.columns) == list(COLUMNS)
    for row in subject.analysis.estimates.to_dict("records"):
        same = (found["context"] == row["analysis"]) & (found["variable"] == row["outcome"])
        same &= found["stat_name"].eq("estimate") & found["variable_level"].eq(row["quantity"])
        assert row["estimate"] != row["estimate"] or row["estimate"] in set(found.loc[same, "stat"])


def test_json_is_the_same_numbers_by_operation(subject):
    told = json.loads(json_of_subject(subject))
    known = {op["id"] for method in told["methods"] for op in method["operations"]}
    results = [result for one in told["analyses"] for result in one["results"]]
    assert {one["operationId"] for one in results} <= known
    assert len(results) == len(of_subject(subject))


def test_no_small_count_is_in_it(subject):
    found = of_subject(subject)
    # How many have no value of an outcome is always shown: the n of the analysis tells it anyway.
    found = found[found["context"] != "missing"]
    counts = found[found["stat_name"].isin(("n", "N_miss"))]["stat"].dropna()
    assert len(counts)
    assert not counts.between(1, subject.trial.small_cell - 1).any()


def test_the_public_door(subject):
    whole = bw.Analysis(analysis=trial_records.analysis())
    pd.testing.assert_frame_equal(bw.tables.ard(whole), of_subject(subject))
    assert bw.tables.ard_json(whole) == json_of_subject(subject)
