"""Names of the places in a report that links lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")
LONGEST = 60


def slug(text: str) -> str:
    """Return a text as lower-case letters, digits and hyphens, safe in a file name and an address.

    Examples
    --------
    >>> slug("../../Etc: NRS week 6"), slug("<script>"), slug("‽")
    ('etc-nrs-week-6', 'script', 'x')
    """
    return _NOT_ALLOWED.sub("-", text.lower()).strip("-")[:LONGEST].strip("-") or "x"


def finding_anchors(finding_ids: Iterable[str]) -> tuple[str, ...]:
    """Return one anchor for every row of a ledger, no two alike.

    The first row of a finding carries the plain anchor, later rows of the same finding a number.
    Two findings whose names differ only in signs get different anchors too.

    Examples
    --------
    >>> finding_anchors(["chen2021:7", "chen2021:7", "chen2021-7"])
    ('finding-chen2021-7', 'finding-chen2021-7--2', 'finding-chen2021-7--3')
    """
    anchors: list[str] = []
    used: dict[str, int] = {}
    for finding_id in finding_ids:
        name = f"finding-{slug(finding_id)}"
        used[name] = used.get(name, 0) + 1
        anchors.append(name if used[name] == 1 else f"{name}--{used[name]}")
    return tuple(anchors)


def first_anchors(finding_ids: Iterable[str]) -> dict[str, str]:
    """Return, for every finding, the anchor of its first row.

    Examples
    --------
    >>> first_anchors(["a:1", "a:1", "a-1"])
    {'a:1': 'finding-a-1', 'a-1': 'finding-a-1--3'}
    """
    names = tuple(finding_ids)
    first: dict[str, str] = {}
    for finding_id, anchor in zip(names, finding_anchors(names), strict=True):
        first.setdefault(finding_id, anchor)
    return first


def study_anchors(study_ids: Iterable[str], prefix: str) -> dict[str, str]:
    """Return an anchor for every study, no two alike.

    Examples
    --------
    >>> study_anchors(["a_b", "a-b"], prefix="study")
    {'a_b': 'study-a-b', 'a-b': 'study-a-b--2'}
    """
    used: dict[str, int] = {}
    anchors: dict[str, str] = {}
    for study_id in dict.fromkeys(study_ids):
        name = f"{prefix}-{slug(study_id)}"
        used[name] = used.get(name, 0) + 1
        anchors[study_id] = name if used[name] == 1 else f"{name}--{used[name]}"
    return anchors
