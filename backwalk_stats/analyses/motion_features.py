"""What one recording yields: features of its cycles, and the cycles themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.analyses.motion_signals import Signals, said_of_markers, signals_of
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.motion.cycles import Cycles, cut_cycles
from backwalk_stats.motion.events import FootEvents, events
from backwalk_stats.motion.lumbopelvic_rhythm import lumbopelvic_rhythm
from backwalk_stats.motion.range_of_motion import range_of_motion
from backwalk_stats.motion.relative_phase import (
    deviation_phase,
    mean_absolute_relative_phase,
    relative_phase,
)
from backwalk_stats.motion.spatiotemporal import AGREEMENT, gait
from backwalk_stats.motion.vector_coding import (
    PATTERNS,
    coupling_angle,
    coupling_variability,
    pattern_shares,
)
from backwalk_stats.trial.motion_plan import Coupling, MotionPlan
from backwalk_stats.trial.recording import Recording

FOOT_ROLES = ("heel_left", "toe_left", "heel_right", "toe_right", "sacrum")
FORWARDS = 0  # the first axis of a marker is where the person faces


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What one recording yields.

    Attributes
    ----------
    features : dict of str to float
        By name, in the unit of each: degrees, per cent, metres per second, steps per minute.
    signals : tuple of str
        Names of the angles in `cycles`; empty for a bend.
    cycles : Cycles or None
        None for a bend.
    notes : tuple of str
    """

    features: dict[str, float]
    signals: tuple[str, ...]
    cycles: Cycles | None
    notes: tuple[str, ...]


def features_of(recording: Recording, plan: MotionPlan) -> Found:
    """Return the features of a recording.

    A plan that names what the recording does not have is refused, and so is a recording that is not
    what is declared: the wrong direction of walking, too few cycles.
    """
    return _walk(recording, plan) if recording.task == "walk" else _bend(recording, plan)


def _walk(recording: Recording, plan: MotionPlan) -> Found:
    """Return what a walk yields: cycles of the left foot, from contact to contact."""
    signals = signals_of(recording, plan)
    feet = _feet(signals, recording, plan)
    names = list(signals.angles)
    angles = np.stack([signals.angles[name] for name in names], axis=1)
    cut = cut_cycles(angles, feet["left"].contact, nodes=plan.nodes)
    notes = [*signals.notes, *_cycle_notes(cut, plan)]
    values = _gait_features(signals, feet, recording, plan, notes)
    curves = cut.curves[cut.kept(leave_out_odd=plan.leave_out_odd)]
    for place, name in enumerate(names):
        values[f"{name}_rom"] = float(range_of_motion(curves[:, :, place]).mean())
    for one in plan.couplings:
        values |= _coupling_features(one, names, curves)
    return Found(features=values, signals=tuple(names), cycles=cut, notes=tuple(notes))


def _feet(signals: Signals, recording: Recording, plan: MotionPlan) -> dict[str, FootEvents]:
    """Return the events of both feet."""
    tracks = _tracks(signals, recording, plan)
    return {
        side: events(
            heel=tracks[f"heel_{side}"][:, FORWARDS],
            toe=tracks[f"toe_{side}"][:, FORWARDS],
            sacrum=tracks["sacrum"][:, FORWARDS],
            rate=recording.rate,
            direction=recording.direction,
        )
        for side in ("left", "right")
    }


def _tracks(signals: Signals, recording: Recording, plan: MotionPlan) -> dict[str, FloatArray]:
    roles = dict(plan.foot_markers)
    absent = [role for role in FOOT_ROLES if roles.get(role, role) not in signals.markers]
    if absent:
        raise UsageError(
            f"events need markers for {', '.join(absent)}; name them under [markers]; "
            f"{said_of_markers(signals.markers, recording)}"
        )
    return {role: signals.markers[roles.get(role, role)] for role in FOOT_ROLES}


def _gait_features(
    signals: Signals,
    feet: dict[str, FootEvents],
    recording: Recording,
    plan: MotionPlan,
    notes: list[str],
) -> dict[str, float]:
    """Return speed, cadence, step length and stance; say so where they contradict each other."""
    tracks = _tracks(signals, recording, plan)
    sign = 1.0 if recording.direction == "forward" else -1.0
    first = "heel" if recording.direction == "forward" else "toe"  # what meets the ground
    found = gait(
        left=feet["left"].contact,
        right=feet["right"].contact,
        left_foot=sign * tracks[f"{first}_left"][:, FORWARDS],
        right_foot=sign * tracks[f"{first}_right"][:, FORWARDS],
        sacrum=sign * tracks["sacrum"][:, FORWARDS],
        rate=recording.rate,
        belt_speed=recording.belt_speed,
    )
    if found.identity_gap > AGREEMENT:
        notes.append(
            f"speed differs by {100 * found.identity_gap:.0f} % from cadence times step length: "
            "check rate, units, belt speed and events"
        )
    return {
        "speed": found.speed,
        "cadence": found.cadence,
        "step_length": found.step_length,
        "stance_left": 100.0 * feet["left"].stance,
        "stance_right": 100.0 * feet["right"].stance,
    }


def _coupling_features(
    coupling: Coupling, names: list[str], curves: FloatArray
) -> dict[str, float]:
    """Return the coordination of two signals: vector coding and continuous relative phase."""
    absent = [one for one in (coupling.proximal, coupling.distal) if one not in names]
    if absent:
        raise UsageError(
            f"coupling {coupling.name} needs the signal {', '.join(absent)}; there are: "
            f"{', '.join(names)}"
        )
    proximal = curves[:, :, names.index(coupling.proximal)]
    distal = curves[:, :, names.index(coupling.distal)]
    angle = coupling_angle(proximal, distal)
    shares = pattern_shares(angle)
    phase = relative_phase(proximal, distal)
    found = {
        f"{coupling.name}_{name.replace('-', '_')}": float(share)
        for name, share in zip(PATTERNS, shares, strict=True)
    }
    return found | {
        f"{coupling.name}_variability": float(np.nanmean(coupling_variability(angle))),
        f"{coupling.name}_marp": mean_absolute_relative_phase(phase),
        f"{coupling.name}_deviation_phase": deviation_phase(phase),
    }


def _bend(recording: Recording, plan: MotionPlan) -> Found:
    """Return what a forward bend yields: ranges, and the rhythm of lumbar spine and hip."""
    signals = signals_of(recording, plan)
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
    return Found(features=values, signals=(), cycles=None, notes=tuple(notes))


def _cycle_notes(cut: Cycles, plan: MotionPlan) -> list[str]:
    """Say which cycles are missing in part, and so left out, and which are odd."""
    numbers = [str(k + 1) for k in np.flatnonzero(cut.odd)]
    torn = int((~cut.complete).sum())
    said = [f"{torn} of {len(cut.odd)} cycles have missing samples"] if torn else []
    if numbers:
        done = "were left out" if plan.leave_out_odd else "were kept"
        said.append(
            f"cycles {', '.join(numbers)} of {len(cut.odd)} are far from the others; they {done}"
        )
    return said
