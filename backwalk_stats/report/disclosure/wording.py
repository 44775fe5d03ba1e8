"""Words that tell of people: reasons of few in the load log, ids in names of files and in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from backwalk_stats.errors import Fault

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Outcome
    from backwalk_stats.trial.trial import Trial

REASON_OF_FEW = "a code read as missing; its reason, of fewer than {limit} cells, is not shown"
FILE = "data file {place}{ending}"
_REASONS = (
    re.compile(r"code '.*' read as missing: (?P<reason>.+)", re.DOTALL),
    re.compile(r"missing for the reason (?P<reason>.+)", re.DOTALL),
)
_ALERT = re.compile(r".+: safety: .+", re.DOTALL)  # an answer that somebody must look at
_PLACES = re.compile(r" \(lines? [\d, .]+\)")
_PARTS = re.compile(r"[^\W_]+")
_SHORTEST_ID = 3  # characters of an id that a sentence is searched for


def plain_log(log: pd.DataFrame, *, limit: int) -> pd.DataFrame:
    """Return a load log (`tables.LOAD_LOG`) without reasons, alerts and places of few cells.

    Why a value is missing, such as an illness, is a person's affair where few share it: neither the
    words nor the count are told. A question about few people is told without count and lines. How
    many cells were repaired is no affair of theirs and stays.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"file": "a.csv", "column": "vas", "level": "repair", "count": 1}
    >>> row["action"] = "code '888' read as missing: died of a stroke"
    >>> shown = plain_log(pd.DataFrame([row]), limit=5).iloc[0]
    >>> shown["action"], float(shown["count"])
    ('a code read as missing; its reason, of fewer than 5 cells, is not shown', nan)
    """
    if limit <= 1 or not len(log):
        return log
    few = (log["count"] > 0) & (log["count"] < limit)
    actions = log["action"].astype(str)
    reason = [any(one.fullmatch(action) for one in _REASONS) for action in actions]
    alert = [_ALERT.match(action) is not None for action in actions]
    asked = (log["level"] == "question").to_numpy()
    gone = few & (np.array(reason) | np.array(alert) | asked)
    pairs = zip(actions, gone, strict=True)
    plain = [_PLACES.sub("", action) if hide else action for action, hide in pairs]
    words = [
        REASON_OF_FEW.format(limit=limit) if hide and why else action
        for action, hide, why in zip(plain, gone, reason, strict=True)
    ]
    return log.assign(action=words, count=log["count"].astype(float).mask(gone))


def plain_file_names(names: Iterable[str], ids: Iterable[str]) -> dict[str, str]:
    """Return what stands for each file whose name holds the id of a participant.

    Examples
    --------
    >>> plain_file_names(["scores.csv", "visits_P07.xlsx"], ["P06", "P07"])
    {'scores.csv': 'scores.csv', 'visits_P07.xlsx': 'data file 2.xlsx'}
    """
    known = {one.casefold() for one in ids}
    told = {}
    for place, name in enumerate(names, start=1):
        path = PurePosixPath(name)
        parts = {path.stem.casefold(), *(one.casefold() for one in _PARTS.findall(path.stem))}
        parts |= {one.casefold() for one in re.split(r"[\s_.]+", path.stem)}
        told[name] = FILE.format(place=place, ending=path.suffix) if parts & known else name
    return told


def texts_with_ids(trial: Trial) -> tuple[str, ...]:
    """Return the keys of a trial file whose text holds the id of a participant.

    Ids are looked for that a text cannot hold by chance: of three characters or more, with a
    letter and a digit. What is looked through is shown as it was written: title, deviations,
    decisions, registration and labels.
    """
    ids = telling_ids(trial.participants["participant"])
    study = trial.study
    texts: Mapping[str, Iterable[str]] = {
        "trial.id": (study.id,),
        "trial.title": (study.title,),
        "trial.registration": (study.registration,),
        "trial.deviations": study.deviations,
        "decision": [text for one in study.decisions for text in (one.key, one.what, one.reason)],
        "arms.labels": [arm.label for arm in study.arms],
        "visits": [visit.label for visit in study.visits],
        "outcome": [part for one in trial.outcomes for part in _of_outcome(one)],
        "clusters": (trial.cluster_name,),
        "data.covariates": [*trial.participants.columns, *trial.labels.values()],
        "flow": trial.flow["reason"].astype(str),
        "estimand.events": [kind for one in trial.estimands for kind, _ in one.events],
        "harms": _of_harms(trial),
        "deviation": _of_plan(trial),
        **{key: (text,) for key, text in trial.conduct.texts.items()},
    }
    return tuple(key for key, said in texts.items() if any(names_one(text, ids) for text in said))


def _of_plan(trial: Trial) -> tuple[str, ...]:
    """Return what is told of differences from the locked plan, and of its amendments."""
    plan = trial.plan
    if plan is None:
        return ()
    told = [text for one in plan.differences for text in (one.planned, one.done, one.reason)]
    return (*told, *(lock.reason for lock in plan.locks))


def id_faults(trial: Trial) -> list[Fault]:
    """Return a fault for each text of a trial file that names a participant."""
    return [
        Fault(
            file="the trial file", column=key, expected="a text that names no participant",
            found="the id of a participant", action="Write it without: reports show it",
        )
        for key in texts_with_ids(trial)
    ]  # fmt: skip


def _of_outcome(one: Outcome) -> tuple[str, ...]:
    """Return what is shown of an outcome as it was written."""
    thresholds = [text for t in one.thresholds for text in (t.name, t.population, t.source)]
    return (one.name, one.label, one.unit, *one.categories, one.exposure, *thresholds)


def _of_harms(trial: Trial) -> tuple[str, ...]:
    """Return the terms of harms, and what is said of how they were defined."""
    harms = trial.harms
    return () if harms is None else (harms.definition, *map(str, harms.events["term"].unique()))


def telling_ids(ids: Iterable[object]) -> frozenset[str]:
    """Return the ids that no text holds by chance, without regard to case."""
    return frozenset(
        text.casefold()
        for text in map(str, ids)
        if len(text) >= _SHORTEST_ID
        and any(mark.isalpha() for mark in text)
        and any(mark.isdigit() for mark in text)
    )


def names_one(text: object, ids: frozenset[str]) -> bool:
    """Tell whether a text holds an id as a word.

    Examples
    --------
    >>> names_one("Walked with P07.", frozenset({"p07"})), names_one("P071", frozenset({"p07"}))
    (True, False)
    """
    words = re.findall(r"\w+(?:[-./]\w+)*", str(text).casefold())
    pieces = {*words, *(piece for word in words for piece in re.split(r"[-./_]", word))}
    return bool(pieces & ids)
