"""How sure a difference is, as a curve: the density of the estimate's t distribution."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from backwalk_stats.analyses.result_rows import Row
from backwalk_stats.trial.tables import DIFFERENCE_CURVE

POINTS = 121
WIDTH = 4.0  # standard errors to either side


def difference_curve(row: Row) -> pd.DataFrame:
    """Return value and density of an estimate (`tables.DIFFERENCE_CURVE`).

    The row has estimate, std_error and df; infinite df is the normal distribution. NaN gives no
    rows.

    Examples
    --------
    >>> curve = difference_curve({"estimate": -1.0, "std_error": 0.5, "df": 40.0})
    >>> float(curve["value"].iloc[curve["density"].argmax()])
    -1.0
    """
    estimate, error, df = (float(row[name]) for name in ("estimate", "std_error", "df"))
    if not (np.isfinite(estimate) and np.isfinite(error) and error > 0.0) or np.isnan(df):
        return pd.DataFrame(columns=list(DIFFERENCE_CURVE), dtype="float64")
    z = np.linspace(-WIDTH, WIDTH, POINTS)
    density = norm.pdf(z) if np.isinf(df) else t.pdf(z, df)
    return pd.DataFrame({"value": estimate + error * z, "density": density / error})
