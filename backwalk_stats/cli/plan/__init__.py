"""`backwalk plan`: what is done with the plan of a trial before its arms are known."""

from __future__ import annotations

import typer

from backwalk_stats.cli.plan import dry_run

app = typer.Typer(
    name="plan",
    help="Plan a trial: run it blind before its arms are known.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("dry-run", short_help="Run the whole analysis on arms dealt by chance.")(
    dry_run.command
)
