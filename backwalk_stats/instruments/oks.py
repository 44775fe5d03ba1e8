"""Oxford Knee Score: twelve items, scored 0 to 48 today and 12 to 60 before 2007."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import FloatArray, Instrument, Scale, Version
from backwalk_stats.instruments.items import at_least, complete, numbered, threshold

_GUIDE = "guide of Oxford University Innovation, as quoted in an open implementation"
_KNEE_OA = "PMC5622506"
_RULES = (at_least(10, 12, name="two-missing", source=_GUIDE), complete(12))


def oks_from_old(score: ArrayLike) -> FloatArray:
    """Return scores of 0 to 48 (higher is better) from scores of 12 to 60 (lower is better).

    Parameters
    ----------
    score : array-like
        12 (best) to 60.

    Returns
    -------
    array
        0 to 48 (best).

    Examples
    --------
    >>> oks_from_old([24.0])
    array([36.])
    """
    return 60.0 - np.asarray(score, dtype=np.float64)


_CHANGES = (
    threshold("mcid-knee-osteoarthritis-points", 6.1, "knee osteoarthritis", _KNEE_OA),
    threshold("mdc-knee-osteoarthritis-points", 4.4, "knee osteoarthritis", _KNEE_OA),
    threshold(
        "mcid-replacement-points",
        8.0,
        "total knee replacement (interval 6 to 9)",
        "doi 10.1080/17453674.2018.1480739",
    ),
    threshold(
        "mcid-clement-pain-points",
        5.0,
        "total knee arthroplasty, anchor pain relief",
        "Clement, quoted from an index",
    ),
    threshold(
        "mcid-clement-function-points",
        4.3,
        "total knee arthroplasty, anchor function",
        "Clement, quoted from an index",
    ),
)


def _scale(low: float, high: float, *, old: bool) -> Scale:
    return Scale(
        name="score",
        label=f"Oxford Knee Score ({low:g} to {high:g})",
        low=low,
        high=high,
        step=1.0,
        unit="points",
        better="lower" if old else "higher",
        items=numbered("OKS", 12, low=1.0 if old else 0.0, high=5.0 if old else 4.0),
        formula="sum",
        combine=total,
        rules=_RULES,
        thresholds=_CHANGES,
    )


INSTRUMENT = Instrument(
    code="oks",
    name="Oxford Knee Score",
    domain="knee",
    versions=(
        Version(
            code="0-48", name="items 0 to 4, 48 is best", scales=(_scale(0.0, 48.0, old=False),)
        ),
        Version(
            code="12-60",
            name="items 1 to 5, 12 is best (before 2007)",
            scales=(_scale(12.0, 60.0, old=True),),
        ),
    ),
    sources=(_GUIDE, _KNEE_OA, "doi 10.1080/17453674.2018.1480739"),
    licence="licence of Oxford University Innovation; free for academic and public health use",
    notes=(
        "Both scorings are in use: a lowest score of 12 or more and one above 48 show the old one.",
        "Of two answers the worse counts.",
        "After unicompartmental replacement 4.7, 7.1 and 5.4 points at 3, 12 and 24 months have "
        "been called important, and 28.9, 32.7 and 31.3 acceptable.",
    ),
)
