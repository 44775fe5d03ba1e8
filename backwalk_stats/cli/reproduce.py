"""`backwalk reproduce`: the published record, recomputed, with a report."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Only, Open, Quiet, aligned, formats, open_report
from backwalk_stats.errors import printable
from backwalk_stats.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.report.reproduction import Ledger


WIDTH = 96


def command(
    studies: Annotated[
        list[str] | None,
        typer.Argument(metavar="STUDY", help="Study ids; all studies where none is named."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A folder of your own CSV files instead of the shipped record."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the report goes; by default reports/<name>/."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 1 when a finding does not hold.")
    ] = False,
    only: Only = None,
    open_it: Open = False,
    quiet: Quiet = False,
) -> None:
    """Recompute published findings; write a report in HTML and PDF."""
    wanted = formats(only, ("html", "pdf"))
    with Progress(shown=not quiet, lines=True) as progress:
        progress.say("loading the numerical libraries")
        from backwalk_stats.report.reproduction import reproduce

        progress.say("recomputing what was printed")
        ledger = reproduce(studies or None, evidence)
        progress.say("writing the report")
        folder = default_folder(evidence) if out is None else out
        written = ledger.report(folder, progress=progress, formats=wanted)
    if not quiet:
        typer.echo(summary(ledger, written))
    if open_it:
        open_report(written)
    if strict and _something_fails(ledger.checks):
        raise typer.Exit(1)


def default_folder(evidence: Path | None) -> Path:
    """Return the folder of the report below the current one; None is the shipped record.

    >>> default_folder(Path("my_trials")).as_posix()
    'reports/my_trials'
    >>> default_folder(None).as_posix()
    'reports/published_record'
    """
    name = "published_record" if evidence is None else evidence.resolve().name
    return Path("reports") / (name or "evidence")


def summary(ledger: Ledger, written: Path) -> str:
    """Return what a reader wants first: counts by origin, the claims, where the report is."""
    parts = [_counts(ledger.checks)]
    if len(ledger.claims):
        parts.append(_claims(ledger.claims))
    report = written / "report.html" if written.is_dir() else written
    parts.append(f"Report: {printable(str(report), limit=4096)}")
    return "\n\n".join(parts)


def _something_fails(checks: pd.DataFrame) -> bool:
    from backwalk_stats.ledger.verdict import FAILURES

    printed = checks["origin"].isin(("paper", "review"))  # a collector's own sum accuses nobody
    return bool((printed & checks["verdict"].isin(FAILURES)).any())


def _counts(checks: pd.DataFrame) -> str:
    from backwalk_stats.tables.labels import VERDICTS
    from backwalk_stats.tables.record_counts import counts_sentence, verdict_counts

    heads = ["", "papers", "reviews", "collectors’ own"]
    counts = verdict_counts(checks).itertuples(index=False, name=None)
    rows = [[VERDICTS[verdict], *(str(count) for count in by)] for verdict, *by in counts]
    said = fill(counts_sentence(checks), width=WIDTH)
    return f"{said}\n\n{aligned([heads, *rows], right=[1, 2, 3])}"


def _claims(claims: pd.DataFrame) -> str:
    from backwalk_stats.tables.labels import CLAIM_VERDICTS, words_for

    rows = []
    for claim in claims.to_dict("records"):
        verdict = words_for(str(claim["verdict"]), CLAIM_VERDICTS)
        rows.append([str(claim["claim_id"]), verdict, str(claim["in_one_line"] or claim["claim"])])
    return f"Claims of the article\n{aligned(rows, limit=100)}"
