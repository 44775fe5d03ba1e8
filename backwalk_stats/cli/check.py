"""`backwalk check`: everything that is wrong with a trial's files, at once; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backwalk_stats.cli.terminal import Json, Quiet, aligned, as_json
from backwalk_stats.errors import Fault, printable

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "level": "level",
    "file": "file",
    "column": "column",
    "count": "cells",
    "action": "what",
}
FAULTS = 2
LONGEST_LINE = 1000


def command(
    trial: Annotated[
        Path, typer.Argument(metavar="TRIAL.toml", help="The trial file; its data lie beside it.")
    ],
    allow_identifiers: Annotated[
        bool,
        typer.Option(
            "--allow-identifiers",
            help="Accept files with names, dates of birth and the like; they are not read further.",
        ),
    ] = False,
    spirit: Annotated[
        bool,
        typer.Option(
            "--spirit",
            help="What the trial file says of each item of SPIRIT 2025; data need not be there.",
        ),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List every fault of a trial's files, or what was understood of them; write nothing."""
    from backwalk_stats.loaders.load import loaded

    if spirit:
        from backwalk_stats.report.writers.spirit import spirit as protocol

        table = protocol(trial)
        heads = [column.label for column in table.columns]
        items = [dict(zip(heads, row, strict=True)) for row in table.rows]
        typer.echo(as_json(items) if json else table.to_markdown())
        return
    found = loaded(trial, allow_identifiers=allow_identifiers)
    told, faults = None, list(found.faults)
    if found.trial is not None:
        from backwalk_stats.report.disclosure.wording import id_faults

        faults += id_faults(found.trial)
    if found.trial is not None and not faults and found.file is not None and (json or not quiet):
        from backwalk_stats.report.understood import understood

        told = understood(found.trial, found.file.tables, found.file.measured, path=str(trial))
    if json:
        typer.echo(as_json(told_as_json(faults, found.log, told)))
    elif faults or not quiet:
        typer.echo(summary(trial, faults, found.log, told), err=quiet)
    if faults:
        raise typer.Exit(FAULTS)


def told_as_json(
    faults: Sequence[Fault], log: pd.DataFrame, told: dict[str, Any] | None = None
) -> dict[str, object]:
    """Return the faults, the log of loading and what was understood as JSON can hold them.

    >>> import pandas as pd
    >>> fault = Fault(file="scores.csv", row=3, column="pain", expected="a number", found="text")
    >>> told_as_json([fault], pd.DataFrame(columns=["file"]))["faults"][0]["row"]
    3
    """
    import json

    rows = json.loads(log.to_json(orient="records", force_ascii=False))
    return {"faults": [asdict(one) for one in faults], "log": rows, "understood": told}


def summary(
    trial: Path, faults: Sequence[Fault], log: pd.DataFrame, told: dict[str, Any] | None = None
) -> str:
    """Return the faults or questions, one a line, what was understood, and the log as a table.

    >>> import pandas as pd
    >>> from backwalk_stats.trial.tables import LOAD_LOG
    >>> fault = Fault(file="scores.csv", row=3, column="pain", expected="a number", found="text")
    >>> print(summary(Path("trial.toml"), [fault], pd.DataFrame(columns=list(LOAD_LOG))))
    trial.toml: 1 fault
      scores.csv, line 3, column pain: expected a number, found text
    """
    n = len(faults)
    count = "no fault" if not n else f"{n} fault" if n == 1 else f"{n} faults"
    heading = f"{printable(trial.name or str(trial))}: {count}"
    parts = ["\n".join([heading, *(f"  {one}" for one in faults)])]
    asked = log[log["level"] == "question"]
    if len(asked):
        where = [
            ", ".join(filter(None, (str(one["file"]), str(one["column"]))))
            for one in asked.to_dict("records")
        ]
        lines = [
            f"  {place}: {text}{f' ({n} cells)' if n > 1 else ' (1 cell)' if n else ''}"
            for place, text, n in zip(where, asked["action"], asked["count"], strict=True)
        ]
        count = "1 question" if len(asked) == 1 else f"{len(asked)} questions"
        parts.append("\n".join([f"{count} that the trial file can answer", *lines]))
    if told is not None:
        from backwalk_stats.report.understood import in_lines

        parts.append("\n".join(map(printable_line, in_lines(told))))
    log = log[log["level"] != "question"]
    if len(log):
        rows = log[list(_COLUMNS)].astype("str").to_numpy().tolist()
        table = aligned([list(_COLUMNS.values()), *rows], right=[3], limit=400)
        parts.append(f"What loading did and noticed\n{table}")
    if told is not None:
        parts.append(f"Next\n  {printable_line(told['next'])}")
    return "\n\n".join(parts)


def printable_line(text: str) -> str:
    """Return a line of any length that a terminal can show."""
    return printable(text, limit=LONGEST_LINE)
