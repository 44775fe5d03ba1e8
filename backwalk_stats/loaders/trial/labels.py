"""Labels that differ only by case, spaces or look-alike characters are one label."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from backwalk_stats.errors import nearest, printable
from backwalk_stats.loaders.trial.numbers import Column

# What other readers take for missing values; as arms and sites they are labels.
TAKEN_FOR_MISSING = frozenset(["na", "n/a", "nan", "none", "null", "nil"])
KEPT = "labels such as NA kept as labels, not as missing"
SPACES = "\u00a0\u2007\u2009\u202f"  # no-break, figure, thin and narrow no-break space
SAME_SIGN = str.maketrans(
    {
        "\u2212": "-",  # minus sign
        "\u2010": "-",  # hyphen
        "\u2011": "-",  # no-break hyphen
        "\u2012": "-",  # figure dash
        "\u2013": "-",  # en dash
        "\ufe63": "-",  # small hyphen-minus
        "\uff0d": "-",  # fullwidth hyphen-minus
        "\uff0b": "+",
        "\uff0e": ".",
        "\u066b": ".",  # Arabic decimal separator
        **dict.fromkeys(SPACES, " "),
    }
)
SHOWN = 5


def folded(label: str) -> str:
    r"""Return what a label is compared by: no case, single spaces, compatible characters as one.

    Examples
    --------
    >>> folded(" Backward\u00a0 Walking ") == folded("backward walking")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def repeated(labels: Iterable[str]) -> list[str]:
    """Return labels that fold to one that came before.

    Examples
    --------
    >>> repeated(["W0", "W3", "w0 "])
    ['w0 ']
    """
    seen: set[str] = set()
    again = []
    for label in labels:
        if folded(label) in seen:
            again.append(label)
        seen.add(folded(label))
    return again


# Typographic signs, digits and spaces that mean the same as plain ones.


def plain_signs(text: str) -> str:
    """Return a text with typographic minus signs, digits and spaces written plainly.

    Only characters that mean the same are replaced; decimals and their zeros stay.

    Examples
    --------
    >>> plain_signs("−1.50\u00a0"), plain_signs("４.２")
    ('-1.50', '4.2')
    """
    if text.isascii():
        return text.strip()
    digits = (
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text.translate(SAME_SIGN)
    )
    return "".join(digits).strip()


# Labels in the data held against those that the trial file declares: arms and visits.


def matched_labels(
    column: Column, *, known: Mapping[str, str], what: str, advice: str
) -> list[str | None]:
    """Return what each label of a column means; None where a cell is empty or unknown.

    Case, spaces and look-alike characters make no difference, which is logged. Where the file has
    value labels, a code that is not declared itself is read by its label. No declared missing code
    is applied: `NA` may be an arm or a site.

    Parameters
    ----------
    column : Column
    known : mapping of str to str
        Label to what it means.
    what, advice : str
        For the message about labels that are not known.
    """
    lookup = {folded(label): meaning for label, meaning in known.items()}
    meanings: dict[str, str | None] = {}
    repaired: set[str] = set()
    unknown: dict[str, list[int]] = defaultdict(list)
    for text, line in zip(column.texts, column.lines, strict=True):
        if text not in meanings:
            of_label = lookup.get(folded(column.labels.get(text, "")))
            meanings[text] = lookup.get(folded(text), of_label)
            if meanings[text] is not None and text not in known and text not in column.labels:
                repaired.add(text)
        if meanings[text] is None and text.strip():
            unknown[text].append(line)
    texts = column.texts
    by_label = sum(text in column.labels and folded(text) not in lookup for text in texts)
    column.repair("codes read by their value labels", by_label)
    action = "labels matched without regard to case and spaces"
    column.repair(action, sum(text in repaired for text in texts))
    kept = sum(folded(text) in TAKEN_FOR_MISSING and folded(text) in lookup for text in texts)
    column.repair(KEPT, kept)
    # A column of many different texts is another column: its cells are no labels to be shown.
    found = ", ".join(f"'{printable(label, limit=24)}'" for label in unknown)
    if len(unknown) > SHOWN:
        found = f"{len(unknown)} other texts"
    near = nearest(next(iter(unknown)), known) if len(unknown) == 1 else ""
    rows = sorted(row for rows in unknown.values() for row in rows)
    expected = f"{what}: {', '.join(known)}"
    column.fault(expected, found, " ".join([near, advice]).strip(), rows=rows)
    return [meanings[text] for text in texts]
