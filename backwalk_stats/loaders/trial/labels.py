"""Labels that differ only by case, spaces or look-alike characters are one label."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# What other readers take for missing values; as arms and sites they are labels.
TAKEN_FOR_MISSING = frozenset(["na", "n/a", "nan", "none", "null", "nil"])
KEPT = "labels such as NA kept as labels, not as missing"
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


def folded(label: str) -> str:
    r"""Return what a label is compared by: no case, single spaces, compatible characters as one.

    Examples
    --------
    >>> folded(" Backward\u00a0 Walking ") == folded("backward walking")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def repeated(labels: Iterable[str]) -> list[str]:
    """Return labels that fold to one that came before.

    Examples
    --------
    >>> repeated(["W0", "W3", "w0 "])
    ['w0 ']
    """
    seen: set[str] = set()
    again = []
    for label in labels:
        if folded(label) in seen:
            again.append(label)
        seen.add(folded(label))
    return again


# Typographic signs, digits and spaces that mean the same as plain ones.


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
