"""Rows of text as an aligned table, and a report opened where it was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from backwalk_stats.errors import UsageError, printable

FORMATS = ("html", "pdf", "docx")

# Options that several commands have.
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
Only = Annotated[
    str | None,
    typer.Option("--only", metavar="LIST", help="Reports to write, such as html,pdf; else all."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the report when it is written.")]


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), limit: int = 60) -> str:
    r"""Return rows as lines of text whose columns start at the same place, two spaces between.

    Columns in `right` are set to the right. Control characters are replaced; a cell that is longer
    than the limit ends in an ellipsis.

    >>> print(aligned([["study", "n"], ["chen2021", "32"], ["a\tb", "8"]], right=[1]))
    study      n
    chen2021  32
    a?b        8
    """
    cells = [[printable(cell, limit=limit) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def as_json(told: object) -> str:
    """Return what a command tells as JSON, for programs.

    >>> print(as_json({"faults": []}))
    {
     "faults": []
    }
    """
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)


def formats(only: str | None, possible: Sequence[str] = FORMATS) -> tuple[str, ...]:
    """Return the endings of the reports that are wanted, all of them without a wish.

    >>> formats("html, pdf"), formats(None, ("html", "pdf"))
    (('html', 'pdf'), ('html', 'pdf'))
    """
    if only is None:
        return tuple(possible)
    wanted = tuple(dict.fromkeys(part.strip().lower() for part in only.split(",") if part.strip()))
    unknown = [part for part in wanted if part not in possible]
    if unknown or not wanted:
        raise UsageError(
            f"--only: expected some of {', '.join(possible)}, with commas between; "
            f"found '{printable(only)}'"
        )
    return wanted


def open_report(written: Path) -> None:
    """Show a report in the browser, or in what the system opens its kind with."""
    import webbrowser

    there = [written / f"report.{ending}" for ending in FORMATS] if written.is_dir() else [written]
    found = next((path for path in there if path.is_file()), written)
    webbrowser.open(found.absolute().as_uri())
