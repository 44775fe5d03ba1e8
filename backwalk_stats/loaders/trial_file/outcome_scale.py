"""Outcomes of a trial file with the scales of their instruments, or what does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from backwalk_stats.errors import Faults, UsageError
from backwalk_stats.instruments.instrument import Instrument, Scale
from backwalk_stats.instruments.registry import instrument, instrument_version
from backwalk_stats.loaders.trial_file.schema import OutcomeTable
from backwalk_stats.loaders.trial_file.units import Conversion, advice, conversion, known_units
from backwalk_stats.trial.outcome import Outcome, Threshold, in_words, plain_words

_OF_THE_INSTRUMENT = ("low", "high", "step", "better", "unit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """An outcome and where it is read.

    Attributes
    ----------
    outcome : Outcome
    table : OutcomeTable
        As the trial file has it.
    key : str
        Dotted key of its table, such as "outcome[0]".
    scale : Scale or None
        Of its instrument; None where it has none.
    conversions : mapping of str to (float, float)
        Visit to what turns its cells into the outcome's unit: times the first, plus the second.
    """

    outcome: Outcome
    table: OutcomeTable
    key: str
    scale: Scale | None = None
    conversions: Mapping[str, Conversion] = field(default_factory=dict)


def measured(table: OutcomeTable, faults: Faults, *, place: int) -> Measured | None:
    """Return an outcome, by its place from 0, with its scale; None where there are faults."""
    key, before = f"outcome[{place}]", len(faults.faults)
    known = None
    if table.instrument is None:
        _check_own(table, faults, key=key)
        outcome = _own_outcome(table)
    else:
        known = _of_instrument(table, faults, key=key)
        if known is None or len(faults.faults) > before:
            return None
        outcome = known[0]
    units = _conversions(table, outcome, faults, key=key)
    if len(faults.faults) > before:
        return None
    scale = None if known is None else known[1]
    return Measured(outcome=outcome, table=table, key=key, scale=scale, conversions=units)


def _of_instrument(said: OutcomeTable, faults: Faults, *, key: str) -> tuple[Outcome, Scale] | None:
    """Return an outcome that an instrument yields, with its scale; None where there is none."""
    name = said.instrument or ""
    try:
        found, version = instrument_version(name, said.version or "")
    except UsageError as error:
        if said.version is None and "version" in str(error):
            _add_versions(name, faults, key=key)
        else:
            word = "version" if "version" in str(error) else "instrument"
            _add_usage(f"{key}.{word}", error, faults)
        return None
    try:
        scale = version.scale(said.subscale or "")
        if said.missing_rule is not None:
            scale.rule(said.missing_rule)
    except UsageError as error:
        word = "subscale" if "subscale" in str(error) else "missing_rule"
        _add_usage(f"{key}.{word}", error, faults)
        return None
    _check_scale(said, faults, scale=scale, key=key)
    names = [one.name for one in scale.thresholds]
    outcome = Outcome(
        name=said.name,
        label=said.label or default_label(said.name, found, scale),
        instrument=found.code,
        version=version.code,
        subscale=scale.name,
        role=said.role,
        unit=scale.unit,
        better=scale.better,
        low=scale.low,
        high=scale.high,
        step=scale.step,
        thresholds=(
            *(scale.threshold(one) for one in said.thresholds if one in names),
            *_own(said),
        ),
    )
    return outcome, scale


def _conversions(
    said: OutcomeTable, outcome: Outcome, faults: Faults, *, key: str
) -> dict[str, Conversion]:
    """Return what turns each visit's cells into the outcome's unit; tell units that do not fit."""
    found: dict[str, Conversion] = {}
    low, high = outcome.low, outcome.high
    if said.units and said.items:
        faults.add(f"{key}.units", "units of scores", "items, which the instrument scores")
    for visit, unit in said.units.items():
        turned = conversion(unit, outcome.unit, low=low, high=high)
        known = known_units(outcome.unit, scaled=low is not None and high is not None)
        if turned is None and not known:
            expected = "an outcome with a unit that others are turned into"
            faults.add(f"{key}.units.{visit}", expected, "none", 'Write unit = "..." as well')
        elif turned is None:
            expected = f"a unit that can be turned into {outcome.unit or 'the scale'}"
            listed = f"{expected}: {', '.join(known)}"
            faults.add(f"{key}.units.{visit}", listed, f"'{unit}'", advice(unit, known))
        else:
            found[visit] = turned
    return found


def default_label(name: str, found: Instrument, scale: Scale) -> str:
    """Return an outcome in words: its name, then instrument and ends of the scale in brackets.

    What is called by its instrument, or is a test of performance under another name of it, is
    called as the instrument is.

    >>> from backwalk_stats.instruments.registry import instrument
    >>> womac, walk = instrument("womac"), instrument("3mbwt")
    >>> scale = womac.version("likert-3.1").scale("function")
    >>> default_label("knee_function", womac, scale)
    'Knee function (WOMAC, 0 to 68)'
    >>> default_label("womac_function", womac, scale)
    'WOMAC function (0 to 68)'
    >>> default_label("backward_walk_3m", walk, walk.version("3m").scale("time"))
    'Three-metre backward walk (s)'
    """
    short = _short(found)
    first, _, rest = name.partition("_")
    told = f"{found.code} {found.name} {scale.name} {scale.unit}".casefold()
    parts = name.casefold().split("_")
    same = scale.high is None and all(part in told for part in parts)
    if same or name.casefold() == found.code:
        text, inside = found.name.removesuffix(" test"), [_ends(scale)]
    elif short and first.casefold() == found.code:
        text, inside = f"{short} {plain_words(rest)}", [_ends(scale)]
    else:
        text, inside = in_words(name), [short, _ends(scale)]
    brackets = ", ".join(filter(None, inside))
    return f"{text} ({brackets})" if brackets else text


def _short(found: Instrument) -> str:
    """Return the acronym of an instrument; "" where its code is a word cut short, or its words."""
    words, spelt = found.name.casefold().split(), found.code.replace("-", " ")
    cut = (" " in spelt and spelt in " ".join(words)) or any(
        word.startswith(found.code) and word != found.code for word in words
    )
    return "" if cut else re.sub(r"(?<=[a-z])\d+$", "", found.code).upper()


def _ends(scale: Scale) -> str:
    """Return the ends of a scale with its unit, unless that is points; else the unit."""
    if scale.low is None or scale.high is None:
        return scale.unit
    unit = "" if scale.unit == "points" else scale.unit
    gap = "" if unit in ("", "%", "°") else " "
    low, high = (f"{end:g}".replace("-", "−") for end in (scale.low, scale.high))
    return f"{low} to {high}{gap}{unit}"


def _own_outcome(table: OutcomeTable) -> Outcome:
    return Outcome(
        name=table.name,
        label=table.label or in_words(table.name),
        role=table.role,
        unit=table.unit or "",
        better=table.better or "",
        low=table.low,
        high=table.high,
        step=table.step,
        thresholds=_own(table),
        kind=table.kind,
        categories=tuple(table.order) if table.event is None else (table.event,),
        exposure=table.exposure or "",
        exposure_unit=table.exposure_unit or "",
    )


def _own(table: OutcomeTable) -> tuple[Threshold, ...]:
    """Return the thresholds that the trial file itself describes."""
    return tuple(Threshold(**one.model_dump()) for one in table.threshold)


def _check_own(table: OutcomeTable, faults: Faults, *, key: str) -> None:
    for name in ("version", "subscale", "missing_rule"):
        if getattr(table, name) is not None:
            faults.add(f"{key}.{name}", "this key beside an instrument", "no instrument")
    if table.thresholds:
        action = "Describe your own under [[outcome.threshold]], with value, population and source"
        faults.add(f"{key}.thresholds", "an instrument that has them", "none", action)
    if table.low is not None and table.high is not None and table.low >= table.high:
        faults.add(f"{key}.high", "more than low", f"{table.high:g}")


def _check_scale(table: OutcomeTable, faults: Faults, *, scale: Scale, key: str) -> None:
    for name in _OF_THE_INSTRUMENT:
        given, known = getattr(table, name), getattr(scale, name)
        if given is not None and given != known:
            expected = f"'{known}', as the instrument has it" if known not in (None, "") else "none"
            action = "Leave the key out; if the scores are on another scale, name that version"
            faults.add(f"{key}.{name}", expected, f"'{given}'", action)
    names = [one.name for one in scale.thresholds]
    for name in table.thresholds:
        if name not in names:
            faults.unknown(f"{key}.thresholds", "thresholds of this scale", name, names)
    n = len(scale.items)
    for visit, columns in table.items.items():
        if len(columns) != n:
            place = f"{key}.items.{visit}" if visit else f"{key}.items"
            codes = ", ".join(item.code for item in scale.items)
            faults.add(place, f"{n} columns, in the order {codes}", f"{len(columns)}")


def _add_versions(name: str, faults: Faults, *, key: str) -> None:
    """Tell that an instrument has several versions, each with its scale and unit."""
    found = instrument(name)
    told = "; ".join(
        f'version = "{one.code}" ({_ends(one.scales[0])})' for one in found.versions if one.scales
    )
    action = f"Which one is it? {told}"
    faults.add(f"{key}.version", f"the version of {found.code}", "no such key", action)


def _add_usage(key: str, error: UsageError, faults: Faults) -> None:
    """Tell a wrong choice as a fault; its message lists the choices."""
    found, _, choices = str(error).partition("; ")
    faults.add(key, choices.replace("there are:", "one of:") or "another", found)
