"""Holds the files of a report folder against the hashes of its provenance.

What is found is a change since the run: an edit, a damaged copy, a file of another run. The stamp
is not signed: whoever changes a file and its hash in the stamp is not found out.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.report.writers.folder import (
    INNER,
    LOCK_NAME,
    MANIFEST,
    STAGING,
    is_output_name,
    pending,
    require_free,
    small_json,
)

MOST_FILES = 10_000  # more than any run writes
MOST_BYTES = 1_000_000_000  # of one file; nothing that a run writes is near it
SHOWN_EXTRA = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = "run the command that wrote it again"
# A link or a pipe that has just taken a file's place is neither followed nor waited on.
_FLAGS = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What holding a folder against its stamp has found.

    Attributes
    ----------
    files : int
        How many files the stamp lists.
    faults : tuple of str
        One sentence for each listed file that does not hold; empty where all do.
    extra : tuple of str
        Files and folders that the stamp does not list. They are no fault: a note or a signature
        beside a report is the reader's own.
    """

    files: int
    faults: tuple[str, ...]
    extra: tuple[str, ...]

    def told(self, folder: Path) -> str:
        """Return what was found: one line where all files hold, else one more for each fault.

        Examples
        --------
        >>> found = Verification(files=2, faults=(), extra=("notes.txt",))
        >>> found.told(Path("mine"))
        'mine: all 2 files are as the run wrote them; not of the run: notes.txt'
        """
        where = printable(str(folder), limit=1000)
        shown = [printable(name) for name in self.extra[:SHOWN_EXTRA]]
        more = len(self.extra) - len(shown)
        besides = f"not of the run: {', '.join(shown)}{f' and {more} more' if more else ''}"
        if self.faults:
            head = f"{where}: {len(self.faults)} of {self.files} files do not hold:"
            lines = [f"  {line}" for line in (*self.faults, *([besides] if shown else []))]
            return "\n".join([head, *lines])
        held = "the 1 file is as the run wrote it"
        if self.files > 1:
            held = f"all {self.files} files are as the run wrote them"
        return f"{where}: {held}{f'; {besides}' if shown else ''}"


def verify_folder(folder: Path) -> Verification:
    """Hold every file that the stamp of a report folder lists against its hash.

    Parameters
    ----------
    folder : Path
        The folder of a report, with its provenance.json. Nothing is written.

    Raises
    ------
    UsageError
        If there is no such folder, its stamp is missing or cannot be used, another run is writing
        into it, or an interrupted run has left it between two runs.
    """
    if not folder.is_dir():
        what = "is a file, expected" if folder.exists() else "is not there; expected"
        raise UsageError(f"{folder} {what} the folder of a report")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UsageError(f"{folder} cannot be read; allow reading it and try again")
    require_free(folder)
    if pending(folder) is not None:
        raise UsageError(
            f"a run was interrupted while it put its files into {folder}, which may hold files of "
            f"two runs; {_AGAIN} into this folder: it first finishes what was begun"
        )
    listed = _listed(folder)
    faults = (_fault(folder, name, digest) for name, digest in listed.items())
    return Verification(
        files=len(listed),
        faults=tuple(fault for fault in faults if fault),
        extra=tuple(_extra(folder, listed)),
    )


def _listed(folder: Path) -> Mapping[str, str]:
    """Return name and hash of every output of the run, as its stamp says."""
    manifest = folder / MANIFEST
    if not os.path.lexists(manifest):
        begun = os.path.lexists(folder / STAGING)
        why = "; the run that began to write here was interrupted" if begun else ""
        raise UsageError(
            f"{folder} has no {MANIFEST}, so there is nothing to hold its files against{why}. Name "
            f"a folder that a report was written into, or {_AGAIN}"
        )
    if not os.access(manifest, os.R_OK):
        raise UsageError(f"{manifest} cannot be read; allow reading it and try again")
    held = small_json(manifest)
    outputs = held.get("outputs") if isinstance(held, dict) else None
    listed = dict(outputs) if isinstance(outputs, dict) else {}
    usable = all(isinstance(one, str) and _SHA256.fullmatch(one) for one in listed.values())
    if not usable or not 0 < len(listed) <= MOST_FILES:
        raise UsageError(
            f"{manifest} cannot be used: expected a readable JSON file whose 'outputs' give every "
            f"file and its sha256. It is damaged or was changed: {_AGAIN}"
        )
    return listed


def _fault(folder: Path, name: str, digest: str) -> str:
    """Return why a listed file does not hold, "" where it does."""
    told = printable(name, limit=100)
    if not is_output_name(name):
        return f"{told}: no name of a file that a run writes here; the stamp was changed"
    path = folder / name
    try:
        for place in (path.parent, path):
            if place != folder and place.is_symlink():
                return f"{told}: {place.name} is a link, expected the file itself"
        found = _sha256(path)
    except (FileNotFoundError, NotADirectoryError):
        return f"{told}: missing"
    except OSError as error:
        return f"{told}: cannot be read ({error.strerror or type(error).__name__})"
    if found is None:
        return f"{told}: not a plain file of a report's size"
    return "" if found == digest else f"{told}: changed since the run"


def _sha256(path: Path) -> str | None:
    """Return the hash of a plain file; None where it is none, or huge."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_size > MOST_BYTES:
            return None
        return hashlib.file_digest(file, "sha256").hexdigest()


def _extra(folder: Path, listed: Mapping[str, str]) -> Iterator[str]:
    """Yield what lies in the folder, and in those of figures and tables, and is not listed."""
    ours = {MANIFEST, LOCK_NAME, *listed}
    for inner in ("", *INNER):
        place = folder / inner
        try:
            names = sorted(os.listdir(place)) if not inner or not place.is_symlink() else []
        except OSError:
            continue
        for name in names:
            known = f"{inner}/{name}" if inner else name
            if known not in ours and known not in INNER:
                yield known
