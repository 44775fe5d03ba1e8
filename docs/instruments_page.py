"""The page of instruments, written from the instruments themselves."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.registry import all_instruments
from backwalk_stats.tables.instrument_table import KINDS, items_text, range_text
from docs.markdown import cell, table

OPENING = """\
# Instruments

What a trial file may name under `instrument`, `version`, `subscale` and `thresholds`. This page is
written by `make pages` from [`instruments/`](../backwalk_stats/instruments), one file each;
`backwalk instruments CODE` prints the same. Items are codes: the wording belongs to its owners.

- A threshold is applied only when a trial file names it.
- Where an instrument has several versions, or a version several subscales, they must be named.
- Unanswered items are treated by the first rule listed, unless another one is named.
- What was not found in a source that could be read stands under *Not verified*.
"""


def scale_row(version: Version, scale: Scale) -> list[str]:
    """Return what the table of scales says of one."""
    names = f"`{version.code}`", f"`{scale.name}`"
    rules = "; ".join(
        f"`{rule.name}`: {rule.text}{'' if rule.verified else ' (not verified)'}"
        for rule in scale.rules
    )
    return [*names, range_text(scale), items_text(scale), cell(scale.formula), cell(rules)]


def thresholds_table(one: Instrument) -> str:
    """Return the thresholds of an instrument with the subscales that have them."""
    rows = []
    for threshold in one.thresholds:
        owners = dict.fromkeys(
            scale.name
            for version in one.versions
            for scale in version.scales
            if threshold in scale.thresholds
        )
        size = f"{threshold.value:g}{' %' if threshold.unit == 'percent' else ''}"
        found = f"{threshold.population}; {threshold.source}"
        rows.append(
            [
                f"`{threshold.name}`",
                ", ".join(owners),
                f"{KINDS[threshold.kind]} {size}",
                cell(found),
                cell(threshold.note),
            ]
        )
    return table(("threshold", "subscale", "value", "in whom, and source", "note"), rows)


def section(one: Instrument) -> str:
    """Return what the page says of one instrument."""
    versions = "; ".join(f"`{version.code}`: {version.name}" for version in one.versions)
    parts = [
        f"## {one.name}\n",
        f"`{one.code}`, {one.domain}. Versions: {versions}. Licence: {one.licence}.\n",
        table(
            ("version", "subscale", "scale", "items", "score", "unanswered items"),
            [scale_row(version, scale) for version in one.versions for scale in version.scales],
        )
        + "\n",
    ]
    if one.thresholds:
        parts.append(thresholds_table(one) + "\n")
    for heading, texts in (
        ("Notes", one.notes),
        ("Not verified", one.unverified),
        ("Sources", one.sources),
    ):
        if texts:
            parts.append(f"{heading}:\n\n" + "\n".join(f"- {text}" for text in texts) + "\n")
    return "\n".join(parts)


def instruments_page() -> str:
    """Return the page of all instruments, in the order of their codes."""
    return "\n".join([OPENING, *(section(one) for one in all_instruments())])
