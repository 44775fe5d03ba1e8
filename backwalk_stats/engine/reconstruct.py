"""Pairs of numbers whose means, SDs and correlation are given exactly: one draw of many."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isqrt, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from backwalk_stats.engine.numbers import FloatArray, require_arm
from backwalk_stats.engine.printed.integer_moments import Moments
from backwalk_stats.errors import NotEstimable

Integers = NDArray[np.int64]
EXCHANGES_PER_PERSON = 15
LEAST_EXCHANGES = 100
AT_ONCE = 4
CELLS = 2_000_000
# Largest b of the weights: how far a U-shaped sample may be tilted to the ends.
STEEPEST = 60.0
PROPOSALS_PER_PERSON = 40
RESTARTS = 30


def pairs_with_moments(
    *,
    n: int,
    mean_pre: float,
    sd_pre: float,
    mean_post: float,
    sd_post: float,
    correlation: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return n pairs with these sample moments, to the last digits of a double, shape (n, 2).

    A normal draw is standardised to sample means 0, SDs 1 and correlation 0 (Gram-Schmidt, taken
    twice), then turned into the wanted ones (SDs with n - 1, n of 3 or more). The scale has no
    ends: values may leave it.

    >>> draw = pairs_with_moments(n=30, mean_pre=6.1, sd_pre=1.4, mean_post=3.9, sd_post=1.8,
    ...                           correlation=0.6, rng=np.random.default_rng(1))
    >>> draw.mean(axis=0).round(12), draw.std(axis=0, ddof=1).round(12)
    (array([6.1, 3.9]), array([1.4, 1.8]))
    """
    require_arm(n=n, sd=sd_pre)
    require_arm(n=n, sd=sd_post)
    if n < 3:
        raise NotEstimable(f"pairs with a given correlation need 3 people or more, found n = {n}")
    if not -1.0 <= correlation <= 1.0:
        raise NotEstimable("a correlation lies between -1 and 1")
    first, second = _orthonormal(rng.standard_normal((n, 2))).T * sqrt(n - 1)
    rest = sqrt((1.0 - correlation) * (1.0 + correlation))
    pre = mean_pre + sd_pre * first
    post = mean_post + sd_post * (correlation * first + rest * second)
    return np.column_stack([pre, post])


def _orthonormal(draw: FloatArray) -> FloatArray:
    """Return columns of length 1 that are orthogonal to each other and to a column of ones."""
    columns = draw
    for _ in range(2):
        columns = columns - columns.mean(axis=0)
        first = columns[:, 0] / np.linalg.norm(columns[:, 0])
        second = columns[:, 1] - first * (first @ columns[:, 1])
        columns = np.column_stack([first, second / np.linalg.norm(second)])
    return columns


# Shuffles a sample of whole numbers so that its sum and sum of squares stay what they are.


def exchanged(sample: Integers, *, lower: int, upper: int, rng: np.random.Generator) -> Integers:
    """Return another sample with the same sum and sum of squares, in random order.

    Four people of 3 or more on [lower, upper] are taken at random (all, where there are fewer) and
    given scores that are equally likely among all on the scale with the same two sums. That is a
    Gibbs sampler: the law in which every ordered sample with these sums is equally likely is
    unchanged by each exchange, and after many it is what a draw has nearly.

    >>> drawn = exchanged(np.array([1, 2, 3, 4, 9]), lower=0, upper=10,
    ...                   rng=np.random.default_rng(1))
    >>> int(drawn.sum()), int((drawn**2).sum())
    (19, 111)
    """
    drawn = rng.permutation(sample)
    size = min(AT_ONCE, len(drawn))
    for _ in range(max(LEAST_EXCHANGES, EXCHANGES_PER_PERSON * len(drawn))):
        people = rng.choice(len(drawn), size=size, replace=False)
        total, squares = int(drawn[people].sum()), int((drawn[people] ** 2).sum())
        found = solutions(size, total=total, squares=squares, lower=lower, upper=upper)
        drawn[people] = found[rng.integers(len(found))]
    return rng.permutation(drawn)


def solutions(size: int, *, total: int, squares: int, lower: int, upper: int) -> Integers:
    """Return all ordered triples or quadruples on [lower, upper] with a sum and sum of squares.

    All but two are tried; two numbers follow from their sum and sum of squares. One a row.

    >>> solutions(3, total=3, squares=5, lower=0, upper=2).tolist()
    [[0, 1, 2], [1, 0, 2], [2, 0, 1], [0, 2, 1], [1, 2, 0], [2, 1, 0]]
    """
    # No value lies further from the mean than sqrt((k - 1) / k * sum of squared deviations).
    spread = squares - total * total / size
    reach = sqrt(max(0.0, spread) * (size - 1) / size) + 1e-6
    first, last = max(lower, -floor(reach - total / size)), min(upper, floor(total / size + reach))
    tried = np.arange(first, last + 1, dtype=np.int64)
    grids = np.meshgrid(*[tried] * (size - 2), indexing="ij")
    given = np.stack([grid.ravel() for grid in grids], axis=1)
    left = total - given.sum(axis=1)
    square = 2 * (squares - (given**2).sum(axis=1)) - left**2
    gap = np.rint(np.sqrt(np.maximum(square, 0))).astype(np.int64)
    low, high = (left - gap) // 2, (left + gap) // 2
    fits = (gap * gap == square) & ((left + gap) % 2 == 0) & (low >= lower) & (high <= upper)
    kept = np.column_stack([given, low, high])[fits]
    apart = kept[:, -1] > kept[:, -2]
    other = kept[apart].copy()
    other[:, [-2, -1]] = other[:, [-1, -2]]
    return np.concatenate([kept, other])


# Draws whole numbers on a scale with a given sum and sum of squares, each sample equally likely.


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MarginTable:
    """What draws of one margin share; see `margin_table`.

    Attributes
    ----------
    n, centre : int
        People, and the score that values are counted from.
    values : array of int, shape (v,)
        Possible scores minus `centre`.
    weights : array, shape (v,)
        Of the values; they add up to 1.
    counts : array, shape (n + 1, q + 1, 2 s + 1)
        Weighted number of samples of 0 to n people, by squares and by sum (counted from -s); each
        layer divided by its largest entry.
    """

    n: int
    centre: int
    values: Integers
    weights: FloatArray
    counts: FloatArray

    def entry(self, people: int, squares: Integers, sums: Integers) -> FloatArray:
        """Return the counts for people with these squares and sums, 0 outside the table."""
        _, rows, columns = self.counts.shape
        shifted = sums + columns // 2
        inside = (squares >= 0) & (squares < rows) & (shifted >= 0) & (shifted < columns)
        found = self.counts[people, np.where(inside, squares, 0), np.where(inside, shifted, 0)]
        return np.where(inside, found, 0.0)


def margin_table(
    *, n: int, total: int, squares: int, most_squares: int, lower: int, upper: int
) -> MarginTable | None:
    """Return the table for n whole numbers on [lower, upper]; None beyond 2 million numbers.

    The count of ordered samples of k people with sum s and squares q follows from that of k - 1 by
    adding one person; the table of counts is walked backward, one person at a time. Each value v
    may be weighted by exp(a v + b v^2): that multiplies all samples with the same sums by the same
    number, so it changes no draw, and it keeps the counts within a double's range. The weights
    follow a typical sum and sum of squares; `most_squares` is the largest sum of squared distances
    from the score next below the mean that will be asked for. `exchanged` draws without a table.

    >>> table = margin_table(n=4, total=10, squares=30, most_squares=6, lower=0, upper=5)
    >>> table.centre, table.counts.shape
    (2, (5, 7, 9))
    """
    half = isqrt(n * most_squares)
    if (n + 1) * (most_squares + 1) * (2 * half + 1) > CELLS:
        return None
    centre = total // n
    reach = isqrt(most_squares)
    values = np.arange(max(lower - centre, -reach), min(upper - centre, reach) + 1, dtype=np.int64)
    mean = total / n - centre
    spread = max(0.0, (squares - 2 * centre * total + n * centre**2) / n - mean**2)
    weights = _weights(values, mean=mean, spread=spread)
    rows = most_squares
    counts = np.zeros((n + 1, rows + 1, 2 * half + 1))
    counts[0, 0, half] = 1.0
    for k in range(1, n + 1):
        for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
            square, to = value * value, slice(max(0, value), 2 * half + 1 + min(0, value))
            come = slice(max(0, -value), 2 * half + 1 + min(0, -value))
            if square <= rows and abs(value) <= 2 * half:
                counts[k, square:, to] += weight * counts[k - 1, : rows + 1 - square, come]
        counts[k] /= counts[k].max()
    return MarginTable(n=n, centre=centre, values=values, weights=weights, counts=counts)


def draw_margin(table: MarginTable, wanted: Moments, rng: np.random.Generator) -> Integers:
    """Return one sample with the wanted sum and sum of squares, in random order.

    The sums are those of the scores themselves; without a sample, or beyond the table's reach, they
    are `NotEstimable`.

    >>> table = margin_table(n=4, total=10, squares=30, most_squares=6, lower=0, upper=5)
    >>> sorted(draw_margin(table, Moments(4, 10, 30), np.random.default_rng(1)).tolist())
    [1, 2, 3, 4]
    """
    total = wanted.total - table.n * table.centre
    squares = wanted.squares - 2 * table.centre * wanted.total + table.n * table.centre**2
    drawn: list[int] = []
    for k in range(table.n, 0, -1):
        odds = table.weights * table.entry(k - 1, squares - table.values**2, total - table.values)
        if not odds.sum() > 0.0:
            raise NotEstimable("no sample with these sums is within the table's reach")
        value = int(rng.choice(table.values, p=odds / odds.sum()))
        drawn.append(value)
        total, squares = total - value, squares - value**2
    return rng.permutation(np.asarray(drawn, dtype=np.int64)) + table.centre


def _weights(values: Integers, *, mean: float, spread: float) -> FloatArray:
    """Return exp(a v + b v^2) with this mean and variance, as nearly as the ends allow."""
    unit = float(np.abs(values).max()) or 1.0
    scaled = values / unit
    powers = np.column_stack([scaled, scaled**2])
    wanted = np.array([mean / unit, (spread + mean**2) / unit**2])

    def dual(slopes: FloatArray) -> tuple[float, FloatArray]:
        exponents = powers @ slopes
        top = exponents.max()
        weight = np.exp(exponents - top)
        share = weight / weight.sum()
        return float(top + np.log(weight.sum()) - slopes @ wanted), share @ powers - wanted

    # The normal law on an endless scale is a good start; the bound keeps a U shape finite.
    variance = max(spread, 0.05) / unit**2
    start = np.array([mean / unit / variance, -0.5 / variance])
    found = optimize.minimize(
        dual, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (None, STEEPEST)]
    )
    exponents = powers @ found.x
    weight = np.exp(exponents - exponents.max())
    return np.asarray(weight / weight.sum())


# Puts two columns of whole numbers side by side so that their products add up to a given sum.


def paired_with_products(
    pre: Integers, post: Integers, *, low: int, high: int, rng: np.random.Generator
) -> Integers | None:
    """Return `post` in an order in which the sum of products with `pre` lies in [low, high].

    The order starts from ranks of correlated normal numbers and is mended by swaps of two people:
    first those proposed at random that come nearer to a sum drawn from the interval, then the best
    of all. None where no order was found; certain where the interval lies outside what the largest
    and the smallest order allow.

    >>> pre, post = np.array([1, 2, 3, 4]), np.array([4, 3, 2, 1])
    >>> after = paired_with_products(pre, post, low=29, high=29, rng=np.random.default_rng(1))
    >>> int(pre @ after)
    29
    """
    rising, falling = np.sort(post), np.sort(post)[::-1]
    least, most = int(np.sort(pre) @ falling), int(np.sort(pre) @ rising)
    first, last = max(low, least), min(high, most)
    if first > last:
        return None
    for _ in range(RESTARTS):
        target = int(rng.integers(first, last, endpoint=True))
        order = _ranked(pre, post, target, rng)
        order = _by_proposals(pre, order, target, rng)
        order = _by_best_swaps(pre, order, target)
        if first <= int(pre @ order) <= last:
            return order
    return None


def _ranked(pre: Integers, post: Integers, target: int, rng: np.random.Generator) -> Integers:
    """Return `post` in an order whose correlation with `pre` is near the wanted one."""
    n = len(pre)
    spread = float(
        np.sqrt(n * (pre @ pre) - pre.sum() ** 2) * np.sqrt(n * (post @ post) - post.sum() ** 2)
    )
    wanted = (n * target - int(pre.sum()) * int(post.sum())) / spread if spread else 0.0
    r = min(1.0, max(-1.0, wanted))
    latent = rng.standard_normal((2, n))
    # Ties of `pre` are broken at random, so that the file's order says nothing.
    ranks = np.lexsort((rng.random(n), pre))
    first: FloatArray = np.empty(n)
    first[ranks] = np.sort(latent[0])
    second = r * first + np.sqrt(1.0 - r * r) * latent[1]
    order = np.empty_like(post)
    order[np.argsort(second)] = np.sort(post)
    return order


def _by_proposals(pre: Integers, post: Integers, target: int, rng: np.random.Generator) -> Integers:
    """Return the order after random swaps, each kept only if it comes nearer."""
    order, left = post.tolist(), target - int(pre @ post)
    before = pre.tolist()
    pairs = rng.integers(len(order), size=(PROPOSALS_PER_PERSON * len(order), 2)).tolist()
    for i, j in pairs:
        if left == 0:
            break
        gain = (before[i] - before[j]) * (order[j] - order[i])
        if gain and abs(left - gain) < abs(left):
            order[i], order[j] = order[j], order[i]
            left -= gain
    return np.asarray(order, dtype=np.int64)


def _by_best_swaps(pre: Integers, post: Integers, target: int) -> Integers:
    """Return the order after the best swaps, until none comes nearer."""
    order, left = post.copy(), target - int(pre @ post)
    while left:
        gains = (pre[:, None] - pre[None, :]) * (order[None, :] - order[:, None])
        distances = np.abs(left - gains)
        i, j = np.unravel_index(int(distances.argmin()), distances.shape)
        if distances[i, j] >= abs(left):
            break
        order[[i, j]] = order[[j, i]]
        left -= int(gains[i, j])
    return order
