"""How far long work has come: a bar on a terminal and in a notebook, a line a stage elsewhere."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType, TracebackType
from typing import Any, TextIO

from backwalk_stats.errors import printable

SILENCED = "BACKWALK_PROGRESS"  # "0" in the environment keeps bars away, as in stored notebooks
Tell = Callable[[int, int, str], None]
_INTERRUPTED: ContextVar[threading.Event | None] = ContextVar("interrupted", default=None)
WAIT = 1.0  # seconds: what is done sooner shows no bar


class Progress:
    """Tells how far work has come, on the standard error, so that a pipe stays clean.

    Parameters
    ----------
    shown : bool
        False keeps it silent.
    lines : bool
        Where there is neither a terminal nor a notebook: whether each stage gets a line. A command
        says its stages; a function that is called from a script is silent.
    stream : text stream, optional
        By default the standard error.

    Examples
    --------
    >>> with Progress(shown=False) as progress:
    ...     progress.say("recomputing")
    ...     progress(1, 2, "figures")
    """

    def __init__(
        self, *, shown: bool = True, lines: bool = False, stream: TextIO | None = None
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        shown = shown and os.environ.get(SILENCED) != "0"
        self._bars = shown and (self._stream.isatty() or _in_notebook())
        self._lines = shown and lines and not self._bars
        self._bar: Any = None
        self._stage = ""

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away, so that what is printed next starts on a clean line."""
        self.close()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` steps are done and `what` comes now."""
        _stop_if_interrupted()
        text = printable(what, limit=60)
        if self._bars:
            if self._bar is None or self._bar.total != total or done < self._bar.n:
                self.close()
                self._bar = _bar(total, self._stream)
            self._bar.set_description_str(text, refresh=False)
            self._bar.update(done - self._bar.n)
            if done + 1 >= total:
                self._bar.refresh()
        elif self._lines and done == 0:
            self.say(f"{text}, and {total - 1} steps more" if total > 1 else text)

    def say(self, what: str) -> None:
        """Name a stage whose steps are not counted."""
        _stop_if_interrupted()
        text = printable(what, limit=76)
        if self._bars and self._stream.isatty():
            self.close()
            self._stage = text
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
        elif self._lines:
            self._stream.write(f"backwalk: {text}\n")
            self._stream.flush()

    def close(self) -> None:
        """Take away what is shown."""
        if self._stage:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._stage = ""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Keep an interrupt of the user, so that the next stage ends where a library has swallowed it.

    Compiled extensions drop an exception that is raised while they are imported or call back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    token, before = _INTERRUPTED.set(interrupted), signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _INTERRUPTED.reset(token)


def _stop_if_interrupted() -> None:
    interrupted = _INTERRUPTED.get()
    if interrupted is not None and interrupted.is_set():
        raise KeyboardInterrupt


@contextmanager
def telling(progress: Tell | None) -> Iterator[Tell]:
    """Give what the caller wants to be told by; a bar, taken away at the end, where it is None."""
    if progress is not None:
        yield progress
        return
    with Progress() as bar:
        yield bar


def silent(done: int, total: int, what: str) -> None:
    """Say nothing."""


def _bar(total: int, stream: TextIO) -> Any:  # noqa: ANN401
    """Return a bar; in a notebook as a widget where widgets are installed."""
    import tqdm as package

    package.tqdm.monitor_interval = 0  # no thread of its own
    if _in_notebook():
        try:
            import ipywidgets  # noqa: F401
            from tqdm.notebook import tqdm
        except ImportError:
            from tqdm.std import tqdm
    else:
        from tqdm.std import tqdm
    where = {} if _in_notebook() else {"file": stream, "dynamic_ncols": True}
    form = "{desc} {percentage:3.0f} %|{bar}| {n_fmt}/{total_fmt}"
    return tqdm(total=total, leave=False, delay=WAIT, bar_format=form, **where)


def _in_notebook() -> bool:
    """Return whether this runs in a Jupyter kernel."""
    shell = sys.modules.get("IPython")
    if shell is None:
        return False
    running = shell.get_ipython()
    return running is not None and type(running).__name__ == "ZMQInteractiveShell"
