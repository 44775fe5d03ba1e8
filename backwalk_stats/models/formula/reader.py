"""Reading a formula from left to right: signs and names, before they mean anything.

Text goes in, character by character; out come sums, products and variables as they are written.
What they mean is the algebra of `formula.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.formula.arithmetic import NUMERIC, Expression
from backwalk_stats.registry import Shown

BASES = {"poly": "degree", "ns": "df"}
FUNCTIONS = ("factor", *NUMERIC, "I", *BASES, "offset")
ARITHMETIC = "columns, numbers, + - * / ^ ( ) and " + ", ".join(NUMERIC)
TRUTH = {"TRUE": True, "T": True, "FALSE": False, "F": False}
ALLOWED = "names, numbers 0 and 1, + - * / : ^ %in% ( ) | and " + ", ".join(FUNCTIONS)
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*|`[^`\n]+`)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?!\w))"
    r"|(?P<sign>\|\||\*\*|%in%|[-+*/^:()|,=]))"
)
DEEPEST = 50
HIGHEST_POWER = 20
HIGHEST_DEGREE = 20
MOST_OPERATIONS = 100
LARGEST = 1e15


@dataclass(frozen=True, slots=True, repr=False)
class Variable(Shown):
    """What enters terms as one: a column, a function of columns, or the basis of a curve.

    Attributes
    ----------
    column : str
        The first column that is read.
    function : str
        "" for the column as it is.
    inner : Expression or None
        What the function is of, where that is more than a column.
    size : int
        Columns of a basis; 0 for a plain variable.
    raw : bool
        Of poly: powers as they are.
    text : str
        Its name where that is not "function(column)".
    """

    column: str
    function: str = ""
    inner: Expression | None = None
    size: int = 0
    raw: bool = False
    text: str = ""

    @property
    def name(self) -> str:
        """Return the variable as R prints it: "x", "log(x)" or "poly(x, 2)"."""
        return self.text or (f"{self.function}({self.column})" if self.function else self.column)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column that is read."""
        return (self.column,) if self.inner is None else self.inner.columns


Term = tuple[Variable, ...]


# What is written, before it means anything: a variable, a number, an offset, or an operation.
@dataclass(frozen=True, slots=True)
class Sum:
    """Parts joined by + (True) and - (False)."""

    parts: tuple[tuple[bool, Written], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Parts joined from left to right by operators of one strength; `power` with `^` alone."""

    parts: tuple[Written, ...]
    operators: tuple[str, ...]
    power: int = 0


@dataclass(frozen=True, slots=True)
class Offset:
    """A variable that enters with coefficient 1."""

    variable: Variable


Written = Variable | int | Offset | Sum | Operation


@dataclass(frozen=True, slots=True)
class Grouped:
    """A random-effects part: its terms, the columns after the bar, and how they are joined."""

    terms: Sum
    columns: tuple[str, ...]
    nested: bool
    correlated: bool


def _size_missing(name: str, place: int) -> UsageError:
    more = ", and raw = TRUE or FALSE" if name == "poly" else ""
    return UsageError(
        f"formula: {name}( ) at character {place} takes a covariate and a whole number from 1 to "
        f"{HIGHEST_DEGREE} ({BASES[name]}){more}, as in {name}(x, 2)"
    )


class Reader:
    """Reads one side of a formula from left to right."""

    def __init__(self, text: str, offset: int) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        self.random: list[Grouped] = []
        at = 0
        stripped = text.rstrip()
        while at < len(stripped):
            found = _TOKEN.match(stripped, at)
            if found is None:
                place = at + len(stripped[at:]) - len(stripped[at:].lstrip())
                sign = printable(stripped[place])
                raise UsageError(
                    f"formula: {sign!r} at character {offset + place + 1} is not allowed; "
                    f"a formula holds {ALLOWED}"
                )
            kind = str(found.lastgroup)
            word = "^" if found.group(kind) == "**" else found.group(kind)
            self.tokens.append((kind, word, offset + found.start(kind) + 1))
            at = found.end()
        self.at = self.depth = self.operations = 0

    def peek(self) -> str:
        """Return the next sign, or "" at the end."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, str, int]:
        """Return the next token and go on."""
        if self.at >= len(self.tokens):
            raise UsageError("formula: it ends where a name was expected")
        self.at += 1
        return self.tokens[self.at - 1]

    def took(self, *signs: str) -> str:
        """Return the next sign and go on if it is one of these, else "" and stay."""
        return self.take()[1] if self.peek() in signs else ""

    def end(self) -> None:
        """Demand that nothing is left."""
        if self.at < len(self.tokens):
            _, sign, place = self.tokens[self.at]
            raise UsageError(
                f"formula: {printable(sign)!r} at character {place} stands where it cannot"
            )

    def close(self, inside: str = "") -> None:
        """Demand a closing parenthesis."""
        _, sign, place = self.take()
        if sign != ")":
            told = f"; {inside}" if inside else ""
            raise UsageError(
                f"formula: expected ')' at character {place}, found {printable(sign)!r}{told}"
            )

    def deeper(self) -> None:
        """Count a parenthesis that opens; `self.depth` is counted down where it closes."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise UsageError(f"formula: more than {DEEPEST} parentheses within each other")

    def sum(self, *, whole: bool = False) -> Sum:
        """Read terms joined by + and -; `whole` where parts may be random-effects parts."""
        self.deeper()
        parts: list[tuple[bool, Written]] = []
        plus = self.took("+", "-") != "-"
        while True:
            if not (whole and self._random(plus=plus)):
                parts.append((plus, self.product()))
            sign = self.took("+", "-")
            if not sign:
                self.depth -= 1
                return Sum(tuple(parts))
            plus = sign == "+"

    def _random(self, *, plus: bool) -> bool:
        """Read "( ... | a )", "( ... | a/b )" or "( ... | a:b )"; False where it is none."""
        start = self.at
        if self.peek() != "(":
            return False
        self.take()
        inner = self.sum()
        bar = self.took("|", "||")
        if not bar:
            self.at = start
            return False
        columns, signs = [self._grouping(bar)], set()
        while sign := self.took("/", ":"):
            signs.add(sign)
            columns.append(self._grouping(bar))
        self.close()
        told = "/".join(columns)
        if len(signs) > 1:
            raise UsageError(f"formula: after {bar} columns are joined by / or by :, not both")
        if not plus:
            raise UsageError(f"formula: - before ( {bar} {told}) has nothing to take away")
        if len(set(columns)) < len(columns):
            raise UsageError(f"formula: {told}: a column stands twice after {bar}")
        self.random.append(Grouped(inner, tuple(columns), "/" in signs, bar == "|"))
        return True

    def _grouping(self, bar: str) -> str:
        """Read a column that groups the rows."""
        found = self.variable()
        if found.function:
            raise UsageError(f"formula: {found.name} after {bar} is no column: give the column")
        return found.column

    def product(self) -> Written:
        """Read parts joined by * and /."""
        return self._chain(self.nested, ("*", "/"))

    def nested(self) -> Written:
        """Read parts joined by %in%, which binds closer."""
        return self._chain(self.interaction, ("%in%",))

    def interaction(self) -> Written:
        """Read parts joined by a colon, which binds closer still."""
        return self._chain(self.power, (":",))

    def _chain(self, part: Callable[[], Written], operators: tuple[str, ...]) -> Written:
        parts, found = [part()], []
        while sign := self.took(*operators):
            found.append(sign)
            parts.append(part())
        return Operation(tuple(parts), tuple(found)) if found else parts[0]

    def power(self) -> Written:
        """Read a variable, a number or a sum in parentheses, perhaps to a power."""
        base = self.atom()
        while self.took("^"):
            kind, word, place = self.take()
            if kind != "number" or not word.isdigit() or not 2 <= int(word) <= HIGHEST_POWER:
                raise UsageError(
                    f"formula: expected a whole number from 2 to {HIGHEST_POWER} after ^ at "
                    f"character {place}, found {printable(word)!r}; a power of a column is I(x^2)"
                )
            if isinstance(base, Variable | Offset):
                name = base.variable.name if isinstance(base, Offset) else base.name
                raise UsageError(
                    f"formula: {name}^{word} at character {place} crosses {name} with itself, "
                    f"which is {name}; a power of a column is I(x^{word})"
                )
            base = Operation((base,), (), int(word))
        return base

    def atom(self) -> Written:
        """Read a variable, 0 or 1, an offset, or a sum in parentheses."""
        if self.took("("):
            inner = self.sum()
            self.close()
            return inner
        kind, word, place = self.tokens[self.at] if self.peek() else ("", "", 0)
        if kind == "number":
            self.take()
            if word not in ("0", "1"):
                raise UsageError(
                    f"formula: {printable(word)!r} at character {place}: a number is 0 or 1 (the "
                    "intercept), or stands in I( ), poly( ), ns( ) or after ^"
                )
            return int(word)
        found = self.variable()
        return Offset(found) if found.function == "offset" else found

    def variable(self) -> Variable:
        """Read a name, or a whitelisted function of columns."""
        kind, name, place = self.take()
        if kind != "name":
            raise UsageError(
                f"formula: expected a name at character {place}, found {printable(name)!r}"
            )
        if self.peek() != "(" or name.startswith("`"):
            return Variable(name.strip("`"))
        if name not in FUNCTIONS:
            raise UsageError(
                f"formula: '(' after {printable(name)!r} at character {place}: no such function; "
                f"there are: {', '.join(FUNCTIONS)}"
            )
        self.take()
        inner = self.expression()
        if name in BASES and self.peek() == "," and inner.columns:
            return self._basis(name, inner, place)
        self.close(f"{name}( ) takes one column or arithmetic on columns: {ARITHMETIC}")
        if not inner.columns:
            raise UsageError(f"formula: {name}( ) at character {place} names no column")
        if name in BASES:
            raise _size_missing(name, place)
        if inner.kind == "column" and name in ("factor", *NUMERIC):
            return Variable(inner.word, name)
        if name == "factor":
            raise UsageError(f"formula: factor( ) at character {place} takes one column")
        return Variable(inner.columns[0], name, inner, text=f"{name}({inner.text})")

    def _basis(self, name: str, inner: Expression, place: int) -> Variable:
        """Read what follows the covariate of poly or ns: its size, and raw of poly."""
        size, raw, told = 0, "", ""
        while self.took(","):
            kind, word, _ = self.take()
            key = word if kind == "name" and self.took("=") else ""
            if key:
                kind, word, _ = self.take()
            told += f", {key} = {word}" if key else f", {word}"
            if key in ("", BASES[name]) and kind == "number" and word.isdigit() and not size:
                size = int(word[:4])
            elif name == "poly" and key == "raw" and word in TRUTH and not raw:
                raw = word
            else:
                size = -1
                break
        if not 1 <= size <= HIGHEST_DEGREE:
            raise _size_missing(name, place)
        self.close()
        text = f"{name}({inner.text}{told})"
        return Variable(inner.columns[0], name, inner, size, TRUTH.get(raw, False), text)

    def expression(self) -> Expression:
        """Read arithmetic: parts joined by + and -."""
        self.deeper()
        found = self._left_to_right(self._factors, ("+", "-"))
        self.depth -= 1
        return found

    def _factors(self) -> Expression:
        return self._left_to_right(self._signed, ("*", "/"))

    def _left_to_right(
        self, part: Callable[[], Expression], operators: tuple[str, ...]
    ) -> Expression:
        found = part()
        while sign := self.took(*operators):
            self._count()
            found = Expression("operation", sign, (found, part()))
        return found

    def _signed(self) -> Expression:
        """Read a sign, which binds less than a power: -x^2 is -(x^2)."""
        if sign := self.took("-", "+"):
            self._count()
            return Expression("sign", sign, (self._signed(),))
        base = self._operand()
        if not self.took("^"):
            return base
        self._count()
        return Expression("operation", "^", (base, self._signed()))

    def _count(self) -> None:
        self.operations += 1
        if self.operations > MOST_OPERATIONS:
            raise UsageError(f"formula: more than {MOST_OPERATIONS} arithmetic operations")

    def _operand(self) -> Expression:
        """Read a column, a number, a numeric function, or arithmetic in parentheses."""
        kind, word, place = self.take()
        if kind == "number" and abs(float(word)) <= LARGEST:
            return Expression("number", repr(float(word)))
        if word == "(":
            inner = self.expression()
            self.close(ARITHMETIC)
            return Expression("parentheses", "", (inner,))
        if kind != "name":
            raise UsageError(
                f"formula: {printable(word)!r} at character {place} stands where a column or a "
                f"number was expected; arithmetic holds {ARITHMETIC}"
            )
        if self.peek() != "(" or word.startswith("`"):
            return Expression("column", word.strip("`"))
        if word not in (*NUMERIC, "I"):
            raise UsageError(
                f"formula: '(' after {printable(word)!r} at character {place}: no such function "
                f"within another; arithmetic holds {ARITHMETIC}"
            )
        self.take()
        inner = self.expression()
        self.close(ARITHMETIC)
        return Expression("function", word, (inner,))
