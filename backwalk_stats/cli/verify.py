"""`backwalk verify`: are the files of a report still those that the run wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backwalk_stats.cli.terminal import Quiet
from backwalk_stats.errors import UsageError, printable


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder of a report, with its stamp.")
    ],
    quiet: Quiet = False,
) -> None:
    """Hold the files of a report folder against the hashes of its provenance.json.

    Files that the run did not write are named and are no fault.
    """
    from backwalk_stats.report.writers.verify import verify_folder

    found = verify_folder(folder)
    if found.faults:
        raise UsageError(*found.told(folder).split("\n"))
    if not quiet:
        typer.echo(printable(found.told(folder), limit=4096))
