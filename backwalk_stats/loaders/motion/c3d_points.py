"""Points of a C3D file: which are markers, which are model angles, in which unit, and poses.

POINT:LABELS names the points in their order, going on in LABELS2, LABELS3 where there are more than
255; only the first POINT:USED of them count. A model writes its results as points too and lists
them in POINT:ANGLES, FORCES, MOMENTS, POWERS and SCALARS: these are no positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import InputError, printable
from backwalk_stats.loaders.motion.c3d_file import C3DFile, unit_text
from backwalk_stats.loaders.motion.raw_motion import (
    DEGREES,
    METRES,
    bare_label,
    length_unit,
)

NO_POSITIONS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "REACTIONS")
ANGLE_UNITS = {
    "deg": ("deg", "degs", "degree", "degrees", "°"),
    "rad": ("rad", "rads", "radian", "radians"),
}
ROTATED = 0.01  # how far a matrix may be from a turn, in any of its numbers
SHOWN = 5  # names in a note
UNNAMED = "*"  # how programs begin the names of reflections that nobody labelled


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """Markers in metres, model angles in degrees, poses of segments. Missing samples are NaN.

    Attributes
    ----------
    markers, vectors : mapping of str to array, shape (frames, 3)
    rotations : mapping of str to array, shape (frames, 3, 3)
    doubled : tuple of str
        Names of more than one marker or angle, which are in neither.
    unit : str
        What positions were read as; "" where there are none.
    notes : tuple of str
    """

    markers: Mapping[str, FloatArray] = field(default_factory=dict)
    vectors: Mapping[str, FloatArray] = field(default_factory=dict)
    rotations: Mapping[str, FloatArray] = field(default_factory=dict)
    doubled: tuple[str, ...] = ()
    unit: str = ""
    notes: tuple[str, ...] = ()


def c3d_points(c3d: C3DFile, *, unit: str) -> Points:
    """Return the points of a file and its poses; refuse positions of an unknown unit.

    `unit` ("m", "cm", "mm") is the declared one; "" takes the file's.
    """
    labels = (c3d.all_texts("POINT", "LABELS") + [""] * c3d.points)[: c3d.points]
    kinds = _kinds(c3d, labels)
    counted = Counter(label for label in labels if label)
    once = {label: place for place, label in enumerate(labels) if counted[label] == 1}
    places, _ = c3d.positions()
    here = [label for label in once if not kinds[label]]
    turned = [label for label in once if kinds[label] == "ANGLES"]
    any_marker = any(label and not kinds[label] for label in labels)
    used, notes = _unit(c3d, declared=unit) if any_marker else ("", [])
    markers = {label: places[:, once[label]] * METRES[used] for label in here}
    notes += _without_zeros(markers)
    vectors, said = _angles(c3d, {label: places[:, once[label]] for label in turned})
    nameless = labels.count("")
    if nameless:
        said.append(f"{nameless} points without a label were not read")
    rotations, told = _rotations(c3d)
    looked_at = ("", "ANGLES")
    return Points(
        markers=markers,
        vectors=vectors,
        rotations=rotations,
        doubled=tuple(x for x, n in counted.items() if n > 1 and kinds[x] in looked_at),
        unit=used,
        notes=(*notes, *said, *told),
    )


def _kinds(c3d: C3DFile, labels: list[str]) -> dict[str, str]:
    """Return what each point is: "" for a position, or the group of model results it stands in."""
    groups = {name: set(c3d.all_texts("POINT", name)) - {""} for name in NO_POSITIONS}
    pairs = c3d.all_texts("POINT", "TYPE_GROUPS")  # names of parameters, each with what it lists
    for name, kind in zip(pairs[::2], pairs[1::2], strict=False):
        if f"{kind.upper()}S" in groups:
            groups[f"{kind.upper()}S"] |= set(c3d.all_texts("POINT", name.upper())) - {""}
    exact = {label: name for name, members in groups.items() for label in members}
    bare = {bare_label(label): name for label, name in exact.items()}
    return {label: exact.get(label, bare.get(bare_label(label), "")) for label in labels}


def _unit(c3d: C3DFile, *, declared: str) -> tuple[str, list[str]]:
    """Return the unit of the positions, and what was said about it."""
    written = unit_text(c3d.texts("POINT", "UNITS"))
    said, short = length_unit(written)
    if declared:
        shown = printable(written)
        changed = f"positions read as {declared}, as declared; the file says '{shown}'"
        return declared, [changed] if said != declared else []
    if not said:
        found, action = (
            f"'{written}'" if written else "no unit",
            "Declare it: unit = of the recording",
        )
        expected = f"one of {', '.join(METRES)}"
        raise InputError.of(c3d.file, expected, found, action, column="POINT:UNITS")
    return said, [f"the unit '{printable(written)}' was taken for {said}, cut short"] * short


def _without_zeros(markers: Mapping[str, FloatArray]) -> list[str]:
    """Take positions at exactly (0, 0, 0) for missing; return what was said about it."""
    found = {}
    for label, points in markers.items():
        at_origin = (points == 0.0).all(axis=1)
        if at_origin.any():
            points[at_origin] = np.nan
            found[label] = int(at_origin.sum())
    named = {label: n for label, n in found.items() if not label.startswith(UNNAMED)}
    if not named:
        return []
    shown = ", ".join(f"{n} of {printable(bare_label(x))}" for x, n in list(named.items())[:SHOWN])
    more = f" and {len(named) - SHOWN} more markers" if len(named) > SHOWN else ""
    return [f"samples at (0, 0, 0) were taken for missing: {shown}{more}"]


def _angles(
    c3d: C3DFile, written: dict[str, FloatArray]
) -> tuple[dict[str, FloatArray], list[str]]:
    """Return model angles in degrees, and what was assumed about them.

    Two and more samples in a row of exactly (0, 0, 0) are what a model writes that could not be
    computed; a single one may be true.
    """
    if not written:
        return {}, []
    text = unit_text(c3d.texts("POINT", "ANGLE_UNITS"))
    word = text.strip(".").casefold()
    unit = next((unit for unit, words in ANGLE_UNITS.items() if word in words), "")
    if text and not unit:
        told = f"{len(written)} model angles were left out: their unit is '{printable(text)}'"
        return {}, [f"{told}, neither degrees nor radians"]
    notes = [] if text else ["the file states no unit of its model angles: taken for degrees"]
    angles = {label: values * DEGREES[unit or "deg"] for label, values in written.items()}
    emptied = 0
    for values in angles.values():
        zero = (values == 0.0).all(axis=1)
        beside = np.zeros_like(zero)
        beside[1:] |= zero[:-1]
        beside[:-1] |= zero[1:]
        values[zero & beside] = np.nan
        emptied += bool((zero & beside).any())
    if emptied:
        notes.append(f"samples at (0, 0, 0) of {emptied} model angles were taken for missing")
    return angles, notes


def _rotations(c3d: C3DFile) -> tuple[dict[str, FloatArray], list[str]]:
    """Return the turns of ROTATION by name, and what was left out."""
    poses = c3d.poses()
    if poses is None:
        return {}, []
    turns = poses[..., :3, :3]
    with np.errstate(all="ignore"):
        square = np.swapaxes(turns, -1, -2) @ turns
        off = np.abs(square - np.eye(3)).max(axis=(-2, -1))
        proper = (off <= ROTATED) & (np.linalg.det(turns) > 0.0)
    odd = int((~proper & np.isfinite(turns).all(axis=(-2, -1))).sum())
    turns[~proper] = np.nan
    notes = [f"{odd} matrices of ROTATION are no turns and were taken for missing"] if odd else []
    ratio = c3d.count("ROTATION", "RATIO")
    if ratio > 1:
        notes.append(f"the first of the {ratio} poses of each frame was taken")
    labels = (c3d.all_texts("ROTATION", "LABELS") + [""] * turns.shape[1])[: turns.shape[1]]
    counted = Counter(labels)
    twice = sum(n > 1 for label, n in counted.items() if label)
    if twice:
        notes.append(f"poses of {twice} names that stand twice were left out")
    kept = {x: turns[:, k] for k, x in enumerate(labels) if x and counted[x] == 1}
    return kept, notes
