"""What can be chosen at the door: strings become a method here, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backwalk_stats.engine.mixed import dof
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.robust import robust_covariance
from backwalk_stats.engine.numbers import FloatArray, require_level
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.formula.rows import Coded

METHODS = ("reml", "ml")
DF = ("satterthwaite", "kenward-roger", "kenward-roger-linear", "between-within", "residual")
INFORMATION = ("observed", "expected")
VCOV = ("model", "robust-cr0", "robust-cr2", "robust-cr3")
MOST = 10_000_000  # replicates, imputations, ...: more would not end


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the choices."""
    if not isinstance(value, str) or value not in choices:
        raise UsageError(f"{name} is {_told(value)}; it is one of {', '.join(choices)}")


def check_level(level: float) -> None:
    """Refuse a confidence level that is no number between 0 and 1."""
    require_level(level)


def check_seed(seed: object) -> None:
    """Refuse a seed with which a call could not be repeated: anything but 0, 1, 2, ...

    Examples
    --------
    >>> check_seed(20)
    """
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise UsageError(
            f"seed is {_told(seed)}; expected a whole number of 0 or more, so that the same call "
            "gives the same numbers"
        )


def check_count(name: str, value: object, *, least: int) -> None:
    """Refuse a number of replicates, ... that is no whole number from `least` to `MOST`.

    Examples
    --------
    >>> check_count("imputations", 20, least=2)
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise UsageError(f"{name} is {_told(value)}; expected a whole number of {least} or more")
    if value > MOST:
        raise UsageError(f"{name} is {_told(value)}; expected {MOST} at most")


def check_yes_no(name: str, value: object) -> None:
    """Refuse an answer that is neither True nor False: text such as "False" would be a yes.

    Examples
    --------
    >>> check_yes_no("covariance_by_arm", False)
    """
    if not isinstance(value, bool | np.bool_):
        raise UsageError(f"{name} is {_told(value)}; expected True or False")


def check_numbers(name: str, values: Sequence[float]) -> FloatArray:
    """Return one or more finite numbers as an array, shape (k,), or refuse them."""
    try:
        held = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        held = np.empty(0)
    if held.ndim != 1 or not len(held) or not np.isfinite(held).all():
        raise UsageError(f"{name} are one or more finite numbers, as in {name}=[0.0, 1.0]")
    return held


def _told(value: object) -> str:
    """Return a value of a choice as a message shows it."""
    try:
        return printable(repr(value), 40)
    except ValueError:  # Python prints no whole number of thousands of digits
        return "too long to print"


def check_inference(*, method: str, df: str, information: str, vcov: str) -> None:
    """Refuse choices that do not exist or do not go together."""
    check_choice("method", method, METHODS)
    check_choice("df", df, DF)
    check_choice("information", information, INFORMATION)
    check_choice("vcov", vcov, VCOV)
    if df.startswith("kenward-roger") and method != "reml":
        raise UsageError(f"{df} needs method='reml'")
    if df.startswith("kenward-roger") and vcov != "model":
        raise UsageError(f"{df} brings its own covariance; vcov is 'model' with it")


def df_method(fit: Fit, coded: Coded, *, df: str, information: str, vcov: str) -> dof.DfMethod:
    """Return the method of covariance and degrees of freedom that was asked for.

    `fit`: a maximised likelihood in the basis of `coded`. `coded`: outcome and design. `df`,
    `information`, `vcov`: as in `mmrm`, already checked.
    """
    if df.startswith("kenward-roger"):
        return dof.KenwardRoger(
            fit, linear=df.endswith("linear"), expected=information == "expected"
        )
    if df == "between-within":
        chosen: dof.DfMethod = dof.BetweenWithin(
            fit, between_within_df(fit, x=coded.x, names=coded.design.names), coded.r
        )
    elif df == "residual":
        chosen = dof.Residual(fit)
    else:
        chosen = dof.Satterthwaite(fit)
    if vcov == "model":
        return chosen
    robust = robust_covariance(fit, y=coded.y, x=coded.q, kind=vcov.removeprefix("robust-"))
    if df == "satterthwaite":
        return dof.RobustSatterthwaite(robust)
    return dof.WithCovariance(chosen, robust.covariance)


def between_within_df(fit: Fit, *, x: FloatArray, names: Sequence[str]) -> FloatArray:
    """Return the df of each coefficient by the between-within rule, shape (p,).

    A coefficient whose column is constant within every participant is between: n - (between and
    intercept); others, and the intercept, within: N - n - (within).
    """
    patterns = fit.likelihood.patterns
    held = patterns.rows >= 0
    values = np.where(held[:, :, None], x[patterns.rows], np.nan)
    span = np.nanmax(values, axis=1) - np.nanmin(values, axis=1)
    intercept = np.array([name == "(Intercept)" for name in names])
    between = (span == 0).all(axis=0) & ~intercept
    within = ~between & ~intercept
    n, rows = patterns.n_participants, patterns.n_obs
    df_between = n - between.sum() - intercept.sum()
    df_within = rows - n - within.sum()
    return np.asarray(np.where(between, df_between, df_within), dtype=float)
