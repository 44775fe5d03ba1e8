"""`backwalk init`: a folder for a new trial, with a trial file, an empty data sheet, a notebook."""

from __future__ import annotations

import re
import shutil
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from backwalk_stats.cli.terminal import Quiet
from backwalk_stats.errors import UsageError

TEMPLATES = ("trial.toml", "scores.csv", "trial.ipynb", "README.md")
_TRIAL_ID = "my-trial"


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one.")],
    quiet: Quiet = False,
) -> None:
    """Make the folder of a new trial: a commented trial file, an empty data sheet, a notebook."""
    written = write_folder(folder)
    if not quiet:
        file = written / "trial.toml"
        typer.echo(
            f"{written}: {', '.join(TEMPLATES)}\n"
            f"Fill in scores.csv, adapt trial.toml, then run: backwalk check {file}"
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
    whole = Path(folder.absolute())
    whole.parent.mkdir(parents=True, exist_ok=True)
    beside = whole.with_name(f".{whole.name}.backwalk-new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        for name, content in contents(trial_id(whole.name)).items():
            (beside / name).write_bytes(content)
        if whole.exists():
            whole.rmdir()
        beside.rename(whole)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


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
