"""What the model doors refuse, and that the message says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.trials import slope_trial

FORMULA = "pain ~ arm * visit"


@pytest.fixture(scope="module")
def trial():
    return slope_trial(30, seed=3)


def refused(*parts: str, formula: str = FORMULA, data: Any, **choices):
    door = bw.lmm if "|" in formula else bw.mmrm
    if door is bw.mmrm:
        choices = {"participant": "id", "visit": "visit", **choices}
    with pytest.raises(UsageError) as caught:
        door(formula, data, **choices)
    for part in parts:
        assert part in str(caught.value)


def test_collinear_columns_are_named(trial):
    twice = trial.assign(months=trial["age"] * 12.0 + 5.0)
    refused("months", "collinear", "age", formula=FORMULA + " + age + months", data=twice)
    refused(
        "copybackward",
        "armbackward",
        formula=FORMULA + " + copy",
        data=trial.assign(copy=trial["arm"]),
    )
    refused("one: the same in every row", formula=FORMULA + " + one", data=trial.assign(one=1.0))
    refused("zero in every row", formula=FORMULA + " + none", data=trial.assign(none=0.0))


def test_an_empty_cell_is_named(trial):
    gap = trial[~((trial["arm"] == "backward") & (trial["visit"] == "W08"))]
    refused("arm = backward", "visit = W08", data=gap)


@pytest.mark.parametrize(
    ("formula", "data"),
    [
        ("pain ~ week + (week | id)", lambda d: d[d["week"].isin([2, 12])]),
        ("pain ~ week + (week || id)", lambda d: d[d["week"].isin([2, 12])]),
        ("pain ~ week + (visit | id)", lambda d: d),
    ],
)
def test_random_effects_that_the_rows_cannot_identify(trial, formula, data):
    refused("cannot identify", "leave one out", formula=formula, data=data(trial))


def test_one_row_each(trial):
    refused("one row", formula="pain ~ arm + (1 | id)", data=trial[trial["week"] == 2])
    refused("two", "analysis of covariance", formula="pain ~ arm", data=trial[trial["week"] == 2])


def test_no_residual_variance(trial):
    refused("no variance", data=trial.assign(pain=3.0))
    fitted = trial["week"] * 0.5 + (trial["arm"] == "backward") * 1.0
    refused(
        "residual variance is zero",
        formula="pain ~ week + arm + (1 | id)",
        data=trial.assign(pain=fitted),
    )
    baseline = trial["pain"].where(trial["visit"] != "W02", 0.0)
    refused("visit W02", "no variance there", data=trial.assign(pain=baseline))


def test_duplicate_rows(trial):
    refused(
        "3 rows repeat the same id and visit",
        "keep one row each",
        data=pd.concat([trial, trial.iloc[:3]]),
    )


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("column", ["pain", "age"])
def test_values_that_are_not_finite(trial, column, value):
    broken = trial.assign(**{column: trial[column].where(trial.index != 3, value)})
    refused(column, "1 of", "not finite", formula=FORMULA + " + age", data=broken)


@pytest.mark.parametrize(
    ("choice", "value", "listed"),
    [
        ("covariance", "uns", "us, cs, csh, ar1, ar1h, toep, toeph, ad, adh, sp_exp"),
        ("fallback", ("csh", "uns"), "us, cs, csh"),
        ("df", "kr", "satterthwaite, kenward-roger"),
        ("method", "REML", "reml, ml"),
        ("information", "fisher", "observed, expected"),
        ("vcov", "hc3", "robust-cr2"),
    ],
)
def test_a_choice_that_does_not_exist_lists_those_that_do(trial, choice, value, listed):
    refused(listed, data=trial, **{choice: value})


def test_choices_that_do_not_go_together(trial):
    refused("reml", data=trial, method="ml", df="kenward-roger")
    refused("its own covariance", data=trial, vcov="robust-cr0", df="kenward-roger")
    refused("times", data=trial, covariance="sp_exp")


@pytest.mark.parametrize(
    "formula",
    [
        "pain ~ __import__('os').system('x')",
        "pain ~ age^2",
        "pain ~ C(arm)",
        "pain ~ arm[0]",
        "pain ~ eval(arm)",
        "pain ~ arm.__class__()",
        "pain ~ 2*age",
        "pain ~ {arm}",
        "pain ~ Q('arm')",
        "pain = arm",
        "pain",
        "pain ~",
        "~ arm",
        "pain ~ arm ~ visit",
        "pain ~ arm +",
        "pain ~ (arm",
        "pain ~ arm)",
        "pain ~ arm\x00",
        "pain ~ " + "(" * 2000 + "arm",
        "pain ~ " + "*".join(f"a{i}" for i in range(200)),
        "pain ~ " + "a" * 5000,
        "pain ~ 0",
    ],
)
def test_a_formula_holds_names_and_signs_alone(trial, formula):
    refused("formula", data=trial, formula=formula)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"participant": "patient"}, "no column named patient; there are: id, arm"),
        ({"visit": "wave"}, "no column named wave"),
        ({"group": "region"}, "no column named region"),
        ({"group": "visit"}, "visit varies within 30 participants"),
        ({"weights": "negative"}, "not above 0"),
        ({"weights": "site"}, "site is not numeric"),
        ({"times": "age", "covariance": "sp_exp"}, "two rows of a participant are at"),
        ({"times": "constant", "covariance": "sp_exp"}, "the same time"),
    ],
)
def test_columns_beside_the_formula(trial, change, said):
    data = trial.assign(negative=-1.0, constant=1.0)
    refused(said, data=data, **change)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("pain ~ week + (1 | id) + (1 | site) + (1 | visit)", "two factors are fitted"),
        ("pain ~ week + (1 | site/id:visit)", "joined by / or by :"),
        ("pain ~ week + (1 | id/id)", "a column stands twice after"),
        ("pain ~ week + (1 | id/arm)", "cannot tell"),
        ("pain ~ week + (1 | id) + (1 | id)", "twice"),
        ("pain ~ week + (week | id) + (0 + age | id)", "all independent"),
        ("pain ~ week + (visit || id)", "with a factor"),
        ("pain ~ week + (0 | id)", "no random effect"),
    ],
)
def test_random_effects_that_are_out_of_scope(trial, formula, said):
    refused(said, formula=formula, data=trial)


def test_random_effects_belong_to_lmm(trial):
    with pytest.raises(UsageError, match="use lmm"):
        bw.mmrm("pain ~ week + (1 | id)", trial, participant="id", visit="visit")
    with pytest.raises(UsageError, match="random-effects part"):
        bw.lmm("pain ~ week", trial)


def test_data_that_are_no_data(trial):
    refused("DataFrame", data={"pain": [1.0]})
    refused("no row", data=trial.iloc[:0])
    refused("no row", data=trial.assign(pain=np.nan))
    refused("not numeric", formula="arm ~ visit", data=trial)
    refused("not numeric", formula="pain ~ visit + day", data=trial.assign(day=pd.Timestamp(0)))
    refused("another unit", data=trial.assign(pain=trial["pain"] * 1e200))
    refused("arm: named twice in the data", data=pd.concat([trial, trial[["arm"]]], axis=1))


def test_no_value_of_a_participant_is_shown(trial):
    broken = trial.assign(id="SECRET-7")
    with pytest.raises(UsageError) as caught:
        bw.mmrm(FORMULA, broken, participant="id", visit="visit")
    assert "SECRET" not in str(caught.value)


def test_a_fit_that_did_not_converge_gives_no_p_value_and_says_what_to_try(trial):
    few = trial[trial["id"] < "P0005"]
    fit = bw.mmrm(FORMULA, few, participant="id", visit="visit")
    assert not fit.stats.converged
    assert any("try a covariance with fewer parameters" in note for note in fit.stats.notes)
    for frame in (
        fit.coefficients(),
        fit.marginal_means("arm"),
        fit.contrasts("arm", by="visit"),
        fit.predict(few),
    ):
        assert frame["estimate"].notna().all()
        hidden = [name for name in ("std_error", "df", "p_value", "conf_low") if name in frame]
        assert frame[hidden].isna().all().all()
    assert fit.anova()[["df_den", "statistic", "p_value"]].isna().all().all()
    assert fit.variance_parameters()[["std_error", "conf_low"]].isna().all().all()


def test_a_declared_fallback_is_used_and_told(trial):
    few = trial[trial["id"] < "P0005"]
    fit = bw.mmrm(FORMULA, few, participant="id", visit="visit", fallback=("toeph", "csh", "cs"))
    assert fit.stats.converged
    assert fit.stats.covariance != "us"
    assert any("us did not converge" in note for note in fit.stats.notes)
    assert any("from the declared fallback" in note for note in fit.stats.notes)


def test_a_fallback_that_is_not_needed_changes_nothing(trial):
    plain = bw.mmrm(FORMULA, trial, "id", "visit")
    with_chain = bw.mmrm(FORMULA, trial, "id", "visit", fallback=("cs",))
    assert with_chain.stats == plain.stats
    pd.testing.assert_frame_equal(with_chain.coefficients(), plain.coefficients())


def test_rows_left_out_are_counted(trial):
    gaps = trial.assign(pain=trial["pain"].where(trial.index > 4))
    notes = bw.mmrm(FORMULA, gaps, "id", "visit").stats.notes
    assert notes[0].startswith("5 of ")
    assert "pain 5" in notes[0]


def test_a_zero_variance_is_reported_as_singular(trial):
    noise = trial.assign(pain=np.random.default_rng(1).normal(size=len(trial)))
    fit = bw.lmm("pain ~ week + (week | id)", noise)
    assert fit.stats.singular
    assert fit.stats.converged
    assert any(note.startswith("singular") for note in fit.stats.notes)
