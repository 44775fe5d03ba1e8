"""Mixed models for repeated measures: a covariance matrix of visits instead of random effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.covariance import SPATIAL, STRUCTURES, Covariance, structure
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import RowDistances, VisitCovariance
from backwalk_stats.engine.mixed.patterns import Patterns, gather
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns.numbers import listed
from backwalk_stats.models.columns.participants import Participants, participants_of, reused_ids
from backwalk_stats.models.columns.trial_columns import TrialColumns, settled_formula
from backwalk_stats.models.fit.choices import check_choice, check_inference, df_method
from backwalk_stats.models.fit.fitted import FittedModel, fitted_model
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.fit.summary import best_fit, residuals_of, summary_of
from backwalk_stats.models.formula.design import Factor, as_factor, design_of
from backwalk_stats.models.formula.formula import Formula, parse_formula
from backwalk_stats.models.formula.rows import (
    LISTED,
    Coded,
    coded,
    coding_notes,
    outcome_of,
    refuse_few_visits,
    refuse_flat_visits,
)

HALF = 0.5
BY_DISTANCE = ("ar1", "ar1h", "toep", "toeph")
ORDERED = (*BY_DISTANCE, "ad", "adh")


@on_one_thread
def mmrm(
    formula: str,
    data: pd.DataFrame,
    participant: str,
    visit: str,
    *,
    covariance: str = "us",
    method: str = "reml",
    df: str = "satterthwaite",
    information: str = "observed",
    vcov: str = "model",
    group: str | None = None,
    weights: str | None = None,
    times: str | Sequence[str] | None = None,
    fallback: Sequence[str] = (),
) -> FittedModel:
    """Return a mixed model for repeated measures, as SAS PROC MIXED (repeated) and R's mmrm fit it.

    Rows with a missing value in any column named are left out, and `stats.notes` says how many.

    Parameters
    ----------
    formula : str
        Fixed effects, as "pain ~ base * visit + arm * visit", in R's notation (see
        docs/methods/formulas.md); anything else is refused.
    data : DataFrame
        One row for each participant and visit. Levels of a factor stand in the order of a pandas
        categorical, of their numbers, or of the numbers in their text; other text is sorted, and
        refused as the visit of a covariance in which the order counts. The first is the reference.
        A declared visit that no row has keeps its place in ar1, ar1h, toep and toeph.
    participant, visit : str
        Columns: whose row it is, and at which visit.
    covariance : str
        us, cs, csh, ar1, ar1h, toep, toeph, ad, adh, or, with `times`, sp_exp and sp_pow
        (variance times rho^distance) or sp_gau (rho^(distance^2)).
    method : str
        "reml" or "ml".
    df : str
        "satterthwaite", "kenward-roger" (SAS's), "kenward-roger-linear", "between-within" or
        "residual".
    information : str
        For Kenward-Roger: "observed" (SAS, mmrm) or "expected" (pbkrtest).
    vcov : str
        "model", or clustered by participant: "robust-cr0", "robust-cr2", "robust-cr3".
        Kenward-Roger brings its own.
    group : str, optional
        Column: each level has a covariance matrix of its own (an arm, say).
    weights : str, optional
        Column of case weights above 0.
    times : str or sequence of str, optional
        Column of times: one for each visit, or each row's own (the actual day); or two columns of
        coordinates, whose distance is Euclid's.
    fallback : sequence of str
        Covariances to try in this order where a fit does not converge. Declare it before the data
        are seen; what was fitted stands in `stats.covariance` and `stats.notes`.

    Returns
    -------
    FittedModel
        `.coefficients()`, `.marginal_means()`, `.contrasts()`, `.anova()`, `.predict()` are frames;
        `.stats` says how the fit went, with its notes.

    Raises
    ------
    UsageError
        If a choice does not exist, or the data cannot answer: the message says what to do.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "when": ["a", "b"] * 5,
    ...     "score": [4.0, 5.0, 3.0, 5.5, 6.0, 6.5, 5.0, 7.0, 4.5, 5.0]})
    >>> fit = mmrm("score ~ when", frame, participant="who", visit="when")
    >>> fit.coefficients().round(3)[["term", "estimate", "std_error", "df", "p_value"]]
              term  estimate  std_error   df  p_value
    0  (Intercept)       4.5      0.500  4.0    0.001
    1        whenb       1.3      0.406  4.0    0.033
    """
    return visit_model(
        formula,
        data,
        participant,
        visit,
        least_visits=2,
        covariance=covariance,
        method=method,
        df=df,
        information=information,
        vcov=vcov,
        group=group,
        weights=weights,
        times=times,
        fallback=fallback,
    )


# What `mmrm` fits, and its case of a single visit: the covariance matrix is then one number, the
# likelihood that of a linear model, its maximum under REML the least squares fit with the residual
# variance (of each group, where asked); what resamples or imputes from a fit needs no second path.


def visit_model(
    formula: str,
    data: pd.DataFrame,
    participant: str,
    visit: str,
    *,
    least_visits: int,
    covariance: str = "us",
    method: str = "reml",
    df: str = "satterthwaite",
    information: str = "observed",
    vcov: str = "model",
    group: str | None = None,
    weights: str | None = None,
    times: str | Sequence[str] | None = None,
    fallback: Sequence[str] = (),
) -> FittedModel:
    """Return a model of one visit or more.

    `formula`, `data`, `participant`, `visit`: as in `mmrm`. With one visit the formula does not
    name it. `least_visits`: 1 or 2: data with fewer are refused. `covariance`, `method`, `df`,
    `information`, `vcov`, `group`, `weights`, `times`, `fallback`: as in `mmrm`. With one visit
    every covariance is its variance. Raises UsageError if a choice does not exist, or the data
    cannot answer.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": range(4), "when": "a", "score": [4.0, 6.0, 5.0, 9.0]})
    >>> fit = visit_model("score ~ 1", frame, "who", "when", least_visits=1)
    >>> fit.covariance.round(6)
    array([[4.666667]])
    """
    check_inference(method=method, df=df, information=information, vcov=vcov)
    chain = (covariance, *names_of(fallback))
    for name in chain:
        check_choice("covariance", name, tuple(STRUCTURES))
    places = _coordinates(times, chain)
    rows = repeated_rows(
        formula,
        data,
        participant,
        visit,
        group=group,
        weights=weights,
        times=places,
        spatial=any(name in SPATIAL for name in chain),
        least_visits=least_visits,
        ordered=", ".join(f"covariance {name}" for name in chain if name in ORDERED),
    )
    fit, fitted_as, notes = _first_that_converges(rows, chain, reml=method == "reml")
    rule = df_method(fit, rows.coded, df=df, information=information, vcov=vcov)
    summary = summary_of(
        fit,
        r=rows.coded.r,
        covariance=fitted_as,
        df=df,
        notes=(*rows.notes, *notes, *_distances(rows, fitted_as)),
        door="mmrm",
    )
    return fitted_model(
        rows.coded,
        fit,
        rule,
        summary,
        roles=rows.roles,
        visits=rows.visits.labels,
        groups=rows.groups,
        participants=rows.people.ids,
    )


def _first_that_converges(
    rows: RepeatedRows, chain: Sequence[str], *, reml: bool
) -> tuple[Fit, str, tuple[str, ...]]:
    """Return the first converged fit of a chain of covariances, or the last, and what happened."""
    notes: list[str] = []
    for place, name in enumerate(chain):
        fit = _fitted(rows, name, reml=reml)
        if fit.converged:
            break
        if place + 1 < len(chain):
            why = "; ".join(fit.notes)
            notes.append(
                f"covariance {name} did not converge ({why}); {chain[place + 1]} was tried"
            )
    if notes and fit.converged:
        notes.append(f"covariance {name} was fitted, from the declared fallback")
    return fit, name, tuple(notes)


def _fitted(rows: RepeatedRows, name: str, *, reml: bool) -> Fit:
    patterns = rows.patterns
    if name in SPATIAL and rows.patterns.z.shape[2] and len(rows.visits.levels) > 1:
        by_row = _by_row(rows, name)
        start = by_row.start(patterns, rows.residual)
        near = np.array([start[0], start[1] ** 0.2])
        return best_fit(Likelihood(patterns, by_row, reml), (start, near))
    times = rows.times if name in SPATIAL else ()
    one = structure(name, m=len(rows.visits.levels), times=times, places=rows.places)
    marginal = VisitCovariance(
        structures=(one,) * max(1, len(rows.groups)),
        mask=patterns.mask,
        scale=patterns.scale,
        group=patterns.group,
    )
    starts = (marginal.start(patterns, rows.residual), _even_start(rows, marginal.structures))
    return best_fit(Likelihood(patterns, marginal, reml), starts)


def _by_row(rows: RepeatedRows, name: str) -> RowDistances:
    """Return the covariance of rows at times of their own; refuses two at one time."""
    if rows.groups:
        raise UsageError(
            f"covariance {name!r} with times of each row is fitted for all groups alike: leave out "
            "group, or give one time for each visit"
        )
    patterns = rows.patterns
    apart = patterns.z[:, :, None, :] - patterns.z[:, None, :, :]
    away = np.sqrt((apart**2).sum(axis=3))
    held = (
        patterns.mask[:, :, None] & patterns.mask[:, None, :] & ~np.eye(apart.shape[1], dtype=bool)
    )
    if (away[held] == 0.0).any():
        raise UsageError(
            f"times {' and '.join(rows.roles.times)}: two rows of a participant are at the same "
            "place, so that they would be one; keep one, or mend the times"
        )
    return RowDistances(patterns.mask, patterns.scale, np.where(held, away ** SPATIAL[name], 0.0))


def _distances(rows: RepeatedRows, name: str) -> tuple[str, ...]:
    """Return a note where distances are not those of the visits one sees."""
    if name in SPATIAL and rows.patterns.z.shape[2]:
        told = " and ".join(rows.roles.times)
        return (f"covariance {name}: distances in {told}, each row at its own",)
    apart = tuple(b - a for a, b in pairwise(rows.places))
    if name not in BY_DISTANCE or set(apart) <= {1}:
        return ()
    return (
        f"covariance {name}: {rows.visits.name} is as far apart as planned, visits without a row "
        "counted",
    )


def _even_start(rows: RepeatedRows, structures: Sequence[Covariance]) -> FloatArray:
    """Return one variance and a correlation of a half at every visit, for a second attempt."""
    size = len(rows.visits.levels)
    even = np.mean(rows.residual**2) * (HALF * np.eye(size) + HALF)
    return np.concatenate([one.start(even) for one in structures])


# The rows of `mmrm` as arrays: who, at which visit, in which group, with which weight.


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatedRows:
    """What a fit needs, whatever its covariance.

    Attributes
    ----------
    roles : TrialColumns
        Which column is which.
    coded : Coded
        Outcome and fixed effects.
    residual : array, shape (N,)
        Of least squares.
    people : Participants
    visits : Factor
    groups : tuple
        Levels with a covariance of their own; empty where there is one for all.
    times : tuple of float
        Of the visits, where declared and each has one; those of rows are `patterns.z`.
    places : tuple of int
        Of the visits, among those that were planned: some may have no row.
    patterns : Patterns
    notes : tuple of str
        What was left out.
    """

    roles: TrialColumns
    coded: Coded
    residual: FloatArray
    people: Participants
    visits: Factor
    groups: tuple[object, ...]
    times: tuple[float, ...]
    places: tuple[int, ...]
    patterns: Patterns
    notes: tuple[str, ...]


def repeated_rows(
    text: str,
    data: pd.DataFrame,
    participant: str,
    visit: str,
    *,
    group: str | None,
    weights: str | None,
    times: tuple[str, ...],
    spatial: bool,
    least_visits: int,
    ordered: str = "",
) -> RepeatedRows:
    """Return the arrays of a model; parameters as in `visit_model`.

    `times` are one or two columns; `spatial` says whether a distance between them counts. `ordered`
    is what needs the order of the visits, "" where nothing does. Raises UsageError if the
    formula or a column cannot be used, or the data cannot answer.
    """
    formula = _fixed_effects(text)
    columns = TrialColumns(
        participant=participant, visit=visit, group=group, weights=weights, times=times
    )
    settled = settled_formula(data, formula, columns, ordered=ordered)
    frame = settled.frame
    y, people = outcome_of(formula, frame), settled.people or participants_of(frame[participant])
    visits = as_factor(frame[visit], visit)
    refuse_few_visits(visits, least=least_visits)
    refuse_flat_visits(y, visits)
    design = design_of(formula, frame)
    own = coded(formula, frame, design=design, outcome=y)
    if own.offset is not None:
        refuse_flat_visits(own.y, visits)
    grouped = None if group is None else as_factor(frame[group], group)
    reused = reused_ids(design.factors, people.codes, participant=participant, visit=visit)
    coding = coding_notes(formula, design, dropped=settled.dropped)
    by_row = spatial and _vary(frame[list(times)].to_numpy(dtype=float), visits)
    return RepeatedRows(
        roles=columns,
        coded=own,
        residual=residuals_of(y=own.y, q=own.q),
        people=people,
        visits=visits,
        groups=() if grouped is None else grouped.levels,
        times=() if by_row or not spatial else times_of(frame[times[0]], visits),
        places=tuple(settled.planned.index(level) for level in visits.levels),
        patterns=gather(
            y=own.y,
            x=own.q,
            participant=people.codes,
            slot=visits.codes,
            slots=len(visits.levels),
            group=None if grouped is None else _each(grouped.codes, people),
            weights=None if weights is None else frame[weights].to_numpy(),
            z=frame[list(times)].to_numpy(dtype=float) if by_row else None,
            offset=own.least_squares,
        ),
        notes=(*settled.notes, *_unseen(settled.planned, visits), *reused, *coding),
    )


def _fixed_effects(text: str) -> Formula:
    formula = parse_formula(text)
    if formula.random:
        raise UsageError("mmrm has no random effects: leave out ( | ), or use lmm")
    return formula


def _unseen(planned: Sequence[object], visits: Factor) -> tuple[str, ...]:
    gone = [level for level in planned if level not in visits.levels]
    return (f"{visits.name}: no row used has {listed(gone)}; left out",) if gone else ()


def _each(codes: np.ndarray, people: Participants) -> np.ndarray:
    """Return the code of each participant, shape (n,), from that of each row."""
    out = np.full(len(people.ids), -1)
    out[people.codes] = codes
    return out


def _coordinates(times: object, chain: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of times: none, one or two; refuse none where a covariance needs them."""
    if times is None:
        for name in chain:
            if name in SPATIAL:
                raise UsageError(
                    f"covariance {name!r} needs times: a column with the time of each visit or row"
                )
        return ()
    if isinstance(times, list | tuple):
        if len(times) not in (1, 2):
            raise UsageError(f"times are one column or two, found {len(times)}")
        return tuple(times)
    return (times,)  # type: ignore[return-value]  # the gate refuses what is no name


def _vary(times: FloatArray, visits: Factor) -> bool:
    """Tell whether rows of one visit have different times, shape (N, 1), or places, (N, 2)."""
    at = np.zeros((len(visits.levels), times.shape[1]))
    at[visits.codes] = times
    return times.shape[1] > 1 or bool((at[visits.codes] != times).any())


def times_of(column: pd.Series, visits: Factor) -> tuple[float, ...]:
    """Return the time of each visit, in the order of the visits.

    Raises UsageError if a visit has two times, or two visits have one.
    """
    values = column.to_numpy()
    at = np.zeros(len(visits.levels))
    at[visits.codes] = values
    mixed = np.unique(visits.codes[at[visits.codes] != values])
    if len(mixed):
        named = ", ".join(visits.labels[int(i)] for i in mixed[:LISTED])
        raise UsageError(
            f"times {column.name}: {visits.name} {named} has more than one time; "
            "declare one time for each visit"
        )
    if len(set(at.tolist())) < len(at):
        raise UsageError(f"times {column.name}: two visits have the same time")
    return tuple(at.tolist())
