"""Results of statsmodels and pingouin as estimate frames, so that pictures and tables take them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.trial.tables import ESTIMATES

# What a column of pingouin's frames is here; spellings of several releases.
_PINGOUIN = {
    "estimate": ("coef", "r", "diff", "mean_diff"),
    "std_error": ("se",),
    "df": ("dof", "DF", "ddof2", "DF2"),
    "statistic": ("T", "t", "F", "U_val", "U-val", "W_val", "W-val", "chi2", "Z", "H"),
    "p_value": (
        "p_corr",
        "p-corr",
        "p_val",
        "p-val",
        "pval",
        "p_unc",
        "p-unc",
        "p_tukey",
        "p-tukey",
    ),
    "conf_low": ("CI2.5", "CI[2.5%]"),
    "conf_high": ("CI97.5", "CI[97.5%]"),
}
_PAIR = ("CI95", "CI95%", "CI95_coef")
_EFFECTS = ("cohen_d", "cohen-d", "hedges", "eta_square", "np2", "n2", "RBC", "CLES")
_CODED = re.compile(r"C\(([^,()]+)(?:,.*?)?\)(?=\[)")
_LEVEL = re.compile(r"\[(?:T\.)?([^\]]*)\]")
_LABELS = ("names", "Source", "Contrast", "A", "B", "X", "Y", "Within", "Between", "Time", "method")


def tidy(result: object, level: float = 0.95) -> pd.DataFrame:
    """Return a result of statsmodels or pingouin as an estimate frame.

    Parameters
    ----------
    result : object or DataFrame
        A fitted model of statsmodels (OLS, GLM, Logit, GEE, MixedLM and others that have `params`,
        `bse`, `pvalues` and `conf_int`), a frame of pingouin (`ttest`, `linear_regression`,
        `pairwise_tests`, `mwu`, `wilcoxon`, `corr`, `ancova` ...), a fit of this package, or a
        frame that has the columns of estimates already.
    level : float
        Of the intervals of a statsmodels model. A frame has the level that it was made with.

    Returns
    -------
    DataFrame
        term (or the labels that the frame has), estimate, std_error, df (NaN where the statistic
        is normal), statistic, p_value, conf_low, conf_high. What the source does not hold is NaN:
        nothing is worked out, with one exception that the column `note` names: pingouin's `ttest`
        prints no difference, and the middle of its two-sided interval is one.

    Raises
    ------
    UsageError
        If the object is none of these.

    Examples
    --------
    >>> import pandas as pd, statsmodels.formula.api as smf
    >>> frame = pd.DataFrame({"pain": [6.0, 5, 5, 3, 5, 2], "week": [0, 1, 2, 3, 1, 4]})
    >>> fit = smf.ols("pain ~ week", frame).fit()
    >>> tidy(fit).round(3)[["term", "estimate", "conf_low", "conf_high"]]
              term  estimate  conf_low  conf_high
    0  (Intercept)     6.138     5.265      7.012
    1         week    -0.985    -1.369     -0.600
    """
    own = getattr(result, "coefficients", None)
    if callable(own) and not hasattr(result, "bse_fe"):
        found = own()
        if isinstance(found, pd.DataFrame):
            return found
    if isinstance(result, pd.DataFrame):
        return _of_frame(result)
    if all(hasattr(result, name) for name in ("params", "bse", "pvalues", "conf_int")):
        return _of_model(result, level)
    raise UsageError(
        f"expected a fitted model of statsmodels, a frame of pingouin or an estimate frame; "
        f"found {type(result).__name__}"
    )


def _of_model(result: Any, level: float) -> pd.DataFrame:  # noqa: ANN401
    """Return the coefficients of a statsmodels model; its thresholds and variances are rows."""
    params = pd.Series(result.params)
    ends = pd.DataFrame(result.conf_int(alpha=1 - level))
    by_t = bool(getattr(result, "use_t", False))
    rest: Any = getattr(result, "df_resid_inference", None)
    rest = getattr(result, "df_resid", np.nan) if rest is None else rest
    frame = pd.DataFrame(
        {
            "term": [_term(name) for name in params.index],
            "estimate": params.to_numpy(dtype=float),
            "std_error": np.asarray(result.bse, dtype=float),
            "df": float(rest) if by_t else np.nan,
            "statistic": np.asarray(result.tvalues, dtype=float),
            "p_value": np.asarray(result.pvalues, dtype=float),
            "conf_low": ends.iloc[:, 0].to_numpy(dtype=float),
            "conf_high": ends.iloc[:, 1].to_numpy(dtype=float),
        }
    )
    return frame[["term", *ESTIMATES]]


def _term(name: object) -> str:
    """Return the name of a term as R gives it.

    >>> _term("C(arm, Treatment('f'))[T.backward]:week"), _term("arm[T.backward]")
    ('armbackward:week', 'armbackward')
    >>> _term("Intercept"), _term("Group Var")
    ('(Intercept)', 'Group Var')
    """
    plain = _CODED.sub(r"\1", str(name))
    plain = _LEVEL.sub(r"\1", plain)
    return "(Intercept)" if plain in ("Intercept", "const") else plain


def _of_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of pingouin, or one that has the columns already."""
    if set(ESTIMATES) <= set(frame.columns):
        return frame
    found: dict[str, Any] = {}
    for column in ESTIMATES:
        held = _first(frame, (column, *_PINGOUIN.get(column, ())))
        found[column] = np.nan if held is None else pd.to_numeric(frame[held], errors="coerce")
    pair = _first(frame, _PAIR)
    if pair is not None:
        ends = [np.asarray(one, dtype=float).ravel() for one in frame[pair]]
        found["conf_low"] = [one[0] for one in ends]
        found["conf_high"] = [one[1] for one in ends]
    effect = _first(frame, _EFFECTS)
    if not any(_first(frame, (name,)) for names in _PINGOUIN.values() for name in names):
        raise UsageError(
            "the frame has no column of an estimate, a statistic or a p-value; expected "
            f"{', '.join(ESTIMATES)}, or a frame of pingouin"
        )
    labels = {name: frame[name].astype(str) for name in _LABELS if name in frame.columns}
    terms = {"term": frame.index.astype(str).to_series(index=frame.index)}
    made = pd.DataFrame({**(labels or terms), **found}, index=frame.index)
    if effect is not None:
        made["effect_size"] = pd.to_numeric(frame[effect], errors="coerce")
    return _with_middle(made, frame, pair).reset_index(drop=True)


def _with_middle(made: pd.DataFrame, frame: pd.DataFrame, pair: str | None) -> pd.DataFrame:
    """Fill in the difference of a t test where nothing but its two-sided interval is printed."""
    two_sided = (
        frame.get("alternative", pd.Series("", index=frame.index)).astype(str) == "two-sided"
    )
    by_t = any(name in frame.columns for name in ("T", "t"))
    if pair is None or not by_t or made["estimate"].notna().any() or not two_sided.all():
        return made
    middle = (made["conf_low"] + made["conf_high"]) / 2
    note = "estimate: the middle of the printed interval, which is rounded"
    return made.assign(estimate=middle, note=note)


def _first(frame: pd.DataFrame, names: tuple[str, ...] | Mapping[str, object]) -> str | None:
    """Return the first of the columns that a frame has."""
    return next((name for name in names if name in frame.columns), None)
