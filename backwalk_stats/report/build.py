"""Sections, found in their room and put in order, become one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backwalk_stats.registry import members
from backwalk_stats.report import sections
from backwalk_stats.report.document import Document, Section

if TYPE_CHECKING:
    from backwalk_stats.trial.reproduction import Reproduction


def section_count() -> int:
    """Return how many sections a report can have."""
    return len(members(sections))


def build(reproduction: Reproduction, progress: Callable[[str], None] | None = None) -> Document:
    """Return the report on a recomputed record.

    Parameters
    ----------
    reproduction : Reproduction
        What recomputing the record has yielded.
    progress : callable, optional
        Called with the name of each section before it is written.

    Returns
    -------
    Document
        Sections without anything to say are left out.
    """
    written: list[Section] = []
    for module in sorted(members(sections), key=lambda module: int(module.ORDER)):
        if progress is not None:
            progress(module.__name__.rpartition(".")[2].replace("_", " "))
        written.append(module.section(reproduction))
    return Document(
        title="Backward walking: the published numbers, recomputed",
        subtitle=f"Recomputed from {reproduction.record}",
        sections=tuple(section for section in written if section.blocks),
    )
