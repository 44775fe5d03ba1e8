"""Trials of finding a position again, one row a participant and visit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositioningTrials:
    """The trials of one participant at one visit, in the unit of the target."""

    participant: str
    arm: str
    visit: str
    target: float
    trials: tuple[float, ...]
