"""A file as the trial file declares it, made into one row a record with one id and the rows meant.

Each step takes a source and returns one in which a key of `[[data]]` has been carried out, so that
whoever reads further sees one column of ids and only the rows that belong to the trial.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from backwalk_stats.errors import lines
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.categories import code_of
from backwalk_stats.loaders.trial.numbers import missing_code
from backwalk_stats.loaders.trial.sources import ID_OF_SEVERAL, Source

ROW_ID = "row_id"


def with_ids(source: Source) -> Source:
    """Return a source with its ids in one column: as they are, of several columns, or by row.

    An id of several columns is empty where one of its parts is: half an id is none.
    """
    table = source.table
    if table.row_id:
        texts = [f"row {line}" for line in source.lines]
        name = source.free_name(ROW_ID)
        made = replace(source, table=table.model_copy(update={"participant": [name]}))
        made.findings.note("", "rows without ids: each row is a participant", file=source.file)
        return made.adding(name, texts)
    if len(table.participant) == 1:
        return source
    parts = [source.texts(name) for name in table.participant]
    texts = [
        ID_OF_SEVERAL.join(cells) if all(cell.strip() for cell in cells) else ""
        for cells in zip(*parts, strict=True)
    ]
    names = " and ".join(table.participant)
    source.findings.note("", f"ids made of {names}", file=source.file)
    name = source.free_name(ID_OF_SEVERAL.join(table.participant))
    return replace(source, made_ids=name).adding(name, texts)


def without_codes_beside_empty(source: Source) -> Source:
    """Return a source whose codes for missing beside empty cells are empty, with their reason."""
    table, sheet = source.table, source.sheet
    frame, told = sheet.frame.copy(), []
    for name, rule in table.missing_codes_where_empty.items():
        others = [source.column(other) for other in rule.empty]
        filled = zip(*(other.without(other.codes) for other in others), strict=True)
        absent = [not any(cells) for cells in filled]
        codes = [missing_code(text, rule.codes, table.decimal) for text in source.texts(name)]
        places = [k for k, code in enumerate(codes) if code and absent[k]]
        said = f"missing code, {' and '.join(rule.empty)} being empty"
        for place in places:
            told.append((source.lines[place], name, rule.codes[codes[place] or ""] or said))
        frame.loc[places, name] = ""
        source.findings.repair(name, f"read as missing: {said}", len(places), file=source.file)
    if not told:
        return source
    added = pd.DataFrame(told, columns=["line", "column", "reason"])
    missing = pd.concat([sheet.missing, added.astype(sheet.missing.dtypes.to_dict())])
    return replace(source, sheet=replace(sheet, frame=frame, missing=missing))


def kept(source: Source) -> tuple[Source, frozenset[str]]:
    """Return a source with the rows that `keep` names, and the ids of people who have none of them.

    Values match without regard to case and spaces, by code or by value label. Someone of whom any
    row is kept is kept, with rows whose cell is empty: it may be filled once only.
    """
    left: set[str] = set()
    for name, values in source.table.keep.items():
        wanted = {folded(value) for value in values} | {code_of(value) for value in values}
        column = source.column(name)
        cells = column.texts
        meant = [
            bool({folded(text), code_of(text), folded(column.labels.get(text, ""))} & wanted)
            and bool(text.strip())
            for text in cells
        ]
        if not any(meant):
            there = ", ".join(f"'{value}'" for value in values)
            column.fault(f"rows with {there}", "none", "Write keep as the data do, or leave it out")
            continue
        people = source.participants
        staying = {one for one, fits in zip(people, meant, strict=True) if fits}
        rows = [
            place
            for place, (one, fits) in enumerate(zip(people, meant, strict=True))
            if fits or (one in staying and not cells[place].strip())
        ]
        gone = {one for one in people if one.strip()} - staying
        left |= gone
        _tell_allocated(source, name, gone)
        source.findings.note(
            name, "rows of people who are not kept", len(cells) - len(rows), file=source.file
        )
        source = source.at(rows)
    return source, frozenset(left)


def _tell_allocated(source: Source, name: str, gone: Collection[str]) -> None:
    """Warn of people who are not kept although they have an arm: they count as not randomised."""
    arm = source.table.arm.get("")
    if arm is None:
        return
    cells = zip(source.participants, source.texts(arm), source.lines, strict=True)
    found = {one: line for one, text, line in cells if one in gone and text.strip()}
    if found:
        told = (
            f"people who have an arm are not kept ({lines(sorted(found.values()))}) and count as "
            "not randomised: is each of them meant, or is another word to be named under keep?"
        )
        source.findings.warn(name, told, len(found), file=source.file)


def without_people(source: Source, left: Collection[str]) -> Source:
    """Return a source without rows of people whom `keep` leaves out in another file."""
    people = source.participants
    rows = [place for place, one in enumerate(people) if one not in left]
    if len(rows) == len(people):
        return source
    told = "rows of people who are not kept in another file"
    source.findings.note(source.id_column, told, len(people) - len(rows), file=source.file)
    return source.at(rows)
