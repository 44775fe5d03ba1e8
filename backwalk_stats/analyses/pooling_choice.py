"""The choices of a meta-analysis: how studies are weighed and which interval the mean gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backwalk_stats.engine.between_study_variance import (
    tau2_dersimonian_laird,
    tau2_paule_mandel,
    tau2_reml,
)
from backwalk_stats.engine.meta import Pool, hartung_knapp, random_effects
from backwalk_stats.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """A way to weigh studies: its name at the door, its label, its estimator of tau2 (if any)."""

    name: str
    label: str
    tau2: Callable[..., float] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A way to put an interval round a random-effects mean: its name, its label, its function."""

    name: str
    label: str
    pool: Callable[..., Pool]


METHODS = (
    Method(name="common", label="common effect", tau2=None),
    Method(name="dl", label="DerSimonian-Laird", tau2=tau2_dersimonian_laird),
    Method(name="pm", label="Paule-Mandel", tau2=tau2_paule_mandel),
    Method(name="reml", label="REML", tau2=tau2_reml),
)
INTERVALS = (
    Interval(name="z", label="normal", pool=random_effects),
    Interval(name="hksj", label="Hartung-Knapp", pool=hartung_knapp),
)


def choose_pooling(*, method: str, ci: str) -> tuple[Method, Interval]:
    """Return the choices that two names, of `METHODS` and of `INTERVALS`, stand for.

    An unknown name is refused, with those there are, and so is a common effect with an interval
    that needs a variance between studies.

    Examples
    --------
    >>> method, interval = choose_pooling(method="pm", ci="z")
    >>> method.label, interval.label
    ('Paule-Mandel', 'normal')
    """
    methods = {choice.name: choice for choice in METHODS}
    intervals = {choice.name: choice for choice in INTERVALS}
    if method not in methods:
        raise UsageError(f"no method named {method!r}; there are: {', '.join(methods)}")
    if ci not in intervals:
        raise UsageError(f"no interval named {ci!r}; there are: {', '.join(intervals)}")
    chosen, interval = methods[method], intervals[ci]
    if chosen.tau2 is None and interval.pool is not random_effects:
        raise UsageError(
            f"method {method!r} has a normal interval only: ask for ci='z', or for a"
            " random-effects method (dl, pm, reml)"
        )
    return chosen, interval
