"""Statistical methods, ready for a manuscript: the exact models, the software, its versions."""

from __future__ import annotations

from backwalk_stats.report.document import document, planned, text
from backwalk_stats.report.provenance import software_sentence
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES, multiplicity_told
from backwalk_stats.tables.labels import sentence_case

ORDER = 108
_TWO_SIDED = "Tests are two-sided{but}; intervals have the level that their table or figure names."

_OWN = (
    (frozenset({"ancova", "change-score", "mixed-anova"}), "linear models"),
    (
        frozenset({"mmrm", "constrained-longitudinal", "random-slope", "crossover"}),
        "mixed models with their degrees of freedom",
    ),
    (
        frozenset({"multiple-imputation", "jump-to-reference", "copy-reference", "copy-increments",
                   "last-mean-carried-forward", "tipping-point"}),
        "imputations",
    ),
)  # fmt: skip


def section(subject: TrialSubject) -> document.Section:
    """Return the methods of every analysis that was done."""
    entries = []
    for name in dict.fromkeys(part.analysis for part in subject.analysis.parts):
        told = dict.fromkeys(
            text.sentence(part.method) for part in subject.parts(name) if part.method.strip()
        )
        head = sentence_case(ANALYSES.get(name, name.replace("-", " ")))
        entries += [(document.Strong(text=f"{head}."), f" {words}") for words in told]
    many = multiplicity_told(subject.trial)
    blocks: list[document.Block] = [document.Items(entries=tuple(entries))] if entries else []
    plan = subject.trial.plan
    seen = "" if plan is None else planned.seen_sentence(plan)
    held = f" {planned.plan_sentence(plan)} {seen}".rstrip()
    blocks += [
        document.Paragraph(content=(document.Strong(text="Plan."), held)),
        document.Paragraph(
            content=(document.Strong(text="Tests and intervals."), f" {_sides(subject)}")
        ),
        document.Paragraph(content=(document.Strong(text="Multiplicity."), f" {many}")),
        document.Paragraph(content=(document.Strong(text="Software."), f" {_software(subject)}")),
    ]
    return document.Section(
        id="methods",
        title="Statistical methods",
        short="Methods",
        blocks=tuple(blocks),
        appendix=True,
    )


def _sides(subject: TrialSubject) -> str:
    """Say which sides tests have; F tests only where there is one."""
    there = (subject.analysis.estimates["quantity"] == "f_statistic").any()
    return _TWO_SIDED.format(but=", but for F tests, which have no sides" if there else "")


def _software(subject: TrialSubject) -> str:
    """Return what computed in this analysis; the models are our own."""
    there = {part.analysis for part in subject.analysis.parts}
    own = [text for names, text in _OWN if names & there]
    listed = " and ".join(filter(None, [", ".join(own[:-1]), *own[-1:]]))
    code = f" {listed} are the package’s own code." if own else ""
    return (
        f"{software_sentence(subject.analysis.libraries)}{code[:1]}{code[1:2].upper()}{code[2:]} "
        "The programs that read the files and wrote the report stand in provenance.json."
    )
