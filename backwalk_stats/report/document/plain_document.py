"""A document as plain dictionaries and lists, for the templates: data, never markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from backwalk_stats.report.document import document
from backwalk_stats.report.document.text import clean, study_anchors

_CODES = frozenset(
    {"id", "anchor", "target", "targets", "name", "key", "align", "language", "tone", "spelt"}
)
_ADDRESS = re.compile(r"https?://[^\s\"<>\\^`{|}]+")


def as_data(report: document.Document, text: Callable[[str], str] = clean) -> dict[str, Any]:
    """Return a document as nested dictionaries.

    `text` is applied to every text that a reader sees; identifiers are only cleaned. Every block
    has the key `kind`; bytes of pictures are left out; an inline text is a dictionary of kind
    "text"; every link leads to a place that exists, or to an http address, else it is shown as
    text.
    """
    plain: dict[str, Any] = _plain(report, "", text)
    places = _places(plain)
    for section in plain["sections"]:
        _settle_links(section, places)
    return plain


def is_address(target: str) -> bool:
    """Tell whether a link target is a web address and nothing else.

    Examples
    --------
    >>> is_address("https://doi.org/10.1186/x"), is_address("javascript:alert(1)")
    (True, False)
    """
    return _ADDRESS.fullmatch(target) is not None


def _plain(value: object, name: str, text: Callable[[str], str]) -> Any:  # noqa: ANN401
    """Return one value without classes; `name` is the field that holds it."""
    if isinstance(value, str):
        return clean(value) if name in _CODES else text(value)
    if isinstance(value, tuple):
        inline = name in ("content", "lead", "inline")
        if name == "entries":
            return [_entry(entry, text) for entry in value]
        return [_inline(part, text) if inline else _plain(part, name, text) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _record(value, text)
    return value


def _record(value: Any, text: Callable[[str], str]) -> dict[str, Any]:  # noqa: ANN401
    """Return a frozen record as a dictionary, its kind included, bytes left out."""
    record = {
        field.name: _plain(getattr(value, field.name), field.name, text)
        for field in fields(value)
        if not isinstance(getattr(value, field.name), bytes)
    }
    kind = getattr(value, "kind", None)
    record |= {"kind": kind} if kind else {}
    if isinstance(value, document.TableBlock):
        record["row_anchors"] = _row_anchors(value)
        record["links"] = [link if is_address(link) else "" for link in value.links]
    return record


def _entry(entry: Any, text: Callable[[str], str]) -> Any:  # noqa: ANN401
    """Return one entry of a list, or of a list of terms with what they mean."""
    if entry and all(isinstance(part, tuple) for part in entry):
        return [_plain(part, "inline", text) for part in entry]
    return _plain(entry, "inline", text)


def _inline(part: object, text: Callable[[str], str]) -> dict[str, Any]:
    """Return a piece of running text; the space at its ends joins it to its neighbours."""
    if not isinstance(part, str):
        return _record(part, text)
    before = " " if part[:1].isspace() else ""
    after = " " if part[-1:].isspace() and part.strip() else ""
    return {"kind": "text", "text": f"{before}{text(part)}{after}"}


def _row_anchors(block: document.TableBlock) -> list[str]:
    """Return an anchor for every row that has a key, "" where an anchor would come twice."""
    anchors = study_anchors(block.table.keys, prefix=block.id)
    seen: set[str] = set()
    rows = []
    for key in block.table.keys:
        rows.append("" if key in seen else anchors[key])
        seen.add(key)
    return rows


def _places(value: object) -> frozenset[str]:
    """Return every anchor of the document."""
    if isinstance(value, list):
        return frozenset().union(*(_places(part) for part in value))
    if not isinstance(value, dict):
        return frozenset()
    own = {value[name] for name in ("id", "anchor") if value.get(name)}
    rows = set(value.get("row_anchors", ()))
    return frozenset(own | rows).union(*(_places(part) for part in value.values()))


def _settle_links(value: object, places: frozenset[str]) -> None:
    """Turn links that lead nowhere into text, in place."""
    if isinstance(value, list):
        for part in value:
            _settle_links(part, places)
    elif isinstance(value, dict):
        target = value.get("target")
        if target is not None and target[1:] not in places and not is_address(target):
            value["target"] = ""
        if value.get("targets"):
            value["targets"] = [one if one[1:] in places else "" for one in value["targets"]]
        for part in value.values():
            _settle_links(part, places)
