"""Honest designs: each family is a file, each design a function that writes one paper."""

from __future__ import annotations

from tests.ledger.designs import (
    associations,
    counts,
    many_arms,
    models,
    of_others,
    pools,
    ranks,
    ratios,
    scores,
    sides_and_margins,
    standardised,
    two_arms,
)

FAMILIES = (
    associations,
    counts,
    many_arms,
    models,
    of_others,
    pools,
    ranks,
    ratios,
    scores,
    sides_and_margins,
    standardised,
    two_arms,
)
