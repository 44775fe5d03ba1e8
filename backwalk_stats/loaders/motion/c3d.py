"""C3D files of motion laboratories, by the optional library ezc3d."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from backwalk_stats.errors import Faults, InputError, UsageError, printable
from backwalk_stats.loaders.motion.c3d_header import C3DHeader, c3d_header
from backwalk_stats.loaders.motion.c3d_parameters import parameters_hold
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, check_size
from backwalk_stats.loaders.sheets.delimited import read_bytes


def read_c3d(path: Path, *, unit: str = "") -> RawMotion:
    """Return the markers of a C3D file.

    Parameters
    ----------
    path : Path
    unit : str
        "m", "cm" or "mm" where the file does not say, or says it wrongly; "" takes the file's.

    Raises
    ------
    InputError
        If it is no C3D file, is cut off, has no usable unit or contradicts itself about its rate.
    UsageError
        If ezc3d is not installed.
    """
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
    action = "Export the recording again from the motion software"
    return InputError.of(file, expected, found, action)
