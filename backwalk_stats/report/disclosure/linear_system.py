"""How far published numbers pin down the ones that are not: linear relations over unknowns.

Bounds are carried from relation to relation until nothing changes; what is still open is asked of
a mixed-integer program, the smallest and the largest value that all relations together allow.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, inf, isfinite

import numpy as np

SLACK = 1e-6  # of a bound, against rounding in the arithmetic
INFEASIBLE = 2  # a status of scipy's milp
MOST_STEPS = 200_000  # of carrying bounds: relations that shrink for ever are cut off
Range = tuple[float, float]
Name = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """A number that an attacker looks for, or knows: then `least` is `most`.

    Attributes
    ----------
    least, most : float
        What is known of it without any relation.
    whole : bool
        Whether it is a whole number.
    """

    least: float = 0.0
    most: float = inf
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """A sum of unknowns, each times its factor, that lies between two limits."""

    terms: Mapping[Name, float]
    low: float = -inf
    high: float = inf


class Contradiction(ValueError):
    """No values fit all relations: one of them is not true."""


def ranges(
    unknowns: Mapping[Name, Unknown], relations: Sequence[Relation], wanted: Iterable[Name]
) -> dict[Name, Range]:
    """Return the smallest and the largest value of each wanted unknown that all relations allow.

    Exact up to `SLACK`. `Contradiction` where nothing fits.

    Examples
    --------
    >>> cells = {("observed",): Unknown(most=13), ("failed",): Unknown(least=9, most=9)}
    >>> same = Relation(terms={("observed",): 1, ("failed",): -1}, low=0, high=0)
    >>> ranges(cells, [same], [("observed",)])
    {('observed',): (9, 9)}
    """
    bounds = carried(unknowns, relations)
    now = {
        name: Unknown(least=low, most=high, whole=unknowns[name].whole)
        for name, (low, high) in bounds.items()
    }
    found = {name: bounds[name] for name in wanted}
    open_ = {name for name, (low, high) in found.items() if high - low > SLACK}
    for names, own in parts(now, relations):
        if names & open_ and not settled_by_bounds(names, own):
            program = _Program(now, own)
            found |= {name: program.range(name) for name in found if name in names & open_}
    return {name: _tidy(unknowns[name], *ends) for name, ends in found.items()}


def settled_by_bounds(names: Collection[Name], relations: Sequence[Relation]) -> bool:
    """Tell whether bounds that are carried on are exact: relations are differences of two unknowns.

    A sum of two is a difference too where the one is counted from the other end; that must go for
    all of them at once.

    Examples
    --------
    >>> ends = [("a",), ("b",)]
    >>> settled_by_bounds(ends, [Relation(terms=dict.fromkeys(ends, 1.0))])
    True
    >>> settled_by_bounds(ends, [Relation(terms={("a",): 2.0, ("b",): 1.0})])
    False
    """
    near: dict[Name, list[tuple[Name, bool]]] = defaultdict(list)
    for relation in relations:
        open_ = [(name, relation.terms[name]) for name in relation.terms if name in names]
        if len(open_) > 2 or any(abs(factor) != 1.0 for _, factor in open_):
            return False
        for (one, first), (other, second) in pairwise(open_):
            near[one].append((other, first == second))
            near[other].append((one, first == second))
    side: dict[Name, bool] = {}
    for start in near:
        side.setdefault(start, True)
        waiting = [start]
        while waiting:
            one = waiting.pop()
            for other, turned in near[one]:
                if other not in side:
                    side[other] = side[one] != turned
                    waiting.append(other)
                elif side[other] != (side[one] != turned):
                    return False
    return True


def _tidy(unknown: Unknown, low: float, high: float) -> Range:
    """Return a range, whole where the unknown is."""
    if not unknown.whole:
        return low, high
    return (
        ceil(low - SLACK) if isfinite(low) else low,
        floor(high + SLACK) if isfinite(high) else high,
    )


def carried(unknowns: Mapping[Name, Unknown], relations: Sequence[Relation]) -> dict[Name, Range]:
    """Return bounds that each relation by itself allows, carried on until nothing changes."""
    bounds = {name: (one.least, one.most) for name, one in unknowns.items()}
    of: dict[Name, list[int]] = defaultdict(list)
    for place, relation in enumerate(relations):
        for name in relation.terms:
            of[name].append(place)
    waiting, queued = deque(range(len(relations))), set(range(len(relations)))
    for _ in range(MOST_STEPS):
        if not waiting:
            break
        place = waiting.popleft()
        queued.discard(place)
        for name, new in _implied(relations[place], bounds):
            low, high = _tidy(unknowns[name], *new)
            if low > high + SLACK:
                raise Contradiction("/".join(name))
            old = bounds[name]
            if low > old[0] + SLACK or high < old[1] - SLACK:
                bounds[name] = (max(low, old[0]), min(high, old[1]))
                again = [one for one in of[name] if one not in queued]
                waiting.extend(again)
                queued.update(again)
    return bounds


def _implied(relation: Relation, bounds: Mapping[Name, Range]) -> list[tuple[Name, Range]]:
    """Return what a relation says of each of its unknowns, by the bounds of the others."""
    ends = {}
    for name, factor in relation.terms.items():
        low, high = bounds[name]
        ends[name] = (factor * low, factor * high) if factor > 0 else (factor * high, factor * low)
    least, most = sum(low for low, _ in ends.values()), sum(high for _, high in ends.values())
    if least > relation.high + SLACK * 10 or most < relation.low - SLACK * 10:
        raise Contradiction("; ".join(map("/".join, relation.terms)))
    told = []
    for name, factor in relation.terms.items():
        others = _without(ends, name, least, 0), _without(ends, name, most, 1)
        low, high = (relation.low - others[1]) / factor, (relation.high - others[0]) / factor
        told.append((name, (low, high) if factor > 0 else (high, low)))
    return told


def _without(ends: Mapping[Name, Range], name: Name, total: float, side: int) -> float:
    """Return the sum of one end of all terms but one."""
    if isfinite(total):
        return total - ends[name][side]
    return sum(end[side] for other, end in ends.items() if other != name)


def parts(
    unknowns: Mapping[Name, Unknown], relations: Sequence[Relation]
) -> list[tuple[set[Name], list[Relation]]]:
    """Return the open unknowns in groups that no relation ties, with the relations of each.

    Examples
    --------
    >>> cells = {(name,): Unknown(most=9) for name in "abc"}
    >>> tied = Relation(terms={("a",): 1, ("b",): 1}, high=9)
    >>> [sorted(names) for names, _ in parts(cells, [tied])]
    [[('a',), ('b',)]]
    """
    root: dict[Name, Name] = {}

    def top(name: Name) -> Name:
        while root.setdefault(name, name) != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    tied = [
        (one, [name for name in one.terms if unknowns[name].most - unknowns[name].least > SLACK])
        for one in relations
    ]
    for _, names in tied:
        for name in names[1:]:
            root[top(name)] = top(names[0])
    groups: dict[Name, tuple[set[Name], list[Relation]]] = {}
    for relation, names in tied:
        if names:
            own = groups.setdefault(top(names[0]), (set(), []))
            own[0].update(names)
            own[1].append(relation)
    return [*groups.values()]


class _Program:
    """Relations as a mixed-integer program, their unknowns as columns."""

    def __init__(self, unknowns: Mapping[Name, Unknown], relations: Collection[Relation]) -> None:
        names = list(dict.fromkeys(name for one in relations for name in one.terms))
        self.columns = {name: place for place, name in enumerate(names)}
        self.whole = np.array([int(unknowns[name].whole) for name in names])
        self.ends = np.array([(unknowns[name].least, unknowns[name].most) for name in names])
        self.matrix = np.zeros((len(relations), len(names)))
        for row, one in enumerate(relations):
            for name, factor in one.terms.items():
                self.matrix[row, self.columns[name]] = factor
        self.low = np.array([one.low - SLACK for one in relations])
        self.high = np.array([one.high + SLACK for one in relations])

    def range(self, name: Name) -> Range:
        """Return the smallest and the largest value of an unknown."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        place = self.columns[name]
        aim = np.zeros(len(self.columns))
        aim[place] = 1.0
        found = []
        for sign, bound in ((1.0, self.ends[place, 0]), (-1.0, self.ends[place, 1])):
            solved = milp(
                sign * aim,
                integrality=self.whole,
                bounds=Bounds(self.ends[:, 0], self.ends[:, 1]),
                constraints=LinearConstraint(self.matrix, self.low, self.high),
            )
            if solved.status == INFEASIBLE:
                raise Contradiction("/".join(name))
            found.append(sign * float(solved.fun) if solved.status == 0 else float(bound))
        return found[0], found[1]
