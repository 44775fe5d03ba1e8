"""Files that a trial file names: beside it or below it, and never anywhere else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

INSIDE = "a file beside or below the trial file"
COPY = "Copy the file into the trial's folder and name it from there"


def place_problem(name: str, folder: Path) -> tuple[str, str] | None:
    """Return what is wrong with where a file is said to be, and what to do; None for nothing.

    Parameters
    ----------
    name : str
        As the trial file writes it.
    folder : Path
        The folder of the trial file.

    Examples
    --------
    >>> place_problem("../scores.csv", Path("trial"))[0]
    'a path that leads out of the folder'
    >>> place_problem("data/scores.csv", Path("trial")) is None
    True
    """
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.anchor:
        return "an absolute path", COPY
    if "\\" in name:
        return "a backslash", "Write folders with /"
    if ".." in posix.parts:
        return "a path that leads out of the folder", COPY
    path = folder / posix
    if not path.resolve().is_relative_to(folder.resolve()):
        return "a link that leads out of the folder", COPY
    return None
