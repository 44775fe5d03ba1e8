"""A trial as one row a participant: who has which visits, and what is known of them.

Rows that stand for the same participant must agree; what makes an imputation meaningless is refused
by name. No value of a participant is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.missing.pooling import CompletedAnalysis, completed_analysis
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns import trial_columns
from backwalk_stats.models.columns.participants import participants_of
from backwalk_stats.models.formula.design import (
    Factor,
    as_factor,
    design_of,
    is_categorical,
    label_of,
)
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.reader import Term, Variable
from backwalk_stats.models.formula.rows import (
    coefficients_of,
    in_words_of,
    inner_names,
    refuse_single_levels,
    refuse_unusable_outcome,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class IncompleteTrial:
    """Participants in one row each.

    Attributes
    ----------
    y : array, shape (n, J)
        Outcome at each visit, NaN where it is missing.
    event : array of int, shape (n,)
        First visit that an intercurrent event affects; J for none.
    people : DataFrame, n rows
        Columns "arm" (categorical, the reference first), "baseline", and the covariates by their
        `inner_names`.
    arms, visits : tuple of str
        Labels; the reference arm first.
    dropped : array of int, shape (arms,)
        Participants left out because the baseline or a covariate is missing.
    planned : tuple of str
        Labels of all visits that were declared, in order: some may have no row.
    notes : tuple of str
        What was decided of the columns.
    names : dict of str to str
        The caller's columns and coefficients by their names here, for `in_words_of`.
    """

    y: FloatArray
    event: np.ndarray
    people: pd.DataFrame
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    dropped: np.ndarray
    planned: tuple[str, ...]
    notes: tuple[str, ...]
    names: dict[str, str]

    @property
    def arm(self) -> np.ndarray:
        """Return the code of each participant's arm, 0 for the reference, shape (n,)."""
        return self.people["arm"].cat.codes.to_numpy().astype(int)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Return the names of the covariates in `people`."""
        return tuple(name for name in self.people.columns if name not in ("arm", "baseline"))

    @property
    def contrasts(self) -> tuple[str, ...]:
        """Return "arm - reference" for every other arm."""
        return tuple(f"{name} - {self.arms[0]}" for name in self.arms[1:])

    def place_of(self, visit: object) -> int:
        """Return the number of a visit, from 0; refuses one that the data do not have."""
        return trial_columns.level_of(self.visits, visit, self.names["visit"])

    def counts(self, at: int) -> pd.DataFrame:
        """Return n_arm, n_reference, dropped_arm, dropped_reference, n_imputed and notes.

        One row for each contrast.
        """
        arm, size = self.arm, len(self.arms)
        used = np.bincount(arm, minlength=size)
        gaps = np.bincount(arm[np.isnan(self.y[:, at])], minlength=size)
        return pd.DataFrame(
            {
                "n_arm": used[1:],
                "n_reference": used[0],
                "dropped_arm": self.dropped[1:],
                "dropped_reference": self.dropped[0],
                "n_imputed": gaps[1:] + gaps[0],
                "notes": "; ".join(self.notes),
            }
        )


def incomplete_trial(
    data: object,
    columns: trial_columns.TrialColumns,
    *,
    reference: object = None,
    keep_missing_baseline: bool = False,
) -> IncompleteTrial:
    """Return a trial in long form as one row a participant.

    `data`: one row for each participant and visit after baseline; rows of missing visits may be
    absent. `columns`: with outcome, participant, visit, arm and baseline. `reference`: as in
    `settled_visits`. `keep_missing_baseline`: keep participants without a baseline score; otherwise
    they are left out and counted. Raises UsageError as `settled_visits`; or if a participant has
    two values of what is measured once, or an arm has nobody.
    """
    trial_columns.require_named(columns, "baseline")
    settled = trial_columns.settled_visits(data, columns, reference=reference, ordered="imputation")
    given = settled.frame
    people = participants_of(given[str(columns.participant)])
    visit = str(columns.visit)
    visits = as_factor(given[visit], visit)
    n, size = len(people.ids), len(visits.levels)
    y = np.full((n, size), np.nan)
    y[people.codes, visits.codes] = given[str(columns.outcome)].to_numpy()
    frame = _measured_once(given, columns, people.codes, n)
    arms = as_factor(given[str(columns.arm)], str(columns.arm))
    codes = frame["arm"].cat.codes.to_numpy().astype(int)
    event = _event_of(given, columns, people.codes, visits.codes, y)
    gaps = frame[[name for name in frame if name != "baseline"]].isna().any(axis=1).to_numpy()
    if not keep_missing_baseline:
        gaps = gaps | frame["baseline"].isna().to_numpy()
    measured = [columns.outcome, columns.baseline, *columns.covariates]
    if gaps.all() or np.isnan(y).all() or frame["baseline"].isna().all():
        raise UsageError(trial_columns.none_complete(map(str, measured)))
    found = IncompleteTrial(
        y=y[~gaps],
        event=event[~gaps],
        people=frame[~gaps].reset_index(drop=True),
        arms=arms.labels,
        visits=visits.labels,
        dropped=np.bincount(codes[gaps], minlength=len(arms.levels)),
        planned=tuple(label_of(one) for one in given[visit].cat.categories),
        notes=settled.notes,
        names=_names(columns, arms, visits, frame),
    )
    _refuse_empty(found)
    refuse_unusable_outcome(found.y[~np.isnan(found.y)], str(columns.outcome))
    return found


def _names(
    columns: trial_columns.TrialColumns, arms: Factor, visits: Factor, people: pd.DataFrame
) -> dict[str, str]:
    """Return the caller's columns and coefficients by their names within the models."""
    found = {"outcome value": f"outcome {columns.outcome}", "who": str(columns.participant)}
    found["baseline"] = str(columns.baseline)
    for source, inner in inner_names(columns.covariates).items():
        levels = as_factor(people[inner], inner).labels if is_categorical(people[inner]) else ()
        found |= coefficients_of(inner, source, levels)
    found |= coefficients_of("arm", arms.name, arms.labels)
    return found | coefficients_of("visit", visits.name, visits.labels)


def _measured_once(
    data: pd.DataFrame, columns: trial_columns.TrialColumns, codes: np.ndarray, n: int
) -> pd.DataFrame:
    """Return arm, baseline and covariates, one row a participant."""
    names = {"arm": str(columns.arm), "baseline": str(columns.baseline)}
    names |= {inner: name for name, inner in inner_names(columns.covariates).items()}
    out = {}
    for name, source in names.items():
        column = data[source].reset_index(drop=True)
        if name == "arm":
            labels = as_factor(column, source).labels
            column = column.cat.rename_categories(list(labels))
        grouped = column.groupby(codes)
        varying = int((grouped.nunique() > 1).sum())
        if varying:
            raise UsageError(
                f"{source} varies within {varying} participants; it must be one for each"
            )
        out[name] = grouped.first().reindex(range(n))
    return pd.DataFrame(out)


def _event_of(
    data: pd.DataFrame,
    columns: trial_columns.TrialColumns,
    people: np.ndarray,
    visits: np.ndarray,
    y: FloatArray,
) -> np.ndarray:
    """Return the first affected visit: as declared, else the first after the last observed one."""
    size = y.shape[1]
    if columns.event is None:
        seen = ~np.isnan(y)
        return np.asarray(np.where(seen.any(axis=1), size - seen[:, ::-1].argmax(axis=1), 0))
    if len(data) < y.size:
        raise UsageError(
            f"{columns.event}: with declared events every participant needs a row at every visit, "
            f"missing ones included; {y.size - len(data)} are absent"
        )
    marks = data[columns.event].to_numpy(dtype=float)
    if np.isnan(marks).any():
        raise UsageError(
            f"{columns.event}: expected true or false in every row, true from the first visit that "
            "the intercurrent event affects"
        )
    affected = np.zeros(y.shape, dtype=bool)
    affected[people, visits] = marks > 0.0
    return np.asarray(np.where(affected.any(axis=1), affected.argmax(axis=1), size))


def _refuse_empty(found: IncompleteTrial) -> None:
    used = np.bincount(found.arm, minlength=len(found.arms))
    empty = [name for name, count in zip(found.arms, used, strict=True) if count == 0]
    if empty:
        raise UsageError(f"{', '.join(empty)}: no participant has the baseline and every covariate")
    factors = {
        name: as_factor(found.people[name], name)
        for name in found.covariates
        if is_categorical(found.people[name])
    }
    with in_words_of(found.names):
        refuse_single_levels(factors)
    seen = ~np.isnan(found.y)
    for place, visit in enumerate(found.visits):
        for code, arm in enumerate(found.arms):
            if not seen[found.arm == code, place].any():
                raise UsageError(
                    f"no participant of {arm} has the outcome at {visit}; nothing tells what it "
                    "would have been: leave out the visit"
                )


# The analysis of covariance of completed data as arrays: arm, baseline and covariates.


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisDesign:
    """The design of the analysis of covariance of completed data.

    Attributes
    ----------
    x : array, shape (n, P)
        Columns of ones, arms, baseline (0 where it is missing) and covariates.
    contrasts : array, shape (L, P)
        Each other arm with the reference arm.
    names : tuple of str
        Of the columns.
    """

    x: FloatArray
    contrasts: FloatArray
    names: tuple[str, ...]

    @property
    def fixed(self) -> FloatArray:
        """Return the columns other than the baseline, shape (n, P - 1)."""
        return np.delete(self.x, self.names.index("baseline"), axis=1)

    def with_baseline(self, baseline: FloatArray) -> FloatArray:
        """Return the design with these baseline scores, shape (n, P)."""
        out = self.x.copy()
        out[:, self.names.index("baseline")] = baseline
        return out


def analysis_design(trial: IncompleteTrial) -> AnalysisDesign:
    """Return the design of the outcome at a visit on arm, baseline and covariates."""
    terms: tuple[Term, ...] = tuple(
        (Variable(name),) for name in ("arm", "baseline", *trial.covariates)
    )
    formula = Formula(
        response=Variable("value"), terms=terms, intercept=True, random=(), text="value ~ arm"
    )
    people = trial.people.fillna({"baseline": 0.0})
    design = design_of(formula, people)
    return AnalysisDesign(
        x=design.own(len(people)),
        contrasts=np.eye(len(design.names))[design.of_term("arm")],
        names=design.names,
    )


def analysis_of(trial: IncompleteTrial) -> CompletedAnalysis:
    """Return the analysis of covariance of completed data, for a trial with every baseline."""
    plan = analysis_design(trial)
    with in_words_of(trial.names):
        return completed_analysis(x=plan.x, contrasts=plan.contrasts, names=plan.names)
