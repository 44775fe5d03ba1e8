"""Ids of participants: always text, never changed; what is empty or nearly the same is refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from backwalk_stats.loaders.findings import Findings, lines
from backwalk_stats.loaders.label_folding import folded

# What a reader that guesses types would have changed: 001, 12E3, more digits than a number keeps.
_CHANGED_ELSEWHERE = re.compile(r"0\d+|\d+[eE]\d+|\d{16,}|nan|na|null|none", re.IGNORECASE)


def check_ids(
    parts: Sequence[tuple[str, str, Sequence[str], Sequence[int]]], *, findings: Findings
) -> None:
    """Hold the ids of all files against each other.

    Parameters
    ----------
    parts : sequence of (str, str, sequence of str, sequence of int)
        For each file: its name, its column of ids, the ids, the lines at which they stand.
    findings : Findings
    """
    for file, column, ids, rows in parts:
        empty = [row for one, row in zip(ids, rows, strict=True) if not one.strip()]
        if empty:
            action = "Give every participant an id, or delete the row"
            findings.fault(file, column, "an id", "an empty cell", rows=empty, action=action)
        kept = sum(_CHANGED_ELSEWHERE.fullmatch(one) is not None for one in ids)
        if kept:
            action = "ids that look like numbers or missing values kept as the text they are"
            findings.repair(file, column, action, kept)
    _check_near(parts, findings)


def _check_near(
    parts: Sequence[tuple[str, str, Sequence[str], Sequence[int]]], findings: Findings
) -> None:
    spellings: dict[str, dict[str, tuple[str, str, int]]] = defaultdict(dict)
    for file, column, ids, rows in parts:
        for one, row in zip(ids, rows, strict=True):
            if one.strip():
                spellings[folded(one)].setdefault(one, (file, column, row))
    for group in spellings.values():
        if len(group) > 1:
            places = list(group.values())
            file, column, row = places[0]
            others = "; ".join(f"{name} {lines([other])}" for name, _, other in places[1:4])
            found = f"another spelling of it, by case or spaces only ({others})"
            action = "Write it the same way everywhere, or tell the two people apart"
            findings.fault(file, column, "one spelling of an id", found, rows=[row], action=action)
    zeros: dict[str, set[str]] = defaultdict(set)
    for key in spellings:
        zeros[key.lstrip("0")].add(key)
    close = sum(len(keys) > 1 for keys in zeros.values())
    if close:
        file, column = parts[0][:2]
        action = "ids that differ by leading zeros only are different people"
        findings.warn(file, column, action, close)
