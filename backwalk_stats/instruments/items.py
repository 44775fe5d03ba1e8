"""Items by their codes, thresholds by their names, and the rules that most instruments share."""

from __future__ import annotations

from typing import Literal

from backwalk_stats.instruments.instrument import Item, MissingRule
from backwalk_stats.trial.outcome import Threshold

# The first word of a threshold's name: an MDC may say at which level it is one.
_KINDS: dict[str, Literal["mcid", "mdc", "pass"]] = {
    **dict.fromkeys(("mdc", "mdc90", "mdc95"), "mdc"),
    "mcid": "mcid",
    "pass": "pass",
}


def numbered(
    prefix: str, count: int, *, low: float = 0, high: float, step: float | None = 1.0
) -> tuple[Item, ...]:
    """Return items numbered from 1, with the same answers; a line has no step.

    >>> [item.code for item in numbered("Q", 4, high=4)]
    ['Q1', 'Q2', 'Q3', 'Q4']
    """
    return tuple(
        Item(code=f"{prefix}{number}", low=low, high=high, step=step)
        for number in range(1, count + 1)
    )


def complete(count: int, *, source: str = "", verified: bool = True) -> MissingRule:
    """Return the rule that every item must be answered; without a source the cautious choice."""
    return MissingRule(
        name="complete",
        fewest=count,
        text="no score unless every item is answered",
        source=source or "none published that we found; the cautious choice",
        verified=verified,
    )


def at_least(
    fewest: int, count: int, *, name: str, source: str, verified: bool = True
) -> MissingRule:
    """Return the rule that so many items answered are enough, the rest taken as their mean."""
    return MissingRule(
        name=name,
        fewest=fewest,
        text=f"{fewest} of {count} items or more answered: the others count as the mean of these",
        source=source,
        verified=verified,
    )


def threshold(name: str, value: float, population: str, source: str, note: str = "") -> Threshold:
    """Return a threshold whose name says its kind first, and last where it is per cent.

    >>> found = threshold("mdc90-smith2020-percent", 12.0, "back pain", "Smith 2020")
    >>> found.kind, found.unit
    ('mdc', 'percent')
    """
    return Threshold(
        name=name,
        kind=_KINDS[name.partition("-")[0]],
        value=value,
        unit="percent" if name.endswith("-percent") else "points",
        population=population,
        source=source,
        note=note,
    )
