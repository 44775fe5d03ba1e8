"""`backwalk plan lock`: what is planned, fixed by its hash before the data are seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backwalk_stats.cli.terminal import Quiet


def command(
    trial: Annotated[
        Path, typer.Argument(metavar="TRIAL.toml", help="The trial file; data need not be there.")
    ],
    data_seen: Annotated[
        str | None,
        typer.Option(
            "--data-seen",
            metavar="none|baseline|blinded|all",
            help="What was seen of the data before this plan was made; by default what the data "
            "files tell. Needed where data from after baseline can be read.",
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why an earlier lock is amended.")
    ] = "",
    amend: Annotated[
        bool,
        typer.Option("--amend", help="Amend the lock that is there; it is kept in the new one."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where plan power has written; by default plans/<id of the trial>/.",
        ),
    ] = None,
    page: Annotated[
        bool,
        typer.Option(
            "--page",
            help="Print the plan as one page, in the order of AsPredicted; lock nothing.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Lock the plan of a trial: write plan.lock.json beside the trial file.

    It holds every key that decides a number, their SHA-256, the day, and what had been seen of the
    data. Text for readers, comments and the order of keys are not in it.
    """
    from backwalk_stats.plan.lock import lock_plan, told
    from backwalk_stats.plan.page import page_of

    if page:
        typer.echo(page_of(trial, folder=out))
        return
    locked = lock_plan(trial, data_seen=data_seen, reason=reason, amend=amend, folder=out)
    if not quiet:
        typer.echo(told(locked))
