"""The constrained longitudinal model: baseline as an outcome, with one mean for all arms.

Randomised arms have the same mean at baseline. So the design has a mean for each visit and an
effect of each arm at each later visit, and none at baseline (Liang and Zeger, Sankhya B 2000;
62:134; Lu, Biometrics 2010;66:891). Whoever has the baseline or any later visit counts. With one
later visit, complete data, an unstructured covariance and maximum likelihood the effect is that of
the analysis of covariance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns import trial_columns
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.marginal_means import grid, names_of
from backwalk_stats.models.fit.statsmodels_names import Tidy
from backwalk_stats.models.fit.summary import FitSummary, estimate_columns
from backwalk_stats.models.fit.variance import Matrices
from backwalk_stats.models.formula.design import Factor, as_factor, is_categorical, label_of
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.rows import (
    coefficients_of,
    in_own_words,
    in_words_of,
    inner_names,
)
from backwalk_stats.models.mixed.mmrm import mmrm


@dataclass(frozen=True, kw_only=True, repr=False)
class ConstrainedLongitudinal(Tidy):
    """A fitted constrained longitudinal model.

    Attributes
    ----------
    model : FittedModel
        The mixed model behind it, in columns of its own (visit; effect_a_v of arm a at visit v).
    arms, visits : tuple of str
        The reference arm and the baseline visit first.
    roles : TrialColumns
        The caller's columns.
    names : mapping of str to str
        The caller's columns and coefficients by their names in the model behind it.
    """

    model: FittedModel
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    roles: TrialColumns
    names: Mapping[str, str]

    @property
    def formula(self) -> Formula:
        """Return the formula of the model behind it, in the caller's columns."""
        own = self.model.formula
        terms = in_own_words(own.text.partition("~")[2], self.names)
        return replace(own, text=f"{self.roles.outcome} ~{terms}")

    def coefficients(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients of the model behind it, as `FittedModel.coefficients`.

        Terms are named by the caller's columns: "armbackward:visitW6" is the effect at a visit.
        """
        found = self.model.coefficients(level=level)
        terms = [in_own_words(str(term), self.names) for term in found["term"]]
        return found.assign(term=terms)

    def predict(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the expected outcome of the rows used, as `FittedModel.predict`."""
        return self.model.predict(level=level)

    @property
    def stats(self) -> FitSummary:
        """Return the fit in one row; read `converged` and `notes` first."""
        return self.model.stats

    @property
    def covariance(self) -> Matrices:
        """Return the covariance matrix of the visits."""
        return self.model.covariance

    def contrasts(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return each other arm minus the reference, visit by visit.

        As the arms agree at baseline this is also the difference of their changes from baseline.

        Returns
        -------
        DataFrame
            contrast, visit, estimate, conf_low, conf_high, p_value, std_error, df, statistic.
            P-values are not adjusted.
        """
        later = [*product(range(1, len(self.arms)), range(1, len(self.visits)))]
        rows = np.array([self._effect(arm, visit) for arm, visit in later])
        labels = {
            "contrast": [f"{self.arms[arm]} - {self.arms[0]}" for arm, _ in later],
            "visit": [self.visits[visit] for _, visit in later],
        }
        found = self.model.tested(rows, level=level)
        return pd.DataFrame({**labels, **estimate_columns(found)})

    def marginal_means(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the mean of each arm at each visit; covariates as in `FittedModel.marginal_means`.

        Returns
        -------
        DataFrame
            arm, visit, estimate, conf_low, conf_high, p_value (against zero), std_error, df,
            statistic. At baseline all arms have the one mean.
        """
        return self._tested_means(changes=False, level=level)

    def changes(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the mean change from baseline of each arm at each later visit, as above."""
        return self._tested_means(changes=True, level=level)

    def _tested_means(self, *, changes: bool, level: float) -> pd.DataFrame:
        effects = [name for name in self.model.design.numbers if name.startswith("effect_")]
        means = grid(self.model.design, ("visit",), at=dict.fromkeys(effects, 0.0)).rows
        cells = [*product(range(len(self.arms)), range(int(changes), len(self.visits)))]
        rows = np.array(
            [means[v] - (means[0] if changes else 0.0) + self._effect(a, v) for a, v in cells]
        )
        labels = {
            "arm": [self.arms[a] for a, _ in cells],
            "visit": [self.visits[v] for _, v in cells],
        }
        found = self.model.tested(rows, level=level)
        return pd.DataFrame({**labels, **estimate_columns(found)})

    def _effect(self, arm: int, visit: int) -> FloatArray:
        """Return the combination of coefficients that is an arm's effect at a visit."""
        names = np.array(self.model.design.names)
        return np.asarray(names == f"effect_{arm}_{visit}", dtype=float)


def constrained_longitudinal(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline_visit: object,
    covariates: str | Sequence[str] = (),
    covariance: str = "us",
    method: str = "reml",
    df: str = "kenward-roger",
    fallback: Sequence[str] = (),
    reference: object = None,
) -> ConstrainedLongitudinal:
    """Fit a constrained longitudinal model.

    Parameters
    ----------
    data : DataFrame
        One row for each participant and visit, baseline included.
    value, participant, visit, arm : str
        Columns. Visits stand in the order of a categorical, of their numbers, or of the numbers in
        their text; other text is refused.
    baseline_visit : object
        The visit before treatment.
    covariates : str or sequence of str
        Columns other than the baseline score, each with a slope at each visit.
    covariance, method, df, fallback
        As in `mmrm`; Kenward-Roger needs REML.
    reference : object, optional
        As in `ancova`.

    Returns
    -------
    ConstrainedLongitudinal

    Raises
    ------
    UsageError
        If a column, visit, arm or choice does not exist, an arm has no row at a later visit, or the
        data cannot answer.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(30), 2),
    ...     "group": np.repeat(["backward", "forward"], 30), "week": ["W0", "W6"] * 30,
    ...     "pain": rng.normal(5, 1, 60).round(1)})
    >>> fit = constrained_longitudinal(frame, value="pain", participant="who", visit="week",
    ...     arm="group", baseline_visit="W0", reference="forward")
    >>> fit.contrasts().round(3)[["contrast", "visit", "estimate", "std_error", "df"]]
                 contrast visit  estimate  std_error    df
    0  backward - forward    W6      0.31      0.312  28.0
    """
    rows = longitudinal_rows(
        data,
        value=value,
        participant=participant,
        visit=visit,
        arm=arm,
        baseline_visit=baseline_visit,
        covariates=names_of(covariates),
        reference=reference,
    )
    with in_words_of(rows.names):
        model = mmrm(
            rows.formula,
            rows.frame,
            participant="who",
            visit="visit",
            covariance=covariance,
            method=method,
            df=df,
            fallback=fallback,
        )
    summary = replace(model.stats, notes=(*rows.notes, *model.stats.notes))
    return ConstrainedLongitudinal(
        model=replace(model, stats=summary),
        arms=rows.arms,
        visits=rows.visits,
        roles=rows.roles,
        names=rows.names,
    )


# The rows of a constrained longitudinal model: indicators of each arm at each later visit.


@dataclass(frozen=True, kw_only=True, slots=True)
class LongitudinalRows:
    """A frame with columns of its own, and the formula that they make.

    Attributes
    ----------
    frame : DataFrame
        value, who, visit, effect_a_v (1 in arm a at visit v, else 0), and covariates.
    formula : str
    arms, visits : tuple of str
        The reference arm and the baseline visit first.
    notes : tuple of str
        What was left out.
    names : dict of str to str
        The caller's columns and coefficients by their names here, for `in_words_of`.
    roles : TrialColumns
    """

    frame: pd.DataFrame
    formula: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    notes: tuple[str, ...]
    names: dict[str, str]
    roles: TrialColumns


def longitudinal_rows(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline_visit: object,
    covariates: Sequence[str],
    reference: object,
) -> LongitudinalRows:
    """Return the rows of a constrained longitudinal model; parameters as in its door.

    Raises UsageError if a column, visit or arm does not exist, a participant is in two arms, or an
    arm has no row at a later visit.
    """
    columns = TrialColumns(
        outcome=value, participant=participant, visit=visit, arm=arm, covariates=tuple(covariates)
    )
    settled = trial_columns.settled_visits(
        data, columns, reference=reference, ordered="a constrained longitudinal model"
    ).complete()
    complete = settled.frame
    visits, arms = as_factor(complete[visit], visit), _two_arms(complete[arm], arm)
    first = trial_columns.level_of(visits.levels, baseline_visit, visit)
    order = [first, *(place for place in range(len(visits.levels)) if place != first)]
    at = np.argsort(order)[visits.codes]
    visit_labels, arm_labels = tuple(visits.labels[place] for place in order), arms.labels
    frame = pd.DataFrame(
        {
            "value": complete[value].to_numpy(),
            "who": pd.factorize(complete[participant])[0],
            "visit": np.array(visit_labels)[at],
        }
    )
    planned = _planned(complete[visit].cat.categories.tolist(), visits.levels[first])
    frame["visit"] = pd.Categorical(frame["visit"], categories=planned, ordered=True)
    effects = []
    for a, v in product(range(1, len(arm_labels)), range(1, len(visit_labels))):
        own = (arms.codes == a) & (at == v)
        _refuse_unseen(own, f"{arm} = {arm_labels[a]} and {visit} = {visit_labels[v]}")
        frame[f"effect_{a}_{v}"] = own.astype(float)
        effects.append(f"effect_{a}_{v}")
    terms = ["visit", *effects]
    for source, name in inner_names(covariates).items():
        frame[name] = complete[source].reset_index(drop=True)
        terms.append(f"{name} * visit")
    return LongitudinalRows(
        frame=frame,
        formula=f"value ~ {' + '.join(terms)}",
        arms=arm_labels,
        visits=visit_labels,
        notes=settled.notes,
        names=_names(columns, frame, arm_labels, visit_labels),
        roles=columns,
    )


def _names(
    columns: TrialColumns,
    frame: pd.DataFrame,
    arms: Sequence[str],
    visits: Sequence[str],
) -> dict[str, str]:
    """Return the caller's columns and coefficients by their names within the model."""
    found = {"outcome value": f"outcome {columns.outcome}", "who": str(columns.participant)}
    found |= coefficients_of("visit", str(columns.visit), visits)
    for a, v in product(range(1, len(arms)), range(1, len(visits))):
        found[f"effect_{a}_{v}"] = f"{columns.arm}{arms[a]}:{columns.visit}{visits[v]}"
    for source, inner in inner_names(columns.covariates).items():
        levels = as_factor(frame[inner], inner).labels if is_categorical(frame[inner]) else ()
        found |= coefficients_of(inner, source, levels)
    return found


def _two_arms(column: pd.Series, name: str) -> Factor:
    arms = as_factor(column, name)
    trial_columns.refuse_one_arm(arms.levels, name)
    return arms


def _refuse_unseen(own: np.ndarray, cell: str) -> None:
    if not own.any():
        raise UsageError(f"no row has {cell}; leave out the visit")


def _planned(declared: Sequence[object], baseline: object) -> list[str]:
    """Return the labels of the planned visits, the baseline first."""
    later = [level for level in declared if level != baseline]
    return [label_of(level) for level in (baseline, *later)]
