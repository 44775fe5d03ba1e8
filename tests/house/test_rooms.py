"""Each room has a sign at its door: one sentence in `__init__.py`, and nothing else in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "backwalk_stats"
SIGNS = sorted(PACKAGE.rglob("*/__init__.py"))


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.parent.name for sign in SIGNS])
def test_room_has_a_sign_and_no_code(sign: Path):
    tree = ast.parse(sign.read_text(encoding="utf-8"))
    text = ast.get_docstring(tree)
    assert text and text.strip().endswith(".")
    assert len(text.splitlines()[0]) > 20
    assert len(tree.body) == 1, "a room's members are imported from where they are"


def test_no_room_is_empty():
    empty = [
        sign.parent.name
        for sign in SIGNS
        if len(list(sign.parent.rglob("*.py"))) == len(list(sign.parent.rglob("__init__.py")))
    ]
    assert not empty, "a room appears when it has something to hold"
