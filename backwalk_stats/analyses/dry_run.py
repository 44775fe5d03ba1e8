"""Whether every planned analysis can be carried out, and of whom: from the design alone.

Which values are there, the baseline and the covariates decide that; every value of an outcome after
baseline is replaced by noise before anything is looked at, so that nothing can be learnt of the
arms. The rows, the design and its rank are those of the analyses themselves, and so are the reasons
why one of them cannot be carried out. No mixed model is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from backwalk_stats.analyses import rows
from backwalk_stats.analyses.events import as_planned
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.questions.ancova import columns_of
from backwalk_stats.analyses.questions.clustered import hang_together
from backwalk_stats.analyses.questions.missing import imputation_rows
from backwalk_stats.analyses.questions.mmrm import mmrm_rows
from backwalk_stats.analyses.questions.random_slope import require_weeks
from backwalk_stats.analyses.results import in_own_names, seed_of
from backwalk_stats.engine.missing.draws import mean_weights
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.arms.ancova import fit_ancova
from backwalk_stats.models.mixed.mmrm import repeated_rows
from backwalk_stats.trial.estimand import (
    BASELINE,
    DEFAULT_ANALYSIS,
    OF_KIND,
    Estimand,
    MainAnalysis,
)
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.trial import Trial

OTHER_POPULATION = ("per-protocol", "as-treated")
MANY = 100  # people of an arm
FAR = 10.0  # standard deviations of the noise
HEAP = 7  # one in so many has so large a count
OF_MMRM = ("mmrm", "bootstrap", "permutation")
LEAST_SQUARES = (
    *("ancova", "change-score", "rank-based", "mixed-anova", "crossover", "cluster-robust"),
)
OF_OTHER_KINDS = tuple(dict.fromkeys(one for own in OF_KIND.values() for one in own))
# How notes begin that are of values, and so of the noise in their place.
OF_VALUES = (
    "singular: ",
    "no overdispersion: ",
    "rows of a Poisson model",
    "the odds ratios of the model differ",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A planned analysis of an estimand before it is carried out.

    Attributes
    ----------
    estimand : Estimand
    analysis : str
        Its code.
    n : mapping of str to int
        Arm to participants that it uses; empty where it cannot be carried out.
    reason : str
        Why it cannot be carried out, as the report will say it; "" where it can.
    notes : tuple of str
        What a reader must know of its rows.
    """

    estimand: Estimand
    analysis: str
    n: Mapping[str, int]
    reason: str = ""
    notes: tuple[str, ...] = ()


def exploratory_estimands(trial: Trial) -> tuple[Estimand, ...]:
    """Return an estimand for each outcome that has none: first two arms, last visit.

    Its id is "exploratory-" with the outcome's name; it is not part of any multiplicity. Outcomes
    that nobody has after baseline get none.
    """
    if len(trial.study.arms) < 2:
        return ()
    asked = {one.outcome for one in trial.estimands}
    crossed = trial.study.design == "crossover"
    found = []
    for outcome in trial.outcomes:
        visits = rows.measured_after_baseline(trial, outcome.name)
        if outcome.name in asked or not visits:
            continue
        found.append(
            Estimand(
                id=f"exploratory-{outcome.name}",
                outcome=outcome.name,
                visit=visits[-1],
                contrast=(trial.study.arm_names[1], trial.study.reference),
                role="exploratory",
                analysis="crossover" if crossed else _usual(trial, outcome),
                covariates=() if crossed else _baseline_of(trial, outcome),
            )
        )
    return tuple(found)


def _usual(trial: Trial, outcome: Outcome) -> MainAnalysis:
    """Return the analysis of an outcome that has no estimand; rows that hang together have one."""
    return "ancova" if hang_together(trial, outcome.name) else DEFAULT_ANALYSIS[outcome.kind]


def _baseline_of(trial: Trial, outcome: Outcome) -> tuple[str, ...]:
    """Return the baseline as a covariate: of a trial that has one, of codes only if measured."""
    here = trial.data[trial.data["outcome"] == outcome.name]
    here = here[here["visit"].astype(str) == trial.study.baseline]
    known = outcome.has_means or bool(here["value"].notna().any())
    return (BASELINE,) if trial.study.baseline and known else ()


def planned(trial: Trial, estimands: tuple[Estimand, ...]) -> tuple[Planned, ...]:
    """Return the main analysis and every other one of each estimand, tried on its design.

    A note stands where it holds of two sets of made-up values that are as unlike as can be: what
    holds of one of them alone is said of the noise, and not of the trial.
    """
    blank, other = without_outcomes(trial), without_outcomes(trial, apart=True)
    found = []
    for one in estimands:
        for code in dict.fromkeys((one.analysis, *one.sensitivity)):
            answer = tried(blank, one, code)
            if answer.notes:
                also = tried(other, one, code).notes
                answer = replace(answer, notes=tuple(n for n in answer.notes if n in also))
            found.append(answer)
    return tuple(found)


def analysed(trial: Trial, estimands: tuple[Estimand, ...]) -> tuple[dict[str, int], str]:
    """Return how many of each arm the main analysis uses, and why it cannot be carried out.

    The first primary estimand speaks for its two arms; for an arm that it does not compare the
    first estimand that does.
    """
    first = [one for one in estimands if one.role == "primary"]
    ordered = [*first, *(one for one in estimands if one not in first)]
    blank = without_outcomes(trial)
    found: dict[str, int] = {}
    reason = ""
    for place, one in enumerate(ordered):
        if set(one.contrast) <= set(found):
            continue
        answer = tried(blank, one, one.analysis)
        reason = answer.reason if not place else reason
        for arm in one.contrast:
            found.setdefault(arm, answer.n.get(arm, 0))
    return found, reason


def without_outcomes(trial: Trial, *, apart: bool = False) -> Trial:
    """Return the trial with noise in place of every value of an outcome after baseline.

    Events, categories and counts are dealt out in turn within each arm and visit. With `apart`
    arms and clusters lie far apart, one person in an arm has the event, or no event, alone, and
    counts heap up in few people.
    """
    data = trial.data
    there = data["value"].notna() & (data["visit"].astype(str) != trial.study.baseline)
    values = data["value"].to_numpy(dtype=float).copy()
    values[there] = np.random.default_rng(seed_of(trial, "dry run")).normal(size=int(there.sum()))
    if apart:
        values[there] += _levels_apart(trial, data[there])
    turn = data[there].groupby(["outcome", "visit", "arm"], observed=True).cumcount()
    for outcome in trial.outcomes:
        own = (there & (data["outcome"] == outcome.name)).to_numpy()
        if outcome.has_means or not own.any():
            continue
        places = turn[own[there.to_numpy()]].to_numpy()
        first, many = (1, len(outcome.categories)) if outcome.kind == "ordinal" else (0, 2)
        values[own] = first + places % many
        if apart and outcome.kind != "ordinal":
            high = data.loc[own, "arm"].astype("object").to_numpy() == trial.study.reference
            alone = np.where(high, places > 0, places == 0).astype(float)
            heaped = np.where(places % HEAP == 0, float(HEAP), 0.0)
            values[own] = alone if outcome.kind == "binary" else heaped
    return replace(trial, data=data.assign(value=values), parts=_blank_parts(trial))


def _levels_apart(trial: Trial, rows: pd.DataFrame) -> np.ndarray:
    """Return a level of each arm and each cluster, far from the next."""
    arm = pd.factorize(rows["arm"].astype("object"))[0]
    cluster = np.zeros(len(rows), dtype=int)
    if trial.clusters is not None:
        of = trial.clusters.set_index("participant")["cluster"]
        cluster = pd.factorize(rows["participant"].map(of))[0]
    return np.asarray(FAR * (arm + cluster), dtype=float)


def _blank_parts(trial: Trial) -> pd.DataFrame | None:
    """Return the rows within people with noise in place of every value after baseline."""
    parts = trial.parts
    if parts is None:
        return None
    there = parts["value"].notna() & (parts["visit"].astype(str) != trial.study.baseline)
    noise = np.random.default_rng(seed_of(trial, "dry run", "parts")).normal(size=len(parts))
    return parts.assign(value=parts["value"].mask(there, pd.Series(noise, index=parts.index)))


def tried(blank: Trial, estimand: Estimand, analysis: str) -> Planned:
    """Return an analysis as far as its design carries it; `blank` is of `without_outcomes`."""
    one = estimand
    code = analysis
    if analysis in OTHER_POPULATION:
        one, code = replace(estimand, population=analysis), estimand.analysis  # type: ignore[arg-type]
    blank = as_planned(blank, one, code)
    if code == "mmrm" and _of_one_visit(blank, one):
        code = "ancova"
    if code == "ancova" and one.imputed_by:
        code = one.imputed_by
    if code in (*LEAST_SQUARES, *OF_OTHER_KINDS):
        return _by_question(blank, estimand, one, analysis, code)
    try:
        used, notes = _design_of(code)(blank, one)
    except (NotEstimable, UsageError, np.linalg.LinAlgError) as error:
        reason = in_own_names(str(error), one)
        return Planned(estimand=estimand, analysis=analysis, n={}, reason=reason)
    return Planned(estimand=estimand, analysis=analysis, n=used, notes=notes)


def _of_one_visit(blank: Trial, one: Estimand) -> bool:
    """Tell whether a mixed model would have one visit: it is fitted as an ANCOVA."""
    try:
        return len(rows.rows_by_visit(blank, one).visits) == 1
    except (NotEstimable, UsageError):
        return False


def _by_question(
    blank: Trial, estimand: Estimand, one: Estimand, analysis: str, code: str
) -> Planned:
    """Return what an analysis that needs no search says of noise: who is used, or the reason."""
    if code == "rank-based" and (enough := _ranked(blank, one)) is not None:
        return Planned(estimand=estimand, analysis=analysis, n=enough[0], notes=enough[1])
    found = MENU[code](blank, replace(one, analysis=code))  # type: ignore[arg-type]
    lines = found.estimates[found.estimates["contrast"] == one.contrast_name]
    reason = next((note for note in found.notes if note.startswith("not estimated: ")), "")
    if reason or lines.empty:
        reason = reason.removeprefix("not estimated: ")
        return Planned(estimand=estimand, analysis=analysis, n={}, reason=reason)
    line = lines.iloc[-1]
    used = {one.contrast[0]: line["n"], one.contrast[1]: line["n_reference"]}
    counts = {arm: int(n) for arm, n in used.items() if np.isfinite(n)}
    notes = tuple(note for note in found.notes if not note.startswith(OF_VALUES))
    return Planned(estimand=estimand, analysis=analysis, n=counts, notes=notes)


def _ranked(blank: Trial, one: Estimand) -> tuple[dict[str, int], tuple[str, ...]] | None:
    """Return who is ranked where both arms have many: every pair of people would be compared."""
    try:
        included = rows.rows_at_visit(blank, one).pair(one)
    except (NotEstimable, UsageError):
        return None
    needed = "change" if included.has_baseline else "value"
    used = rows.participants_in(included.frame[included.frame[needed].notna()])
    many = len(used) == 2 and min(used.values()) >= MANY
    return (used, included.notes) if many else None


Design = Callable[[Trial, Estimand], tuple[dict[str, int], tuple[str, ...]]]


def _design_of(code: str) -> Design:
    if code in OF_MMRM:
        return _repeated
    others: dict[str, Design] = {
        "constrained-longitudinal": _longitudinal,
        "random-slope": _slope,
        "multiple-imputation": partial(_imputed, with_baseline=True),
        "last-mean-carried-forward": partial(_imputed, carried=True),
    }
    return others.get(code, _imputed)


def _repeated(blank: Trial, one: Estimand) -> tuple[dict[str, int], tuple[str, ...]]:
    included, formula, times = mmrm_rows(blank, one)
    gate = repeated_rows(
        formula,
        included.frame,
        "participant",
        "visit",
        group=None,
        weights=None,
        times=() if times is None else (times,),
        spatial=times is not None,
        least_visits=min(2, len(included.visits)),
    )
    notes = (*included.notes, *gate.notes, *_thin(included, one))
    return rows.participants_in(included.frame), notes


def _longitudinal(blank: Trial, one: Estimand) -> tuple[dict[str, int], tuple[str, ...]]:
    included = rows.rows_by_visit(blank, one, baseline_as_visit=True)
    included.require_baseline("the constrained longitudinal model")
    included = rows.measured_rows(included, one, baseline=False)
    _check_covariates(included)
    return rows.participants_in(included.frame), (*included.notes, *_thin(included, one))


def _slope(blank: Trial, one: Estimand) -> tuple[dict[str, int], tuple[str, ...]]:
    included = rows.rows_by_visit(blank, one, baseline_as_visit=True, by_arm=False)
    require_weeks(included)
    included = rows.measured_rows(included, one, baseline=False)
    _check_covariates(included)
    return rows.participants_in(included.frame), included.notes


def _imputed(
    blank: Trial, one: Estimand, *, with_baseline: bool = False, carried: bool = False
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return who is there once every visit, and where that is imputed the baseline, is filled."""
    included = imputation_rows(blank, one)
    if carried:
        _check_carried(included)
    people = included.frame.drop_duplicates("participant")
    noise = np.random.default_rng(0).normal(size=(2, len(people)))
    people = people.assign(value=noise[0])
    if with_baseline:
        filled = people["baseline"].mean() + people["baseline"].std() * noise[1]
        people = people.assign(baseline=people["baseline"].fillna(pd.Series(filled, people.index)))
    fit = fit_ancova(people, columns_of(included, baseline=True), vcov="model", df="residual")
    return fit.used, included.notes


def _check_carried(included: rows.AnalysisRows) -> None:
    """Refuse people without any visit after baseline: there is no mean to carry forward."""
    needed = ["baseline", *included.covariates]
    whole = included.frame[included.frame[needed].notna().all(axis=1)]
    if not whole.groupby("participant")["value"].count().all():
        mean_weights("lmcf", event=0, visits=len(included.visits))


def _check_covariates(included: rows.AnalysisRows) -> None:
    """Refuse covariates that cannot be told apart, or from the arm."""
    people = included.frame.drop_duplicates("participant")
    fit_ancova(people, columns_of(included, baseline=False), vcov="model", df="residual")


def _thin(included: rows.AnalysisRows, one: Estimand) -> tuple[str, ...]:
    """Return the note on visits that too few have together for a covariance of each pair."""
    if one.covariance != "us":
        return ()
    people, _ = pd.factorize(included.frame["participant"])
    visits, names = pd.factorize(included.frame["visit"].astype("object"))
    there = np.zeros((people.max() + 1, len(names)), dtype=bool)
    there[people, visits] = True
    together = there.T.astype(int) @ there.astype(int)
    few = int(together.min())
    needed = there.shape[1] + 1
    if few >= needed:
        return ()
    fallback = ", ".join(one.fallback) or "none is declared"
    return (
        f"two of the {there.shape[1]} visits are there together for fewer than {needed} "
        "participants: an unstructured covariance may not converge; its fallback: " + fallback,
    )
