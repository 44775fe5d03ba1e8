"""How many printed numbers came to which verdict, by who printed them.

Only numbers printed by a paper or by a review count as printed. What the collectors of the record
computed or derived themselves is counted apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import VERDICT_MEANINGS, VERDICTS, sentence_case

if TYPE_CHECKING:
    from collections.abc import Sequence

PRINTED = ("paper", "review")
OWN = ("collector", "derived")
NO_RESULTS = "no_results"
COMES_OUT = {
    "come out of the other printed numbers": ("reproduced",),
    "fit within rounding": ("compatible",),
    "cannot be derived": ("not_derivable",),
    "do not hold": ("not_reproduced", "inputs_inconsistent"),
}
_ONE = {
    "come out of the other printed numbers": "comes out of the other printed numbers",
    "fit within rounding": "fits within rounding",
    "do not hold": "does not hold",
}
COUNT_COLUMNS = display_columns(
    ("verdict", "Verdict", "left", 2.0),
    ("paper", "Printed by papers", "right", 1.2),
    ("review", "Printed by reviews", "right", 1.2),
    ("own", "Collectors’ own", "right", 1.2),
    ("meaning", "What it means", "left", 6.0),
)
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def printed_rows(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a ledger (`tables.LEDGER`) about a result that was printed.

    What a protocol plans is none.

    Examples
    --------
    >>> rows = [("paper", "1", "compatible"), ("derived", "2", "compatible"), ("paper", "", "")]
    >>> len(printed_rows(pd.DataFrame(rows, columns=["origin", "reported", "verdict"])))
    1
    """
    return ledger[ledger["origin"].isin(PRINTED) & _has_result(ledger)]


def own_rows(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rows about a number that the collectors of the record computed or derived."""
    return ledger[ledger["origin"].isin(OWN) & _has_result(ledger)]


def _has_result(ledger: pd.DataFrame) -> pd.Series:
    return (ledger["reported"] != "") & (ledger["verdict"] != NO_RESULTS)


def counts_sentence(ledger: pd.DataFrame) -> str:
    """Return how many printed numbers were looked at, by origin, and what came of them.

    Examples
    --------
    >>> rows = [("paper", "1", "reproduced"), ("review", "2", "not_derivable")]
    >>> ledger = pd.DataFrame(rows, columns=["origin", "reported", "verdict"])
    >>> print(counts_sentence(ledger))
    1 number printed by papers and 1 by reviews were looked at: 1 comes out of the other printed \
numbers, 0 fit within rounding, 1 cannot be derived, 0 do not hold.
    """
    printed, own = printed_rows(ledger), own_rows(ledger)
    papers, reviews = (int((printed["origin"] == name).sum()) for name in PRINTED)
    parts = [_clause(words, printed, verdicts) for words, verdicts in COMES_OUT.items()]
    noun = "number" if papers == 1 else "numbers"
    by_reviews = f" and {reviews} by reviews" if reviews else ""
    verb = "was" if papers + reviews == 1 else "were"
    said = f"{papers} {noun} printed by papers{by_reviews} {verb} looked at: {', '.join(parts)}."
    if len(own):
        was = "is" if len(own) == 1 else "are"
        noun = "number" if len(own) == 1 else "numbers"
        said += f" {len(own)} {noun} of the collectors’ own {was} counted apart."
    return said


def _clause(words: str, printed: pd.DataFrame, verdicts: Sequence[str]) -> str:
    count = int(printed["verdict"].isin(verdicts).sum())
    return f"{count} {_ONE.get(words, words) if count == 1 else words}"


def verdict_counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return verdict, paper, review, own: the numbers of each origin that came to each verdict.

    Protocols and registry entries have no numbers and are left out.
    """
    printed, own = printed_rows(ledger), own_rows(ledger)
    rows = []
    for verdict in (name for name in VERDICTS if name != NO_RESULTS):
        mine = printed.loc[printed["verdict"] == verdict, "origin"]
        counts = {name: int((mine == name).sum()) for name in PRINTED}
        rows.append({"verdict": verdict, **counts, "own": int((own["verdict"] == verdict).sum())})
    return pd.DataFrame(rows, columns=["verdict", *PRINTED, "own"])


def without_results(ledger: pd.DataFrame) -> int:
    """Return how many protocols and registry entries of a ledger have no results yet."""
    return int(ledger.loc[ledger["verdict"] == NO_RESULTS, "study_id"].nunique())


def verdict_counts_table(ledger: pd.DataFrame) -> DisplayTable:
    """Return the counts of every verdict by origin, zeros included, with what the verdict means.

    Examples
    --------
    >>> rows = [("a", "paper", "1", "reproduced"), ("b", "review", "2", "reproduced")]
    >>> ledger = pd.DataFrame(rows, columns=["study_id", "origin", "reported", "verdict"])
    >>> verdict_counts_table(ledger).rows[0][:4]
    ('Reproduced', '1', '1', '0')
    """
    counts = numbers.frame_rows(verdict_counts(ledger))
    rows = [
        (
            sentence_case(VERDICTS[str(row["verdict"])]),
            *(numbers.count(row[name]) for name in (*PRINTED, "own")),
            sentence_case(VERDICT_MEANINGS[str(row["verdict"])]),
        )
        for row in counts
    ]
    without = without_results(ledger)
    noun = (
        "protocol or registry entry has" if without == 1 else "protocols or registry entries have"
    )
    notes: tuple[str, ...] = (
        "The last column of numbers was printed by nobody: it says whether what the collectors of "
        "the record computed themselves comes out again.",
    )
    if without:
        notes += (f"{sentence_case(in_words(without))} {noun} no results yet.",)
    return DisplayTable(
        columns=COUNT_COLUMNS,
        rows=display_rows(rows),
        caption="Numbers by verdict, and by who printed them.",
        notes=notes,
        keys=tuple(str(row["verdict"]) for row in counts),
    )


def in_words(count: int) -> str:
    """Return a small count in words, a large one in digits.

    Examples
    --------
    >>> in_words(5), in_words(14)
    ('five', '14')
    """
    return _WORDS[count] if 0 <= count < len(_WORDS) else str(count)
