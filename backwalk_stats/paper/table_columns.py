"""What each column and row of a table is about: arm, time, n, p, difference, label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from backwalk_stats.paper.table_cells import PrintedCell, p_cell, read_cell, says
from backwalk_stats.paper.table_grid import Grid

_N = re.compile(r"[,;]?\s*[(\[]?\s*\b[nN]\s*=\s*(\d{1,6})\s*[)\]]?|\(\s*(\d{1,5})\s*\)$")
_P_HEADING = re.compile(
    r"^(?:[pP]\b|[pP][-\s]?[vV]alue|[sS]ig(?:nificance|\.)?\b)|[\s,)]\s?[pP](?:[-\s]?[vV]alues?)?[*†‡]?$"
)
_DIFFERENCE = re.compile(
    r"difference|hedges|\bcohen|\bMD\b|\bSMD\b|\beffect\b|\bd\b\s*\(|odds ratio|risk ratio|"
    r"\bOR\b|\bRR\b|\bHR\b|hazard|Δ",
    re.I,
)
_STATISTIC = re.compile(
    r"^(?:t|F|z|χ2|U|H|[dgr]|β|MS|SS|df|statistic|test|eta|ηp?2|cohen|effect size)\b", re.I
)
_TOTAL = re.compile(r"^(?:total|all|overall|whole sample|both)\b", re.I)
_SIZES = re.compile(
    r"^(?:n|no\.?|number(?: of (?:participants|patients|people))?|participants|sample size)$", re.I
)
TIME = re.compile(
    r"(?:at\s)?(?:\b(?:baseline|pre|post|before|after|follow[-\s]?up|initial|final|end|discharge|"
    r"(?:pre|post)[-\s]?(?:test|treatment|intervention|training)|"
    r"change(?:\sscores?|\sfrom\sbaseline)?)\b"
    r"(?:\s(?:treatment|intervention|training|test|of\streatment))?|"
    r"\b(?:week|month|day|visit|session|year|time)s?\s?\d{1,3}\b|"
    r"\b\d{1,3}[-\s]?(?:weeks?|wk|months?|mo|days?|years?)\b|\bT\d\b)",
    re.I,
)
_P_ROW = re.compile(r"^\s*(?:[pP]\b|[pP][-\s]?[vV]alues?\b)(?!\w)")
_CHANGE = re.compile(r"change|Δ|decrease|improvement|gain|reduction", re.I)
_WORDS_OF_STATISTICS = re.compile(
    r"[,;(\[]*\s*(?:\b(?:mean|median|m)\b\s*)?(?:±\s*|[(\[]\s*|,\s*)?"
    r"(?:\b(?:SD|SEM|SE|IQR|95 ?% ?CI|95 ?% confidence interval)\b|\bn\s?\(%\)|%|\bmean\b|"
    r"\bmedian\b)\s*[)\]]*",
    re.I,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """What a column holds.

    Attributes
    ----------
    kind : str
        "label", "arm", "p", "difference", "statistic", "n", or "total".
    arm, time : str
        As in the heading, without n and words of statistics; "" where not said.
    n : int or None
        People, from the heading.
    heading : str
        All texts above the column.
    between : tuple of str
        The two arms that a p compares where its heading names them.
    """

    kind: str
    heading: str
    arm: str = ""
    time: str = ""
    n: int | None = None
    between: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TableCell:
    """One cell of an arm, read.

    Attributes
    ----------
    outcome, arm, time : str
        What it is about.
    n : int or None
        People.
    printed : PrintedCell
        Its numbers.
    text : str
        As printed.
    row, column : int
        Where it stands in the body, from 0.
    """

    outcome: str
    arm: str
    time: str
    n: int | None
    printed: PrintedCell
    text: str
    row: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One outcome of a table: the cells of its arms, its p and its differences.

    Attributes
    ----------
    outcome : str
        The label.
    arms : tuple of TableCell
        Cells of arms.
    p, differences, others : tuple of (Column, TableCell)
        Cells of p-values, of differences with intervals, and of test statistics.
    words : str
        Label, for tests and units that it names.
    """

    outcome: str
    arms: tuple[TableCell, ...]
    p: tuple[tuple[Column, TableCell], ...]
    differences: tuple[tuple[Column, TableCell], ...]
    others: tuple[tuple[Column, TableCell], ...]
    words: str


def column_of(path: Sequence[str], place: int) -> Column:
    """Return what a column is about, from the texts above it.

    Examples
    --------
    >>> column = column_of(("Backward (n = 18)", "Week 6"), 1)
    >>> column.arm, column.time, column.n
    ('Backward', 'Week 6', 18)
    """
    heading = " | ".join(path)
    last = path[-1] if path else ""
    n = next((int(m.group(1) or m.group(2)) for m in map(_N.search, path) if m), None)
    if place == 0:
        return Column(kind="label", heading=heading)
    if any(_P_HEADING.search(text) for text in path):
        arm, time = _arm_and_time(_other(path, _P_HEADING))
        return Column(kind="p", heading=heading, arm=arm, time=time)
    if _STATISTIC.match(last) and n is None:
        return Column(kind="statistic", heading=heading)
    if any(_DIFFERENCE.search(text) for text in path) and n is None:
        return Column(kind="difference", heading=heading)
    if _SIZES.match(last):
        return Column(kind="n", heading=heading, arm=_arm_and_time(path[:-1])[0])
    arm, time = _arm_and_time(path)
    kind = "total" if _TOTAL.match(arm) else "arm"
    return Column(kind=kind, heading=heading, n=n, arm=arm, time=time)


def _other(path: Sequence[str], pattern: re.Pattern[str]) -> list[str]:
    """Return the texts of a path without what a pattern finds in them."""
    return [rest for text in path if (rest := pattern.sub(" ", text).strip(" †‡*,"))]


def _arm_and_time(path: Sequence[str]) -> tuple[str, str]:
    arms, times = [], []
    for text in path:
        bare = _N.sub(" ", text)
        time = TIME.search(bare)
        if time:
            times.append(time.group(0).strip())
            bare = bare[: time.start()] + " " + bare[time.end() :]
        bare = _WORDS_OF_STATISTICS.sub(" ", bare)
        bare = " ".join(bare.split()).strip(" ,;:()[]|-–")
        bare += ")" * (bare.count("(") > bare.count(")"))
        if bare:
            arms.append(bare)
    return " ".join(dict.fromkeys(arms)), " ".join(dict.fromkeys(times))


def read_rows(grid: Grid) -> list[TableRow]:
    """Return the outcomes of a table with their cells.

    Rows give the outcome, and the time or arm where a second label says so; a row with a label
    alone is a heading for those below it; a row of n gives the people of each column.

    Parameters
    ----------
    grid : Grid
        The table as text.
    """
    columns = [column_of(path, place) for place, path in enumerate(grid.headings)]
    columns = _compared(grid, _more_labels(grid, columns))
    sized = _arms_in_rows(grid)
    section, out, sizes = "", [], dict[int, int]()
    last = ""
    for place, row in enumerate(grid.rows):
        labels = [row[k] for k, column in enumerate(columns) if column.kind == "label"]
        if not any(cell for k, cell in enumerate(row) if columns[k].kind != "label") or _spanned(
            row
        ):
            section = row[0] or section
            continue
        if _SIZES.match(labels[0]) and not any(labels[1:]):
            sizes = {k: int(row[k]) for k in range(len(row)) if row[k].isdigit()}
            continue
        outcome, arm, time = _labels(labels, section, last)
        if sized and (_N.search(labels[0]) or _P_ROW.match(labels[0])):
            outcome, arm = section or grid.headings[0][0] if grid.headings[0] else "", labels[0]
        if any(_P_ROW.match(label) for label in labels):
            whole = outcome if not _P_ROW.match(outcome) else last
            out.append(_p_row(grid, columns, place, whole or section))
            continue
        last = outcome
        out.append(_row(grid, columns, place, (outcome, arm, time, section), sizes))
    return _joined(out)


def _arms_in_rows(grid: Grid) -> bool:
    """Tell whether the first column names the arms with their n, one a row."""
    labels = [row[0] for row in grid.rows if row[0] and not _P_ROW.match(row[0])]
    return len(labels) > 1 and all(re.search(r"\b[nN]\s*=\s*\d", label) for label in labels)


def _compared(grid: Grid, columns: Sequence[Column]) -> list[Column]:
    """Give a p the two arms that its heading names; `A vs B` over numbers below 1 is a p."""
    arms = [column.arm for column in columns if column.kind == "arm" and column.n]
    out = []
    for k, column in enumerate(columns):
        parts = re.split(r"\s*\b(?:vs\.?|versus|and)\s+|\s+[-–]\s+", column.arm or column.heading)
        named = tuple(dict.fromkeys(arm for part in parts for arm in arms if _is_arm(part, arm)))
        if len(parts) == 2 and len(named) == 2 and column.kind in ("p", "arm") and not column.n:
            cells = [row[k] for row in grid.rows if row[k]]
            if column.kind == "p" or all(_is_share(cell) for cell in cells):
                out.append(replace(column, kind="p", arm="", between=named))
                continue
        out.append(column)
    return out


def _is_arm(part: str, arm: str) -> bool:
    return part.strip(" ()*").lower() == arm.lower()


def _is_share(cell: str) -> bool:
    found = p_cell(cell).get("p_value")
    return bool(found) and (found[0] in "<>nN" or float(found.lstrip("<>≤≥")) <= 1)


def _p_row(grid: Grid, columns: Sequence[Column], place: int, outcome: str) -> TableRow:
    """Return a row of p-values below the arms: each of a change within an arm, or at a visit."""
    cells = []
    for k, column in enumerate(columns):
        printed = p_cell(grid.rows[place][k]) if column.kind != "label" else PrintedCell()
        if printed.numbers:
            cell = TableCell(
                outcome=outcome, arm=column.arm, time=column.time, n=None, printed=printed,
                text=grid.rows[place][k], row=place, column=k,
            )  # fmt: skip
            cells.append((replace(column, kind="p"), cell))
    return TableRow(
        outcome=outcome, arms=(), p=tuple(cells), differences=(), others=(), words=outcome
    )


def _spanned(row: Sequence[str]) -> bool:
    """Tell whether one text stands over all columns."""
    return len(row) > 2 and len(set(row)) == 1 and not re.search(r"\d", row[0])


def _more_labels(grid: Grid, columns: list[Column]) -> list[Column]:
    """Take a second column for labels when its cells are words: arms or times of each row."""
    if len(columns) < 3 or columns[1].kind != "arm" or columns[1].n is not None:
        return columns
    cells = [row[1] for row in grid.rows if row[1]]
    worded = [c for c in cells if not re.match(r"[-–<>±]?\s?[.\d]", c) or TIME.fullmatch(c.strip())]
    if cells and len(worded) == len(cells):
        return [columns[0], replace(columns[1], kind="label"), *columns[2:]]
    return columns


def _labels(labels: Sequence[str], section: str, last: str) -> tuple[str, str, str]:
    """Return outcome, arm and time that the labels of a row say."""
    first, arm, time = labels[0], "", ""
    for text in labels[1:]:
        if TIME.fullmatch(text.strip()):
            time = text
        elif text:
            arm = text
    alone = TIME.fullmatch(first.strip())
    if alone and section:
        return section, arm, first
    if not first:
        return last or section, arm, time
    if arm == "" and section and re.search(r"\bn\s*=\s*\d", first):
        return section, first, time
    return first, arm, time


def _row(
    grid: Grid,
    columns: Sequence[Column],
    place: int,
    about: tuple[str, str, str, str],
    sizes: dict[int, int],
) -> TableRow:
    outcome, arm, time, section = about
    groups: dict[str, list[tuple[Column, TableCell]]] = {}
    of_row = _N.search(arm)
    row_n = int(of_row.group(1) or of_row.group(2)) if of_row else None
    row_arm = _arm_and_time([arm])[0] if arm else ""
    counted = _counted(grid, columns, place)
    for k, column in enumerate(columns):
        text = grid.rows[place][k]
        if column.kind in ("label", "n") or not text or text in "-–":
            continue
        n = row_n or sizes.get(k) or counted.get(column.arm) or column.n or _each(grid)
        scopes = [outcome, column.heading, section, grid.caption, grid.notes]
        if column.kind == "difference" and "ci" not in says(column.heading):
            scopes.insert(0, "95% CI" if "ci" in says(grid.words) else "")
        printed = p_cell(text) if column.kind == "p" else read_cell(text, scopes, n=n)
        if printed.get("low") and any("ci" in says(other.heading) for other in columns):
            printed = _as_elsewhere(text, printed)
        name = (
            (row_arm, column.time or column.arm) if row_arm else (column.arm, column.time or time)
        )
        cell = TableCell(
            outcome=outcome, arm=name[0], time=name[1], n=n, printed=printed, text=text, row=place,
            column=k,
        )  # fmt: skip
        groups.setdefault(column.kind, []).append((column, cell))
    return TableRow(
        outcome=outcome,
        arms=_merged(
            [
                cell
                for kind in ("arm", "total")
                for column, cell in groups.get(kind, [])
                if not _is_interval(column, groups)
            ]
        ),
        p=tuple(groups.get("p", [])),
        differences=_with_interval(groups.get("difference", []), groups.get("arm", [])),
        others=tuple(groups.get("statistic", [])),
        words=outcome,
    )


def _is_interval(column: Column, groups: dict[str, list[tuple[Column, TableCell]]]) -> bool:
    """Tell whether a column holds the interval of the only estimate, which stands in its own."""
    alone = len(groups.get("difference", [])) == 1 and not column.arm and column.n is None
    return alone and says(column.heading) == {"ci"}


def _with_interval(
    differences: Sequence[tuple[Column, TableCell]], arms: Sequence[tuple[Column, TableCell]]
) -> tuple[tuple[Column, TableCell], ...]:
    """Join an estimate with its interval where they stand in columns of their own."""
    beside = [cell for column, cell in arms if _is_interval(column, {"difference": [*differences]})]
    if len(differences) != 1 or len(beside) != 1 or len(differences[0][1].printed.numbers) != 1:
        return tuple(differences)
    column, cell = differences[0]
    ends = dict(beside[0].printed.numbers)
    keys = ("ci_low", "ci_high") if "ci_low" in ends else ("low", "high")
    if not all(key in ends for key in keys):
        return tuple(differences)
    numbers = (
        ("mean", cell.printed.numbers[0][1]), ("ci_low", ends[keys[0]]), ("ci_high", ends[keys[1]]),
    )  # fmt: skip
    heading = f"{column.heading} ({arms[0][0].heading})" if len(arms) == 1 else column.heading
    joined = replace(cell, printed=PrintedCell(numbers=numbers))
    return ((replace(column, heading=heading), joined),)


def _as_elsewhere(text: str, printed: PrintedCell) -> PrintedCell:
    """Read an interval as the other columns' headings say of theirs; the question stays open."""
    again = read_cell(text, ["95% CI"])
    assumed = "the interval is read as a confidence interval, as in another column"
    return replace(again, question=printed.question, assumed=assumed)


def _counted(grid: Grid, columns: Sequence[Column], place: int) -> dict[str, int]:
    """Return the n that a row prints for each arm in a column of its own."""
    cells = (
        (column.arm, grid.rows[place][k]) for k, column in enumerate(columns) if column.kind == "n"
    )
    return {arm: int(text) for arm, text in cells if text.isdigit()}


def _each(grid: Grid) -> int | None:
    """Return the n that caption or notes give for each arm alike."""
    found = re.search(
        r"\b[nN]\s*=\s*(\d{1,5})\s*(?:per|in each|for each|each|in both)\b", grid.words
    )
    return int(found.group(1)) if found else None


def _merged(cells: Sequence[TableCell]) -> tuple[TableCell, ...]:
    """Join the cells of one arm and time that stand in columns of their own: mean and SD."""
    out: list[TableCell] = []
    for cell in cells:
        before = out[-1] if out else None
        names = {name for name, _ in cell.printed.numbers}
        if (
            before is not None
            and (before.arm, before.time) == (cell.arm, cell.time)
            and names <= {"mean", "sd", "se"}
            and not names & {name for name, _ in before.printed.numbers}
        ):
            numbers = (*before.printed.numbers, *cell.printed.numbers)
            out[-1] = replace(before, printed=replace(before.printed, numbers=numbers))
        else:
            out.append(cell)
    return tuple(out)


def _joined(rows: Sequence[TableRow]) -> list[TableRow]:
    """Join rows of one outcome that hold one arm each, so that their p stands with all arms."""
    out: list[TableRow] = []
    for row in rows:
        before = out[-1] if out else None
        arms = {cell.arm for cell in row.arms}
        if (
            before is not None
            and before.outcome == row.outcome
            and len(arms) == 1
            and not arms & {cell.arm for cell in before.arms}
        ):
            out[-1] = replace(
                before,
                arms=(*before.arms, *row.arms),
                p=_once(before.p, row.p),
                differences=_once(before.differences, row.differences),
                others=_once(before.others, row.others),
            )
        else:
            out.append(row)
    return out


def _once(
    first: tuple[tuple[Column, TableCell], ...], second: tuple[tuple[Column, TableCell], ...]
) -> tuple[tuple[Column, TableCell], ...]:
    """Keep a cell that spans both rows once."""
    seen = {(cell.column, cell.text) for _, cell in first}
    return (*first, *(one for one in second if (one[1].column, one[1].text) not in seen))


def is_change(cell: TableCell) -> bool:
    """Tell whether a cell is a change and not a score."""
    return _CHANGE.search(f"{cell.outcome} {cell.time}") is not None
