"""Prints numbers as papers do: rounded, half up or half to even, and the usual ways to give p."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np

Row = dict[str, str]


@dataclass(frozen=True)
class Printer:
    """Prints numbers with so many decimals, half up or half to even."""

    decimals: int
    rounding: str

    def __call__(self, value: float, decimals: int | None = None) -> str:
        places = self.decimals if decimals is None else decimals
        unit = Decimal(1).scaleb(-places)
        return str(Decimal(repr(float(value))).quantize(unit, rounding=self.rounding))


def printer(rng: np.random.Generator) -> Printer:
    """Return a printer of 1 to 3 decimals."""
    return Printer(int(rng.integers(1, 4)), str(rng.choice([ROUND_HALF_UP, ROUND_HALF_EVEN])))


def printed_p(p: float, show: Printer, rng: np.random.Generator) -> str:
    """Return a p-value in one of the ways in which papers give it."""
    ways = [show(p, 3), show(p, 2), show(p, 4), "p = " + show(p, 3).replace("0.", ".")]
    ways += [f"P={show(p, 2)}"]
    ways += [f"p<{bound}" for bound in ("0.001", ".01") if p < float(bound)]
    ways += ["P<.0001", "p \N{LESS-THAN OR EQUAL TO} .001"] if p < 0.0001 else []
    ways += ["p > 0.1", "P>.10"] if p > 0.1 else []
    ways += [show(p, 3) + "*", show(p, 3) + " (significant)"] if 0.001 < p < 0.049 else []
    ways += ["<0.05", "significant"] if p < 0.05 else ["NS", ">0.05", "no significant difference"]
    return str(rng.choice(ways))
