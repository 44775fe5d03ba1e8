"""Formulas against R: terms, columns, names and order; the algebra against an obvious oracle."""

from __future__ import annotations

import json
import random
import shutil
import string
import subprocess
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from backwalk_stats.models.formula.arithmetic import number_text
from backwalk_stats.models.formula.design import design_of
from backwalk_stats.models.formula.formula import parse_formula
from tests.models.trials import slope_trial
from tests.reference.stored import FOLDER, stored

REFERENCE = stored("formula")
HERE = FOLDER / "formula"
LEVELS = REFERENCE["source"]["levels"]


def data(name: str) -> pd.DataFrame:
    frame = pd.read_csv(HERE / f"{name}.csv")
    for column in set(LEVELS) & set(frame.columns):
        frame[column] = pd.Categorical(frame[column], LEVELS[column])
    return frame


DATA = {name: data(name) for name in ("complete", "missing_cell", "levels")}


def held_against_r(case: str, expected: dict[str, Any], *, lm: bool) -> None:
    """Compare terms, intercept, and columns with their names, values and order."""
    name, text = case.split(": ", 1)
    formula, frame = parse_formula(text), DATA[name]
    terms = [":".join(variable.name for variable in term) for term in formula.terms]
    assert (terms, int(formula.intercept)) == (expected["terms"], expected["intercept"])
    design = design_of(formula, frame)
    left_out = [column for names in design.determined.values() for column in names]
    if lm:
        assert left_out == expected["determined"]
    kept = [k for k, column in enumerate(expected["names"]) if column not in left_out]
    assert list(design.names) == [expected["names"][k] for k in kept]
    theirs = np.array([expected["x"][k] for k in kept], dtype=float).reshape(len(kept), len(frame))
    size = np.abs(theirs).max(axis=1, keepdims=True, initial=1e-300)
    assert np.abs((design.own(len(frame)).T - theirs) / size).max(initial=0.0) < 1e-12


@pytest.mark.parametrize("case", REFERENCE["designs"])
def test_terms_and_columns_are_those_of_r(case):
    # Where cells are missing, lm's NA are of the data too; here such a design is refused by name.
    structure = case.startswith("complete") and not case.endswith("factor(week) * a")
    held_against_r(case, REFERENCE["designs"][case], lm=structure)


def test_at_least_a_hundred_formulas_are_held():
    assert len(REFERENCE["designs"]) >= 250


VARIABLES = ("a", "b", "l", "x", "week", "poly(t, 2)", "I(x^2)")


def drawn(rng: random.Random, depth: int) -> str:
    """Return a random formula of the grammar."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice((*VARIABLES, *VARIABLES[:4], "1", "0") if depth < 3 else VARIABLES)
    left, right = drawn(rng, depth - 1), drawn(rng, depth - 1)
    operator = rng.choice(("+", "+", "+", "-", ":", "*", "/", "%in%", "^"))
    if operator == "^":
        return f"({left})^{rng.choice((2, 3))}"
    parts = [one if rng.random() < 0.3 else f"({one})" for one in (left, right)]
    return f" {operator} ".join(parts)


def random_formulas(count: int) -> list[str]:
    rng = random.Random(20261130)
    found: list[str] = []
    while len(found) < count:
        text = f"y ~ {drawn(rng, 3)}"
        formula = parse_formula(text)
        width = len(design_of(formula, DATA["complete"]).names) if formula.terms else 1
        if text not in found and width < 30:
            found.append(text)
    return found


def test_random_formulas_are_read_as_r_reads_them(tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    cases = [{"data": "complete", "formula": text} for text in random_formulas(300)]
    (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    arguments = [str(HERE / "make.R"), str(tmp_path / "out.json"), str(tmp_path / "cases.json")]
    done = subprocess.run(
        ["Rscript", *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R lacks a package that the recipe needs")
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))["designs"]
    assert len(found) == 300
    for case, expected in found.items():
        n_rank = len(expected["names"]) - len(expected["determined"])
        held_against_r(case, expected, lm=n_rank < 20)


# The oracle: a formula as a tree, its terms as sets of names, by the definitions alone.
LEAVES = st.sampled_from(["a", "b", "c", "x"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", ":", "*", "/", "%in%"]), inner, inner),
        st.tuples(st.just("^"), inner, st.integers(2, 4)),
        st.tuples(st.sampled_from(["+", "-"]), inner, st.sampled_from(["0", "1"])),
    ),
    max_leaves=8,
)


def written(tree) -> str:
    if isinstance(tree, str):
        return tree
    operator, left, right = tree
    return f"({written(left)}) {operator} " + (
        str(right) if isinstance(right, int) else f"({written(right)})"
    )


def meant(tree, state, *, plus=True) -> set[frozenset[str]]:
    """Return the terms of a tree; `state` holds the intercept, which numbers set in passing."""
    if tree in ("0", "1"):
        state["intercept"] = plus == (tree == "1")
        return set()
    if isinstance(tree, str):
        return {frozenset([tree])}
    operator, left, right = tree
    first = meant(left, state, plus=plus)
    if operator == "^":
        out = set(first)
        for _ in range(right - 1):
            out = {one | other for one in first for other in out}
        return out
    second = meant(right, state, plus=plus != (operator == "-"))
    crossed = {one | other for one in first for other in second}
    if operator == "+":
        return first | second
    if operator == "-":
        return first - second
    if not first or not second:
        return first if operator != ":" else set()
    every = [frozenset().union(*side) for side in (first, second)]
    return {
        ":": crossed,
        "*": first | second | crossed,
        "/": first | {every[0] | other for other in second},
        "%in%": {one | every[1] for one in first},
    }[operator]


@given(TREES)
def test_the_algebra_of_terms_is_that_of_sets(tree):
    state = {"intercept": True}
    expected = meant(tree, state)
    found = parse_formula(f"y ~ {written(tree)}")
    terms = [frozenset(variable.name for variable in term) for term in found.terms]
    assert (set(terms), found.intercept) == (expected, state["intercept"])
    assert len(terms) == len(set(terms))
    assert [len(term) for term in terms] == sorted(map(len, terms))


@given(TREES)
def test_the_columns_span_the_cells_that_the_terms_name(tree):
    """Beside structure that R leaves NA, columns are independent, and any order spans the same."""
    frame = DATA["complete"]
    design = design_of(parse_formula(f"y ~ {written(tree)}"), frame)
    x = design.own(len(frame))
    if x.shape[1] and x.shape[1] <= 14:
        scaled = x / np.linalg.norm(x, axis=0)
        assert np.linalg.matrix_rank(scaled, tol=1e-9) == x.shape[1]


@given(
    st.text(
        alphabet=string.ascii_letters + string.digits + " ~+-*:()|.`_'\"[]{}=,^/\\%$", max_size=60
    )
)
def test_any_text_is_parsed_or_refused(text):
    try:
        found = parse_formula(text)
    except UsageError as refusal:
        assert str(refusal).startswith("formula")
    else:
        assert all(term for term in found.terms)


ARITHMETIC = st.recursive(
    st.one_of(st.just("x"), st.floats(0.001, 1e6, allow_subnormal=False).map(number_text)),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(
            lambda one: f"({one[0]}) {one[1]} ({one[2]})"
        ),
        inner.map(lambda one: f"-({one})"),
        inner.map(lambda one: f"({one})^2"),
    ),
    max_leaves=6,
)


@given(ARITHMETIC)
def test_arithmetic_is_that_of_python(text):
    x = np.array([0.5, 2.0, 3.25])
    try:
        variable = parse_formula(f"y ~ I({text} + x)").terms[0][0]
    except UsageError as refusal:
        assert "number" in str(refusal)
        return
    with np.errstate(all="ignore"):
        expected = eval(f"({text} + x)".replace("^", "**"), {"x": x})
    assert variable.inner is not None
    np.testing.assert_allclose(variable.inner.at({"x": x}), expected, rtol=1e-12)
    again = parse_formula(f"y ~ {variable.name}").terms[0][0]
    assert again.name == variable.name


@given(st.permutations(["arm", "visit", "age", "arm:visit", "arm:age"]))
def test_the_order_of_the_terms_does_not_matter(terms):
    found = parse_formula("pain ~ " + " + ".join(terms))
    assert {frozenset(term) for term in found.terms} == {
        frozenset(term) for term in parse_formula("pain ~ arm * visit + age * arm").terms
    }


def test_random_parts():
    found = parse_formula("y ~ week * arm + (1 + week || id) + (0 + dose | id)")
    assert [part.group for part in found.random] == ["id", "id"]
    assert [part.correlated for part in found.random] == [False, True]
    assert [part.intercept for part in found.random] == [True, False]
    assert found.columns == ("y", "week", "arm", "id", "dose")


def test_a_number_within_a_random_part_sets_its_intercept_alone():
    found = parse_formula("y ~ a + ((b - 1) * week - week:b | id)")
    assert found.intercept and not found.random[0].intercept
    assert [[v.name for v in term] for term in found.random[0].terms] == [["b"], ["week"]]


def test_a_column_whose_name_is_no_name():
    frame = pd.DataFrame({"pain at rest": [1.0, 2.0, 4.0], "visit no.": [0.0, 1.0, 2.0]})
    design = design_of(parse_formula("`pain at rest` ~ `visit no.` + I(`visit no.`^2)"), frame)
    assert design.names == ("(Intercept)", "visit no.", "I(`visit no.`^2)")


REFUSED = {
    "y ~ I(1 | id)": "'|'",
    "y ~ I((1 | id))": "'|'",
    "y ~ a:(1 | id)": "'|'",
    "y ~ (a + (1 | id))": "'|'",
    "y ~ a - (1 | id)": "nothing to take away",
    "y ~ a + (x | offset(id))": "no column",
    "y ~ a + (x + offset(t) | id)": "offset",
    "y ~ a^1": "from 2 to 20",
    "y ~ a^x": "I(x^2)",
    "y ~ a^2": "crosses a with itself, which is a",
    "y ~ b + x**2": "a power of a column is I(x^2)",
    "y ~ poly(x, 2)^2": "with itself",
    "y ~ a^2.5": "from 2 to 20",
    "y ~ a^21": "from 2 to 20",
    "y ~ x^0.5": "I(x^2)",
    "y ~ 2": "0 or 1",
    "y ~ 2 * x": "I( )",
    "y ~ x + 1.0": "0 or 1",
    "y ~ a %/% b": "not allowed",
    "y ~ I(x %% 2)": "not allowed",
    "y ~ I(a:b)": "':'",
    "y ~ I(x == 1)": "'='",
    "y ~ I(2)": "no column",
    "y ~ I()": "number was expected",
    "y ~ I(x, 2)": "','",
    "y ~ I(poly(x, 2))": "within another",
    "y ~ I(system(x))": "within another",
    "y ~ log(x, 2)": "','",
    "y ~ factor(x + 1)": "one column",
    "y ~ poly(x)": "whole number from 1 to 20 (degree)",
    "y ~ poly(x, 0)": "whole number",
    "y ~ poly(x, 2.5)": "whole number",
    "y ~ poly(x, t, 2)": "whole number",
    "y ~ poly(x, 2, simple = TRUE)": "raw = TRUE or FALSE",
    "y ~ poly(x, 2, 3)": "whole number",
    "y ~ ns(x)": "(df)",
    "y ~ ns(x, 21)": "(df)",
    "y ~ ns(x, 99999999999999999999)": "(df)",
    "y ~ ns(x, knots = 3)": "(df)",
    "y ~ ns(x, 3, intercept = TRUE)": "(df)",
    "y ~ ns(x, degree = 3)": "(df)",
    "y ~ bs(x, 3)": "no such function",
    "y ~ s(x)": "no such function",
    "y ~ scale(x)": "no such function",
    "y ~ x - offset(t)": "cannot be taken away",
    "y ~ a:offset(t)": "interaction",
    "y ~ (a + offset(t)) * b": "interaction",
    "y ~ offset(t)^2": "with itself",
    "y ~ a - (b - offset(t))": "taken away",
    "y ~ y + a": "the outcome y stands on the right side",
    "factor(y) ~ a": "the outcome is one column",
    "poly(y, 2) ~ a": "the outcome is one column",
    "I(y / t) ~ a": "the outcome is one column",
    "offset(y) ~ a": "the outcome is one column",
    "y ~ a + -b": "expected a name",
    "y ~ a:-b": "expected a name",
    "y ~ .": "'.'",
    "y ~ a | b": "'|'",
    "y ~ __import__('os')": "not allowed",
    "y ~ " + "(" * 60 + "a" + ")" * 60: "within each other",
    "y ~ I(" + "(" * 60 + "x" + ")" * 60 + ")": "within each other",
    "y ~ I(" + "-" * 3000 + "x)": "operations",
    "y ~ I(x" + "^x" * 1900 + ")": "operations",
    "y ~ I(x" + " + x" * 900 + ")": "operations",
    "y ~ (" + " + ".join(f"v{k}" for k in range(400)) + ")^2": "more than 2000 terms",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_what_is_refused_and_by_what_name(text):
    with pytest.raises(UsageError, match=r"^formula") as refusal:
        parse_formula(text)
    assert REFUSED[text] in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("y ~ a:1 + b", "a is joined by : to what holds no variable"),
        ("y ~ 1 * a + b", "a is joined by *"),
        ("y ~ a - b", "- b takes nothing away"),
        ("y ~ a:b", "the coefficient of ar:bv is left out"),
    ],
)
def test_what_is_without_effect_stands_in_the_notes(text, note):
    assert any(note in one for one in bw.ols(text, DATA["complete"]).stats.notes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("y ~ poly(week, 5)", "degree 5 needs at least 6 distinct values, found 5"),
        ("y ~ ns(week, 12)", "fewer degrees of freedom"),
        ("y ~ I(a^2)", "a is not numeric"),
        ("y ~ I(x * l)", "l is not numeric"),
        ("y ~ offset(a) + x", "a is not numeric"),
        ("y ~ I(x^1000)", "not finite"),
        ("y ~ offset(log(x - 60)) + a", "not finite"),
        ("y ~ offset(y) + a", "the same in every row"),
    ],
)
def test_data_that_cannot_answer(text, told):
    with pytest.raises(UsageError) as refusal:
        bw.ols(text, DATA["complete"])
    assert told in str(refusal.value)


def test_a_random_effect_that_others_determine_is_refused():
    trial = slope_trial(30, seed=3)
    with pytest.raises(UsageError, match="follows from the effects before it"):
        bw.lmm("pain ~ arm + (arm:site | id)", trial)


@pytest.mark.parametrize("given", [None, 5, ["y ~ a"], b"y ~ a"])
def test_a_formula_that_is_no_text_is_refused_by_every_door(given):
    frame = DATA["complete"]
    for call in (
        lambda: bw.ols(given, frame),
        lambda: bw.lmm(given, frame),
        lambda: bw.mmrm(given, frame, "a", "b"),
    ):
        with pytest.raises(UsageError, match=r"^formula: expected text, as in 'y ~ x', found"):
            call()
