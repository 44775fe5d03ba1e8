"""Where this report came from, and where the stamp is."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.trial.result import Reproduction

ORDER = 99
_STAMP = (
    "The same record gives this report again, byte for byte. Versions of the programs, the hash of "
    "every output and the time of the run therefore stand apart, in provenance.json beside it."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the files that were read, what was put right in them, and a word on the stamp."""
    files = sorted(reproduction.sources.items())
    entries = tuple((f"{name}: sha256 {digest}",) for name, digest in files)
    read = (
        document.Paragraph(
            content=(f"Read: {text.plural(len(files), 'file')} of {reproduction.record}.",)
        ),
        document.Items(entries=entries),
    )
    repairs = (
        document.Paragraph(
            content=("Put right on reading, the files themselves left as they are:",)
        ),
        document.Items(entries=tuple((text.sentence(note),) for note in reproduction.notes)),
    )
    return document.Section(
        id="provenance",
        title="Provenance",
        blocks=(
            *(read if files else ()),
            *(repairs if reproduction.notes else ()),
            document.Paragraph(content=(_STAMP,)),
        ),
    )
