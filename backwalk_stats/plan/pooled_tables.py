"""Tables of all arms together, for whoever must not know the arms: no number is that of one arm."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
import pandas as pd

from backwalk_stats.loaders.trial_file.plan_schema import scenario
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.plan.deal import HIDDEN, limit_of, of_all_arms
from backwalk_stats.report.document.text import plural
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.participants import STAGES
from backwalk_stats.tables.small_cells import FEWEST_FOR_PERCENTILES
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.plan import Scenario
from backwalk_stats.trial.trial import Trial

FAR_SDS = 3.0
FENCE_IQRS = 3.0
FEWEST = 3  # values of which a spread and a skewness are told
_ONE_ARM = (
    f"{HIDDEN}: beside one arm too few have a value there, so that the number would be that arm’s."
)
_ENDS = (
    "Range: from the value that {limit} people are at or below to the value that {limit} are at or "
    "above, of 20 people or more; what lies beyond are values of single people."
)


def planned(tables: TrialTables) -> tuple[Scenario, ...]:
    """Return the scenarios of `[plan]`; none where the trial file has none."""
    asked = () if tables.plan is None else tables.plan.scenario
    return tuple(scenario(one, tables) for one in asked)


# Small counts.


def few(count: int, limit: int) -> str:
    """Return a count; one of few people as a range that tells none of them.

    >>> few(0, 5), few(3, 5), few(7, 5), few(3, 0)
    ('0', '1 to 4', '7', '3')
    """
    return f"1 to {limit - 1}" if 0 < count < limit else str(count)


def _cells(trial: Trial) -> list[tuple[Outcome, str, pd.DataFrame]]:
    """Return outcome, visit and rows of each outcome at each visit that anybody has."""
    found = []
    groups = dict(list(trial.data.groupby(["outcome", "visit"], observed=True, sort=False)))
    for outcome in trial.outcomes:
        for visit in trial.study.visit_names:
            rows = groups.get((outcome.name, visit))
            if rows is not None and rows["value"].notna().any():
                found.append((outcome, visit, rows))
    return found


# The tables.


def populations_table(true: Trial) -> DisplayTable:
    """Return the sizes of the populations, all arms together."""
    people, limit = true.participants, limit_of(true)
    n = len(people)
    rows = [("In the data", str(n), "Everybody whom the data give an arm")]
    if "per_protocol" in people:
        kept = int(people["per_protocol"].astype(bool).sum())
        rows.append(("Per protocol", _of(kept, n, limit), "As the data mark them"))
    if "arm_received" in people:
        known = int(people["arm_received"].notna().sum())
        rows.append(("Arm received is known", _of(known, n, limit), "As the data say"))
    for outcome, visit, values in _cells(true):
        asked = any(one.outcome == outcome.name and one.visit == visit for one in true.estimands)
        if asked:
            there = values.loc[values["value"].notna(), "participant"].nunique()
            what = f"{outcome.label}, {true.study.visit_label(visit)}"
            rows.append((what, _of(int(there), n, limit), "Have the outcome at its visit"))
    if len(true.events):
        have = int(true.events["participant"].nunique())
        rows.append(("With an intercurrent event", _about(have, limit), "Of any kind"))
    if true.harms is not None:
        have = int(true.harms.events["participant"].nunique())
        rows.append(("With a harm", _about(have, limit), "Of any kind, all arms together"))
    rows += [
        (
            STAGES.get(stage, sentence_case(stage)),
            _about(count, limit),
            "As declared of the arms",
        )
        for stage, count in declared_by_arm(true.flow).items()
    ]
    return DisplayTable(
        columns=display_columns(
            ("population", "Population", "left", 2.6),
            ("n", "People", "right", 1.0),
            ("note", "Who", "left", 2.6),
        ),
        rows=display_rows(rows),
        caption="Sizes of the populations, all arms together.",
    )


def declared_by_arm(flow: pd.DataFrame) -> dict[str, int]:
    """Return the counts that a trial file declares of each arm, all arms together, by stage.

    Where an arm has reasons alone, they add up to its count.

    >>> rows = [("lost", "b", "", 3), ("lost", "b", "ill", 2), ("lost", "f", "moved", 4)]
    >>> declared_by_arm(pd.DataFrame(rows, columns=["stage", "arm", "reason", "n"]))
    {'lost': 7}
    """
    found: dict[str, int] = {}
    for (stage, _), own in flow[flow["arm"].astype(str) != ""].groupby(
        ["stage", "arm"], sort=False
    ):
        total = own[own["reason"].astype(str) == ""]
        counted = total if len(total) else own
        found[str(stage)] = found.get(str(stage), 0) + int(counted["n"].sum())
    return found


def _of(count: int, n: int, limit: int) -> str:
    """Return a count of people; neither it nor the rest is told where it is of few."""
    if 0 < count < limit:
        return few(count, limit)
    rest = n - count
    return f"{n - limit + 1} to {n - 1}" if 0 < rest < limit else str(count)


def _about(count: int, limit: int) -> str:
    """Return a count whose parts may be hidden elsewhere: to the nearest multiple of the limit.

    >>> _about(7, 5), _about(2, 5), _about(2, 0), _about(0, 5)
    ('about 5', '1 to 4', '2', '0')
    """
    if limit < 2 or count < limit:
        return few(count, limit)
    return f"about {limit * round(count / limit)}"


def missing_table(true: Trial) -> DisplayTable:
    """Return how many values are missing by outcome and visit, all arms together.

    However few: the n of every analysis tells it.
    """
    rows, groups = [], []
    for outcome, visit, values in _cells(true):
        n, missing = len(values), int(values["value"].isna().sum())
        percent = numbers.percent(100.0 * missing / n, 0)
        rows.append((true.study.visit_label(visit), str(n), str(missing), percent))
        groups.append(outcome.label)
    return DisplayTable(
        columns=display_columns(
            ("visit", "Visit", "left", 1.6),
            ("n", "Planned", "right", 1.0),
            ("missing", "Missing", "right", 1.0),
            ("percent", "Per cent", "right", 1.0),
        ),
        rows=display_rows(rows),
        caption="Missing values by visit, all arms together.",
        groups=tuple(groups),
    )


def reasons_table(true: Trial) -> DisplayTable:
    """Return the declared reasons of missing values, all arms together."""
    limit = limit_of(true)
    labels = {one.name: one.label for one in true.outcomes}
    grouped = true.missing.groupby(["outcome", "reason"], sort=False)["participant"]
    counts = grouped.nunique().rename("n").reset_index()
    hidden = int(((counts["n"] > 0) & (counts["n"] < limit)).sum())
    shown = counts[counts["n"] >= max(limit, 1)]
    rows = [
        (labels.get(outcome, outcome), sentence_case(reason), str(n))
        for outcome, reason, n in zip(
            shown["outcome"].astype(str), shown["reason"].astype(str), shown["n"], strict=True
        )
    ]
    notes = (
        (f"{plural(hidden, 'reason')} of fewer than {limit} people not named.",) if hidden else ()
    )
    return DisplayTable(
        columns=display_columns(
            ("outcome", "Outcome", "left", 2.2),
            ("reason", "Declared reason", "left", 2.6),
            ("n", "People", "right", 1.0),
        ),
        rows=display_rows(rows),
        caption="Declared reasons of missing values, all arms and visits together.",
        notes=notes,
    )


def pooled_table(true: Trial) -> DisplayTable:
    """Return mean, SD, ends, skewness and counts of outliers by visit, all arms together."""
    limit = limit_of(true)
    rows, groups, alone = [], [], False
    for outcome, visit, values in _cells(true):
        if not outcome.has_means:
            continue
        there = values["value"].dropna().to_numpy(dtype=float)
        if not of_all_arms(true, values):
            rows.append((true.study.visit_label(visit), *[HIDDEN] * 7))
            alone = True
        else:
            rows.append((true.study.visit_label(visit), *_pooled_cells(there, outcome, limit)))
        groups.append(outcome.label)
    notes = [_ENDS.format(limit=limit)] if limit else []
    notes += [_ONE_ARM] if alone else []
    notes.append(
        f"Outliers: further than {FAR_SDS:g} SDs from the mean; beyond the quartiles by more than "
        f"{FENCE_IQRS:g} times their distance. Means and SDs mix the arms, so that a difference of "
        "the arms widens the SD."
    )
    return DisplayTable(
        columns=display_columns(
            ("visit", "Visit", "left", 1.4),
            ("n", "n", "right", 0.6),
            ("mean", "Mean", "right", 0.9),
            ("sd", "SD", "right", 0.8),
            ("range", "Range", "right", 1.3),
            ("skew", "Skewness", "right", 0.9),
            ("far", "Beyond 3 SDs", "right", 0.9),
            ("fence", "Beyond the fences", "right", 1.0),
        ),
        rows=display_rows(rows),
        caption="Distribution of each outcome by visit, all arms together.",
        notes=tuple(notes),
        groups=tuple(groups),
    )


def _pooled_cells(values: np.ndarray, outcome: Outcome, limit: int) -> tuple[str, ...]:
    """Return n, mean, SD, ends, skewness and counts of outliers of the values of one visit."""
    n = len(values)
    if n < max(limit, FEWEST):
        return (few(n, limit), *["*"] * 6)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    digits = held_digits(n, sd, outcome.step or 0.0, limit)
    far, fence = outliers(values)
    return (
        str(n),
        "*" if digits is None else numbers.number(mean, digits),
        "*" if digits is None else numbers.number(sd, digits),
        _range(values, limit),
        numbers.number(skewness(values), 1) if n > 2 and sd > 0 else numbers.DASH,
        few(far, limit),
        few(fence, limit),
    )


def held_digits(n: int, sd: float, step: float, limit: int) -> int | None:
    """Return the decimals of a pooled mean from which no score of few people can be worked out.

    Taken away from the sum of all, the sums of dealt arms and of other sets would leave that of a
    few people. So the sum of all is left open by a step of the scale, and by as much as a fifth of
    the SD is for the mean of four people: the bounds of `report.disclosure.means`. None where not
    even whole numbers are as coarse as that.

    >>> held_digits(48, 1.8, 1.0, 5), held_digits(48, 9.0, 1.0, 5), held_digits(48, 9.0, 1.0, 0)
    (1, 0, 2)
    >>> held_digits(10, 30.0, 0.0, 5) is None
    True
    """
    most = numbers.decimals_for(2.0 * sd) if sd > 0 else 1
    if limit < 2:
        return most
    open_ = max(step, sd * (limit - 1) / 5.0)
    return next((one for one in range(most, -1, -1) if n * 10.0**-one >= open_), None)


def _range(values: np.ndarray, limit: int) -> str:
    """Return smallest and largest value; with a limit those that enough people lie at or beyond.

    >>> _range(np.arange(20.0), 5), _range(np.arange(4.0), 0), _range(np.arange(19.0), 5)
    ('4 to 15', '0 to 3', '*')
    """
    if limit and len(values) < FEWEST_FOR_PERCENTILES:
        return "*"
    ordered, place = np.sort(values), max(limit, 1) - 1
    low, high = float(ordered[place]), float(ordered[-1 - place])
    return f"{numbers.plain(low)} to {numbers.plain(high)}"


def skewness(values: np.ndarray) -> float:
    """Return the adjusted Fisher-Pearson skewness G1 (Joanes and Gill 1998), of n > 2 values.

    >>> round(skewness(np.array([1.0, 2.0, 3.0, 10.0])), 4)
    1.7636
    """
    n = len(values)
    apart = values - values.mean()
    second, third = float((apart**2).mean()), float((apart**3).mean())
    return float(np.sqrt(n * (n - 1)) / (n - 2) * third / second**1.5)


def outliers(values: np.ndarray) -> tuple[int, int]:
    """Return how many lie beyond 3 SDs of the mean, and beyond Tukey's outer fences.

    >>> outliers(np.array([*range(20), 100.0]))
    (1, 1)
    """
    sd = values.std(ddof=1)
    low, high = np.quantile(values, [0.25, 0.75])
    room = FENCE_IQRS * (high - low)
    far = int((np.abs(values - values.mean()) > FAR_SDS * sd).sum()) if sd > 0 else 0
    beyond = (values < low - room) | (values > high + room) if room > 0 else np.zeros(1, bool)
    return far, int(beyond.sum())


def coding_table(true: Trial) -> DisplayTable:
    """Return how the values of each outcome are rounded and coded, all arms and visits together."""
    limit = limit_of(true)
    rows = []
    for outcome in true.outcomes:
        own = true.data[true.data["outcome"] == outcome.name]
        values = own["value"].dropna().to_numpy(dtype=float)
        if len(values) < max(limit, 1) or not of_all_arms(true, own):
            rows.append((outcome.label, *[HIDDEN if len(values) else numbers.DASH] * 4))
            continue
        step = outcome.step
        told = numbers.plain(step) if step else numbers.DASH
        whole = int((values == np.rint(values)).sum())
        off = int((~_on_step(values, outcome)).sum()) if step else 0
        rows.append(
            (
                outcome.label,
                told,
                seen_step(values),
                _share_of(whole, len(values), limit),
                few(off, limit) if step else numbers.DASH,
            )
        )
    return DisplayTable(
        columns=display_columns(
            ("outcome", "Outcome", "left", 2.4),
            ("step", "Declared step", "right", 1.0),
            ("seen", "Decimals seen", "right", 1.0),
            ("whole", "Whole numbers", "right", 1.0),
            ("off", "Values off the step", "right", 1.0),
        ),
        rows=display_rows(rows),
        caption="Rounding and coding of the outcomes, all arms and visits together.",
    )


def _on_step(values: np.ndarray, outcome: Outcome) -> np.ndarray:
    """Return which values lie on the steps of the scale."""
    steps = (values - (outcome.low or 0.0)) / float(outcome.step or 1.0)
    return np.asarray(np.abs(steps - np.rint(steps)) < 1e-6)


def seen_step(values: np.ndarray) -> str:
    """Return the fewest decimals that hold every value: 0 for whole numbers.

    >>> seen_step(np.array([1.0, 2.5])), seen_step(np.array([1.0, 2.0]))
    ('1', '0')
    """
    for digits in range(7):
        if np.allclose(values, np.round(values, digits), rtol=0.0, atol=1e-9):
            return str(digits)
    return "more than 6"


def _share_of(count: int, n: int, limit: int) -> str:
    """Return a percentage; that of few values, or of all but few, is rounded to the nearest ten."""
    near = 0 < count < limit or 0 < n - count < limit
    return f"about {10 * round(10 * count / n)}%" if near else numbers.percent(100 * count / n, 0)


# What was planned against what is seen.


def planned_table(true: Trial, scenarios: Sequence[Scenario]) -> DisplayTable:
    """Return planned and seen sizes, SDs, correlations and shares missing, all arms together.

    What was planned by arm is pooled as the data are: shares by the sizes of the arms; the variance
    of all arms together is that within arms and that of their planned means.
    """
    rows, groups = [], []
    for one in scenarios:
        found = [*_planned_rows(true, one)]
        rows += found
        groups += [f"{one.name}: {true.outcome(one.outcome).label}"] * len(found)
    return DisplayTable(
        columns=display_columns(
            ("what", "What", "left", 2.6),
            ("visit", "Visit", "left", 1.2),
            ("planned", "Planned", "right", 1.2),
            ("seen", "Seen", "right", 1.2),
        ),
        rows=display_rows(rows),
        caption="What the scenarios of the plan assume against what is seen, all arms together.",
        notes=("Planned SDs and correlations are those of all arms together under the scenario.",)
        if rows
        else (),
        groups=tuple(groups),
    )


def _planned_rows(true: Trial, one: Scenario) -> list[tuple[str, ...]]:
    limit, study = limit_of(true), true.study
    sizes = true.participants["arm"].astype("object").value_counts()
    weights = np.array([float(sizes.get(arm, 0)) for arm in one.means])
    weights = weights / weights.sum() if weights.sum() else weights
    sd, correlation = together(one, weights)
    wide = _wide(true, one.outcome)
    options = sorted(set(one.per_arm))
    told = ", ".join(str(each * len(one.means)) for each in options)
    rows: list[tuple[str, ...]] = [("People in the data", "", told, str(len(true.participants)))]
    for place, visit in enumerate(one.visits):
        label = study.visit_label(visit)
        values = wide.get(visit, pd.Series(np.nan, index=wide.index))
        open_ = _may_tell(true, one.outcome, visit)
        seen, beside = _spread(wide.get(one.visits[0]), values, least=max(limit, 3))
        rows.append(("SD", label, numbers.number(sd[place]), _told(seen, open_=open_)))
        if not place:
            continue
        what, r = "Correlation with the baseline", correlation[place]
        rows.append((what, label, numbers.number(r), _told(beside, open_=open_)))
        share = float(weights @ [one.dropout[arm][place] for arm in one.means])
        seen_share = numbers.percent(100 * int(values.isna().sum()) / len(wide), 0)
        rows.append(("Missing", label, numbers.percent(100 * share, 0), seen_share))
    first = list(dict.fromkeys(row[0] for row in rows))
    return sorted(rows, key=lambda row: first.index(row[0]))


def _spread(baseline: pd.Series | None, values: pd.Series, *, least: int) -> tuple[float, float]:
    """Return SD, and correlation with the baseline, of values of which there are enough."""
    there = values.notna()
    sd = float(values.std(ddof=1)) if there.sum() >= least else np.nan
    both = there if baseline is None else there & baseline.notna()
    if baseline is None or both.sum() < least:
        return sd, np.nan
    return sd, float(np.corrcoef(baseline[both], values[both])[0, 1])


def _may_tell(true: Trial, outcome: str, visit: str) -> bool:
    rows = true.data[(true.data["outcome"] == outcome) & (true.data["visit"].astype(str) == visit)]
    return of_all_arms(true, rows)


def _told(value: float, *, open_: bool) -> str:
    if not open_:
        return HIDDEN
    return numbers.number(value) if isfinite(value) else numbers.DASH


def _wide(trial: Trial, outcome: str) -> pd.DataFrame:
    rows = trial.data[trial.data["outcome"] == outcome]
    rows = rows.assign(visit=rows["visit"].astype(str))
    return rows.pivot(index="participant", columns="visit", values="value")


def together(one: Scenario, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return SDs, and correlations with the baseline, of all arms together under a scenario.

    Total covariance = within arms + between the planned means of the arms, by their sizes.

    Parameters
    ----------
    one : Scenario
    weights : array, shape (arms,)
        Shares of the arms, in the order of `one.means`.

    Returns
    -------
    sd, correlation : arrays, shape (visits,)
    """
    within = np.outer(one.sd, one.sd) * np.array(one.correlation)
    means = np.array([one.means[arm] for arm in one.means])
    apart = means - weights @ means
    total = within + (weights[:, None] * apart).T @ apart
    sd = np.sqrt(np.diag(total))
    return sd, total[0] / (sd[0] * sd)
