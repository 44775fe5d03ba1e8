"""The files that were read, the seed, and where the stamp is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document.document import Items, Paragraph, Section
from backwalk_stats.report.document.text import plural

if TYPE_CHECKING:
    from backwalk_stats.report.subject import TrialSubject

ORDER = 99
_STAMP = (
    "The same files, the same trial file and the same versions of the programs give this report "
    "again, byte for byte. The hash of every output, the command, the programs and the time of the "
    "run stand apart, in provenance.json beside it."
)


def section(subject: TrialSubject) -> Section:
    """Return names and hashes of the files, without their folders."""
    files = sorted(subject.trial.sources.items())
    seed = f"Random numbers, where an analysis draws any, start from the seed {_seed(subject)}."
    read = f"Read: {plural(len(files), 'file')}." if files else "No file was read."
    listed = Items(entries=tuple((f"{name}: sha256 {digest}",) for name, digest in files))
    return Section(
        id="provenance",
        title="Provenance",
        blocks=(
            Paragraph(content=(read,)),
            *((listed,) if files else ()),
            Paragraph(content=(seed,)),
            Paragraph(content=(_STAMP,)),
        ),
    )


def _seed(subject: TrialSubject) -> int:
    return subject.trial.study.seed
