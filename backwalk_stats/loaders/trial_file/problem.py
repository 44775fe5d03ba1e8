"""A thing that is wrong in a trial file, before it has a file and a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from backwalk_stats.errors import Fault
from backwalk_stats.loaders.trial_file.faults import nearest
from backwalk_stats.loaders.trial_file.lines import line_of


class Problem(NamedTuple):
    """What is wrong at a dotted key."""

    key: str
    expected: str
    found: str
    action: str = ""

    def fault(self, *, file: str, lines: dict[str, int]) -> Fault:
        """Return the fault that it is in a file whose keys stand at these lines."""
        return Fault(
            file=file,
            row=line_of(self.key, lines),
            column=self.key,
            expected=self.expected,
            found=self.found,
            action=self.action,
        )


def unknown(key: str, what: str, word: str, choices: Iterable[str]) -> Problem:
    """Return the problem of a word that is none of the choices.

    Examples
    --------
    >>> unknown("visits.baseline", "one of visits.order", "WO", ["W0", "W3"]).expected
    'one of visits.order: W0, W3'
    """
    known = list(dict.fromkeys(choices))
    expected = f"{what}: {', '.join(known)}" if known else f"{what}, and there are none"
    return Problem(key, expected, f"'{word}'", nearest(word, known))
