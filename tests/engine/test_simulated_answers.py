"""What a simulated trial answers is what the package's own analysis of that trial gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch import likelihood
from backwalk_stats.engine.simulation import clustered, questions, repeated, single_visit
from backwalk_stats.engine.simulation.answers import answers
from backwalk_stats.engine.simulation.designs import Clusters, Covariate, Design, Scale
from backwalk_stats.engine.simulation.draws import Drawn, calibrated
from backwalk_stats.engine.simulation.questions import (
    NO_ERROR,
    SIMULATED,
    UNMEASURED,
    Answers,
    Question,
)
from backwalk_stats.errors import UsageError
from tests.engine.simulated_designs import design, long_frame, wide_frame

TESTS = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high")
DESIGNS = {
    "13 an arm, those who are worse leave": design(13, 13),
    "uneven, no scale": design(25, 16, visits=4, slope=None, rounded=False),
    "three arms": design(14, 13, 15, visits=4),
    "nobody leaves": design(15, 15, visits=3, share=0.0),
    "one visit after baseline": design(12, 14, visits=2),
}
TRIALS = 3


def drawn_of(one: Design, count: int = TRIALS, seed: int = 1) -> Drawn:
    return calibrated(one).draw(count, np.random.default_rng(seed))


def with_gaps(drawn: Drawn, seed: int = 3, share: float = 0.08) -> Drawn:
    y = drawn.y.copy()
    hit = np.random.default_rng(seed).random(y.shape) < share
    hit[:, :, 0] = False
    y[hit] = np.nan
    return Drawn(y=y, arm=drawn.arm)


def question(one: Design, analysis: str, **more) -> Question:
    weeks = tuple(3.0 * at for at in range(one.means.shape[1]))
    told: dict[str, Any] = {
        "visit": one.means.shape[1] - 1,
        "arm": len(one.sizes) - 1,
        "reference": 0,
    }
    return Question(analysis=analysis, weeks=weeks, **{**told, **more})


def assert_same(found: Answers, trial: int, expected: pd.Series | dict, rel: float) -> None:
    assert found.converged[trial] and found.reason[trial] == ""
    for name in TESTS:
        value = getattr(found, name)[trial]
        assert value == pytest.approx(expected[name], rel=rel), (trial, name)


def model_of(frame: pd.DataFrame, asked: Question, **more):
    base = "base * visit + " * asked.baseline
    return bw.mmrm(
        f"score ~ {base}arm * visit", frame, participant="who", visit="visit",
        covariance=asked.covariance, fallback=asked.fallback, df=asked.df,
        information=asked.information, **more,
    )  # fmt: skip


def contrast_of(fit, asked: Question) -> pd.Series:
    """Return the contrast at the visit."""
    one, two = f"arm{asked.arm}", f"arm{asked.reference}"
    found = fit.contrasts("arm", by="visit", level=asked.level)
    found = found[found["visit"].astype(str) == f"V{asked.visit}"]
    return found[found["contrast"] == f"{one} - {two}"].iloc[0]


@pytest.mark.parametrize("baseline", [True, False])
@pytest.mark.parametrize("name", [one for one in DESIGNS if one != "one visit after baseline"])
def test_mmrm(name, baseline):
    one = DESIGNS[name]
    drawn, asked = drawn_of(one), question(one, "mmrm", baseline=baseline, level=0.9)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(TRIALS):
        fit = model_of(long_frame(drawn, trial, first=1), asked)
        assert_same(found, trial, contrast_of(fit, asked), 1e-8)
    assert (found.fitted == 0).all()


@pytest.mark.parametrize(
    "more",
    [
        {"df": "satterthwaite"},
        {"df": "kenward-roger-linear"},
        {"information": "expected"},
        {"visit": 2},
        {"arm": 2, "reference": 1},
    ],
)
def test_mmrm_by_other_rules(more):
    one = DESIGNS["three arms"]
    drawn, asked = drawn_of(one), question(one, "mmrm", **more)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(TRIALS):
        frame = long_frame(drawn, trial, first=1)
        arms = sorted(frame["arm"].cat.categories, key=lambda name: name != f"arm{asked.reference}")
        frame["arm"] = frame["arm"].cat.reorder_categories(arms)
        assert_same(found, trial, contrast_of(model_of(frame, asked), asked), 1e-8)


@pytest.mark.parametrize("df", ["between-within", "residual"])
@pytest.mark.parametrize("more", [{}, {"visit": 1}, {"baseline": False}])
def test_mmrm_with_counted_df(df, more):
    one = DESIGNS["three arms"]
    drawn, asked = drawn_of(one), question(one, "mmrm", df=df, **more)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(TRIALS):
        fit = model_of(long_frame(drawn, trial, first=1), asked)
        assert_same(found, trial, contrast_of(fit, asked), 1e-8)


def test_a_column_that_nobody_has_beside_another_visit_counts_as_between():
    """Whoever of arm 2 has the third visit has no other: its column is a number for each person."""
    one = design(12, 12, 12, visits=4, slope=None, share=0.0)
    y = drawn_of(one, 1).y
    members = np.flatnonzero(one.arm == 2)
    y[0, members[:6], 1:3], y[0, members[6:], 3] = np.nan, np.nan
    for df in ("between-within", "residual"):
        asked = question(one, "mmrm", df=df, covariance="cs")
        drawn = Drawn(y=y, arm=one.arm)
        found = answers(asked, drawn, calibrated(one))
        fit = model_of(long_frame(drawn, 0, first=1), asked)
        assert_same(found, 0, contrast_of(fit, asked), 1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("name", [one for one in DESIGNS if one != "one visit after baseline"])
def test_many_trials_are_those_of_bw_mmrm(name):
    one = DESIGNS[name]
    drawn, asked = drawn_of(one, 150, seed=9), question(one, "mmrm")
    found = answers(asked, drawn, calibrated(one))
    for trial in range(150):
        fit = model_of(long_frame(drawn, trial, first=1), asked)
        assert_same(found, trial, contrast_of(fit, asked), 1e-8)


STRUCTURES = ("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp")


@pytest.mark.parametrize("df", ["kenward-roger", "kenward-roger-linear"])
@pytest.mark.parametrize("covariance", STRUCTURES)
def test_mmrm_with_visits_missed_in_between(covariance, df):
    one = design(16, 15, visits=4)
    drawn = with_gaps(drawn_of(one, 2))
    asked = question(one, "mmrm", covariance=covariance, df=df, fallback=())
    found = answers(asked, drawn, calibrated(one))
    for trial in range(2):
        fit = model_of(long_frame(drawn, trial, first=1), asked, times="week")
        assert fit.stats.converged
        assert_same(found, trial, contrast_of(fit, asked), 1e-8)


def test_mmrm_of_five_visits_with_gaps():
    one = design(30, 30, visits=6)
    drawn, asked = with_gaps(drawn_of(one, 2)), question(one, "mmrm")
    found = answers(asked, drawn, calibrated(one))
    for trial in range(2):
        fit = model_of(long_frame(drawn, trial, first=1), asked)
        assert_same(found, trial, contrast_of(fit, asked), 1e-8)


def test_a_covariance_that_does_not_converge_falls_back_as_declared():
    """Seven an arm and most leave: `us` has no optimum where too few are at the last visit."""
    one = design(7, 7, visits=4, share=0.6)
    drawn = drawn_of(one, 40, seed=2)
    asked = question(one, "mmrm", fallback=("csh", "cs"))
    found = answers(asked, drawn, calibrated(one))
    others = np.flatnonzero(found.fitted > 0)
    assert len(others) >= 3
    for trial in others[:6]:
        fit = model_of(long_frame(drawn, trial, first=1), asked)
        assert fit.stats.covariance == asked.chain[found.fitted[trial]]
        if fit.stats.singular:
            continue  # on the edge each search stops at another point
        assert_same(found, trial, contrast_of(fit, asked), 1e-6)
    without = answers(replace(asked, fallback=()), drawn, calibrated(one))
    assert not without.converged[others].any()
    assert set(without.reason[others]) <= {batch.UNCONVERGED, NO_ERROR}
    assert np.isnan(without.p_value[others]).all() and (without.fitted[others] == -1).all()


@pytest.mark.parametrize("name", list(DESIGNS))
def test_constrained_longitudinal(name):
    one = DESIGNS[name]
    drawn, asked = drawn_of(one), question(one, "constrained-longitudinal", reference=0)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(TRIALS):
        frame = long_frame(drawn, trial, first=0)
        fit = bw.constrained_longitudinal(
            frame, value="score", participant="who", visit="visit", arm="arm", baseline_visit="V0"
        )
        rows = fit.contrasts()
        rows = rows[(rows["contrast"] == f"arm{asked.arm} - arm0")]
        assert_same(found, trial, rows.iloc[-1], 1e-8)


def test_constrained_longitudinal_with_gaps():
    one = design(14, 15, visits=4)
    drawn, asked = with_gaps(drawn_of(one)), question(one, "constrained-longitudinal")
    found = answers(replace(asked, covariance="csh"), drawn, calibrated(one))
    for trial in range(TRIALS):
        fit = bw.constrained_longitudinal(
            long_frame(drawn, trial, first=0), value="score", participant="who", visit="visit",
            arm="arm", baseline_visit="V0", covariance="csh",
        )  # fmt: skip
        assert_same(found, trial, fit.contrasts().iloc[-1], 1e-8)


@pytest.mark.parametrize("df", ["between-within", "residual"])
def test_constrained_longitudinal_with_counted_df(df):
    one = DESIGNS["13 an arm, those who are worse leave"]
    drawn, asked = drawn_of(one), question(one, "constrained-longitudinal", df=df)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(TRIALS):
        frame = long_frame(drawn, trial, first=0)
        fit = bw.constrained_longitudinal(
            frame, value="score", participant="who", visit="visit", arm="arm", baseline_visit="V0",
            df=df,
        )  # fmt: skip
        assert_same(found, trial, fit.contrasts().iloc[-1], 1e-8)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite", "between-within", "residual"])
@pytest.mark.parametrize(
    "name", ["13 an arm, those who are worse leave", "three arms", "nobody leaves"]
)
def test_random_slope(name, df):
    """Among these are trials whose random effects are singular."""
    one = DESIGNS[name]
    drawn, asked = drawn_of(one, 5), question(one, "random-slope", df=df)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(5):
        frame = long_frame(drawn, trial, first=0)
        fit = bw.lmm("score ~ week * arm + (week | who)", frame, df=df)
        terms = fit.coefficients()
        slope = terms[terms["term"] == f"week:armarm{asked.arm}"].iloc[0].to_dict()
        span = asked.weeks[asked.visit]
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            slope[column] *= span
        assert_same(found, trial, slope, 1e-6 if fit.stats.singular else 1e-8)


@pytest.mark.parametrize("baseline", [True, False])
@pytest.mark.parametrize("name", list(DESIGNS))
def test_ancova(name, baseline):
    one = DESIGNS[name]
    drawn, asked = drawn_of(one), question(one, "ancova", baseline=baseline)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(TRIALS):
        frame = wide_frame(drawn, trial, asked.visit)
        if baseline:
            rows = bw.ancova(frame, outcome="score", baseline="base", arm="arm")
        else:
            rows = bw.ols("score ~ arm", frame).contrasts("arm")
        own = rows[rows["contrast"] == f"arm{asked.arm} - arm0"].iloc[0]
        assert_same(found, trial, own, 1e-10)


def test_of_one_visit_the_mixed_model_is_the_analysis_of_covariance():
    one = DESIGNS["one visit after baseline"]
    drawn = drawn_of(one, 20)
    for name in TESTS:
        left, right = (
            getattr(answers(question(one, kind), drawn, calibrated(one)), name)
            for kind in ("mmrm", "ancova")
        )
        assert left.tobytes() == right.tobytes()


@pytest.mark.parametrize("name", list(DESIGNS))
def test_change_score_and_ranks(name):
    one = DESIGNS[name]
    drawn = drawn_of(one, 6)
    welch, ranks = (question(one, kind, level=0.8) for kind in ("change-score", "rank-based"))
    means, shifts = (answers(asked, drawn, calibrated(one)) for asked in (welch, ranks))
    for trial in range(6):
        frame = wide_frame(drawn, trial, welch.visit)
        wanted = f"arm{welch.arm} - arm0"
        rows = bw.change_score(frame, outcome="score", baseline="base", arm="arm", level=0.8)
        assert_same(means, trial, rows[rows["contrast"] == wanted].iloc[0], 1e-10)
        pair = frame[frame["arm"].isin([f"arm{welch.arm}", "arm0"])]
        pair = pair.assign(arm=pair["arm"].cat.remove_unused_categories())
        own = bw.rank_based(pair, outcome="change", arm="arm", level=0.8).iloc[0]
        assert own["method"] == "exact" and shifts.converged[trial]
        for column in ("estimate", "p_value", "conf_low", "conf_high"):
            assert getattr(shifts, column)[trial] == pytest.approx(own[column], rel=1e-12)
    assert np.isnan(shifts.std_error).all() and np.isnan(shifts.df).all()


@pytest.mark.parametrize("baseline", [True, False])
@pytest.mark.parametrize("icc", [0.0, 0.3])
@pytest.mark.parametrize(("sizes", "people"), [((24, 20), 6), ((15, 14, 17), 4)])
def test_ancova_with_a_random_intercept_of_clusters(sizes, people, icc, baseline):
    """Among these are trials in which clusters are estimated not to differ."""
    one = replace(design(*sizes, visits=3), clusters=Clusters(people, icc))
    drawn = drawn_of(one, 4)
    asked = question(one, "ancova", clustered=True, baseline=baseline)
    found = answers(asked, drawn, calibrated(one))
    for trial in range(4):
        frame = wide_frame(drawn, trial, asked.visit).assign(site=one.cluster).dropna()
        text = f"score ~ arm {'+ base ' * baseline}+ (1 | site)"
        fit = bw.lmm(text, frame, df="kenward-roger", information="expected")
        rows = fit.contrasts("arm")
        own = rows[rows["contrast"] == f"arm{asked.arm} - arm0"].iloc[0]
        assert_same(found, trial, own, 1e-8)


def test_clusters_of_one_person_each_cannot_differ():
    one = replace(design(6, 6, visits=2, share=0.0, slope=None), clusters=Clusters(2, 0.1))
    y = drawn_of(one, 2).y
    y[0, ::2, 1] = np.nan
    asked = question(one, "ancova", clustered=True)
    found = answers(asked, Drawn(y=y, arm=one.arm), calibrated(one))
    assert found.reason.tolist() == [clustered.ALONE, ""] and found.converged.tolist() == [0, 1]
    assert one.cluster.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert replace(one, sizes=(3, 2)).cluster.tolist() == [0, 0, 1, 2, 2]
    assert replace(one, clusters=None).cluster.tolist() == list(range(12))


AGE = Covariate(60.0, 8.0, 0.2)
COVARIATES = (AGE, Covariate(0.0, 1.0, -0.4))


def assert_adjusted(one: Design, kind: str, fitted, df: str, *, first: int | None) -> None:
    """Compare answers adjusted for both covariates with a fit of each trial's own frame."""
    one = replace(one, covariates=COVARIATES, clusters=Clusters(4, 0.2))
    drawn = drawn_of(one, 2)
    analysis, together = ("ancova", True) if kind == "clustered" else (kind, False)
    asked = question(one, analysis, covariates=(1, 0), clustered=together, df=df)
    found = answers(asked, drawn, calibrated(one))
    assert drawn.x is not None
    for trial in range(2):
        if first is None:
            frame = wide_frame(drawn, trial, asked.visit).assign(site=one.cluster)
            who = np.arange(one.n)
        else:
            frame = long_frame(drawn, trial, first=first)
            who = frame["who"].to_numpy()
        frame = frame.assign(x0=drawn.x[trial, who, 0], x1=drawn.x[trial, who, 1])
        assert_same(found, trial, fitted(frame, asked), 1e-8)


def slope_of(fit, asked: Question) -> dict:
    terms = fit.coefficients()
    slope = terms[terms["term"] == f"week:armarm{asked.arm}"].iloc[0].to_dict()
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        slope[column] *= asked.weeks[asked.visit]
    return slope


ADJUSTED = {
    "mmrm": (
        1,
        lambda frame, asked: contrast_of(
            bw.mmrm(
                "score ~ base * visit + arm * visit + x0 + x1", frame, "who", "visit",
                df=asked.df,
            ),
            asked,
        ),
    ),
    "constrained-longitudinal": (
        0,
        lambda frame, asked: bw.constrained_longitudinal(
            frame, value="score", participant="who", visit="visit", arm="arm",
            baseline_visit="V0", covariates=["x0", "x1"], df=asked.df,
        )
        .contrasts()
        .iloc[-1],
    ),
    "random-slope": (
        0,
        lambda frame, asked: slope_of(
            bw.lmm("score ~ week * arm + x0 + x1 + (week | who)", frame, df=asked.df), asked
        ),
    ),
    "ancova": (
        None,
        lambda frame, asked: bw.ancova(
            frame, outcome="score", baseline="base", arm="arm", covariates=["x0", "x1"]
        ).iloc[0],
    ),
    "clustered": (
        None,
        lambda frame, asked: bw.lmm(
            "score ~ arm + base + x0 + x1 + (1 | site)", frame.dropna(), df="kenward-roger",
            information="expected",
        )
        .contrasts("arm")
        .iloc[0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("df", ["kenward-roger", "between-within", "residual"])
@pytest.mark.parametrize("kind", list(ADJUSTED))
def test_covariates_that_are_declared_are_adjusted_for(kind, df):
    first, fitted = ADJUSTED[kind]
    assert_adjusted(design(18, 17, visits=4), kind, fitted, df, first=first)


def test_a_covariate_that_the_design_lacks_is_refused():
    one = replace(design(5, 5), covariates=COVARIATES[:1])
    with pytest.raises(UsageError, match="1 covariates"):
        answers(question(one, "ancova", covariates=(1,)), drawn_of(one), calibrated(one))


# What a trial lacks is left out as its analysis leaves it out; what is left may not do.


def test_arms_and_visits_without_anybody_are_left_out():
    one = design(15, 14, 13, visits=4, slope=None)
    drawn = drawn_of(one, 4)
    y = drawn.y.copy()
    y[0, drawn.arm == 1, 3] = np.nan  # an arm that is not compared has nobody at the visit
    y[1, drawn.arm == 2, 1] = np.nan  # an arm has nobody at an earlier visit
    y[2, drawn.arm == 2, 3] = np.nan  # nobody to compare
    y[3, drawn.arm == 0, 1:3] = np.nan  # only the last visit has all arms
    drawn, asked = Drawn(y=y, arm=drawn.arm), question(one, "mmrm")
    found = answers(asked, drawn, calibrated(one))
    frame = long_frame(drawn, 0, first=1)
    kept = frame[frame["arm"] != "arm1"]
    kept = kept.assign(arm=kept["arm"].cat.remove_unused_categories())
    assert_same(found, 0, contrast_of(model_of(kept, asked), asked), 1e-8)
    frame = long_frame(drawn, 1, first=1)
    kept = frame[frame["visit"] != "V1"]
    kept = kept.assign(visit=kept["visit"].cat.remove_unused_categories())
    assert_same(found, 1, contrast_of(model_of(kept, asked), asked), 1e-8)
    assert not found.converged[2] and found.reason[2] == UNMEASURED
    rows = bw.ancova(wide_frame(drawn, 3, 3), outcome="score", baseline="base", arm="arm")
    assert_same(found, 3, rows[rows["contrast"] == "arm2 - arm0"].iloc[0], 1e-10)
    alone = answers(question(one, "ancova"), drawn, calibrated(one))
    wide = wide_frame(drawn, 0, 3)
    pair = wide.loc[wide["arm"] != "arm1"]
    rows = bw.ancova(pair, outcome="score", baseline="base", arm="arm", reference="arm0")
    assert_same(alone, 0, rows.iloc[0], 1e-10)
    for kind in ("ancova", "change-score", "rank-based", "constrained-longitudinal"):
        other = answers(question(one, kind), drawn, calibrated(one))
        assert other.reason[2] == UNMEASURED and not other.converged[2]


def test_what_cannot_be_estimated_says_why():
    one = design(4, 4, visits=3, slope=None, share=0.0)
    y = drawn_of(one, 4).y
    y[0, :, 2] = 5.0  # no variation
    y[1, 1:4, 2] = y[1, 5:, 2] = np.nan  # one person an arm
    y[2, :, 0] = 5.0  # the baseline is a constant
    drawn = Drawn(y=y, arm=one.arm)
    reasons = {
        kind: answers(question(one, kind, fallback=()), drawn, calibrated(one)).reason.tolist()
        for kind in ("mmrm", "ancova")
    }
    flat = single_visit.FLAT
    assert reasons["ancova"] == [flat, flat, flat, ""]
    assert all(reasons["mmrm"][:3]) and not reasons["mmrm"][3]
    y[0, :, 0], y[1, 0, 2] = 6.0, np.nan
    for kind in ("change-score", "rank-based"):
        found = answers(question(one, kind), Drawn(y=y, arm=one.arm), calibrated(one))
        assert found.reason.tolist() == [flat, UNMEASURED, "", ""]
        assert np.isnan(found.p_value[:2]).all() and (found.p_value[2:] <= 1.0).all()


def test_an_error_that_is_not_above_zero_is_no_answer():
    found = questions.tested(
        estimate=np.ones(3), std_error=np.array([1.0, np.nan, 0.0]), df=np.full(3, 9.0),
        level=0.95, reason=np.full(3, "", dtype=object), fitted=np.zeros(3, dtype=int),
    )  # fmt: skip
    assert found.converged.tolist() == [True, False, False]
    assert found.reason.tolist() == ["", NO_ERROR, NO_ERROR]
    assert found.fitted.tolist() == [0, -1, -1] and np.isnan(found.p_value[1:]).all()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"analysis": "gee"}, "no analysis 'gee' is simulated"),
        ({"analysis": "mmrm", "df": "z"}, "no df 'z'"),
        ({"analysis": "mmrm", "covariance": "un"}, "no covariance 'un'"),
        ({"analysis": "mmrm", "fallback": ("cs", "ma")}, "no covariance 'ma'"),
        ({"analysis": "mmrm", "information": "fisher"}, "no information 'fisher'"),
        ({"analysis": "ancova", "visit": 0}, "after baseline"),
        ({"analysis": "ancova", "arm": 0}, "two different arms"),
        ({"analysis": "mmrm", "covariance": "sp_exp"}, "needs the weeks"),
        ({"analysis": "random-slope"}, "needs the weeks"),
        ({"analysis": "mmrm", "clustered": True}, "only the analysis of covariance"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(wrong, told):
    with pytest.raises(UsageError, match=told):
        Question(**{"visit": 2, "arm": 1, "reference": 0, **wrong})


def test_arms_and_visits_outside_the_design_are_refused():
    one = design(5, 5, visits=3)
    outside: list[dict[str, Any]] = [{"visit": 3}, {"arm": 2}]
    for more in outside:
        asked = replace(Question(analysis="ancova", visit=2, arm=1, reference=0), **more)
        with pytest.raises(UsageError, match="2 arms and 3 visits"):
            answers(asked, drawn_of(one), calibrated(one))


def test_a_slope_needs_three_visits_with_weeks():
    one = design(9, 9, visits=2)
    asked = Question(analysis="random-slope", visit=1, arm=1, reference=0, weeks=(0.0, 1.0))
    with pytest.raises(UsageError, match="three visits"):
        answers(asked, drawn_of(one), calibrated(one))


@pytest.mark.parametrize("seed", range(6))
def test_tiny_trials_have_an_answer_or_a_reason(seed):
    """One to six people an arm, most of whom leave: any warning is an error here."""
    rng = np.random.default_rng(seed)
    k, visits = int(rng.integers(2, 4)), int(rng.integers(3, 5))
    root = rng.normal(size=(visits, visits))
    leaving = np.sort(rng.uniform(0.0, 0.8, (k, visits)), axis=1)
    leaving[:, 0] = 0.0
    one = Design(
        sizes=tuple(rng.integers(1, 7, k).tolist()),
        reference=0,
        means=rng.uniform(0.0, 10.0, (k, visits)),
        covariance=root @ root.T + 0.3 * np.eye(visits),
        dropout=leaving,
        scale=(None, Scale(0.0, 10.0, 1.0), Scale(0.0, 10.0, 5.0))[seed % 3],
        clusters=Clusters(2, 0.1),
    )
    drawn = drawn_of(one, 4, seed=seed)
    for kind in (*SIMULATED, "clustered"):
        analysis, together = ("ancova", True) if kind == "clustered" else (kind, False)
        asked = question(one, analysis, fallback=("cs",), clustered=together)
        found = answers(asked, drawn, calibrated(one))
        good = found.converged
        assert good.tolist() == (found.reason == "").tolist()
        assert np.isfinite(found.p_value[good]).all() and np.isfinite(found.estimate[good]).all()
        assert np.isnan(found.p_value[~good]).all()


# A trial's answer is its own: whatever is drawn beside it, and however the work is cut.


@pytest.mark.parametrize("analysis", [*SIMULATED, "clustered"])
def test_answers_do_not_depend_on_the_other_trials(analysis, monkeypatch):
    one = replace(design(9, 8, visits=4, share=0.5), clusters=Clusters(3, 0.2))
    kind, together = ("ancova", True) if analysis == "clustered" else (analysis, False)
    drawn, asked = drawn_of(one, 24), question(one, kind, clustered=together)
    whole = answers(asked, drawn, calibrated(one))
    monkeypatch.setattr(repeated, "AT_ONCE", 5)
    cut = answers(asked, drawn, calibrated(one))
    some = np.array([3, 17, 4])
    few = answers(asked, Drawn(y=drawn.y[some], arm=drawn.arm), calibrated(one))
    for name in TESTS:
        assert getattr(whole, name).tobytes() == getattr(cut, name).tobytes()
        assert getattr(whole, name)[some].tobytes() == getattr(few, name).tobytes()
    assert whole.reason.tolist() == cut.reason.tolist()


@pytest.mark.parametrize("analysis", ["mmrm", "rank-based", "random-slope"])
def test_without_numba_the_answers_are_the_same(analysis, monkeypatch):
    one = design(12, 12, visits=4)
    drawn, asked = with_gaps(drawn_of(one, 6)), question(one, analysis)
    fast = answers(asked, drawn, calibrated(one))
    monkeypatch.setattr(batch, "evaluator", lambda: likelihood.evaluate)
    monkeypatch.setattr(single_visit, "find_spec", lambda name: None)
    slow = answers(asked, drawn, calibrated(one))
    for name in TESTS:
        left, right = getattr(fast, name), getattr(slow, name)
        assert left == pytest.approx(right, rel=1e-8, nan_ok=True)
