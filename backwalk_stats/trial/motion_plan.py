"""How motion recordings become signals, cycles and features: every choice, declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.study import Arm

Direction = Literal["forward", "backward"]
Task = Literal["walk", "bend"]
SPACE = "space"  # the laboratory as the proximal side of a joint
Kind = Literal["spine", "hip", "knee"]
CurveQuestion = Literal[
    "baseline-adjusted",
    "two-sample",
    "paired",
    "regression",
    "repeated-measures",
    "arm-by-visit",
    "pointwise-model",
    "welch",
    "paired-visits",
    "vector-paired",
    "vector-two-sample",
]


# A motion recording of one participant, as it was read: positions, orientations, angles.


@dataclass(frozen=True, kw_only=True, slots=True)
class GaitEvent:
    """A foot meets or leaves the ground, as a file or a sheet says.

    Attributes
    ----------
    side : str
        "left" or "right".
    event : str
        "contact" or "off".
    time : float
        Seconds from the first sample of the recording.
    """

    side: Literal["left", "right"]
    event: Literal["contact", "off"]
    time: float


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ForcePlate(Shown):
    """What a force plate carried, at the rate of the markers.

    Attributes
    ----------
    force : array, shape (samples,)
        Newtons, of the person on the plate, upwards positive.
    corners : array, shape (4, 3)
        Metres, in the laboratory's axes.
    """

    force: np.ndarray
    corners: np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Recording(Shown):
    """One file of a motion laboratory. Missing samples are NaN.

    Attributes
    ----------
    file : str
        Name of the file without its folder.
    participant, arm, visit : str
    direction : str
        How the person walks: "forward" or "backward".
    task : str
        "walk", or "bend": the trunk bends forwards and comes up again.
    rate : float
        Samples per second.
    markers : mapping of str to array, shape (samples, 3)
        Metres, in the laboratory's axes.
    quaternions : mapping of str to array, shape (samples, 4)
        Of sensors, as the file orders their parts.
    angles : mapping of str to array, shape (samples,)
        Degrees, by the names of signals.
    belt_speed : float
        Of a treadmill, metres per second; 0 over ground.
    facing : str
        Axis of the laboratory that the person faces; "" for that of the plan, "auto" to find it
        from front and back of the segment `pelvis`.
    events : str
        Where contacts and offs come from: "kinematic", "file", "force-plates", or a sheet's name.
    given : tuple of GaitEvent
        Those of the file or the sheet, where `events` asks for them; in order of time.
    plates : tuple of ForcePlate
    rotations : mapping of str to array, shape (samples, 3, 3)
        Axes of segments in the laboratory, columns are axes, as a file gives them.
    affected : str
        Side that is affected, "left" or "right"; "" where it is not declared.
    unusable : str
        Why nothing can be taken from the recording; "" where it can. Then it holds no samples.
    notes : tuple of str
        What reading has changed, such as units.
    """

    file: str
    participant: str
    arm: str
    visit: str
    direction: Direction
    task: Task = "walk"
    rate: float
    markers: Mapping[str, np.ndarray] = field(default_factory=dict)
    quaternions: Mapping[str, np.ndarray] = field(default_factory=dict)
    angles: Mapping[str, np.ndarray] = field(default_factory=dict)
    belt_speed: float = 0.0
    facing: str = ""
    events: str = "kinematic"
    given: tuple[GaitEvent, ...] = ()
    plates: tuple[ForcePlate, ...] = ()
    rotations: Mapping[str, np.ndarray] = field(default_factory=dict)
    affected: str = ""
    unusable: str = ""
    notes: tuple[str, ...] = ()


# Trials of finding a position again, one row a participant and visit.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RepositioningTrials(Shown):
    """The trials of one participant at one visit, in the unit of the target."""

    participant: str
    arm: str
    visit: str
    target: float
    trials: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Segment(Shown):
    """A body segment: groups of markers on two of its three axes, or a sensor.

    Attributes
    ----------
    name : str
    right, left, front, back, up, down : tuple of str
        Markers; an axis runs from the mean of one group to the mean of its opposite.
    sensor : str
        Name of a quaternion signal; then no markers.
    parts : str
        "wxyz" or "xyzw".
    """

    name: str
    right: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    front: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    sensor: str = ""
    parts: str = "wxyz"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Joint(Shown):
    """The angle of a distal segment against a proximal one.

    Attributes
    ----------
    name : str
        Signals are called "<name>_flexion", "<name>_side_bend" and "<name>_rotation".
    proximal, distal : str
        Segments; `SPACE` for the laboratory.
    kind : str
        "spine" and "knee": flexion lowers the front of the distal segment; "hip": it lifts it.
    """

    name: str
    proximal: str
    distal: str
    kind: Kind = "spine"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Coupling(Shown):
    """Two signals whose coordination is measured, such as pelvis and lumbar rotation.

    Attributes
    ----------
    name : str
    proximal, distal : str
        Signals: angles of segments in space, from joints whose proximal side is `SPACE`.
    angles : str
        `SPACE` where the file's own angles, of which no joint tells, are of segments in space.
    """

    name: str
    proximal: str
    distal: str
    angles: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CurveTestPlan(Shown):
    """One question asked of whole curves.

    Attributes
    ----------
    test : str
        One of `CurveQuestion`.
    signal : str
        Of the "vector" tests a joint, whose three planes are compared together.
    direction : str
        "forward" or "backward"; "" for the paired tests, which compare the two.
    visit : str
        "" for tests that use every visit.
    covariate : str
        Column of the participants' sheet, for "regression".
    alpha : float
    alternative : str
        "two-sided", "greater" or "less": the sign of the contrast that is looked for.
    method : str
        "permutation" of the largest statistic, or "cluster-mass".
    cluster_threshold : float or None
        Height from which nodes form runs, for "cluster-mass".
    covariates : sequence of str
        Columns of the participants' sheet that are held still.
    roi : sequence of float
        Start and end of the part of the cycle that is tested, per cent; start is larger for one
        over the end of the cycle. Empty for the whole cycle.
    """

    test: CurveQuestion
    signal: str
    direction: str = ""
    visit: str = ""
    covariate: str = ""
    alpha: float = 0.05
    alternative: Literal["two-sided", "greater", "less"] = "two-sided"
    method: Literal["permutation", "cluster-mass"] = "permutation"
    cluster_threshold: float | None = None
    covariates: Sequence[str] = ()
    roi: Sequence[float] = ()


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MotionPlan(Shown):
    """What is done with recordings.

    Attributes
    ----------
    id, title : str
        A slug for files, and what the report is called.
    seed : int
    facing, up : str
        Axes of the laboratory: "+x", "-x", "+y", "-y", "+z", "-z"; facing may be "auto".
    side : str
        Whose contacts cut the cycles: "left", "right" or "affected".
    backward : str
        "as-walked": backward curves are compared in their own time; "reversed": with time turned
        round.
    align : str
        "toe-off": piecewise linear time puts each toe-off at the mean one of the study; "" for
        none.
    cutoff : float or None
        Of the low-pass filter, hertz; None filters nothing.
    order : int
        Of the filter, both runs together.
    gap_limit : int
        Longest gap that is filled, in samples; 0 fills none.
    nodes : int
        Of a normalised cycle.
    leave_out_odd : bool
        Whether cycles that are far from the others are left out of means and features; they are
        flagged in any case.
    cardan : str
        Order of the turns of a joint, such as "ZXY".
    foot_markers : mapping as tuple of (str, tuple of str)
        Role ("heel_left", "toe_left", "heel_right", "toe_right", "sacrum") to its markers; their
        mean is taken.
    segments, joints, couplings : tuples
    permutations : int
        Of the whole-curve tests.
    recordings : tuple of Recording
    arms : tuple of Arm
        The reference first.
    visits : tuple of str
        In order of time; the first is before treatment.
    repositioning : tuple of RepositioningTrials
    covariates : DataFrame or None
        participant, then numbers, for regression of curves.
    curve_tests : tuple of CurveTestPlan
    sources : tuple of (str, str)
        Name and sha256 of every file that was read; recordings go by their place in the list.
    """

    id: str
    title: str = ""
    seed: int = 1
    facing: str = "+x"
    up: str = "+z"
    side: str = "left"
    backward: str = "as-walked"
    align: str = ""
    cutoff: float | None = 6.0
    order: int = 4
    gap_limit: int = 0
    nodes: int = 101
    leave_out_odd: bool = False
    cardan: str = "ZXY"
    foot_markers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    segments: tuple[Segment, ...] = ()
    joints: tuple[Joint, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    permutations: int = 10_000
    recordings: tuple[Recording, ...] = ()
    arms: tuple[Arm, ...] = ()
    visits: tuple[str, ...] = ()
    repositioning: tuple[RepositioningTrials, ...] = ()
    covariates: pd.DataFrame | None = None
    curve_tests: tuple[CurveTestPlan, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
