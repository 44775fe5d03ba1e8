"""Simulated honest trials of other designs: three arms, counts, retests, reviews; then rounded."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import stats

from tests.ledger.honest_trials import Trial
from tests.ledger.printing import Row, printed_p, printer

ARMS = ("backward", "forward", "control")
PAIR_WAYS = ("LSD post hoc", "Tukey post hoc", "Bonferroni post hoc", "test not read")


def three_arms(name: str, rng: np.random.Generator) -> Trial:
    """Return a trial of three arms: one-way ANOVA and a pair, adjusted in one of the usual ways."""
    n = rng.integers(6, 30, size=3)
    scores = [np.clip(np.round(rng.normal(rng.uniform(3, 6), 1.8, size)), 0, 10) for size in n]
    if min(one.std() for one in scores) == 0:
        return three_arms(name, rng)
    show = printer(rng)
    study = {
        "study_id": name,
        "citation": f"Author B. {name}",
        "design": "3-arm RCT",
        "arms": "; ".join(f"{arm} (n={size})" for arm, size in zip(ARMS, n, strict=True)),
        "n_randomised": str(n.sum()),
    }
    outcomes = [
        {
            "study_id": name,
            "arm": arm,
            "outcome": "pain",
            "instrument": "NPRS",
            "scale_min": "0",
            "scale_max": "10",
            "unit": "points",
            "timepoint": "week 6",
            "n": str(len(values)),
            "mean": show(values.mean()),
            "sd": show(values.std(ddof=1)),
            "confidence": "verbatim-primary",
        }
        for arm, values in zip(ARMS, scores, strict=True)
    ]
    omnibus = stats.f_oneway(*scores)
    total = int(n.sum())
    contrasts = [
        {
            "study_id": name,
            "outcome": "NPRS week 6",
            "arm_a": "3 arms",
            "contrast_type": "one-way ANOVA",
            "statistic": f"F={show(omnibus.statistic, 2)}",
            "df": f"2,{total - 3}",
            "p_value_as_printed": printed_p(omnibus.pvalue, show, rng),
        },
        {**_pair(scores, rng), "study_id": name, "outcome": "NPRS week 6"},
    ]
    for row in contrasts[1:]:
        row["p_value_as_printed"] = printed_p(float(row["p_value_as_printed"]), show, rng)
        row["statistic"] = f"t={show(float(row['statistic']), 2)}"
    return study, outcomes, contrasts


def _pair(scores: list[np.ndarray], rng: np.random.Generator) -> Row:
    """Return a pair of arms tested with the error of all three."""
    first, second = list(combinations(range(3), 2))[rng.integers(3)]
    total = sum(len(one) for one in scores)
    within = sum(((one - one.mean()) ** 2).sum() for one in scores) / (total - 3)
    a, b = scores[first], scores[second]
    t = (a.mean() - b.mean()) / np.sqrt(within * (1 / len(a) + 1 / len(b)))
    p = 2 * stats.t.sf(abs(t), total - 3)
    way = str(rng.choice(PAIR_WAYS))
    if way.startswith("Tukey"):
        p = stats.studentized_range.sf(np.sqrt(2) * abs(t), 3, total - 3)
    if way.startswith("Bonferroni"):
        p = min(1.0, 3 * p)
    return {
        "arm_a": ARMS[first],
        "arm_b": ARMS[second],
        "contrast_type": "post hoc, between groups",
        "statistic": repr(float(t)),
        "df": str(total - 3),
        "p_value_as_printed": repr(float(p)),
        "method": way,
    }


def counts(name: str, rng: np.random.Generator) -> Trial:
    """Return a trial that prints completion in percent, withdrawals, and their risk ratio."""
    n = rng.integers(8, 60, size=2)
    lost = np.array([rng.binomial(size, 0.15) for size in n])
    show = printer(rng)
    base = {"study_id": name, "timepoint": "final", "confidence": "verbatim-primary"}
    outcomes: list[Row] = []
    for arm, size, events in zip(ARMS, n, lost, strict=False):
        share = {
            "outcome": "completion",
            "unit": "percent",
            "mean": show(100 * (1 - events / size)),
        }
        event = {"outcome": "withdrawals", "instrument": "count", "unit": "events"}
        yes = {"outcome": "responders", "unit": "proportion", "mean": show(events / size, 2)}
        yes["sd"] = show(np.sqrt(events / size * (1 - events / size) * size / (size - 1)), 2)
        for row in (share, {**event, "mean": str(events)}, yes):
            outcomes.append({**base, "arm": arm, "n": str(size), **row})
    study = {
        "study_id": name,
        "citation": f"Author C. {name}",
        "design": "RCT",
        "arms": f"backward (n={n[0]}); forward (n={n[1]})",
        "n_randomised": str(n.sum()),
    }
    if lost.sum() == 0:
        return study, outcomes, []
    table = np.array([lost, n - lost])
    fisher = float(stats.fisher_exact(table.T).pvalue)
    add = 0.5 if (table == 0).any() else 0.0
    a, c, n1, n2 = lost[0] + add, lost[1] + add, n[0] + 2 * add, n[1] + 2 * add
    error = np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    ratio = np.log(a / n1 / (c / n2))
    wald = 2 * stats.norm.sf(abs(ratio) / error)
    way, p = [
        ("Cochrane RevMan", wald),
        ("Fisher exact test", fisher),
        ("test not read", fisher),
    ][rng.integers(3)]
    contrast = {
        "study_id": name,
        "outcome": "withdrawals",
        "arm_a": "backward",
        "arm_b": "forward",
        "contrast_type": "risk ratio",
        "estimate": show(np.exp(ratio), 2),
        "ci_low": show(np.exp(ratio - 1.959964 * error), 2),
        "ci_high": show(np.exp(ratio + 1.959964 * error), 2),
        "p_value_as_printed": printed_p(p, show, rng),
        "method": way,
    }
    return study, outcomes, [contrast]


def retest(name: str, rng: np.random.Generator) -> Trial:
    """Return a study of measurement error: SEM and MDC, both rounded from the same number."""
    sem, show = rng.uniform(0.05, 4), printer(rng)
    base = {
        "study_id": name,
        "arm": "all",
        "instrument": "NRS",
        "unit": "points",
        "timepoint": "24 h retest",
        "n": str(rng.integers(20, 150)),
        "confidence": "verbatim-primary",
    }
    printed = {"SEM": sem, "MDC": 1.96 * np.sqrt(2) * sem}
    rows = [{**base, "outcome": name, "mean": show(value)} for name, value in printed.items()]
    study = {"study_id": name, "citation": f"Author D. {name}", "design": "reliability study"}
    return study, rows, []


def gait(name: str, rng: np.random.Generator) -> Trial:
    """Return gait measures that are tied to each other, as means over people."""
    n = int(rng.integers(8, 40))
    step, cadence = rng.normal(0.6, 0.08, n), rng.normal(105, 9, n)
    stance, show = rng.normal(62, 2, n), printer(rng)
    measured = {
        ("walking speed", "m/s"): step * cadence / 60,
        ("step length", "m"): step,
        ("cadence", "steps/min"): cadence,
        ("stance phase", "%"): stance,
        ("swing phase", "%"): 100 - stance,
    }
    rows = [
        {
            "study_id": name,
            "arm": "backward",
            "outcome": outcome,
            "unit": unit,
            "timepoint": "baseline",
            "n": str(n),
            "mean": show(values.mean()),
            "sd": show(values.std(ddof=1)),
            "confidence": "verbatim-primary",
        }
        for (outcome, unit), values in measured.items()
    ]
    study = {"study_id": name, "citation": f"Author E. {name}", "design": "cross-sectional"}
    return study, rows, []


def visits(name: str, rng: np.random.Generator) -> Trial:
    """Return a repeated-measures ANOVA of two arms at three visits, with or without its df."""
    n, show = int(rng.integers(8, 30)), printer(rng)
    person = rng.normal(0, 6, (2, n, 1))
    scores = 50 + person + rng.normal([0, -3, -5], 5, (2, n, 3)) + rng.normal(0, 2, (2, 1, 1))
    cell, arm = scores.mean(axis=1, keepdims=True), scores.mean(axis=(1, 2), keepdims=True)
    effect = cell - arm - scores.mean(axis=(0, 1), keepdims=True) + scores.mean()
    rest = scores - scores.mean(axis=2, keepdims=True) - cell + arm
    df = (2, 2 * (2 * n - 2))
    f = float((n * effect**2).sum() / df[0] / ((rest**2).sum() / df[1]))
    base = {"study_id": name, "instrument": "inclinometer", "unit": "deg", "n": str(n)}
    times = ("baseline", "week 6", "week 12")
    shown = []
    for side, values in zip(ARMS, scores, strict=False):
        shown += [(side, time, values[:, place]) for place, time in enumerate(times)]
        shown.append((side, "baseline to week 12", values[:, 2] - values[:, 0]))
    outcomes = [
        {
            **base,
            "arm": side,
            "outcome": "lumbar flexion" + (" change" if " to " in time else ""),
            "timepoint": time,
            "mean": show(values.mean()),
            "sd": show(values.std(ddof=1)),
            "confidence": "verbatim-primary",
        }
        for side, time, values in shown
    ]
    study = {
        "study_id": name,
        "citation": f"Author F. {name}",
        "design": "2-arm RCT",
        "arms": f"backward (n={n}); forward (n={n})",
        "n_randomised": str(2 * n),
    }
    contrast = {
        "study_id": name,
        "outcome": "lumbar flexion",
        "arm_a": "backward",
        "arm_b": "forward",
        "contrast_type": "time x group",
        "statistic": f"F={show(f, 2)}",
        "df": f"{df[0]},{df[1]}" if rng.random() < 0.5 else "",
        "p_value_as_printed": printed_p(stats.f.sf(f, *df), show, rng),
        "method": "repeated-measures ANOVA",
    }
    return study, outcomes, [contrast]


def review(name: str, rng: np.random.Generator) -> list[Row]:
    """Return the rows of one analysis of a review: SMDs, intervals and weights, then rounded."""
    k, show = int(rng.integers(3, 8)), printer(rng)
    n = rng.integers(8, 60, size=(k, 2)).astype(float)
    mean, sd = rng.normal(5, 1, size=(k, 2)), rng.uniform(0.8, 2.5, size=(k, 2))
    total = n.sum(axis=1)
    pooled = np.sqrt(((n - 1) * sd**2).sum(axis=1) / (total - 2))
    g = (mean[:, 0] - mean[:, 1]) / pooled * (1 - 3 / (4 * total - 9))
    error = np.sqrt(total / n.prod(axis=1) + g**2 / (2 * (total - 3.94)))
    w = error**-2
    q = (w * (g - (w * g).sum() / w.sum()) ** 2).sum()
    tau2 = max(0.0, (q - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    weight = 1 / (error**2 + tau2)
    return [
        {
            "file": f"cochrane_{name}.csv",
            "Analysis.group": "1",
            "Analysis.number": "1",
            "Study": f"Author {index}",
            "Experimental.mean": show(mean[index, 0]),
            "Experimental.SD": show(sd[index, 0]),
            "Experimental.N": str(int(n[index, 0])),
            "Control.mean": show(mean[index, 1]),
            "Control.SD": show(sd[index, 1]),
            "Control.N": str(int(n[index, 1])),
            "Weight": show(100 * weight[index] / weight.sum(), 1),
            "Mean": show(g[index], 2),
            "CI.start": show(g[index] - 1.959964 * error[index], 2),
            "CI.end": show(g[index] + 1.959964 * error[index], 2),
        }
        for index in range(k)
    ]


DESIGNS = (three_arms, counts, retest, gait, visits)
