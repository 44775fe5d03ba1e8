"""Which sheet of a workbook is read, and what is said about those that are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backwalk_stats.loaders.findings import Findings

if TYPE_CHECKING:
    from python_calamine import SheetMetadata


def choose_sheet(
    sheets: Sequence[SheetMetadata], wanted: str | int | None, findings: Findings
) -> str:
    """Return the name of the sheet to read.

    Parameters
    ----------
    sheets : sequence of SheetMetadata
        As the reader lists them.
    wanted : str, int or None
        A name, a number from 1 (as text too, where no sheet has that name), or the first visible.
    findings : Findings
        Hidden sheets, and a choice among several, are logged as warnings.

    Raises
    ------
    InputError
        If there is no such sheet; the message lists those there are.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [one for one in sheets if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in tables]
    hidden = [one.name for one in tables if one.visible != SheetVisibleEnum.Visible]
    listed = ", ".join(f"'{name}'" for name in names)
    visible = [name for name in names if name not in hidden]
    place = _place(wanted, names)
    if wanted is None and visible:
        chosen = visible[0]
    elif place is not None:
        chosen = names[place]
    else:
        expected = f"a sheet {wanted!r}" if wanted is not None else "a sheet that is not hidden"
        action = f'Its sheets: {listed}. Set sheet = "..."' if names else ""
        raise findings.error(None, expected, "no such sheet", action)
    others = [f"'{name}'" for name in visible if name != chosen]
    if wanted is None and others:
        told = f"sheet '{chosen}' was read, not {', '.join(others)}; set sheet to choose"
        findings.warn("", told, len(others))
    elif wanted is not None:
        findings.note("", f"sheet '{chosen}' was read, as asked")
    if chosen in hidden:
        findings.warn("", f"sheet '{chosen}' is hidden")
    unread = [f"'{name}'" for name in hidden if name != chosen]
    if unread:
        findings.warn("", f"hidden sheets were not read: {', '.join(unread)}", len(unread))
    return chosen


def _place(wanted: str | int | None, names: list[str]) -> int | None:
    """Return the index of the sheet that is meant, None where there is none."""
    if wanted in names:
        return names.index(str(wanted))
    number = int(wanted) if str(wanted).isdecimal() and wanted is not None else 0
    return number - 1 if 1 <= number <= len(names) else None
