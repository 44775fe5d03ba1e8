"""Whether the parameters of a C3D file hang together, before a library reads them.

The library follows sizes in the file without checking them, and a damaged file would end the
program. The layout is that of the C3D User Guide, "The parameter section": records of a length of
name, a group, a name and the way to the next record; a parameter adds a type, its dimensions and
its data. Groups have negative numbers and their parameters the same number without the sign.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod

from backwalk_stats.loaders.motion.c3d_header import BLOCK, MIPS

SIZES = {-1: 1, 1: 1, 2: 2, 4: 4}  # bytes of a character, a byte, an integer and a real number
NEEDED = ("USED", "SCALE", "RATE", "DATA_START", "LABELS")
MOST_DIMENSIONS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A group (number below 0) or a parameter; `size` is that of its data in bytes."""

    name: str
    number: int
    kind: int = 0
    dimensions: tuple[int, ...] = ()
    data: bytes = b""


def parameters_hold(content: bytes) -> bool:
    """Tell whether every record lies in the file and the points are described.

    Parameters
    ----------
    content : bytes
        Of a file whose header has been read.
    """
    start = (content[0] - 1) * BLOCK
    if start < BLOCK or start + 4 > len(content):
        return False
    order = ">" if content[start + 3] == MIPS else "<"
    records = _records(content, start + 4, order)
    if records is None:
        return False
    point = next((one.number for one in records if one.number < 0 and one.name == "POINT"), 0)
    mine = {one.name: one for one in records if point and one.number == -point}
    return all(name in mine for name in NEEDED) and _counted(content, mine, order)


def _counted(content: bytes, point: dict[str, Record], order: str) -> bool:
    """Tell whether the parameters and the header count the same points, and data have a place."""
    used, place = (point[name].data[:2] for name in ("USED", "DATA_START"))
    if len(used) < 2 or len(place) < 2:
        return False
    said = struct.unpack(f"{order}H", used)[0]
    start = (struct.unpack(f"{order}H", place)[0] - 1) * BLOCK
    return bool(
        said == struct.unpack_from(f"{order}H", content, 2)[0]
        and BLOCK <= start < len(content)
        and all(len(point[name].data) == 4 for name in ("SCALE", "RATE"))
    )


def _records(content: bytes, at: int, order: str) -> list[Record] | None:
    """Return all records, or None where one leads out of the file or has no sense."""
    found: list[Record] = []
    while at + 2 <= len(content):
        length, number = struct.unpack_from("2b", content, at)
        if length == 0:
            return found
        name_end = at + 2 + abs(length)
        if number == 0 or name_end + 2 > len(content):
            return None
        (step,) = struct.unpack_from(f"{order}h", content, name_end)
        record = _record(content, at, name_end, number, step)
        if record is None:
            return None
        found.append(record)
        if step == 0:
            return found
        at = name_end + step
    return None


def _record(content: bytes, at: int, name_end: int, number: int, step: int) -> Record | None:
    """Return one record; None where it does not fill the way to the next one."""
    raw = content[at + 2 : name_end]
    name = raw.decode("latin-1").strip().upper()
    end = name_end + step if step else len(content)
    body = name_end + 2
    if not name.isprintable() or step < 0 or end > len(content):
        return None
    if number < 0:
        whole = body < end and body + 1 + content[body] <= end
        return Record(name=name, number=number) if whole else None
    if body + 2 > end:
        return None
    kind, dimensions = struct.unpack_from("bB", content, body)
    if kind not in SIZES or dimensions > MOST_DIMENSIONS:
        return None
    sizes = tuple(content[body + 2 : body + 2 + dimensions])
    first = body + 2 + dimensions
    last = first + prod(sizes) * SIZES[kind]
    if last >= end or last + 1 + content[last] > end:  # the length of a description, and itself
        return None
    return Record(name=name, number=number, kind=kind, dimensions=sizes, data=content[first:last])
