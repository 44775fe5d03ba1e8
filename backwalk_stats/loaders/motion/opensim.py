"""OpenSim's text files: .mot and .sto (a table of signals) and .trc (markers)."""

from __future__ import annotations

from pathlib import Path

from backwalk_stats.errors import Faults, InputError, printable
from backwalk_stats.loaders.motion.raw_motion import DEGREES, METRES, RawMotion, check_size, still
from backwalk_stats.loaders.motion.tables import number_table, steady_rate
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode

POSITIONS = ("_tx", "_ty", "_tz")  # OpenSim's endings of coordinates that are no angles


def read_storage(path: Path) -> RawMotion:
    """Return the signals of a .mot or .sto file, in degrees.

    The header says whether angles are in degrees (`inDegrees=yes`); a file that does not say is
    refused, as one of other counts than its header says. Positions (`pelvis_tx` and its like) and
    signals that never change are left out, and the notes say so.
    """
    file = path.name
    lines = _lines(path, file)
    end = next((k for k, line in enumerate(lines) if line.strip().lower() == "endheader"), None)
    if end is None or end + 1 >= len(lines):
        raise _refused(file, expected="a header that ends with 'endheader'", found="none")
    header = _header(lines[:end])
    unit = {"yes": "deg", "no": "rad"}.get(header.get("indegrees", "").lower())
    if unit is None:
        raise _refused(
            file, expected="inDegrees=yes or inDegrees=no in the header", found="neither"
        )
    names = lines[end + 1].split()
    table = number_table(lines[end + 2 :], names, file=file, first=end + 3)
    _require_count(header, "nrows", len(table), file=file)
    _require_count(header, "ncolumns", len(names), file=file)
    if names[0].lower() != "time":
        raise _refused(file, expected="time as the first column", found=f"'{names[0]}'")
    rate = steady_rate(table[:, 0], file=file)
    signals = {name: table[:, place] for place, name in enumerate(names) if place > 0}
    notes = ["angles turned from radians to degrees"] if unit == "rad" else []
    left_out = {name: "a position, no angle" for name in signals if name.endswith(POSITIONS)}
    left_out |= still(signals)
    notes += [f"signal {printable(name)} is left out: {why}" for name, why in left_out.items()]
    angles = {
        name: values * DEGREES[unit] for name, values in signals.items() if name not in left_out
    }
    return RawMotion(rate=rate, angles=angles, notes=tuple(notes))


def read_trc(path: Path) -> RawMotion:
    """Return the markers of a .trc file, in metres."""
    file = path.name
    lines = _lines(path, file)
    if len(lines) < 6 or not lines[0].startswith("PathFileType"):
        raise _refused(file, expected="a TRC file that begins with 'PathFileType'", found="none")
    header = {
        name.lower(): value for name, value in zip(lines[1].split(), lines[2].split(), strict=False)
    }
    unit = header.get("units", "").lower()
    if unit not in METRES:
        expected = f"Units, one of {', '.join(METRES)}"
        raise _refused(file, expected=expected, found=f"'{unit}'" if unit else "none")
    labels = [label for label in lines[3].rstrip().split("\t")[2:] if label.strip()]
    columns = ["frame", "time", *(f"{label} {axis}" for label in labels for axis in "XYZ")]
    start = 5 if lines[5].strip() else 6
    table = number_table(lines[start:], columns, file=file, first=start + 1)
    _require_count(header, "numframes", len(table), file=file)
    _require_count(header, "nummarkers", len(labels), file=file)
    markers = {
        label.strip(): table[:, 2 + 3 * place : 5 + 3 * place] * METRES[unit]
        for place, label in enumerate(labels)
    }
    faults = Faults(file)
    check_size(markers, faults, unit=unit)
    faults.stop()
    return RawMotion(rate=steady_rate(table[:, 1], file=file), markers=markers)


def _lines(path: Path, file: str) -> list[str]:
    text, _ = decode(read_bytes(path), file=file)
    return text.splitlines()


def _header(lines: list[str]) -> dict[str, str]:
    """Return the "key=value" lines of a header, keys in lower case."""
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, sign, value in pairs if sign}


def _require_count(header: dict[str, str], key: str, found: int, *, file: str) -> None:
    said = header.get(key, "")
    if said and said != str(found):
        raise _refused(file, expected=f"{said} as its header says ({key})", found=str(found))


def _refused(file: str, *, expected: str, found: str) -> InputError:
    action = "The file looks cut off or edited; export it again"
    return InputError.of(file, expected, found, action)
