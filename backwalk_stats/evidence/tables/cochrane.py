"""The tables of a Cochrane review: one row is a study with its own SMD, interval and weight."""

from __future__ import annotations

from backwalk_stats.evidence.schema import (
    COUNT,
    NUMBER,
    PERCENT,
    SPREAD,
    Column,
    Row,
    RowFaults,
    Schema,
    check_interval,
)

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
        Column(name="Experimental.mean", cell=NUMBER, essential=True),
        Column(name="Experimental.SD", cell=SPREAD, essential=True),
        Column(name="Experimental.N", cell=COUNT, essential=True),
        Column(name="Control.mean", cell=NUMBER, essential=True),
        Column(name="Control.SD", cell=SPREAD, essential=True),
        Column(name="Control.N", cell=COUNT, essential=True),
        Column(name="Weight", cell=PERCENT),
        Column(name="Mean", cell=NUMBER),
        Column(name="CI.start", cell=NUMBER),
        Column(name="CI.end", cell=NUMBER),
        Column(name="review_doi"),
    ),
    check_row=check_row,
    key=("Analysis.group", "Analysis.number", "Subgroup", "Study"),
    reserved=("file",),
)
