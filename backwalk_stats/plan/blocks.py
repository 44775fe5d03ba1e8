"""Blocks of simulated trials: what one holds, how it is computed, kept, found again and summed.

A block is 250 trials of one cell. Its random numbers come from its own key, so that it is the same
whoever computes it; what is kept of it are sums. Whatever asks for blocks computes those that are
not there: a run that was stopped, a larger run and two runs at once are one case.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

from backwalk_stats.engine.simulation.answers import answers
from backwalk_stats.engine.simulation.designs import Design, expected_scores
from backwalk_stats.engine.simulation.draws import Drawn, calibrated
from backwalk_stats.engine.simulation.questions import Answers
from backwalk_stats.errors import UsageError
from backwalk_stats.plan.scenarios import (
    WITHOUT_DIFFERENCE,
    Cell,
    answers_of_analysis,
    design_of,
    digest,
    estimands_hash,
    family_is_whole,
    place_of,
    question_of,
    scenario_hash,
)
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.plan import BLOCK, Plan

ENGINE = "1"  # one more where the same plan would give other numbers
OLD_PART = 3600.0  # seconds after which a half-written block is nobody's any more
MOST_REASONS = 20
Sums = dict[str, Any]


@cache
def engine() -> dict[str, str]:
    """Return what decides digits besides the plan: this package and the libraries that compute."""
    libraries = {name: version(name) for name in ("numpy", "scipy")}
    compiled = version("numba") if find_spec("numba") is not None else ""
    return {
        "engine": ENGINE,
        "backwalk-stats": version("backwalk-stats"),
        **libraries,
        "numba": compiled,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One block: its cell, its place among those of the cell, and how many trials it has.

    Attributes
    ----------
    plan : Plan
    cell : Cell
    number : int
        From 0.
    count : int
        250, or fewer in the last one.
    key : tuple of str
        Hashes of engine, scenario and estimands, 64 hex digits each.
    """

    plan: Plan
    cell: Cell
    number: int
    count: int
    key: tuple[str, str, str]

    @property
    def name(self) -> str:
        """Return the name of its file."""
        short = "-".join(one[:16] for one in self.key)
        return f"{short}-{self.number:06d}-{self.count}.json"

    @property
    def told(self) -> dict[str, Any]:
        """Return what its file says of what it is."""
        parts = dict(zip(("engine", "scenario", "estimands"), self.key, strict=True))
        return {**parts, "block": self.number, "replicates": self.count}


def blocks_of(plan: Plan, cell: Cell, replicates: int) -> tuple[Block, ...]:
    """Return the blocks that hold so many replicates of a cell, in order."""
    key = (digest(engine()), scenario_hash(plan, cell), estimands_hash(plan, cell))
    starts = range(0, replicates, BLOCK)
    return tuple(
        Block(plan=plan, cell=cell, number=number, count=min(BLOCK, replicates - start), key=key)
        for number, start in enumerate(starts)
    )


def generator(block: Block) -> np.random.Generator:
    """Return the random numbers of a block: of seed, scenario and number, of nothing else."""
    words = [int(block.key[1][at : at + 8], 16) for at in range(0, 32, 8)]
    seed = np.random.SeedSequence([block.plan.study.seed, *words, block.number])
    return np.random.Generator(np.random.Philox(seed))


# What a block computes.


def computed(block: Block) -> Sums:
    """Return the sums of a block; runs wherever an executor has it run.

    Keys: engine (of the process that computed), missing (arm to people missing at each visit) and
    estimands (id to its sums).
    """
    plan, cell = block.plan, block.cell
    design = design_of(plan, cell)
    sampler = calibrated(design)
    drawn = sampler.draw(block.count, generator(block))
    found = {}
    for one in cell.estimands:
        question = question_of(plan, cell.scenario, one)
        if question is None:
            found[one.id] = answers_of_analysis(plan, cell, one, drawn)
        else:
            found[one.id] = answers(question, drawn, sampler)
    p_of = {one.id: _p_values(plan, one, found[one.id]) for one in cell.estimands}
    adjusted_p = adjusted_p_values(plan, p_of) if family_is_whole(plan, cell) else {}
    return {
        "engine": digest(engine()),
        "missing": _missing(plan, drawn),
        "estimands": {
            one.id: _sums(plan, cell, design, one, found[one.id], p_of[one.id])
            | _rejected(adjusted_p.get(one.id), plan.alpha)
            for one in cell.estimands
        },
    }


def _missing(plan: Plan, drawn: Drawn) -> dict[str, list[int]]:
    gone = np.isnan(drawn.y)
    return {
        name: gone[:, drawn.arm == place].sum(axis=(0, 1)).tolist()
        for place, name in enumerate(plan.study.arm_names)
    }


def _p_values(plan: Plan, one: Estimand, found: Answers) -> np.ndarray:
    """Return the p-value of each trial's answer; against a margin twice the one-sided one.

    So that each is held against alpha, and a one-sided test is one at half of it.
    """
    p = np.where(found.converged, found.p_value, np.nan)
    good = found.converged & (found.std_error > 0.0)
    if one.margin is None or not good.any():
        return p if one.margin is None else np.full(len(p), np.nan)
    from backwalk_stats.analyses.margins import margin_tests

    numbers = {name: getattr(found, name)[good] for name in ("estimate", "std_error", "df")}
    better = plan.outcome(one.outcome).better or ""
    tested = margin_tests(pd.DataFrame(numbers), one, better=better)
    out = np.full(len(p), np.nan)
    out[good] = np.minimum(1.0, 2.0 * tested["p_value"].to_numpy(dtype=float))
    return out


def adjusted_p_values(plan: Plan, p_of: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return p-values adjusted in each trial as the plan declares; one that is missing counts 1."""
    from backwalk_stats.analyses.multiplicity import procedure_of

    procedure = procedure_of(plan)
    known = [np.where(np.isnan(p_of[name]), 1.0, p_of[name]) for name in procedure.names]
    out = np.array([procedure.adjusted(row) for row in np.stack(known, axis=1)])
    return {name: out[:, place] for place, name in enumerate(procedure.names)}


def _rejected(p: np.ndarray | None, alpha: float) -> Sums:
    return {} if p is None else {"rejected_adjusted": int((p < alpha).sum())}


def _sums(
    plan: Plan, cell: Cell, design: Design, one: Estimand, found: Answers, p: np.ndarray
) -> Sums:
    """Return what is kept of the answers to one estimand: counts and sums, nothing of a trial."""
    good = found.converged
    why = Counter(str(reason) for reason in found.reason[~good])
    told: Sums = {
        "n": len(good),
        "converged": int(good.sum()),
        "rejected": int((p < plan.alpha).sum()),
        "reasons": dict(why.most_common(MOST_REASONS)),
    }
    chain = (one.covariance, *one.fallback)
    places = Counter(int(place) for place in found.fitted[good] if place >= 0)
    told["fitted"] = {chain[place]: count for place, count in sorted(places.items())}
    if one.analysis in WITHOUT_DIFFERENCE:
        return told
    away = found.estimate[good] - truth_of(plan, cell, design, one)
    error, df = found.std_error[good], found.df[good]
    truth = away - found.estimate[good]
    inside = (found.conf_low[good] <= -truth) & (-truth <= found.conf_high[good])
    columns = {"away": away, "error": error, "df": df}
    for name, values in columns.items():
        told[name] = math.fsum(values.tolist())
        told[f"{name}_squared"] = math.fsum((values**2).tolist())
    told["covered"] = int(inside.sum())
    return told


def truth_of(plan: Plan, cell: Cell, design: Design, one: Estimand) -> float:
    """Return the difference of the arms' expected recorded scores at the visit, nobody leaving."""
    expected = expected_scores(design)[:, place_of(cell.scenario, one)]
    arms = plan.study.arm_names
    return float(expected[arms.index(one.contrast[0])] - expected[arms.index(one.contrast[1])])


# Where blocks are kept.


def written(block: Block, sums: Sums) -> bytes:
    """Return a block as its file holds it: JSON with sorted keys and the hash of its sums."""
    kept = {name: value for name, value in sums.items() if name != "engine"}
    body = json.dumps(kept, sort_keys=True)
    seal = hashlib.sha256(body.encode()).hexdigest()
    told = {**block.told, "sums": kept, "sha256": seal}
    return (json.dumps(told, sort_keys=True, indent=1) + "\n").encode()


def read(block: Block, content: bytes) -> Sums | None:
    """Return the sums of a block; None where the content is not this block, whole."""
    try:
        told = json.loads(content)
        kept = told["sums"]
        whole = all(told[name] == value for name, value in block.told.items())
        seal = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
        whole = whole and seal == told["sha256"]
        whole = whole and set(kept["estimands"]) == {one.id for one in block.cell.estimands}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return dict(kept) if whole else None


@dataclass
class Store:
    """The blocks that are there: in a folder, or in memory alone where there is none.

    Attributes
    ----------
    folder : Path or None
    damaged : list of str
        Names of files that are not the block that they are called, and were computed again.
    """

    folder: Path | None = None
    damaged: list[str] = field(default_factory=list)
    held: dict[str, Sums] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the folder, and clear away what stopped runs have left half written."""
        if self.folder is None:
            return
        if self.folder.exists() and not self.folder.is_dir():
            raise UsageError(f"{self.folder} is a file, expected a folder for the blocks")
        self.folder.mkdir(parents=True, exist_ok=True)
        for part in self.folder.glob("*.part"):
            try:
                if time.time() - part.stat().st_mtime > OLD_PART:
                    part.unlink()
            except FileNotFoundError:
                continue  # the run that wrote it, or another, was faster

    def find(self, block: Block) -> Sums | None:
        """Return the sums of a block that is there and whole."""
        if block.name in self.held:
            return self.held[block.name]
        if self.folder is None:
            return None
        try:
            content = (self.folder / block.name).read_bytes()
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            raise UsageError(
                f"{self.folder / block.name} is a folder, expected the file of a block. Delete it"
            ) from None
        sums = read(block, content)
        if sums is None:
            self.damaged.append(block.name)
            return None
        self.held[block.name] = sums
        return sums

    def put(self, block: Block, sums: Sums) -> None:
        """Keep the sums of a block: whole under its name, or not at all.

        Raises
        ------
        UsageError
            If it was computed by another version of the package or of a library.
        """
        if sums["engine"] != block.key[0]:
            raise UsageError(
                "a worker has other versions of backwalk-stats, numpy, scipy or numba than this "
                f"process, which has {', '.join(f'{k} {v}' for k, v in engine().items() if v)}"
            )
        content = written(block, sums)
        kept = read(block, content)
        if kept is None:
            raise UsageError("a worker gave back another block than was asked for")
        self.held[block.name] = kept
        if self.folder is None:
            return
        part = self.folder / f"{block.name}.{os.getpid()}-{uuid4().hex[:8]}.part"
        try:
            part.write_bytes(content)
            part.replace(self.folder / block.name)
        finally:
            part.unlink(missing_ok=True)

    def missing(self, blocks: Iterable[Block]) -> list[Block]:
        """Return the blocks that are not there."""
        return [block for block in blocks if self.find(block) is None]


# Blocks of one cell as one.


def merged(blocks: Sequence[Block], store: Store) -> Sums:
    """Return the sums of the blocks of a cell, added in their order, each exactly rounded once."""
    parts = [sums for sums in map(store.find, blocks) if sums is not None]
    if len(parts) < len(blocks):
        raise UsageError("a block that was there is gone: somebody has emptied the store")
    ids = list(parts[0]["estimands"])
    return {
        "missing": {
            arm: [sum(values) for values in zip(*(one["missing"][arm] for one in parts),
                                                strict=True)]
            for arm in parts[0]["missing"]
        },
        "estimands": {name: _added([one["estimands"][name] for one in parts]) for name in ids},
    }  # fmt: skip


def _added(parts: Sequence[Sums]) -> Sums:
    out: Sums = {}
    for name, first in parts[0].items():
        values = [one[name] for one in parts]
        if isinstance(first, dict):
            counts: Counter[str] = Counter()
            for value in values:
                counts.update(value)
            out[name] = dict(sorted(counts.items()))
        else:
            out[name] = sum(values) if isinstance(first, int) else math.fsum(values)
    return out


def in_order(lists: Sequence[Sequence[Block]]) -> Iterator[Block]:
    """Yield blocks of several cells in turn, so that every cell comes on.

    >>> list(in_order([[1, 2], [3]]))  # any lists
    [1, 3, 2]
    """
    for place in range(max((len(one) for one in lists), default=0)):
        yield from (one[place] for one in lists if place < len(one))
