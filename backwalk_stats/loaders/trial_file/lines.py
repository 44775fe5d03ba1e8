"""At which line of a trial file a key stands, so that a fault can be found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_TABLE = re.compile(r"\s*\[(?!\[)\s*([^\]]+?)\s*\]")
_LIST = re.compile(r"\s*\[\[\s*([^\]]+?)\s*\]\]")
_KEY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')\s*=""")


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


def line_of(path: str, lines: dict[str, int]) -> int | None:
    """Return the line of a path, or of the nearest thing that contains it; None for neither."""
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def dotted(place: Sequence[str | int]) -> str:
    """Return a place in nested tables as a dotted key.

    Examples
    --------
    >>> dotted(("estimand", 0, "analysis"))
    'estimand[0].analysis'
    """
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
