"""Who left and why, from columns of the data: into the flow, and beside values that are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from json import dumps

import pandas as pd

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.dates import read_date
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.numbers import MISSING_WORDS, Column
from backwalk_stats.loaders.trial.sources import Source
from backwalk_stats.loaders.trial_file.schema import FlowTable

# What stands in such a column where somebody stayed.
_WORDS = (
    "completed/complete/completer/finished/stayed/no/none/0/nein/not applicable/no dropout/"
    "did not drop out/still in study/ongoing/completed study/study completed/completed the study/"
    "abgeschlossen/beendet/planmäßig beendet/terminé/non/nee/completado/completó/no abandonó/"
    "concluído/concluiu/não/completato/tamamladı/hayır/完了/完遂/なし/無"
)
_STAYED = frozenset(_WORDS.split("/"))
NO_REASON = "no reason given"
OTHER = "another reason"
LONGEST, MOST = 60, 12  # of a reason, and how many there are: free text is of one person


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropouts:
    """Participant to the reason why they left."""

    reasons: Mapping[str, str] = field(default_factory=dict)

    def by_arm(self, arms: Mapping[str, str]) -> dict[str, dict[str, int]]:
        """Return how many of each arm left for which reason, arms and reasons in their order."""
        counts = Counter((arms[one], why) for one, why in self.reasons.items() if one in arms)
        found: dict[str, dict[str, int]] = {}
        for (arm, why), n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
            found.setdefault(arm, {})[why] = n
        return found


def dropouts(sources: Sequence[Source], *, today: date) -> Dropouts:
    """Return who left and why: one reason a person, in the words of the file or its value labels.

    Words that say that somebody stayed are no reason. Reasons in free text, long or of many kinds,
    are told as another reason: they are words on one person.
    """
    reasons: dict[str, str] = {}
    for source in sources:
        why, when = source.table.dropout_reason, source.table.dropout_date
        found = {} if why is None else _reasons(source.column(why))
        if when is not None:
            left = _dated(source.column(when), source.table.date_format, today=today)
            found = {**dict.fromkeys(left, NO_REASON), **found}
        reasons |= found
    kinds = Counter(reasons.values())
    if len(kinds) > MOST or any(len(why) > LONGEST for why in kinds):
        common = {why for why, n in kinds.items() if n > 1 and len(why) <= LONGEST}
        kept = set(sorted(common, key=lambda why: -kinds[why])[: MOST - 1])
        reasons = {one: why if why in kept else OTHER for one, why in reasons.items()}
    return Dropouts(reasons=reasons)


def _reasons(column: Column) -> dict[str, str]:
    there = column.without(column.codes)
    spelt: dict[str, str] = {}
    found: dict[str, str] = {}
    clash = []
    for one, text, kept, line in zip(
        column.participants, column.texts, there, column.lines, strict=True
    ):
        why = " ".join(column.labels.get(text, text).split())
        if not kept or folded(why) in _STAYED | MISSING_WORDS:
            continue
        why = spelt.setdefault(folded(why), why)
        if found.setdefault(one, why) != why:
            clash.append(line)
    column.fault("one reason for each participant", "another one at a later row", rows=clash)
    column.findings.note(column.name, "reasons of leaving read", len(found), file=column.file)
    return found


def _dated(column: Column, form: str, *, today: date) -> list[str]:
    """Return who has a date of leaving; tell cells that are none."""
    wrong, left = [], []
    there = column.without(column.codes)
    for one, text, kept, line in zip(
        column.participants, column.texts, there, column.lines, strict=True
    ):
        if not kept:
            continue
        read = read_date(text, form, today=today)
        if read.day is None and not read.partial:
            wrong.append(line)
        left.append(one)
    expected = "a date as 2026-03-04" if form == "iso" else f"a date as {form}"
    column.fault(expected, "another text", "Declare date_format for the file", rows=wrong)
    return left


def with_dropouts(
    declared: FlowTable, left: Mapping[str, Mapping[str, int]], findings: Findings
) -> FlowTable:
    """Return the flow with those who left, unless the trial file tells of them itself.

    Where it does and the numbers are others, that is warned of.
    """
    if not left:
        return declared
    told = {**declared.lost, **declared.discontinued}
    if not told:
        found = {arm: dict(reasons) for arm, reasons in left.items()}
        return declared.model_copy(update={"discontinued": found})
    for arm, reasons in left.items():
        n = sum(
            sum(stage.get(arm, {}).values()) for stage in (declared.lost, declared.discontinued)
        )
        if n != sum(reasons.values()):
            action = f"another number of {arm} left by dropout_reason than [flow] says"
            findings.warn("flow.discontinued", action, sum(reasons.values()))
    return declared


def tell_of_stayers(
    cells: pd.DataFrame,
    left: Dropouts,
    visits: Sequence[str],
    *,
    sources: Sequence[Source],
    findings: Findings,
) -> None:
    """Warn of people with a reason of leaving who have a value at the last visit that anybody has.

    Their reason may be the file's word for having stayed. `cells` have participant, visit, value.
    """
    there = cells[cells["value"].notna()]
    seen = [visit for visit in visits if (there["visit"] == visit).any()]
    if not seen or not left.reasons:
        return
    n = len(set(there.loc[there["visit"] == seen[-1], "participant"]) & set(left.reasons))
    for table in (source.table for source in sources):
        column = table.dropout_reason or table.dropout_date
        if n and column is not None:
            told = (
                f"people who left by {column} have values at the last visit, and count as left in "
                "the flow: if a word in it says that somebody stayed, write "
                f'missing_codes_by_column = {{ {dumps(column, ensure_ascii=False)} = ["..."] }}'
            )
            findings.warn(column, told, n, file=table.file)


def missing_after_leaving(
    data: pd.DataFrame, left: Dropouts, visits: Sequence[str]
) -> pd.DataFrame:
    """Return participant, visit, outcome and reason of values missing after a dropout's last one.

    `data` is the whole grid (`tables.TRIAL_DATA`). What is missing before somebody's last visit is
    missing for another reason, which the column does not tell; what nobody has was not planned.
    """
    columns = ["participant", "visit", "outcome", "reason"]
    own = data[data["participant"].isin(list(left.reasons))]
    place = own["visit"].astype("str").map({name: k for k, name in enumerate(visits)}).astype(int)
    seen = place.where(own["value"].notna(), -1).groupby(own["participant"]).transform("max")
    pairs = data.loc[data["value"].notna(), ["outcome", "visit"]].astype("str")
    planned = set(pairs.itertuples(index=False, name=None))
    keys = own[["outcome", "visit"]].astype("str").itertuples(index=False, name=None)
    meant = pd.Series([key in planned for key in keys], index=own.index, dtype=bool)
    gone = own[(place > seen) & own["value"].isna() & meant]
    frame = gone.assign(reason=gone["participant"].map(dict(left.reasons)))[columns]
    return frame.astype("str").reset_index(drop=True)
