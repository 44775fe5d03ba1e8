"""C3D files of motion laboratories, by the optional library ezc3d."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from backwalk_stats.errors import Faults, InputError, UsageError, printable
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, check_size
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.reader_process import read_apart

BLOCK = 512
EXPORT_AGAIN = "Export the recording again from the motion software"
MAGIC = 0x50  # second byte of every C3D file
DEC, MIPS = 85, 86  # makers of processors, told in the fourth byte of the parameters
SATURATED = 65_535  # the largest frame number that a word holds
SIZES = {-1: 1, 1: 1, 2: 2, 4: 4}  # bytes of a character, a byte, an integer and a real number
NEEDED = ("USED", "SCALE", "RATE", "DATA_START", "LABELS")
MOST_DIMENSIONS = 7


def read_c3d(path: Path, *, unit: str = "") -> RawMotion:
    """Return the markers of a C3D file; refuse one that is cut off or contradicts itself.

    `unit` ("m", "cm", "mm") is for a file that does not say it, or says it wrongly; "" takes the
    file's. Without ezc3d it is a `UsageError`. The reader's process reads it.
    """
    return read_apart(
        parsed_c3d, path, unit, file=path.name, what="a whole C3D file", action=EXPORT_AGAIN
    )


def parsed_c3d(path: Path, unit: str) -> RawMotion:
    """Return the markers of a C3D file, as `read_c3d` does, in this process."""
    file = path.name
    content = read_bytes(path)
    header = c3d_header(content)
    if header is None:
        raise _refused(file, expected="a C3D file", found="a file of another kind, or a cut one")
    if not parameters_hold(content):
        raise _refused(file, expected="a whole C3D file", found="damaged parameters")
    held = _opened(path, file)
    _require_whole(held, header, file=file)
    used, notes = _unit(held, unit=unit, file=file)
    labels = [str(label).strip() for label in held["parameters"]["POINT"]["LABELS"]["value"]]
    points = np.asarray(held["data"]["points"], dtype=float)[:3] * METRES[used]
    markers = {label: points[:, place].T for place, label in enumerate(labels) if label}
    faults = Faults(file)
    check_size(markers, faults, unit=used)
    for label in sorted({label for label in labels if label and labels.count(label) > 1}):
        faults.add(label, "each marker once", "two markers of this name")
    faults.stop()
    return RawMotion(rate=_rate(held, header, file=file), markers=markers, notes=notes)


def _opened(path: Path, file: str) -> Any:  # noqa: ANN401
    try:
        import ezc3d
    except ImportError:
        raise UsageError(
            "C3D files need the library ezc3d: pip install 'backwalk-stats[motion]'"
        ) from None
    try:
        return ezc3d.c3d(str(path))
    except (OSError, RuntimeError, ValueError, IndexError, KeyError):
        raise _refused(
            file, expected="a whole C3D file", found="a file that ends early or is damaged"
        ) from None


def _require_whole(held: Any, header: C3DHeader, *, file: str) -> None:  # noqa: ANN401
    """Refuse a file with fewer frames than its header, or its parameters, say."""
    said = header.frames
    if said is None:
        said = int(np.ravel(held["parameters"]["POINT"]["FRAMES"]["value"])[0])
    found = int(held["data"]["points"].shape[2])
    if found < said:
        expected = f"{said} frames, as its header says"
        raise _refused(file, expected=expected, found=f"{found} frames: it is cut off")


def _unit(held: Any, *, unit: str, file: str) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    """Return the unit of the positions, and what was said about it."""
    written = held["parameters"]["POINT"].get("UNITS", {}).get("value", [])
    said = str(written[0]).strip().lower() if written else ""
    if unit:
        changed = f"positions read as {unit}, as declared; the file says '{printable(said)}'"
        return unit, (changed,) if said != unit else ()
    if said not in METRES:
        found, action = f"'{said}'" if said else "no unit", "Declare it: unit under [format]"
        expected = f"one of {', '.join(METRES)}"
        raise InputError.of(file, expected, found, action, column="POINT:UNITS")
    return said, ()


def _rate(held: Any, header: C3DHeader, *, file: str) -> float:  # noqa: ANN401
    """Return the samples per second, of which the file speaks twice."""
    parameter = float(np.ravel(held["parameters"]["POINT"]["RATE"]["value"])[0])
    if not parameter > 0.0 or not abs(header.rate - parameter) <= 1e-3 * parameter:
        raise _refused(
            file,
            expected="one frame rate",
            found=f"{header.rate:g} Hz in the header and {parameter:g} Hz in POINT:RATE",
        )
    return parameter


def _refused(file: str, *, expected: str, found: str) -> InputError:
    return InputError.of(file, expected, found, EXPORT_AGAIN)


# What the header block of a C3D file says about its frames, as it stands in the bytes.
#
# The library that reads the data puts its own counts in place of the header's where a file is cut
# off, so the header is read here (C3D User Guide, "The header section": words of 16 bits).


@dataclass(frozen=True, kw_only=True, slots=True)
class C3DHeader:
    """Counts of the header.

    Attributes
    ----------
    first, last : int
        Numbers of the first and the last frame.
    rate : float
        Frames per second.
    """

    first: int
    last: int
    rate: float

    @property
    def frames(self) -> int | None:
        """Return the number of frames; None where there are more than a word can count."""
        return None if self.last == SATURATED else self.last - self.first + 1


def c3d_header(content: bytes) -> C3DHeader | None:
    """Return the header of a C3D file; None where the bytes are those of another kind of file."""
    if len(content) < BLOCK or content[1] != MAGIC:
        return None
    maker = (content[0] - 1) * BLOCK + 3
    processor = content[maker] if 0 <= maker < len(content) else 0
    order = ">" if processor == MIPS else "<"
    first, last = struct.unpack_from(f"{order}2H", content, 6)
    return C3DHeader(first=first, last=last, rate=_four_bytes(content[20:24], processor))


def _four_bytes(four: bytes, processor: int) -> float:
    """Return a number of four bytes; DEC changes the places of words and counts from another one.

    >>> _four_bytes(struct.pack("<f", 100.0), 84), _four_bytes(struct.pack(">f", 100.0), 86)
    (100.0, 100.0)
    >>> _four_bytes(bytes([0xC8, 0x43, 0x00, 0x00]), 85)
    100.0
    """
    if processor == DEC:
        return float(struct.unpack("<f", four[2:] + four[:2])[0]) / 4.0
    return float(struct.unpack(">f" if processor == MIPS else "<f", four)[0])


# Whether the parameters of a C3D file hang together, before a library reads them.
#
# The library follows sizes in the file without checking them, and a damaged file would end the
# program. The layout is that of the C3D User Guide, "The parameter section": records of a length
# of name, a group, a name and the way to the next record; a parameter adds a type, its dimensions
# and its data. Groups have negative numbers and their parameters the same number without the
# sign.


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A group (number below 0) or a parameter; `size` is that of its data in bytes."""

    name: str
    number: int
    kind: int = 0
    dimensions: tuple[int, ...] = ()
    data: bytes = b""


def parameters_hold(content: bytes) -> bool:
    """Tell whether every record of a file with a header lies in it and the points are described."""
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
