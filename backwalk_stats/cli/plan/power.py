"""`backwalk plan power`: the power of the planned analyses, simulated, before there are data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Quiet, aligned
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.progress import Progress

if TYPE_CHECKING:
    from backwalk_stats.plan.power_report import Power


def command(
    trial: Annotated[
        Path, typer.Argument(metavar="TRIAL.toml", help="The trial file; no data need exist.")
    ],
    replicates: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=2,
            help="Simulated trials of each scenario, size and hypothesis; by default what the "
            "trial file says, else 10000.",
        ),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A scenario of the trial file; may be given again."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processes of this machine; by default all cores."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Simulate on a Dask cluster, such as tcp://host:8786; env takes the address of "
            "DASK_SCHEDULER_ADDRESS.",
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where finished blocks are kept; by default DIR/blocks."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with a run that was stopped; finished blocks are kept anyway."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where results go; by default plans/<id of the trial>/."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Simulate the power of the planned analyses; write power.csv, power.json and report.html.

    Trials are drawn from the scenarios of the trial file and analysed as the trial will be. Ctrl-C
    loses nothing: the next call goes on from the blocks that are done.
    """
    if scheduler is not None and workers is not None:
        raise UsageError("--workers or --scheduler: one of both says where trials are simulated")
    with Progress(shown=not quiet, lines=True) as progress:
        progress.say("loading the numerical libraries")
        from backwalk_stats.loaders.planned import load_plan
        from backwalk_stats.plan.power import power

        plan = load_plan(trial)
        folder = Path("plans") / plan.study.id if out is None else out
        kept = folder / "blocks" if store is None else store
        there = kept.is_dir() and any(kept.glob("*.json"))
        if resume and not there:
            progress.say("there is nothing to resume: the store has no blocks")
        with _where(scheduler, workers, progress) as (executor, many):
            found = power(
                plan,
                replicates=replicates,
                scenarios=scenario,
                executor=executor,
                workers=many,
                store=kept,
                progress=progress,
            )
        progress.say("writing the report")
        written = found.report(folder)
    if not quiet:
        typer.echo(summary(found, written))


@contextmanager
def _where(
    scheduler: str | None, workers: int | None, progress: Progress
) -> Iterator[tuple[Executor | None, int]]:
    """Give the executor of a cluster and its size, or None and how many own processes."""
    if scheduler is None:
        yield None, workers or cores()
        return
    from backwalk_stats.plan.executors import on_cluster

    with on_cluster(scheduler) as (executor, many):
        progress.say(f"simulating on a cluster of {many} workers")
        yield executor, many


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def summary(found: Power, written: Path) -> str:
    """Return what a reader wants first: power by scenario and size, what is needed, where it is."""
    from backwalk_stats.plan.power_tables import needed_text
    from backwalk_stats.tables.numbers import percent

    power = found.results[found.results["quantity"] == "power"]
    error = found.results[found.results["quantity"] == "type_one_error"]
    errors = {
        (row["scenario"], row["per_arm"], row["estimand"]): row["value"]
        for row in error.to_dict("records")
    }
    rows = [["scenario", "an arm", "estimand", "analysis", "power", "95 % limits", "error"]]
    for row in power.to_dict("records"):
        place = (row["scenario"], row["per_arm"], row["estimand"])
        if row["replicates"] == 0:
            rows.append([*map(str, place), row["analysis"], row["note"], "", ""])
            continue
        limits = f"{percent(100 * row['conf_low'])} to {percent(100 * row['conf_high'])}"
        shown = (
            percent(100 * row["value"]),
            limits,
            percent(100 * errors.get(place, float("nan"))),
        )
        rows.append([*map(str, place), str(row["analysis"]), *shown])
    lines = [printable(found.plan.study.title, limit=200), aligned(rows, right=(1,), limit=120)]
    lines += [
        f"{row['scenario']}, {row['estimand']}: {needed_text(row)}"
        for row in found.needed.to_dict("records")
    ]
    lines += list(found.notes)
    lines.append(f"Written into: {printable(str(written), limit=4096)}")
    return "\n".join(lines)
