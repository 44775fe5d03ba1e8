"""Reads the study and outcome rows of a record into what checks look at."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from backwalk_stats.ledger.case import Cell, Study
from backwalk_stats.ledger.rounding import is_number
from backwalk_stats.ledger.vocabulary import walks_backward, walks_forward

_AUTHOR = re.compile(
    r"^((?:[A-Z][\w'\u2019-]+ )+?)(?:[A-Z]{1,4}(?=[,.:;]|\s+et al|$)|et al|(?=\d{4}\b))"
)


def study_from_row(row: Mapping[str, str]) -> Study:
    """Return a study of the record; sizes are read from the texts that print them.

    Parameters
    ----------
    row : mapping
        A row of the study table, all text but `line`.

    Returns
    -------
    Study
        `n_total` is the number analysed where one is printed, else the number randomised.
    """
    arms = tuple(part.strip() for part in re.split(r"[;|]", row["arms"]) if part.strip())
    return Study(
        study_id=row["study_id"],
        label=study_label(row),
        design=row["design"],
        arms=arms,
        arm_sizes=_arm_sizes(row["arms"], row["n_randomised"]),
        n_total=_total(row["n_randomised"]),
        n_text=row["n_randomised"],
        numbers=row["numbers_available"],
        note=row["note"],
        line=int(row["line"]),
    )


def study_label(row: Mapping[str, str]) -> str:
    """Return "Author year" where the citation opens with an author, else the study's id.

    Examples
    --------
    >>> study_label({"citation": "Chen Z, Ye X. The efficacy", "year": "2021", "study_id": "c"})
    'Chen 2021'
    """
    author = _AUTHOR.match(row["citation"])
    if author is None:
        return row["study_id"]
    return f"{author.group(1).strip()} {row['year']}".strip()


def _arm_sizes(arms: str, n_randomised: str) -> tuple[int, ...]:
    """Return the arm sizes, in the order of the arms, or () where they were not printed."""
    in_arms = re.findall(r"n\s*=\s*(\d+)", arms)
    if len(in_arms) > 1:
        return tuple(int(size) for size in in_arms)
    summed = re.search(r"\b(\d+(?:\s*\+\s*\d+)+)\b", n_randomised)
    return tuple(int(size) for size in re.findall(r"\d+", summed.group(1))) if summed else ()


def _total(n_randomised: str) -> int | None:
    analysed = re.search(r"(\d+)\s+analysed", n_randomised)
    first = analysed or re.search(r"(\d+)", n_randomised)
    return int(first.group(1)) if first else None


def cells_from_frame(outcomes: pd.DataFrame) -> dict[str, tuple[Cell, ...]]:
    """Return the outcome rows of each study, in the order of the file."""
    cells: dict[str, list[Cell]] = {}
    for row in outcomes.to_dict("records"):
        cells.setdefault(str(row["study_id"]), []).append(
            _cell({str(k): v for k, v in row.items()})
        )
    return {study_id: tuple(rows) for study_id, rows in cells.items()}


def _cell(row: Mapping[str, str]) -> Cell:
    numeric = {name: row[name] if is_number(row[name]) else "" for name in ("mean", "sd")}
    return Cell(
        study_id=row["study_id"],
        arm=row["arm"],
        outcome=row["outcome"],
        instrument=row["instrument"],
        unit=row["unit"],
        scale_min=row["scale_min"],
        scale_max=row["scale_max"],
        timepoint=row["timepoint"],
        n=int(row["n"]) if row["n"] else None,
        mean=numeric["mean"],
        sd=numeric["sd"],
        ci_low=row["ci_low"],
        ci_high=row["ci_high"],
        items=row["items"],
        direction=row["direction_better"],
        confidence=row["confidence"],
        source=row["source_location"],
        note=row["note"],
        line=int(row["line"]),
    )


def design_class(study: Study, row: Mapping[str, str]) -> str:
    """Return the class of a study's design, for the map of which claim rests on what.

    Parameters
    ----------
    study : Study
        The study.
    row : mapping
        Its row in the study table.

    Returns
    -------
    str
        The first class below whose words fit; "other" where none does.
    """
    design, sizes = study.design.lower(), row["n_randomised"].lower()
    both = walks_backward(row["arms"]) and walks_forward(row["arms"])
    named = {
        "protocol": "protocol" in design,
        "registry": "registered" in design or "registry" in design,
        "review": "review" in design or "meta-analysis" in design,
        "single session": is_single_session(row),
        "within-person experiment": any(words in design for words in _WITHIN),
        "cross-sectional": any(words in design for words in _CROSS_SECTIONAL),
        "not randomised": "not randomised" in sizes or "non-randomised" in design,
        "randomised, backward v forward": both and _randomised(design),
        "randomised, backward added or v control": _randomised(design),
    }
    return next((name for name, holds in named.items() if holds), "other")


def _randomised(design: str) -> bool:
    return "rct" in design or "random" in design


_WITHIN = ("within", "single-group repeated", "five backward")
_CROSS_SECTIONAL = ("cross-sectional", "case-control", "reliab", "reproducib", "measurement")


def is_single_session(row: Mapping[str, str]) -> bool:
    """Tell whether a study watched one session and so says nothing of weeks of training."""
    return "single session" in row["weeks"].lower() or "single-session" in row["design"].lower()
