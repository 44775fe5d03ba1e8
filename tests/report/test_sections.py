"""What the sections say, read as a reader would."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from backwalk_stats.ledger.rows import design_class
from backwalk_stats.report.document.document import Document, Items, LedgerBlock, Section
from backwalk_stats.report.writers.outputs import build
from backwalk_stats.tables.labels import DESIGNS
from backwalk_stats.trial.result import Reproduction


def words(value: object) -> Iterator[str]:
    """Yield every text of a document, in reading order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from words(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from words(getattr(value, field.name))


def part(document: Document, section_id: str) -> Section:
    """Return a section by its name."""
    return next(section for section in document.sections if section.id == section_id)


def test_counts_are_those_of_the_frame(plain_record: Reproduction) -> None:
    ledger = plain_record.ledger.copy()
    ledger.loc[1, "origin"], ledger.loc[2, "origin"] = "review", "collector"
    said = "".join(words(part(build(replace(plain_record, ledger=ledger)), "answer").blocks[-1]))
    assert said.startswith(
        "4 numbers printed by papers and 1 by reviews were looked at: 2 come out"
    )
    assert "1 fits within rounding, 0 cannot be derived, 2 do not hold." in said
    assert "1 number of the collectors’ own is counted apart." in said


def test_without_claims_the_answer_is_the_pool_and_the_counts(plain_record: Reproduction) -> None:
    document = build(replace(plain_record, claims=plain_record.claims.iloc[:0]))
    kinds = [block.kind for block in part(document, "answer").blocks]
    assert kinds == ["opening", "figure", "paragraph"]
    assert "claims" not in [section.id for section in document.sections]


def test_what_the_collectors_computed_is_not_told_of_a_paper(plain_record: Reproduction) -> None:
    ledger = plain_record.ledger.assign(origin="collector")
    document = build(replace(plain_record, ledger=ledger))
    assert "inside what rounding allows" in " ".join(words(part(document, "does-not-hold")))


def test_what_does_not_hold_says_no_more_than_it_may(plain_record: Reproduction) -> None:
    said = " ".join(words(part(build(plain_record), "does-not-hold"))).lower()
    assert "cannot all be right as printed" in said
    for word in ("fraud", "fabricat", "misconduct", "manipulat", "fake"):
        assert word not in said


def test_rows_of_one_study_and_check_are_told_together(plain_record: Reproduction) -> None:
    reason = "63 people leave at most 61; these numbers cannot all be right as printed"
    ledger = plain_record.ledger.assign(
        study_id="joshi2019", verdict="inputs_inconsistent", check="grim", reason=reason
    )
    section = part(build(replace(plain_record, ledger=ledger)), "does-not-hold")
    assert [block.kind for block in section.blocks] == ["paragraph", "paragraph", "items"]
    assert " ".join(words(section)).count("63 people") == 1
    assert isinstance(section.blocks[2], Items)
    assert len(section.blocks[2].entries) == (ledger["reported"] != "").sum() == 6


def test_what_was_put_right_on_reading_is_said(plain_record: Reproduction) -> None:
    document = build(replace(plain_record, notes=("studies.csv: read as cp1252",)))
    assert "Studies.csv: read as cp1252." in " ".join(words(part(document, "provenance")))


def test_a_study_as_a_whole_is_not_called_all(plain_record: Reproduction) -> None:
    ledger = plain_record.ledger.assign(outcome="all", contrast="", check="pooled_estimate")
    ledger["study_id"] = "pool_x"
    block = part(build(replace(plain_record, ledger=ledger)), "ledger").blocks[1]
    assert isinstance(block, LedgerBlock)
    assert [group.title for group in block.groups] == ["Pools recomputed for this record"]
    assert {row.what for row in block.groups[0].rows} == {"the study as a whole"}


def test_every_design_of_the_ledger_has_a_name() -> None:
    classes = re.findall(r'^ {8}"([^"]+)": ', inspect.getsource(design_class), re.MULTILINE)
    assert {*classes, "other"} == set(DESIGNS) and len(classes) > 5


def test_nothing_fails_is_said(plain_record: Reproduction) -> None:
    ledger = plain_record.ledger.assign(verdict="reproduced")
    document = build(replace(plain_record, ledger=ledger))
    assert "inside what rounding allows" in " ".join(words(part(document, "does-not-hold")))


def test_every_row_is_in_the_ledger_once(plain_record: Reproduction) -> None:
    block = part(build(plain_record), "ledger").blocks[1]
    assert isinstance(block, LedgerBlock)
    rows = [row for group in block.groups for row in group.rows]
    assert len(rows) == len(plain_record.ledger)
    assert [group.title for group in block.groups] == ["Chen 2021", "Joshi 2019", "Plan 2023"]


def test_sections_come_in_reading_order(plain_record: Reproduction) -> None:
    order = [section.id for section in build(plain_record).sections]
    assert order[:4] == ["answer", "claims", "evidence-map", "how-to-read"]
    assert order.index("does-not-hold") < order.index("verdicts") < order.index("ledger")
    assert order[-2:] == ["methods", "provenance"]


def test_empty_record_leaves_only_what_has_something_to_say(empty_record: Reproduction) -> None:
    order = [section.id for section in build(empty_record).sections]
    assert order == ["answer", "how-to-read", "does-not-hold", "methods", "provenance"]
