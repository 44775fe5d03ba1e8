"""Builds small published records in memory, as `read_record` would return them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from backwalk_stats.evidence.record import Record

STUDY = dict.fromkeys(
    "study_id region citation doi url design population arms n_randomised weeks sessions_per_week "
    "journal year licence numbers_available note".split(),
    "",
)
OUTCOME = dict.fromkeys(
    "study_id arm outcome instrument scale_min scale_max unit direction_better timepoint n mean sd "
    "ci_low ci_high source_location confidence note".split(),
    "",
)
CONTRAST = dict.fromkeys(
    "study_id outcome arm_a arm_b contrast_type estimate ci_low ci_high statistic df "
    "p_value_as_printed method source_location origin note inputs".split(),
    "",
)
CLAIM = dict.fromkeys(
    "claim_id topic claim_in_our_words source_named_by_article design_claimed evidence_study_ids "
    "what_the_evidence_base_holds".split(),
    "",
)
REVIEW = dict.fromkeys(
    "Analysis.group Analysis.number Subgroup Study Experimental.mean Experimental.SD Experimental.N "
    "Control.mean Control.SD Control.N Weight Mean CI.start CI.end review_doi file".split(),
    "",
)
Rows = Sequence[Mapping[str, str]]


def record(
    *,
    studies: Rows,
    outcomes: Rows = (),
    contrasts: Rows = (),
    claims: Rows = (),
    reviews: Rows = (),
) -> Record:
    """Return a record; columns that a row does not give are empty."""
    return Record(
        studies=_frame(studies, STUDY),
        outcomes=_frame(outcomes, OUTCOME),
        contrasts=_frame(contrasts, CONTRAST),
        claims=_frame(claims, CLAIM),
        cochrane=_frame(reviews, REVIEW),
        name="a record made for a test",
        files={},
    )


def _frame(rows: Rows, empty: Mapping[str, str]) -> pd.DataFrame:
    columns = dict.fromkeys([*empty, *(name for row in rows for name in row)], "")
    whole = [{**columns, **row} for row in rows]
    frame = pd.DataFrame(whole, columns=list(columns), dtype=object)
    frame.insert(0, "line", range(2, len(frame) + 2))
    return frame
