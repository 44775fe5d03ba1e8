"""What an instrument is: versions, scales, items, rules for unanswered items, thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown
from backwalk_stats.trial.outcome import Better, Threshold

_Named = TypeVar("_Named")
FloatArray = NDArray[np.float64]
# Items of shape (n, k), NaN where unanswered, to scores of shape (n,).
Combine = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Item(Shown):
    """One item, or one measurement, that goes into a score.

    Attributes
    ----------
    code : str
        Such as "P1"; never its wording.
    low, high : float or None
        Ends of what can be answered; None where there is none.
    step : float or None
        Distance between answers; None where any number between the ends is an answer.
    choices : tuple of float
        The only answers, where they are not equally spaced; else empty.
    open_low : bool
        Whether `low` itself is not an answer (a time of 0 s).
    """

    code: str
    low: float | None = None
    high: float | None = None
    step: float | None = 1.0
    choices: tuple[float, ...] = ()
    open_low: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MissingRule(Shown):
    """What becomes of a score when items are unanswered.

    Attributes
    ----------
    name : str
        What a trial file names it by, such as "2012".
    fewest : int
        With fewer items answered there is no score.
    fill : str
        "mean": as if each unanswered item had the mean of the answered ones; "zero": as 0.
    text, source : str
        In words, and where it is published.
    verified : bool
        Whether the source was read; False where it is from memory.
    """

    name: str
    fewest: int
    text: str
    source: str
    fill: Literal["mean", "zero"] = "mean"
    verified: bool = True


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Bands(Shown):
    """Names of ranges of a score.

    Attributes
    ----------
    cuts : tuple of float
        Between neighbouring bands, ascending.
    labels : tuple of str
        One more than cuts, from the lowest scores up.
    cut_belongs : str
        "below" or "above": the band that a score equal to a cut falls into.
    source : str
        Where they are published.
    """

    cuts: tuple[float, ...]
    labels: tuple[str, ...]
    cut_belongs: Literal["below", "above"]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Alert(Shown):
    """An item whose answer somebody must look at, whatever the score."""

    item: str
    above: float
    text: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Scale(Shown):
    """One number that an instrument yields: a total or a subscale.

    Attributes
    ----------
    name : str
        What a trial file names as `subscale`; "score" where there is only one.
    label : str
        As readers see it.
    low, high : float or None
        Ends of the scale; None where there is none.
    step : float or None
        Distance between scores of complete answers; None for a continuous one.
    unit : str
        Such as "points", "s", "m"; "" where it has none.
    better : str
        "lower" or "higher".
    items : tuple of Item
        What it is computed from, in the order in which `score` takes the columns.
    formula : str
        In words.
    combine : callable
        Items to scores; unanswered items are NaN.
    rules : tuple of MissingRule
        The first is the default; never empty.
    open_low : bool
        Whether a score of `low` itself cannot be (a time of 0 s).
    usual : (float, float) or None
        Where the median of a sample lies in any trial that we can think of. Wide, our own
        judgement and not published: outside it, ask for the unit (minutes for seconds, mm for cm).
    thresholds : tuple of Threshold
        For this scale; none is applied unless it is named.
    bands : Bands or None
        Named ranges, for description only.
    alert : Alert or None
    """

    name: str
    label: str
    low: float | None
    high: float | None
    step: float | None
    unit: str
    better: Better
    items: tuple[Item, ...]
    formula: str
    combine: Combine
    rules: tuple[MissingRule, ...]
    open_low: bool = False
    usual: tuple[float, float] | None = None
    thresholds: tuple[Threshold, ...] = ()
    bands: Bands | None = None
    alert: Alert | None = None

    def rule(self, name: str | None = None) -> MissingRule:
        """Return a rule by name, the default for None; `UsageError` lists those there are."""
        if name is None:
            return self.rules[0]
        return _named(
            name, {rule.name: rule for rule in self.rules}, f"missing rule of {self.name}"
        )

    def threshold(self, name: str) -> Threshold:
        """Return a threshold of this scale by name; `UsageError` lists those there are."""
        return _named(name, {one.name: one for one in self.thresholds}, f"threshold of {self.name}")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Version(Shown):
    """One form of an instrument; two versions are never mixed in an outcome.

    Attributes
    ----------
    code : str
        What a trial file names as `version`, such as "likert-3.1".
    name : str
        In words.
    scales : tuple of Scale
        The first is the usual one.
    refused : tuple of (str, str)
        Scores that are asked for and not given, each with the reason.
    """

    code: str
    name: str
    scales: tuple[Scale, ...]
    refused: tuple[tuple[str, str], ...] = ()

    def scale(self, name: str = "") -> Scale:
        """Return a scale by name, the only one for ""; `UsageError` lists those there are."""
        reason = dict(self.refused).get(name)
        if reason:
            raise UsageError(f"subscale '{name}' is not given: {reason}")
        if not name and len(self.scales) == 1:
            return self.scales[0]
        return _named(name, {scale.name: scale for scale in self.scales}, "subscale")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Instrument(Shown):
    """An instrument: what a trial file names as `instrument`.

    Attributes
    ----------
    code : str
        In lower case, such as "nprs".
    name, domain : str
        In words.
    versions : tuple of Version
        Where there are several, a trial must say which.
    sources : tuple of str
        Where what is said here is published.
    licence : str
        What its owner asks of users; items are codes here, never wording.
    aliases : tuple of (str, str)
        Further spellings, each with the code of the version that it implies ("" for none).
    unverified : tuple of str
        What was not found in a source that could be read.
    notes : tuple of str
        What goes wrong with it in practice.
    """

    code: str
    name: str
    domain: str
    versions: tuple[Version, ...]
    sources: tuple[str, ...]
    licence: str
    aliases: tuple[tuple[str, str], ...] = ()
    unverified: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def version(self, code: str = "") -> Version:
        """Return a version by code; "" stands for the only one.

        Raises
        ------
        UsageError
            If there is none of that code, or "" and there are several.
        """
        if not code and len(self.versions) == 1:
            return self.versions[0]
        return _named(code, {one.code: one for one in self.versions}, f"version of {self.code}")

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the thresholds of all scales, each once (whose they are: `Scale.thresholds`)."""
        scales = (scale for version in self.versions for scale in version.scales)
        return tuple(dict.fromkeys(one for scale in scales for one in scale.thresholds))


def _named(name: str, there: dict[str, _Named], kind: str) -> _Named:
    if name in there:
        return there[name]
    choices = ", ".join(there) or "none"
    raise UsageError(f"no {kind} named '{name}'; there are: {choices}")
