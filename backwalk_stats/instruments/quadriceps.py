"""Quadriceps strength: force, torque, torque per body mass, and the two legs compared."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import (
    Combine,
    FloatArray,
    Instrument,
    Item,
    Scale,
    Version,
)
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.trial.outcome import Threshold

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


def _computed(
    name: str,
    label: str,
    unit: str,
    codes: tuple[str, ...],
    combine: Combine,
    formula: str,
    *,
    usual: tuple[float, float],
    thresholds: tuple[Threshold, ...] = (),
) -> Scale:
    return Scale(
        name=name,
        label=f"{label} ({unit})",
        low=0.0,
        high=None,
        step=None,
        unit=unit,
        better="higher",
        items=tuple(Item(code=code, low=0.0, step=None, open_low=True) for code in codes),
        formula=formula,
        combine=combine,
        rules=(complete(len(codes)),),
        open_low=True,
        usual=usual,
        thresholds=thresholds,
    )


_EXTENSION = threshold(
    "mdc95-dynamometer-points",
    0.23,
    "knee osteoarthritis, hand-held dynamometer, 3 months, extension",
    "abstract without an address",
    "flexion 0.17 Nm/kg",
)
_STRENGTH = "Quadriceps strength"

INSTRUMENT = Instrument(
    code="quad",
    name="Quadriceps strength",
    domain="impairment",
    aliases=(("quadriceps", ""),),
    versions=(
        Version(
            code="isometric",
            name="maximal, by dynamometer",
            scales=(
                measured(
                    "quad_n",
                    name="force",
                    label=f"{_STRENGTH} (N)",
                    unit="N",
                    better="higher",
                    open_low=True,
                    usual=(20.0, 1500.0),
                ),
                _computed("force-from-kgf", _STRENGTH, "N", ("quad_kgf",), newtons,
                          "9.80665 x kgf", usual=(20.0, 1500.0)),
                measured(
                    "quad_nm",
                    name="torque",
                    label=f"{_STRENGTH} (Nm)",
                    unit="Nm",
                    better="higher",
                    open_low=True,
                    usual=(5.0, 500.0),
                ),
                _computed("torque-from-force", _STRENGTH, "Nm", ("quad_n", "lever_m"), torque,
                          "force x lever", usual=(5.0, 500.0)),
                _computed("torque-per-mass", _STRENGTH, "Nm/kg",
                          ("quad_n", "lever_m", "mass_kg"), torque_per_mass,
                          "force x lever / body mass", usual=(0.1, 6.0),
                          thresholds=(_EXTENSION,)),
                _computed("symmetry", "Limb symmetry", "%", ("quad_involved", "quad_uninvolved"),
                          limb_symmetry, "100 x involved / uninvolved", usual=(10.0, 200.0)),
            ),
        ),
    ),
    sources=("BMC Musculoskelet Disord 2011;12:249",),
    licence="free",
    unverified=("MDC95 of 0.23 Nm/kg: from an abstract whose address is not known.",),
    notes=(
        "Unit, lever and whether it is divided by body mass are declared.",
        "Before knee replacement the smallest detectable difference by hand-held dynamometer is 19 "
        "to 57.5 % (one rater).",
    ),
)  # fmt: skip
