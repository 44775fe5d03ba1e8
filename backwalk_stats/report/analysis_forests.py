"""Forests of the analyses beside a main one: those of its estimand, and those of another."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from backwalk_stats.figures import effect_forest
from backwalk_stats.report.document import drawing
from backwalk_stats.report.document.document import Block
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.trial_labels import ANALYSES as NAMES
from backwalk_stats.trial.estimand import Estimand

_SAID = {
    "sensitivity": "the main analysis and the sensitivity analyses, of the same estimand under "
    "other assumptions",
    "supplementary": "the main analysis and the supplementary ones, each of another estimand",
}


def forest_of(
    subject: TrialSubject, estimand: Estimand, role: Literal["sensitivity", "supplementary"]
) -> list[Block]:
    """Return the forest of the main analysis and those of a role; nothing where none has a row."""
    part = next(
        (p for p in subject.analysis.parts_of(estimand.id) if p.analysis == "sensitivity"), None
    )
    whole = part.frames.get("forest") if part is not None else None
    if whole is None:
        return []
    shown = whole[whole["group"].isin(("", role))]
    if not (shown["group"] == role).any() or not shown["estimate"].notna().any():
        return []
    words = subject.words(estimand.outcome)
    return [
        drawing.picture(
            effect_forest,
            _in_words(shown),
            name=f"{role}-{estimand.id}",
            caption=effect_forest.caption(
                f"{words.outcome}: {_SAID[role]}.", level=estimand.level, counts=True
            ),
            words=words,
            contrast=estimand.contrast,
            shown={"level": estimand.level},
        )
    ]


def _in_words(forest: pd.DataFrame) -> pd.DataFrame:
    """Return a forest whose labels, "code" or "code: which", are in words."""
    told = []
    for label in map(str, forest["label"]):
        code, colon, which = label.partition(":")
        told.append(f"{NAMES.get(code, code)}{colon}{which}")
    return forest.assign(label=told).reset_index(drop=True)
