"""The instruments that are known: versions, ranges, direction, thresholds with their source."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from backwalk_stats.instruments.instrument import Instrument, Scale
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH
from backwalk_stats.trial.outcome import Threshold

COLUMNS = display_columns(
    ("scale", "Version, scale", "left", 2.4),
    ("range", "Range, direction", "left", 2.4),
    ("items", "Items", "left", 1.6),
    ("rule", "Unanswered items", "left", 3.0),
    ("thresholds", "Thresholds, used only when named", "left", 4.6),
)
KINDS = {"mcid": "important change", "mdc": "detectable change", "pass": "acceptable score"}


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


# What is known of a scale in words, the same for the command and for the page of the documents.


def range_text(scale: Scale) -> str:
    """Return the ends, the unit and the direction of a scale.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> range_text(instrument("nprs").version().scale())
    '0 to 10 points, lower is better'
    """
    if scale.low is not None and scale.high is not None:
        ends = f"{scale.low:g} to {scale.high:g}"
    elif scale.low is not None:
        ends = f"above {scale.low:g}" if scale.open_low else f"{scale.low:g} or more"
    else:
        ends = "any number"
    return f"{ends} {scale.unit}".rstrip() + f", {scale.better} is better"


def items_text(scale: Scale) -> str:
    """Return the codes of the items, neighbours as a range.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> items_text(instrument("tsk-11").version().scale())
    'T1-T3, T5-T7, T10, T11, T13, T15, T17'
    """
    runs: list[list[str]] = []
    codes = [item.code for item in scale.items]
    for before, code in pairwise(["", *codes]):
        if runs and _follows(before, code):
            runs[-1].append(code)
        else:
            runs.append([code])
    texts = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs]
    return ", ".join(texts)


def threshold_text(one: Threshold) -> str:
    """Return what a threshold says, in whom, and where it is published.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> threshold_text(instrument("nprs").version().scale().threshold("mcid-ostelo2008-percent"))
    'important change, 30 % of baseline; low back pain (consensus); Ostelo 2008, Spine 33:90'
    """
    size = f"{one.value:g} % of baseline" if one.unit == "percent" else f"{one.value:g}"
    note = f"; {one.note}" if one.note else ""
    return f"{KINDS[one.kind]}, {size}; {one.population}; {one.source}{note}"


def _follows(before: str, code: str) -> bool:
    stem, number = code.rstrip("0123456789"), code[len(code.rstrip("0123456789")) :]
    return bool(number) and before == f"{stem}{int(number) - 1}"
