"""What models say of their columns, in the words of the trial.

The rows of an analysis have columns that no user has named (`analysis_rows`): value, baseline, x1.
A message about them is to be read by people who know the outcome and the covariates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand

_COLUMNS = {
    "value": "the outcome",
    "outcome": "the outcome",
    "change": "the change from baseline",
    "baseline": "the baseline",
    "visit": "the visit",
    "arm": "the arm",
    "answer": "the response",
    "stratum": "the stratum",
}
_COMPLETE = re.compile(
    r"complete rows of ([\w, ]+): (.+); each arm needs (\d+) at least\. Leave the arm out or join "
    "it with another"
)
_EMPTY = re.compile(
    r"no row has (.+?)(?:, but arm:visit needs it; leave out the interaction or the level"
    "|; leave out the visit)$"
)
_CELL = re.compile(r"^arm = (.+) and visit = (.+)$")
_PHRASES = (
    (re.compile(r"\bthe outcome value\b"), "the outcome"),
    (re.compile(r"\bvalue is the same in every row\b"), "the outcome is the same for everybody"),
    (re.compile(r"\bis the same in every row\b"), "is the same for everybody"),
    (re.compile(r"\bis the same number in every row of visit\b"), "is the same for everybody at"),
    (re.compile(r"; leave these rows out$"), ""),
    (re.compile(r"\bevery value exactly\b"), "every score exactly"),
    (re.compile(r"\bhas value in\b"), "has the outcome in"),
    (re.compile(r"\bno row has outcome\b"), "nobody has outcome"),
    (re.compile(r"\b(\d+) complete rows\b"), r"\1 participants with complete data"),
    (re.compile(r"\bin the (?:complete rows|rows used)\b"), "among the data used"),
    (re.compile(r"\barm(?: =|:) "), ""),
)


def in_trial_words(text: str) -> str:
    """Return a message of a model with its columns in words.

    Examples
    --------
    >>> in_trial_words("the outcome value is the same in every row: it has no variance")
    'the outcome is the same for everybody: it has no variance'
    >>> in_trial_words("complete rows of value, baseline: forward 1; each arm needs 2 at least. "
    ...                "Leave the arm out or join it with another")
    'too few have the outcome, the baseline in forward; each arm needs 2'
    >>> in_trial_words("no row has arm = backward and visit = W6, but arm:visit needs it; leave "
    ...                "out the interaction or the level")
    'nobody has the outcome: backward at W6'
    """
    plain = _EMPTY.sub(_empty, _COMPLETE.sub(_complete, text))
    for phrase, words in _PHRASES:
        plain = phrase.sub(words, plain)
    return plain


def _complete(found: re.Match[str]) -> str:
    """Say which arm has too few, without how many."""
    what = ", ".join(_COLUMNS.get(name, name) for name in found[1].split(", "))
    arms = [re.sub(r" \d+$", "", one) for one in found[2].split(", ")]
    where = "" if arms == ["none"] else f" in {', '.join(arms)}"
    return f"too few have {what}{where}; each arm needs {found[3]}"


def _empty(found: re.Match[str]) -> str:
    """Say in which arm nobody was measured at which visit."""
    cells = [_CELL.sub(r"\1 at \2", one) for one in found[1].split("; ")]
    return f"nobody has the outcome: {', '.join(cells)}"


def in_own_names(text: str, estimand: Estimand) -> str:
    """Return a message in the words of the trial, covariates by their own names.

    Models see covariates as x1, x2, ... (some as c1, c2, ...); a term such as x1F also tells a
    level, which is left out.

    Examples
    --------
    >>> from backwalk_stats.trial.estimand import Estimand
    >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("backward", "forward"),
    ...                covariates=("baseline", "sex"))
    >>> in_own_names("collinear: x1F, baseline", one)
    'collinear: sex, baseline'
    """
    names = estimand.other_covariates

    def named(match: re.Match[str]) -> str:
        place = int(match[1])
        return names[place - 1] if 1 <= place <= len(names) else match[0]

    return in_trial_words(re.sub(r"\b[xc](\d+)\w*", named, text))
