"""Recovers arms that a source merged, from its merged mean and SD and the arm sizes.

The algebra is the Cochrane Handbook's combining formula, solved backwards on the grid of the
decimals that the other arms are printed with (`engine.summary.merged_arms`). What it cannot tell
(which arm is which, which SD is whose) stays open as alternatives; a printed p-value that an
alternative cannot give strikes it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from backwalk_stats.engine.summary.merged_arms import MergedSolution, unmerge
from backwalk_stats.ledger.case import Cell, Study
from backwalk_stats.ledger.reading.vocabulary import arm_words, is_merged_arm

Alternative = tuple[Cell, ...]


def recovered_arms(
    *, study: Study, cells: Sequence[Cell], allowed: Callable[[Alternative], bool]
) -> tuple[Alternative, ...]:
    """Return the alternative sets of arms behind a study's merged rows that are allowed.

    Each holds every recovered arm of every merged outcome; there is none where the study printed no
    merged row, or one whose arm sizes are not known.
    """
    options = [
        [one for one in _alternatives(study, cell, cells) if allowed(one)]
        for cell in cells
        if is_merged_arm(cell.arm) and cell.sd and cell.n
    ]
    options = [one for one in options if one]
    if not options:
        return ()
    return tuple(tuple(cell for part in chosen for cell in part) for chosen in product(*options))


def _alternatives(study: Study, cell: Cell, cells: Sequence[Cell]) -> list[Alternative]:
    names = _component_names(cell.arm)
    sizes = [_size_of(study, name) for name in names]
    decimals = _decimals_beside(cell, cells)
    if len(names) != 2 or None in sizes or decimals is None:
        return []
    n1, n2 = (int(size) for size in sizes if size is not None)
    if n1 + n2 != cell.n:
        return []
    found = unmerge(n1=n1, n2=n2, mean_text=cell.mean, sd_text=cell.sd, decimals=decimals)
    return [
        arms
        for solution in found
        for arms in _assignments(cell=cell, names=names, sizes=(n1, n2), solution=solution)
    ]


def _assignments(
    *, cell: Cell, names: Sequence[str], sizes: tuple[int, int], solution: MergedSolution
) -> list[Alternative]:
    """Return every way to give the two means and SDs to the two named arms."""
    means, sds = (solution.means, solution.means[::-1]), (solution.sds, solution.sds[::-1])
    ways = (
        [(m, s) for m, s in product(means, sds)] if sizes[0] == sizes[1] else [(means[0], sds[0])]
    )
    how = (
        f"recovered from the merged row, outcomes.csv line {cell.line}, "
        "by the combining formula of the Cochrane Handbook"
    )
    return [
        tuple(
            replace(cell, arm=name, n=size, mean=mean, sd=sd, derived=how, note=how)
            for name, size, mean, sd in zip(names, sizes, mean_pair, sd_pair, strict=True)
        )
        for mean_pair, sd_pair in dict.fromkeys(ways)
    ]


def _component_names(arm: str) -> list[str]:
    bare = re.sub(r"\b(?:combined|merged|pooled)\b", "", arm, flags=re.IGNORECASE)
    return [part.strip() for part in re.split(r"\+|&|\band\b", bare) if part.strip()]


def _size_of(study: Study, name: str) -> int | None:
    """Return the size of the arm whose description shares most words with the name."""
    if len(study.arm_sizes) != len(study.arms):
        return None
    wanted = arm_words(name)
    shared = [len(wanted & arm_words(arm)) for arm in study.arms]
    best = max(shared, default=0)
    return study.arm_sizes[shared.index(best)] if best and shared.count(best) == 1 else None


def _decimals_beside(cell: Cell, cells: Sequence[Cell]) -> int | None:
    """Return the decimals with which the other arms of the same outcome are printed."""
    beside = [
        other
        for other in cells
        if other.outcome == cell.outcome
        and other.timepoint == cell.timepoint
        and other.instrument == cell.instrument
        and other.sd
        and not is_merged_arm(other.arm)
    ]
    return max((_decimals(text) for c in beside for text in (c.mean, c.sd)), default=None)


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
