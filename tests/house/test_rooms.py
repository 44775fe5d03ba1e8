"""Each room has a sign at its door: one sentence in `__init__.py`, and nothing else in it.

A room whose names are public also loads them, from the stub beside its sign.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "backwalk_stats"
LOADING = [
    "from backwalk_stats.registry import load_names_when_used",
    "load_names_when_used(__name__)",
]
SIGNS = sorted(PACKAGE.rglob("*/__init__.py"))


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.parent.name for sign in SIGNS])
def test_room_has_a_sign_and_no_code(sign: Path):
    tree = ast.parse(sign.read_text(encoding="utf-8"))
    text = ast.get_docstring(tree)
    assert text and text.strip().endswith(".")
    assert len(text.splitlines()[0]) > 20
    loading = LOADING if sign.with_suffix(".pyi").exists() else []
    assert [ast.unparse(line) for line in tree.body[1:]] == loading, (
        "a room's members are imported from where they are"
    )


def test_no_room_is_empty():
    empty = [
        sign.parent.name
        for sign in SIGNS
        if len(list(sign.parent.rglob("*.py"))) == len(list(sign.parent.rglob("__init__.py")))
        and not sign.with_suffix(".pyi").exists()
    ]
    assert not empty, "a room appears when it has something to hold"
