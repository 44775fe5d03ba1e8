"""The Python door to movement: read a motion file, look at features and curves, write reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from backwalk_stats.analyses.motion.movement import by_visit
from backwalk_stats.analyses.motion.study import MotionStudy, motion_study
from backwalk_stats.models.fit.choices import check_yes_no
from backwalk_stats.progress import telling
from backwalk_stats.registry import Shown
from backwalk_stats.report import sections_motion
from backwalk_stats.report.document.document import (
    Document,
    FigureBlock,
    section_count,
    written_sections,
)
from backwalk_stats.report.provenance import Run, provenance
from backwalk_stats.report.subject import MotionSubject, motion_subject
from backwalk_stats.report.writers.folder import is_one_file, reserved, write_reserved
from backwalk_stats.report.writers.html_pdf import FORMATS, document_files
from backwalk_stats.report.writers.outputs import Progress, curve_frames, named_tables
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.tables.csv import to_csv
from backwalk_stats.tables.display import DisplayTable

MOTION_FILE = "motion.toml"


@dataclass(frozen=True, kw_only=True, repr=False)
class Motion(Shown):
    """An analysed motion file.

    Attributes
    ----------
    study : MotionStudy
        Everything that was computed.
    """

    study: MotionStudy

    @property
    def features(self) -> pd.DataFrame:
        """One row a participant, visit, walk and feature (`trial.tables.FEATURES`); a copy."""
        return self.study.movement.features.copy()

    @property
    def features_by_visit(self) -> pd.DataFrame:
        """One row a participant and visit, a column a feature: a data file for a trial."""
        return by_visit(self.study.movement.features)

    @property
    def curves(self) -> pd.DataFrame:
        """The mean cycle of each participant, visit, walk and signal (`tables.CURVES`); a copy."""
        return self.study.movement.curves.copy()

    @property
    def curve_tests(self) -> pd.DataFrame:
        """Every whole-curve test node by node (`tables.CURVE_TEST`)."""
        return self.study.nodes

    @property
    def clusters(self) -> pd.DataFrame:
        """Where curves are beyond chance (`tables.CLUSTERS`)."""
        return self.study.clusters

    @property
    def notes(self) -> tuple[str, ...]:
        """What was filled, flagged or left out, by file; then what couplings are wanting in."""
        return self.study.notes

    @property
    def coordination_tests(self) -> pd.DataFrame:
        """Arms compared in every coordination feature (`tables.FEATURE_TESTS`); a copy."""
        return self.study.coordination_tests.copy()

    @property
    def coordination_shares(self) -> pd.DataFrame:
        """Patterns by all steps and by the mean angle (`tables.COUPLING_SHARES`); a copy."""
        return self.study.shares.copy()

    @property
    def detectable_change(self) -> pd.DataFrame:
        """SEM and minimal detectable change of features (`tables.DETECTABLE_CHANGE`); a copy."""
        return self.study.detectable_change.copy()

    @property
    def events(self) -> pd.DataFrame:
        """Every contact and off, seconds from the first sample (`tables.GAIT_EVENTS`); a copy."""
        return self.study.movement.events.copy()

    @property
    def recordings(self) -> pd.DataFrame:
        """What was made of each recording, also of those left out (`tables.RECORDINGS`); a copy."""
        return self.study.movement.recordings.copy()

    @property
    def figures(self) -> dict[str, FigureBlock]:
        """The figures of the report by the names of their files; drawn at the first look."""
        return {figure.name: figure for figure in self._document.figures()}

    @property
    def tables(self) -> dict[str, DisplayTable]:
        """The tables of the report by name, as readers see them; made at the first look."""
        return named_tables(self._document)

    @cached_property
    def _document(self) -> Document:
        return self._written_document(motion_subject(self.study), lambda what: None)

    def write_features(self, folder: Path | str) -> Path:
        """Write features, curves, events and notes on the recordings, and the stamp of the run.

        That is features.csv, features_by_visit.csv, curves.csv, events.csv and notes.csv. These are
        data: they hold the participants' ids.
        """
        outputs = {
            "features.csv": to_csv(self.features).encode(),
            "features_by_visit.csv": to_csv(self.features_by_visit).encode(),
            "curves.csv": to_csv(self.curves).encode(),
            "events.csv": to_csv(self.events).encode(),
            "notes.csv": to_csv(self.recordings).encode(),
        }
        return self._written(Path(folder), outputs, {})

    def report(
        self,
        folder: Path | str,
        *,
        individuals: bool = False,
        small_cell: int = 5,
        progress: Progress | None = None,
        formats: Sequence[str] = FORMATS,
    ) -> Path:
        """Write the report on curves: HTML, PDF and Word, the tests as CSV, and every figure.

        Parameters
        ----------
        folder : Path or str
            Is made where it is missing.
        individuals : bool
            True adds figures in which every cycle is a line.
        small_cell : int
            Means and tests of arms with fewer participants are not shown.
        progress : callable, optional
            Called with steps done, steps in all, and what comes now; by default a bar on a
            terminal and in a notebook.
        formats : sequence of {"html", "pdf", "docx"}
            Of the report.
        """
        check_yes_no("individuals", individuals)
        is_one_file(Path(folder), ())
        subject = motion_subject(self.study, small_cell=small_cell, individuals=individuals)
        total = section_count(sections_motion) + len(formats)
        done = iter(range(total))
        with telling(progress) as tell, libraries_that_compute() as heard:

            def say(what: str) -> None:
                tell(next(done), total, what)

            document = self._written_document(subject, say)
            outputs = document_files(document, say, formats)
        frames = {name: to_csv(one).encode() for name, one in curve_frames(subject).items()}
        options = {"individuals": individuals, "small_cell": small_cell}
        return self._written(Path(folder), outputs | frames, options, heard)

    def _written_document(self, subject: MotionSubject, say: Callable[[str], None]) -> Document:
        return Document(
            title=self.study.plan.title or f"Movement: {self.study.plan.id}",
            subtitle=f"Analysis of the motion file {self.study.plan.id}",
            sections=written_sections(sections_motion, subject, say),
        )

    def _written(
        self,
        folder: Path,
        outputs: dict[str, bytes],
        options: Mapping[str, object],
        heard: Iterable[str] = (),
    ) -> Path:
        plan = self.study.plan
        run = Run(
            options=options,
            seeds={"motion": plan.seed} if plan.curve_tests else {},
            computed={*self.study.libraries, *heard},
            files=[*dict(plan.sources), *(recording.file for recording in plan.recordings)],
        )
        with reserved(folder):
            stamp = provenance(
                sources=dict(plan.sources), outputs=outputs, record=f"motion {plan.id}", run=run
            )
            return write_reserved(folder, {**outputs, "provenance.json": stamp})

    def __repr__(self) -> str:
        """Return what it is, without any participant's value."""
        plan = self.study.plan
        return (
            f"<Motion {plan.id}: {len(plan.recordings)} recordings; "
            f"{len(self.study.results)} whole-curve tests>"
        )


def analyse_motion(
    path: Path | str, progress: Progress | None = None, *, curve_tests: bool = True
) -> Motion:
    """Read a motion file and its recordings, and compute features, curves and curve tests.

    Parameters
    ----------
    path : Path or str
        A motion file, in TOML, or the folder in which it is called motion.toml.
    progress : callable, optional
        Called with steps done, steps in all, and what comes now; by default a bar on a terminal
        and in a notebook.
    curve_tests : bool
        False leaves the whole-curve tests out.

    Returns
    -------
    Motion
        `.features`, `.curves`, `.curve_tests` are frames; `.report(folder)` writes the report.

    Raises
    ------
    InputError
        If the motion file or a recording cannot be used; it lists every fault.
    UsageError, NotEstimable
        If no recording is what is declared, such as the wrong direction of walking; where some
        are, the others are left out, and `.notes` and `.recordings` say why.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> analyse_motion(bw.example("motion"), curve_tests=False)
    <Motion simulated-motion: 120 recordings; 0 whole-curve tests>
    """
    from backwalk_stats.loaders.motion.motion_file import load_motion

    check_yes_no("curve_tests", curve_tests)
    given = Path(path)
    plan = load_motion(given / MOTION_FILE if given.is_dir() else given)
    asked = plan if curve_tests else replace(plan, curve_tests=())
    with telling(progress) as tell:
        return Motion(study=motion_study(asked, tell))
