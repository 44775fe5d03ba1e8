"""Every claim with what it rests on: studies, and the findings that were recomputed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.ledger.claims.plain_words import in_full
from backwalk_stats.report.document import badges, document, text
from backwalk_stats.report.ledger_rows import printed_text, recomputed_words, what_text
from backwalk_stats.tables import labels, numbers
from backwalk_stats.tables.record import study_addresses
from backwalk_stats.tables.record_counts import OWN
from backwalk_stats.trial.result import Reproduction

ORDER = 20
_STARTS = (
    "Printed for it|Printed against it|No difference is printed|A difference is printed"
    "|Not of the claimed kind|To settle it"
)
_SURE = (
    "Neither shown|The findings do not|The whole interval|So nothing|That does not"
    "|No difference was|Nothing speaks|Higher values|Lower values"
)
_NEXT = re.compile(rf"(?<=\.) (?=(?:{_STARTS}|{_SURE}|The source|Backward walking added to)\b)")
_HEAD = re.compile(rf"Claimed:|(?:{_STARTS})\b:?")
_COMPARISON = ("study_id", "outcome", "contrast")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """What studies are called and where findings stand."""

    labels: dict[str, str]
    anchors: dict[str, str]

    def link(self, row: numbers.Row, joint: str) -> document.Link:
        """Return a link to a row of the ledger, named by study and comparison."""
        study_id = str(row["study_id"])
        label = self.labels[study_id]
        target = f"#{self.anchors[str(row['finding_id'])]}"
        return document.Link(text=f"{label}{joint}{in_full(what_text(row))}", target=target)


def section(reproduction: Reproduction) -> document.Section:
    """Return the claims, each under its own heading."""
    blocks: list[document.Block] = []
    for row in numbers.frame_rows(reproduction.claims):
        blocks += _claim_blocks(row, reproduction)
    return document.Section(
        id="claims", title="Claim by claim", short="Claims", blocks=tuple(blocks)
    )


def _claim_blocks(claim: numbers.Row, reproduction: Reproduction) -> list[document.Block]:
    """Return heading, verdict, explanation, what to read, and the evidence of one claim."""
    claim_id = str(claim["claim_id"])
    title = f"{claim_id}. {labels.sentence_case(str(claim['topic']))}"
    line = text.unbroken(text.typeset(str(claim["in_one_line"]))) or str(claim["claim"])
    blocks: list[document.Block] = [
        document.Subheading(id=f"claim-{text.slug(claim_id)}", text=title),
        document.Paragraph(
            content=(
                badges.claim_badge(str(claim["verdict"])),
                " ",
                document.Strong(text=text.sentence(line)),
            )
        ),
        *(document.Paragraph(content=part) for part in _parts(str(claim["explanation"]))),
    ]
    for content in (
        _to_read(str(claim["to_read"]), reproduction.studies),
        _studies_text(str(claim["study_ids"]), reproduction),
    ):
        blocks += [document.Paragraph(content=content)] if content else []
    return blocks + _finding_blocks(str(claim["finding_ids"]), reproduction)


def _parts(explanation: str) -> list[document.Text]:
    """Return an explanation in short paragraphs, what each is about in bold at its beginning."""
    found: list[document.Text] = []
    for part in _NEXT.split(text.unbroken(text.typeset(explanation))):
        head = _HEAD.match(part)
        lead = head.group(0) if head else ""
        found.append((document.Strong(text=lead), part[len(lead) :]) if lead else (part,))
    return found


def _to_read(joined: str, studies: pd.DataFrame) -> document.Text:
    """Return what would have to be read, each paper with its address."""
    named = labels.study_labels(studies).values()
    places = dict(zip(named, study_addresses(studies), strict=True))
    links: list[document.Inline] = []
    for name in _ids(joined):
        links += ["; "] if links else [" "]
        links.append(document.Link(text=name, target=places.get(name, "")))
    return (document.Strong(text="To read:"), *links, ".") if links else ()


def _ids(joined: str) -> list[str]:
    """Return the parts of a list joined by semicolons."""
    return [part.strip() for part in joined.split(";") if part.strip()]


def _studies_text(joined: str, reproduction: Reproduction) -> document.Text:
    """Return the studies of a claim, as links to the list of studies where they stand in it."""
    studies, known_of = reproduction.studies, reproduction.evidence_map
    anchors = text.study_anchors(studies["study_id"].astype(str), prefix="study")
    others = dict(zip(known_of["study_id"].astype(str), known_of["label"].astype(str), strict=True))
    named = {**others, **labels.study_labels(studies)}
    links: list[document.Inline] = []
    for study_id in _ids(joined):
        label = named.get(study_id, labels.study_label(study_id))
        known = study_id in anchors
        links += [", "] if links else []
        links.append(document.Link(text=label, target=f"#{anchors[study_id]}") if known else label)
    return ("Studies that bear on it: ", *links, ".") if links else ()


def _finding_blocks(joined: str, reproduction: Reproduction) -> list[document.Block]:
    """Return the findings of a claim: recomputed ones by comparison, the others in one sentence."""
    ledger = reproduction.ledger
    mine = ledger[ledger["finding_id"].astype(str).isin(_ids(joined))]
    checked = mine[mine["verdict"].isin(badges.CHECKED)]
    rest = _without_any_check(mine).drop_duplicates(list(_COMPARISON))
    name = _Names(
        labels=labels.ledger_labels(reproduction.studies, ledger),
        anchors=text.first_anchors(ledger["finding_id"].astype(str)),
    )
    blocks: list[document.Block] = []
    if len(checked):
        compared = checked.groupby(list(_COMPARISON), sort=False)
        entries = tuple(_entry(numbers.frame_rows(rows), name) for _, rows in compared)
        blocks.append(document.Items(entries=entries))
    if len(rest):
        content = _rest_text(numbers.frame_rows(rest), name)
        blocks.append(document.Paragraph(content=content, on_paper=False))
    return blocks


def _without_any_check(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of comparisons of which nothing could be recomputed."""
    checked = findings["verdict"].isin(badges.CHECKED)
    by_comparison = [findings[name].astype(str) for name in _COMPARISON]
    return findings[~checked.groupby(by_comparison).transform("any").astype(bool)]


def _entry(rows: list[numbers.Row], name: _Names) -> document.Text:
    """Return one comparison as a line: what was printed, by verdict."""
    parts: list[document.Inline] = [name.link(rows[0], ": "), ":"]
    for verdict in badges.CHECKED:
        same = [row for row in rows if row["verdict"] == verdict]
        if same:
            texts = Counter(_quantity_text(row) for row in same)
            said = "; ".join(
                words if times == 1 else f"{words} ({times} checks)"
                for words, times in texts.items()
            )
            parts += [" ", badges.verdict_badge(verdict), f" {said}."]
    if any(row["origin"] in OWN for row in rows):
        parts.append(" Collectors’ own.")
    return tuple(parts)


def _quantity_text(row: numbers.Row) -> str:
    """Return a printed quantity; with its numbers where a reader will ask for them."""
    if row["verdict"] not in badges.FAILING and row["quantity"] != "p_value":
        return labels.words_for(str(row["quantity"]), labels.QUANTITIES)
    return ", ".join(part for part in (printed_text(row), recomputed_words(row)) if part)


def _rest_text(rows: list[numbers.Row], name: _Names) -> document.Text:
    """Return the findings that nothing printed determines, as links in one sentence."""
    links: list[document.Inline] = []
    for row in rows:
        links += ["; "] if links else []
        links.append(name.link(row, ", "))
    count = text.plural(len(rows), "comparison")
    return (f"Printed without what would be needed to recompute it, {count}: ", *links, ".")
