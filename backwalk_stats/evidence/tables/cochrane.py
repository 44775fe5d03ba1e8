"""The tables of a Cochrane review: one row is a study with its own SMD, interval and weight."""

from __future__ import annotations

from backwalk_stats.evidence import schema
from backwalk_stats.evidence.schema import Column, Row, RowFaults, Schema, check_interval

FILES = "cochrane_*.csv"


def check_row(row: Row, faults: RowFaults) -> None:
    """Tell what is wrong with the printed interval of one study row."""
    check_interval(row, faults, low="CI.start", high="CI.end")


TABLE = Schema(
    columns=(
        Column(name="Analysis.group"),
        Column(name="Analysis.number"),
        Column(name="Subgroup"),
        Column(name="Study", essential=True, filled=True),
        Column(name="Experimental.mean", cell=schema.NUMBER, essential=True),
        Column(name="Experimental.SD", cell=schema.SPREAD, essential=True),
        Column(name="Experimental.N", cell=schema.COUNT, essential=True),
        Column(name="Control.mean", cell=schema.NUMBER, essential=True),
        Column(name="Control.SD", cell=schema.SPREAD, essential=True),
        Column(name="Control.N", cell=schema.COUNT, essential=True),
        Column(name="Weight", cell=schema.PERCENT),
        Column(name="Mean", cell=schema.NUMBER),
        Column(name="CI.start", cell=schema.NUMBER),
        Column(name="CI.end", cell=schema.NUMBER),
        Column(name="review_doi"),
    ),
    check_row=check_row,
    key=("Analysis.group", "Analysis.number", "Subgroup", "Study"),
    reserved=("file",),
)
