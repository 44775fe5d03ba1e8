"""Which sums of whole-number scores round to what was printed: of one column, and of two."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, sqrt

from backwalk_stats.engine.integer_moments import Moments
from backwalk_stats.engine.integer_samples import squares_that_round
from backwalk_stats.engine.printed_number import read_printed
from backwalk_stats.engine.score_grid import ScoreGrid


def moments_that_round(
    *, n: int, mean_text: str, sd_text: str, grid: ScoreGrid
) -> tuple[Moments, ...]:
    """Return sums and sums of squares, in steps of the grid, that round to mean and SD.

    Parameters
    ----------
    n : int
        People, at least 2.
    mean_text, sd_text : str
        As printed; SD with n - 1.
    grid : ScoreGrid
        The scores that one person can have.

    Returns
    -------
    tuple of Moments
        Those of the right parity and within reach; a sample need not exist for each.

    Examples
    --------
    >>> from backwalk_stats.engine.score_grid import score_grid
    >>> moments_that_round(n=15, mean_text="5.93", sd_text="0.26", grid=score_grid(low=0, high=10))
    (Moments(n=15, total=89, squares=529),)
    """
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    return tuple(
        Moments(n, total, squares)
        for total in grid.totals(n=n, low=mean.low, high=mean.high)
        for squares in squares_that_round(n=n, total=total, sd=sd, grid=grid)
    )


def products_for_sd_change(
    pre: Moments, post: Moments, *, sd_text: str, grid: ScoreGrid
) -> tuple[int, int]:
    """Return the smallest and largest sum of products for which the SD of the change rounds so.

    Sum of squared changes = sum x^2 + sum y^2 - 2 sum x y, in steps of the grid.

    Parameters
    ----------
    pre, post : Moments
        Of the two columns, in steps from the same origin.
    sd_text : str
        SD of the change as printed.
    grid : ScoreGrid
        The scores that one person can have.

    Returns
    -------
    tuple of int
        The first above the last where no whole number does.

    Examples
    --------
    >>> from backwalk_stats.engine.score_grid import score_grid
    >>> products_for_sd_change(Moments(4, 10, 30), Moments(4, 10, 30), sd_text="0.00",
    ...                        grid=score_grid())
    (30, 30)
    """
    sd = read_printed(sd_text)
    shift = Fraction((post.total - pre.total) ** 2, pre.n)
    unit = (pre.n - 1) / grid.step**2
    most = shift + unit * sd.high**2
    least = shift + unit * max(Fraction(0), sd.low) ** 2
    squares = pre.squares + post.squares
    return ceil((squares - most) / 2), floor((squares - least) / 2)


def products_for_correlation(pre: Moments, post: Moments, *, text: str) -> tuple[int, int]:
    """Return the smallest and largest sum of products for which the correlation rounds so.

    Parameters
    ----------
    pre, post : Moments
        Of the two columns.
    text : str
        Correlation as printed.

    Returns
    -------
    tuple of int
        The first above the last where no whole number does.

    Examples
    --------
    >>> products_for_correlation(Moments(4, 10, 30), Moments(4, 10, 30), text="1.00")
    (30, 30)
    """
    r = read_printed(text)
    n = pre.n
    spread = (n * pre.squares - pre.total**2) * (n * post.squares - post.total**2)
    both, slack = pre.total * post.total, 1e-9
    low, high = (float(end) * sqrt(spread) for end in (r.low, r.high))
    return ceil((both + low) / n - slack), floor((both + high) / n + slack)
