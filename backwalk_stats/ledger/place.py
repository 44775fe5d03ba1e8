"""Where a finding stands: the first columns of its ledger row, its id and its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

Row = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a finding stands: the first columns of its row, and its source."""

    study_id: str
    outcome: str
    contrast: str
    mark: str
    source: str

    def row(self, quantity: str, *, suffix: str = "", **columns: object) -> Row:
        """Return a row of the ledger; columns not given stay empty."""
        parts = (self.study_id, self.mark, slug(self.outcome), slug(quantity), suffix)
        empty: Row = {
            "reported": "",
            "recomputed": nan,
            "recomputed_low": nan,
            "recomputed_high": nan,
            "check": "",
            "inputs": "",
            "formula": "",
        }
        return {
            **empty,
            "study_id": self.study_id,
            "finding_id": "-".join(part for part in parts if part),
            "outcome": self.outcome,
            "contrast": self.contrast,
            "quantity": quantity,
            "source": self.source,
            **columns,
        }


def slug(text: str) -> str:
    """Return a text as an identifier: lower-case letters, digits and underscores.

    Examples
    --------
    >>> slug("NRS week 6")
    'nrs_week_6'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40]


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with finding ids that are all different."""
    seen: dict[str, int] = {}
    out = []
    for row in rows:
        name = str(row["finding_id"])
        seen[name] = seen.get(name, 0) + 1
        out.append(row if seen[name] == 1 else {**row, "finding_id": f"{name}-{seen[name]}"})
    return out
