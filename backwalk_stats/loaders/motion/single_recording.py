"""One file of a motion laboratory, without a motion file: what it holds, by its ending."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from backwalk_stats.errors import Faults, UsageError
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, check_size
from backwalk_stats.loaders.motion.readers import ENDINGS, PRESETS, TEXT
from backwalk_stats.loaders.motion.tables import TableFormat, read_motion_table
from backwalk_stats.loaders.motion.xsens import read_mvnx

UNLABELLED = "*"  # reflections that nobody named may be anywhere


def read(
    path: str | PathLike[str],
    *,
    unit: str = "",
    layout: TableFormat | None = None,
    format: str = "",
) -> RawMotion:
    """Read one recording: positions in metres, angles in degrees, its rate, and what was changed.

    Parameters
    ----------
    path : str or path-like
        A .c3d file, OpenSim's .mot, .sto and .trc, Xsens' .mvnx, or a delimited .csv, .tsv and
        .txt.
    unit : {"", "m", "cm", "mm"}
        Of the positions of a C3D file that is silent or wrong; "" takes the file's.
    layout : TableFormat, optional
        Which columns of a delimited file are what: nothing in it is guessed.
    format : {"", "nexus", "visual3d", "qualisys", "xsens-mvnx", "motion-bids", "opensense"}
        The program that wrote the file, in place of a layout.

    Returns
    -------
    RawMotion
        `.rate`, `.markers`, `.angles`, `.quaternions` (by name, samples first), `.notes`.

    Raises
    ------
    InputError
        If the file is not what it says it is.
    UsageError
        If its ending is none of these, or `unit` or `layout` does not go with it.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> walk = read(bw.example("motion") / "sim-03_w0_forward.mot")
    >>> round(walk.rate), walk.angles["pelvis_rotation"].shape
    (50, (350,))
    >>> layout = TableFormat(skip_rows=1, time="time", angles={"rotation": "pelvis_rotation"})
    >>> list(read(bw.example("motion") / "sim-07_w0_forward.csv", layout=layout).angles)
    ['rotation']
    """
    if not isinstance(path, str | PathLike):
        raise UsageError("path is the name of a file")
    file = Path(path)
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"a motion file ends in {', '.join(ENDINGS)}; found '{ending}'")
    if unit and (ending != ".c3d" or unit not in METRES):
        raise UsageError(f"unit is of the positions of a C3D file, one of {', '.join(METRES)}")
    if format:
        return _by_preset(file, format, layout)
    if (layout is None) == (ending in TEXT):
        raise UsageError(
            "layout says which columns of a delimited file are what: "
            f"bw.motion.TableFormat(time=..., angles=..., markers=...); "
            f"{'give it' if layout is None else f'leave it out for {ending}'}"
        )
    if layout is not None:
        return read_motion_table(file, layout)
    if ending == ".c3d":
        return _sized(read_c3d(file, unit=unit), file)
    if ending == ".mvnx":
        return read_mvnx(file)
    return read_trc(file) if ending == ".trc" else read_storage(file)


def _by_preset(file: Path, name: str, layout: TableFormat | None) -> RawMotion:
    """Return what a file holds that a known program wrote."""
    if name not in PRESETS:
        raise UsageError(f"format is one of {', '.join(PRESETS)}")
    if layout is not None:
        raise UsageError("format and layout both say what the columns are: give one of them")
    preset = PRESETS[name]
    if file.suffix.lower() not in preset.endings:
        raise UsageError(f"a file of format {name} ends in {', '.join(preset.endings)}")
    return preset.read(file, None)


def _sized(raw: RawMotion, file: Path) -> RawMotion:
    """Return a recording whose named markers can be those of a person in its unit."""
    faults = Faults(file.name)
    named = [label for label in raw.markers if not label.startswith(UNLABELLED)]
    check_size(raw.markers, faults, unit=raw.unit, names=named)
    faults.stop()
    return raw
