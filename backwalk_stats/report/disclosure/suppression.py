"""Complementary suppression: what is hidden, or rounded, so that nothing follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backwalk_stats.report.disclosure.counts import HANDLING, Place, about_of
from backwalk_stats.report.disclosure.harms import COUNTS as HARM_COUNTS
from backwalk_stats.report.disclosure.harms import PLACE as HARMS
from backwalk_stats.report.disclosure.harms import totals_of
from backwalk_stats.report.disclosure.means import ADJUSTED, CHANGED, OBSERVED, Digits
from backwalk_stats.tables.numbers import Row, decimals_for, frame_rows, interval_digits
from backwalk_stats.tables.small_cells import WITHHELD, merged_reasons
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import ESTIMATES

if TYPE_CHECKING:
    from backwalk_stats.analyses.whole_trial import TrialAnalysis

ROUNDED = "rounded: in full precision it would tell scores of few people"
FEW_TO_ROUND = 10  # people of an arm below whom its means in full precision give scores away
IN_UNITS = ("mean_change", "hodges_lehmann", "adjusted_mean")
_LEVELS = ("n", "n_missing", "count", "percent")
_SHARES = ("events", "percent", "conf_low", "conf_high")
_SUMMARY = ("mean", "sd", "median", "q1", "q3")
_MEAN = ("estimate", "sd", "conf_low", "conf_high")
_BOX = ("p5", "q1", "median", "q3", "p95", "mean", "conf_low", "conf_high")
_AVERAGED = ("mean", "conf_low", "conf_high")


def without(frame: pd.DataFrame, rows: object, columns: Iterable[str]) -> pd.DataFrame:
    """Return a frame with some columns of some rows not told."""
    gone = np.asarray(rows, dtype=bool)
    return frame.assign(
        **{name: frame[name].astype(float).mask(gone) for name in columns if name in frame.columns}
    )


def withheld(estimates: pd.DataFrame, rows: object, said: str) -> pd.DataFrame:
    """Return estimates with some rows not told, and a note that says so."""
    gone = np.asarray(rows, dtype=bool)
    if not gone.any():
        return estimates
    notes = [
        _joined(note, said) if hide and WITHHELD not in note else note
        for note, hide in zip(estimates["note"].fillna("").astype(str), gone, strict=True)
    ]
    return without(estimates, gone, (*ESTIMATES, "p_adjusted")).assign(note=notes)


def with_shown_forests(shown: TrialAnalysis) -> TrialAnalysis:
    """Return an analysis in whose forests no estimate stands that is withheld elsewhere.

    A forest of the analyses beside a main one was made of their estimates before any was hidden.
    """
    from backwalk_stats.analyses.whole_trial import sensitivity

    parts = []
    for part in shown.parts:
        if part.analysis == "sensitivity" and part.estimand is not None and "forest" in part.frames:
            one, forest = part.estimand, part.frames["forest"]
            beside = [each for each in shown.parts_of(one.id)
                      if each.analysis in (one.analysis, *one.sensitivity)]  # fmt: skip
            known = sensitivity(one, beside).frames["forest"]["label"]
            kept = forest[forest["label"].isin(known)].reset_index(drop=True)
            part = replace(part, frames={**part.frames, "forest": kept})  # noqa: PLW2901
        parts.append(part)
    return replace(shown, parts=tuple(parts))


def without_shared_p(shown: TrialAnalysis, rows: Sequence[int]) -> TrialAnalysis:
    """Return an analysis without adjusted p-values where one of the p that made them is not told.

    `rows`: the places in the estimates of those that were adjusted together. An adjusted p can be
    the p-value of another row, such as of one before it in a fixed sequence.
    """
    notes = shown.estimates["note"].astype(str).iloc[list(rows)]
    if not notes.str.contains(WITHHELD, regex=False).any():
        return shown

    def bare(estimates: pd.DataFrame) -> pd.DataFrame:
        return estimates.assign(p_adjusted=np.nan)

    return replace(
        shown,
        estimates=bare(shown.estimates),
        parts=tuple(replace(one, estimates=bare(one.estimates)) for one in shown.parts),
        tests=shown.tests.iloc[:0],
    )


def _joined(note: str, said: str) -> str:
    return f"{note}; {said}" if note else said


# Counts that follow: the rows that hang together are hidden as a whole.


def hide_counts(part: Result, places: Collection[Place], *, said: str) -> Result:
    """Return a result without the counts of the places; `said` is the note on hidden estimates."""
    if part.analysis == "harms":
        return _without_total(part, said=said) if HARMS in places else part
    frames = dict(part.frames)
    about = about_of(part)
    variables = {place[1] for place in places if place[0] == "baseline"}
    if "baseline" in frames and variables:
        baseline = frames["baseline"]
        frames["baseline"] = without(baseline, baseline["variable"].isin(variables), _LEVELS)
    stages = {place[1:] for place in places if place[0] == "flow"}
    if "flow" in frames and stages:
        frames["flow"] = merged_reasons(frames["flow"], stages)
    rules = {place[4] for place in places if place[0] == "responders" and place[1:4] == about}
    if "responders" in frames and rules:
        shares = frames["responders"]
        frames["responders"] = without(shares, _of_rules(shares["rule"], rules), _SHARES)
    if part.analysis == "responder" and ("curve", *about) in places:
        frames.pop("response_curve", None)
    columns = {place[4] for place in places if place[0] == "subgroups" and place[1:4] == about}
    if part.analysis == "subgroup" and "forest" in frames and columns:
        forest = frames["forest"]
        frames["forest"] = without(forest, forest["group"].isin(columns), ("n", "n_reference"))
    about_rules = tuple(f"{rule}{mark}" for rule in rules for mark in HANDLING)
    return replace(
        part,
        frames=frames,
        notes=tuple(one for one in part.notes if not rules or not one.startswith(about_rules)),
        estimates=_without_counts(part.estimates, part, rules, columns, said=said),
    )


def _without_total(part: Result, *, said: str) -> Result:
    """Return harms without the rows of any harm and any fall, from which others follow."""
    kinds, notes = totals_of(part)
    frames = dict(part.frames)
    if "harms" in frames:
        frames["harms"] = without(frames["harms"], kinds, HARM_COUNTS)
    return replace(part, frames=frames, estimates=withheld(part.estimates, notes, said))


def drop_counts(part: Result, places: Collection[Place], *, said: str) -> Result:
    """Return a result without the tables, or rows, in which the places stand.

    This is for what still follows once every number in them is hidden: also how many there are, and
    that there is such a row, tells something.
    """
    frames, estimates, about = dict(part.frames), part.estimates, about_of(part)
    if part.analysis == "harms" and HARMS in places:
        if "harms" in frames:
            frames["harms"] = without(frames["harms"], [True] * len(frames["harms"]), HARM_COUNTS)
        return replace(
            part, frames=frames, estimates=withheld(estimates, [True] * len(estimates), said)
        )
    if "baseline" in frames:
        gone = {place[1] for place in places if place[0] == "baseline"}
        frames["baseline"] = frames["baseline"][~frames["baseline"]["variable"].isin(gone)]
    if "flow" in frames:
        flow, stages = frames["flow"], {place[1:] for place in places if place[0] == "flow"}
        own = [pair in stages for pair in zip(flow["stage"], flow["arm"], strict=True)]
        frames["flow"] = flow[~(np.array(own, dtype=bool) & (flow["reason"] != ""))]
    kinds = {place[0] for place in places if place[1:4] == about}
    if _tells_events(part) and kinds & {"responders", "curve"}:
        for name in ("responders", "response_curve"):
            frames.pop(name, None)
        estimates = _of_nobody(estimates, [True] * len(estimates), said)
    if part.analysis == "subgroup" and "subgroups" in kinds:
        frames.pop("forest", None)
        estimates = _of_nobody(estimates, estimates["quantity"] == "mean_difference", said)
    return replace(part, frames=frames, estimates=estimates)


def _tells_events(part: Result) -> bool:
    """Tell whether a result is of people with and without an event, or a response."""
    return part.analysis == "responder" or "risk_difference" in set(part.estimates["quantity"])


def _of_nobody(estimates: pd.DataFrame, rows: object, said: str) -> pd.DataFrame:
    """Return estimates with some rows not told, nor how many people they are of."""
    return without(withheld(estimates, rows, said), rows, ("n", "n_reference"))


def _of_rules(rules: pd.Series, hidden: Collection[str]) -> list[bool]:
    """Tell which rules, with how missing values are taken, are among the hidden ones."""
    return [str(rule).rpartition(HANDLING)[0] in hidden for rule in rules]


def _without_counts(
    estimates: pd.DataFrame,
    part: Result,
    rules: Collection[str],
    columns: Collection[str],
    *,
    said: str,
) -> pd.DataFrame:
    """Return the estimates of a result without responders of rules and numbers of subgroups."""
    if rules:
        begins = tuple(f"{rule}{HANDLING}" for rule in rules)
        estimates = withheld(estimates, estimates["note"].astype(str).str.startswith(begins), said)
    if part.analysis == "subgroup" and columns:
        begins = tuple(f"{column}: " for column in columns)
        rows = estimates["note"].astype(str).str.startswith(begins)
        estimates = without(estimates, rows, ("n", "n_reference"))
    return estimates


# Means that follow: rounded first, then hidden.


# What stands after events in several estimands of one outcome, which differ by their strategies.

_STANDS = ("n_measured", "n_set_aside", "n_worst", "n_carried", "n_missing")


def alike_after_events(parts: Iterable[Result], limit: int) -> tuple[Result, ...]:
    """Hide what stands after events where another estimand of the outcome would tell a small count.

    Values that are set aside in one estimand are worst scores in another. So where a count of an
    arm and visit is hidden in one, or where what is measured, or not, differs between two by few
    people, the counts are hidden in all whose strategies change values there.
    """
    found = list(parts)
    own = [k for k, part in enumerate(found) if "values_by_event" in part.frames]
    of: dict[str, list[int]] = {}
    for k in own:
        of.setdefault(found[k].outcome, []).append(k)
    for places in of.values() if limit > 1 else ():
        frames = [found[k].frames["values_by_event"] for k in places]
        cells = [frame.set_index(["visit", "arm"])[list(_STANDS)].astype(float) for frame in frames]
        for at in dict.fromkeys(place for cell in cells for place in cell.index):
            rows = np.array([cell.loc[at] for cell in cells if at in cell.index])
            if _tells_between(rows, limit):
                for cell in cells:
                    if at in cell.index and not (cell.loc[at].iloc[1:4] == 0).all():
                        cell.loc[at] = cell.loc[at].where(cell.loc[at] == 0)
        for k, frame, cell in zip(places, frames, cells, strict=True):
            shown = {name: cell[name].to_numpy() for name in _STANDS}
            told = {**found[k].frames, "values_by_event": frame.assign(**shown)}
            found[k] = replace(found[k], frames=told)
    return tuple(found)


def _tells_between(rows: NDArray[np.float64], limit: int) -> bool:
    """Tell whether the rows of one arm and visit, an estimand each, tell a small count together."""
    if len(rows) < 2:
        return False
    if np.isnan(rows).any():
        return True
    apart = np.abs(rows[:, None, (0, 4)] - rows[None, :, (0, 4)])
    return bool(((apart > 0) & (apart < limit)).any())


@dataclass(frozen=True, kw_only=True, slots=True)
class MeansPlan:
    """What is done to the means of one outcome.

    Attributes
    ----------
    fewer : int or None
        Decimals fewer than printed that observed means have; None leaves them as they are.
    models : int or None
        Decimals fewer than printed that adjusted means have; lines of a model are not drawn then.
    changes, observed, adjusted : frozenset of str
        Visits whose mean changes, observed means and adjusted means are hidden.
    """

    fewer: int | None = None
    models: int | None = None
    changes: frozenset[str] = frozenset()
    observed: frozenset[str] = frozenset()
    adjusted: frozenset[str] = frozenset()


def harder(plan: MeansPlan, visits: frozenset[str]) -> MeansPlan | None:
    """Return what is tried next where means still follow at visits; None where nothing is left.

    Examples
    --------
    >>> step, tried = MeansPlan(), []
    >>> while step is not None:
    ...     tried.append((step.fewer, [*step.changes], [*step.observed], [*step.adjusted]))
    ...     step = harder(step, frozenset({"W6"}))
    >>> tried[:4]
    [(None, [], [], []), (0, [], [], []), (1, [], [], []), (1, [], [], [])]
    >>> tried[4:]
    [(0, ['W6'], [], []), (0, ['W6'], ['W6'], []), (0, ['W6'], ['W6'], ['W6'])]
    """
    if plan.fewer is None:
        return replace(plan, fewer=0, models=0)
    if plan.fewer == 0 and not plan.changes:
        # Mean changes lose a decimal too before any is hidden.
        return replace(plan, fewer=1, models=1)
    if plan.models is not None and plan.models < 2:
        return replace(plan, models=2)
    if not visits <= plan.changes:
        return replace(plan, fewer=0, changes=plan.changes | visits)
    if not visits <= plan.observed:
        return replace(plan, observed=plan.observed | visits)
    if not visits <= plan.adjusted:
        return replace(plan, adjusted=plan.adjusted | visits)
    return None


def mean_digits(results: Iterable[Result]) -> dict[tuple[str, str], int]:
    """Return the decimals with which the means of each outcome and arm are printed."""
    digits = {}
    for part in results:
        means = part.frames.get("means")
        if part.analysis == "within-arm" and means is not None and len(means):
            spread = means["sd"].max()
            for arm in means["arm"].astype(str).unique():
                digits[part.outcome, arm] = decimals_for(6.0 * spread)
    return digits


def small_arms(results: Iterable[Result]) -> set[tuple[str, str]]:
    """Return outcome and arm where a mean is of fewer than ten people."""
    found = set()
    for part in results:
        tables = [part.estimates[part.estimates["arm"] != ""]]
        tables += [part.frames["means"]] if "means" in part.frames else []
        for table in tables:
            few = table["n"].between(1, FEW_TO_ROUND - 1)
            found |= {(part.outcome, arm) for arm in table.loc[few, "arm"].astype(str)}
    return found


def rounded(part: Result, digits: Digits) -> Result:
    """Return a result whose observed means, and means of few people, are rounded to decimals."""
    frames = dict(part.frames)
    if "means" in frames:
        kind = OBSERVED if part.analysis == "within-arm" else ADJUSTED
        frames["means"] = _rounded_frame(frames["means"], (kind, part.outcome), digits, _MEAN)
    if "box" in frames:
        frames["box"] = _rounded_frame(frames["box"], (CHANGED, part.outcome), digits, _BOX)
    if "baseline" in frames:
        table = frames["baseline"].reset_index(drop=True)
        pieces = [
            _rounded_frame(own, (OBSERVED, str(variable)), digits, _SUMMARY)
            for variable, own in table.groupby("variable", sort=False, observed=True)
        ]
        frames["baseline"] = pd.concat(pieces) if pieces else table
    return replace(part, frames=frames, estimates=_rounded_rows(part.estimates, digits))


def _rounded_frame(
    frame: pd.DataFrame, about: tuple[str, str], digits: Digits, columns: Sequence[str]
) -> pd.DataFrame:
    """Return a frame whose numbers are rounded in the rows of arms."""
    known = {arm: places for (*of, arm), places in digits.items() if (*of,) == about}
    every = min(known.values(), default=None)  # of all arms together: no more than of each
    own = [known.get(str(arm), None if arm else every) for arm in frame["arm"].astype(str)]
    if not any(places is not None for places in own):
        return frame
    new = {
        name: [
            value if places is None or not isfinite(value) else round(float(value), places)
            for value, places in zip(frame[name].astype(float), own, strict=True)
        ]
        for name in columns
    }
    return frame.assign(**new)


def _rounded_rows(estimates: pd.DataFrame, digits: Digits) -> pd.DataFrame:
    """Return estimates whose rows on an arm by itself are rounded as printed; the note says so."""
    keys = [
        (ADJUSTED if kind == "adjusted_mean" else CHANGED, str(outcome), str(arm))
        for kind, outcome, arm in zip(
            estimates["quantity"], estimates["outcome"], estimates["arm"], strict=True
        )
    ]
    if not digits.keys() & {*keys}:
        return estimates
    rows = [
        _rounded_row(row, digits[key])
        if key in digits and row["contrast"] == "" and row["quantity"] != "percent"
        else row
        for key, row in zip(keys, frame_rows(estimates), strict=True)
    ]
    new = pd.DataFrame(rows, columns=estimates.columns, index=estimates.index)
    return new.astype(estimates.dtypes.to_dict())


def _rounded_row(row: Row, places: int) -> Row:
    """Return a row with its numbers as they are printed."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    printed = places if row["quantity"] in IN_UNITS else interval_digits(low, high)
    kept: dict[str, Callable[[float], float]] = {
        **dict.fromkeys(("estimate", "std_error", "conf_low", "conf_high"),
                        lambda value: round(value, printed)),
        "statistic": lambda value: round(value, 2),
        "p_value": lambda value: float(f"{value:.2g}"),
    }  # fmt: skip
    new = dict(row)
    for name, shorten in kept.items():
        value = float(row[name])
        new[name] = shorten(value) if isfinite(value) else value
    if isfinite(float(row["estimate"])):
        new["note"] = _joined(str(row["note"] or ""), ROUNDED)
    return new


def hide_adjusted(part: Result, plan: MeansPlan, *, said: str) -> Result:
    """Return a model's result without lines, or adjusted means, that would tell scores."""
    frames, estimates = dict(part.frames), part.estimates
    if plan.models is not None and "lines" in frames:
        frames["lines"] = frames["lines"].iloc[:0]
    if plan.adjusted and "means" in frames:
        means = frames["means"]
        frames["means"] = without(means, means["visit"].astype(str).isin(plan.adjusted), _MEAN)
    if plan.adjusted and len(estimates):
        gone = estimates["visit"].astype(str).isin(plan.adjusted)
        gone &= estimates["quantity"] == "adjusted_mean"
        estimates = withheld(estimates, gone, said)
    return replace(part, frames=frames, estimates=estimates)


def hide_means(part: Result, plan: MeansPlan, box_visit: str, *, said: str) -> Result:
    """Return the description of an outcome within arms without means that would tell others."""
    frames, estimates = dict(part.frames), part.estimates
    if "means" in frames and plan.observed:
        means = frames["means"]
        frames["means"] = without(means, means["visit"].astype(str).isin(plan.observed), _MEAN)
    if box_visit in plan.changes:
        if "box" in frames:
            frames["box"] = without(frames["box"], [True] * len(frames["box"]), _AVERAGED)
        if "density" in frames:
            frames["density"] = frames["density"].iloc[:0]
    if plan.changes and len(estimates):
        gone = estimates["visit"].astype(str).isin(plan.changes) & (estimates["contrast"] == "")
        estimates = withheld(estimates, gone, said)
    return replace(part, frames=frames, estimates=estimates)
