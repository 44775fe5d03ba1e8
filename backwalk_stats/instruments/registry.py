"""Finds an instrument by any of its spellings."""

from __future__ import annotations

from functools import cache

import backwalk_stats.instruments as room
from backwalk_stats.errors import UsageError
from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.registry import members


@cache
def all_instruments() -> tuple[Instrument, ...]:
    """Return every instrument, in the order of their codes.

    Returns
    -------
    tuple of Instrument

    Examples
    --------
    >>> "nprs" in [one.code for one in all_instruments()]
    True
    """
    found = (getattr(module, "INSTRUMENT", None) for module in members(room))
    known = [one for one in found if isinstance(one, Instrument)]
    return tuple(sorted(known, key=lambda one: one.code))


def instrument(code: str) -> Instrument:
    """Return an instrument by its code or another spelling of it.

    Parameters
    ----------
    code : str
        Such as "womac"; case, spaces, "-" and "_" make no difference.

    Returns
    -------
    Instrument
        Its versions, scales, rules and thresholds, each with its source.

    Raises
    ------
    UsageError
        If there is none; the message lists those there are.

    Examples
    --------
    >>> instrument("KOOS_PS").code, instrument("WOMAC_LK").code
    ('koos-ps', 'womac')
    """
    return _spellings()[_known(code)][0]


def instrument_version(code: str, version: str = "") -> tuple[Instrument, Version]:
    """Return an instrument and its version; a spelling such as "WOMAC_LK" implies the version.

    "" stands for the only version, or the implied one. `UsageError` tells that there is none such,
    that one must be named, or that it contradicts the spelling.

    >>> instrument_version("WOMAC_LK")[1].code
    'likert-3.1'
    """
    found, implied = _spellings()[_known(code)]
    if version and implied and version != implied:
        raise UsageError(f"'{code}' is version {implied} of {found.code}, not {version}")
    return found, found.version(version or implied)


def _plain(code: str) -> str:
    return "".join(code.casefold().split()).replace("-", "").replace("_", "")


@cache
def _spellings() -> dict[str, tuple[Instrument, str]]:
    """Return every spelling, made plain, with the instrument and the version that it implies."""
    spellings: dict[str, tuple[Instrument, str]] = {}
    for one in all_instruments():
        for text, version in ((one.code, ""), *one.aliases):
            if spellings.setdefault(_plain(text), (one, version))[0] is not one:
                raise ValueError(f"two instruments are spelt '{text}'")
    return spellings


def _known(code: str) -> str:
    plain = _plain(code)
    if plain not in _spellings():
        there = ", ".join(one.code for one in all_instruments())
        raise UsageError(f"no instrument named '{code}'; there are: {there}")
    return plain
