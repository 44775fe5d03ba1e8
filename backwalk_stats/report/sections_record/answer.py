"""The answer, first: what holds, what does not, and what nobody can tell from public numbers."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.report.document import badges, document, text
from backwalk_stats.report.ledger_rows import what_text
from backwalk_stats.tables.labels import QUANTITIES, ledger_labels, words_for
from backwalk_stats.tables.numbers import frame_rows
from backwalk_stats.trial.result import Reproduction

ORDER = 10
MOST_SHOWN = 12


def section(reproduction: Reproduction) -> document.Section:
    """Return the first section of the report."""
    about = document.Paragraph(content=_about_ledger(reproduction))
    if len(reproduction.claims):
        box = document.Answer(
            lead=(_about_claims(reproduction.claims),),
            statements=_claim_statements(reproduction.claims),
        )
    else:
        box = document.Answer(
            lead=_about_ledger(reproduction), statements=_failing_statements(reproduction)
        )
    blocks = (box, about) if len(reproduction.claims) else (box,)
    return document.Section(id="answer", title="The answer", blocks=blocks)


def _about_claims(claims: pd.DataFrame) -> str:
    """Return one sentence on how the claims fared."""
    parts = [_fared(verdict, count) for verdict, count in badges.claim_counts(claims)]
    return (
        f"The article makes {text.plural(len(claims), 'claim')} about backward walking. Judged by "
        f"the numbers that were published and can be recomputed, {'; '.join(parts)}."
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


def _about_ledger(reproduction: Reproduction) -> document.Text:
    """Return the counts of the ledger in a few sentences."""
    ledger = reproduction.ledger
    if not len(ledger):
        return ("The record holds no printed number that could be looked at.",)
    counts = dict(badges.verdict_counts(ledger))
    checked = sum(counts.get(code, 0) for code in badges.CHECKED)
    failing = sum(counts.get(code, 0) for code in badges.FAILING)
    studies = text.plural(len(reproduction.studies), "study", "studies")
    return (
        f"{text.plural(len(ledger), 'printed quantity', 'printed quantities')} of {studies} were "
        f"looked at. {checked} could be recomputed from other printed numbers: "
        f"{text.plural(counts.get('reproduced', 0), 'was', 'were')} reproduced, "
        f"{text.plural(counts.get('compatible', 0), 'is', 'are')} "
        f"compatible with them, and ",
        document.Link(
            text=text.plural(failing, "does not fit", "do not fit"), target="#does-not-hold"
        ),
        f". For {len(ledger) - checked} nothing printed determines the number; that is said in "
        "each row of the ",
        document.Link(text="ledger", target="#ledger"),
        ".",
    )


def _claim_statements(claims: pd.DataFrame) -> tuple[document.Statement, ...]:
    """Return a statement for every claim, in the order of the article."""
    return tuple(
        document.Statement(
            label=str(row["claim_id"]),
            badge=badges.claim_badge(str(row["verdict"])),
            claim=str(row["claim"]),
            explanation=text.typeset(str(row["explanation"])),
            target=f"#claim-{text.slug(str(row['claim_id']))}",
        )
        for row in frame_rows(claims)
    )


def _failing_statements(reproduction: Reproduction) -> tuple[document.Statement, ...]:
    """Return the findings that fail, for a record without claims; the first ones only."""
    ledger = reproduction.ledger
    labels = ledger_labels(reproduction.studies, ledger)
    anchors = text.first_anchors(ledger["finding_id"].astype(str))
    failing = ledger[ledger["verdict"].isin(badges.FAILING)].head(MOST_SHOWN)
    return tuple(
        document.Statement(
            label=labels[str(row["study_id"])],
            badge=badges.verdict_badge(str(row["verdict"])),
            claim=f"{what_text(row)}: {words_for(str(row['quantity']), QUANTITIES)} "
            f"{row['reported']}",
            explanation=text.sentence(text.typeset(str(row["reason"]))),
            target=f"#{anchors[str(row['finding_id'])]}",
        )
        for row in frame_rows(failing)
    )
