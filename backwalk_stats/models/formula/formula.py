"""The language of model formulas, R's: names, operators, and a few functions, and nothing else.

A formula is text that a user or a trial file wrote, so it is parsed here, character by character,
and never reaches anything that could execute it. What the operators mean is what R's `terms`
makes of them (Wilkinson and Rogers, Appl Stat 1973;22:392; Chambers and Hastie, Statistical Models
in S, 1992, chapter 2): `a * b` is `a + b + a:b`, `a / b` is `a + a:b`, `(a + b)^2` crosses and
leaves out nothing twice; `1`, `0` and `- 1` set the intercept wherever they stand, `-` takes away
terms. `(x | id)` is a random-effects part, `(x || id)` one without correlations. See
docs/methods/formulas.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

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
LONGEST, DEEPEST = 4000, 50
MOST_TERMS, MOST_PRODUCTS = 2000, 50_000
HIGHEST_POWER = HIGHEST_DEGREE = 20
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RandomPart(Shown):
    """A random-effects part; `group` is its factor as lme4 names it ("id:site" of (1 | site/id)).

    Rows are of one level where they agree in all of its `columns`.
    """

    terms: tuple[Term, ...]
    intercept: bool
    group: str
    columns: tuple[str, ...]
    correlated: bool


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Formula(Shown):
    """A parsed formula.

    Attributes
    ----------
    response : Variable
    terms : tuple of Term
        Fixed effects in R's order: by number of variables, then as written.
    intercept : bool
    random : tuple of RandomPart
    text : str
        As written.
    offset : tuple of Variable
        Added to the expected value with coefficient 1.
    notes : tuple of str
        What was written without effect.
    """

    response: Variable
    terms: tuple[Term, ...]
    intercept: bool
    random: tuple[RandomPart, ...]
    text: str
    offset: tuple[Variable, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column of the data that the formula names, in order, once."""
        parts = [self.response, *(v for term in self.terms for v in term), *self.offset]
        names = [name for variable in parts for name in variable.columns]
        for one in self.random:
            names += [name for term in one.terms for v in term for name in v.columns]
            names += one.columns
        return tuple(dict.fromkeys(names))


def parse_formula(text: str) -> Formula:
    """Return a parsed formula.

    `text`: for instance "pain ~ base * visit + arm * visit + (week | id)". Raises UsageError, where
    the text holds anything but what the language allows; the message says where.

    Examples
    --------
    >>> found = parse_formula("y ~ a * b + log(x)")
    >>> [":".join(variable.name for variable in term) for term in found.terms]
    ['a', 'b', 'log(x)', 'a:b']
    """
    given: object = text
    if not isinstance(given, str):
        raise UsageError(
            f"formula: expected text, as in 'y ~ x', found {type(given).__name__}; write it as text"
        )
    if len(text) > LONGEST:
        raise UsageError(f"formula: longer than {LONGEST} characters")
    left, tilde, right = text.partition("~")
    if not tilde or "~" in right:
        raise UsageError(f"formula: expected one '~', as in 'y ~ x', found {printable(text)!r}")
    head = _Reader(left, offset=0)
    response = head.variable()
    head.end()
    if response.function in ("factor", "offset", *BASES) or len(response.columns) > 1:
        raise UsageError("formula: the outcome is one column, as it is or through a function of it")
    reader = _Reader(right, offset=len(left) + 1)
    written = reader.sum(whole=True)
    reader.end()
    algebra = _Algebra()
    terms = algebra.settled(written)
    if any(response in term for term in terms):
        raise UsageError(f"formula: the outcome {response.name} stands on the right side, too")
    return Formula(
        response=response,
        terms=terms,
        intercept=algebra.intercept,
        random=tuple(part for one in reader.random for part in _random_parts(algebra, one)),
        text=text.strip(),
        offset=tuple(dict.fromkeys(algebra.offset)),
        notes=tuple(dict.fromkeys(algebra.notes)),
    )


# What is written, before it means anything: a variable, a number, an offset, or an operation.
@dataclass(frozen=True, slots=True)
class _Sum:
    parts: tuple[tuple[bool, _Written], ...]


@dataclass(frozen=True, slots=True)
class _Operation:
    """Parts joined from left to right by operators of one strength; `power` with `^` alone."""

    parts: tuple[_Written, ...]
    operators: tuple[str, ...]
    power: int = 0


@dataclass(frozen=True, slots=True)
class _Offset:
    variable: Variable


_Written = Variable | int | _Offset | _Sum | _Operation
# A random part: terms, grouping columns, whether they are nested, whether effects are correlated.
_Random = tuple[_Sum, tuple[str, ...], bool, bool]
_Terms = list[frozenset[Variable]]


@dataclass(slots=True)
class _Algebra:
    """Turns what is written into terms, as R's `terms.formula` does, from left to right.

    The intercept is one state for the whole formula: a number sets it wherever it stands, the other
    way round under a minus, and adds no term. So an interaction with a number alone holds no term.
    """

    intercept: bool = True
    plus: bool = True
    order: dict[Variable, int] = field(default_factory=dict)
    offset: list[Variable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def settled(self, written: _Written) -> tuple[Term, ...]:
        """Return the terms in R's order: by number of variables, then as they came."""
        found = sorted(self.terms(written, alone=True), key=len)
        return tuple(tuple(sorted(term, key=self.order.__getitem__)) for term in found)

    def terms(self, written: _Written, *, alone: bool = False) -> _Terms:
        """Return the terms of a part; `alone` where it stands in a sum and nothing else."""
        if isinstance(written, Variable):
            self.order.setdefault(written, len(self.order))
            return [frozenset([written])]
        if isinstance(written, int):
            self.intercept = self.plus == (written == 1)
            return []
        if isinstance(written, _Sum):
            return self._sum(written, alone=alone)
        if isinstance(written, _Offset):
            if not (alone and self.plus):
                raise UsageError(
                    f"formula: {written.variable.name} stands in a sum of its own right; "
                    "it cannot be taken away or be part of an interaction"
                )
            self.offset.append(written.variable)
            return []
        return self._operation(written)

    def _sum(self, written: _Sum, *, alone: bool) -> _Terms:
        found: _Terms = []
        for plus, part in written.parts:
            if plus:
                found = _few([*found, *self.terms(part, alone=alone)])
                continue
            self.plus = not self.plus
            less = self.terms(part)
            self.plus = not self.plus
            absent = [term for term in less if term not in found]
            self.notes += [f"formula: - {self._name(t)} takes nothing away" for t in absent]
            found = [term for term in found if term not in less]
        return found

    def _operation(self, written: _Operation) -> _Terms:
        left = self.terms(written.parts[0])
        if written.power:
            right = left
            for _ in range(written.power - 1):
                right = _crossed(left, right)
            return right
        for operator, part in zip(written.operators, written.parts[1:], strict=True):
            left = self._joined(operator, left, self.terms(part))
        return left

    def _joined(self, operator: str, left: _Terms, right: _Terms) -> _Terms:
        """Return two sides joined; where one holds a number alone, what R makes of that."""
        if not left or not right:
            kept = left if operator != ":" else []
            lost = [term for term in (*left, *right) if term not in kept]
            self.notes += [
                f"formula: {self._name(term)} is joined by {operator} to what holds no variable, "
                "and is no term then (as in R)"
                for term in lost
            ]
            return kept
        if operator == ":":
            return _crossed(left, right)
        if operator == "%in%":
            return _crossed(left, [frozenset().union(*right)])
        if operator == "/":
            return _few([*left, *_crossed([frozenset().union(*left)], right)])
        return _few([*left, *right, *_crossed(left, right)])

    def _name(self, term: frozenset[Variable]) -> str:
        return ":".join(one.name for one in sorted(term, key=self.order.__getitem__))


def _few(terms: _Terms) -> _Terms:
    """Refuse a product that grows beyond any design; give each term once."""
    once = list(dict.fromkeys(terms))
    if len(once) > MOST_TERMS:
        raise UsageError(f"formula: more than {MOST_TERMS} terms")
    return once


def _crossed(left: _Terms, right: _Terms) -> _Terms:
    if len(left) * len(right) > MOST_PRODUCTS:
        raise UsageError(f"formula: more than {MOST_TERMS} terms")
    return _few([a | b for a in left for b in right])


def _random_parts(whole: _Algebra, given: _Random) -> list[RandomPart]:
    """Return a part, or of (1 | a/b) one for a and one for a:b, as lme4 reads it."""
    written, grouping, nested, correlated = given
    algebra = _Algebra(notes=whole.notes)
    terms = algebra.settled(written)
    if algebra.offset:
        raise UsageError(f"formula: ( | {'/'.join(grouping)}) holds an offset; it stands outside")
    return [
        RandomPart(
            terms=terms,
            intercept=algebra.intercept,
            group=":".join(reversed(grouping[:size]) if nested else grouping),
            columns=grouping[:size],
            correlated=correlated,
        )
        for size in range(1 if nested else len(grouping), len(grouping) + 1)
    ]


def _size_missing(name: str, place: int) -> UsageError:
    more = ", and raw = TRUE or FALSE" if name == "poly" else ""
    return UsageError(
        f"formula: {name}( ) at character {place} takes a covariate and a whole number from 1 to "
        f"{HIGHEST_DEGREE} ({BASES[name]}){more}, as in {name}(x, 2)"
    )


class _Reader:
    """Reads one side of a formula from left to right."""

    def __init__(self, text: str, offset: int) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        self.random: list[_Random] = []
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

    def sum(self, *, whole: bool = False) -> _Sum:
        """Read terms joined by + and -; `whole` where parts may be random-effects parts."""
        self.deeper()
        parts: list[tuple[bool, _Written]] = []
        plus = self.took("+", "-") != "-"
        while True:
            if not (whole and self._random(plus=plus)):
                parts.append((plus, self.product()))
            sign = self.took("+", "-")
            if not sign:
                self.depth -= 1
                return _Sum(tuple(parts))
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
        found, signs = [self.variable()], set()
        while sign := self.took("/", ":"):
            signs.add(sign)
            found.append(self.variable())
        self.close()
        columns, told = tuple(one.column for one in found), "/".join(one.name for one in found)
        wrong = {
            f"after {bar} columns are joined by / or by :, not both": len(signs) > 1,
            f"{told} after {bar} is no column: give the column": any(v.function for v in found),
            f"- before ( {bar} {told}) has nothing to take away": not plus,
            f"{told}: a column stands twice after {bar}": len(set(columns)) < len(columns),
        }
        if any(wrong.values()):
            raise UsageError(f"formula: {next(said for said, so in wrong.items() if so)}")
        self.random.append((inner, columns, "/" in signs, bar == "|"))
        return True

    def product(self) -> _Written:
        """Read parts joined by * and /."""
        return self._chain(self.nested, ("*", "/"))

    def nested(self) -> _Written:
        """Read parts joined by %in%, which binds closer."""
        return self._chain(self.interaction, ("%in%",))

    def interaction(self) -> _Written:
        """Read parts joined by a colon, which binds closer still."""
        return self._chain(self.power, (":",))

    def _chain(self, part: Callable[[], _Written], operators: tuple[str, ...]) -> _Written:
        parts, found = [part()], []
        while sign := self.took(*operators):
            found.append(sign)
            parts.append(part())
        return _Operation(tuple(parts), tuple(found)) if found else parts[0]

    def power(self) -> _Written:
        """Read a variable, a number or a sum in parentheses, perhaps to a power."""
        base = self.atom()
        while self.took("^"):
            kind, word, place = self.take()
            if kind != "number" or not word.isdigit() or not 2 <= int(word) <= HIGHEST_POWER:
                raise UsageError(
                    f"formula: expected a whole number from 2 to {HIGHEST_POWER} after ^ at "
                    f"character {place}, found {printable(word)!r}; a power of a column is I(x^2)"
                )
            if isinstance(base, Variable | _Offset):
                name = base.variable.name if isinstance(base, _Offset) else base.name
                raise UsageError(
                    f"formula: {name}^{word} at character {place} crosses {name} with itself, "
                    f"which is {name}; a power of a column is I(x^{word})"
                )
            base = _Operation((base,), (), int(word))
        return base

    def atom(self) -> _Written:
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
        return _Offset(found) if found.function == "offset" else found

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
