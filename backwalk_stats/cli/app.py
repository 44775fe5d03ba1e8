"""The door: the commands of `backwalk`, and how each kind of failure ends."""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from backwalk_stats.cli import (
    analyse,
    check,
    init,
    instruments,
    motion,
    paper,
    reproduce,
    studies,
    verify,
)
from backwalk_stats.cli.plan import dry_run, lock, power, status
from backwalk_stats.errors import BackwalkError, printable
from backwalk_stats.progress import interrupts_kept

RAN = 0
BAD_INPUT = 2
FAULT_OF_OURS = 70
INTERRUPTED = 130
PIPE_CLOSED = 141

EPILOG = (
    "Exit codes: 0 ran; 1 with --strict, a finding does not hold; 2 bad input or usage; "
    "70 a fault in backwalk itself; 130 interrupted."
)

COMMANDS: dict[str, tuple[Callable[..., None], str, tuple[str, ...]]] = {
    # the command, what it does in one line, and how it is typed
    "reproduce": (
        reproduce.command,
        "Recompute published findings; write a report.",
        ("backwalk reproduce --open", "backwalk reproduce alghadir2019 --only html --out my_check"),
    ),
    "paper": (
        paper.command,
        "Check one paper, a line a number.",
        ("backwalk paper article.pdf", "pdftotext article.pdf - | backwalk paper -"),
    ),
    "analyse": (
        analyse.command,
        "Analyse a trial; write a report.",
        ("backwalk analyse my_trial/trial.toml --open",
         "backwalk analyse my_trial/trial.toml --only html,docx --small-cell 10"),
    ),
    "check": (
        check.command,
        "List every fault of a trial's files.",
        ("backwalk check my_trial/trial.toml", "backwalk check my_trial/trial.toml --json"),
    ),
    "init": (init.command, "Make the folder of a new trial.", ("backwalk init my_trial",)),
    "studies": (
        studies.command,
        "List the studies of the record.",
        ("backwalk studies", "backwalk studies --json"),
    ),
    "instruments": (
        instruments.command,
        "List the instruments that are known.",
        ("backwalk instruments", "backwalk instruments womac"),
    ),
    "verify": (
        verify.command,
        "Hold a report's files to their hashes.",
        ("backwalk verify reports/my_trial",),
    ),
}  # fmt: skip

PLAN: dict[str, tuple[Callable[..., None], str, tuple[str, ...]]] = {
    "power": (
        power.command,
        "Simulate the power of the planned analyses.",
        ("backwalk plan power my_trial/trial.toml",
         "backwalk plan power my_trial/trial.toml --scenario expected --replicates 2000",
         "backwalk plan power my_trial/trial.toml --scheduler tcp://host:8786 --resume"),
    ),
    "lock": (
        lock.command,
        "Fix what is planned, before the data are seen.",
        ("backwalk plan lock my_trial/trial.toml",
         'backwalk plan lock my_trial/trial.toml --amend --reason "age left out: not collected"'),
    ),
    "dry-run": (
        dry_run.command,
        "The whole report on arms dealt by chance, for a blind review.",
        ("backwalk plan dry-run my_trial/trial.toml",
         "backwalk plan dry-run my_trial/trial.toml --show-effects"),
    ),
    "status": (
        status.command,
        "Where a trial stands, and what differs from its plan.",
        ("backwalk plan status my_trial/trial.toml",),
    ),
}  # fmt: skip


def examples(lines: Sequence[str]) -> str:
    """Return examples as the foot of a help page, their lines kept.

    >>> examples(["backwalk studies"]).splitlines()[1:]
    ['Examples:', '  backwalk studies']
    """
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def _with_commands(app: typer.Typer) -> typer.Typer:
    """Give the program every command, with its line and its examples."""
    for name, (command, short, lines) in COMMANDS.items():
        app.command(name, short_help=short, epilog=examples(lines))(command)
    app.command("analyze", hidden=True, epilog=examples(COMMANDS["analyse"][2]))(analyse.command)
    app.add_typer(_plan(), short_help="Power, lock, dry run and status of a plan.")
    app.add_typer(motion.app, short_help="Recordings to features and curve tests.")
    return app


def _plan() -> typer.Typer:
    """Return the commands of a plan, before there are data and around their analysis."""
    group = typer.Typer(
        name="plan",
        help="Plan a trial before there are data, lock the plan, and say where it stands.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for name, (command, short, lines) in PLAN.items():
        group.command(name, short_help=short, epilog=examples(lines))(command)
    return group


app = _with_commands(
    typer.Typer(
        name="backwalk",
        help="Analyse trials of backward against forward walking; recompute the published ones.",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"backwalk {version('backwalk-stats')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            callback=_show_version,
            is_eager=True,
            help="Show the version.",
        ),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that cannot show a character gets "?" and not a crash.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command on what follows `backwalk`, by default of the process; return its exit code.

    0 ran; 1 `--strict` and a finding does not hold; 2 bad input or usage; 70 a fault in this
    package (the only case with a traceback); 130 interrupted; 141 the reader of a pipe left.

    >>> run(["reproduce", "--evidence", "no-such-folder"])
    2
    """
    try:
        from backwalk_stats.report.provenance import commanded

        given = sys.argv[1:] if arguments is None else arguments
        with interrupts_kept(), commanded(given):
            app(args=None if arguments is None else list(arguments), prog_name="backwalk")
    except SystemExit as ending:
        return _code(ending)
    except BackwalkError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        return _refuse(_file_trouble(error))
    except Exception:
        traceback.print_exc()
        typer.echo("backwalk: this is a fault in backwalk itself; please report it.", err=True)
        return FAULT_OF_OURS
    return RAN


def _code(ending: SystemExit) -> int:
    # Typer ends with 1 when the reader of a pipe leaves; here 1 means that a finding does not hold.
    if isinstance(ending.__context__, BrokenPipeError):
        return PIPE_CLOSED
    return ending.code if isinstance(ending.code, int) else RAN


def _refuse(message: str) -> int:
    lines = (printable(line, limit=2000) for line in message.splitlines())
    typer.echo("backwalk: " + "\n".join(lines), err=True)
    return BAD_INPUT


def _file_trouble(error: OSError) -> str:
    what = error.strerror or type(error).__name__
    where = f": {error.filename}" if error.filename else ""
    return f"{what}{where}"
