"""A slow, plain mixed model: the whole N x N matrix V, and derivatives by differences.

It shares no line with the package. Structures are written entry by entry from their definitions;
derivatives are central differences, extrapolated (Richardson) so that they are good to about 1e-8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import fractional_matrix_power

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Data:
    """Rows of a trial; `z` only with random effects, `group` per participant."""

    y: Array
    x: Array
    participant: Array
    slot: Array
    slots: int
    group: Array | None = None
    weights: Array | None = None
    z: Array | None = None
    times: tuple[float, ...] = ()


def sigma(name: str, theta: Array, m: int, times: tuple[float, ...] = ()) -> Array:
    """Return Sigma of m visits, entry by entry, in SAS's parameters (variances first)."""
    out = np.zeros((m, m))
    if name == "us":
        at = 0
        for a in range(m):
            for b in range(a + 1):
                out[a, b] = out[b, a] = theta[at]
                at += 1
        return out
    heterogeneous = name in ("csh", "ar1h", "toeph", "adh")
    for a in range(m):
        for b in range(m):
            lag = abs(a - b)
            if name == "cs":
                out[a, b] = theta[0] + (theta[1] if a == b else 0.0)
                continue
            if name == "toep":
                out[a, b] = theta[lag]
                continue
            rho = theta[m:] if heterogeneous else theta[1:]
            variance = theta[:m] if heterogeneous else np.full(m, theta[0])
            if name == "csh":
                r = rho[0] if lag else 1.0
            elif name in ("ar1", "ar1h"):
                r = rho[0] ** lag
            elif name == "toeph":
                r = rho[lag - 1] if lag else 1.0
            elif name in ("ad", "adh"):
                r = 1.0
                for k in range(min(a, b), max(a, b)):
                    r *= rho[k]
            elif name in ("sp_exp", "sp_pow"):
                r = rho[0] ** abs(times[a] - times[b])
            elif name == "sp_gau":
                r = rho[0] ** (times[a] - times[b]) ** 2
            else:
                raise AssertionError(name)
            out[a, b] = np.sqrt(variance[a] * variance[b]) * r
    return out


def visit_v(name: str, data: Data) -> Callable[[Array], Array]:
    """Return theta -> V for repeated visits, one structure a group."""
    groups = 1 if data.group is None else int(data.group.max()) + 1

    kind = np.zeros(len(data.y), int) if data.group is None else data.group[data.participant]
    same = data.participant[:, None] == data.participant[None, :]
    weights = np.ones(len(data.y)) if data.weights is None else data.weights

    def v(theta: Array) -> Array:
        parts = [sigma(name, part, data.slots, data.times) for part in np.split(theta, groups)]
        entries = np.array(parts)[kind[:, None], data.slot[:, None], data.slot[None, :]]
        return np.where(same, entries, 0.0) / np.sqrt(np.outer(weights, weights))

    return v


def random_v(data: Data, *, correlated: bool) -> Callable[[Array], Array]:
    """Return theta -> V = Z G Z' + sigma2 / weight, G by its lower triangle or diagonal."""
    assert data.z is not None
    z, width = data.z, data.z.shape[1]
    same = data.participant[:, None] == data.participant[None, :]
    noise = np.ones(len(data.y)) if data.weights is None else 1.0 / data.weights

    def v(theta: Array) -> Array:
        g = sigma("us", theta[:-1], width) if correlated else np.diag(theta[:-1])
        return np.where(same, z @ g @ z.T, 0.0) + np.diag(theta[-1] * noise)

    return v


def romberg(rough: Callable[[float], Array], size: float) -> Array:
    """Return the limit of a difference quotient with an error in even powers of the step."""
    one, two, four = (np.asarray(rough(size / k)) for k in (1.0, 2.0, 4.0))
    first, second = (4.0 * two - one) / 3.0, (4.0 * four - two) / 3.0
    return np.asarray((16.0 * second - first) / 15.0)


def slope(f: Callable[[Array], Array], at: Array, j: int, size: float) -> Array:
    """Return df / d theta_j."""
    e = np.eye(len(at))[j]
    return romberg(lambda h: (f(at + h * e) - f(at - h * e)) / (2.0 * h), size)


def bend(f: Callable[[Array], Array], at: Array, j: int, k: int, sizes: Array) -> Array:
    """Return d2f / d theta_j d theta_k."""
    e, d = np.eye(len(at))[j] * sizes[j], np.eye(len(at))[k] * sizes[k]

    def rough(h: float) -> Array:
        if j == k:
            total = f(at + h * e) - 2.0 * f(at) + f(at - h * e)
            return np.asarray(total / (h * h * sizes[j] ** 2))
        total = f(at + h * e + h * d) - f(at + h * e - h * d)
        total = total - f(at - h * e + h * d) + f(at - h * e - h * d)
        return np.asarray(total / (4.0 * h * h * sizes[j] * sizes[k]))

    return romberg(rough, 1.0)


@dataclass(frozen=True, kw_only=True)
class Dense:
    """A model at given parameters, from dense matrices."""

    data: Data
    v: Callable[[Array], Array]
    theta: Array
    reml: bool = True

    def phi(self, theta: Array) -> Array:
        """Return (X'V^-1 X)^-1."""
        x = self.data.x
        return np.linalg.inv(x.T @ np.linalg.solve(self.v(theta), x))

    @property
    def beta(self) -> Array:
        """Return the generalised least squares estimate."""
        x, w = self.data.x, np.linalg.inv(self.v(self.theta))
        return np.linalg.solve(x.T @ w @ x, x.T @ w @ self.data.y)

    def deviance(self, theta: Array) -> float:
        """Return -2 log L."""
        y, x, v = self.data.y, self.data.x, self.v(theta)
        w = np.linalg.inv(v)
        information = x.T @ w @ x
        rest = y - x @ np.linalg.solve(information, x.T @ w @ y)
        count = len(y) - (x.shape[1] if self.reml else 0)
        out = np.linalg.slogdet(v)[1] + rest @ w @ rest + count * np.log(2.0 * np.pi)
        return float(out + (np.linalg.slogdet(information)[1] if self.reml else 0.0))

    @property
    def sizes(self) -> Array:
        """Return steps: a twentieth of each parameter's standard error, the others known."""
        rough = [slope(self.v, self.theta, j, 1e-4) for j in range(len(self.theta))]
        w = np.linalg.inv(self.v(self.theta))
        return np.array([0.05 / np.sqrt(0.5 * np.trace(w @ one @ w @ one)) for one in rough])

    def first(self) -> list[Array]:
        """Return dV / d theta."""
        sizes = self.sizes
        return [slope(self.v, self.theta, j, sizes[j]) for j in range(len(self.theta))]

    def gradient(self) -> Array:
        """Return d(-2 log L) / d theta."""
        sizes, q = self.sizes, len(self.theta)
        return np.array([slope(self.deviance, self.theta, j, sizes[j]) for j in range(q)])  # type: ignore[arg-type]

    def hessian(self) -> Array:
        """Return the observed d2(-2 log L) / d theta d theta."""
        sizes, q = self.sizes, len(self.theta)
        out = np.zeros((q, q))
        for j in range(q):
            for k in range(j + 1):
                out[j, k] = out[k, j] = bend(self.deviance, self.theta, j, k, sizes)  # type: ignore[arg-type]
        return out

    def expected(self) -> Array:
        """Return the expected Hessian: tr(P V_j P V_k), of W instead of P for ML."""
        x, w = self.data.x, np.linalg.inv(self.v(self.theta))
        p = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w if self.reml else w
        first = self.first()
        return np.array([[np.trace(p @ a @ p @ b) for b in first] for a in first])

    def theta_covariance(self, *, expected: bool = False) -> Array:
        """Return twice the inverse of the Hessian."""
        return 2.0 * np.linalg.inv(self.expected() if expected else self.hessian())

    def satterthwaite(self, row: Array, c: Array) -> float:
        """Return 2 v^2 / (g'Cg), g the differences of v = l Phi l'."""
        sizes = self.sizes

        def variance(theta: Array) -> Array:
            return row @ self.phi(theta) @ row

        g = np.array([slope(variance, self.theta, j, sizes[j]) for j in range(len(self.theta))])
        return float(2.0 * variance(self.theta) ** 2 / (g @ c @ g))

    def kenward_roger(self, c: Array, *, linear: bool = False) -> tuple[Array, list[Array]]:
        """Return Phi_A and the P_i of Kenward and Roger (1997), summed as the paper prints it."""
        x, w, phi, q = self.data.x, np.linalg.inv(self.v(self.theta)), None, len(self.theta)
        phi = np.linalg.inv(x.T @ w @ x)
        first, sizes = self.first(), self.sizes
        p = [-x.T @ w @ one @ w @ x for one in first]
        total = np.zeros_like(phi)
        for i in range(q):
            for j in range(q):
                part = x.T @ w @ first[i] @ w @ first[j] @ w @ x - p[i] @ phi @ p[j]
                if not linear:
                    second = bend(self.v, self.theta, i, j, sizes)
                    part = part - 0.25 * x.T @ w @ second @ w @ x
                total += c[i, j] * part
        return phi + 2.0 * phi @ total @ phi, p

    def kenward_roger_f(self, rows: Array, c: Array, p: list[Array]) -> tuple[float, float]:
        """Return m and lambda of the paper's F for the rows of L', shape (l, p)."""
        phi, width = self.phi(self.theta), len(rows)
        middle = rows.T @ np.linalg.inv(rows @ phi @ rows.T) @ rows
        a1 = a2 = 0.0
        for i, one in enumerate(p):
            for j, two in enumerate(p):
                left, right = middle @ phi @ one @ phi, middle @ phi @ two @ phi
                a1 += c[i, j] * np.trace(left) * np.trace(right)
                a2 += c[i, j] * np.trace(left @ right)
        if width == 1:
            return 2.0 / a2, 1.0
        b = (a1 + 6.0 * a2) / (2.0 * width)
        g = ((width + 1.0) * a1 - (width + 4.0) * a2) / ((width + 2.0) * a2)
        d = 3.0 * width + 2.0 * (1.0 - g)
        c1, c2, c3 = g / d, (width - g) / d, (width + 2.0 - g) / d
        e = 1.0 / (1.0 - a2 / width)
        v = (2.0 / width) * (1.0 + c1 * b) / ((1.0 - c2 * b) ** 2 * (1.0 - c3 * b))
        rho = v / (2.0 * e**2)
        m = 4.0 + (width + 2.0) / (width * rho - 1.0)
        return m, m / (e * (m - 2.0))

    def robust(self, power: float) -> tuple[Array, Callable[[Array], float]]:
        """Return the cluster-robust covariance and the df of a combination.

        Bell and McCaffrey's own form: W_i (I - H_ii)^-power r_i with the principal root of a
        matrix that is not symmetric, H = X (X'WX)^-1 X'W; df from (I - H) V (I - H)'.
        """
        x, v = self.data.x, self.v(self.theta)
        w, n = np.linalg.inv(v), len(self.data.y)
        phi = np.linalg.inv(x.T @ w @ x)
        h = x @ phi @ x.T @ w
        rest = self.data.y - x @ self.beta
        meat, arms = np.zeros_like(phi), []
        for one in np.unique(self.data.participant):
            at = np.flatnonzero(self.data.participant == one)
            free = np.eye(len(at)) - h[np.ix_(at, at)]
            a = np.eye(len(at)) if power == 0.0 else fractional_matrix_power(free, -power).real
            arm = x[at].T @ w[np.ix_(at, at)] @ a
            meat += np.outer(arm @ rest[at], arm @ rest[at])
            arms.append((at, arm))
        spread = (np.eye(n) - h) @ v @ (np.eye(n) - h).T

        def df(row: Array) -> float:
            loads = np.zeros((len(arms), n))
            for i, (at, arm) in enumerate(arms):
                loads[i, at] = row @ phi @ arm
            form = loads @ spread @ loads.T
            return float(np.trace(form) ** 2 / np.trace(form @ form))

        return phi @ meat @ phi, df


def simulated(
    seed: int,
    *,
    n: int = 14,
    m: int = 3,
    missing: float = 0.2,
    weighted: bool = False,
    grouped: bool = False,
    effects: int = 0,
    uneven: bool = False,
) -> Data:
    """Return a trial of two arms with visit means, one covariate, and missing visits.

    Every arm x visit cell keeps at least three rows.
    """
    rng = np.random.default_rng(seed)
    times = tuple(np.cumsum(rng.uniform(0.5, 2.0, m)).tolist()) if uneven else tuple(range(m))
    level, slopes = rng.normal(0, 1.5, n), rng.normal(0, 0.6, n)
    participant, slot = np.divmod(np.arange(n * m), m)
    keep = (rng.random(n * m) > missing) | (slot == 0) | (participant < 6)
    participant, slot = participant[keep], slot[keep]
    arm, age = np.arange(n) % 2, rng.normal(0, 1, n)
    at = np.array(times)[slot]
    spread = np.array([1.0 + 0.3 * k for k in range(m)])[slot]
    y = 10 + level[participant] + slopes[participant] * at + spread * rng.normal(size=len(slot))
    y = y + 0.8 * arm[participant] * at + 0.5 * age[participant]
    visits = [(slot == k).astype(float) for k in range(1, m)]
    x = np.column_stack([np.ones(len(y)), arm[participant], age[participant], *visits])
    return Data(
        y=y,
        x=x,
        participant=participant,
        slot=slot,
        slots=m,
        group=arm if grouped else None,
        weights=rng.uniform(0.5, 2.0, len(y)) if weighted else None,
        z=np.column_stack([np.ones(len(y)), at])[:, :effects] if effects else None,
        times=times,
    )
