"""A file as the trial file declares it, made into one row a record with one id and the rows meant.

Each step takes a source and returns one in which a key of `[[data]]` has been carried out, so that
whoever reads further sees one column of ids and only the rows that belong to the trial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.sources import ID_OF_SEVERAL, Source

ROW_ID = "row_id"


def with_ids(source: Source) -> Source:
    """Return a source with its ids in one column: as they are, of several columns, or by row.

    An id of several columns is empty where one of its parts is: half an id is none.
    """
    table = source.table
    if table.row_id:
        texts = [f"row {line}" for line in source.lines]
        made = replace(source, table=table.model_copy(update={"participant": [ROW_ID]}))
        made.findings.note("", "rows without ids: each row is a participant", file=source.file)
        return made.adding(ROW_ID, texts)
    if len(table.participant) == 1:
        return source
    parts = [source.texts(name) for name in table.participant]
    texts = [
        ID_OF_SEVERAL.join(cells) if all(cell.strip() for cell in cells) else ""
        for cells in zip(*parts, strict=True)
    ]
    names = " and ".join(table.participant)
    source.findings.note("", f"ids made of {names}", file=source.file)
    return source.adding(source.id_column, texts)


def kept(source: Source) -> tuple[Source, Mapping[str, int]]:
    """Return a source with the rows that `keep` names, and how many people others have, by column.

    Values match without regard to case and spaces. Someone of whom any row is kept is kept.
    """
    left: dict[str, int] = {}
    for name, values in source.table.keep.items():
        wanted = {folded(value) for value in values}
        cells = [folded(text) for text in source.texts(name)]
        if not wanted & set(cells):
            there = ", ".join(f"'{value}'" for value in values)
            source.column(name).fault(
                f"rows with {there}", "none", "Write keep as the data do, or leave it out"
            )
            continue
        rows = [place for place, cell in enumerate(cells) if cell in wanted]
        people = source.participants
        staying = {people[place] for place in rows}
        left[name] = len({one for one in people if one.strip()} - staying)
        source.findings.note(
            name, "rows of people who are not kept", len(cells) - len(rows), file=source.file
        )
        source = source.at(rows)
    return source, left


def excluded_people(left: Sequence[Mapping[str, int]]) -> int:
    """Return how many people the files' `keep` leaves out; files that tell of the same once."""
    return max((sum(one.values()) for one in left), default=0)
