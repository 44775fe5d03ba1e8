"""`backwalk reproduce`: the published record, recomputed, with a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Progress, aligned
from backwalk_stats.errors import printable

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.report.reproduction import Ledger


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
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Recompute published findings; write a report in HTML and PDF."""
    with Progress(shown=not quiet) as progress:
        progress.say("loading the numerical libraries")
        from backwalk_stats.report.reproduction import reproduce

        progress.say("recomputing what was printed")
        ledger = reproduce(studies or None, evidence)
        written = ledger.report(default_folder(evidence) if out is None else out, progress=progress)
    if not quiet:
        typer.echo(summary(ledger, written))
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
    """Return what a reader wants first: counts by verdict, the claims, where the report is."""
    parts = [_counts(ledger.checks, len(ledger.studies))]
    if len(ledger.claims):
        parts.append(_claims(ledger.claims))
    report = written / "report.html" if written.is_dir() else written
    parts.append(f"Report: {printable(str(report), limit=4096)}")
    return "\n\n".join(parts)


def _something_fails(checks: pd.DataFrame) -> bool:
    from backwalk_stats.ledger.verdict import FAILURES

    return bool(checks["verdict"].isin(FAILURES).any())


def _counts(checks: pd.DataFrame, studies: int) -> str:
    from backwalk_stats.tables.labels import VERDICT_MEANINGS, VERDICTS

    count = checks["verdict"].value_counts()
    rows = [
        [words, str(count.get(verdict, 0)), VERDICT_MEANINGS[verdict]]
        for verdict, words in VERDICTS.items()
    ]
    noun = "study" if studies == 1 else "studies"
    heading = f"{len(checks)} printed quantities of {studies} {noun}"
    return f"{heading}\n{aligned(rows, right=[1], limit=100)}"


def _claims(claims: pd.DataFrame) -> str:
    rows = claims[["claim_id", "verdict", "claim"]].itertuples(index=False, name=None)
    table = aligned([[str(cell) for cell in row] for row in rows], limit=100)
    return f"Claims of the article\n{table}"
