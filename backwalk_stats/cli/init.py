"""`backwalk init`: a folder for a new trial: an empty one to fill in, or drafted from a sheet."""

from __future__ import annotations

import re
import shlex
import shutil
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from backwalk_stats.cli.terminal import Quiet
from backwalk_stats.errors import UsageError, printable

TEMPLATES = ("trial.toml", "scores.csv", "trial.ipynb", "README.md")
_TRIAL_ID = "my-trial"


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one.")],
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="SHEET",
            help="Draft the trial file from a data file of yours, which is copied into DIR.",
        ),
    ] = None,
    dictionary: Annotated[
        Path | None,
        typer.Option(
            "--dictionary", metavar="FILE", help="REDCap's data dictionary, beside its raw export."
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Make the folder of a new trial: a commented trial file and a data sheet, empty or yours."""
    if sheet is None:
        if dictionary is not None:
            raise UsageError("--dictionary belongs to an export of REDCap: give it with --from")
        written = write_folder(folder)
        told = (
            f"{written}: {', '.join(TEMPLATES)}\n"
            "Fill in scores.csv, adapt trial.toml, then run: backwalk check"
        )
    else:
        told = _from_sheet(folder, sheet, dictionary)
    if not quiet:
        typer.echo(f"{told} {shlex.quote(str(folder / 'trial.toml'))}")


def _from_sheet(folder: Path, sheet: Path, dictionary: Path | None) -> str:
    """Draft a trial file from a sheet, write both into the folder; return what was done."""
    from backwalk_stats.loaders.draft.checked_draft import checked_draft

    _check(folder)
    found = checked_draft(sheet, trial_id=trial_id(folder.absolute().name), dictionary=dictionary)
    draft = found.draft
    copied = {one.name: one.read_bytes() for one in (sheet, dictionary) if one is not None}
    _write_whole(folder, {**copied, "trial.toml": draft.text.encode("utf-8")})
    open_lines = f"{draft.questions} lines that begin with # ? ask something"
    left = "check finds no fault in it"
    if found.faults:
        count = "1 fault" if len(found.faults) == 1 else f"{len(found.faults)} faults"
        left = "\n".join([f"check still finds {count}:", *(f"  {one}" for one in found.faults)])
    personal = ""
    if draft.personal:
        listed = ", ".join(printable(one) for one in draft.personal)
        personal = f"\nColumns that identify people were copied but are not used: {listed}"
    if {"an arm", "an outcome"} <= set(draft.lacking):
        lacking = " nor ".join(draft.lacking)
        personal += (
            f"\nNo column looks like {lacking}: is it the sheet of a trial? Where its table has "
            "other rows of names, or the data are in another file, begin with that"
        )
    return (
        f"{folder}: {', '.join(printable(one) for one in (*copied, 'trial.toml'))}\n"
        f"{open_lines}; {left}{personal}\nAnswer them in trial.toml, then run: backwalk check"
    )


def write_folder(folder: Path) -> Path:
    """Write the folder of a new trial, whole or not at all, and return it.

    Parameters
    ----------
    folder : Path
        Is made; may exist where it is empty.

    Returns
    -------
    Path
        The folder, with trial.toml, scores.csv, trial.ipynb and README.md.

    Raises
    ------
    UsageError
        If something is in it already, or a file or a link stands in its place.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     sorted(path.name for path in write_folder(Path(folder, "my_trial")).iterdir())
    ['README.md', 'scores.csv', 'trial.ipynb', 'trial.toml']
    """
    _check(folder)
    _write_whole(folder, contents(trial_id(folder.absolute().name)))
    return folder


def _write_whole(folder: Path, files_by_name: Mapping[str, bytes]) -> None:
    """Write files into a new folder, all of them or none."""
    whole = Path(folder.absolute())
    whole.parent.mkdir(parents=True, exist_ok=True)
    beside = whole.with_name(f".{whole.name}.backwalk-new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        for name, content in files_by_name.items():
            (beside / name).write_bytes(content)
        if whole.exists():
            whole.rmdir()
        beside.rename(whole)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def contents(name: str) -> dict[str, bytes]:
    """Return the files of a new trial, whose id is `name`."""
    room = files("backwalk_stats.cli").joinpath("templates")
    texts = {file: room.joinpath(file).read_text(encoding="utf-8") for file in TEMPLATES}
    return {file: text.replace(_TRIAL_ID, name).encode("utf-8") for file, text in texts.items()}


def trial_id(folder: str) -> str:
    """Return a folder's name as the id of a trial: a-z 0-9 _ - only.

    >>> trial_id("Rückwärts 2026 (Knee)"), trial_id("...")
    ('ruckwarts-2026-knee', 'my-trial')
    """
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:64].strip("-_") or _TRIAL_ID


def _check(folder: Path) -> None:
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link, expected a new folder; name the folder itself")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, expected a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty; name a new folder, so that nothing is overwritten"
        )
