"""What can go wrong, said so that the reader knows what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_FAULTS = 50


def printable(text: str, limit: int = 80) -> str:
    r"""Return text that is safe on a terminal: no control characters, not too long.

    Examples
    --------
    >>> printable("a\x1b[31mb")
    'a?[31mb'
    """
    clean = "".join(character if character.isprintable() else "?" for character in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong in an input, where it stands and what to do.

    Attributes
    ----------
    file : str
        Its name without the folder.
    row : int or None
        The line as an editor counts it, the header being line 1.
    column : str or None
        The column, or the dotted key of a trial file.
    expected, found, action : str
        What was expected, what stands there (never a participant's value), and what to do.
    """

    file: str
    row: int | None = None
    column: str | None = None
    expected: str
    found: str
    action: str = ""

    def __str__(self) -> str:
        """Return the fault as one line of text."""
        place = [self.file]
        place += [f"line {self.row}"] if self.row is not None else []
        place += [f"column {printable(self.column)}"] if self.column is not None else []
        text = f"{', '.join(place)}: expected {self.expected}, found {printable(self.found)}"
        return f"{text}. {self.action}" if self.action else text


class BackwalkError(Exception):
    """The parent of every error that this package raises on purpose."""


class UsageError(BackwalkError):
    """A choice that does not exist or does not fit; the message lists the choices."""


class NotEstimable(BackwalkError, ValueError):
    """The numbers given do not determine the quantity asked for."""


class InputError(BackwalkError):
    """An input that cannot be used as it stands; carries every fault found, not the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        shown = [f"  {fault}" for fault in self.faults[:SHOWN_FAULTS]]
        more = len(self.faults) - len(shown)
        tail = [f"  and {more} more"] if more else []
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__("\n".join([f"{len(self.faults)} {noun} in the input:", *shown, *tail]))
