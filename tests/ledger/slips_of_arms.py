"""Slips in the rows of arms: sizes, means, spreads, quartiles, percentages, sums."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs.drawn import drawn, visits
from tests.ledger.designs.paper import Paper, Redraw
from tests.ledger.planted_slips import Slip, factor, planted, planted_in_columns, reach

VAS = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}


def _nothing_compared(paper: Paper) -> None:
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


def _one_arm(paper: Paper, design: str = "single group") -> int:
    n = int(paper.rng.integers(12, 45))
    paper.designed(design, {"backward": n})
    _nothing_compared(paper)
    return n


@planted_in_columns
def arm_ci_and_sd(paper: Paper) -> Slip:
    n = _one_arm(paper)
    values = drawn(paper, n)
    q = stats.t.ppf(0.975, n - 1)
    half = float(q * values.std(ddof=1) / np.sqrt(n))
    paper.arm(
        "backward", values, **VAS, ci_low=float(values.mean() - half), ci_high=0.0, ci_level="95"
    )
    row, by = paper.outcomes[0], float(paper.rng.choice([0.3, 0.45, 1.8, 2.5]))
    row["ci_high"] = paper.show(values.mean() + by * half)
    low = reach(lambda m, s: m - q * s / np.sqrt(n), row["mean"], row["sd"])
    return Slip(
        row=row,
        column="ci_low",
        ranges=(low,),
        decimals=paper.show.decimals,
        drawn=lambda: float(values.mean() - by * half),
    )


@planted
def arm_n_above_study_n(paper: Paper) -> Slip:
    sizes = [int(n) for n in paper.rng.integers(15, 40, size=2)]
    paper.designed("2-arm RCT", {"backward": sizes[0], "forward": sizes[1]})
    paper.study["arms"] = "backward; forward"
    for arm, n in zip(("backward", "forward"), sizes, strict=True):
        paper.arm(arm, drawn(paper, n), **VAS)
    _nothing_compared(paper)
    total = sum(sizes)
    return Slip(
        row=paper.study,
        column="n_randomised",
        ranges=((total, 10 * total),),
        decimals=0,
        drawn=lambda: total * paper.rng.uniform(0.5, 0.85),
    )


@planted
def percent_and_counts(paper: Paper) -> Slip:
    sizes = [int(n) for n in paper.rng.integers(25, 50, size=2)]
    paper.designed("2-arm RCT", {"backward": sizes[0], "forward": sizes[1]})
    counts = [int(paper.rng.integers(5, n - 4)) for n in sizes]
    for arm, n, count in zip(("backward", "forward"), sizes, counts, strict=True):
        paper.arm(arm, outcome="responders", instrument="count", unit="events", n=n, mean=count)
    for arm, n, count in zip(("backward", "forward"), sizes, counts, strict=True):
        paper.arm(
            arm,
            outcome="responders",
            instrument="percentage",
            unit="percent",
            n=n,
            mean=f"{100 * count / n:.1f}",
        )
    _nothing_compared(paper)
    right = 100 * counts[0] / sizes[0]
    return Slip(
        row=paper.outcomes[2],
        column="mean",
        ranges=((right, right),),
        decimals=1,
        drawn=lambda: float(
            np.clip(right + paper.rng.choice([-1, 1]) * paper.rng.uniform(8, 25), 1, 99)
        ),
    )


def _changed(paper: Paper) -> tuple[int, np.ndarray]:
    n = int(paper.rng.integers(12, 40))
    paper.designed("single group", {"backward": n}, "complete case")
    scores = visits(paper, n)
    better = {"direction_better": "lower"}
    paper.arm("backward", scores[:, 0], **{**VAS, **better, "timepoint": "baseline"})
    paper.arm("backward", scores[:, 1], **VAS, **better)
    paper.arm(
        "backward",
        scores[:, 1] - scores[:, 0],
        **{**VAS, **better, "outcome": "pain change"},
        timepoint="baseline to week 6",
    )
    _nothing_compared(paper)
    return n, scores


@planted_in_columns
def change_is_post_minus_pre(paper: Paper) -> Slip:
    _, scores = _changed(paper)
    before, after, change = paper.outcomes
    gap = float((scores[:, 1] - scores[:, 0]).mean())
    low, high = reach(lambda x, y: y - x, before["mean"], after["mean"])
    return Slip(
        row=change,
        column="mean",
        ranges=((low, high), (-high, -low)),
        decimals=paper.show.decimals,
        drawn=factor(paper, gap, 1.3, 2.0),
    )


@planted_in_columns
def change_sd_beyond_its_bounds(paper: Paper) -> Slip:
    """The SD of changes is larger than the sum of both SDs."""
    _changed(paper)
    before, after, change = paper.outcomes
    top = reach(lambda x, y: x + y, before["sd"], after["sd"])[1]
    return Slip(
        row=change,
        column="sd",
        ranges=((0, top),),
        decimals=paper.show.decimals,
        drawn=lambda: top * paper.rng.uniform(1.2, 2.0),
    )


def _womac(paper: Paper) -> np.ndarray:
    n = int(paper.rng.integers(12, 40))
    paper.designed("single group", {"backward": n}, "complete case")
    parts = [
        np.clip(np.round(paper.rng.normal(top / 2.2, top / 8, n)), 0, top) for top in (20, 8, 68)
    ]
    total = sum(parts, np.zeros(n))
    for name, top, values in zip(
        ("pain", "stiffness", "function", "total"), (20, 8, 68, 96), [*parts, total], strict=True
    ):
        paper.arm(
            "backward",
            values,
            outcome=name,
            instrument=f"WOMAC {name} (Likert 3.1)",
            scale_min="0",
            scale_max=str(top),
            unit="points",
            score_step="1",
        )
    _nothing_compared(paper)
    return total


@planted_in_columns
def sum_of_subscales(paper: Paper) -> Slip:
    paper.show = type(paper.show)(2, paper.show.rounding)
    total = _womac(paper)
    n, mean = len(total), float(total.mean())

    def wrong() -> float:
        off = float(paper.rng.choice([-1, 1]) * paper.rng.uniform(3, 9))
        return round((mean + off) * n) / n  # a mean that whole numbers can have

    ends = reach(lambda *x: sum(x), *(row["mean"] for row in paper.outcomes[:3]))
    return Slip(row=paper.outcomes[3], column="mean", ranges=(ends,), drawn=wrong, decimals=2)


@planted_in_columns
def mean_outside_the_range(paper: Paper) -> Slip:
    values = drawn(paper, _one_arm(paper), 50, 6)
    paper.arm(
        "backward",
        values,
        outcome="lumbar flexion",
        instrument="inclinometer",
        unit="deg",
        minimum=float(values.min()),
        maximum=float(values.max()),
    )
    inside = (float(values.min()), float(values.max()))
    return Slip(
        row=paper.outcomes[0],
        column="mean",
        ranges=(inside,),
        decimals=paper.show.decimals,
        drawn=lambda: inside[1] * paper.rng.uniform(1.1, 1.4),
    )


@planted_in_columns
def quartiles_out_of_order(paper: Paper) -> Slip:
    values = drawn(paper, _one_arm(paper), 50, 6)
    q1, median, q3 = (float(v) for v in np.quantile(values, [0.25, 0.5, 0.75]))
    paper.arm(
        "backward",
        outcome="lumbar flexion",
        instrument="inclinometer",
        unit="deg",
        n=len(values),
        median=median,
        q1=q1,
        q3=q3,
    )
    return Slip(
        row=paper.outcomes[0],
        column="median",
        ranges=((q1, q3),),
        decimals=paper.show.decimals,
        drawn=lambda: q3 * paper.rng.uniform(1.1, 1.5),
    )


@planted_in_columns
def sd_beyond_the_scale(paper: Paper) -> Slip:
    """No scores between 0 and 10 have this mean and this SD."""
    n = _one_arm(paper)
    values = np.clip(np.round(drawn(paper, n, 5, 2)), 0, 10)
    paper.arm(
        "backward",
        values,
        outcome="pain",
        instrument="NPRS",
        scale_min="0",
        scale_max="10",
        unit="points",
        score_step="1",
    )
    row = paper.outcomes[0]
    top = reach(lambda m: np.sqrt(m * (10 - m) * n / (n - 1)), row["mean"])[1]
    return Slip(
        row=row,
        column="sd",
        ranges=((0, top),),
        decimals=paper.show.decimals,
        drawn=lambda: top * paper.rng.uniform(1.1, 1.7),
    )


@planted_in_columns
def sd_beyond_the_printed_range(paper: Paper) -> Slip:
    """The SD is larger than half of the printed range allows."""
    values = drawn(paper, _one_arm(paper), 50, 6)
    n = len(values)
    paper.arm(
        "backward",
        values,
        outcome="lumbar flexion",
        instrument="inclinometer",
        unit="deg",
        minimum=float(values.min()),
        maximum=float(values.max()),
    )
    row = paper.outcomes[0]
    top = reach(
        lambda low, high: (high - low) / 2 * np.sqrt(n / (n - 1)), row["minimum"], row["maximum"]
    )[1]
    return Slip(
        row=row,
        column="sd",
        ranges=((0, top),),
        decimals=paper.show.decimals,
        drawn=lambda: top * paper.rng.uniform(1.2, 2.0),
    )


@planted_in_columns
def mean_of_whole_numbers(paper: Paper) -> Slip:
    """GRIM: n whole numbers have no such mean."""
    n = int(paper.rng.integers(8, 30))
    paper.designed("single group", {"backward": n}, "complete case")
    _nothing_compared(paper)
    values = np.clip(np.round(drawn(paper, n)), 0, 10)
    paper.arm(
        "backward",
        values,
        outcome="pain",
        instrument="NPRS",
        scale_min="0",
        scale_max="10",
        unit="points",
        score_step="1",
    )
    paper.outcomes[0]["sd"] = ""
    possible = [k / n for k in range(10 * n + 1)]
    wrong = float(np.round(values.mean(), 2)) + int(paper.rng.integers(1, 12)) * 0.01
    if min(abs(wrong - one) for one in possible) < 0.0055:
        raise Redraw
    paper.outcomes[0]["mean"] = ""
    return Slip(row=paper.outcomes[0], column="mean", ranges=(), drawn=lambda: wrong, decimals=2)


@planted
def mdc_and_sem(paper: Paper) -> Slip:
    n = int(paper.rng.integers(15, 60))
    level, q = (("95", 1.96), ("90", 1.645))[int(paper.rng.integers(2))]
    paper.designed("reliability study", {"all": n})
    sem = float(paper.rng.uniform(1, 5))
    label = paper.any_of((f"MDC{level}", f"MDC {level}"))
    for outcome, value in (("SEM", sem), (label, q * np.sqrt(2) * sem)):
        paper.arm(
            "all",
            outcome=outcome,
            instrument="IMU",
            unit="deg",
            timepoint="retest",
            n=n,
            mean=float(value),
        )
    _nothing_compared(paper)
    ends = reach(lambda x: q * np.sqrt(2) * x, paper.outcomes[0]["mean"], wide=0.002)
    other = reach(
        lambda x: (1.645 if q == 1.96 else 1.96) * np.sqrt(2) * x, paper.outcomes[0]["mean"]
    )
    return Slip(
        row=paper.outcomes[1],
        column="mean",
        ranges=(ends, other),
        decimals=paper.show.decimals,
        drawn=factor(paper, q * np.sqrt(2) * sem, 1.3, 2.5),
    )


@planted
def gait_speed(paper: Paper) -> Slip:
    """Speed is out of what step length and cadence allow with their SDs, strides too."""
    n = _one_arm(paper, "cross-sectional")
    step, cadence = paper.rng.normal(0.5, 0.06, n), paper.rng.normal(100, 7, n)
    rows = (
        ("walking speed", "m/s", step * cadence / 60),
        ("step length", "m", step),
        ("cadence", "steps/min", cadence),
    )
    paper.show = type(paper.show)(2, paper.show.rounding)
    for outcome, unit, values in rows:
        paper.arm("backward", values, outcome=outcome, unit=unit)
    _, length, rate = paper.outcomes

    def bound(m: float, s: float, c: float, d: float) -> float:
        return (m * c + s * d) / 60

    texts = (length["mean"], length["sd"], rate["mean"], rate["sd"])
    top = reach(bound, *texts)[1]
    least = reach(lambda m, s, c, d: (m * c - s * d) / 60, *texts)[0]
    return Slip(
        row=paper.outcomes[0],
        column="mean",
        ranges=((least, top), (least / 2, top / 2)),
        decimals=2,
        drawn=lambda: top * paper.rng.uniform(1.4, 2.5),
    )


@planted
def stance_and_swing(paper: Paper) -> Slip:
    """Stance and swing of one limb do not make 100 %."""
    n = _one_arm(paper, "cross-sectional")
    stance = paper.rng.normal(62, 2, n)
    for outcome, values in (("stance phase", stance), ("swing phase", 100 - stance)):
        paper.arm("backward", values, outcome=outcome, unit="%")
    ends = reach(lambda x: 100 - x, paper.outcomes[0]["mean"])
    return Slip(
        row=paper.outcomes[1],
        column="mean",
        ranges=(ends,),
        decimals=paper.show.decimals,
        drawn=lambda: ends[0] + paper.rng.choice([-1, 1]) * paper.rng.uniform(5, 15),
    )
