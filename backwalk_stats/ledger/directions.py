"""Which trials compare backward with forward walking, and which added walking to other care.

A difference between walking and no walking is one of dose; only arms that walk in different
directions tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Contrast
from backwalk_stats.ledger.hulls import student_box
from backwalk_stats.ledger.rows import compares_directions
from backwalk_stats.ledger.vocabulary import family, walks_backward, walks_forward
from backwalk_stats.trial.tables import DIRECTIONS


def directions_frame(contrasts: Sequence[Contrast]) -> pd.DataFrame:
    """Return backward minus forward walking by Student's test, one row a trial and outcome.

    Only where two arms of different people have n, mean and SD, printed or recovered from a merged
    arm (`derived`).
    """
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for contrast in contrasts:
        key = (contrast.study.study_id, family(contrast.outcome))
        if key not in rows and key[1] and _is_direct(contrast):
            a, b = contrast.first[0], contrast.second[0]
            arms = (a, b) if walks_backward(contrast.arm_a) else (b, a)
            try:
                rows[key] = _direct_row(contrast, *arms)
            except NotEstimable:
                continue
    return pd.DataFrame(list(rows.values()), columns=list(DIRECTIONS))


def _is_direct(contrast: Contrast) -> bool:
    """Tell whether a contrast is of two groups of people that walked in different directions."""
    if contrast.kind != "between" or contrast.missing or not compares_directions(contrast):
        return False
    if contrast.read.people == "same" or contrast.about_change:
        return False
    if not (contrast.first and contrast.second):
        return False
    a, b = contrast.first[0], contrast.second[0]
    return a.has_spread and b.has_spread


def _direct_row(contrast: Contrast, backward: Cell, forward: Cell) -> dict[str, object]:
    result = student_box(backward, forward).centre
    return {
        "outcome": family(contrast.outcome),
        "study_id": contrast.study.study_id,
        "label": contrast.study.label,
        "instrument": backward.instrument,
        "unit": backward.unit,
        "lower_is_better": backward.direction.startswith("lower"),
        "n_backward": float(backward.n or 0),
        "n_forward": float(forward.n or 0),
        "estimate": float(result.estimate),
        "conf_low": float(result.conf_low),
        "conf_high": float(result.conf_high),
        "p_value": float(result.p_value),
        "derived": bool(contrast.derived),
    }


def adds_walking(arms: str) -> bool:
    """Tell whether a study joins backward walking to other care that an arm without walking has.

    Examples
    --------
    >>> adds_walking("retro walking + usual care; usual care"), adds_walking("backward; forward")
    (True, False)
    """
    parts = arms.replace("|", ";").split(";")
    joined = any(walks_backward(arm) and "+" in arm for arm in parts)
    return joined and any(not (walks_backward(arm) or walks_forward(arm)) for arm in parts)
