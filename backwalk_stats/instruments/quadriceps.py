"""Quadriceps strength: force, torque, torque per body mass, and the two legs compared."""

from __future__ import annotations

from backwalk_stats.instruments.combine import identity
from backwalk_stats.instruments.instrument import (
    Combine,
    FloatArray,
    Instrument,
    Item,
    Scale,
    Version,
)
from backwalk_stats.instruments.items import complete, threshold

NEWTONS_PER_KGF = 9.80665


def newtons(items: FloatArray) -> FloatArray:
    """Return force in N from kilogram-force. Shape (n, 1) to (n,).

    >>> import numpy as np
    >>> newtons(np.array([[10.0]]))
    array([98.0665])
    """
    return NEWTONS_PER_KGF * items[:, 0]


def torque(items: FloatArray) -> FloatArray:
    """Return torque in Nm from columns of force (N) and lever (m). Shape (n, 2) to (n,).

    >>> import numpy as np
    >>> torque(np.array([[200.0, 0.35]]))
    array([70.])
    """
    return items[:, 0] * items[:, 1]


def torque_per_mass(items: FloatArray) -> FloatArray:
    """Return Nm/kg from columns of force (N), lever (m) and mass (kg). Shape (n, 3) to (n,).

    >>> import numpy as np
    >>> torque_per_mass(np.array([[200.0, 0.35, 70.0]]))
    array([1.])
    """
    return items[:, 0] * items[:, 1] / items[:, 2]


def limb_symmetry(items: FloatArray) -> FloatArray:
    """Return 100 x involved / uninvolved, from columns in that order. Shape (n, 2) to (n,).

    >>> import numpy as np
    >>> limb_symmetry(np.array([[80.0, 100.0]]))
    array([80.])
    """
    return 100.0 * items[:, 0] / items[:, 1]


_EXTENSION = threshold(
    "mdc95-dynamometer-points",
    0.23,
    "knee osteoarthritis, hand-held dynamometer, 3 months, extension",
    "abstract without an address",
    "flexion 0.17 Nm/kg",
)


def _scale(
    name: str,
    unit: str,
    codes: str,
    usual: tuple[float, float],
    combine: Combine = identity,
    formula: str = "as measured",
) -> Scale:
    """Return a scale of measurements, which stand with spaces between."""
    each = codes.split()
    label = "Limb symmetry" if name == "symmetry" else "Quadriceps strength"
    return Scale(
        name=name,
        label=f"{label} ({unit})",
        low=0.0,
        high=None,
        step=None,
        unit=unit,
        better="higher",
        items=tuple(Item(code=code, low=0.0, step=None, open_low=True) for code in each),
        formula=formula,
        combine=combine,
        rules=(complete(len(each)),),
        open_low=True,
        usual=usual,
        thresholds=(_EXTENSION,) if unit == "Nm/kg" else (),
    )


_NEWTONS, _TORQUES = (20.0, 1500.0), (5.0, 500.0)
_SCALES = (
    _scale("force", "N", "quad_n", _NEWTONS),
    _scale("force-from-kgf", "N", "quad_kgf", _NEWTONS, newtons, "9.80665 x kgf"),
    _scale("torque", "Nm", "quad_nm", _TORQUES),
    _scale("torque-from-force", "Nm", "quad_n lever_m", _TORQUES, torque, "force x lever"),
    _scale(
        "torque-per-mass",
        "Nm/kg",
        "quad_n lever_m mass_kg",
        (0.1, 6.0),
        torque_per_mass,
        "force x lever / body mass",
    ),
    _scale(
        "symmetry",
        "%",
        "quad_involved quad_uninvolved",
        (10.0, 200.0),
        limb_symmetry,
        "100 x involved / uninvolved",
    ),
)

INSTRUMENT = Instrument(
    code="quad",
    name="Quadriceps strength",
    domain="impairment",
    aliases=(("quadriceps", ""),),
    versions=(Version(code="isometric", name="maximal, by dynamometer", scales=_SCALES),),
    sources=("BMC Musculoskelet Disord 2011;12:249",),
    licence="free",
    unverified=("MDC95 of 0.23 Nm/kg: from an abstract whose address is not known.",),
    notes=(
        "Unit, lever and whether it is divided by body mass are declared.",
        "Symmetry: at 100 % the legs are equal, above it the involved one is the stronger. Higher "
        "is better holds up to 100 only.",
        "Before knee replacement the smallest detectable difference by hand-held dynamometer is 19 "
        "to 57.5 % (one rater).",
    ),
)
