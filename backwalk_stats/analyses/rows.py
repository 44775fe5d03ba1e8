"""The rows that an estimand is estimated from, in columns whose names no user has chosen.

participant, arm (the estimand's reference first), visit, value, baseline, week, and x1, x2, ... for
the covariates: so no text of a trial file reaches a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from backwalk_stats.analyses.events import is_aside
from backwalk_stats.errors import NotEstimable
from backwalk_stats.trial.derive import by_visit, changes, restricted
from backwalk_stats.trial.estimand import BASELINE, Estimand, Population
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial

WORDS = {
    "per-protocol": "Those who kept to the protocol; the comparison is no longer randomised.",
    "as-treated": "Everyone in the arm received; the comparison is no longer randomised.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisRows:
    """Rows of one outcome in the population of an estimand.

    Attributes
    ----------
    frame : DataFrame
    covariates : tuple of str
        x1, x2, ... in the order of `Estimand.other_covariates`.
    visits : tuple of str
        Visits after baseline at which somebody has the outcome.
    has_baseline : bool
        Whether the trial has a visit before treatment.
    planned : int
        Participants of the arms that are analysed, whatever is missing.
    notes : tuple of str
        What a reader must know of the rows.
    aside : bool
        Whether values were set aside after intercurrent events: then they are missing as well.
    """

    frame: pd.DataFrame
    covariates: tuple[str, ...]
    visits: tuple[str, ...]
    has_baseline: bool
    planned: int
    notes: tuple[str, ...]
    aside: bool = False

    def require_baseline(self, what: str) -> None:
        """Refuse an analysis that needs a visit before treatment."""
        if not self.has_baseline:
            raise NotEstimable(f"{what} needs a baseline, and there is none of the outcome")

    def pair(self, estimand: Estimand) -> AnalysisRows:
        """Return the rows of the two arms that are compared."""
        kept = self.frame[self.frame["arm"].isin(list(estimand.contrast))].reset_index(drop=True)
        kept = kept.assign(arm=kept["arm"].cat.remove_unused_categories())
        return replace(self, frame=kept, planned=int(kept["participant"].nunique()))

    @property
    def or_aside(self) -> str:
        """Return what stands behind what is missing, where values were set aside too."""
        return " (not measured, or set aside after an event)" * self.aside

    def used(self, count: int) -> str:
        """Return how many participants an analysis has, as its method tells it."""
        return f"{told_of(count, self.planned)} participants"

    def left_out_without(
        self, dropped: int, columns: Sequence[str], estimand: Estimand
    ) -> tuple[str, ...]:
        """Return the note on participants who lack something; it names what is missing at all."""
        words = {"value": f"the outcome{self.or_aside}", "baseline": "the baseline"}
        words |= dict(zip(self.covariates, estimand.other_covariates, strict=True))
        gaps = [words[name] for name in columns if self.frame[name].isna().any()]
        what = " or ".join(filter(None, [", ".join(gaps[:-1]), *gaps[-1:]]))
        return left_out(dropped, f"without {what}")


def rows_at_visit(trial: Trial, estimand: Estimand) -> AnalysisRows:
    """Return one row a participant: participant, arm, value, baseline, change, x1, ...

    It is refused where nobody has the outcome at the visit, or an arm of the contrast has nobody.
    """
    wide, rows = _prepared(trial, estimand)
    value = wide[estimand.visit].to_numpy(dtype=float)
    frame = rows.frame.assign(value=value)
    frame = frame.assign(change=frame["value"] - frame["baseline"])
    return replace(rows, frame=frame)


def rows_by_visit(
    trial: Trial, estimand: Estimand, *, baseline_as_visit: bool = False, by_arm: bool = True
) -> AnalysisRows:
    """Return one row for each participant and visit after baseline, or for every visit.

    The columns are participant, arm, visit (categorical), week, value, baseline, x1, ...; a row
    also stands where the value is missing. What `rows_at_visit` refuses is refused. A visit at
    which nobody of some arm was measured is left out where the model is of arms `by_arm`, with a
    mean of each at each visit; that is noted.
    """
    wide, rows = _prepared(trial, estimand, by_arm=by_arm)
    rows = _with_every_arm(wide, rows) if by_arm else rows
    study = trial.study
    first = (study.baseline,) if baseline_as_visit and rows.has_baseline else ()
    visits = [*first, *rows.visits]
    parts = [rows.frame.assign(visit=visit, value=wide[visit].to_numpy(float)) for visit in visits]
    frame = pd.concat(parts, ignore_index=True)
    weeks = [study.week(visit) for visit in frame["visit"]]
    frame = frame.assign(
        visit=pd.Categorical(frame["visit"], categories=visits, ordered=True),
        week=pd.Series(weeks, dtype="float64"),
    )
    return replace(rows, frame=frame)


def _prepared(
    trial: Trial, estimand: Estimand, *, by_arm: bool = True
) -> tuple[pd.DataFrame, AnalysisRows]:
    """Return values by visit, and rows with what is known of each participant."""
    if trial.study.design == "crossover":
        raise NotEstimable(
            "in a crossover each participant walks in several arms: ask for the analysis crossover"
        )
    chosen = restricted(trial, estimand.population)
    wide = by_visit(chosen, estimand.outcome)
    baseline = trial.study.baseline
    there = [visit for visit in trial.study.visit_names if wide[visit].notna().any()]
    if estimand.visit not in there:
        raise NotEstimable(f"nobody has {estimand.outcome} at {estimand.visit}")
    arms = wide["arm"].cat.remove_unused_categories()
    empty = [arm for arm in estimand.contrast if arm not in arms.cat.categories]
    if empty:
        raise NotEstimable(f"nobody is in {', '.join(empty)} in this population")
    if by_arm:
        wide = _of_measured_arms(wide, estimand)
        arms = wide["arm"].cat.remove_unused_categories()
    arm, base = estimand.contrast
    others = [one for one in arms.cat.categories if one not in (arm, base)]
    frame = pd.DataFrame(
        {
            "participant": wide["participant"],
            "arm": pd.Categorical(arms.astype("str"), categories=[base, arm, *others]),
            "baseline": wide[baseline].to_numpy(dtype=float) if baseline else float("nan"),
        }
    )
    columns = _covariates(chosen, estimand, wide["participant"])
    frame = frame.assign(**columns)
    rows = AnalysisRows(
        frame=frame,
        covariates=tuple(columns),
        visits=tuple(visit for visit in there if visit != baseline),
        has_baseline=bool(baseline) and baseline in there,
        planned=len(frame),
        notes=(),
        aside=is_aside(trial, estimand.outcome),
    )
    return wide, rows


def _covariates(trial: Trial, estimand: Estimand, who: pd.Series) -> dict[str, pd.Series]:
    """Return x1, x2, ... of these participants, categories without levels that nobody has."""
    people = trial.participants.set_index("participant")
    found = {}
    for place, name in enumerate(estimand.other_covariates, start=1):
        column = people[name].reindex(who).reset_index(drop=True)
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.cat.remove_unused_categories()
        found[f"x{place}"] = column
    return found


def _of_measured_arms(wide: pd.DataFrame, estimand: Estimand) -> pd.DataFrame:
    """Return the people of the arms that were measured at the visit, as the two compared must be.

    An arm that is not compared, and was not measured then, has no mean in any model of the visit.
    """
    arms = wide["arm"].astype("str")
    seen = set(arms[wide[estimand.visit].notna()].tolist())
    empty = [arm for arm in estimand.contrast if arm not in seen]
    if empty:
        raise NotEstimable(
            f"nobody in {' or '.join(empty)} has {estimand.outcome} at {estimand.visit}"
        )
    return wide[arms.isin(list(seen))].reset_index(drop=True)


def _with_every_arm(wide: pd.DataFrame, rows: AnalysisRows) -> AnalysisRows:
    """Return the rows without visits at which an arm has nobody, and notes on these."""
    visits, notes = [], []
    for visit in rows.visits:
        arms = rows.frame["arm"].astype("str")
        seen = set(arms[wide[visit].notna().to_numpy()].tolist())
        empty = [arm for arm in dict.fromkeys(arms.tolist()) if arm not in seen]
        if empty:
            who = " or ".join(empty)
            notes.append(f"{visit} is left out of the model: nobody in {who} was measured there")
        else:
            visits.append(visit)
    return replace(rows, visits=tuple(visits), notes=(*rows.notes, *notes))


def listed_covariates(estimand: Estimand, more: str = "") -> str:
    """Return the covariates beside the baseline as a method lists them: ", age, sex"."""
    return "".join(f", {name}{more}" for name in estimand.other_covariates)


def unlisted_baseline(estimand: Estimand) -> tuple[str, ...]:
    """Return the note of an analysis that always has the baseline; none where it is listed."""
    listed = BASELINE in estimand.covariates
    return () if listed else ("adjusted for the baseline, which the estimand does not list",)


def unused_baseline(rows: AnalysisRows, estimand: Estimand) -> tuple[str, ...]:
    """Return the note of an analysis without the baseline, although it was measured."""
    if not rows.has_baseline or BASELINE in estimand.covariates:
        return ()
    return ("not adjusted for the baseline, which was measured: the estimand does not list it",)


def uses_baseline(rows: AnalysisRows, estimand: Estimand) -> bool:
    """Return whether a model has the baseline among its covariates."""
    return rows.has_baseline and BASELINE in estimand.covariates


def participants_in(frame: pd.DataFrame) -> dict[str, int]:
    """Return how many participants of each arm a frame has."""
    counts = frame.groupby("arm", observed=True)["participant"].nunique()
    return {str(arm): int(n) for arm, n in counts.items()}


def measured_after_baseline(trial: Trial, outcome: str) -> tuple[str, ...]:
    """Return the visits after baseline at which somebody has the outcome."""
    own = trial.data[(trial.data["outcome"] == outcome) & trial.data["value"].notna()]
    there = set(own["visit"].astype(str))
    return tuple(visit for visit in trial.study.later_visits if visit in there)


def change_points(trial: Trial, estimand: Estimand) -> dict[str, pd.DataFrame]:
    """Return {"points": `tables.CHANGES` at the estimand's visit}; {} without a baseline."""
    own = trial.data[trial.data["outcome"] == estimand.outcome]
    if not own.loc[own["visit"] == trial.study.baseline, "value"].notna().any():
        return {}
    chosen = restricted(trial, estimand.population)
    return {"points": changes(chosen, estimand.outcome, estimand.visit)}


# The measurements that a model of several visits is fitted to, and what is said of the others.


def measured_rows(
    rows: AnalysisRows, estimand: Estimand, *, baseline: bool, when: str = "after baseline"
) -> AnalysisRows:
    """Return the rows of `rows_by_visit` in which nothing is missing, with notes on what is.

    Where the `baseline` is a covariate of the model, who has none is left out. `when` says of which
    visits the measurements are. It is refused where nobody has everything that the model needs.
    """
    once = [*(["baseline"] if baseline else []), *rows.covariates]
    known = rows.frame[once].notna().all(axis=1)
    people = rows.frame.loc[~known, "participant"].nunique()
    planned = rows.frame[known]
    kept = planned[planned["value"].notna()].reset_index(drop=True)
    if kept.empty:
        names = [*(["baseline"] if baseline else []), *estimand.other_covariates]
        raise NotEstimable(f"nobody has the outcome together with {', '.join(names)}")
    said = (
        *rows.left_out_without(people, once, estimand),
        *measurements_missing(len(planned) - len(kept), len(planned), when=when, aside=rows.aside),
    )
    return replace(rows, frame=kept, notes=(*rows.notes, *said))


def visits_in_words(rows: AnalysisRows) -> str:
    """Return of which visits the measurements are, where the baseline is one of them."""
    return "from baseline on" if rows.has_baseline else "at all visits"


# The main analysis in another population: those who kept to the protocol, or arms as received.


def in_population(
    trial: Trial,
    estimand: Estimand,
    population: Population,
    main: Callable[[Trial, Estimand], Result],
) -> Result:
    """Return the main analysis of an estimand in another population, under that name.

    The population, "per-protocol" or "as-treated", is the code of the result; the estimand's own
    plays no part. `main` is its main analysis.
    """
    found = main(trial, replace(estimand, population=population))
    role = estimand.role_of(population)
    estimates = found.estimates.assign(analysis=population, role=role)
    return replace(
        found,
        analysis=population,
        estimand=estimand,
        estimates=estimates,
        method=f"{WORDS[population]} {found.method}",
    )


# Counts of people and of their measurements, as notes and methods tell them.


def told_of(count: int, whole: int) -> str:
    """Return a count of those who are there, out of a whole that is known.

    Examples
    --------
    >>> told_of(60, 60), told_of(41, 60)
    ('60', '41 of 60')
    """
    return str(count) if count == whole else f"{count} of {whole}"


def left_out(dropped: int, what: str) -> tuple[str, ...]:
    """Return the note on participants who are left out, and who they are; none where nobody is.

    Examples
    --------
    >>> left_out(12, "without the outcome"), left_out(0, "without the outcome")
    (('12 participants without the outcome are left out',), ())
    >>> left_out(1, "without the outcome")
    ('1 participant without the outcome is left out',)
    """
    if not dropped:
        return ()
    who = "1 participant {} is" if dropped == 1 else f"{dropped} participants {{}} are"
    return (f"{who.format(what)} left out",)


def measurements_missing(
    missing: int, planned: int, *, when: str, aside: bool = False
) -> tuple[str, ...]:
    """Return the note on planned measurements that a model of several visits does without.

    Some of them are set `aside`, where strategies for events wanted that.

    Examples
    --------
    >>> measurements_missing(19, 120, when="after baseline")
    ('19 of the 120 planned measurements after baseline are missing; the model uses the others',)
    >>> measurements_missing(1, 120, when="after baseline")[0][:58]
    '1 of the 120 planned measurements after baseline is missin'
    """
    if not missing:
        return ()
    verb = "is" if missing == 1 else "are"
    return (
        f"{missing} of the {planned} planned measurements {when} {verb} missing"
        f"{' or set aside after an event' * aside}; the model uses the others",
    )
