"""Contrasts of marginal means: what is compared with what, and what it is called.

Every contrast is later minus earlier in the order of the levels, unless weights of one's own say
otherwise. P-values are not adjusted for their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns import AN_ORDER, level_of
from backwalk_stats.models.design import Design
from backwalk_stats.models.marginal_means import factor_named, grid
from backwalk_stats.models.variables import Factor

METHODS = ("reference", "pairwise", "consecutive", "change")
IN_ORDER = ("consecutive", "change")
Weights = Mapping[str, Mapping[object, float] | Sequence[float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Contrasts as combinations of coefficients: rows of shape (l, p), and their label columns."""

    rows: FloatArray
    labels: dict[str, list[object]]


def compared(
    design: Design,
    factor: str,
    by: Sequence[str],
    *,
    method: str | Weights,
    reference: object,
    at: Mapping[str, float] | None,
) -> Compared:
    """Return the contrasts of a factor's marginal means, within each level of others.

    Parameters
    ----------
    design : Design
        Of the fitted model.
    factor : str
        Column of the factor whose levels are compared.
    by : sequence of str
        Columns of factors within whose levels they are compared.
    method : str or mapping
        "reference": each other level minus the reference; "pairwise": each level minus each before
        it; "consecutive": each level minus the one before it; "change": as "reference", and then
        the differences of these between the levels of the one factor in `by`; or weights of one's
        own: a name for each contrast, and a weight for each level (in order, or by level).
    reference : object
        The level to compare with; None is the first.
    at : mapping, optional
        As in `grid`.

    Raises
    ------
    UsageError
        If a factor, level or method does not exist, or weights do not sum to zero.
    """
    one = factor_named(design, factor)
    weights, names = _weights(one, method, reference)
    found = grid(design, (factor, *by), at=at)
    size = len(one.levels)
    blocks = found.rows.reshape(-1, size, found.rows.shape[1])
    rows = np.einsum("cl,blp->bcp", weights, blocks)
    labels: dict[str, list[object]] = {"contrast": [*names] * len(blocks)}
    for name in by:
        labels[name] = [label for label in found.labels[name][::size] for _ in names]
    flat = rows.reshape(-1, rows.shape[2])
    if method == "change":
        return _with_differences(design, by, flat, labels, names)
    return Compared(rows=flat, labels=labels)


def _with_differences(
    design: Design,
    by: Sequence[str],
    rows: FloatArray,
    labels: dict[str, list[object]],
    names: Sequence[str],
) -> Compared:
    """Add to the changes within each level of `by` each later level's minus the first's."""
    if len(by) != 1:
        raise UsageError("method 'change' compares between the levels of one factor: give it as by")
    one = factor_named(design, by[0])
    size = len(names)
    first = rows[:size]
    more = [rows[size * k : size * (k + 1)] - first for k in range(1, len(one.levels))]
    text = [f"{one.labels[k]} - {one.labels[0]}" for k in range(1, len(one.levels))]
    return Compared(
        rows=np.concatenate([rows, *more]),
        labels={
            "contrast": labels["contrast"] + list(names) * len(text),
            by[0]: labels[by[0]] + [label for label in text for _ in names],
        },
    )


def _weights(
    one: Factor, method: str | Weights, reference: object
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the weight of each level in each contrast, shape (c, levels), and their names."""
    if len(one.levels) < 2:
        raise UsageError(f"{one.name} has one level in the data: nothing to compare")
    if not isinstance(method, str):
        return _own_weights(one, method)
    if method not in METHODS:
        raise UsageError(f"method is {method!r}; it is one of {', '.join(METHODS)}, or weights")
    if method in IN_ORDER and not one.ordered:
        raise UsageError(
            f"{one.name}: method {method!r} needs an order, and the levels are text without one; "
            + AN_ORDER.format(one.name)
        )
    last = range(len(one.levels))
    base = 0 if reference is None else _level(one, reference)
    pairs = {
        "reference": [(later, base) for later in last if later != base],
        "change": [(later, base) for later in last if later != base],
        "pairwise": [(later, first) for later in last for first in range(later)],
        "consecutive": [(later, later - 1) for later in last if later],
    }[method]
    out = np.zeros((len(pairs), len(one.levels)))
    for index, (later, first) in enumerate(pairs):
        out[index, later], out[index, first] = 1.0, -1.0
    return out, tuple(f"{one.labels[later]} - {one.labels[first]}" for later, first in pairs)


def _own_weights(one: Factor, given: Weights) -> tuple[FloatArray, tuple[str, ...]]:
    out = np.zeros((len(given), len(one.levels)))
    for index, (name, weights) in enumerate(given.items()):
        if isinstance(weights, Mapping):
            for level, weight in weights.items():
                out[index, _level(one, level)] = weight
        elif len(weights) == len(one.levels):
            out[index] = weights
        else:
            raise UsageError(
                f"contrast {name!r}: {one.name} has {len(one.levels)} levels, found "
                f"{len(weights)} weights"
            )
        if not np.isfinite(out[index]).all() or abs(out[index].sum()) > 1e-9:
            raise UsageError(f"contrast {name!r}: the weights must sum to 0")
        if not out[index].any():
            raise UsageError(f"contrast {name!r}: every weight is 0")
    return out, tuple(given)


def _level(one: Factor, level: object) -> int:
    return level_of(one.levels, level, one.name)
