"""The answer, first: what holds, what does not, and what nobody can tell from public numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document.badges import (
    CHECKED,
    FAILING,
    claim_badge,
    claim_counts,
    verdict_badge,
    verdict_counts,
)
from backwalk_stats.report.document.document import (
    Answer,
    Link,
    Paragraph,
    Section,
    Statement,
    Text,
)
from backwalk_stats.report.document.text import first_anchors, plural, sentence, slug, typeset
from backwalk_stats.report.ledger_rows import what_text
from backwalk_stats.tables.labels import QUANTITIES, ledger_labels, words_for
from backwalk_stats.tables.numbers import frame_rows

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.result import Reproduction

ORDER = 10
MOST_SHOWN = 12


def section(reproduction: Reproduction) -> Section:
    """Return the first section of the report."""
    about = Paragraph(content=_about_ledger(reproduction))
    if len(reproduction.claims):
        box = Answer(
            lead=(_about_claims(reproduction.claims),),
            statements=_claim_statements(reproduction.claims),
        )
    else:
        box = Answer(
            lead=_about_ledger(reproduction),
            statements=_failing_statements(reproduction),
        )
    blocks = (box, about) if len(reproduction.claims) else (box,)
    return Section(id="answer", title="The answer", blocks=blocks)


def _about_claims(claims: pd.DataFrame) -> str:
    """Return one sentence on how the claims fared."""
    parts = [_fared(verdict, count) for verdict, count in claim_counts(claims)]
    return (
        f"The article makes {plural(len(claims), 'claim')} about backward walking. Judged by the "
        f"numbers that were published and can be recomputed, {'; '.join(parts)}."
    )


def _fared(verdict: str, count: int) -> str:
    """Return how many claims met a verdict, as a clause."""
    one = count == 1
    clauses = {
        "holds": "holds" if one else "hold",
        "does not hold as cited": f"{'does' if one else 'do'} not hold as cited",
        "not testable from what is public": f"{'is' if one else 'are'} not testable from what is "
        "public",
        "no evidence in the base": f"{'has' if one else 'have'} no evidence in the base",
    }
    return f"{count} {clauses.get(verdict, verdict)}"


def _about_ledger(reproduction: Reproduction) -> Text:
    """Return the counts of the ledger in a few sentences."""
    ledger = reproduction.ledger
    if not len(ledger):
        return ("The record holds no printed number that could be looked at.",)
    counts = dict(verdict_counts(ledger))
    checked = sum(counts.get(code, 0) for code in CHECKED)
    failing = sum(counts.get(code, 0) for code in FAILING)
    studies = plural(len(reproduction.studies), "study", "studies")
    return (
        f"{plural(len(ledger), 'printed quantity', 'printed quantities')} of {studies} were looked "
        f"at. {checked} could be recomputed from other printed numbers: "
        f"{plural(counts.get('reproduced', 0), 'was', 'were')} reproduced, "
        f"{plural(counts.get('compatible', 0), 'is', 'are')} "
        f"compatible with them, and ",
        Link(text=plural(failing, "does not fit", "do not fit"), target="#does-not-hold"),
        f". For {len(ledger) - checked} nothing printed determines the number; that is said in "
        "each row of the ",
        Link(text="ledger", target="#ledger"),
        ".",
    )


def _claim_statements(claims: pd.DataFrame) -> tuple[Statement, ...]:
    """Return a statement for every claim, in the order of the article."""
    return tuple(
        Statement(
            label=str(row["claim_id"]),
            badge=claim_badge(str(row["verdict"])),
            claim=str(row["claim"]),
            explanation=typeset(str(row["explanation"])),
            target=f"#claim-{slug(str(row['claim_id']))}",
        )
        for row in frame_rows(claims)
    )


def _failing_statements(reproduction: Reproduction) -> tuple[Statement, ...]:
    """Return the findings that fail, for a record without claims; the first ones only."""
    ledger = reproduction.ledger
    labels = ledger_labels(reproduction.studies, ledger)
    anchors = first_anchors(ledger["finding_id"].astype(str))
    failing = ledger[ledger["verdict"].isin(FAILING)].head(MOST_SHOWN)
    return tuple(
        Statement(
            label=labels[str(row["study_id"])],
            badge=verdict_badge(str(row["verdict"])),
            claim=f"{what_text(row)}: {words_for(str(row['quantity']), QUANTITIES)} "
            f"{row['reported']}",
            explanation=sentence(typeset(str(row["reason"]))),
            target=f"#{anchors[str(row['finding_id'])]}",
        )
        for row in frame_rows(failing)
    )
