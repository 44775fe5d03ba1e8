"""Text that makes an ambiguous regular expression slow, made from the expression itself."""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parents[2] / "backwalk_stats"
REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
CLASSES = {
    codes.CATEGORY_DIGIT: "1", codes.CATEGORY_NOT_DIGIT: "a", codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a", codes.CATEGORY_WORD: "a", codes.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
TRIED = "aA1 .,-'é(\t=\n"
ENDS = ("", "\x00", "! ", "@")
LINEAR = 8.0  # times as long for four times the text: linear is 4, quadratic 16
SHORT = 0.003  # seconds below which a ratio says nothing


METHODS = frozenset(["match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn"])
Found = tuple[str, re.Pattern[str], tuple[str, ...]]


def patterns_of(module: ModuleType) -> Iterator[Found]:
    """Yield the expressions of a module, each with its place and the methods that are called on it.

    Those that it holds by a name, also within tables, and those written into calls of `re`. One
    without a name of its own is called as any expression of the module is.
    """
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    by_name: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            by_name.setdefault(ast.unparse(node.value).rpartition(".")[2], set()).add(node.attr)
    # A constant is called by its own name: what is left is called through a variable.
    lower = [name for name in by_name if name != "re" and not name.isupper()]
    every = {use for name in lower for use in by_name[name]} - {"split"}
    found: list[tuple[str, object]] = list(vars(module).items())
    while found:
        name, value = found.pop()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            yield name, value, tuple(sorted(by_name.get(name, every)))
        elif isinstance(value, dict):
            found += [(name, one) for pair in value.items() for one in pair]
        elif isinstance(value, list | tuple | set | frozenset):
            found += [(name, one) for one in value]
        elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
            found += [(name, getattr(value, one, None)) for one in value.__dataclass_fields__]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called.removeprefix("re.") in METHODS and called.startswith("re."):
            written = node.args[0]
            if isinstance(written, ast.Constant) and isinstance(written.value, str):
                use = called.removeprefix("re.")
                yield f"line {node.lineno}", re.compile(written.value), (use,)


def modules_of(*rooms: str) -> list[str]:
    """Return the names of the modules below rooms of the package."""
    files = [file for room in rooms for file in sorted((PACKAGE / room).rglob("*.py"))]
    return [
        ".".join(["backwalk_stats", *file.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(
            ".__init__"
        )
        for file in files
    ]


def attacks(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """Return what stands before, again and again, and after, for each repeat of an expression."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    found: dict[tuple[str, str, str], None] = {}
    for before, body in _repeats(tree, ""):
        pumped = {sample for sample in _samples(body)} | {_sample(body) * 2}
        pumped |= {one + two for one in list(pumped)[:3] for two in list(pumped)[:3]}
        for pump in pumped - {""}:
            for start in {"", before}:
                for end in ENDS:
                    found[start, pump, end] = None
    for sign in TRIED:
        if found:
            found["", sign, "\x00"] = None
    return list(found)


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, Any]]:
    for code, value in tree:
        if code in REPEATS:
            low, high, body = value
            if high is codes.MAXREPEAT or high > 20:
                yield before, body
            yield from _repeats(body, before)
            before += _sample(body) * max(low, 1)
        else:
            for inner in _inside(code, value):
                yield from _repeats(inner, before)
            before += _sample([(code, value)])


def _inside(code: Any, value: Any) -> list[Any]:
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    if code is codes.ATOMIC_GROUP:
        return [value]
    return []


def _samples(tree: Any) -> list[str]:
    """Return some texts that a part of an expression matches."""
    texts = [_sample(tree)]
    for code, value in tree:
        if code is codes.IN:
            texts += [sign for sign in TRIED if _is_in(sign, value)]
        elif code in REPEATS:
            texts += _samples(value[2])
        else:
            texts += [text for inner in _inside(code, value) for text in _samples(inner)]
    return list(dict.fromkeys(texts))[:12]


def _sample(tree: Any) -> str:
    text = ""
    for code, value in tree:
        if code is codes.LITERAL:
            text += chr(value)
        elif code is codes.NOT_LITERAL:
            text += "a" if value != ord("a") else "b"
        elif code is codes.ANY:
            text += "a"
        elif code is codes.IN:
            text += next((sign for sign in TRIED if _is_in(sign, value)), _first(value))
        elif code in REPEATS:
            text += _sample(value[2]) * max(value[0], 1)
        elif code is codes.BRANCH:
            text += _sample(value[1][0])
        elif code in (codes.SUBPATTERN, codes.ATOMIC_GROUP):
            text += _sample(_inside(code, value)[0])
    return text


def _first(members: Any) -> str:
    for code, value in members:
        if code is codes.LITERAL:
            return chr(value)
        if code is codes.RANGE:
            return chr(value[0])
        if code is codes.CATEGORY:
            return CLASSES.get(value, "a")
    return "a"


def _is_in(sign: str, members: Any) -> bool:
    place, negated, inside = ord(sign), False, False
    for code, value in members:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            inside |= value == place
        elif code is codes.RANGE:
            inside |= value[0] <= place <= value[1]
        elif code is codes.CATEGORY:
            shown = {
                codes.CATEGORY_DIGIT: sign.isdigit(), codes.CATEGORY_NOT_DIGIT: not sign.isdigit(),
                codes.CATEGORY_SPACE: sign.isspace(), codes.CATEGORY_NOT_SPACE: not sign.isspace(),
                codes.CATEGORY_WORD: sign.isalnum(), codes.CATEGORY_NOT_WORD: not sign.isalnum(),
            }  # fmt: skip
            inside |= shown.get(value, False)
    return inside != negated


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` where what is within takes longer."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def slow_ways(
    pattern: re.Pattern[str], uses: tuple[str, ...], most: int = 4000
) -> list[tuple[str, tuple[str, str, str], float]]:
    """Return the uses and texts for which an expression takes more than in proportion to length."""
    found = []
    for use in uses:
        call = getattr(pattern, use)
        run = (lambda text, call=call: call("", text)) if use.startswith("sub") else call
        for before, pump, end in attacks(pattern):
            ratio = _growth(run, before, pump, end, most)
            if ratio > LINEAR:
                found.append((use, (before, pump, end), ratio))
                break
    return found


def _growth(run: Any, before: str, pump: str, end: str, most: int) -> float:
    """Return how many times as long four times the text takes; infinity where it never ends."""
    took: dict[int, float] = {}
    for length in (24, most // 4, most):
        text = before + pump * (length // len(pump)) + end
        try:
            with at_most(2.0):
                took[length] = min(_timed(run, text) for _ in range(1 + (length < 100)))
        except TimeoutError:
            return float("inf")
    if took[most] < SHORT:
        return 0.0
    again = [
        _timed(run, before + pump * (length // len(pump)) + end) for length in (most // 4, most)
    ]
    return min(took[most], again[1]) / max(took[most // 4], again[0], 1e-6)


def _timed(run: Any, text: str) -> float:
    start = time.process_time()
    result = run(text)
    if hasattr(result, "__next__"):
        for _ in result:
            pass
    return time.process_time() - start


def module(name: str) -> ModuleType:
    """Return a module by its name."""
    return importlib.import_module(name)
