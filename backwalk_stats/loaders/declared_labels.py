"""Labels in the data held against those that the trial file declares: arms and visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from backwalk_stats.errors import printable
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.label_folding import KEPT, TAKEN_FOR_MISSING, folded
from backwalk_stats.loaders.trial_file.faults import nearest
from backwalk_stats.loaders.trial_sources import Source

SHOWN = 5


def matched_labels(
    source: Source,
    column: str,
    *,
    known: Mapping[str, str],
    what: str,
    advice: str,
    findings: Findings,
) -> list[str | None]:
    """Return what each label of a column means; None where a cell is empty or unknown.

    Case, spaces and look-alike characters make no difference, which is logged. Where the file has
    value labels, a code that is not declared itself is read by its label. No declared missing code
    is applied: `NA` may be an arm or a site.

    Parameters
    ----------
    source : Source
    column : str
    known : mapping of str to str
        Label to what it means.
    what, advice : str
        For the message about labels that are not known.
    findings : Findings
    """
    lookup = {folded(label): meaning for label, meaning in known.items()}
    value_labels = source.sheet.labels.get(column, {})
    texts, lines = source.texts(column), source.lines
    meanings: dict[str, str | None] = {}
    repaired: set[str] = set()
    unknown: dict[str, list[int]] = defaultdict(list)
    for text, line in zip(texts, lines, strict=True):
        if text not in meanings:
            meanings[text] = lookup.get(
                folded(text), lookup.get(folded(value_labels.get(text, "")))
            )
            if meanings[text] is not None and text not in known and text not in value_labels:
                repaired.add(text)
        if meanings[text] is None and text.strip():
            unknown[text].append(line)
    file = source.sheet.file
    by_label = sum(text in value_labels and folded(text) not in lookup for text in texts)
    if by_label:
        findings.repair(file, column, "codes read by their value labels", by_label)
    if repaired:
        count = sum(text in repaired for text in texts)
        findings.repair(file, column, "labels matched without regard to case and spaces", count)
    kept = sum(folded(text) in TAKEN_FOR_MISSING and folded(text) in lookup for text in texts)
    if kept:
        findings.repair(file, column, KEPT, kept)
    _tell_unknown(unknown, known=known, what=what, advice=advice, place=(file, column),
                  findings=findings)  # fmt: skip
    return [meanings[text] for text in texts]


def _tell_unknown(
    unknown: Mapping[str, Sequence[int]],
    *,
    known: Mapping[str, str],
    what: str,
    advice: str,
    place: tuple[str, str],
    findings: Findings,
) -> None:
    if not unknown:
        return
    listed = ", ".join(f"'{printable(label, limit=24)}'" for label in unknown)
    near = nearest(next(iter(unknown)), list(known)) if len(unknown) == 1 else ""
    rows = sorted(row for rows in unknown.values() for row in rows)
    # A column of many different texts is another column: its cells are no labels to be shown.
    if len(unknown) > SHOWN:
        listed = f"{len(unknown)} other texts"
    expected = f"{what}: {', '.join(known)}"
    file, column = place
    findings.fault(
        file, column, expected, listed, rows=rows, action=" ".join([near, advice]).strip()
    )
