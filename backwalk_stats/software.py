"""Which libraries compute in a run: who hands numbers to one says so, and the run listens.

The methods text and the stamp of a run name a library because it has computed something, not
because it is installed or imported. Outside of a run nobody listens, and saying so costs nothing.
numpy and pandas hold every number of every run and are not told one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HEARD: ContextVar[set[str] | None] = ContextVar("libraries that compute in a run", default=None)


@contextmanager
def libraries_that_compute() -> Iterator[set[str]]:
    """Listen while a block runs; a run around it hears the same.

    What a thread or a process that the block starts says is not heard: who starts one says for it.

    Yields
    ------
    set of str
        Names of distributions, filled while the block runs.

    Examples
    --------
    >>> with libraries_that_compute() as heard:
    ...     computes_with("scipy")
    >>> sorted(heard)
    ['scipy']
    """
    heard: set[str] = set()
    around = _HEARD.get()
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)
        if around is not None:
            around |= heard


def computes_with(library: str) -> None:
    """Say that a library computes now; stands beside the call.

    Parameters
    ----------
    library : str
        Name of its distribution, such as "statsmodels".
    """
    heard = _HEARD.get()
    if heard is not None:
        heard.add(library)
