"""Counts of people and of their measurements as notes and methods tell them: never a small one.

A count from 1 to `trial.small_cell` - 1 is "fewer than" the limit; and where a count would tell,
beside a total that is known, that few are missing, it is "all but" those.
"""

from __future__ import annotations

import re

_COUNT = re.compile(
    r"(?<![\d.])(\d+)(?= (?:of (?:the )?\d+ )?(?:complete |observed |new )?"
    r"(?:participants?|people|rows?|values?|measurements?)\b)"
)


def told(count: int, *, small_cell: int) -> str:
    """Return a count.

    Parameters
    ----------
    count : int
    small_cell : int
        Smallest count that may be told, apart from 0.

    Examples
    --------
    >>> told(12, small_cell=5), told(4, small_cell=5), told(4, small_cell=1), told(0, small_cell=5)
    ('12', 'fewer than 5', '4', '0')
    """
    return f"fewer than {small_cell}" if 0 < count < small_cell else str(count)


def told_of(count: int, whole: int, *, small_cell: int) -> str:
    """Return a count of those who are there, out of a whole that is known.

    Examples
    --------
    >>> told_of(60, 60, small_cell=5), told_of(41, 60, small_cell=5)
    ('60', '41 of 60')
    >>> told_of(58, 60, small_cell=5), told_of(3, 60, small_cell=5), told_of(58, 60, small_cell=1)
    ('all but fewer than 5 of 60', 'fewer than 5 of 60', '58 of 60')
    """
    if count == whole:
        return told(count, small_cell=small_cell)
    if 0 < count < small_cell:
        return f"fewer than {small_cell} of {whole}"
    if whole - count < small_cell:
        return f"all but fewer than {small_cell} of {whole}"
    return f"{count} of {whole}"


def left_out(dropped: int, what: str, *, small_cell: int) -> tuple[str, ...]:
    """Return the note on participants who are left out; none where nobody is.

    Parameters
    ----------
    dropped : int
    what : str
        Who they are: "without the outcome".
    small_cell : int

    Examples
    --------
    >>> left_out(12, "without the outcome", small_cell=5)
    ('12 participants without the outcome are left out',)
    >>> left_out(2, "without the outcome", small_cell=5)
    ('fewer than 5 participants without the outcome are left out',)
    >>> left_out(1, "without the outcome", small_cell=0)
    ('1 participant without the outcome is left out',)
    >>> left_out(0, "without the outcome", small_cell=5)
    ()
    """
    if not dropped:
        return ()
    if dropped == 1 and small_cell <= 1:
        return (f"1 participant {what} is left out",)
    return (f"{told(dropped, small_cell=small_cell)} participants {what} are left out",)


def measurements_missing(
    missing: int, planned: int, *, when: str, small_cell: int
) -> tuple[str, ...]:
    """Return the note on planned measurements that a model of several visits does without.

    Examples
    --------
    >>> measurements_missing(19, 120, when="after baseline", small_cell=5)
    ('19 of the 120 planned measurements after baseline are missing; the model uses the others',)
    >>> measurements_missing(3, 120, when="after baseline", small_cell=5)[0][:52]
    'fewer than 5 of the 120 planned measurements after b'
    """
    if not missing:
        return ()
    few = told(missing, small_cell=small_cell)
    verb = "is" if missing == 1 and small_cell <= 1 else "are"
    return (
        f"{few} of the {planned} planned measurements {when} {verb} missing; the model uses the "
        "others",
    )


def without_few(text: str, *, small_cell: int) -> str:
    """Return a text of somebody else's, such as a reason, with its small counts untold.

    Examples
    --------
    >>> without_few("3 participants leave no degree of freedom for 4 coefficients", small_cell=5)
    'fewer than 5 participants leave no degree of freedom for 4 coefficients'
    """

    def untold(found: re.Match[str]) -> str:
        return told(int(found[1]), small_cell=small_cell)

    return _COUNT.sub(untold, text)
