"""One run at a time writes into a folder."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backwalk_stats.errors import UsageError

LOCK_NAME = ".backwalk.lock"


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
    """Create the lock file; tell whether it was not there before."""
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
