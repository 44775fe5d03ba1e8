"""Results of statsmodels and pingouin as estimate frames, so that pictures and tables take them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.models.fit.choices import check_level
from backwalk_stats.models.fit.statsmodels_names import Tidy
from backwalk_stats.trial.tables import ESTIMATES

# What a column of pingouin's frames is here; spellings of several releases.
_PINGOUIN = {
    "estimate": ("coef", "r", "diff", "mean_diff", "ICC"),
    "std_error": ("se",),
    "df": ("dof", "ddof2", "DF2", "df2", "DF"),
    "statistic": ("T", "F", "U_val", "U-val", "W_val", "W-val", "W", "chi2", "Z", "H", "t"),
    "p_value": ("p_corr", "p-corr", "p_tukey", "p-tukey", "p_val", "p-val", "pval", "p_unc",
                "p-unc"),
}  # fmt: skip
LIMITS = ("conf_low", "conf_high")
_ADJUSTED = ("p_corr", "p-corr", "p_tukey", "p-tukey")
# An end of an interval, or both in one cell: CI95, CI90, CI95%, CI95_coef, CI2.5, CI[97.5%].
_INTERVAL = re.compile(r"CI\[?(\d+(?:\.\d+)?)%?\]?(?:_coef)?")
_EFFECTS = ("cohen_d", "cohen-d", "hedges", "eta_square", "np2", "n2", "RBC", "CLES")
_CODED = re.compile(r"C\(([^,()]+)(?:,.*?)?\)(?=\[)")
_LEVEL = re.compile(r"\[(?:T\.)?([^\]]*)\]")
_LABELS = ("names", "Source", "Contrast", "A", "B", "X", "Y", "Within", "Between", "Time", "method")
_NO_LABELS = ("BF10", "Paired", "Parametric", "normal", "sig", "spher", "equal_var")
_RESIDUAL = ("Within", "Residual")  # the row of an analysis of variance that F is over


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
        Of the intervals of a model. A frame has the level that it was made with.

    Returns
    -------
    DataFrame
        term (or the labels that the frame has), estimate, std_error, df (NaN where the statistic
        is normal; of an F its denominator's), statistic, p_value, conf_low, conf_high. What the
        source does not hold is NaN: nothing is worked out, with one exception that the column
        `note` names: pingouin's `ttest` prints no difference, and the middle of its two-sided
        interval is one. `note` also tells of p-values that are adjusted. Variances of `MixedLM`
        and thresholds of `OrderedModel` are left out: statsmodels holds them on another scale.

    Raises
    ------
    UsageError
        If the object is none of these, or has several equations (`MNLogit`).

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
    check_level(level)
    if isinstance(result, Tidy):
        return result.tidy(level=level)
    if isinstance(result, pd.DataFrame):
        return _of_frame(result)
    if all(hasattr(result, name) for name in ("params", "bse", "pvalues", "conf_int")):
        return _of_model(result, level)
    raise UsageError(
        f"expected a fitted model of statsmodels, a frame of pingouin or an estimate frame; "
        f"found {type(result).__name__}"
    )


def _of_model(result: Any, level: float) -> pd.DataFrame:  # noqa: ANN401
    """Return the coefficients of a statsmodels model, but none of its other parameters."""
    if np.ndim(result.params) != 1:
        raise UsageError(
            "the model has an equation for each level of its outcome; tidy takes one: fit the "
            "levels in pairs, or take the rows of result.summary_frame()"
        )
    ends = np.asarray(result.conf_int(alpha=1 - level), dtype=float)
    by_t = bool(getattr(result, "use_t", False))
    rest: Any = getattr(result, "df_resid_inference", None)
    rest = getattr(result, "df_resid", np.nan) if rest is None else rest
    frame = pd.DataFrame(
        {
            "term": [_term(name) for name in _names_of(result)],
            "estimate": np.asarray(result.params, dtype=float),
            "std_error": np.asarray(result.bse, dtype=float),
            "df": float(rest) if by_t else np.nan,
            "statistic": np.asarray(result.tvalues, dtype=float),
            "p_value": np.asarray(result.pvalues, dtype=float),
            "conf_low": ends[:, 0],
            "conf_high": ends[:, 1],
        }
    )
    # Variances are held in units of the residual variance, thresholds as logs of their distances.
    kept = len(result.fe_params) if hasattr(result, "fe_params") else len(frame)
    if hasattr(result.model, "transform_threshold_params"):
        kept = int(result.model.k_vars)
    return frame.loc[: kept - 1, ["term", *ESTIMATES]]


def _names_of(result: Any) -> list[object]:  # noqa: ANN401
    """Return the names of the parameters; of arrays those that statsmodels gives them."""
    if isinstance(result.params, pd.Series):
        return list(result.params.index)
    named = list(getattr(result.model, "exog_names", None) or [])
    return named if len(named) == len(result.params) else list(range(len(result.params)))


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
    if not any(_first(frame, (name,)) for names in _PINGOUIN.values() for name in names):
        raise UsageError(
            "the frame has no column of an estimate, a statistic or a p-value; expected "
            f"{', '.join(ESTIMATES)}, or a frame of pingouin"
        )
    intervals = [one for one in frame.columns if _INTERVAL.fullmatch(str(one))]
    found |= _limits(frame, intervals)
    found["df"] = _under(frame, found["df"])
    labels = {
        str(name): frame[name].astype(str)
        for name in frame.columns
        if name in _LABELS or (_in_words(frame[name]) and name not in (*intervals, *_NO_LABELS))
    }
    terms = {"term": frame.index.astype(str).to_series(index=frame.index)}
    plain = not all(isinstance(one, str) for one in frame.index)
    made = pd.DataFrame({**(labels if plain and labels else terms | labels), **found},
                        index=frame.index)  # fmt: skip
    effect = _first(frame, _EFFECTS)
    if effect is not None:
        made["effect_size"] = pd.to_numeric(frame[effect], errors="coerce")
    made = _with_middle(made, frame, bool(intervals))
    return _told_adjusted(made, frame).reset_index(drop=True)


def _in_words(column: pd.Series) -> bool:
    """Tell whether a column of a frame holds words."""
    kept = column.dropna()
    return bool(len(kept)) and any(isinstance(one, str) for one in kept)


def _limits(frame: pd.DataFrame, intervals: list[str]) -> dict[str, Any]:
    """Return the ends of intervals of any level, in a column each or as a pair in one."""
    if len(intervals) == 1:
        ends = [np.asarray(one, dtype=float).ravel() for one in frame[intervals[0]]]
        if all(len(one) == len(LIMITS) for one in ends):
            return dict(zip(LIMITS, np.transpose(ends), strict=True))
    if len(intervals) == len(LIMITS):
        levels = {name: float(_INTERVAL.fullmatch(name).group(1)) for name in intervals}  # type: ignore[union-attr]
        low, high = sorted(intervals, key=levels.__getitem__)
        if abs(levels[low] + levels[high] - 100.0) < 0.15:  # printed to a tenth
            return {"conf_low": frame[low], "conf_high": frame[high]}
    return {}


def _under(frame: pd.DataFrame, df: Any) -> Any:  # noqa: ANN401
    """Return the degrees of freedom under an F where a row of its own holds them."""
    if "DF" not in frame.columns or "DF2" in frame.columns or "Source" not in frame.columns:
        return df
    own = frame.loc[frame["Source"].isin(_RESIDUAL), "DF"]
    return float(own.iloc[0]) if len(own) == 1 else np.nan


def _told_adjusted(made: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Say of adjusted p-values that they are, and how where the frame names it."""
    held = _first(frame, ("p_value", *_PINGOUIN["p_value"]))
    if held not in _ADJUSTED:
        return made
    named = frame.get("p_adjust", frame.get("p-adjust", pd.Series("", index=frame.index)))
    how = named.fillna("").astype(str) if held not in _ADJUSTED[2:] else "Tukey"
    told = "p_value: adjusted for several comparisons (" + how + ")"
    return made.assign(note=told)


def _with_middle(made: pd.DataFrame, frame: pd.DataFrame, pair: bool) -> pd.DataFrame:
    """Fill in the difference of a t test where nothing but its two-sided interval is printed."""
    two_sided = (
        frame.get("alternative", pd.Series("", index=frame.index)).astype(str) == "two-sided"
    )
    by_t = any(name in frame.columns for name in ("T", "t"))
    if not pair or not by_t or made["estimate"].notna().any() or not two_sided.all():
        return made
    middle = (made["conf_low"] + made["conf_high"]) / 2
    note = "estimate: the middle of the printed interval, which is rounded"
    return made.assign(estimate=middle, note=note)


def _first(frame: pd.DataFrame, names: tuple[str, ...] | Mapping[str, object]) -> str | None:
    """Return the first of the columns that a frame has."""
    return next((name for name in names if name in frame.columns), None)
