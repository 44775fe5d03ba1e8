"""`backwalk plan status`: where a trial stands between its plan and its report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Json, aligned, as_json
from backwalk_stats.errors import printable
from backwalk_stats.trial.locked_plan import NOT_EXPLAINED

if TYPE_CHECKING:
    from backwalk_stats.plan.status import Status


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
    typer.echo(summary(found))


def summary(found: Status) -> str:
    """Return where a trial stands as text: a line each, what differs as a table, what is next.

    >>> from backwalk_stats.plan.status import Status
    >>> print(summary(Status(file="trial.toml", trial="knee", hash="0f", next="Rest.")))
    trial.toml: knee
    plan      valid, hash 0f
    power     not run
    lock      no plan was locked
    differs   not known without a lock
    data
    dry run   no dry run
    analysis  no report
    <BLANKLINE>
    Next: Rest.
    """
    rows = [[name, text] for name, text in found.lines()]
    parts = [f"{printable(found.file)}: {printable(found.trial or 'no valid plan')}"]
    parts[0] += f"\n{aligned(rows, limit=400)}"
    if found.differences:
        table = [["key", "planned", "done", "when", "reason"]]
        table += [
            [one.key, one.planned, one.done, str(one.when or ""), one.reason or NOT_EXPLAINED]
            for one in found.differences
        ]
        parts.append(f"What differs from the plan\n{aligned(table)}")
    parts.append(f"Next: {printable(found.next, limit=400)}")
    return "\n\n".join(parts)
