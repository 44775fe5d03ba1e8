"""Typographic signs, digits and spaces that mean the same as plain ones."""

from __future__ import annotations

import unicodedata

SPACES = "\u00a0\u2007\u2009\u202f"  # no-break, figure, thin and narrow no-break space
SAME_SIGN = str.maketrans(
    {
        "\u2212": "-",  # minus sign
        "\u2010": "-",  # hyphen
        "\u2011": "-",  # no-break hyphen
        "\u2012": "-",  # figure dash
        "\u2013": "-",  # en dash
        "\ufe63": "-",  # small hyphen-minus
        "\uff0d": "-",  # fullwidth hyphen-minus
        "\uff0b": "+",
        "\uff0e": ".",
        "\u066b": ".",  # Arabic decimal separator
        **dict.fromkeys(SPACES, " "),
    }
)


def plain_signs(text: str) -> str:
    """Return a text with typographic minus signs, digits and spaces written plainly.

    Only characters that mean the same are replaced; decimals and their zeros stay.

    Examples
    --------
    >>> plain_signs("−1.50\u00a0"), plain_signs("４.２")
    ('-1.50', '4.2')
    """
    if text.isascii():
        return text.strip()
    digits = (
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text.translate(SAME_SIGN)
    )
    return "".join(digits).strip()
