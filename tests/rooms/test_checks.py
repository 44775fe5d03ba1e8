"""What every ledger check promises."""

from __future__ import annotations

from typing import get_args

import pytest

from backwalk_stats.ledger import checks
from backwalk_stats.ledger.case import Check, Scope
from backwalk_stats.registry import members

CHECKS = members(checks)
IDS = [module.__name__.rpartition(".")[2] for module in CHECKS]


@pytest.mark.parametrize("module", CHECKS, ids=IDS)
def test_check_says_what_it_does_and_where_it_is_published(module):
    check = module.CHECK
    assert isinstance(check, Check)
    assert check.name == module.__name__.rpartition(".")[2], "the file has the check's name"
    assert check.scope in get_args(Scope)
    assert callable(check.run)
    for text in (check.title, check.formula, check.reference):
        assert text.strip() and "\n" not in text


def test_names_and_titles_are_unique():
    for field in ("name", "title"):
        values = [getattr(module.CHECK, field) for module in CHECKS]
        assert len(set(values)) == len(values)
