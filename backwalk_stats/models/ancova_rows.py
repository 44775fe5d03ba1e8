"""What an analysis of covariance is made of: its columns, its model, and the rows of each arm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.errors import NotEstimable, UsageError, printable
from backwalk_stats.models.formula import Formula, Term, Variable
from backwalk_stats.models.linear_model import LinearModel
from backwalk_stats.models.ols import fit_formula
from backwalk_stats.models.variables import as_factor, is_categorical


@dataclass(frozen=True, kw_only=True, slots=True)
class AncovaColumns:
    """The columns of an analysis of covariance; see `ancova`."""

    outcome: str
    baseline: str
    arm: str
    covariates: tuple[str, ...]
    interactions: tuple[str, ...]
    participant: str | None

    @property
    def modelled(self) -> tuple[str, ...]:
        """Return every column that the model needs."""
        return (self.outcome, self.arm, self.baseline, *self.covariates)

    def formula(self, arm: pd.Series) -> Formula:
        """Return outcome ~ arm + baseline + covariates + arm:interactions; no text is parsed."""
        treatment = Variable(self.arm) if is_categorical(arm) else Variable(self.arm, "factor")
        adjusted = [Variable(name) for name in (self.baseline, *self.covariates)]
        crossed = [(treatment, Variable(name)) for name in self.interactions]
        terms: list[Term] = [(treatment,), *((one,) for one in adjusted), *crossed]
        names = [":".join(one.name for one in term) for term in terms]
        return Formula(
            response=Variable(self.outcome),
            terms=tuple(terms),
            intercept=True,
            random=(),
            text=f"{self.outcome} ~ {' + '.join(names)}",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AncovaRows:
    """A fitted model, and how many rows of each arm it used and left out, by label."""

    model: LinearModel
    labels: tuple[str, ...]
    used: dict[str, int]
    dropped: dict[str, int]
    levels: tuple[object, ...]

    def label_of(self, reference: object) -> str:
        """Return the label of the reference arm, the first where none is named."""
        if reference is None:
            return self.labels[0]
        if reference in self.levels:
            return self.labels[self.levels.index(reference)]
        if str(reference) in self.labels:
            return str(reference)
        raise UsageError(f"no arm {reference!r}; there are: {', '.join(self.labels)}")


def fit_ancova(data: pd.DataFrame, columns: AncovaColumns, *, vcov: str, df: str) -> AncovaRows:
    """Fit the model and count the rows of each arm.

    Parameters
    ----------
    data : DataFrame
        One row a participant.
    columns : AncovaColumns
    vcov, df : str
        As in `ols`.

    Raises
    ------
    UsageError
        If a column is missing, named twice or of the wrong kind, or a participant has two rows.
    NotEstimable
        If an arm has no complete row, or the model fits every row exactly.
    """
    _refuse_columns(data, columns)
    if columns.participant is not None:
        _refuse_second_rows(data[columns.participant])
    arms = as_factor(data[columns.arm], columns.arm)
    gaps = data[list(columns.modelled)].isna().any(axis=1).to_numpy()
    used = Counter(arms.labels[code] for code in arms.codes[~gaps])
    empty = [label for label in arms.labels if not used[label]]
    if empty:
        raise NotEstimable(
            f"{columns.arm} = {', '.join(empty)}: no row has outcome, baseline and every covariate"
        )
    model = fit_formula(columns.formula(data[columns.arm]), data, vcov=vcov, df=df)
    if model.fit.exact:
        raise NotEstimable(
            f"the model fits every {columns.outcome} exactly: there is no residual variance"
        )
    dropped = Counter(arms.labels[code] for code in arms.codes[gaps])
    return AncovaRows(
        model=model, labels=arms.labels, used=used, dropped=dropped, levels=arms.levels
    )


def _refuse_columns(data: pd.DataFrame, columns: AncovaColumns) -> None:
    named = [*columns.modelled, *([columns.participant] if columns.participant else [])]
    absent = [printable(str(name)) for name in named if name not in data.columns]
    if absent:
        known = ", ".join(map(str, data.columns[:20]))
        raise UsageError(f"no column named {', '.join(absent)}; there are: {known}")
    twice = [name for name, count in Counter(named).items() if count > 1]
    twice += [str(name) for name in named if (data.columns == name).sum() > 1]
    if twice:
        raise UsageError(f"{', '.join(dict.fromkeys(twice))}: named twice")
    allowed = (columns.baseline, *columns.covariates)
    strange = [name for name in columns.interactions if name not in allowed]
    if strange or len(set(columns.interactions)) < len(columns.interactions):
        raise UsageError(
            f"interactions are {', '.join(columns.interactions)}; "
            f"each is one of {', '.join(allowed)}, once"
        )
    if is_categorical(data[columns.baseline]):
        raise UsageError(f"the baseline {columns.baseline} is not numeric")
    nameless = int(data[columns.arm].isna().sum())
    if nameless:
        raise UsageError(f"{columns.arm}: missing in {nameless} of {len(data)} rows")


def _refuse_second_rows(people: pd.Series) -> None:
    missing, again = int(people.isna().sum()), int(people.dropna().duplicated().sum())
    if missing:
        raise UsageError(f"{people.name}: missing in {missing} rows")
    if again:
        raise UsageError(
            f"{again} rows repeat a participant of {people.name}; keep one row each "
            "(one visit), or use mmrm for several visits"
        )
