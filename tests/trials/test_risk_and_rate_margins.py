"""Margins of risks and rates, their populations, pictures and tipping points, from trial files."""

from __future__ import annotations

from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.engine.summary.proportions import Counts, ratio_interval
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.report import sections_trial
from backwalk_stats.report.document import document
from backwalk_stats.report.headline import margin_table
from backwalk_stats.report.subject import TrialSubject, trial_subject
from tests.engine.test_score_of_risks import searched
from tests.sentences import held

HEAD = """\
[trial]
id = "margins"
title = "SIMULATED: margins"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W6", "W12"]
weeks = [0, 6, 12]
[[data]]
file = "s.csv"
participant = "id"
arm = "group"
covariates = { age = { column = "age", kind = "number" } }
[[outcome]]
name = "well"
label = "Recovered"
kind = "binary"
event = "yes"
better = "{better}"
columns = {{ W12 = "well" }}
[[outcome]]
name = "falls"
kind = "count"
better = "lower"
exposure = "months"
columns = {{ W12 = "falls" }}
[[outcome]]
name = "pain"
instrument = "nprs"
columns = {{ W0 = "p0", W6 = "p6", W12 = "p12" }}
[sets]
per_protocol = "kept"
"""


def frame(n: int = 200, seed: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    age, pain = rng.integers(45, 80, n), rng.integers(4, 9, n)
    columns: dict[str, Any] = {"id": [f"Q{k:03d}" for k in range(n)]}
    columns["group"] = np.where(arm == 1, "BW", "FW")
    columns["age"] = age
    columns["kept"] = np.where(rng.random(n) < 0.85, "yes", "no")
    columns["well"] = np.where(rng.random(n) < 0.62 + 0.05 * arm - 0.004 * (age - 60), "yes", "no")
    columns["months"] = rng.integers(2, 7, n)
    columns["falls"] = rng.poisson(0.5 * columns["months"] * np.exp(-0.2 * arm))
    columns["p0"] = pain
    for week in (6, 12):
        columns[f"p{week}"] = np.clip(pain - rng.integers(0, 4, n), 0, 10)
    table = pd.DataFrame(columns).astype({"p12": "object"})
    table.loc[rng.random(n) < 0.12, "p12"] = ""
    return table


def made(folder: Path, estimand: str, *, better: str = "higher", n: int = 200) -> Path:
    frame(n).to_csv(folder / "s.csv", index=False)
    path = folder / "trial.toml"
    head = HEAD.replace("{better}", better).replace("{{", "{").replace("}}", "}")
    path.write_text(f'{head}[[estimand]]\nrole = "primary"\n{estimand}\n', encoding="utf-8")
    return path


def analysed(path: Path) -> TrialAnalysis:
    return analyse_trial(load_trial(path))


def against(analysis: TrialAnalysis, quantity: str = "non_inferiority") -> dict[str, Any]:
    rows = analysis.estimates
    (row,) = rows[(rows["quantity"] == quantity) & (rows["role"] == "primary")].to_dict("records")
    return {str(key): value for key, value in row.items()}


def row_of(analysis: TrialAnalysis, quantity: str) -> dict[str, Any]:
    rows = analysis.estimates
    rows = rows[(rows["quantity"] == quantity) & (rows["estimand"] == "E1")]
    return {str(key): value for key, value in rows.iloc[0].to_dict().items()}


def of_people() -> Counts:
    """Count who is well in each arm, from the sheet."""
    table = frame()
    one, two = (table.loc[table["group"] == arm, "well"] == "yes" for arm in ("BW", "FW"))
    return Counts(events1=int(one.sum()), n1=len(one), events2=int(two.sum()), n2=len(two))


WELL = 'outcome = "well"\nframework = "{}"\nmargin = {}\n'


@pytest.mark.parametrize(("better", "null"), [("higher", -0.1), ("lower", 0.1)])
def test_a_crude_risk_is_held_against_its_margin_by_the_score(
    tmp_path: Path, better: str, null: float
) -> None:
    path = made(tmp_path, WELL.format("non-inferiority", 0.1) + "covariates = []", better=better)
    found = against(analysed(path))
    counts = of_people()
    z = searched(counts, null, ratio=False)
    wanted = norm.sf(z) if better == "higher" else norm.cdf(z)
    assert found["p_value"] == pytest.approx(wanted, abs=1e-5)
    assert found["estimate"] == pytest.approx(counts.risks[0] - counts.risks[1])
    assert "one-sided, margin 0.1 (score test)" in found["note"]
    # What the p says at half of one minus the level, its own limits say.
    end = found["conf_low"] > -0.1 if better == "higher" else found["conf_high"] < 0.1
    assert (found["p_value"] < 0.025) == end


def test_a_ratio_of_risks_is_held_against_a_factor(tmp_path: Path) -> None:
    more = WELL.format("equivalence", 1.3) + 'margin_scale = "ratio"\ncovariates = []'
    analysis = analysed(made(tmp_path, more))
    found, ratio = against(analysis, "equivalence"), row_of(analysis, "risk_ratio")
    counts = of_people()
    sides = (
        norm.sf(searched(counts, 1 / 1.3, ratio=True)),
        norm.cdf(searched(counts, 1.3, ratio=True)),
    )
    assert found["p_value"] == pytest.approx(max(sides), abs=1e-5)
    koopman = ratio_interval(counts)
    assert (ratio["conf_low"], ratio["conf_high"]) == pytest.approx((koopman.low, koopman.high))
    inside = koopman.low > 1 / 1.3 and koopman.high < 1.3
    assert (found["p_value"] < 0.025) == inside


def test_an_adjusted_risk_is_held_by_its_own_error(tmp_path: Path) -> None:
    path = made(tmp_path, WELL.format("non-inferiority", 0.1) + 'covariates = ["age"]')
    analysis = analysed(path)
    found, difference = against(analysis), row_of(analysis, "risk_difference")
    z = (difference["estimate"] + 0.1) / difference["std_error"]
    assert found["p_value"] == pytest.approx(norm.sf(z), abs=1e-12)
    assert (found["conf_low"] > -0.1) == (found["p_value"] < 0.025)


@pytest.mark.parametrize(("framework", "margin"), [("non-inferiority", 1.4), ("equivalence", 1.6)])
def test_a_rate_is_held_against_a_factor_by_its_logarithm(
    tmp_path: Path, framework: str, margin: float
) -> None:
    more = f'outcome = "falls"\nframework = "{framework}"\nmargin = {margin}\ncovariates = []'
    analysis = analysed(made(tmp_path, more))
    rate = row_of(analysis, "rate_ratio")
    found = against(analysis, framework.replace("-", "_"))
    error = rate["std_error"] / rate["estimate"]
    high = norm.cdf((log(rate["estimate"]) - log(margin)) / error)
    low = norm.sf((log(rate["estimate"]) + log(margin)) / error)
    assert found["p_value"] == pytest.approx(high if framework[0] == "n" else max(low, high))
    assert rate["conf_high"] == pytest.approx(rate["estimate"] * exp(norm.ppf(0.975) * error))


FAULTS = [
    ('outcome = "well"\nframework = "non-inferiority"\nmargin = 10', "margin", "0.1 is 10 of 100"),
    ('outcome = "falls"\nframework = "non-inferiority"\nmargin = 0.8', "margin", "1.25"),
    (
        'outcome = "well"\nframework = "equivalence"\nmargin = 0.9\nmargin_scale = "ratio"',
        "margin",
        "a ratio above 1",
    ),
    (
        'outcome = "falls"\nframework = "equivalence"\nmargin = 1.2\nmargin_scale = "difference"',
        "margin_scale",
        "'ratio'",
    ),
    (
        'outcome = "pain"\nframework = "equivalence"\nmargin = 1.2\nmargin_scale = "ratio"',
        "margin_scale",
        "'difference'",
    ),
    ('outcome = "well"\nmargin_scale = "ratio"', "margin_scale", "superiority"),
    (
        'outcome = "well"\nanalysis = "gee"\nframework = "equivalence"\nmargin = 0.1',
        "analysis",
        "'gee'",
    ),
]


@pytest.mark.parametrize(("more", "key", "said"), FAULTS)
def test_margins_that_are_none_are_one_fault(
    tmp_path: Path, more: str, key: str, said: str
) -> None:
    faults = [str(one) for one in check_trial(made(tmp_path, f"{more}\ncovariates = []"))[0]]
    assert len(faults) == 1 and key in faults[0] and said in faults[0], faults


def told(subject: TrialSubject) -> Any:
    sections = document.written_sections(sections_trial, subject)
    held.holds(subject, sections)
    return sections


SAID = [
    WELL.format("non-inferiority", 0.1) + 'covariates = []\nsensitivity = ["per-protocol"]',
    WELL.format("equivalence", 0.3) + 'covariates = ["age"]',
    WELL.format("non-inferiority", 1.5) + 'margin_scale = "ratio"\ncovariates = []\n'
    'sensitivity = ["per-protocol", "worst-case"]',
    'outcome = "falls"\nframework = "non-inferiority"\nmargin = 1.2\ncovariates = []\n'
    'sensitivity = ["per-protocol"]',
    'outcome = "pain"\nframework = "non-inferiority"\nmargin = 0.5\nsubgroups = ["age"]\n'
    'sensitivity = ["per-protocol", "tipping-point"]',
]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("more", SAID)
def test_what_is_said_of_the_margin_is_what_its_rows_say(tmp_path: Path, more: str) -> None:
    subject = trial_subject(analysed(made(tmp_path, more)))
    asked = subject.estimands[0]
    told(subject)
    table = margin_table(subject, asked)
    assert table is not None
    rows = subject.analysis.estimates
    rows = rows[rows["quantity"] == asked.margin_quantity]
    # Neither subgroups nor the unshifted tipping point are answers to the question.
    beside = [one for one in asked.sensitivity if one != "tipping-point"]
    assert len(table.rows) == len(rows) == 1 + len(beside)
    for line, p in zip(table.rows, rows["p_value"], strict=True):
        assert (line[-1] == "shown") == (p < 0.025), (line, p)


def test_a_forest_does_not_show_what_is_withheld(tmp_path: Path) -> None:
    """Those who kept to the protocol are nearly everyone: a difference would tell the others."""
    more = WELL.format("non-inferiority", 0.1) + 'covariates = []\nsensitivity = ["per-protocol"]'
    subject = trial_subject(analysed(made(tmp_path, more)))
    rows = subject.analysis.estimates
    beside = rows[(rows["analysis"] == "per-protocol") & (rows["quantity"] == "risk_difference")]
    assert beside["estimate"].isna().all()  # this trial's counts follow from each other
    part = next(one for one in subject.analysis.parts if one.analysis == "sensitivity")
    assert part.frames["forest"]["label"].tolist() == ["adjusted-risk"]


def test_a_hidden_risk_hides_its_test_against_the_margin(tmp_path: Path) -> None:
    """Of few people the share is not told, and neither is what follows from it."""
    more = WELL.format("non-inferiority", 0.1) + "covariates = []"
    analysis = analysed(made(tmp_path, more, n=16))
    rows = trial_subject(analysis).analysis.estimates
    assert analysis.estimates.loc[analysis.estimates["quantity"] == "non_inferiority",
                                  "p_value"].notna().all()  # fmt: skip
    kinds = ["risk_difference", "non_inferiority"]
    gone = rows[rows["quantity"].isin(kinds)]
    assert set(gone["quantity"]) == set(kinds)
    assert gone[["estimate", "p_value", "conf_low"]].isna().all(axis=None)
