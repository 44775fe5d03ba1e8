"""The table of searches: one row is a look-up, its source, its query, what was found and kept."""

from __future__ import annotations

from backwalk_stats.evidence.schema import Column, Schema

FILE = "searches.csv"
TABLE = Schema(
    columns=(
        Column(name="date", filled=True),
        Column(name="source", essential=True, filled=True),
        Column(name="query", essential=True, filled=True),
        Column(name="hits"),
        Column(name="kept"),
    ),
)
