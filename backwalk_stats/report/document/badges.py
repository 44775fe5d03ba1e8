"""Verdicts as badges: a word, a mark that survives a grey printer, and a tone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backwalk_stats.report.document import document
from backwalk_stats.tables.labels import VERDICTS, words_for

if TYPE_CHECKING:
    import pandas as pd

_VERDICTS: dict[str, tuple[str, document.Tone]] = {
    "reproduced": ("✓", "good"),
    "compatible": ("≈", "near"),
    "not_reproduced": ("✗", "bad"),
    "inputs_inconsistent": ("≠", "bad"),
    "not_derivable": ("?", "open"),
    "no_results": ("–", "none"),
}
_CLAIMS: dict[str, tuple[str, document.Tone]] = {
    "holds": ("✓", "good"),
    "does not hold as cited": ("✗", "bad"),
    "not testable from what is public": ("?", "open"),
    "no evidence in the base": ("–", "none"),
}
_NEUTRAL: tuple[str, document.Tone] = ("·", "none")
CHECKED = ("reproduced", "compatible", "not_reproduced", "inputs_inconsistent")
FAILING = ("not_reproduced", "inputs_inconsistent")


def verdict_badge(verdict: str) -> document.Badge:
    """Return the badge of a ledger verdict.

    Examples
    --------
    >>> verdict_badge("not_reproduced").text, verdict_badge("not_reproduced").tone
    ('not reproduced', 'bad')
    """
    mark, tone = _VERDICTS.get(verdict, _NEUTRAL)
    return document.Badge(text=words_for(verdict, VERDICTS), mark=mark, tone=tone)


def claim_badge(verdict: str) -> document.Badge:
    """Return the badge of a claim's verdict.

    Examples
    --------
    >>> claim_badge("holds").mark
    '✓'
    """
    mark, tone = _CLAIMS.get(verdict, _NEUTRAL)
    return document.Badge(text=verdict, mark=mark, tone=tone)


def counted(verdicts: pd.Series, known: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return how often each verdict was given: known ones in their order, then any other.

    Examples
    --------
    >>> import pandas as pd
    >>> counted(pd.Series(["b", "a", "b"]), ("a", "c"))
    (('a', 1), ('b', 2))
    """
    found = Counter(str(verdict) for verdict in verdicts)
    order = [*known, *sorted(set(found) - set(known))]
    return tuple((verdict, found[verdict]) for verdict in order if found[verdict])


def verdict_counts(ledger: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    """Return the verdicts of a ledger with their counts, in the order of the verdicts."""
    return counted(ledger["verdict"], tuple(_VERDICTS))


def claim_counts(claims: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    """Return the verdicts of the claims with their counts, in the order of the verdicts."""
    return counted(claims["verdict"], tuple(_CLAIMS))
