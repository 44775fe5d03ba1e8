"""Simulated honest trials, printed as papers print: rounded, with the usual ways to give a p."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

Row = dict[str, str]
OUTCOMES = (
    {
        "outcome": "pain",
        "instrument": "NPRS",
        "scale_min": "0",
        "scale_max": "10",
        "unit": "points",
    },
    {
        "outcome": "function",
        "instrument": "WOMAC",
        "scale_min": "0",
        "scale_max": "96",
        "unit": "points",
    },
    {"outcome": "lumbar flexion", "instrument": "inclinometer", "unit": "deg"},
    {"outcome": "sway area", "instrument": "force plate", "unit": "mm2"},
)


@dataclass(frozen=True)
class Printer:
    """Prints numbers with so many decimals, half up or half to even."""

    decimals: int
    rounding: str

    def __call__(self, value: float, decimals: int | None = None) -> str:
        places = self.decimals if decimals is None else decimals
        unit = Decimal(1).scaleb(-places)
        return str(Decimal(repr(float(value))).quantize(unit, rounding=self.rounding))


def honest_trial(name: str, rng: np.random.Generator) -> tuple[Row, list[Row], list[Row]]:
    """Return a study, its outcome rows and its contrast rows, all true and then rounded."""
    described = OUTCOMES[rng.integers(len(OUTCOMES))]
    n = rng.integers(6, 45, size=2)
    scores = [_scores(described, int(size), rng) for size in n]
    show = Printer(int(rng.integers(1, 4)), str(rng.choice([ROUND_HALF_UP, ROUND_HALF_EVEN])))
    study = {
        "study_id": name,
        "citation": f"Author A. {name}",
        "design": "2-arm RCT",
        "arms": f"backward walking (n={n[0]}); forward walking (n={n[1]})",
        "n_randomised": str(n.sum()),
    }
    outcomes = [
        row
        for arm, (before, after) in zip(("backward", "forward"), scores, strict=True)
        for row in _arm_rows(name, arm, described, before, after, show)
    ]
    if rng.random() < 0.3:
        outcomes = [row for row in outcomes if row["timepoint"] == "week 6"]
    base = {"study_id": name, "arm_a": "backward", "arm_b": "forward", "source_location": "Table 2"}
    contrasts = [
        {**base, **made}
        for made in (
            _post(described, scores, show, rng),
            _change(described, scores, show, rng),
            _ancova(described, scores, show, rng),
            _standardised(described, scores, show),
            _paired(described, scores, show, rng),
        )
    ]
    return study, outcomes, contrasts


def _scores(
    described: Mapping[str, str], size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    top = float(described.get("scale_max", "100"))
    r = rng.uniform(0.2, 0.9)
    z = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=size)
    sd, shift = top * rng.uniform(0.08, 0.2), top * rng.uniform(-0.3, 0.1)
    values = top * 0.55 + sd * z + np.array([0, shift])
    if "scale_max" in described:
        values = np.clip(np.round(values), 0, top)
    if (
        values[:, 0].std() == 0
        or values[:, 1].std() == 0
        or (values[:, 1] - values[:, 0]).std() == 0
    ):
        return _scores(described, size, rng)
    return values[:, 0], values[:, 1]


def _arm_rows(
    name: str,
    arm: str,
    described: Mapping[str, str],
    before: np.ndarray,
    after: np.ndarray,
    show: Printer,
) -> list[Row]:
    times = (
        ("baseline", before, ""),
        ("week 6", after, ""),
        ("baseline to week 6", after - before, " change"),
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


def printed_p(p: float, show: Printer, rng: np.random.Generator) -> str:
    """Return a p-value in one of the ways in which papers give it."""
    ways = [show(p, 3) if p >= 0.0005 else "<0.001", show(p, 3), show(p, 2)]
    ways += ["<0.05", "p < 0.05"] if p < 0.05 else ["NS", ">0.05", "no significant difference"]
    return str(rng.choice(ways))


def _post(
    described: Mapping[str, str], scores: list, show: Printer, rng: np.random.Generator
) -> Row:
    a, b = scores[0][1], scores[1][1]
    equal = bool(rng.random() < 0.5)
    test = stats.ttest_ind(a, b, equal_var=equal)
    interval = test.confidence_interval()
    named = ("Student t" if equal else "Welch t test", "independent t-test", "test not read")
    return {
        "outcome": f"{described['instrument']} week 6",
        "contrast_type": "post-score mean difference",
        "estimate": show(a.mean() - b.mean()),
        "ci_low": show(interval.low),
        "ci_high": show(interval.high),
        "statistic": f"t={show(test.statistic, 2)}",
        "df": str(len(a) + len(b) - 2) if equal else "",
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": str(rng.choice(named)),
    }


def _change(
    described: Mapping[str, str], scores: list, show: Printer, rng: np.random.Generator
) -> Row:
    changes = [after - before for before, after in scores]
    test = stats.ttest_ind(*changes)
    return {
        "outcome": f"{described['instrument']} change",
        "contrast_type": "between-group difference of mean changes",
        "estimate": show(changes[0].mean() - changes[1].mean()),
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": "t-test",
    }


def _ancova(
    described: Mapping[str, str], scores: list, show: Printer, rng: np.random.Generator
) -> Row:
    frame = pd.concat(
        pd.DataFrame({"before": before, "after": after, "arm": 1.0 - index})
        for index, (before, after) in enumerate(scores)
    )
    fit = sm.OLS(frame["after"], sm.add_constant(frame[["arm", "before"]])).fit()
    low, high = fit.conf_int().loc["arm"]
    return {
        "outcome": f"{described['instrument']} week 6",
        "contrast_type": "adjusted mean difference between groups",
        "estimate": show(fit.params["arm"]),
        "ci_low": show(low),
        "ci_high": show(high),
        "p_value_as_printed": printed_p(fit.pvalues["arm"], show, rng),
        "method": "ANCOVA adjusted for baseline",
    }


def _standardised(described: Mapping[str, str], scores: list, show: Printer) -> Row:
    a, b = scores[0][1], scores[1][1]
    n1, n2 = len(a), len(b)
    pooled = np.sqrt(((n1 - 1) * a.var(ddof=1) + (n2 - 1) * b.var(ddof=1)) / (n1 + n2 - 2))
    return {
        "outcome": f"{described['instrument']} week 6",
        "contrast_type": "Cohen d",
        "estimate": show((a.mean() - b.mean()) / pooled, 2),
        "method": "Cohen's d",
    }


def _paired(
    described: Mapping[str, str], scores: list, show: Printer, rng: np.random.Generator
) -> Row:
    before, after = scores[0]
    test = stats.ttest_rel(after, before)
    return {
        "outcome": f"{described['instrument']} change",
        "arm_a": "backward",
        "arm_b": "backward",
        "contrast_type": "pre-post",
        "statistic": f"t={show(test.statistic, 2)}",
        "df": str(len(after) - 1),
        "p_value_as_printed": printed_p(test.pvalue, show, rng),
        "method": "paired t-test",
    }
