"""A reader in a process of its own: what a file breaks there, or takes, it does not take from us.

Libraries that read binary and compressed formats are written in C, C++ and Rust, and follow sizes
that a file states. A damaged file can end their process, never come to an end, or ask for all
memory, and none of it can be caught from within. So such a file is read by another process, with
bounds on memory and time, whose answer comes back through a pipe.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import IO, Any, TypeVar

from backwalk_stats.errors import BackwalkError, InputError

Answer = TypeVar("Answer")
MEMORY = 1536 * 1024**2  # bytes of addresses, the reader's libraries among them
SECONDS = 60  # of work on one file
PATIENCE = 180  # seconds until an answer, however busy the machine
LENGTH = 8  # bytes that say how long a message is
# Their threads would take memory for nothing.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
START = "import sys; sys.path[:] = {path!r}; from {module} import {serve} as serve; serve()"
_OPEN: ContextVar[list[_Reader] | None] = ContextVar("reader", default=None)


def read_apart(
    read: Callable[..., Answer], *arguments: object, file: str, what: str, action: str
) -> Answer:
    """Return what a function of a module gives in the reader's process.

    Arguments and answer go through a pipe. What it raises on purpose is raised here; whatever else
    happens there is the fault of one file: `what` ("a sound workbook") was expected of it.

    >>> read_apart(len, b"abc", file="a.xlsx", what="a workbook", action="")
    3
    """
    held = _OPEN.get()
    reader = held.pop() if held else _Reader()
    try:
        found, answer = reader.ask(read, arguments)
    except BaseException:
        reader.close()
        raise
    if held is None or not reader.alive:
        reader.close()
    else:
        held.append(reader)
    if isinstance(answer, BackwalkError) and found:
        raise answer
    if found:
        raise InputError.of(file, what, found, action)
    given: Answer = answer
    return given


@contextmanager
def one_reader() -> Iterator[None]:
    """Keep the reader's process between the files that are read within: its start takes a while."""
    if _OPEN.get() is not None:
        yield
        return
    held: list[_Reader] = []
    token = _OPEN.set(held)
    try:
        yield
    finally:
        _OPEN.reset(token)
        for reader in held:
            reader.close()


class _Reader:
    """A process that answers one question after the other, as long as it lives."""

    def __init__(self) -> None:
        start = START.format(path=sys.path, module=__name__, serve=serve.__name__)
        command = [sys.executable, "-I", "-c", start]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD},
        )
        self.alive = True

    def ask(self, read: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[str, Any]:
        """Return why there is no answer ("" where there is one), and the answer or error."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        clock = threading.Timer(PATIENCE, stop)
        clock.daemon = True
        clock.start()
        try:
            _send(self._pipe("stdin"), (read.__module__, read.__qualname__, arguments))
            answer = _received(self._pipe("stdout"))
        except OSError:  # it ended while the question was on its way
            answer = None
        finally:
            clock.cancel()
        if answer is not None:
            found, given = answer
            return str(found), given
        self.alive = False
        return (
            f"one that takes longer than {PATIENCE} s to read" if late.is_set() else ENDED
        ), None

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] = getattr(self._process, name)
        return pipe

    def close(self) -> None:
        """End the process, which has nothing to lose."""
        self._process.kill()
        for name in ("stdin", "stdout"):
            try:
                self._pipe(name).close()
            except OSError:  # what was not sent yet cannot be
                continue
        self._process.wait()


ENDED = f"a damaged file, or one that takes more than {MEMORY // 1024**2} MB or {SECONDS} s to read"


def _send(pipe: IO[bytes], message: object) -> None:
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(content).to_bytes(LENGTH, "little"))
    pipe.write(content)
    pipe.flush()


def _received(pipe: IO[bytes]) -> Any:  # noqa: ANN401
    """Return the next message; None where the other side has ended.

    Both sides are this program, run by the same user: a message is trusted as the program is.
    """
    length = pipe.read(LENGTH)
    size = int.from_bytes(length, "little")
    content = pipe.read(size) if len(length) == LENGTH else b""
    return pickle.loads(content) if content and len(content) == size else None


# In the other process.


def serve() -> None:
    """Answer questions from the standard input until it ends."""
    # Whatever a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _bound_memory()
    while (question := _received(sys.stdin.buffer)) is not None:
        module, name, arguments = question
        _bound_time()
        try:
            found, answer = "", getattr(import_module(module), name)(*arguments)
        except BackwalkError as error:
            found, answer = "refused", error
        except MemoryError:
            found, answer = f"one that takes more than {MEMORY // 1024**2} MB to read", None
        except Exception as error:
            # A library may raise anything at what it does not expect.
            found, answer = f"one that cannot be read ({type(error).__name__})", None
        try:
            _send(answers, (found, answer))
        except MemoryError:
            found = f"one that takes more than {MEMORY // 1024**2} MB to read"
            _send(answers, (found, None))


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:
        # Windows has no such bounds; there the time limit of the caller remains.
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time() -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + SECONDS
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))
