"""Reads the rows of a review's analyses, so that its SMDs and weights can be recomputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from backwalk_stats.ledger.case import Cell, Contrast, ReviewRow, Study
from backwalk_stats.ledger.rounding import is_number, value_of
from backwalk_stats.ledger.vocabulary import family

_PRINTED = {"Mean": "estimate", "CI.start": "conf_low", "CI.end": "conf_high", "Weight": "weight"}


def review_rows(
    frame: pd.DataFrame, studies: Sequence[Study], dois: Mapping[str, str]
) -> tuple[ReviewRow, ...]:
    """Return every row of every analysis, each with the rows that share its analysis.

    Parameters
    ----------
    frame : DataFrame
        The review's rows as printed.
    studies : sequence of Study
        The record's studies; the review is the one with the row's DOI.
    dois : mapping
        Study id to DOI.
    """
    known = {study.study_id for study in studies}
    by_doi = {doi: study_id for study_id, doi in dois.items() if doi and study_id in known}
    rows: list[ReviewRow] = []
    for _, group in frame.groupby(
        ["file", "Analysis.group", "Analysis.number", "Subgroup"], sort=False
    ):
        records = [{str(k): v for k, v in one.items()} for one in group.to_dict("records")]
        pairs = [(_arm(r, "Experimental"), _arm(r, "Control")) for r in records]
        whole = all(a.has_spread and b.has_spread for a, b in pairs)
        for position, (record, pair) in enumerate(zip(records, pairs, strict=True)):
            rows.append(
                ReviewRow(
                    review_id=by_doi.get(
                        record["review_doi"], str(record["file"]).removesuffix(".csv")
                    ),
                    label=record["Study"],
                    analysis=f"{record['Analysis.group']}.{record['Analysis.number']}",
                    subgroup=record["Subgroup"],
                    first=pair[0],
                    second=pair[1],
                    printed={
                        name: record[column] for column, name in _PRINTED.items() if record[column]
                    },
                    group=tuple(pairs) if whole else (),
                    position=position,
                    file=record["file"],
                    line=int(record["line"]),
                )
            )
    return tuple(rows)


def _arm(record: Mapping[str, str], side: str) -> Cell:
    n = record[f"{side}.N"]
    return Cell(
        study_id=record["Study"],
        arm=f"{record['Study']}, {side.lower()}",
        outcome="",
        instrument="",
        unit="",
        scale_min="",
        scale_max="",
        timepoint="",
        n=int(value_of(n)) if is_number(n) else None,
        mean=record[f"{side}.mean"] if is_number(record[f"{side}.mean"]) else "",
        sd=record[f"{side}.SD"] if is_number(record[f"{side}.SD"]) else "",
        source=f"{record['file']}",
        derived=f"{record['file']} line {record['line']}",
    )


def analysis_outcomes(contrasts: Sequence[Contrast], rows: Sequence[ReviewRow]) -> dict[str, str]:
    """Return the outcome family of each analysis, as the record's comparisons that cite it say.

    An analysis that is cited for two families, or for none, is left out.
    """
    found: dict[str, str] = {}
    for analysis in dict.fromkeys(row.analysis for row in rows):
        cited = {
            family(contrast.outcome)
            for contrast in contrasts
            if analysis in contrast.source.split() and family(contrast.outcome)
        }
        if len(cited) == 1:
            found[analysis] = cited.pop()
    return found
