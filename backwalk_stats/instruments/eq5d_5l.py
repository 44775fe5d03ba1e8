"""EQ-5D-5L: five dimensions of 1 to 5, their profile, and the EQ VAS; no index."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backwalk_stats.errors import UsageError
from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_EUROQOL = "euroqol.org, FAQ on descriptive system, EQ VAS and index values"
_STROKE = "Qual Life Res, doi 10.1007/s11136-015-1196-z"
_DIMENSIONS = (
    ("mobility", "MO", "Mobility"),
    ("self-care", "SC", "Self-care"),
    ("usual-activities", "UA", "Usual activities"),
    ("pain", "PD", "Pain or discomfort"),
    ("anxiety", "AD", "Anxiety or depression"),
)
_NO_INDEX = (
    "an index needs the value set of one country, and none is shipped (EuroQol's licence): "
    "compute it by the set that the protocol names and declare it as an outcome of its own"
)


def eq5d_profile(levels: ArrayLike) -> NDArray[np.object_]:
    """Return the profile of each person, such as "21143": the five levels in order.

    Parameters
    ----------
    levels : array-like, shape (n, 5)
        Mobility, self-care, usual activities, pain, anxiety; 1 (no problems) to 5.

    Returns
    -------
    array of str, shape (n,)
        A name of a state, not a number; None where any level is missing.

    Raises
    ------
    UsageError
        If there are not five columns, or a level is no whole number from 1 to 5.

    Examples
    --------
    >>> eq5d_profile([[2, 1, 1, 4, 3], [1, 1, 1, 1, np.nan]])
    array(['21143', None], dtype=object)
    """
    values = np.asarray(levels, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(_DIMENSIONS):
        raise UsageError(f"expected five levels a person, found shape {values.shape}")
    known = values[~np.isnan(values)]
    if not np.all(np.isin(known, np.arange(1.0, 6.0))):
        raise UsageError("expected levels of 1, 2, 3, 4 or 5, found another value")
    profiles = [
        None if np.isnan(row).any() else "".join(f"{level:.0f}" for level in row) for row in values
    ]
    return np.array(profiles, dtype=object)


_VAS = measured(
    "eq_vas",
    name="vas",
    label="Health today (EQ VAS, 0 to 100)",
    unit="points",
    better="higher",
    high=100.0,
    step=1.0,
    thresholds=(
        threshold(
            "mcid-stroke-points",
            8.61,
            "stroke, 3 to 4 weeks of rehabilitation (n = 65)",
            _STROKE,
            "by an anchor; by the spread alone, which says nothing of importance, 10.82",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="eq-5d-5l",
    name="EQ-5D-5L",
    domain="health-related quality of life",
    aliases=(("eq-vas", ""),),
    versions=(
        Version(
            code="5l",
            name="five dimensions, 1 to 5, and EQ VAS",
            scales=(
                _VAS,
                *(
                    measured(
                        code,
                        name=name,
                        label=f"{label} (EQ-5D-5L, 1 to 5)",
                        unit="",
                        better="lower",
                        low=1.0,
                        high=5.0,
                        step=1.0,
                        formula="level",
                    )
                    for name, code, label in _DIMENSIONS
                ),
            ),
            refused=(("index", _NO_INDEX), ("utility", _NO_INDEX)),
        ),
    ),
    sources=(_EUROQOL, _STROKE),
    licence="EuroQol, ask before use (from memory); neither wording nor value sets are shipped",
    notes=(
        f"There is no index: {_NO_INDEX}.",
        "Levels are ordered grades, to be counted; their sum (5 to 25) is reported at times and is "
        "not scored here. The profile is a name, by `bw.instruments.eq5d_profile`.",
        "The EQ VAS is the person's own rating; an index is the public's view of a profile: the "
        "one never stands in for the other.",
        "EQ-5D alone does not say whether there are three levels or five: it is no spelling here.",
    ),
)
