"""A table ready for a reader: all text, no numbers, no markup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from backwalk_stats.tables import exports

if TYPE_CHECKING:
    import pandas as pd
    from great_tables import GT

Align = Literal["left", "right", "centre"]


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
        return exports.to_frame(self)

    def to_csv(self) -> str:
        """Return the table as CSV, as it is shown."""
        return exports.to_csv(self)

    def to_html(self) -> str:
        """Return the table as HTML, as a notebook shows it."""
        return self._repr_html_()

    def to_markdown(self) -> str:
        """Return the table as Markdown with pipes."""
        return exports.to_markdown(self)

    def to_latex(self) -> str:
        """Return the table as LaTeX with the rules of booktabs."""
        return exports.to_latex(self)

    def to_gt(self, id: str = "table") -> GT:
        """Return the table as an object of great_tables (extra `tables`), to be styled further."""
        made: GT = exports.to_gt(self, id)
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
