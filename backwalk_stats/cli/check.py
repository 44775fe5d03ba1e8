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

    from backwalk_stats.trial.trial import Trial

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
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List every fault of a trial's files, or what was understood of them; write nothing."""
    from backwalk_stats.loaders.load import loaded

    found, faults, log = loaded(trial, allow_identifiers=allow_identifiers)
    told = None if found is None or (quiet and not json) else echo(trial, found)
    if json:
        typer.echo(as_json(told_as_json(faults, log, told)))
    elif faults or not quiet:
        typer.echo(summary(trial, faults, log, told), err=quiet)
    if faults:
        raise typer.Exit(FAULTS)


def echo(path: Path, trial: Trial) -> dict[str, Any]:
    """Return what was understood of a trial file and its data (`report.understood`)."""
    from backwalk_stats.loaders.load import TRIAL_FILE
    from backwalk_stats.loaders.trial_file.trial_file import read_trial_file
    from backwalk_stats.report.understood import understood

    read = read_trial_file(path / TRIAL_FILE if path.is_dir() else path)
    return understood(trial, read.tables, read.measured, path=str(path))


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
            f"  {place}: {text} ({n} {'cell' if n == 1 else 'cells'})"
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
