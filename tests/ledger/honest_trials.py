"""Simulated honest trials of two arms and two visits: true, then rounded as papers round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from tests.ledger.printing import Printer, Row, printed_p, printer

Trial = tuple[Row, list[Row], list[Row]]
OUTCOMES: tuple[Row, ...] = (
    {"outcome": "pain", "instrument": "NPRS", "scale_min": "0", "scale_max": "10"},
    {"outcome": "function", "instrument": "WOMAC", "scale_min": "0", "scale_max": "96"},
    {"outcome": "pain", "instrument": "KOOS pain", "scale_min": "0", "scale_max": "100"},
    {
        "outcome": "fatigue",
        "instrument": "fatigue scale",
        "scale_min": "1",
        "scale_max": "7",
        "items": "9",
    },
    {"outcome": "lumbar flexion", "instrument": "inclinometer", "unit": "deg"},
    {"outcome": "sway area", "instrument": "force plate", "unit": "mm2"},
)
# The grid of each outcome's scores: whole numbers, KOOS pain (9 items of 0 to 4), means of 9 items.
STEPS = {"NPRS": 1.0, "WOMAC": 1.0, "KOOS pain": 100 / 36, "fatigue scale": 1 / 9}


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The scores of one arm: of all at baseline, of those who stayed at both visits."""

    baseline: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """Return follow-up minus baseline."""
        return np.asarray(self.after - self.before)


Made = Callable[[Row, tuple[Scores, Scores], Printer, np.random.Generator], Row]


def honest_trial(name: str, rng: np.random.Generator) -> Trial:
    """Return a study, its outcome rows and its contrast rows, all true and then rounded."""
    described = {"unit": "points", **OUTCOMES[rng.integers(len(OUTCOMES))]}
    described["label"] = described[str(rng.choice(["outcome", "instrument"]))]
    n = rng.integers(6, 45, size=2)
    lost = rng.integers(0, 3, size=2) if rng.random() < 0.3 else np.zeros(2, dtype=int)
    arms = (_scores(described, n[0], lost[0], rng), _scores(described, n[1], lost[1], rng))
    show = printer(rng)
    study = {
        "study_id": name,
        "citation": f"Author A. {name}",
        "design": "2-arm RCT",
        "arms": f"backward walking (n={n[0]}); forward walking (n={n[1]})",
        "n_randomised": str(n.sum()),
    }
    outcomes = [
        row
        for arm, scores in zip(("backward", "forward"), arms, strict=True)
        for row in _arm_rows(name, arm, described, scores, show)
    ]
    if rng.random() < 0.3:
        outcomes = [row for row in outcomes if row["timepoint"] == "week 6"]
    base = {"study_id": name, "arm_a": "backward", "arm_b": "forward", "source_location": "Table 2"}
    chosen = rng.choice(len(WAYS), size=3, replace=False, p=np.array(SHARES) / sum(SHARES))
    contrasts = [{**base, **WAYS[way](described, arms, show, rng)} for way in chosen]
    return study, outcomes, contrasts


def _scores(described: Mapping[str, str], size: int, lost: int, rng: np.random.Generator) -> Scores:
    low, top = float(described.get("scale_min", "0")), float(described.get("scale_max", "100"))
    r, width = rng.uniform(0.2, 0.9), top - low
    z = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=size)
    sd, shift = width * rng.uniform(0.08, 0.2), width * rng.uniform(-0.3, 0.1)
    values = low + width * 0.55 + sd * z + np.array([0, shift])
    if described["instrument"] in STEPS:
        step = STEPS[described["instrument"]]
        values = low + step * np.round((np.clip(values, low, top) - low) / step)
    stayed = values[lost:]
    if min(np.ptp(column) for column in (*stayed.T, stayed[:, 1] - stayed[:, 0])) < 1e-9:
        return _scores(described, size, lost, rng)
    return Scores(baseline=values[:, 0], before=stayed[:, 0], after=stayed[:, 1])


def _arm_rows(name: str, arm: str, described: Row, scores: Scores, show: Printer) -> list[Row]:
    times = (
        ("baseline", scores.baseline, ""),
        ("week 6", scores.after, ""),
        ("baseline to week 6", scores.change, " change"),
    )
    return [
        {
            **described,
            "study_id": name,
            "arm": arm,
            "outcome": described["outcome"] + suffix,
            "direction_better": "lower",
            "timepoint": time,
            "n": str(len(values)),
            "mean": show(values.mean()),
            "sd": show(values.std(ddof=1)),
            "source_location": "Table 2",
            "confidence": "verbatim-primary",
        }
        for time, values, suffix in times
    ]


def _post(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    a, b = arms[0].after, arms[1].after
    equal = bool(rng.random() < 0.5)
    test = stats.ttest_ind(a, b, equal_var=equal)
    interval = test.confidence_interval()
    named = ("Student t" if equal else "Welch t test", "independent t-test", "test not read")
    return {
        "outcome": f"{described['label']} week 6",
        "contrast_type": "post-score mean difference",
        "estimate": show(a.mean() - b.mean()),
        "ci_low": show(interval.low),
        "ci_high": show(interval.high),
        "statistic": f"t={show(test.statistic, 2)}",
        "df": str(len(a) + len(b) - 2) if equal else show(test.df, int(rng.integers(0, 3))),
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": str(rng.choice(named)),
    }


def _unnamed(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    """A test that the source does not name: by ranks, or adjusted for baseline."""
    if rng.random() < 0.5:
        p = float(stats.mannwhitneyu(arms[0].after, arms[1].after).pvalue)
    else:
        p = float(_adjusted(arms)[3])
    return {
        "outcome": f"{described['label']} week 6",
        "contrast_type": "between group",
        "p_value_as_printed": printed_p(p, show, rng),
        "method": str(rng.choice(["test not read", "SPSS 21", ""])),
    }


def _change(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    test = stats.ttest_ind(arms[0].change, arms[1].change)
    return {
        "outcome": f"{described['label']} change",
        "contrast_type": "between-group difference of mean changes",
        "estimate": show(arms[0].change.mean() - arms[1].change.mean()),
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": "t-test",
    }


def _interaction(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    """Two arms at two visits, those who stayed: F of arm by time is t squared of the changes."""
    test = stats.ttest_ind(arms[0].change, arms[1].change)
    return {
        "outcome": described["label"],
        "contrast_type": "time x group",
        "statistic": f"F={show(test.statistic**2, 2)}",
        "df": f"1,{int(test.df)}",
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": "2 x 2 repeated-measures ANOVA",
    }


def _mixed_model(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    """A random-intercept model, tested with t or, as some programs do, with z."""
    test = stats.ttest_ind(arms[0].change, arms[1].change)
    p = test.pvalue if rng.random() < 0.5 else 2 * special.ndtr(-abs(test.statistic))
    return {
        **_interaction(described, arms, show, rng),
        "statistic": "",
        "df": "",
        "p_value_as_printed": printed_p(float(p), show, rng),
        "method": "linear mixed model",
    }


def _adjusted(arms: tuple[Scores, Scores]) -> tuple[float, float, float, float]:
    """Return the effect, its interval and p of a least-squares ANCOVA on the people themselves."""
    after = np.concatenate([one.after for one in arms])
    columns = [np.repeat([1.0, 0.0], [len(one.after) for one in arms])]
    columns += [np.concatenate([one.before for one in arms]), np.ones(len(after))]
    design = np.column_stack(columns)
    effect, rest, _, _ = np.linalg.lstsq(design, after, rcond=None)
    df = len(after) - 3
    error = np.sqrt(rest[0] / df * np.linalg.inv(design.T @ design)[0, 0])
    reach = stats.t.ppf(0.975, df) * error
    p = 2 * stats.t.sf(abs(effect[0]) / error, df)
    return float(effect[0]), float(effect[0] - reach), float(effect[0] + reach), float(p)


def _ancova(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    estimate, low, high, p = _adjusted(arms)
    return {
        "outcome": f"{described['label']} week 6",
        "contrast_type": "adjusted mean difference between groups",
        "estimate": show(estimate),
        "ci_low": show(low),
        "ci_high": show(high),
        "p_value_as_printed": printed_p(p, show, rng),
        "method": "ANCOVA adjusted for baseline",
    }


def _standardised(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    """Cohen's d, Cochrane's g with its interval, or g with the large-sample variance."""
    a, b = arms[0].after, arms[1].after
    n1, n2, total = len(a), len(b), len(a) + len(b)
    pooled = np.sqrt(((n1 - 1) * a.var(ddof=1) + (n2 - 1) * b.var(ddof=1)) / (total - 2))
    d = (a.mean() - b.mean()) / pooled
    way = str(rng.choice(["Cohen's d", "Cochrane RevMan", "Hedges g, random effects", "Hedges g"]))
    printed = {"outcome": f"{described['label']} week 6", "method": way}
    if way.startswith("Cohen"):
        return {**printed, "contrast_type": "Cohen d", "estimate": show(d, 2)}
    half = (total - 2) / 2
    exact = np.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / np.sqrt(half)
    cochrane = way == "Cochrane RevMan"
    g = d * (1 - 3 / (4 * total - 9) if cochrane else exact)
    share = g**2 / (2 * (total - 3.94) if cochrane else 2 * total)
    reach = 1.959964 * np.sqrt(total / (n1 * n2) + share)
    ends = {"ci_low": show(g - reach, 2), "ci_high": show(g + reach, 2)}
    return {**printed, "contrast_type": "SMD (Hedges g)", "estimate": show(g, 2), **ends}


def _paired(
    described: Row, arms: tuple[Scores, Scores], show: Printer, rng: np.random.Generator
) -> Row:
    test = stats.ttest_rel(arms[0].after, arms[0].before)
    return {
        "outcome": f"{described['label']} change",
        "arm_b": "backward",
        "contrast_type": "pre-post",
        "statistic": f"t={show(test.statistic, 2)}",
        "df": str(len(arms[0].after) - 1),
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": "paired t-test",
    }


WAYS: tuple[Made, ...] = (
    _post, _unnamed, _change, _interaction, _mixed_model, _ancova, _standardised, _paired,
)  # fmt: skip
SHARES = (4.0, 1.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0)
