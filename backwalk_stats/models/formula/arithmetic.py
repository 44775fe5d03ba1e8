"""Arithmetic on columns within a formula: what `I(x^2)` or `log(x + 1)` computes, and its name.

An expression is a small tree of whitelisted operations that a formula's reader builds; nothing here
reads or executes text. Names are written as R writes an expression back, so that terms are called
what R's `lm` calls them: `I(x^2)`, `I(x * 2)`, `I(x/1e+05)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown

NUMERIC: dict[str, Callable[[FloatArray], FloatArray]] = {
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}
OPERATIONS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}
_PLAIN = re.compile(r"[^\W\d][\w.]*")
DIGITS = 15


@dataclass(frozen=True, slots=True, repr=False)
class Expression(Shown):
    """A node of an expression.

    Attributes
    ----------
    kind : str
        "column", "number", "sign", "operation", "parentheses" or "function".
    word : str
        The column, sign, operation or function; of a number, its digits.
    parts : tuple of Expression
        What it acts on.
    """

    kind: str
    word: str = ""
    parts: tuple[Expression, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that are read, in order, once."""
        own = [self.word] if self.kind == "column" else []
        return tuple(dict.fromkeys([*own, *(c for part in self.parts for c in part.columns)]))

    @property
    def text(self) -> str:
        """Return the expression as R writes it back."""
        inner = [part.text for part in self.parts]
        if self.kind == "column":
            return self.word if _PLAIN.fullmatch(self.word) else f"`{self.word}`"
        if self.kind == "operation":
            joint = self.word if self.word in ("/", "^") else f" {self.word} "
            return joint.join(inner)
        if self.kind == "number":
            return number_text(float(self.word))
        if self.kind in ("parentheses", "function"):
            return f"{self.word}({inner[0]})"
        return self.word + "".join(inner)

    def at(self, columns: Mapping[str, FloatArray]) -> FloatArray:
        """Return the value at given values of the columns; not finite where there is none."""
        if self.kind == "column":
            return columns[self.word]
        if self.kind == "number":
            return np.asarray(float(self.word))
        inner = [part.at(columns) for part in self.parts]
        with np.errstate(all="ignore"):
            if self.kind == "operation":
                return np.asarray(OPERATIONS[self.word](inner[0], inner[1]))
            if self.kind == "function" and self.word != "I":
                return np.asarray(NUMERIC[self.word](inner[0]))
        return np.negative(inner[0]) if self.word == "-" else inner[0]


def number_text(value: float) -> str:
    """Return a number as R writes it: up to 15 digits, fixed unless the exponent is shorter.

    Examples
    --------
    >>> [number_text(value) for value in (2.0, 0.5, 1.50, 100000.0, 123456.0, 0.0001, 0.001)]
    ['2', '0.5', '1.5', '1e+05', '123456', '1e-04', '0.001']
    """
    mantissa, exponent = f"{value:.{DIGITS - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    digits, power = len(mantissa.replace(".", "")), int(exponent)
    decimals = max(0, digits - 1 - power)
    fixed = f"{value:.{decimals}f}"
    scientific = f"{mantissa}e{exponent}"
    return fixed if len(fixed) <= len(scientific) else scientific
