"""Labels in one column: arms, visits, ids, levels of a covariate, and the order they stand in.

Blanks around a label are no part of it, and blank text is a missing value; 1, 1.0 and "1" are one
label. Labels stand in the order of a categorical, of their numbers, or of the numbers within them;
text without such an order is marked as having none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns import numbers

WITHIN = re.compile(r"(?:(?<!\S)[+-])?\d+(?:\.\d+)?", re.ASCII)
TRAILING_ZEROS = re.compile(r"([+-]?\d+)\.0+", re.ASCII)
_MIXED = '{}: numbers and text are mixed; 1 and "1" are taken for the same'


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """A column of labels.

    Attributes
    ----------
    name : str
        Of the column.
    levels : tuple
        Those that some row has, in order.
    codes : array of int, shape (n,)
        Level of each row, -1 where it is missing.
    order : str
        Where the order comes from: "declared" (a categorical), "numbers", "text" (the numbers
        within the text), or "" where there is none and the alphabet stands in.
    declared : tuple
        Levels of a categorical, also those that nobody has; else `levels`.
    places : tuple of int
        Place of each level among those declared.
    notes : tuple of str
        What was taken away or joined.
    """

    name: str
    levels: tuple[object, ...]
    codes: np.ndarray
    order: str
    declared: tuple[object, ...]
    places: tuple[int, ...]
    notes: tuple[str, ...] = ()

    @property
    def unseen(self) -> tuple[str, ...]:
        """Return the declared levels that no row has."""
        if len(self.places) == len(self.declared):
            return ()
        seen = set(self.places)
        return tuple(numbers.shown(one) for at, one in enumerate(self.declared) if at not in seen)

    def categorical(self) -> pd.Categorical:
        """Return the column as a categorical, declared levels that nobody has included."""
        codes = np.append(np.array(self.places, dtype=int), -1)[self.codes]
        return in_order(codes, self.declared)

    def listed(self) -> str:
        """Return the levels in a line, where they are few enough to be no list of values."""
        few = len(self.levels) <= numbers.SHOWN
        return numbers.listed(self.levels) if few else f"{len(self.levels)} levels"


def in_order(codes: np.ndarray, levels: Sequence[object]) -> pd.Categorical:
    """Return a categorical of codes whose levels stand in their order."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(levels)), ordered=True)


def plain_text(column: pd.Series) -> bool:
    """Tell whether a column is text of letters and digits alone, of which no two are nearly alike.

    There is nothing to take away or to join: what most columns of ids are, found out quickly.
    """
    if not isinstance(column.dtype, pd.StringDtype):
        return False
    # As objects at once: a string array gives its values one by one, checking each.
    unique = pd.unique(column.to_numpy(dtype=object))
    texts = [one for one in unique if isinstance(one, str)]
    return all(map(str.isalnum, texts)) and len(set(map(_folded, texts))) == len(texts)


def labels(column: pd.Series, name: str, *, ids: bool = False, alike: bool = False) -> Labels:
    """Return a column of labels: an arm, a visit, a stratum, a participant.

    `name`: for messages. `ids`: whether they name participants: they stand in the order of
    appearance. `alike`: whether labels that differ in capitals alone are refused. Raises UsageError
    if it holds neither numbers nor text, or an infinite number.
    """
    kind = numbers.kind_of(column)
    if kind == "category":
        numbers.refuse_infinite(column, name)
        return _of_categorical(column, name)
    if kind == "other":
        raise numbers.strange_kind(name, str(column.dtype))
    if kind in ("number", "bool"):
        numbers.refuse_infinite(column, name)
        codes, values = pd.factorize(column)
        found = numbers.Distinct(codes, list(values), frozenset())
    else:
        found = numbers.distinct(column, name)
    return _of_distinct(found, name, ids=ids, alike=alike)


def _of_distinct(
    found: numbers.Distinct, name: str, *, ids: bool = False, alike: bool = False
) -> Labels:
    """Return the labels of distinct values: text, or numbers; refuses infinite ones."""
    wrong = [numbers.infinite(one) for one in found.values]
    if any(wrong):
        numbers.finite(numbers.spread(found, [np.inf if one else np.nan for one in wrong]), name)
    if found.kinds and any(isinstance(one, str) for one in found.values):
        return _of_text(found, name, ids=ids, alike=alike)
    return _of_numbers(found, name, ids=ids)


def _used(name: str, declared: Sequence[object], codes: np.ndarray, order: str) -> Labels:
    """Return labels without the levels that nobody has."""
    counts = np.bincount(codes[codes >= 0], minlength=len(declared))
    places = np.flatnonzero(counts)
    levels = tuple(declared[at] for at in places.tolist())
    recode = np.full(len(declared) + 1, -1)
    recode[places] = np.arange(len(places))
    kept = tuple(declared) if order == "declared" else levels
    at = tuple(places.tolist()) if order == "declared" else tuple(range(len(levels)))
    return Labels(
        name=name, levels=levels, codes=recode[codes], order=order, declared=kept, places=at
    )


def plain_levels(column: pd.Series) -> list[object] | None:
    """Return the levels of a categorical that has nothing to take away or to join, else None."""
    given: list[object] = column.array.categories.tolist()
    texts = [one for one in given if isinstance(one, str)]
    if not texts:
        return given
    same = (
        len(texts) == len(given) and texts == list(map(numbers.trimmed, texts)) and "" not in texts
    )
    return given if same else None


def _of_categorical(column: pd.Series, name: str) -> Labels:
    codes = column.array.codes.astype(int)
    as_given = plain_levels(column)
    if as_given is not None:
        own = _used(name, as_given, codes, "declared")
        return replace(own, notes=tuple(_capitals(own.levels, name, refuse=False, ids=False)))
    given: list[object] = column.array.categories.tolist()
    mixed = len({isinstance(one, str) for one in given}) > 1
    plain = [as_text(one) if mixed else _stripped(one) for one in given]
    levels = [one for one in dict.fromkeys(plain) if not (isinstance(one, str) and not one)]
    place = {one: at for at, one in enumerate(levels)}
    counts = np.bincount(codes[codes >= 0], minlength=len(given))
    changed = int(counts[[a != b for a, b in zip(plain, given, strict=True)]].sum())
    joined = np.append([place.get(one, -1) for one in plain], -1)
    notes = [_MIXED.format(name)] if mixed else _stripped_note(name, changed, len(codes))
    own = _used(name, levels, joined[codes], "declared")
    notes += _capitals(own.levels, name, refuse=False, ids=False)
    return replace(own, notes=tuple(notes))


def _stripped(level: object) -> object:
    return numbers.trimmed(level) if isinstance(level, str) else level


def _of_numbers(found: numbers.Distinct, name: str, *, ids: bool) -> Labels:
    """Return labels of numbers, or of true and false, in their order; ids as they appear."""
    plain = [_whole(one) for one in found.values]
    levels = list(dict.fromkeys(plain))
    levels = levels if ids else sorted(levels)
    place = {one: at for at, one in enumerate(levels)}
    codes = np.append([place[one] for one in plain], -1).astype(int)[found.codes]
    at = tuple(range(len(levels)))
    return Labels(
        name=name,
        levels=tuple(levels),
        codes=codes,
        order="numbers",
        declared=tuple(levels),
        places=at,
    )


def _whole(value: object) -> bool | int | float:
    """Return a number as a whole one where it is; true and false as they are."""
    if isinstance(value, numbers.BOOLS):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    number = numbers.as_double(value)
    return int(number) if number.is_integer() else number


def _of_text(found: numbers.Distinct, name: str, *, ids: bool, alike: bool) -> Labels:
    """Return labels of text, or of text and numbers, which are one."""
    texts = [as_text(one) for one in found.values]
    levels = [one for one in dict.fromkeys(texts) if one]
    notes = []
    if texts != found.values:
        stripped = [isinstance(a, str) and numbers.trimmed(a) != a for a in found.values]
        if any(stripped):
            notes += _stripped_note(name, found.rows_of(stripped), len(found.codes))
        if any(not isinstance(one, str) for one in found.values):
            notes.append(_MIXED.format(name))
        elif len(set(texts)) < len({numbers.trimmed(str(one)) for one in found.values}):
            notes.append(f'{name}: "1" and "1.0" are taken for the same')
    order = None if ids else number_order(levels)
    if order is not None:
        levels = [levels[at] for at in order]
    elif not ids:
        levels = sorted(levels)
    notes += _capitals(levels, name, refuse=alike, ids=ids)
    place = {one: at for at, one in enumerate(levels)}
    codes = np.append([place.get(one, -1) for one in texts], -1).astype(int)[found.codes]
    own = _used(name, levels, codes, "text" if order is not None else "")
    return replace(own, notes=tuple(notes))


def as_text(value: object) -> str:
    """Return a label as text: without blanks around it, whole numbers without a point."""
    if isinstance(value, str):
        text = numbers.trimmed(value)
        whole = TRAILING_ZEROS.fullmatch(text) if "." in text else None
        return whole[1] if whole else text
    whole_number = isinstance(value, numbers.NUMBERS) and numbers.as_double(value).is_integer()
    return str(int(value)) if whole_number else str(value)  # type: ignore[call-overload]


def _stripped_note(name: str, changed: int, rows: int) -> list[str]:
    if not changed:
        return []
    return [f"{name}: blanks around the text were taken away in {changed} of {rows} rows"]


def _folded(text: str) -> str:
    """Return text without what typing slips change: capitals, blanks, the code of a letter."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.casefold() if text.isalnum() else "".join(text.casefold().split())


def _capitals(levels: Sequence[object], name: str, *, refuse: bool, ids: bool) -> list[str]:
    """Tell of labels that differ in capitals alone; refuse them where they must be typing slips."""
    if len({_folded(str(one)) for one in levels}) == len(levels):
        return []
    folded: dict[str, list[object]] = {}
    for one in levels:
        folded.setdefault(_folded(str(one)), []).append(one)
    twins = [own for own in folded.values() if len(own) > 1]
    cased = all(len({str(one).casefold() for one in own}) == 1 for own in twins)
    how = "capitals" if cased else "capitals, blanks or the code of a letter"
    if ids:
        return [f"{name}: {len(twins)} ids differ from another in {how} alone; taken for two"]
    which = "; ".join(numbers.listed(own) for own in twins[:3])
    if refuse:
        raise UsageError(f"{name}: {which} differ in {how} alone; write them alike")
    return [f"{name}: {which} differ in {how} alone; they are taken for different levels"]


def number_order(texts: Sequence[str]) -> list[int] | None:
    """Return the order of the numbers in texts, or None where they do not give one.

    They do where each text has exactly one number, no two alike, and the same text around it.

    Examples
    --------
    >>> number_order(["Week 12", "Week 2", "Week 4"])
    [1, 2, 0]
    >>> number_order(["Baseline", "Week 4"]) is None
    True
    """
    if len(texts) < 2:
        return list(range(len(texts)))
    if all(numbers.NUMBER.fullmatch(text) for text in texts):
        values = [float(text) for text in texts]
    else:
        found = [list(WITHIN.finditer(text)) for text in texts]
        if any(len(own) != 1 for own in found):
            return None
        pairs = [(text, own[0]) for text, own in zip(texts, found, strict=True)]
        if len({(text[: at.start()], text[at.end() :]) for text, at in pairs}) > 1:
            return None
        values = [float(at.group()) for _, at in pairs]
        decimals = [at.group().partition(".")[2] for _, at in pairs]
        if len(set(map(len, decimals))) > 1 and any(one.endswith("0") for one in decimals):
            return None  # v1.2 and v1.10: a number with a part, and no decimals
    if len(set(values)) < len(values):
        return None
    return sorted(range(len(values)), key=values.__getitem__)


class SettledColumn(NamedTuple):
    """A column as a model takes it.

    Attributes
    ----------
    values : Series, array or Categorical
        Numbers, a categorical where labels have an order, text where they have none.
    notes : tuple of str
        What was read, taken away or joined.
    order : str
        How the levels stand, where they were not declared; "" for numbers.
    alphabetical : bool
        Whether the alphabet stands in for an order.
    """

    values: object
    notes: tuple[str, ...] = ()
    order: str = ""
    alphabetical: bool = False


def variable(column: pd.Series, name: str, *, factor: bool = False) -> SettledColumn:
    """Return a covariate or a term of a formula by what it holds: numbers, or levels in an order.

    `factor`: whether its values are declared to be levels, numbers too. Raises UsageError if it
    mixes numbers and words, or holds neither.
    """
    kind = numbers.kind_of(column)
    if kind in ("number", "bool"):
        numbers.refuse_infinite(column, name)
        return SettledColumn(column)
    if kind == "values":
        found = numbers.distinct(column, name)
    truths = kind == "values" and all(issubclass(one, numbers.BOOLS) for one in found.kinds)
    if kind == "values" and not factor and not truths:
        _refuse_unread(found, name)
        read = [numbers.read_number(one) for one in found.values]
        told = [one is not None and not np.isnan(one) for one in read]
        if any(told):
            rest = found.rows_of([one is None for one in read])
            if rest:
                raise UsageError(
                    f"{name}: {found.rows_of(told)} of {len(column)} values are numbers and {rest} "
                    "are not; mend them, or make it a categorical if they are all labels"
                )
            values = numbers.finite(numbers.spread(found, read), name)
            levels = f"; write factor({name}) if they are labels"
            return SettledColumn(values, (numbers.read_as_numbers(name, found) + levels,))
    own = _of_distinct(found, name) if kind == "values" else labels(column, name)
    return as_levels(own, column)


def categories(column: pd.Series, name: str) -> SettledColumn:
    """Return an outcome in ordered categories as a categorical of the categories that occur.

    Numbers stand in their order, an ordered categorical in its own; an unordered one only where its
    categories are numbers that rise. The order of text is never taken from the text. Raises
    UsageError if there is no order, or the column holds neither numbers nor labels.
    """
    notes: tuple[str, ...] = ()
    if numbers.kind_of(column) == "values":
        found = numbers.distinct(column, name)
        _refuse_unread(found, name)
        read = [numbers.read_number(one) for one in found.values]
        if any(one is None for one in read):
            raise _no_order(name, "text")
        values = numbers.finite(numbers.spread(found, read), name)
        column = pd.Series(values, index=column.index)
        notes = (numbers.read_as_numbers(name, found),)
    own = labels(column, name)
    if own.order == "declared" and not column.array.ordered:
        given = own.declared
        if not all(isinstance(one, numbers.NUMBERS) for one in given) or list(given) != sorted(
            given, key=numbers.as_double
        ):
            raise _no_order(name, "a categorical that is not ordered")
    if own.unseen:
        notes = (*notes, f"{name}: no row has {', '.join(own.unseen)}; left out")
    return SettledColumn(in_order(own.codes, own.levels), (*notes, *own.notes))


def _no_order(name: str, what: str) -> UsageError:
    return UsageError(
        f"{name}: it is {what}, which tells no order of its categories; make it numbers, or a "
        f"categorical with them from lowest to highest: pd.Categorical(data[{name!r}], "
        "categories=[...], ordered=True)"
    )


def _refuse_unread(found: numbers.Distinct, name: str) -> None:
    """Refuse text that is numbers as people write them: each would become a level."""
    told = [numbers.unread_number(one) for one in found.values]
    if any(told) and all(
        own or numbers.read_number(one) is not None
        for one, own in zip(found.values, told, strict=True)
    ):
        raise UsageError(
            f"{name}: {found.rows_of(told)} of {len(found.codes)} values are numbers in a way that "
            "is not read (a comma for the point, separated thousands, a per cent sign, other "
            "digits); make them numbers with a point, or a categorical if they are labels"
        )


def as_levels(own: Labels, column: pd.Series, *, unseen: bool = True) -> SettledColumn:
    """Return labels as a column of a frame: a categorical where they have an order, else text.

    With `unseen` the notes name declared levels that nobody has.
    """
    notes = own.notes
    if unseen and own.unseen:
        notes = (*notes, f"{own.name}: no row has {', '.join(own.unseen)}; left out")
    if own.order == "declared":
        return SettledColumn(own.categorical() if own.notes else column, notes)
    if own.order == "numbers":
        given = numbers.kind_of(column) in ("number", "bool")
        return SettledColumn(column if given else own.categorical(), notes)
    order = ""
    if len(own.levels) > 1:
        order = f"{own.name}: text put in the order of the numbers in it: {own.listed()}"
    if own.order == "text":
        return SettledColumn(own.categorical(), notes, order)
    values = np.array([*own.levels, None], dtype=object)[own.codes]
    return SettledColumn(values, notes, f"{own.name} ({own.listed()})", alphabetical=True)
