"""The motion file as a typed schema: its tables, their keys and what each key holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from backwalk_stats.loaders.trial_file.words import Number, Slug, Table, Words, unexpected
from backwalk_stats.trial.motion_plan import CurveQuestion

Axis = Literal["+x", "-x", "+y", "-y", "+z", "-z"]
Cardan = Literal["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]
Role = Literal["heel_left", "toe_left", "heel_right", "toe_right", "sacrum"]
Positive = Annotated[Number, Field(gt=0, le=100_000)]
Three = Annotated[list[Words], Field(min_length=3, max_length=3)]
Four = Annotated[list[Words], Field(min_length=4, max_length=4)]


class MotionTable(Table):
    """What the study is called, and how signals are treated."""

    id: Slug
    title: Words = "Movement of lumbar spine and pelvis"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    recordings: Words | None = None
    facing: Axis = "+x"
    up: Axis = "+z"
    cutoff: Positive | Literal[False] = 6.0
    order: Literal[2, 4, 6, 8] = 4
    gap_limit: Annotated[int, Field(ge=0, le=10_000)] = 0
    nodes: Annotated[int, Field(ge=11, le=1001)] = 101
    leave_out_odd: bool = False
    cardan: Cardan = "ZXY"
    permutations: Annotated[int, Field(ge=99, le=1_000_000)] = 10_000


class MotionArms(Table):
    """The arms: the reference, and arms to words."""

    reference: Slug
    names: dict[Slug, Words] = {}


class MotionVisits(Table):
    """The visits in order of time."""

    baseline: Words
    order: Annotated[list[Words], Field(min_length=1, max_length=60)]


class FormatTable(Table):
    """How a delimited export is laid out."""

    name: Words
    separator: Literal[",", ";", "\t", "|"] = ","
    decimal: Literal[".", ","] = "."
    encoding: Words = "utf-8"
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    units_row: bool = False
    rate: Positive | None = None
    time: str = ""
    angle_unit: Literal["deg", "rad"] = "deg"
    length_unit: Literal["m", "cm", "mm"] = "m"
    angles: dict[Words, Words] = {}
    markers: dict[Words, Three] = {}
    quaternions: dict[Words, Four] = {}


class SegmentTable(Table):
    """Markers of a segment on two of its three axes, or its sensor."""

    right: list[Words] = []
    left: list[Words] = []
    front: list[Words] = []
    back: list[Words] = []
    up: list[Words] = []
    down: list[Words] = []
    sensor: str = ""
    parts: Literal["wxyz", "xyzw"] = "wxyz"

    @model_validator(mode="after")
    def _two_axes_or_a_sensor(self) -> SegmentTable:
        pairs = ((self.right, self.left), (self.front, self.back), (self.up, self.down))
        axes = sum(bool(one) and bool(other) for one, other in pairs)
        if axes < 2 and not self.sensor:
            raise unexpected(
                "markers on two axes (right and left, front and back, up and down), or a sensor"
            )
        return self


class JointTable(Table):
    """The angle of a distal segment against a proximal one."""

    name: Slug
    proximal: Words
    distal: Words
    kind: Literal["spine", "hip", "knee"] = "spine"


class CouplingTable(Table):
    """Two signals whose coordination is measured."""

    name: Slug
    proximal: Words
    distal: Words


class RecordingTable(Table):
    """One recording: its file or files, and whose it is."""

    file: Words
    markers_file: str = ""
    format: str = ""
    participant: Words
    arm: Words
    visit: Words
    direction: Literal["forward", "backward"]
    task: Literal["walk", "bend"] = "walk"
    belt_speed: Annotated[Number, Field(ge=0, le=10)] = 0.0
    unit: Literal["", "m", "cm", "mm"] = ""


class RepositioningTable(Table):
    """A sheet of trials of finding a position again."""

    file: Words
    participant: Words
    arm: Words
    visit: Words
    target: Words | Number
    trials: Annotated[list[Words], Field(min_length=2, max_length=100)]


class CurveTestTable(Table):
    """One question asked of whole curves."""

    test: CurveQuestion
    signal: Words
    direction: Literal["forward", "backward", ""] = ""
    visit: str = ""
    covariate: str = ""
    alpha: Annotated[Number, Field(gt=0, lt=0.5)] = 0.05


class MotionTables(Table):
    """All tables of a motion file."""

    motion: MotionTable
    arms: MotionArms
    visits: MotionVisits
    format: Annotated[list[FormatTable], Field(max_length=50)] = []
    markers: dict[Role, Words] = {}
    segments: dict[Slug, SegmentTable] = {}
    joint: Annotated[list[JointTable], Field(max_length=50)] = []
    coupling: Annotated[list[CouplingTable], Field(max_length=50)] = []
    recording: Annotated[list[RecordingTable], Field(max_length=20_000)] = []
    repositioning: RepositioningTable | None = None
    participants: Words | None = None
    curve_test: Annotated[list[CurveTestTable], Field(max_length=100)] = []
