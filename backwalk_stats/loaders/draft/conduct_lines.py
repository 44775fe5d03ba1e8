"""What a sheet may tell of events and harms after randomisation: told and asked, never assumed.

Such a column is known by its name alone, so nothing is made of it: it adjusts for nothing, since
what happens after randomisation explains no arm, and the draft says what the trial file would need.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

from backwalk_stats.errors import printable
from backwalk_stats.loaders.draft.column_facts import words_of
from backwalk_stats.loaders.draft.column_roles import Roles
from backwalk_stats.loaders.sheets.encoding import folded

EVENTS, HARMS = "events", "harms"
WHY = "by its name it may tell of an event or a harm after randomisation: see the end"
_WORDS = {
    EVENTS: words_of(
        "rescue stopped stop discontinued discontinuation surgery operated operation replacement "
        "injection switched switch death died deceased intercurrent abgebrochen abbruch verstorben "
        "operiert cirugia cirugía abandono fallecido chirurgie"
    ),
    HARMS: words_of(
        "adverse ae aes sae saes harm harms fall falls injury injuries complication complications "
        "serious sturz stürze nebenwirkung nebenwirkungen caida caidas caída caídas chute chutes "
        "queda quedas"
    ),
}
# A name with one of these is of the time before: a history of falls may well be a covariate.
_BEFORE = words_of("history hx previous prior past last before baseline bl w0 t0 v0 screening")
_ASKED = {
    EVENTS: "are these intercurrent events? Then a file with a row an event says who had which, "
    "and from which visit on, and each estimand says what becomes of values after it",
    HARMS: "are these harms? Then a file with a row a harm says who had which; asked is "
    '"systematic", "spontaneous" or "both"',
}
_KEYS = {
    EVENTS: ("[[events]]", 'file = "events.csv"', "{ids}", 'kind = "event"',
             'visit = "first_affected"'),
    HARMS: ("[harms]", 'file = "harms.csv"', "{ids}", 'term = "term"', 'asked = "?"'),
}  # fmt: skip


def columns_of_conduct(names: Collection[str]) -> dict[str, list[str]]:
    """Return which columns may tell of events, and which of harms, by the words of their names.

    >>> columns_of_conduct(["rescue_med", "falls_w12", "falls_last_year", "pain_w6"])
    {'events': ['rescue_med'], 'harms': ['falls_w12']}
    """
    found: dict[str, list[str]] = {EVENTS: [], HARMS: []}
    for name in names:
        words = {one for one in re.split(r"[\W_]+", folded(name)) if one}
        for kind, known in _WORDS.items():
            if words.intersection(known) and not words.intersection(_BEFORE):
                found[kind].append(name)
                break
    return found


def without_conduct(roles: Roles) -> dict[str, list[str]]:
    """Take such columns out of the covariates, and return them as `columns_of_conduct` does."""
    found = columns_of_conduct(list(roles.facts))
    for name in (one for names in found.values() for one in names):
        if name in roles.covariates:
            roles.covariates.remove(name)
            roles.unused[name] = WHY
    return found


def conduct_lines(found: Mapping[str, Collection[str]], ids: str) -> list[str]:
    """Return the lines of a draft on such columns: what was seen, a question, keys in comments."""
    lines: list[str] = []
    for kind, names in found.items():
        if not names:
            continue
        what = "events after randomisation" if kind == EVENTS else "harms"
        listed = ", ".join(printable(name, 80) for name in names)
        keys = [one.format(ids=f"participant = {json.dumps(ids)}") for one in _KEYS[kind]]
        lines += [
            "",
            f"# By their names these columns may tell of {what}: {listed}.",
            "# Nothing is made of them.",
            f"# ? {_ASKED[kind]}",
            *(f"#{one}" for one in keys),
        ]
    return lines
