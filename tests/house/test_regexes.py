"""No regular expression that reads data takes more than in proportion to the length of its text.

Expressions of `paper` and `ledger` that part words by blanks read folded text (`plain_text`); what
long runs of blanks do to them does not count.
"""

from __future__ import annotations

import re

import pytest

from tests.house.hostile_text import attacks, module, modules_of, patterns_of, slow_ways

FOLDED = ("backwalk_stats.paper", "backwalk_stats.evidence.printed_values")


def slow_expressions(name: str) -> list[str]:
    found = []
    for where, pattern, uses in patterns_of(module(name)):
        for use, (before, pump, end), ratio in slow_ways(pattern, uses):
            if pump.isspace() and name.startswith(FOLDED):
                continue
            found.append(f"{where}.{use}: {before!r} + {pump!r} * n + {end!r}: {ratio:.0f}")
    return found


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        (r"(?:[A-Za-z]+ ?)+,", True),
        (r"\d+\.?\d*", True),
        (r"\s*a", False),  # only a match, which begins once
        (r"\d+(?:\.\d*)?", False),
        (r"[A-Z]+(?: [A-Z]+)*", False),
    ],
)
def test_the_attack_finds_what_is_slow(pattern, slow):
    one = re.compile(pattern)
    assert attacks(one)
    assert bool(slow_ways(one, ("fullmatch",))) == slow


@pytest.mark.parametrize("name", modules_of("loaders/trial", "loaders/trial_file"))
def test_expressions_of_a_trial_are_linear(name):
    assert not slow_expressions(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", modules_of("loaders", "evidence", "instruments", "ledger", "paper")
)
def test_expressions_are_linear(name):
    assert not slow_expressions(name)
