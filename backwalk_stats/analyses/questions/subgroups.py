"""Whether the effect differs between groups of participants: interaction, and contrasts within."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.errors import NotEstimable, UsageError
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

    Of a parallel trial; a column of numbers is split at its median. Rows mean_difference (each
    level; the note says which) and f_statistic (the interaction). Frames: forest (`tables.FOREST`:
    group is the column, label the level; p-values are of the contrast within a level), and
    interaction: group, df_num, df_den, statistic, p_value.
    """
    included = rows.rows_at_visit(trial, estimand).pair(estimand)
    people = restricted(trial, estimand.population).participants.set_index("participant")
    lines: list[results.Line] = []
    forest: list[results.Line] = []
    tests: list[results.Line] = []
    notes: list[str] = []
    for column in estimand.subgroups:
        try:
            group, how = _levels(people[column].reindex(included.frame["participant"]))
            found = _within(included, estimand, column, group.reset_index(drop=True))
        except (NotEstimable, UsageError, np.linalg.LinAlgError) as error:
            reason = results.in_own_names(str(error), estimand)
            reason = _without_few(reason, small_cell=trial.small_cell)
            why = f"{column}: not estimated: {reason}"
            notes.append(why)
            lines.append(results.compared(estimand, "mean_difference", {}, note=why))
            continue
        lines += found[0]
        forest += found[1]
        tests.append(found[2])
        notes += [f"{column}: {how}"] if how else []
    return results.Answer(
        lines=lines,
        method=_method(included, estimand),
        converged=bool(tests) or not estimand.subgroups,
        notes=(*included.notes, *notes),
        frames={
            "forest": pd.DataFrame(forest, columns=list(FOREST)),
            "interaction": pd.DataFrame(tests, columns=["group", *F_TEST]),
        },
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
    return pd.Series(pd.Categorical(split, categories=names)), f"split at the median, {middle:g}"


def _within(
    included: rows.AnalysisRows, estimand: Estimand, column: str, group: pd.Series
) -> tuple[list[results.Line], list[results.Line], results.Line]:
    """Return rows of results, rows of the forest, and the test of interaction."""
    frame = included.frame.assign(g=group)
    own = [
        name
        for name, label in zip(included.covariates, estimand.other_covariates, strict=True)
        if label != column
    ]
    own = [*(["baseline"] if rows.uses_baseline(included, estimand) else []), *own]
    complete = frame.dropna(subset=["value", "g", *own])
    counts = complete.groupby(["g", "arm"], observed=False).size()
    if (counts < 2).any():
        raise NotEstimable("a level has fewer than two participants of an arm")
    fit = ols(f"value ~ {' + '.join(['arm * g', *own])}", frame)
    found = fit.contrasts("arm", by="g", level=estimand.level)
    lines, forest = _by_level(found, counts, estimand, column)
    tests = fit.anova()
    test = tests[tests["term"].isin(["arm:g", "g:arm"])].iloc[0]
    note = f"interaction of arm and {column}"
    lines.append(results.compared(estimand, "f_statistic", results.f_row(test), note=note))
    return lines, forest, {"group": column, **{name: test[name] for name in F_TEST}}


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


def _method(included: rows.AnalysisRows, estimand: Estimand) -> str:
    base = ", baseline" if rows.uses_baseline(included, estimand) else ""
    extra = rows.listed_covariates(estimand)
    return (
        f"Linear model of the outcome at {estimand.visit} on arm by subgroup{base}{extra}, one "
        f"subgroup at a time ({', '.join(estimand.subgroups) or 'none'}); F test of the "
        "interaction; contrasts within levels. Not adjusted for the number of subgroups."
    )
