"""SIMULATED people of the motion example: who walks how, before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.analyses.simulated.gait import Walker
from backwalk_stats.engine.seeds import replicate_generator

VISITS = ("W0", "W6")
DIRECTIONS = ("forward", "backward")
ARMS = ("forward", "backward")
EFFECT_BUMP = 2.0  # degrees of lumbar flexion at 60 % of the cycle, after backward walking
EFFECT_LAG = 12.0  # degrees of lag, towards anti-phase


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One invented person: how they move at each visit, and how well they find a position."""

    id: str
    arm: str
    visits: dict[str, Walker]
    repositioning: dict[str, tuple[float, ...]]
    seed: int


def simulated_walkers(*, participants: int, seed: int) -> tuple[Person, ...]:
    """Return people, an even number, in two arms of equal size; a seed gives the same people."""
    return tuple(_person(place, seed=seed) for place in range(participants))


def _person(place: int, *, seed: int) -> Person:
    rng = replicate_generator(seed=seed, index=place)
    arm = ARMS[place % 2]
    before = Walker(
        cycle=float(rng.normal(1.15, 0.05)),
        lag=float(rng.normal(140.0, 10.0)),
        pelvis_rotation=float(rng.normal(6.0, 0.8)),
        lumbar_rotation=float(rng.normal(7.0, 0.8)),
        lumbar_flexion=float(rng.normal(3.0, 0.4)),
        lordosis=float(rng.normal(-12.0, 6.0)),
        bump=float(rng.normal(0.0, 0.5)),
        wobble=0.06,
    )
    treated = 1.0 if arm == "backward" else 0.0
    after = replace(
        before,
        lag=before.lag + EFFECT_LAG * treated + float(rng.normal(0.0, 4.0)),
        bump=before.bump + EFFECT_BUMP * treated + float(rng.normal(0.0, 0.6)),
        lordosis=before.lordosis + float(rng.normal(0.0, 1.0)),
    )
    errors = {
        visit: np.round(rng.normal(2.0 - 0.8 * treated * (visit == "W6"), 1.5, 5) + 20.0, 1)
        for visit in VISITS
    }
    return Person(
        id=f"SIM-{place + 1:02d}",
        arm=arm,
        visits=dict(zip(VISITS, (before, after), strict=True)),
        repositioning={visit: tuple(map(float, found)) for visit, found in errors.items()},
        seed=int(rng.integers(2**31)),
    )
