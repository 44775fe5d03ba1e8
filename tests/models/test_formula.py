"""Formulas and designs against R's `model.matrix`, and properties of the parser."""

from __future__ import annotations

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import UsageError
from backwalk_stats.models.design import design_of
from backwalk_stats.models.formula import parse_formula
from tests.models.r_oracle import r_answers
from tests.models.trials import R_LEVELS, slope_trial, unordered

FORMULAS = (
    "pain ~ arm",
    "pain ~ 1",
    "pain ~ arm * visit",
    "pain ~ visit * arm + age",
    "pain ~ 0 + arm",
    "pain ~ arm - 1",
    "pain ~ arm + visit - 1",
    "pain ~ -1 + arm * visit",
    "pain ~ arm:visit - 1",
    "pain ~ arm + arm:visit",
    "pain ~ visit + arm:visit",
    "pain ~ arm:age",
    "pain ~ 0 + arm:age",
    "pain ~ arm + arm:age + visit:arm",
    "pain ~ arm * visit * site",
    "pain ~ (arm + visit):site + arm",
    "pain ~ (arm + age) * visit",
    "pain ~ arm * visit - arm:visit",
    "pain ~ arm * visit * site - arm:visit:site",
    "pain ~ log(age) * arm + sqrt(dose)",
    "pain ~ factor(dose) + factor(dose):arm",
    "pain ~ factor(week) * age",
    "pain ~ old * arm",
    "pain ~ visit:age + age:arm",
    "pain ~ site:visit + visit:arm",
    "pain ~ 0 + age + arm:site",
    "pain ~ 0 + age * arm + site",
    "pain ~ age + age:dose + arm:age:dose",
    "pain ~ site + site + 1",
    "log1p(age) ~ exp(dose) + abs(week) + log2(age) + log10(age)",
)


@pytest.fixture(scope="module")
def trial():
    frame = slope_trial(12, seed=5)
    return frame.assign(old=frame["age"] > 60)


@pytest.fixture(scope="module")
def answers(trial, tmp_path_factory):
    script = R_LEVELS + 'trial$old <- trial$old == "True"\n'
    for index, formula in enumerate(FORMULAS):
        script += f"x <- model.matrix({formula}, trial)\n"
        script += f"out$f{index} <- list(names = I(colnames(x)), x = unname(x))\n"
    return r_answers(script, {"trial": trial}, (), tmp_path_factory.mktemp("r"))


@pytest.mark.parametrize("index", range(len(FORMULAS)), ids=FORMULAS)
def test_columns_as_r_codes_and_names_them(trial, answers, index):
    design = design_of(parse_formula(FORMULAS[index]), trial)
    x, expected = design.own(len(trial)), answers[f"f{index}"]
    names = list(map(unordered, expected["names"]))
    assert len(set(names)) == len(names)
    assert set(map(unordered, design.names)) == set(names)
    order = [names.index(unordered(name)) for name in design.names]
    theirs = np.array(expected["x"], dtype=float).reshape(len(trial), -1)[:, order]
    np.testing.assert_allclose(x, theirs, rtol=1e-12)


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


def test_a_column_whose_name_is_no_name():
    frame = pd.DataFrame({"pain at rest": [1.0, 2.0, 4.0], "visit no.": [0.0, 1.0, 2.0]})
    design = design_of(parse_formula("`pain at rest` ~ `visit no.`"), frame)
    assert design.names == ("(Intercept)", "visit no.")
