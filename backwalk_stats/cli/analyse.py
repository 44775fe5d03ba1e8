"""`backwalk analyse`: a trial from its own files to a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Only, Open, Quiet, formats, open_report
from backwalk_stats.errors import printable
from backwalk_stats.progress import Progress

if TYPE_CHECKING:
    from backwalk_stats.report.analysis import Analysis


def command(
    trial: Annotated[Path, typer.Argument(metavar="TRIAL.toml", help="The trial file.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where the report goes; by default reports/<id of the trial>/."
        ),
    ] = None,
    individuals: Annotated[
        bool,
        typer.Option(
            "--individuals",
            help="Show every participant in figures, and counts and means of few people; ids, "
            "dates, free text and names of sites are never written.",
        ),
    ] = False,
    small_cell: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Hide counts from 1 to N - 1, and what describes so few people; by default what "
            "the trial file says, else 5.",
        ),
    ] = None,
    allow_identifiers: Annotated[
        bool,
        typer.Option(
            "--allow-identifiers", help="Accept files with columns such as names; they stay unread."
        ),
    ] = False,
    only: Only = None,
    open_it: Open = False,
    quiet: Quiet = False,
) -> None:
    """Analyse a trial; write a report in HTML, PDF and Word."""
    wanted = formats(only)
    with Progress(shown=not quiet, lines=True) as progress:
        progress.say("loading the numerical libraries")
        from dataclasses import replace

        from backwalk_stats.loaders.load import load_trial
        from backwalk_stats.report.analysis import analyse
        from backwalk_stats.report.writers.folder import reserved

        progress.say("reading the data")
        read = load_trial(trial, allow_identifiers=allow_identifiers)
        if individuals:
            read = replace(read, small_cell=0)  # also what notes tell of few people
        elif small_cell is not None:
            read = replace(read, small_cell=small_cell)
        folder = Path("reports") / read.study.id if out is None else out
        with reserved(folder):
            analysed = analyse(read, progress=progress)
            progress.say("writing the report")
            written = analysed.report_into(
                folder, individuals=individuals, progress=progress, formats=wanted
            )
    if not quiet:
        typer.echo(summary(analysed, written))
    if open_it:
        open_report(written)


def summary(analysed: Analysis, written: Path) -> str:
    """Return what a reader wants first: the answers, what was put right, where the report is."""
    from backwalk_stats.report.document.text import plural

    trial = analysed.trial
    people = f"{plural(len(trial.participants), 'participant')}, "
    people += plural(len(trial.outcomes), "outcome")
    lines = [f"{printable(trial.study.title, limit=200)}: {people}"]
    lines += [f"  {printable(answer, limit=600)}" for answer in analysed.answers]
    if len(trial.load_log):
        lines.append(f"The load log has {plural(len(trial.load_log), 'line')}; see the report.")
    report = written / "report.html" if written.is_dir() else written
    lines.append(f"Report: {printable(str(report), limit=4096)}")
    return "\n".join(lines)
