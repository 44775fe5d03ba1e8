"""Whole curves as files: what a report on movement leaves behind beside its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.tables.csv import to_csv

if TYPE_CHECKING:
    from backwalk_stats.report.motion_subject import MotionSubject


def curve_frames(subject: MotionSubject) -> dict[str, bytes]:
    """Return mean curves, curve tests node by node and clusters as CSV, by file name."""
    study = subject.study
    frames = {"mean_curves.csv": study.means}
    if study.results:
        frames |= {"curve_tests.csv": study.nodes, "clusters.csv": study.clusters}
    return {name: to_csv(frame).encode() for name, frame in frames.items()}
