"""Labels in the data held against those that the trial file declares: arms and visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from backwalk_stats.errors import nearest, printable
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.numbers import Column

# What other readers take for missing values; as arms and sites they are labels.
TAKEN_FOR_MISSING = frozenset(["na", "n/a", "nan", "none", "null", "nil"])
KEPT = "labels such as NA kept as labels, not as missing"
SHOWN = 5


def _shown(label: str, column: Column) -> str:
    """Return a label as written, with the value label that a file of SPSS or Stata gives it."""
    of_file = column.labels.get(label, "")
    named = f" (label '{printable(of_file, limit=24)}')" if of_file else ""
    return f"'{printable(label, limit=24)}'{named}"


def matched_labels(
    column: Column, *, known: Mapping[str, str], what: str, advice: str
) -> list[str | None]:
    """Return what each label of a column means; None where a cell is empty or unknown.

    Case, spaces and look-alike characters make no difference, which is logged. Where the file has
    value labels, a code that is not declared itself is read by its label. No declared missing code
    is applied: `NA` may be an arm or a site. The message about labels that are not known says
    `what` they are and gives the `advice`.
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
    found = ", ".join(_shown(label, column) for label in unknown)
    if len(unknown) > SHOWN:
        found = f"{len(unknown)} other texts"
    near = nearest(next(iter(unknown)), known) if len(unknown) == 1 else ""
    rows = sorted(row for rows in unknown.values() for row in rows)
    expected = f"{what}: {', '.join(known)}"
    column.fault(expected, found, " ".join([near, advice]).strip(), rows=rows)
    return [meanings[text] for text in texts]
