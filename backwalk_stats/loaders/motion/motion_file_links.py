"""What in a motion file names something that is not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.motion_file_schema import CurveTestTable, MotionTables
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import Sheet
from backwalk_stats.loaders.trial_file.links import check_place
from backwalk_stats.trial.motion_plan import SPACE

ONE_VISIT = ("baseline-adjusted", "two-sample", "regression", "paired", "pointwise-model")
ONE_DIRECTION = (
    "baseline-adjusted",
    "two-sample",
    "regression",
    "repeated-measures",
    "arm-by-visit",
    "pointwise-model",
)
AFTER_BASELINE = ("baseline-adjusted", "pointwise-model")


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
            self.faults.extend(error.faults)
            return None
        self.sources.append((sheet.file, sheet.sha256))
        return sheet

    def tell(self, sheet: Sheet, column: str, expected: str, found: str, *, row: int) -> None:
        """Add a fault of a sheet."""
        self.faults.add(column, expected, found, row=row, file=sheet.file)


def check_links(tables: MotionTables, faults: Faults, *, folder: Path) -> None:
    """Tell everything in a motion file that does not fit together.

    Parameters
    ----------
    tables : MotionTables
        Of right types.
    faults : Faults
    folder : Path
        Where the motion file lies.
    """
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


def _check_body(tables: MotionTables, faults: Faults) -> None:
    known = list(tables.segments)
    for place, joint in enumerate(tables.joint):
        for side, name in (("proximal", joint.proximal), ("distal", joint.distal)):
            allowed = [*known, SPACE] if side == "proximal" else known
            if name not in allowed:
                faults.unknown(f"joint[{place}].{side}", "a segment", name, allowed)
    for kind, names in (
        ("joint", [one.name for one in tables.joint]),
        ("coupling", [one.name for one in tables.coupling]),
        ("format", [one.name for one in tables.format]),
    ):
        if len(set(names)) < len(names):
            faults.add(f"{kind}[0].name", f"every {kind} once", "a name twice")


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
    if one.test in ONE_VISIT and one.visit not in order:
        faults.unknown(f"{key}.visit", "one of visits.order", one.visit, order)
    if one.test in AFTER_BASELINE and one.visit == tables.visits.baseline:
        faults.unknown(f"{key}.visit", "a visit after baseline", one.visit, order[1:])
    if one.test in ONE_DIRECTION and not one.direction:
        expected = "'forward' or 'backward': which walks are compared"
        faults.add(f"{key}.direction", expected, "none")
    if one.test == "regression" and (not one.covariate or tables.participants is None):
        expected = "a covariate, and the sheet of participants that holds it (participants = ...)"
        faults.add(f"{key}.covariate", expected, "none")
