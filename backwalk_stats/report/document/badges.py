"""Verdicts as badges: a word, a mark that survives a grey printer, and a tone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backwalk_stats.report.document import document
from backwalk_stats.tables.labels import CLAIM_VERDICTS, VERDICTS, words_for

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
    "holds": ("●", "good"),
    "supported_as_printed": ("◉", "good"),
    "mixed": ("◐", "near"),
    "contradicted": ("✕", "bad"),
    "source_does_not_carry_it": ("⊘", "bad"),
    "not_read": ("◌", "open"),
    "no_evidence": ("–", "none"),
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
    >>> claim_badge("not_read").text, claim_badge("not_read").mark
    ('not read', '◌')
    """
    mark, tone = _CLAIMS.get(verdict, _NEUTRAL)
    return document.Badge(text=words_for(verdict, CLAIM_VERDICTS), mark=mark, tone=tone)


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


def claim_tallies(claims: pd.DataFrame) -> tuple[document.Tally, ...]:
    """Return every verdict on claims with its count: known ones in order, zeros included."""
    counts = dict(counted(claims["verdict"], tuple(_CLAIMS)))
    known = dict.fromkeys((*_CLAIMS, *counts))
    return tuple(
        document.Tally(badge=claim_badge(verdict), count=counts.get(verdict, 0))
        for verdict in known
    )
