"""Rows of the ledger as text for a reader: what was printed, what comes out, and from what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from backwalk_stats.report.document import badges, document, text
from backwalk_stats.tables.labels import PRINTED_BY, QUANTITIES, VERDICTS, ledger_labels, words_for
from backwalk_stats.tables.numbers import DASH, Row, frame_rows
from backwalk_stats.tables.record import NEAREST, about_text, range_text, recomputed_text
from backwalk_stats.tables.record_counts import OWN

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
    """Return quantity and number as printed, for running text; what nobody printed is given.

    Examples
    --------
    >>> printed_text({"quantity": "p_value", "reported": "<0.05"})
    'p-value printed as “<0.05”'
    >>> printed_text({"quantity": "p_value", "reported": ""})
    'p-value not printed'
    """
    quantity = words_for(str(row["quantity"]), QUANTITIES)
    reported = str(row["reported"])
    said = "given" if row.get("origin") in OWN else "printed"
    return f"{quantity} {said} as “{reported}”" if reported else f"{quantity} not printed"


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


@cache
def check_titles() -> dict[str, str]:
    """Return the title of every check of the ledger, by its name."""
    from backwalk_stats.ledger import checks
    from backwalk_stats.registry import members

    return {module.CHECK.name: module.CHECK.title for module in members(checks)}


def check_words(checks: object) -> str:
    """Return the titles of the checks that a row names, several of them joined."""
    titles = check_titles()
    names = [name.strip() for name in str(checks).split(";")]
    return "; ".join(titles.get(name, name.replace("_", " ")) for name in names)


def ledger_rows(
    ledger: pd.DataFrame, claimed: frozenset[str] = frozenset()
) -> tuple[document.LedgerRow, ...]:
    """Return every row of a ledger (`tables.LEDGER`) as text, in its order.

    On paper stand those that fail, and those recomputed that a claim rests on (`claimed`).
    """
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
            check=check_words(row["check"]),
            inputs=text.typeset(str(row["inputs"])),
            formula=str(row["formula"]),
            source=str(row["source"]),
            origin=words_for(str(row["origin"]), PRINTED_BY),
            on_paper=_stands_on_paper(row, claimed),
        )
        for anchor, row in zip(anchors, frame_rows(ledger), strict=True)
    )


def _stands_on_paper(row: Row, claimed: frozenset[str]) -> bool:
    """Tell whether a row fails, or was recomputed and bears on a claim."""
    if row["verdict"] in badges.FAILING:
        return True
    return row["verdict"] in badges.CHECKED and str(row["finding_id"]) in claimed


def ledger_groups(
    ledger: pd.DataFrame, studies: pd.DataFrame, claimed: frozenset[str] = frozenset()
) -> tuple[document.LedgerGroup, ...]:
    """Return the rows of a ledger by study, in the order in which the studies come."""
    labels = ledger_labels(studies, ledger)
    rows = ledger_rows(ledger, claimed)
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
    """Return the counts of verdicts in words, what the collectors computed themselves apart.

    Examples
    --------
    >>> counts_text(pd.DataFrame({"verdict": ["reproduced"] * 2, "origin": ["paper", "derived"]}))
    '1 reproduced; of the collectors’ own 1 reproduced'
    """
    own = ledger["origin"].isin(OWN)
    printed, counted = (
        ", ".join(f"{n} {words_for(code, VERDICTS)}" for code, n in badges.verdict_counts(rows))
        for rows in (ledger[~own], ledger[own])
    )
    own_words = f"of the collectors’ own {counted}" if counted else ""
    return "; ".join(part for part in (printed, own_words) if part)
