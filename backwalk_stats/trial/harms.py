"""The harms of a trial: who had which, how they were asked for, and for how long people were seen.

No number is made here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    import pandas as pd

Asked = Literal["systematic", "spontaneous", "both"]
FLAGS = ("serious", "related", "led_to_stop")
EVENTS = ("participant", "term", *FLAGS)
_FALL = re.compile(
    r"\b(?:falls?|fell|fallen|sturz|stürze|gestürzt|chutes?|caídas?|caidas?|quedas?|cadut[ae])\b"
    r"|düş(?:me|tü)|転倒|跌倒",
    re.IGNORECASE,
)
_NO_FALL = re.compile(r"\basleep\b|\bfallen arch|\bfall (?:in|of) ", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Harms(Shown):
    """Harms as they were recorded. None recorded is not none: it depends on how they were asked.

    Attributes
    ----------
    asked : {"systematic", "spontaneous", "both"}
        Whether everybody was asked by a list or at set times, or told of harms unasked.
    definition : str
        What counted as a harm, in the words of the trial file; "" where it is silent.
    events : DataFrame
        participant, term (text), then serious, related and led_to_stop (1.0 yes, 0.0 no, NaN not
        recorded): one row a harm.
    flags : tuple of str
        Which of the last three the file has.
    weeks : DataFrame
        participant, weeks (float, NaN where not known): for how long each was followed. Empty where
        the trial file does not say.
    falls : tuple of str
        Terms that are falls.
    falls_declared : bool
        Whether the trial file says which terms are falls; else they were told by the word.
    """

    asked: Asked
    definition: str = ""
    events: pd.DataFrame
    flags: tuple[str, ...] = ()
    weeks: pd.DataFrame
    falls: tuple[str, ...] = ()
    falls_declared: bool = False


def is_fall(term: str) -> bool:
    """Tell whether a term has the word for a fall, in one of several languages.

    Examples
    --------
    >>> [is_fall(one) for one in ("Fall", "slipped and fell", "Sturz", "trouble falling asleep")]
    [True, True, True, False]
    >>> is_fall("fall in blood pressure"), is_fall("shortfall")
    (False, False)
    """
    return _FALL.search(term) is not None and _NO_FALL.search(term) is None
