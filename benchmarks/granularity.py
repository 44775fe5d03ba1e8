"""Time of the exact tests of means and SDs: the evidence base, and 6,000 random checks."""

from __future__ import annotations

import csv
import random
import time
from fractions import Fraction
from pathlib import Path

from backwalk_stats.engine.printed.grid import ScoreGrid, score_grid
from backwalk_stats.engine.printed.integer_samples import grim, grimmer

OUTCOMES = Path(__file__).parents[1] / "data" / "evidence" / "outcomes.csv"
CHECKS = 6_000
SCALES = {
    "0 to 10": score_grid(low=0, high=10),
    "1 to 5": score_grid(low=1, high=5),
    "0 to 96": score_grid(low=0, high=96),
    "0 to 100": score_grid(low=0, high=100),
    "mean of 24 items, 0 to 4": score_grid(items=24, low=0, high=4),
    "no ends": score_grid(),
}


def evidence_base() -> None:
    """Print the time of every row with n, mean and SD, as whole numbers without ends."""
    with OUTCOMES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["n"] and row["mean"]]
    start = time.perf_counter()
    for row in rows:
        n = int(row["n"])
        grim(mean_text=row["mean"], n=n, grid=score_grid())
        if row["sd"] and n > 1:
            grimmer(mean_text=row["mean"], sd_text=row["sd"], n=n, grid=score_grid())
    seconds = time.perf_counter() - start
    print(f"evidence base, {len(rows)} rows: {seconds:.3f} s (limit 2 s)")


def random_checks(*, name: str, grid: ScoreGrid, count: int, rng: random.Random) -> float:
    """Print and return the time of random means and SDs over the whole of a scale."""
    low = float(grid.score(Fraction(0)))
    high = float(grid.score(Fraction(grid.upper or 100)))
    slowest, possible, start = 0.0, 0, time.perf_counter()
    for _ in range(count):
        mean, n = rng.uniform(low, high), rng.randint(5, 300)
        largest = ((mean - low) * (high - mean)) ** 0.5
        decimals = rng.choice((1, 2))
        texts = [f"{value:.{decimals}f}" for value in (mean, rng.uniform(0, 1.05 * largest))]
        begin = time.perf_counter()
        possible += grimmer(mean_text=texts[0], sd_text=texts[1], n=n, grid=grid).possible
        slowest = max(slowest, time.perf_counter() - begin)
    seconds = time.perf_counter() - start
    share = f"{100 * possible / count:.0f} % possible"
    print(f"{count} checks, {name}: {seconds:.2f} s, {share}, slowest {1000 * slowest:.1f} ms")
    return seconds


def main() -> None:
    """Print one line for the evidence base, one a scale, and the sum."""
    evidence_base()
    rng, count = random.Random(1), CHECKS // len(SCALES)
    seconds = sum(
        random_checks(name=name, grid=grid, count=count, rng=rng) for name, grid in SCALES.items()
    )
    print(f"{CHECKS} random checks: {seconds:.2f} s")


if __name__ == "__main__":
    main()
