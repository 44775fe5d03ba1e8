"""WOMAC: 24 items of pain, stiffness and function, in three versions that are never mixed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from backwalk_stats.instruments.combine import mean, parts, percent_of_maximum, total
from backwalk_stats.instruments.instrument import (
    Combine,
    FloatArray,
    Instrument,
    Item,
    MissingRule,
    Scale,
    Version,
)
from backwalk_stats.instruments.items import at_least, complete, numbered, threshold
from backwalk_stats.trial.outcome import Threshold

_WHITEHOUSE = "Whitehouse 2004, J Bone Joint Surg Br 86-B(S4):469"
_TUBACH = "Tubach 2005, Ann Rheum Dis 64:34"
_COPSEY = "Copsey 2019, Qual Life Res 28:335, doi 10.1007/s11136-018-1978-1"
_ANGST = "Angst 2002, J Rheumatol 29:131"
_GUIDE = "WOMAC User Guide, from memory"
# Name, label, prefix of the items, how many, how many must be answered, whether that was read.
_SUBSCALES = (
    ("pain", "pain", "P", 5, 4, False),
    ("stiffness", "stiffness", "S", 2, 1, False),
    ("function", "physical function", "F", 17, 14, True),
)
_PERCENT = threshold("mcid-osteoarthritis-percent", 12.0, "osteoarthritis", "PMC7990728, table 1")
_PASS = tuple(
    threshold(
        f"pass-tubach2005-{joint}",
        value,
        f"{joint} osteoarthritis",
        _TUBACH,
        "a score from 0 to 100, not a change",
    )
    for joint, value in (("knee", 31.0), ("hip", 34.4))
)
_ANGST_LIMITS = tuple(
    threshold(
        f"mcid-angst2002-{end}-points",
        value,
        "osteoarthritis of hip or knee, rehabilitation",
        _ANGST,
        "end of the range over subscales, 0.80 to 1.01 (17 to 22 % of baseline)",
    )
    for end, value in (("lowest", 0.80), ("highest", 1.01))
)
_MEANS = ("pain-mean", "stiffness-mean", "function-mean", "total-mean")
_FURTHER: dict[str, dict[str, tuple[Threshold, ...]]] = {
    "likert-3.1": {"function-normalised": _PASS},
    "nrs-11": dict.fromkeys(_MEANS, _ANGST_LIMITS),
}
_WHOLE_RULE = MissingRule(
    name="user-guide",
    fewest=19,
    text="each subscale by its own rule; no total without all three",
    source=_GUIDE,
    verified=False,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """What the versions differ in: answers from 0 to `highest`, `step` apart (None: a line)."""

    title: str
    highest: float
    step: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """One way to write the same answers: the sum, 0 to 100, or the mean of the items."""

    suffix: str
    formula: str
    combine: Combine
    # From the sum of all k items of the scale to its highest score.
    high: Callable[[int], float]


def _readings(form: _Form) -> tuple[_Reading, _Reading, _Reading]:
    share = percent_of_maximum(form.highest)
    return (
        _Reading(suffix="", formula="sum", combine=total, high=lambda k: k * form.highest),
        _Reading(
            suffix="-normalised",
            formula="100 x sum / highest sum",
            combine=share,
            high=lambda _: 100.0,
        ),
        _Reading(
            suffix="-mean", formula="mean of the items", combine=mean, high=lambda _: form.highest
        ),
    )


def _whole(factor: float) -> Combine:
    """Return factor x the sum of all 24 items, the subscales each by its own rule."""
    pieces = [(count, fewest, total) for *_, count, fewest, _ in _SUBSCALES]
    return parts(pieces, join=partial(_sum_times, factor))


def _sum_times(factor: float, sums: FloatArray) -> FloatArray:
    return np.asarray(sums.sum(axis=1) * factor)


def _scales(
    form: _Form, reading: _Reading, further: dict[str, tuple[Threshold, ...]]
) -> list[Scale]:
    """Return pain, stiffness, function and total, read in one way."""
    rows: list[tuple[str, str, tuple[Item, ...], MissingRule, Combine]] = []
    for name, label, prefix, count, fewest, read in _SUBSCALES:
        source = _WHITEHOUSE if read else _GUIDE
        rule = at_least(fewest, count, name="user-guide", source=source, verified=read)
        items = numbered(prefix, count, high=form.highest, step=form.step)
        rows.append((name, label, items, rule, reading.combine))
    every = tuple(item for _, _, items, _, _ in rows for item in items)
    rows.append(
        ("total", "total", every, _WHOLE_RULE, _whole(reading.high(24) / (24 * form.highest)))
    )
    return [
        Scale(
            name=f"{name}{reading.suffix}",
            label=f"WOMAC {label} ({form.title}, 0 to {reading.high(len(items)):g})",
            low=0.0,
            high=reading.high(len(items)),
            step=form.step and form.step * reading.high(len(items)) / (len(items) * form.highest),
            unit="points",
            better="lower",
            items=items,
            formula=reading.formula,
            combine=combine,
            rules=(rule, complete(len(items))),
            thresholds=(_PERCENT, *further.get(f"{name}{reading.suffix}", ())),
        )
        for name, label, items, rule, combine in rows
    ]


def _version(code: str, name: str, form: _Form) -> Version:
    sums, normalised, averages = (
        _scales(form, reading, _FURTHER.get(code, {})) for reading in _readings(form)
    )
    return Version(
        code=code, name=name, scales=(*sums, *normalised, *(averages if code == "nrs-11" else ()))
    )


INSTRUMENT = Instrument(
    code="womac",
    name="Western Ontario and McMaster Universities Osteoarthritis Index",
    domain="knee and hip osteoarthritis",
    aliases=(("WOMAC_LK", "likert-3.1"), ("WOMAC_VA", "vas-100mm"), ("WOMAC_NRS", "nrs-11")),
    versions=(
        _version(
            "likert-3.1", "Likert 3.1, items 0 to 4", _Form(title="Likert", highest=4.0, step=1.0)
        ),
        _version(
            "vas-100mm",
            "visual analogue, items 0 to 100 mm",
            _Form(title="VAS", highest=100.0, step=None),
        ),
        _version("nrs-11", "numeric, items 0 to 10", _Form(title="NRS", highest=10.0, step=1.0)),
    ),
    sources=(_COPSEY, _WHITEHOUSE, _TUBACH, _ANGST, "PMC7990728"),
    licence="copyright N. Bellamy; licence and User Guide from womac.org",
    unverified=(
        "Rules for unanswered items of pain (2 or more unanswered: no score) and stiffness (both "
        "unanswered: no score): from memory.",
        "After knee replacement changes of 20.5 to 36 (pain), 17.6 to 33 (function) and 12.9 to 25 "
        "(stiffness) on 0 to 100 are quoted by a review of 2020: ranges, not thresholds.",
    ),
    notes=(
        "Trials have reported totals from 0 to 10 up to 0 to 2400, the version unclear in 44 % "
        "(Copsey): version and subscale are always declared.",
        "Some papers turn the scale round (100 is best): here lower is better.",
        "Reduced function scales (7 items; WOMAC-TKR) are not scored: their items were not found.",
    ),
)
