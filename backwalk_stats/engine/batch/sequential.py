"""Designs in which every effect goes by visit: small tables, and REML without iteration.

Such a design splits: each row is x_is = z_i' A_s, the same c columns z_i of a participant at every
visit s, with coefficients of their own. In the basis of the z the coefficients of visit s are
beta_s, and everything that the likelihood needs of a pattern is the cross products of [z y]: sum
x_is x_it' is sum z z' wherever two visits meet, so X'WX = sum_k W_k (x) S_k. This holds whatever
the covariance and whoever missed what.

With an unstructured covariance of one group and monotone drop-out the optimum itself is known. Let
V be written through the regressions of each visit on the ones before,

    y_s = z' gamma_s + sum_t<s phi_st y_t + e_s,  var e_s = d_s,  gamma_s = beta_s - sum phi beta_t,

which is one to one in (beta, V), with Jacobian 1 from beta to gamma. Where everybody seen at s was
seen at all earlier visits, the likelihood is the product of these regressions (Anderson, J Am Stat
Assoc 1957;52:200; Little and Rubin, Statistical Analysis with Missing Data, section 7.4), each
among the n_s people seen at s, and |X'WX| = prod |S_s| / d_s^c. So

    -2 log L (REML) = sum_s [(n_s - c) log d_s + RSS_s / d_s + log |S_s|] + constant,

least where (gamma_s, phi_s) are least squares of y_s on z and the earlier visits and
d_s = RSS_s / (n_s - c); for ML d_s = RSS_s / n_s. V follows visit by visit. It exists when n_s > c
+ s - 1 at each visit s = 1 .. m and no column depends on the others. The derivatives there are
taken as everywhere else: what was found counts only when the gradient vanishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.engine.batch.tables import (
    BatchPlan,
    Tables,
    cholesky_where_positive,
    pack,
    unpack,
)
from backwalk_stats.engine.mixed.covariance import Unstructured
from backwalk_stats.engine.mixed.marginal import Marginal, VisitCovariance
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray

# Singular values below this share of the largest are zero.
RANK = 1e-8
# How far z_i' A_s may be from a row, as a share of the largest entry of its column.
SAME = 1e-10


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitTables:
    """Sufficient statistics of b replicates of a split design: as `Tables`, but smaller.

    Attributes
    ----------
    held : array, shape (b, K, H)
        Cross products of [z y], c + M columns, packed; y is 0 at visits that a pattern misses.
    size : array, shape (b, K)
        Participants of each pattern.
    mask : array of bool, shape (K, M)
        Which visits each pattern has.
    """

    held: FloatArray
    size: FloatArray
    mask: np.ndarray

    @property
    def n_obs(self) -> FloatArray:
        """Return the rows of each replicate, shape (b,)."""
        return np.asarray((self.size[:, None] @ self.mask.sum(axis=1).astype(float))[:, 0])

    @property
    def columns(self) -> int:
        """Return c, the columns of z."""
        both = int((np.sqrt(8 * self.held.shape[2] + 1) - 1) / 2)
        return both - int(self.mask.shape[1])

    @property
    def products(self) -> FloatArray:
        """Return the cross products of all columns of [X y], as in `Tables`."""
        place, weight = _places(self.columns, self.mask.shape[1])
        a, b = np.tril_indices(self.mask.shape[1])
        both = self.mask[:, a] & self.mask[:, b]
        return np.asarray(self.held[:, :, place] * (weight * both[:, :, None]))

    def of(self, chosen: np.ndarray) -> SplitTables:
        """Return the statistics of some replicates, by number or mask."""
        return replace(self, held=self.held[chosen], size=self.size[chosen])

    def turned(self, ways: FloatArray) -> Tables:
        """Return the statistics of other columns, sums of these: X times `ways`, (M c, p)."""
        columns = self.columns * self.mask.shape[1]
        whole = np.zeros((columns + 1, ways.shape[1] + 1))
        whole[:-1, :-1], whole[-1, -1] = ways, 1.0
        products = pack(whole.T @ unpack(self.products, columns + 1) @ whole)
        return Tables(products=products, size=self.size, n_obs=self.n_obs)

    def patterns_of(self, index: int, like: Patterns) -> Patterns:
        """Return one replicate as the patterns that `fit.maximise` takes."""
        one = self.of(np.array([index]))
        whole = Tables(products=one.products, size=one.size, n_obs=one.n_obs)
        return whole.patterns_of(0, like)

    def seen(self) -> FloatArray:
        """Return the cross products of [z y] of those seen at each visit, (b, M, c + M, c + M)."""
        sums = np.zeros((len(self.held), self.mask.shape[1], self.held.shape[2]))
        for k, visits in enumerate(self.mask):
            sums[:, visits] += self.held[:, None, k]
        return unpack(sums, self.columns + self.mask.shape[1])


def _places(c: int, slots: int) -> tuple[np.ndarray, FloatArray]:
    """Return where each entry of `Tables.products` stands in the packed [z y], and how often.

    Both of shape (T, C). Coefficient (s, alpha) is number s c + alpha and has a column in slot s
    alone; y has one in every slot.
    """
    p = slots * c
    u, v = np.tril_indices(p + 1)
    a, b = (one[:, None] for one in np.tril_indices(slots))
    place = np.zeros((len(a), len(u)), dtype=np.intp)
    weight = np.zeros(place.shape)
    for first, other in ((a, b), (b, a)):
        left, right = (np.where(w == p, c + slot, w % c) for w, slot in ((u, first), (v, other)))
        here = ((u == p) | (u // c == first)) & ((v == p) | (v // c == other))
        high, low = np.maximum(left, right), np.minimum(left, right)
        place = np.where(here, high * (high + 1) // 2 + low, place)
        weight += here * np.where((first == other), 0.5, 1.0)
    return place, weight


# The split of a plan, and its tables.


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitPlan:
    """A plan in the basis of the z of a split design; `split_of` makes it.

    Attributes
    ----------
    plan : BatchPlan
        Its `basis` and `combinations` are those of the coefficients of z, visit after visit.
    z : array, shape (n, c)
    reading : array, shape (M, p, c)
        z of a participant is a row at visit s, in the caller's coefficients, times this.
    largest : array, shape (p,)
        The largest size in each column of the caller's design.
    """

    plan: BatchPlan
    z: FloatArray
    reading: FloatArray
    largest: FloatArray

    def _by_pattern(self) -> list[np.ndarray]:
        member = self.plan.patterns.member
        return [np.flatnonzero(member == k) for k in range(len(self.plan.patterns.size))]

    def _tables(self, held: list[FloatArray], size: FloatArray) -> SplitTables:
        return SplitTables(held=np.stack(held, axis=1), size=size, mask=self.plan.patterns.mask)

    def _sizes(self, count: int) -> FloatArray:
        return np.repeat(self.plan.patterns.size[None], count, axis=0)

    def _columns(self, y: FloatArray) -> FloatArray:
        """Return [z y] of each participant, shape (n, c + M)."""
        return np.concatenate([self.z, self.plan.in_slots(y[:, None])[..., 0]], axis=1)

    def of_counts(self, y: FloatArray, counts: FloatArray) -> SplitTables:
        """Return the statistics of data in which each participant stands so many times."""
        squares = _squares(self._columns(y))
        held, size = [], []
        for own in self._by_pattern():
            weight = np.ascontiguousarray(counts[:, own].astype(float))
            held.append((weight[:, None] @ squares[own])[:, 0])
            size.append(weight.sum(axis=1))
        return self._tables(held, np.stack(size, axis=1))

    def without(self, y: FloatArray, left_out: np.ndarray, whole: SplitTables) -> SplitTables:
        """Return the statistics of data without one participant each, by number, shape (b,)."""
        kind, each = self.plan.patterns.member[left_out], np.arange(len(left_out))
        held = np.repeat(whole.held, len(each), axis=0)
        size = np.repeat(whole.size, len(each), axis=0)
        visits = self.plan.in_slots(y[:, None], left_out)[..., 0]
        held[each, kind] -= _squares(np.concatenate([self.z[left_out], visits], axis=1))
        size[each, kind] -= 1.0
        # Where nobody is left the sums are zero, not what rounding leaves of them.
        held[size == 0.0] = 0.0
        return replace(whole, held=held, size=size)

    def of_responses(self, responses: FloatArray) -> SplitTables:
        """Return the statistics of new responses of the same rows, shape (b, N)."""
        y = self.plan.in_slots(responses[..., None])[..., 0]
        z = np.broadcast_to(self.z, (len(y), *self.z.shape))
        return self._of_columns(np.concatenate([z, y], axis=2))

    def of_designs(self, y: FloatArray, z: FloatArray) -> SplitTables:
        """Return the statistics of y with other columns z, shape (b, n, c)."""
        visits = self.plan.in_slots(y[:, None])[..., 0]
        column = np.broadcast_to(visits, (len(z), *visits.shape))
        return self._of_columns(np.concatenate([z, column], axis=2))

    def _of_columns(self, columns: FloatArray) -> SplitTables:
        parts = [columns[:, own] for own in self._by_pattern()]
        held = [pack(np.swapaxes(one, 1, 2) @ one) for one in parts]
        return self._tables(held, self._sizes(len(columns)))

    def columns_of(self, designs: FloatArray) -> tuple[FloatArray, np.ndarray]:
        """Return z of other designs of the same columns, (b, N, p), and which of them split so."""
        rows = self.plan.patterns.rows
        seen = rows >= 0
        first = seen.argmax(axis=1)
        z = np.empty((len(designs), len(rows), self.z.shape[1]))
        for slot, reading in enumerate(self.reading):
            own = first == slot
            z[:, own] = designs[:, rows[own, slot]] @ reading
        splits = np.ones(len(designs), dtype=bool)
        allowed = SAME * self.largest
        for slot, block in enumerate(_blocks(self.plan.basis, self.z.shape[1])):
            own = seen[:, slot]
            away = np.abs(z[:, own] @ block - designs[:, rows[own, slot]])
            splits &= (away <= allowed).all(axis=(1, 2))
        return z, splits


def _squares(columns: FloatArray) -> FloatArray:
    """Return the packed products of each participant's columns with each other, (n, H)."""
    u, v = np.tril_indices(columns.shape[1])
    return np.asarray(columns[:, u] * columns[:, v])


def _blocks(basis: FloatArray, c: int) -> FloatArray:
    """Return the rows of a basis of z, (p, p), visit after visit, shape (M, c, p)."""
    return basis.reshape(-1, c, basis.shape[1])


def split_of(plan: BatchPlan) -> SplitPlan | None:
    """Return the split of a plan, or None where its design has an effect that is not by visit.

    A design of p columns splits when p = M c and z_i' A_s gives every row: c is the rank of the
    rows of the visit that most people have, and z is an orthonormal basis of these. Covariates that
    change from visit to visit, effects of all visits in common and visits whose designs differ are
    refused, as is a visit that too few people share with that one to tell A_s.
    """
    held, seen = plan.in_slots(plan.q), plan.patterns.rows >= 0
    (n, slots), p = seen.shape, plan.patterns.rank
    most = int(seen.sum(axis=0).argmax())
    left, values, right = np.linalg.svd(held[seen[:, most], most], full_matrices=False)
    c = int((values > RANK * values[0]).sum())
    if slots * c != p:
        return None
    z, ways = np.zeros((n, c)), np.zeros((slots, c, p))
    z[seen[:, most]], ways[most] = left[:, :c], values[:c, None] * right[:c]
    for slot in range(slots):
        if slot != most:
            both = seen[:, slot] & seen[:, most]
            ways[slot], _, rank, _ = np.linalg.lstsq(z[both], held[both, slot], rcond=RANK)
            if rank < c:
                return None
    b = ways.reshape(p, p)
    spread = np.linalg.svd(b, compute_uv=False)
    if spread[-1] <= RANK * spread[0]:
        return None
    back = np.linalg.pinv(ways)
    for slot in range(slots):
        own = seen[:, slot] & ~seen[:, most] & ~seen[:, :slot].any(axis=1)
        z[own] = held[own, slot] @ back[slot]
    away = np.abs(np.einsum("ia,sap->isp", z, ways) - held).max(axis=2)
    if (away[seen] > SAME * np.abs(plan.q).max()).any():
        return None
    combinations = np.asarray(np.linalg.solve(b.T, plan.combinations.T).T, dtype=float)
    return SplitPlan(
        plan=replace(plan, basis=b @ plan.basis, combinations=combinations),
        z=z,
        reading=np.linalg.solve(plan.basis, back),
        largest=np.abs(plan.q @ plan.basis).max(axis=0),
    )


# The optimum of an unstructured covariance under monotone drop-out.


def monotone(mask: np.ndarray) -> np.ndarray:
    """Tell which patterns, (K, M), miss no visit before one that they have, shape (K,).

    >>> monotone(np.array([[True, True], [True, False], [False, True]])).tolist()
    [True, True, False]
    """
    return np.asarray((mask[:, 1:] <= mask[:, :-1]).all(axis=1))


def has_closed_form(marginal: Marginal) -> bool:
    """Tell whether all participants share one unstructured covariance, without case weights."""
    return (
        isinstance(marginal, VisitCovariance)
        and len(marginal.structures) == 1
        and isinstance(marginal.structures[0], Unstructured)
        and bool((marginal.scale == 1.0).all())
    )


def closed_form(
    tables: SplitTables, reml: bool, columns: Sequence[int] | None = None
) -> FloatArray:
    """Return the (co)variances of visits by regression on earlier visits, shape (b, q).

    `columns`: how many of the first columns of z each visit has, never fewer than the one before:
    all, unless told. Then the sum holds with c_s columns at visit s. NaN where somebody missed a
    visit in between, or a regression has no remainder.
    """
    visits, whole = tables.mask.shape[1], tables.columns
    squares = tables.seen()
    people = tables.size @ tables.mask.astype(float)
    sigma = np.zeros((len(squares), visits, visits))
    exists = (tables.size[:, ~monotone(tables.mask)] == 0.0).all(axis=1)
    for s, c in enumerate(columns or [whole] * visits):
        at = np.concatenate([np.arange(c), whole + np.arange(s + 1)])
        root, positive = cholesky_where_positive(squares[:, s, at[:, None], at])
        free = people[:, s] - (c if reml else 0)
        exists &= positive & (people[:, s] > c + s)
        d = root[:, -1, -1] ** 2 / np.where(exists, free, 1.0)
        upper = np.swapaxes(root[:, c : c + s, c : c + s], 1, 2)
        slope = np.linalg.solve(upper, root[:, -1, c : c + s, None])[..., 0]
        row = (slope[:, None] @ sigma[:, :s, :s])[:, 0]
        sigma[:, s, :s] = sigma[:, :s, s] = row
        sigma[:, s, s] = d + (row[:, None] @ slope[..., None])[:, 0, 0]
    return np.where(exists[:, None], pack(sigma), np.nan)
