"""OMERACT-OARSI responder: improvement of pain, function and the patient's global assessment."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.errors import UsageError
from backwalk_stats.instruments.improvement import improved_by_percent, improved_by_points
from backwalk_stats.instruments.instrument import FloatArray, Instrument, Scale, Version
from backwalk_stats.instruments.measured import measured

_SOURCES = ("Pham 2003, J Rheumatol 30:1648", "Pham 2004, Osteoarthritis Cartilage 12:389")
# Per cent of baseline and points of 0 to 100, both of which must be reached.
HIGH = (50.0, 20.0)
MODERATE = (20.0, 10.0)


def omeract_oarsi_responder(
    *,
    pain: tuple[ArrayLike, ArrayLike],
    function: tuple[ArrayLike, ArrayLike],
    patient_global: tuple[ArrayLike, ArrayLike],
) -> FloatArray:
    """Return 1 for a responder and 0 for none.

    Pain or function improved by 50 % and 20 points, or two of the three by 20 % and 10 points.
    The numbers are from memory and must be confirmed in Pham 2004.

    Parameters
    ----------
    pain, function, patient_global : (array-like, array-like), each of shape (n,)
        Scores before and after, from 0 to 100, lower is better.

    Returns
    -------
    array of float, shape (n,)
        NaN where what is missing decides: it could make a responder or not.

    Raises
    ------
    UsageError
        If a score is outside 0 to 100.

    Examples
    --------
    >>> omeract_oarsi_responder(pain=([60, 60], [30, 50]), function=([60, 60], [60, 50]),
    ...     patient_global=([60, 60], [60, 60]))
    array([1., 0.])
    """
    pairs = [_checked(pair) for pair in (pain, function, patient_global)]
    high = np.stack([_both(pair, HIGH) for pair in pairs[:2]])
    moderate = np.stack([_both(pair, MODERATE) for pair in pairs])
    # At worst nothing that is missing was reached, at best everything was.
    worst = _rule(np.nan_to_num(high, nan=0.0), np.nan_to_num(moderate, nan=0.0))
    best = _rule(np.nan_to_num(high, nan=1.0), np.nan_to_num(moderate, nan=1.0))
    return np.where(worst == best, worst, np.nan)


def _checked(pair: tuple[ArrayLike, ArrayLike]) -> tuple[FloatArray, FloatArray]:
    before, after = (np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in pair)
    for values in (before, after):
        if np.any((values < 0.0) | (values > 100.0)):
            raise UsageError("expected scores from 0 to 100, found one outside")
    return before, after


def _both(pair: tuple[FloatArray, FloatArray], least: tuple[float, float]) -> FloatArray:
    """Return whether both per cent and points are reached; a baseline of 0 cannot improve."""
    percent = improved_by_percent(*pair, percent=least[0], better="lower")
    points = improved_by_points(*pair, points=least[1], better="lower")
    return np.where(points == 0.0, 0.0, percent * points)


def _rule(high: FloatArray, moderate: FloatArray) -> FloatArray:
    met = (high.sum(axis=0) >= 1) | (moderate.sum(axis=0) >= 2)
    return np.asarray(met, dtype=np.float64)


def _part(code: str, label: str) -> Scale:
    return measured(
        code, name=code, label=f"{label} (0 to 100)", unit="points", better="lower", high=100.0
    )


INSTRUMENT = Instrument(
    code="omeract-oarsi",
    name="OMERACT-OARSI responder criteria",
    domain="composite of pain, function and global assessment",
    versions=(
        Version(
            code="2004",
            name="simplified criteria",
            scales=(
                measured(
                    "omeract_oarsi",
                    name="responder",
                    label="OMERACT-OARSI responder (0 or 1)",
                    unit="",
                    better="higher",
                    high=1.0,
                    step=1.0,
                    formula="pain or function by 50 % and 20, or two of three by 20 % and 10",
                ),
                _part("pain100", "Pain"),
                _part("function100", "Function"),
                _part("global100", "Patient's global assessment"),
            ),
        ),
    ),
    sources=_SOURCES,
    licence="free",
    unverified=("The numbers of the criteria: confirm them in Pham 2004 before relying on them.",),
    notes=(
        "It needs scores before and after: `bw.instruments.omeract_oarsi_responder`.",
        "Say whether somebody without a score counts as no responder or is left out.",
    ),
)
