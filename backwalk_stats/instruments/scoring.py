"""Items to scores by an instrument's own rule, with what was missing and what must be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backwalk_stats.errors import Faults, UsageError, printable
from backwalk_stats.instruments.instrument import Bands, FloatArray, Item, MissingRule, Scale
from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    import pandas as pd

FILLED = {
    "mean": "unanswered items count as the mean of the answered",
    "zero": "unanswered items count as 0",
}
TOO_FEW = "no score: too few items answered"
# An answer may be this far from a step: files carry 2.0000000000001.
TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Scored(Shown):
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
    frame: pd.DataFrame,
    instrument: str,
    version: str = "",
    *,
    scale: str = "",
    items: Sequence[str] | Mapping[str, str] | None = None,
    rule: str | None = None,
) -> pd.DataFrame:
    """Return the scores of a frame of items, by the instrument's own rules.

    Parameters
    ----------
    frame : DataFrame
        One row a person (and visit), a column an item: numbers, missing where unanswered. A code
        such as 99 is an answer until you make it missing.
    instrument : str
        Code or another spelling, such as "womac"; `backwalk instruments` lists them.
    version : str
        Code of the version; "" where there is only one, or the spelling implies it.
    scale : str
        Name of the subscale; "" where there is only one.
    items : sequence of str or mapping of str to str, optional
        Columns of the items: in the order of the scale's items, or by item code. By default
        columns that are called as the items.
    rule : str, optional
        Name of the rule for unanswered items; the instrument's default for None.

    Returns
    -------
    DataFrame
        With the index of `frame`: score (not rounded; in the unit and direction of the scale, NaN
        where there is none), n_answered, n_missing, rule_applied, flag (what must be known of the
        score), and band where the instrument has bands.

    Raises
    ------
    UsageError
        If instrument, version, scale, rule or a column does not exist; the message lists those
        there are.
    InputError
        If answers are outside what can be answered: every one, by row (from 1) and item, never
        by its value.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({f"P{item}": [1, 2] for item in range(1, 10)})
    >>> answers.loc[0, "P8"] = np.nan
    >>> score(answers, "koos", scale="pain")[["score", "n_missing", "rule_applied"]]
       score  n_missing rule_applied
    0   75.0          1         2012
    1   50.0          0         2012
    """
    import pandas as pd

    from backwalk_stats.instruments.registry import instrument_version

    wanted = instrument_version(instrument, version)[1].scale(scale)
    values = _item_values(frame, wanted, _item_columns(frame, wanted, items))
    scored = score_scale(wanted, values, rule, file="frame")
    found = pd.DataFrame(
        {
            "score": scored.score,
            "n_answered": scored.n_answered,
            "n_missing": scored.n_missing,
            "rule_applied": scored.rule_applied,
            "flag": scored.flag,
        },
        index=frame.index,
    )
    return found if wanted.bands is None else found.assign(band=band(scored.score, wanted.bands))


def _item_columns(
    frame: pd.DataFrame, scale: Scale, items: Sequence[str] | Mapping[str, str] | None
) -> list[str]:
    """Return the columns of a scale's items, in its order."""
    codes = [item.code for item in scale.items]
    if isinstance(items, str):
        raise UsageError(
            f"expected a list of columns as items, found the text '{printable(items)}'"
        )
    if isinstance(items, Mapping):
        missing = [code for code in codes if code not in items]
        columns = [items[code] for code in codes if code in items]
    else:
        columns = codes if items is None else list(items)
        missing = [] if len(columns) == len(codes) else codes
    if missing:
        raise UsageError(
            f"{scale.label} is scored from {len(codes)} items ({', '.join(codes)}), "
            f"found columns for {len(columns)}"
        )
    absent = [printable(str(column)) for column in columns if column not in frame.columns]
    if absent:
        raise UsageError(
            f"{scale.label} is scored from {len(codes)} items; the frame has no column "
            f"{', '.join(absent)}; name the columns with items="
        )
    return columns


def _item_values(frame: pd.DataFrame, scale: Scale, columns: list[str]) -> FloatArray:
    """Return the answers as numbers; refuse cells that hold none, by row and item."""
    import pandas as pd

    parts = [pd.to_numeric(frame[column], errors="coerce") for column in columns]
    faults, action = Faults("frame"), "Make cells that stand for a missing answer missing."
    for item, column, part in zip(scale.items, columns, parts, strict=True):
        for place in np.flatnonzero(part.isna() & frame[column].notna()).tolist():
            faults.add(item.code, answers(item), "text", action, row=place + 1)
    faults.stop()
    return np.column_stack([part.to_numpy(dtype=np.float64, na_value=np.nan) for part in parts])


def score_scale(
    scale: Scale,
    items: ArrayLike,
    rule: str | None = None,
    *,
    rows: Sequence[int] | None = None,
    file: str = "items",
) -> Scored:
    """Return the scores of items on a scale, shape (n, k), in its order, NaN where unanswered.

    `rows` say where each row stands in its file, for messages; by default from 1. Answers outside
    what can be answered, and measurements with a score off the scale, are refused: every one, by
    row and item code. `UsageError` tells of another number of columns, or of a rule that is none.

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
    faults = Faults(file)
    action = "Declare it under missing_codes if it stands for a missing answer."
    for column, item in enumerate(scale.items):
        for place in np.flatnonzero(~possible(item, values[:, column])):
            faults.add(item.code, answers(item), "another value", action, row=lines[int(place)])
    faults.stop()


def _refuse_off_scale(scale: Scale, scores: FloatArray, lines: Sequence[int], file: str) -> None:
    """Raise for every score that the scale does not have: a difference of two lengths, say."""
    ends = Item(code="", low=scale.low, high=scale.high, step=None, open_low=scale.open_low)
    expected, column = f"{answers(ends)} as {scale.label}", ", ".join(i.code for i in scale.items)
    faults, action = Faults(file), "Check the measurements and their unit."
    for place in np.flatnonzero(~possible(ends, scores)):
        faults.add(column, expected, "another score", action, row=lines[int(place)])
    faults.stop()


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
