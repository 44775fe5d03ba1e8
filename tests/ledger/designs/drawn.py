"""Draws that many designs share: two arms of a continuous outcome, counts of responders."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.ledger.designs.paper import Cells, Paper, Redraw

OUTCOMES: tuple[Mapping[str, str], ...] = (
    {"outcome": "pain", "instrument": "VAS", "unit": "cm"},
    {"outcome": "pain", "instrument": "visual analogue scale", "unit": "cm"},
    {"outcome": "lumbar flexion", "instrument": "inclinometer", "unit": "deg"},
    {"outcome": "sway area", "instrument": "force plate", "unit": "cm2"},
    {"outcome": "timed up and go", "instrument": "stopwatch", "unit": "s"},
)
RESPONSE = ("responders", "improved", "fallers", "returned to work")


def described(paper: Paper) -> dict[str, str]:
    """Return outcome, instrument and unit of a continuous measurement."""
    return dict(OUTCOMES[int(paper.rng.integers(len(OUTCOMES)))])


def drawn(paper: Paper, size: int, mean: float = 4.0, sd: float = 1.8) -> np.ndarray:
    """Return the scores of an arm."""
    return np.asarray(paper.rng.normal(mean, sd, size))


def two_samples(
    paper: Paper,
    *,
    gap: float | None = None,
    spread: float = 1.0,
    low: int = 10,
    print_arms: bool = True,
) -> tuple[Cells, np.ndarray, np.ndarray]:
    """Write two arms and return the cells of a comparison of them, with their scores."""
    (first, second), sizes = paper.two_arms(low)
    gap = float(paper.rng.uniform(-0.3, 1.6)) if gap is None else gap
    a, b = drawn(paper, sizes[0]), drawn(paper, sizes[1], 4.0 + gap, 1.8 * spread)
    cells = described(paper)
    if print_arms:
        paper.arm(first, a, **cells)
        paper.arm(second, b, **cells)
    else:
        paper.age(sum(sizes))
    return {"outcome": cells["outcome"], "arm_a": first, "arm_b": second}, a, b


def visits(
    paper: Paper, size: int, count: int = 2, r: float = 0.6, fall: float = 1.2
) -> np.ndarray:
    """Return scores of people (rows) at visits (columns), falling from the first visit on."""
    covariance = 1.8**2 * (np.full((count, count), r) + (1 - r) * np.eye(count))
    means = 6.0 - fall * (np.arange(count) > 0)
    return np.asarray(paper.rng.multivariate_normal(means, covariance, size))


def responders(
    paper: Paper, *, low: int = 20, high: int = 70, print_counts: bool = True
) -> tuple[Cells, tuple[int, int], tuple[int, int]]:
    """Write counts of responders in two arms; return cells, events and sizes."""
    (first, second), sizes = paper.two_arms(low, high)
    share = paper.rng.uniform(0.25, 0.75, size=2)
    events = [int(paper.rng.binomial(n, s)) for n, s in zip(sizes, share, strict=True)]
    if min(*events, sizes[0] - events[0], sizes[1] - events[1]) < 1:
        raise Redraw
    outcome = paper.any_of(RESPONSE)
    for arm, n, count in zip((first, second), sizes, events, strict=True):
        if print_counts:
            paper.arm(arm, outcome=outcome, instrument="count", unit="events", n=n, mean=count)
    if not print_counts:
        paper.age(sum(sizes))
    cells = {"outcome": outcome, "arm_a": first, "arm_b": second}
    return cells, (events[0], events[1]), (sizes[0], sizes[1])
