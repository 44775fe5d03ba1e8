"""The tables of a trial file on its conduct: harms, interventions, methods in prose, deviations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from backwalk_stats.errors import Faults, nearest
from backwalk_stats.loaders.trial_file.table_schema import (
    FileName,
    MissingCodes,
    Table,
    Words,
    unexpected,
)
from backwalk_stats.trial.conduct import INTERVENTION, METHODS
from backwalk_stats.trial.harms import Asked

LONGEST = 5000  # characters of a text in prose


class HarmsTable(Table):
    """Harms: a file with a row for each harm of a participant, and how harms were asked for.

    Attributes
    ----------
    participant : str
        Column of the ids, those of `[[data]]`.
    term : str
        Column of what happened, in a short term.
    serious, related, led_to_stop : str
        Columns of yes and no: serious, related to the intervention, the reason to stop it.
    start : str
        Column of the date on which it began; checked to be there, and not read further.
    asked : str
        How harms were asked for; a fault where it is not said (`links`).
    definition : str
        What counted as a harm, and how it was graded, in words.
    exposure : str
        Column of a file of `[[data]]`: weeks for which each participant was followed.
    falls : list
        Terms that are falls; without it those that have the word.
    codes : dict
        Words in the data for yes and no.
    """

    file: FileName
    participant: Words
    term: Words
    serious: Words | None = None
    related: Words | None = None
    led_to_stop: Words | None = None
    start: Words | None = None
    asked: Asked | None = None
    definition: Prose | None = None
    exposure: Words | None = None
    falls: list[Words] | None = None
    codes: dict[str, Literal["yes", "no"]] = Field(default_factory=dict)
    missing_codes: MissingCodes = Field(default_factory=dict)
    encoding: Words = "utf-8"
    separator: Literal[",", ";", "\t", "|"] | None = None
    sheet: Words | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Return key to column of all columns that are declared."""
        keys = ("participant", "term", "serious", "related", "led_to_stop", "start")
        return {key: getattr(self, key) for key in keys if getattr(self, key) is not None}


def _prose(value: object) -> object:
    """Return a text on one line, a date as it is written in ISO; other values as they are."""
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(value.split()) if isinstance(value, str) else value


def _short_enough(text: str) -> str:
    if not text or len(text) > LONGEST or not text.isprintable():
        raise unexpected(f"1 to {LONGEST} characters of text")
    return text


def _key_of(known: Mapping[str, str]) -> Callable[[str], str]:
    def key(name: str) -> str:
        if name not in known:
            action = nearest(name, list(known), otherwise=True)
            raise unexpected("a key of this table", action=action)
        return name

    return key


def _day(value: object) -> object:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise unexpected("a date such as 2026-11-30", action="Write it without quotation marks")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Prose = Annotated[str, BeforeValidator(_prose), AfterValidator(_short_enough)]
Intervention = dict[Annotated[str, AfterValidator(_key_of(INTERVENTION))], Prose]
Methods = dict[Annotated[str, AfterValidator(_key_of(METHODS))], Prose]


class DeviationTable(Table):
    """One difference from the locked plan, explained.

    Attributes
    ----------
    key : str
        Full key of what differs, such as "estimand.E1.covariates", as `plan status` names it.
    when : date
        Day on which it was decided.
    reason : str
    before_unblinding : bool
        Whether nobody who decided it knew then who had which treatment; None where nobody says.
    """

    key: Words
    when: Day
    reason: Prose
    before_unblinding: bool | None = None


class DecisionTable(Table):
    """One decision of the blind review: what it is about, what was decided, when, and why."""

    key: Words
    what: Prose
    when: Day
    reason: Prose


def check_conduct(
    harms: HarmsTable | None,
    interventions: Mapping[str, Mapping[str, str]],
    faults: Faults,
    *,
    arms: Sequence[str],
    crossover: bool,
) -> None:
    """Tell interventions of arms that are not there, and harms of which nobody says how asked."""
    for arm in interventions:
        if arm not in arms:
            faults.unknown(f"intervention.{arm}", "an arm", arm, arms)
    if harms is None:
        return
    if harms.asked is None:
        action = (
            'asked = "systematic" where everybody was asked by a list or at set times, '
            '"spontaneous" where people told unasked, or "both": the counts mean other things'
        )
        faults.add("harms.asked", "how harms were asked for", "no such key", action)
    if crossover:
        found = "a crossover, in which each harm belongs to a period"
        action = "Take [harms] out: in which arm each happened is not derivable"
        faults.add("harms", "a parallel design", found, action)
    columns = list(harms.columns.values())
    if len(set(columns)) < len(columns):
        faults.add("harms", "every column once", "one a second time")
