"""The table of studies: one row is a paper, a protocol, a registry entry or a review."""

from __future__ import annotations

from backwalk_stats.evidence.schema import LINK, PARTICIPANTS, STUDY, Column, Schema

FILE = "studies.csv"
TABLE = Schema(
    columns=(
        Column(name="study_id", cell=STUDY, essential=True, filled=True),
        Column(name="short_name"),
        Column(name="region"),
        Column(name="citation", essential=True, filled=True),
        Column(name="doi"),
        Column(name="url", cell=LINK),
        Column(name="full_text"),
        Column(name="read"),
        Column(name="design", essential=True),
        Column(name="design_analysis"),
        Column(name="population"),
        Column(name="arms", essential=True),
        Column(name="n_randomised", cell=PARTICIPANTS, essential=True),
        Column(name="weeks"),
        Column(name="sessions_per_week"),
        Column(name="journal"),
        Column(name="year"),
        Column(name="licence"),
        Column(name="numbers_available"),
        Column(name="note"),
    ),
    key=("study_id",),
)
