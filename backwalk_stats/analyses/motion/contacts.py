"""Contacts and offs of one recording: from markers, from its file or a sheet, from force plates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.analyses.motion.signals import (
    FOOT_ROLES,
    Signals,
    laboratory_axes,
    said_of_markers,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.events import (
    FootEvents,
    detected_events,
    foot_events,
    plate_steps,
    require_walk,
)
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import MotionPlan, Recording

FORWARDS, SIDEWAYS = 0, 2  # axes of a track: where the person faces, and to the right
SIDES = ("left", "right")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Feet(Shown):
    """The events of both feet in one recording.

    Attributes
    ----------
    left, right : FootEvents
    source : str
        "kinematic", "file", "force-plates", or the name of a sheet.
    notes : tuple of str
    """

    left: FootEvents
    right: FootEvents
    source: str
    notes: tuple[str, ...] = ()

    def of(self, side: str) -> FootEvents:
        """Return the events of a side."""
        return self.left if side == "left" else self.right


def feet_of(recording: Recording, plan: MotionPlan, signals: Signals) -> Feet:
    """Return the events of a walk from where it says that they come from.

    No source stands in for another: where the one that is declared yields no whole cycle, or is not
    there, the recording is refused. So is one whose feet swing across the axis that is faced.
    """
    _require_along(signals)
    if recording.events == "kinematic":
        found = _kinematic(recording, plan, signals)
    elif recording.events == "force-plates":
        found = _of_plates(recording, plan, signals)
    else:
        found = _given(recording, signals)
    if not len(found.left.cycles) + len(found.right.cycles):
        raise NotEstimable(
            f"no whole cycle ({len(found.left.contact)} contacts of the left foot, "
            f"{len(found.right.contact)} of the right one); a cycle needs two of one foot and an "
            "off between"
        )
    lost = sum(
        max(len(foot.contact) - 1, 0) - len(foot.cycles) for foot in (found.left, found.right)
    )
    said = [f"{lost} stretches from contact to contact are no whole cycle"] if lost else []
    return Feet(
        left=found.left, right=found.right, source=found.source, notes=(*found.notes, *said)
    )


def _require_along(signals: Signals) -> None:
    """Refuse feet that swing across the axis that the person is said to face.

    Along a wrong axis a foot only sways: what is found there are no contacts, and no speed.
    """
    if "sacrum" not in signals.tracks:
        return
    for role in ("heel_left", "toe_left", "heel_right", "toe_right"):
        if role not in signals.tracks:
            continue
        swing = signals.tracks[role] - signals.tracks["sacrum"]
        swing = swing[np.isfinite(swing).all(axis=1)]
        if len(swing) and swing[:, SIDEWAYS].std() > swing[:, FORWARDS].std():
            raise NotEstimable(
                f"the feet swing across the axis that the person faces ({signals.facing}), not "
                "along it: correct facing, of the recording or under [motion]"
            )


def _kinematic(recording: Recording, plan: MotionPlan, signals: Signals) -> Feet:
    """Return events from the tracks of heels, toes and sacrum."""
    absent = [role for role in FOOT_ROLES if role not in signals.tracks]
    if absent:
        raise UsageError(
            f"events need markers for {', '.join(absent)}; name them under [markers], or declare "
            'where contacts and offs come from: events = "file", "force-plates" or a sheet; '
            f"{said_of_markers(recording, plan)}"
        )
    along = {role: track[:, FORWARDS] for role, track in signals.tracks.items()}
    found = {
        side: detected_events(
            heel=along[f"heel_{side}"],
            toe=along[f"toe_{side}"],
            sacrum=along["sacrum"],
            rate=recording.rate,
            direction=recording.direction,
        )
        for side in SIDES
    }
    for foot in found.values():
        require_walk(foot, rate=recording.rate, direction=recording.direction)
    torn = [role for role, track in along.items() if not np.isfinite(track).all()]
    said = (f"no events in the gaps of {', '.join(torn)}",) if torn else ()
    return Feet(left=found["left"], right=found["right"], source="kinematic", notes=said)


def _given(recording: Recording, signals: Signals) -> Feet:
    """Return the events of the file or the sheet; those outside the recording are told."""
    if not recording.given:
        raise NotEstimable(
            "no contacts and offs came with the recording, but its events are declared to be given"
        )
    last = _samples(signals) - 1
    at: dict[tuple[str, str], list[float]] = {}
    outside = 0
    for one in recording.given:
        sample = one.time * recording.rate
        if -0.5 <= sample <= last + 0.5:
            at.setdefault((one.side, one.event), []).append(min(max(sample, 0.0), float(last)))
        else:
            outside += 1
    feet = {
        side: foot_events(*(np.sort(at.get((side, what), [])) for what in ("contact", "off")))
        for side in SIDES
    }
    said = (f"{outside} events lie outside the recording",) if outside else ()
    return Feet(left=feet["left"], right=feet["right"], source=recording.events, notes=said)


def _of_plates(recording: Recording, plan: MotionPlan, signals: Signals) -> Feet:
    """Return events where the force plates are loaded; partial loads are told, not used."""
    if not recording.plates:
        raise NotEstimable('events = "force-plates", but the file has no force plate')
    roles = [role for role in FOOT_ROLES if role != "sacrum"]
    absent = [role for role in roles if role not in signals.tracks]
    if absent:
        raise UsageError(
            f"events of force plates need markers for {', '.join(absent)} to tell the side; name "
            f"them under [markers]; {said_of_markers(recording, plan)}"
        )
    turn = laboratory_axes(facing=signals.facing, up=plan.up)
    foot = {
        side: (signals.tracks[f"heel_{side}"] + signals.tracks[f"toe_{side}"]) / 2.0
        for side in SIDES
    }
    found = [
        plate_steps(
            force=one.force,
            corners=one.corners @ turn.T,
            left=foot["left"],
            right=foot["right"],
            rate=recording.rate,
        )
        for one in recording.plates
    ]
    feet = {}
    for name in SIDES:
        mine = [np.array([side == name for side in one.side], dtype=bool) for one in found]
        contact, off = (
            np.concatenate([times[here] for times, here in zip(part, mine, strict=True)])
            for part in ([one.contact for one in found], [one.off for one in found])
        )
        feet[name] = foot_events(_known(contact), _known(off))
    partial = sum(one.partial for one in found)
    said = (f"{partial} partial hits of a force plate are not used",) if partial else ()
    return Feet(left=feet["left"], right=feet["right"], source="force-plates", notes=said)


def _known(times: FloatArray) -> FloatArray:
    return np.sort(times[np.isfinite(times)])


def _samples(signals: Signals) -> int:
    """Return the samples of a recording."""
    every = (*signals.angles.values(), *signals.tracks.values())
    return len(every[0]) if every else 0
