"""Files of 600 lines and functions of 40 at most; no drawer for odds and ends."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "backwalk_stats"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE = 600
MAX_FUNCTION = 40
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc", "manager"}


def names(files: list[Path]) -> list[str]:
    return [str(file.relative_to(PACKAGE)) for file in files]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, its docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_file_is_short_and_named_for_its_idea(file: Path):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_FILE, "look for the second idea in this file"
    assert not DRAWERS & set(file.stem.split("_")), "name the file by the field's word"


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_functions_are_short(file: Path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    long = {node.name: body_lines(node) for node in functions(tree)}
    assert not {name: size for name, size in long.items() if size > MAX_FUNCTION}


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_everything_public_says_what_it_is(file: Path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module begins with a sentence"
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_body_lines_leave_the_docstring_out():
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a\n'
    assert [body_lines(node) for node in functions(ast.parse(source))] == [2]
