"""A table ready for a reader: all text, no numbers, no markup; and its forms for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.tables.csv import to_csv

if TYPE_CHECKING:
    from great_tables import GT

Align = Literal["left", "right", "centre"]
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


@dataclass(frozen=True, kw_only=True, slots=True)
class DisplayColumn:
    """One column of a display table.

    Attributes
    ----------
    key : str
        Short name for anchors and style; never shown.
    label : str
        Heading, in words.
    align : {"left", "right", "centre"}
        Text stands left, numbers right.
    width : float or None
        Share of the table's width relative to the other columns; None leaves it to the writer.
    """

    key: str
    label: str
    align: Align = "left"
    width: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class DisplayTable:
    """A table of text: columns, rows, a caption and notes.

    Attributes
    ----------
    columns : tuple of DisplayColumn
        From left to right.
    rows : tuple of tuple of str
        One text per column in each row. The text is plain: a writer escapes it.
    caption : str
        One sentence that says what the table shows.
    notes : tuple of str
        Sentences that stand under the table.
    groups : tuple of str
        Either empty or one heading per row; rows that follow each other under the same
        heading belong together, and a writer prints the heading once.
    keys : tuple of str
        Either empty or one identifier per row, for anchors; never shown.

    Raises
    ------
    ValueError
        If a row has not one text per column, or groups or keys do not match the rows.

    Examples
    --------
    >>> table = DisplayTable(
    ...     columns=(DisplayColumn(key="study", label="Study"),),
    ...     rows=(("Chen 2021",),),
    ...     caption="Studies.",
    ... )
    >>> len(table.rows)
    1
    """

    columns: tuple[DisplayColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    notes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a table whose parts do not fit together."""
        for place, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"row {place} of the table has {len(row)} cells, expected {len(self.columns)}"
                )
        for name, marks in (("groups", self.groups), ("keys", self.keys)):
            if marks and len(marks) != len(self.rows):
                raise ValueError(f"{len(marks)} {name} for {len(self.rows)} rows of the table")

    def __repr__(self) -> str:
        """Return what the table shows and how large it is."""
        return f"<Table: {self.caption[:200]} {len(self.rows)} rows, {len(self.columns)} columns>"

    def _repr_html_(self) -> str:
        """Return the table for a notebook; every text is escaped."""
        head = "".join(f"<th scope='col'>{escape(column.label)}</th>" for column in self.columns)
        body, group = [], ""
        for place, row in enumerate(self.rows):
            if self.groups and self.groups[place] != group:
                group = self.groups[place]
                body.append(
                    f"<tr><th scope='rowgroup' colspan='{len(self.columns)}' "
                    f"style='text-align:left'>{escape(group)}</th></tr>"
                )
            cells = (
                f"<td style='text-align:{'center' if one.align == 'centre' else one.align}'>"
                f"{escape(cell)}</td>"
                for one, cell in zip(self.columns, row, strict=True)
            )
            body.append(f"<tr>{''.join(cells)}</tr>")
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return (
            f"<table><caption>{escape(self.caption)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table>{notes}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a frame of text; headings of groups are a first column."""
        return _frame(self)

    def to_csv(self) -> str:
        """Return the table as CSV, as it is shown."""
        return _csv(self)

    def to_html(self) -> str:
        """Return the table as HTML, as a notebook shows it."""
        return self._repr_html_()

    def to_markdown(self) -> str:
        """Return the table as Markdown with pipes."""
        return _markdown(self)

    def to_latex(self) -> str:
        """Return the table as LaTeX with the rules of booktabs."""
        return _latex(self)

    def to_gt(self, id: str = "table") -> GT:
        """Return the table as an object of great_tables (extra `tables`), to be styled further."""
        made: GT = _gt(self, id)
        return made


def display_columns(*columns: tuple[str, str, Align, float | None]) -> tuple[DisplayColumn, ...]:
    """Return display columns from (key, label, align, width) rows.

    Examples
    --------
    >>> display_columns(("n", "Participants", "right", None))[0].label
    'Participants'
    """
    return tuple(
        DisplayColumn(key=key, label=label, align=align, width=width)
        for key, label, align, width in columns
    )


def display_rows(rows: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return rows of text as tuples.

    Examples
    --------
    >>> display_rows([["a", "b"]])
    (('a', 'b'),)
    """
    return tuple(tuple(row) for row in rows)


# The forms that other programs read.


def _frame(table: DisplayTable) -> pd.DataFrame:
    """Return a table as a frame of text; the headings of groups are a first column without a name.

    Examples
    --------
    >>> columns = display_columns(("n", "n", "right", None))
    >>> _frame(DisplayTable(columns=columns, rows=(("30",),), caption="People."))
        n
    0  30
    """
    heads = [column.label or column.key for column in table.columns]
    rows: list[tuple[str, ...]] = list(table.rows)
    if table.groups:
        heads = ["", *heads]
        rows = [(group, *row) for group, row in zip(table.groups, rows, strict=True)]
    return pd.DataFrame(rows, columns=heads, dtype=object)


def _csv(table: DisplayTable) -> str:
    """Return a table as CSV, as it is shown."""
    return to_csv(_frame(table))


def _markdown(table: DisplayTable) -> str:
    r"""Return a table as Markdown with pipes: caption above, notes below.

    Examples
    --------
    >>> columns = display_columns(("p", "p | x", "right", None))
    >>> print(_markdown(DisplayTable(columns=columns, rows=(("<0.001",),), caption="P.")))
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


def _latex(table: DisplayTable) -> str:
    r"""Return a table as LaTeX: three rules of booktabs, caption above, notes below.

    Examples
    --------
    >>> columns = display_columns(("n", "n (%)", "right", None))
    >>> print(_latex(DisplayTable(columns=columns, rows=(("30",),), caption="People.")))
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
        told = [" ".join(_replaced(cell, _LATEX).split()) for cell in cells]
        if told and told[0].startswith("["):
            told[0] = "{}" + told[0]  # else a length of the line break before it
        return " & ".join(told) + r" \\"

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


def _gt(table: DisplayTable, id: str = "table") -> Any:  # noqa: ANN401
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
