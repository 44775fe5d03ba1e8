"""The one gate of columns, held over all doors: what is settled, what is refused, in which words.

Reference numbers: tests/reference/columns (R 4.2.2, nlme), with the source of each.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backwalk_stats as bw
from backwalk_stats.errors import BackwalkError, UsageError
from backwalk_stats.models.columns.labels import labels, number_order, variable
from backwalk_stats.models.columns.numbers import numbers
from backwalk_stats.models.columns.trial_columns import TrialColumns
from tests.reference.stored import FOLDER, stored

PEOPLE = 24
VISITS = ["Week 2", "Week 4", "Week 12"]
LONG: dict[str, Any] = {
    "value": "y", "participant": "id", "visit": "visit", "arm": "arm", "reference": "f",
}  # fmt: skip
IMPUTED: dict[str, Any] = {**LONG, "baseline": "base", "at": "Week 12"}
WIDE: dict[str, Any] = {"outcome": "y", "baseline": "base", "arm": "arm", "participant": "id"}


@dataclass(frozen=True, kw_only=True)
class Door:
    """A door: how it is called, on which rows, and what it asks of them."""

    call: Callable[..., Any]
    rows: str = "wide"  # or "long", "crossover", "measured", "effects"
    arm: bool = True  # takes arm=, else a formula
    compares: bool = True  # asks for a reference
    people: bool = True  # knows whose row it is
    ordered: bool = False  # needs the order of the visits
    baseline: bool = False
    choice: str = "level"  # a choice of the door that must be a level

    def __call__(self, data: Any, **choices: Any) -> Any:
        return self.call(data, **choices)


def named(function: Callable[..., Any], **columns: Any) -> Callable[..., Any]:
    return lambda data, **choices: function(data, **{**columns, **choices})


def mmrm(data: Any, *, covariance: str = "us", level: Any = 0.95, by: bool = False) -> Any:
    fit = bw.mmrm("y ~ base + arm * visit", data, "id", "visit", covariance=covariance)
    fit.contrasts("arm", by="visit", level=level)
    return fit


def mmrm_by_day(data: Any, *, level: Any = 0.95) -> Any:
    formula = "y ~ base + arm * visit"
    fit = bw.mmrm(formula, data, "id", "visit", covariance="sp_exp", times=["day"])
    fit.contrasts("arm", by="visit", level=level)
    return fit


def lmm(data: Any, *, level: Any = 0.95) -> Any:
    fit = bw.lmm("y ~ base + arm * visit + (1 | id)", data)
    fit.contrasts("arm", by="visit", level=level)
    return fit


def ols(data: Any, *, level: Any = 0.95) -> Any:
    fit = bw.ols("y ~ base + arm", data)
    fit.contrasts("arm", level=level)
    return fit


def constrained(data: Any, *, level: Any = 0.95, **choices: Any) -> Any:
    fit = bw.constrained_longitudinal(
        data, **{**LONG, "baseline_visit": "Week 2", "df": "satterthwaite", **choices}
    )
    fit.contrasts(level=level)
    return fit


def gee(data: Any, *, level: Any = 0.95, **choices: Any) -> Any:
    fit = bw.gee(
        "y ~ base + arm * visit",
        data,
        **{"participant": "id", "visit": "visit", "family": "gaussian", **choices},
    )
    fit.contrasts("arm", by="visit", level=level)
    return fit


ARMED: dict[str, Any] = {"arm": "arm", "participant": "id", "reference": "f"}

DOORS: dict[str, Door] = {
    "mmrm": Door(call=mmrm, rows="long", arm=False, baseline=True),
    "mmrm ar1": Door(
        call=named(mmrm, covariance="ar1"), rows="long", arm=False, ordered=True, baseline=True
    ),
    "lmm": Door(call=lmm, rows="long", arm=False, baseline=True),
    "ols": Door(call=ols, arm=False, people=False, baseline=True),
    "ancova": Door(call=named(bw.ancova, **WIDE, reference="f"), baseline=True),
    "adjusted_means": Door(call=named(bw.adjusted_means, **WIDE), compares=False, baseline=True),
    "change_score": Door(call=named(bw.change_score, **WIDE, reference="f"), baseline=True),
    "within_arm": Door(call=named(bw.within_arm, **WIDE), compares=False, baseline=True),
    "rank_based": Door(
        call=named(bw.rank_based, outcome="y", arm="arm", participant="id", reference="f")
    ),
    "responders": Door(
        call=named(bw.responders, responder="better", arm="arm", participant="id", reference="f")
    ),
    "adjusted_risk": Door(call=named(bw.adjusted_risk, outcome="better", **ARMED)),
    "stratified_risk": Door(
        call=named(bw.stratified_risk, outcome="better", strata="site", **ARMED)
    ),
    "rate_ratio": Door(call=named(bw.rate_ratio, outcome="falls", exposure="months", **ARMED)),
    "ordinal": Door(call=named(bw.ordinal, outcome="grade", **ARMED)),
    "paired": Door(
        call=named(
            bw.paired_proportions, before="better", after="later", arm="arm", participant="id"
        ),
        compares=False,
    ),
    "gee": Door(call=gee, rows="long", arm=False, baseline=True),
    "gee ar1": Door(
        call=named(gee, correlation="ar1"), rows="long", arm=False, ordered=True, baseline=True
    ),
    "mixed_anova": Door(
        call=named(bw.mixed_anova, **{k: v for k, v in LONG.items() if k != "reference"}),
        rows="long",
        compares=False,
        choice="",
    ),
    "crossover": Door(
        call=named(
            bw.crossover, value="y", participant="id", period="visit", arm="arm", reference="f"
        ),
        rows="crossover",
        ordered=True,
    ),
    "constrained": Door(call=constrained, rows="long", ordered=True),
    "multiple_imputation": Door(
        call=named(bw.multiple_imputation, **IMPUTED, seed=1, imputations=2),
        rows="long",
        ordered=True,
        baseline=True,
    ),
    "conditional_mean": Door(
        call=named(bw.conditional_mean_imputation, **IMPUTED, strategy="jr"),
        rows="long",
        ordered=True,
        baseline=True,
    ),
    "random_draw": Door(
        call=named(bw.random_draw_imputation, **IMPUTED, strategy="jr", seed=1, imputations=2),
        rows="long",
        ordered=True,
        baseline=True,
    ),
    "tipping_point": Door(
        call=named(bw.tipping_point, **IMPUTED, deltas=[0.0, 1.0]),
        rows="long",
        ordered=True,
        baseline=True,
    ),
    "reliability": Door(
        call=named(bw.reliability, participant="id", measurement="visit", value="y"),
        rows="measured",
        arm=False,
    ),
    "mmrm by day": Door(call=mmrm_by_day, rows="long", arm=False, baseline=True),
    "meta_analysis": Door(
        call=bw.meta_analysis,
        rows="effects",
        arm=False,
        people=False,
    ),
}
TRIALS = [name for name, door in DOORS.items() if door.rows != "effects"]
ARMS = [name for name in TRIALS if DOORS[name].arm]
FORMULAS = [n for n in TRIALS if not DOORS[n].arm and DOORS[n].rows != "measured"]
WITH_PEOPLE = [name for name in TRIALS if DOORS[name].people]
VISITED = [name for name in TRIALS if DOORS[name].rows in ("long", "crossover")]


def long() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n, size = PEOPLE, len(VISITS)
    person = rng.normal(0, 1, n)
    arm = np.array(["f", "b"])[np.arange(n) % 2]
    y = 5 + person[:, None] + rng.normal(0, 0.7, (n, size)) - 0.3 * np.arange(size)
    y[[3, 8, 17], 2] = np.nan
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(1, n + 1), size),
            "visit": VISITS * n,
            "arm": np.repeat(arm, size),
            "base": np.repeat((6 + person + rng.normal(0, 0.5, n)).round(1), size),
            "y": y.round(2).ravel(),
        }
    )


def rows_of(name: str) -> pd.DataFrame:
    """Return the rows that a door is given: plain columns, arms and visits as text."""
    kind, frame = DOORS[name].rows, long()
    if kind == "effects":
        return pd.DataFrame({"estimate": [-0.9, -0.4, -1.3], "std_error": [0.37, 0.4, 0.3]})
    if name == "mmrm by day":
        return frame.assign(day=np.arange(len(frame)) % 3 * 14.0 + np.arange(len(frame)) % 5)
    if kind in ("long", "measured"):
        return frame
    if kind == "crossover":
        frame = frame[frame["visit"] != "Week 12"].reset_index(drop=True)
        late = frame["visit"] == "Week 4"
        return frame.assign(arm=np.where((frame["id"] % 2 == 0) == late, "f", "b"))
    frame = frame[frame["visit"] == "Week 4"].drop(columns="visit").reset_index(drop=True)
    frame.loc[5, "y"] = np.nan
    frame["better"] = (frame["y"] < 5.0).where(frame["y"].notna(), np.nan).astype(float)
    return frame.assign(**MORE.get(name, dict)(frame))


# Columns that only some doors read.
MORE: dict[str, Callable[[pd.DataFrame], dict[str, Any]]] = {
    "stratified_risk": lambda f: {"site": np.where(f["id"] % 3 > 0, "north", "south")},
    "rate_ratio": lambda f: {
        "falls": ((7 * f["id"]) % 5).where(f["y"].notna(), np.nan),
        "months": 6.0 + f["id"] % 4,
    },
    "ordinal": lambda f: {"grade": (1.0 + (5 * f["id"]) % 4).where(f["y"].notna(), np.nan)},
    "paired": lambda f: {"later": (f["id"] % 3 > 0).astype(float)},
}
ANSWERED = ("responders", "adjusted_risk", "stratified_risk", "paired")  # yes or no


def outcome_of(name: str) -> str:
    own = {"meta_analysis": "estimate", "rate_ratio": "falls", "ordinal": "grade"}
    return "better" if name in ANSWERED else own.get(name, "y")


def told(found: Any) -> str:
    """Return the notes of a result in one line."""
    if isinstance(found, pd.DataFrame):
        return "; ".join(found["notes"].unique())
    return "; ".join(found.stats.notes)


def figures(found: Any) -> pd.DataFrame:
    """Return the numbers of a result, without its notes."""
    if isinstance(found, pd.DataFrame):
        return found.drop(columns="notes")
    if hasattr(found, "coefficients"):
        return found.coefficients()
    return found.contrasts()


def same(one: Any, other: Any) -> None:
    pd.testing.assert_frame_equal(figures(one), figures(other), rtol=1e-9, check_dtype=False)


def run(name: str, data: Any, **choices: Any) -> Any:
    return DOORS[name](data, **choices)


def ordered(name: str) -> pd.DataFrame:
    """Return the rows with everything declared: what the gate has nothing to say about."""
    frame = rows_of(name)
    if "visit" in frame:
        frame["visit"] = pd.Categorical(frame["visit"], VISITS, ordered=True)
        frame["visit"] = frame["visit"].cat.remove_unused_categories()
    if "arm" in frame:
        frame["arm"] = pd.Categorical(frame["arm"], ["f", "b"])
    return frame


# ----- unfit frames: one wording for all doors -----


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    "data", [{"y": [1]}, None, [1, 2], np.ones((3, 2)), pd.Series([1.0]), "trial.csv"], ids=repr
)
def test_what_is_no_frame_is_refused(name, data):
    with pytest.raises(UsageError, match=r"^the data are a .*; expected a pandas DataFrame"):
        run(name, data)


@pytest.mark.parametrize("name", DOORS)
def test_a_column_that_is_absent_or_there_twice(name):
    frame, column = rows_of(name), outcome_of(name)
    with pytest.raises(UsageError, match=rf"column (named )?{column}"):
        run(name, frame.drop(columns=column))
    twice = pd.concat([frame, frame[[column]]], axis=1)
    with pytest.raises(UsageError, match=rf"^{column}: named twice in the data; leave out or ren"):
        run(name, twice)
    with pytest.raises(UsageError, match=rf"column (named )?{column}"):
        run(name, frame.rename(columns={column: 0}))
    nested = frame.copy()
    nested.columns = pd.MultiIndex.from_product([["a"], frame.columns])
    with pytest.raises(UsageError, match=r"^the columns of the data have 2 levels of names"):
        run(name, nested)


@pytest.mark.parametrize("name", [name for name in ARMS if name != "constrained"])
def test_a_column_is_named_by_text_and_once(name):
    frame = rows_of(name)
    for column in (0, ["arm"], "none"):
        with pytest.raises(UsageError, match=r"arm: expected the name of one|no column named none"):
            run(name, frame, arm=column)
    with pytest.raises(UsageError, match=r"^id: named twice, as participant and as arm; each"):
        run(name, frame, arm="id")


@pytest.mark.parametrize("name", TRIALS)
def test_infinite_values_are_refused(name):
    frame, column = rows_of(name), outcome_of(name)
    frame.loc[1, column] = np.inf
    answered = name in ANSWERED
    words = "expected true and false" if answered else "not finite numbers; mend or leave out"
    with pytest.raises(UsageError, match=rf"^{column}: .*{words}"):
        run(name, frame)
    if DOORS[name].baseline:
        frame = rows_of(name).assign(base=np.inf)
        with pytest.raises(
            UsageError, match=rf"^base: {len(frame)} of {len(frame)} values are not"
        ):
            run(name, frame)


KINDS: dict[str, Callable[[pd.Series], Any]] = {
    "one word": lambda c: c.astype(object).where(c.index != 2, "much"),
    "dates": lambda c: pd.Timestamp("2026-01-01"),
    "durations": lambda c: pd.Timedelta(days=3),
    "complex": lambda c: c.astype(complex),
    "categorical": lambda c: c.astype("category"),
    "lists": lambda c: [[1]] * len(c),
    "truth among numbers": lambda c: c.astype(object).where(c.index != 2, True),
}


@pytest.mark.parametrize("name", [n for n in TRIALS if n not in (*ANSWERED, "ordinal")])
@pytest.mark.parametrize("kind", [*KINDS, "true and false"])
def test_an_outcome_that_is_no_number_is_refused(name, kind):
    frame, column = rows_of(name), outcome_of(name)
    change = KINDS.get(kind, lambda c: c > 5)
    words = rf"^{column}( is not numeric|: \d+ of \d+ values are true)"
    with pytest.raises(UsageError, match=words):
        run(name, frame.assign(**{column: change(frame[column])}))


@pytest.mark.parametrize("name", WITH_PEOPLE)
def test_doubled_rows_are_refused(name):
    frame = ordered(name)
    doubled = pd.concat([frame, frame.iloc[[1]]], ignore_index=True)
    with pytest.raises(UsageError, match=r"^1 rows repeat .*id.*; keep one row each"):
        run(name, doubled)
    unordered = rows_of(name)
    with pytest.raises(UsageError, match=r"^1 rows repeat"):
        run(name, pd.concat([unordered, unordered.iloc[[1]]], ignore_index=True))


def test_a_score_measured_twice_is_no_copy():
    frame = pd.DataFrame({"id": np.repeat(range(12), 3), "y": np.tile([4.0, 4.0, 5.0], 12)})
    frame["y"] += np.repeat(np.arange(12) % 5, 3)
    assert "12 rows are the same as another" in told(bw.lmm("y ~ 1 + (1 | id)", frame))


JUNK: list[Any] = [
    None,
    np.nan,
    "",
    " ",
    "x",
    0,
    1.5,
    True,
    [1],
    (1, 2),
    {"a": 1},
    1j,
    b"x",
    Decimal("1.5"),
    pd.NaT,
    pd.NA,
    pd.Timestamp("2026-01-01"),
    pd.Period("2026-01"),
    pd.Interval(0, 1),
    np.datetime64("2026-01-01"),
    float("inf"),
    10**400,
]


@pytest.mark.parametrize("name", DOORS)
@given(data=st.data())
def test_no_column_whatever_it_holds_ends_in_a_traceback(name, data):
    frame = rows_of(name)
    column = data.draw(st.sampled_from(list(frame.columns)))
    junk = data.draw(st.sampled_from(JUNK))
    held = pd.Series([None] * len(frame), dtype=object)
    held[:] = frame[column].astype(object).to_numpy()
    some = range(len(frame)) if data.draw(st.booleans()) else [0, 2]
    for at in some:
        held.iloc[at] = junk
    with contextlib.suppress(BackwalkError):
        run(name, frame.assign(**{column: held}))


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("dtype", ["nullable", "python objects", "strings"])
def test_the_dtype_decides_nothing(name, dtype):
    frame = rows_of(name)
    if dtype == "nullable":
        moved = frame.convert_dtypes()
    elif dtype == "python objects":
        moved = frame.astype(object)
    else:
        text = [c for c in frame if pd.api.types.is_numeric_dtype(frame[c]) and c != "better"]
        moved = frame.assign(**{str(c): frame[c].astype(str) for c in text})
    same(run(name, frame), run(name, moved))


@pytest.mark.parametrize("name", [name for name in TRIALS if DOORS[name].baseline])
@pytest.mark.parametrize("kind", [object, str, Decimal])
def test_numbers_in_a_column_of_objects_are_numbers_and_noted(name, kind):
    frame = rows_of(name)
    held = frame["base"].map(lambda one: Decimal(str(one))) if kind is Decimal else None
    moved = frame.assign(base=frame["base"].astype(kind) if held is None else held)
    found = run(name, moved)
    same(run(name, frame), found)
    assert "base: numbers that were held as" in told(found)


def test_numbers_of_a_covariate_are_numbers_in_every_door():
    frame = rows_of("ancova").assign(age=lambda f: 50.0 + f["id"] % 7)
    held = frame.assign(age=frame["age"].astype(int).astype(object))
    for door in (bw.ancova, bw.adjusted_means):
        choices = {**WIDE, "covariates": "age"}
        choices |= {"reference": "f"} if door is bw.ancova else {}
        plain, found = door(frame, **choices), door(held, **choices)
        same(plain, found)
        assert "age: numbers that were held as objects" in told(found)
    mixed = frame.assign(age=frame["age"].astype(object).where(frame.index > 3, "old"))
    with pytest.raises(UsageError, match=r"^age: 20 of 24 values are numbers and 4 are not; mend"):
        bw.ancova(mixed, **WIDE, reference="f", covariates="age")
    with pytest.raises(UsageError, match=r"^age: 20 of 24 values are numbers and 4 are not; mend"):
        bw.ols("y ~ arm + age", mixed)
    levels = bw.ols("y ~ arm + factor(age)", held).coefficients()["term"].tolist()
    assert "factor(age)51" in levels
    with pytest.raises(
        UsageError, match=r"no factor named 'age': it is a number there; write factor"
    ):
        bw.ols("y ~ arm + age", held).contrasts("age")


# ----- what people type -----


@pytest.mark.parametrize("name", TRIALS)
def test_data_without_a_row_are_refused(name):
    with pytest.raises(UsageError, match=r"^the data have no row: look at what was read"):
        run(name, rows_of(name).iloc[:0])


TYPED: dict[str, Callable[[float], str]] = {
    "comma": lambda one: f"{one:.1f}".replace(".", ","),
    "thousands": lambda one: f"1,{one * 10:03.0f}",
    "blank between": lambda one: f"1 {one * 10:03.0f}",
    "per cent": lambda one: f"{one:.1f}%",
    "long minus": lambda one: f"\u2212{one:.1f}",
    "arabic digits": lambda one: f"{one:.1f}".translate(
        {48 + k: 0x660 + k for k in range(10)}  # the digits 0 to 9
    ),
}


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("typed", TYPED)
def test_numbers_that_are_not_read_become_no_levels(name, typed):
    frame, column = rows_of(name), "base" if DOORS[name].baseline else outcome_of(name)
    some = frame[column].notna()
    held = frame[column].astype(object).where(~some, frame[column].fillna(1).map(TYPED[typed]))
    with pytest.raises(UsageError, match=rf"^{column}(: | is not numeric)") as refusal:
        run(name, frame.assign(**{column: held}))
    assert not any(text in str(refusal.value) for text in held[some])


@pytest.mark.parametrize("typed", TYPED)
def test_a_covariate_of_numbers_that_are_not_read_is_refused_by_every_door(typed):
    wide, rows = rows_of("ancova"), long()
    for frame in (wide, rows):
        frame["age"] = (50.0 + frame["id"] % 7).map(TYPED[typed])
    answered = rows_of("responders").assign(age=wide["age"])
    calls: list[Callable[[], Any]] = [
        *(
            lambda name=name: with_covariate(
                name, rows_of(name).assign(age=rows["age"] if name == "gee" else wide["age"]), "age"
            )
            for name in ("adjusted_risk", "rate_ratio", "ordinal", "gee")
        ),
        lambda: bw.ols("y ~ arm + age", wide),
        lambda: bw.ancova(wide, **WIDE, reference="f", covariates="age"),
        lambda: bw.adjusted_means(wide, **WIDE, covariates="age"),
        lambda: bw.firth_odds_ratio(
            answered, responder="better", arm="arm", reference="f", covariates="age"
        ),
        lambda: bw.mmrm("y ~ arm * visit + age", rows, "id", "visit"),
        lambda: bw.lmm("y ~ arm * visit + age + (1 | id)", rows),
        lambda: bw.constrained_longitudinal(
            rows, **LONG, baseline_visit="Week 2", covariates="age"
        ),
        lambda: bw.multiple_imputation(rows, **IMPUTED, covariates="age", seed=1, imputations=2),
        lambda: bw.conditional_mean_imputation(rows, **IMPUTED, covariates="age", strategy="jr"),
        lambda: bw.tipping_point(rows, **IMPUTED, covariates="age", deltas=[0.0]),
    ]
    for call in calls:
        with pytest.raises(UsageError, match=r"^age: \d+ of \d+ values are numbers in a way that"):
            call()
    declared = wide.assign(age=wide["age"].astype("category"))
    assert len(bw.ols("y ~ arm + age", declared).coefficients()) == 8
    assert len(bw.ols("y ~ arm + factor(age)", wide).coefficients()) == 8


def test_true_and_false_are_levels_also_among_objects():
    frame = rows_of("ols").assign(old=lambda f: f["id"] % 3 == 0)
    plain = bw.ols("y ~ arm + old", frame)
    for held in (frame["old"].astype(object), frame["old"].astype("boolean")):
        found = bw.ols("y ~ arm + old", frame.assign(old=held))
        same(plain, found)
        assert found.coefficients()["term"].tolist() == ["(Intercept)", "armf", "oldTRUE"]
        pd.testing.assert_frame_equal(plain.marginal_means("arm"), found.marginal_means("arm"))


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("column", ["arm", "visit", "id"])
def test_signs_without_width_are_no_part_of_a_label(name, column):
    frame = rows_of(name)
    if column not in frame or (column == "id" and not DOORS[name].people):
        pytest.skip("the door has no such column")
    frame["id"] = [f"P{one}" for one in frame["id"]]
    text = frame[column].where(frame.index % 3 > 0, "\ufeff" + frame[column] + "\u200b")
    same(run(name, frame), run(name, frame.assign(**{column: text})))


@pytest.mark.parametrize("name", ARMS)
def test_arms_that_differ_in_blanks_or_in_the_code_of_a_letter_are_refused(name):
    frame = rows_of(name).assign(arm=lambda f: f["arm"].map({"f": "g\u00e9n f", "b": "b"}))
    for slip in ("g\u00e9n  f", "ge\u0301n f", "G\u00e9n f"):
        moved = frame["arm"].where((frame.index > 2) | (frame["arm"] == "b"), slip)
        choices = {"reference": "b"} if DOORS[name].compares else {}
        with pytest.raises(UsageError, match=r"^arm: .* differ in capitals.* alone; write them"):
            run(name, frame.assign(arm=moved), **choices)


@pytest.mark.parametrize("name", FORMULAS)
def test_declared_levels_that_differ_in_capitals_alone_are_noted(name):
    frame = rows_of(name)
    upper = frame["arm"].where(frame["id"] > 8, frame["arm"].str.upper()).astype("category")
    assert "differ in capitals alone; they are taken for different levels" in told(
        run(name, frame.assign(arm=upper))
    )


def test_parts_of_a_number_are_no_decimals():
    assert number_order(["v1.2", "v1.10", "v1.11"]) is None
    assert number_order(["Week 2.5", "Week 2", "Week 12"]) == [1, 0, 2]
    assert number_order(["1.50 m", "1.25 m", "1.00 m"]) == [2, 1, 0]


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_values_of_extreme_size_are_refused_without_being_shown(name, size):
    frame, column = rows_of(name), "base" if DOORS[name].baseline else outcome_of(name)
    if column == "better":
        pytest.skip("true and false have no size")
    with pytest.raises(UsageError, match=rf"^{column}: values of extreme size; give it in another"):
        run(name, frame.assign(**{column: frame[column] * size}))


@pytest.mark.parametrize("name", TRIALS)
def test_an_index_that_is_named_as_a_column_changes_nothing(name):
    frame = rows_of(name)
    same(run(name, frame), run(name, frame.set_index(["id", "arm"], drop=False)))


@pytest.mark.parametrize("name", [name for name in ARMS if name != "constrained"])
@pytest.mark.parametrize("role", ["arm", "outcome", "value", "baseline", "participant", "visit"])
def test_a_column_that_a_door_needs_and_is_not_named(name, role):
    given = {**(WIDE if DOORS[name].rows == "wide" else IMPUTED)}
    takes = role in given and (role != "baseline" or DOORS[name].baseline)
    free = name in ("crossover", "responders", "paired")
    if not takes or free or (name, role) == ("within_arm", "arm"):
        pytest.skip("the door has no such column, or can do without")
    if role == "participant" and DOORS[name].rows == "wide":
        pytest.skip("the door can do without")
    with pytest.raises(UsageError, match=r": expected the name of one column as text, found none"):
        run(name, rows_of(name), **{role: None})
    with pytest.raises(UsageError, match=r": expected the name of one column as text, found empty"):
        run(name, rows_of(name), **{role: ""})


# ----- ids, arms, blanks -----


@pytest.mark.parametrize("name", WITH_PEOPLE)
def test_one_and_one_as_text_are_one_participant(name):
    frame = rows_of(name)
    ids = frame["id"].astype(object)
    mixed = [str(one) if at % 2 else one for at, one in enumerate(ids)]
    found = run(name, frame.assign(id=mixed))
    same(run(name, frame), found)
    assert 'id: numbers and text are mixed; 1 and "1" are taken for the same' in told(found)
    floats = [f"{one}.0" if at % 2 else str(one) for at, one in enumerate(ids)]
    same(run(name, frame), run(name, frame.assign(id=floats)))


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("column", ["arm", "visit", "id"])
def test_blanks_around_a_label_are_no_part_of_it(name, column):
    if DOORS[name].rows == "measured" and column == "arm":
        pytest.skip("the door has no arms")
    frame = rows_of(name)
    if column not in frame or (column == "id" and not DOORS[name].people):
        pytest.skip("the door has no such column")
    frame["id"] = [f"P{one}" for one in frame["id"]]
    text = frame[column].where(frame.index % 3 > 0, frame[column] + "\u00a0 ")
    for moved in (text, pd.Categorical(text)) if column == "arm" else (text,):
        found = run(name, frame.assign(**{column: moved}))
        same(run(name, frame), found)
        assert f"{column}: blanks around the text were taken away in" in told(found)


@pytest.mark.parametrize("name", ARMS)
def test_a_missing_arm_is_refused_where_arms_are_named(name):
    for gone in (None, " "):
        frame = rows_of(name)
        frame.loc[[1, 2], "arm"] = gone
        with pytest.raises(UsageError, match=rf"^arm: missing in 2 of {len(frame)} rows; mend the"):
            run(name, frame)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_missing_arm_is_left_out_and_counted_by_a_formula(name):
    frame = rows_of(name)
    gone = frame["id"].isin([1, 2])
    found = run(name, frame.assign(arm=frame["arm"].where(~gone)))
    same(run(name, frame[~gone]), found)
    assert f"rows left out; missing values: y 3, arm {gone.sum()}" in told(found) or (
        name == "ols" and f"arm {gone.sum()}" in told(found)
    )
    blank = run(name, frame.assign(arm=frame["arm"].where(~gone, "  ")))
    same(found, blank)


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_is_one_for_each_participant_or_changes_in_a_crossover(name):
    frame = rows_of(name)
    if name == "crossover":
        with pytest.raises(UsageError, match=r"^arm is one for each participant: a crossover"):
            run(name, frame.assign(arm=np.where(frame["id"] % 2, "f", "b")))
        return
    again = frame.iloc[[0]].assign(arm="b")
    moved = frame.assign(arm=frame["arm"].where(frame.index > 0, "b"))
    moved = moved if DOORS[name].rows == "long" else pd.concat([frame, again], ignore_index=True)
    with pytest.raises(UsageError, match=r"^arm varies within 1 participants; it must be one"):
        run(name, moved)


@pytest.mark.parametrize("name", [name for name in ARMS if DOORS[name].compares])
def test_a_reference_is_asked_for_unless_the_arm_is_a_categorical(name):
    frame = rows_of(name)
    with pytest.raises(
        UsageError,
        match=r"^no reference arm: give reference=, one of: b, f; or make arm a categorical",
    ):
        run(name, frame, reference=None)
    same(run(name, frame), run(name, ordered(name), reference=None))
    with pytest.raises(UsageError, match=r"^arm has no level 'g'; there are: b, f"):
        run(name, frame, reference="g")
    same(run(name, frame), run(name, frame, reference=" f "))


@pytest.mark.parametrize("name", [*ARMS, *FORMULAS])
def test_a_declared_arm_that_nobody_is_in_is_left_out_and_noted(name):
    frame = ordered(name)
    more = frame.assign(arm=frame["arm"].cat.add_categories(["sham"]))
    found = run(name, more)
    same(run(name, frame), found)
    assert "arm: no row has sham; left out" in told(found)


@pytest.mark.parametrize("name", ARMS)
def test_arms_that_differ_in_capitals_alone_are_refused(name):
    frame = rows_of(name)
    with pytest.raises(
        UsageError,
        match=r"^arm: (B, b|F, f|B, b; F, f|F, f; B, b) differ in capitals alone; write them alike",
    ):
        run(name, frame.assign(arm=frame["arm"].where(frame.index > 2, frame["arm"].str.upper())))


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_says_how_text_was_ordered(name):
    assert "alphabetical order, the first is the reference: arm (b, f)" in told(
        run(name, rows_of(name))
    )
    assert "alphabetical" not in told(run(name, ordered(name)))


def test_ids_reused_between_sites_are_noted():
    frame = pd.read_csv(FOLDER / "columns" / "sites_nested.csv")
    fit = bw.lmm("womac_function ~ arm * week + base + (1 | id)", frame)
    assert "arm (within 12) of 14 id varies; where ids start anew at each site" in told(fit)
    unique = frame.assign(id=frame["site"] + frame["id"])
    assert "varies" not in told(bw.lmm("womac_function ~ arm * week + base + (1 | id)", unique))
    assert "varies" not in told(run("lmm", ordered("lmm")))
    visit = frame.assign(visit=pd.Categorical("W" + frame["week"].astype(str)))
    with pytest.raises(UsageError, match=r"make ids unique where they start anew at each site"):
        bw.mmrm("womac_function ~ arm * visit", visit, "id", "visit")


# ----- the order of visits -----


def fit_of(found: Any) -> float:
    """Return how well a model fits: its likelihood, or the scale of one that has none."""
    return getattr(found.stats, "loglik", None) or found.stats.scale


@pytest.mark.parametrize("name", VISITED)
def test_text_visits_stand_in_the_order_of_their_numbers(name):
    plain, declared = run(name, rows_of(name)), run(name, ordered(name))
    if DOORS[name].arm:
        same(declared, plain)
    else:
        # The arm is text here: its first level is another, but the visits stand as declared.
        assert plain.design.factors["visit"].labels == declared.design.factors["visit"].labels
        assert fit_of(plain) == pytest.approx(fit_of(declared), rel=1e-10)
    if name != "mixed_anova":
        assert "visit: text put in the order of the numbers in it: Week 2, Week 4" in told(plain)


@pytest.mark.parametrize("name", VISITED)
@pytest.mark.parametrize(
    "names",
    [
        {"Week 2": "Baseline"},
        {"Week 4": "Month 4"},
        {"Week 2": "first", "Week 4": "second", "Week 12": "third"},
        {"Week 2": "Week 04"},
        {"Week 2": "Week 2 of 12"},
    ],
)
def test_visits_whose_order_text_does_not_tell(name, names):
    frame = rows_of(name)
    frame["visit"] = frame["visit"].replace(names)
    choices: dict[str, Any] = {}
    if DOORS[name].ordered:
        if "at" in {**IMPUTED} and name.split("_")[0] in {"multiple", "conditional", "random"}:
            choices["at"] = names.get("Week 12", "Week 12")
        with pytest.raises(UsageError, match=r"needs the order of the visits.*a categorical with"):
            run(name, frame, **choices)
        return
    found = run(name, frame)
    if name == "mixed_anova":
        same(run(name, rows_of(name)), found)
        return
    assert "in alphabetical order, the first is the reference:" in told(found)
    with pytest.raises(UsageError, match=r"method 'change' needs an order"):
        found.contrasts("visit", by="arm", method="change")


def test_every_ordered_structure_asks_for_an_order():
    frame = rows_of("mmrm").replace({"visit": {"Week 2": "start"}})
    for name in ("ar1", "ar1h", "toep", "toeph", "ad", "adh"):
        with pytest.raises(UsageError, match=rf"^visit: covariance {name} needs the order"):
            bw.mmrm("y ~ arm * visit", frame, "id", "visit", covariance=name)
        with pytest.raises(UsageError, match=rf"^visit: covariance {name} needs the order"):
            bw.mmrm("y ~ arm * visit", frame, "id", "visit", fallback=[name])


@pytest.mark.parametrize("name", ["ols", "lmm"])
def test_a_factor_of_a_formula_stands_in_the_order_of_its_numbers(name):
    frame = long().assign(dose=lambda f: "dose " + (2 * (f["id"] % 3) + 8).astype(str))
    fit = bw.ols("y ~ dose", frame) if name == "ols" else bw.lmm("y ~ dose + (1 | id)", frame)
    assert fit.coefficients()["term"].tolist()[1:] == ["dosedose 10", "dosedose 12"]
    assert "dose: text put in the order of the numbers in it: dose 8, dose 10, dose 12" in told(fit)


@given(
    values=st.lists(st.integers(0, 500), min_size=2, max_size=8, unique=True),
    before=st.text("abc -", max_size=6),
    after=st.text("abc ", max_size=4),
)
def test_number_order_is_the_order_of_the_numbers(values, before, after):
    signed = before == "" or before[-1:] != "-"
    texts = [f"{before}{one}{after}" for one in values]
    order = number_order(texts)
    assert order is not None
    numbers_in_order = [values[at] for at in order]
    assert numbers_in_order == sorted(values) or not signed


def test_signs_and_decimals_within_text():
    assert number_order(["Day 7", "Day -7", "Day 1.5"]) == [1, 2, 0]
    assert number_order(["10", "-2", "9"]) == [1, 2, 0]
    assert number_order(["V-3", "V-20"]) == [0, 1]
    for texts in (["Week 1", "Week 01"], ["1 week", "2 weeks"], ["a 1 2", "a 1 3"], ["a", "b"]):
        assert number_order(texts) is None


# ----- declared visits that nobody has -----


def planned(name: str) -> pd.DataFrame:
    frame = ordered(name)
    levels = ["Week 2", "Week 4", "Week 8", "Week 12"]
    return frame.assign(visit=pd.Categorical(frame["visit"].astype(str), levels))


@pytest.mark.parametrize("name", VISITED)
def test_a_declared_visit_without_rows_is_noted(name):
    found = run(name, planned(name))
    assert "Week 8; left out" in told(found) or "Week 8, Week 12; left out" in told(found)
    if name not in ("mmrm ar1", "gee ar1"):
        same(run(name, ordered(name)), found)


@pytest.mark.parametrize("covariance", ["ar1", "ar1h", "toeph", "ad", "adh"])
def test_a_visit_that_all_miss_is_as_one_without_rows(covariance):
    frame = planned("mmrm")
    empty = frame[frame["visit"] == "Week 4"].assign(visit="Week 8", y=np.nan)
    whole = pd.concat([frame, empty], ignore_index=True)
    whole["visit"] = pd.Categorical(whole["visit"], frame["visit"].cat.categories)
    assert fit(whole, covariance).stats.loglik == pytest.approx(
        fit(frame, covariance).stats.loglik, rel=1e-9
    )
    assert "Week 8; left out" in told(fit(whole, covariance))


def fit(frame: pd.DataFrame, covariance: str) -> Any:
    return bw.mmrm("y ~ arm * visit", frame, "id", "visit", covariance=covariance)


def test_a_distance_that_no_two_visits_have_is_no_parameter():
    frame = planned("mmrm").query("visit in ['Week 2', 'Week 8', 'Week 12']")
    levels = ["Week 2", "Week 8", "Week 12"]
    frame = frame.assign(visit=pd.Categorical(frame["visit"].astype(str), levels))
    for covariance in ("toep", "toeph"):
        with pytest.raises(UsageError, match=r"no two visits are some of them apart"):
            fit(frame, covariance)


@pytest.mark.parametrize("door", ["constrained", "conditional_mean", "random_draw"])
def test_planned_distances_reach_imputation_and_constrained_models(door):
    near = run(door, ordered(door), covariance="ar1")
    far = run(door, planned(door), covariance="ar1")
    assert not np.allclose(figures(near)["std_error"], figures(far)["std_error"], rtol=1e-4)


def test_planned_distances_of_ar1_are_those_of_times():
    frame = planned("mmrm").assign(place=lambda f: f["visit"].cat.codes.astype(float))
    one = fit(frame, "ar1")
    other = bw.mmrm("y ~ arm * visit", frame, "id", "visit", covariance="sp_exp", times="place")
    assert one.stats.loglik == pytest.approx(other.stats.loglik, abs=1e-8)
    assert "visits without a row counted" in told(one)


# ----- values with a source -----


def reference(case: str) -> tuple[pd.DataFrame, dict[str, list[dict[str, Any]]]]:
    values = stored("columns")[case]
    frame = pd.read_csv(FOLDER / "columns" / values["data"])
    for column, levels in values.get("levels", {}).items():
        frame[column] = pd.Categorical(frame[column], levels)
    for column in values.get("prepare", {}).get("object", []):
        frame[column] = frame[column].astype(object)
    return frame, values["tables"]


def quantity(table: list[dict[str, Any]], name: str) -> float:
    return next(row["estimate"] for row in table if row["quantity"] == name)


def test_text_visits_under_ar1_are_nlme():
    frame, tables = reference("text_visits_ar1")
    found = bw.mmrm("pain ~ arm * visit", frame, "id", "visit", covariance="ar1")
    assert found.stats.loglik == pytest.approx(quantity(tables["fit"], "log_likelihood"), abs=1e-6)
    parameters = found.variance_parameters()["estimate"].tolist()
    assert parameters == pytest.approx(
        [quantity(tables["fit"], "variance"), quantity(tables["fit"], "rho")], rel=1e-5
    )
    for table, rows, label in (
        ("contrasts", found.contrasts("arm", by="visit"), "visit"),
        ("change", found.contrasts("visit", by="arm", method="change").head(6), "arm"),
    ):
        expected = pd.DataFrame(tables[table])
        assert rows["contrast"].tolist() == expected["contrast"].tolist()
        assert rows[label].tolist() == expected[label].tolist()
        assert rows["estimate"].to_numpy() == pytest.approx(expected["estimate"], rel=1e-5)
        assert rows["std_error"].to_numpy() == pytest.approx(expected["std_error"], rel=1e-4)


def test_jump_to_reference_of_text_visits_is_no_mar():
    frame, tables = reference("text_visits_jump_to_reference")
    found = bw.conditional_mean_imputation(
        frame, value="pain", participant="id", visit="visit", arm="arm", baseline="base",
        at="Week 12", strategy="jr", reference="control",
    )  # fmt: skip
    assert found["estimate"].item() == pytest.approx(quantity(tables["jr"], "estimate"), abs=1e-5)
    assert "Week 2, Week 4, Week 8, Week 12" in told(found)


def test_a_planned_visit_keeps_its_distance():
    frame, tables = reference("planned_visit")
    found = bw.mmrm("pain ~ base + arm * visit", frame, "id", "visit", covariance="ar1")
    assert found.stats.loglik == pytest.approx(quantity(tables["fit"], "log_likelihood"), abs=1e-5)
    rho = found.variance_parameters()["estimate"].tolist()[1]
    assert rho == pytest.approx(quantity(tables["fit"], "rho"), rel=1e-4)


def test_numbers_held_as_objects_are_r():
    frame, tables = reference("object_baseline_ols")
    found = bw.ols("pain ~ base + age + arm", frame).coefficients()
    expected = pd.DataFrame(tables["coefficients"])
    assert found["term"].tolist() == expected["term"].tolist()
    for name in ("estimate", "std_error", "df", "p_value"):
        assert found[name].to_numpy() == pytest.approx(expected[name], rel=1e-8)
    frame, tables = reference("object_covariate")
    compared(bw.ancova(frame, **ANCOVA, covariates="age"), tables["ancova"][0])


ANCOVA: dict[str, Any] = {
    "outcome": "pain", "baseline": "base", "arm": "arm", "reference": "forward",
}  # fmt: skip


def compared(found: pd.DataFrame, expected: dict[str, Any]) -> None:
    row = found.iloc[0]
    assert row["contrast"] == expected.pop("contrast")
    for name, value in expected.items():
        assert row[name] == pytest.approx(value, rel=1e-8)


def test_a_trailing_blank_makes_no_third_arm():
    frame, tables = reference("arm_with_trailing_blank")
    own = np.flatnonzero(frame["arm"] == "backward")[::3]
    frame.loc[own, "arm"] = "backward "
    compared(bw.ancova(frame, **ANCOVA), tables["ancova"][0])


def test_ids_of_two_types_are_one_participant_each():
    frame, tables = reference("ids_of_two_types")
    frame["id"] = [str(one) if at % 2 else one for at, one in enumerate(frame["id"])]
    found = bw.mmrm("pain ~ base + arm * visit", frame, "id", "visit", covariance="cs")
    assert found.stats.n_participants == quantity(tables["fit"], "n_participants")
    assert found.stats.loglik == pytest.approx(quantity(tables["fit"], "log_likelihood"), abs=1e-5)


# ----- other frames -----


class Foreign:
    """A frame of another library, as far as the exchange protocol goes."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.frame.__dataframe__(nan_as_null, allow_copy)  # type: ignore[operator]


class Broken:
    """What claims to be a frame and is none."""

    def __dataframe__(self, **_: Any) -> Any:
        raise RuntimeError("not today")

    def __arrow_c_stream__(self, **_: Any) -> Any:
        raise RuntimeError("not today")


@pytest.mark.parametrize("name", DOORS)
def test_a_frame_of_another_library_is_read_by_its_protocol(name):
    frame = rows_of(name)
    same(run(name, frame), run(name, Foreign(frame)))
    with pytest.raises(UsageError, match=r"^the data are a Broken; expected a pandas DataFrame"):
        run(name, Broken())


@pytest.mark.parametrize("name", DOORS)
def test_the_frame_that_was_given_is_not_touched(name):
    frame = rows_of(name)
    if "arm" in frame:
        frame["arm"] += " "
    before = frame.copy(deep=True)
    run(name, frame)
    pd.testing.assert_frame_equal(frame, before)


# ----- choices -----


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.choice])
@pytest.mark.parametrize("level", ["0.95", 95, 0, 1.0, True, None, [0.95], np.nan])
def test_a_level_is_a_number_between_0_and_1(name, level):
    with pytest.raises(UsageError, match=r"^a level is a (proportion|number) between 0 and 1"):
        run(name, ordered(name), level=level)


def fitted() -> Any:
    return run("mmrm", ordered("mmrm"))


SEEDED: dict[str, Callable[..., Any]] = {
    "bootstrap": lambda **c: bw.bootstrap(fitted(), "arm", "visit", **{"replicates": 5, **c}),
    "permutation": lambda **c: bw.permutation_test(
        fitted(), "arm", "visit", **{"replicates": 5, **c}
    ),
    "multiple_imputation": lambda **c: run("multiple_imputation", long(), **c),
    "random_draw": lambda **c: run("random_draw", long(), **c),
}


@pytest.mark.parametrize("door", SEEDED)
@pytest.mark.parametrize("seed", [None, -1, 1.5, "1", True])
def test_a_seed_is_a_whole_number(door, seed):
    with pytest.raises(UsageError, match=r"^seed is .*; expected a whole number of 0 or more"):
        SEEDED[door](seed=seed)


@pytest.mark.parametrize("door", SEEDED)
@pytest.mark.parametrize("count", [20.5, 0, -3, "20", None, True])
def test_a_count_is_a_whole_number(door, count):
    name = "imputations" if "_" in door else "replicates"
    with pytest.raises(UsageError, match=rf"^{name} is .*; expected a whole number of"):
        SEEDED[door](**{name: count, "seed": 1})


@pytest.mark.parametrize("door", SEEDED)
@pytest.mark.parametrize("count", [10_000_001, 10**30, 10**5000], ids=["more", "30", "5000"])
def test_a_count_that_would_not_end_is_refused(door, count):
    name = "imputations" if "_" in door else "replicates"
    with pytest.raises(UsageError, match=rf"^{name} is .*; expected 10000000 at most"):
        SEEDED[door](**{name: count, "seed": 1})


CHOSEN: dict[str, tuple[Callable[..., Any], str]] = {
    "meta_analysis": (lambda one: run("meta_analysis", rows_of("meta_analysis"), ci=one), "ci"),
    "leave_one_out": (
        lambda one: bw.leave_one_out(
            rows_of("meta_analysis").assign(study_id=list("abc")), method=one
        ),
        "method",
    ),
    "mmrm": (
        lambda one: bw.mmrm("y ~ arm * visit", ordered("mmrm"), "id", "visit", method=one),
        "method",
    ),
    "lmm": (lambda one: bw.lmm("y ~ arm + (1 | id)", ordered("lmm"), df=one), "df"),
    "ols": (lambda one: bw.ols("y ~ arm", ordered("ols"), vcov=one), "vcov"),
    "adjusted_risk": (lambda one: run("adjusted_risk", ordered("adjusted_risk"), vcov=one), "vcov"),
    "rate_ratio": (lambda one: run("rate_ratio", ordered("rate_ratio"), vcov=one), "vcov"),
    "ordinal": (lambda one: run("ordinal", ordered("ordinal"), limits=one), "limits"),
    "gee family": (lambda one: run("gee", ordered("gee"), family=one), "family"),
    "gee": (lambda one: run("gee", ordered("gee"), correlation=one), "correlation"),
    "gee vcov": (lambda one: run("gee", ordered("gee"), vcov=one), "vcov"),
    "gee df": (lambda one: run("gee", ordered("gee"), df=one), "df"),
    "gee working": (lambda one: run("gee", ordered("gee"), working=one), "working"),
    "gee scale": (
        lambda one: run("gee", ordered("gee")).contrasts("arm", scale=one), "scale",
    ),
    "ancova": (lambda one: run("ancova", ordered("ancova"), df=one), "df"),
    "contrasts": (
        lambda one: bw.ols("y ~ arm", ordered("ols")).contrasts("arm", method=one), "method",
    ),
    "change_score": (lambda one: run("change_score", ordered("change_score"), test=one), "test"),
    "within_arm": (lambda one: run("within_arm", ordered("within_arm"), zeros=one), "zeros"),
    "mixed_anova": (lambda one: run("mixed_anova", ordered("mixed_anova"), ss=one), "ss"),
    "constrained": (lambda one: run("constrained", ordered("constrained"), method=one), "method"),
    "conditional_mean": (
        lambda one: run("conditional_mean", ordered("conditional_mean"), strategy=one), "strategy",
    ),
    "tipping_point": (
        lambda one: run("tipping_point", ordered("tipping_point"), pattern=one), "pattern",
    ),
    "bootstrap": (lambda one: bw.bootstrap(fitted(), "arm", seed=1, method=one), "method"),
}  # fmt: skip


@pytest.mark.parametrize("door", CHOSEN)
@pytest.mark.parametrize("given", [{}, ["reml"], 3, None, pd.NA, "nothing"], ids=repr)
def test_a_choice_is_one_of_those_there_are(door, given):
    call, name = CHOSEN[door]
    with pytest.raises(UsageError, match=rf"^{name} is .*; it is one of "):
        call(given)


@pytest.mark.parametrize("door", ["conditional_mean", "random_draw", "tipping_point"])
@pytest.mark.parametrize(
    "given", ["False", "no", 0, 1, None, pd.NA, [], np.array([True])], ids=repr
)
def test_yes_or_no_is_true_or_false(door, given):
    with pytest.raises(UsageError, match=r"^covariance_by_arm is .*; expected True or False"):
        run(door, ordered(door), covariance_by_arm=given)
    same(
        run(door, ordered(door), covariance_by_arm=np.bool_(False)),
        run(door, ordered(door), covariance_by_arm=False),
    )


@pytest.mark.parametrize("name", WITH_PEOPLE)
@pytest.mark.parametrize("kind", ["number", "objects", "mixed", "categorical"])
def test_an_infinite_id_is_refused_and_text_stays(name, kind):
    frame = rows_of(name)
    own = frame["id"] == 2
    ids = {
        "number": frame["id"].astype(float).mask(own, np.inf),
        "objects": frame["id"].astype(object).mask(own, -np.inf),
        "mixed": frame["id"].map(str).astype(object).mask(own, np.inf),
        "categorical": frame["id"].astype(float).mask(own, np.inf).astype("category"),
    }
    with pytest.raises(UsageError, match=rf"^id: {own.sum()} of {len(frame)} values are not finit"):
        run(name, frame.assign(id=ids[kind]))
    text = frame["id"].map(str).mask(own, "nan")
    same(run(name, frame.assign(id=text)), run(name, frame.assign(id=frame["id"].map(str))))


def test_reconstruct_asks_for_a_seed_too():
    arm = bw.ArmSummary(
        arm="b", n=10, mean_pre="6.0", sd_pre="1.5", mean_post="4.0", sd_post="1.5", sd_change="2.0"
    )
    with pytest.raises(UsageError, match=r"^seed is None"):
        bw.reconstruct([arm], source="made up", seed=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("deltas", [[], [np.nan], "1", None, [[0.0]], ["a"]])
def test_deltas_are_finite_numbers(deltas):
    with pytest.raises(UsageError, match=r"^deltas are one or more finite numbers"):
        run("tipping_point", long(), deltas=deltas)


def test_resampling_takes_a_mixed_model():
    fit = run("ols", ordered("ols"))
    with pytest.raises(UsageError, match=r"expected a fit of mmrm or lmm, found LinearModel"):
        bw.bootstrap(fit, "arm", replicates=5, seed=1)


def test_notes_of_a_fit_go_with_what_is_resampled():
    fit = run("mmrm", rows_of("mmrm"))
    for door in (bw.bootstrap, bw.permutation_test):
        found = door(fit, "arm", "visit", replicates=3, seed=1)
        assert "visit: text put in the order" in told(found)


@pytest.mark.parametrize("given", ["visit", ["a", "b"], 3, [3], ["base", 3], [], ["a"] * 3])
def test_times_are_one_or_two_columns_of_numbers(given):
    said = r"^(times: expected the name|visit: named|visit is not|no column named a, b|times are)"
    with pytest.raises(UsageError, match=said):
        bw.mmrm("y ~ arm", long(), "id", "visit", covariance="sp_exp", times=given)
    with pytest.raises(UsageError, match=r"expected a name or a list of names"):
        bw.ancova(rows_of("ancova"), **WIDE, reference="f", covariates=3)  # type: ignore[arg-type]


# ----- names of columns that results have too -----

RESULTS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


@pytest.mark.parametrize("taken", [*RESULTS, "n_arm", "dropped_arm", "notes"])
def test_labels_of_adjusted_means_are_never_overwritten(taken):
    frame = rows_of("adjusted_means").rename(columns={"arm": taken})
    with pytest.raises(UsageError, match=rf"^{taken}: the result has a column of this name; renam"):
        bw.adjusted_means(frame, **{**WIDE, "arm": taken})
    same(
        bw.ancova(frame, **{**WIDE, "arm": taken}, reference="f"),
        run("ancova", rows_of("ancova")),
    )


@pytest.mark.parametrize("taken", [*RESULTS, "contrast"])
def test_labels_of_marginal_means_and_contrasts_are_never_overwritten(taken):
    fit = bw.ols(f"y ~ {taken} + base + visit", ordered("mmrm").rename(columns={"arm": taken}))
    words = rf"^{taken}: the result has a column of this name"
    with pytest.raises(UsageError, match=words):
        fit.contrasts("visit", by=taken)
    if taken != "contrast":
        with pytest.raises(UsageError, match=words):
            fit.marginal_means("visit", by=taken)
    assert fit.contrasts(taken)["contrast"].tolist() == ["b - f"]


def test_labels_beside_an_offset_and_resampled_ones_are_never_overwritten():
    frame = ordered("mmrm").rename(columns={"arm": "offset"})
    fit = bw.ols("y ~ offset + visit + offset(base)", frame)
    for door in (fit.marginal_means, named(fit.contrasts, by="offset")):
        with pytest.raises(UsageError, match=r"^offset: the result has a column of this name"):
            door("offset" if door == fit.marginal_means else "visit")
    frame = ordered("mmrm").rename(columns={"arm": "notes"})
    mixed = bw.mmrm("y ~ notes * visit", frame, "id", "visit", covariance="cs")
    for resampled in (bw.bootstrap, bw.permutation_test):
        with pytest.raises(UsageError, match=r"^notes: the result has a column of this name"):
            resampled(mixed, "visit", "notes", replicates=3, seed=1)


def test_a_crossover_keeps_the_labels_of_columns_named_order():
    frame = rows_of("crossover")
    plain = run("crossover", frame)
    for column in ("arm", "id", "y"):
        role = {"arm": "arm", "id": "participant", "y": "value"}[column]
        found = run("crossover", frame.rename(columns={column: "order"}), **{role: "order"})
        same(found, plain)
    assert "f, b - b, f" in plain["contrast"].tolist()


# ----- what cannot be answered: one wording for one cause -----


def with_covariate(name: str, data: Any, covariate: str) -> Any:
    """Call a door with a covariate: in its formula, or by name."""
    if name.startswith("mmrm"):
        return bw.mmrm(f"y ~ base + arm * visit + {covariate}", data, "id", "visit")
    if name == "lmm":
        return bw.lmm(f"y ~ base + arm * visit + {covariate} + (1 | id)", data)
    if name == "ols":
        return bw.ols(f"y ~ base + arm + {covariate}", data)
    if name == "gee":
        return bw.gee(
            f"y ~ base + arm * visit + {covariate}", data, "id", family="gaussian", visit="visit"
        )
    if name == "firth":
        return bw.firth_odds_ratio(
            data, responder="better", arm="arm", reference="f", covariates=covariate
        )
    return run(name, data, covariates=[covariate])


IMPUTING = ["multiple_imputation", "conditional_mean", "random_draw", "tipping_point"]
ADJUSTED = [
    "mmrm", "lmm", "ols", "firth", "ancova", "adjusted_means", "constrained", "adjusted_risk",
    "rate_ratio", "ordinal", "gee", *IMPUTING,
]  # fmt: skip


def rows_for(name: str) -> pd.DataFrame:
    return rows_of("responders" if name == "firth" else name)


@pytest.mark.parametrize("name", ADJUSTED)
@pytest.mark.parametrize("column", ["site", "KL grade"])
def test_a_factor_of_one_level_is_refused_by_every_door(name, column):
    if column == "KL grade" and name in ("mmrm", "lmm", "ols", "gee"):
        column = "who"  # a formula holds no blank; a name that models use within
    words = rf"^{column}: one level in the rows used, so there is nothing to compare; leave it out$"
    values: list[Any] = ["north", True]
    for value in values:
        with pytest.raises(UsageError, match=words):
            with_covariate(name, rows_for(name).assign(**{column: value}), column)
    declared = pd.Categorical(["north"] * len(rows_for(name)), ["north", "south"])
    with pytest.raises(UsageError, match=words):
        with_covariate(name, rows_for(name).assign(**{column: declared}), column)


@pytest.mark.parametrize("name", ADJUSTED)
def test_a_constant_covariate_is_refused_in_one_wording(name):
    words = r": the same in every row, so collinear with the intercept; leave it out$"
    with pytest.raises(UsageError, match="^age" + words):
        with_covariate(name, rows_for(name).assign(age=50.0), "age")
    if name in DOORS and DOORS[name].baseline:
        with pytest.raises(UsageError, match="^base" + words):
            run(name, rows_of(name).assign(base=6.0))


@pytest.mark.parametrize(
    "name", ["mmrm", "lmm", "ols", "gee", "ancova", "adjusted_means", *IMPUTING]
)
def test_a_constant_outcome_is_refused_in_one_wording(name):
    frame = rows_of(name)
    words = r"^the outcome y is the same in every row: it has no variance$"
    for value in (5.0, 0.1 + 0.2):
        flat = frame["y"].mask(frame["y"].notna(), value)
        with pytest.raises(UsageError, match=words):
            run(name, frame.assign(y=flat))


@pytest.mark.parametrize("name", ["mmrm", "constrained", *IMPUTING])
def test_a_visit_without_variation_is_refused_in_one_wording(name):
    frame = rows_of(name)
    last = (frame["visit"] == "Week 12") & frame["y"].notna()
    with pytest.raises(UsageError, match=r"^the outcome is the same number in every row of visit "):
        run(name, frame.assign(y=frame["y"].mask(last, 4.0)))


@pytest.mark.parametrize(
    "name", [n for n in ARMS if n not in ("within_arm", "crossover", "paired")]
)
def test_one_arm_is_refused_in_one_wording(name):
    frame = rows_of(name)
    words = r"^arm: one arm in the rows used, so there is none to compare$"
    with pytest.raises(UsageError, match=words):
        run(name, frame[frame["arm"] == "f"])
    if DOORS[name].compares:
        declared = ordered(name)
        with pytest.raises(UsageError, match=words):
            run(name, declared[declared["arm"] == "b"], reference="b")


@pytest.mark.parametrize("name", [n for n in TRIALS if n not in ("mixed_anova", "crossover")])
def test_rows_of_which_none_is_complete_are_told_of_in_one_wording(name):
    column = outcome_of(name)
    with pytest.raises(BackwalkError, match=rf"^no row has all of {column}(, \w+)*$"):
        run(name, rows_of(name).assign(**{column: np.nan}))
    if DOORS[name].baseline:
        with pytest.raises(BackwalkError, match=r"^no row has all of y, (arm, )?base(, \w+)*$"):
            run(name, rows_of(name).assign(base=np.nan))


@pytest.mark.parametrize("name", ["mmrm", "lmm", "ols", "gee"])
def test_an_empty_cell_is_named_with_what_to_do(name):
    frame = rows_of("mmrm")
    frame = frame[(frame["arm"] != "b") | (frame["visit"] != "Week 12")]
    with pytest.raises(
        UsageError,
        match=r"^no row has arm = b and visit = Week 12, but arm:visit needs it; leave out the int",
    ):
        if name == "ols":
            bw.ols("y ~ arm * visit", frame)
        else:
            run(name, frame)


OWN_NAMES = {"y": "pain", "base": "before", "arm": "group", "visit": "week", "id": "who is"}
OWN_ROLES: dict[str, Any] = {
    "value": "pain", "participant": "who is", "arm": "group", "visit": "week",
}  # fmt: skip
INNER = r"\b(value|who|arm\w*|visit\w*|baseline|effect_\w+|covariate_\w+)\b(?! is)"


@pytest.mark.parametrize("name", ["constrained", *IMPUTING])
def test_refusals_speak_of_the_columns_of_the_caller(name):
    frame = rows_of(name).rename(columns=OWN_NAMES)
    roles = OWN_ROLES | ({} if name == "constrained" else {"baseline": "before"})
    place = "baseline_visit" if name == "constrained" else "at"
    late = (frame["week"] == "Week 12") & frame["pain"].notna()
    grade: dict[str, Any] = {"covariates": ["KL grade"]}
    cases: list[tuple[pd.DataFrame, dict[str, Any], str]] = [
        (frame.assign(pain=frame["pain"] * 1e70), {}, "the outcome pain has values of extreme"),
        (frame.assign(pain=frame["pain"].mask(late, 4.0)), {}, "every row of week Week 12: it has"),
        (frame, {place: "Week 9"}, "week has no level 'Week 9'; there are"),
        (
            frame.assign(**{"KL grade": frame["group"]}),
            {"covariates": ["KL grade"]},
            "KL gradef.* groupb",
        ),
        (frame.assign(**{"KL grade": 2.0}), grade, "KL grade: the same in"),
    ]
    if name != "constrained":
        twice = frame.assign(again=2.0 * frame["before"])
        cases.append((twice, {"covariates": ["again"]}, "again is collinear with before"))
    for data, choices, words in cases:
        with pytest.raises(BackwalkError, match=words) as caught:
            run(name, data, **{**roles, **choices})
        assert not re.search(INNER, str(caught.value)), str(caught.value)


# ----- single columns -----


def test_every_door_with_roles_says_notes_and_says_nothing_where_nothing_was_decided():
    for name in ARMS:
        assert told(run(name, ordered(name))) == "" or name in (
            "within_arm", "responders", "crossover", "rank_based", "constrained", "adjusted_risk",
            "stratified_risk", "rate_ratio", "ordinal", "paired",
        )  # fmt: skip


def test_labels_of_text_and_numbers():
    found = labels(pd.Series([2, "1", 1.0, " 2 ", None, ""], dtype=object), "site")
    assert found.levels == ("1", "2")
    assert found.codes.tolist() == [1, 0, 0, 1, -1, -1]
    assert found.order == "text"
    large = labels(pd.Series([2**60 + 1, 2**60]), "id", ids=True)
    assert large.levels == (2**60 + 1, 2**60)


def test_numbers_read_what_r_reads_and_nothing_else():
    good = pd.Series([" 1.5", "2", "-3e2", ".5", None, ""])
    assert np.array_equal(numbers(good, "x")[0], [1.5, 2, -300, 0.5, np.nan, np.nan], True)
    for bad in ("1_000", "1,5", "0x10", "nan", "inf", "١", "1 2", "--1"):
        with pytest.raises(UsageError, match=r"x is not numeric: 1 of 2 values are not numbers"):
            numbers(pd.Series(["1", bad]), "x")


def test_levels_of_a_covariate_are_not_listed_where_they_are_many():
    column = pd.Series([f"secret {chr(97 + at)}{chr(98 + at)}" for at in range(20)])
    assert variable(column, "remark").order == "remark (20 levels)"


def test_roles_are_listed():
    columns = TrialColumns(outcome="y", arm="arm", covariates=("age", "sex"))
    assert columns.pairs == (
        ("outcome", "y"), ("arm", "arm"), ("covariates", "age"), ("covariates", "sex"),
    )  # fmt: skip
    assert columns.every == ("y", "arm", "age", "sex")
