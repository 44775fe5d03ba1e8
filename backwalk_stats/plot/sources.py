"""Where a picture finds its frames: in a trial, an analysis, or a plain tidy frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.headline import main_row
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.tables.numbers import Row
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Words
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial


def trial_of(source: Trial | Analysis) -> Trial:
    """Return the trial of an object."""
    return source.trial if isinstance(source, Analysis) else source


def outcome_of(trial: Trial, name: str | None) -> str:
    """Return the outcome that is asked for; without a name the primary one, or the only one."""
    if name is not None:
        return trial.outcome(name).name
    primary = [one.name for one in trial.outcomes if one.role == "primary"]
    there = primary or [one.name for one in trial.outcomes]
    if len(there) != 1:
        raise UsageError(f"say which outcome is meant; there are: {', '.join(there)}")
    return there[0]


def arms_of(trial: Trial) -> dict[str, str]:
    """Return name to label of the arms, the reference first."""
    return {arm.name: arm.label for arm in trial.study.arms}


def named_in(frame: pd.DataFrame, column: str = "arm") -> dict[str, str]:
    """Return the categories of a plain frame's column, in order, as names that are labels.

    >>> named_in(pd.DataFrame({"arm": pd.Categorical(["b", "a"], categories=["b", "a"])}))
    {'b': 'b', 'a': 'a'}
    """
    return {str(one): str(one) for one in frame[column].cat.categories}


def words_of(trial: Trial, outcome: str) -> Words:
    """Return what every picture of an outcome is told."""
    known = trial.outcome(outcome)
    return Words(arms=arms_of(trial), outcome=known.label, unit=known.unit, better=known.better)


def visits_of(trial: Trial) -> dict[str, str]:
    """Return name to label of the visits, in order of time."""
    return {visit.name: visit.label for visit in trial.study.visits}


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
    if not isinstance(source, Analysis):
        raise UsageError("this picture needs an analysis or a frame: bw.analyse(trial)")
    estimands = source.trial.estimands
    found = [one for one in estimands if which in (one.id, one.outcome)]
    if which is None:
        found = [one for one in estimands if one.role == "primary"] or list(estimands)
    exact = [one for one in found if one.id == which] or found
    if len(exact) != 1:
        there = ", ".join(f"{one.id} ({one.outcome})" for one in estimands)
        raise UsageError(f"say which estimand is meant, by its id; there are: {there}")
    subject = trial_subject(source.analysis, individuals=True)
    part, row = subject.main_part(exact[0]), main_row(subject, exact[0])
    if part is None or row is None:
        raise UsageError(f"{exact[0].id} has no answer: {exact[0].analysis} yields no difference")
    return Answer(subject=subject, estimand=exact[0], part=part, row=row)


def need_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> pd.DataFrame:
    """Return a frame that has the columns, or say which of them it lacks."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(
            f"{what}: the frame has no column {', '.join(missing)}; needed: {', '.join(columns)}"
        )
    return frame


def ordered(
    frame: pd.DataFrame, names: Mapping[str, str], categories: Sequence[str], what: str
) -> pd.DataFrame:
    """Return a frame with the columns renamed, those that need an order as categoricals.

    Order is never taken from text: numbers are ordered, a categorical has its order, text is
    refused.
    """
    own = need_columns(frame, tuple(names), what)[list(names)].rename(columns=dict(names))
    for column in categories:
        if isinstance(own[column].dtype, pd.CategoricalDtype):
            own[column] = own[column].cat.remove_unused_categories()
        elif pd.api.types.is_numeric_dtype(own[column]):
            own[column] = own[column].astype("category")
        else:
            given = next(name for name, new in names.items() if new == column)
            raise UsageError(
                f"{what}: column '{given}' is text, which has no order; make it a categorical: "
                f"pd.Categorical(frame['{given}'], categories=[...])"
            )
    return own
