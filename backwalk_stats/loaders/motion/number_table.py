"""Lines of numbers as an array, and the rate that a column of times stands for."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import Faults, InputError

MISSING = frozenset({"", "nan", "NaN", "NAN", "NA"})
# Times are printed with few digits, so steps differ a little: at 120 Hz and three decimals by 12 %.
UNEVEN = 0.25  # of a step, between two samples; a lost sample makes it 1
DRIFT = 0.5  # of a step, from the straight line through the first and the last time
FEWEST = 10


def number_table(
    lines: Sequence[str],
    columns: Sequence[str],
    *,
    file: str,
    first: int,
    separator: str | None = None,
    decimal: str = ".",
) -> FloatArray:
    """Return lines of numbers as an array, shape (lines, columns); missing ones are NaN.

    Parameters
    ----------
    lines : sequence of str
        Blank ones are passed over.
    columns : sequence of str
        Names, for messages; every line has as many cells.
    file : str
    first : int
        Line number of the first line.
    separator : str, optional
        By default any white space for a table without missing cells, else a tab.
    decimal : str
        "." or ",".

    Raises
    ------
    InputError
        With every cell that is no number, and every line of another width.
    """
    rows: list[list[float]] = []
    faults = Faults(file)
    for row, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        cells = line.split(separator) if separator else _cells(line, len(columns))
        if len(cells) != len(columns):
            faults.add(None, f"{len(columns)} numbers in a line", f"{len(cells)} cells", row=row)
            continue
        rows.append([_number(cell.strip().strip('"'), decimal) for cell in cells])
        for column, value in zip(columns, rows[-1], strict=True):
            if isinf(value):
                faults.add(column, "a number", "other text", row=row)
    if len(rows) < FEWEST:
        faults.add(None, f"at least {FEWEST} samples", f"{len(rows)}")
    faults.stop()
    return np.array(rows)


def steady_rate(time: FloatArray, *, file: str) -> float:
    """Return the samples per second of a column of times in seconds.

    Raises
    ------
    InputError
        If the steps are not even: samples were lost, or two recordings stand in one file.
    """
    step = (time[-1] - time[0]) / (len(time) - 1)
    uneven = ~(np.abs(np.diff(time) - step) <= UNEVEN * step)
    away = ~(np.abs(time - time[0] - step * np.arange(len(time))) <= DRIFT * step)
    if not step > 0.0 or uneven.any() or away.any():
        place = int(np.argmax(uneven)) if uneven.any() else int(np.argmax(away))
        expected, found = "even steps from sample to sample", "an uneven step after sample"
        action = "Samples were lost, or two recordings stand in one file; export again"
        raise InputError.of(file, expected, f"{found} {place + 1}", action, column="time")
    return float(1.0 / step)


def _cells(line: str, width: int) -> list[str]:
    by_tab = line.rstrip("\r\n").split("\t")
    if len(by_tab) >= width:
        return by_tab[:width] if not "".join(by_tab[width:]).strip() else by_tab
    return line.split()


def _number(cell: str, decimal: str) -> float:
    if cell in MISSING:
        return float("nan")
    if "_" in cell or (decimal != "." and "." in cell):  # Python's 1_000, or a mark of thousands
        return float("inf")
    try:
        return float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return float("inf")  # told apart from missing; a fault is made of it
