"""Every public object shows itself: short, without anybody's id or value, everywhere.

The people behind the objects carry an id and a value that are searched for in everything shown, in
what the objects hold too. What is a frame or an array is the user's own data, and shows itself.
"""

from __future__ import annotations

import inspect
import pickle
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.registry import HTML, TEXT
from backwalk_stats.trial.tables import ESTIMATES
from docs.reference_pages import PUBLIC
from tests.house import planted_people as planted

MOST = 2000
MOST_HTML = 30_000
WHOLE = {"trial": planted.trial, "analysis": planted.analysed, "ledger": planted.ledger,
         "motion": planted.moved, "plan": planted.planned, "power": planted.powered,
         "locked": planted.locked, "status": planted.standing, "blind": planted.blind}  # fmt: skip
FITS = ("mmrm", "mmrm_by_arm", "mmrm_people", "lmm", "lmm_visits", "ols", "ols_names", "ols_hc3",
        "constrained", "gee", "gee_visits")  # fmt: skip
RECORDS = ("arm_summary", "score_grid", "grim", "grimmer", "debit", "reconstructed", "arm", "arms",
           "one_way", "merged", "two_visits", "estimate", "instrument", "read_options", "sheet",
           "record", "simulated_plan", "walker", "table")  # fmt: skip
CURVES = ("curve_statistic", "max_null", "curve_test", "whole_curve_test", "cycles", "events",
          "gait", "angles", "rhythm", "filled", "pointwise", "repositioning", "t_field", "f_field",
          "coordination", "coupled", "raw_motion", "table_format", "repeat_error")  # fmt: skip
OBJECTS = [*WHOLE, *FITS, *RECORDS, *CURVES]


def made(name: str) -> Any:
    """Return an object by its name here."""
    if name in WHOLE:
        return WHOLE[name]()
    if name in FITS:
        return planted.fits()[name]
    return (planted.records() if name in RECORDS else planted.curves())[name]


def held(thing: Any, seen: set[int]) -> Iterator[Any]:
    """Yield an object of this package and every one that it holds."""
    if id(thing) in seen or isinstance(thing, pd.DataFrame):
        return
    seen.add(id(thing))
    if isinstance(thing, tuple | list):
        for one in thing[:20]:
            yield from held(one, seen)
    elif isinstance(thing, dict):
        for one in list(thing.values())[:20]:
            yield from held(one, seen)
    elif is_dataclass(thing) and type(thing).__module__.startswith("backwalk_stats"):
        yield thing
        for field in fields(thing):
            yield from held(getattr(thing, field.name, None), seen)


def leaks(text: str) -> list[str]:
    return [one for one in planted.PLANTED if one in text]


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_shows_itself_without_people(name: str):
    thing = made(name)
    for shown in (repr(thing), str(thing), f"{thing}", thing._repr_html_()):
        assert shown and not leaks(shown)
    assert len(repr(thing)) < MOST
    assert thing._repr_html_() == thing._repr_html_()
    assert "<script" not in thing._repr_html_()


@pytest.mark.parametrize("name", OBJECTS)
def test_what_an_object_holds_shows_nobody(name: str):
    for inner in held(made(name), set()):
        shown = repr(inner)
        assert len(shown) < MOST, type(inner)
        assert not leaks(shown), type(inner)
        assert not re.search(r"\[\[? ?-?\d+\.\d+", shown), "an array by its numbers"


def test_every_type_that_a_door_returns_is_looked_at():
    doors = [one.value for one in PUBLIC if inspect.isfunction(one.value)]
    named = [(one, str(inspect.signature(one).return_annotation)) for one in doors]
    wanted = {
        name
        for door, name in named
        if inspect.isclass(kind := inspect.unwrap(door).__globals__.get(name))
        and (is_dataclass(kind) or hasattr(kind, "_fields"))
    }
    assert len(wanted) > 15
    classes = {one.value.__name__ for one in PUBLIC if inspect.isclass(one.value)}
    errors = {"Fault", "InputError", "NotEstimable", "UsageError"}
    looked = {type(made(name)).__name__ for name in OBJECTS}
    assert wanted | (classes - errors) <= looked


def everything() -> set[str]:
    """Return the names of all records of the package that are loaded."""
    import sys

    return {
        name
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("backwalk_stats")
        for name, value in vars(module).items()
        if inspect.isclass(value) and is_dataclass(value)
    }


def test_everyone_who_draws_is_there():
    from importlib import import_module

    names = everything()
    for kind, place in {**HTML, **TEXT}.items():
        module, _, function = place.rpartition(".")
        assert callable(getattr(import_module(module), function))
        assert kind in names


# Fits.


class Tags(HTMLParser):
    """Collects the tags of a page, and holds every one to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", FITS)
def test_a_fit_prints_in_plain_text(name: str):
    fit = made(name)
    summary = fit.summary()
    for shown in (str(fit), repr(fit), str(summary), repr(summary)):
        assert shown.isascii()
        assert max(map(len, shown.splitlines())) < 80
        assert not leaks(shown)
    assert len(str(fit)) < MOST and len(repr(summary)) < MOST
    text = re.sub(r"\s+", " ", str(summary))
    ends = ("logLik", "AIC") if hasattr(fit.stats, "loglik") else ("scale", "no likelihood")
    for said in (str(fit.stats.n_obs), *ends, "coefficient", "estimate", "left out"):
        assert said in text
    assert re.sub(r"\s+", " ", fit.formula.text) in text
    assert len(repr([fit, fit]).splitlines()) <= 2 * len(repr(fit).splitlines())


def test_a_summary_says_how_it_was_fitted():
    text = str(made("mmrm").summary())
    for said in ("pain ~ base*visit + arm*visit", "REML", "unstructured covariance by id",
                 "Satterthwaite", "converged", "48 participants, 89 values",
                 "7 of 96 rows left out; missing values: pain 7", "armbackward"):  # fmt: skip
        assert said in text
    assert "base:visitWeek 6" in text
    assert "random (Intercept) by id" in str(made("lmm").summary())


@pytest.mark.parametrize("name", FITS)
def test_a_fit_in_a_notebook_is_small_and_whole(name: str):
    fit = made(name)
    for html in (fit._repr_html_(), fit.summary()._repr_html_()):
        assert len(html.encode()) <= MOST_HTML
        tags = Tags()
        tags.feed(html)
        assert not tags.open
        assert not tags.seen & {"script", "link", "img", "iframe"}
        assert "@font-face" not in html and "url(" not in html
        assert not leaks(html)
    assert "<table" in html


def test_what_was_asked_comes_first():
    html = made("mmrm")._repr_html_()
    assert html.index("Difference, backward - forward") < html.index("Fixed effects")
    assert html.count("<svg") == 3, "two intervals and the means"
    assert "stroke='currentColor'" in html
    assert "Difference" not in made("mmrm_people")._repr_html_(), "nothing names an arm"
    assert "Difference" not in made("lmm")._repr_html_(), "a difference at one week was not asked"
    assert "Difference, backward - forward" in made("lmm_visits")._repr_html_()


def test_numbers_shown_are_those_of_the_frames():
    fit = made("mmrm")
    row = fit.contrasts("arm", by="visit").iloc[1]
    assert f"{row['estimate']:.2f}" in str(fit)
    assert f"{row['conf_low']:.2f} to {row['conf_high']:.2f}" in str(fit)
    means = fit.marginal_means("arm", by="visit")
    assert all(f"{value:.2f} (" in str(fit) for value in means["estimate"])


def test_a_hostile_name_is_shown_as_it_is():
    frame = planted.last().assign(arm=planted.last()["arm"].astype(str))
    hostile = "<img src=x onerror=alert(1)>'\"&"
    frame["arm"] = pd.Categorical(frame["arm"].replace("backward", hostile), ["forward", hostile])
    html = bw.ols("pain ~ arm", frame)._repr_html_()
    assert "<img" not in html and "&lt;img" in html
    assert bw.ols("pain ~ arm", frame)._repr_html_() == html


def test_a_factor_of_names_is_not_listed():
    fit = made("ols_names")
    assert "PATIENT" in " ".join(fit.coefficients()["term"]), "the frame has them"
    assert "more: .coefficients()" in str(fit)


@pytest.mark.parametrize("people", [7, 10, 16, 40])
def test_ids_as_levels_are_not_shown(people: int):
    """Whoever puts the ids into a formula sees them in frames alone."""
    frame = planted.rows().dropna()
    few = frame[frame["id"].isin(frame["id"].unique()[:people])]
    own = bw.ols("pain ~ id + visit", few)
    assert not leaks(str(own) + own._repr_html_() + repr(own) + str(own.summary()))
    assert not leaks(own.summary()._repr_html_())
    assert any(leaks(term) for term in own.tidy()["term"])


def test_a_fit_that_did_not_converge_says_so():
    from dataclasses import replace

    fit = made("mmrm")
    failed = replace(fit, stats=replace(fit.stats, converged=False))
    assert "did NOT converge" in " ".join(str(failed).split())
    assert "did not converge" in " ".join(repr(failed).split())
    assert "did NOT converge" in failed._repr_html_()
    assert failed.params.notna().all() and failed.pvalues.isna().all()


# Frames.


@pytest.mark.parametrize("name", planted.frames())
def test_a_frame_shows_estimate_interval_and_p_first(name: str):
    frame = planted.frames()[name]()
    columns = [str(one) for one in frame.columns]
    known = [one for one in ESTIMATES if one in columns]
    if name == "mixed_anova":
        assert "p_value" in columns and not leaks(repr(frame))
        return
    first = columns.index("estimate")
    assert columns[first : first + len(known)] == known
    assert not leaks(repr(frame)) and not leaks(frame.to_html())


@pytest.mark.parametrize("name", ["mmrm", "ols", "lmm", "constrained", "instrument", "trial"])
def test_an_object_can_be_pickled(name: str):
    thing = made(name)
    again = pickle.loads(pickle.dumps(thing))
    assert repr(again) == repr(thing)


@pytest.mark.parametrize("one", bw.instruments.all_instruments(), ids=lambda one: one.code)
def test_an_instrument_can_be_pickled(one: bw.instruments.Instrument):
    assert repr(pickle.loads(pickle.dumps(one))) == repr(one)


@pytest.mark.parametrize("name", ["analysis", "ledger", "motion"])
@pytest.mark.parametrize("ending", ["doc", "md", "xlsx"])
def test_a_report_is_no_folder_with_the_name_of_a_file(name, ending, tmp_path):
    target = tmp_path / f"report.{ending}"
    with pytest.raises(bw.UsageError, match=f"name of a folder.*found 'report.{ending}'"):
        made(name).report(target)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["analysis", "motion"])
def test_whether_people_are_shown_is_yes_or_no(name, tmp_path):
    for answer in ("False", 0, None):
        with pytest.raises(bw.UsageError, match=r"individuals is .*expected True or False"):
            made(name).report(tmp_path / "report", individuals=answer)
    with pytest.raises(bw.UsageError, match="curve_tests is 'no'"):
        bw.analyse_motion(bw.example("motion"), curve_tests="no")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
