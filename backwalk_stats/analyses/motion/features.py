"""What recordings yield: cycles of each walk, and features of pooled walks and of bends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.analyses.motion.contacts import FORWARDS, SIDES, Feet, feet_of
from backwalk_stats.analyses.motion.coordination import coupling_values
from backwalk_stats.analyses.motion.signals import Signals, signals_of, used_markers
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.coordination import coupled
from backwalk_stats.motion.cycles import FEWEST, Cycles, cycles_between, pooled_cycles
from backwalk_stats.motion.features import lumbopelvic_rhythm, range_of_motion
from backwalk_stats.motion.spatiotemporal import (
    AGREEMENT,
    Steps,
    pooled_gait,
    stance_foot_speed,
    steps_of,
)
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import Coupling, MotionPlan, Recording

BELT_AGREES = 0.10  # of the belt's speed: the foot on the ground moves with the belt
STANDS = 0.20  # metres per second: a foot on the ground that moves back faster is on a belt
FEWEST_STEPS = 3  # for saying that speed contradicts cadence times step length


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Walk(Shown):
    """What one recording of a walk yields, however little.

    Attributes
    ----------
    signals : tuple of str
        Names of the angles in `cycles`.
    cycles : Cycles
        Of the side that cuts them; durations in seconds; none is called odd yet.
    stance : mapping of str to array
        Per cent of each whole cycle on the ground, by side.
    steps : Steps
    feet : Feet
    facing : str
    filled, left : int
        Gaps that were filled, and that are left.
    notes : tuple of str
    """

    signals: tuple[str, ...]
    cycles: Cycles
    stance: Mapping[str, FloatArray]
    steps: Steps
    feet: Feet
    facing: str
    filled: int
    left: int
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Found(Shown):
    """Features of a bend, or of the walks of a person, visit and direction together.

    Attributes
    ----------
    features : dict of str to float
        By name, in the unit of each: degrees, per cent, metres per second, steps per minute.
    signals : tuple of str
        Names of the angles in `cycles`; empty for a bend.
    cycles : Cycles or None
        Of all walks in their order; None for a bend.
    kept : array of bool, shape (cycles,), or None
        Which cycles features and curves are made of.
    notes : tuple of str
    filled, left : int
        Gaps of a bend that were filled, and that are left; those of walks are told by `Walk`.
    """

    features: dict[str, float]
    signals: tuple[str, ...]
    cycles: Cycles | None
    notes: tuple[str, ...]
    kept: np.ndarray | None = None
    filled: int = 0
    left: int = 0


def walk_of(recording: Recording, plan: MotionPlan) -> Walk:
    """Return the cycles, steps and stances of one walk.

    Refused is a recording that is not what is declared (the wrong direction of walking, no whole
    cycle, no way to tell contacts), and a plan that names what the recording does not have.
    """
    side = _cutting_side(recording, plan)
    signals = signals_of(recording, plan)
    _require_angles(signals, recording, plan)
    _require_moving(signals.angles, plan)
    feet = feet_of(recording, plan, signals)
    names = tuple(signals.angles)
    angles = np.stack([signals.angles[name] for name in names], axis=1)
    spans = feet.of(side).cycles[:, [0, 2]]
    cut = cycles_between(angles, spans, nodes=plan.nodes, rate=recording.rate)
    steps, said = _steps(signals, feet, recording)
    torn = int((~cut.complete).sum())
    if torn:
        said.append(f"{torn} of {len(cut.complete)} cycles have missing samples")
    return Walk(
        signals=names,
        cycles=cut,
        stance={one: _stances(feet, one) for one in SIDES},
        steps=steps,
        feet=feet,
        facing=signals.facing,
        filled=signals.filled,
        left=signals.left,
        notes=(*signals.notes, *feet.notes, *said),
    )


def _require_angles(signals: Signals, recording: Recording, plan: MotionPlan) -> None:
    """Refuse a recording without any angle, and say what it lacks; names of its labels may be ids.

    A bend without an angle has nothing to tell, as a walk has not.
    """
    if signals.angles:
        return
    why = [one for one in signals.notes if one.startswith("no angles of ")]
    if not plan.joints:
        why.append("declare [segments] and a [[joint]] of them, or an angle of the file: [signals]")
    elif recording.markers and not used_markers(recording, plan):
        why.append(f"its {len(recording.markers)} markers have other names than the motion file's")
    told = "the recording holds no angle, and no joint is made of its markers"
    raise UsageError("; ".join((told, *why)))


def _require_moving(angles: Mapping[str, FloatArray], plan: MotionPlan) -> None:
    """Refuse a recording without a signal that a coupling names, or in which one never changes."""
    for one in plan.couplings:
        absent = [name for name in (one.proximal, one.distal) if name not in angles]
        if absent:
            raise UsageError(
                f"coupling {one.name} needs the signal {', '.join(absent)}; there are: "
                f"{', '.join(angles)}"
            )
        for name in (one.proximal, one.distal):
            there = angles[name][np.isfinite(angles[name])]
            if not len(there) or np.ptp(there) == 0.0:
                raise NotEstimable(f"coupling {one.name}: a segment does not move ({name})")


def _cutting_side(recording: Recording, plan: MotionPlan) -> str:
    """Return the side whose contacts cut the cycles."""
    side = recording.affected if plan.side == "affected" else plan.side
    if side not in SIDES:
        raise UsageError(
            'side = "affected", but the affected side of the person is not declared: give it in '
            "the column affected (left, right) of the recordings or of the participants' sheet"
        )
    return side


def _stances(feet: Feet, side: str) -> FloatArray:
    """Return the per cent of each whole cycle that a foot is on the ground."""
    start, off, end = feet.of(side).cycles.T
    return np.asarray(100.0 * (off - start) / (end - start))


def _steps(signals: Signals, feet: Feet, recording: Recording) -> tuple[Steps, list[str]]:
    """Return the steps of a walk, and what contradicts the declared belt, rate or unit.

    Without markers of feet or sacrum, and where the belt is contradicted, a step has no length.
    """
    sign = 1.0 if recording.direction == "forward" else -1.0
    first = "heel" if recording.direction == "forward" else "toe"  # what meets the ground
    unknown = np.full(len(next(iter(signals.angles.values()))), np.nan)
    along = {role: sign * track[:, FORWARDS] for role, track in signals.tracks.items()}
    found = steps_of(
        left=feet.left.contact,
        right=feet.right.contact,
        left_foot=along.get(f"{first}_left", unknown),
        right_foot=along.get(f"{first}_right", unknown),
        sacrum=along.get("sacrum", unknown),
        rate=recording.rate,
        belt_speed=recording.belt_speed,
    )
    notes = [f"{found.skipped} contacts follow one of the same foot"] if found.skipped else []
    on_belt, told = _belt(along, feet, recording)
    notes += told
    if not on_belt:
        nothing = np.full(len(found.time), np.nan)
        return replace(found, length=nothing, travel=nothing), notes
    if np.isfinite(found.travel).any():
        measured = pooled_gait([found])
        if len(found.time) >= FEWEST_STEPS and measured.identity_gap > AGREEMENT:
            notes.append(
                f"speed differs by {100 * measured.identity_gap:.0f} % from cadence times step "
                "length: check rate, units, belt speed and events"
            )
    return found, notes


def _belt(
    along: Mapping[str, FloatArray], feet: Feet, recording: Recording
) -> tuple[bool, list[str]]:
    """Tell whether the foot on the ground moves as the declared surface does, and what to note."""
    speeds = [
        stance_foot_speed(along[f"toe_{side}"], feet.of(side).cycles[:, :2], rate=recording.rate)
        for side in SIDES
        if f"toe_{side}" in along and len(feet.of(side).cycles)
    ]
    there = [speed for speed in speeds if np.isfinite(speed)]
    if not there:
        return True, []
    moved, belt = float(np.mean(there)), recording.belt_speed
    if belt == 0.0 and moved > STANDS:
        return False, [
            f"the foot on the ground moves back at {moved:.2f} m/s, as on a belt, but no "
            "belt_speed is declared: no speed and no step length"
        ]
    if belt > 0.0 and abs(moved - belt) > BELT_AGREES * belt:
        return True, [
            f"belt_speed is {belt:g} m/s, but the foot on the ground moves back at {moved:.2f} m/s"
        ]
    return True, []


# Walks of a person, visit and direction together.


def pooled_walks(walks: Sequence[Walk], plan: MotionPlan) -> Found:
    """Return features of the walks of one person, visit and direction.

    Every cycle weighs the same, whichever recording it is of: ranges of motion are means over the
    complete cycles (without odd ones, where asked), stance is the mean over all whole cycles of its
    side, and speed, cadence and step length are over all steps. Signals that a walk does not have
    are left out. Without a complete cycle they are refused; of one or two there is no coordination,
    and a note says so.
    """
    names = tuple(one for one in walks[0].signals if all(one in walk.signals for walk in walks))
    dropped = sorted({one for walk in walks for one in walk.signals} - set(names))
    notes = [f"not in every recording, and left out: {', '.join(dropped)}"] if dropped else []
    if not names:
        raise NotEstimable("the recordings have no signal in common")
    cut = pooled_cycles([_only(walk, names) for walk in walks])
    notes += _odd_notes(cut, plan)
    kept = cut.kept(leave_out_odd=plan.leave_out_odd)
    curves = cut.curves[kept]
    values = _gait_features(walks)
    for place, name in enumerate(names):
        values[f"{name}_rom"] = float(range_of_motion(curves[:, :, place]).mean())
    if len(curves) < FEWEST:
        few = "cycle makes" if len(curves) == 1 else "cycles make"
        notes.append(f"{len(curves)} complete {few} a mean and no variability: no coordination")
    for one in plan.couplings if len(curves) >= FEWEST else ():
        values |= _coupling_features(one, list(names), curves)
    return Found(features=values, signals=names, cycles=cut, kept=kept, notes=tuple(notes))


def _only(walk: Walk, names: tuple[str, ...]) -> Cycles:
    """Return the cycles of a walk with these signals alone."""
    if walk.signals == names:
        return walk.cycles
    curves = walk.cycles.curves[:, :, [walk.signals.index(name) for name in names]]
    complete = np.asarray(np.isfinite(curves).all(axis=(1, 2)))
    return replace(walk.cycles, curves=curves, complete=complete)


def _gait_features(walks: Sequence[Walk]) -> dict[str, float]:
    """Return speed, cadence, step length and stance, where they are known."""
    found: dict[str, float] = {}
    if any(len(walk.steps.time) for walk in walks):
        measured = pooled_gait([walk.steps for walk in walks])
        found = {
            "speed": measured.speed,
            "cadence": measured.cadence,
            "step_length": measured.step_length,
        }
    for side in SIDES:
        stance = np.concatenate([walk.stance[side] for walk in walks])
        found[f"stance_{side}"] = float(stance.mean()) if len(stance) else float("nan")
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _odd_notes(cut: Cycles, plan: MotionPlan) -> list[str]:
    """Say which of the pooled cycles are odd."""
    numbers = [str(k + 1) for k in np.flatnonzero(cut.odd)]
    done = "were left out" if plan.leave_out_odd else "were kept"
    said = f"cycles {', '.join(numbers)} of {len(cut.odd)} are far from the others; they {done}"
    return [said] if numbers else []


def _coupling_features(
    coupling: Coupling, names: list[str], curves: FloatArray
) -> dict[str, float]:
    """Return the coordination of two signals: vector coding and continuous relative phase."""
    proximal = curves[:, :, names.index(coupling.proximal)]
    distal = curves[:, :, names.index(coupling.distal)]
    found = coupled(proximal, distal)
    if not np.isfinite(found.marp):
        raise NotEstimable(found.notes[0])
    return {f"{coupling.name}_{name}": value for name, value in coupling_values(found).items()}


# A bend of the trunk.


def bend_of(recording: Recording, plan: MotionPlan) -> Found:
    """Return what a forward bend yields: ranges, and the rhythm of lumbar spine and hip."""
    signals = signals_of(recording, plan)
    _require_angles(signals, recording, plan)
    values = {
        f"bend_{name}_rom": float(np.nanmax(angle) - np.nanmin(angle))
        for name, angle in signals.angles.items()
    }
    lumbar, hip = signals.angles.get("lumbar_flexion"), signals.angles.get("pelvis_flexion")
    notes = list(signals.notes)
    if lumbar is None or hip is None:
        notes.append("no lumbopelvic rhythm: it needs lumbar_flexion and pelvis_flexion")
    else:
        rhythm = lumbopelvic_rhythm(lumbar, hip)
        values["lumbar_contribution"] = rhythm.total_contribution
        for quarter in range(len(rhythm.ratio)):
            values[f"rhythm_ratio_q{quarter + 1}"] = float(rhythm.ratio[quarter])
            values[f"lumbar_contribution_q{quarter + 1}"] = float(rhythm.contribution[quarter])
    return Found(
        features=values,
        signals=(),
        cycles=None,
        notes=tuple(notes),
        filled=signals.filled,
        left=signals.left,
    )
