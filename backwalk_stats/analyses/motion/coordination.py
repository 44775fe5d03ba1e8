"""How two segments move together: one pair of arrays, and the couplings of a motion file as frames.

Shares are told twice: of all steps of all cycles, and of the mean angle (the circular mean over
cycles at each node, Needham et al. 2014). The second is smoother: strides that disagree at a node
count there once, as what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backwalk_stats.analyses.motion.array_input import (
    check_node_names,
    check_nodes,
    check_rows,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.coordination import LEAST_STRIDES, PATTERNS, Coupled, coupled, pattern
from backwalk_stats.registry import Shown
from backwalk_stats.trial import tables
from backwalk_stats.trial.motion_plan import SPACE, Coupling, Joint, MotionPlan

BY = ["direction", "visit", "arm"]
People = dict[tuple[str, ...], list[Coupled]]  # of each participant, by direction, visit and arm
ROSE_STEP = 15.0  # degrees
LEAST_NODES = 4
MOST = 1e9  # degrees: beyond it numbers are no angles
OPEN_ENDS = 0.1  # of the range: ends of a cycle that are further apart are told
LITTLE = 1.0  # degrees: a range below is told


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Coordination(Shown):
    """How two segments move together, over the cycles of one person.

    Attributes
    ----------
    coupling_angle : array, shape (cycles, nodes - 1)
        Degrees from 0 to below 360: 0 and 180 proximal segment alone, 45 and 225 in-phase, 90 and
        270 distal segment alone, 135 and 315 anti-phase. NaN where a step is too short.
    mean_angle : array, shape (nodes - 1,)
        Circular mean over the cycles, degrees.
    variability : array, shape (nodes - 1,)
        Spread over the cycles, sqrt(2 (1 - R)), degrees from 0 to 81.03; smaller is more alike.
    pattern_shares : DataFrame
        pattern, share_of_steps (of all steps of all cycles) and share_of_mean_angle (of the nodes,
        by the mean angle), per cent.
    marp : float
        Mean absolute relative phase, degrees: 0 in-phase, 180 anti-phase.
    deviation_phase : float
        Mean over the cycle of the standard deviation over cycles, degrees; smaller is more stable.
    sufficient_error : float
        Standard deviation of errors of both angles that alone would give this deviation phase, in
        the unit of the angles: where the measurement is no better, it says nothing of the person.
    floor : float
        Steps that are not longer have no direction and are left out of shares, means and
        variability; in the unit of the angles.
    steps, short_steps : int
        Of all cycles, and those that were left out.
    notes : tuple of str
        What is missing and why, and what is not to be relied on.
    """

    coupling_angle: FloatArray
    mean_angle: FloatArray
    variability: FloatArray
    pattern_shares: pd.DataFrame
    marp: float
    deviation_phase: float
    sufficient_error: float
    floor: float
    steps: int
    short_steps: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Return the main pattern by both shares, and the relative phase."""
        cycles, nodes = self.coupling_angle.shape
        phase = (
            f"MARP {self.marp:.1f}, deviation phase {self.deviation_phase:.1f} degrees"
            if np.isfinite(self.deviation_phase)
            else f"MARP {self.marp:.1f} degrees, no deviation phase"
            if np.isfinite(self.marp)
            else "no relative phase"
        )
        told = (
            f"Coordination of {cycles} cycles x {nodes + 1} nodes: {self._main_pattern()}; {phase}"
        )
        return f"<{told}{''.join(f'; note: {note}' for note in self.notes)}>"

    def _main_pattern(self) -> str:
        shares = self.pattern_shares.set_index("pattern")
        if shares["share_of_mean_angle"].isna().all():
            return "no pattern"
        main = str(shares["share_of_mean_angle"].idxmax())
        return (
            f"{main} {shares['share_of_mean_angle'][main]:.0f} % of the mean angle and "
            f"{shares['share_of_steps'][main]:.0f} % of all steps"
        )


def coordination(
    proximal: ArrayLike, distal: ArrayLike, *, floor: float | None = None
) -> Coordination:
    """Return how two segments move together, by vector coding and by continuous relative phase.

    Parameters
    ----------
    proximal, distal : array-like of numbers, shape (cycles, nodes)
        Angles of two segments **in space**, degrees: pelvis and lumbar spine, each against the
        laboratory. The angle between them, coupled with the pelvis, has anti-phase built in. Each
        row is a whole cycle whose last node repeats the first.
    floor : float, optional
        In the unit of the angles: a step from one node to the next that is not longer has no
        direction. Left out: 1 % of the mean step.

    Returns
    -------
    Coordination
        `.coupling_angle`, `.pattern_shares`, `.variability`, `.marp`, `.deviation_phase`, `.notes`.

    Raises
    ------
    UsageError
        If these are no numbers of the shape (cycles, nodes), both alike.
    NotEstimable
        If samples are missing.

    Notes
    -----
    Chang et al. 2008 (J Biomech 41:3101-3105), Needham et al. 2014 (J Biomech 47:1020-1026), Lamb
    and Stoeckl 2014 (Clin Biomech 29:484-493). A number that cannot be had is NaN and `notes` says
    why: spreads of one cycle, the phase of a segment that does not move.

    Examples
    --------
    >>> turn = np.radians(np.arange(101) * 3.6)
    >>> lags = np.radians(np.arange(40.0, 49.0))[:, None]
    >>> found = coordination(np.tile(5.0 * np.sin(turn), (9, 1)), 4.0 * np.sin(turn - lags))
    >>> found
    <Coordination of 9 cycles x 101 nodes: in-phase 48 % of the mean angle and 50 % of all steps; \
MARP 44.0, deviation phase 2.7 degrees>
    >>> found.pattern_shares.round(1)
          pattern  share_of_steps  share_of_mean_angle
    0    proximal            24.4                 26.0
    1    in-phase            49.6                 48.0
    2      distal            15.6                 16.0
    3  anti-phase            10.4                 10.0
    """
    one, other = _cycles_of(proximal, "proximal"), _cycles_of(distal, "distal")
    check_rows("distal", distal, [("proximal", proximal)])
    check_nodes("distal", distal, ("proximal", proximal))
    if one.shape != other.shape:
        raise UsageError(
            f"proximal is {_shape(one)} and distal is {_shape(other)} (cycles x nodes); both are "
            "of the same cycles on the same nodes"
        )
    _refuse_missing(one, other)
    found = coupled(one, other, floor=None if floor is None else _floor(floor))
    shares = {
        "pattern": PATTERNS,
        "share_of_steps": found.step_shares,
        "share_of_mean_angle": found.mean_shares,
    }
    return Coordination(
        coupling_angle=found.angle,
        mean_angle=found.mean,
        variability=found.variability,
        pattern_shares=pd.DataFrame(shares),
        marp=found.marp,
        deviation_phase=found.deviation_phase,
        sufficient_error=found.sufficient_error,
        floor=found.floor,
        steps=found.steps,
        short_steps=found.short_steps,
        notes=(*found.notes, *_doubts(one, other)),
    )


def _cycles_of(values: ArrayLike, name: str) -> FloatArray:
    """Return cycles as floats; refuse what is no table of numbers."""
    expected = f"{name}: expected numbers, an array of cycles x nodes"
    if isinstance(values, pd.DataFrame):
        check_node_names(values, name, "numbers, an array of cycles x nodes")
    if isinstance(values, pd.DataFrame) and all(one.kind in "iuf" for one in values.dtypes):
        values = values.to_numpy(dtype=float, na_value=np.nan)  # also of nullable columns
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "iuf":
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        cycles = np.asarray(values)
    except ValueError as error:
        raise UsageError(f"{expected}; found rows of different length") from error
    if cycles.dtype.kind not in "iuf":
        kind = {"b": "true and false", "c": "complex numbers"}.get(
            cycles.dtype.kind, "text or objects"
        )
        raise UsageError(f"{expected}; found {kind}")
    if cycles.ndim != 2:
        hint = "; one cycle is an array of one row" if cycles.ndim == 1 else ""
        raise UsageError(f"{expected}; found an array of {cycles.ndim} axes{hint}")
    if len(cycles) < 1 or cycles.shape[1] < LEAST_NODES:
        least = f"at least 1 cycle of {LEAST_NODES} nodes"
        raise UsageError(f"{expected}, {least}; found {_shape(cycles)}")
    if (np.abs(cycles[np.isfinite(cycles)]) > MOST).any():
        raise UsageError(f"{expected}; found numbers beyond {MOST:g}, which are no angles")
    return np.asarray(cycles, dtype=float)


def _refuse_missing(proximal: FloatArray, distal: FloatArray) -> None:
    missing = ~np.isfinite(proximal) | ~np.isfinite(distal)
    rows = np.flatnonzero(missing.any(axis=1))
    if len(rows):
        raise NotEstimable(
            f"samples are missing or not finite in {len(rows)} of {len(missing)} cycles (the first "
            f"is row {rows[0]}): fill short gaps or leave the cycle out"
        )


def _floor(floor: object) -> float:
    """Return a floor that is a length."""
    number = isinstance(floor, int | float | np.number) and not isinstance(floor, bool)
    if not number or not 0.0 <= float(floor) < np.inf:  # type: ignore[arg-type]
        raise UsageError("floor is the length of a step, a number of 0 or more")
    return float(floor)  # type: ignore[arg-type]


def _shape(cycles: np.ndarray) -> str:
    return " x ".join(map(str, cycles.shape))


def _doubts(proximal: FloatArray, distal: FloatArray) -> Iterator[str]:
    """Yield what is strange about cycles that can be computed with."""
    cycles, nodes = proximal.shape
    if cycles > nodes:
        yield f"{cycles} cycles of {nodes} nodes: rows are cycles, columns are nodes"
    for name, values in (("proximal", proximal), ("distal", distal)):
        reach = float(np.ptp(values, axis=1).mean())
        if 0.0 < reach < LITTLE:
            yield (
                f"the {name} segment moves by {reach:.2g} in a cycle: less than {LITTLE:g} degree "
                "is less than most measurements tell apart (radians are to be turned into degrees)"
            )
        gap = float(np.abs(values[:, -1] - values[:, 0]).mean())
        if gap > OPEN_ENDS * reach > 0.0:
            yield (
                f"the {name} segment ends a cycle {gap:.2g} from where it began: the relative "
                "phase takes a cycle for closed, its last node for the first of the next"
            )


# What a motion file says of its couplings, and what is to be said of them.


def coupling_notes(plan: MotionPlan, features: pd.DataFrame) -> tuple[str, ...]:
    """Return what is wrong with couplings: angles that are not in space, too few strides.

    `features` (`tables.FEATURES`) hold how many cycles each coordination rests on.
    """
    joints = {one.name: one for one in plan.joints}
    notes = []
    for one in plan.couplings:
        notes += [f"coupling {one.name}: {note}" for note in _not_in_space(one, joints)]
        mine = features[features["feature"] == f"{one.name}_deviation_phase"]
        few = int((mine["n_cycles"] < LEAST_STRIDES).sum())
        if few:
            notes.append(
                f"coupling {one.name}: variability and deviation phase rest on fewer than "
                f"{LEAST_STRIDES} strides in {few} of {len(mine)} walks, and are not to be relied "
                "on there (Wyatt et al. 2020)"
            )
    return tuple(notes)


def _not_in_space(coupling: Coupling, joints: dict[str, Joint]) -> Iterator[str]:
    """Yield which sides of a coupling are not, or not known to be, segments in space."""
    sides = (coupling.proximal, coupling.distal)
    known = [joints.get(signal.rpartition("_")[0]) or _longest(signal, joints) for signal in sides]
    for signal, joint, other in zip(sides, known, reversed(known), strict=True):
        if joint is None:
            if coupling.angles != SPACE:
                yield (
                    f"it is not declared what {signal} is measured against; couple segments in "
                    'space: a [[joint]] with proximal = "space", or angles = "space" in the '
                    "coupling where the file holds such angles"
                )
        elif joint.proximal != SPACE:
            built_in = other is not None and joint.proximal == other.distal
            anti = (
                f" the segment that it is coupled with: anti-phase is built in, as {signal} is "
                "minus the other angle while its own segment rests in space"
            )
            against = anti if built_in else f" {joint.proximal}, and no segment in space"
            yield f"{signal} is an angle against{against}"


def _longest(signal: str, joints: dict[str, Joint]) -> Joint | None:
    """Return the joint whose name a signal begins with ("pelvis_side_bend")."""
    names = [name for name in joints if signal.startswith(f"{name}_")]
    return joints[max(names, key=len)] if names else None


# Couplings of a motion file over participants.


def coupling_values(found: Coupled) -> dict[str, float]:
    """Return the features of a coupling, by the ending of their name.

    A pattern is its per cent of all steps, with `_of_mean_angle` that of the mean angle.
    """
    names = [name.replace("-", "_") for name in PATTERNS]
    by_mean = [f"{name}_of_mean_angle" for name in names]
    known = found.variability[np.isfinite(found.variability)]
    return {
        **dict(zip(names, map(float, found.step_shares), strict=True)),
        **dict(zip(by_mean, map(float, found.mean_shares), strict=True)),
        "variability": float(known.mean()) if known.size else float("nan"),
        "marp": found.marp,
        "deviation_phase": found.deviation_phase,
        "sufficient_error": found.sufficient_error,
    }


def coupled_people(cycles: pd.DataFrame, coupling: Coupling) -> People:
    """Return the coordination of every participant, by direction, visit and arm.

    From `tables.CYCLES` with the arm; cycles with missing samples are left out.
    """
    names = [coupling.proximal, coupling.distal]
    rows = cycles[cycles["signal"].isin(names)]
    person = [*BY, "participant"]
    each = [name for name in ("recording", "cycle") if name in rows]  # none of mean curves
    wide = rows.pivot(index=[*person, *each], columns=["signal", "node"], values="value").dropna()
    found: People = {}
    if not set(names) <= set(wide.columns.get_level_values("signal")):
        return found
    for keys, mine in wide.groupby(level=person, sort=False):
        proximal, distal = (mine[name].to_numpy(dtype=float) for name in names)
        group = tuple(str(key) for key in keys[:3])
        found.setdefault(group, []).append(coupled(proximal, distal))
    return found


def coupling_over_cycle(people: People, coupling: Coupling) -> pd.DataFrame:
    """Return which share of participants is in each pattern at each step of the cycle.

    The pattern of a participant is that of the mean angle over the own cycles. Columns of
    `tables.COUPLING_OVER_CYCLE`; the shares of a node add up to 100.
    """
    parts = []
    for keys, group in people.items():
        patterns = pattern(np.stack([one.mean for one in group]))
        known = (patterns >= 0).sum(axis=0)
        for place, name in enumerate(PATTERNS):
            with np.errstate(invalid="ignore"):
                share = 100.0 * (patterns == place).sum(axis=0) / known
            columns = {"node": np.arange(len(share)), "percent": share}
            parts.append(_keyed(coupling, keys, len(group), **columns).assign(pattern=name))
    return stacked(parts, tables.COUPLING_OVER_CYCLE)


def coupling_rose(people: People, coupling: Coupling) -> pd.DataFrame:
    """Return how the steps of all cycles are spread around the circle; participants count alike.

    Columns of `tables.COUPLING_ROSE`; `angle` is the middle of a bin of `ROSE_STEP` degrees.
    """
    parts = []
    edges = np.arange(0.0, 360.0 + ROSE_STEP, ROSE_STEP)
    for keys, group in people.items():
        shares = []
        for one in group:
            known = one.angle[np.isfinite(one.angle)]
            if known.size:
                shares.append(100.0 * np.histogram(known, bins=edges)[0] / known.size)
        share = np.mean(shares, axis=0) if shares else np.zeros(len(edges) - 1)
        columns = {"angle": edges[:-1] + ROSE_STEP / 2.0, "percent": share}
        parts.append(_keyed(coupling, keys, len(group), **columns))
    return stacked(parts, tables.COUPLING_ROSE)


def coupling_shares(people: People, coupling: Coupling) -> pd.DataFrame:
    """Return the mean over participants of both kinds of shares (`tables.COUPLING_SHARES`).

    `without_direction` is the per cent of all steps that are too short to have one.
    """
    parts = []
    for keys, group in people.items():
        columns = {
            "share_of_steps": _mean_known([one.step_shares for one in group]),
            "share_of_mean_angle": _mean_known([one.mean_shares for one in group]),
        }
        short = 100.0 * float(np.mean([one.short_steps / one.steps for one in group]))
        parts.append(
            _keyed(coupling, keys, len(group), **columns).assign(
                pattern=list(PATTERNS), without_direction=short
            )
        )
    return stacked(parts, tables.COUPLING_SHARES)


def _mean_known(shares: list[FloatArray]) -> FloatArray:
    known = [one for one in shares if np.isfinite(one).all()]
    return np.asarray(np.mean(known, axis=0) if known else np.full(len(PATTERNS), np.nan))


def _keyed(
    coupling: Coupling, keys: tuple[str, ...], n: int, **columns: np.ndarray
) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    direction, visit, arm = keys
    return frame.assign(coupling=coupling.name, direction=direction, visit=visit, arm=arm, n=n)


def stacked(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return frames below each other with these columns, also where there is none."""
    names = list(columns)
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
