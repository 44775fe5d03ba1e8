"""`backwalk instruments`: which instruments are known, one a line, or everything about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backwalk_stats.cli.terminal import Json, Quiet, aligned, as_json

if TYPE_CHECKING:
    from backwalk_stats.instruments.instrument import Instrument, Scale, Version

_HEADING = ("instrument", "name", "versions", "better", "items")


def command(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="Tell everything about one, such as womac."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the instruments, or tell everything about one."""
    from backwalk_stats.instruments.registry import all_instruments, instrument

    found = all_instruments() if code is None else (instrument(code),)
    if quiet:
        return
    if json:
        typer.echo(as_json([plain(one) for one in found]))
    else:
        typer.echo(listing(found) if code is None else described(found[0]))


def plain(one: Instrument) -> dict[str, object]:
    """Return an instrument as JSON can hold it: what a person would read, without the formulas.

    >>> from backwalk_stats.instruments.registry import instrument
    >>> plain(instrument("nprs"))["versions"][0]["scales"][0]["better"]
    'lower'
    """
    return {
        "code": one.code,
        "name": one.name,
        "domain": one.domain,
        "licence": one.licence,
        "aliases": [alias for alias, _ in one.aliases],
        "versions": [
            {
                "code": version.code,
                "name": version.name,
                "scales": [_plain_scale(scale) for scale in version.scales],
                "refused": dict(version.refused),
            }
            for version in one.versions
        ],
        "sources": list(one.sources),
        "not_verified": list(one.unverified),
    }


def _plain_scale(scale: Scale) -> dict[str, object]:
    return {
        "name": scale.name,
        "label": scale.label,
        "low": scale.low,
        "high": scale.high,
        "unit": scale.unit,
        "better": scale.better,
        "formula": scale.formula,
        "items": [item.code for item in scale.items],
        "thresholds": [
            {"name": mark.name, "value": mark.value, "population": mark.population,
             "source": mark.source}
            for mark in scale.thresholds
        ],
    }  # fmt: skip


def listing(instruments: tuple[Instrument, ...]) -> str:
    """Return instruments as an aligned table, one a line under a heading."""
    rows = [list(_HEADING)]
    for one in instruments:
        scales = [scale for version in one.versions for scale in version.scales]
        better = " or ".join(dict.fromkeys(str(scale.better) for scale in scales))
        longest = max(len(scale.items) for scale in scales)
        codes = ", ".join(version.code for version in one.versions)
        rows.append([one.code, one.name, codes, better, str(longest)])
    return aligned(rows, right=[len(_HEADING) - 1])


def described(one: Instrument) -> str:
    """Return everything about an instrument; what was not verified stands apart."""
    lines = [f"{one.code}: {one.name} ({one.domain})", f"licence: {one.licence}"]
    if one.aliases:
        lines.append("also spelt: " + ", ".join(alias for alias, _ in one.aliases))
    for version in one.versions:
        lines += ["", *_version(version)]
    for heading, texts in (
        ("notes", one.notes),
        ("not verified", one.unverified),
        ("sources", one.sources),
    ):
        if texts:
            lines += ["", f"{heading}:", *(f"  {text}" for text in texts)]
    return "\n".join(lines)


def _version(version: Version) -> list[str]:
    lines = [f'version "{version.code}": {version.name}']
    for scale in version.scales:
        lines += _scale(scale)
    lines += [f'  subscale "{name}" is not given: {reason}' for name, reason in version.refused]
    return lines


def _scale(scale: Scale) -> list[str]:
    from backwalk_stats.tables.instrument_table import items_text, range_text, threshold_text

    lines = [
        f'  subscale "{scale.name}": {scale.label}',
        f"    {range_text(scale)}; {scale.formula}; items {items_text(scale)}",
    ]
    for place, rule in enumerate(scale.rules):
        default = ", default" if place == 0 and len(scale.rules) > 1 else ""
        doubt = "" if rule.verified else ", not verified"
        lines.append(f'    unanswered, "{rule.name}"{default}{doubt}: {rule.text} ({rule.source})')
    lines += [f'    threshold "{one.name}": {threshold_text(one)}' for one in scale.thresholds]
    if scale.bands is not None:
        cuts = ", ".join(f"{cut:g}" for cut in scale.bands.cuts)
        lines.append(f"    bands: {', '.join(scale.bands.labels)}; cut at {cuts}")
    if scale.alert is not None:
        lines.append(f"    alert: {scale.alert.text}")
    return lines
