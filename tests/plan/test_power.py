"""Power by simulation: against values of another program, the analyses themselves, and formulas."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.simulation.answers import answers
from backwalk_stats.engine.simulation.draws import calibrated
from backwalk_stats.engine.simulation.operating_characteristics import smallest
from backwalk_stats.engine.simulation.questions import Answers, Question
from backwalk_stats.plan.blocks import adjusted_p_values
from backwalk_stats.plan.scenarios import answers_of_analysis, cells, design_of, question_of
from backwalk_stats.trial.tables import NEEDED, POWER_RESULTS
from tests.plan.plans import SMALL, planned

ONE_SIZE = ("per_arm = [13, 20]", "per_arm = 20")


def quiet(done: int, total: int, what: str) -> None:
    """Say nothing."""


def run(path, **how) -> bw.Power:
    return bw.power(path, **{"replicates": 250, "progress": quiet, **how})


def value(found: bw.Power, quantity: str, estimand: str = "E1", per_arm: int = 20) -> float:
    rows = found.results.query(
        "quantity == @quantity and estimand == @estimand and per_arm == @per_arm"
    )
    assert len(rows) == 1
    return float(rows["value"].iloc[0])


def held_to_values(found: bw.Power, shared, scenario: str) -> int:
    """Hold every number to values.json: |ours - theirs| <= 4 sqrt(our SE^2 + their SE^2).

    Source: own program in numpy and numba, 40,000 trials a value, not of this project; its single
    trials checked on R mmrm 0.3.18 (`shared/plan/README.md`).
    """
    rows = json.loads((shared / "plan" / "values.json").read_text())["values"]
    known = {(v["scenario"], v["per_arm"], v["estimand"], v["quantity"]): v for v in rows}
    compared = 0
    for row in found.results.to_dict("records"):
        theirs = known.get((row["scenario"], row["per_arm"], row["estimand"], row["quantity"]))
        if theirs is None:
            continue
        compared += 1
        # A share of 0 or 1 has no error of its own: half an event is its least.
        least = 0.5 / row["replicates"] if row["mc_se"] == 0.0 else 0.0
        allowed = 4.0 * math.hypot(max(row["mc_se"], least), theirs["mc_se"]) + 1e-9
        assert abs(row["value"] - theirs["value"]) <= allowed, (row, theirs)
    wanted = [key for key in known if key[0] == scenario]
    assert compared == len(wanted)
    return compared


def test_values_of_another_program_with_few_replicates(shared):
    found = run(shared / "plan" / "trials" / "expected.toml", replicates=400)
    assert held_to_values(found, shared, "expected") == 72


@pytest.mark.slow
@pytest.mark.parametrize("name", ["complete", "expected", "uneven", "worse_leave"])
def test_values_of_another_program(shared, name):
    found = run(shared / "plan" / "trials" / f"{name}.toml", replicates=20_000)
    assert held_to_values(found, shared, name) > 0


def test_shares_missing_are_those_declared(shared):
    facts = json.loads((shared / "plan" / "values.json").read_text())["facts"]
    found = run(shared / "plan" / "trials" / "worse_leave.toml", replicates=500)
    own = found.missing.query("per_arm == 60")
    np.testing.assert_allclose(own["simulated"], own["declared"], atol=0.012)
    theirs = next(f for f in facts if f["scenario"] == "worse_leave")["true_difference"]
    np.testing.assert_allclose(found.found.truths["difference"], theirs, rtol=1e-9)


ANALYSES = ["mmrm", "ancova", "change-score", "rank-based", "constrained-longitudinal",
            "random-slope"]  # fmt: skip


def both_ways(path: Path, count: int) -> tuple[Question, Answers, Answers]:
    """Return what the first estimand asks, and what arrays and the analysis itself answer."""
    plan = bw.load_plan(path)
    cell, estimand = cells(plan, plan.scenarios[0])[0], plan.estimands[0]
    sampler = calibrated(design_of(plan, cell))
    drawn = sampler.draw(count, np.random.default_rng(5))
    question = question_of(plan, cell.scenario, estimand)
    assert question is not None
    slow = answers_of_analysis(plan, cell, estimand, drawn)
    return question, answers(question, drawn, sampler), slow


@pytest.mark.parametrize("analysis", ANALYSES)
def test_arrays_answer_as_the_analysis_itself(tmp_path, analysis):
    """Each drawn trial as a trial of the house, analysed by `bw.analyse`'s own function."""
    path = planned(tmp_path, ('analysis = "mmrm"', f'analysis = "{analysis}"'))
    _, fast, slow = both_ways(path, 3)
    assert fast.converged.all() and slow.converged.all()
    np.testing.assert_allclose(fast.p_value, slow.p_value, rtol=1e-5)
    if analysis != "rank-based":
        for name in ("estimate", "std_error", "df", "conf_low", "conf_high"):
            np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), rtol=2e-6)


@pytest.mark.parametrize("analysis", ["mmrm", "ancova", "constrained-longitudinal"])
def test_declared_covariates_are_drawn_and_adjusted_for(tmp_path, analysis):
    age = ("round = true", "round = true\ncovariates = { age = { mean = 60, sd = 8, "
           "correlation = 0.3 } }")  # fmt: skip
    path = planned(
        tmp_path, age, ('arm = "group"', 'arm = "group"\ncovariates = ["age"]'),
        ('analysis = "mmrm"', f'analysis = "{analysis}"\ncovariates = ["baseline", "age"]'),
    )  # fmt: skip
    question, fast, slow = both_ways(path, 2)
    assert question.covariates == (0,)
    for name in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), rtol=1e-5)


TIMED_OR_COUNTED = ['covariance = "sp_pow"', 'covariance = "sp_gau"', 'df = "residual"',
                    'covariance = "cs"\ndf = "between-within"']  # fmt: skip


@pytest.mark.parametrize("how", TIMED_OR_COUNTED)
def test_distances_and_counted_df_are_those_of_the_analysis(tmp_path, how):
    path = planned(
        tmp_path, ('analysis = "mmrm"', f'analysis = "mmrm"\nfallback = []\n{how}'),
        ("weeks = [0, 3, 6]", "weeks = [0, 2, 7]"),
    )  # fmt: skip
    _, fast, slow = both_ways(path, 3)
    assert slow.converged.all()
    for name in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), rtol=1e-5)


def test_dates_of_visits_are_refused_by_name(tmp_path):
    path = planned(
        tmp_path, ('arm = "group"', 'arm = "group"\ndate = { W0 = "d0", W3 = "d3", W6 = "d6" }'),
        ('analysis = "mmrm"', 'analysis = "mmrm"\ncovariance = "sp_pow"\ntimes = "dates"'),
        ("weeks = [0, 3, 6]", "weeks = [0, 2, 7]"),
    )  # fmt: skip
    found = run(path, replicates=4).results.query("estimand == 'E1'")
    assert found["note"].str.contains("the dates of visits, which no scenario draws").all()
    assert found["value"].isna().all()


def test_clusters_of_the_trial_are_analysed_as_such(tmp_path):
    path = planned(
        tmp_path, ("[plan]\n", '[clusters]\ntherapist = "who"\n\n[plan]\n'),
        ('analysis = "mmrm"', 'analysis = "ancova"\nrole = "primary"'),
        ("per_arm = [13, 20]", "per_arm = 40"),
        ("round = true", 'round = false\nclusters = { name = "therapist", size = 5, icc = 0.2 }'),
    )  # fmt: skip
    question, fast, slow = both_ways(path, 2)
    assert question.clustered
    for name in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), rtol=1e-5)
    error = value(run(path, replicates=500), "type_one_error", "E1", 40)
    assert error < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 500)


def test_what_no_array_answers_goes_through_the_analysis(tmp_path):
    path = planned(
        tmp_path, ONE_SIZE, ('analysis = "ancova"', 'analysis = "mixed-anova"'),
        ("round = true", "round = false"),
    )  # fmt: skip
    found = run(path, replicates=6)
    own = found.results[found.results["estimand"] == "E2"]
    assert set(own["quantity"]) == {"power", "not_converged", "type_one_error"}
    assert (own["replicates"] == 6).all()


def test_estimands_that_are_not_drawn_are_listed(tmp_path):
    more = """
[[estimand]]
id = "E3"
outcome = "function"

[[estimand]]
id = "E4"
outcome = "pain"
covariates = ["baseline", "age"]

[[estimand]]
id = "E5"
outcome = "pain"
population = "per-protocol"

[sets]
per_protocol = "kept"
"""
    path = planned(
        tmp_path, ("[plan]\n", f"{more}\n[plan]\n"), ONE_SIZE,
        ('arm = "group"', 'arm = "group"\ncovariates = ["age"]'),
    )  # fmt: skip
    found = run(path)
    left = found.results[found.results["replicates"] == 0].set_index("estimand")["note"]
    assert list(left.index) == ["E3", "E4", "E5"]
    assert "the scenario draws 'pain', not 'function'" in left["E3"]
    assert "that the scenario does not draw: age" in left["E4"] and "per-protocol" in left["E5"]
    page = found.report(tmp_path / "report.html").read_text()
    assert all(name in page for name in ("E3", "E4", "E5"))


def test_a_scenario_of_which_nothing_can_be_asked_is_refused(tmp_path):
    one = ('outcome = "pain"\nanalysis', 'outcome = "function"\nanalysis')
    with pytest.raises(bw.UsageError, match="no estimand can be simulated"):
        run(planned(tmp_path, one))


def test_events_are_refused_by_name(tmp_path):
    events = '[[events]]\nfile = "e.csv"\nparticipant = "id"\nkind = "k"\nvisit = "v"\n'
    path = planned(
        tmp_path, ("[plan]\n", f"{events}\n[plan]\n"), ONE_SIZE,
        ('analysis = "mmrm"', 'analysis = "mmrm"\nintercurrent = "hypothetical"'),
        ('analysis = "ancova"', 'analysis = "ancova"\nintercurrent = "treatment-policy"'),
    )  # fmt: skip
    found = run(path)
    note = found.results.query("estimand == 'E1'")["note"].iloc[0]
    assert "intercurrent events, which no scenario draws: hypothetical" in note
    assert value(found, "power", "E2") > 0.0


MULTIPLICITY = '[multiplicity]\nmethod = "{}"\norder = {}\n\n[plan]\n'


@pytest.mark.parametrize("method", ["holm", "hochberg", "hommel", "fixed-sequence", "gatekeeping"])
def test_p_values_are_adjusted_where_the_whole_family_is_drawn(tmp_path, method):
    told = ("[plan]\n", MULTIPLICITY.format(method, '["E2", "E1"]'))
    found = run(planned(tmp_path, told, ONE_SIZE))
    for name in ("E1", "E2"):
        assert value(found, "power", name) <= value(found, "power_unadjusted", name)
        assert value(found, "type_one_error", name) <= value(
            found, "type_one_error_unadjusted", name
        )
    notes = found.results.query("quantity == 'power'")["note"]
    assert notes.str.contains(f"p adjusted: {method} over E2, E1").all()


def test_adjusted_p_values_are_those_of_each_trial(tmp_path):
    told = ("[plan]\n", MULTIPLICITY.format("holm", '["E1", "E2"]'))
    plan = bw.load_plan(planned(tmp_path, told))
    p = {"E1": np.array([0.01, 0.03, np.nan]), "E2": np.array([0.04, 0.02, 0.03])}
    found = adjusted_p_values(plan, p)
    # Holm by hand: the smaller twice, the larger at least as much; missing counts 1.
    np.testing.assert_allclose(found["E1"], [0.02, 0.04, 1.0])
    np.testing.assert_allclose(found["E2"], [0.04, 0.04, 0.06])


def test_a_family_that_is_not_whole_is_said(tmp_path):
    third = '[[estimand]]\nid = "E3"\noutcome = "function"\n\n'
    told = MULTIPLICITY.format("holm", '["E1", "E3"]')
    found = run(planned(tmp_path, ("[plan]\n", third + told), ONE_SIZE))
    note = found.results.query("estimand == 'E1' and quantity == 'power'")["note"].iloc[0]
    assert "unadjusted; with holm not derivable, as E3 was not simulated" in note


def test_non_inferiority_has_its_own_null_hypothesis(tmp_path):
    """At the margin the error is half of alpha; the closed form holds beside it."""
    margin = 'framework = "non-inferiority"\nmargin = 1.0'
    path = planned(
        tmp_path, ("per_arm = [13, 20]", "per_arm = 60"),
        ('analysis = "ancova"', f'analysis = "ancova"\n{margin}'),
        ("backward = [6, 4.6, 3.6]", "backward = [6, 5.2, 4.8]"),
        ("{ forward = [0, 0.05, 0.15], backward = [0, 0.1, 0.2] }",
         "{ forward = [0, 0, 0], backward = [0, 0, 0] }"),
        ("round = true", "round = false"),
    )  # fmt: skip
    found = run(path, replicates=4000)
    exact = bw.sample_size(
        "ancova", per_arm=60, difference=0.0, sd=2.1, correlation=0.6, margin=1.0
    )
    power = value(found, "power", "E2", 60)
    assert power == pytest.approx(float(exact["power"].iloc[0]), abs=4 * 0.5 / math.sqrt(4000))
    error = value(found, "type_one_error", "E2", 60)
    assert error == pytest.approx(0.025, abs=4 * math.sqrt(0.025 * 0.975 / 4000))
    assert value(found, "type_one_error", "E1", 60) == pytest.approx(0.05, abs=0.016)


def test_closed_forms_stand_beside_normal_scores_that_all_stay(tmp_path):
    path = planned(
        tmp_path, ("per_arm = [13, 20]", "per_arm = 30"), ("round = true", "round = false"),
        ("{ forward = [0, 0.05, 0.15], backward = [0, 0.1, 0.2] }",
         "{ forward = [0, 0, 0], backward = [0, 0, 0] }"),
    )  # fmt: skip
    found = run(path, replicates=4000)
    for row in found.closed_forms.to_dict("records"):
        ours = value(found, "power", row["estimand"], 30)
        assert ours == pytest.approx(row["power"], abs=4 * 0.5 / math.sqrt(4000))
        assert row["note"] == ""
    assert set(found.closed_forms["estimand"]) == {"E1", "E2"}


def test_people_in_clusters_are_analysed_as_such_or_the_error_shows_it(tmp_path):
    scenario = 'round = false\nclusters = { name = "therapist", size = 10, icc = 0.3 }'
    path = planned(tmp_path, ONE_SIZE, ("round = true", scenario))
    found = run(path, replicates=1000)
    assert value(found, "type_one_error", "E2") > 0.12, "the analysis does not know of clusters"
    page = found.report(tmp_path / "report.html").read_text()
    assert "take no account of these groups" in page


def test_results_and_needed_have_their_columns(tmp_path):
    found = run(planned(tmp_path), replicates=500)
    assert tuple(found.results.columns) == POWER_RESULTS
    assert tuple(found.needed.columns) == NEEDED
    order = found.results["quantity"].drop_duplicates().tolist()
    assert order == ["power", "not_converged", "bias", "coverage", "empirical_se", "mean_df",
                     "type_one_error"]  # fmt: skip
    inside = found.results.dropna(subset=["value", "conf_low"])
    assert (inside["conf_low"] <= inside["value"] + 1e-12).all()
    assert (inside["value"] <= inside["conf_high"] + 1e-12).all()
    assert set(found.needed["target_power"]) == {0.8, 0.85, 0.9}
    assert len(repr(found)) < 2000 and "<table" in found._repr_html_()


def test_only_scenarios_that_are_asked_for(tmp_path):
    twice = SMALL + SMALL[SMALL.index("[[plan.scenario]]") :].replace('"expected"', '"worse"')
    path = planned(tmp_path, ONE_SIZE, text=twice)
    assert set(run(path, scenarios="worse").results["scenario"]) == {"worse"}
    with pytest.raises(bw.UsageError, match="Did you mean 'worse'"):
        run(path, scenarios=["wrose"])


def test_without_a_scenario_nothing_is_assumed(tmp_path):
    path = planned(tmp_path, text=SMALL[: SMALL.index("[[plan.scenario]]")])
    with pytest.raises(bw.UsageError, match=r"no \[\[plan.scenario\]\]"):
        run(path)


def test_a_plan_stands_for_its_file(tmp_path):
    path = planned(tmp_path, ONE_SIZE)
    pd.testing.assert_frame_equal(run(path).results, run(bw.load_plan(path)).results)


@pytest.mark.slow
def test_type_one_error_of_small_trials(tmp_path):
    """Twelve designs of 13 an arm: Kenward-Roger and ANCOVA keep 5 % within Monte Carlo limits.

    The table of `docs/methods/power.md` is of this run.
    """
    for name, changes in small_designs().items():
        found = run(planned(tmp_path, *changes), replicates=20_000)
        for estimand in ("E1", "E2"):
            error = value(found, "type_one_error", estimand, 13)
            assert error == pytest.approx(0.05, abs=0.0062), (name, estimand, error)


def small_designs() -> dict[str, tuple[tuple[str, str], ...]]:
    """Correlation x drop-out x rounding, 13 in each arm."""
    old = "{ forward = [0, 0.05, 0.15], backward = [0, 0.1, 0.2] }"
    drops = {
        "nobody": "{ forward = [0, 0, 0], backward = [0, 0, 0] }",
        "alike": "{ forward = [0, 0.1, 0.2], backward = [0, 0.1, 0.2] }",
        "uneven": "{ forward = [0, 0.05, 0.1], backward = [0, 0.15, 0.3] }",
    }
    return {
        f"{correlation}, {drop}, {rounded}": (
            ("per_arm = [13, 20]", "per_arm = 13"),
            (old, shares),
            ("correlation = 0.6", f"correlation = {correlation}"),
            ("round = true", f"round = {rounded}"),
        )
        for correlation in ("0.3", "0.8")
        for drop, shares in drops.items()
        for rounded in ("true", "false")
    }


# The size that a power needs.


def wanted_size(sizes, powers, target, n=10_000):
    p = np.array(powers)
    reach = 1.96 * np.sqrt(p * (1 - p) / n)
    return smallest(
        per_arm=np.array(sizes, dtype=float), power=p, conf_low=p - reach, conf_high=p + reach,
        replicates=np.full(len(p), float(n)), target=target,
    )  # fmt: skip


def test_needed_lies_where_the_exact_power_is(tmp_path):
    """Power of a t test at five sizes; the smallest n of `bw.sample_size` in between is found."""
    sizes = [20, 30, 40, 50, 60]
    exact = [
        float(bw.sample_size("two-sample", per_arm=n, difference=1.0, sd=1.6)["power"].iloc[0])
        for n in sizes
    ]
    for target in (0.8, 0.85, 0.9):
        wanted = bw.sample_size("two-sample", target_power=target, difference=1.0, sd=1.6)
        found = wanted_size(sizes, exact, target)
        assert abs(found["per_arm"] - int(wanted["per_arm"].iloc[0])) <= 1
        assert found["conf_low"] <= found["per_arm"] <= found["conf_high"]


def test_needed_is_never_extrapolated():
    assert wanted_size([20, 60], [0.3, 0.7], 0.8)["note"] == "more than 60"
    assert wanted_size([20, 60], [0.85, 0.99], 0.8)["note"] == "20 or fewer"
    assert wanted_size([60], [0.7], 0.8)["note"] == "more than 60"
    for target in (0.8, 0.9):
        row = wanted_size([20, 60], [0.3, 0.7], target)
        assert math.isnan(row["per_arm"]) and math.isnan(row["conf_high"])


def test_needed_of_powers_that_fall_by_chance_is_made_monotone():
    found = wanted_size([20, 30, 40], [0.6, 0.82, 0.81], 0.8, n=400)
    assert 20 < found["per_arm"] <= 30


def test_a_power_of_one_has_a_place(tmp_path):
    found = wanted_size([20, 40], [0.5, 1.0], 0.8)
    assert 20 < found["per_arm"] < 40 and math.isfinite(found["conf_high"])
