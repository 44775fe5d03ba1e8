"""How a C3D file is laid out: its header, its parameters, and where its frames lie.

Source: C3D.org, *The C3D file format: user guide* (2021), "The header section" and "The parameter
section". Header and parameters tell the same counts twice; where they disagree, the size of the
file decides, or the file is refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from math import isfinite, prod

from backwalk_stats.loaders.motion.c3d_file import (
    BLOCK,
    DEC,
    INTEL,
    MIPS,
    SATURATED,
    SIZES,
    C3DFile,
    Groups,
    Parameter,
    bytes_text,
    real_numbers,
    refused,
)

MAGIC = 0x50  # second byte of every C3D file
MOST_DIMENSIONS = 7
RATES_AGREE = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the first block of a file says.

    Attributes
    ----------
    points, analogs : int
        Points, and analog words, of a frame.
    first, last : int
        Numbers of the first and the last frame, of 16 bits.
    scale : float
        Of positions that are integers; negative where they are real numbers.
    start : int
        Block in which the data begin; the first is 1.
    samples : int
        Samples of an analog channel within a frame.
    rate : float
        Frames per second.
    """

    points: int
    analogs: int
    first: int
    last: int
    scale: float
    start: int
    samples: int
    rate: float


def parse_c3d(content: bytes, file: str) -> C3DFile:
    """Return the parts of a C3D file; refuse one that is cut off or contradicts itself.

    Parameters
    ----------
    content : bytes
        The whole file.
    file : str
        Its name, for messages.

    Returns
    -------
    C3DFile
        Every part of it lies within the bytes.

    Raises
    ------
    InputError
        With one reason: another kind of file, a byte order that is not known, damaged parameters,
        counts that disagree, or fewer frames than are told.
    """
    if len(content) < BLOCK or content[1] != MAGIC:
        raise refused(file, "a C3D file", "a file of another kind, or a cut one")
    at = (content[0] - 1) * BLOCK
    if at < BLOCK or at + 4 > len(content):
        raise refused(file, "a whole C3D file", "no parameters where its header says")
    processor = content[at + 3]
    if processor not in (INTEL, DEC, MIPS):
        expected = "a byte order of Intel (84), DEC (85) or MIPS (86)"
        raise refused(file, expected, f"processor {processor}")
    header = _header(content, processor)
    data = (header.start - 1) * BLOCK
    end = data if at < data <= len(content) else len(content)
    groups = _groups(content[:end], at + 4, processor, file)
    if "POINT" not in groups:
        raise refused(file, "a whole C3D file", "no group POINT among its parameters")
    known = C3DFile(file=file, content=content, processor=processor, groups=groups)
    return _laid_out(known, header)


def _header(content: bytes, processor: int) -> Header:
    order = ">" if processor == MIPS else "<"
    points, analogs, first, last = struct.unpack_from(f"{order}4H", content, 2)
    start, samples = struct.unpack_from(f"{order}2H", content, 16)
    scale, rate = (real_numbers(content[at : at + 4], processor)[0] for at in (12, 20))
    return Header(
        points=points,
        analogs=analogs,
        first=first,
        last=last,
        scale=float(scale),
        start=start,
        samples=samples,
        rate=float(rate),
    )


def _groups(content: bytes, at: int, processor: int, file: str) -> Groups:
    """Return all parameters by group and name.

    A record is the length of its name (negative: locked), its group, its name, the way to the next
    record, and what it holds; groups have negative numbers, and their parameters the same number
    without the sign. A length of 0, or no way to go, ends them.
    """
    order = ">" if processor == MIPS else "<"
    names: dict[int, str] = {}
    members: dict[int, dict[str, Parameter | None]] = {}
    while at + 2 <= len(content):
        length, number = struct.unpack_from("2b", content, at)
        body = at + 2 + abs(length) + 2
        if length == 0 or number == 0:
            break
        if body > len(content):
            raise refused(file, "a whole C3D file", "parameters that run into its data")
        name = bytes_text(content[at + 2 : body - 2]).upper()
        if not name.isprintable():
            raise refused(file, "a whole C3D file", "damaged parameters")
        (step,) = struct.unpack_from(f"{order}H", content, body - 2)
        end = body - 2 + step if step else len(content)
        parameter, natural = _parameter(content[body:end])
        if number < 0:
            names[-number] = name
        else:
            members.setdefault(number, {})[name] = parameter
        if step == 0:
            break
        if end > len(content):  # the last one may lead anywhere, if it is whole itself
            if parameter is None or any(content[body + natural : body + natural + 2]):
                raise refused(file, "a whole C3D file", "damaged parameters")
            break
        at = end
    return {name: members.get(number, {}) for number, name in names.items()}


def _parameter(record: bytes) -> tuple[Parameter | None, int]:
    """Return a parameter, and where its record would end; None where it does not lie in it."""
    if len(record) < 2:
        return None, 0
    kind, dimensions = struct.unpack_from("bB", record, 0)
    if kind not in SIZES or dimensions > MOST_DIMENSIONS or len(record) < 2 + dimensions:
        return None, 0
    sizes = tuple(record[2 : 2 + dimensions])
    first = 2 + dimensions
    last = first + prod(sizes) * SIZES[kind]
    if last > len(record):
        return None, 0
    described = 1 + record[last] if last < len(record) else 0
    return Parameter(kind=kind, dimensions=sizes, data=record[first:last]), last + described


def _laid_out(known: C3DFile, header: Header) -> C3DFile:
    """Return the file with how its frames lie in it; header and parameters are held together."""
    rate = _rate(known, header)
    scale = _scale(known, header)
    first, frames, notes = _frames(known, header)
    points, analogs, start, said = _place(known, header, frames, rate=rate, real=scale < 0.0)
    frame = (4 * points + analogs) * (4 if scale < 0.0 else 2)
    there = (len(known.content) - start) // frame if frame else frames
    if there < frames:
        found = f"{there} frames: it is cut off"
        raise refused(known.file, f"{frames} frames, as its header says", found)
    behind = len(known.content) - start - frames * frame
    if behind >= 2 * BLOCK and behind >= frame and not known.count("ROTATION", "USED"):
        said = (*said, f"{behind} bytes behind the last frame were not read")
    used = known.count("ANALOG", "USED")
    return replace(
        known,
        points=points,
        analogs=analogs,
        frames=frames,
        first=first,
        rate=rate,
        start=start,
        scale=scale,
        samples=analogs // used if used and analogs % used == 0 else 1,
        notes=(*notes, *said),
    )


def _rate(known: C3DFile, header: Header) -> float:
    """Return the frames per second, of which the file speaks twice."""
    said = known.number("POINT", "RATE")
    rate = header.rate if said is None else said
    if not (isfinite(rate) and rate > 0.0 and abs(header.rate - rate) <= RATES_AGREE * rate):
        found = f"{header.rate:g} Hz in the header and {rate:g} Hz in POINT:RATE"
        raise refused(known.file, "one frame rate", found)
    return rate


def _scale(known: C3DFile, header: Header) -> float:
    """Return the scale of positions; header and POINT:SCALE agree, or only on real numbers."""
    said = known.number("POINT", "SCALE")
    scale = header.scale if said is None else said
    same = abs(header.scale - scale) <= RATES_AGREE * abs(scale)
    if not isfinite(scale) or scale == 0.0 or not (same or (scale < 0.0 and header.scale < 0.0)):
        found = f"{header.scale:g} in the header and {scale:g} in POINT:SCALE"
        raise refused(known.file, "one scale of positions", found)
    return scale


def _frames(known: C3DFile, header: Header) -> tuple[int, int, tuple[str, ...]]:
    """Return the number of the first frame, how many there are, and which counts disagree.

    A word of the header ends at 65,535; longer recordings say the true numbers in TRIAL, or in
    POINT:LONG_FRAMES.
    """
    ends = [
        known.numbers("TRIAL", f"ACTUAL_{end}_FIELD", unsigned=True) for end in ("START", "END")
    ]
    whole = [int(end[0] + 65_536 * end[1]) for end in ends if end is not None and len(end) >= 2]
    counts: dict[str, int] = {}
    if header.last < SATURATED and header.last >= header.first:
        counts["its header"] = header.last - header.first + 1
    if len(whole) == 2 and whole[1] >= whole[0] >= 0:
        counts["TRIAL"] = whole[1] - whole[0] + 1
    for name in ("LONG_FRAMES", "FRAMES"):
        said = known.count("POINT", name)
        if said and said != SATURATED:
            counts[f"POINT:{name}"] = said
    if not counts:  # exactly as many as a word holds, or nothing is said
        counts["its header"] = header.last - header.first + 1
    source, frames = next(iter(counts.items()))
    trial = counts.get("TRIAL", 0)
    if trial > frames and (trial - frames) % 65_536 == 0:  # the words of the header ran over
        source, frames = "TRIAL", trial
    if frames < 1:
        raise refused(known.file, "a first frame before the last", "the last before the first")
    first = whole[0] if counts.get("TRIAL") == frames else header.first
    others = [f"{count} in {name}" for name, count in counts.items() if count != frames]
    wrong = others and f"{frames} frames in {source}, which were taken; {', '.join(others)}"
    return first, frames, (wrong,) if wrong else ()


def _place(
    known: C3DFile, header: Header, frames: int, *, rate: float, real: bool
) -> tuple[int, int, int, tuple[str, ...]]:
    """Return points and analog words of a frame, the first byte of the data, and a note.

    Header and parameters speak of each. Where they disagree, the size of the file decides; where it
    does not, the file is refused.
    """
    used, fast = known.count("ANALOG", "USED"), known.number("ANALOG", "RATE")
    samples = round(fast / rate) if fast and 0.0 < fast < 1e9 else header.samples
    points = [header.points, known.count("POINT", "USED")]
    analogs = [header.analogs, used * samples]
    starts = [header.start, known.count("POINT", "DATA_START") or header.start]
    if "USED" not in known.groups["POINT"]:
        points[1] = header.points
    if points[0] != points[1]:
        found = f"{points[0]} in the header and {points[1]} in POINT:USED"
        raise refused(known.file, "one number of points", found)
    choices = {(a, s) for a in analogs for s in starts if s >= 2}
    if not choices:
        raise refused(known.file, "a whole C3D file", "no block in which its data begin")
    told = ""
    if len(choices) > 1:
        size = 4 if real else 2
        left = {
            (a, s): len(known.content) - (s - 1) * BLOCK - frames * size * (4 * points[0] + a)
            for a, s in choices
        }
        choices = {choice for choice, rest in left.items() if 0 <= rest < BLOCK}
        if len(choices) != 1:
            raise refused(known.file, *_disagreement(analogs, starts))
        told = "header and parameters disagree on how the data lie; the size of the file decided"
    ((words, start),) = choices
    return points[0], words, (start - 1) * BLOCK, (told,) if told else ()


def _disagreement(analogs: list[int], starts: list[int]) -> tuple[str, str]:
    """Return what was expected and found where the size of the file does not decide either."""
    if analogs[0] != analogs[1]:
        found = f"{analogs[0]} in the header and {analogs[1]} in ANALOG, and neither fills the file"
        return "one number of analog words of a frame", found
    found = f"block {starts[0]} in the header and {starts[1]} in POINT:DATA_START"
    return "one place where the data begin", found
