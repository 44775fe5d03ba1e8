"""What in a motion file names something that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from backwalk_stats.loaders.motion.motion_file_schema import CurveTestTable, MotionTables
from backwalk_stats.loaders.trial_file.folder_files import INSIDE, place_problem
from backwalk_stats.loaders.trial_file.problem import Problem, unknown
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


def link_problems(tables: MotionTables, *, folder: Path) -> list[Problem]:
    """Return everything in a motion file that does not fit together.

    Parameters
    ----------
    tables : MotionTables
        Of right types.
    folder : Path
        Where the motion file lies.
    """
    return [
        *_visits(tables),
        *_body(tables),
        *_recordings(tables, folder),
        *_curve_tests(tables),
    ]


def arm_names(tables: MotionTables) -> list[str]:
    """Return the arms, the reference first."""
    return list(dict.fromkeys([tables.arms.reference, *tables.arms.names]))


def _visits(tables: MotionTables) -> Iterator[Problem]:
    order = tables.visits.order
    if len(set(order)) < len(order):
        yield Problem("visits.order", "every visit once", "a visit twice")
    if order and tables.visits.baseline != order[0]:
        expected = f"the first of visits.order: {order[0]}"
        yield Problem("visits.baseline", expected, f"'{tables.visits.baseline}'")
    if tables.motion.facing[1] == tables.motion.up[1]:
        yield Problem("motion.up", "another axis than motion.facing", f"'{tables.motion.up}'")


def _body(tables: MotionTables) -> Iterator[Problem]:
    known = list(tables.segments)
    for place, joint in enumerate(tables.joint):
        for side, name in (("proximal", joint.proximal), ("distal", joint.distal)):
            allowed = [*known, SPACE] if side == "proximal" else known
            if name not in allowed:
                yield unknown(f"joint[{place}].{side}", "a segment", name, allowed)
    for kind, names in (
        ("joint", [one.name for one in tables.joint]),
        ("coupling", [one.name for one in tables.coupling]),
        ("format", [one.name for one in tables.format]),
    ):
        if len(set(names)) < len(names):
            yield Problem(f"{kind}[0].name", f"every {kind} once", "a name twice")


def _recordings(tables: MotionTables, folder: Path) -> Iterator[Problem]:
    if bool(tables.recording) == (tables.motion.recordings is not None):
        yield Problem(
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
            wrong = place_problem(name, folder)
            if wrong is not None:
                yield Problem(key, INSIDE, *wrong)


def _curve_tests(tables: MotionTables) -> Iterator[Problem]:
    for place, one in enumerate(tables.curve_test):
        key = f"curve_test[{place}]"
        yield from _curve_test(one, key, tables)


def _curve_test(one: CurveTestTable, key: str, tables: MotionTables) -> Iterator[Problem]:
    order = tables.visits.order
    if one.test in ONE_VISIT and one.visit not in order:
        yield unknown(f"{key}.visit", "one of visits.order", one.visit, order)
    if one.test in AFTER_BASELINE and one.visit == tables.visits.baseline:
        yield unknown(f"{key}.visit", "a visit after baseline", one.visit, order[1:])
    if one.test in ONE_DIRECTION and not one.direction:
        expected = "'forward' or 'backward': which walks are compared"
        yield Problem(f"{key}.direction", expected, "none")
    if one.test == "regression" and (not one.covariate or tables.participants is None):
        expected = "a covariate, and the sheet of participants that holds it (participants = ...)"
        yield Problem(f"{key}.covariate", expected, "none")
