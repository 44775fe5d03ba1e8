"""Items to scores by an instrument's own rule, with what was missing and what must be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backwalk_stats.errors import Fault, InputError, UsageError
from backwalk_stats.instruments.instrument import (
    Bands,
    FloatArray,
    Instrument,
    Item,
    MissingRule,
    Scale,
)

FILLED = {
    "mean": "unanswered items count as the mean of the answered",
    "zero": "unanswered items count as 0",
}
TOO_FEW = "no score: too few items answered"
# An answer may be this far from a step: files carry 2.0000000000001.
TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scored:
    """Scores of n people.

    Attributes
    ----------
    score : array of float, shape (n,)
        Not rounded; NaN where there is none.
    n_answered, n_missing : array of int, shape (n,)
    rule_applied : str
        Name of the rule for unanswered items.
    flag : array of str, shape (n,)
        What must be known of the score: filled or left out for unanswered items, an alert; "" for
        nothing. Several are joined by "; ".
    """

    score: FloatArray
    n_answered: NDArray[np.int64]
    n_missing: NDArray[np.int64]
    rule_applied: str
    flag: NDArray[np.object_]


def score(
    instrument: Instrument,
    version: str,
    subscale: str,
    items: ArrayLike,
    rule: str | None = None,
    *,
    rows: Sequence[int] | None = None,
    file: str = "items",
) -> Scored:
    """Return the scores of items.

    Parameters
    ----------
    instrument : Instrument
        As `registry.instrument` returns it.
    version, subscale : str
        Codes; "" where there is only one.
    items : array-like of float, shape (n, k)
        In the order of the scale's items, NaN where unanswered. A code such as 99 is not missing
        unless the caller made it NaN.
    rule : str, optional
        Name of the rule for unanswered items; the instrument's default for None.
    rows : sequence of int, optional
        Where each row stands in its file, for messages; by default from 1.
    file : str
        Named in messages.

    Returns
    -------
    Scored

    Raises
    ------
    UsageError
        If version, subscale or rule does not exist, or the number of columns is not that of items.
    InputError
        If answers are outside what can be answered, or measurements give a score off the scale:
        every one, by row and item code.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> pain = [[1, 2, 1, 0, 2, 3, 1, np.nan, 2]]
    >>> scored = score(instrument("koos"), "", "pain", pain)
    >>> scored.score, scored.n_missing, scored.rule_applied
    (array([62.5]), array([1]), '2012')
    """
    scale = instrument.version(version).scale(subscale)
    return score_scale(scale, items, rule, rows=rows, file=file)


def score_scale(
    scale: Scale,
    items: ArrayLike,
    rule: str | None = None,
    *,
    rows: Sequence[int] | None = None,
    file: str = "items",
) -> Scored:
    """Return the scores of items on a scale; as `score`, which see.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> score_scale(instrument("tug").version().scale(), [[9.5]]).score
    array([9.5])
    """
    chosen = scale.rule(rule)
    values = np.asarray(items, dtype=np.float64)
    codes = [item.code for item in scale.items]
    if values.ndim != 2 or values.shape[1] != len(codes):
        raise UsageError(
            f"{scale.label} is scored from {len(codes)} columns ({', '.join(codes)}), "
            f"found an array of shape {values.shape}"
        )
    lines = range(1, len(values) + 1) if rows is None else rows
    _refuse_impossible(scale, values, lines, file)
    answered = (~np.isnan(values)).sum(axis=1)
    filled = np.nan_to_num(values, nan=0.0) if chosen.fill == "zero" else values
    scores = np.where(answered >= chosen.fewest, scale.combine(filled), np.nan)
    _refuse_off_scale(scale, scores, lines, file)
    missing = len(codes) - answered
    return Scored(
        score=scores,
        n_answered=answered,
        n_missing=missing,
        rule_applied=chosen.name,
        flag=_flags(scale, values, scores, missing, chosen),
    )


def band(scores: ArrayLike, bands: Bands) -> NDArray[np.object_]:
    """Return the name of the band of each score, None where there is no score.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> odi = instrument("odi").version().scale()
    >>> list(band([20.0, 20.5, np.nan], odi.bands))
    ['minimal', 'moderate', None]
    """
    values = np.asarray(scores, dtype=np.float64)
    cuts = np.asarray(bands.cuts)
    below = bands.cut_belongs == "below"
    places = np.searchsorted(cuts, values, side="left" if below else "right")
    names = np.array([*bands.labels, None], dtype=object)
    return np.asarray(names[np.where(np.isnan(values), len(bands.labels), places)])


def possible(item: Item, values: FloatArray) -> NDArray[np.bool_]:
    """Return where values can be answers to an item; NaN can.

    Examples
    --------
    >>> possible(Item(code="P1", low=0, high=4), np.array([4.0, 5.0, 1.5, np.nan]))
    array([ True, False, False,  True])
    """
    fits: NDArray[np.bool_] = ~np.isinf(values)
    if item.choices:
        distance = np.abs(values[..., None] - np.asarray(item.choices)).min(axis=-1)
        return np.asarray(fits & (np.isnan(values) | (distance <= TOLERANCE)))
    if item.low is not None:
        fits &= ~(values <= item.low) if item.open_low else ~(values < item.low - TOLERANCE)
    if item.high is not None:
        fits &= ~(values > item.high + TOLERANCE)
    if item.step is not None:
        with np.errstate(invalid="ignore"):
            steps = (values - (item.low or 0.0)) / item.step
            fits &= np.isnan(values) | (np.abs(steps - np.round(steps)) <= TOLERANCE)
    return fits


def answers(item: Item) -> str:
    """Return what can be answered, in words.

    Examples
    --------
    >>> answers(Item(code="P1", low=0, high=4))
    'a whole number from 0 to 4'
    """
    if item.choices:
        return "one of " + ", ".join(f"{choice:g}" for choice in item.choices)
    kind = "a whole number" if item.step == 1.0 else "a number"
    if item.low is not None and item.high is not None:
        return f"{kind} from {item.low:g} to {item.high:g}"
    if item.low is not None:
        return f"{kind} above {item.low:g}" if item.open_low else f"{kind} of {item.low:g} or more"
    return kind


def _refuse_impossible(scale: Scale, values: FloatArray, lines: Sequence[int], file: str) -> None:
    """Raise for every answer that is none, by row and item code; its value is not told."""
    faults = [
        Fault(
            file=file,
            row=lines[int(place)],
            column=item.code,
            expected=answers(item),
            found="another value",
            action="Declare it under missing_codes if it stands for a missing answer.",
        )
        for column, item in enumerate(scale.items)
        for place in np.flatnonzero(~possible(item, values[:, column]))
    ]
    if faults:
        raise InputError(faults)


def _refuse_off_scale(scale: Scale, scores: FloatArray, lines: Sequence[int], file: str) -> None:
    """Raise for every score that the scale does not have: a difference of two lengths, say."""
    ends = Item(code="", low=scale.low, high=scale.high, step=None, open_low=scale.open_low)
    faults = [
        Fault(
            file=file,
            row=lines[int(place)],
            column=", ".join(item.code for item in scale.items),
            expected=f"{answers(ends)} as {scale.label}",
            found="another score",
            action="Check the measurements and their unit.",
        )
        for place in np.flatnonzero(~possible(ends, scores))
    ]
    if faults:
        raise InputError(faults)


def _flags(
    scale: Scale,
    values: FloatArray,
    scores: FloatArray,
    missing: NDArray[np.int64],
    rule: MissingRule,
) -> NDArray[np.object_]:
    """Return what must be known of each score."""
    told = FILLED[rule.fill] if rule.verified else f"{FILLED[rule.fill]} (rule not verified)"
    first = np.where(np.isnan(scores), TOO_FEW, np.where(missing > 0, told, ""))
    flags = first.astype(object)
    if scale.alert is not None:
        column = [item.code for item in scale.items].index(scale.alert.item)
        for place in np.flatnonzero(values[:, column] > scale.alert.above):
            flags[place] = "; ".join(filter(None, [flags[place], scale.alert.text]))
    return flags
