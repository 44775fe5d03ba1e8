"""Departures from the protocol, and everything that was put right on loading."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.participants import decisions_table, load_log_table

ORDER = 112


def section(subject: TrialSubject) -> document.Section:
    """Return the declared deviations, decisions of a blind review, then the log of the loading."""
    trial = subject.trial
    blocks: list[document.Block] = [
        document.Paragraph(content=(document.Strong(text="Departures from the protocol."),))
    ]
    if trial.study.deviations:
        blocks.append(
            document.Items(entries=tuple((text.sentence(one),) for one in trial.study.deviations))
        )
    else:
        blocks.append(document.Paragraph(content=("The trial file declares none.",)))
    if trial.study.decisions:
        table = decisions_table(trial.study.decisions, trial.study.unblinded)
        blocks.append(document.TableBlock(id="decisions", table=table))
    if len(trial.load_log):
        blocks.append(document.TableBlock(id="load-log", table=load_log_table(trial.load_log)))
    else:
        blocks.append(document.Paragraph(content=("Nothing had to be put right on loading.",)))
    return document.Section(
        id="deviations", title="Deviations and load log", blocks=tuple(blocks), appendix=True
    )
