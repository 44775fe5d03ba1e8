"""The door to motion recordings: from a motion file (TOML) to a plan with its recordings."""

from __future__ import annotations

from pathlib import Path

from backwalk_stats.loaders.motion.motion_file_schema import (
    MotionTables,
    NamedFiles,
    SegmentTable,
    arm_names,
    check_links,
)
from backwalk_stats.loaders.motion.recordings import read_recordings
from backwalk_stats.loaders.motion.repositioning_sheet import (
    participant_numbers,
    repositioning_trials,
    with_affected_sides,
)
from backwalk_stats.loaders.sheets.reader_process import one_reader
from backwalk_stats.loaders.trial_file.faults import checked_tables, read_toml
from backwalk_stats.trial.motion_plan import Coupling, CurveTestPlan, Joint, MotionPlan, Segment
from backwalk_stats.trial.study import Arm


def load_motion(path: Path | str) -> MotionPlan:
    """Return the plan of a motion file (TOML) with every recording that it names.

    Raises `InputError` with every fault: of the file, of the list of recordings, of each of them.
    """
    path = Path(path)
    text = read_toml(path, kind="motion file")
    tables, faults = checked_tables(text, MotionTables)
    check_links(tables, faults, folder=path.parent)
    faults.sort()
    faults.stop()
    named = NamedFiles(tables=tables, folder=path.parent, sources=[(text.name, text.sha256)])
    with one_reader():
        return _plan(named)


def _plan(named: NamedFiles) -> MotionPlan:
    """Return the plan, or every fault of the files that it names."""
    recordings = with_affected_sides(read_recordings(named), named)
    trials = repositioning_trials(named)
    covariates = participant_numbers(named)
    named.faults.stop()
    tables = named.tables
    settings = tables.motion
    return MotionPlan(
        id=settings.id,
        title=settings.title,
        seed=settings.seed,
        facing=settings.facing,
        up=settings.up,
        side=settings.side,
        backward=settings.backward,
        align=settings.align,
        cutoff=settings.cutoff or None,
        order=settings.order,
        gap_limit=settings.gap_limit,
        nodes=settings.nodes,
        leave_out_odd=settings.leave_out_odd,
        cardan=settings.cardan,
        foot_markers=tuple(
            (role, (one,) if isinstance(one, str) else tuple(one))
            for role, one in tables.markers.items()
        ),
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
        sources=tuple(named.sources),
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
