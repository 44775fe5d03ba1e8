"""`backwalk paper`: the statistics and tables of one paper, recomputed, a line a number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Open, Quiet, aligned, open_report
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.progress import Progress

if TYPE_CHECKING:
    from backwalk_stats.paper.paper_files import Paper

Row = Mapping[str, object]
SHOWN_QUESTIONS = 20
FAILURES = ("not_reproduced", "inputs_inconsistent")


def command(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|-", help="A paper as txt, md, html, docx, pdf or csv; - reads a pipe."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the evidence files, what is asked (paper.toml) and the report of the run.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 1 when a number does not hold.")
    ] = False,
    open_it: Open = False,
    quiet: Quiet = False,
) -> None:
    """Check one paper: each printed number, what comes out, the verdict, and why."""
    if open_it and out is None:
        raise UsageError("--open: there is a report only with --out DIR; name a folder")
    with Progress(shown=not quiet, lines=out is not None) as progress:
        progress.say("reading the paper")
        from backwalk_stats.paper.paper_files import read_paper

        paper = read_paper(file)
        progress.say("recomputing what was printed")
        text_rows, cells = checked(paper)
        if out is not None:
            written(paper, text_rows, cells, out, progress)
    if not quiet:
        typer.echo(terminal_text(paper, text_rows, cells, asked=out is None))
        if out is not None:
            typer.echo(f"\nReport: {printable(str(out / 'report.html'), limit=4096)}")
    if open_it and out is not None:
        open_report(out)
    if strict and any(row["verdict"] in FAILURES for row in (*text_rows, *cells)):
        raise typer.Exit(1)


def checked(paper: Paper) -> tuple[list[Row], list[Row]]:
    """Return the checked statistics of a paper's text, and the checked cells of its tables."""
    from backwalk_stats.paper.check_table import table_rows
    from backwalk_stats.paper.check_text import text_rows

    cells: list[Row] = [row for grid in paper.tables for row in table_rows(grid)]
    return list(text_rows(paper.text)), cells


def written(
    paper: Paper, text_rows: Sequence[Row], cells: Sequence[Row], out: Path, progress: Progress
) -> None:
    """Write the evidence files of a paper into a folder, and the report of the run on them."""
    import pandas as pd

    from backwalk_stats.paper.evidence_draft import draft
    from backwalk_stats.report.reproduction import reproduce
    from backwalk_stats.report.writers.folder import check_folder, write_file
    from backwalk_stats.tables.csv import to_csv

    check_folder(out)
    files = dict(draft(paper, text_rows, cells).files)
    for name, content in files.items():
        there = out / name
        if there.is_file() and there.read_bytes() != content.encode():
            raise UsageError(
                f"{there} holds something else than this draft: what was confirmed there is not "
                "overwritten. Name another folder, or run reproduce --evidence on this one"
            )
    files["statistics.csv"] = to_csv(pd.DataFrame(list(text_rows)))
    files["table_cells.csv"] = to_csv(pd.DataFrame(list(cells)))
    for name, content in files.items():
        write_file(out / name, content.encode())
    reproduce(evidence=out).report(out, progress=progress)


def terminal_text(
    paper: Paper, text_rows: Sequence[Row], cells: Sequence[Row], *, asked: bool
) -> str:
    """Return the lines of the terminal: one a number, counts by verdict, and what is asked.

    Parameters
    ----------
    paper : Paper
        As read.
    text_rows, cells : sequence of mapping
        What `checked` returns.
    asked : bool
        Whether the questions are listed; with `--out` they stand in paper.toml.
    """
    lines = [
        [_text_line(row), _range(row), str(row["verdict"]), str(row["reason"])] for row in text_rows
    ]
    lines += [
        [_cell_line(row), _range(row), str(row["verdict"]), str(row["reason"])] for row in cells
    ]
    if not lines:
        return f"{printable(paper.name)}: no statistic and no table was found"
    heading = ["printed", "comes out", "verdict", "why"]
    parts = [aligned([heading, *lines], limit=110), _counts([*text_rows, *cells])]
    if asked:
        parts += _asked(cells)
    parts += [f"Note: {printable(note)}" for note in paper.notes]
    return "\n\n".join(parts)


def _text_line(row: Row) -> str:
    what = {"p_value": "", "statistic": "t: ", "interval": "interval: "}
    return what.get(str(row["quantity"]), f"{row['statistic']}: ") + str(row["text"])[:60]


def _cell_line(row: Row) -> str:
    place = ", ".join(str(row[key]) for key in ("outcome", "contrast", "timepoint") if row[key])
    return f"{row['quantity']} {row['reported']} ({place[:48]})"


def _range(row: Row) -> str:
    low, high = row["recomputed_low"], row["recomputed_high"]
    if not isinstance(low, float) or not isinstance(high, float) or math.isnan(low):
        return "-"
    ends = f"{low:.3g}", f"{high:.3g}"
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _counts(rows: Sequence[Row]) -> str:
    verdicts = [str(row["verdict"]) for row in rows]
    counts = {name: verdicts.count(name) for name in dict.fromkeys(verdicts)}
    noun = "number" if len(rows) == 1 else "numbers"
    told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{len(rows)} printed {noun}: {told}"


def _asked(cells: Sequence[Row]) -> list[str]:
    from backwalk_stats.paper.check_table import questions

    asked = questions(cells)
    if not asked:
        return []
    rows = [
        [f"{row['outcome']}, {row['contrast']}", str(row["reported"]), str(row["question"])]
        for row in asked[:SHOWN_QUESTIONS]
    ]
    more = len(asked) - len(rows)
    tail = f"\nand {more} more; --out writes them all into paper.toml" if more else ""
    return [f"Asked\n{aligned(rows, limit=90)}{tail}"]
