"""`backwalk studies`: what the published record holds, one study a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Json, Quiet, aligned, as_json

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "study_id": "study_id",
    "year": "year",
    "design": "design",
    "n_randomised": "n",
    "numbers_available": "numbers available",
}


def command(
    evidence: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A folder of your own CSV files instead of the shipped record."
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the studies of the record."""
    from backwalk_stats.evidence.record import read_record

    studies = read_record(evidence).studies
    if not quiet:
        typer.echo(as_json(studies.to_dict("records")) if json else listing(studies))


def listing(studies: pd.DataFrame) -> str:
    """Return the studies as an aligned table, in the order of the file, under a heading."""
    rows = studies[list(_COLUMNS)].itertuples(index=False, name=None)
    return aligned([list(_COLUMNS.values()), *([str(cell) for cell in row] for row in rows)])
