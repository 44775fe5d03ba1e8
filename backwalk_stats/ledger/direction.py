"""Which side a printed comparison says did better, against what its means say."""

from __future__ import annotations

import re

from backwalk_stats.ledger.case import Cell, Contrast
from backwalk_stats.ledger.vocabulary import arm_words

_CLAIM = re.compile(
    r"\b(?:greater|more|larger)\s+(decrease|reduction|increase|improvement|gain)\s+in\s+([\w+ -]+)"
)


def against_claim(contrast: Contrast, a: Cell, b: Cell) -> str:
    """Return how the two means go against the printed direction, or "".

    Parameters
    ----------
    contrast : Contrast
        Its words may say which arm fell or rose more.
    a, b : Cell
        The rows of the first and of the second arm.

    Returns
    -------
    str
        For instance "the mean of BG is higher, not lower"; "" when nothing is claimed or it fits.
    """
    found = _CLAIM.search(contrast.contrast_type.lower())
    if found is None:
        return ""
    falls = found.group(1) in ("decrease", "reduction")
    if found.group(1) in ("improvement", "gain"):
        falls = a.direction.startswith("lower")
    named_first = bool(arm_words(found.group(2)) & arm_words(contrast.arm_a))
    named, other = (a, b) if named_first else (b, a)
    difference = named.mean_value - other.mean_value
    if difference == 0 or (difference < 0) == falls:
        return ""
    arm = contrast.arm_a if named_first else contrast.arm_b
    return f"the mean of {arm} is {'higher, not lower' if falls else 'lower, not higher'}"
