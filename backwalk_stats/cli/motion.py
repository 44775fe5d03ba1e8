"""`backwalk motion`: motion files to features, and to whole-curve tests with a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Only, Open, Quiet, aligned, formats, open_report
from backwalk_stats.errors import printable
from backwalk_stats.progress import Progress

if TYPE_CHECKING:
    from backwalk_stats.report.motion_analysis import Motion

app = typer.Typer(
    name="motion",
    help="Turn motion recordings into features and compare whole curves.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
File = Annotated[
    Path, typer.Argument(metavar="FILES.toml", help="The motion file; recordings lie beside it.")
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where it is written; by default reports/<id>/."),
]


@app.command("features")
def features(file: File, out: Out = None, quiet: Quiet = False) -> None:
    """Write features, curves, events and notes as CSV; they hold participants' ids."""
    _run(
        file,
        quiet,
        lambda found, progress: found.write_features(out or _folder(found)),
        curve_tests=False,
    )


@app.command("curves")
def curves(
    file: File,
    out: Out = None,
    individuals: Annotated[
        bool, typer.Option("--individuals", help="Also draw every cycle of every participant.")
    ] = False,
    only: Only = None,
    open_it: Open = False,
    quiet: Quiet = False,
) -> None:
    """Compare whole curves; write a report in HTML, PDF and Word."""
    wanted = formats(only)
    written = _run(
        file,
        quiet,
        lambda found, progress: found.report(
            out or _folder(found), individuals=individuals, progress=progress, formats=wanted
        ),
    )
    if open_it:
        open_report(written)


def _run(
    file: Path, quiet: bool, write: Callable[[Motion, Progress], Path], *, curve_tests: bool = True
) -> Path:
    with Progress(shown=not quiet, lines=True) as progress:
        progress.say("loading the numerical libraries")
        from backwalk_stats.report.motion_analysis import analyse_motion

        progress.say("reading the recordings")
        found = analyse_motion(file, progress, curve_tests=curve_tests)
        written = write(found, progress)
    if not quiet:
        typer.echo(summary(found, written))
    return written


def _folder(found: Motion) -> Path:
    return Path("reports") / found.study.plan.id


def summary(found: Motion, written: Path) -> str:
    """Return what a reader wants first: recordings, tests with their p-values, where it is."""
    from backwalk_stats.tables.labels import WALKS, signal_label
    from backwalk_stats.tables.numbers import p_text

    plan = found.study.plan
    parts = [f"{len(plan.recordings)} recordings; {len(found.notes)} notes on reading them"]
    left = int(found.recordings["note"].str.contains("not used: ", regex=False).sum())
    parts += [f"{left} left out or without a result: the notes say why"] if left else []
    asked = [(one.plan, p_text(one.p_value)) for one in found.study.results]
    rows = [
        [one.test, signal_label(one.signal), WALKS[one.direction], one.visit, p_value]
        for one, p_value in asked
    ]
    parts += [aligned(rows, limit=100)] if rows else []
    parts.append(f"Written into: {printable(str(written), limit=4096)}")
    return "\n\n".join(parts)
