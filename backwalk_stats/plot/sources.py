"""Where a picture finds its frames: in a trial, an analysis, or a plain tidy frame.

The columns of a plain frame go through the one gate (`models.columns`): what is a number, what a
label, in which order levels stand, who a participant is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.columns.labels import in_order, labels
from backwalk_stats.models.columns.numbers import numbers, readable
from backwalk_stats.models.columns.trial_columns import frame_of, taken
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.headline import main_row
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.tables.numbers import Row
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Words
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial

# What a picture may be drawn of, by class: in words, and where it comes from.
KINDS = {
    "Trial": "a trial (bw.load_trial)",
    "Analysis": "an analysis (bw.analyse)",
    "Power": "a simulated power (bw.power)",
    "Ledger": "a record (bw.reproduce)",
    "Motion": "a motion study (bw.analyse_motion)",
    "FittedModel": "a fit (bw.mmrm, bw.ols)",
    "LinearModel": "a fit (bw.mmrm, bw.ols)",
    "DataFrame": "a frame",
}
# What the columns of a plain frame are, by their role; any other role is a number.
ORDERED = ("arm", "visit")
PEOPLE = ("participant",)
LIMITS = ("conf_low", "conf_high")
TEXT = ("label", "group", "status", "stage", "reason", "study_id", "verdict", "contrast")
_Asked = TypeVar("_Asked")


def source_of(source: object, kinds: Sequence[type], what: str) -> Any:  # noqa: ANN401
    """Return what a picture is to be drawn of, or say what it can be drawn of.

    A frame of another library is read as a frame of pandas.

    >>> source_of("trial.toml", (Trial, pd.DataFrame), "flow")
    Traceback (most recent call last):
    backwalk_stats.errors.UsageError: flow: expected a trial (bw.load_trial) or a frame, found str
    """
    if isinstance(source, tuple(kinds)) and not isinstance(source, pd.DataFrame):
        return source
    told = list(dict.fromkeys(KINDS[kind.__name__] for kind in kinds))
    if pd.DataFrame in kinds:
        framed = isinstance(source, pd.DataFrame) or any(
            hasattr(source, name) for name in ("__arrow_c_stream__", "__dataframe__")
        )
        if framed and not isinstance(source, pd.Series):
            return frame_of(source)
    listed = ", ".join(told[:-1]) + " or " * (len(told) > 1) + told[-1]
    raise UsageError(f"{what}: expected {listed}, found {_kind(source)}")


def _kind(source: object) -> str:
    """Return what a source is, in words where it is one of ours."""
    name = type(source).__name__
    if source is None:
        return "None"
    return KINDS[name].partition(" (")[0] if name in KINDS else name


def asked_for(
    there: Mapping[str, _Asked], wanted: str | None, what: str, *, main: Iterable[str] = ()
) -> _Asked:
    """Return the one that is asked for, by name; without a name the only one, or the main one.

    Raises UsageError with what there is, where that does not settle it.

    >>> asked_for({"E1": 1, "E2": 2}, "E2", "estimand")
    2
    >>> asked_for({"E1": 1, "E2": 2}, None, "estimand")
    Traceback (most recent call last):
    backwalk_stats.errors.UsageError: say which estimand is meant; there are: E1, E2
    """
    if wanted is not None and wanted in there:
        return there[wanted]
    chosen = [name for name in main if name in there] or list(there)
    if wanted is None and len(chosen) == 1:
        return there[chosen[0]]
    if not there:
        raise UsageError(f"there is no {what} that this picture can be drawn of")
    asked = "" if wanted is None else f"no {what} '{printable(str(wanted))}' to draw; "
    listed = f"there {'is' if len(there) == 1 else 'are'}: {', '.join(there)}"
    raise UsageError(f"{asked or f'say which {what} is meant; '}{listed}")


def trial_of(source: Trial | Analysis) -> Trial:
    """Return the trial of an object."""
    return source.trial if isinstance(source, Analysis) else source


def outcome_of(trial: Trial, name: str | None) -> str:
    """Return the outcome that is asked for; without a name the primary one, or the only one."""
    primary = [one.name for one in trial.outcomes if one.role == "primary"]
    return asked_for({one.name: one.name for one in trial.outcomes}, name, "outcome", main=primary)


def named_in(frame: pd.DataFrame, column: str = "arm") -> dict[str, str]:
    """Return the categories of a plain frame's column, in order, as names that are labels.

    >>> named_in(pd.DataFrame({"arm": pd.Categorical(["b", "a"], categories=["b", "a"])}))
    {'b': 'b', 'a': 'a'}
    """
    return {str(one): str(one) for one in frame[column].cat.categories}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The answer of an analysis to one estimand: its main part, and the row that answers.

    >>> Answer.__slots__
    ('subject', 'estimand', 'part', 'row')
    """

    subject: TrialSubject
    estimand: Estimand
    part: Result
    row: Row

    @property
    def outcome(self) -> Outcome:
        """Return the outcome that was compared."""
        return self.subject.outcome_of(self.estimand)

    @property
    def words(self) -> Words:
        """Return what every picture of the outcome is told."""
        return self.subject.words(self.estimand.outcome)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a frame of the main analysis, or say that it has none."""
        found = self.part.frames.get(name)
        if found is None or not len(found):
            what = name.replace("_", " ")
            raise UsageError(
                f"{self.estimand.id}: the analysis '{self.part.analysis}' has no {what}"
            )
        return found


def answer_of(source: Analysis, which: str | None = None) -> Answer:
    """Return the answer to an estimand, by its id or its outcome; else to the one primary one."""
    estimands = {one.id: one for one in source.trial.estimands}
    of_outcome = [one.id for one in estimands.values() if one.outcome == which]
    primary = [one.id for one in estimands.values() if one.role == "primary"]
    if which not in estimands and len(of_outcome) == 1:
        which = of_outcome[0]
    asked = asked_for(estimands, which, "estimand", main=primary)
    subject = trial_subject(source.analysis, individuals=True)
    part, row = subject.main_part(asked), main_row(subject, asked)
    if part is None or row is None:
        raise UsageError(f"{asked.id} has no answer: {asked.analysis} yields no difference")
    return Answer(subject=subject, estimand=asked, part=part, row=row)


def plain(
    source: pd.DataFrame,
    names: Mapping[str, object],
    what: str,
    *,
    text: Sequence[str] = TEXT,
    as_is: Sequence[str] = (),
    unbounded: bool = False,
) -> pd.DataFrame:
    """Return the columns of a plain frame under the names of their roles, settled.

    `names`: role to column. `text`: roles that are words; `ORDERED` are categoricals, of which
    those that nobody has are left out: order is never taken from text. `as_is`: roles that somebody
    further on settles. `unbounded`: whether the ends of an interval may be infinite.

    >>> frame = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": ["1", "2"]})
    >>> plain(frame, {"arm": "a", "value": "b"}, "a picture")["value"].tolist()
    [1.0, 2.0]
    """
    frame = taken(source, names.items(), once=True)
    own: dict[str, Any] = {}
    for role, given in names.items():
        column, name = frame[given], str(given)
        if role in as_is:
            own[role] = column.array
        elif role in text:
            own[role] = ["" if gone else str(one)
                         for one, gone in zip(column, column.isna(), strict=True)]  # fmt: skip
        elif role in PEOPLE:
            found = labels(column, name, ids=True)
            _refuse_gaps(found.codes, name)
            own[role] = found.codes
        elif role in ORDERED:
            own[role] = _in_order(column, name, what)
        elif role in LIMITS and unbounded:
            own[role] = _ends(column, name)
        else:
            own[role] = numbers(column, name)[0]
    settled = pd.DataFrame(own)
    if set(LIMITS) <= set(own):
        _refuse_turned(settled)
    return settled


def _in_order(column: pd.Series, name: str, what: str) -> pd.Categorical:
    """Return a column whose labels stand in an order that somebody gave."""
    found = labels(column, name, alike=True)
    if found.order not in ("declared", "numbers"):
        raise UsageError(
            f"{what}: column '{printable(name)}' is text, which has no order; make it a "
            f"categorical: pd.Categorical(frame['{printable(name)}'], categories=[...])"
        )
    _refuse_gaps(found.codes, name)
    return in_order(found.codes, found.levels)


def _ends(column: pd.Series, name: str) -> np.ndarray:
    """Return ends of intervals, which may be infinite."""
    values, _, wrong = readable(column, name)
    if wrong:
        raise UsageError(f"{name} is not numeric: {wrong} of {len(column)} values are not numbers")
    return values


def _refuse_gaps(codes: np.ndarray, name: str) -> None:
    """Refuse a label that is missing: whose row it is would not be known."""
    gone = int((codes < 0).sum())
    if gone:
        raise UsageError(
            f"{name}: missing in {gone} of {len(codes)} rows; mend these rows, or leave them out"
        )


def _refuse_turned(settled: pd.DataFrame) -> None:
    """Refuse intervals whose ends have changed places."""
    turned = int((settled["conf_low"] > settled["conf_high"]).sum())
    if turned:
        raise UsageError(
            f"conf_low is above conf_high in {turned} of {len(settled)} rows; are they swapped?"
        )


def refuse_doubles(own: pd.DataFrame, keys: Sequence[str], what: str, remedy: str = "") -> None:
    """Refuse two rows of what has one, and a participant who is in two arms."""
    again = int(own.duplicated(list(keys)).sum())
    if again:
        told = remedy or "keep one row each"
        raise UsageError(
            f"{what}: {again} rows repeat the same {' and '.join(keys).replace('_', ' ')}; {told}"
        )
    if {"participant", "arm"} <= set(own.columns):
        moved = int(own.groupby("participant")["arm"].nunique().gt(1).sum())
        if moved:
            raise UsageError(
                f"{what}: the arm varies within {moved} participants; make ids unique where they "
                "start anew in each arm"
            )
