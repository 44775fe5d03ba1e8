"""The Python door: analyse a trial, look at the results, write the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.models.fit.choices import check_yes_no
from backwalk_stats.progress import silent, telling
from backwalk_stats.registry import Shown
from backwalk_stats.report.document import document
from backwalk_stats.report.headline import headline
from backwalk_stats.report.provenance import Run, provenance
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.report.writers import outputs
from backwalk_stats.report.writers.folder import (
    check_file,
    check_way,
    is_one_file,
    reserved,
    write_file,
    write_reserved,
)
from backwalk_stats.report.writers.html_pdf import FORMATS
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.trial.trial import Trial

FILES = (".html", ".pdf", ".docx")
ALWAYS = ("report.html", "report.pdf", "report.docx", "results.csv", "results.json", "tables/x.csv")


@dataclass(frozen=True, kw_only=True, repr=False)
class Analysis(Shown):
    """An analysed trial.

    Attributes
    ----------
    analysis : TrialAnalysis
        Everything that the analyses have yielded, for your own eyes: nothing is left out. What
        `report` writes is without participants and small counts.
    """

    analysis: TrialAnalysis

    @property
    def trial(self) -> Trial:
        """The trial that was analysed."""
        return self.analysis.trial

    @property
    def results(self) -> pd.DataFrame:
        """One row per estimate (`trial.tables.RESULTS`); a copy, small counts included."""
        return self.analysis.estimates.copy()

    @property
    def answers(self) -> tuple[str, ...]:
        """The answer to every estimand, in a sentence or two."""
        subject = trial_subject(self.analysis)
        return tuple(headline(subject, one) for one in self.trial.estimands)

    @property
    def figures(self) -> dict[str, document.FigureBlock]:
        """The figures of the report by the names of their files; drawn at the first look."""
        return {figure.name: figure for figure in self._document.figures()}

    @property
    def tables(self) -> dict[str, DisplayTable]:
        """The tables of the report by name, as readers see them; made at the first look."""
        return outputs.named_tables(self._document)

    @cached_property
    def _document(self) -> document.Document:
        return outputs.trial_document(trial_subject(self.analysis), silent)

    def report(
        self,
        path: Path | str,
        individuals: bool = False,
        progress: outputs.Progress | None = None,
        formats: Sequence[str] = FORMATS,
    ) -> Path:
        """Write the report.

        Parameters
        ----------
        path : Path or str
            A name that ends in ".html", ".pdf" or ".docx" is written as this one file. Any other
            is a folder, and gets report.html, report.pdf, report.docx, results.csv, results.json,
            the tables as CSV, the figures as SVG and PNG, and provenance.json.
        individuals : bool
            True adds figures in which every participant is a point, a line or a bar, and shows
            counts, statistics and labels of few people. Ids, dates, free text and names of sites
            are never written.
        progress : callable, optional
            Called with the number of steps done, the number of steps, and what comes now; by
            default a bar on a terminal and in a notebook.
        formats : sequence of {"html", "pdf", "docx"}
            Of the report in a folder.

        Returns
        -------
        Path
            What was written: the file or the folder.

        Raises
        ------
        UsageError
            If something stands in the way, or another run is writing into the folder; nothing has
            been written then.
        """
        check_yes_no("individuals", individuals)
        target = Path(path)
        one_file = is_one_file(target, FILES)
        with telling(progress) as tell:
            if one_file:
                check_file(target)
                subject = trial_subject(self.analysis, individuals=individuals)
                ending = target.suffix.lower()
                return write_file(target, outputs.trial_one_file(subject, ending, tell))
            with reserved(target):
                return self.report_into(
                    target, individuals=individuals, progress=tell, formats=formats
                )

    def report_into(
        self,
        folder: Path,
        *,
        individuals: bool,
        progress: outputs.Progress,
        formats: Sequence[str] = FORMATS,
    ) -> Path:
        """Write the report into a folder that the caller holds (`write.reserved`)."""
        check_way(folder, ALWAYS)
        subject = trial_subject(self.analysis, individuals=individuals)
        with libraries_that_compute() as heard:
            written = outputs.trial_folder_outputs(subject, progress, formats)
        trial = subject.trial
        stamp = provenance(
            sources=trial.sources,
            outputs=written,
            record=f"trial {trial.study.id}",
            run=_run(self.trial, individuals, {*self.analysis.libraries, *heard}),
        )
        return write_reserved(folder, {**written, "provenance.json": stamp})

    def __repr__(self) -> str:
        """Return what it is, without any participant's value."""
        parts = len(self.analysis.parts)
        return f"<Analysis of {self.trial!r}: {parts} results; {len(self.results)} estimates>"


def analyse(trial: Trial | Path | str, progress: outputs.Progress | None = None) -> Analysis:
    r"""Analyse a trial: everything that its trial file asks for.

    Parameters
    ----------
    trial : Trial, Path or str
        A trial, or the path of its trial file.
    progress : callable, optional
        Called with the number of analyses done, their number, and which comes now; by default a
        bar on a terminal and in a notebook.

    Returns
    -------
    Analysis
        `.results` is a frame, `.report(path)` writes the report.

    Raises
    ------
    InputError
        If the trial file or its data cannot be used; it lists every fault.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> text = '''
    ... [trial]
    ... id = "small"
    ... title = "A small trial"
    ... [arms]
    ... reference = "forward"
    ... labels = { BW = "backward", FW = "forward" }
    ... [visits]
    ... baseline = "W0"
    ... order = ["W0", "W6"]
    ... weeks = [0, 6]
    ... [[data]]
    ... file = "scores.csv"
    ... participant = "id"
    ... arm = "group"
    ... [[outcome]]
    ... name = "pain"
    ... instrument = "nprs"
    ... columns = { W0 = "pain_w0", W6 = "pain_w6" }
    ... [[estimand]]
    ... outcome = "pain"
    ... analysis = "change-score"
    ... '''
    >>> scores = ["BW,6,3", "BW,7,3", "BW,5,2", "FW,6,5", "FW,5,5", "FW,7,6"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "trial.toml").write_text(text)
    ...     rows = [f"{place},{score}" for place, score in enumerate(scores)]
    ...     sheet = "\n".join(["id,group,pain_w0,pain_w6", *rows]) + "\n"
    ...     _ = pathlib.Path(folder, "scores.csv").write_text(sheet)
    ...     analysed = analyse(pathlib.Path(folder, "trial.toml"))
    >>> found = analysed.results.query("quantity == 'change_difference'")
    >>> float(found["estimate"].iloc[0].round(2))
    -2.67
    """
    from backwalk_stats.analyses.whole_trial import analyse_trial

    if not isinstance(trial, Trial):
        from backwalk_stats.loaders.load import load_trial

        trial = load_trial(trial)
    with telling(progress) as tell:
        return Analysis(analysis=analyse_trial(trial, progress=tell))


def _run(trial: Trial, individuals: bool, computed: set[str]) -> Run:
    """Return what a run on a trial was asked, and what computed in it."""
    seeds, files = {"trial": trial.study.seed}, [*trial.sources]
    if trial.motion is not None:
        seeds |= {"motion": trial.motion.seed} if trial.motion.curve_tests else {}
        files += [recording.file for recording in trial.motion.recordings]
    return Run(
        options={"individuals": individuals, "small_cell": trial.small_cell},
        seeds=seeds,
        computed=computed,
        files=files,
    )
