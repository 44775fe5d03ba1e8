"""Counts so small that they could point at a person, taken out before anything is shown.

A count below the limit is hidden (primary). Where it could be computed back from a total and the
other counts, one more is hidden (secondary), and so on until nothing can be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

HIDDEN = "*"
WITHHELD = "not shown"  # begins the note on an estimate that is hidden
HIDDEN_NOTE = (
    "* Not shown: of few people, or it would tell a number of few people; [report] small_cell = 0 "
    "in the trial file shows all."
)
OTHER_REASONS = "Reasons of few people each"  # stands for those that are not told
FEWEST_FOR_PERCENTILES = 20  # people of whom percentiles of changes, or of scores, are told
WHOLE = ""  # arm of a row about all participants
_NUMBERS = {
    "means": ("estimate", "sd", "conf_low", "conf_high"),
    "box": ("p5", "q1", "median", "q3", "p95", "mean", "conf_low", "conf_high"),
}


def hidden_notes(rows: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the note of a table in which something is hidden; none where nothing is."""
    return (HIDDEN_NOTE,) if any(HIDDEN in text for row in rows for text in row) else ()


def hidden_cells(counts: ArrayLike, *, small_cell: int) -> NDArray[np.bool_]:
    """Return which counts must not be shown where the totals of the rows are known.

    Counts (rows, columns; without the totals, NaN where there is no cell) from 1 to `small_cell -
    1` are hidden. In each row the hidden counts are then two at least, and their sum, which is the
    total minus what is shown, is not small itself; else the smallest count that is shown is hidden
    as well. A row whose total is small is hidden whole.

    References
    ----------
    Hundepool et al. 2012, Statistical Disclosure Control, chapter 4 (primary and secondary
    suppression of cells).

    Examples
    --------
    >>> hidden_cells([[3, 12, 15]], small_cell=5).tolist()
    [[True, True, False]]
    """
    values = np.atleast_2d(np.asarray(counts, dtype=float))
    hidden = small(values, small_cell)
    for line, mask in zip(values, hidden, strict=True):
        _protect(line, mask, small_cell)
    return hidden


def small(counts: ArrayLike, small_cell: int) -> NDArray[np.bool_]:
    """Tell which counts are small: above 0 and below the limit.

    Examples
    --------
    >>> small([0, 1, 4, 5], 5).tolist()
    [False, True, True, False]
    """
    values = np.asarray(counts, dtype=float)
    return (values > 0) & (values < small_cell)


def _protect(line: NDArray[np.float64], mask: NDArray[np.bool_], small_cell: int) -> None:
    """Hide more cells of a line, in place, until the hidden ones cannot be computed back."""
    while mask.any() and (mask.sum() == 1 or line[mask].sum() < small_cell):
        free = np.isfinite(line) & ~mask
        if not free.any():
            return
        # A zero protects little, so counts above zero are taken first.
        rank = np.where(line > 0, line, np.nanmax(line) + 1.0)
        mask[int(np.argmin(np.where(free, rank, np.inf)))] = True


# The frames of an analysis with small counts, and whatever would reveal one, set to NaN.


def without_small_cells(
    frames: Mapping[str, pd.DataFrame], *, small_cell: int, measured: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Return new frames of a result as they may be shown; 1 or less hides nothing.

    `frames` are named as in `Result.frames`; those that hold no counts are returned as they are,
    and so are the frames of individuals. The rows stay the same, but that "density" has only the
    arms that may be shown, and that reasons of few are one. `measured` is as in `small_baseline`.
    """
    safe = dict(frames)
    if small_cell <= 1:
        return safe
    rules: dict[str, Callable[..., pd.DataFrame]] = {
        "baseline": partial(small_baseline, measured=measured),
        "flow": small_flow,
        "sessions": small_sessions,
        "responders": small_responders,
        "response_curve": small_response_curve,
        "forest": small_forest,
        "event_counts": small_event_counts,
        "values_by_event": small_values_by_event,
        "harms": small_harms,
        "categories": joined_categories,
    }
    for name, rule in rules.items():
        if name in safe:
            safe[name] = rule(safe[name].reset_index(drop=True), small_cell=small_cell)
    for name, columns in _NUMBERS.items():
        if name in safe:
            safe[name] = small_means(safe[name], columns, small_cell=small_cell)
    if {"density", "box"} <= set(frames):
        box = frames["box"]
        few = box.loc[small(box["n"], small_cell), "arm"]
        safe["density"] = safe["density"][~safe["density"]["arm"].isin(few)]
    return safe


def small_baseline(
    baseline: pd.DataFrame, *, small_cell: int, measured: Collection[str] = ()
) -> pd.DataFrame:
    """Return `tables.BASELINE` without small counts.

    A level is hidden together with another one of the same arm, and in the column of all
    participants (arm "") wherever it is hidden in an arm. A mean or median of few participants is
    not shown either. How many have a value of the variables in `measured` is told elsewhere, and so
    shown here.
    """
    frame = baseline.copy()
    for variable, part in baseline.groupby("variable", sort=False, observed=True):
        arms = [arm for arm in part["arm"].unique() if arm != WHOLE]
        levels = part.loc[part["count"].notna(), "level"].unique()
        gone: set[object] = set()
        for arm in arms:
            mine = part[part["arm"] == arm]
            counts = [*mine["count"].dropna()]
            if variable not in measured:
                counts += [mine["n_missing"].iloc[0]]
                counts += [] if len(levels) else [mine["n"].iloc[0]]
            mask = hidden_cells([counts], small_cell=small_cell)[0] if counts else []
            named = [*mine.loc[mine["count"].notna(), "level"], None]
            here = {name for name, hide in zip(named, mask, strict=False) if hide}
            _hide_levels(frame, mine, here)
            gone |= here
        _hide_levels(frame, part[part["arm"] == WHOLE], gone)
    few = frame["mean"].notna() & small(baseline["n"], small_cell)
    frame.loc[few, ["mean", "sd", "median", "q1", "q3"]] = np.nan
    return frame


def _hide_levels(frame: pd.DataFrame, rows: pd.DataFrame, gone: set[object]) -> None:
    """Set the counts of levels to NaN, in place; None stands for what is missing."""
    chosen = rows.index[rows["level"].isin(gone - {None}) & rows["count"].notna()]
    frame.loc[chosen, ["count", "percent"]] = np.nan
    if None in gone:
        # A percentage beside its count would tell how many values there are.
        frame.loc[rows.index, ["n", "n_missing", "percent"]] = np.nan


def small_flow(flow: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.FLOW` without the reasons of few people.

    How many of an arm were allocated, treated, lost and analysed is always shown: CONSORT asks for
    it, and it tells nothing about a person. A reason, such as an illness, does. Hidden beside a
    total its number would follow, so that the words go: the reasons of few become one.
    """
    few = (flow["reason"] != "") & small(flow["n"].astype(float), small_cell)
    shown = flow.assign(n=flow["n"].astype(float))
    return _one_reason(shown, few) if few.any() else shown


def merged_reasons(flow: pd.DataFrame, stages: Collection[tuple[str, ...]]) -> pd.DataFrame:
    """Return `tables.FLOW` with one reason for all in the stages and arms that are named."""
    own = [pair in stages for pair in zip(flow["stage"], flow["arm"], strict=True)]
    return _one_reason(flow, (flow["reason"] != "") & np.array(own, dtype=bool))


def _one_reason(flow: pd.DataFrame, merged: pd.Series) -> pd.DataFrame:
    """Return a flow in which the chosen reasons of each stage and arm are one row, the last."""
    told = flow[~merged]
    rows, keys = [], ["stage", "arm"]
    for (stage, arm), own in flow[merged].groupby(keys, sort=False, observed=True):
        total = own["n"].sum(min_count=len(own))
        rows.append({"stage": stage, "arm": arm, "reason": OTHER_REASONS, "n": total})
    joined = pd.concat([told, pd.DataFrame(rows, columns=list(flow.columns))], ignore_index=True)
    place = {pair: at for at, pair in enumerate(dict.fromkeys(_pairs(flow)))}
    order = sorted(range(len(joined)), key=[place[pair] for pair in _pairs(joined)].__getitem__)
    return joined.iloc[order].reset_index(drop=True)


def _pairs(flow: pd.DataFrame) -> list[tuple[str, str]]:
    """Return stage and arm of every row."""
    return [(str(a), str(b)) for a, b in zip(flow["stage"], flow["arm"], strict=True)]


def small_event_counts(counts: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.EVENT_COUNTS` without events that few of an arm had, or had in time."""
    n, affected = counts["n"].astype(float), counts["n_affected"].astype(float)
    few = small(n, small_cell)
    part = few | small(affected, small_cell) | small(n - affected, small_cell)
    return counts.assign(n=n.mask(few), n_affected=affected.mask(part))


def small_values_by_event(values: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.VALUES_BY_EVENT` without small counts, and those that would tell one.

    What was not measured is told of everybody (`tables.MISSINGNESS`), and no secret here.
    """
    names = ["n_measured", "n_set_aside", "n_worst", "n_carried"]
    counts = values[names].astype(float)
    hidden = counts.to_numpy() * 0 != 0
    hidden[:, 1:] = small(counts.to_numpy()[:, 1:], small_cell)
    for line, mask in zip(counts.to_numpy(), hidden, strict=True):
        _protect(line, mask, small_cell)
    return values.assign(**counts.mask(hidden))


OR = " or "  # between categories that are counted as one


def joined_categories(categories: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.CATEGORIES` with categories of few people joined to a neighbour, in all arms.

    Joined until every arm has none or enough in each: no count is hidden, so none follows from the
    others, nor from a statistic of all of them. Where one category is left, it tells nothing, and
    no row is left.
    """
    names = list(dict.fromkeys(categories["category"].astype(str)))
    arms = list(dict.fromkeys(categories["arm"].astype(str)))
    wide = categories.assign(
        category=categories["category"].astype(str), arm=categories["arm"].astype(str)
    ).pivot_table(index="arm", columns="category", values="n", aggfunc="sum")
    columns = [wide.loc[arms, name].to_numpy(dtype=float) for name in names]
    groups = [[name] for name in names]
    while len(groups) > 1:
        few = [k for k, own in enumerate(columns) if small(own, small_cell).any()]
        if not few:
            break
        at = min(few, key=lambda k: columns[k].sum())
        beside = [k for k in (at - 1, at + 1) if 0 <= k < len(groups)]
        with_ = min(beside, key=lambda k: columns[k].sum())
        low, high = min(at, with_), max(at, with_)
        groups[low : high + 1] = [groups[low] + groups[high]]
        columns[low : high + 1] = [columns[low] + columns[high]]
    if len(groups) == 1 and len(names) > 1:
        return categories.iloc[:0]
    total = np.sum(columns, axis=0)
    rows = [
        (
            arm,
            OR.join(group),
            own[place],
            100.0 * own[place] / total[place] if total[place] else nan,
        )
        for place, arm in enumerate(arms)
        for group, own in zip(groups, columns, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(categories.columns))


def small_responders(responders: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.RESPONDERS` without rows of few responders or few others.

    Who responded is the same whether a missing value counts as no response or not: a row that is
    hidden among the observed is hidden in both.
    """
    columns = ("events", "percent", "conf_low", "conf_high")
    rest = responders["n"] - responders["events"]
    risky = small(responders["events"], small_cell) | small(rest, small_cell)
    keys = [responders["rule"].map(rule_alone), responders["arm"].astype(str)]
    gone = pd.Series(risky, index=responders.index).groupby(keys, sort=False).transform("any")
    hidden = {name: responders[name].astype(float).mask(gone) for name in columns}
    return responders.assign(**hidden)


def rule_alone(note: str) -> str:
    """Return a rule of response without how missing values are taken.

    Examples
    --------
    >>> rule_alone("improved by 30 % or more; observed cases"), rule_alone("30 % of baseline")
    ('improved by 30 % or more', '30 % of baseline')
    """
    rule, _, handling = str(note).rpartition("; ")
    return rule or handling


def small_response_curve(response_curve: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.RESPONSE_CURVE` without the ends at which few people are left."""
    events = response_curve["percent"] * response_curve["n"] / 100
    return _one_of_two(response_curve, events.round(), ("percent",), small_cell)


def _one_of_two(
    frame: pd.DataFrame, part: pd.Series, columns: Sequence[str], small_cell: int
) -> pd.DataFrame:
    """Hide columns of the rows in which one of the two parts of `n` is small."""
    risky = small(part, small_cell) | small(frame["n"] - part, small_cell)
    return frame.assign(**{name: frame[name].astype(float).mask(risky) for name in columns})


def small_harms(harms: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.HARMS` without the arms in which few people have a harm, or all but few."""
    rest = harms["n"] - harms["people"]
    risky = small(harms["people"], small_cell) | small(rest, small_cell)
    columns = ("people", "percent", "events", "rate", "rate_low", "rate_high")
    return harms.assign(**{name: harms[name].astype(float).mask(risky) for name in columns})


def small_sessions(sessions: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.SESSIONS` without small counts of a session."""
    parts = ["attended", "missed", "withdrawn"]
    counts = sessions[parts].to_numpy(dtype=float)
    shown = np.where(hidden_cells(counts, small_cell=small_cell), np.nan, counts)
    return sessions.assign(**dict(zip(parts, shown.T, strict=True)))


def small_forest(forest: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.FOREST` without small numbers of participants; every estimate stays.

    The numbers of the other rows under the same heading go too, since levels add up to the whole.
    """
    few = small(forest["n"], small_cell) | small(forest["n_reference"], small_cell)
    around = forest["group"].isin(set(forest.loc[few, "group"]))
    hidden = {name: forest[name].astype(float).mask(around) for name in ("n", "n_reference")}
    return forest.assign(**hidden)


def small_means(frame: pd.DataFrame, columns: Sequence[str], *, small_cell: int) -> pd.DataFrame:
    """Return means or boxes without those of few participants.

    Beside a mean that is hidden, those of the other arms are hidden too: the differences between
    arms are shown, and would tell the one from the other.
    """
    few = pd.Series(small(frame["n"], small_cell), index=frame.index)
    keys = [frame[name].astype(str) for name in ("outcome", "visit", "kind") if name in frame]
    keys = keys or [pd.Series("", index=frame.index)]  # boxes are of one outcome and visit
    beside = few.groupby(keys, sort=False).transform("any")
    hidden = {name: frame[name].astype(float).mask(beside) for name in columns}
    return frame.assign(**hidden, n=frame["n"].astype(float).mask(few))


def small_results(results: pd.DataFrame, *, small_cell: int) -> pd.DataFrame:
    """Return `tables.RESULTS` without small numbers of people of a subgroup.

    How many of an arm an analysis rests on is shown however few they are; how many of them have a
    label is not, nor is it of the other labels: together they are the arm.
    """
    of_a_subgroup = results["analysis"].eq("subgroup")
    column = [str(note).partition(": ")[0] for note in results["note"]]
    keys = [results[name].map(str) for name in ("estimand", "outcome", "visit")]
    hidden = {}
    for name in ("n", "n_reference"):
        few = of_a_subgroup & small(results[name], small_cell)
        around = few.groupby([*keys, pd.Series(column, index=results.index)], sort=False)
        gone = of_a_subgroup & around.transform("any")
        hidden[name] = results[name].astype(float).mask(gone)
    return results.assign(**hidden)
