"""Analysis of covariance of a trial: the arms compared at the same baseline.

Outcome on arm, baseline and covariates by least squares; the effect of an arm is the difference of
adjusted means, at the mean of every numeric covariate and with equal weights on the levels of
others. So it is the effect at the average participant also where the arm interacts with a
covariate (the same number as with the covariate centred at its mean). With the change from
baseline as the outcome the comparison is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.trial_columns import (
    SettledRows,
    TrialColumns,
    none_complete,
    refuse_one_arm,
    require_named,
    settled_arms,
)
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.models.fit.marginal_means import names_of, refuse_taken
from backwalk_stats.models.formula.design import as_factor
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.reader import Term, Variable
from backwalk_stats.models.linear.ols import DF, LinearModel, fit_formula
from backwalk_stats.trial.tables import ESTIMATES


def ancova(
    data: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str,
    covariates: str | Sequence[str] = (),
    interactions: str | Sequence[str] = (),
    reference: object = None,
    participant: str | None = None,
    vcov: str = "model",
    df: str = "residual",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare each arm with the reference arm, adjusted for baseline.

    Parameters
    ----------
    data : DataFrame
        One row a participant.
    outcome, baseline, arm : str
        Columns: the score after treatment (or its change), the score before, and the arm. Whether
        a lower estimate is better is a matter of the outcome.
    covariates : str or sequence of str
        Columns: numbers as they are, others as factors.
    interactions : str or sequence of str
        Those of baseline and covariates whose slope may differ between arms.
    reference : object, optional
        The arm to compare with; needed unless the arm is a categorical, whose first level it then
        is.
    participant : str, optional
        Column of ids: two rows of one participant are refused.
    vcov, df : str
        As in `ols`: "model", or "hc2" or "hc3" where the arms may vary differently.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        contrast ("arm - reference"), estimate, conf_low, conf_high, p_value, std_error, df,
        statistic; then n_arm and n_reference (participants used) and dropped_arm and
        dropped_reference (left out because outcome, baseline or a covariate is missing); notes,
        what was decided of the columns. P-values are not adjusted for the number of arms.

    Raises
    ------
    UsageError
        If a column, arm or choice does not exist, or columns are collinear.
    NotEstimable
        If there is no residual variance, or too few rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 4 + ["backward"] * 4,
    ...     "before": [6.0, 7.0, 5.0, 8.0, 6.5, 7.0, 5.5, 8.5],
    ...     "after": [5.0, 5.5, 4.5, 6.0, 4.0, 4.5, 3.5, 5.5]})
    >>> found = ancova(frame, outcome="after", baseline="before", arm="group", reference="forward")
    >>> found.round(4)[["contrast", "estimate", "std_error", "df"]]
                 contrast  estimate  std_error   df
    0  backward - forward   -1.0952     0.1006  5.0
    """
    check_level(level)
    require_named(TrialColumns(outcome=outcome, baseline=baseline, arm=arm), "baseline")
    columns = AncovaColumns(
        outcome=outcome,
        baseline=baseline,
        arm=arm,
        covariates=names_of(covariates),
        interactions=names_of(interactions),
        participant=participant,
    )
    rows = fit_ancova(data, columns, vcov=vcov, df=df, reference=reference)
    found = rows.model.contrasts(arm, level=level)
    base, *others = rows.labels
    return found.assign(
        n_arm=[rows.used[label] for label in others],
        n_reference=rows.used[base],
        dropped_arm=[rows.dropped[label] for label in others],
        dropped_reference=rows.dropped[base],
        notes=rows.notes,
    )


def adjusted_means(
    data: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str,
    covariates: str | Sequence[str] = (),
    interactions: str | Sequence[str] = (),
    participant: str | None = None,
    vcov: str = "model",
    df: str = "residual",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the mean of each arm at the average baseline, of the model of `ancova`.

    Parameters
    ----------
    data : DataFrame
        One row a participant.
    outcome, baseline, arm, covariates, interactions, participant, vcov, df, level
        As in `ancova`.

    Returns
    -------
    DataFrame
        The column of the arm, estimate, conf_low, conf_high, p_value (against zero), std_error,
        df, statistic; then n_arm, dropped_arm and notes.

    Raises
    ------
    UsageError, NotEstimable
        As `ancova`.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 4 + ["backward"] * 4,
    ...     "before": [5.0, 6, 7, 8, 5, 6, 7, 8], "after": [4.5, 5, 6.5, 7, 3, 4.5, 5, 6]})
    >>> found = adjusted_means(frame, outcome="after", baseline="before", arm="group")
    >>> found.round(3)[["group", "estimate", "conf_low", "conf_high"]]
          group  estimate  conf_low  conf_high
    0  backward     4.625     4.270      4.980
    1   forward     5.750     5.395      6.105
    """
    check_level(level)
    require_named(TrialColumns(outcome=outcome, baseline=baseline, arm=arm), "baseline")
    columns = AncovaColumns(
        outcome=outcome,
        baseline=baseline,
        arm=arm,
        covariates=names_of(covariates),
        interactions=names_of(interactions),
        participant=participant,
    )
    refuse_taken([arm], (*ESTIMATES, "n_arm", "dropped_arm", "notes"))
    rows = fit_ancova(data, columns, vcov=vcov, df=df, compared=False)
    return rows.model.marginal_means(arm, level=level).assign(
        n_arm=[rows.used[label] for label in rows.labels],
        dropped_arm=[rows.dropped[label] for label in rows.labels],
        notes=rows.notes,
    )


# What an analysis of covariance is made of: its columns, its model, and the rows of each arm.


@dataclass(frozen=True, kw_only=True, slots=True)
class AncovaColumns:
    """The columns of an analysis of covariance; see `ancova`. It may go without a baseline."""

    outcome: str
    baseline: str | None
    arm: str
    covariates: tuple[str, ...]
    interactions: tuple[str, ...]
    participant: str | None

    @property
    def modelled(self) -> tuple[str, ...]:
        """Return every column that the model needs."""
        return (self.outcome, self.arm, *self.adjusted)

    @property
    def adjusted(self) -> tuple[str, ...]:
        """Return the baseline, where there is one, and the covariates."""
        return (*([] if self.baseline is None else [self.baseline]), *self.covariates)

    def formula(self) -> Formula:
        """Return outcome ~ arm + baseline + covariates + arm:interactions; no text is parsed."""
        treatment = Variable(self.arm)
        adjusted = [Variable(name) for name in self.adjusted]
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

    `data`: one row a participant. `vcov`, `df`: as in `ols`. `compared`, `reference`: as in
    `settled_arms`: the reference is the first arm of the model. Raises UsageError if a column is
    missing, named twice or of the wrong kind, or a participant has two rows. Raises NotEstimable if
    an arm has no complete row, or the model fits every row exactly.
    """
    _refuse_interactions(columns)
    own = TrialColumns(
        outcome=columns.outcome,
        baseline=columns.baseline,
        arm=columns.arm,
        participant=columns.participant,
        covariates=columns.covariates,
    )
    require_named(own, *(["baseline"] if columns.baseline is not None else []), "arm")
    settled = settled_arms(data, own, compared=compared, reference=reference)
    rows = SettledRows(frame=settled.frame[list(columns.modelled)], notes=settled.notes)
    arms = as_factor(rows.frame[columns.arm], columns.arm)
    gaps = rows.frame.isna().any(axis=1).to_numpy()
    used = Counter(arms.labels[code] for code in arms.codes[~gaps])
    refuse_one_arm(arms.levels, columns.arm)
    empty = [label for label in arms.labels if not used[label]]
    if not used:
        raise NotEstimable(none_complete(columns.modelled))
    if empty:
        raise NotEstimable(
            f"{columns.arm} = {', '.join(empty)}: no row has outcome, "
            f"{'baseline and every' if columns.baseline is not None else 'and every'} covariate"
        )
    check_choice("df", df, DF)
    model = fit_formula(columns.formula(), rows.complete(), vcov=vcov, df=df)
    if model.fit.exact:
        raise NotEstimable(
            f"the model fits every {columns.outcome} exactly: there is no residual variance"
        )
    dropped = Counter(arms.labels[code] for code in arms.codes[gaps])
    return AncovaRows(
        model=model, labels=arms.labels, used=used, dropped=dropped, notes=settled.note
    )


def _refuse_interactions(columns: AncovaColumns) -> None:
    allowed = columns.adjusted
    strange = [name for name in columns.interactions if name not in allowed]
    if strange or len(set(columns.interactions)) < len(columns.interactions):
        raise UsageError(
            f"interactions are {', '.join(columns.interactions)}; "
            f"each is one of {', '.join(allowed)}, once"
        )
