"""Finds the outcome rows that a printed comparison was computed from.

Automatic linking goes by study, outcome or instrument words, arm words and time point; an `inputs`
column ("arm @ outcome @ time; arm @ outcome @ time") overrules it. What finds nothing, or more
than one reading, says so: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.reading import vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """The cells behind a comparison, or the reason why there are none."""

    first: Cell | None = None
    second: Cell | None = None
    others: tuple[Cell, ...] = ()
    before_first: Cell | None = None
    before_second: Cell | None = None
    change_first: Cell | None = None
    change_second: Cell | None = None
    has_rows: bool = True
    missing: str = ""
    remark: str = ""
    about_change: bool = False


def outcome_labels(label: str, cells: Sequence[Cell]) -> tuple[str, ...]:
    """Split a label such as "NRS, WOMAC week 4" into outcomes, where that helps to find rows.

    The parts carry the label's time point; where no part finds rows it is the label itself.
    """
    parts = [part.strip() for part in re.split(r"[;,]|\band\b", label) if part.strip()]
    if len(parts) < 2 or _matching(label, cells):
        return (label,)
    time = vocabulary.time_in(label)
    dated = [part if vocabulary.time_in(part) or not time else f"{part} {time}" for part in parts]
    return tuple(dated) if any(_matching(part, cells) for part in dated) else (label,)


def link(
    *, label: str, about: str, arm_a: str, arm_b: str, source: str, cells: Sequence[Cell]
) -> Link:
    """Return the cells that a comparison was computed from: the first arm minus the second.

    `about` holds the words that say whether change is meant; rows of the same source are preferred.
    `missing` is set where no pair of rows was found.
    """
    found = _matching(label, cells)
    if not found:
        return Link(missing=f"no row of this study in outcomes.csv prints {label}", has_rows=False)
    after = _follow_up(found, vocabulary.time_in(label))
    changes = [c for c in _matching(f"{label} change", cells) if _is_change(c)]
    change = _pair(arm_a, arm_b, changes, source)
    pair = _pair(arm_a, arm_b, after, source)
    before = _pair(arm_a, arm_b, [c for c in found if vocabulary.is_before(c.timepoint)], source)
    about_change = vocabulary.speaks_of_change(f"{label} {about}")
    if pair is None and (change is None or not about_change):
        return Link(missing=_no_pair(arm_a, arm_b, after or found))
    first, second = pair or change or (None, None)
    others = tuple(c for c in after if second is not None and c not in (first, second))
    return Link(
        first=first,
        second=second,
        others=_third_arms(others, first, second),
        before_first=before[0] if before else None,
        before_second=before[1] if before else None,
        change_first=change[0] if change else None,
        change_second=change[1] if change else None,
        about_change=about_change,
        remark=_remark(about_change=about_change, change=change, pair=pair),
    )


def link_within(*, label: str, arms: str, cells: Sequence[Cell]) -> Link:
    """Return the rows of one arm at two times, and of its change, for a comparison within people.

    `arms` holds the words of both sides; the arm that shares most of them is meant, or the
    only one.
    """
    found = _matching(label, cells)
    changes = [c for c in _matching(f"{label} change", cells) if _is_change(c)]
    if not found and not changes:
        return Link(missing=f"no row of this study in outcomes.csv prints {label}", has_rows=False)
    shared = {cell.arm: _overlap(arms, cell.arm) for cell in (*found, *changes)}
    best = max(shared, key=lambda arm: shared[arm])
    if len(shared) > 1 and list(shared.values()).count(shared[best]) > 1:
        return Link(missing=f"which of the arms is meant is not said ({', '.join(sorted(shared))})")
    own = [cell for cell in found if cell.arm == best]
    after = _follow_up(own, "")
    before = [cell for cell in own if vocabulary.is_before(cell.timepoint)]
    change = [cell for cell in changes if cell.arm == best]
    pair = (after[0], before[0]) if len(after) == len(before) == 1 else None
    if pair is None and len(change) != 1:
        return Link(missing="needs the spread of the change within people, which was not printed")
    return Link(
        first=pair[0] if pair else change[0],
        second=pair[1] if pair else change[0],
        change_first=change[0] if len(change) == 1 else None,
    )


def link_named(*, inputs: str, cells: Sequence[Cell]) -> Link:
    """Return the cells that an `inputs` text names: "arm @ outcome @ time; ..."."""
    chosen: list[Cell] = []
    for reference in (part for part in inputs.split(";") if part.strip()):
        parts = [part.strip() for part in reference.split("@")]
        found = [cell for cell in cells if _named(cell, parts)]
        if len(found) != 1:
            count = "no row" if not found else f"{len(found)} rows"
            return Link(missing=f"inputs names '{reference.strip()}': {count} of outcomes.csv fit")
        chosen.append(found[0])
    if len(chosen) < 2:
        return Link(missing="inputs names fewer than two rows")
    return Link(first=chosen[0], second=chosen[1], others=tuple(chosen[2:]))


def _named(cell: Cell, parts: Sequence[str]) -> bool:
    fields = (cell.arm, f"{cell.outcome} {cell.instrument}", cell.timepoint)
    exact = (cell.arm, cell.outcome, cell.timepoint)
    return all(
        part.lower() == whole.lower()
        or (i == 1 and vocabulary.outcome_words(part) <= vocabulary.outcome_words(field))
        for i, (part, field, whole) in enumerate(zip(parts, fields, exact, strict=False))
    )


def _matching(label: str, cells: Sequence[Cell]) -> list[Cell]:
    """Return the rows whose outcome and instrument hold every word of the label."""
    wanted = _measured(label)
    changes = vocabulary.speaks_of_change(label)
    if not wanted:
        return []
    held = [c for c in cells if wanted <= vocabulary.outcome_words(f"{c.outcome} {c.instrument}")]
    held = [c for c in held if c.was_printed or c.derived]
    named = [c for c in held if _measured(c.outcome) == wanted]
    held = named or held
    return [
        c for c in held if c.mean and (changes or not vocabulary.speaks_of_change(c.outcome))
    ] or ([c for c in held if c.mean] if changes else [])


def _measured(text: str) -> frozenset[str]:
    """Return the words for what was measured, whether as a score or as a change of it."""
    return frozenset(
        word for word in vocabulary.outcome_words(text) if not vocabulary.speaks_of_change(word)
    )


def _is_change(cell: Cell) -> bool:
    return vocabulary.speaks_of_change(cell.outcome) or vocabulary.spans_time(cell.timepoint)


def _follow_up(cells: Sequence[Cell], time: str) -> list[Cell]:
    """Return the rows at the time point that was named, else at the last one printed."""
    scores = [c for c in cells if not _is_change(c)]
    if time and not vocabulary.is_before(time):
        at = [c for c in scores if vocabulary.time_in(c.timepoint) == time]
        return at or (
            [c for c in scores if not vocabulary.is_before(c.timepoint)] if time in _END else []
        )
    if time:
        return [c for c in scores if vocabulary.is_before(c.timepoint)]
    after = [c for c in scores if not vocabulary.is_before(c.timepoint)]
    last = after[-1].timepoint if after else ""
    times = {c.timepoint for c in after}
    return after if len(times) <= 1 else [c for c in after if c.timepoint == last]


_END = ("post", "final", "follow-up", "followup", "post-intervention")


def _pair(arm_a: str, arm_b: str, cells: Sequence[Cell], source: str) -> tuple[Cell, Cell] | None:
    """Return the two rows whose arms fit best; None when none or more than one reading fits."""
    scored = [
        ((_overlap(arm_a, a.arm) * _overlap(arm_b, b.arm), _kinship(a, b, source)), a, b)
        for a in cells
        for b in cells
        if a is not b and a.instrument == b.instrument and a.timepoint == b.timepoint
    ]
    fits = [entry for entry in scored if entry[0][0] > 0]
    if not fits:
        return None
    best = max(entry[0] for entry in fits)
    winners = [(a, b) for score, a, b in fits if score == best]
    return winners[0] if len(winners) == 1 else None


def _overlap(wanted: str, arm: str) -> float:
    """Return the shared words over all words of two arm labels (Jaccard's index)."""
    a, b = vocabulary.arm_words(wanted), vocabulary.arm_words(arm)
    if wanted.strip().lower() == arm.strip().lower():
        return 1.0
    if vocabulary.is_merged_arm(arm) != vocabulary.is_merged_arm(wanted):
        return 0.0
    return len(a & b) / len(a | b) if a | b else 0.0


def _kinship(a: Cell, b: Cell, source: str) -> tuple[int, int]:
    """Rank rows: those of the comparison's own source first, then those with SDs."""
    origin = _origin(source)
    return (
        sum(_origin(cell.source) == origin for cell in (a, b)),
        sum(cell.has_spread for cell in (a, b)),
    )


def _origin(source: str) -> str:
    """Return the source that a place in a paper belongs to ("abstract", "cochrane", ...)."""
    named = [
        word
        for word in vocabulary.words(source)
        if word in ("abstract", "cochrane", "table", "text")
    ]
    return named[0] if named else source.strip().lower()


def _third_arms(cells: Sequence[Cell], first: Cell | None, second: Cell | None) -> tuple[Cell, ...]:
    if first is None or second is None:
        return ()
    taken = {first.arm, second.arm}
    return tuple(
        c
        for c in cells
        if c.arm not in taken
        and c.has_spread
        and not vocabulary.is_merged_arm(c.arm)
        and c.instrument == first.instrument
        and c.timepoint == first.timepoint
    )


def _no_pair(arm_a: str, arm_b: str, cells: Sequence[Cell]) -> str:
    if not arm_a or not arm_b:
        return "the two sides of the comparison are not named"
    arms = ", ".join(sorted({cell.arm for cell in cells}))
    return (
        f"no single pair of rows fits '{arm_a}' against '{arm_b}' (arms printed: {arms}); "
        "name them in an inputs column"
    )


def _remark(
    *, about_change: bool, change: tuple[Cell, Cell] | None, pair: tuple[Cell, Cell] | None
) -> str:
    if not about_change or pair is None:
        return ""
    if change is not None and all(cell.has_spread for cell in change):
        return ""
    return "tested on the follow-up scores; the spread of the changes was not printed"
