"""The instruments that are known: versions, ranges, direction, thresholds with their source."""

from __future__ import annotations

from collections.abc import Iterable

from backwalk_stats.instruments.instrument import Instrument
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.instrument_text import items_text, range_text, threshold_text
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH

COLUMNS = display_columns(
    ("scale", "Version, scale", "left", 2.4),
    ("range", "Range, direction", "left", 2.4),
    ("items", "Items", "left", 1.6),
    ("rule", "Unanswered items", "left", 3.0),
    ("thresholds", "Thresholds, used only when named", "left", 4.6),
)


def instruments_table(instruments: Iterable[Instrument], *, caption: str = "") -> DisplayTable:
    """Return instruments as text, a row for each scale of each version.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> table = instruments_table([instrument("nprs")])
    >>> table.rows[0][1]
    '0 to 10 points, lower is better'
    """
    rows, groups, keys = [], [], []
    for one in instruments:
        for version in one.versions:
            for scale in version.scales:
                parts = dict.fromkeys(part for part in (version.name, scale.label) if part)
                rows.append(
                    (
                        sentence_case(", ".join(parts)) or DASH,
                        sentence_case(range_text(scale)),
                        items_text(scale),
                        sentence_case(scale.rules[0].text) or DASH,
                        "; ".join(
                            f"{known.name}: {threshold_text(known)}" for known in scale.thresholds
                        )
                        or DASH,
                    )
                )
                groups.append(f"{one.name} ({one.code})")
                keys.append(f"{one.code}-{version.code}-{scale.name}")
    return DisplayTable(
        columns=COLUMNS,
        rows=tuple(rows),
        caption=caption or "Instruments.",
        groups=tuple(groups),
        keys=tuple(keys),
    )
