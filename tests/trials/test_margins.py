"""Margins: the one-sided p is what the interval says, and the sentence is what the p says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backwalk_stats.analyses.margins import against_margin
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.report.headline import headline
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.trial.estimand import MAIN_ANALYSES, WITH_MARGIN, Estimand
from tests.trials.made import made as made_by
from tests.trials.made import wide_frame

PAIN = 'instrument = "nprs"\ncolumns = { W0 = "pre", W6 = "post" }'


def made(folder: Path, frame: pd.DataFrame, *, estimand: str) -> Path:
    """Write a trial of pain, and return its trial file; ANCOVA where nothing else is asked for."""
    path = made_by(folder, frame, outcome=PAIN, estimand=estimand)
    if estimand.count("analysis"):
        path.write_text(path.read_text().replace('analysis = "ancova"\n', "", 1))
    return path


ASKED = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"))
NON_INFERIOR = 'framework = "non-inferiority"\nmargin = {0}'


@pytest.mark.parametrize("seed", range(40))
def test_p_is_below_its_level_where_the_interval_keeps_within(seed: int) -> None:
    rng = np.random.default_rng(seed)
    estimate, error, df = float(rng.normal(0, 1)), float(rng.uniform(0.1, 1)), 40.0
    margin, level = float(rng.uniform(0.2, 3)), float(rng.choice([0.9, 0.95]))
    half = float(stats.t.ppf(0.5 + level / 2, df)) * error
    low, high = estimate - half, estimate + half
    row = {"estimate": estimate, "std_error": error, "df": df}
    within = {
        ("non-inferiority", "lower"): high < margin,
        ("non-inferiority", "higher"): low > -margin,
        ("equivalence", "lower"): -margin < low and high < margin,
    }
    for (framework, better), holds in within.items():
        one = replace(ASKED, framework=framework, margin=margin, level=level)  # type: ignore[arg-type]
        found = against_margin(row, one, better=better)
        assert (found["p_value"] < (1 - level) / 2) == holds, (framework, better, row)


def test_the_two_sides_of_non_inferiority_are_those_of_the_t_distribution() -> None:
    """P(T < (d - margin) / SE) where lower is better, P(T > (d + margin) / SE) where higher is."""
    row = {"estimate": 0.3, "std_error": 0.5, "df": 20.0}
    one = replace(ASKED, framework="non-inferiority", margin=1.2)
    lower = against_margin(row, one, better="lower")["p_value"]
    assert lower == pytest.approx(stats.t.cdf((0.3 - 1.2) / 0.5, 20), abs=1e-14)
    higher = against_margin(row, one, better="higher")["p_value"]
    assert higher == pytest.approx(stats.t.sf((0.3 + 1.2) / 0.5, 20), abs=1e-14)


@pytest.mark.parametrize("framework", ["non-inferiority", "equivalence"])
@pytest.mark.parametrize("margin", [0.1, 6.0])
@pytest.mark.parametrize("beside", [True, False])
def test_the_sentence_says_the_row(
    tmp_path: Path, framework: str, margin: float, beside: bool
) -> None:
    more = f'analysis = "ancova"\nframework = "{framework}"\nmargin = {margin}\n'
    more += 'sensitivity = ["per-protocol"]\n' if beside else ""
    frame = wide_frame({"kept": ["yes"] * 22 + ["no"] * 2}) if beside else wide_frame()
    path = made(tmp_path, frame, estimand=more)
    if beside:
        path.write_text(path.read_text() + '\n[sets]\nper_protocol = "kept"\n')
    subject = trial_subject(analyse_trial(load_trial(path)))
    asked = subject.estimands[0]
    said = headline(subject, asked)
    found = re.findall(
        r"it is (not )?shown that .+?by (?:less than )?the margin of (.+?) (?:or more )?\(", said
    )
    rows = subject.analysis.estimates
    rows = rows[rows["quantity"] == asked.margin_quantity]
    assert rows["analysis"].tolist() == ["ancova", "per-protocol"][: 1 + beside]
    assert len(found) == len(rows), said
    for (no, size), p in zip(found, rows["p_value"], strict=True):
        assert bool(no) == (p >= 0.025), (said, p)
        assert size.startswith(f"{margin:g}"), said
    assert ("Of those who kept to the protocol" in said) == beside, said
    assert ("No analysis of those who kept to the protocol" in said) != beside, said


@pytest.mark.parametrize("analysis", sorted({*MAIN_ANALYSES} - {*WITH_MARGIN}))
def test_what_has_no_difference_for_a_margin_is_refused_by_name(tmp_path: Path, analysis: str):
    more = f'analysis = "{analysis}"\n{NON_INFERIOR.format(1.0)}'
    said = "\n".join(map(str, check_trial(made(tmp_path, wide_frame(), estimand=more))[0]))
    assert f"'{analysis}'" in said, said


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("margin = 1.0", "margin"),
        ('framework = "equivalence"', "margin"),
        ('framework = "equivalence"\nmargin = 0', "margin"),
    ],
)
def test_margins_that_do_not_fit_are_faults(tmp_path: Path, more: str, key: str):
    path = made(tmp_path, wide_frame(), estimand=f'analysis = "ancova"\n{more}')
    assert key in "\n".join(map(str, check_trial(path)[0]))


def test_a_margin_leaves_the_difference_as_it_is(tmp_path: Path):
    plain = load_trial(made(tmp_path, wide_frame(), estimand='analysis = "ancova"'))
    asked = replace(plain.estimands[0], framework="equivalence", margin=2.0)
    rows = [MENU["ancova"](plain, one).estimates for one in (plain.estimands[0], asked)]
    first, other = (one[one["quantity"] == "mean_difference"] for one in rows)
    assert first.iloc[0].equals(other.iloc[0])
