"""Every row of the list of bad inputs has a test in this folder that is named after it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.bad_inputs.row_names import read_rows, row_name


def functions(folder: Path) -> set[str]:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("test_*.py"))
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_has_a_test(shared):
    rows = read_rows(shared / "reliability" / "bad_inputs.csv")
    names = [row_name(group, text) for group, text in rows]
    assert len(rows) > 100 and len(set(names)) == len(rows)
    known = functions(Path(__file__).parent)
    assert not [name for name in names if not any(test.startswith(name) for test in known)]


def test_row_names_are_the_first_words():
    name = row_name("num", "Text ranges '5-6', '>100', '<LLOQ', '7/10'")
    assert name == "test_num_text_ranges_5_6_100_lloq_7_10"
