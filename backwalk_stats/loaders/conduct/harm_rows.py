"""Harms from their file: one row each, of people of the trial, with yes, no or nothing recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from backwalk_stats.errors import nearest
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.dates import read_date
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.dropouts import LONGEST
from backwalk_stats.loaders.trial.numbers import MISSING_WORDS, Column, numbers
from backwalk_stats.loaders.trial.personal_columns import check_identifiers
from backwalk_stats.loaders.trial.sources import Source, read_declared
from backwalk_stats.loaders.trial_file.conduct_schema import HarmsTable
from backwalk_stats.loaders.trial_file.data_schema import DataTable
from backwalk_stats.trial.harms import EVENTS, FLAGS, Harms, is_fall

YES = frozenset(["yes", "y", "1", "true", "ja", "j", "oui", "sí", "si", "sim", "x"])
NO = frozenset(["no", "n", "0", "false", "nein", "non", "nee", "não"])
_NOTHING = (
    "none/nothing/nil/no harm/no harms/no event/no events/no adverse event/no adverse events/no ae/"
    "keine/keins/nichts/aucun/aucune/rien/ninguno/ninguna/nada/nenhum/nenhuma/nessuno/geen/-/--"
)
NOTHING = NO | frozenset(_NOTHING.split("/"))  # terms that say that there was no harm
OTHER = "Another harm, described in free text"


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Those whose harms can be counted, and the files of data that tell for how long.

    Attributes
    ----------
    ids : sequence of str
        The participants of the trial.
    sources : sequence of Source
    complete : bool
        Whether every file of data was read: only then a stranger is one.
    """

    ids: Sequence[str]
    sources: Sequence[Source]
    complete: bool


def read_harms(
    table: HarmsTable,
    people: People,
    *,
    folder: Path,
    allow_identifiers: bool,
    today: date,
    findings: Findings,
) -> tuple[Harms | None, dict[str, str]]:
    """Return the harms, and the hash of their file by its name; tell what cannot be used."""
    declared = DataTable(
        file=table.file,
        participant=[table.participant],
        missing_codes=table.missing_codes,
        encoding=table.encoding,
        separator=table.separator,
        sheet=table.sheet,
    )
    sheet = read_declared(
        declared, key="harms", folder=folder, findings=findings, may_be_empty=True
    )
    if sheet is None or table.asked is None:
        return None, {}
    source = Source(key="harms", table=declared, sheet=sheet, findings=findings)
    sources = {sheet.file: sheet.sha256}
    check_identifiers(source, allowed=allow_identifiers)
    if not _has_columns(source, table):
        return None, sources
    if people.complete:
        _tell_strangers(source, people.ids)
    if table.start is not None:
        _tell_no_dates(source.column(table.start), today)
    events = _events(source, table)
    falls, declared_falls = _falls(events["term"], table, findings)
    weeks = _weeks(table.exposure, people, findings)
    unseen = set(weeks.loc[weeks["weeks"] == 0.0, "participant"])
    if unseen & set(events["participant"]):  # how many is not told, as below
        told = "people with a harm and no time followed: which of the two is right?"
        findings.ask("harms.exposure", told)
    harms = Harms(
        asked=table.asked,
        definition=table.definition or "",
        events=events,
        flags=tuple(name for name in FLAGS if name in table.columns),
        weeks=weeks,
        falls=falls,
        falls_declared=declared_falls,
    )
    return harms, sources


def _has_columns(source: Source, table: HarmsTable) -> bool:
    """Tell whether the file has its columns; each that is missing is a fault."""
    there = source.columns
    absent = [(key, name) for key, name in table.columns.items() if name not in there]
    for key, name in absent:
        expected, found = f"the column that harms.{key} names", f"no column '{name}'"
        source.findings.add(name, expected, found, nearest(name, there), file=source.file)
    return not absent


def _tell_strangers(source: Source, ids: Collection[str]) -> None:
    """Refuse harms of people who are not in the trial: whose they are is not guessed."""
    known = set(ids)
    pairs = list(zip(source.participants, source.lines, strict=True))
    empty = [line for one, line in pairs if not one.strip()]
    strangers = [line for one, line in pairs if one.strip() and one not in known]
    column = source.ids
    column.fault("the id of a participant", "an empty cell", rows=empty)
    column.fault(
        "harms of participants of the trial",
        "an id that no file of [[data]] has",
        "Write ids as [[data]] has them; a harm before randomisation does not belong here",
        rows=strangers,
    )


def _tell_no_dates(column: Column, today: date) -> None:
    """Refuse starts that are no dates, or lie in the future."""
    there = column.without(column.codes)
    read = {text: read_date(text, "iso", today=today) for text in set(column.texts)}
    wrong, late = [], []
    for text, kept, line in zip(column.texts, there, column.lines, strict=True):
        if not kept:
            continue
        day = read[text].day
        if day is None and not read[text].partial:
            wrong.append(line)
        elif day is not None and day > today:
            late.append(line)
    column.fault("a date as 2026-03-04", "another text", rows=wrong)
    column.fault("a date that has been", "one that is to come", rows=late)


def _events(source: Source, table: HarmsTable) -> pd.DataFrame:
    """Return a row for each harm; a term in two spellings of case and spaces is one."""
    column = source.column(table.term)
    texts = [" ".join(column.labels.get(text, text).split()) for text in column.texts]
    column.fault(
        "what happened",
        "an empty cell",
        "Write a short term in each row; a person without harms has no row",
        rows=column.where([not text for text in texts]),
    )
    column.fault(
        "what happened",
        "a word for nothing",
        "Leave the row out: a person without harms has no row",
        rows=column.where([folded(text) in NOTHING for text in texts]),
    )
    spelt: dict[str, str] = {}
    terms = [spelt.setdefault(folded(text), text) for text in texts]
    respelt = sum(text != term for text, term in zip(texts, terms, strict=True))
    column.repair("terms written otherwise, by case or spaces, taken as one", respelt)
    if any(len(term) > LONGEST for term in terms):
        # How many is not told: beside the table it would tell how many of an arm.
        column.warn(f"descriptions of more than {LONGEST} letters count as one term: shorten them")
    frame = pd.DataFrame({
        "participant": source.participants,
        "term": [OTHER if len(term) > LONGEST else term for term in terms],
        **{
            name: _flag(source.column(table.columns[name]), table.codes)
            if name in table.columns
            else np.full(len(terms), np.nan)
            for name in FLAGS
        },
    })  # fmt: skip
    return frame[list(EVENTS)].astype({"participant": "str", "term": "str"})


def _flag(column: Column, codes: Mapping[str, str]) -> list[float]:
    """Return yes as 1, no as 0, nothing as NaN; every other word is a fault."""
    own = {folded(text): word == "yes" for text, word in codes.items()}
    values, wrong = [], []
    there = column.without(column.codes)
    for text, kept, line in zip(column.texts, there, column.lines, strict=True):
        words = [folded(text), folded(column.labels.get(text, text))]
        value = float("nan")
        if kept and not set(words) & MISSING_WORDS:
            meant = [
                own.get(word, word in YES) for word in words if word in own or word in YES | NO
            ]
            value = float(meant[0]) if meant else value
            if not meant:
                wrong.append(line)
        values.append(value)
    action = 'Say what it means: codes = { possible = "yes", unlikely = "no" }'
    column.fault("yes or no", "another word", action, rows=wrong)
    return values


def _falls(terms: pd.Series, table: HarmsTable, findings: Findings) -> tuple[tuple[str, ...], bool]:
    """Return the terms that are falls: as declared, else by the word, which is noted."""
    there = list(dict.fromkeys(terms))
    if table.falls is not None:
        meant = {folded(one) for one in table.falls}
        others = [term for term in there if is_fall(term) and folded(term) not in meant]
        if others:
            told = "terms with the word are not among the falls that are named: are they none?"
            findings.ask("harms.falls", told, len(others))
        return tuple(term for term in there if folded(term) in meant), True
    found = tuple(term for term in there if is_fall(term))
    if found:
        told = "terms with the word taken for falls; harms.falls can say which are"
        findings.note("harms.falls", told, len(found))
    return found, False


def _weeks(name: str | None, people: People, findings: Findings) -> pd.DataFrame:
    """Return for how many weeks each participant was followed; NaN where no file tells."""
    columns = ["participant", "weeks"]
    empty = pd.DataFrame(columns=columns).astype({"participant": "str", "weeks": "float64"})
    if name is None:
        return empty
    having = [source for source in people.sources if name in source.columns]
    if not having:
        if people.complete:
            there = [one for source in people.sources for one in source.columns]
            expected = "a column of a file of [[data]]: weeks followed"
            findings.add("harms.exposure", expected, f"no column '{name}'", nearest(name, there))
        return empty
    known: dict[str, float] = {}
    for source in having:
        column = source.column(name)
        values = numbers(column).values
        column.fault(
            "weeks followed: 0 or more", "a number below 0", rows=column.where([*(values < 0.0)])
        )
        clash = []
        for one, value, line in zip(column.participants, values, column.lines, strict=True):
            if not np.isnan(value) and known.setdefault(one, float(value)) != value:
                clash.append(line)
        column.fault("the same weeks in each row of a participant", "others", rows=clash)
    weeks = [known.get(one, float("nan")) for one in people.ids]
    lacking = int(np.isnan(weeks).sum())
    if lacking:
        told = "people without weeks followed: their arm has no rates of harms"
        findings.warn("harms.exposure", told, lacking)
    return pd.DataFrame({"participant": list(people.ids), "weeks": weeks}).astype(
        {"participant": "str"}
    )
