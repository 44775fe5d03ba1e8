"""Pools the trials of a record: which rows, by which method, and what each row weighs.

A study enters a pool once. Where a record holds several of its comparisons on one outcome, an arm
that walked backward alone goes before a merged one, a comparison without walking before one with
forward walking (most pools are of walking added), the last visit before earlier ones, the first row
before later ones; the others are named in the effect's source.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import pandas as pd

from backwalk_stats.analyses.pooled import leave_one_out, meta_analysis, study_weights
from backwalk_stats.engine.summary.two_arms import cochrane_smd
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Contrast, Pool, ReviewRow
from backwalk_stats.ledger.hulls import arm_of, pool_of, student_box
from backwalk_stats.ledger.reading.vocabulary import (
    family,
    is_before,
    is_merged_arm,
    walks_backward,
    walks_forward,
)
from backwalk_stats.ledger.rows import compares_directions
from backwalk_stats.trial.tables import DIRECTIONS, EFFECTS, POOLED, WEIGHTS

BASE = "backward trials"
WITH_DOUBT = "plus unverified direction"
WITHOUT_MERGED = "without merged arms"
MERGED = "the arm merges backward and forward walkers"
UNVERIFIED = "walking direction not verified"
METHODS = ("common", "dl", "pm", "reml")
_IN_WEEKS = {"h": 1 / 168, "d": 1 / 7, "w": 1.0, "m": 52 / 12, "y": 52.0, "v": 1.0}
_UNIT = r"(h|hours?|d|days?|w|wks?|weeks?|months?|y|years?|visits?)"
_WHEN = re.compile(rf"(?<!\d)(\d+(?:\.\d+)?)[\s-]*+{_UNIT}\b|\b{_UNIT}\s*+(\d+(?:\.\d+)?)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One trial's row in a pool: its two arms, its outcome, and why it may be in doubt."""

    study_id: str
    label: str
    outcome: str
    first: Cell
    second: Cell
    doubt: str
    source: str


def trials_of(contrasts: Sequence[Contrast]) -> tuple[Trial, ...]:
    """Return the standardised differences of backward walking against a comparison.

    A contrast counts when it is one study's standardised difference with both arms printed; its
    row is in doubt when the arm was merged, or when the study's own arms do not say that anyone
    walked backward.
    """
    found: dict[tuple[str, str], list[Trial]] = {}
    for contrast in contrasts:
        outcome = family(contrast.outcome)
        if contrast.kind != "standardised" or not outcome or contrast.missing:
            continue
        a, b = contrast.first[0], contrast.second[0]
        if not (a.sd and b.sd and _has_effect(a, b)) or is_before(a.timepoint):
            continue
        if not (walks_backward(contrast.arm_a) or walks_backward(a.arm)):
            continue
        trial = Trial(
            study_id=contrast.study.study_id,
            label=contrast.study.label,
            outcome=outcome,
            first=a,
            second=b,
            doubt=_doubt(contrast, a),
            source=f"contrasts.csv line {contrast.line}; {contrast.source}",
        )
        found.setdefault((outcome, trial.study_id), []).append(trial)
    return tuple(_one_of(same) for same in found.values())


def _one_of(same: Sequence[Trial]) -> Trial:
    """Return the comparison by which a study enters a pool; the module's text is the rule."""
    chosen = min(same, key=_rank)
    aside = [t for t in same if t is not chosen]
    if not aside:
        return chosen
    left = ", ".join(f"{t.second.arm} at {t.first.timepoint or 'no time'}" for t in aside)
    return replace(chosen, source=f"{chosen.source}; not pooled as well: against {left}")


def _rank(trial: Trial) -> tuple[bool, bool, float]:
    """Return what orders the comparisons of one study; the first of equals is kept."""
    late = weeks_of(trial.first.timepoint)
    return (trial.doubt == MERGED, walks_forward(trial.second.arm), -late)


def weeks_of(timepoint: str) -> float:
    """Return how many weeks after its start a time point lies: the last that it names, else 0.

    >>> weeks_of("week 6"), weeks_of("post (6 wk)"), weeks_of("3 months") > weeks_of("8 weeks")
    (6.0, 6.0, True)
    """
    found = _WHEN.finditer(timepoint.lower())
    times = [(float(one[1] or one[4]), (one[2] or one[3] or "w")[0]) for one in found]
    return max((number * _IN_WEEKS[unit] for number, unit in times), default=0.0)


def _has_effect(a: Cell, b: Cell) -> bool:
    """Tell whether two arms determine a standardised difference: n, mean, and some spread."""
    return a.has_spread and b.has_spread and max(a.sd_value, b.sd_value) > 0


def _doubt(contrast: Contrast, arm: Cell) -> str:
    if is_merged_arm(arm.arm):
        return MERGED
    return "" if walks_backward(" ".join(contrast.study.arms)) else UNVERIFIED


def effects_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """Return the study-level effects: Hedges' g by Cochrane's formula, below 0 favours backward."""
    return pd.DataFrame([_effect(trial) for trial in trials], columns=list(EFFECTS))


def _effect(trial: Trial) -> dict[str, object]:
    a, b = trial.first, trial.second
    result = cochrane_smd(arm_of(a), arm_of(b))
    return {
        "outcome": trial.outcome,
        "study_id": trial.study_id,
        "label": trial.label,
        "estimate": float(result.estimate),
        "std_error": float(result.std_error),
        "conf_low": float(result.conf_low),
        "conf_high": float(result.conf_high),
        "n_backward": float(a.n or 0),
        "n_control": float(b.n or 0),
        "backward": f"{a.mean} ({a.sd})",
        "control": f"{b.mean} ({b.sd})",
        "doubt": trial.doubt,
        "source": trial.source,
    }


def review_trials(rows: Sequence[ReviewRow], outcomes: dict[str, str]) -> dict[str, list[Trial]]:
    """Return the rows of each analysis of a review as trials, by the name of their pool.

    `outcomes` is analysis number ("4.5") to outcome family. A study that a review enters twice is
    numbered.
    """
    pools: dict[str, list[Trial]] = {}
    times = Counter((row.analysis, row.label) for row in rows)
    for row in rows:
        outcome = outcomes.get(row.analysis, "")
        if outcome and _has_effect(row.first, row.second):
            name = row.label
            if times[row.analysis, row.label] > 1:
                name = f"{row.label}, row at line {row.line}"
            trial = Trial(
                study_id=name,
                label=name,
                outcome=outcome,
                first=row.first,
                second=row.second,
                doubt="",
                source=f"{row.file} line {row.line}",
            )
            pools.setdefault(f"review, analysis {row.analysis}", []).append(trial)
    return pools


def pools_of(
    trials: Sequence[Trial], reviews: dict[str, list[Trial]]
) -> dict[tuple[str, str], tuple[Trial, ...]]:
    """Return the rows of every pool of two trials or more, by outcome and name of the pool."""
    pools: dict[tuple[str, str], tuple[Trial, ...]] = {}
    for outcome in dict.fromkeys(trial.outcome for trial in trials):
        rows = tuple(trial for trial in trials if trial.outcome == outcome)
        pools[outcome, BASE] = tuple(t for t in rows if t.doubt != UNVERIFIED)
        if any(t.doubt == UNVERIFIED for t in rows):
            pools[outcome, WITH_DOUBT] = rows
        if any(t.doubt == MERGED for t in rows):
            pools[outcome, WITHOUT_MERGED] = tuple(t for t in rows if not t.doubt)
    for name, found in reviews.items():
        pools[found[0].outcome, name] = tuple(found)
    return {key: rows for key, rows in pools.items() if len(rows) > 1}


def pooled_frame(pools: dict[tuple[str, str], tuple[Trial, ...]]) -> pd.DataFrame:
    """Return every pool by every method and interval, and the base pools without each trial."""
    parts = []
    for (outcome, name), trials in pools.items():
        effects = effects_frame(trials)
        ways = [(m, ci) for m in METHODS for ci in ("z", "hksj") if (m, ci) != ("common", "hksj")]
        calls = [partial(meta_analysis, effects, method=m, ci=ci) for m, ci in ways]
        if name == BASE and len(trials) > 2:
            calls.append(partial(leave_one_out, effects, method="reml", ci="hksj"))
        for call in calls:
            try:
                parts.append(call().assign(outcome=outcome, pool=name))
            except NotEstimable:
                # Effects that are all the same have no Hartung-Knapp interval; others remain.
                continue
    if not parts:
        return pd.DataFrame(columns=list(POOLED))
    frame = pd.concat(parts, ignore_index=True)
    if "left_out" not in frame:
        frame["left_out"] = ""
    return frame.assign(left_out=frame["left_out"].fillna(""))[list(POOLED)]


def weights_frame(pools: dict[tuple[str, str], tuple[Trial, ...]]) -> pd.DataFrame:
    """Return the percent weight of every trial in every pool, by every method."""
    parts = []
    for (outcome, name), trials in pools.items():
        effects = effects_frame(trials)
        for method in METHODS:
            weight = study_weights(effects, method)
            parts.append(effects.assign(outcome=outcome, pool=name, method=method, weight=weight))
    if not parts:
        return pd.DataFrame(columns=list(WEIGHTS))
    return pd.concat(parts, ignore_index=True)[list(WEIGHTS)]


def pool_records(pools: dict[tuple[str, str], tuple[Trial, ...]]) -> tuple[Pool, ...]:
    """Return what printed pools are compared with: DerSimonian-Laird, normal interval."""
    records = []
    for (outcome, name), trials in pools.items():
        values, intervals = pool_of([(trial.first, trial.second) for trial in trials])
        records.append(
            Pool(
                outcome=outcome,
                k=len(trials),
                method="dl",
                values=values,
                intervals=intervals,
                described=f"{name}, {outcome}: {', '.join(trial.label for trial in trials)}",
            )
        )
    return tuple(records)


# The one answer in numbers that a record gives.


@dataclass(frozen=True, kw_only=True, slots=True)
class MainAnswer:
    """A record's one quantitative answer on an outcome: its pool, and the comparison of directions.

    Attributes
    ----------
    outcome : str
        Family of the outcome ("pain").
    estimate, conf_low, conf_high : float
        Standardised difference (Hedges' g), REML, 95 % Hartung-Knapp; below zero favours backward.
    pi_low, pi_high : float
        Where a further trial is expected (95 %); NaN with two trials.
    i2 : float
        In percent.
    k, people : int
        Trials and participants.
    trials : tuple of str
        Their short names.
    added : bool
        True where no trial of the pool compares with forward walking: walking was added, and the
        pool does not tell in which direction.
    merged : tuple of str
        Trials whose arm merges backward and forward walkers.
    without_merged : tuple of float
        Estimate, lower and upper end without them; () where there is none or one trial is left.
    direct : DirectComparison or None
        Backward against forward walking, where one trial determines it.
    """

    outcome: str
    estimate: float
    conf_low: float
    conf_high: float
    pi_low: float
    pi_high: float
    i2: float
    k: int
    people: int
    trials: tuple[str, ...]
    added: bool
    merged: tuple[str, ...]
    without_merged: tuple[float, ...]
    direct: DirectComparison | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectComparison:
    """Backward minus forward walking in one trial, Student's t; `derived` arms were recovered."""

    label: str
    outcome: str
    unit: str
    lower_is_better: bool
    n_backward: int
    n_forward: int
    estimate: float
    conf_low: float
    conf_high: float
    p_value: float
    derived: bool


def main_answer(
    trials: Sequence[Trial], contrasts: Sequence[Contrast], outcome: str = ""
) -> MainAnswer | None:
    """Return the answer on an outcome, or on the one with most trials; None without a pool.

    `trials` are those of `trials_of`, `contrasts` the comparisons of the record.
    """
    sure = [trial for trial in trials if trial.doubt != UNVERIFIED]
    if not outcome:
        outcome = max((t.outcome for t in sure), key=[t.outcome for t in sure].count, default="")
    rows = [trial for trial in sure if trial.outcome == outcome]
    pool = _main_pool(rows)
    if pool is None:
        return None
    single = [trial for trial in rows if trial.doubt != MERGED]
    apart = _main_pool(single) if len(single) < len(rows) else None
    ends = ("estimate", "conf_low", "conf_high")
    return MainAnswer(
        outcome=outcome,
        **{name: float(pool[name]) for name in (*ends, "pi_low", "pi_high", "i2")},
        k=len(rows),
        people=sum((t.first.n or 0) + (t.second.n or 0) for t in rows),
        trials=tuple(trial.label for trial in rows),
        added=not any(walks_forward(t.second.arm) for t in rows),
        merged=tuple(trial.label for trial in rows if trial.doubt == MERGED),
        without_merged=() if apart is None else tuple(float(apart[name]) for name in ends),
        direct=next(
            (d for c in by_last_visit(contrasts) if (d := direct_comparison(c, outcome))), None
        ),
    )


def _main_pool(trials: Sequence[Trial]) -> pd.Series[float] | None:
    if len(trials) < 2:
        return None
    try:
        return meta_analysis(effects_frame(trials), method="reml", ci="hksj").iloc[0]
    except NotEstimable:
        return None


def direct_comparison(contrast: Contrast, outcome: str) -> DirectComparison | None:
    """Return a comparison of directions on follow-up scores of two arms, where it is one."""
    if family(contrast.outcome) != outcome or contrast.kind != "between" or contrast.missing:
        return None
    if not compares_directions(contrast) or contrast.read.people == "same" or contrast.about_change:
        return None
    a, b = contrast.first[0], contrast.second[0]
    if not walks_backward(contrast.arm_a):
        a, b = b, a
    if (
        not _has_effect(a, b)
        or is_before(a.timepoint)
        or a.spread_is_a_guess
        or b.spread_is_a_guess
    ):
        return None
    result = student_box(a, b).centre
    return DirectComparison(
        label=contrast.study.label,
        outcome=a.instrument or contrast.outcome,
        unit=a.unit,
        lower_is_better=a.direction.startswith("lower"),
        n_backward=a.n or 0,
        n_forward=b.n or 0,
        estimate=float(result.estimate),
        conf_low=float(result.conf_low),
        conf_high=float(result.conf_high),
        p_value=float(result.p_value),
        derived=contrast.derived,
    )


def by_last_visit(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """Return comparisons in order: later visits first; the record's order among equals."""
    return sorted(contrasts, key=lambda c: -weeks_of(c.first[0].timepoint) if c.first else 0.0)


def directions_frame(contrasts: Sequence[Contrast]) -> pd.DataFrame:
    """Return the comparison of directions (`tables.DIRECTIONS`) of a study and outcome: the last.

    The last visit goes before earlier ones, the first row before later ones.
    """
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for contrast in by_last_visit(contrasts):
        study, outcome = contrast.study.study_id, family(contrast.outcome)
        direct = direct_comparison(contrast, outcome) if outcome else None
        if direct is not None and (study, outcome) not in rows:
            named = {"outcome": outcome, "study_id": study, "instrument": direct.outcome}
            rows[study, outcome] = asdict(direct) | named
    return pd.DataFrame(list(rows.values()), columns=list(DIRECTIONS))
