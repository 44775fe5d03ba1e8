"""The shape of the house: a file is a topic, a room holds few, and its cost is written down.

`budget.toml` holds the sizes and, with its reason, every exception. Change it knowingly.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "backwalk_stats"
FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [str(file.relative_to(PACKAGE)) for file in FILES]
BUDGET = tomllib.loads((Path(__file__).parent / "budget.toml").read_text(encoding="utf-8"))
MAX_FILE = 600
MIN_FILE = 60
MAX_FUNCTION = 40
MAX_FILES = 15
MAX_ROOMS = 9
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc", "manager"}
DIALECT = {"found", "one", "told", "said"}  # but `one_way`, a word of the field
MAY_BE_SMALL = {"__init__", "__main__", "errors", "registry"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def module_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def place_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def body_lines(node: Function) -> int:
    """Count the lines of a function's body, its docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def import_lines(tree: ast.AST) -> int:
    """Count the lines that import statements take."""
    return sum(
        (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def importers() -> dict[str, set[str]]:
    """Return who imports each module, lazily and for types too."""
    modules = {module_of(file) for file in FILES if file.stem != "__init__"}
    who: dict[str, set[str]] = defaultdict(set)
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = [f"{node.module}.{name.name}" for name in node.names]
                taken = [name if name in modules else node.module for name in inner]
            elif isinstance(node, ast.Import):
                taken = [name.name for name in node.names]
            else:
                continue
            for name in taken:
                if name in modules:
                    who[name].add(module_of(file))
    return who


def is_registered(folder: Path) -> bool:
    return place_of(folder) in BUDGET["registered"]


def test_the_house_keeps_its_budget():
    lines = sum(map(lines_of, FILES))
    size, added = BUDGET["size"], BUDGET["added"]
    assert len(FILES) <= size["files"] + sum(one["files"] for one in added.values())
    assert lines <= size["lines"] + sum(one["lines"] for one in added.values())
    share = 100.0 * sum(import_lines(tree_of(file)) for file in FILES) / lines
    assert share <= size["import_percent"]


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_a_file_is_a_topic(file: Path):
    lines = lines_of(file)
    assert lines <= MAX_FILE, "look for the second topic in this file"
    assert not DRAWERS & set(file.stem.split("_")), "name the file by the field's word"
    words = set(file.stem.replace("one_way", "").split("_"))
    assert not DIALECT & words, "name the file by a word to search for"
    small = file.stem in MAY_BE_SMALL or is_registered(file.parent)
    assert lines >= MIN_FILE or small or place_of(file) in BUDGET["small"], (
        "fold it into the file of its topic"
    )


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_a_function_is_a_step(file: Path):
    long = {node.name: body_lines(node) for node in functions(tree_of(file))}
    assert not {name: size for name, size in long.items() if size > MAX_FUNCTION}


def test_a_room_holds_few():
    crowded = {}
    for folder in sorted({file.parent for file in FILES} - {PACKAGE}):
        files = [file for file in folder.glob("*.py") if file.stem != "__init__"]
        rooms = [inner for inner in folder.iterdir() if (inner / "__init__.py").is_file()]
        too_many = len(files) > MAX_FILES or len(rooms) > MAX_ROOMS
        if too_many and not is_registered(folder):
            crowded[place_of(folder)] = (len(files), len(rooms))
    assert not crowded


def test_a_file_with_one_importer_next_door_is_folded_into_it():
    """Kernels of the engine and members of registered rooms stand by themselves."""
    listed, lonely = BUDGET["one_importer"], {}
    apart = {f"backwalk_stats.{room.replace('/', '.')}" for room in BUDGET["registered"]}
    for module, who in importers().items():
        room = module.rpartition(".")[0]
        engine = room.startswith("backwalk_stats.engine")
        if len(who) == 1 and room != "backwalk_stats" and room not in apart and not engine:
            (other,) = who
            if other.rpartition(".")[0] == room:
                lonely[module.removeprefix("backwalk_stats.")] = other
    assert not {name: other for name, other in lonely.items() if name not in listed}
    assert not set(listed) - set(lonely), "take these exceptions out of the budget"


def test_arguments_that_travel_together_are_a_record():
    together: Counter[tuple[str, ...]] = Counter()
    for file in FILES:
        room = file.relative_to(PACKAGE).parts[0]
        for node in functions(tree_of(file)):
            named = {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)} - {"self", "cls"}
            if "\nParameters\n" in (ast.get_docstring(node) or ""):
                continue  # a door takes what its users write
            for three in combinations(sorted(named), 3):
                together[(room, *three)] += 1
    most = BUDGET["arguments"]["together_at_most"]
    listed = {tuple(one["arguments"]) for one in BUDGET["arguments"]["exceptions"]}
    assert not {
        three: count
        for three, count in together.items()
        if count > most and three[1:] not in listed
    }


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_everything_public_says_what_it_is(file: Path):
    tree = tree_of(file)
    assert ast.get_docstring(tree), "a module begins with a sentence"
    kinds = Function | ast.ClassDef
    public = [
        node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")
    ]
    assert not [node.name for node in public if not ast.get_docstring(node)]


@pytest.mark.parametrize("kind", ["registered", "small", "one_importer"])
def test_an_exception_gives_its_reason(kind: str):
    assert all(isinstance(reason, str) and len(reason) > 20 for reason in BUDGET[kind].values())
    for name in BUDGET[kind]:
        path = name.replace(".", "/") + ".py" if kind == "one_importer" else name
        assert (PACKAGE / path).exists(), f"{name} is gone: take it out of the budget"


def test_body_lines_leave_the_docstring_out():
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a\n'
    assert [body_lines(node) for node in functions(ast.parse(source))] == [2]
