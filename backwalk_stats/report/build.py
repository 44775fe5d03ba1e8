"""Sections, found in their room and put in order, become one document."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from backwalk_stats.registry import members
from backwalk_stats.report import sections
from backwalk_stats.report.document import Document, Section

if TYPE_CHECKING:
    from backwalk_stats.trial.reproduction import Reproduction


def section_count(room: ModuleType = sections) -> int:
    """Return how many sections a report can have."""
    return len(members(room))


def build(reproduction: Reproduction, progress: Callable[[str], None] | None = None) -> Document:
    """Return the report on a recomputed record; sections without anything to say are left out.

    `progress` is called with the name of each section before it is written.
    """
    return Document(
        title="Backward walking: the published numbers, recomputed",
        subtitle=f"Recomputed from {reproduction.record}",
        sections=written_sections(sections, reproduction, progress),
    )


def written_sections(
    room: ModuleType, subject: object, progress: Callable[[str], None] | None = None
) -> tuple[Section, ...]:
    """Return the sections of a room about a subject, in order, those with something to say.

    The modules of the room have an `ORDER` and a function `section(subject)`; `progress` is called
    with the name of each before it is written.
    """
    written: list[Section] = []
    for module in sorted(members(room), key=lambda module: int(module.ORDER)):
        if progress is not None:
            progress(module.__name__.rpartition(".")[2].replace("_", " "))
        written.append(module.section(subject))
    return tuple(section for section in written if section.blocks)
