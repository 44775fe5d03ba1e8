"""What every ledger check is: a name, a formula, a reference, and a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from backwalk_stats.ledger.verdict import Candidate, Ruling

Scope = Literal["contrast", "arm", "study", "review"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One way to recompute a printed number, or to see that printed numbers clash.

    Attributes
    ----------
    name : str
        As it stands in the ledger's column `check`.
    title : str
        In words.
    formula : str
        Plain text.
    reference : str
        Where the formula is published.
    scope : str
        What `run` takes: a `Contrast`, an `Arm`, a `Study`, or a `ReviewRow`.
    run : callable
        Returns candidates (recomputations to be judged against what was printed) and rulings
        (verdicts of its own); nothing when the check does not apply.
    """

    name: str
    title: str
    formula: str
    reference: str
    scope: Scope
    run: Callable[[Any], Iterable[Candidate | Ruling]]
