"""Which people stand behind printed numbers: how many, whether counted, and whether the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwalk_stats.ledger.case import Arm, Cell, Study
from backwalk_stats.ledger.reading.synonyms import word_read, words_said
from backwalk_stats.ledger.reading.vocabulary import (
    is_merged_arm,
    outcome_words,
    speaks_of_change,
    words,
)

_RANDOMISED = re.compile(r"\s*(\d+)\s*(?:$|[(;,]|participants\b|patients\b|people\b|persons\b)")
_NOT_RANDOMISED = re.compile(
    r"planned|target|expected|aimed|not read|stud(?:y|ies)|cluster|sites?\b|cent(?:re|er)s?\b|knees"
    r"|limbs|pairs|practices",
    re.IGNORECASE,
)
# Sides of the body and repeats count more than one to a person.
_NOT_PEOPLE = re.compile(
    r"\b(?:knees?|limbs?|legs?|feet|foot|eyes?|hips?|ankles?|shoulders?|sides?|joints?|trials?"
    r"|observations?|measurements?|steps?|strides?|events?|falls?|person-\w+|cluster\w*)\b",
    re.IGNORECASE,
)
_PEOPLE = r"(?:participants|patients|people|persons|subjects|women|men)"
# Words with which a percentage counts people, and with which it is a mean of percentages.
_COUNTED = re.compile(
    r"\bresponders?\b|\bcomplet(?:ed|ers?)\b|\bdropped out\b|\bwithdr(?:awn|awals?|ew)\b"
    r"|\bdrop-?\s?outs?\b|\blost to follow-?up\b|\battrition\b|\b(?:non-?)?fallers?\b"
    rf"|\badherent\b|^\s*with\s|\b(?:proportion|percentage|share) of (?:the )?{_PEOPLE}\b"
    rf"|^\s*{_PEOPLE} (?:with|who|reach\w+|achiev\w+|report\w+|improv\w+)\b"
    r"|^\s*(?:females?|males?|women|men|sex|gender)\s*(?:;|$)",
    re.IGNORECASE,
)
_AVERAGED = re.compile(
    r"\b(?:sessions?|visits?|exercises?|doses?|attendance|minutes?|days?|tasks?|trials?|time|tests?"
    r"|items?|probabilit\w+|predicted|index|ratio|range|symmetry)\b",
    re.IGNORECASE,
)
# Words with which scores are filled in.
_FILLED_IN = re.compile(
    r"\bintent\w*[- ]to[- ]treat\b|\bITT\b|\bimput\w+|\bLOCF\b|\bcarried forward\b",
    re.IGNORECASE,
)
_EVERYBODY = frozenset({"all", "total", "overall", "both", "whole", "everyone", "sample"})
_THRESHOLD = re.compile(r"[<>\u2264\u2265]|\bat least\b|\bor more\b|\bresponders?\b.*\bof\b")


def number_randomised(study: Study) -> int | None:
    """Return how many people a study randomised; None where that is a plan, or was not printed.

    >>> number_randomised(Study(study_id="a", label="a", n_text="33 (3 lost; 30 analysed)"))
    33
    >>> number_randomised(Study(study_id="a", label="a", n_text="26 (planned)")) is None
    True
    """
    found = _RANDOMISED.match(study.n_text)
    other = _NOT_RANDOMISED.search(study.n_text) or "cluster" in study.design.lower()
    return int(found.group(1)) if found and not other else None


def people_read(study: Study) -> str:
    """Return whether arms are the same people or different ones; "" where not read."""
    return word_read("people", f"{study.analysis} ; {study.design}")


def counts_people(cell: Cell) -> bool:
    """Tell whether the words of a row say that its percentage counts people.

    A limb symmetry index, a share of the gait cycle or of sessions, and a change in percent do not.
    """
    text = f"{cell.outcome} ; {cell.instrument}"
    if cell.read.adjusted or cell.read.imputed or _AVERAGED.search(text):
        return False
    if not _COUNTED.search(text):
        return False
    return not speaks_of_change(text) or _THRESHOLD.search(text) is not None


def is_modelled(text: str) -> bool:
    """Tell whether means may be those of a model: adjusted for covariates, or of a mixed model."""
    return "adjusted" in words_said("adjusted", text) or "mixed" in words_said("model", text)


def may_count_others(cell: Cell) -> bool:
    """Tell whether n of a row may count knees, trials or events and not people."""
    return _NOT_PEOPLE.search(f"{cell.unit} ; {cell.note} ; {cell.arm}") is not None


def is_everybody(arm: str) -> bool:
    """Tell whether an arm's label means all people, or several arms together.

    >>> is_everybody("all"), is_everybody("retro+forward combined"), is_everybody("backward")
    (True, True, False)
    """
    return is_merged_arm(arm) or bool(_EVERYBODY & set(words(arm)))


def arms_beside(cell: Cell, siblings: Sequence[Cell]) -> list[Cell]:
    """Return the rows that print the same numbers as a row for every arm, its own among them.

    They are of one outcome, instrument, unit, visit and printer; everybody together is no arm.
    """
    rows: dict[str, Cell] = {}
    place = _place(cell)
    for other in siblings:
        if other.n is None or not other.was_printed or _place(other) != place:
            continue
        if not is_everybody(other.arm):
            rows.setdefault(other.arm, other)
    return list(rows.values())


def _place(cell: Cell) -> tuple[object, ...]:
    outcome = outcome_words(cell.outcome)
    return outcome, cell.instrument, cell.unit, cell.timepoint.lower(), cell.origin


def same_people(arm: Arm, cells: Sequence[Cell]) -> bool:
    """Tell whether it was read that rows of one arm are of the very same people.

    They are where n is the same and nobody else was there: the analysis is of complete cases, or
    the arms hold everybody who was randomised and no scores were filled in.
    """
    sizes = {cell.n for cell in cells}
    if len(sizes) != 1 or None in sizes or any(cell.read.imputed for cell in cells):
        return False
    said = f"{arm.study.analysis} ; {arm.study.design}"
    noted = [cell.note for cell in cells]
    if any(map(_FILLED_IN.search, (said, *noted))) or is_modelled(" ; ".join((said, *noted))):
        return False
    if words_said("kept", said) or all(words_said("kept", note) for note in noted):
        return True
    randomised = number_randomised(arm.study)
    return randomised is not None and all(
        sum(other.n or 0 for other in arms_beside(cell, arm.siblings)) == randomised
        for cell in cells
    )
