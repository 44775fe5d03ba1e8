"""Arms beside each other and their difference: all outcomes at once, or one at every visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.tables.estimates import contradiction, estimate, estimate_digits, interval
from backwalk_stats.tables.labels import contrast_label
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes

Arm = tuple[float, float, float, float]  # mean, its limits, and of how many


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What one row says: two arms and their difference.

    Attributes
    ----------
    what : str
        The outcome, or the visit.
    contrast : tuple of str
        Names of arm and reference.
    arms : mapping of str to (float, float, float, float)
        Name of an arm to its mean, the limits of the mean, and how many it is of; NaN is not known.
    row : dict
        The row of results with the difference (`tables.RESULTS`); empty where there is none.
    """

    what: str
    contrast: tuple[str, str]
    arms: Mapping[str, Arm] = field(default_factory=dict)
    row: numbers.Row = field(default_factory=dict)


def comparison_table(
    lines: Sequence[Compared],
    *,
    arms: Mapping[str, str],
    first: str,
    level: float | Sequence[float],
    caption: str,
    notes: tuple[str, ...] = (),
) -> DisplayTable:
    """Return arms and their difference as text, a row each; `first` is the head of the rows.

    The `level` is that of all intervals, or one a line; where lines differ, each row says its own.

    Where all rows compare the same two arms, their labels head the columns; else every row says
    which it compares. A column of adjusted p-values is there where one is known.
    """
    same = len({line.contrast for line in lines}) == 1
    heads = [arms[name] or name for name in lines[0].contrast] if same else ["Arm", "Reference"]
    adjusted = any(isfinite(float(line.row.get("p_adjusted", float("nan")))) for line in lines)
    columns = [
        DisplayColumn(key="what", label=first, width=2.4),
        DisplayColumn(key="n0", label="n", align="right", width=0.5),
        DisplayColumn(key="arm0", label=heads[0], align="right", width=1.9),
        DisplayColumn(key="n1", label="n", align="right", width=0.5),
        DisplayColumn(key="arm1", label=heads[1], align="right", width=1.9),
        DisplayColumn(key="difference", label="Difference", align="right", width=2.0),
        DisplayColumn(key="p_value", label="p", align="right", width=0.7),
    ]
    if adjusted:
        columns.append(DisplayColumn(key="p_adjusted", label="p adj.", align="right", width=0.7))
    levels = [level] * len(lines) if isinstance(level, float) else list(level)
    one = len(set(levels)) == 1
    apart = [
        contradiction(line.row, own) for line, own in zip(lines, levels, strict=True) if line.row
    ]
    told = [
        replace(line, what=f"{line.what} ({numbers.interval_name(own)}s)") if not one else line
        for line, own in zip(lines, levels, strict=True)
    ]
    rows = display_rows(_cells(line, arms, same=same)[: len(columns)] for line in told)
    name = numbers.interval_name(levels[0]) if one else "interval"
    lead = f"Means and differences with their {name}s; n is of each arm."
    return DisplayTable(
        columns=tuple(columns),
        rows=rows,
        caption=caption,
        notes=(
            f"{lead} {' '.join(notes)}".strip(),
            *dict.fromkeys(one for one in apart if one),
            *hidden_notes(rows),
        ),
    )


def _cells(line: Compared, arms: Mapping[str, str], *, same: bool) -> tuple[str, ...]:
    """Return the texts of one row, the adjusted p last."""
    digits = _digits(line)
    what = line.what if same else f"{line.what}: {contrast_label(' - '.join(line.contrast), arms)}"
    told: list[str] = [what]
    for name in line.contrast:
        told += _arm(line.arms.get(name), digits)
    row = line.row
    if not row:
        return (*told, numbers.DASH, numbers.DASH, numbers.DASH)
    return (
        *told,
        difference(row),
        numbers.p_value(row["p_value"]),
        numbers.p_value(row["p_adjusted"]),
    )


def _digits(line: Compared) -> int:
    """Return the decimals of the means: those of the difference, else such as suit the means."""
    row = line.row
    if row and row["quantity"] != "f_statistic" and isfinite(float(row["estimate"])):
        return estimate_digits(row)
    return numbers.decimals_of(arm[0] for arm in line.arms.values())


def _arm(arm: Arm | None, digits: int) -> tuple[str, str]:
    """Return the number and the mean of one arm; a mean that is withheld has an asterisk."""
    if arm is None:
        return numbers.DASH, numbers.DASH
    mean, low, high, n = arm
    count = numbers.count(n) if isfinite(n) else HIDDEN
    if not isfinite(mean):
        return count, numbers.DASH if n == 0 else HIDDEN  # a mean of nobody hides nothing
    around = numbers.interval_text(low, high, digits)
    told = numbers.number(mean, digits)
    return count, told if around == numbers.DASH else f"{told} ({around})"


def difference(row: numbers.Row) -> str:
    """Return a difference with its interval; of an interaction its F.

    Examples
    --------
    >>> row = {"quantity": "mean_difference", "estimate": -1.1, "conf_low": -2.01}
    >>> difference(row | {"conf_high": -0.19})
    '−1.10 (−2.01 to −0.19)'
    """
    if row["quantity"] == "f_statistic":
        told = numbers.number(row["estimate"])
        return told if told == numbers.DASH else f"F = {told}"
    per = " per week" if row["quantity"] == "slope_difference" else ""
    around = interval(row)
    told = estimate(row)
    return told if numbers.DASH in (told, around) else f"{told} ({around}){per}"
