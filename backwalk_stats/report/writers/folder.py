"""Outputs reach the disk whole or not at all, and only inside the folder that was asked for."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from backwalk_stats.errors import UsageError

STAGING = ".backwalk-new"
JOURNAL = "journal.json"  # in the staging folder: there once everything else in it is complete
MANIFEST = "provenance.json"
# Endings of files, by which nobody means a folder.
_OTHER = "csv doc docx htm html json md odt pdf png ppt pptx rtf svg tex txt xls xlsx xml zip"
OTHER_FILES = tuple(f".{one}" for one in _OTHER.split())
INNER = ("figures", "tables")  # folders of a report
_NAME = re.compile(rf"(?:(?:{'|'.join(INNER)})/)?[a-z0-9][a-z0-9_.-]{{0,90}}")
_OF_A_RUN = re.compile(
    r"(?:figures/[a-z0-9][a-z0-9_-]{0,80}\.(?:svg|png)|tables/[a-z0-9][a-z0-9_-]{0,80}\.csv)"
)
_MOST = 4_000_000  # bytes of a journal or a manifest: far more than any run writes
LOCK_NAME = ".backwalk.lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """What a run puts in place once everything is on the disk.

    Attributes
    ----------
    new : dict of str to str
        Name of each output to its sha256, in the order in which they are renamed; the first is
        staged as "0".
    old : dict of str to str
        Name and sha256 of figures and tables of the run before that are removed.
    """

    new: dict[str, str]
    old: dict[str, str]


def write_folder(folder: Path, outputs: Mapping[str, bytes]) -> Path:
    """Write all outputs of a run into a folder.

    Everything is first written beside its place and flushed to the disk, then a journal of what
    goes where; then each file is put in place by one rename, the manifest last. A run that is
    stopped before the journal leaves what was there; one that is stopped after it is finished by
    the next run. Figures and tables of a former run that this run does not make are removed,
    provided that the former manifest lists them and nobody has changed them since.

    Parameters
    ----------
    folder : Path
        Is made where it is missing.
    outputs : mapping of str to bytes
        Name inside the folder ("report.html", "figures/forest_pain.svg") to content.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If something in the way is not what it should be: a file where a folder must stand, a
        link, another run at work.
    """
    with reserved(folder):
        return write_reserved(folder, outputs)


@contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Hold a folder for one run from its beginning to its end.

    The folder is made where it is missing, and taken away again if the run leaves nothing in it.
    What an interrupted run had begun to put in place is finished first; what it had not completed
    is removed.

    Raises
    ------
    UsageError
        If a link or a file stands in its place, or another run holds it.
    """
    check_folder(folder)
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder):
            _settle(folder)
            yield
    finally:
        for place in missing:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def write_reserved(folder: Path, outputs: Mapping[str, bytes]) -> Path:
    """Write all outputs of a run into a folder that the caller holds, as `write_folder` does."""
    for name in outputs:
        _inside(folder, name)
    check_way(folder, outputs)
    old = _left_over(folder, set(outputs))
    staging = folder / STAGING
    _settle(folder)
    staging.mkdir()
    try:
        journal = _stage(staging, outputs, old)
    except BaseException:
        _clear(staging)
        raise
    _put_in_place(folder, journal)
    return folder


def write_file(path: Path, content: bytes) -> Path:
    """Write one file whole or not at all.

    Raises
    ------
    UsageError
        If a link or a folder stands at its place.
    """
    check_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*.new"):
        process = left.name.split(".")[-2]
        if process.isdecimal() and not runs(int(process)):
            left.unlink()
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _flush(beside, content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _flush_folder(path.parent)
    return path


def is_one_file(path: Path, endings: Sequence[str]) -> bool:
    """Tell whether a path names one file of a report; else it is a folder.

    Raises UsageError where it ends as another kind of file does: nobody means a folder by it.

    >>> is_one_file(Path("report.html"), (".html", ".pdf")), is_one_file(Path("v1.2"), (".html",))
    (True, False)
    """
    ending = path.suffix.lower()
    if path.is_dir():
        return False
    if ending in endings:
        return True
    if ending in OTHER_FILES:
        told = f", or one file that ends in {', '.join(endings)}" if endings else ""
        raise UsageError(f"expected the name of a folder{told}; found '{path.name}'")
    return False


def check_file(path: Path) -> None:
    """Raise when something other than a plain file stands at a path, or a file above it."""
    if path.is_symlink():
        raise UsageError(f"{path} is a link; nothing is written through a link")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is a folder, expected a file; move it away and try again")
    _check_above(path.parent)


def check_folder(folder: Path) -> None:
    """Raise when a folder cannot be written into: a link, or a file in its place."""
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link, expected a folder; name the folder itself")
    _check_above(folder)


def _check_above(folder: Path) -> None:
    """Raise when the nearest thing that exists on the way to a folder is a file."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if there.exists() and not there.is_dir():
        raise UsageError(f"{there} is a file, expected a folder to write into")


def check_way(folder: Path, names: Iterable[str]) -> None:
    """Raise when a link, or a folder in place of a file, stands in the way of an output."""
    for name in _inner_folders(names):
        inner = folder / name
        if inner.is_symlink() or (inner.exists() and not inner.is_dir()):
            raise UsageError(f"{inner} is not a plain folder; move it away and try again")
    for name in names:
        check_file(folder / name)


def _inner_folders(names: Iterable[str]) -> tuple[str, ...]:
    """Return the folders inside the report that outputs need; figures have one in any case."""
    return tuple(
        inner
        for inner in INNER
        if inner == "figures" or any(name.startswith(f"{inner}/") for name in names)
    )


def _inside(folder: Path, name: str) -> Path:
    """Return where an output goes; raise when its name would lead out of the folder."""
    plain = is_output_name(name)
    target = folder / PurePosixPath(name if plain else "x")
    if not plain or not target.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"the output name {name!r} does not stay inside {folder}")
    return target


def is_output_name(name: str) -> bool:
    """Tell whether a name is one that an output of a run can have: plain, and inside the folder.

    Examples
    --------
    >>> is_output_name("figures/forest_pain.svg"), is_output_name("../report.html")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None and ".." not in name


def _stage(staging: Path, outputs: Mapping[str, bytes], old: Mapping[str, str]) -> Journal:
    """Write every output into the staging folder and flush it; write the journal last."""
    names = sorted(outputs, key=lambda name: (name == MANIFEST, name))
    for place, name in enumerate(names):
        _flush(staging / str(place), outputs[name])
    digests = {name: hashlib.sha256(outputs[name]).hexdigest() for name in names}
    journal = Journal(new=digests, old=dict(old))
    text = json.dumps({"new": journal.new, "old": journal.old}, indent=1)
    _flush(staging / f"{JOURNAL}.new", text.encode())
    (staging / f"{JOURNAL}.new").replace(staging / JOURNAL)
    _flush_folder(staging)
    _flush_folder(staging.parent)
    return journal


def _put_in_place(folder: Path, journal: Journal) -> None:
    """Do what a journal says, or what is left of it, and remove it.

    A staged file that is gone was put in place already. What others changed since is left alone.
    """
    check_way(folder, journal.new)
    staging = folder / STAGING
    for inner in _inner_folders(journal.new):
        (folder / inner).mkdir(exist_ok=True)
    for place, name in enumerate(journal.new):
        staged = staging / str(place)
        if staged.is_file() and not staged.is_symlink():
            _renamed(staged, folder / name)
    for name, digest in journal.old.items():
        if _unchanged(folder / name, digest):
            (folder / name).unlink()
    for inner in ("", *_inner_folders(journal.new)):
        _flush_folder(folder / inner)
    _clear(staging)


def _renamed(staged: Path, target: Path) -> None:
    """Put a file in place; say what to do when something holds the old one open."""
    try:
        staged.replace(target)
    except PermissionError as error:
        raise UsageError(
            f"{target} cannot be replaced ({error.strerror}); close the program that shows it, or "
            "allow writing, and run the command again: until then the folder is of two runs"
        ) from None


def _settle(folder: Path) -> None:
    """Finish what an interrupted run had begun to put in place; remove what it had not completed.

    The caller holds the folder.
    """
    journal = pending(folder)
    if journal is not None:
        _put_in_place(folder, journal)
    _clear(folder / STAGING)


def pending(folder: Path) -> Journal | None:
    """Return what an interrupted run has left to put in place; None where it left nothing whole."""
    staging = folder / STAGING
    if staging.is_symlink():
        return None
    held = small_json(staging / JOURNAL)
    try:
        new, old = dict(held["new"]), dict(held["old"])
    except (KeyError, TypeError, ValueError):
        return None
    texts = [*new, *new.values(), *old, *old.values()]
    if not all(isinstance(text, str) for text in texts) or not all(map(is_output_name, new)):
        return None
    return Journal(
        new=new, old={name: one for name, one in old.items() if _OF_A_RUN.fullmatch(name)}
    )


def small_json(path: Path) -> Any:  # noqa: ANN401
    """Return what a JSON file of ours holds; None when it cannot be read, is a link or is huge.

    Examples
    --------
    >>> small_json(Path("no such file")) is None
    True
    """
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST:
            return None
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _flush(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Wait until the disk knows the new names; not every system can be asked to."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(staging: Path) -> None:
    """Remove what an interrupted run left behind; a link is removed, never followed."""
    if staging.is_symlink() or staging.is_file():
        staging.unlink()
    elif staging.exists():
        shutil.rmtree(staging)


def _left_over(folder: Path, new: set[str]) -> dict[str, str]:
    """Return figures and tables that only the former run made, still as it left them, by name."""
    return {
        name: digest
        for name, digest in _listed(folder / MANIFEST).items()
        if _OF_A_RUN.fullmatch(name) and name not in new and _unchanged(folder / name, digest)
    }


def _listed(manifest: Path) -> dict[str, str]:
    """Return outputs and hashes of the former run; none when its manifest cannot be read."""
    held = small_json(manifest)
    outputs = held.get("outputs") if isinstance(held, dict) else None
    return {str(k): str(v) for k, v in outputs.items()} if isinstance(outputs, dict) else {}


def _unchanged(path: Path, digest: str) -> bool:
    """Tell whether a plain file has this sha256."""
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


# One run at a time writes into a folder.


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    Parameters
    ----------
    folder : Path
        An existing folder.

    Raises
    ------
    UsageError
        If another run that is still alive, or one on another machine, holds the lock.
    """
    lock = folder / LOCK_NAME
    mine = f"{os.getpid()} {socket.gethostname()}\n"
    if not _taken(lock, mine):
        _set_aside_if_dead(lock)
        if not _taken(lock, mine):
            raise _busy(lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def require_free(folder: Path) -> None:
    """Raise when a run holds a folder, as far as its lock tells; a dead run's lock counts as none.

    Raises
    ------
    UsageError
        As `locked`.
    """
    lock = folder / LOCK_NAME
    held = _read(lock)
    if held and not _is_dead(held):
        raise _busy(lock)


def _taken(lock: Path, mine: str) -> bool:
    """Create the lock file; tell whether it was not there before.

    It appears with its holder's name in it: one that is killed on the way leaves no lock that
    belongs to nobody and that no later run could set aside.
    """
    for left in lock.parent.glob(f"{LOCK_NAME}.*.new"):
        if not _read(left) or _is_dead(_read(left)):
            left.unlink(missing_ok=True)
    named = lock.with_name(f"{LOCK_NAME}.{os.getpid()}.new")
    named.write_text(mine, encoding="utf-8")
    try:
        os.link(named, lock)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        return _created(lock, mine)
    finally:
        named.unlink(missing_ok=True)
    return True


def _created(lock: Path, mine: str) -> bool:
    """Create the lock file empty, then fill it; tell whether it was not there before."""
    try:
        handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(mine)
    return True


def _set_aside_if_dead(lock: Path) -> None:
    """Remove a lock whose holder has died; raise when the holder lives or cannot be asked."""
    held = _read(lock)
    if not _is_dead(held):
        raise _busy(lock)
    aside = lock.with_name(f"{LOCK_NAME}.{os.getpid()}")
    try:
        lock.rename(aside)
    except FileNotFoundError:
        return
    # Between reading and renaming another run may have taken the lock over: then give it back.
    stolen = _read(aside) != held
    if stolen and not lock.exists():
        aside.rename(lock)
    else:
        aside.unlink()
    if stolen:
        raise _busy(lock)


def _read(lock: Path) -> str:
    """Return what a lock file says; "" when it is gone, or not a plain file."""
    if lock.is_symlink() or not lock.is_file():
        return ""
    return lock.read_text(encoding="utf-8", errors="replace")


def _is_dead(held: str) -> bool:
    """Tell whether the holder of a lock is known to have ended."""
    process, _, host = held.strip().partition(" ")
    return process.isdecimal() and host == socket.gethostname() and not runs(int(process))


def runs(process: int) -> bool:
    """Tell whether a process of this machine is alive.

    Examples
    --------
    >>> runs(os.getpid())
    True
    """
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _busy(lock: Path) -> UsageError:
    """Return the error that says who is in the way and what to do."""
    holder = _read(lock).strip().split(" ")[0]
    by = f" (process {holder})" if holder.isdecimal() else ""
    return UsageError(
        f"another run{by} is writing into {lock.parent}; wait until it has ended. If none is "
        f"running, delete {lock} and try again"
    )
