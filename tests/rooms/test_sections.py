"""What every section of the report promises."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.registry import members
from backwalk_stats.report import sections_record as sections
from backwalk_stats.report.document.document import Section
from backwalk_stats.trial import tables
from backwalk_stats.trial.result import Reproduction

SECTIONS = members(sections)
IDS = [module.__name__.rpartition(".")[2] for module in SECTIONS]
STUDIES = ("study_id", "citation", "doi", "url", "design", "arms", "n_randomised", "year")


@pytest.fixture(scope="module")
def nothing() -> Reproduction:
    """A record in which nothing was printed."""
    frames: dict[str, Any] = {
        field.name: pd.DataFrame(columns=list(getattr(tables, field.name.upper(), STUDIES)))
        for field in dataclasses.fields(Reproduction)
        if "DataFrame" in str(field.type)
    }
    return Reproduction(**frames, record="an empty record")


@pytest.mark.parametrize("module", SECTIONS, ids=IDS)
def test_section_copes_with_an_empty_record(module, nothing):
    built = module.section(nothing)
    assert built is None or isinstance(built, Section)


def test_each_section_has_its_own_place():
    orders = [module.ORDER for module in SECTIONS]
    assert all(isinstance(order, int) for order in orders)
    assert len(set(orders)) == len(orders)
