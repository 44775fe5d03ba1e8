"""Where this report came from, and where the stamp is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document.document import Items, Paragraph, Section
from backwalk_stats.report.document.text import plural, sentence

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Reproduction

ORDER = 99
_STAMP = (
    "The same record gives this report again, byte for byte. Versions of the programs, the hash of "
    "every output and the time of the run therefore stand apart, in provenance.json beside it."
)


def section(reproduction: Reproduction) -> Section:
    """Return the files that were read, what was put right in them, and a word on the stamp."""
    files = sorted(reproduction.sources.items())
    entries = tuple((f"{name}: sha256 {digest}",) for name, digest in files)
    read = (
        Paragraph(content=(f"Read: {plural(len(files), 'file')} of {reproduction.record}.",)),
        Items(entries=entries),
    )
    repairs = (
        Paragraph(content=("Put right on reading, the files themselves left as they are:",)),
        Items(entries=tuple((sentence(note),) for note in reproduction.notes)),
    )
    return Section(
        id="provenance",
        title="Provenance",
        blocks=(
            *(read if files else ()),
            *(repairs if reproduction.notes else ()),
            Paragraph(content=(_STAMP,)),
        ),
    )
