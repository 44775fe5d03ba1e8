"""The door to motion recordings: from a motion file (TOML) to a plan with its recordings."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.motion.motion_file_links import arm_names, link_problems
from backwalk_stats.loaders.motion.motion_file_schema import MotionTables, SegmentTable
from backwalk_stats.loaders.motion.recording_list import listed_recordings
from backwalk_stats.loaders.motion.recordings import read_recordings
from backwalk_stats.loaders.motion.repositioning_sheet import (
    participant_numbers,
    repositioning_trials,
)
from backwalk_stats.loaders.trial_file.faults import schema_faults
from backwalk_stats.loaders.trial_file.toml_text import read_toml
from backwalk_stats.trial.motion_plan import (
    Coupling,
    CurveTestPlan,
    Joint,
    MotionPlan,
    Segment,
)
from backwalk_stats.trial.study import Arm


def load_motion(path: Path | str) -> MotionPlan:
    """Return the plan of a motion file with every recording that it names.

    Parameters
    ----------
    path : path
        A motion file, in TOML. Its recordings lie beside or below it.

    Raises
    ------
    InputError
        With every fault: of the motion file, of the list of recordings, of each recording.
    """
    path = Path(path)
    text = read_toml(path, kind="motion file")
    try:
        tables = MotionTables.model_validate(text.raw)
    except ValidationError as error:
        raise InputError(
            schema_faults(error, root=MotionTables, file=text.name, lines=text.lines)
        ) from None
    problems = link_problems(tables, folder=path.parent)
    if problems:
        faults = [one.fault(file=text.name, lines=text.lines) for one in problems]
        raise InputError(sorted(faults, key=lambda fault: fault.row or 0))
    return _plan(tables, path.parent, (text.name, text.sha256))


def _plan(tables: MotionTables, folder: Path, source: tuple[str, str]) -> MotionPlan:
    """Return the plan, or every fault of the files that it names."""
    faults: list[Fault] = []
    sources = [source]
    listed = listed_recordings(tables, folder, sources, faults)
    recordings = read_recordings(listed, tables, folder, sources, faults)
    trials = repositioning_trials(tables, folder, sources, faults)
    covariates = participant_numbers(tables, folder, sources, faults)
    if faults:
        raise InputError(faults)
    settings = tables.motion
    return MotionPlan(
        id=settings.id,
        title=settings.title,
        seed=settings.seed,
        facing=settings.facing,
        up=settings.up,
        cutoff=settings.cutoff or None,
        order=settings.order,
        gap_limit=settings.gap_limit,
        nodes=settings.nodes,
        leave_out_odd=settings.leave_out_odd,
        cardan=settings.cardan,
        foot_markers=tuple((role, marker) for role, marker in tables.markers.items()),
        segments=tuple(_segment(name, one) for name, one in tables.segments.items()),
        joints=tuple(Joint(**one.model_dump()) for one in tables.joint),
        couplings=tuple(Coupling(**one.model_dump()) for one in tables.coupling),
        permutations=settings.permutations,
        recordings=recordings,
        arms=_arms(tables),
        visits=tuple(tables.visits.order),
        repositioning=trials,
        covariates=covariates,
        curve_tests=tuple(CurveTestPlan(**one.model_dump()) for one in tables.curve_test),
        sources=tuple(sources),
    )


def _segment(name: str, one: SegmentTable) -> Segment:
    return Segment(
        name=name,
        right=tuple(one.right),
        left=tuple(one.left),
        front=tuple(one.front),
        back=tuple(one.back),
        up=tuple(one.up),
        down=tuple(one.down),
        sensor=one.sensor,
        parts=one.parts,
    )


def _arms(tables: MotionTables) -> tuple[Arm, ...]:
    """Return the arms, the reference first."""
    words = tables.arms.names
    return tuple(
        Arm(name=name, label=words.get(name, name.replace("_", " ").capitalize()))
        for name in arm_names(tables)
    )
