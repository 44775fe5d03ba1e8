"""Harms by arm: people and events, differences of risks, rates over the time that people were seen.

Nothing is tested: a trial of this size cannot show that arms harm alike, and many terms would give
small p-values by chance (CONSORT Harms 2022, Junqueira and others, BMJ 2023;381:e073725).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, nan

import pandas as pd

from backwalk_stats.analyses.results import Answer
from backwalk_stats.engine.summary.proportions import (
    Counts,
    Interval,
    difference_interval,
    rate_interval,
    wilson_interval,
)
from backwalk_stats.trial.harms import FLAGS, Harms
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import HARMS
from backwalk_stats.trial.trial import Trial

ANY, ANY_FALL = "any harm", "any fall"
FLAG_TERMS = {"serious": "serious", "related": "related", "led_to_stop": "led to stop"}
PER = 100.0  # person-weeks of a rate
LEVEL = 0.95
_METHOD = (
    "Harms: participants with at least one of a kind, and events, of everybody in the arm. "
    "Differences of risks have Newcombe’s hybrid score limits{rates}. Nothing is tested."
)
_RATES = "; rates are events per 100 person-weeks, with exact Poisson limits"


@dataclass(frozen=True, kw_only=True, slots=True)
class HarmCount:
    """One kind of harm in one arm.

    Attributes
    ----------
    arm : str
    n : int
        Everybody of the arm.
    people : int
        Those with at least one.
    events : int
    weeks : float
        Weeks for which the arm was followed; NaN where they are not known of everybody.
    """

    arm: str
    n: int
    people: int
    events: int
    weeks: float

    @property
    def risk(self) -> Interval:
        """Return the share of people, with Wilson's limits; NaN in an arm of nobody."""
        if not self.n:
            return Interval(estimate=nan, low=nan, high=nan)
        return wilson_interval(events=self.people, n=self.n, level=LEVEL)

    @property
    def rate(self) -> Interval:
        """Return events per 100 person-weeks, NaN where the weeks are not known."""
        if not (isfinite(self.weeks) and self.weeks > 0.0):
            return Interval(estimate=nan, low=nan, high=nan)
        return rate_interval(events=self.events, time=self.weeks / PER, level=LEVEL)


def harms(trial: Trial) -> Result:
    """Return harms by arm: frame harms (`tables.HARMS`), and estimates without p-values.

    A row of the frame is a kind of harm in an arm; kind is "fall" (falls stand first), "falls" (any
    of several terms for them), "any", "serious", "related", "led_to_stop" or "term". Estimates: for
    each kind the percentage of each arm, the rate of each arm, and the risk difference of each arm
    against the reference; `note` is the kind. A harm of whom a flag is not recorded counts in its
    term and not under the flag; a note says so.
    """
    recorded = trial.harms
    if recorded is None:
        raise ValueError("the trial has no record of harms")
    frames: list[dict[str, object]] = []
    lines: list[Mapping[str, object]] = []
    for kind, term, events in _kinds(recorded):
        counts = _counts(trial, recorded, events)
        frames += [_row(kind, term, count) for count in counts]
        lines += list(_lines(term, counts))
    seen = len(recorded.weeks) > 0
    answer = Answer(
        method=_METHOD.format(rates=_RATES if seen else ""),
        lines=lines,
        notes=_notes(recorded),
        frames={"harms": pd.DataFrame(frames, columns=list(HARMS))},
    )
    return answer.result("harms")


def _kinds(recorded: Harms) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield kind, name and events: falls first, then any harm, then flags, then the other terms."""
    events = recorded.events
    terms = sorted(events["term"].unique(), key=str.casefold)
    falls = [term for term in terms if term in recorded.falls]
    if len(falls) > 1:
        yield "falls", ANY_FALL, events[events["term"].isin(falls)]
    for term in falls:
        yield "fall", term, events[events["term"] == term]
    yield "any", ANY, events
    for flag in FLAGS:
        if flag in recorded.flags and not _recorded_of_none(recorded, flag):
            yield flag, FLAG_TERMS[flag], events[events[flag] == 1.0]
    for term in terms:
        if term not in falls:
            yield "term", term, events[events["term"] == term]


def _recorded_of_none(recorded: Harms, flag: str) -> bool:
    """Tell whether there are harms and nobody said of any whether it was so: 0 would be a guess."""
    return len(recorded.events) > 0 and bool(recorded.events[flag].isna().all())


def _counts(trial: Trial, recorded: Harms, events: pd.DataFrame) -> list[HarmCount]:
    """Return people, events and weeks of each arm."""
    people = trial.participants
    arm_of = dict(zip(people["participant"], people["arm"].astype("object"), strict=True))
    weeks = dict(zip(recorded.weeks["participant"], recorded.weeks["weeks"], strict=True))
    counts = []
    for arm in trial.study.arm_names:
        own = [one for one, of in arm_of.items() if of == arm]
        mine = events[events["participant"].map(arm_of) == arm]
        counts.append(
            HarmCount(
                arm=arm,
                n=len(own),
                people=int(mine["participant"].nunique()),
                events=len(mine),
                weeks=float(sum(weeks.get(one, nan) for one in own)) if own else nan,
            )
        )
    return counts


def _row(kind: str, term: str, count: HarmCount) -> dict[str, object]:
    risk, rate = count.risk, count.rate
    return {
        "kind": kind,
        "term": term,
        "arm": count.arm,
        "n": count.n,
        "people": count.people,
        "percent": 100.0 * risk.estimate,
        "events": count.events,
        "weeks": count.weeks,
        "rate": rate.estimate,
        "rate_low": rate.low,
        "rate_high": rate.high,
    }


def _lines(term: str, counts: list[HarmCount]) -> Iterator[Mapping[str, object]]:
    """Yield the estimates of a kind of harm: shares, rates, differences against the reference."""
    reference, *others = counts
    for count in counts:
        yield {"quantity": "percent", "arm": count.arm, "n": count.n, "note": term} | _interval(
            count.risk, 100.0
        )
        if isfinite(count.rate.estimate):
            yield {
                "quantity": "harm_rate",
                "arm": count.arm,
                "n": count.n,
                "note": term,
            } | _interval(count.rate)
    for count in others:
        if not (count.n and reference.n):
            continue
        pair = Counts(events1=count.people, n1=count.n, events2=reference.people, n2=reference.n)
        yield {
            "quantity": "risk_difference",
            "contrast": f"{count.arm} - {reference.arm}",
            "n": count.n,
            "n_reference": reference.n,
            "note": term,
        } | _interval(difference_interval(pair, level=LEVEL))


def _interval(one: Interval, times: float = 1.0) -> dict[str, object]:
    return {
        "estimate": times * one.estimate,
        "conf_low": times * one.low,
        "conf_high": times * one.high,
    }


def _notes(recorded: Harms) -> list[str]:
    """Return what a reader must know: flags not recorded, falls told by a word, weeks not known."""
    notes = []
    for flag in recorded.flags:
        if _recorded_of_none(recorded, flag):
            notes.append(f"whether a harm was {FLAG_TERMS[flag]} is recorded of none: not counted")
        elif recorded.events[flag].isna().any():
            notes.append(
                f"whether a harm was {FLAG_TERMS[flag]} is not recorded of each: such harms are "
                "not in that row"
            )
    if recorded.falls and not recorded.falls_declared:
        notes.append("falls are the terms with that word; the trial file does not name them")
    if len(recorded.weeks) and recorded.weeks["weeks"].isna().any():
        notes.append("weeks followed are not known of everybody: an arm without them has no rate")
    return notes
