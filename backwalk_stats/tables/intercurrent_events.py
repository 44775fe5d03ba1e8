"""What was done with values after intercurrent events, and for how many, in words and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import plain_words

_NO_RECORD = (  # of an estimand without a record of events
    "Treatment policy: values count whatever happened after randomisation, such as stopping the "
    "walks or taking other treatment."
)
_STANDS = {
    "n_measured": "As measured",
    "n_set_aside": "Set aside",
    "n_worst": "Worst score",
    "n_carried": "Last value before",
    "n_missing": "Not measured",
}


def strategy_sentences(
    estimand: Estimand, counts: pd.DataFrame | None, arms: Mapping[str, str], *, small_cell: int
) -> list[str]:
    """Return a sentence for each kind of event: its strategy, what was done, and for how many.

    `counts` are `tables.EVENT_COUNTS`, NaN where a count is not shown; `arms` is name to label.
    Without a record of events the one sentence says that every value counts.

    Examples
    --------
    >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"),
    ...                events=(("rescue", "hypothetical"),))
    >>> rows = [("rescue", "hypothetical", "f", 7, 7), ("rescue", "hypothetical", "b", float("nan"),
    ...         float("nan"))]
    >>> frame = pd.DataFrame(rows, columns=["kind", "strategy", "arm", "n", "n_affected"])
    >>> strategy_sentences(one, frame, {"f": "Forward", "b": "Backward"}, small_cell=5)
    ['Rescue: hypothetical (values from the event on are set aside and missing at random); had by \
7 of Forward and fewer than 5 of Backward.']
    """
    if not estimand.events:
        return [_NO_RECORD]
    told = []
    for kind, how in estimand.events:
        who = ""
        if counts is not None:
            own = counts[counts["kind"] == kind].set_index("arm")["n"]
            each = [f"{_people(float(own[arm]), small_cell)} of {arms[arm]}" for arm in arms]
            who = f"; had by {_listed(each)}"
        strategy = how.replace("-", " ")
        told.append(
            f"{sentence_case(plain_words(kind))}: {strategy} ({estimand.in_words(how)}){who}."
        )
    return told


def _listed(words: Sequence[str]) -> str:
    """Return words as a list of a sentence: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _people(n: float, small_cell: int) -> str:
    if isnan(n):
        return f"fewer than {small_cell}"
    return numbers.count(n)


def strategies_briefly(estimand: Estimand) -> str:
    """Return the strategies with their kinds, as part of a sentence.

    >>> strategies_briefly(Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"),
    ...                             events=(("rescue", "hypothetical"), ("death", "composite"))))
    'hypothetical for rescue, composite for death'
    """
    kinds: dict[str, list[str]] = {}
    for kind, how in estimand.events:
        kinds.setdefault(how.replace("-", " "), []).append(plain_words(kind))
    told = [f"{how} for {_listed(own)}" for how, own in kinds.items()]
    return ", ".join(told) or "treatment policy"


def values_table(values: pd.DataFrame, *, labels: Labels, title: str) -> DisplayTable:
    """Return what stands at each visit (`tables.VALUES_BY_EVENT`) as text, a row a visit and arm.

    Columns of what stands nowhere are left out; NaN counts are marked as not shown.
    """
    shown = [name for name in _STANDS if name == "n_measured" or (values[name] != 0).any()]
    rows = display_rows(
        (
            labels.visit(str(row["visit"])),
            labels.arm(str(row["arm"])),
            *(HIDDEN if isnan(row[name]) else numbers.count(row[name]) for name in shown),
        )
        for row in numbers.frame_rows(values)
    )
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.4),
            DisplayColumn(key="arm", label="Arm", width=1.6),
            *(
                DisplayColumn(key=name, label=_STANDS[name], align="right", width=1.2)
                for name in shown
            ),
        ),
        rows=rows,
        caption=f"What stands in how many people after intercurrent events: {title}.",
        notes=hidden_notes(row[2:] for row in rows),
    )
