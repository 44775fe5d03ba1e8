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

from dataclasses import dataclass, field

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.formula.reader import (
    BASES,
    Grouped,
    Offset,
    Operation,
    Reader,
    Sum,
    Term,
    Variable,
    Written,
)
from backwalk_stats.registry import Shown

LONGEST = 4000
MOST_TERMS = 2000
MOST_PRODUCTS = 50_000


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RandomPart(Shown):
    """A random-effects part: its terms, whether it has an intercept, and what groups the rows.

    Attributes
    ----------
    terms : tuple of Term
    intercept : bool
    group : str
        The factor as R's lme4 names it: "id", or "id:site" of (1 | site/id).
    columns : tuple of str
        Its columns: rows are of one level where they agree in all of them.
    correlated : bool
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
    head = Reader(left, offset=0)
    response = head.variable()
    head.end()
    if response.function in ("factor", "offset", *BASES) or len(response.columns) > 1:
        raise UsageError("formula: the outcome is one column, as it is or through a function of it")
    reader = Reader(right, offset=len(left) + 1)
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

    def settled(self, written: Written) -> tuple[Term, ...]:
        """Return the terms in R's order: by number of variables, then as they came."""
        found = sorted(self.terms(written, alone=True), key=len)
        return tuple(tuple(sorted(term, key=self.order.__getitem__)) for term in found)

    def terms(self, written: Written, *, alone: bool = False) -> _Terms:
        """Return the terms of a part; `alone` where it stands in a sum and nothing else."""
        if isinstance(written, Variable):
            self.order.setdefault(written, len(self.order))
            return [frozenset([written])]
        if isinstance(written, int):
            self.intercept = self.plus == (written == 1)
            return []
        if isinstance(written, Sum):
            return self._sum(written, alone=alone)
        if isinstance(written, Offset):
            if not (alone and self.plus):
                raise UsageError(
                    f"formula: {written.variable.name} stands in a sum of its own right; "
                    "it cannot be taken away or be part of an interaction"
                )
            self.offset.append(written.variable)
            return []
        return self._operation(written)

    def _sum(self, written: Sum, *, alone: bool) -> _Terms:
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

    def _operation(self, written: Operation) -> _Terms:
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


def _random_parts(whole: _Algebra, given: Grouped) -> list[RandomPart]:
    """Return a part, or of (1 | a/b) one for a and one for a:b, as lme4 reads it."""
    algebra, grouping = _Algebra(notes=whole.notes), given.columns
    terms = algebra.settled(given.terms)
    if algebra.offset:
        raise UsageError(f"formula: ( | {'/'.join(grouping)}) holds an offset; it stands outside")
    return [
        RandomPart(
            terms=terms,
            intercept=algebra.intercept,
            group=":".join(reversed(grouping[:size]) if given.nested else grouping),
            columns=grouping[:size],
            correlated=given.correlated,
        )
        for size in range(1 if given.nested else len(grouping), len(grouping) + 1)
    ]
