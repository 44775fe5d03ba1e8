"""Five strategies for events give five numbers: those of slow plain code, and those of R."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

import backwalk_stats as bw
from backwalk_stats.analyses.menu import MENU
from tests.trials.expected import SHARED

WORST = 10.0  # of pain, 0 to 10
EVENTS = SHARED.parent / "events"
FIVE = ("treatment-policy", "hypothetical", "composite", "while-on-treatment",
        "jump-to-reference")  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A participant: scores by visit (NaN for none), the number of the first visit after an event.

    `more` are covariates with one coefficient for all visits; `first` is the number of visits for
    somebody without an event.
    """

    backward: bool
    scores: Sequence[float]
    first: int
    more: Sequence[float]


def number(cell: str) -> float:
    return float(cell) if cell not in ("", "NA", "999") else np.nan


def first_of(path: Path, kind: str, visits: Sequence[str]) -> dict[str, int]:
    """Return the number of the first visit that any event of each participant affects."""
    found: dict[str, int] = {}
    with path.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            place = visits.index(line[kind])
            found[line["id"]] = min(place, found.get(line["id"], len(visits)))
    return found


def example() -> list[Row]:
    """Return the people of the example knee trial, from its own files."""
    folder, visits = bw.example("knee"), ("W0", "W3", "W6")
    first = first_of(folder / "events.csv", "first_affected", visits)
    with (folder / "scores.csv").open(encoding="utf-8") as file:
        return [
            Row(
                backward=line["group"] == "BW",
                scores=[number(line[f"nprs_{visit.lower()}"]) for visit in visits],
                first=first.get(line["id"], len(visits)),
                more=[float(line["age"])],
            )
            for line in csv.DictReader(file)
        ]


def shared() -> list[Row]:
    """Return the people of the shared trial with events."""
    visits = ("W0", "W3", "W6", "W12")
    first = first_of(EVENTS / "events.csv", "visit", visits)
    scores: dict[str, dict[str, str]] = {}
    arms: dict[str, str] = {}
    with (EVENTS / "scores.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            scores.setdefault(line["id"], {})[line["visit"]] = line["pain"]
            arms[line["id"]] = line["arm"]
    return [
        Row(
            backward=arms[one] == "BW",
            scores=[number(own.get(visit, "")) for visit in visits],
            first=first.get(one, len(visits)),
            more=[],
        )
        for one, own in scores.items()
    ]


def as_asked(row: Row, strategy: str) -> list[float]:
    """Return the scores of a participant as a strategy wants them, visit by visit."""
    found, last = [], row.scores[0]
    for place, score in enumerate(row.scores):
        if place < row.first:
            found.append(score)
            last = last if np.isnan(score) else score
        elif strategy == "treatment-policy":
            found.append(score)
        elif strategy == "composite":
            found.append(WORST)
        elif strategy == "while-on-treatment":
            found.append(last)
        else:  # set aside: missing at random, or to be imputed
            found.append(np.nan)
    return found


# A mixed model of all visits after baseline by plain loops, and the mean difference at the last.


def line_of(row: Row, place: int, visits: int, *, backward: bool, slopes: bool) -> list[float]:
    """Return a row of the design: intercept, baseline and arm of the visit; other covariates.

    The others have a slope for each visit where `slopes` is true, as imputation has them, else one.
    """
    own = [1.0, row.scores[0], *(row.more if slopes else ()), float(backward)]
    beside = [] if slopes else list(row.more)
    return [value * (k == place) for k in range(visits) for value in own] + beside


def covariance(theta: np.ndarray, visits: int) -> np.ndarray:
    root = np.zeros((visits, visits))
    root[np.tril_indices(visits)] = theta
    return root @ root.T


def fitted(
    rows: Sequence[Row], scores: Sequence[Sequence[float]], *, slopes: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients and covariance by REML, summed over people with the same visits."""
    visits = len(scores[0]) - 1
    alike: dict[tuple[int, ...], list[tuple[list[list[float]], list[float]]]] = {}
    for row, own in zip(rows, scores, strict=True):
        there = tuple(k for k in range(visits) if not np.isnan(own[k + 1]))
        lines = [line_of(row, k, visits, backward=row.backward, slopes=slopes) for k in there]
        alike.setdefault(there, []).append((lines, [own[k + 1] for k in there]))
    alike.pop((), None)
    parts = [
        (np.ix_(there, there), np.array([x for x, _ in own]), np.array([y for _, y in own]))
        for there, own in alike.items()
    ]

    def solved(theta: np.ndarray) -> tuple[np.ndarray, float]:
        sigma = covariance(theta, visits)
        xx, xy, yy, logs = 0.0, 0.0, 0.0, 0.0
        for there, x, y in parts:  # people, visits, coefficients
            inverse = np.linalg.inv(sigma[there])
            weighed = inverse @ x
            xx, xy = xx + np.einsum("nka,nkb->ab", x, weighed), xy + np.einsum("nka,nk", weighed, y)
            yy, logs = yy + np.sum(y * (y @ inverse)), logs - len(y) * np.linalg.slogdet(inverse)[1]
        beta = np.linalg.solve(xx, xy)
        return beta, logs + np.linalg.slogdet(xx)[1] + yy - beta @ xy

    def criterion(theta: np.ndarray) -> float:
        return float(solved(theta)[1])

    start: list[float] = (1.5 * np.eye(visits))[np.tril_indices(visits)].tolist()
    best = minimize(criterion, start, method="BFGS", options={"gtol": 1e-6})
    return solved(best.x)[0], covariance(best.x, visits)


def by_mixed_model(rows: Sequence[Row], strategy: str) -> float:
    """Return the difference at the last visit."""
    scores = [as_asked(row, strategy) for row in rows]
    beta, _ = fitted(rows, scores, slopes=False)
    return float(beta[3 * (len(scores[0]) - 1) - 1])


def by_covariance(rows: Sequence[Row], last: Sequence[float]) -> float:
    """Return the difference at the last visit, adjusted for baseline and covariates."""
    used = [(row, y) for row, y in zip(rows, last, strict=True) if not np.isnan(y)]
    x = np.array([[1.0, row.backward, row.scores[0], *row.more] for row, _ in used])
    return float(np.linalg.lstsq(x, np.array([y for _, y in used]), rcond=None)[0][1])


def by_jump(rows: Sequence[Row]) -> float:
    """Return the difference with missing scores at their means, of the reference after an event."""
    scores = [as_asked(row, "jump-to-reference") for row in rows]
    beta, sigma = fitted(rows, scores, slopes=True)
    visits = len(scores[0]) - 1
    last = []
    for row, own in zip(rows, scores, strict=True):
        arms = [row.backward and k + 1 < row.first for k in range(visits)]
        lines = [line_of(row, k, visits, backward=arm, slopes=True) for k, arm in enumerate(arms)]
        mean = np.array(lines) @ beta
        there = [k for k in range(visits) if not np.isnan(own[k + 1])]
        if visits - 1 in there:
            last.append(own[-1])
            continue
        gone = np.array([own[k + 1] for k in there]) - mean[there]
        weights = sigma[visits - 1, there] @ np.linalg.inv(sigma[np.ix_(there, there)])
        last.append(float(mean[-1] + weights @ gone))
    return by_covariance(rows, last)


def expected() -> Mapping[str, Mapping[str, float]]:
    """Return strategy to analysis to the estimate of R, for the shared trial."""
    cases = json.loads((EVENTS / "expected.json").read_text(encoding="utf-8"))["cases"]
    of = {one["name"]: one for one in cases}
    return {
        strategy: {
            one.get("where", {}).get("analysis", "ancova"): one["estimate"]
            for one in of[f"events_{strategy.replace('-', '_')}"]["numbers"]
        }
        for strategy in FIVE
    }


def test_the_example_gives_the_five_numbers_of_the_slow_code() -> None:
    trial, rows = bw.load_trial(bw.example("knee")), example()
    asked = {
        next(iter(one.events))[1]: one
        for one in trial.estimands
        if one.outcome == "knee_pain"
    }  # fmt: skip
    assert set(asked) == set(FIVE)
    numbers = {how: by_mixed_model(rows, how) for how in FIVE[:4]} | {FIVE[4]: by_jump(rows)}
    for how, one in asked.items():
        assert {kind for kind, _ in one.events} == {"stopped", "rescue", "surgery"}
        assert {each for _, each in one.events} == {how}
        found = MENU[one.analysis](trial, one).estimates
        found = found[(found["quantity"] == "mean_difference") & (found["visit"] == one.visit)]
        own = found[found["role"] == one.role].iloc[-1]
        assert own["estimate"] == pytest.approx(numbers[how], abs=2e-5), how
    assert len({round(value, 3) for value in numbers.values()}) == len(FIVE)


@pytest.mark.skipif(not EVENTS.is_dir(), reason=f"the shared trial is not here ({EVENTS})")
def test_the_slow_code_gives_the_five_numbers_of_r() -> None:
    rows, wanted = shared(), expected()
    for how in FIVE[:3]:
        assert by_mixed_model(rows, how) == pytest.approx(wanted[how]["mmrm"], abs=2e-5), how
    for how in FIVE[:4]:
        last = [as_asked(row, how)[-1] for row in rows]
        assert by_covariance(rows, last) == pytest.approx(wanted[how]["ancova"], abs=1e-9), how
    assert by_jump(rows) == pytest.approx(wanted[FIVE[4]]["ancova"], abs=2e-5)
