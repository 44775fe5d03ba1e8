"""What an analysis of covariance is made of: its columns, its model, and the rows of each arm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns import SettledRows, TrialColumns, settled_arms
from backwalk_stats.models.formula import Formula, Term, Variable
from backwalk_stats.models.linear_model import LinearModel
from backwalk_stats.models.ols import fit_formula
from backwalk_stats.models.variables import as_factor


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

    def formula(self) -> Formula:
        """Return outcome ~ arm + baseline + covariates + arm:interactions; no text is parsed."""
        treatment = Variable(self.arm)
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
    """A fitted model, how many rows of each arm it used and left out by label, and the notes."""

    model: LinearModel
    labels: tuple[str, ...]
    used: dict[str, int]
    dropped: dict[str, int]
    notes: str


def fit_ancova(
    data: object,
    columns: AncovaColumns,
    *,
    vcov: str,
    df: str,
    compared: bool = True,
    reference: object = None,
) -> AncovaRows:
    """Fit the model and count the rows of each arm.

    Parameters
    ----------
    data : frame
        One row a participant.
    columns : AncovaColumns
    vcov, df : str
        As in `ols`.
    compared, reference
        As in `settled_arms`: the reference is the first arm of the model.

    Raises
    ------
    UsageError
        If a column is missing, named twice or of the wrong kind, or a participant has two rows.
    NotEstimable
        If an arm has no complete row, or the model fits every row exactly.
    """
    _refuse_interactions(columns)
    settled = settled_arms(
        data,
        TrialColumns(
            outcome=columns.outcome,
            baseline=columns.baseline,
            arm=columns.arm,
            participant=columns.participant,
            covariates=columns.covariates,
        ),
        compared=compared,
        reference=reference,
    )
    rows = SettledRows(frame=settled.frame[list(columns.modelled)], notes=settled.notes)
    arms = as_factor(rows.frame[columns.arm], columns.arm)
    gaps = rows.frame.isna().any(axis=1).to_numpy()
    used = Counter(arms.labels[code] for code in arms.codes[~gaps])
    empty = [label for label in arms.labels if not used[label]]
    if empty:
        raise NotEstimable(
            f"{columns.arm} = {', '.join(empty)}: no row has outcome, baseline and every covariate"
        )
    model = fit_formula(columns.formula(), rows.complete(), len(gaps), vcov=vcov, df=df)
    if model.fit.exact:
        raise NotEstimable(
            f"the model fits every {columns.outcome} exactly: there is no residual variance"
        )
    dropped = Counter(arms.labels[code] for code in arms.codes[gaps])
    return AncovaRows(
        model=model, labels=arms.labels, used=used, dropped=dropped, notes=settled.note
    )


def _refuse_interactions(columns: AncovaColumns) -> None:
    allowed = (columns.baseline, *columns.covariates)
    strange = [name for name in columns.interactions if name not in allowed]
    if strange or len(set(columns.interactions)) < len(columns.interactions):
        raise UsageError(
            f"interactions are {', '.join(columns.interactions)}; "
            f"each is one of {', '.join(allowed)}, once"
        )
