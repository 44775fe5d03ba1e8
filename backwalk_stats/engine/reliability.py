"""Measurement error of one score: SEM and the change that exceeds it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from backwalk_stats.engine.domain import Number, array, number, require_level
from backwalk_stats.errors import NotEstimable


def minimal_detectable_change(*, sem: ArrayLike, level: float = 0.95) -> Number:
    """Return the minimal detectable change, z sqrt(2) SEM.

    A change smaller than this is compatible with measurement error alone; smaller is better
    (de Vet et al. 2006, Health Qual Life Outcomes 4:54).

    Parameters
    ----------
    sem : array-like
        Standard error of measurement, in the unit of the score.
    level : float
        Confidence level; 0.95 gives z = 1.96 and 0.90 gives 1.645.

    Returns
    -------
    float or array
        In the unit of the score.

    Raises
    ------
    NotEstimable
        If the SEM is negative.

    Examples
    --------
    >>> round(minimal_detectable_change(sem=0.48), 2)
    1.33
    """
    require_level(level)
    error = array(sem)
    if not np.all(error >= 0.0):
        raise NotEstimable("a standard error of measurement is 0 or more")
    return number(special.ndtri(0.5 + level / 2.0) * np.sqrt(2.0) * error)


def sem_from_icc(*, sd: ArrayLike, icc: ArrayLike) -> Number:
    """Return the standard error of measurement, SD sqrt(1 - ICC).

    Parameters
    ----------
    sd : array-like
        SD of the scores between participants, in the unit of the score.
    icc : array-like
        Intraclass correlation, at most 1; higher is better.

    Returns
    -------
    float or array
        In the unit of the score.

    Raises
    ------
    NotEstimable
        If the SD is negative or the ICC above 1.

    Examples
    --------
    >>> round(sem_from_icc(sd=2.0, icc=0.91), 2)
    0.6
    """
    spread, agreement = array(sd), array(icc)
    if not np.all((spread >= 0.0) & (agreement <= 1.0)):
        raise NotEstimable("needs a standard deviation of 0 or more and an ICC of at most 1")
    return number(spread * np.sqrt(1.0 - agreement))
