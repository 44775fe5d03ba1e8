"""The motion file as a typed schema: its tables, their keys and what each key holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.sheets.encoding import without_keys
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import Sheet
from backwalk_stats.loaders.trial_file.links import check_place
from backwalk_stats.loaders.trial_file.schema import Number
from backwalk_stats.loaders.trial_file.table_schema import Slug, Table, Words, unexpected
from backwalk_stats.trial.motion_plan import SPACE, CurveQuestion

Axis = Literal["+x", "-x", "+y", "-y", "+z", "-z"]
Cardan = Literal["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]
Role = Literal["heel_left", "toe_left", "heel_right", "toe_right", "sacrum"]
Positive = Annotated[Number, Field(gt=0, le=100_000)]
Three = Annotated[list[Words], Field(min_length=3, max_length=3)]
Four = Annotated[list[Words], Field(min_length=4, max_length=4)]
WITHOUT_VISIT = ("repeated-measures", "arm-by-visit")
BOTH_WALKS = ("paired", "vector-paired")
AFTER_BASELINE = ("baseline-adjusted", "pointwise-model", "paired-visits")
OF_F = ("repeated-measures", "arm-by-visit", "vector-paired", "vector-two-sample")
HOLDS_STILL = ("baseline-adjusted", "two-sample", "regression", "paired", "paired-visits")


class MotionTable(Table):
    """What the study is called, and how signals are treated."""

    id: Slug
    title: Words = "Movement of lumbar spine and pelvis"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    recordings: Words | None = None
    facing: Axis | Literal["auto"] = "+x"
    side: Literal["left", "right", "affected"] = "left"
    backward: Literal["as-walked", "reversed"] = "as-walked"
    align: Literal["", "toe-off"] = ""
    up: Axis = "+z"
    cutoff: Positive | Literal[False] = 6.0
    order: Literal[2, 4, 6, 8] = 4
    gap_limit: Annotated[int, Field(ge=0, le=10_000)] = 0
    nodes: Annotated[int, Field(ge=11, le=1001)] = 101
    leave_out_odd: bool = False
    cardan: Cardan = "ZXY"
    permutations: Annotated[int, Field(ge=99, le=1_000_000)] = 10_000
    resample: Positive | None = None


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
    contacts: dict[Literal["left", "right"], Words] = {}
    names: Annotated[list[Words], Field(max_length=10_000)] = []


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


class SignalTable(Table):
    """An angle of the file as a signal: its label there, its component, its sign."""

    label: Words
    component: Literal["", "x", "y", "z"] = ""
    sign: Literal[1, -1] = 1


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
    angles: Literal["", "space"] = ""


class RecordingTable(Table):
    """One recording: its file or files, and whose it is."""

    file: str = ""
    markers_file: str = ""
    sensor_files: Annotated[dict[Words, Words], Field(max_length=50)] = {}
    format: str = ""
    inside: str = ""
    resample: Positive | None = None
    participant: Words
    arm: Words
    visit: Words
    direction: Literal["forward", "backward"]
    task: Literal["walk", "bend"] = "walk"
    belt_speed: Annotated[Number, Field(ge=0, le=10)] = 0.0
    unit: Literal["", "m", "cm", "mm"] = ""
    facing: Axis | Literal["", "auto"] = ""
    events: Words = "kinematic"
    affected: Literal["", "left", "right"] = ""
    leave_out: str = ""

    @model_validator(mode="after")
    def _a_file_or_sensors(self) -> RecordingTable:
        if bool(self.file) == bool(self.sensor_files):
            raise unexpected("file, or sensor_files with a file for each sensor: one of the two")
        return self

    @property
    def files(self) -> dict[str, str]:
        """Return every file of the recording by its key."""
        sensors = {f"sensor_files.{name}": file for name, file in self.sensor_files.items()}
        return {
            key: file
            for key, file in (
                ("file", self.file),
                ("markers_file", self.markers_file),
                *sensors.items(),
            )
            if file
        }


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
    alternative: Literal["two-sided", "greater", "less"] = "two-sided"
    method: Literal["permutation", "cluster-mass"] = "permutation"
    cluster_threshold: Positive | None = None
    covariates: Annotated[list[Words], Field(max_length=20)] = []
    roi: Annotated[list[Annotated[Number, Field(ge=0, le=100)]], Field(max_length=2)] = []


class MotionTables(Table):
    """All tables of a motion file."""

    motion: MotionTable
    arms: MotionArms
    visits: MotionVisits
    format: Annotated[list[FormatTable], Field(max_length=50)] = []
    markers: dict[Role, Words | Annotated[list[Words], Field(min_length=1, max_length=10)]] = {}
    segments: dict[Slug, SegmentTable] = {}
    signals: dict[Slug, SignalTable] = {}
    joint: Annotated[list[JointTable], Field(max_length=50)] = []
    coupling: Annotated[list[CouplingTable], Field(max_length=50)] = []
    recording: Annotated[list[RecordingTable], Field(max_length=20_000)] = []
    repositioning: RepositioningTable | None = None
    participants: Words | None = None
    curve_test: Annotated[list[CurveTestTable], Field(max_length=100)] = []


# What in a motion file names something that is not there.


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedFiles:
    """The files that a motion file names, while they are read.

    Attributes
    ----------
    tables : MotionTables
        Of the motion file.
    folder : Path
        Where it lies.
    sources : list of (str, str)
        Name and hash of each file that was read.
    faults : Faults
        Of all of them.
    """

    tables: MotionTables
    folder: Path
    sources: list[tuple[str, str]]
    faults: Faults = field(default_factory=Faults)

    def sheet(self, name: str) -> Sheet | None:
        """Return a data file that the motion file names; None, and faults, where it has any."""
        try:
            sheet = read_sheet(self.folder / name)
        except InputError as error:
            self.faults.extend(without_keys(one) for one in error.faults)
            return None
        self.sources.append((sheet.file, sheet.sha256))
        return sheet

    def tell(self, sheet: Sheet, column: str, expected: str, found: str, *, row: int) -> None:
        """Add a fault of a sheet."""
        self.faults.add(column, expected, found, row=row, file=sheet.file)


def check_links(tables: MotionTables, faults: Faults, *, folder: Path) -> None:
    """Tell everything in a motion file that does not fit together."""
    _check_visits(tables, faults)
    _check_body(tables, faults)
    _check_recordings(tables, faults, folder)
    for place, one in enumerate(tables.curve_test):
        _check_curve_test(one, f"curve_test[{place}]", tables, faults)


def arm_names(tables: MotionTables) -> list[str]:
    """Return the arms, the reference first."""
    return list(dict.fromkeys([tables.arms.reference, *tables.arms.names]))


def _check_visits(tables: MotionTables, faults: Faults) -> None:
    order = tables.visits.order
    if len(set(order)) < len(order):
        faults.add("visits.order", "every visit once", "a visit twice")
    if order and tables.visits.baseline != order[0]:
        expected = f"the first of visits.order: {order[0]}"
        faults.add("visits.baseline", expected, f"'{tables.visits.baseline}'")
    if tables.motion.facing[1] == tables.motion.up[1]:
        faults.add("motion.up", "another axis than motion.facing", f"'{tables.motion.up}'")
    for place, layout in enumerate(tables.format):
        try:
            "a".encode(layout.encoding)
        except LookupError:
            expected = "an encoding, such as utf-8 or windows-1252"
            faults.add(f"format[{place}].encoding", expected, f"'{layout.encoding}'")


def _check_body(tables: MotionTables, faults: Faults) -> None:
    known = list(tables.segments)
    for place, joint in enumerate(tables.joint):
        for side, name in (("proximal", joint.proximal), ("distal", joint.distal)):
            allowed = [*known, SPACE] if side == "proximal" else known
            if name not in allowed:
                faults.unknown(f"joint[{place}].{side}", "a segment", name, allowed)
    for place, one in enumerate(tables.coupling):
        _check_coupling(one, f"coupling[{place}]", tables, faults)
    for kind, names in (
        ("joint", [one.name for one in tables.joint]),
        ("coupling", [one.name for one in tables.coupling]),
        ("format", [one.name for one in tables.format]),
    ):
        if len(set(names)) < len(names):
            faults.add(f"{kind}[0].name", f"every {kind} once", "a name twice")


def _check_coupling(one: CouplingTable, key: str, tables: MotionTables, faults: Faults) -> None:
    """Tell a segment coupled with itself, and angles in space that a joint says are none."""
    if one.proximal == one.distal:
        faults.add(f"{key}.distal", "another signal than proximal", f"'{one.distal}' twice")
    for joint in tables.joint:
        signals = [f"{joint.name}_{part}" for part in ("flexion", "side_bend", "rotation")]
        for side in {one.proximal, one.distal} & set(signals):
            if one.angles == SPACE and joint.proximal != SPACE:
                expected = f"no {SPACE}: joint {joint.name} is measured against {joint.proximal}"
                faults.add(f"{key}.angles", expected, f"'{SPACE}' with {side}")


def _check_recordings(tables: MotionTables, faults: Faults, folder: Path) -> None:
    if bool(tables.recording) == (tables.motion.recordings is not None):
        faults.add(
            "motion.recordings",
            "recordings as [[recording]] tables, or one list of them under motion.recordings",
            "both" if tables.recording else "neither",
        )
    named = {
        "motion.recordings": tables.motion.recordings,
        "participants": tables.participants,
        "repositioning.file": tables.repositioning.file if tables.repositioning else None,
    }
    for key, name in named.items():
        if name is not None:
            check_place(name, faults, folder=folder, key=key)


def _check_curve_test(one: CurveTestTable, key: str, tables: MotionTables, faults: Faults) -> None:
    order = tables.visits.order
    if one.test not in WITHOUT_VISIT and one.visit not in order:
        faults.unknown(f"{key}.visit", "one of visits.order", one.visit, order)
    if one.test in AFTER_BASELINE and one.visit == tables.visits.baseline:
        faults.unknown(f"{key}.visit", "a visit after baseline", one.visit, order[1:])
    if one.test not in BOTH_WALKS and not one.direction:
        expected = "'forward' or 'backward': which walks are compared"
        faults.add(f"{key}.direction", expected, "none")
    if one.test == "regression" and (not one.covariate or tables.participants is None):
        expected = "a covariate, and the sheet of participants that holds it (participants = ...)"
        faults.add(f"{key}.covariate", expected, "none")
    _check_search(one, key, tables, faults)


def _check_search(one: CurveTestTable, key: str, tables: MotionTables, faults: Faults) -> None:
    """Tell what of the sides, method, region and covariates of a test does not fit it."""
    if one.alternative != "two-sided" and one.test in (*OF_F, "pointwise-model"):
        found = f"'{one.alternative}' with '{one.test}', which has no sides"
        faults.add(f"{key}.alternative", "'two-sided'", found)
    if one.method == "cluster-mass" and one.cluster_threshold is None:
        expected = "the height from which nodes form runs, for method 'cluster-mass'"
        faults.add(f"{key}.cluster_threshold", expected, "none")
    if one.method != "cluster-mass" and one.cluster_threshold is not None:
        faults.add(f"{key}.method", "'cluster-mass' beside cluster_threshold", f"'{one.method}'")
    if one.test == "pointwise-model" and (one.method != "permutation" or one.roi):
        found = "a method or a roi with a model at each node, which has neither"
        faults.add(f"{key}.test", "a test by relabelling", found)
    if one.roi and (len(one.roi) != 2 or one.roi[0] == one.roi[1]):
        expected = "start and end in per cent of the cycle, such as [10, 40]"
        faults.add(f"{key}.roi", expected, f"{len(one.roi)} numbers, or the same twice")
    if one.covariates and one.test not in HOLDS_STILL:
        expected = f"covariates with one of {', '.join(HOLDS_STILL)}"
        faults.add(f"{key}.covariates", expected, f"them with '{one.test}'")
    elif one.covariates and tables.participants is None:
        expected = "the sheet of participants that holds them (participants = ...)"
        faults.add(f"{key}.covariates", expected, "none")
