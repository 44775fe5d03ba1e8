"""`backwalk plan status`: where a trial stands between its plan and its report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backwalk_stats.cli.terminal import Json, aligned, as_json
from backwalk_stats.errors import printable


def command(
    trial: Annotated[
        Path, typer.Argument(metavar="TRIAL.toml", help="The trial file; data need not be there.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder of the plan; by default plans/<id of the trial>/."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="DIR", help="Its report; by default reports/<id of the trial>/."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Say where a trial stands: plan, power, lock, every key that differs, data, reports, next."""
    from backwalk_stats.plan.status import status

    found = status(trial, folder=out, report=report)
    if json:
        typer.echo(as_json(found.as_dict()))
        return
    rows = [[name, text] for name, text in found.lines()]
    typer.echo(f"{printable(found.file)}: {printable(found.trial or 'no valid plan')}")
    typer.echo(aligned(rows, limit=400))
    differ = found.differences
    if differ:
        table = [["key", "planned", "done", "when", "reason"]]
        table += [
            [one.key, one.planned, one.done, str(one.when or ""), one.reason or "not explained"]
            for one in differ
        ]
        typer.echo(f"\nWhat differs from the plan\n{aligned(table, limit=60)}")
    typer.echo(f"\nNext: {printable(found.next, limit=400)}")
