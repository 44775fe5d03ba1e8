"""How many participants a planned trial of two arms needs, or what power it has, in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import floor
from numbers import Real

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.correlation import Exchangeable, autoregressive
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.summary import sample_size as formulas
from backwalk_stats.errors import NotEstimable, UsageError, nearest, printable
from backwalk_stats.models.fit.choices import check_count, check_numbers

Numbers = Mapping[str, object]
# What each number may be: above or from the first, below or up to the second.
RANGES: dict[str, tuple[str, Callable[[float], bool]]] = {
    "difference": ("a finite number", lambda value: True),
    "sd": ("a number above 0", lambda value: value > 0.0),
    "correlation": ("a number between -1 and 1", lambda value: -1.0 < value < 1.0),
    "margin": ("a number above 0", lambda value: value > 0.0),
    "p_arm": ("a proportion between 0 and 1", lambda value: 0.0 < value < 1.0),
    "p_reference": ("a proportion between 0 and 1", lambda value: 0.0 < value < 1.0),
    "icc": ("a number from 0 to 1", lambda value: 0.0 <= value <= 1.0),
    "cluster_size": ("a number of 1 or more", lambda value: value >= 1.0),
    "cv": ("a number of 0 or more", lambda value: value >= 0.0),
    "dropout": ("a share from 0 to below 1", lambda value: 0.0 <= value < 1.0),
    "alpha": ("a number between 0 and 1, such as 0.05", lambda value: 0.0 < value < 1.0),
    "target_power": ("a number between 0 and 1, such as 0.8", lambda value: 0.0 < value < 1.0),
}
NORMAL = "normal scores, the same SD in both arms"
ALL_STAY = "no drop-out declared: per_arm is the number analysed"
LEAVES = "drop-out completely at random: per_arm x (1 - dropout), rounded down, are analysed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one number of participants an arm gives: power, df, how many of both arms are seen."""

    power: float
    df: float
    analysed: float
    more: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """A model with its numbers: what n an arm gives, which n there are, what is assumed.

    `least`: smallest n an arm with a test. `step`: n is a multiple of it. `test`: in words.
    `within_reach`: whether the power rises to 1 with n.
    """

    at: Callable[[int], Answer]
    test: str
    within_reach: bool
    notes: tuple[str, ...]
    least: int = 2
    step: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """A closed form: the numbers it asks for, its name and paper, and its design.

    The design effect alone has no design.
    """

    needs: tuple[str, ...]
    may: tuple[str, ...]
    formula: str
    source: str
    design: Callable[[Numbers, float], Design] | None


def sample_size(
    model: str,
    per_arm: int | None = None,
    target_power: float | None = None,
    alpha: float = 0.05,
    **numbers: object,
) -> pd.DataFrame:
    """Return the power of a planned trial of two equal arms, or the smallest n that reaches one.

    Give `per_arm` for the power, or `target_power` for the smallest whole number in each arm, found
    by the exact power of the formula. No SD, correlation, ICC or drop-out has a default.

    Parameters
    ----------
    model : str
        "two-sample", "ancova", "mmrm", "proportions", "cluster", "equivalence", or "design-effect"
        (neither `per_arm` nor `target_power`).
    per_arm : int, optional
        Participants randomised to each arm; for "cluster" a multiple of `cluster_size`.
    target_power : float, optional
        Above `alpha`, below 1.
    alpha : float
        Two-sided; with `margin` the test is one-sided at alpha/2; for "equivalence" it is the level
        of each of the two one-sided tests, as in `equivalence`.
    **numbers
        What the model asks for. All but proportions and design-effect: `difference` (arm minus
        reference, in the unit of the score; its sign matters only with a margin) and `sd`.
        ancova: `correlation` of baseline and outcome. mmrm: `sd` of each visit, baseline first;
        `correlation`, one number (every pair), "ar1:0.7" (0.7 to the power of the distance in
        visits) or a matrix; `dropout_arm` and `dropout_reference`, the share missing from each
        visit on, 0 at baseline. proportions: `p_arm`, `p_reference`. cluster: `icc`,
        `cluster_size`, and `cv` (SD of the sizes over their mean) where sizes differ.
        design-effect: `icc`, `cluster_size`, `cv`. equivalence: `margin`, of -margin to margin.
        Any but equivalence may have `margin` (non-inferiority; higher is worse; the null
        hypothesis is a difference of `margin` or more); any but mmrm, and cluster, `dropout`, the
        share of both arms that is not analysed.

    Returns
    -------
    DataFrame
        One row: model, per_arm, power, alpha, target_power (empty where none was given), test,
        df (empty for a normal test), analysed (expected, both arms), the numbers (lists and
        matrices as text), for clusters also clusters (each arm) and design_effect; formula, source,
        notes (what is assumed).

    Raises
    ------
    UsageError
        If the model does not exist, a number is missing, unknown or impossible, or if not exactly
        one of `per_arm` and `target_power` is given.
    NotEstimable
        If an arm is too small for the test, or no number of participants reaches the power.

    References
    ----------
    Cohen 1988; Shieh, Psychometrika 2020;85:101; Lu, Luo and Chen, Int J Biostat 2008;4(1):9;
    Donner, Birkett and Buck, Am J Epidemiol 1981;114:906. Others: docs/methods/sample_size.md.

    Examples
    --------
    >>> found = sample_size("two-sample", target_power=0.8, difference=1.4, sd=2.1)
    >>> found.round(4)[["per_arm", "power", "df"]]
       per_arm   power    df
    0       37  0.8076  72.0
    >>> planned = {"sd": [1.8, 2.0, 2.1], "correlation": 0.6}
    >>> stay = {"dropout_arm": [0, 0.1, 0.2], "dropout_reference": [0, 0.05, 0.1]}
    >>> found = sample_size("mmrm", per_arm=30, difference=1.4, **planned, **stay)
    >>> found.round(4)[["per_arm", "power", "analysed"]]
       per_arm   power  analysed
    0       30  0.8257      51.0
    """
    method = _method(model)
    level = _real("alpha", alpha)
    used = _declared(model, method, numbers)
    if method.design is None:
        return _effect_alone(method, used, per_arm, target_power)
    if (per_arm is None) == (target_power is None):
        raise UsageError(
            "give per_arm (for the power) or target_power (for the smallest number in each arm), "
            f"one of the two; {'neither' if per_arm is None else 'both'} was given"
        )
    design = method.design(used, level)
    if per_arm is None:
        target = _real("target_power", target_power)
        count = _smallest(design, target, level)
    else:
        target, count = np.nan, _count(per_arm, design)
    answer = design.at(count)
    row = {
        "model": model,
        "per_arm": count,
        "power": answer.power,
        "alpha": level,
        "target_power": target,
        "test": design.test,
        "df": answer.df,
        "analysed": answer.analysed,
        **{name: _shown(value) for name, value in used.items()},
        **answer.more,
        "formula": method.formula,
        "source": method.source,
        "notes": "; ".join(design.notes),
    }
    return pd.DataFrame([row])


def _effect_alone(
    method: Method, used: Numbers, per_arm: object, target_power: object
) -> pd.DataFrame:
    if per_arm is not None or target_power is not None:
        raise UsageError("a design effect has neither per_arm nor target_power: leave both out")
    row = {"model": "design-effect", "per_arm": np.nan, "power": np.nan, "alpha": np.nan}
    row |= {name: _shown(value) for name, value in used.items()}
    row |= {"design_effect": _effect(used), "formula": method.formula, "source": method.source}
    return pd.DataFrame([row | {"notes": "a factor of the variance; it has no power"}])


# What was declared, and whether it can be.


def _method(model: object) -> Method:
    if not isinstance(model, str) or model not in METHODS:
        told = printable(repr(model), 40)
        advice = nearest(model, METHODS) if isinstance(model, str) else ""
        expected = advice or f"There are: {', '.join(METHODS)}"
        raise UsageError(f"no closed form for the model {told}. {expected}")
    return METHODS[model]


def _declared(model: str, method: Method, numbers: Numbers) -> dict[str, object]:
    """Return the numbers in the order of the method, each checked."""
    known = (*method.needs, *method.may)
    unknown = [name for name in numbers if name not in known]
    if unknown:
        raise UsageError(
            f"{model} takes no {printable(unknown[0])!r}. It asks for {', '.join(method.needs)}"
            + (f"; it may have {', '.join(method.may)}" if method.may else "")
        )
    absent = [name for name in method.needs if numbers.get(name) is None]
    if absent:
        raise UsageError(
            f"{model} needs {', '.join(absent)}: nothing is assumed in its place; declare it, "
            f"as in bw.sample_size({model!r}, ..., {absent[0]}=...)"
        )
    given = {name: numbers[name] for name in known if numbers.get(name) is not None}
    lists = model == "mmrm"
    return {
        name: value if lists and name not in ("difference", "margin") else _real(name, value)
        for name, value in given.items()
    }


def _real(name: str, value: object) -> float:
    expected, holds = RANGES[name]
    yes_no = isinstance(value, bool | np.bool_)
    number = float(value) if isinstance(value, Real) and not yes_no else np.nan
    if not (np.isfinite(number) and holds(number)):
        raise UsageError(f"{name} is {printable(repr(value), 40)}; expected {expected}")
    return number


def _count(per_arm: int, design: Design) -> int:
    check_count("per_arm", per_arm, least=1)
    count = int(per_arm)
    if count % design.step:
        near = count // design.step * design.step
        choices = f"{near} or {near + design.step}" if near else f"{design.step}"
        raise UsageError(
            f"per_arm is {count}; expected whole clusters of {design.step}, such as {choices}"
        )
    if count < design.least:
        raise NotEstimable(f"per_arm is {count}: the test needs {design.least} or more in each arm")
    return count


def _smallest(design: Design, target: float, level: float) -> int:
    if target <= level:
        raise NotEstimable(
            f"target_power is {target:g}: a power no larger than alpha ({level:g}) needs no trial"
        )
    if not design.within_reach:
        raise NotEstimable(
            "no number of participants reaches this power: the true difference is that of the "
            "null hypothesis, or on the wrong side of the margin"
        )
    steps = formulas.smallest(
        lambda count: design.at(count * design.step).power,
        target=target,
        least=-(-design.least // design.step),
    )
    return steps * design.step


def _shown(value: object) -> object:
    """Return a number as it is; a list as its numbers, a matrix row by row."""
    if isinstance(value, str | float):
        return value
    held = np.asarray(value, dtype=float)
    if held.ndim == 0:
        return float(held)
    return "; ".join(", ".join(f"{one!r}" for one in row) for row in np.atleast_2d(held).tolist())


# One design a model.


def _optional(used: Numbers, name: str) -> float | None:
    value = used.get(name)
    return None if value is None else _real(name, value)


def _seen(count: float, dropout: float | None) -> int:
    """Return how many of an arm are analysed; a share in binary may fall short by a hair."""
    return floor(count * (1.0 - (dropout or 0.0)) + 1e-9)


def _least(dropout: float | None) -> int:
    return formulas.smallest(lambda count: _seen(count, dropout) >= 2, target=1.0, least=2)


def _stay(dropout: float | None) -> str:
    return ALL_STAY if dropout is None else LEAVES


def _comparison(used: Numbers, alpha: float) -> tuple[formulas.Comparison, str, bool]:
    """Return the comparison, its test in words, and whether participants can decide it."""
    difference, margin = _real("difference", used["difference"]), _optional(used, "margin")
    one = formulas.Comparison(difference=difference, level=alpha, margin=margin)
    if margin is None:
        return one, f"two-sided at {alpha:g}", difference != 0.0
    words = f"non-inferiority, one-sided at {alpha / 2.0:g}, higher is worse"
    return one, words, difference < margin


def _of_two_arms(
    power: Callable[..., float], used: Numbers, *, test: str, within_reach: bool, fewer_df: int
) -> Design:
    """Return a design with one measurement of everybody who stays."""
    dropout = _optional(used, "dropout")

    def at(count: int) -> Answer:
        seen = _seen(count, dropout)
        return Answer(power=power(n=seen), df=2.0 * seen - fewer_df, analysed=2.0 * seen)

    return Design(
        at=at,
        test=test,
        within_reach=within_reach,
        notes=(NORMAL, _stay(dropout)),
        least=_least(dropout),
    )


def _two_sample(used: Numbers, alpha: float) -> Design:
    one, test, within_reach = _comparison(used, alpha)
    power = partial(formulas.two_sample, one, sd=_real("sd", used["sd"]))
    return _of_two_arms(power, used, test=test, within_reach=within_reach, fewer_df=2)


def _ancova(used: Numbers, alpha: float) -> Design:
    one, test, within_reach = _comparison(used, alpha)
    sd, correlation = _real("sd", used["sd"]), _real("correlation", used["correlation"])
    power = partial(formulas.ancova, one, sd=sd, correlation=correlation)
    return _of_two_arms(power, used, test=test, within_reach=within_reach, fewer_df=3)


def _equivalence(used: Numbers, alpha: float) -> Design:
    difference, margin, sd = (_real(name, used[name]) for name in ("difference", "margin", "sd"))
    if alpha >= 0.5:
        raise UsageError(f"alpha is {alpha:g}; expected a number below 0.5 for each of two tests")
    power = partial(formulas.equivalence, difference=difference, margin=margin, level=alpha, sd=sd)
    test = f"two one-sided tests, each at {alpha:g}"
    reach = abs(difference) < margin
    return _of_two_arms(power, used, test=test, within_reach=reach, fewer_df=2)


def _proportions(used: Numbers, alpha: float) -> Design:
    p_arm, p_reference = (_real(name, used[name]) for name in ("p_arm", "p_reference"))
    margin, dropout = _optional(used, "margin"), _optional(used, "dropout")
    shares = {"p_arm": p_arm, "p_reference": p_reference, "level": alpha}
    notes = ["normal approximation: that of Fisher's exact test is lower", _stay(dropout)]
    power: Callable[..., float]
    if margin is None:
        power, test = partial(formulas.proportions, **shares), f"two-sided at {alpha:g}"
        reach = p_arm != p_reference
        notes.append("the tail of the wrong direction is left out: alpha/2 without a difference")
    else:
        power = partial(formulas.proportions_within, margin=margin, **shares)
        test = f"non-inferiority, one-sided at {alpha / 2.0:g}, higher is worse"
        reach = p_arm - p_reference < margin

    def at(count: int) -> Answer:
        seen = _seen(count, dropout)
        return Answer(power=power(n=seen), df=np.nan, analysed=2.0 * seen)

    return Design(
        at=at,
        test=test,
        within_reach=reach,
        notes=tuple(notes),
        least=_least(dropout),
    )


def _effect(used: Numbers, dropout: float = 0.0) -> float:
    size, icc = _real("cluster_size", used["cluster_size"]), _real("icc", used["icc"])
    cv = _optional(used, "cv") or 0.0
    return formulas.design_effect(cluster_size=size * (1.0 - dropout), icc=icc, cv=cv)


def _cluster(used: Numbers, alpha: float) -> Design:
    one, test, within_reach = _comparison(used, alpha)
    sd, size = _real("sd", used["sd"]), _real("cluster_size", used["cluster_size"])
    if not size.is_integer():
        raise UsageError(f"cluster_size is {size:g}; expected a whole number of participants")
    dropout = _optional(used, "dropout")
    stay = size * (1.0 - (dropout or 0.0))
    if stay < 1.0:
        raise NotEstimable("fewer than one participant of a cluster is expected to stay")
    effect = _effect(used, dropout or 0.0)

    def at(count: int) -> Answer:
        k = count // int(size)
        power = formulas.clusters(one, per_arm=k, cluster_size=stay, sd=sd, effect=effect)
        more = {"clusters": k, "design_effect": effect}
        return Answer(power=power, df=2.0 * k - 2.0, analysed=2.0 * k * stay, more=more)

    sizes = "clusters of equal size" if "cv" not in used else "an approximation: sizes differ"
    left = ALL_STAY if dropout is None else f"each cluster shrinks to {stay:g} analysed"
    return Design(
        at=at,
        test=test,
        within_reach=within_reach,
        notes=(NORMAL, sizes, left),
        least=2 * int(size),
        step=int(size),
    )


def _mmrm(used: Numbers, alpha: float) -> Design:
    one, test, within_reach = _comparison(used, alpha)
    covariance = _covariance(used["sd"], used["correlation"])
    shares = [
        _dropout(name, used[name], len(covariance)) for name in ("dropout_arm", "dropout_reference")
    ]
    variance = sum(
        formulas.variance_of_last_mean(covariance=covariance, dropout=share) for share in shares
    )
    stay = float(2.0 - shares[0][-1] - shares[1][-1])

    def at(count: int) -> Answer:
        completers = count * stay
        power = formulas.mmrm(one, n=count, variance=variance, completers=completers)
        return Answer(power=power, df=completers - 3.0, analysed=completers)

    return Design(
        at=at,
        test=test,
        within_reach=within_reach,
        notes=(
            "normal scores, the same covariance in both arms, unstructured in the model",
            "baseline a covariate at each visit; the difference is that at the last visit",
            "drop-out monotone and completely at random, in the shares declared",
            "an approximation, held to simulations of 13 to 60 an arm with up to 30 % missing",
        ),
        # c - 4 above 0, and with it the df
        least=max(2, floor(4.0 / stay + 1e-9) + 1),
    )


def _covariance(sd: object, correlation: object) -> FloatArray:
    """Return the covariance of one person's scores, baseline first, shape (m + 1, m + 1)."""
    spread = _list("sd", sd)
    if len(spread) < 2 or not (spread > 0.0).all():
        raise UsageError("sd of mmrm are numbers above 0, of baseline and one or more visits")
    matrix = _correlations(correlation, len(spread))
    symmetric = np.allclose(matrix, matrix.T, rtol=0.0, atol=1e-9)
    if not symmetric or not np.allclose(np.diagonal(matrix), 1.0, rtol=0.0, atol=1e-9):
        raise UsageError("correlation is not symmetric with ones in its diagonal")
    if np.linalg.eigvalsh(matrix)[0] <= 1e-10:
        raise UsageError("correlation is not positive definite: no scores have these correlations")
    return np.asarray(matrix * np.outer(spread, spread))


def _correlations(correlation: object, visits: int) -> FloatArray:
    """Return a matrix from a number, "ar1:0.7" or a matrix."""
    if isinstance(correlation, str):
        kind, _, text = correlation.partition(":")
        try:
            rho = float(text)
        except ValueError:
            rho = np.nan
        if kind != "ar1" or not -1.0 < rho < 1.0:
            told = printable(repr(correlation), 40)
            raise UsageError(f"correlation is {told}; expected a number, a matrix or 'ar1:0.7'")
        return autoregressive(range(visits)).matrix(np.array([rho]))
    if isinstance(correlation, Real):
        return Exchangeable(visits).matrix(np.array([_real("correlation", correlation)]))
    try:
        matrix = np.asarray(correlation, dtype=float)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape != (visits, visits) or not np.isfinite(matrix).all():
        raise UsageError(
            f"correlation of {visits} visits (baseline among them) is a number, 'ar1:0.7' or a "
            f"matrix of {visits} x {visits} numbers"
        )
    return matrix


def _list(name: str, values: object) -> FloatArray:
    if isinstance(values, str) or not np.iterable(values):
        raise UsageError(f"{name} of mmrm is a list of numbers, one a visit, baseline first")
    return check_numbers(name, list(values))


def _dropout(name: str, values: object, visits: int) -> FloatArray:
    share = _list(name, values)
    if len(share) != visits:
        raise UsageError(f"{name} has {len(share)} shares; expected {visits}, as many as sd")
    if share[0] != 0.0 or (np.diff(share) < 0.0).any() or share[-1] >= 1.0:
        raise UsageError(
            f"{name} is the share missing from each visit on: 0 at baseline, never falling, below 1"
        )
    return share


MEAN = ("difference", "sd")
METHODS = {
    "two-sample": Method(
        needs=MEAN,
        may=("margin", "dropout"),
        formula="noncentral t, 2 n - 2 df",
        source="Cohen 1988, ch. 2; with a margin Julious 2004, Stat Med 23:1921",
        design=_two_sample,
    ),
    "ancova": Method(
        needs=(*MEAN, "correlation"),
        may=("margin", "dropout"),
        formula="noncentral t, 2 n - 3 df, averaged over the arms' difference in baseline",
        source="Shieh 2020, Psychometrika 85:101",
        design=_ancova,
    ),
    "mmrm": Method(
        needs=(*MEAN, "correlation", "dropout_arm", "dropout_reference"),
        may=("margin",),
        formula="variance by monotone patterns x (1 + 1/(c - 4)), noncentral t, c - 3 df",
        source="Lu, Luo and Chen 2008, Int J Biostat 4(1):9; small-sample factor as for ancova",
        design=_mmrm,
    ),
    "proportions": Method(
        needs=("p_arm", "p_reference"),
        may=("margin", "dropout"),
        formula="normal; pooled variance under the null, unpooled with a margin",
        source="Fleiss 1981, ch. 3; with a margin Blackwelder 1982, Control Clin Trials 3:345",
        design=_proportions,
    ),
    "cluster": Method(
        needs=(*MEAN, "icc", "cluster_size"),
        may=("cv", "margin", "dropout"),
        formula="noncentral t of cluster means, 2 k - 2 df, variance x design effect",
        source="Donner, Birkett and Buck 1981, Am J Epidemiol 114:906; with cv Eldridge 2006",
        design=_cluster,
    ),
    "equivalence": Method(
        needs=(*MEAN, "margin"),
        may=("dropout",),
        formula="two one-sided t tests, normal probability integrated over the SD",
        source="Owen 1965, Biometrika 52:437; Phillips 1990, J Pharmacokinet Biopharm 18:137",
        design=_equivalence,
    ),
    "design-effect": Method(
        needs=("cluster_size", "icc", "cv"),
        may=(),
        formula="1 + ((cv^2 + 1) m - 1) icc",
        source="Eldridge, Ashby and Kerry 2006, Int J Epidemiol 35:1292",
        design=None,
    ),
}
