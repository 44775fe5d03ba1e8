"""One covariate: numbers or categories, as declared or as its cells are; one value a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.instruments.kellgren_lawrence import INSTRUMENT as KELLGREN_LAWRENCE
from backwalk_stats.loaders.sheets.encoding import folded, plain_signs
from backwalk_stats.loaders.trial.categories import (
    declared_levels,
    has_leading_zeros,
    in_order,
    labels_of_file,
    levels_as_written,
)
from backwalk_stats.loaders.trial.labels import KEPT, TAKEN_FOR_MISSING
from backwalk_stats.loaders.trial.numbers import Column, far_codes, number, numbers
from backwalk_stats.loaders.trial_file.data_schema import CovariateTable

_SITES = (
    "site sites centre center centres centers clinic clinics hospital hospitals practice "
    "zentrum klinik krankenhaus standort praxis studienort spital "
    "centro sede sitio hospitales clinica clínica ospedale "
    "hopital hôpital clinique cabinet "
    "ziekenhuis kliniek sjukhus sykehus sygehus szpital osrodek ośrodek nemocnice "
    "consultorio clínicas unidade merkez merkezi hastane hastanesi klinigi kliniği "
    "施設 病院 医院 センター クリニック"
)
# Names of things that are told apart, not counted: numbers there are codes, however many.
_APART = (
    "therapist therapists physio physiotherapist rater assessor examiner surgeon physician doctor "
    "nurse coach trainer gp operator ward city town region country ethnicity race occupation "
    "therapeut therapeutin behandler untersucher arzt beruf thérapeute therapeute kiné médecin "
    "terapeuta fisioterapeuta evaluador avaliador fisioterapist terapist doktor 療法士 評価者"
)
TOLD_APART = frozenset(_APART.split())
# Texts that are numbers for a reader: 5,5 or 70 kg or 45 %.
_NUMBER_LIKE = re.compile(r"[+-]?\d+(?:[.,]\d+)*\s*(?:%|[a-zµ°][^\W\d]{0,8}\.?)?", re.IGNORECASE)
SITES = frozenset(_SITES.split())
_ENDINGS = ("zentrum", "klinik", "krankenhaus", "centre", "center", "ziekenhuis", "centrum")
_WORDS = re.compile(r"[\W_\d]+")
GRADES = (KELLGREN_LAWRENCE.code, *(alias for alias, _ in KELLGREN_LAWRENCE.aliases))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Few levels in many people: at most so many, each in so many people on average.
FEW = ((2, 2), (10, 3), (30, 10))
MOSTLY, LEAST_NUMBERS = 0.8, 3  # share of texts like numbers, and how many different ones
_NOT_MEASURED = re.compile(
    r"\b(?:missing|unknown|not (?:done|measured|known|applicable|asked|available|recorded|stated)|"
    r"refused|no (?:answer|data|response)|don'?t know|n/?a|n\.a\.|k\.? ?a\.?|keine angabe|fehlt|"
    r"fehlend|unbekannt|manquant|inconnu|non (?:fait|mesure|mesuré)|perdido|desconocido|"
    r"no (?:sabe|medido)|declined|skipped|withdrawn|lost)\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Where values of a covariate can lie, and its median in any group of patients."""

    low: float
    high: float
    usual: tuple[float, float]
    unit: str


# By a word of the column's or the covariate's name. Wide on purpose, and our own judgement.
BOUNDS: Mapping[str, tuple[Bounds, ...]] = {
    "age": (Bounds(low=1, high=115, usual=(5, 100), unit="years"),),
    "bmi": (Bounds(low=10, high=100, usual=(15, 60), unit="kg/m²"),),
    "weight": (Bounds(low=15, high=350, usual=(25, 140), unit="kg"),),
    "height": (
        Bounds(low=80, high=250, usual=(110, 210), unit="cm"),
        Bounds(low=0.8, high=2.5, usual=(1.1, 2.1), unit="m"),
    ),
}
# Words that leave a name what it is: age_years is an age, step_height is no height of a person.
_PLAIN_WORDS = (
    "years year yrs yr y kg cm m at baseline bl base body patient participant subject in of the "
    "randomisation randomization enrolment entry screening kgm kgm2 w t v"
)
_PLAIN = frozenset(_PLAIN_WORDS.split())
_UNITS = {"year": "years", "yrs": "years", "y": "years", "yr": "years", "kg/m2": "kg/m²"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Covariate:
    """A covariate as it was read.

    Attributes
    ----------
    values : Series
        By participant: float, or object of levels and None.
    levels : tuple of str
        In the order in which tables show them; empty for a number.
    assumption : str
        What was taken for granted of it and stands beside every estimate that uses it; else "".
    """

    values: pd.Series
    levels: tuple[str, ...] = ()
    assumption: str = ""

    def of(self, people: pd.Index) -> object:
        """Return a column for a table of these people: floats, or a categorical."""
        values = self.values.reindex(people)
        if not self.levels:
            return values.astype("float64").to_numpy()
        kept = [None if pd.isna(one) else one for one in values]
        there = set(kept)
        return pd.Categorical(kept, categories=[one for one in self.levels if one in there])


def is_site(name: str) -> bool:
    """Return whether a covariate is the place of treatment, by its name.

    >>> is_site("site"), is_site("site_id"), is_site("website"), is_site("Prüfzentrum")
    (True, True, False, True)
    """
    words = {word for word in _WORDS.split(_CAMEL.sub(" ", name).casefold()) if word}
    return bool(SITES & words) or any(word.endswith(_ENDINGS) for word in words)


def covariate(
    name: str,
    column: Column,
    said: CovariateTable | None = None,
    *,
    own_codes: Mapping[str, str] | None = None,
    models: Sequence[str] = (),
) -> Covariate:
    """Return a covariate by participant, each once.

    What the trial file says of it is carried out: a category is never averaged, a number has no
    text. Where it says nothing, codes with leading zeros and sites are categories; a column that
    is mostly numbers is one of numbers with faults in it, and never becomes one of labels because
    of a single wrong cell. A number of few whole levels is counted where it is only described; it
    is a question where it stands in the `models`, the ids of estimands. `own_codes` are the missing
    codes of this very column: those of the whole file do not make a site missing.
    """
    said = said or CovariateTable(column=column.name)
    if said.kind == "number":
        return _number(name, column, said)
    if said.kind == "category" or said.labels:
        there = _there(column, {k: v for k, v in column.codes.items() if k not in said.labels})
        return _category(name, column, there, said.labels)
    site = is_site(name) or is_site(column.name)
    there = _there(column, (own_codes or {}) if site else column.codes)
    filled = [text for text, one in zip(column.texts, there, strict=True) if one]
    labelled = {text for text in filled if text in column.labels}
    others = len(set(filled)) - len(labelled)
    if labelled and (site or others < max(len(labelled), 2)):
        return _category(name, column, there, {})
    share = np.mean([_is_number(text, column) for text in filled]) if filled else 1.0
    if not site and share >= 0.5 and not has_leading_zeros(filled):
        return _number(name, column, said, models=models, asked=True)
    column.repair(KEPT, sum(folded(text) in TAKEN_FOR_MISSING for text in filled))
    if not site and not has_leading_zeros(filled):
        _ask_numbers(name, filled, column)
    return _category(name, column, there, {})


def _ask_numbers(name: str, filled: Sequence[str], column: Column) -> None:
    """Ask of texts that read as numbers with a decimal comma or a unit, taken as categories."""
    alike = sum(_NUMBER_LIKE.fullmatch(text.strip()) is not None for text in filled)
    if not filled or alike < MOSTLY * len(filled) or len(set(filled)) < LEAST_NUMBERS:
        return
    told = (
        f"{name}: texts that look like numbers with a decimal comma or a unit are taken as "
        f"{len(set(filled))} categories. If they are numbers, write digits and a point, or declare "
        f'decimal; if not, {name} = {{ column = "{column.name}", kind = "category" }}'
    )
    column.findings.ask(column.name, told, alike, file=column.file)


def _there(column: Column, codes: Mapping[str, str]) -> list[bool]:
    """Return which cells hold a value; a code with leading zeros is missing as it is written."""
    if not has_leading_zeros(column.texts):
        return column.without(codes)
    plain = {code.strip() for code in codes}
    return [bool(text.strip()) and text.strip() not in plain for text in column.texts]


def _is_number(text: str, column: Column) -> bool:
    return number(plain_signs(text), column.decimal) is not None


def _category(
    name: str, column: Column, there: Sequence[bool], labels: Mapping[str, str]
) -> Covariate:
    if labels:
        values = declared_levels(column, there, labels)
        order = [*labels.values(), *in_order(value for value in values if value)]
    elif any(one and text in column.labels for text, one in zip(column.texts, there, strict=True)):
        values = labels_of_file(column, there, name=name)
        order = sorted({value for value in values if value})
    else:
        values = levels_as_written(column, there, name=name)
        order = in_order(value for value in values if value)
    found = _one_each(values, column)
    return Covariate(values=found, levels=tuple(dict.fromkeys(order)) or ("",))


def _number(
    name: str,
    column: Column,
    said: CovariateTable,
    *,
    models: Sequence[str] = (),
    asked: bool = False,
) -> Covariate:
    """Return a covariate of numbers; where nobody has said so, `asked` whether it is one."""
    found = numbers(column)
    check_labelled(column, found.values)
    _check_bounds(found.values, name, column, said)
    values = _one_each(list(found.values), column)
    there = values.dropna()
    levels = sorted(set(there))
    if "codes" not in said.confirmed:
        _ask_codes(name, there.to_numpy(), column)
    coded = _few_whole(there.to_numpy()) or _names_told_apart(name, column, there.to_numpy())
    if not asked or not coded or _is_of_a_person(name, column.name):
        return Covariate(values=values)
    if not models:
        action = (
            f"{len(levels)} whole numbers: counted as categories, not averaged; "
            'kind = "number" averages them'
        )
        if name.casefold().replace("_", "-") not in GRADES:  # grades are counted anyway
            column.findings.note(column.name, action, len(there), file=column.file)
        texts = values.map(lambda one: None if np.isnan(one) else f"{one:g}").astype("object")
        return Covariate(
            values=texts.where(texts.notna(), None), levels=tuple(f"{one:g}" for one in levels)
        )
    assumption = (
        f"{name}, of {len(levels)} whole numbers, looks like codes of categories and is taken as a "
        "number, with one slope, as the trial file does not say what it is"
    )
    choose = " or ".join(
        f'{name} = {{ column = "{column.name}", kind = "{kind}" }}'
        for kind in ("category", "number")
    )
    where = ", ".join(models)
    column.findings.ask(
        column.name,
        f"{name}: {len(levels)} whole numbers look like codes of categories, taken as a number in "
        f"{where}: write {choose} under covariates",
        len(there),
        file=column.file,
    )
    return Covariate(values=values, assumption=assumption)


def _ask_codes(name: str, values: np.ndarray, column: Column) -> None:
    """Ask of values such as 999 that lie far from all others, which a mean would take in."""
    for code in far_codes(values):
        told = (
            f"{name}: {code:g} lies far from all other values. Does it mean missing? If so, write "
            f'missing_codes_by_column = {{ "{column.name}" = ["{code:g}"] }} under [[data]]; if '
            f'not, {name} = {{ column = "{column.name}", kind = "number", confirmed = ["codes"] }}'
        )
        column.findings.ask(column.name, told, int(np.sum(values == code)), file=column.file)


def _names_told_apart(name: str, column: Column, values: np.ndarray) -> bool:
    """Return whether whole numbers are codes by the name of their column, such as therapists."""
    both = _CAMEL.sub(" ", f"{name} {column.name}")
    words = {word for word in _WORDS.split(both.casefold()) if word}
    return bool(
        TOLD_APART & words
        and len(values)
        and np.all(values == np.round(values))
        and 1 < len(set(values.tolist())) < len(values)
    )


def _few_whole(values: np.ndarray) -> bool:
    """Return whether values are few whole numbers in many people, as codes are.

    >>> _few_whole(np.array([1.0, 2, 1, 2, 2])), _few_whole(np.array([1.5, 2, 1.5, 2]))
    (True, False)
    >>> _few_whole(np.arange(40.0)), _few_whole(np.array([3.0, 3, 3, 3]))
    (False, False)
    """
    if not len(values) or np.any(values != np.round(values)):
        return False
    levels = len(set(values.tolist()))
    return levels > 1 and any(levels <= most and len(values) >= each * levels for most, each in FEW)


def _one_each(values: Sequence[float | str | None], column: Column) -> pd.Series:
    """Return one value for each participant; rows of a long file must agree."""
    found: dict[str, float | str | None] = {}
    clash = []
    for one, value, line in zip(column.participants, values, column.lines, strict=True):
        empty = value is None or (isinstance(value, float) and np.isnan(value))
        known = found.get(one)
        nothing = known is None or (isinstance(known, float) and np.isnan(known))
        if empty or nothing:
            found[one] = known if empty and not nothing else value
        elif known != value:
            clash.append(line)
    action = "A covariate is measured once, before treatment; a visit's value is an outcome"
    expected, told = "one value for each participant", "another one at a later row"
    column.fault(expected, told, action, rows=clash)
    dtype = "object" if any(isinstance(value, str) for value in found.values()) else "float64"
    return pd.Series(found, dtype=dtype)


def check_labelled(column: Column, values: np.ndarray) -> None:
    """Refuse a number whose value label says that it stands for missing, such as 99 not measured.

    Other labels of single numbers, such as those of the ends of a scale, change nothing.
    """
    missing = {code for code, label in column.labels.items() if _NOT_MEASURED.search(folded(label))}
    cells = zip(column.texts, np.isnan(values), strict=True)
    rows = column.where([text in missing and not gone for text, gone in cells])
    codes = ", ".join(f'"{code}"' for code in column.labels if code in missing)
    column.fault(
        "numbers",
        "a value whose label says that it is missing",
        "Is it a missing code? Then write under [[data]] missing_codes_by_column = "
        f'{{ "{column.name}" = [{codes}] }}',
        rows=rows,
    )


# Where a value of a person can lie, by what its name says that it is.


def _is_of_a_person(name: str, column: str) -> bool:
    """Return whether a name is one of `BOUNDS` and no more: age_at_baseline, not age_group."""
    words = [word for word in _WORDS.split(_CAMEL.sub(" ", name).casefold()) if word]
    of_column = [word for word in _WORDS.split(_CAMEL.sub(" ", column).casefold()) if word]
    return any(
        any(word in BOUNDS for word in said)
        and all(word in BOUNDS or word in _PLAIN for word in said)
        for said in (words, of_column)
    )


def _check_bounds(values: np.ndarray, name: str, column: Column, said: CovariateTable) -> None:
    """Refuse what no person is: an age of -3, a BMI of 250, a height of 17.

    A declared unit that is none of the bounds, and a declared unit of something that only has a
    word of them in its name, such as the height of a step, are taken as they are said.
    """
    words = set(_WORDS.split(f"{name} {column.name}".casefold()))
    word = next((word for word in BOUNDS if word in words), None)
    there = values[~np.isnan(values)]
    if word is None or not len(there) or "bounds" in said.confirmed:
        return
    unit = None if said.unit is None else _UNITS.get(said.unit.casefold(), said.unit.casefold())
    choices = [one for one in BOUNDS[word] if unit in (None, one.unit)]
    # The unit that the middle of the values fits; the first one where none does.
    middle = float(np.median(there))
    fitting = [one for one in choices if one.low <= middle <= one.high]
    if not choices or (said.unit is not None and not _is_of_a_person(name, column.name)):
        return
    bounds = (fitting or choices)[0]
    other = (
        f'or say what it is: {name} = {{ column = "{column.name}", kind = "category" }}, or its '
        'kind = "number" with its unit; confirmed = ["bounds"] where it is right'
    )
    rows = column.where([value < bounds.low or value > bounds.high for value in values])
    expected = f"{word} from {bounds.low:g} to {bounds.high:g} {bounds.unit}"
    action = f"Put it right, declare the code under missing_codes if it means missing, {other}"
    column.fault(expected, "a value outside", action, rows=rows)
    if not rows and not bounds.usual[0] <= middle <= bounds.usual[1]:
        found = f"a median outside {bounds.usual[0]:g} to {bounds.usual[1]:g}"
        column.fault(expected, found, f"Is the unit {bounds.unit}? Put it right, {other}")
