"""Scales that are one measurement: a line, a count, a time, a distance, an angle."""

from __future__ import annotations

from backwalk_stats.instruments.combine import identity
from backwalk_stats.instruments.instrument import Item, Scale
from backwalk_stats.instruments.items import complete
from backwalk_stats.trial.outcome import Better, Threshold


def measured(
    code: str,
    *,
    label: str,
    unit: str,
    better: Better,
    name: str = "score",
    low: float | None = 0.0,
    high: float | None = None,
    step: float | None = None,
    open_low: bool = False,
    usual: tuple[float, float] | None = None,
    thresholds: tuple[Threshold, ...] = (),
    formula: str = "as measured",
) -> Scale:
    """Return a scale whose score is the measurement itself.

    What could not be done is missing, never 0.

    >>> measured("tug_s", label="Timed up and go", unit="s", better="lower").items[0].code
    'tug_s'
    """
    item = Item(code=code, low=low, high=high, step=step, open_low=open_low)
    return Scale(
        name=name,
        label=label,
        low=low,
        high=high,
        step=step,
        unit=unit,
        better=better,
        items=(item,),
        formula=formula,
        combine=identity,
        rules=(complete(1),),
        open_low=open_low,
        usual=usual,
        thresholds=thresholds,
    )
