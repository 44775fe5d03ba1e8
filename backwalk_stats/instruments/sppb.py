"""Short Physical Performance Battery: balance, walking and chair stands, 0 to 4 points each."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.errors import UsageError
from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import FloatArray, Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured

_FORM = "PHOSP study, case report form SPPB (points of each part)"
_SECOND = "PMC3032402, table 3 (the same points of balance and chair stands)"
_PERERA = "Perera 2006, Meaningful change and responsiveness in common performance measures"
_KWON = "Kwon 2009, J Nutr Health Aging 13:538, doi 10.1007/s12603-009-0104-z"
_MANGIONE = "Mangione 2010, Phys Ther 90:921"
# Where the points change (s): 4 below the first. The walk keeps its points at the other two.
_CUTS = {"gait-4m": (4.82, 6.20, 8.70), "chair": (11.20, 13.70, 16.70)}
_LONGEST_CHAIR = 60.0
_PARTS = (
    ("balance", "sppb_balance", "Standing balance"),
    ("gait", "sppb_gait", "Walking 4 m"),
    ("chair", "sppb_chair", "Five chair stands"),
)


def sppb_points(
    seconds: ArrayLike,
    *,
    part: Literal["gait-4m", "chair"],
    unable: ArrayLike | None = None,
) -> FloatArray:
    """Return the points, 0 to 4, for the time of a walk over 4 m or of five chair stands.

    Walk: 4 below 4.82 s, 3 to 6.20 s, 2 to 8.70 s, else 1. Chair: 4 below 11.20 s, 3 below 13.70 s,
    2 below 16.70 s, else 1. Who could not do it has 0 points, and must be told: a missing time
    alone is missing.

    Parameters
    ----------
    seconds : array-like, shape (n,)
        Above 0; missing where there is none.
    part : str
        "gait-4m" or "chair". The points of a course of 3 m are others, and not known here.
    unable : array-like of bool, shape (n,), optional
        Who tried or was judged and could not; their time does not count.

    Returns
    -------
    array of float, shape (n,)
        More is better; NaN where a time is missing and nothing says unable.

    Raises
    ------
    UsageError
        If the part is neither, a time is 0 or below, or chair stands took more than 60 s: the test
        is stopped there, so say unable.

    Examples
    --------
    >>> sppb_points([4.81, 4.82, 6.2, 8.71], part="gait-4m")
    array([4., 3., 3., 1.])
    >>> sppb_points([11.19, 16.7, np.nan, np.nan], part="chair", unable=[0, 0, 1, 0])
    array([ 4.,  1.,  0., nan])
    """
    if part not in _CUTS:
        raise UsageError(f"no timed part named '{part}'; there are: {', '.join(_CUTS)}")
    times = np.atleast_1d(np.asarray(seconds, dtype=np.float64))
    failed = np.zeros(times.shape, dtype=bool) if unable is None else np.asarray(unable, dtype=bool)
    if failed.shape != times.shape:
        raise UsageError(f"expected unable of shape {times.shape}, found {failed.shape}")
    counted = times[~failed & ~np.isnan(times)]
    if np.any(counted <= 0.0):
        raise UsageError("expected times above 0 s, found one that is not")
    if part == "chair" and np.any(counted > _LONGEST_CHAIR):
        raise UsageError("expected chair stands within 60 s, found a longer time: say unable")
    lower, *further = _CUTS[part]
    later = [times > cut if part == "gait-4m" else times >= cut for cut in further]
    points = 4.0 - (times >= lower) - np.sum(later, axis=0)
    return np.where(failed, 0.0, np.where(np.isnan(times), np.nan, points))


_TOTAL = Scale(
    name="score",
    label="Physical performance (SPPB, 0 to 12)",
    low=0.0,
    high=12.0,
    step=1.0,
    unit="points",
    better="higher",
    items=tuple(Item(code=code, low=0.0, high=4.0) for _, code, _ in _PARTS),
    formula="sum of balance, gait and chair",
    combine=total,
    rules=(complete(3),),
    thresholds=(
        threshold(
            "mcid-perera2006-points",
            0.5,
            "older people, and subacute stroke; a small change",
            _PERERA,
            "less than a step of one person's score: for means of groups only; its authors call "
            "it not detectable in clinical use",
        ),
        threshold(
            "mcid-perera2006-substantial-points",
            1.0,
            "older people, and subacute stroke; a substantial change",
            _PERERA,
        ),
        threshold(
            "mdc-mangione2010-points",
            2.9,
            "frail African Americans, mean age 78 (n = 52)",
            _MANGIONE,
            "from an SEM of 1.2, with which 1.96 sqrt(2) gives 3.3 and 1.645 sqrt(2) 2.8: rather "
            "at 90 % than at 95 %; its abstract does not say",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="sppb",
    name="Short Physical Performance Battery",
    domain="performance",
    versions=(
        Version(
            code="4m",
            name="walk over 4 m; points of the three parts",
            scales=(
                _TOTAL,
                *(
                    measured(
                        code,
                        name=name,
                        label=f"{label} (SPPB, 0 to 4)",
                        unit="points",
                        better="higher",
                        high=4.0,
                        step=1.0,
                        formula="points",
                    )
                    for name, code, label in _PARTS
                ),
            ),
        ),
    ),
    sources=(_FORM, _SECOND, _PERERA, _KWON, _MANGIONE),
    licence="free (National Institute on Aging)",
    unverified=(
        "No rule for a part that was not done was found: all three are needed.",
        "The points for a walk over 3 m were not read in a source of their own.",
        "That chair stands are stopped at 60 s: read in an implementation only.",
    ),
    notes=(
        "From seconds: `bw.instruments.sppb_points`. Who cannot do a part has 0 points there, "
        "while a part that was not asked for is missing.",
        "PMC3032402 prints other limits (3.62, 4.65 and 6.52 s) for its walk of 4 m: points of two "
        "courses are not mixed.",
        "In sedentary people of 70 to 89, 0.3 to 0.8 points have been called a small and 0.4 to "
        "1.5 a substantial change (Kwon 2009): ranges, not thresholds.",
    ),
)
