"""Labels that differ only by case, spaces or look-alike characters are one label."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# What other readers take for missing values; as arms and sites they are labels.
TAKEN_FOR_MISSING = frozenset(["na", "n/a", "nan", "none", "null", "nil"])
KEPT = "labels such as NA kept as labels, not as missing"


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
