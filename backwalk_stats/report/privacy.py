"""What of an analysis may be shown: no participant, no rare label, no small count.

Everything that a report says, draws or exports is read from what this file lets through, so that a
new section cannot show what it must not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.analyses.multiplicity import covered_rows
from backwalk_stats.errors import Fault, InputError
from backwalk_stats.report.disclosure.counts import (
    HANDLING,
    Place,
    about_of,
    around,
    count_book,
    followed,
)
from backwalk_stats.report.disclosure.few_events import Pair, pairs_of_few
from backwalk_stats.report.disclosure.grouped import of_groups
from backwalk_stats.report.disclosure.harms import few_harms
from backwalk_stats.report.disclosure.means import ADJUSTED, CHANGED, OBSERVED, Digits, told_means
from backwalk_stats.report.disclosure.suppression import (
    MeansPlan,
    alike_after_events,
    drop_counts,
    harder,
    hide_adjusted,
    hide_counts,
    hide_means,
    mean_digits,
    rounded,
    small_arms,
    with_shown_forests,
    without_shared_p,
)
from backwalk_stats.report.disclosure.wording import id_faults, plain_file_names, plain_log
from backwalk_stats.tables.small_cells import (
    FEWEST_FOR_PERCENTILES,
    WITHHELD,
    rule_alone,
    small,
    small_results,
    without_small_cells,
)
from backwalk_stats.trial.estimand import MARGIN_QUANTITY, without_procedure
from backwalk_stats.trial.outcome import in_words
from backwalk_stats.trial.tables import ESTIMATES

if TYPE_CHECKING:
    from backwalk_stats.analyses.whole_trial import TrialAnalysis
    from backwalk_stats.trial.harms import Harms
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

RARE = "Other (each in fewer than {limit} people)"
RARE_IN_TEXT = "[a label of fewer than {limit} people]"
DATE = "A date (not shown)"
FREE_TEXT = "A text (not shown)"
_LONGEST = 40  # letters of a label; more are a text
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})")
_PLACE = re.compile(
    r"(?:^|_)(?:site|cent(?:re|er)|clinic|hospital|practice|therapist|physio|investigator)s?(?:_|$)"
)
_TELLING = re.compile(r"[^\W\d_]{3}")  # a label that a text can be searched for: letters, not codes
_NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
PARTICIPANT = "participant"
_OF_EVENTS = ("percent", "risk", "risk_difference", "risk_ratio", "nnt")
NOT_SHOWN = f"{WITHHELD}: of fewer than {{limit}} people, or beside such a mean or count"
_BEYOND = {"p5": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.25, "p95": 0.05}


# Labels that could point at a person: those that few people have, names of places, dates.


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCloak:
    """What stands in place of labels that are not shown.

    Attributes
    ----------
    levels : mapping of str to (mapping of str to str)
        For each covariate, label to what is shown in its place.
    limit : int
        Smallest number of people whose label may be shown.
    """

    levels: Mapping[str, Mapping[str, str]]
    limit: int

    def text(self, text: str) -> str:
        """Return a text in which no hidden label stands.

        Examples
        --------
        >>> cloak = LabelCloak(levels={"site": {"Dr Berg": "Site 1"}}, limit=5)
        >>> cloak.text("site Dr Berg has one arm only"), cloak.text("Dr Bergmann")
        ('site Site 1 has one arm only', 'Dr Bergmann')
        """
        for hidden in self.levels.values():
            for label in sorted(hidden, key=len, reverse=True):
                if _TELLING.search(label) or _DATE.search(label):
                    pattern = rf"(?<!\w){re.escape(label)}(?!\w)"
                    rare = hidden[label] == RARE.format(limit=self.limit)
                    told = RARE_IN_TEXT.format(limit=self.limit) if rare else hidden[label]
                    text = told.join(re.split(pattern, text))
        return text

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame in which no hidden label stands.

        Levels of a covariate are exchanged; rows that become the same level are added up where
        they count people, and lose their other statistics.
        """
        if not any(self.levels.values()) or not len(frame):
            return frame
        shown = frame.copy()
        if "variable" in frame.columns and "level" in frame.columns:
            shown["level"] = [
                self.levels.get(str(name), {}).get(str(level), level)
                for name, level in zip(frame["variable"], frame["level"], strict=True)
            ]
            return _joined(shown)
        for column in ("label", "group", "note", "reason", "level", "action"):
            if column in shown.columns:
                shown[column] = [
                    self._whole(value) if isinstance(value, str) else value
                    for value in shown[column]
                ]
        return shown

    def _whole(self, value: str) -> str:
        """Return a cell: a hidden label as a whole, or as part of a text."""
        return next((one[value] for one in self.levels.values() if value in one), self.text(value))


def label_cloak(trial: Trial) -> LabelCloak:
    """Return what must be hidden of the labels of a trial's covariates.

    A label that fewer than `trial.small_cell` people have is not shown. Dates and free text never
    are, whatever the limit: free text is a covariate with more labels than half its people, or a
    label of more than 40 letters. Sites are numbered: their names are names of places where the
    participants live.
    """
    people = trial.participants
    limit = trial.small_cell
    levels = {
        str(name): _hidden(str(name), people[name], limit)
        for name in people.columns
        if name not in _NOT_COVARIATES and not pd.api.types.is_numeric_dtype(people[name])
    }
    return LabelCloak(
        levels={name: hidden for name, hidden in levels.items() if hidden}, limit=limit
    )


def _hidden(name: str, labels: pd.Series, limit: int) -> dict[str, str]:
    """Return the labels of one covariate that are not shown, with what stands for them."""
    counts = labels.dropna().astype(str).value_counts()
    hidden = {}
    site = _PLACE.search(name.lower()) is not None
    text = len(counts) > 2 and len(counts) > counts.sum() / 2
    for place, label in enumerate(sorted(counts.index), start=1):
        if counts[label] < limit:
            hidden[label] = RARE.format(limit=limit)
        elif site:
            hidden[label] = f"{in_words(name)} {place}"
        elif _DATE.search(label):
            hidden[label] = DATE
        elif text or len(label) > _LONGEST:
            hidden[label] = FREE_TEXT
    return hidden


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a baseline table in which rows of the same variable, level and arm are one."""
    keys = ["variable", "level", "kind", "arm"]
    if not frame.duplicated(keys).any():
        return frame
    order = list(dict.fromkeys(frame[keys].itertuples(index=False, name=None)))
    rows = []
    for key, group in frame.groupby(keys, sort=False, dropna=False, observed=True):
        row = group.iloc[0].to_dict()
        if len(group) > 1:
            row["count"] = group["count"].sum(min_count=1)
            row["percent"] = group["percent"].sum(min_count=1)
        rows.append((order.index(key), row))
    ordered = [row for _, row in sorted(rows, key=lambda pair: pair[0])]
    return pd.DataFrame(ordered, columns=frame.columns)


def disclosed(analysis: TrialAnalysis, *, individuals: bool = False) -> TrialAnalysis:
    """Return an analysis without what must not be shown.

    Counts from 1 to `trial.small_cell - 1`, and those from which such a count follows, are NaN, and
    so is every statistic that describes fewer people; percentiles of the changes of fewer than 20
    people are NaN; what follows from all that is left is hidden too, or `InputError` says which
    tables tell it; labels of a covariate that fewer people have are one label; comparisons of arms
    are whole. The data of the trial are empty.

    With `individuals` frames with a row for each participant are kept, for figures with points and
    lines; `trial.small_cell` is 0, so that counts, statistics and labels of few people are shown.
    Dates, free text and names of sites stay hidden, and ids are in no figure or table.
    """
    trial = replace(analysis.trial, small_cell=smallest_count(analysis.trial, individuals))
    _refuse_ids(trial)
    asked = analysis.estimates[["estimand", "analysis"]].itertuples(index=False, name=None)
    gate = _Gate(
        cloak=label_cloak(trial),
        limit=trial.small_cell,
        individuals=individuals,
        few=pairs_of_few(trial, asked, limit=trial.small_cell),
    )
    shown = replace(
        analysis,
        trial=gate.trial(trial),
        parts=alike_after_events(
            [gate.part(part, measured_of(trial)) for part in analysis.parts], trial.small_cell
        ),
        estimates=gate.estimates(analysis.estimates),
        motion=None,  # shown as `TrialSubject.motion`, made by `motion_subject`
    )
    if trial.small_cell <= 1:
        return shown
    shown = _without_told_counts(_without_told_means(shown), arm_sizes(trial))
    shown = with_shown_forests(shown)
    return without_shared_p(shown, covered_rows(trial, analysis.estimates))


def measured_of(trial: Trial) -> frozenset[str]:
    """Return the variables of which it is told how many have a value: a model's n tells it."""
    asked = [name for one in trial.estimands for name in (*one.other_covariates, *one.subgroups)]
    return frozenset([*asked, *(one.name for one in trial.outcomes)])


def _refuse_ids(trial: Trial) -> None:
    """Raise where a text of the trial file names a participant."""
    faults = id_faults(trial)
    if faults:
        raise InputError(faults)


# The report attacked: what follows from all that is shown is hidden too, or nothing is written.


def _without_told_counts(shown: TrialAnalysis, sizes: Mapping[str, int]) -> TrialAnalysis:
    """Return an analysis from whose counts, taken together, no hidden one follows."""
    limit, closed, dropped = shown.trial.small_cell, set[Place](), set[Place]()
    said = NOT_SHOWN.format(limit=limit)
    while True:
        book = count_book(shown.parts, shown.estimates, sizes=sizes, study=shown.trial.study)
        told = set(followed(book, small_cell=limit))
        if not told:
            return shown
        new = (told | around(book, told & closed)) - closed
        new = new or _all_responders(shown, told) - closed
        closed |= new
        how = hide_counts
        if not new:  # the last resort: without these tables
            how, new = drop_counts, told - dropped
            dropped |= new
        if not new:
            raise _refused(sorted({place[0] for place in told}), limit)
        shown = _changed(shown, partial(how, places=new, said=said))


def _all_responders(shown: TrialAnalysis, told: set[Place]) -> set[Place]:
    """Return every count of responders of the outcomes that counts still follow of."""
    of = {place[1:4] for place in told if place[0] in ("responders", "curve")}
    places: set[Place] = set()
    for part in shown.parts:
        about = about_of(part)
        if about in of and "responders" in part.frames:
            rules = part.frames["responders"]["rule"].astype(str)
            places |= {("responders", *about, rule.rpartition(HANDLING)[0]) for rule in rules}
            places.add(("curve", *about))
    return places


def _without_told_means(shown: TrialAnalysis) -> TrialAnalysis:
    """Return an analysis from whose means no score of few people follows."""
    limit, whole = shown.trial.small_cell, shown
    plans = {one.name: MeansPlan() for one in whole.trial.outcomes}
    printed, few = mean_digits(whole.parts), small_arms(whole.parts)
    while True:
        digits = _digits(printed, few, plans)
        shown = _with_plans(whole, plans, digits)
        told = told_means(shown.parts, trial=shown.trial, digits=digits, small_cell=limit)
        if not told:
            return shown
        for outcome in {one.outcome for one in told}:
            visits = frozenset(one.visit for one in told if one.outcome == outcome)
            step = harder(plans[outcome], visits)
            if step is None:
                raise _refused(["means by visit", "change from baseline"], limit)
            plans[outcome] = step


def _digits(
    printed: Mapping[tuple[str, str], int],
    few: Collection[tuple[str, str]],
    plans: Mapping[str, MeansPlan],
) -> dict[tuple[str, str, str], int]:
    """Return the decimals that means are rounded to: those of few people, and by plan."""
    found = {}
    for (outcome, arm), places in printed.items():
        fewer, models = plans[outcome].fewer, plans[outcome].models
        if fewer or (outcome, arm) in few:
            found[CHANGED, outcome, arm] = max(places - (fewer or 0), 0)
        if models is not None or (outcome, arm) in few:
            found[ADJUSTED, outcome, arm] = max(places - (models or 0), 0)
        if fewer is not None or (outcome, arm) in few:
            found[OBSERVED, outcome, arm] = max(places - (fewer or 0), 0)
    return found


def _with_plans(
    whole: TrialAnalysis, plans: Mapping[str, MeansPlan], digits: Digits
) -> TrialAnalysis:
    """Return an analysis whose means are rounded and hidden as planned."""
    said = NOT_SHOWN.format(limit=whole.trial.small_cell)
    if not digits and all(plan == MeansPlan() for plan in plans.values()):
        return whole

    def change(part: Result) -> Result:
        part = rounded(part, digits)
        plan = plans.get(part.outcome, MeansPlan())
        if part.analysis != "within-arm":
            return hide_adjusted(part, plan, said=said)
        return hide_means(part, plan, _box_visit(whole, part), said=said)

    return _changed(whole, change)


def _box_visit(whole: TrialAnalysis, part: Result) -> str:
    """Return the visit of which the distribution of changes is shown."""
    asked = [one.visit for one in whole.trial.estimands if one.outcome == part.outcome]
    return (asked or [*part.estimates["visit"].astype(str)][-1:] or [""])[0]


def _changed(shown: TrialAnalysis, change: Callable[[Result], Result]) -> TrialAnalysis:
    """Return an analysis with a change made to each part, and to its rows among all estimates."""
    estimates = shown.estimates.copy()
    keys = ["analysis", "estimand", "outcome"]
    rows = estimates.groupby(keys, sort=False, dropna=False).indices
    for part in shown.parts:
        asked = "" if part.estimand is None else part.estimand.id
        own = rows.get((part.analysis, asked, part.outcome))
        if own is None:
            continue
        before = estimates.iloc[own]
        after = change(replace(part, estimates=before, frames={})).estimates
        if after is not before:
            estimates.iloc[own] = after.to_numpy()
    return replace(shown, parts=tuple(map(change, shown.parts)), estimates=estimates)


def _refused(tables: Sequence[str], limit: int) -> InputError:
    """Return why no report is written."""
    return InputError([
        Fault(
            file="the report",
            expected=f"tables from which nothing on fewer than {limit} people follows",
            found=f"numbers that follow from these together: {', '.join(tables)}",
            action="Join rare levels or reasons, leave out a population or a subgroup, or set "
            "[report] small_cell = 0 in the trial file, which shows all",
        )
    ])  # fmt: skip


def smallest_count(trial: Trial, individuals: bool) -> int:
    """Return the smallest count of people that may be shown, 0 for any."""
    return 0 if individuals else trial.small_cell


def arm_sizes(trial: Trial) -> dict[str, int]:
    """Return the number of participants of each arm, in the order of the arms."""
    counts = trial.participants["arm"].astype(str).value_counts()
    return {name: int(counts.get(name, 0)) for name in trial.study.arm_names}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gate:
    """What decides whether something is let through."""

    cloak: LabelCloak
    limit: int
    individuals: bool
    few: frozenset[Pair]

    def part(self, part: Result, measured: frozenset[str] = frozenset()) -> Result:
        """Return one result as it may be shown; `measured` is as in `small_baseline`."""
        frames = {
            name: self.cloak.frame(frame)
            for name, frame in of_groups(part.frames, limit=self.limit).items()
            if self.individuals or PARTICIPANT not in frame.columns
        }
        notes = notes_of_many(part.notes, part.estimates, limit=self.limit)
        return replace(
            part,
            estimates=self.estimates(part.estimates),
            method=self.cloak.text(part.method),
            notes=tuple(self.cloak.text(note) for note in notes),
            frames=frames_of_many(frames, limit=self.limit, measured=measured),
        )

    def estimates(self, estimates: pd.DataFrame) -> pd.DataFrame:
        """Return estimates as they may be shown."""
        safe = self.cloak.frame(estimates)
        return estimates_of_many(safe, limit=self.limit, pairs=self.few)

    def trial(self, trial: Trial) -> Trial:
        """Return the trial as it may be shown: its plan, and its data only for individuals."""
        sources = _without_folders(trial.sources)
        files = plain_file_names(sources, trial.participants["participant"].astype(str))
        return replace(
            trial,
            data=_kept(trial.data, individuals=self.individuals),
            participants=_kept(trial.participants, individuals=self.individuals),
            missing=_kept(trial.missing, individuals=self.individuals),
            adherence=_kept(trial.adherence, individuals=self.individuals),
            events=_kept(trial.events, individuals=self.individuals),
            harms=None if trial.harms is None else _without_events(trial.harms, self.individuals),
            load_log=self._log(trial),
            sources={files.get(name, name): digest for name, digest in sources.items()},
            motion=None,
            exposures=None,
            clusters=None,
            parts=None,
        )

    def _log(self, trial: Trial) -> pd.DataFrame:
        """Return the load log without words of few people, and without files named for them."""
        log = self.cloak.frame(trial.load_log)
        names = [*_without_folders(dict.fromkeys([*trial.sources, *log["file"].astype(str)], ""))]
        files = plain_file_names(names, trial.participants["participant"].astype(str))
        told = log["file"].astype(str).map(lambda name: files.get(name, name))
        return plain_log(log.assign(file=told), limit=self.limit)


def _kept(frame: pd.DataFrame, *, individuals: bool) -> pd.DataFrame:
    return frame if individuals else frame.iloc[:0]


def _without_events(harms: Harms, individuals: bool) -> Harms:
    """Return harms without whose they were, nor terms, which few may have."""
    if individuals:
        return harms
    return replace(harms, events=harms.events.iloc[:0], weeks=harms.weeks.iloc[:0])


def _without_folders(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the files by their names alone: a folder can be named for a person or a hospital."""
    return {name.replace("\\", "/").rpartition("/")[2]: digest for name, digest in sources.items()}


# What few people have in common is not shown: neither their number nor a statistic of them.


def frames_of_many(
    frames: Mapping[str, pd.DataFrame], *, limit: int, measured: frozenset[str] = frozenset()
) -> dict[str, pd.DataFrame]:
    """Return the frames of a result without small counts, and changes' percentiles of few people.

    `frames` are named as in `Result.frames`, and not changed; a `limit` of 1 or less shows
    everything.
    """
    if limit <= 1:
        return dict(frames)
    shown = without_small_cells(frames, small_cell=limit, measured=measured)
    if "sessions" in shown:
        shown["sessions"] = _rounded_sessions(frames["sessions"], limit)
    if "baseline" in shown:  # its median and quartiles are shown, as journals ask for them
        # Beside mean and SD they would tell each score of fewer than twice the limit: 6.40 (1.82)
        # and 6 [6, 7] of five whole numbers are 4, 6, 6, 7 and 9, and nothing else.
        least = dict.fromkeys(("median", "q1", "q3"), 2.0 * limit)
        shown["baseline"] = _percentiles_of_many(shown["baseline"], frames["baseline"]["n"], least)
    if "box" in shown:
        # One with fewer than the limit beyond it is the value of one of the outermost.
        least = {
            name: max(FEWEST_FOR_PERCENTILES, limit / share) for name, share in _BEYOND.items()
        }
        shown["box"] = _percentiles_of_many(shown["box"], frames["box"]["n"], least)
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
    if "residual_bins" in shown:
        few = small(shown["residual_bins"]["n"], limit)
        shown["residual_bins"] = shown["residual_bins"][~few].reset_index(drop=True)
    return shown


def estimates_of_many(
    estimates: pd.DataFrame, *, limit: int, pairs: frozenset[Pair] = frozenset()
) -> pd.DataFrame:
    """Return estimates (`tables.RESULTS`) without those that describe few people.

    Comparisons of arms are always there: they are what a trial is for, and describe nobody. What
    describes an arm by itself, such as a mean, is NaN where that arm or one beside it has fewer
    people than the limit, with a note that says so, and so are all estimates of responders where in
    some arm few responded, or all but few, since a difference tells the one share from the other.
    How many people of an arm an estimate rests on is always shown. `pairs` are of `pairs_of_few`.
    """
    if limit <= 1 or not len(estimates):
        return estimates
    few = _few_in_an_arm(estimates, limit) | _few_responders(estimates, limit)
    few |= few_harms(estimates, limit)
    of = zip(estimates["estimand"], estimates["analysis"], strict=True)
    few |= np.array([pair in pairs for pair in of], dtype=bool)
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
    few = estimates.loc[_few_responders(estimates, limit), "note"]
    rules = set(few.astype(str).map(without_procedure))
    hidden = tuple(f"{rule}{mark}" for rule in rules for mark in ",:")
    return tuple(note for note in notes if not note.startswith(hidden))


def _percentiles_of_many(
    frame: pd.DataFrame, n: pd.Series, least: Mapping[str, float]
) -> pd.DataFrame:
    """Return a frame whose percentiles are NaN where fewer than `least` people are behind them."""
    there = {name: few for name, few in least.items() if name in frame.columns}
    hidden = {name: (n < few).to_numpy() for name, few in there.items()}
    return frame.assign(**{name: frame[name].astype(float).mask(hidden[name]) for name in there})


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
    alone = estimates["note"].astype(str).map(without_procedure)
    noted = alone.str.contains(HANDLING, regex=False)
    about = (estimates["analysis"] == "responder") | estimates["quantity"].isin(list(_OF_EVENTS))
    about |= noted & estimates["quantity"].isin(["odds_ratio", *MARGIN_QUANTITY.values()])
    about &= estimates["analysis"] != "harms"  # rows of harms go with their table
    few_people = small(estimates["n"], limit) | small(estimates["n_reference"], limit)
    whole = estimates["quantity"].map({"risk": 1.0}).fillna(100.0)
    events = estimates["estimate"] * estimates["n"] / whole
    rest = estimates["n"] - events
    percent = about & estimates["quantity"].isin(["percent", "risk"])
    few = percent & (small(events.round(6), limit) | small(rest.round(6), limit))
    few |= about & few_people
    keys = [estimates[name].astype(str) for name in ("estimand", "outcome", "visit")]
    keys.append(alone.map(rule_alone))
    return np.asarray(few.groupby(keys, sort=False).transform("any") & about)
