"""A TOML file as a table of its keys, with the line of each, or what is wrong with it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.sheets.delimited import read_bytes

MAX_BYTES = 1024 * 1024
_PLACE = re.compile(r" \(at line (\d+), column \d+\)")
_TABLE = re.compile(r"\s*\[(?!\[)\s*([^\]]+?)\s*\]")
_LIST = re.compile(r"\s*\[\[\s*([^\]]+?)\s*\]\]")
_KEY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')\s*=""")
_REPEATED = ("Cannot overwrite a value", "Cannot declare", "Cannot mutate")


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


def read_toml(path: Path, *, kind: str) -> TomlText:
    """Return a TOML file of 1 MB at most.

    Parameters
    ----------
    path : Path
    kind : str
        What it is, for messages: "trial file".

    Raises
    ------
    InputError
        If it is no such file, or no TOML; a key that stands twice is named with its line.
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

    Examples
    --------
    >>> key_lines('[trial]\nid = "a"\n[[data]]\nfile = "b.csv"\n')
    {'trial': 1, 'trial.id': 2, 'data[0]': 3, 'data[0].file': 4}
    """
    lines: dict[str, int] = {}
    seen: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if many := _LIST.match(line):
            name = many.group(1)
            table = f"{name}[{seen[name]}]"
            seen[name] += 1
            lines.setdefault(table, number)
        elif one := _TABLE.match(line):
            table = one.group(1)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = ".".join(filter(None, [table, key.group(1).strip("\"'")]))
            lines.setdefault(path, number)
    return lines


def _text(path: Path, *, kind: str) -> tuple[bytes, str]:
    expected = f"a {kind} in TOML"
    if path.suffix.lower() != ".toml" and not path.is_dir():
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
        if problem.startswith(_REPEATED):
            expected, found = "every key and every table once", "one a second time"
            action = "Delete one of them"
        else:
            expected, found = "TOML", f"what cannot be read: {problem}"
            action = 'Text stands in quotation marks, as in id = "bw-knee-01"'
        raise InputError.of(name, expected, found, action, row=row) from None
    except RecursionError:
        raise InputError.of(name, "TOML", "lists or tables nested too deeply") from None
