"""The table of claims: what a text says, in our words, and the studies that bear on it."""

from __future__ import annotations

from backwalk_stats.evidence.schema import CLAIM, STUDIES, Column, Schema

FILE = "article_claims.csv"
TABLE = Schema(
    columns=(
        Column(name="claim_id", cell=CLAIM, essential=True, filled=True),
        Column(name="topic"),
        Column(name="claim_in_our_words", essential=True, filled=True),
        Column(name="short_claim"),
        Column(name="source_named_by_article"),
        Column(name="design_claimed"),
        Column(name="evidence_study_ids", cell=STUDIES, essential=True),
        Column(name="what_the_evidence_base_holds"),
    ),
    key=("claim_id",),
)
