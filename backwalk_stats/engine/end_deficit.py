"""What samples with most values at the ends of the scale can add up to.

On [0, R] write a value as u from the bottom or u from the top, with u at most R / 2. It then
adds u (R - u) to the deficit D = R S - Q, whichever end it is near, and u or -u to the offset
e = S - R t, where t values are near the top. A sample with sum S and sum of squares Q
therefore needs some u's with signs, whose deficits add up to D and whose signed sum leaves
the remainder of S by R. Where nearly all values lie at the ends, D is small and few choices
exist; this lists them all, and so proves that the others do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

AFFORDABLE = 1_500_000


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
    """Return the offsets that the deficits up to the given one allow.

    Parameters
    ----------
    deficit : int
        The largest deficit R S - Q of interest. A list that would be too long to pay for
        itself stops earlier, and rules nothing out beyond its end.
    width : int
        R, the highest value; at least 1.

    Returns
    -------
    EndDeficits
        A necessary condition for a sample to exist.

    Examples
    --------
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
