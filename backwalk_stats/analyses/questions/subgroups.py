"""Whether the effect differs between groups of participants: interaction, and contrasts within."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.analyses.questions.mmrm import times_of, visit_fit, with_times
from backwalk_stats.engine.mixed.contrasts import JointTest
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.fit.contrasts import Compared, compared
from backwalk_stats.models.linear.ols import ols
from backwalk_stats.trial.derive import restricted
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.tables import FOREST
from backwalk_stats.trial.trial import Trial

F_TEST = ("df_num", "df_den", "statistic", "p_value")
_COUNT = re.compile(
    r"(?<![\d.])(\d+)(?= (?:of (?:the )?\d+ )?(?:complete |observed |new )?"
    r"(?:participants?|people|rows?|values?|measurements?)\b)"
)


@results.asked("subgroup")
def subgroups(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the contrast within the levels of each subgroup, and the test of interaction.

    Of a parallel trial, by the model of the main analysis with the subgroup in it: the mixed model
    (arm by visit by subgroup, contrasts and interaction at the estimand's visit), else a linear
    model of the visit, of the change where that is analysed. A column of numbers is split at its
    median. Rows mean_difference (each level; the note says which) and f_statistic (that the
    contrast is the same in every level). Frames: forest (`tables.FOREST`: group is the column,
    label the level; p-values are of the contrast within a level), and interaction: group, df_num,
    df_den, statistic, p_value.
    """
    by_visit = estimand.analysis == "mmrm" and len(rows.rows_by_visit(trial, estimand).visits) > 1
    planned = (rows.rows_by_visit if by_visit else rows.rows_at_visit)(trial, estimand)
    planned = with_times(trial, planned, estimand) if by_visit else planned
    people = restricted(trial, estimand.population).participants.set_index("participant")
    found = Found()
    for column in estimand.subgroups:
        try:
            group, how = _levels(people[column])
            model = Within(included=planned, estimand=estimand, column=column, group=group)
            found.add(model.by_visit() if by_visit else model.at_visit(), how)
        except (NotEstimable, UsageError, np.linalg.LinAlgError) as error:
            reason = results.in_own_names(str(error), estimand)
            reason = _without_few(reason, small_cell=trial.small_cell)
            found.refuse(column, reason, estimand)
    return results.Answer(
        lines=found.lines,
        method=_method(planned, estimand, by_visit=by_visit),
        converged=bool(found.tests) or not estimand.subgroups,
        notes=(*planned.notes, *found.notes),
        frames={
            "forest": pd.DataFrame(found.forest, columns=list(FOREST)),
            "interaction": pd.DataFrame(found.tests, columns=["group", *F_TEST]),
        },
    )


@dataclass(slots=True)
class Found:
    """What the subgroups gave so far: rows of results and of the forest, tests, notes."""

    lines: list[results.Line] = field(default_factory=list)
    forest: list[results.Line] = field(default_factory=list)
    tests: list[results.Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, one: OneSubgroup, how: str) -> None:
        """Add what one subgroup gave, and how a number was split."""
        self.lines += [*one.lines, one.test_line]
        self.forest += one.forest
        self.tests.append(one.test)
        self.notes += [f"{one.column}: {told}" for told in (how, one.note) if told]

    def refuse(self, column: str, reason: str, estimand: Estimand) -> None:
        """Add that one subgroup could not be estimated, and why."""
        why = f"{column}: not estimated: {reason}"
        self.notes.append(why)
        self.lines.append(results.compared(estimand, "mean_difference", {}, note=why))


@dataclass(frozen=True, kw_only=True, slots=True)
class OneSubgroup:
    """The contrast within the levels of one column, and whether it differs between them."""

    column: str
    lines: list[results.Line]
    forest: list[results.Line]
    test: results.Line
    test_line: results.Line
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Within:
    """The model of the main analysis with one subgroup in it.

    Attributes
    ----------
    included : AnalysisRows
        Of all arms: at the visit, or by visit.
    estimand : Estimand
    column : str
        The covariate whose levels are the subgroups.
    group : Series
        Participant to level.
    """

    included: rows.AnalysisRows
    estimand: Estimand
    column: str
    group: pd.Series

    def at_visit(self) -> OneSubgroup:
        """Return what a linear model of the visit gives: least squares, all arms."""
        change = self.estimand.analysis == "change-score"
        value = "change" if change else "value"
        own = [] if change else self._covariates(baseline=True)
        frame = self._frame().dropna(subset=[value, "g", *own])
        counts = self._counts(frame)
        fit = ols(f"{value} ~ {' + '.join(['arm * g', *own])}", frame)
        found = fit.contrasts("arm", by="g", level=self.estimand.level)
        rows_of = compared(fit.design, "arm", ["g"], method="reference", reference=None, at=None)
        return self._answer(found, counts, fit.jointly(self._apart(rows_of)))

    def by_visit(self) -> OneSubgroup:
        """Return what the mixed model of all visits gives at the estimand's visit."""
        base = rows.uses_baseline(self.included, self.estimand)
        own = self._covariates(baseline=False)
        included = replace(self.included, frame=self._frame().dropna(subset=["g"]))
        measured = rows.measured_rows(included, self.estimand, baseline=base).frame
        at = measured[measured["visit"].astype(str) == self.estimand.visit]
        counts = self._counts(at)
        baseline = ["baseline * visit"] if base else []
        formula = f"value ~ {' + '.join([*baseline, 'arm * visit * g', *own])}"
        fit = visit_fit(formula, measured, self.estimand, times=times_of(self.estimand))
        found = fit.contrasts("arm", by=["visit", "g"], level=self.estimand.level)
        found = found[found["visit"].astype(str) == self.estimand.visit]
        rows_of = compared(
            fit.design, "arm", ["visit", "g"], method="reference", reference=None, at=None
        )
        test = fit.jointly(self._apart(rows_of))
        tried = fit.stats.covariance != self.estimand.covariance
        note = f"covariance {fit.stats.covariance}, {self.estimand.covariance} being declared"
        lost = "the mixed model did not converge" * (not fit.stats.converged)
        return self._answer(found, counts, test, note="; ".join(filter(None, [note * tried, lost])))

    def _frame(self) -> pd.DataFrame:
        """Return the rows with the level of each."""
        level = self.group.reindex(self.included.frame["participant"])
        return self.included.frame.assign(g=level.to_numpy()).astype({"g": self.group.dtype})

    def _covariates(self, *, baseline: bool) -> list[str]:
        """Return the columns of the model beside arm and subgroup."""
        pairs = zip(self.included.covariates, self.estimand.other_covariates, strict=True)
        own = [name for name, label in pairs if label != self.column]
        base = baseline and rows.uses_baseline(self.included, self.estimand)
        return [*(["baseline"] if base else []), *own]

    def _counts(self, frame: pd.DataFrame) -> pd.Series:
        """Return the participants of each level and arm at the visit; too few are refused."""
        pair = frame[frame["arm"].isin(list(self.estimand.contrast))]
        counts = pair.groupby(["g", pair["arm"].astype(str)], observed=False).size()
        if (counts < 2).any() or len(counts) < 2 * frame["g"].nunique():
            raise NotEstimable("a level has fewer than two participants of an arm")
        return counts

    def _apart(self, found: Compared) -> np.ndarray:
        """Return the contrast in each level minus that in the first, as rows of a joint test."""
        there = np.array([one == self.estimand.contrast_name for one in found.labels["contrast"]])
        if "visit" in found.labels:
            there &= np.array([str(one) == self.estimand.visit for one in found.labels["visit"]])
        mine = found.rows[there]
        if len(mine) < 2:
            raise NotEstimable("everybody is in one level")
        return np.asarray(mine[1:] - mine[0])

    def _answer(
        self, found: pd.DataFrame, counts: pd.Series, test: JointTest, *, note: str = ""
    ) -> OneSubgroup:
        """Return the contrast of each level, and the test of the interaction."""
        own = found[found["contrast"] == self.estimand.contrast_name]
        lines, forest = _by_level(own, counts, self.estimand, self.column)
        told = f"interaction of arm and {self.column}"
        tested = {name: getattr(test, name) for name in F_TEST}
        line = results.compared(self.estimand, "f_statistic", results.f_row(tested), note=told)
        return OneSubgroup(
            column=self.column,
            lines=lines,
            forest=forest,
            test={"group": self.column, **tested},
            test_line=line,
            note=note,
        )


def _without_few(reason: str, *, small_cell: int) -> str:
    """Return a reason in which no small count of the people of a level is told."""

    def told(found: re.Match[str]) -> str:
        return f"fewer than {small_cell}" if 0 < int(found[1]) < small_cell else found[1]

    return _COUNT.sub(told, reason)


def _levels(column: pd.Series) -> tuple[pd.Series, str]:
    """Return the group of each participant, and how a number was split."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories(), ""
    middle = float(column.median())
    names = [f"below {middle:g}", f"{middle:g} or more"]
    split = np.where(column < middle, names[0], names[1]).astype(object)
    split[column.isna().to_numpy()] = None
    group = pd.Series(pd.Categorical(split, categories=names), index=column.index)
    return group.cat.remove_unused_categories(), f"split at the median, {middle:g}"


def _by_level(
    found: pd.DataFrame, counts: pd.Series, estimand: Estimand, column: str
) -> tuple[list[results.Line], list[results.Line]]:
    """Return the contrast within each level, as rows of results and of the forest."""
    lines: list[results.Line] = []
    forest: list[results.Line] = []
    for row in found.to_dict("records"):
        level = str(row["g"])
        sizes = results.sizes_of(
            {arm: int(counts[row["g"], arm]) for arm in estimand.contrast}, estimand
        )
        note = f"{column}: {level}"
        lines.append(results.compared(estimand, "mean_difference", row, note=note, **sizes))
        forest.append({"group": column, "label": level, **row, **sizes})
    return lines, forest


def _method(included: rows.AnalysisRows, estimand: Estimand, *, by_visit: bool) -> str:
    base = ", baseline" if rows.uses_baseline(included, estimand) else ""
    extra = rows.listed_covariates(estimand)
    listed = ", ".join(estimand.subgroups) or "none"
    end = (
        f"one subgroup at a time ({listed}), all arms in the model; contrasts within levels, and "
        "the F test that they are the same. Not adjusted for the number of subgroups."
    )
    if by_visit:
        by = " by visit" if base else ""
        return (
            f"The mixed model of the main analysis with the subgroup in it: arm by visit by "
            f"subgroup{base}{by}{extra}; contrasts and interaction at {estimand.visit}; {end}"
        )
    if estimand.analysis == "change-score":
        when = f"baseline to {estimand.visit}"
        return f"Linear model of the change from {when} on arm by subgroup; {end}"
    apart = (
        ""
        if estimand.analysis in ("ancova", "mmrm")
        else (", which is not the main analysis: that has no interaction with a subgroup here")
    )
    return (
        f"Linear model of the outcome at {estimand.visit} on arm by subgroup{base}{extra}{apart}; "
        f"{end}"
    )
