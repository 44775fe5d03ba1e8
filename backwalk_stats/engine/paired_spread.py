"""A quick sample with a given sum and sum of squares: values in pairs about the mean."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt

KEPT = 15


def paired_spread(*, n: int, total: int, squares: int, width: int) -> list[int] | None:
    """Return n whole numbers on [0, width] with these moments, if the quick way finds them.

    Starts from values that differ by at most 1. A pair (c, c) moved to (c - d, c + d) keeps
    the sum and adds 2 d*d to the sum of squares; half of what is missing is so written as a
    sum of squares, the largest first. Where the mean is near an end of the scale, or the
    spread is wide, some values are first put at the ends.

    Parameters
    ----------
    n, total, squares, width : int
        How many values, their sum, their sum of squares, and the highest value.

    Returns
    -------
    list of int or None
        A sample; None says only that this construction has none.

    Examples
    --------
    >>> sorted(paired_spread(n=5, total=10, squares=30, width=4))
    [0, 1, 2, 3, 4]
    """
    for bottom, top in _ends(n=n, total=total, width=width):
        left = n - bottom - top
        rest, rest_squares = total - top * width, squares - top * width * width
        if not 0 <= rest <= left * width:
            continue
        inner = _spread(n=left, total=rest, squares=rest_squares, width=width)
        if inner is not None:
            return [0] * bottom + [width] * top + inner
    return None


def _ends(*, n: int, total: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield how many values to put at the bottom and at the top before pairing the others.

    The others become fewer and their mean comes as near to the middle of the scale as it can,
    which leaves their pairs the most room.
    """
    yield 0, 0
    left = n
    while left > 1:
        top = max(0, min(n - left, (2 * total - left * width + width) // (2 * width or 1)))
        if left < n:
            yield n - left - top, top
        left = min(left - 1, left * KEPT // (KEPT + 1))


def _spread(*, n: int, total: int, squares: int, width: int) -> list[int] | None:
    """Return values in pairs about their mean, the widest pairs first, or None."""
    mean, above = divmod(total, n)
    missing = squares - n * mean * mean - above * (2 * mean + 1)
    groups = [(mean, n - above), (mean + 1, above)]
    reach = [max(0, min(centre, width - centre)) for centre, _ in groups]
    room = sum(r * r * (size // 2) for r, (_, size) in zip(reach, groups, strict=True))
    if missing < 0 or missing % 2 or missing // 2 > room:
        return None
    half, values = missing // 2, []
    for centre, size in groups:
        limit, pairs = max(0, min(centre, width - centre)), size // 2
        while half and pairs and limit:
            move = min(limit, isqrt(half))
            values += [centre - move, centre + move]
            half -= move * move
            pairs -= 1
        values += [centre] * (2 * pairs + size % 2)
    return values if half == 0 else None
