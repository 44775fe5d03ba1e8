"""The statistics behind the invented papers, by numpy and scipy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from tests.ledger.designs.paper import Redraw

Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An estimate with its standard error, interval, statistic, df and two-sided p."""

    estimate: float
    se: float
    df: float
    low: float
    high: float
    statistic: float
    p: float


def effect_of(estimate: float, se: float, df: float = np.inf, level: float = 0.95) -> Effect:
    """Return an estimate with a symmetric interval and the p against 0."""
    if not np.isfinite(se) or se <= 0:
        raise Redraw
    reach = stats.t.ppf(0.5 + level / 2, df) * se
    p = 2 * stats.t.sf(abs(estimate / se), df)
    return Effect(
        estimate=float(estimate),
        se=float(se),
        df=float(df),
        low=float(estimate - reach),
        high=float(estimate + reach),
        statistic=float(estimate / se),
        p=float(p),
    )


def ratio_of(log_estimate: float, se: float, level: float = 0.95, df: float = np.inf) -> Effect:
    """Return a ratio: interval and p on the logarithms, taken back."""
    one = effect_of(log_estimate, se, df, level)
    return Effect(
        estimate=np.exp(one.estimate),
        se=one.se,
        df=one.df,
        low=np.exp(one.low),
        high=np.exp(one.high),
        statistic=one.statistic,
        p=one.p,
    )


def student(a: np.ndarray, b: np.ndarray, level: float = 0.95) -> Effect:
    """Student's t of two samples."""
    df = len(a) + len(b) - 2
    pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df
    return effect_of(a.mean() - b.mean(), np.sqrt(pooled * (1 / len(a) + 1 / len(b))), df, level)


def welch(a: np.ndarray, b: np.ndarray, level: float = 0.95) -> Effect:
    """Welch's t of two samples."""
    va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return effect_of(a.mean() - b.mean(), np.sqrt(va + vb), df, level)


def regressed(columns: list[np.ndarray], y: np.ndarray, place: int = 0) -> Effect:
    """Return one coefficient of a least-squares regression with an intercept."""
    design = np.column_stack([*columns, np.ones(len(y))])
    cross = np.linalg.inv(design.T @ design)
    beta = cross @ design.T @ y
    df = len(y) - design.shape[1]
    spread = ((y - design @ beta) ** 2).sum() / df
    return effect_of(beta[place], np.sqrt(spread * cross[place, place]), df)


def log_odds(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """Log odds ratio of a / b against c / d, and Woolf's standard error."""
    if min(a, b, c, d) < 1:
        raise Redraw
    return float(np.log(a * d / (b * c))), float(np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))


def logistic(columns: list[np.ndarray], y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return coefficients (intercept last), their covariance and the log-likelihood."""
    design = np.column_stack([*columns, np.ones(len(y))])
    beta = np.zeros(design.shape[1])
    for _ in range(40):
        mu = special.expit(design @ beta)
        info = design.T @ (design * (mu * (1 - mu))[:, None])
        if np.linalg.cond(info) > 1e10:
            raise Redraw
        step = np.linalg.solve(info, design.T @ (y - mu))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    if np.abs(beta[:-1]).max(initial=0) > 5:
        raise Redraw
    linear = design @ beta
    likelihood = float((y * linear - np.logaddexp(0, linear)).sum())
    return beta, np.linalg.inv(info), likelihood


def profile_limits(events: tuple[int, int], sizes: tuple[int, int]) -> tuple[float, float]:
    """Profile-likelihood limits of the log odds ratio of a 2 x 2 table (two-sided, 95 %)."""
    (a, c), (n1, n2) = events, sizes
    top, se = log_odds(a, n1 - a, c, n2 - c)

    def least_loss(theta: float) -> float:
        def score(base: float) -> float:
            return float(a + c - n1 * special.expit(base + theta) - n2 * special.expit(base))

        base = optimize.brentq(score, -30, 30)
        return float(
            a * theta
            + (a + c) * base
            - n1 * np.logaddexp(0, base + theta)
            - n2 * np.logaddexp(0, base)
        )

    best = least_loss(top)

    def beyond(theta: float) -> float:
        return 2 * (best - least_loss(theta)) - stats.chi2.ppf(0.95, 1)

    low = optimize.brentq(beyond, top - 12 * se, top)
    return float(low), float(optimize.brentq(beyond, top, top + 12 * se))


def cox(time: np.ndarray, event: np.ndarray, arm: np.ndarray) -> tuple[float, float, float]:
    """Return log hazard ratio, its SE and the log-rank p; times without ties."""
    order = np.argsort(time)
    event, arm = event[order], arm[order]
    ones, all_ = arm[::-1].cumsum()[::-1], np.arange(len(arm), 0, -1)

    def expected(beta: float) -> np.ndarray:
        return ones * np.exp(beta) / (ones * np.exp(beta) + all_ - ones)

    beta = 0.0
    for _ in range(50):
        share = expected(beta)[event]
        info = (share * (1 - share)).sum()
        if info < 1e-6 or abs(beta) > 4:
            raise Redraw
        step = (arm[event] - share).sum() / info
        beta += step
        if abs(step) < 1e-12:
            break
    null = expected(0.0)[event]
    logrank = (arm[event] - null).sum() ** 2 / (null * (1 - null)).sum()
    return float(beta), float(info**-0.5), float(stats.chi2.sf(logrank, 1))


def repeated(scores: list[np.ndarray]) -> tuple[float, int, int, float, float]:
    """Return F of arm by visit, its df, and the epsilons of Greenhouse-Geisser and Huynh-Feldt."""
    visits, people, arms = scores[0].shape[1], sum(map(len, scores)), len(scores)
    helmert = np.linalg.qr(np.column_stack([np.ones(visits), np.eye(visits)[:, 1:]]))[0][:, 1:]
    turned = [one @ helmert for one in scores]
    middle = np.vstack(turned).mean(axis=0)
    between = sum(len(one) * ((one.mean(axis=0) - middle) ** 2).sum() for one in turned)
    rest = sum((one - one.mean(axis=0)).T @ (one - one.mean(axis=0)) for one in turned)
    df1, df2 = (visits - 1) * (arms - 1), (visits - 1) * (people - arms)
    f = between / df1 / (np.trace(rest) / df2)
    gg = np.trace(rest) ** 2 / ((visits - 1) * (rest**2).sum())
    hf = (people * (visits - 1) * gg - 2) / ((visits - 1) * (people - arms - (visits - 1) * gg))
    return float(f), df1, df2, float(gg), float(min(hf, 1.0))


def wilks(scores: list[np.ndarray]) -> tuple[float, int, int, float]:
    """Return the exact F of Wilks' lambda for two arms by visit, its df and p."""
    changes = [one[:, 1:] - one[:, :1] for one in scores]
    n, q = sum(map(len, changes)), changes[0].shape[1]
    rest = sum((one - one.mean(axis=0)).T @ (one - one.mean(axis=0)) for one in changes)
    gap = changes[0].mean(axis=0) - changes[1].mean(axis=0)
    share = len(changes[0]) * len(changes[1]) / n
    hotelling = share * gap @ np.linalg.solve(rest, gap)
    f = hotelling * (n - q - 1) / q
    return float(f), q, n - q - 1, float(stats.f.sf(f, q, n - q - 1))


def hanley(auc: float, cases: int, others: int) -> float:
    """Standard error of an area under a ROC curve (Hanley and McNeil 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    whole = auc * (1 - auc) + (cases - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)
    return float(np.sqrt(max(whole, 0) / (cases * others)))


def delong(cases: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """Area under the ROC curve and DeLong's standard error."""
    wins = (cases[:, None] > others).astype(float) + 0.5 * (cases[:, None] == others)
    first, second = wins.mean(axis=1), wins.mean(axis=0)
    spread = first.var(ddof=1) / len(cases) + second.var(ddof=1) / len(others)
    return float(wins.mean()), float(np.sqrt(spread))


def random_intercept(y: list[np.ndarray], arm: np.ndarray) -> Effect:
    """Group effect of a random-intercept model by REML, with Satterthwaite's df."""
    sizes = np.array([len(one) for one in y], float)
    means = np.array([one.mean() for one in y])
    inner = sum(((one - one.mean()) ** 2).sum() for one in y)
    design = np.column_stack([np.ones(len(y)), arm])

    def fitted(theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        within, between = np.exp(theta)
        spread = between + within / sizes
        cross = np.linalg.inv(design.T @ (design / spread[:, None]))
        beta = cross @ design.T @ (means / spread)
        loss = (sizes.sum() - len(y)) * np.log(within) + inner / within + np.log(spread).sum()
        loss += ((means - design @ beta) ** 2 / spread).sum() - np.log(np.linalg.det(cross))
        return float(loss), beta, cross

    def loss_of(theta: np.ndarray) -> float:
        return fitted(theta)[0]

    start = np.log([inner / (sizes.sum() - len(y)), means.var()])
    best = optimize.minimize(loss_of, start, method="BFGS", options={"gtol": 1e-5})
    theta, h = best.x, 1e-3
    unit = np.eye(2) * h
    slope = np.array(
        [(fitted(theta + u)[2][1, 1] - fitted(theta - u)[2][1, 1]) / (2 * h) for u in unit]
    )
    bend = np.array(
        [
            [
                (
                    fitted(theta + u + v)[0]
                    - fitted(theta + u - v)[0]
                    - fitted(theta - u + v)[0]
                    + fitted(theta - u - v)[0]
                )
                / (4 * h * h)
                for u in unit
            ]
            for v in unit
        ]
    )
    _, beta, cross = fitted(theta)
    noise = slope @ np.linalg.inv(bend / 2) @ slope
    if not noise > 0 or theta.min() < -8:
        raise Redraw
    return effect_of(beta[1], np.sqrt(cross[1, 1]), 2 * cross[1, 1] ** 2 / noise)


def pooled(effects: np.ndarray, errors: np.ndarray, tau2: float) -> tuple[float, float]:
    """Inverse-variance pool and its standard error."""
    weight = 1 / (errors**2 + tau2)
    return float((weight * effects).sum() / weight.sum()), float(weight.sum() ** -0.5)


def heterogeneity(effects: np.ndarray, errors: np.ndarray) -> tuple[float, float, float]:
    """Cochran's Q, I2 in percent and the tau2 of DerSimonian and Laird."""
    weight, k = errors**-2.0, len(effects)
    q = float((weight * (effects - (weight * effects).sum() / weight.sum()) ** 2).sum())
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return q, max(0.0, 100 * (q - k + 1) / q), max(0.0, (q - k + 1) / scale)


def tau2_reml(effects: np.ndarray, errors: np.ndarray) -> float:
    """Between-study variance by REML."""

    def loss(tau2: float) -> float:
        spread = errors**2 + tau2
        mean, se = pooled(effects, errors, tau2)
        return float(np.log(spread).sum() - 2 * np.log(se) + ((effects - mean) ** 2 / spread).sum())

    top = 10 * effects.var() + 1e-6
    return float(
        optimize.minimize_scalar(loss, bounds=(0, top), method="bounded", options={"xatol": 1e-9}).x
    )
