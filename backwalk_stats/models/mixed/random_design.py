"""The random effects of a model: which columns vary between participants, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.formula.design import Factor, design_of
from backwalk_stats.models.formula.formula import Formula, RandomPart


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomDesign:
    """Random effects: their design, names, and grouping column.

    Attributes
    ----------
    z : array, shape (N, r)
    names : tuple of str
    group : str
        Column of the participants.
    correlated : bool
        Whether the effects of one participant are correlated.
    """

    z: FloatArray
    names: tuple[str, ...]
    group: str
    correlated: bool


def group_of(formula: Formula) -> str:
    """Return the grouping column of a formula's random effects.

    Raises
    ------
    UsageError
        If there is none, or more than one.
    """
    groups = tuple(dict.fromkeys(part.group for part in formula.random))
    if not groups:
        raise UsageError("lmm needs a random-effects part, as in 'y ~ x + (x | id)'")
    if len(groups) > 1:
        raise UsageError(
            f"random effects are grouped by {' and '.join(groups)}: crossed and nested random "
            "effects are not fitted here; one grouping column is"
        )
    return groups[0]


def random_design_of(formula: Formula, frame: pd.DataFrame) -> RandomDesign:
    """Return the random effects of a formula for a frame without missing values.

    Raises
    ------
    UsageError
        If there is no effect, one stands twice, or parts mix correlated and separate effects.
    """
    group = group_of(formula)
    found = [_part(formula, part, frame) for part in formula.random]
    names = [name for _, own in found for name in own]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{', '.join(twice)}: the same random effect twice")
    joined = any(
        part.correlated and len(own) > 1
        for part, (_, own) in zip(formula.random, found, strict=True)
    )
    if joined and len(found) > 1:
        raise UsageError(
            "random effects are either one correlated part, (1 + x | id), or all independent: "
            "(x || id), (1 | id) + (0 + x | id)"
        )
    z = np.concatenate([z for z, _ in found], axis=1)
    return RandomDesign(z=z, names=tuple(names), group=group, correlated=joined or len(names) == 1)


def _part(
    formula: Formula, part: RandomPart, frame: pd.DataFrame
) -> tuple[FloatArray, tuple[str, ...]]:
    one = design_of(
        Formula(
            response=formula.response,
            terms=part.terms,
            intercept=part.intercept,
            random=(),
            text=formula.text,
        ),
        frame,
    )
    if one.determined:
        names = ", ".join(name for names in one.determined.values() for name in names)
        raise UsageError(
            f"( | {part.group}): {names} follows from the effects before it; write (0 + ... | "
            f"{part.group})"
        )
    if not one.columns:
        raise UsageError(f"( | {part.group}) holds no random effect")
    if not part.correlated and any(isinstance(v, Factor) for v in one.variables.values()):
        raise UsageError("(f || id) with a factor is not fitted: write (f | id), or use numbers")
    return one.own(len(frame)), one.names


def refuse_unidentified(random: RandomDesign, marginal: RandomEffects, patterns: Patterns) -> None:
    """Refuse random effects that the rows cannot tell from the residual or from each other.

    The covariance V = Z G Z' + sigma2 is linear in its parameters, so they are determined only if
    the derivatives of V over all patterns of rows are linearly independent. Beside that there must
    be more rows than random effects, as lme4 asks.

    Raises
    ------
    UsageError
        Naming the effects, with the numbers of rows.
    """
    most = int(patterns.mask.sum(axis=1).max())
    effects = ", ".join(random.names)
    if most == 1:
        raise UsageError(
            f"every {random.group} has one row: a random effect cannot be told from the residual"
        )
    v1 = marginal.first(np.ones(marginal.count)).reshape(marginal.count, -1)
    size = np.sqrt((v1**2).sum(axis=1))
    flat = [name for name, own in zip(random.names, random.z.T, strict=True) if not own.any()]
    if flat:
        raise UsageError(f"random effect {', '.join(flat)}: zero in every row")
    rank = np.linalg.matrix_rank(v1 / size[:, None], tol=1e-9)
    wanted = patterns.n_participants * marginal.width
    if rank < marginal.count or patterns.n_obs <= wanted:
        raise UsageError(
            f"the rows cannot identify the random effects {effects} beside the residual: "
            f"{patterns.n_obs} rows of {patterns.n_participants} {random.group}, at most {most} "
            f"each, for {wanted} random effects; leave one out, such as the slope"
        )
