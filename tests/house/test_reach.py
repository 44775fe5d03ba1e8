"""Everything that is built can be reached: from `bw`, the command, a registered room, a document.

One definition uses another where its name, or `module.name`, stands in it. Tests do not count as
callers, and neither do benchmarks: what only they call is given a door or deleted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import backwalk_stats
from backwalk_stats.registry import HTML, TEXT, Namespace

ROOT = Path(__file__).parents[2]
Place = tuple[str, str]  # module and name; the name "" is what a module does when it is imported

# Rooms whose members `registry.members` finds, and what it is that their callers ask of a member.
ROOMS = {
    "backwalk_stats.instruments": ["INSTRUMENT"],
    "backwalk_stats.ledger.checks": ["CHECK"],
    "backwalk_stats.loaders.checks": ["check"],
    "backwalk_stats.plan.sections": ["ORDER", "section"],
    "backwalk_stats.report.sections_motion": ["ORDER", "section"],
    "backwalk_stats.report.sections_record": ["ORDER", "section"],
    "backwalk_stats.report.sections_trial": ["ORDER", "section"],
}
FIGURES = "backwalk_stats.figures"
COMMAND = ("backwalk_stats.cli.app", "main")
REGISTERING = ("command", "callback")  # decorators of the command line
# Asked for by Python and by installers, not by a name in the code.
BY_PYTHON = [("backwalk_stats", "__getattr__")]
# What only benchmarks call and stays, each with its reason.
FOR_BENCHMARKS: dict[Place, str] = {}


class Graph:
    """The definitions of every module, and where its other names come from."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.statements: dict[Place, list[ast.stmt]] = {}
        self.names: dict[str, dict[str, Place]] = {}
        for file in files:
            module = module_name(file)
            tree = ast.parse(file.read_text(encoding="utf-8"))
            self.names[module] = dict(imports(tree))
            for line in flat(tree.body):
                for name in bound(line) or [""]:
                    self.statements.setdefault((module, name), []).append(line)

    def settled(self, module: str, name: str) -> Place | None:
        """Return where a name of a module is defined, through modules that pass it on."""
        for _ in range(10):
            if f"{module}.{name}" in self.names:
                return None  # a module: what is taken from it is told by `module.name`
            if (module, name) in self.statements:
                return module, name
            if name not in self.names.get(module, {}):
                return None
            module, name = self.names[module][name]
        raise AssertionError(f"{module}.{name} is passed on in a circle")

    def used_by(self, place: Place) -> Iterator[Place | None]:
        """Yield what a definition uses; whatever is used has its module imported."""
        module = place[0]
        yield (module, "")
        for node in (n for line in self.statements.get(place, []) for n in ast.walk(line)):
            if isinstance(node, ast.Name):
                yield self.settled(module, node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                source = self.names[module].get(node.value.id)
                if source is not None:
                    yield self.settled(".".join(filter(None, source)), node.attr)

    def reached_from(self, start: Iterable[Place]) -> set[Place]:
        """Return every place that is used, directly or not."""
        reached: set[Place] = set()
        waiting = list(start)
        while waiting:
            place = waiting.pop()
            if place not in reached:
                reached.add(place)
                waiting += [used for used in self.used_by(place) if used is not None]
        return reached


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements of a module, those in `if` and `try` one by one."""
    for line in body:
        if isinstance(line, ast.If):
            yield from flat([*line.body, *line.orelse])
        elif isinstance(line, ast.Try):
            yield from flat([*line.body, *line.orelse, *line.finalbody])
        else:
            yield line


def bound(line: ast.stmt) -> list[str]:
    """Return the names that a statement defines; none where it runs at import."""
    if isinstance(line, ast.FunctionDef | ast.ClassDef):
        decorators = (getattr(one, "func", one) for one in line.decorator_list)
        # `@app.command()` hands a function over: it is used without its name being said again.
        handed_over = any(getattr(one, "attr", "") in REGISTERING for one in decorators)
        return [] if handed_over else [line.name]
    targets = getattr(line, "targets", [getattr(line, "target", None)])
    return [
        node.id
        for target in targets
        if isinstance(target, ast.AST)
        for node in ast.walk(target)
        if isinstance(node, ast.Name)
    ]


def imports(tree: ast.AST) -> Iterator[tuple[str, Place]]:
    """Yield the names that are imported anywhere in a tree, each with its module and name there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("backwalk_stats"):
            for one in node.names:
                yield one.asname or one.name, (str(node.module), one.name)
        elif isinstance(node, ast.Import):
            for one in node.names:
                if one.name.startswith("backwalk_stats"):
                    yield one.asname or one.name, (one.name, "")


def public_places(namespace: ModuleType = backwalk_stats) -> Iterator[Place]:
    """Yield where every name of `bw` and of its namespaces is defined."""
    sources = namespace._sources if isinstance(namespace, Namespace) else {}
    for module, name in sources.values():
        if name:
            yield module, name
        else:
            yield from public_places(import_module(module))
    if not sources:
        yield from ((namespace.__name__, name) for name in namespace.__all__)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph((ROOT / "backwalk_stats").rglob("*.py"))


def starts(graph: Graph) -> Iterator[Place]:
    yield from [COMMAND, *BY_PYTHON, *FOR_BENCHMARKS]
    yield from (place for one in public_places() if (place := graph.settled(*one)))
    for room, asked in ROOMS.items():
        inside = [name for name in graph.names if name.rpartition(".")[0] == room]
        yield from ((module, name) for module in inside for name in asked)
    for module in graph.names:  # `report.document.drawing.picture` asks a figure by its file's name
        room, _, stem = module.rpartition(".")
        if room == FIGURES and (module, "alt_text") in graph.statements:
            yield from ((module, stem), (module, "alt_text"))
    for name in {*HTML.values(), *TEXT.values()}:  # `registry.rendered` imports them by these names
        yield name.rpartition(".")[0], name.rpartition(".")[2]
    for file in [*(ROOT / "docs").rglob("*.py"), *(ROOT / "notebooks").glob("*.py")]:
        for _, (module, name) in imports(ast.parse(file.read_text(encoding="utf-8"))):
            yield graph.settled(module, name) or (module, "")


def test_everything_can_be_reached(graph: Graph):
    reached = graph.reached_from(starts(graph))
    lost = [
        f"{module}.{name}"
        for module, name in graph.statements
        if name not in ("", "__all__") and (module, name) not in reached
    ]
    assert not lost, "give each a door or delete it"


def test_no_reason_is_given_for_what_is_reached_anyway(graph: Graph):
    others = [place for place in starts(graph) if place not in FOR_BENCHMARKS]
    assert not graph.reached_from(others) & FOR_BENCHMARKS.keys()


def test_every_room_that_is_searched_is_known(graph: Graph):
    """A call of `members` names its room, directly or as a parameter's default or argument."""
    searching = [
        module
        for module, names in graph.names.items()
        if ("backwalk_stats.registry", "members") in names.values()
    ]
    packages = {name for name in graph.names if any(n.startswith(f"{name}.") for n in graph.names)}
    rooms = {
        ".".join(filter(None, source))
        for module in [*searching, "backwalk_stats.report.writers.outputs"]
        for source in graph.names[module].values()
    }
    assert (rooms & packages) - {"backwalk_stats.report"} <= ROOMS.keys()
    assert packages >= ROOMS.keys()


def test_what_nobody_calls_is_found():
    file = ROOT / "docs" / "markdown.py"
    graph = Graph([file])
    module = module_name(file)
    lone = graph.reached_from([(module, "cell")])
    assert (module, "cell") in lone and (module, "table") not in lone
