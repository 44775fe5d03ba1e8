"""Which data of a trial can be read already: files, and how many people have values. No values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.numbers import missing_code
from backwalk_stats.loaders.trial.sources import read_declared
from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    from backwalk_stats.loaders.sheets.sheet import Sheet
    from backwalk_stats.loaders.trial_file.data_schema import DataTable
    from backwalk_stats.loaders.trial_file.schema import OutcomeTable
    from backwalk_stats.loaders.trial_file.trial_file import TrialFile

_TEXTS = (".csv", ".tsv", ".txt", ".dat")


@dataclass(frozen=True, kw_only=True, slots=True)
class DataThere(Shown):
    """What of a trial's data is there.

    Attributes
    ----------
    declared, there : int
        Files of `[[data]]` that the trial file names, and those of them that exist.
    unread : int
        Files that exist and cannot be read as declared: what they hold is not known.
    baseline, later : int
        People with a value of an outcome at baseline, and at a later visit.
    other : tuple of str
        Tables of the conduct whose files are there and not empty: harms, adherence, events, motion.
    """

    declared: int
    there: int
    unread: int
    baseline: int
    later: int
    other: tuple[str, ...] = ()

    @property
    def follow_up(self) -> bool:
        """Return whether something that was seen after baseline is there, or may be."""
        return bool(self.later or self.unread or self.other)

    @property
    def seen(self) -> str:
        """Return what can have been seen at least, of those of `DATA_SEEN` that files tell."""
        return "baseline" if self.baseline else "none"

    def in_words(self) -> str:
        """Return what was found, in a sentence without values.

        Examples
        --------
        >>> DataThere(declared=1, there=0, unread=0, baseline=0, later=0).in_words()
        'None of the 1 file of data is there.'
        >>> DataThere(declared=2, there=2, unread=0, baseline=40, later=38).in_words()
        '2 of 2 files of data are there: 40 people have values at baseline, 38 at later visits.'
        """
        files = f"{self.declared} {'file' if self.declared == 1 else 'files'} of data"
        if not self.there:
            told = f"None of the {files} is there."
        else:
            verb = "is" if self.there == 1 else "are"
            told = f"{self.there} of {files} {verb} there: {self.baseline} people have values at "
            told += f"baseline, {self.later} at later visits."
        if self.unread:
            named = "1 file" if self.unread == 1 else f"{self.unread} files"
            told += f" {named} cannot be read as declared: what it holds is not known."
        if self.other:
            told += f" There are records of {', '.join(self.other)}."
        return told


def data_there(file: TrialFile) -> DataThere:
    """Return what of the data of a trial file is there; its files need not exist."""
    before: set[str] = set()
    after: set[str] = set()
    there = unread = 0
    for place, table in enumerate(file.tables.data):
        if not (file.folder / table.file).is_file():
            continue
        there += 1
        findings = Findings(table.file)
        sheet = read_declared(
            table, key=f"data[{place}]", folder=file.folder, findings=findings, may_be_empty=True
        )
        if sheet is None:
            unread += 1
            continue
        for person, at_baseline in _filled(file, table, sheet):
            (before if at_baseline else after).add(person)
    return DataThere(
        declared=len(file.tables.data),
        there=there,
        unread=unread,
        baseline=len(before),
        later=len(after),
        other=tuple(_conduct(file)),
    )


def _filled(file: TrialFile, table: DataTable, sheet: Sheet) -> Iterator[tuple[str, bool]]:
    """Yield a person and whether it is at baseline, for every cell of an outcome with a value."""
    columns = {name: sheet.frame[name].astype(str).tolist() for name in sheet.frame.columns}
    ids = [columns[name] for name in table.participant if name in columns]
    people = [" / ".join(parts) for parts in zip(*ids, strict=True)] if ids else []
    people = people or [str(row) for row in range(len(sheet.frame))]
    first = _is_baseline(file, table, columns, len(people))
    for outcome in file.tables.outcome:
        for visit, name in _places(outcome, file.tables.visits.baseline):
            codes = {**table.missing_codes, **table.missing_codes_by_column.get(name, {})}
            for row, text in enumerate(columns.get(name, ())):
                if missing_code(text, codes, table.decimal) is None:
                    at = first[row] if visit is None else visit == file.tables.visits.baseline
                    yield people[row], at


def _places(outcome: OutcomeTable, baseline: str) -> Iterator[tuple[str | None, str]]:
    """Yield the visit and the column of an outcome; None where rows have the visit."""
    for by_visit in (outcome.columns, outcome.items):
        for visit, names in by_visit.items():
            yield from ((visit or None, name) for name in names)
    if outcome.column is not None:
        yield None, outcome.column
    if outcome.baseline_column is not None:
        yield baseline, outcome.baseline_column


def _is_baseline(
    file: TrialFile, table: DataTable, columns: dict[str, list[str]], rows: int
) -> list[bool]:
    """Return which rows of a long file are of the baseline; a visit that is unknown is later."""
    visits = file.tables.visits
    known = table.visit_labels or {name: name for name in visits.order}
    lookup = {folded(label): visit for label, visit in known.items()}
    texts = columns.get(table.visit or "", [""] * rows)
    return [lookup.get(folded(text)) == visits.baseline and bool(text) for text in texts]


def _conduct(file: TrialFile) -> Iterator[str]:
    """Yield the tables of the conduct whose files are there and hold something."""
    tables = file.tables
    named = [("events", one.file) for one in tables.events]
    named += [("harms", tables.harms.file)] if tables.harms is not None else []
    named += [("adherence", tables.adherence.file)] if tables.adherence is not None else []
    for name, path in named:
        if _has_rows(file.folder / path):
            yield name
    if tables.motion is not None and _has_recordings(file.folder / tables.motion.file):
        yield "motion"


def _has_rows(path: Path) -> bool:
    """Tell whether a file of text has more than its head; of another kind, whether it is there."""
    if not path.is_file():
        return False
    if path.suffix.lower() not in _TEXTS:
        return True
    return len([line for line in path.read_bytes().splitlines() if line.strip()]) > 1


def _has_recordings(path: Path) -> bool:
    """Tell whether recordings that a motion file lists are there, or a list of them is."""
    from backwalk_stats.errors import InputError
    from backwalk_stats.loaders.trial_file.faults import read_toml

    if not path.is_file():
        return False
    try:
        raw = read_toml(path, kind="motion file").raw
    except InputError:
        return True  # what it names is not known
    listed = (
        raw.get("motion", {}).get("recordings") if isinstance(raw.get("motion"), dict) else None
    )
    if isinstance(listed, str) and (path.parent / listed).is_file():
        return True
    rows = raw.get("recording", [])
    files = [str(one.get("file", "")) for one in rows if isinstance(one, dict)]
    return any(name and (path.parent / name).is_file() for name in files)
