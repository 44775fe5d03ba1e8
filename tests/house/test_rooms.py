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


def loaded_by(file: Path) -> set[Path]:
    """Return the files of the package that importing a file loads at once."""
    loaded = set()
    for line in ast.parse(file.read_text(encoding="utf-8")).body:  # not in functions, not for types
        if not isinstance(line, ast.ImportFrom) or not (line.module or "").startswith(PACKAGE.name):
            continue
        place = PACKAGE.parent.joinpath(*str(line.module).split("."))
        members = [(place / name.name).with_suffix(".py") for name in line.names]
        loaded |= {member if member.exists() else place.with_suffix(".py") for member in members}
    return loaded


def test_no_file_loads_itself_on_a_way_round():
    waiting = {file: loaded_by(file) for file in PACKAGE.rglob("*.py")}
    while free := [file for file, needs in waiting.items() if not needs & waiting.keys()]:
        for file in free:
            del waiting[file]
    round_about = sorted(str(file.relative_to(PACKAGE)) for file in waiting)
    assert not round_about, "import from below only: which name starts depends on who asks first"
