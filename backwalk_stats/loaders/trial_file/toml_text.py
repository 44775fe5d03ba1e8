"""A TOML file as a table of its keys, with the line of each, or what is wrong with it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwalk_stats.errors import Fault, InputError, printable
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.trial_file.lines import key_lines

MAX_BYTES = 1024 * 1024
_PLACE = re.compile(r" \(at line (\d+), column \d+\)")
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
    name = printable(path.name)
    content, text = _text(path, name=name, kind=kind)
    return TomlText(
        name=name,
        raw=_toml(text, name=name),
        lines=key_lines(text),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _text(path: Path, *, name: str, kind: str) -> tuple[bytes, str]:
    expected = f"a {kind} in TOML"
    if path.suffix.lower() != ".toml" and not path.is_dir():
        found = f"a file that ends in '{path.suffix}'"
        action = f"A {kind} is TOML and its name ends in .toml"
        raise InputError([Fault(file=name, expected=expected, found=found, action=action)])
    content = read_bytes(path)
    if len(content) > MAX_BYTES:
        expected = f"at most {MAX_BYTES // 1024} kB"
        raise InputError([Fault(file=name, expected=expected, found="a larger file")])
    try:
        return content, content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        fault = Fault(file=name, row=row, expected="UTF-8 text", found="another encoding")
        raise InputError([fault]) from None


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
        fault = Fault(file=name, row=row, expected=expected, found=found, action=action)
        raise InputError([fault]) from None
    except RecursionError:
        fault = Fault(file=name, expected="TOML", found="lists or tables nested too deeply")
        raise InputError([fault]) from None
