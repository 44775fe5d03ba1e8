"""Colours that can be read on their ground: contrast as WCAG 2 defines it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb

READABLE = 4.5  # contrast of text with its ground, WCAG 2 AA


def readable(colour: Any, behind: Any = "white") -> str:  # noqa: ANN401
    """Return a colour moved towards black, or white on a dark ground, until it can be read.

    Examples
    --------
    >>> readable("#16191d"), contrast(readable("#66c2a5"), "white") >= 4.5
    ('#16191d', True)
    """
    end = "black" if contrast("black", behind) > contrast("white", behind) else "white"
    tried = (mixed(end, colour, share) for share in np.linspace(0.0, 1.0, 51))
    return next((one for one in tried if contrast(one, behind) >= READABLE), str(to_hex(end)))


def mixed(one: Any, other: Any, share: float) -> str:  # noqa: ANN401
    """Return a colour between two, with so much of the first.

    >>> mixed("white", "black", 0.5)
    '#808080'
    """
    parts = zip(to_rgb(one), to_rgb(other), strict=True)
    red, green, blue = (share * a + (1 - share) * b for a, b in parts)
    return str(to_hex((red, green, blue)))


def contrast(one: Any, other: Any) -> float:  # noqa: ANN401
    """Return the contrast of two colours, from 1 to 21 (WCAG 2).

    >>> round(contrast("white", "black"))
    21
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Any) -> float:  # noqa: ANN401
    """Return the relative luminance of a colour."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
