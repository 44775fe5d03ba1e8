"""Departures from the protocol, and everything that was put right on loading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document.document import (
    Block,
    Items,
    Paragraph,
    Section,
    Strong,
    TableBlock,
)
from backwalk_stats.report.document.text import sentence
from backwalk_stats.tables.participants import load_log_table

if TYPE_CHECKING:
    from backwalk_stats.report.subject import TrialSubject

ORDER = 92


def section(subject: TrialSubject) -> Section:
    """Return the declared deviations, then the log of the loading."""
    trial = subject.trial
    blocks: list[Block] = [Paragraph(content=(Strong(text="Departures from the protocol."),))]
    if trial.study.deviations:
        blocks.append(Items(entries=tuple((sentence(one),) for one in trial.study.deviations)))
    else:
        blocks.append(Paragraph(content=("The trial file declares none.",)))
    if len(trial.load_log):
        blocks.append(TableBlock(id="load-log", table=load_log_table(trial.load_log)))
    else:
        blocks.append(Paragraph(content=("Nothing had to be put right on loading.",)))
    return Section(id="deviations", title="Deviations and load log", blocks=tuple(blocks))
