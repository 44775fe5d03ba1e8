"""What few people have in common is not shown: neither their number nor a statistic of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backwalk_stats.tables.small_cell_frames import small_results, without_small_cells
from backwalk_stats.tables.small_cells import WITHHELD, small
from backwalk_stats.trial.tables import ESTIMATES

if TYPE_CHECKING:
    import pandas as pd

FEWEST_FOR_PERCENTILES = 20
NOT_SHOWN = f"{WITHHELD}: of fewer than {{limit}} people, or beside such a mean or count"
_PERCENTILES = ("p5", "q1", "median", "q3", "p95")


def frames_of_many(
    frames: Mapping[str, pd.DataFrame],
    *,
    limit: int,
) -> dict[str, pd.DataFrame]:
    """Return the frames of a result without small counts, and percentiles of 20 people or more.

    `frames` are named as in `Result.frames`, and not changed; a `limit` of 1 or less shows
    everything.
    """
    if limit <= 1:
        return dict(frames)
    shown = without_small_cells(frames, small_cell=limit)
    if "sessions" in shown:
        shown["sessions"] = _rounded_sessions(frames["sessions"], limit)
    for name in ("baseline", "box"):
        if name in shown:
            shown[name] = _percentiles_of_many(shown[name], frames[name]["n"])
    if {"density", "box"} <= set(frames):
        box = frames["box"]
        many = set(box.loc[box["n"] >= FEWEST_FOR_PERCENTILES, "arm"].astype(str))
        kept = shown["density"]["arm"].astype(str).isin(many)
        shown["density"] = shown["density"][kept].reset_index(drop=True)
    if {"lines", "means"} <= set(frames) and small(frames["means"]["n"], limit).any():
        shown["lines"] = shown["lines"].iloc[:0]  # their heights are means of the arms
    if "response_curve" in shown:
        many_here = shown["response_curve"]["n"] >= FEWEST_FOR_PERCENTILES
        shown["response_curve"] = shown["response_curve"][many_here].reset_index(drop=True)
    if "residual_quantiles" in shown:
        # The outermost points are the residuals of single people.
        inner = shown["residual_quantiles"]["probability"].between(0.05, 0.95)
        shown["residual_quantiles"] = shown["residual_quantiles"][inner].reset_index(drop=True)
    if "residual_bins" in shown:
        few = small(shown["residual_bins"]["n"], limit)
        shown["residual_bins"] = shown["residual_bins"][~few].reset_index(drop=True)
    return shown


def estimates_of_many(estimates: pd.DataFrame, *, limit: int) -> pd.DataFrame:
    """Return estimates (`tables.RESULTS`) without those that describe few people.

    Comparisons of arms are always there: they are what a trial is for, and describe nobody. What
    describes an arm by itself, such as a mean, is NaN where that arm or one beside it has fewer
    people than the limit, with a note that says so, and so are all estimates of responders where in
    some arm few responded, or all but few, since a difference tells the one share from the other.
    How many people of an arm an estimate rests on is always shown.
    """
    if limit <= 1 or not len(estimates):
        return estimates
    few = _few_in_an_arm(estimates, limit) | _few_responders(estimates, limit)
    shown = small_results(estimates, small_cell=limit)
    hidden = {name: shown[name].astype(float).mask(few) for name in (*ESTIMATES, "p_adjusted")}
    said = NOT_SHOWN.format(limit=limit)
    notes = [
        (f"{note}; {said}" if note else said) if gone else note
        for note, gone in zip(shown["note"].fillna(""), few, strict=True)
    ]
    return shown.assign(**hidden, note=notes)


def notes_of_many(notes: Sequence[str], estimates: pd.DataFrame, *, limit: int) -> tuple[str, ...]:
    """Return notes without those on a rule of response that is hidden, such as "no responder".

    A note on a rule begins with the note of that rule's estimates, here as they were found.
    """
    if limit <= 1 or not len(estimates):
        return tuple(notes)
    rules = set(estimates.loc[_few_responders(estimates, limit), "note"].astype(str))
    hidden = tuple(f"{rule}{mark}" for rule in rules for mark in ",:")
    return tuple(note for note in notes if not note.startswith(hidden))


def _percentiles_of_many(frame: pd.DataFrame, n: pd.Series) -> pd.DataFrame:
    """Return a frame whose percentiles are NaN where fewer than 20 people stand behind them."""
    few = (n < FEWEST_FOR_PERCENTILES).to_numpy()
    names = [name for name in _PERCENTILES if name in frame.columns]
    return frame.assign(**{name: frame[name].astype(float).mask(few) for name in names})


def _rounded_sessions(sessions: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return attendance with those who did not come rounded to multiples of the limit.

    Nearly every session misses one or two: hidden, no session would be left to see.
    """
    away = {
        name: limit * np.floor(sessions[name] / limit + 0.5) for name in ("missed", "withdrawn")
    }
    came = (sessions["n"] - away["missed"] - away["withdrawn"]).clip(lower=0.0)
    rounded = sessions.assign(**away, attended=came)
    return rounded[~small(sessions["n"], limit)].reset_index(drop=True)


def _few_in_an_arm(estimates: pd.DataFrame, limit: int) -> np.ndarray:
    """Tell which rows describe an arm where it, or one beside it, has few people.

    Differences are shown, so that the mean of one arm would tell that of the other.
    """
    described = (estimates["contrast"].fillna("") == "") & (estimates["arm"].fillna("") != "")
    few = described & small(estimates["n"], limit)
    names = ("analysis", "estimand", "outcome", "visit", "quantity")
    keys = [estimates[name].astype(str) for name in names]
    return np.asarray(few.groupby(keys, sort=False).transform("any") & described)


def _few_responders(estimates: pd.DataFrame, limit: int) -> np.ndarray:
    """Tell which rows are about responders of whom, in some arm, few are or few are not."""
    about = estimates["analysis"] == "responder"
    few_people = small(estimates["n"], limit) | small(estimates["n_reference"], limit)
    events = estimates["estimate"] * estimates["n"] / 100.0
    rest = estimates["n"] - events
    percent = about & (estimates["quantity"] == "percent")
    few = percent & (small(events.round(6), limit) | small(rest.round(6), limit))
    few |= about & few_people
    keys = [estimates[name].astype(str) for name in ("estimand", "outcome", "visit", "note")]
    return np.asarray(few.groupby(keys, sort=False).transform("any") & about)
