"""Pools the trials of a record: which rows, by which method, and what each row weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from backwalk_stats.analyses.pooled import leave_one_out, meta_analysis, study_weights
from backwalk_stats.engine.summary.two_arms import cochrane_smd
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Contrast, Pool, ReviewRow
from backwalk_stats.ledger.hulls import arm_of, pool_of
from backwalk_stats.ledger.vocabulary import family, is_merged_arm, walks_backward
from backwalk_stats.trial.tables import EFFECTS, POOLED, WEIGHTS

BASE = "backward trials"
WITH_DOUBT = "plus unverified direction"
WITHOUT_MERGED = "without merged arms"
MERGED = "the arm merges backward and forward walkers"
UNVERIFIED = "walking direction not verified"
METHODS = ("common", "dl", "pm", "reml")


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
    found: dict[tuple[str, str], Trial] = {}
    for contrast in contrasts:
        outcome = family(contrast.outcome)
        if contrast.kind != "standardised" or not outcome or contrast.missing:
            continue
        a, b = contrast.first[0], contrast.second[0]
        if not (a.sd and b.sd and _has_effect(a, b)):
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
        found.setdefault((outcome, trial.study_id), trial)
    return tuple(found.values())


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

    `outcomes` is analysis number ("4.5") to outcome family.
    """
    pools: dict[str, list[Trial]] = {}
    for row in rows:
        outcome = outcomes.get(row.analysis, "")
        if outcome and _has_effect(row.first, row.second):
            trial = Trial(
                study_id=row.label,
                label=row.label,
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
