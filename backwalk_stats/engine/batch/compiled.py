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
from backwalk_stats.engine.batch.tables import Tables
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


def evaluate(tables: Tables, variances: Variances, mask: np.ndarray, reml: bool) -> Evaluations:
    """Return the likelihood of each replicate and its derivatives, as `likelihood.evaluate`."""
    b, _, _, packed_columns = tables.products.shape
    p, q = int((np.sqrt(8 * packed_columns + 1) - 1) / 2) - 1, variances.first.shape[1]
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
        tables.products.reshape(b, -1, packed_columns),
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
            products[i], size[i], n_obs[i], v[i], mask, reml, w, beta[i], phi[i]
        )
        if valid[i]:
            excess = _by_pattern(
                products[i], size[i], own, reml, w, beta[i], phi[i], hessian[i], expected[i], f[i]
            )
            _by_coefficient(reml, beta[i], phi[i], f[i], hessian[i], expected[i])
            for j in range(first.shape[1]):
                gradient[i, j] = dot(own[j].ravel(), excess.ravel())
                for m in range(bent.shape[0]):
                    hessian[i, j, m] += dot(bent[j, m].ravel(), excess.ravel())


@compiled
def _point(
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
    p, row, total = beta.shape[0], 0, 0.0
    packed = np.zeros(products.shape[0])
    for k in range(v.shape[0]):
        log_det = inverse_of(v[k], w[k])
        if np.isnan(log_det):
            return False, np.nan
        total += size[k] * log_det
        for a in range(v.shape[1]):
            if not mask[k, a]:
                w[k, a, a] = 0.0
            for b in range(a + 1):
                packed[row] = w[k, a, b]
                row += 1
    square = np.zeros((p + 1, p + 1))
    unpacked(np.dot(packed, products), square)
    log_det = inverse_of(square[:p, :p], phi)
    if np.isnan(log_det):
        return False, np.nan
    rest = square[p, p]
    for a in range(p):
        beta[a] = dot(phi[a], square[p, :p])
        rest -= beta[a] * square[p, a]
    total += rest + (n_obs - (p if reml else 0)) * np.log(2.0 * np.pi)
    total += log_det if reml else 0.0
    return np.isfinite(total), total


@compiled
def _by_pattern(
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
    spread = np.dot(products, _squares(beta, phi))
    packed, excess = np.zeros((q, products.shape[0])), np.zeros(w.shape)
    inner, wvw = np.zeros((2, slots, slots)), np.zeros((slots, slots))
    vw, left, right = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    pairs = slots * (slots + 1) // 2
    for k in range(w.shape[0]):
        _sandwiches(spread[k * pairs : (k + 1) * pairs], w[k], inner)
        if not reml:
            inner[0] = 0.0
        excess[k] = size[k] * w[k] - inner[0] - inner[1]
        middle = size[k] * w[k] - 2.0 * inner[0]
        for j in range(q):
            product(first[j, k], w[k], vw[j, k])
            product(w[k], vw[j, k], wvw)
            # Turned: tr(A B) is the sum of A times B'.
            product(middle, first[j, k], left[j, k])
            product(inner[1], first[j, k], right[j, k])
            row = k * pairs
            for a in range(slots):
                for b in range(a + 1):
                    packed[j, row] = wvw[a, b]
                    row += 1
    expected[:] = np.dot(vw.reshape(q, -1), left.reshape(q, -1).T)
    hessian[:] = 2.0 * np.dot(vw.reshape(q, -1), right.reshape(q, -1).T) - expected
    summed, whole = np.dot(packed, products), np.zeros((p + 1, p + 1))
    for j in range(q):
        unpacked(summed[j], whole)
        f[j] = whole[:p]
    return excess


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
def _sandwiches(sums: FloatArray, w: FloatArray, inner: FloatArray) -> None:
    """Write W E W for both packed sums E, shape (T, 2)."""
    slots, row = w.shape[0], 0
    spread, half = np.zeros((2, slots, slots)), np.zeros((slots, slots))
    for a in range(slots):
        for b in range(a + 1):
            share = 1.0 if a == b else 0.5
            for which in range(2):
                spread[which, a, b] = share * sums[row, which]
                spread[which, b, a] = share * sums[row, which]
            row += 1
    for which in range(2):
        product(w, spread[which], half)
        product(half, w, inner[which])


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
