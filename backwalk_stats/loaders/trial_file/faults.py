"""What a typed schema has to say about a trial file, in words that name the key and the choices."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from backwalk_stats.errors import Faults, InputError, nearest
from backwalk_stats.loaders.sheets.delimited import read_bytes

Tables = TypeVar("Tables", bound=BaseModel)
_KINDS = {
    "string_type": "text in quotation marks",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list in [ ]",
    "dict_type": "a table: { key = value }",
    "model_type": "a table of keys",
    "model_attributes_type": "a table of keys",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("a number above {gt}"),
    "greater_than_equal": ("{ge} or more"),
    "less_than": ("a number below {lt}"),
    "less_than_equal": ("{le} or less"),
    "too_short": ("at least {min_length} of them"),
    "too_long": ("at most {max_length} of them"),
    "string_pattern_mismatch": ("letters, digits, _ and -, 31 at most"),
}
OPEN = "?"  # what `backwalk init` writes where the answer must be the user's
MAX_BYTES = 1024 * 1024
# What a line of TOML says, without what stands in straight quotation marks or in a comment.
_CODE = re.compile(r"""(?:[^"'#]|"[^"]*"|'[^']*')*""")
_TEXT = re.compile(r""""[^"]*"|'[^']*'""")
_PLACE = re.compile(r" \(at line (\d+), column \d+\)")
_TABLE = re.compile(r"\s*\[(?!\[)([^\]]+)\]")
_LIST = re.compile(r"\s*\[\[([^\]]+)\]\]")
_KEY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')\s*=""")
_CURLY = frozenset("“”„‟‘’‚‛«»")
_REPEATED = ("Cannot overwrite a value", "Cannot declare", "Cannot mutate")


def checked_tables(found: TomlText, root: type[Tables]) -> tuple[Tables, Faults]:
    """Return a TOML file as the tables of a schema, and where its other faults are collected.

    Every key that is unknown, missing or of another type is refused.
    """
    faults = Faults(found.name, keys=found.lines, names=found.names)
    try:
        return root.model_validate(found.raw), faults
    except ValidationError as error:
        add_schema_faults(error, faults, root=root)
    raise InputError(faults.faults)


def add_schema_faults(error: ValidationError, faults: Faults, *, root: type[BaseModel]) -> None:
    """Add one fault for each thing that a schema has refused, at the dotted key of it."""
    told: set[tuple[str, str]] = set()
    for detail in error.errors(include_url=False):
        place = [part for part in detail["loc"] if part != "[key]"]
        # Values of a list that are all wrong in the same way have one cause.
        cause = (_dotted(place[:-1]), str(detail["type"]))
        if cause in told and isinstance(place[-1], int) and detail["type"] in _KINDS:
            continue
        told.add(cause)
        faults.add(_dotted(place), *_words(detail, place=place, root=root))
    faults.sort()


def _dotted(place: Sequence[str | int]) -> str:
    """Return a place in nested tables as a dotted key.

    >>> _dotted(("estimand", 0, "analysis"))
    'estimand[0].analysis'
    """
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """Return a value of a trial file as the file would write it, lists and tables by their kind.

    >>> shown("womac"), shown(True), shown([1, 2]), shown(0.5)
    ("'womac'", 'true', 'a list', '0.5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else str(value)


def _words(
    detail: ErrorDetails, *, place: list[str | int], root: type[BaseModel]
) -> tuple[str, str, str]:
    """Return what was expected and found, and what to do."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "unexpected":
        return context["expected"], shown(value), context["action"]
    if kind == "missing":
        return "this key", "no such key", _described(place, root=root)
    if kind == "extra_forbidden":
        action = nearest(str(place[-1]), _keys(place[:-1], root=root), otherwise=True)
        return "a key of this table", f"'{place[-1]}'", action
    if kind == "literal_error":
        # What a draft leaves open stands as "?"; the empty text is what a key left out means.
        choices = re.sub(r", ('[^']*') or ''", r" or \1", context["expected"])
        choices = choices.replace("'\\t'", "a tab")
        if value == OPEN:
            return f"one of {choices}", "a question that is open", "The line above it says what"
        words = [word.strip("' ") for part in choices.split(",") for word in part.split(" or ")]
        action = nearest(value, words) if isinstance(value, str) else ""
        return f"one of {choices}", shown(value), action
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context), shown(value), ""
    action = ""
    if kind == "list_type" and isinstance(value, str):
        inside = f'"{value}"' if _is_text(place, root=root) else "..., ..."
        action = f"Write it as {place[-1]} = [{inside}]"
    return _KINDS.get(kind, detail["msg"]), shown(value), action


def _described(place: list[str | int], *, root: type[BaseModel]) -> str:
    """Return advice about a key that is missing: the table or the key to add."""
    name = str(place[-1])
    if len(place) > 1:
        return f"Add it: {name} = " + ('"..."' if _is_text(place, root=root) else "...")
    many = _is_list(root.model_fields[name].annotation)
    return f"Add the table [[{name}]]" if many else f"Add the table [{name}]"


def _keys(place: Sequence[str | int], *, root: type[BaseModel]) -> list[str]:
    """Return the keys of the table at a place."""
    return list(_model_at(place, root=root).model_fields)


def _model_at(place: Sequence[str | int], *, root: type[BaseModel]) -> type[BaseModel]:
    model = root
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            found = _model_in(model.model_fields[part].annotation)
            if found is not None:
                model = found
    return model


def _is_text(place: Sequence[str | int], *, root: type[BaseModel]) -> bool:
    """Tell whether the value of a key stands in quotation marks; those of numbers do not."""
    field = _model_at(place[:-1], root=root).model_fields.get(str(place[-1]))
    told = None if field is None else field.annotation
    return field is None or _first(told, lambda one: one is str or isinstance(one, str)) is not None


def _is_list(annotation: object) -> bool:
    return _first(annotation, lambda one: getattr(one, "__origin__", None) is list) is not None


def _model_in(annotation: object) -> type[BaseModel] | None:
    found = _first(annotation, lambda one: isinstance(one, type) and issubclass(one, BaseModel))
    return found if isinstance(found, type) else None


def _first(annotation: object, wanted: Callable[[object], bool]) -> object:
    """Return the first part of a type that is wanted, or None."""
    if wanted(annotation):
        return annotation
    parts = (_first(part, wanted) for part in get_args(annotation))
    return next((part for part in parts if part is not None), None)


# A TOML file as a table of its keys, with the line of each, or what is wrong with it.


@dataclass(frozen=True, kw_only=True, slots=True)
class TomlText:
    """A TOML file that was read; its keys are not yet checked.

    Attributes
    ----------
    name : str
        Of the file, without its folder.
    raw : dict
    lines : dict of str to int
        Dotted key to line.
    sha256 : str
        Hash of its bytes.
    """

    name: str
    raw: dict[str, Any]
    lines: dict[str, int]
    sha256: str

    @property
    def names(self) -> dict[str, str]:
        """Return tables that stand in a list by what they call themselves: outcome[0] as its name.

        >>> raw = {"outcome": [{"name": "pain"}], "estimand": [{}]}
        >>> TomlText(name="trial.toml", raw=raw, lines={}, sha256="").names
        {'outcome[0]': 'outcome pain', 'estimand[0]': 'estimand E1'}
        """
        found = {}
        for kind, key, word, letter in _CALLED:
            holder, _, own = kind.rpartition(".")
            held = self.raw.get(holder) if holder else self.raw
            tables = held.get(own) if isinstance(held, dict) else None
            for place, table in enumerate(tables if isinstance(tables, list) else ()):
                name = table.get(key) if isinstance(table, dict) else None
                told = name if isinstance(name, str) and name.strip() else f"{letter}{place + 1}"
                found[f"{kind}[{place}]"] = f"{word} {told}"
        return found


# Tables that a file has several of: the key that names each, and what stands where there is none.
_CALLED = (
    ("data", "file", "file", ""),
    ("events", "file", "events of", ""),
    ("outcome", "name", "outcome", ""),
    ("estimand", "id", "estimand", "E"),
    ("plan.scenario", "name", "scenario", ""),
    ("deviation", "key", "deviation of", ""),
    ("decision", "key", "decision on", ""),
)


def read_toml(path: Path, *, kind: str) -> TomlText:
    """Return a TOML file of 1 MB at most; messages call it by its kind, such as "trial file".

    A key that stands twice is refused with its line.
    """
    content, text = _text(path, kind=kind)
    return TomlText(
        name=Faults(path.name).file,
        raw=_toml(text, name=path.name),
        lines=key_lines(text),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def key_lines(text: str) -> dict[str, int]:
    r"""Return the line of every table and key, by its dotted path.

    Keys inside inline tables stand at the line of the table. It finds lines for messages; what the
    file says is tomllib's matter.

    >>> key_lines('[trial]\nid = "a"\n[[data]]\nfile = "b.csv"\n')
    {'trial': 1, 'trial.id': 2, 'data': 3, 'data[0]': 3, 'data[0].file': 4}
    """
    lines: dict[str, int] = {}
    seen: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if many := _LIST.match(line):
            name = many.group(1).strip()
            table = f"{name}[{seen[name]}]"
            seen[name] += 1
            lines.setdefault(name, number)
            lines.setdefault(table, number)
        elif one := _TABLE.match(line):
            table = one.group(1).strip()
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = ".".join(filter(None, [table, key.group(1).strip("\"'")]))
            lines.setdefault(path, number)
    return lines


def _text(path: Path, *, kind: str) -> tuple[bytes, str]:
    expected = f"a {kind} in TOML"
    if path.suffix.lower() != ".toml" and path.exists() and not path.is_dir():
        found = f"a file that ends in '{path.suffix}'"
        action = f"A {kind} is TOML and its name ends in .toml"
        raise InputError.of(path.name, expected, found, action)
    content = read_bytes(path)
    if len(content) > MAX_BYTES:
        raise InputError.of(path.name, f"at most {MAX_BYTES // 1024} kB", "a larger file")
    try:
        return content, content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise InputError.of(path.name, "UTF-8 text", "another encoding", row=row) from None


def _toml(text: str, *, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        row = int(place.group(1)) if place else None
        problem = _PLACE.sub("", message)
        line = "" if row is None else text.split("\n")[row - 1]
        expected, found, action = _typed(line)
        if problem.startswith(_REPEATED):
            expected, found = "every key and every table once", "one a second time"
            action = "Delete one of them"
        elif not found:
            expected, found = "TOML", f"what cannot be read: {problem}"
            action = 'Text stands in quotation marks, as in id = "bw-knee-01"'
        raise InputError.of(name, expected, found, action, row=row) from None
    except RecursionError:
        raise InputError.of(name, "TOML", "lists or tables nested too deeply") from None


def _typed(line: str) -> tuple[str, str, str]:
    """Return what is wrong with a line of TOML that was typed elsewhere: signs that look alike."""
    code = _CODE.match(line)
    end = 0 if code is None else code.end()
    # What begins with a quotation mark that nothing closes belongs to what is said, a comment not.
    said = _TEXT.sub("", line[:end]) + (line[end:] if not line[end:].startswith("#") else "")
    if _CURLY & set(said):
        action = "Type \" or ' in their place; a word processor makes curly ones"
        return "straight quotation marks", "curly quotation marks", action
    if "\\" in line:
        action = 'Write / in paths, as in file = "data/scores.csv"'
        return "a text without a backslash", "a backslash, which begins a special sign", action
    if any(sign.isspace() and sign not in " \t\r" for sign in said):
        return "plain spaces", "a no-break space, or another blank", "Type the line anew"
    return "", "", ""
