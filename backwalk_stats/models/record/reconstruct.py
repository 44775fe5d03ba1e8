"""Draws of participants that match published summaries exactly: the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.printed.grid import ScoreGrid
from backwalk_stats.engine.printed.integer_moments import Moments, sample_with_moments
from backwalk_stats.engine.printed.integer_samples import (
    moments_that_round,
    products_for_correlation,
    products_for_sd_change,
)
from backwalk_stats.engine.reconstruct import (
    Integers,
    MarginTable,
    draw_margin,
    exchanged,
    margin_table,
    paired_with_products,
    pairs_with_moments,
)
from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.fit.choices import check_count, check_seed
from backwalk_stats.models.record.arm_summary import (
    ArmSummary,
    refuse_impossible,
    refuse_incomplete,
)
from backwalk_stats.models.record.reconstructed import ReconstructedData

TRIES = 200
Draw = Callable[[np.random.Generator], FloatArray]


def reconstruct(
    summaries: Sequence[ArmSummary],
    *,
    source: str,
    seed: int,
    grid: ScoreGrid | None = None,
    index: int = 0,
) -> ReconstructedData:
    """Draw participants whose summaries are the published ones.

    For teaching, for tests of software, and to show what summaries leave open. Nothing in the draw
    but its moments is the trial's.

    Parameters
    ----------
    summaries : sequence of ArmSummary
        What was printed of each arm; the reference first.
    source : str
        Where it was printed; goes with the data.
    seed : int
        Root of the draw.
    grid : ScoreGrid, optional
        The scores that one person can have, with both ends: every score of the draw is one of
        them, and means and SDs round to what was printed. Without it the scale is continuous and
        has no ends: means, SDs and correlation are the printed numbers.
    index : int
        Number of the replicate: another draw from the same seed.

    Returns
    -------
    ReconstructedData
        Not a data frame.

    Raises
    ------
    NotEstimable
        If the numbers cannot all be right as printed, do not determine how before and after go
        together, or no draw was found.
    UsageError
        If there is no arm, two have one name, or the grid has no ends.

    Examples
    --------
    >>> from backwalk_stats.engine.printed.grid import score_grid
    >>> arms = [
    ...     ArmSummary(arm="forward", n=15, mean_pre="6.20", sd_pre="1.42", mean_post="4.87",
    ...                sd_post="1.55", sd_change="1.40"),
    ...     ArmSummary(arm="backward", n=15, mean_pre="6.33", sd_pre="1.50", mean_post="3.53",
    ...                sd_post="1.60", sd_change="1.52"),
    ... ]
    >>> drawn = reconstruct(arms, source="table 2", seed=1, grid=score_grid(low=0, high=10))
    >>> drawn
    <RECONSTRUCTED data: forward 15, backward 15; scores 0 to 10, 1 apart; seed 1; from table 2>
    >>> drawn.summaries().round(2)[["mean_pre", "sd_pre", "sd_change"]].to_numpy().tolist()
    [[6.2, 1.42, 1.4], [6.33, 1.5, 1.52]]
    """
    return next(
        reconstructions(summaries, source=source, seed=seed, grid=grid, first=index, count=1)
    )


def reconstructions(
    summaries: Sequence[ArmSummary],
    *,
    source: str,
    seed: int,
    count: int,
    grid: ScoreGrid | None = None,
    first: int = 0,
) -> Iterator[ReconstructedData]:
    """Yield several draws; each is the one that `reconstruct` gives for its index.

    Parameters
    ----------
    summaries, source, seed, grid
        As in `reconstruct`.
    count, first : int
        How many draws, and the index of the first.

    Returns
    -------
    iterator of ReconstructedData
        One a draw, made when it is asked for.

    Raises
    ------
    NotEstimable, UsageError
        As `reconstruct`.

    Examples
    --------
    >>> arm = ArmSummary(arm="a", n=10, mean_pre="6.00", sd_pre="1.50", mean_post="4.00",
    ...                  sd_post="1.50", sd_change="2.00")
    >>> [draw.index for draw in reconstructions([arm], source="made up", seed=1, count=3)]
    [0, 1, 2]
    """
    check_seed(seed)
    check_count("count", count, least=1)
    check_count("index", first, least=0)
    _refuse(summaries, grid)
    draws = [_draw_of(arm, grid) for arm in summaries]
    for index in range(first, first + count):
        rng = replicate_generator(seed=seed, index=index)
        yield ReconstructedData(
            printed=tuple(summaries),
            source=source,
            seed=seed,
            index=index,
            scale=_words(grid),
            _pairs=tuple(draw(rng) for draw in draws),
        )


def _refuse(summaries: Sequence[ArmSummary], grid: ScoreGrid | None) -> None:
    names = [arm.arm for arm in summaries]
    if not names or len(set(names)) != len(names):
        raise UsageError("expected one summary for each arm, and at least one")
    if grid is not None and (grid.lower is None or grid.upper is None):
        raise UsageError("expected a grid of scores with both ends: score_grid(low=..., high=...)")
    for arm in summaries:
        refuse_incomplete(arm)
        refuse_impossible(arm, grid)


def _draw_of(arm: ArmSummary, grid: ScoreGrid | None) -> Draw:
    """Return what draws one arm, with what all draws share made once."""
    if grid is not None:
        return _ScoresDraw(arm, grid, _margin(arm, grid, post=False), _margin(arm, grid, post=True))
    values = arm.values()

    def continuous(rng: np.random.Generator) -> FloatArray:
        return pairs_with_moments(n=arm.n, rng=rng, **values)

    return continuous


@dataclass(frozen=True, slots=True, eq=False)
class _Margin:
    """Possible sums of one column, and the table for draws with them where it is small enough."""

    possible: tuple[Moments, ...]
    table: MarginTable | None

    def draw(self, grid: ScoreGrid, rng: np.random.Generator) -> tuple[Integers, Moments]:
        """Return a sample with sums chosen at random among those that some sample has."""
        for place in rng.permutation(len(self.possible)):
            wanted = self.possible[place]
            found = sample_with_moments(
                n=wanted.n,
                total=wanted.total,
                squares=wanted.squares,
                lower=grid.lower,
                upper=grid.upper,
            )
            if found is not None and self.table is not None:
                return draw_margin(self.table, wanted, rng), wanted
            if found is not None:
                lower, upper = grid.lower or 0, grid.upper or 0
                start = np.asarray(found, dtype=np.int64)
                return exchanged(start, lower=lower, upper=upper, rng=rng), wanted
        raise NotEstimable("no sample has these sums")


@dataclass(frozen=True, slots=True, eq=False)
class _ScoresDraw:
    """Draws scores on a grid for one arm."""

    arm: ArmSummary
    grid: ScoreGrid
    pre: _Margin
    post: _Margin

    def __call__(self, rng: np.random.Generator) -> FloatArray:
        for _ in range(TRIES):
            before, sums_before = self.pre.draw(self.grid, rng)
            after, sums_after = self.post.draw(self.grid, rng)
            low, high = self._products(sums_before, sums_after)
            paired = paired_with_products(before, after, low=low, high=high, rng=rng)
            if paired is not None:
                steps = np.column_stack([before, paired])
                return float(self.grid.origin) + float(self.grid.step) * steps
        together = self.arm.sd_change or self.arm.correlation
        raise NotEstimable(
            f"arm '{self.arm.arm}': no scores were found in {TRIES} draws that go together as "
            f"printed ({'SD of the change' if self.arm.sd_change else 'correlation'} {together})"
        )

    def _products(self, before: Moments, after: Moments) -> tuple[int, int]:
        if self.arm.sd_change:
            return products_for_sd_change(before, after, sd_text=self.arm.sd_change, grid=self.grid)
        return products_for_correlation(before, after, text=self.arm.correlation)


def _margin(arm: ArmSummary, grid: ScoreGrid, *, post: bool) -> _Margin:
    mean_text, sd_text = (arm.mean_post, arm.sd_post) if post else (arm.mean_pre, arm.sd_pre)
    possible = moments_that_round(n=arm.n, mean_text=mean_text, sd_text=sd_text, grid=grid)
    typical = possible[len(possible) // 2]
    centre = typical.total // arm.n
    table = margin_table(
        n=arm.n,
        total=typical.total,
        squares=typical.squares,
        most_squares=max(
            one.squares - 2 * centre * one.total + arm.n * centre**2 for one in possible
        ),
        lower=grid.lower or 0,
        upper=grid.upper or 0,
    )
    return _Margin(possible, table)


def _words(grid: ScoreGrid | None) -> str:
    if grid is None or grid.lower is None or grid.upper is None:
        return "continuous, no ends"
    low, high = (float(grid.origin + grid.step * end) for end in (grid.lower, grid.upper))
    return f"scores {low:g} to {high:g}, {float(grid.step):g} apart"
