"""A table in the forms that other programs read: frame, CSV, Markdown, LaTeX, great_tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.tables.csv import to_csv as frame_csv

if TYPE_CHECKING:
    from backwalk_stats.tables.display import DisplayTable

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "−": "$-$", "≤": r"$\leq$", "≥": r"$\geq$", "×": r"$\times$", "±": r"$\pm$", "∞": r"$\infty$",
    "\u00a0": "~", "\u202f": r"\,", "²": r"\textsuperscript{2}", "<": r"\textless{}",
    ">": r"\textgreater{}", "°": r"\textdegree{}", "→": r"$\rightarrow$", "←": r"$\leftarrow$",
}  # fmt: skip
_MARKDOWN = {"|": r"\|", "\n": " ", "*": r"\*", "_": r"\_", "<": "&lt;", "`": r"\`"}
_ALIGN = {"left": "l", "right": "r", "centre": "c"}
_RULES = {"left": ":--", "right": "--:", "centre": ":-:"}


def to_frame(table: DisplayTable) -> pd.DataFrame:
    """Return a table as a frame of text; the headings of groups are a first column without a name.

    Examples
    --------
    >>> from backwalk_stats.tables.display import DisplayTable, display_columns
    >>> columns = display_columns(("n", "n", "right", None))
    >>> to_frame(DisplayTable(columns=columns, rows=(("30",),), caption="People."))
        n
    0  30
    """
    heads = [column.label or column.key for column in table.columns]
    rows: list[tuple[str, ...]] = list(table.rows)
    if table.groups:
        heads = ["", *heads]
        rows = [(group, *row) for group, row in zip(table.groups, rows, strict=True)]
    return pd.DataFrame(rows, columns=heads, dtype=object)


def to_csv(table: DisplayTable) -> str:
    """Return a table as CSV, as it is shown."""
    return frame_csv(to_frame(table))


def to_markdown(table: DisplayTable) -> str:
    r"""Return a table as Markdown with pipes: caption above, notes below.

    Examples
    --------
    >>> from backwalk_stats.tables.display import DisplayTable, display_columns
    >>> columns = display_columns(("p", "p | x", "right", None))
    >>> print(to_markdown(DisplayTable(columns=columns, rows=(("<0.001",),), caption="P.")))
    **P.**
    <BLANKLINE>
    | p \| x |
    | --: |
    | &lt;0.001 |
    """

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(_replaced(cell, _MARKDOWN) for cell in cells)} |"

    lines = [f"**{_replaced(table.caption, _MARKDOWN)}**", ""]
    lines.append(line([column.label for column in table.columns]))
    lines.append(f"| {' | '.join(_RULES[column.align] for column in table.columns)} |")
    for group, rows in _grouped(table):
        if group:
            blank = [""] * (len(table.columns) - 1)
            lines.append(f"| **{_replaced(group, _MARKDOWN)}** |{' |' * len(blank)}")
        lines += [line(row) for row in rows]
    for note in table.notes:
        lines += ["", _replaced(note, _MARKDOWN)]
    return "\n".join(lines)


def to_latex(table: DisplayTable) -> str:
    r"""Return a table as LaTeX: three rules of booktabs, caption above, notes below.

    Examples
    --------
    >>> from backwalk_stats.tables.display import DisplayTable, display_columns
    >>> columns = display_columns(("n", "n (%)", "right", None))
    >>> print(to_latex(DisplayTable(columns=columns, rows=(("30",),), caption="People.")))
    \begin{table}
    \caption{People.}
    \begin{tabular}{r}
    \toprule
    n (\%) \\
    \midrule
    30 \\
    \bottomrule
    \end{tabular}
    \end{table}
    """

    def line(cells: Sequence[str]) -> str:
        return " & ".join(_replaced(cell, _LATEX) for cell in cells) + r" \\"

    form = "".join(_ALIGN[column.align] for column in table.columns)
    lines = [r"\begin{table}", rf"\caption{{{_replaced(table.caption, _LATEX)}}}"]
    lines += [rf"\begin{{tabular}}{{{form}}}", r"\toprule"]
    lines += [line([column.label for column in table.columns]), r"\midrule"]
    for group, rows in _grouped(table):
        if group:
            width = len(table.columns)
            lines.append(
                rf"\multicolumn{{{width}}}{{l}}{{\textbf{{{_replaced(group, _LATEX)}}}}} \\"
            )
        lines += [line(row) for row in rows]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\footnotesize {_replaced(note, _LATEX)}" for note in table.notes]
    return "\n".join([*lines, r"\end{table}"])


def to_gt(table: DisplayTable, id: str = "table") -> Any:  # noqa: ANN401
    """Return a table as an object of great_tables, to be styled further.

    `id` names the table in HTML: the same name gives the same bytes. Needs the extra `tables`; its
    absence is told.
    """
    try:
        from great_tables import GT, style
        from great_tables import loc as place
    except ImportError:
        raise UsageError(
            "a table of great_tables needs great_tables: pip install 'backwalk-stats[tables]'"
        ) from None
    keys = [column.key for column in table.columns]
    frame = pd.DataFrame(list(table.rows), columns=keys, dtype=object)
    if table.groups:
        frame.insert(0, "_group", list(table.groups))
    made = GT(frame, groupname_col="_group" if table.groups else None, id=id)
    made = made.tab_header(title=table.caption)
    made = made.cols_label({column.key: column.label for column in table.columns})
    for column in table.columns:
        side: Any = "center" if column.align == "centre" else column.align
        made = made.cols_align(side, columns=column.key)
    for note in table.notes:
        made = made.tab_source_note(note)
    return made.tab_style(style.text(weight="bold"), place.row_groups())


def _grouped(table: DisplayTable) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return the rows under the headings that they stand under."""
    parts: list[tuple[str, list[tuple[str, ...]]]] = []
    groups = table.groups or ("",) * len(table.rows)
    for group, row in zip(groups, table.rows, strict=True):
        if not parts or parts[-1][0] != group:
            parts.append((group, []))
        parts[-1][1].append(row)
    return parts


def _replaced(text: str, marks: dict[str, str]) -> str:
    """Return a text in which no sign has a meaning to the program that reads it."""
    return "".join(marks.get(sign, sign) for sign in text)
