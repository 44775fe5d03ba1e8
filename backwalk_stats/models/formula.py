"""The language of model formulas: names, + - * : ( ) | and a few functions, and nothing else.

A formula is text that a user or a trial file wrote, so it is parsed here, character by character,
and never reaches anything that could execute it. `a * b` is `a + b + a:b`; `1`, `0` and `- 1` set
the intercept; `(x | id)` is a random-effects part, `(x || id)` one without correlations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwalk_stats.errors import UsageError, printable

FUNCTIONS = ("factor", "log", "log2", "log10", "log1p", "exp", "sqrt", "abs")
ALLOWED = "names, numbers 0 and 1, + - * : ( ) | and " + ", ".join(FUNCTIONS)
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*|`[^`\n]+`)|(?P<one>[01](?!\d))|(?P<sign>\|\||[-+*:()|]))"
)
LONGEST = 4000
DEEPEST = 50
MOST_TERMS = 2000


@dataclass(frozen=True, order=True, slots=True)
class Variable:
    """A column of the data, as it is or through a whitelisted function."""

    column: str
    function: str = ""

    @property
    def name(self) -> str:
        """Return the variable as R prints it: "x" or "log(x)"."""
        return f"{self.function}({self.column})" if self.function else self.column


Term = tuple[Variable, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomPart:
    """A random-effects part: its terms, whether it has an intercept, its grouping column."""

    terms: tuple[Term, ...]
    intercept: bool
    group: str
    correlated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Formula:
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
    """

    response: Variable
    terms: tuple[Term, ...]
    intercept: bool
    random: tuple[RandomPart, ...]
    text: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column of the data that the formula names, in order, once."""
        parts = [self.response, *(v for term in self.terms for v in term)]
        names = [variable.column for variable in parts]
        for one in self.random:
            names += [variable.column for term in one.terms for variable in term] + [one.group]
        return tuple(dict.fromkeys(names))


def parse_formula(text: str) -> Formula:
    """Return a parsed formula.

    Parameters
    ----------
    text : str
        For instance "pain ~ base * visit + arm * visit + (week | id)".

    Raises
    ------
    UsageError
        Where the text holds anything but what the language allows; the message says where.

    Examples
    --------
    >>> found = parse_formula("y ~ a * b + log(x)")
    >>> [":".join(variable.name for variable in term) for term in found.terms]
    ['a', 'b', 'log(x)', 'a:b']
    """
    if len(text) > LONGEST:
        raise UsageError(f"formula: longer than {LONGEST} characters")
    left, tilde, right = text.partition("~")
    if not tilde or "~" in right:
        raise UsageError(f"formula: expected one '~', as in 'y ~ x', found {printable(text)!r}")
    head = _Reader(left, offset=0)
    response = head.variable()
    head.end()
    reader = _Reader(right, offset=len(left) + 1)
    added, random = reader.whole()
    intercept, terms = _settled(added)
    return Formula(
        response=response, terms=terms, intercept=intercept, random=tuple(random), text=text.strip()
    )


# A sum as written: terms with the sign they stand under; the empty term is the intercept.
_Sum = list[tuple[bool, Term]]


def _settled(written: _Sum, *, intercept: bool = True) -> tuple[bool, tuple[Term, ...]]:
    """Return whether there is an intercept, and the terms in R's order."""
    kept: dict[frozenset[Variable], Term] = {}
    for plus, term in written:
        if not term:
            intercept = plus
        elif plus:
            kept.setdefault(frozenset(term), term)
        else:
            kept.pop(frozenset(term), None)
    return intercept, tuple(sorted(kept.values(), key=len))


class _Reader:
    """Reads one side of a formula from left to right."""

    def __init__(self, text: str, offset: int) -> None:
        self.tokens: list[tuple[str, str, int]] = []
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
            self.tokens.append((kind, found.group(kind), offset + found.start(kind) + 1))
            at = found.end()
        self.at = self.depth = 0

    def peek(self) -> str:
        """Return the next sign, or "" at the end."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, str, int]:
        """Return the next token and go on."""
        if self.at >= len(self.tokens):
            raise UsageError("formula: it ends where a name was expected")
        self.at += 1
        return self.tokens[self.at - 1]

    def end(self) -> None:
        """Demand that nothing is left."""
        if self.at < len(self.tokens):
            _, sign, place = self.tokens[self.at]
            raise UsageError(
                f"formula: {printable(sign)!r} at character {place} stands where it cannot"
            )

    def variable(self) -> Variable:
        """Read a name, or a whitelisted function of a name."""
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
        inner = self.variable()
        closing = self.take()
        if closing[1] != ")" or inner.function:
            raise UsageError(f"formula: {name}( ) at character {place} takes one column")
        return Variable(inner.column, name)

    def whole(self) -> tuple[_Sum, list[RandomPart]]:
        """Read the right side: a sum whose parts may be random-effects parts."""
        random: list[RandomPart] = []
        written = self.sum(random)
        self.end()
        return written, random

    def sum(self, random: list[RandomPart] | None) -> _Sum:
        """Read terms joined by + and -."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise UsageError(f"formula: more than {DEEPEST} parentheses within each other")
        found = self._sum(random)
        self.depth -= 1
        return found

    def _sum(self, random: list[RandomPart] | None) -> _Sum:
        written: _Sum = []
        plus = True
        if self.peek() in ("+", "-"):
            plus = self.take()[1] == "+"
        while True:
            part = self._random_part(random) if random is not None else None
            if part is None and self.peek() == "0":
                self.take()
                written.append((not plus, ()))
            elif part is None:
                written += [(plus, term) for term in self.product()]
            elif random is not None:
                random.append(part)
            if self.peek() not in ("+", "-"):
                return written
            plus = self.take()[1] == "+"

    def _random_part(self, random: list[RandomPart] | None) -> RandomPart | None:
        """Read "( ... | group )"; give nothing and stay where it is not one."""
        start = self.at
        if self.peek() != "(":
            return None
        self.take()
        inner = self.sum(None)
        bar = self.peek()
        if bar not in ("|", "||"):
            self.at = start
            return None
        self.take()
        group = self.variable()
        closing = self.take()
        if closing[1] != ")" or group.function:
            raise UsageError(f"formula: expected ')' at character {closing[2]}")
        intercept, terms = _settled(inner)
        return RandomPart(
            terms=terms, intercept=intercept, group=group.column, correlated=bar == "|"
        )

    def product(self) -> list[Term]:
        """Read interactions joined by *."""
        terms = self.interaction()
        while self.peek() == "*":
            self.take()
            other = self.interaction()
            terms = _few([*terms, *other, *(_joined(a, b) for a in terms for b in other)])
        return terms

    def interaction(self) -> list[Term]:
        """Read parts joined by a colon."""
        terms = self.atom()
        while self.peek() == ":":
            self.take()
            other = self.atom()
            terms = _few([_joined(a, b) for a in terms for b in other])
        return terms

    def atom(self) -> list[Term]:
        """Read a variable, a number, or a sum in parentheses."""
        sign = self.peek()
        if sign == "(":
            self.take()
            inner = self.sum(None)
            _, closing, place = self.take()
            if closing != ")":
                raise UsageError(
                    f"formula: expected ')' at character {place}, found {printable(closing)!r}"
                )
            return [term for plus, term in inner if plus]
        if sign == "1":
            self.take()
            return [()]
        return [(self.variable(),)]


def _few(terms: list[Term]) -> list[Term]:
    """Refuse a product that grows beyond any design; give each term once."""
    once = list(dict.fromkeys(terms))
    if len(once) > MOST_TERMS:
        raise UsageError(f"formula: more than {MOST_TERMS} terms")
    return once


def _joined(a: Term, b: Term) -> Term:
    return tuple(dict.fromkeys((*a, *b)))
