"""Which people hang together in a cluster, and which rows of a file are of one person."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.sources import Source

CLUSTERS = ("participant", "cluster")
PARTS = ("participant", "visit", "outcome", "part", "value")


def clusters(
    name: str, column: str, sources: Sequence[Source], people: Collection[str]
) -> pd.DataFrame | None:
    """Return the cluster of each person (`CLUSTERS`); None where that cannot be told.

    Each person is in one; someone without, or in two, is a fault, as is a column that is nowhere.
    """
    having = [source for source in sources if column in source.columns]
    if not having:
        for source in sources[:1]:
            source.findings.add(
                f"clusters.{name}", f"a column '{column}' of the data", "no such column"
            )
        return None
    of: dict[str, str] = {}
    for source in having:
        cells = source.column(column)
        known = set(people)
        both, empty = [], []
        for who, text, line in zip(source.participants, cells.texts, cells.lines, strict=True):
            if who not in known:
                continue
            if not text.strip() or text.strip() in cells.codes:
                empty.append(line)
            elif of.setdefault(who, folded(text)) != folded(text):
                both.append(line)
        cells.fault(f"a {name} for each participant", "an empty cell", rows=empty)
        cells.fault(f"one {name} for each participant", "another one", rows=both)
    return pd.DataFrame(sorted(of.items()), columns=list(CLUSTERS))


def parts(cells: pd.DataFrame, sources: Sequence[Source]) -> pd.DataFrame | None:
    """Return the values of rows that a column tells apart within a person (`PARTS`).

    None where no file has such rows. `cells` are those of all outcomes.
    """
    told: dict[tuple[str, int], str] = {}
    for source in sources:
        if source.table.within is None:
            continue
        column = source.column(source.table.within)
        empty = column.where([not text.strip() for text in column.texts])
        column.fault("a part of the person, such as the side", "an empty cell", rows=empty)
        for text, line in zip(column.texts, source.lines, strict=True):
            told[source.file, line] = folded(text)
    if not told:
        return None
    places = zip(cells["file"], cells["line"], strict=True)
    found = [told.get((str(file), int(line)), "") for file, line in places]
    own = cells.assign(part=found)
    own = own[own["part"] != ""]
    return own[list(PARTS)].reset_index(drop=True)
