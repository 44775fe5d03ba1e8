"""An outcome: the number that is analysed, with its scale and the way that is better."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backwalk_stats.registry import Shown

Better = Literal["lower", "higher", ""]
Role = Literal["primary", "secondary", "exploratory"]
Kind = Literal["continuous", "binary", "ordinal", "count"]
_LISTED = (
    "abc adl bbs bmi bmd bp crp emg eq5d fabq fes fga fma frt fsst groc hads hoos hr "
    "id ikdc kl koos lefs mcs mmse mmst mri nprs nrs odi oks pcs "
    "phq psfs qbpds qol rmdq rom rpe sd sf sppb sts tsk tug vas womac"
)
ACRONYMS = frozenset(_LISTED.split())
_DIGITS_FIRST = re.compile(r"(\d+)([a-z]+)")
_ENDS_IN_DIGITS = re.compile(r"([a-z]+)(\d+)")
_WALKS = ("mwt", "mbwt", "xsts", "scst")  # 6mwt, 3mbwt, 5xsts, 30scst


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold(Shown):
    """A change, or a score, that somebody has called important; never used unless it is named.

    Attributes
    ----------
    name : str
        What a trial file names it by, such as "mcid-ostelo2008-points".
    kind : str
        "mcid" (smallest change that matters to patients), "mdc" (change beyond measurement error)
        or "pass" (a score that patients find acceptable).
    value : float
        Always positive: points of the scale for `unit` "points", per cent of baseline for
        "percent".
    unit : str
        "points" or "percent".
    population, source : str
        In whom it was found, and where that is published.
    note : str
        What a user must know, such as a formula that is not the usual one; "" for nothing.
    """

    name: str
    kind: Literal["mcid", "mdc", "pass"]
    value: float
    unit: Literal["points", "percent"]
    population: str
    source: str
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(Shown):
    """One outcome of a trial.

    Attributes
    ----------
    name : str
        As results name it, such as "knee_pain".
    label : str
        As readers see it, such as "Knee pain (NPRS, 0 to 10)".
    instrument, version, subscale : str
        What yields it; "" where no known instrument does.
    role : str
        "primary", "secondary" or "exploratory".
    unit : str
        Such as "points", "mm", "s", "°"; "" where it has none.
    better : str
        "lower" or "higher"; "" where the trial file does not say.
    low, high : float or None
        Ends of the scale.
    step : float or None
        Distance between possible scores, 1 for whole numbers; None for a continuous scale.
    thresholds : tuple of Threshold
        Those that the trial file has named; none is applied by default.
    kind : str
        "continuous"; "binary" (values 1 with the event and 0 without), "ordinal" (values are
        places among `categories`, from 1) or "count".
    categories : tuple of str
        Of an ordinal outcome from the lowest to the highest; of a binary one the event alone.
    exposure : str
        Column of the time over which a count was counted; "" where none is declared.
    exposure_unit : str
        The unit of that time, such as "month": a rate is per month. "" where nobody has said.
    """

    name: str
    label: str
    instrument: str = ""
    version: str = ""
    subscale: str = ""
    role: Role = "secondary"
    unit: str = ""
    better: Better = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    thresholds: tuple[Threshold, ...] = ()
    kind: Kind = "continuous"
    categories: tuple[str, ...] = ()
    exposure: str = ""
    exposure_unit: str = ""

    @property
    def rate_unit(self) -> str:
        """Return what a rate is per, as it stands behind a number.

        Examples
        --------
        >>> Outcome(name="falls", label="Falls", kind="count", exposure="t").rate_unit
        'per unit of t'
        """
        if self.exposure_unit:
            return f"per {self.exposure_unit}"
        return f"per unit of {self.exposure}" if self.exposure else "per person"

    @property
    def has_means(self) -> bool:
        """Return whether means of its values say anything: not of events, categories or counts."""
        return self.kind == "continuous"

    @property
    def sign(self) -> float:
        """Return what turns a change into an improvement: -1 where lower is better, else 1."""
        return -1.0 if self.better == "lower" else 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Words(Shown):
    """What readers are told of an outcome and of the arms, in every figure of them.

    Attributes
    ----------
    arms : mapping of str to str
        Name to label, the reference first.
    outcome, unit : str
        As readers see them; "" for no unit.
    better : str
        "lower", "higher" or "" where that is not known.

    Examples
    --------
    >>> words = Words(arms={"b": "Backward", "f": ""}, outcome="Pain", unit="mm", better="lower")
    >>> words.measure, words.way, words.pair(("b", "f"))
    ('Pain, mm', 'lower is better', ('Backward', 'f'))
    """

    arms: Mapping[str, str]
    outcome: str
    unit: str = ""
    better: Better = ""

    @property
    def measure(self) -> str:
        """Return the outcome with its unit, the unit not said twice."""
        said = self.unit and self.outcome.endswith(f"{self.unit})")
        return self.outcome if said or not self.unit else f"{self.outcome}, {self.unit}"

    @property
    def way(self) -> str:
        """Return which way is better; "" where that is not known."""
        return f"{self.better} is better" if self.better else ""

    @property
    def aside(self) -> str:
        """Return which way is better in brackets, after a space; "" where that is not known."""
        return f" ({self.way})" if self.way else ""

    def pair(self, contrast: tuple[str, str]) -> tuple[str, str]:
        """Return the labels of arm and reference; an arm without a label has its name."""
        return self.arms[contrast[0]] or contrast[0], self.arms[contrast[1]] or contrast[1]


# Names of a trial file as words for readers: no underscores, acronyms in capitals.


def in_words(name: str) -> str:
    """Return a name as words, the first with a capital.

    >>> in_words("knee_pain"), in_words("kl_grade"), in_words("bmi"), in_words("W6")
    ('Knee pain', 'KL grade', 'BMI', 'W6')
    >>> in_words("pain-vas"), in_words("6mwt_distance"), in_words("SF12_pcs")
    ('Pain VAS', '6MWT distance', 'SF12 PCS')
    """
    text = plain_words(name)
    return text[:1].upper() + text[1:]


def plain_words(name: str) -> str:
    """Return a name as words that can stand inside a sentence.

    >>> plain_words("knee_pain"), plain_words("quality_of_life"), plain_words("koos_qol")
    ('knee pain', 'quality of life', 'KOOS QOL')
    """
    return " ".join(_word(part) for part in re.split(r"[\s_-]+", name) if part) or name


def _word(part: str) -> str:
    """Return one part of a name, in capitals where it is a known acronym."""
    plain = part.casefold()
    led, trailed = _DIGITS_FIRST.fullmatch(plain), _ENDS_IN_DIGITS.fullmatch(plain)
    letters = trailed[1] if trailed else plain
    known = letters in ACRONYMS or (led is not None and led[2] in _WALKS)
    return part.upper() if known else part
