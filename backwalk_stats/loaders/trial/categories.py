"""A covariate that is a category: its levels, their labels, and spellings that may be one level."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from backwalk_stats.errors import printable
from backwalk_stats.loaders.sheets.encoding import folded, plain_signs
from backwalk_stats.loaders.trial.numbers import Column, number

RARE_BELOW = 8
SHOWN = 4  # groups of spellings in one question
MANY = 200  # levels: with more a column is free text, and every pair of them is not compared
LEADING_ZEROS = re.compile(r"0\d+", re.ASCII)
# Words and signs for one thing, in the languages in which sheets are kept.
_SAME = (
    "female f fem w weiblich woman women frau femme feminin feminino feminina femenino femenina "
    "mujer mulher kvinna vrouw kadin 女 女性",
    "male m masc man men mann maennlich mannlich homme masculin masculino masculina hombre homem "
    "uomo erkek 男 男性",
    "left l lt lhs links li gauche izquierda izq izquierdo esquerda esquerdo sinistra sinistro sol "
    "左 左側",
    "right r rt rhs rechts re droite derecha der derecho direita direito destra destro sag 右 右側",
    "yes y ja j oui si sim s true evet 1 はい 有 あり",
    "no n nein non nao false nee hayir 0 いいえ 無 なし",
)
SAME_WORD = {word: group.split()[0] for group in _SAME for word in group.split()}
_ROMAN = re.compile(r"[ivxlcdm]+")
_MARKS = re.compile(r"[\s._/'’(),:;*\"]|(?<=\w)-(?=\w)")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def has_leading_zeros(texts: Iterable[str]) -> bool:
    """Return whether some of the texts are digits after a zero, which no number begins with.

    >>> has_leading_zeros(["012", "17"]), has_leading_zeros(["0", "0.5", "10"])
    (True, False)
    """
    return any(LEADING_ZEROS.fullmatch(text.strip()) for text in texts)


def code_of(text: str) -> str:
    """Return how a code is compared: 1.0 is 1, 01 is not, and case and spaces do not matter.

    >>> code_of("1.0"), code_of(" 1"), code_of("01"), code_of("Left  Knee")
    ('1', '1', '01', 'left knee')
    """
    value = None if LEADING_ZEROS.fullmatch(text.strip()) else number(plain_signs(text))
    if value is not None and value.is_integer():
        return str(int(value))
    return folded(text)


RESPELT = "values written otherwise, by case or spaces, taken as one"


def respelt(texts: Sequence[str]) -> int:
    """Return how many cells are written otherwise than most of those that are read as the same.

    >>> respelt(["yes", "Yes", "yes ", "no", "yes", ""])
    2
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for text in filter(str.strip, texts):
        spellings[folded(text)][text] += 1
    return sum(sum(one.values()) - max(one.values()) for one in spellings.values())


def declared_levels(
    column: Column, there: Sequence[bool], labels: Mapping[str, str]
) -> list[str | None]:
    """Return the level of each cell by the labels that the trial file gives to codes.

    A level's own name stands for it too, and so does a value label of the file. Whatever has
    neither is a fault: a level that nobody has named is not made up.
    """
    named = {folded(level): level for level in reversed(list(labels.values()))}
    known = named | {code_of(code): named[folded(level)] for code, level in labels.items()}
    levels: list[str | None] = []
    unknown: dict[str, list[int]] = defaultdict(list)
    for text, one, line in zip(column.texts, there, column.lines, strict=True):
        of_file = column.labels.get(text, "")
        level = known.get(code_of(text), known.get(folded(of_file), of_file or None))
        levels.append(level if one else None)
        if one and level is None:
            unknown[code_of(text)].append(line)
    if unknown:
        rows = sorted(line for lines in unknown.values() for line in lines)
        found = "a code without a label" if len(unknown) == 1 else f"{len(unknown)} without a label"
        action = "Give each of them a label, or declare it under missing_codes"
        column.fault(f"one of the declared labels: {', '.join(labels)}", found, action, rows=rows)
    return levels


def labels_of_file(column: Column, there: Sequence[bool], *, name: str) -> list[str | None]:
    """Return value labels for codes; a code without a label is a fault."""
    labels = column.labels
    pairs = list(zip(column.texts, there, strict=True))
    rows = column.where([one and text not in labels for text, one in pairs])
    action = (
        'Give the code a label (labels = { 1 = "..." }), or declare it under missing_codes; '
        'kind = "number" reads all of them as numbers'
    )
    column.fault("a code that has a value label", "a code without one", action, rows=rows)
    if not rows:
        column.repair("codes read by their value labels", sum(there))
    levels = [labels.get(text) if one else None for text, one in pairs]
    _ask_spellings([level for level in levels if level is not None], column, name)
    return levels


def levels_as_written(column: Column, there: Sequence[bool], *, name: str) -> list[str | None]:
    """Return each cell as a level: one spelling of case and spaces, 1.0 as 1, 01 as 01."""
    texts = [_written(text) if one else None for text, one in zip(column.texts, there, strict=True)]
    spelt = _spelt_once(texts, column)
    _ask_spellings([one for one in spelt if one is not None], column, name)
    return spelt


def _written(text: str) -> str:
    plain = text.strip()
    code = code_of(plain)
    return code if number(code) is not None else plain


def _spelt_once(values: Sequence[str | None], column: Column) -> list[str | None]:
    """Return labels with one spelling each: the commonest of those that fold to the same.

    Labels that occur once beside others that occur often are warned of: slips of the hand.
    """
    chosen: dict[str, str] = {}
    for label, _ in Counter(value for value in values if value is not None).most_common():
        chosen.setdefault(folded(label), label)
    spelt = [None if value is None else chosen[folded(value)] for value in values]
    action = "labels that differed by case or spaces written as the commonest spelling"
    column.repair(action, sum(new != old for new, old in zip(spelt, values, strict=True)))
    counts = Counter(value for value in spelt if value is not None)
    rare = sum(n == 1 for n in counts.values())
    if rare and len(counts) - rare >= 2 and sum(counts.values()) >= RARE_BELOW * rare:
        column.warn("labels that occur once: are they spelt as the others?", rare)
    return spelt


def in_order(levels: Iterable[str]) -> list[str]:
    """Return levels by number where they are numbers, those that are not by text after them.

    >>> in_order(["10", "2", "other", "1"])
    ['1', '2', '10', 'other']
    """

    def place(level: str) -> tuple[bool, float, str]:
        value = number(level)
        return value is None, 0.0 if value is None else value, level

    return sorted(set(levels), key=place)


# Labels that may be one level in several spellings: asked about, never joined in silence.


def _ask_spellings(values: Sequence[str], column: Column, name: str) -> None:
    groups = spellings(Counter(values))
    if not groups:
        return
    told = "; ".join(" and ".join(_quoted(one) for one in group) for group in groups[:SHOWN])
    pairs = [(one, group[0]) for group in groups[:SHOWN] for one in group[1:]]
    labels = ", ".join(f'{_key(other)} = "{printable(level, 30)}"' for other, level in pairs)
    others = [level for level in dict.fromkeys(values) if level not in dict(pairs)]
    kept = [level for level in others if all(level != kept for _, kept in pairs)][:SHOWN]
    labels += "".join(f', {_key(level)} = "{printable(level, 30)}"' for level in kept)
    more = len(groups) - SHOWN
    said = f"{told} (and {more} more)" if more > 0 else told
    column.findings.ask(
        column.name,
        f"{name}: do {said} mean the same level? They stand apart; to join them "
        f"write labels = {{ {labels} }}",
        sum(one in group for one in values for group in groups),
        file=column.file,
    )


def spellings(counts: Mapping[str, int]) -> list[list[str]]:
    """Return groups of labels that look like one: the fullest spelling first in each.

    Two labels look like one where they are known words or signs for the same, differ by marks or
    accents only, or where a short one begins a single long one.

    >>> spellings({"L": 9, "Left": 8, "R": 4, "Right": 9, "both": 2})
    [['Left', 'L'], ['Right', 'R']]
    >>> spellings({"mild": 4, "mod.": 2, "moderate": 7, "A": 3, "AB": 2})
    [['moderate', 'mod.']]
    """
    if len(counts) > MANY:
        return []
    groups: dict[str, list[str]] = defaultdict(list)
    bare = {label: _bare(label) for label in counts}
    longer = {
        label: [other for other in bare.values() if _begins(short, other)]
        for label, short in bare.items()
    }
    for label, short in bare.items():
        key = SAME_WORD.get(short, short)
        if key == short and len(longer[label]) == 1:
            key = longer[label][0]
            key = SAME_WORD.get(key, key)
        groups[key].append(label)
    found = [group for key, group in groups.items() if key and len(group) > 1]
    return [sorted(group, key=lambda one: (-len(_bare(one)), -counts[one], one)) for group in found]


def _bare(label: str) -> str:
    """Return a label without accents and marks that say nothing: signs such as < and + stay.

    Between digits a mark parts them: 1.5 is not 15.
    """
    plain = unicodedata.normalize("NFKD", label.casefold())
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    plain = unicodedata.normalize("NFC", plain).replace("ı", "i")
    parted = " ".join(_MARKS.sub(" ", plain).split())
    return parted if any(mark.isdigit() for mark in plain) else parted.replace(" ", "")


def _begins(short: str, long: str) -> bool:
    """Return whether a word is cut short: mod of moderate, but not A of AB or V of VIII."""
    if not short.isalpha() or not long.isalpha() or len(short) > 4 or len(long) < 4:
        return False
    return short != long and long.startswith(short) and not _ROMAN.fullmatch(long)


def _quoted(label: str) -> str:
    return f"'{printable(label, 30)}'"


def _key(label: str) -> str:
    return label if _BARE.fullmatch(label) else f'"{printable(label, 30)}"'
