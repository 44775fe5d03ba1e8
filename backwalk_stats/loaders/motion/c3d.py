"""C3D files of motion laboratories: markers, model angles, poses, events and force plates.

The bytes are read here and by no library: a library follows sizes in a damaged file until the
process ends, and one that trusts ANALOG more than the header returns shifted positions without a
word.
"""

from __future__ import annotations

from pathlib import Path

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.c3d_events import c3d_events, c3d_plates
from backwalk_stats.loaders.motion.c3d_file import unit_text
from backwalk_stats.loaders.motion.c3d_layout import parse_c3d
from backwalk_stats.loaders.motion.c3d_points import c3d_points
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, length_unit
from backwalk_stats.loaders.sheets.delimited import read_bytes

LARGEST_FILE = 192 * 2**20  # bytes; five minutes of 100 markers and 64 channels at 200 Hz are less


def read_c3d(path: Path, *, unit: str = "") -> RawMotion:
    """Return the content of a C3D file; refuse one that is cut off or contradicts itself.

    Integers and real numbers, of Intel, DEC and MIPS. The size of a body is not checked here: only
    who knows which markers are used can (`check_size`).

    Parameters
    ----------
    path : Path
    unit : str
        "m", "cm" or "mm", for a file that does not say it, or says it wrongly; "" takes the file's.

    Returns
    -------
    RawMotion
        Markers in metres, model angles (`vectors`) in degrees, `rotations`, `events` and `plates`.

    Raises
    ------
    InputError
        With one reason: no C3D file, damaged parameters, counts that disagree, fewer frames than
        are told, an unknown unit, or nothing that moves.
    """
    c3d = parse_c3d(read_bytes(path, LARGEST_FILE), path.name)
    points = c3d_points(c3d, unit=unit)
    if not (points.markers or points.vectors or points.rotations or points.doubled):
        expected = "positions, model angles or poses"
        action = "Export the trajectories or the model's angles into the file"
        raise InputError.of(c3d.file, expected, "none of them", action)
    events, of_events = c3d_events(c3d)
    written = unit_text(c3d.texts("POINT", "UNITS"))
    plates, of_plates = c3d_plates(c3d, metres=METRES.get(points.unit or length_unit(written)[0]))
    return RawMotion(
        rate=c3d.rate,
        markers=points.markers,
        vectors=points.vectors,
        rotations=points.rotations,
        events=events,
        plates=plates,
        doubled=points.doubled,
        unit=points.unit,
        notes=(*c3d.notes, *points.notes, *of_events, *of_plates),
    )
