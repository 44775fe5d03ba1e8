"""The ledger of invented papers, and what it says of them: alarms, and numbers it has answered."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from backwalk_stats.evidence.record import read_record
from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.ledger.verdict import COMPATIBLE, FAILURES, REPRODUCED
from tests.ledger.designs.paper import Paper
from tests.ledger.records import record

SHOWN = ["study_id", "outcome", "quantity", "reported", "check", "verdict", "reason"]


def ledger_of_papers(papers: Iterable[Paper]) -> pd.DataFrame:
    """Return the ledger of invented papers, all in one record."""
    papers = list(papers)
    made = record(
        studies=[paper.study for paper in papers],
        outcomes=[row for paper in papers for row in paper.outcomes],
        contrasts=[row for paper in papers for row in paper.contrasts],
    )
    return recompute(made).ledger


def ledger_of_folder(folder: Path) -> pd.DataFrame:
    """Return the ledger of a folder of published numbers."""
    return recompute(read_record(folder)).ledger


def alarms(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that accuse a paper."""
    return ledger.loc[ledger["verdict"].isin(FAILURES), SHOWN]


def told(rows: pd.DataFrame) -> str:
    """Return rows of a ledger in lines, a line a number, for the message of a failed test."""
    lines = [" | ".join(map(str, row)) for row in rows.itertuples(index=False)]
    return "\n" + "\n".join(lines[:12])


def answered(ledger: pd.DataFrame, quantity: str) -> float:
    """Return the share of printed numbers of a kind that were reproduced or are compatible."""
    printed = ledger[(ledger["quantity"] == quantity) & ~ledger["reported"].isin(["", "-"])]
    is_alive = printed["verdict"].isin([REPRODUCED, COMPATIBLE])
    return float(is_alive.groupby([printed["study_id"], printed["contrast"]]).any().mean())
