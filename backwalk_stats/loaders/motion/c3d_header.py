"""What the header block of a C3D file says about its frames, as it stands in the bytes.

The library that reads the data puts its own counts in place of the header's where a file is cut
off, so the header is read here (C3D User Guide, "The header section": words of 16 bits).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

BLOCK = 512
MAGIC = 0x50  # second byte of every C3D file
DEC, MIPS = 85, 86  # makers of processors, told in the fourth byte of the parameters
SATURATED = 65_535  # the largest frame number that a word holds


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
    """Return the header of a C3D file; None where the bytes are those of another kind of file.

    Parameters
    ----------
    content : bytes
        The whole file.
    """
    if len(content) < BLOCK or content[1] != MAGIC:
        return None
    maker = (content[0] - 1) * BLOCK + 3
    processor = content[maker] if 0 <= maker < len(content) else 0
    order = ">" if processor == MIPS else "<"
    first, last = struct.unpack_from(f"{order}2H", content, 6)
    return C3DHeader(first=first, last=last, rate=_rate(content[20:24], processor))


def _rate(four: bytes, processor: int) -> float:
    """Return a number of four bytes; DEC changes the places of words and counts from another one.

    Examples
    --------
    >>> _rate(struct.pack("<f", 100.0), 84), _rate(struct.pack(">f", 100.0), 86)
    (100.0, 100.0)
    >>> _rate(bytes([0xC8, 0x43, 0x00, 0x00]), 85)
    100.0
    """
    if processor == DEC:
        return float(struct.unpack("<f", four[2:] + four[:2])[0]) / 4.0
    return float(struct.unpack(">f" if processor == MIPS else "<f", four)[0])
