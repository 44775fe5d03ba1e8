"""Rubin's rules at the door: estimates of imputed data sets in, one tidy row out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import array
from backwalk_stats.engine.rubin import Pooled, pooled
from backwalk_stats.models.summary import estimate_columns


def rubin(
    estimates: ArrayLike,
    variances: ArrayLike,
    df_complete: ArrayLike = np.inf,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool the analyses of imputed data sets; see `engine.rubin` for the formulas.

    Parameters
    ----------
    estimates, variances : array-like, shape (M,) or (M, L)
        Of M imputed data sets and L contrasts: estimates, and squared standard errors.
    df_complete : array-like
        Degrees of freedom of the analysis, had nothing been missing.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a contrast: estimate, std_error, df (Barnard and Rubin's), statistic, p_value,
        conf_low, conf_high; within, between, share (lambda), relative_increase, fraction_missing,
        imputations.

    Raises
    ------
    NotEstimable
        If there are fewer than two imputations, or a variance is not above 0.

    Examples
    --------
    >>> found = rubin([1.0, 1.4, 1.2], [0.25, 0.25, 0.25], 20)
    >>> found.round(3)[["estimate", "std_error", "df", "fraction_missing"]]
       estimate  std_error     df  fraction_missing
    0       1.2      0.551  12.21             0.284
    """
    found = pooled(estimates=estimates, variances=variances, df_complete=df_complete, level=level)
    return pooled_frame(found)


def pooled_frame(found: Pooled) -> pd.DataFrame:
    """Return pooled analyses as a frame with the columns of `rubin`."""
    names = ("within", "between", "share", "relative_increase", "fraction_missing")
    columns = {
        **estimate_columns(found.found),
        **{name: array(getattr(found, name)) for name in names},
    }
    frame = pd.DataFrame({name: np.atleast_1d(one) for name, one in columns.items()})
    return frame.assign(imputations=found.imputations)
