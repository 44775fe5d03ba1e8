"""The files of a trial, read, with the columns that the trial file names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.label_folding import folded
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.records import LINE
from backwalk_stats.loaders.sheets.sheet import Sheet
from backwalk_stats.loaders.trial_file.data_tables import DataTable
from backwalk_stats.loaders.trial_file.faults import nearest


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of data: what the trial file says of it, and its sheet."""

    key: str
    table: DataTable
    sheet: Sheet

    @property
    def columns(self) -> list[str]:
        """Return the names of its columns."""
        return [str(name) for name in self.sheet.frame.columns if name != LINE]

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column as text."""
        return [str(text) for text in self.sheet.frame[column].tolist()]

    @property
    def lines(self) -> list[int]:
        """Return the line of the file at which each row stands."""
        return [int(line) for line in self.sheet.frame[LINE].tolist()]

    @property
    def participants(self) -> list[str]:
        """Return the id of each row, exactly as written."""
        return self.texts(self.table.participant)

    def at(self, rows: Sequence[int]) -> Source:
        """Return the source with some of its rows only, by position."""
        frame = self.sheet.frame.iloc[list(rows)].reset_index(drop=True)
        return replace(self, sheet=replace(self.sheet, frame=frame))


def read_sources(tables: Sequence[DataTable], *, folder: Path, findings: Findings) -> list[Source]:
    """Return the files that can be read; what is wrong with them and others goes to the findings.

    A file that holds the same bytes as another one is read once, with a warning.
    """
    from backwalk_stats.loaders.sheets.read_sheet import read_any_sheet

    sources: list[Source] = []
    for place, table in enumerate(tables):
        key = f"data[{place}]"
        try:
            sheet = read_any_sheet(folder / table.file, _options(table, folder))
        except InputError as error:
            findings.extend(error.faults)
            continue
        except UsageError as error:
            findings.fault(table.file, key, "options that fit the file", str(error))
            continue
        findings.extend(sheet.faults)
        findings.add_log(sheet.log)
        twin = next((one for one in sources if one.sheet.sha256 == sheet.sha256), None)
        if twin is not None:
            findings.warn(sheet.file, "", f"the same content as {twin.sheet.file}: not read twice")
            continue
        sources.append(Source(key=key, table=table, sheet=sheet))
    return sources


def _options(table: DataTable, folder: Path) -> ReadOptions:
    return ReadOptions(
        encoding=table.encoding,
        separator=table.separator,
        decimal=table.decimal,
        sheet=table.sheet,
        dictionary=None if table.dictionary is None else folder / table.dictionary,
        header_row=table.header_row,
        footer_rows=table.footer_rows,
        missing_codes=tuple(table.missing_codes),
    )


def has_columns(source: Source, *, visits: Sequence[str], findings: Findings) -> bool:
    """Return whether a file has the columns that its table names; tell each that is missing."""
    there = source.columns
    absent = [(name, column) for name, column in _named(source.table) if column not in there]
    for name, column in absent:
        action = _layout_advice(source, visits=visits) or nearest(column, there)
        action = action or f"There are: {', '.join(there)[:300]}"
        found = f"no column '{column}'"
        findings.fault(
            source.sheet.file, column, f"the column of {source.key}.{name}", found, action=action
        )
    return not absent


def _named(table: DataTable) -> Iterator[tuple[str, str]]:
    yield "participant", table.participant
    for key in ("arm", "date"):
        for visit, column in getattr(table, key).items():
            yield (f"{key}.{visit}" if visit else key), column
    for key in ("visit", "sequence", "randomised"):
        column = getattr(table, key)
        if column is not None:
            yield key, column
    for name, column in table.covariates.items():
        yield f"covariates.{name}", column


def _layout_advice(source: Source, *, visits: Sequence[str]) -> str:
    """Return advice where a file seems to have the other layout than the declared one."""
    if source.table.layout == "long":
        ends = [folded(column).endswith(folded(visit)) for column in source.columns
                for visit in visits]  # fmt: skip
        if sum(ends) >= 2:
            return 'The file looks wide, a column a visit: set layout = "wide"'
        return ""
    return long_advice(source, visits=visits)


def long_advice(source: Source, *, visits: Sequence[str]) -> str:
    """Return advice where a file that should be wide has a column of visits, else ""."""
    known = {folded(visit) for visit in visits}
    for column in source.columns:
        cells = {folded(text) for text in source.texts(column)} - {""}
        if len(cells) > 1 and cells <= known:
            return (
                f'The file looks long, a row a visit: set layout = "long" and visit = "{column}", '
                "and give outcomes one column"
            )
    return ""
