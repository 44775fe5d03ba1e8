"""The findings that do not come out of the numbers printed beside them, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from backwalk_stats.report import ledger_rows
from backwalk_stats.report.document import badges, document, text
from backwalk_stats.tables.labels import ORIGINS, ledger_labels
from backwalk_stats.tables.numbers import Row, frame_rows
from backwalk_stats.tables.record import NEAREST
from backwalk_stats.tables.record_counts import PRINTED, printed_rows
from backwalk_stats.trial.result import Reproduction

ORDER = 40
TITLE = "What does not hold"


def section(reproduction: Reproduction) -> document.Section:
    """Return every row that was not reproduced, or whose inputs contradict each other."""
    ledger = reproduction.ledger
    printed = ledger.index.isin(printed_rows(ledger).index)
    fails = ledger["verdict"].isin(badges.FAILING).to_numpy() & printed
    if not fails.any():
        nothing = "Every printed number that could be recomputed lies inside what rounding allows."
        return document.Section(
            id="does-not-hold",
            title=TITLE,
            blocks=(document.Paragraph(content=(nothing,)),),
        )
    labels = ledger_labels(reproduction.studies, ledger)
    anchors = text.finding_anchors(ledger["finding_id"].astype(str))
    rows = [
        {**row, "anchor": anchor, "study": labels[str(row["study_id"])]}
        for row, anchor, failing in zip(frame_rows(ledger), anchors, fails, strict=True)
        if failing
    ]
    blocks = (document.Paragraph(content=(_lead(ledger[fails]),)), *_grouped(rows))
    return document.Section(id="does-not-hold", title=TITLE, blocks=blocks)


def _lead(failing: pd.DataFrame) -> str:
    """Return one sentence on how many rows fail, and what that means."""
    studies = text.plural(failing["study_id"].nunique(), "study", "studies")
    by = {name: int((failing["origin"] == name).sum()) for name in PRINTED}
    counted = " and ".join(
        f"{text.plural(by[name], 'number')} printed by {ORIGINS[name]}"
        for name in PRINTED
        if by[name]
    )
    if len(failing) == 1:
        one = f"1 number printed by a {failing['origin'].iloc[0]}, in {studies}"
        return (
            f"{one}. With the numbers beside it, it cannot be right as printed; which of them is "
            "wrong cannot be told from the numbers."
        )
    return (
        f"{counted}, in {studies}. With the numbers beside them they cannot all be right as "
        "printed; which one is wrong cannot be told from the numbers."
    )


def _grouped(rows: Sequence[Row]) -> list[document.Block]:
    """Return the rows by study and check: what they share once, then each of them."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = tuple(str(row[name]) for name in ("study_id", "check", "verdict", "origin"))
        groups.setdefault(key, []).append(row)
    blocks: list[document.Block] = []
    for (_, check, *_), members in groups.items():
        shared = _shared_parts(members)
        title = ledger_rows.check_words(check)
        blocks.append(document.Paragraph(content=_head(members, title, shared)))
        blocks.append(document.Items(entries=tuple(_entry(row, shared) for row in members)))
    return blocks


def _parts(row: Row) -> list[str]:
    """Return the clauses of a row's reason."""
    return [part for part in text.typeset(str(row["reason"])).split("; ") if part]


def _shared_parts(rows: Sequence[Row]) -> list[str]:
    """Return the clauses that the reasons of several rows share, the shortest first."""
    first, *more = [_parts(row) for row in rows]
    shared = [part for part in first if all(part in others for others in more)]
    return sorted(shared, key=len) if more else []


def _head(rows: Sequence[Row], title: str, shared: Sequence[str]) -> document.Text:
    """Return the study, who printed the numbers, the check, what the reasons of its rows share."""
    review = ", as a review printed it" if rows[0]["origin"] == "review" else ""
    said = "".join(f" {text.sentence(part)}" for part in shared)
    return (
        badges.verdict_badge(str(rows[0]["verdict"])),
        " ",
        document.Strong(text=str(rows[0]["study"])),
        f"{review}: {title}.{said}" if title else f"{review}.{said}",
    )


def _entry(row: Row, shared: Sequence[str]) -> document.Text:
    """Return what was printed, what comes out, and the reason of this row alone."""
    own = [part for part in _parts(row) if part not in shared]
    # The reason of such a row names the values that can be.
    recomputed = "" if own and row["check"] in NEAREST else ledger_rows.recomputed_words(row)
    said = ", ".join(part for part in (ledger_rows.printed_text(row), recomputed) if part)
    why = f" {text.sentence('; '.join(own))}" if own else ""
    link = document.Link(text="Inputs and formula", target=f"#{row['anchor']}")
    return (document.Strong(text=ledger_rows.what_text(row)), f": {said}.{why} ", link)
