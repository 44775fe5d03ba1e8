"""The results of a trial as analysis results data: a row for each statistic, in long form.

Columns and names of statistics are those of R's cards and cardx; the JSON has the shape of the
CDISC Analysis Results Standard (ARS 1.0): methods with operations, analyses with results by groups.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

import pandas as pd

from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.tables.trial_labels import ANALYSES

COLUMNS = (
    "group1", "group1_level", "group2", "group2_level", "variable", "variable_level", "context",
    "stat_name", "stat_label", "stat", "note",
)  # fmt: skip
# Name of the statistic in cards or broom, its label, and the column that it stands in here.
SUMMARY = (("N", "N", "n"), ("N_miss", "N Missing", "n_missing"), ("mean", "Mean", "mean"),
           ("sd", "SD", "sd"), ("median", "Median", "median"), ("p25", "Q1", "q1"),
           ("p75", "Q3", "q3"))  # fmt: skip
TABULATE = (("n", "n", "count"), ("p", "%", "share"), ("N", "N", "n"))
MISSING = (("N_obs", "Vector Length", "n"), ("N_miss", "N Missing", "n_missing"),
           ("N_nonmiss", "N Non-missing", "n_observed"))  # fmt: skip
MODEL = (("estimate", "Estimate", "estimate"), ("std.error", "SE", "std_error"),
         ("parameter", "df", "df"), ("statistic", "Statistic", "statistic"),
         ("p.value", "p-value", "p_value"), ("conf.low", "CI Lower Bound", "conf_low"),
         ("conf.high", "CI Upper Bound", "conf_high"),
         ("p.adjusted", "Adjusted p-value", "p_adjusted"),
         ("n", "n", "n"), ("n_reference", "n, reference", "n_reference"))  # fmt: skip
Row = dict[str, Any]


def ard(analysis: Analysis) -> pd.DataFrame:
    """Return the results of a trial as analysis results data, a row a statistic.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    DataFrame
        group1, group1_level (arm, or contrast), group2, group2_level (visit), variable,
        variable_level (categories), context ("summary", "tabulate", "missing", or the code of an
        analysis), stat_name, stat_label (as R's cards and cardx name them), stat (a number, in the
        unit of the variable; NaN where it is hidden or not known), note. Small counts are hidden as
        in the report.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> found = bw.tables.ard(bw.analyse(bw.example("knee") / "trial.toml"))  # doctest: +SKIP
    >>> found.query("stat_name == 'estimate'").head()  # doctest: +SKIP
    """
    return of_subject(trial_subject(analysis.analysis))


def of_subject(subject: TrialSubject) -> pd.DataFrame:
    """Return analysis results data of what may be shown."""
    rows = [*_described(subject), *_missing(subject), *_estimated(subject)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _described(subject: TrialSubject) -> Iterator[Row]:
    """Yield who took part, variable by variable and arm by arm."""
    for part in subject.parts("baseline"):
        for row in _rows(part.frames["baseline"]):
            grouped = {"group1": "arm", "group1_level": row["arm"], "variable": row["variable"]}
            if row["kind"] == "number":
                yield from _statistics(row, SUMMARY, {**grouped, "context": "summary"})
            else:
                level = {"variable_level": row["level"], "context": "tabulate"}
                share = {"share": row["percent"] / 100}
                yield from _statistics({**row, **share}, TABULATE, {**grouped, **level})


def _missing(subject: TrialSubject) -> Iterator[Row]:
    """Yield how many values are there and are missing, by outcome, arm and visit."""
    for part in subject.parts("missingness"):
        for row in _rows(part.frames["missingness"]):
            grouped = {"group1": "arm", "group1_level": row["arm"], "group2": "visit",
                       "group2_level": row["visit"], "variable": row["outcome"],
                       "context": "missing"}  # fmt: skip
            yield from _statistics(row, MISSING, grouped)


def _estimated(subject: TrialSubject) -> Iterator[Row]:
    """Yield every estimate."""
    for row in _rows(subject.analysis.estimates):
        by = "contrast" if row["contrast"] else "arm"
        grouped = {"group1": by, "group1_level": row[by], "group2": "visit",
                   "group2_level": row["visit"], "variable": row["outcome"],
                   "variable_level": row["quantity"], "context": row["analysis"],
                   "note": row["note"]}  # fmt: skip
        yield from _statistics(row, MODEL, grouped)


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame by the names of its columns."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def _statistics(row: Row, named: Iterable[tuple[str, str, str]], grouped: Row) -> Iterator[Row]:
    """Yield a row for each statistic that a line of a frame has."""
    for name, label, column in named:
        if column in row:
            known = bool(pd.notna(row[column]))
            stat = float(row[column]) if known else float("nan")
            yield {**dict.fromkeys(COLUMNS, ""), **grouped, "stat_name": name,
                   "stat_label": label, "stat": stat}  # fmt: skip


def ard_json(analysis: Analysis) -> str:
    """Return the results of a trial as JSON in the shape of CDISC ARS: methods and analyses.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
        The study with `methods`, each with its operations, and `analyses`, each with its results
        by groups. A value that is hidden or not known is null. Small counts are hidden as in the
        report.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> found = bw.analyse(bw.example("knee") / "trial.toml")  # doctest: +SKIP
    >>> Path("results.ars.json").write_text(bw.tables.ard_json(found))  # doctest: +SKIP
    """
    return json_of_subject(trial_subject(analysis.analysis))


def json_of_subject(subject: TrialSubject) -> str:
    """Return what may be shown as JSON in the shape of CDISC ARS."""
    frame = of_subject(subject)
    keys = ["variable", "context", "variable_level"]
    analyses = []
    for place, (named, part) in enumerate(frame.groupby(keys, sort=False), start=1):
        variable, context, level = (str(one) for one in named)
        analyses.append(
            {
                "id": f"An_{place:03d}",
                "name": " ".join(one for one in (variable, level) if one),
                "reason": "SPECIFIED IN PROTOCOL" if context in ANALYSES else "SPONSOR REQUESTED",
                "purpose": "PRIMARY OUTCOME MEASURE" if _primary(subject, variable) else "OTHER",
                "methodId": f"Mth_{context}",
                "results": [_result(row) for row in _rows(part)],
            }
        )
    methods = [_method(context, part) for context, part in frame.groupby("context", sort=False)]
    study = subject.trial.study
    told = {"id": study.id, "name": study.title, "methods": methods, "analyses": analyses}
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _primary(subject: TrialSubject, variable: str) -> bool:
    """Return whether a variable is a primary outcome."""
    return any(one.name == variable and one.role == "primary" for one in subject.trial.outcomes)


def _method(context: object, part: pd.DataFrame) -> Row:
    """Return a method with its operations, the statistics in their order."""
    named = part.drop_duplicates("stat_name")
    operations = [
        {"id": f"Mth_{context}_{row['stat_name']}", "name": row["stat_name"],
         "label": row["stat_label"], "order": order}
        for order, row in enumerate(_rows(named), start=1)
    ]  # fmt: skip
    label = ANALYSES.get(str(context), str(context))
    return {"id": f"Mth_{context}", "name": label, "operations": operations}


def _result(row: Row) -> Row:
    """Return one result; JSON knows neither NaN nor infinity."""
    groups = [
        {"groupingId": row[name], "groupId": row[f"{name}_level"]}
        for name in ("group1", "group2")
        if row[name]
    ]
    value = row["stat"] if isfinite(row["stat"]) else None
    return {
        "operationId": f"Mth_{row['context']}_{row['stat_name']}",
        "resultGroups": groups,
        "rawValue": value,
    }
