"""Rows of the ledger as text for a reader: what was printed, what comes out, and from what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from backwalk_stats.report.document import badges, document, text
from backwalk_stats.tables.labels import QUANTITIES, VERDICTS, ledger_labels, words_for
from backwalk_stats.tables.numbers import DASH, Row, frame_rows
from backwalk_stats.tables.record import NEAREST, about_text, range_text, recomputed_text

_ROUNDING = "Interval that rounding allows"
_NEAREST = "Nearest possible"


def what_text(row: Mapping[str, Any]) -> str:
    """Return what a row of the ledger is about: outcome and contrast.

    Examples
    --------
    >>> what_text({"outcome": "NRS week 6", "contrast": "retro v control"})
    'NRS week 6, retro v control'
    """
    return about_text(dict(row)) or "the study as a whole"


def printed_text(row: Mapping[str, Any]) -> str:
    """Return quantity and number as printed, for running text.

    Examples
    --------
    >>> printed_text({"quantity": "p_value", "reported": "<0.05"})
    'p-value printed as “<0.05”'
    >>> printed_text({"quantity": "p_value", "reported": ""})
    'p-value not printed'
    """
    quantity = words_for(str(row["quantity"]), QUANTITIES)
    reported = str(row["reported"])
    return f"{quantity} printed as “{reported}”" if reported else f"{quantity} not printed"


def recomputed_words(row: Mapping[str, Any]) -> str:
    """Return what comes out of a recomputation, for running text; "" when nothing does.

    Examples
    --------
    >>> row = {"quantity": "p_value", "reported": "<0.05", "recomputed": 0.01472}
    >>> recomputed_words({**row, "recomputed_low": 0.0130, "recomputed_high": 0.0166})
    'recomputed 0.015 (0.013 to 0.017 over rounding)'
    >>> row = {"quantity": "mean", "reported": "20.79", "recomputed": 20.8095, "check": "grim"}
    >>> recomputed_words({**row, "recomputed_low": 20.7619, "recomputed_high": 20.8095})
    'nearest possible 20.762 and 20.810'
    """
    plain = {str(name): value for name, value in row.items()}
    value, interval = recomputed_text(plain), range_text(plain)
    if value == DASH:
        return ""
    if plain.get("check") in NEAREST and interval != DASH:
        return interval
    span = f" ({interval} over rounding)" if interval not in (DASH, value) else ""
    return f"recomputed {value}{span}"


def check_titles() -> dict[str, str]:
    """Return the title of every check of the ledger, by its name."""
    from backwalk_stats.ledger import checks
    from backwalk_stats.registry import members

    return {module.CHECK.name: module.CHECK.title for module in members(checks)}


def ledger_rows(ledger: pd.DataFrame) -> tuple[document.LedgerRow, ...]:
    """Return every row of a ledger (`tables.LEDGER`) as text, in its order."""
    titles = check_titles()
    anchors = text.finding_anchors(ledger["finding_id"].astype(str))
    return tuple(
        document.LedgerRow(
            anchor=anchor,
            what=what_text(row),
            quantity=words_for(str(row["quantity"]), QUANTITIES),
            reported=str(row["reported"]) or DASH,
            recomputed=recomputed_text(row),
            interval=_span(row),
            interval_name=_NEAREST if row["check"] in NEAREST else _ROUNDING,
            badge=badges.verdict_badge(str(row["verdict"])),
            reason=text.sentence(text.typeset(str(row["reason"]))),
            check=titles.get(str(row["check"]), str(row["check"]).replace("_", " ")),
            inputs=text.typeset(str(row["inputs"])),
            formula=str(row["formula"]),
            source=str(row["source"]),
        )
        for anchor, row in zip(anchors, frame_rows(ledger), strict=True)
    )


def ledger_groups(ledger: pd.DataFrame, studies: pd.DataFrame) -> tuple[document.LedgerGroup, ...]:
    """Return the rows of a ledger by study, in the order in which the studies come."""
    labels = ledger_labels(studies, ledger)
    rows = ledger_rows(ledger)
    places = text.study_anchors(ledger["study_id"].astype(str), prefix="ledger")
    groups = []
    for study_id, anchor in places.items():
        mine = (ledger["study_id"].astype(str) == study_id).to_numpy()
        groups.append(
            document.LedgerGroup(
                anchor=anchor,
                title=labels[study_id],
                summary=counts_text(ledger[mine]),
                rows=tuple(row for row, keep in zip(rows, mine, strict=True) if keep),
            )
        )
    return tuple(groups)


def _span(row: Row) -> str:
    """Return the interval that rounding allows; a dash where it is no wider than one number."""
    interval = range_text(row)
    if row["check"] in NEAREST:
        return interval.removeprefix("nearest possible ")
    return DASH if interval == recomputed_text(row) else interval


def counts_text(ledger: pd.DataFrame) -> str:
    """Return the counts of verdicts in words, "3 reproduced, 1 not derivable"."""
    return ", ".join(
        f"{n} {words_for(code, VERDICTS)}" for code, n in badges.verdict_counts(ledger)
    )
