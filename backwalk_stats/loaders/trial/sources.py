"""The files of a trial, read, with the columns that the trial file names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.errors import InputError, UsageError, nearest
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.sheets.reader_process import one_reader
from backwalk_stats.loaders.sheets.sheet import LINE, ReadOptions, Sheet, sheet_advice
from backwalk_stats.loaders.trial.covariate_values import is_site
from backwalk_stats.loaders.trial.numbers import Column
from backwalk_stats.loaders.trial_file.data_schema import AdherenceTable, DataTable
from backwalk_stats.loaders.trial_file.faults import OPEN
from backwalk_stats.loaders.trial_file.outcome_scale import Measured

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.study import Study

ID_OF_SEVERAL = " / "  # between the parts of an id that several columns make
_DECLARED = {
    "encoding",
    "separator",
    "decimal",
    "sheet",
    "header_row",
    "header_rows",
    "footer_rows",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of data: what the trial file says of it, its sheet, and where its findings go."""

    key: str
    table: DataTable
    sheet: Sheet
    findings: Findings
    made_ids: str = ""  # column of the ids that several columns make

    @property
    def file(self) -> str:
        """Return its name."""
        return self.sheet.file

    @property
    def columns(self) -> list[str]:
        """Return the names of its columns."""
        return [str(name) for name in self.sheet.frame.columns if name != LINE]

    @property
    def lines(self) -> list[int]:
        """Return the line of the file at which each row stands."""
        return [int(line) for line in self.sheet.frame[LINE].tolist()]

    @property
    def id_column(self) -> str:
        """Return the column of the ids; one made of several columns stands in the frame."""
        return self.made_ids or ID_OF_SEVERAL.join(self.table.participant)

    def free_name(self, wanted: str) -> str:
        """Return a name for a column that is added: none that the file has, whoever uses it."""
        name = wanted
        while name in self.sheet.frame.columns:
            name += " (made)"
        return name

    @property
    def participants(self) -> list[str]:
        """Return the id of each row, exactly as written."""
        return self.texts(self.id_column)

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column as text."""
        return [str(text) for text in self.sheet.frame[column].tolist()]

    def column(self, name: str) -> Column:
        """Return a column with what is declared about its cells; tell if it could not be read."""
        broken = self.sheet.broken.get(name)
        if broken is not None and broken not in self.findings.faults:
            self.findings.extend([broken])
        missing = self.sheet.missing[self.sheet.missing["column"] == name]
        marked = zip(missing["line"], missing["reason"], strict=True)
        return Column(
            file=self.file,
            name=name,
            texts=self.texts(name),
            lines=self.lines,
            participants=self.participants,
            codes={
                **self.table.missing_codes,
                **self.table.missing_codes_by_column.get(name, {}),
            },
            marked={int(line): str(reason) for line, reason in marked},
            dates=frozenset(self.sheet.dates.get(name, ())),
            labels=self.sheet.labels.get(name, {}),
            formats=self.sheet.formats.get(name, {}),
            decimal=self.table.decimal,
            findings=self.findings,
        )

    @property
    def ids(self) -> Column:
        """Return the column of the participants."""
        return self.column(self.id_column)

    def adding(self, name: str, texts: Sequence[str]) -> Source:
        """Return the source with a column of text more, in place of one of that name."""
        frame = self.sheet.frame.assign(**{name: texts}).astype({name: "str"})
        return replace(self, sheet=replace(self.sheet, frame=frame))

    def at(self, rows: Sequence[int]) -> Source:
        """Return the source with some of its rows only, by position."""
        frame = self.sheet.frame.iloc[list(rows)].reset_index(drop=True)
        return replace(self, sheet=replace(self.sheet, frame=frame))


def read_sources(tables: Sequence[DataTable], *, folder: Path, findings: Findings) -> list[Source]:
    """Return the files that can be read; what is wrong with them and others goes to the findings.

    A file that holds the same bytes as another one is read once, with a warning.
    """
    sources: list[Source] = []
    with one_reader():
        sheets = [
            read_declared(table, key=f"data[{place}]", folder=folder, findings=findings)
            for place, table in enumerate(tables)
        ]
    for place, (table, sheet) in enumerate(zip(tables, sheets, strict=True)):
        key = f"data[{place}]"
        if sheet is None:
            continue
        twin = next((one for one in sources if one.sheet.sha256 == sheet.sha256), None)
        if twin is not None:
            findings.warn("", f"the same content as {twin.file}: not read twice", file=sheet.file)
            continue
        sources.append(Source(key=key, table=table, sheet=sheet, findings=findings))
    return sources


def read_declared(
    table: DataTable | AdherenceTable,
    *,
    key: str,
    folder: Path,
    findings: Findings,
    may_be_empty: bool = False,
) -> Sheet | None:
    """Return a file that the trial file names, as it declares; None where it cannot be read."""
    from backwalk_stats.loaders.sheets.read_sheet import read_any_sheet

    data = table if isinstance(table, DataTable) else None
    dictionary, catalogue = (None, None) if data is None else (data.dictionary, data.catalogue)
    try:
        options = ReadOptions(
            **table.model_dump(include=_DECLARED),
            dictionary=None if dictionary is None else folder / dictionary,
            catalogue=None if catalogue is None else folder / catalogue,
            missing_codes=_missing_codes(table),
            record_columns=() if data is None else _record_columns(data),
            repeats=_repeats(table),
            may_be_empty=may_be_empty,
        )
        sheet = read_any_sheet(folder / table.file, options)
    except InputError as error:
        findings.extend(error.faults)
        return None
    except UsageError as error:
        findings.add(key, "options that fit the file", str(error), file=table.file)
        return None
    findings.extend(sheet.faults)
    findings.add_log(sheet.log)
    return sheet


def _missing_codes(table: DataTable | AdherenceTable) -> tuple[str, ...]:
    """Return every text that means missing, in all columns or in one."""
    of_columns = table.missing_codes_by_column.values() if isinstance(table, DataTable) else ()
    return tuple(
        dict.fromkeys([*table.missing_codes, *(code for one in of_columns for code in one)])
    )


def _record_columns(table: DataTable) -> tuple[str, ...]:
    """Return the columns that every record of a file fills: a row that does is never a footer."""
    visit = () if table.visit is None else (table.visit,)
    return (*table.participant, *table.arm.values(), *visit)


def _repeats(table: DataTable | AdherenceTable) -> bool:
    """Return whether rows of repeating instruments of REDCap are visits."""
    from backwalk_stats.loaders.sheets.redcap import REPEATS

    return isinstance(table, DataTable) and (table.instrument is not None or table.visit in REPEATS)


def has_columns(source: Source, *, visits: Sequence[str]) -> bool:
    """Return whether a file has the columns that its table names; tell each that is missing."""
    there = source.columns
    absent = [(name, column) for name, column in _named(source.table) if column not in there]
    if absent and len(source.sheet.sheets) > 1:  # another sheet may have them all
        names = dict.fromkeys(column for _, column in absent)
        expected = (
            f"the columns {', '.join(names)}" if len(names) > 1 else f"a column {absent[0][1]}"
        )
        found = f"sheet '{source.sheet.sheets[0]}' without {'them' if len(names) > 1 else 'it'}"
        advice = sheet_advice(source.sheet.sheets)
        source.findings.add(None, expected, found, advice, file=source.file)
        return False
    for name, column in absent:
        action = _layout_advice(source, visits=visits) or nearest(column, there, otherwise=True)
        expected = f"the column that {name} names"
        found = "a question that is open" if column == OPEN else f"no column '{column}'"
        source.findings.add(column, expected, found, action, file=source.file)
    return not absent


def _named(table: DataTable) -> Iterator[tuple[str, str]]:
    for column in table.participant:
        yield "participant", column
    for column in table.missing_codes_by_column:
        yield f"missing_codes_by_column.{column}", column
    for column, rule in table.missing_codes_where_empty.items():
        for each in (column, *rule.empty):
            yield f"missing_codes_where_empty.{column}", each
    for column in table.keep:
        yield f"keep.{column}", column
    for key in ("arm", "date"):
        for visit, column in getattr(table, key).items():
            yield (f"{key}.{visit}" if visit else key), column
    for key in ("visit", "sequence", "randomised", "within", "dropout_reason", "dropout_date"):
        column = getattr(table, key)
        if column is not None:
            yield key, column
    for name, covariate in table.covariates.items():
        yield f"covariates.{name}", covariate.column


def _layout_advice(source: Source, *, visits: Sequence[str]) -> str:
    """Return advice where a file seems to have the other layout than the declared one."""
    if source.table.layout == "long":
        pairs = product(source.columns, visits)
        if sum(folded(column).endswith(folded(visit)) for column, visit in pairs) >= 2:
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


# What the checks of a trial's data look at.


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialView:
    """A trial before it is accepted.

    Attributes
    ----------
    study : Study
        With every arm that is declared.
    measured : tuple of Measured
    estimands : tuple of Estimand
    cells : DataFrame
        participant, arm, visit, outcome, value, reason, file, column, line: what was read.
    participants : DataFrame
        As `Trial.participants`.
    flow : DataFrame
        As `Trial.flow`.
    wide : mapping of str to DataFrame
        Outcome to a row a participant and a column a visit, visits in order; without visits at
        which nothing is there.
    lacking : frozenset of str
        Names of outcomes of which a column was not found, which is told already.
    without_arm : int
        People whom nothing puts into an arm, which is told already.
    formats : mapping of (str, str) to mapping of str to tuple of int
        File and column to kind of format ("percent", ...) to the lines shown so.
    """

    study: Study
    measured: tuple[Measured, ...]
    estimands: tuple[Estimand, ...]
    cells: pd.DataFrame
    participants: pd.DataFrame
    flow: pd.DataFrame
    wide: Mapping[str, pd.DataFrame]
    lacking: frozenset[str]
    without_arm: int = 0
    formats: Mapping[tuple[str, str], Mapping[str, Sequence[int]]] = field(default_factory=dict)

    def shown_as(self, kind: str, cells: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which cells their file shows in a kind of format, such as "percent"."""
        lines = {place: set(told[kind]) for place, told in self.formats.items() if kind in told}
        if not lines:
            return np.zeros(len(cells), dtype=bool)
        places = zip(cells["file"], cells["column"], cells["line"], strict=True)
        found = [int(line) in lines.get((file, column), ()) for file, column, line in places]
        return np.array(found, dtype=bool)

    def of(self, outcome: str) -> pd.DataFrame:
        """Return the cells of an outcome."""
        return self.cells[self.cells["outcome"] == outcome]

    def values(self, outcome: str) -> NDArray[np.float64]:
        """Return the values of an outcome that are there."""
        values = np.asarray(self.of(outcome)["value"], dtype=np.float64)
        return values[~np.isnan(values)]

    @property
    def sites(self) -> pd.Series | None:
        """Return the site of each participant, None where the trial has no such covariate."""
        name = next((str(one) for one in self.participants.columns if is_site(str(one))), None)
        return None if name is None else self.participants.set_index("participant")[name]
