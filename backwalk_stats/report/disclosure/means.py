"""Which scores of few people follow from the published means: sums of nested sets, solved together.

A mean times its number is a sum. Who was measured before treatment and not after it is the
difference of two sets whose means are printed, and so is who is in all but not per protocol. What a
printed mean leaves open is its rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.report.disclosure.linear_system import (
    Contradiction,
    Name,
    Relation,
    Unknown,
    ranges,
)
from backwalk_stats.tables.numbers import Row, frame_rows

if TYPE_CHECKING:
    from backwalk_stats.trial.outcome import Outcome
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.study import Study
    from backwalk_stats.trial.trial import Trial

Digits = Mapping[tuple[str, str, str], int]  # one of the next three, outcome, arm: decimals
OBSERVED, CHANGED, ADJUSTED = "observed", "changed", "adjusted"
LEAST_SQUARES = "Analysis of covariance by least squares"  # in the words of such an analysis
EXACT = 1e-7  # half of what a number in full precision leaves open
NEARNESS = 0.2  # standard deviations: a mean of few people that is known more closely is told
SUBSETS = ("per-protocol", "as-treated")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mean:
    """A published mean of an arm: of how many, and how far from it the true one can be."""

    n: int
    value: float
    half: float
    sd: float = float("nan")


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A published difference of the mean changes of two arms, and of whom."""

    population: str
    pair: tuple[str, str]
    sizes: tuple[int, int]
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjusted:
    """The adjusted means of a model by least squares: weighed by n, they are the observed mean.

    That goes where all covariates are numbers, taken at their means.
    """

    population: str
    visit: str
    means: Mapping[str, Mean]
    difference: tuple[str, str, float] | None
    slope: float = float("nan")
    starts: Mapping[str, float] = field(default_factory=dict)  # heights of the lines at baseline 0


@dataclass(kw_only=True, slots=True)
class OutcomeMeans:
    """The published means of one outcome: observed and changes by visit and arm, differences."""

    everyone: Mean | None = None  # of all arms together before treatment
    adjusted: list[Adjusted] = field(default_factory=list)

    observed: dict[tuple[str, str], Mean] = field(default_factory=dict)
    changes: dict[tuple[str, str], Mean] = field(default_factory=dict)
    differences: dict[str, list[Difference]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldMean:
    """A mean of few people that follows from published ones.

    Attributes
    ----------
    outcome, visit, arm : str
    of : str
        Who they are.
    n : int
        How many.
    low, high : float
        Between which their mean must lie.
    """

    outcome: str
    visit: str
    arm: str
    of: str
    n: int
    low: float
    high: float


def told_means(
    results: Iterable[Result], *, trial: Trial, digits: Digits, small_cell: int
) -> list[ToldMean]:
    """Return the means of 1 to `small_cell - 1` people that follow from what is published.

    Such a mean follows where it is known to less than a fifth of a standard deviation of its arm;
    one person's score also where it is known to less than a step of the scale. `digits` says what
    was rounded; all else is taken as published in full precision. Where a scale has steps of one,
    the scores are taken to stand on them if that fits.
    """
    shown, study = [*results], trial.study
    found = []
    for outcome in trial.outcomes:
        means = published_means(shown, outcome.name, study.baseline, digits)
        means.adjusted = [
            one
            for part in shown
            if part.outcome == outcome.name and _by_least_squares(part, trial)
            for one in _adjusted(part, digits)
        ]
        system = _System(outcome, study, means)
        for name, n in system.few(small_cell):
            low, high = system.between(name)
            kind, visit, arm = name
            spread = _spread(means, visit, arm)
            close = 0.0 if isnan(spread) else NEARNESS * spread
            close = max(close, outcome.step or 0.0, 2 * EXACT * n) if n == 1 else close
            if (high - low) / n < close - EXACT:
                found.append(
                    ToldMean(outcome=outcome.name, visit=visit, arm=arm, of=kind, n=n,
                             low=low / n, high=high / n)
                )  # fmt: skip
    return found


def _spread(means: OutcomeMeans, visit: str, arm: str) -> float:
    """Return the SD of an arm at a visit, the smallest of all for all arms together."""
    if arm:
        return means.observed.get((visit, arm), Mean(n=0, value=0.0, half=0.0)).sd
    known = [one.sd for (when, _), one in means.observed.items() if when == visit]
    return min((one for one in known if not isnan(one)), default=float("nan"))


def published_means(
    results: Iterable[Result], outcome: str, baseline: str, digits: Digits
) -> OutcomeMeans:
    """Return the means of an outcome that a report tells, each with its rounding."""
    means = OutcomeMeans()

    def half(kind: str, arm: str) -> float:
        own = digits.get((kind, outcome, arm))
        return EXACT if own is None else 0.5 * 10.0**-own + EXACT

    for part in results:
        if part.analysis == "within-arm" and part.outcome == outcome:
            for row in frame_rows(part.frames["means"]) if "means" in part.frames else []:
                key = (str(row["visit"]), str(row["arm"]))
                if not isnan(row["n"]):
                    means.observed[key] = _mean(row, half(OBSERVED, key[1]))
            for row in _rows(part, "mean_change"):
                arm = str(row["arm"])
                if not isnan(row["n"]):
                    means.changes[str(row["visit"]), arm] = _mean(row, half(CHANGED, arm))
        elif part.outcome == outcome and part.estimand is not None and baseline:
            _compared(means, part)
        elif "baseline" in part.frames:
            rounding = [
                half(OBSERVED, arm) for kind, of, arm in digits if (kind, of) == (OBSERVED, outcome)
            ]
            means.everyone = _of_all(part.frames["baseline"], outcome, max(rounding, default=EXACT))
    return means


def _mean(row: Row, half: float) -> Mean:
    """Return a mean as its rounded value and the middle of its rounded interval pin it down."""
    low, high = row["estimate"] - half, row["estimate"] + half
    middle = (row["conf_low"] + row["conf_high"]) / 2.0
    if isfinite(middle):
        low, high = max(low, middle - half), min(high, middle + half)
    if high < low:  # an interval that is not symmetric about its mean
        low, high = row["estimate"] - half, row["estimate"] + half
    known = {"value": (low + high) / 2.0, "half": (high - low) / 2.0}
    return Mean(n=int(row["n"]), sd=float(row.get("sd", float("nan"))), **known)


def _of_all(baseline: pd.DataFrame, outcome: str, half: float) -> Mean | None:
    """Return the mean of an outcome of all arms together in Table 1."""
    own = baseline[(baseline["variable"] == outcome) & (baseline["arm"].astype(str) == "")]
    if not len(own) or isnan(own["n"].iloc[0]):
        return None
    return Mean(n=int(own["n"].iloc[0]), value=float(own["mean"].iloc[0]), half=half)


def _by_least_squares(part: Result, trial: Trial) -> bool:
    """Tell whether adjusted means, weighed by the people of their arms, are the observed mean."""
    if part.estimand is None or LEAST_SQUARES not in part.method:
        return False
    people = trial.participants
    return all(
        name in people and pd.api.types.is_numeric_dtype(people[name])
        for name in part.estimand.other_covariates
    )


def _adjusted(part: Result, digits: Digits) -> list[Adjusted]:
    """Return the adjusted means of a part, visit by visit, where all arms have one."""
    asked = part.estimand
    if asked is None or "as-treated" in (part.analysis, asked.population):
        return []  # those who were treated otherwise are the same people, all together
    population = part.analysis if part.analysis in SUBSETS else asked.population
    found: dict[str, dict[str, Mean]] = {}
    for row in _rows(part, "adjusted_mean"):
        own = digits.get((ADJUSTED, part.outcome, str(row["arm"])))
        half = EXACT if own is None else 0.5 * 10.0**-own + EXACT
        found.setdefault(str(row["visit"]), {})[str(row["arm"])] = _mean(row, half)
    differences = {str(row["visit"]): row["estimate"] for row in _rows(part, "mean_difference")}
    slope, starts = _lines(part.frames.get("lines"))
    return [
        Adjusted(
            population=population,
            visit=visit,
            means=means,
            difference=(*asked.contrast, differences[visit]) if visit in differences else None,
            slope=slope,
            starts=starts,
        )
        for visit, means in found.items()
    ]


def _lines(lines: pd.DataFrame | None) -> tuple[float, dict[str, float]]:
    """Return the slope of a model's lines on the baseline, and their heights at 0."""
    slope, starts = float("nan"), {}
    for arm, own in () if lines is None else lines.groupby("arm", observed=True):
        first, last = own.iloc[0], own.iloc[-1]
        if last["baseline"] > first["baseline"]:
            slope = (last["estimate"] - first["estimate"]) / (last["baseline"] - first["baseline"])
            starts[str(arm)] = float(first["estimate"] - slope * first["baseline"])
    return float(slope), starts


def _rows(part: Result, quantity: str) -> list[Row]:
    """Return the estimates of a quantity."""
    own = (part.estimates["quantity"] == quantity).to_numpy(dtype=bool)
    return frame_rows(part.estimates[own]) if own.any() else []


def _compared(means: OutcomeMeans, part: Result) -> None:
    """Add the differences of mean changes of a result."""
    asked = part.estimand
    if asked is None:
        return
    population = part.analysis if part.analysis in SUBSETS else asked.population
    for row in _rows(part, "change_difference"):
        sizes = row["n"], row["n_reference"]
        if isfinite(row["estimate"] + sum(sizes)):
            means.differences.setdefault(str(row["visit"]), []).append(
                Difference(population=population, pair=asked.contrast, value=row["estimate"],
                           sizes=(int(sizes[0]), int(sizes[1])))
            )  # fmt: skip


LOST = "measured before treatment and not at this visit"
NEW = "measured at this visit and not before treatment"
BETWEEN = "lost between this visit and the one before"
APART = "in all but not in this population"
APART_NOW = "in all but not in this population, as they are at this visit"
TOGETHER = "; all arms"
_START, _START_KEPT, _NOW, _ALL, _KEPT = "start", "start kept", "now", "all", "kept"


class _System:
    """Sums of scores of an outcome as unknowns, published means as relations between them.

    Scores of a scale in steps of one are whole, and so are their sums.
    """

    def __init__(self, outcome: Outcome, study: Study, means: OutcomeMeans) -> None:
        self.outcome, self.study, self.means = outcome, study, means
        self.people: dict[Name, int] = {}
        self.change: dict[Name, bool] = {}  # whether a sum is of changes
        self.free: dict[Name, Unknown] = {}  # adjusted means, which are no sums
        self.relations: list[Relation] = []
        self.assumed: list[Relation] = []  # that nobody came back after being away
        for arm in study.arm_names:
            self._arm(arm)
        for visit, compared in means.differences.items():
            for one in compared:
                self._difference(visit, one)
        self._of_all()
        for model in means.adjusted:
            self._model(model)

    def few(self, small_cell: int) -> list[tuple[Name, int]]:
        """Return the sums that are of few people, with their number."""
        secret = (LOST, NEW, BETWEEN, APART, APART_NOW)
        return [
            (name, n)
            for name, n in self.people.items()
            if name[0].removesuffix(TOGETHER).partition(":")[0] in secret and 0 < n < small_cell
        ]

    def between(self, name: Name) -> tuple[float, float]:
        """Return the lowest and the highest that a sum of scores can be."""
        assumed = [*self.assumed] if name[0] == BETWEEN else []
        low, high = -inf, inf
        for whole in (True, False) if self.outcome.step else (False,):
            try:
                low, high = ranges(
                    {one: self._unknown(one, whole=whole) for one in self.people} | self.free,
                    [*self.relations, *assumed],
                    [name],
                )[name]
                break
            except Contradiction:
                continue
        return low, high

    def _unknown(self, name: Name, *, whole: bool) -> Unknown:
        n, low, high = self.people[name], self.outcome.low, self.outcome.high
        bottom = -inf if low is None else low
        top = inf if high is None else high
        if self.change[name]:
            bottom, top = bottom - top, top - bottom
        if n == 0:
            bottom = top = 0.0
        whole = whole and self.outcome.step == 1.0
        return Unknown(least=n * bottom, most=n * top, whole=whole)

    def _sum(self, kind: str, visit: str, arm: str, n: int, *, change: bool = False) -> Name:
        """Return the sum of a set, known from now on."""
        name = (kind, visit, arm)
        self.people[name], self.change[name] = n, change
        return name

    def _tie(self, terms: Mapping[Name, float]) -> None:
        """Add that sums are parts of each other."""
        self.relations.append(Relation(terms=terms, low=0.0, high=0.0))

    def _say(self, terms: Mapping[Name, float], mean: Mean) -> None:
        """Add what a published mean tells of a sum; one that is not shown tells nothing."""
        if not isnan(mean.value):
            at, slack = mean.n * mean.value, mean.n * mean.half
            self.relations.append(Relation(terms=terms, low=at - slack, high=at + slack))

    def _arm(self, arm: str) -> None:
        """Add the sums of an arm at its visits, and what ties them."""
        start = self.means.observed.get((self.study.baseline, arm))
        if start is None:
            return
        total = self._sum(_START, self.study.baseline, arm, start.n)
        self._say({total: 1.0}, start)
        before: tuple[Name, int] | None = None
        for visit in self.study.later_visits:
            now, change = (
                one.get((visit, arm)) for one in (self.means.observed, self.means.changes)
            )
            if now is None or change is None:
                continue
            kept = self._sum(_START_KEPT, visit, arm, change.n)
            lost = self._sum(LOST, visit, arm, start.n - change.n)
            self._tie({total: 1.0, kept: -1.0, lost: -1.0})
            here = self._sum(_NOW, visit, arm, change.n)
            new = self._sum(NEW, visit, arm, now.n - change.n)
            self._say({here: 1.0, new: 1.0}, now)
            self._say({here: 1.0, kept: -1.0}, change)
            if before is not None and before[1] > change.n:
                gone = self._sum(BETWEEN, visit, arm, before[1] - change.n)
                terms = {before[0]: 1.0, kept: -1.0, gone: -1.0}
                self.assumed.append(Relation(terms=terms, low=0, high=0))
            before = (kept, change.n)

    def _difference(self, visit: str, one: Difference) -> None:
        """Add a difference of mean changes; of a part of the people, their changes apart."""
        terms: dict[Name, float] = {}
        for sign, arm, n in zip((1.0, -1.0), one.pair, one.sizes, strict=True):
            change = self.means.changes.get((visit, arm))
            if change is None or not n or (_NOW, visit, arm) not in self.people:
                return
            own: dict[Name, float] = {
                (_NOW, visit, arm): 1.0,
                (_START_KEPT, visit, arm): -1.0,
            }
            gap = change.n - n
            if one.population in SUBSETS and gap != 0:
                kept = self._sum(f"{_KEPT}:{one.population}", visit, arm, n, change=True)
                left = self._sum(f"{APART}:{one.population}", visit, arm, abs(gap), change=True)
                side = 1.0 if gap > 0 else -1.0
                tied = {**own, kept: -1.0, left: -side}
                self._tie(tied)
                own = {kept: 1.0}
            elif gap != 0:
                return
            terms |= {name: sign * factor / n for name, factor in own.items()}
        self._say_difference(visit, one, terms)

    def _say_difference(self, visit: str, one: Difference, terms: Mapping[Name, float]) -> None:
        """Add the value of a difference; who changed arm is one and the same set in both."""
        low, high = one.value - EXACT, one.value + EXACT
        self.relations.append(Relation(terms=terms, low=low, high=high))
        moved: list[Name] = [(f"{APART}:as-treated", visit, arm) for arm in one.pair]
        sizes = {self.people.get(name) for name in moved}
        if one.population == "as-treated" and len(sizes) == 1 and None not in sizes:
            self._tie({moved[0]: 1.0, moved[1]: -1.0})

    # What all arms tell together.

    def _of_all(self) -> None:
        """Add the mean of all arms before treatment, and who of all arms was lost by a visit."""
        everyone, arms = self.means.everyone, self.study.arm_names
        starts: list[Name] = [(_START, self.study.baseline, arm) for arm in arms]
        if not all(name in self.people for name in starts):
            return
        if everyone is not None and everyone.n == sum(self.people[name] for name in starts):
            self._say(dict.fromkeys(starts, 1.0), everyone)
        for visit in self.study.later_visits:
            self._together(LOST, [(LOST, visit, arm) for arm in arms])

    def _together(self, kind: str, names: list[Name]) -> None:
        """Add the sum of sets of all arms as one that may not be known either."""
        if all(name in self.people for name in names):
            change = self.change[names[0]]
            n = sum(self.people[name] for name in names)
            whole = self._sum(f"{kind}{TOGETHER}", names[0][1], "", n, change=change)
            self._tie({whole: -1.0, **dict.fromkeys(names, 1.0)})

    def _model(self, one: Adjusted) -> None:
        """Add that adjusted means, weighed by n, are the mean of those who were analysed."""
        visit, arms = one.visit, self.study.arm_names
        now: list[Name] = [(_NOW, visit, arm) for arm in arms]
        if set(one.means) != {*arms} or not all(name in self.people for name in now):
            return
        gaps = {arm: self.people[_NOW, visit, arm] - one.means[arm].n for arm in arms}
        if any(gap < 0 for gap in gaps.values()):
            return
        if one.population == "per-protocol":
            now = [self._kept_now(visit, arm, gaps[arm]) for arm in arms]
            self._together(
                f"{APART_NOW}:{one.population}",
                [(f"{APART_NOW}:{one.population}", visit, arm) for arm in arms],
            )
        elif any(gaps.values()):
            return
        self._adjusted(one, now)

    def _kept_now(self, visit: str, arm: str, gap: int) -> Name:
        """Add the scores of those who kept to the protocol, and of the others of an arm."""
        whole: Name = (_NOW, visit, arm)
        kept = self._sum(f"{_NOW} kept", visit, arm, self.people[whole] - gap)
        apart = self._sum(f"{APART_NOW}:per-protocol", visit, arm, gap)
        self._tie({whole: 1.0, kept: -1.0, apart: -1.0})
        return kept

    def _adjusted(self, one: Adjusted, now: list[Name]) -> None:
        """Add adjusted means as unknowns near their printed values, and what ties them."""
        names: dict[str, Name] = {
            arm: ("adjusted", one.population, one.visit, arm) for arm in one.means
        }
        for arm, mean in one.means.items():
            known = not isnan(mean.value)
            low, high = (mean.value - mean.half, mean.value + mean.half) if known else (-inf, inf)
            self.free[names[arm]] = Unknown(least=low, most=high, whole=False)
        slack = EXACT * sum(mean.n for mean in one.means.values())
        terms = {names[arm]: -float(mean.n) for arm, mean in one.means.items()}
        terms |= dict.fromkeys(now, 1.0)
        self.relations.append(Relation(terms=terms, low=-slack, high=slack))
        if one.difference is not None and not isnan(one.difference[2]):
            arm, reference, value = one.difference
            pair = {names[arm]: 1.0, names[reference]: -1.0}
            self.relations.append(Relation(terms=pair, low=value - EXACT, high=value + EXACT))
        before: list[Name] = [(_START_KEPT, one.visit, arm) for arm in one.means]
        lined = one.population != "per-protocol" and set(one.starts) == set(one.means)
        if lined and isfinite(one.slope):
            at = sum(mean.n * one.starts[arm] for arm, mean in one.means.items())
            ends: dict[Name, float] = {
                **dict.fromkeys(now, 1.0),
                **dict.fromkeys(before, -one.slope),
            }
            self.relations.append(Relation(terms=ends, low=at - slack, high=at + slack))
