"""C3D files of motion laboratories, by the optional library ezc3d."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from backwalk_stats.errors import Fault, InputError, UsageError, printable
from backwalk_stats.loaders.delimited import read_bytes
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, size_faults

MAGIC = 0x50  # second byte of every C3D file
BLOCK = 512
WORD = 4


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
    file = printable(path.name)
    content = read_bytes(path)
    if len(content) < BLOCK or content[1] != MAGIC:
        raise _refused(file, expected="a C3D file", found="a file of another kind, or a cut one")
    held = _opened(path, file)
    _require_whole(held, size=len(content), file=file)
    used, notes = _unit(held, unit=unit, file=file)
    labels = [str(label).strip() for label in held["parameters"]["POINT"]["LABELS"]["value"]]
    points = np.asarray(held["data"]["points"], dtype=float)[:3] * METRES[used]
    markers = {label: points[:, place].T for place, label in enumerate(labels) if label}
    faults = [*size_faults(markers, file=file, unit=used), *_repeated(labels, file=file)]
    if faults:
        raise InputError(faults)
    return RawMotion(rate=_rate(held, file=file), markers=markers, notes=notes)


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


def _require_whole(held: Any, *, size: int, file: str) -> None:  # noqa: ANN401
    """Refuse a file that holds fewer samples than its header says."""
    header, point = held["header"], held["parameters"]["POINT"]
    frames = header["points"]["last_frame"] - header["points"]["first_frame"] + 1
    each = header["points"]["size"] * 4 + header["analogs"]["size"] * _analog_ratio(held)
    scale = float(np.ravel(point["SCALE"]["value"])[0]) if "SCALE" in point else -1.0
    bytes_each = WORD if scale < 0.0 else WORD // 2
    start = (int(np.ravel(point["DATA_START"]["value"])[0]) - 1) * BLOCK
    needed = start + frames * each * bytes_each
    if size < needed:
        raise _refused(
            file,
            expected=f"{frames} frames, as its header says",
            found=f"{max(0, (size - start) // max(1, each * bytes_each))} frames: it is cut off",
        )


def _analog_ratio(held: Any) -> int:  # noqa: ANN401
    points, analogs = held["header"]["points"], held["header"]["analogs"]
    rate = float(points["frame_rate"])
    return max(1, round(float(analogs["frame_rate"]) / rate)) if rate > 0 else 1


def _unit(held: Any, *, unit: str, file: str) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    """Return the unit of the positions, and what was said about it."""
    written = held["parameters"]["POINT"].get("UNITS", {}).get("value", [])
    said = str(written[0]).strip().lower() if written else ""
    if unit:
        changed = f"positions read as {unit}, as declared; the file says '{printable(said)}'"
        return unit, (changed,) if said != unit else ()
    if said not in METRES:
        raise InputError(
            [
                Fault(
                    file=file,
                    column="POINT:UNITS",
                    expected=f"one of {', '.join(METRES)}",
                    found=f"'{said}'" if said else "no unit",
                    action="Declare it: unit under [format]",
                )
            ]
        )
    return said, ()


def _rate(held: Any, *, file: str) -> float:  # noqa: ANN401
    """Return the samples per second, of which the file speaks twice."""
    header = float(held["header"]["points"]["frame_rate"])
    parameter = float(np.ravel(held["parameters"]["POINT"]["RATE"]["value"])[0])
    if parameter <= 0.0 or abs(header - parameter) > 1e-3 * parameter:
        raise _refused(
            file,
            expected="one frame rate",
            found=f"{header:g} Hz in the header and {parameter:g} Hz in POINT:RATE",
        )
    return parameter


def _repeated(labels: list[str], *, file: str) -> list[Fault]:
    twice = sorted({label for label in labels if label and labels.count(label) > 1})
    return [
        Fault(
            file=file, column=label, expected="each marker once", found="two markers of this name"
        )
        for label in twice
    ]


def _refused(file: str, *, expected: str, found: str) -> InputError:
    action = "Export the recording again from the motion software"
    return InputError([Fault(file=file, expected=expected, found=found, action=action)])
