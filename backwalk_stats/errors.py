"""What can go wrong, said so that the reader knows what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_FAULTS = 50
SHOWN_ROWS = 5
LONGEST_NAME = 80  # characters of a name or a cell
LONGEST_FOUND = 120  # of what was found
LONGEST_FILE = 300  # of a file that is named with its folder
LONGEST_TEXT = 500  # of what was expected and of advice, which may list choices
LONGEST_MESSAGE = 4000
# A name in a sentence: between quotation marks, or without a space (parts of a path count apart).
_LONG_NAME = re.compile(
    rf"(?<!\w)'[^']{{{LONGEST_NAME + 1},}}'(?!\w)|[^\s/\\]{{{LONGEST_NAME + 3},}}"
)


def printable(text: str, limit: int = LONGEST_NAME) -> str:
    r"""Return text that is safe on a terminal: no control characters, not too long.

    Faults and errors do it for all that they hold; it is for what is no error.

    >>> printable("a\x1b[31mb")
    'a?[31mb'
    """
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def printable_sentence(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return a sentence as `printable` does, every name in it cut by itself.

    >>> printable_sentence(f"no column '{'x' * 300}'; there are: id, pain")[80:]
    "xxxxxxxxxx…'; there are: id, pain"
    """
    return printable(_LONG_NAME.sub(_cut, text), limit)


def _cut(name: re.Match[str]) -> str:
    whole = name.group()
    if whole[0] == whole[-1] == "'":
        return f"{whole[:LONGEST_NAME]}…'"
    return f"{whole[: LONGEST_NAME - 1]}…"


def lines(rows: Sequence[int]) -> str:
    """Return line numbers in words, the first few of many.

    >>> lines([3]), lines([1, 2, 3, 4, 5, 6, 7])
    ('line 3', 'lines 1, 2, 3, 4, 5 ...')
    """
    first = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = " ..." if len(rows) > SHOWN_ROWS else ""
    return f"{'line' if len(rows) == 1 else 'lines'} {first}{more}"


def nearest(word: str, choices: Iterable[str], *, otherwise: bool = False) -> str:
    """Return advice that names the nearest choice; where none is near, all of them or "".

    >>> nearest("ancvoa", ["ancova", "mmrm"])
    "Did you mean 'ancova'?"
    >>> nearest("t-test", ["ancova", "mmrm"]), nearest("t-test", ["ancova"], otherwise=True)
    ('', 'There are: ancova')
    """
    folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), list(folded), n=1)
    if near:
        return f"Did you mean '{folded[near[0]]}'?"
    return f"There are: {', '.join(folded.values())[:300]}" if otherwise else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong in an input, where it stands and what to do.

    Whatever is given, no part of it holds a control character or an overlong name.

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
    place : str
        The key in words, such as "outcome pain, columns.W6"; "" where it is told as it is.
    """

    file: str
    row: int | None = None
    column: str | None = None
    expected: str
    found: str
    action: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        """Clean every text, once and for all who show it."""
        clean = {
            "file": printable(self.file, LONGEST_FILE),
            "column": None if self.column is None else printable(self.column),
            "expected": printable_sentence(self.expected),
            "found": printable_sentence(self.found, LONGEST_FOUND),
            "action": printable_sentence(self.action),
            "place": printable(self.place, 2 * LONGEST_NAME),
        }
        for name, text in clean.items():
            object.__setattr__(self, name, text)

    def __str__(self) -> str:
        """Return the fault as one line of text."""
        place = [self.file]
        place += [f"line {self.row}"] if self.row is not None else []
        if self.place:
            place.append(self.place)
        elif self.column is not None:
            place.append(f"column {self.column}")
        text = f"{', '.join(place)}: expected {self.expected}, found {self.found}"
        return f"{text}. {self.action}" if self.action else text


class BackwalkError(Exception):
    """The parent of every error that this package raises on purpose.

    Each line of its message is given by itself and cleaned: no name in it can begin another line.
    """

    def __init__(self, *told: object) -> None:
        clean = (printable_sentence(str(line), LONGEST_MESSAGE) for line in told)
        super().__init__("\n".join(clean))

    def __reduce__(self) -> tuple[type[BackwalkError], tuple[object, ...]]:
        """Return how the error is made anew in another process: from its lines."""
        return type(self), tuple(str(self).split("\n"))


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
        Exception.__init__(
            self, "\n".join([f"{len(self.faults)} {noun} in the input:", *shown, *tail])
        )

    def __reduce__(self) -> tuple[type[BackwalkError], tuple[object, ...]]:
        """Return how the error is made anew in another process: from its faults."""
        return type(self), (self.faults,)

    @classmethod
    def of(
        cls,
        file: str,
        expected: str,
        found: str,
        action: str = "",
        *,
        row: int | None = None,
        column: str | None = None,
    ) -> InputError:
        """Return the error of one fault.

        Examples
        --------
        >>> print(InputError.of("scores.csv", "a file", "a folder").faults[0])
        scores.csv: expected a file, found a folder
        """
        fault = Fault(
            file=file, row=row, column=column, expected=expected, found=found, action=action
        )
        return cls([fault])


class Faults:
    """Collects what is wrong in an input, so that all of it is told at once.

    Nothing in it holds a participant's value or id: lines of files, names of columns, counts.

    Parameters
    ----------
    file : str
        Name of the file that faults are in where nothing else is said.
    keys : mapping of str to int, optional
        Of a TOML file: dotted key to line. A fault at a key gets the line of the key.
    names : mapping of str to str, optional
        Of a TOML file: dotted key of a table to its name, by which its faults are told.

    Attributes
    ----------
    file : str
        The name, clean.
    faults : list of Fault

    Examples
    --------
    >>> faults = Faults("scores.csv")
    >>> faults.add("id", "an id", "an empty cell", row=[4, 9])
    >>> faults.unknown("arm", "an arm", "bakward", ["backward", "forward"])
    >>> print(faults.faults[0])
    scores.csv, line 4, column id: expected an id, found an empty cell (2 rows: lines 4, 9)
    >>> faults.faults[1].expected, faults.faults[1].action
    ('an arm: backward, forward', "Did you mean 'backward'?")
    """

    def __init__(
        self,
        file: str = "",
        *,
        keys: Mapping[str, int] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.file = printable(file)
        self.faults: list[Fault] = []
        self._keys = dict(keys or {})
        self._names = dict(names or {})

    def add(
        self,
        column: str | None,
        expected: str,
        found: str,
        action: str = "",
        *,
        row: int | Sequence[int] | None = None,
        file: str | None = None,
    ) -> None:
        """Add a fault; where several rows have it, the first is its place and others are named."""
        here = column is not None and file in (None, self.file)
        place = self.in_words(column) if column is not None and here else ""
        if row is None and column is not None and here:
            row = self._line_of(column)
        elif row is not None and not isinstance(row, int):
            rows, row = row, row[0]
            if len(rows) > 1:
                told = f" ({len(rows)} rows: {lines(rows)})"
                found = printable_sentence(found, LONGEST_FOUND - len(told)) + told
        self.faults.append(
            Fault(
                file=self.file if file is None else file,
                row=row,
                column=column,
                expected=expected,
                found=found,
                action=action,
                place=place,
            )
        )

    def in_words(self, key: str) -> str:
        """Return a key with the name of its table; "" where no file of keys is told of.

        >>> faults = Faults(keys={"visits.weeks": 7}, names={"outcome[0]": "outcome pain"})
        >>> faults.in_words("outcome[0].columns.W6"), faults.in_words("visits.weeks")
        ('outcome pain, columns.W6', 'key visits.weeks')
        """
        table, bracket, rest = key.partition("]")
        name = self._names.get(f"{table}{bracket}", "")
        if not name:
            return f"key {key}" if self._keys else ""
        return ", ".join(filter(None, [name, rest.lstrip(".")]))

    def unknown(self, column: str, what: str, word: str, choices: Iterable[str]) -> None:
        """Add the fault of a word that is none of the choices, with the nearest of them."""
        known = list(dict.fromkeys(choices))
        expected = f"{what}: {', '.join(known)}" if known else f"{what}, and there are none"
        self.add(column, expected, f"'{word}'", nearest(word, known))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add faults that somebody else has found."""
        self.faults.extend(faults)

    def sort(self) -> None:
        """Put the faults in the order of files as they were met, and of lines within each."""
        files = list(dict.fromkeys(fault.file for fault in self.faults))
        self.faults.sort(key=lambda fault: (files.index(fault.file), fault.row or 0))

    def stop(self) -> None:
        """Raise `InputError` with every fault, where there is any."""
        if self.faults:
            raise InputError(self.faults)

    def error(
        self,
        column: str | None,
        expected: str,
        found: str,
        action: str = "",
        *,
        row: int | Sequence[int] | None = None,
    ) -> InputError:
        """Return the error of all faults and of this one, after which nothing can be read."""
        self.add(column, expected, found, action, row=row)
        return InputError(self.faults)

    def _line_of(self, key: str) -> int | None:
        """Return the line of a key, or of the nearest thing that contains it; None for neither."""
        while key and key not in self._keys:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self._keys.get(key)
