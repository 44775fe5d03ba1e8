"""A motion file as it was read: positions in metres, angles in degrees, and what was changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from backwalk_stats.errors import Faults
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import ForcePlate, GaitEvent

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
DEGREES = {"deg": 1.0, "rad": 180.0 / np.pi}
LENGTHS = {
    "m": ("m", "meter", "meters", "metre", "metres"),
    "cm": ("cm", "centimeter", "centimeters", "centimetre", "centimetres"),
    "mm": ("mm", "millimeter", "millimeters", "millimetre", "millimetres"),
}
SHORTEST = 3  # letters of a unit that is cut short, such as "mete"
SMALLEST, LARGEST = 0.2, 4.0  # metres between the two markers of a person that are furthest apart
SMALLEST_PART = 0.03  # of a person whose feet are not among the markers


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RawMotion(Shown):
    """The content of one file. Missing samples are NaN.

    Attributes
    ----------
    rate : float
        Samples per second.
    markers : mapping of str to array, shape (samples, 3)
        Metres, in the laboratory's axes.
    quaternions : mapping of str to array, shape (samples, 4)
    angles : mapping of str to array, shape (samples,)
        Degrees.
    vectors : mapping of str to array, shape (samples, 3)
        Degrees: model angles of a file, three components a name, not yet declared as signals.
    rotations : mapping of str to array, shape (samples, 3, 3)
        Axes of segments in the laboratory, columns are axes.
    events : tuple of GaitEvent
        In order of time.
    plates : tuple of ForcePlate
    doubled : tuple of str
        Names that stand more than once in the file. None of them is in `markers` or `vectors`:
        which one is meant is not known. `resolve_label` refuses them.
    unit : str
        What positions were read as: "m", "cm" or "mm"; "" where the file holds none.
    notes : tuple of str
        What reading has changed.
    """

    rate: float
    markers: Mapping[str, np.ndarray] = field(default_factory=dict)
    quaternions: Mapping[str, np.ndarray] = field(default_factory=dict)
    angles: Mapping[str, np.ndarray] = field(default_factory=dict)
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)
    rotations: Mapping[str, np.ndarray] = field(default_factory=dict)
    events: tuple[GaitEvent, ...] = ()
    plates: tuple[ForcePlate, ...] = ()
    doubled: tuple[str, ...] = ()
    unit: str = ""
    notes: tuple[str, ...] = ()


def resolve_label(name: str, known: Iterable[str], doubled: Iterable[str] = ()) -> tuple[str, str]:
    """Return the label of a file that a declared name means, and why there is none.

    A name means the label that is written so; else the only one that is written so behind the name
    of a subject and a colon.

    Parameters
    ----------
    name : str
        As the motion file writes it.
    known : iterable of str
        Labels of the file, each once.
    doubled : iterable of str
        Labels that stand in the file more than once (`RawMotion.doubled`).

    Returns
    -------
    tuple of (str, str)
        The label and "", or "" and what was found instead of it, without the name of a subject.

    Examples
    --------
    >>> resolve_label("LASI", ["C7", "AB01:LASI"])
    ('AB01:LASI', '')
    >>> resolve_label("LASI", ["AB01:LASI", "AB02:LASI"])
    ('', 'it for 2 subjects')
    >>> resolve_label("RKNE", ["C7"], doubled=["RKNE"])
    ('', 'it more than once')
    >>> resolve_label("RKNE", ["C7"])
    ('', 'no such name')
    """
    once, often = list(known), set(doubled)
    if name in often:
        return "", "it more than once"
    if name in once:
        return name, ""
    behind = [label for label in (*once, *often) if bare_label(label) == name]
    if not behind:
        return "", "no such name"
    if len(behind) > 1:
        return "", f"it for {len(behind)} subjects"
    return ("", "it more than once") if behind[0] in often else (behind[0], "")


def bare_label(label: str) -> str:
    """Return a label without the name of a subject that stands before it.

    >>> bare_label("AB01:LASI"), bare_label("LASI")
    ('LASI', 'LASI')
    """
    return label.rpartition(":")[2].strip()


def length_unit(written: str) -> tuple[str, bool]:
    """Return "m", "cm" or "mm" of any spelling, "" for another one, and whether it was cut short.

    >>> length_unit("Millimeters"), length_unit("MM"), length_unit("mete"), length_unit("inch")
    (('mm', False), ('mm', False), ('m', True), ('', False))
    """
    word = written.strip().strip(".").casefold()
    for unit, spellings in LENGTHS.items():
        if word in spellings:
            return unit, False
    if len(word) < SHORTEST:
        return "", False
    begun = {unit for unit, words in LENGTHS.items() if any(one.startswith(word) for one in words)}
    return (begun.pop(), True) if len(begun) == 1 else ("", False)


def check_size(
    markers: Mapping[str, np.ndarray],
    faults: Faults,
    *,
    unit: str,
    names: Collection[str] | None = None,
    smallest: float = SMALLEST,
) -> None:
    """Refuse markers that cannot be those of a person in the unit that is declared.

    The markers are those of a body, so the two furthest apart are between `smallest` and `LARGEST`
    metres from each other; millimetres that are taken for metres are a thousand times too far.
    `names` are those that are used (labels of `markers`); a reflection that nobody uses may be
    anywhere. None: all of them.
    """
    if names is not None:
        markers = {name: points for name, points in markers.items() if name in names}
    if len(markers) < 2:
        return
    points = np.stack(list(markers.values()))
    there = np.isfinite(points)
    high = np.where(there, points, -np.inf).max(axis=0)
    low = np.where(there, points, np.inf).min(axis=0)
    known = (there.sum(axis=0) >= 2).all(axis=1)
    if not known.any():
        return
    size = float(np.sqrt((np.median((high - low)[known], axis=0) ** 2).sum()))
    if not smallest <= size <= LARGEST:
        expected = f"markers of a body, at most {LARGEST:g} m apart"
        found = f"markers {size:.3g} m apart when they are read as {unit}"
        action = "Declare the unit that the positions are in: m, cm or mm"
        faults.add("unit of positions", expected, found, action)


def still(signals: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return the signals that never move, and what is there instead of a movement.

    >>> still({"a": np.array([1.0, 2.0]), "b": np.array([3.0, np.nan, 3.0])})
    {'b': 'the same number in every sample'}
    """
    found = {}
    for name, values in signals.items():
        there = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))]
        if not len(there):
            found[name] = "no sample"
        elif not np.ptp(there, axis=0).any():
            found[name] = "the same number in every sample"
    return found
