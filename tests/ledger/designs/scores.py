"""Scores of scales: steps, item means, averages, imputed and rescaled values, subscales."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs.drawn import drawn
from tests.ledger.designs.paper import Paper, Redraw, honest

POINTS = {"scale_min": "0", "scale_max": "10", "unit": "points"}


def _one_arm(paper: Paper, analysis: str = "") -> int:
    n = int(paper.rng.integers(9, 45))
    paper.designed("2-arm RCT", {"backward": n}, analysis)
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")
    return n


def _whole(
    paper: Paper, shape: int | tuple[int, ...], mean: float = 4.0, top: int = 10
) -> np.ndarray:
    return np.asarray(np.clip(np.round(paper.rng.normal(mean, top * 0.17, shape)), 0, top))


@honest
def nrs_whole_numbers(paper: Paper) -> None:
    """The control: whole numbers of 0 to 10."""
    n = _one_arm(paper)
    paper.arm(
        "backward",
        _whole(paper, n),
        outcome="pain",
        score_step="1",
        **POINTS,
        instrument=paper.any_of(("NRS", "NPRS", "numeric pain rating scale", "11-point NRS")),
    )


@honest
def nrs_mean_of_days(paper: Paper) -> None:
    """NRS averaged over 7 days for each person."""
    n = _one_arm(paper)
    told = (
        "NRS, mean of 7 days",
        "NRS (7-day average)",
        "average daily NRS",
        "NRS weekly mean",
        "mean daily pain, NRS diary",
        "NRS averaged over the last week",
    )
    level = paper.rng.normal(4, 1.5, (n, 1))
    scores = np.clip(np.round(level + paper.rng.normal(0, 1, (n, 7))), 0, 10).mean(axis=1)
    paper.arm(
        "backward",
        scores,
        outcome="pain",
        instrument=paper.any_of(told),
        score_step="1",
        items="7",
        **POINTS,
    )


@honest
def nrs_average_of_three(paper: Paper) -> None:
    """The mean of current, worst and least pain, said in one of three cells."""
    n = _one_arm(paper)
    scores = np.clip(_whole(paper, (n, 3)) + np.array([0, 2, -2]), 0, 10).mean(axis=1)
    told = (
        "average of current, worst and least pain",
        "mean of current, best and worst",
        "composite of 3 ratings",
        "mean of three NRS ratings",
        "averaged over rest, walking, night",
    )
    said, place = paper.any_of(told), paper.any_of(("instrument", "note", "outcome"))
    cells = {"outcome": "pain", "instrument": "NRS"}
    cells[place] = f"{cells[place]}, {said}" if place in cells else said
    paper.arm("backward", scores, **cells, **POINTS, score_step="1", items="3")


@honest
def nrs_half_points(paper: Paper) -> None:
    """NRS where half points were allowed, said in the column or in words."""
    n = _one_arm(paper)
    told = (
        "half points allowed",
        "scored in half-points",
        "0.5 steps",
        "steps of 0.5",
        "in increments of 0.5",
        "21-point NRS (0-10 in halves)",
    )
    paper.arm(
        "backward",
        _whole(paper, n, 8, 20) / 2,
        outcome="pain",
        instrument="NRS",
        score_step="0.5",
        note=paper.any_of(told),
        **POINTS,
    )


@honest
def vas_in_millimetres(paper: Paper) -> None:
    """VAS 0 to 100 mm, measured to 0.1."""
    n = _one_arm(paper)
    told = ("VAS", "VAS (0-100 mm)", "visual analogue scale", "visual analog scale, 100 mm")
    paper.arm(
        "backward",
        np.round(drawn(paper, n, 42, 18), 1),
        outcome="pain",
        scale_min="0",
        scale_max="100",
        unit="mm",
        instrument=paper.any_of(told),
    )


@honest
def vas_ten_centimetres(paper: Paper) -> None:
    """VAS 0 to 10 cm in steps of 0.1, unit cm or points."""
    n = _one_arm(paper)
    paper.arm(
        "backward",
        np.round(drawn(paper, n, 4.2, 1.8), 1),
        outcome="pain",
        scale_min="0",
        scale_max="10",
        unit=paper.any_of(("cm", "points", "")),
        instrument="VAS",
    )


@honest
def womac_item_mean(paper: Paper) -> None:
    """WOMAC as the mean of 24 items."""
    n = _one_arm(paper)
    level = paper.rng.normal(1.8, 0.5, (n, 1))
    scores = np.clip(np.round(level + paper.rng.normal(0, 0.8, (n, 24))), 0, 4).mean(axis=1)
    told = (
        "WOMAC (item mean 0-4)",
        "WOMAC, mean item score",
        "WOMAC per-item average",
        "WOMAC (0-4)",
    )
    paper.arm(
        "backward",
        scores,
        outcome="function",
        instrument=paper.any_of(told),
        scale_min="0",
        scale_max="4",
        unit="points",
        score_step="1",
        items="24",
    )


@honest
def koos_normalised(paper: Paper) -> None:
    """KOOS or WOMAC rescaled to 0-100: steps of 100 / (4 items)."""
    n = _one_arm(paper)
    name, items = (("KOOS pain", 9), ("KOOS ADL", 17), ("WOMAC", 24), ("KOOS QOL", 4))[
        int(paper.rng.integers(4))
    ]
    told = (
        "normalised 0-100",
        "normalized to 100",
        "transformed (0-100)",
        "rescaled to 0-100",
        "0-100",
    )
    scores = _whole(paper, n, 2 * items, 4 * items) * 100 / (4 * items)
    paper.arm(
        "backward",
        scores,
        outcome="function",
        instrument=f"{name} ({paper.any_of(told)})",
        scale_min="0",
        scale_max="100",
        unit="points",
    )


@honest
def koos_with_missing_items(paper: Paper) -> None:
    """KOOS where up to half of the items may be missing: no step is left."""
    n = _one_arm(paper)
    answered = paper.rng.integers(5, 10, n)
    scores = 100 * np.round(paper.rng.uniform(1, 3, n) * answered) / (4 * answered)
    paper.arm(
        "backward",
        scores,
        outcome="pain",
        instrument="KOOS pain",
        scale_min="0",
        scale_max="100",
        unit="points",
    )


@honest
def oswestry_percent(paper: Paper) -> None:
    """Oswestry in percent: a mean in percent, no count of people."""
    n = _one_arm(paper)
    paper.arm(
        "backward",
        2 * _whole(paper, n, 14, 50),
        outcome="disability",
        scale_min="0",
        scale_max="100",
        unit=paper.any_of(("%", "percent", "points")),
        instrument=paper.any_of(("ODI", "Oswestry Disability Index")),
    )


@honest
def imputed_scores(paper: Paper) -> None:
    """Multiply imputed values for those who left."""
    told = (
        "intention to treat, multiple imputation",
        "ITT, multiply imputed",
        "MICE, 20 data sets",
        "missing data imputed",
        "ITT with multiple imputation (m = 50)",
    )
    said = paper.any_of(told)
    n = _one_arm(paper, said)
    scores = _whole(paper, n)
    gone = paper.rng.random(n) < 0.2
    scores[gone] = paper.rng.normal(4, 1, gone.sum())
    paper.arm(
        "backward", scores, outcome="pain", instrument="NRS", note=said, score_step="1", **POINTS
    )


@honest
def last_observation_carried(paper: Paper) -> None:
    """LOCF: whole numbers stay whole; mean baseline minus completers' change is not follow-up."""
    told = ("LOCF", "last observation carried forward", "intention to treat (LOCF)")
    said = paper.any_of(told)
    n = _one_arm(paper, said)
    here = n - max(1, n // 6)
    before = _whole(paper, n, 6.0)
    after = np.clip(before - paper.rng.integers(0, 4, n), 0, 10)
    after[here:] = before[here:]
    cells = {"outcome": "pain", "instrument": "NRS", "score_step": "1", **POINTS}
    if min(np.ptp(before), np.ptp(after), np.ptp((after - before)[:here])) == 0:
        raise Redraw
    paper.arm("backward", before, **cells, **{"timepoint": "baseline"}, note=said)
    paper.arm("backward", after, **cells, note=said)
    paper.arm(
        "backward",
        (after - before)[:here],
        **{**cells, "outcome": "pain change"},
        **{"timepoint": "baseline to week 6"},
        note="completers",
    )


@honest
def per_protocol(paper: Paper) -> None:
    """Fewer people at follow-up than were randomised, and more than one population."""
    names, sizes = paper.two_arms(15, 45)
    for name, n in zip(names, sizes, strict=True):
        kept = n - int(paper.rng.integers(1, 6))
        cells = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
        paper.arm(name, drawn(paper, n), **cells, note="intention to treat")
        paper.arm(name, drawn(paper, kept, 3.6), **cells, note="per protocol")
    paper.compared("between groups", outcome="age", arm_a=names[0], arm_b=names[1], p="-")


@honest
def limbs_counted(paper: Paper) -> None:
    """n of a row counts knees, and is above the number of people, as the note says."""
    names, sizes = paper.two_arms(10, 30)
    for name, n in zip(names, sizes, strict=True):
        paper.arm(
            name,
            drawn(paper, 2 * n),
            outcome="knee flexion",
            instrument="goniometer",
            unit="deg",
            note=paper.any_of(
                (
                    "both knees",
                    "n = knees",
                    "limbs, not people",
                    "2 knees a person",
                    "trials pooled over participants",
                )
            ),
        )
    paper.compared("between groups", outcome="age", arm_a=names[0], arm_b=names[1], p="-")


@honest
def step_unread(paper: Paper) -> None:
    """Pain in steps of 0.1; the instrument was not read."""
    n = _one_arm(paper)
    cells = {"unit": "points"} if paper.chance(0.7) else POINTS
    paper.arm("backward", np.round(drawn(paper, n), 1), outcome="pain", **cells)


@honest
def percent_that_is_a_mean(paper: Paper) -> None:
    """A symmetry index in percent, averaged, without SD."""
    n = _one_arm(paper)
    told = (
        "limb symmetry index",
        "weight bearing symmetry",
        "stance phase",
        "adherence to sessions",
        "percent of predicted strength",
        "double support time",
    )
    paper.arm(
        "backward",
        outcome=paper.any_of(told),
        unit=paper.any_of(("percent", "%")),
        n=n,
        mean=paper.show(paper.rng.normal(70, 3), 1),
    )


@honest
def percent_change_mean(paper: Paper) -> None:
    """The mean of each person's percent change: not the percent change of the means."""
    n = int(paper.rng.integers(10, 40))
    paper.designed("single group", {"backward": n})
    before = np.clip(drawn(paper, n, 6, 1.5), 2, None)
    after = before * paper.rng.uniform(0.4, 1.1, n)
    cells = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
    paper.arm("backward", before, **cells, **{"timepoint": "baseline"})
    paper.arm("backward", after, **cells)
    paper.arm(
        "backward",
        100 * (after - before) / before,
        outcome="pain change",
        instrument="VAS",
        unit=paper.any_of(("percent", "%")),
        timepoint="baseline to week 6",
    )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def subscales_of_other_people(paper: Paper) -> None:
    """Subscales and total of WOMAC, each by those who answered it: the sum is not the total."""
    n = int(paper.rng.integers(20, 40))
    paper.designed("single group", {"backward": n})
    parts = [
        np.clip(np.round(paper.rng.normal(m, m / 4, n)), 0, top)
        for m, top in ((9, 20), (4, 8), (31, 68))
    ]
    rows = (
        ("pain", parts[0], 20),
        ("stiffness", parts[1], 8),
        ("function", parts[2], 68),
        ("total", sum(parts, np.zeros(n)), 96),
    )
    for outcome, values, top in rows:
        kept = values[: n - int(paper.rng.integers(0, 7))] if outcome != "total" else values[3:]
        paper.arm(
            "backward",
            kept,
            outcome=outcome,
            instrument=f"WOMAC {outcome} (Likert 3.1)",
            scale_min="0",
            scale_max=str(top),
            unit="points",
            score_step="1",
        )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def subscales_rescaled(paper: Paper) -> None:
    """Subscales and total each rescaled to 0-100: they do not add up."""
    n = int(paper.rng.integers(20, 40))
    paper.designed("single group", {"backward": n})
    parts = [_whole(paper, n, top / 2.2, top) for top in (20, 8, 68)]
    total = sum(parts, np.zeros(n))
    for outcome, values, top in zip(
        ("pain", "stiffness", "function", "total"), [*parts, total], (20, 8, 68, 96), strict=True
    ):
        paper.arm(
            "backward",
            values * 100 / top,
            outcome=outcome,
            scale_min="0",
            scale_max="100",
            instrument=f"WOMAC {outcome}" + paper.any_of((" (0-100)", "")),
            unit="points",
        )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def subscales_add_up(paper: Paper) -> None:
    """The control: subscales and total of the same people, whole numbers."""
    n = int(paper.rng.integers(15, 40))
    paper.designed("single group", {"backward": n})
    parts = [_whole(paper, n, top / 2.2, top) for top in (20, 8, 68)]
    for outcome, values, top in zip(
        ("pain", "stiffness", "function", "total"),
        [*parts, sum(parts, np.zeros(n))],
        (20, 8, 68, 96),
        strict=True,
    ):
        paper.arm(
            "backward",
            values,
            outcome=outcome,
            instrument=f"WOMAC {outcome}",
            scale_min="0",
            scale_max=str(top),
            unit="points",
            score_step="1",
        )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def gait_of_people(paper: Paper) -> None:
    """Speed, step length and cadence averaged over people, some in strides."""
    n = int(paper.rng.integers(8, 40))
    paper.designed("cross-sectional", {"backward": n})
    step, cadence = paper.rng.normal(0.5, 0.1, n), paper.rng.normal(100, 14, n)
    rows = (
        ("walking speed", "m/s", step * cadence / 60),
        ("cadence", "steps/min", cadence),
        (("step length", "m", step), ("stride length", "m", 2 * step))[int(paper.chance(0.5))],
        ("stance phase", "%", paper.rng.normal(62, 2, n)),
    )
    for outcome, unit, values in rows:
        paper.arm("backward", values, outcome=outcome, unit=unit)
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def speed_over_the_whole_path(paper: Paper) -> None:
    """Speed over 10 m with starts and stops, step length and cadence of the middle: no product."""
    n = int(paper.rng.integers(8, 40))
    paper.designed("cross-sectional", {"backward": n})
    step, cadence = paper.rng.normal(0.5, 0.08, n), paper.rng.normal(100, 9, n)
    told = (
        "including acceleration",
        "10-m walk test, stopwatch",
        "stopwatch over 10 m",
        "fast speed",
    )
    paper.arm(
        "backward",
        0.8 * step * cadence / 60,
        outcome="walking speed",
        unit="m/s",
        note=paper.any_of(told),
        instrument="10MWT",
    )
    paper.arm("backward", step, outcome="step length", unit="m", instrument="instrumented mat")
    paper.arm(
        "backward", cadence, outcome="cadence", unit="steps/min", instrument="instrumented mat"
    )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def arm_with_interval(paper: Paper) -> None:
    """Mean, SD and interval of the mean at some level, by t or by 1.96."""
    n = _one_arm(paper)
    values, level = drawn(paper, n), paper.any_of(("95", "95", "90", "99"))
    z = {"90": 1.645, "95": 1.96, "99": 2.576}[level]
    q = stats.t.ppf(0.5 + float(level) / 200, n - 1) if paper.chance(0.7) else z
    reach = q * values.std(ddof=1) / np.sqrt(n)
    told = f"{level}% CI" if level != "95" or paper.chance(0.5) else ""
    paper.arm(
        "backward",
        values,
        outcome="pain",
        instrument="VAS",
        unit="cm",
        ci_level=level,
        note=told,
        ci_low=float(values.mean() - reach),
        ci_high=float(values.mean() + reach),
    )


@honest
def arm_with_reference_range(paper: Paper) -> None:
    """Mean, SD and the range of 95 % of people in the cells of the interval, said."""
    n = _one_arm(paper)
    values = drawn(paper, n, 60, 5)
    reach = 1.96 * values.std(ddof=1)
    told = ("95% reference range", "normal range", "95% prediction interval", "mean +- 1.96 SD")
    paper.arm(
        "backward",
        values,
        outcome="lumbar flexion",
        instrument="IMU",
        unit="deg",
        note=paper.any_of(told),
        ci_low=float(values.mean() - reach),
        ci_high=float(values.mean() + reach),
    )


@honest
def bounded_far_from_the_middle(paper: Paper) -> None:
    """Scores at the floor: SD larger than the mean, minimum 0, on a declared scale."""
    n = _one_arm(paper)
    values = np.where(paper.rng.random(n) < 0.7, 0, paper.rng.integers(1, 11, n)).astype(float)
    if values.std() == 0:
        raise Redraw
    paper.arm(
        "backward",
        values,
        outcome="pain",
        instrument="NPRS",
        score_step="1",
        **POINTS,
        minimum="0",
        maximum=str(int(values.max())),
    )
