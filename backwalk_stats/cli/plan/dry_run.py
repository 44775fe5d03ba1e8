"""`backwalk plan dry-run`: the whole report of a trial for a blind review, its arms dealt anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Quiet
from backwalk_stats.errors import printable
from backwalk_stats.progress import Progress

if TYPE_CHECKING:
    from backwalk_stats.plan.blind import DryRun

Trial = Annotated[Path, typer.Argument(metavar="TRIAL.toml", help="The trial file, with its data.")]


def command(
    trial: Trial,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the report goes; by default plans/<id of the trial>/dry-run/.",
        ),
    ] = None,
    show_effects: Annotated[
        bool,
        typer.Option(
            "--show-effects",
            help="Show the estimates of the dealt arms, which are chance; all of it stays marked.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Deal the arms anew by chance, run the whole analysis, write a report for a blind review.

    Every page, picture and table is marked BLIND; effects are hidden. Nothing of the true arms is
    in any file.
    """
    with Progress(shown=not quiet, lines=True) as progress:
        progress.say("loading the numerical libraries")
        from backwalk_stats.loaders.trial_file.trial_file import read_trial_plan
        from backwalk_stats.plan.blind import check_data_are_there, dry_run
        from backwalk_stats.report.writers.folder import reserved

        check_data_are_there(trial)
        name = read_trial_plan(trial).trial.id
        folder = Path("plans") / name / "dry-run" if out is None else out
        with reserved(folder):
            progress.say("BLIND: dealing the arms, analysing")
            run = dry_run(trial, show_effects=show_effects, progress=progress)
            progress.say("BLIND: writing the report")
            written = run.report_into(folder, progress)
    if not quiet:
        typer.echo(summary(run, written))


def summary(run: DryRun, written: Path) -> str:
    """Return what was done, blind throughout: no effect, of no arm."""
    from backwalk_stats.plan.blind import MARK
    from backwalk_stats.plan.blind_review import how_dealt

    trial = run.deal.trial
    title = printable(trial.study.title, limit=200)
    shown = "of the dealt arms, shown: chance alone" if run.effects else "hidden (blind)"
    decisions = len(trial.study.decisions)
    lines = [
        f"{MARK}.",
        f"{title}: {len(trial.participants)} participants, {len(trial.outcomes)} outcomes",
        f"  {printable(how_dealt(run.deal), limit=600)}",
        f"  Effects: {shown}. Decisions in the trial file: {decisions}.",
        f"Report: {printable(str(written / 'report.html'), limit=4096)}",
    ]
    return "\n".join(lines)
