"""What bears on one claim: the studies it names, the cited ones, and their findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.engine.estimate import Estimate
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.boxes import student_box
from backwalk_stats.ledger.case import Contrast, Study
from backwalk_stats.ledger.vocabulary import walks_backward


@dataclass(frozen=True, kw_only=True, slots=True)
class Bearing:
    """What the record holds about one claim.

    Attributes
    ----------
    claim : mapping
        The row of the claim.
    studies : tuple of Study
        The studies that it names.
    cited : tuple of Study
        Those in the journal that the article names.
    unfit : mapping
        Study id to why that study cannot carry the claim.
    own : tuple of Contrast
        Every comparison of the named studies on the claimed outcome.
    direct : tuple of Contrast
        Comparisons of backward with forward walking on the claimed outcome.
    pools : tuple of Contrast
        Printed meta-analyses of the claimed outcome.
    findings : DataFrame
        Ledger rows about the claimed outcome.
    missing_dose : str
        The dose claimed, where no study of the base used it; else "".
    """

    claim: Mapping[str, str]
    studies: tuple[Study, ...]
    cited: tuple[Study, ...]
    unfit: Mapping[str, str]
    own: tuple[Contrast, ...]
    direct: tuple[Contrast, ...]
    pools: tuple[Contrast, ...]
    findings: pd.DataFrame
    missing_dose: str


def direct_estimate(contrast: Contrast) -> Estimate | None:
    """Return Student's test of a comparison of directions, where both arms print a spread."""
    if not contrast.first or not contrast.second:
        return None
    a, b = contrast.first[0], contrast.second[0]
    if not (a.has_spread and b.has_spread) or contrast.kind not in ("between", "standardised"):
        return None
    try:
        return student_box(a, b).centre
    except NotEstimable:
        return None


def favours_backward(contrast: Contrast) -> bool | None:
    """Tell whether a comparison of directions favours backward walking with its whole interval.

    None where the printed arms do not determine it.
    """
    result = direct_estimate(contrast)
    if result is None:
        return None
    first_is_better = (
        float(result.conf_high) < 0
        if contrast.first[0].direction.startswith("lower")
        else float(result.conf_low) > 0
    )
    second_is_better = (
        float(result.conf_low) > 0
        if contrast.first[0].direction.startswith("lower")
        else float(result.conf_high) < 0
    )
    return first_is_better if walks_backward(contrast.arm_a) else second_is_better
