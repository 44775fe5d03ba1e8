"""The Python door: recompute a published record, look at it, write the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.progress import telling
from backwalk_stats.registry import Shown
from backwalk_stats.report.document.document import Document, FigureBlock
from backwalk_stats.report.provenance import Run, provenance
from backwalk_stats.report.writers.folder import (
    check_file,
    check_folder,
    is_one_file,
    write_file,
    write_folder,
)
from backwalk_stats.report.writers.outputs import (
    RECORD_FORMATS,
    Progress,
    build,
    folder_outputs,
    named_tables,
    one_file,
)
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.tables.record_counts import counts_sentence
from backwalk_stats.trial.result import Reproduction

FILES = (".html", ".pdf")


@dataclass(frozen=True, kw_only=True, repr=False)
class Ledger(Shown):
    """A recomputed record. The frames are copies: changing one changes nothing here.

    Attributes
    ----------
    reproduction : Reproduction
        Everything that recomputing the record has yielded.
    """

    reproduction: Reproduction

    @property
    def checks(self) -> pd.DataFrame:
        """One row per printed quantity that was looked at, with its verdict and the reason."""
        return self.reproduction.ledger.copy()

    @property
    def claims(self) -> pd.DataFrame:
        """One row per claim of the article; empty when the record has none."""
        return self.reproduction.claims.copy()

    @property
    def pooled(self) -> pd.DataFrame:
        """Meta-analyses; Hedges' g, below zero favours backward walking."""
        return self.reproduction.pooled.copy()

    @property
    def effects(self) -> pd.DataFrame:
        """Standardised differences, one row per trial and outcome; below zero favours backward."""
        return self.reproduction.effects.copy()

    @property
    def weights(self) -> pd.DataFrame:
        """Percentage weight of every trial in every pool."""
        return self.reproduction.weights.copy()

    @property
    def directions(self) -> pd.DataFrame:
        """Backward minus forward walking in the outcome's unit, where a trial has both arms."""
        return self.reproduction.directions.copy()

    @property
    def searches(self) -> pd.DataFrame:
        """What was looked for, where and when; empty when the record has no log."""
        return self.reproduction.searches.copy()

    @property
    def studies(self) -> pd.DataFrame:
        """The studies that were asked for, as text."""
        return self.reproduction.studies.copy()

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
        return build(self.reproduction)

    def report(
        self,
        path: Path | str,
        progress: Progress | None = None,
        formats: Sequence[str] = RECORD_FORMATS,
    ) -> Path:
        """Write the report.

        Parameters
        ----------
        path : Path or str
            A name that ends in ".html" or ".pdf" is written as this one file. Any other is a
            folder, and gets report.html, report.pdf, ledger.csv, ledger.json, pooled.csv,
            claims.csv, the figures as SVG and PNG, and provenance.json.
        progress : callable, optional
            Called with the number of steps done, the number of steps, and what comes now; by
            default a bar on a terminal and in a notebook.
        formats : sequence of {"html", "pdf"}
            Of the report in a folder.

        Returns
        -------
        Path
            What was written: the file or the folder.

        Raises
        ------
        UsageError
            If something stands in the way; nothing has been written then.
        """
        target = Path(path)
        alone = is_one_file(target, FILES)
        with telling(progress) as tell, libraries_that_compute() as heard:
            if alone:
                check_file(target)
                ending = target.suffix.lower()
                return write_file(target, one_file(self.reproduction, ending, tell))
            check_folder(target)
            outputs = folder_outputs(self.reproduction, tell, formats)
        held = self.reproduction
        stamp = provenance(
            sources=held.sources,
            outputs=outputs,
            record=held.record,
            run=Run(
                options={"studies": [str(name) for name in held.studies["study_id"]]},
                computed={*held.libraries, *heard},
            ),
        )
        return write_folder(target, {**outputs, "provenance.json": stamp})

    def __repr__(self) -> str:
        """Return the record's name and the counts of its verdicts by origin."""
        return (
            f"<Ledger of {self.reproduction.record}: {counts_sentence(self.reproduction.ledger)}>"
        )


def reproduce(studies: Sequence[str] | None = None, evidence: Path | str | None = None) -> Ledger:
    """Recompute a published record, finding by finding.

    Parameters
    ----------
    studies : sequence of str, optional
        Which studies, by identifier; all of them by default.
    evidence : Path or str, optional
        A folder with your own `studies.csv`, `outcomes.csv` and `contrasts.csv`; by default the
        record that travels with the package.

    Returns
    -------
    Ledger
        Frames and the report.

    Raises
    ------
    UsageError
        If a study is not in the record; the message names the closest ones.
    InputError
        If the files of the record cannot be used; it lists every fault.

    Examples
    --------
    >>> ledger = reproduce(["chen2021"])
    >>> sorted(set(ledger.checks["study_id"]))
    ['chen2021']
    """
    from backwalk_stats.evidence.record import read_record
    from backwalk_stats.ledger.recompute import recompute

    record = read_record(None if evidence is None else Path(evidence))
    wanted = [studies] if isinstance(studies, str) else studies
    if wanted is not None:
        _check_known(list(wanted), [str(name) for name in record.studies["study_id"]])
    return Ledger(reproduction=recompute(record, wanted))


def _check_known(wanted: list[str], known: list[str]) -> None:
    """Raise when a study that is asked for is not in the record."""
    if not wanted:
        raise UsageError("no study was named; leave the choice out for all of them")
    unknown = [name for name in dict.fromkeys(wanted) if name not in known]
    if not unknown:
        return
    parts = []
    for name in unknown:
        close = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
        hint = f" (did you mean {', '.join(close)}?)" if close else ""
        parts.append(f"no study named '{name}'{hint}")
    raise UsageError(f"{'; '.join(parts)}; the record holds {len(known)} studies")
