"""What a C3D file holds: its parameters, and its frames of points, analog words and poses.

Source: C3D.org, *The C3D file format: user guide* (2021), "The parameter section" and "The data
section". Everything is taken from the bytes of the file by sizes that are
checked against it, so no file, however damaged, can ask for more memory than a few times its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, prod

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import InputError

BLOCK = 512
EXPORT_AGAIN = "Export the recording again from the motion software"
INTEL, DEC, MIPS = 84, 85, 86  # makers of processors, told in the fourth byte of the parameters
LONGEST_UNIT = 12  # letters
SATURATED = 65_535  # the largest number that a word holds
SIZES = {-1: 1, 1: 1, 2: 2, 4: 4}  # bytes of a character, a byte, an integer and a real number
POSE = 17  # numbers of a rotation: a matrix of 4 x 4, column by column, and its reliability


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """Values of a parameter, the first dimension running fastest."""

    kind: int
    dimensions: tuple[int, ...]
    data: bytes


Groups = Mapping[str, Mapping[str, Parameter | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class C3DFile:
    """A file whose parts are known to lie within it.

    Attributes
    ----------
    file : str
        Its name, for messages.
    content : bytes
    processor : int
        `INTEL`, `DEC` or `MIPS`.
    groups : mapping of str to mapping of str to Parameter or None
        By names in capitals; None is one whose record does not hold it.
    points, analogs, frames : int
        Points and analog words of a frame, and frames.
    first : int
        Number of the first frame; events count from frame 1.
    rate : float
        Frames per second.
    start : int
        Byte at which the data begin.
    scale : float
        Of positions; negative where the data are real numbers.
    samples : int
        Samples of an analog channel within a frame.
    notes : tuple of str
        Where the file contradicts itself, and what was taken.
    """

    file: str
    content: bytes = field(repr=False)
    processor: int
    groups: Groups = field(repr=False)
    points: int = 0
    analogs: int = 0
    frames: int = 0
    first: int = 1
    rate: float = 0.0
    start: int = 0
    scale: float = -1.0
    samples: int = 1
    notes: tuple[str, ...] = ()

    def _parameter(self, group: str, name: str) -> Parameter | None:
        """Return a parameter, None where there is none; refuse one that is damaged."""
        held = self.groups.get(group, {})
        if name in held and held[name] is None:
            raise refused(self.file, "a whole C3D file", f"a damaged parameter, {group}:{name}")
        return held.get(name)

    def numbers(self, group: str, name: str, *, unsigned: bool = False) -> FloatArray | None:
        """Return the numbers of a parameter in the order of the file; None where there is none."""
        found = self._parameter(group, name)
        if found is None or found.kind == -1:
            return None
        if found.kind == 4:
            return real_numbers(found.data, self.processor)
        order = ">" if self.processor == MIPS else "<"
        sign = "u" if unsigned else "i"
        return np.frombuffer(found.data, f"{order}{sign}{SIZES[found.kind]}").astype(float)

    def number(self, group: str, name: str, *, unsigned: bool = False) -> float | None:
        """Return the first number of a parameter; None where there is none."""
        found = self.numbers(group, name, unsigned=unsigned)
        return None if found is None or not len(found) else float(found[0])

    def count(self, group: str, name: str) -> int:
        """Return the first number of a parameter as a count; 0 where there is none."""
        found = self.number(group, name, unsigned=True)
        return int(found) if found is not None and isfinite(found) and found > 0 else 0

    def texts(self, group: str, name: str) -> list[str]:
        """Return the texts of a parameter, each without the blanks around it."""
        found = self._parameter(group, name)
        if found is None or found.kind != -1 or not found.dimensions:
            return []
        width = found.dimensions[0]
        parts = (found.data[at : at + width] for at in range(0, len(found.data), width or 1))
        return [bytes_text(part) for part in parts] if width else [""] * prod(found.dimensions[1:])

    def series(self, group: str, name: str) -> list[str]:
        """Return the names of a parameter and of those that go on with it: NAME, NAME2, NAME3."""
        held = self.groups.get(group, {})
        names = [name]
        while f"{name}{len(names) + 1}" in held:
            names.append(f"{name}{len(names) + 1}")
        return names

    def all_texts(self, group: str, name: str) -> list[str]:
        """Return the texts of a parameter and of those that go on with it, one after the other."""
        return [text for one in self.series(group, name) for text in self.texts(group, one)]

    def all_numbers(self, group: str, name: str, *, unsigned: bool = False) -> FloatArray:
        """Return the numbers of a parameter and of those that go on with it."""
        held = (self.numbers(group, one, unsigned=unsigned) for one in self.series(group, name))
        return np.concatenate([np.empty(0), *(values for values in held if values is not None)])

    def rows(self, group: str, name: str) -> int:
        """Return the first dimension of a parameter; 0 where there is none."""
        found = self._parameter(group, name)
        return found.dimensions[0] if found is not None and found.dimensions else 0

    def word(self, place: int) -> int:
        """Return a word of the header by its number, 1 the first."""
        at = 2 * (place - 1)
        return int.from_bytes(
            self.content[at : at + 2], "big" if self.processor == MIPS else "little"
        )

    @property
    def is_real(self) -> bool:
        """Whether the data are real numbers of four bytes, not integers of two."""
        return self.scale < 0.0

    def positions(self) -> tuple[FloatArray, np.ndarray]:
        """Return positions (frames, points, 3) in the file's unit, and which of them are there.

        A point whose fourth word is negative is missing.
        """
        words = self._words(0, 4 * self.points).reshape(self.frames, self.points, 4)
        with np.errstate(invalid="ignore", over="ignore"):
            places = words[..., :3].astype(float)
            mark = words[..., 3]
            if self.is_real:  # a word of 16 bits, written as a real number with or without sign
                known = np.isfinite(mark) & (np.abs(mark) <= SATURATED)
                whole = np.where(known, mark, -1.0).astype(np.int32)
                there = (whole >= 0) & (whole < 0x8000)
            else:
                places *= self.scale
                there = mark >= 0
        there &= np.isfinite(places).all(axis=-1)
        places[~there] = np.nan
        return places, there

    def channels(self, chosen: list[int]) -> FloatArray:
        """Return analog channels in the units of the file, shape (frames, samples, channels).

        A sample is (word - OFFSET) x SCALE x GEN_SCALE; `chosen` counts from 0.
        """
        used = self.analogs // self.samples
        words = self._words(4 * self.points, self.analogs).reshape(self.frames, self.samples, used)
        taken = words[..., chosen]
        unsigned = "UNSIGNED" in "".join(self.texts("ANALOG", "FORMAT")).upper()
        if unsigned and not self.is_real:
            taken = taken.view(np.uint16)
        general = self.number("ANALOG", "GEN_SCALE")
        scale = _filled(self.all_numbers("ANALOG", "SCALE"), used, 1.0)[chosen]
        offset = _filled(self.all_numbers("ANALOG", "OFFSET", unsigned=unsigned), used, 0.0)[chosen]
        with np.errstate(invalid="ignore", over="ignore"):
            whole = (1.0 if general is None else general) * scale
            return np.asarray((taken.astype(float) - offset) * whole)

    def _words(self, first: int, count: int) -> np.ndarray:
        """Return a run of words of every frame, shape (frames, count), in this machine's order."""
        whole = 4 * self.points + self.analogs
        order = ">" if self.processor == MIPS else "<"
        kind = f"{order}f4" if self.is_real else f"{order}i2"
        flat = np.frombuffer(self.content, kind, self.frames * whole, self.start)
        taken = flat.reshape(self.frames, whole)[:, first : first + count]
        if self.is_real and self.processor == DEC:
            taken = _from_dec(taken)
        with np.errstate(invalid="ignore"):
            return taken.astype(taken.dtype.newbyteorder("="), copy=False)

    def poses(self) -> FloatArray | None:
        """Return matrices of ROTATION, shape (frames, poses, 4, 4), the first of each frame's.

        None where there is no such group; a matrix of negative reliability is missing.
        """
        used, place = self.count("ROTATION", "USED"), self.count("ROTATION", "DATA_START")
        if not used or not place:
            return None
        each = self.frames * used * POSE * max(self.count("ROTATION", "RATIO"), 1)
        start = (place - 1) * BLOCK
        if start + 4 * each > len(self.content):
            raise refused(self.file, f"{self.frames} frames of ROTATION", "fewer: it is cut off")
        order = ">" if self.processor == MIPS else "<"
        flat = np.frombuffer(self.content, f"{order}f4", each, start)
        first = flat.reshape(self.frames, -1, used, POSE)[:, 0]
        with np.errstate(invalid="ignore"):
            first = (_from_dec(first) if self.processor == DEC else first).astype(float)
        matrices = np.swapaxes(first[..., :16].reshape(self.frames, used, 4, 4), -1, -2).copy()
        matrices[~(first[..., 16] >= 0.0)] = np.nan
        return matrices


def refused(file: str, expected: str, found: str, *, column: str | None = None) -> InputError:
    """Return the error of a file that is damaged or contradicts itself."""
    return InputError.of(file, expected, found, EXPORT_AGAIN, column=column)


def unit_text(texts: list[str]) -> str:
    """Return the first unit that is written, at most so long as a unit is.

    A damaged file may hold anything there, names of people among it.

    >>> unit_text(["", "millimeters", "m"]), unit_text(["Jane Doe, left knee, mm"])
    ('millimeters', '')
    """
    return next((text for text in texts if 0 < len(text) <= LONGEST_UNIT), "")


def real_numbers(data: bytes, processor: int) -> FloatArray:
    """Return numbers of four bytes; DEC changes the places of words and counts from another one.

    >>> real_numbers(bytes([0x00, 0x00, 0xC8, 0x42]), INTEL)
    array([100.])
    >>> real_numbers(bytes([0xC8, 0x43, 0x00, 0x00]), DEC)
    array([100.])
    """
    with np.errstate(invalid="ignore"):  # bytes of no number that signal it
        if processor == DEC:
            return _from_dec(np.frombuffer(data, "<f4")).astype(float)
        return np.frombuffer(data, ">f4" if processor == MIPS else "<f4").astype(float)


def _from_dec(values: np.ndarray) -> np.ndarray:
    """Return numbers whose two words are in the order of DEC, as numbers of IEEE."""
    halves = np.ascontiguousarray(values).view("<u2").reshape(*values.shape, 2)[..., ::-1]
    with np.errstate(invalid="ignore", under="ignore"):
        return np.asarray(np.ascontiguousarray(halves).view("<f4")[..., 0] * np.float32(0.25))


def bytes_text(data: bytes) -> str:
    """Return text without the blanks around it, in UTF-8 or, where it is none, in Latin-1."""
    try:
        return data.decode("utf-8").strip(" \0\t\r\n")
    except UnicodeDecodeError:
        return data.decode("latin-1").strip(" \0\t\r\n")


def _filled(values: FloatArray, length: int, rest: float) -> FloatArray:
    """Return the first values, and `rest` for those that are not there."""
    return np.concatenate([values[:length], np.full(max(0, length - len(values)), rest)])
