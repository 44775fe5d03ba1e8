"""The compiled twin of `likelihood.evaluate`: the same formulas as plain loops.

With numba installed (the extra `fast`) each loop is compiled at its first use and kept on disk;
without it the module still imports, and `batch` uses the numpy version. Both give the same numbers
to about 1e-12. Everything is summed in one fixed order, and the interpreter is free meanwhile, so
threads can share the work without changing a byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from importlib.util import find_spec
from typing import Any, TypeVar, cast

import numpy as np

from backwalk_stats.engine.batch.likelihood import Evaluations, Variances
from backwalk_stats.engine.batch.sequential import SplitTables
from backwalk_stats.engine.batch.tables import Tables, unpack
from backwalk_stats.engine.numbers import FloatArray

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Return a function that is compiled at its first use, or as it is without numba.

    Where no folder can be written in which it could be kept, it is compiled anew in each run.
    """
    if find_spec("numba") is None:
        return loop
    from numba import njit

    try:
        return cast(Loop, njit(cache=True, nogil=True, error_model="numpy")(loop))
    except RuntimeError:
        return cast(Loop, njit(cache=False, nogil=True, error_model="numpy")(loop))


@compiled
def inverse_of(full: FloatArray, inverse: FloatArray) -> float:
    """Write the inverse of a positive definite matrix; return log |matrix|, or NaN."""
    m, log_det = full.shape[0], 0.0
    lower, half = np.zeros((m, m)), np.zeros((m, m))
    for a in range(m):
        for b in range(a + 1):
            rest = full[a, b]
            for c in range(b):
                rest -= lower[a, c] * lower[b, c]
            if a > b:
                lower[a, b] = rest / lower[b, b]
            elif rest > 0.0 and rest < np.inf:
                lower[a, a] = np.sqrt(rest)
                log_det += np.log(rest)
            else:
                return float(np.nan)
    for a in range(m):
        half[a, a] = 1.0 / lower[a, a]
        for c in range(a):
            add(-lower[a, c] * half[a, a], half[c, : c + 1], half[a, : c + 1])
    inverse[:] = 0.0
    for c in range(m):
        for a in range(c + 1):
            add(half[c, a], half[c, : c + 1], inverse[a, : c + 1])
    return log_det


@compiled
def product(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    """Write left @ right; zeros of left cost nothing."""
    columns = right.shape[1]
    for a in range(left.shape[0]):
        for b in range(columns):
            out[a, b] = 0.0
        for c in range(left.shape[1]):
            weight = left[a, c]
            if weight != 0.0:
                for b in range(columns):
                    out[a, b] += weight * right[c, b]


@compiled
def add(weight: float, row: FloatArray, out: FloatArray) -> None:
    """Add a multiple of a row to another."""
    if weight != 0.0:
        for at in range(row.shape[0]):
            out[at] += weight * row[at]


@compiled
def dot(left: FloatArray, right: FloatArray) -> float:
    """Return a sum of products, as four sums side by side."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = left.shape[0] - left.shape[0] % 4
    for at in range(0, whole, 4):
        one += left[at] * right[at]
        two += left[at + 1] * right[at + 1]
        three += left[at + 2] * right[at + 2]
        four += left[at + 3] * right[at + 3]
    for at in range(whole, left.shape[0]):
        one += left[at] * right[at]
    return (one + two) + (three + four)


@compiled
def unpacked(packed: FloatArray, out: FloatArray) -> None:
    """Write a symmetric matrix from its lower triangle."""
    row = 0
    for a in range(out.shape[0]):
        for b in range(a + 1):
            out[a, b] = packed[row]
            out[b, a] = packed[row]
            row += 1


def evaluate(
    tables: Tables | SplitTables, variances: Variances, mask: np.ndarray, reml: bool
) -> Evaluations:
    """Return the likelihood of each replicate and its derivatives, as `likelihood.evaluate`."""
    if isinstance(tables, SplitTables):
        split, p = True, tables.columns * mask.shape[1]
        products = unpack(tables.held, tables.columns + mask.shape[1])
    else:
        b, _, _, packed_columns = tables.products.shape
        split, p = False, int((np.sqrt(8 * packed_columns + 1) - 1) / 2) - 1
        # One axis more, so that both kinds of tables are arrays of one shape to the compiler.
        products = tables.products.reshape(b, 1, -1, packed_columns)
    b, q = len(tables.size), variances.first.shape[1]
    second = variances.second
    found = Evaluations(
        deviance=np.empty(b),
        valid=np.zeros(b, dtype=np.bool_),
        beta=np.zeros((b, p)),
        phi=np.zeros((b, p, p)),
        gradient=np.zeros((b, q)),
        hessian=np.zeros((b, q, q)),
        expected=np.zeros((b, q, q)),
        f=np.zeros((b, q, p, p + 1)),
    )
    _evaluate_all(
        split,
        np.ascontiguousarray(products),
        tables.size,
        tables.n_obs,
        np.ascontiguousarray(variances.v),
        np.ascontiguousarray(variances.first),
        np.zeros((1, 0, 0, 1, 1, 1)) if second is None else np.ascontiguousarray(second),
        mask,
        reml,
        *(getattr(found, one.name) for one in fields(found)),
    )
    return replace(found, f=np.ascontiguousarray(found.f[..., :p]))


@compiled
def _evaluate_all(
    split: bool,
    products: FloatArray,
    size: FloatArray,
    n_obs: FloatArray,
    v: FloatArray,
    first: FloatArray,
    second: FloatArray,
    mask: np.ndarray,
    reml: bool,
    deviance: FloatArray,
    valid: np.ndarray,
    beta: FloatArray,
    phi: FloatArray,
    gradient: FloatArray,
    hessian: FloatArray,
    expected: FloatArray,
    f: FloatArray,
) -> None:
    """Write the likelihood and its derivatives of each replicate."""
    for i in range(products.shape[0]):
        own = first[min(i, first.shape[0] - 1)]
        bent = second[min(i, second.shape[0] - 1)]
        w = np.zeros(v.shape[1:])
        valid[i], deviance[i] = _point(
            split, products[i], size[i], n_obs[i], v[i], mask, reml, w, beta[i], phi[i]
        )
        if valid[i]:
            excess = _by_pattern(
                split, products[i], size[i], own, reml, w, beta[i], phi[i], hessian[i],
                expected[i], f[i],
            )  # fmt: skip
            _by_coefficient(reml, beta[i], phi[i], f[i], hessian[i], expected[i])
            for j in range(first.shape[1]):
                gradient[i, j] = dot(own[j].ravel(), excess.ravel())
                for m in range(bent.shape[0]):
                    hessian[i, j, m] += dot(bent[j, m].ravel(), excess.ravel())


@compiled
def _point(
    split: bool,
    products: FloatArray,
    size: FloatArray,
    n_obs: float,
    v: FloatArray,
    mask: np.ndarray,
    reml: bool,
    w: FloatArray,
    beta: FloatArray,
    phi: FloatArray,
) -> tuple[bool, float]:
    """Write W, beta and Phi; return whether there are any, and -2 log L."""
    p, total = beta.shape[0], 0.0
    for k in range(v.shape[0]):
        log_det = inverse_of(v[k], w[k])
        if np.isnan(log_det):
            return False, np.nan
        total += size[k] * log_det
        for a in range(v.shape[1]):
            if not mask[k, a]:
                w[k, a, a] = 0.0
    square = np.zeros((1, p + 1, p + 1))
    _crossed(split, products, w.reshape(1, *w.shape), square)
    rest, log_det = _solved(square[0], beta, phi)
    total += rest + (n_obs - (p if reml else 0)) * np.log(2.0 * np.pi)
    total += log_det if reml else 0.0
    return np.isfinite(total), total


@compiled
def _solved(square: FloatArray, beta: FloatArray, phi: FloatArray) -> tuple[float, float]:
    """Write beta and Phi from [X y]'W[X y]; return r'Wr and log |X'WX|, NaN where singular."""
    p = beta.shape[0]
    log_det = inverse_of(square[:p, :p], phi)
    if np.isnan(log_det):
        return np.nan, np.nan
    rest = float(square[p, p])
    for a in range(p):
        beta[a] = dot(phi[a], square[p, :p])
        rest -= beta[a] * square[p, a]
    return rest, log_det


@compiled
def _by_pattern(
    split: bool,
    products: FloatArray,
    size: FloatArray,
    first: FloatArray,
    reml: bool,
    w: FloatArray,
    beta: FloatArray,
    phi: FloatArray,
    hessian: FloatArray,
    expected: FloatArray,
    f: FloatArray,
) -> FloatArray:
    """Write what patterns add up to: f, and the traces in both Hessians; return the excess."""
    q, slots, p = first.shape[0], w.shape[1], beta.shape[0]
    shape = (q, w.shape[0], slots, slots)
    spread = (
        _spread_by_visit(products, beta, phi, slots)
        if split
        else _spread(products, beta, phi, slots)
    )
    excess, wvw, inner = np.zeros(w.shape), np.zeros(shape), np.zeros((2, slots, slots))
    turned, left, right = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    half = np.zeros((slots, slots))
    for k in range(w.shape[0]):
        for which in range(2):
            product(w[k], spread[k, which], half)
            product(half, w[k], inner[which])
        if not reml:
            inner[0] = 0.0
        excess[k] = size[k] * w[k] - inner[0] - inner[1]
        middle = size[k] * w[k] - 2.0 * inner[0]
        for j in range(q):
            # V_j, mostly zeros, stands on the left. Turned: tr(A B) is the sum of A times B'.
            product(first[j, k], w[k], half)
            for a in range(slots):
                for b in range(slots):
                    turned[j, k, b, a] = half[a, b]
            product(turned[j, k], w[k], wvw[j, k])
            product(first[j, k], middle, left[j, k])
            product(first[j, k], inner[1], right[j, k])
    expected[:] = np.dot(turned.reshape(q, -1), left.reshape(q, -1).T)
    hessian[:] = 2.0 * np.dot(turned.reshape(q, -1), right.reshape(q, -1).T) - expected
    whole = np.zeros((q, p + 1, p + 1))
    _crossed(split, products, wvw, whole)
    f[:] = whole[:, :p]
    return excess


@compiled
def _crossed(split: bool, products: FloatArray, weights: FloatArray, out: FloatArray) -> None:
    """Write the sums of [X y]'w[X y] over patterns for r weights w, shape (r, K, M, M)."""
    if split:
        _crossed_by_visit(products, weights, out)
        return
    count, kinds, slots = weights.shape[:3]
    packed, row = np.zeros((count, products.shape[1])), 0
    for k in range(kinds):
        for a in range(slots):
            for b in range(a + 1):
                for j in range(count):
                    packed[j, row] = weights[j, k, a, b]
                row += 1
    summed = np.dot(packed, products[0])
    for j in range(count):
        unpacked(summed[j], out[j])


@compiled
def _crossed_by_visit(held: FloatArray, weights: FloatArray, out: FloatArray) -> None:
    """Write sums of [X y]'w[X y] over patterns, X'wX being w (x) S, from [z y] of each pattern."""
    (count, kinds, slots), p = weights.shape[:3], out.shape[1] - 1
    c = p // slots
    turned = np.zeros((count, slots, slots, kinds))
    for j in range(count):
        for k in range(kinds):
            for a in range(slots):
                for b in range(slots):
                    turned[j, a, b, k] = weights[j, k, a, b]
    size = c + slots
    summed = np.dot(turned.reshape(-1, kinds), held.reshape(kinds, -1))
    summed = summed.reshape(count, slots, slots, size, size)
    for j in range(count):
        for a in range(slots):
            for b in range(slots):
                own = summed[j, a, b]
                out[j, p, p] += own[c + a, c + b]
                for one in range(c):
                    out[j, a * c + one, p] += own[one, c + b]
                    for other in range(c):
                        out[j, a * c + one, b * c + other] = own[one, other]
        for a in range(p):
            out[j, p, a] = out[j, a, p]


@compiled
def _spread_by_visit(held: FloatArray, beta: FloatArray, phi: FloatArray, slots: int) -> FloatArray:
    """Return the sums of X Phi X' and of r r' over each pattern, shape (K, 2, M, M)."""
    kinds, c = held.shape[0], beta.shape[0] // slots
    out, half = np.zeros((kinds, 2, slots, slots)), np.zeros((slots, c + slots))
    for k in range(kinds):
        own = held[k]
        for a in range(slots):
            half[a] = own[c + a]
            for one in range(c):
                add(-beta[a * c + one], own[one], half[a])
        for a in range(slots):
            for b in range(a + 1):
                both, rest = 0.0, half[a, c + b]
                for one in range(c):
                    rest -= half[a, one] * beta[b * c + one]
                    both += dot(phi[a * c + one, b * c : (b + 1) * c], own[one, :c])
                out[k, 0, a, b] = out[k, 0, b, a] = both
                out[k, 1, a, b] = out[k, 1, b, a] = rest
    return out


@compiled
def _squares(beta: FloatArray, phi: FloatArray) -> FloatArray:
    """Return Phi and r r' of the residual (-beta, 1), packed, entries off the diagonal twice."""
    p = beta.shape[0]
    both = np.zeros(((p + 1) * (p + 2) // 2, 2))
    row = 0
    for a in range(p + 1):
        left = -beta[a] if a < p else 1.0
        for b in range(a + 1):
            right = -beta[b] if b < p else 1.0
            twice = 1.0 if a == b else 2.0
            both[row, 1] = twice * left * right
            if a < p:
                both[row, 0] = twice * phi[a, b]
            row += 1
    return both


@compiled
def _spread(products: FloatArray, beta: FloatArray, phi: FloatArray, slots: int) -> FloatArray:
    """Return the sums of X Phi X' and of r r' over each pattern, shape (K, 2, M, M)."""
    sums, row = np.dot(products[0], _squares(beta, phi)), 0
    out = np.zeros((sums.shape[0] * 2 // (slots * (slots + 1)), 2, slots, slots))
    for k in range(out.shape[0]):
        for a in range(slots):
            for b in range(a + 1):
                share = 1.0 if a == b else 0.5
                for which in range(2):
                    out[k, which, a, b] = share * sums[row, which]
                    out[k, which, b, a] = share * sums[row, which]
                row += 1
    return out


@compiled
def _by_coefficient(
    reml: bool,
    beta: FloatArray,
    phi: FloatArray,
    f: FloatArray,
    hessian: FloatArray,
    expected: FloatArray,
) -> None:
    """Add what goes through the fixed effects: tr(Phi F_j Phi F_l) and the pull of the residual."""
    q, p = f.shape[0], beta.shape[0]
    fr, extra = np.zeros((q, p)), np.zeros((q, q))
    for j in range(q):
        for a in range(p):
            fr[j, a] = f[j, a, p] - dot(f[j, a, :p], beta)
    if reml:
        loaded, turned = np.zeros((q, p, p)), np.zeros((q, p, p))
        for j in range(q):
            np.dot(phi, np.ascontiguousarray(f[j, :, :p]), loaded[j])
            turned[j] = loaded[j].T
        extra = np.dot(loaded.reshape(q, p * p), turned.reshape(q, p * p).T)
    pull = np.dot(np.dot(fr, phi), fr.T)
    for j in range(q):
        for m in range(j + 1):
            bent = 0.5 * (hessian[j, m] + hessian[m, j]) - extra[j, m] - 2.0 * pull[j, m]
            even = 0.5 * (expected[j, m] + expected[m, j]) + extra[j, m]
            hessian[j, m] = hessian[m, j] = bent
            expected[j, m] = expected[m, j] = even
