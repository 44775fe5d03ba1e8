"""Which hidden numbers of people follow from the published ones: tables solved together.

Every count that a report tells or hides is a cell. What ties cells to each other are relations: the
levels of a covariate and those without a value add up to their arm, reasons to their stage, arms to
all; responders are the same people whether a missing value counts or not; who reached a higher
threshold reached a lower one; a population is part of another, and their difference is a count too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING

from backwalk_stats.report.disclosure.harms import add_harms
from backwalk_stats.report.disclosure.linear_system import (
    Contradiction,
    Name,
    Range,
    Relation,
    Unknown,
    parts,
    ranges,
)
from backwalk_stats.tables.numbers import Row, frame_rows
from backwalk_stats.trial.estimand import without_procedure

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.study import Study

Place = tuple[str, ...]  # the kind of table, then which of its rows hang together
EVERYONE = "all-randomised"
HANDLING = "; "  # stands between a rule of response and how missing values are taken
_IMPROVED = re.compile(r"improved by ([\d.]+) (points|%) or more")
OBSERVED = "observed cases"
COUNTED = (OBSERVED, "missing = no response")  # what tells of the very people that are counted
POPULATIONS = ("per-protocol", "as-treated")  # analyses that are the main one in another
CURVE = "curve from "  # begins the rule of a point of a response curve
TIE = 1e-9  # of a share


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A count that is hidden, or that no table tells, and must not follow from those that do.

    Attributes
    ----------
    cell : tuple of str
    place : tuple of str
        What is to be hidden where it follows.
    most : int
        The most that it can be by what everybody may know, such as the people of its arm.
    hidden : bool
        Whether a table marks it as not shown; else it is a difference of published numbers, and
        only a small one is a secret.
    """

    cell: Name
    place: Place
    most: int
    hidden: bool = True


@dataclass(kw_only=True, slots=True)
class CountBook:
    """The cells of all tables of a report, what ties them together, and which are secret."""

    sizes: dict[str, int] = field(default_factory=dict)
    cells: dict[Name, Unknown] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)

    def cell(self, name: Name, value: float, *, most: float, least: float = 0.0) -> None:
        """Add a cell, or what another table knows of it; NaN is a value that is not told."""
        known = self.cells.get(name, Unknown(least=least, most=most))
        low, high = max(known.least, least), min(known.most, most)
        if not isnan(float(value)):
            low = high = float(round(value))
        self.cells[name] = Unknown(least=low, most=high)

    def size(self, arm: str) -> int:
        """Return the people of an arm, of all arms together for any other name."""
        return self.sizes.get(arm, sum(self.sizes.values()))

    def has(self, names: Iterable[Name]) -> bool:
        """Tell whether all these cells are there."""
        return all(name in self.cells for name in names)

    def tie(self, terms: Mapping[Name, float], low: float, high: float) -> None:
        """Add a relation of cells."""
        self.relations.append(Relation(terms=dict(terms), low=low, high=high))

    def hide(self, cell: Name, place: Place, *, most: float, hidden: bool = True) -> None:
        """Add a secret."""
        self.secrets.append(Secret(cell=cell, place=place, most=int(most), hidden=hidden))


def followed(book: CountBook, *, small_cell: int) -> dict[Place, list[Name]]:
    """Return the places whose secrets follow from what is published, with the cells.

    A secret follows where only one value is possible and small, from 1 to `small_cell - 1`; one
    that a table marks as hidden also where it is certain to be small and known more closely than
    as 1 to `small_cell - 1`. Relations that contradict each other tell nothing.
    """
    known: dict[Name, Range] = {name: (one.least, one.most) for name, one in book.cells.items()}
    secret = {one.cell for one in book.secrets}
    for names, relations in parts(book.cells, book.relations):
        own = {name for one in relations for name in one.terms}
        cells = {name: one for name, one in book.cells.items() if name in own}
        with suppress(Contradiction):
            known |= ranges(cells, relations, names & secret)
    found: dict[Place, list[Name]] = {}
    for one in book.secrets:
        # Of rows on the same people, that of the fewest says how many there can be.
        fewest = replace(one, most=min(one.most, int(book.cells[one.cell].most)))
        if follows(known[one.cell], fewest, small_cell=small_cell):
            found.setdefault(one.place, []).append(one.cell)
    return found


def follows(known: Range, secret: Secret, *, small_cell: int) -> bool:
    """Tell whether a range tells more of a secret than it may.

    Examples
    --------
    >>> one = Secret(cell=("moved",), place=("flow",), most=9)
    >>> [follows(known, one, small_cell=5) for known in ((3, 3), (0, 9), (1, 4), (2, 3), (9, 9))]
    [True, False, False, True, False]
    >>> other = Secret(cell=("left",), place=("flow",), most=9, hidden=False)
    >>> [follows(known, other, small_cell=5) for known in ((0, 0), (1, 1), (2, 3))]
    [False, True, False]
    """
    low, high = known
    if low == high or not secret.hidden:
        return low == high and 0 < low < small_cell and secret.most > 0
    return high < small_cell and (low > 1 or high < min(small_cell - 1, secret.most))


def around(book: CountBook, places: Iterable[Place]) -> set[Place]:
    """Return the places that tell of the same people: what is hidden where one was not enough."""
    about = {_topic(place) for place in places}
    return {one.place for one in book.secrets if _topic(one.place) in about}


def _topic(place: Place) -> Place:
    """Return outcome and visit of responders, the column of levels, the stage of reasons."""
    if place[0] in ("responders", "curve"):
        return ("response", *place[1:3])
    return ("column", place[-1]) if place[0] in ("baseline", "subgroups") else place


# The tables of a trial's report as cells.


def count_book(
    results: Iterable[Result], estimates: pd.DataFrame, *, sizes: Mapping[str, int], study: Study
) -> CountBook:
    """Return the counts of a report: results and estimates as they are published."""
    book = CountBook(sizes=dict(sizes))
    shown = list(results)
    for part in shown:
        if "baseline" in part.frames:
            _baseline(book, part.frames["baseline"])
        if "flow" in part.frames:
            _flow(book, part.frames["flow"])
        if "missingness" in part.frames:
            _measured(book, part.frames["missingness"], study.baseline)
        if "harms" in part.frames:
            add_harms(book, part.frames["harms"])
    for part in shown:
        own = estimates[_rows_of(estimates, part)]
        if "responders" in part.frames:
            _responders(book, part, own)
        if part.analysis == "subgroup":
            _subgroups(book, part, own)
    _nested_rules(book)
    _nested_populations(book)
    return book


def _rows_of(estimates: pd.DataFrame, part: Result) -> pd.Series:
    """Return which rows of the results belong to a part."""
    asked = "" if part.estimand is None else part.estimand.id
    return (estimates["analysis"] == part.analysis) & (estimates["estimand"] == asked)


def _baseline(book: CountBook, frame: pd.DataFrame) -> None:
    """Add the levels of covariates, and who has no value: together they are the arm."""
    for (variable, arm), part in frame.groupby(["variable", "arm"], sort=False, observed=True):
        most = book.size(str(arm))
        place = ("baseline", str(variable))
        gap = ("missing", str(variable), str(arm))
        rows = frame_rows(part)
        book.cell(gap, rows[0]["n_missing"], most=most)
        if isnan(float(rows[0]["n_missing"])):
            book.hide(gap, place, most=most)
        names = []
        for row in rows:
            if row["level"] == "":
                continue
            names.append(("level", str(variable), str(arm), str(row["level"])))
            book.cell(names[-1], row["count"], most=most)
            if isnan(float(row["count"])):
                book.hide(names[-1], place, most=most)
        if names:
            book.tie(dict.fromkeys([gap, *names], 1.0), most, most)
    for name in list(book.cells):
        own = [(*name[:2], arm, *name[3:]) for arm in book.sizes]
        if name[0] in ("level", "missing") and name[2] == "" and book.has(own):
            book.tie({name: -1.0, **dict.fromkeys(own, 1.0)}, 0, 0)


def _flow(book: CountBook, frame: pd.DataFrame) -> None:
    """Add the reasons of each stage, which add up to its total; a listed reason is somebody's."""
    for (stage, arm), part in frame.groupby(["stage", "arm"], sort=False, observed=True):
        total = part.loc[part["reason"] == "", "n"]
        reasons = part[part["reason"] != ""]
        if total.empty or total.isna().any() or not reasons["n"].isna().any():
            continue
        most = int(total.iloc[0])
        names = []
        for reason, n in zip(reasons["reason"], reasons["n"], strict=True):
            names.append(("reason", str(stage), str(arm), str(reason)))
            book.cell(names[-1], n, most=most, least=min(1, most))
            if isnan(float(n)):
                book.hide(names[-1], ("flow", str(stage), str(arm)), most=most)
        book.tie(dict.fromkeys(names, 1.0), most, most)


def _measured(book: CountBook, frame: pd.DataFrame, baseline: str) -> None:
    """Add who has each outcome at each visit, which is told of everybody."""
    for row in frame_rows(frame):
        outcome, arm, visit = str(row["outcome"]), str(row["arm"]), str(row["visit"])
        book.cell(("gone", outcome, arm, visit), row["n_missing"], most=book.size(arm))
        if visit == baseline:
            book.cell(("missing", outcome, arm), row["n_missing"], most=book.size(arm))


# Responders: rules, handlings, populations and curves are all shares of the same people.


def _responders(book: CountBook, part: Result, estimates: pd.DataFrame) -> None:
    """Add who responded by each rule, and who of those observed did not."""
    about = about_of(part)
    for row in frame_rows(part.frames["responders"]):
        rule, _, handling = str(row["rule"]).rpartition(HANDLING)
        if rule:
            _share(book, ("yes", *about, str(row["arm"]), rule), handling, row)
    for row in frame_rows(estimates[estimates["estimate"].notna()]):
        _of_results(book, about, row)
    curve = part.frames.get("response_curve")
    for row in [] if curve is None else frame_rows(curve):
        events = row["percent"] * row["n"] / 100.0
        name = ("yes", *about, str(row["arm"]), f"{CURVE}{float(row['threshold']):.9g}")
        _share(book, name, OBSERVED, {"events": events, "n": row["n"]})


def about_of(part: Result) -> Place:
    """Return outcome, visit and population of a result."""
    asked = part.estimand
    if asked is None:
        return (part.outcome, "", EVERYONE)
    population = part.analysis if part.analysis in POPULATIONS else asked.population
    return (part.outcome, asked.visit, population)


def _place(name: Name) -> Place:
    """Return what is to be hidden where a share of responders follows."""
    about, rule = name[1:4], name[5]
    return ("curve", *about) if rule.startswith(CURVE) else ("responders", *about, rule)


def _share(book: CountBook, name: Name, handling: str, row: Row) -> None:
    """Add the responders of one rule and arm, and the rest of the people they are among."""
    events, n = row["events"], row["n"]
    if isnan(float(n)) or not n:
        return
    rest = ("no", *name[1:], handling)
    book.cell(name, events, most=n)
    book.cell(rest, float("nan"), most=n)
    book.tie({name: 1.0, rest: 1.0}, n, n)
    if isnan(float(events)):
        book.hide(name, _place(name), most=n)
    book.hide(rest, _place(name), most=n, hidden=False)


def _of_results(book: CountBook, about: Place, row: Row) -> None:
    """Add what a row of the results tells of responders: a share, a difference, a ratio."""
    rule, _, handling = without_procedure(str(row["note"])).rpartition(HANDLING)
    if handling not in COUNTED:
        return
    if row["quantity"] == "percent":
        name = ("yes", *about, str(row["arm"]), rule)
        if book.has([name]):
            book.cell(name, row["estimate"] * row["n"] / 100.0, most=row["n"])
        return
    arm, _, reference = str(row["contrast"]).partition(" - ")
    own, other = ("yes", *about, arm, rule), ("yes", *about, reference, rule)
    n, m, effect = row["n"], row["n_reference"], row["estimate"]
    if not book.has([own, other]) or isnan(float(n)) or isnan(float(m)):
        return
    if row["quantity"] == "risk_difference":
        gap = n * m * effect
        book.tie({own: float(m), other: -float(n)}, gap - TIE * n * m, gap + TIE * n * m)
    elif row["quantity"] == "risk_ratio" and effect > 0:
        book.tie({own: float(m), other: -float(n * effect)}, -TIE * n * m, TIE * n * m)


def _nested_rules(book: CountBook) -> None:
    """Add that who reached a higher threshold reached every lower one."""
    chains: dict[Name, list[tuple[float, Name]]] = {}
    for name in book.cells:
        if name[0] != "yes":
            continue
        rule = name[5]
        asked = _IMPROVED.match(rule)
        if rule.startswith(CURVE):
            chains.setdefault((*name[:5], "points"), []).append((float(rule[len(CURVE) :]), name))
        elif asked is not None:
            chains.setdefault((*name[:5], asked[2]), []).append((float(asked[1]), name))
    for chain in chains.values():
        ordered = sorted(chain)
        for (low, easy), (high, hard) in pairwise(ordered):
            most = 0.0 if abs(high - low) < TIE else float("inf")
            book.tie({easy: 1.0, hard: -1.0}, 0.0, most)


def _nested_populations(book: CountBook) -> None:
    """Add who is in all but not per protocol: as many as the two numbers differ by."""
    for name in list(book.cells):
        if name[0] not in ("yes", "no") or name[3] != "per-protocol":
            continue
        whole = (*name[:3], EVERYONE, *name[4:])
        if book.has([whole]) and name[6:] in ((), (OBSERVED,)):
            _left(book, whole, name, _place(name))


def _left(book: CountBook, whole: Name, part: Name, place: Place) -> None:
    """Add those who are in the whole and not in its part: nobody prints them, they follow."""
    left, most = ("left", *part), book.cells[whole].most
    book.cell(left, float("nan"), most=most)
    book.tie({whole: 1.0, part: -1.0, left: -1.0}, 0, 0)
    book.hide(left, place, most=most, hidden=False)


# Subgroups: people of a level who were analysed are among those of the level.


def _subgroups(book: CountBook, part: Result, estimates: pd.DataFrame) -> None:
    """Add how many of each level were analysed, and how many were not."""
    if part.estimand is None:
        return
    about = about_of(part)
    rows = [
        (*str(row["note"]).partition(": ")[::2], row)
        for row in frame_rows(estimates[estimates["quantity"] == "mean_difference"])
    ]
    forest = part.frames.get("forest")
    if forest is not None:
        rows += [(str(row["group"]), str(row["label"]), row) for row in frame_rows(forest)]
    groups: dict[tuple[str, str], dict[Name, None]] = {}
    for column, level, row in rows:
        if not level or level.startswith("not estimated"):
            continue
        if isnan(float(row["estimate"])) and isnan(float(row["n"])):
            continue  # a row of which nothing is told
        for arm, n in zip(part.estimand.contrast, (row["n"], row["n_reference"]), strict=True):
            name = ("analysed", *about, arm, column, level)
            most = float(book.size(arm))
            if ("gone", about[0], arm, about[1]) in book.cells and about[2] != "as-treated":
                most -= book.cells["gone", about[0], arm, about[1]].least
            book.cell(name, n, most=most)
            if isnan(float(n)):
                book.hide(name, ("subgroups", *about, column), most=most)
            groups.setdefault((arm, column), {})[name] = None
    for names in groups.values():
        _analysed(book, part.estimand, list(names))


def _analysed(book: CountBook, asked: Estimand, names: Sequence[Name]) -> None:
    """Add that the levels are all who were measured, and that who is not analysed is a count."""
    _, outcome, visit, population, arm, column, _ = names[0]
    if population == "as-treated":
        return
    gone, size = ("gone", outcome, arm, visit), book.size(arm)
    if book.has([gone]) and population == EVERYONE:
        lacking = dict.fromkeys([column, outcome, *asked.other_covariates])
        gaps = [gone, *(("missing", one, arm) for one in lacking)]
        book.tie({**dict.fromkeys(names, 1.0), gone: 1.0}, 0, size)
        if book.has(gaps):
            book.tie(dict.fromkeys([*names, *gaps], 1.0), size, float("inf"))
    for name in names:
        whole = ("level", column, arm, name[-1])
        if book.has([whole]):
            _left(book, whole, name, ("subgroups", *name[1:4], column))
