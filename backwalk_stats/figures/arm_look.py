"""How an arm looks in every figure: told apart in colour, in grey, and by shape alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backwalk_stats.figures.style import BLUE, GREY, INK, VERMILLION


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmLook:
    """Colour, marker, line and hatch of one arm.

    Attributes
    ----------
    colour, pale : str
        For lines and marks; for areas behind them.
    marker : str
        Of matplotlib.
    line : str or tuple
        Line style of matplotlib.
    hatch : str
        Hatch of matplotlib, "" for none.
    """

    colour: str
    pale: str
    marker: str
    line: Any
    hatch: str


_FIRST = ArmLook(colour=BLUE, pale="#BAD8EA", marker="o", line="-", hatch="")
_SECOND = ArmLook(
    colour=VERMILLION, pale="#F5CDB0", marker="s", line=(0, (4.5, 1.8)), hatch="//////"
)
_CONTROL = ArmLook(colour=GREY, pale="#DEDEDE", marker="^", line=(0, (1.4, 1.4)), hatch="....")
_FURTHER = ArmLook(
    colour=INK, pale="#C4C4C4", marker="D", line=(0, (5, 1.5, 1.2, 1.5)), hatch="xxxx"
)
_KNOWN = {"forward": _FIRST, "backward": _SECOND, "control": _CONTROL}
_ORDER = (_FIRST, _SECOND, _CONTROL, _FURTHER)


def arm_looks(names: Iterable[str]) -> dict[str, ArmLook]:
    """Return the look of each arm, the reference first.

    Forward walking is blue, backward walking vermillion and a control grey, wherever they stand;
    other arms get the looks that are left, in order. From the fifth arm on looks repeat.

    Examples
    --------
    >>> looks = arm_looks(["control", "hill"])
    >>> looks["control"].marker, looks["hill"].marker
    ('^', 'o')
    """
    arms = list(dict.fromkeys(names))
    looks = {name: _KNOWN[name] for name in arms if name in _KNOWN}
    free = [look for look in _ORDER if look not in looks.values()] or list(_ORDER)
    others = [name for name in arms if name not in looks]
    looks |= {name: free[place % len(free)] for place, name in enumerate(others)}
    return {name: looks[name] for name in arms}
