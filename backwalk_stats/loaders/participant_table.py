"""The table of participants: arm, covariates, analysis sets, order of treatments."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from backwalk_stats.loaders.covariate_values import covariate
from backwalk_stats.loaders.declared_labels import matched_labels
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.participant_arms import ADVICE, Allocation, arm_labels
from backwalk_stats.loaders.trial_file.faults import nearest
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_sources import Source

YES_NO = {
    **dict.fromkeys(("1", "yes", "y", "true", "ja", "oui", "si", "sí"), "yes"),
    **dict.fromkeys(("0", "no", "n", "false", "nein", "non"), "no"),
}


def participant_table(
    tables: TrialTables,
    sources: Sequence[Source],
    allocation: Allocation,
    *,
    file: str,
    findings: Findings,
) -> pd.DataFrame:
    """Return one row a participant, in the order in which the files name them first.

    Parameters
    ----------
    tables : TrialTables
    sources : sequence of Source
    allocation : Allocation
    file : str
        Name of the trial file, for messages.
    findings : Findings

    Returns
    -------
    DataFrame
        As `Trial.participants`.
    """
    order = dict.fromkeys(one for source in sources for one in source.participants)
    people = [one for one in order if one in allocation.arms]
    index = pd.Index(people, dtype="str")
    arms = [allocation.arms[one] for one in people]
    used = [arm for arm in tables.arm_names if arm in set(arms)]
    columns: dict[str, object] = {
        "participant": pd.Series(people, dtype="str"),
        "arm": pd.Categorical(arms, categories=used),
    }
    for source in sources:
        for name, column in source.table.covariates.items():
            values = covariate(source, name, column, findings=findings)
            columns[name] = _column(values.reindex(index))
    columns |= _sets(tables, sources, index, file=file, findings=findings)
    if tables.trial.design == "crossover":
        columns["sequence"] = _sequences(tables, sources, allocation, people)
    return pd.DataFrame(columns)


def _column(values: pd.Series) -> object:
    if values.dtype == "float64":
        return values.to_numpy()
    kept = values.where(values.notna(), None)
    return pd.Categorical(list(kept), categories=sorted(set(kept.dropna())))


def _sets(
    tables: TrialTables,
    sources: Sequence[Source],
    index: pd.Index,
    *,
    file: str,
    findings: Findings,
) -> dict[str, object]:
    """Return who belongs to which analysis set."""
    columns: dict[str, object] = {}
    sets = tables.sets
    for key, column in (("per_protocol", sets.per_protocol), ("received", sets.received)):
        if column is None:
            continue
        source = next((one for one in sources if column in one.columns), None)
        if source is None:
            there = [name for one in sources for name in one.columns]
            expected, found = "a column of the data", f"no column '{column}'"
            action = nearest(column, there)
            findings.fault(file, f"sets.{key}", expected, found, action=action)
        elif key == "received":
            columns["arm_received"] = _received(tables, source, column, index, findings)
        else:
            columns["per_protocol"] = _per_protocol(source, column, index, findings)
    return columns


def _received(
    tables: TrialTables, source: Source, column: str, index: pd.Index, findings: Findings
) -> object:
    labels = matched_labels(
        source,
        column,
        known=arm_labels(tables),
        what="a label of an arm",
        advice=ADVICE,
        findings=findings,
    )
    by_id = {one: arm for one, arm in zip(source.participants, labels, strict=True) if arm}
    arms = [by_id.get(one) for one in index]
    return pd.Categorical(arms, categories=[arm for arm in tables.arm_names if arm in arms])


def _per_protocol(source: Source, column: str, index: pd.Index, findings: Findings) -> list[bool]:
    answers = matched_labels(
        source, column, known=YES_NO, what="yes or no", advice="", findings=findings
    )
    by_id = {
        one: answer for one, answer in zip(source.participants, answers, strict=True) if answer
    }
    texts = source.texts(column)
    rows = [
        line
        for one, text, line in zip(source.participants, texts, source.lines, strict=True)
        if not text.strip() and one not in by_id
    ]
    if rows:
        action = "Say of every participant whether the protocol was kept"
        file = source.sheet.file
        findings.fault(file, column, "yes or no", "an empty cell", rows=rows, action=action)
    return [by_id.get(one) == "yes" for one in index]


def _sequences(
    tables: TrialTables, sources: Sequence[Source], allocation: Allocation, people: Sequence[str]
) -> object:
    """Return the declared order of treatments, else the arms in the order of the periods."""
    declared: dict[str, str] = {}
    for source in sources:
        if source.table.sequence is not None:
            pairs = zip(source.participants, source.texts(source.table.sequence), strict=True)
            declared |= {one: text.strip() for one, text in pairs if text.strip()}
    periods = [name for name in tables.visits.order if name != tables.visits.baseline]
    walked = {
        one: "-".join(
            allocation.by_visit[one, period]
            for period in periods
            if (one, period) in allocation.by_visit
        )
        for one in people
    }
    texts = [declared.get(one, walked[one]) for one in people]
    return pd.Categorical(list(texts), categories=sorted(set(texts)))
