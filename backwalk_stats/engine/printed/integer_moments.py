"""Finds n whole numbers with a given sum and sum of squares, or proves that there are none.

The answer is exact in both directions. "Yes" comes with the sample itself, which anyone can
add up. "No" comes from a search of everything that could be one, kept small by four facts,
for values on [0, R] with sum S and sum of squares Q:

1. Q has the parity of S, since y*y - y is even.
2. Q lies between the values of the most even and the most uneven sample.
3. y (R - y) is 0 at both ends and at least R - 1 elsewhere, and these add up to R S - Q. So at
   most (R S - Q) / (R - 1) values are not at an end: near the largest Q nearly all are.
4. Four whole numbers with sum S and sum of squares Q exist, ends apart, only when 4 Q - S*S is
   a sum of three squares (Cauchy's lemma; Legendre: not of the form 4^a (8 b + 7)).

Most samples of real data are found at once as pairs spread evenly about the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from backwalk_stats.errors import NotEstimable

LEGENDRE_RESIDUE = 7
CLOSED_FORM = 2
WIDEST = 100_000
KEPT = 15
AFFORDABLE = 1_500_000


@dataclass(frozen=True, order=True, slots=True)
class Moments:
    """How many values, their sum and their sum of squares."""

    n: int
    total: int
    squares: int

    def without(self, value: int, times: int = 1) -> Moments:
        """Return what is left when a value is taken out so many times."""
        return Moments(
            self.n - times, self.total - times * value, self.squares - times * value * value
        )


def squares_range(*, n: int, total: int, width: int) -> tuple[int, int]:
    """Return the smallest and largest sum of squares of n whole numbers on [0, width].

    The smallest belongs to values that differ by at most 1, the largest to values at the
    ends with at most one between.

    >>> squares_range(n=3, total=7, width=5)
    (17, 29)
    """
    mean, above = divmod(total, n)
    at_top, rest = divmod(total, width) if width else (0, 0)
    return n * mean * mean + above * (2 * mean + 1), at_top * width * width + rest * rest


def squares_limits(
    *, n: int, total: int, lower: int | None, upper: int | None
) -> tuple[int, int | None]:
    """Return the limits of the sum of squares when an end of the scale may be missing.

    Without an end the largest sum of squares is None. With one end, all but one value lie there.

    >>> squares_limits(n=3, total=7, lower=0, upper=None)
    (17, 49)
    """
    mean, above = divmod(total, n)
    least = n * mean * mean + above * (2 * mean + 1)
    if lower is None and upper is None:
        return least, None
    end = upper if lower is None else lower if upper is None else None
    if end is not None:
        rest = total - (n - 1) * end
        return least, (n - 1) * end * end + rest * rest
    bottom, width = lower or 0, (upper or 0) - (lower or 0)
    _, most = squares_range(n=n, total=total - n * bottom, width=width)
    return least, most + 2 * bottom * total - n * bottom * bottom


def sample_with_moments(
    *, n: int, total: int, squares: int, lower: int | None = None, upper: int | None = None
) -> tuple[int, ...] | None:
    """Return n whole numbers on [lower, upper] with that sum and sum of squares, or None.

    An end of None does not bind; the sample is in ascending order. A search over values more than
    100,000 steps apart is refused.

    >>> sample_with_moments(n=4, total=10, squares=30, lower=0, upper=5)
    (1, 2, 3, 4)
    >>> sample_with_moments(n=4, total=10, squares=31, lower=0, upper=5) is None
    True
    """
    spread = n * squares - total * total
    if spread < 0:
        return None
    # No value lies further from the mean than sqrt((n - 1) / n * sum of squared deviations).
    radius = isqrt((n - 1) * spread)
    first, last = -((radius - total) // n), (total + radius) // n
    first = first if lower is None else max(first, lower)
    last = last if upper is None else min(last, upper)
    if last < first:
        return None
    shifted = Moments(n, total - n * first, squares - 2 * first * total + n * first * first)
    found = _search(start=shifted, width=last - first)
    return None if found is None else tuple(sorted(value + first for value in found))


def _search(*, start: Moments, width: int) -> list[int] | None:
    """Return values on [0, width] with these moments, trying everything before giving up."""
    if not _admissible(start, width):
        return None
    found = _at_once(start, width)
    if found is not None or start.n <= CLOSED_FORM or width < CLOSED_FORM:
        return found
    ends, core = _without_forced_ends(start, width)
    if core.n < 1 or not _admissible(core, width):
        return ends if core == Moments(0, 0, 0) else None
    if width > WIDEST:
        raise NotEstimable(f"{start.n} values up to {width:,} steps apart are not searched")
    # Up to four values are few enough without the list.
    listed = width * core.total - core.squares if core.n > 4 else 0
    near = end_deficits(deficit=listed, width=width)
    if not near.allow(total=core.total, squares=core.squares):
        return None
    rest = _at_once(core, width) or _deeper(core=core, width=width, near=near)
    return None if rest is None else ends + rest


def _deeper(*, core: Moments, width: int, near: EndDeficits) -> list[int] | None:
    """Return a sample by taking values out one after the other, or None after trying them all."""
    seen: set[Moments] = {core}
    taken: list[int] = []
    path = [_branches(core, width, near, seen)]
    while path:
        branch = next(path[-1], None)
        if branch is None:
            path.pop()
            if taken:
                taken.pop()
            continue
        value, left = branch
        found = _at_once(left, width)
        if found is not None:
            return [*taken, value, *found]
        taken.append(value)
        path.append(_branches(left, width, near, seen))
    return None


def _branches(
    state: Moments, width: int, near: EndDeficits, seen: set[Moments]
) -> Iterator[tuple[int, Moments]]:
    """Yield a value to take out and what is then left, the most uneven rest first."""
    if state.n <= CLOSED_FORM:
        return
    # Some value adds at least the mean share to the deficit; values are taken out in that order.
    deficit = width * state.total - state.squares
    ranked = []
    for value in range(width + 1):
        left = state.without(value)
        if value * (width - value) * state.n < deficit:
            continue
        if left in seen or not 0 <= left.total <= left.n * width:
            continue
        least, most = squares_range(n=left.n, total=left.total, width=width)
        if (
            least <= left.squares <= most
            and _solvable_by_form(left)
            and near.allow(total=left.total, squares=left.squares)
        ):
            ranked.append((most - left.squares, value, left))
    for _, value, left in sorted(ranked):
        if left not in seen:
            seen.add(left)
            yield value, left


def _admissible(state: Moments, width: int) -> bool:
    """Return whether parity, range and form allow such a sample (facts 1, 2 and 4)."""
    if (state.squares - state.total) % 2 or not 0 <= state.total <= state.n * width:
        return False
    least, most = squares_range(n=state.n, total=state.total, width=width)
    return least <= state.squares <= most and _solvable_by_form(state)


def _solvable_by_form(state: Moments) -> bool:
    """Return whether four numbers could have these moments; True for any other count (fact 4)."""
    if state.n != 4:
        return True
    rest = 4 * state.squares - state.total * state.total
    while rest and rest % 4 == 0:
        rest //= 4
    return rest % 8 != LEGENDRE_RESIDUE


def _without_forced_ends(state: Moments, width: int) -> tuple[list[int], Moments]:
    """Return the values that must lie at an end, and what is left (fact 3)."""
    inner = (width * state.total - state.squares) // (width - 1)
    at_top = max(0, -((inner * (width - 1) - state.total) // width))
    at_bottom = max(0, -((inner * (width - 1) - state.n * width + state.total) // width))
    core = state.without(width, at_top).without(0, at_bottom)
    return [width] * at_top + [0] * at_bottom, core


def _at_once(state: Moments, width: int) -> list[int] | None:
    """Return a sample where one can be written down without a search."""
    if width and state.squares == width * state.total and state.total % width == 0:
        at_top = state.total // width
        return [0] * (state.n - at_top) + [width] * at_top
    if state.n > CLOSED_FORM:
        return paired_spread(n=state.n, total=state.total, squares=state.squares, width=width)
    if state.n == 1:
        return [state.total] if state.squares == state.total * state.total else None
    square = 2 * state.squares - state.total * state.total
    gap = isqrt(square) if square >= 0 else 0
    low, high = (state.total - gap) // 2, (state.total + gap) // 2
    return [low, high] if gap * gap == square and low >= 0 and high <= width else None


# A quick sample with a given sum and sum of squares: values in pairs about the mean.


def paired_spread(*, n: int, total: int, squares: int, width: int) -> list[int] | None:
    """Return n whole numbers on [0, width] with these moments, if the quick way finds them.

    Starts from values that differ by at most 1. A pair (c, c) moved to (c - d, c + d) keeps the sum
    and adds 2 d*d to the sum of squares; half of what is missing is so written as a sum of squares,
    the largest first. Where the mean is near an end of the scale, or the spread is wide, some
    values are first put at the ends. None says only that this construction has no sample.

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


# What samples with most values at the ends of the scale can add up to.


@dataclass(frozen=True, kw_only=True, slots=True)
class EndDeficits:
    """The offsets that each deficit allows; how many values there are is not considered.

    Attributes
    ----------
    width : int
        R, the highest value.
    reach : int
        The largest offset, either way, that the largest listed deficit could have.
    offsets : tuple of int
        For each deficit from 0 on, a bit set: bit `e + reach` tells whether offset e occurs.
    """

    width: int
    reach: int
    offsets: tuple[int, ...]

    def allow(self, *, total: int, squares: int) -> bool:
        """Return False only when no sample, of any size, has this sum and sum of squares."""
        deficit = self.width * total - squares
        if deficit >= len(self.offsets):
            return True
        if deficit < 0:
            return False
        found = self.offsets[deficit]
        first = (total + self.reach) % self.width
        return any(found >> bit & 1 for bit in range(first, 2 * self.reach + 1, self.width))


def end_deficits(*, deficit: int, width: int) -> EndDeficits:
    """Return the offsets that the deficits R S - Q up to the given one allow, R = width >= 1.

    On [0, R] a value is u from the bottom or u from the top, u at most R / 2. It adds u (R - u) to
    the deficit, whichever end it is near, and u or -u to the offset S - R t, where t values are
    near the top. A sample with sum S and sum of squares Q needs some u's with signs, whose deficits
    add up to R S - Q and whose signed sum leaves the remainder of S by R. Where nearly all values
    lie at the ends, few choices exist; this lists them all, and so proves that the others do not.
    A list that would be too long to pay for itself stops earlier, and rules nothing out beyond it.

    >>> near = end_deficits(deficit=30, width=10)
    >>> near.allow(total=1050, squares=10490)  # would need one value with y (10 - y) = 10
    False
    >>> near.allow(total=1051, squares=10501)  # one value of 1
    True
    """
    steps = [(u, u * (width - u)) for u in range(1, width // 2 + 1)]
    last = min(deficit, AFFORDABLE // max(1, isqrt(AFFORDABLE // width)))
    reach = 2 * last // width
    offsets = [1 << reach]
    for target in range(1, last + 1):
        found = 0
        for u, size in steps:
            if size > target:
                break
            before = offsets[target - size]
            if before:
                found |= before << u | before >> u
        offsets.append(found)
    return EndDeficits(width=width, reach=reach, offsets=tuple(offsets))
