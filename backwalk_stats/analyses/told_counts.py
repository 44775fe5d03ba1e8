"""Counts of people and of their measurements, as notes and methods tell them."""

from __future__ import annotations


def told_of(count: int, whole: int) -> str:
    """Return a count of those who are there, out of a whole that is known.

    Examples
    --------
    >>> told_of(60, 60), told_of(41, 60)
    ('60', '41 of 60')
    """
    return str(count) if count == whole else f"{count} of {whole}"


def left_out(dropped: int, what: str) -> tuple[str, ...]:
    """Return the note on participants who are left out, and who they are; none where nobody is.

    Examples
    --------
    >>> left_out(12, "without the outcome"), left_out(0, "without the outcome")
    (('12 participants without the outcome are left out',), ())
    >>> left_out(1, "without the outcome")
    ('1 participant without the outcome is left out',)
    """
    if not dropped:
        return ()
    who = "1 participant {} is" if dropped == 1 else f"{dropped} participants {{}} are"
    return (f"{who.format(what)} left out",)


def measurements_missing(missing: int, planned: int, *, when: str) -> tuple[str, ...]:
    """Return the note on planned measurements that a model of several visits does without.

    Examples
    --------
    >>> measurements_missing(19, 120, when="after baseline")
    ('19 of the 120 planned measurements after baseline are missing; the model uses the others',)
    >>> measurements_missing(1, 120, when="after baseline")[0][:58]
    '1 of the 120 planned measurements after baseline is missin'
    """
    if not missing:
        return ()
    verb = "is" if missing == 1 else "are"
    return (
        f"{missing} of the {planned} planned measurements {when} {verb} missing; the model uses "
        "the others",
    )
