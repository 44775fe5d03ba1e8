"""The files that were read, the seed, and where the stamp is."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.trial.locked_plan import in_words

ORDER = 118
_STAMP = (
    "The same files, the same trial file and the same versions of the programs give this report "
    "again, byte for byte. The hash of every output, the command, the programs and the time of the "
    "run stand apart, in provenance.json beside it."
)


def section(subject: TrialSubject) -> document.Section:
    """Return names and hashes of the files, without their folders."""
    files = sorted(subject.trial.sources.items())
    seed = f"Random numbers, where an analysis draws any, start from the seed {_seed(subject)}."
    read = f"Read: {text.plural(len(files), 'file')}." if files else "No file was read."
    listed = document.Items(entries=tuple((f"{name}: sha256 {digest}",) for name, digest in files))
    held = document.paragraphs(_plan(subject))
    return document.Section(
        id="provenance",
        title="Provenance",
        appendix=True,
        blocks=(
            document.Paragraph(content=(read,)),
            *((listed,) if files else ()),
            document.Paragraph(content=(seed,)),
            *held,
            document.Paragraph(content=(_STAMP,)),
        ),
    )


def _plan(subject: TrialSubject) -> list[str]:
    """Return the whole hash of the plan that the trial file is held against."""
    plan = subject.trial.plan
    held = None if plan is None else plan.held
    if held is None:
        return []
    return [f"Plan: locked on {in_words(held.locked)}, sha256 of its canonical form {held.hash}."]


def _seed(subject: TrialSubject) -> int:
    return subject.trial.study.seed
