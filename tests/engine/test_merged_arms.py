"""Merging two arms and recovering them, against raw data and the documented case."""

from __future__ import annotations

import math
from itertools import product
from statistics import mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.summary.merged_arms import merge, unmerge
from backwalk_stats.errors import NotEstimable, UsageError

# Cochrane CD004376.pub4, analyses 4.5 and 4.6: Alghadir 2019, both walking arms as one.
PAIN = {"mean_text": "4.25", "sd_text": "1.242176"}
FUNCTION = {"mean_text": "49.15", "sd_text": "3.924609"}


def every_solution(*, sizes, mean_text, sd_text, decimals):
    return unmerge(
        n1=sizes[0],
        n2=sizes[1],
        mean_text=mean_text,
        sd_text=sd_text,
        decimals=decimals,
        max_sd_ratio=math.inf,
    )


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=30),
    st.lists(st.integers(0, 100), min_size=2, max_size=30),
)
def test_merging_is_what_raw_data_give(first, second):
    both = merge(
        n1=len(first),
        mean1=mean(first),
        sd1=stdev(first),
        n2=len(second),
        mean2=mean(second),
        sd2=stdev(second),
    )
    assert both.n == len(first) + len(second)
    assert both.mean == pytest.approx(mean(first + second), abs=1e-9)
    assert both.sd == pytest.approx(stdev(first + second), abs=1e-6)


@pytest.mark.parametrize(
    ("merged", "means", "sds", "odd_sds"),
    [
        (PAIN, ("3.9", "4.6"), ("1.1", "1.3"), ("0.1", "1.7")),
        (FUNCTION, ("48.1", "50.2"), ("3.4", "4.2"), ("0.2", "5.4")),
    ],
)
def test_the_two_walking_arms_of_a_review_come_apart(merged, means, sds, odd_sds):
    (found,) = unmerge(n1=23, n2=23, decimals=1, **merged)
    assert (found.means, found.sds, found.sds_belong) == (means, sds, False)
    odd, plausible = every_solution(sizes=(23, 23), decimals=1, **merged)
    assert (odd.means, odd.sds, plausible) == (means, odd_sds, found)


@pytest.mark.parametrize("merged", [PAIN, FUNCTION])
@pytest.mark.parametrize("n1", [n for n in range(16, 31) if n != 23])
def test_only_the_even_split_solves_it(merged, n1):
    assert every_solution(sizes=(n1, 46 - n1), decimals=1, **merged) == ()


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.tuples(st.integers(2, 40), st.integers(2, 40)),
    means=st.tuples(st.integers(-50, 99), st.integers(-50, 99)),
    sds=st.tuples(st.integers(5, 30), st.integers(5, 30)),
    digits=st.integers(2, 6),
)
def test_what_was_merged_is_among_the_solutions(sizes, means, sds, digits):
    both = merge(
        n1=sizes[0],
        mean1=means[0] / 10,
        sd1=sds[0] / 10,
        n2=sizes[1],
        mean2=means[1] / 10,
        sd2=sds[1] / 10,
    )
    found = every_solution(
        sizes=sizes,
        mean_text=f"{both.mean:.{digits}f}",
        sd_text=f"{both.sd:.{digits}f}",
        decimals=1,
    )
    wanted = (
        tuple(f"{value / 10:.1f}" for value in (means if sizes[0] != sizes[1] else sorted(means))),
        tuple(f"{value / 10:.1f}" for value in (sds if sizes[0] != sizes[1] else sorted(sds))),
    )
    assert wanted in [(one.means, one.sds) for one in found]


@pytest.mark.parametrize(("sizes", "sd"), [((5, 5), "3.37"), ((4, 7), "3.27")])
def test_all_solutions_are_those_of_a_plain_search(sizes, sd):
    n1, n2 = sizes
    whole = range(13)
    expected = set()
    for m1, m2, s1, s2 in product(whole, whole, whole, whole):
        both = merge(n1=n1, mean1=m1, sd1=s1, n2=n2, mean2=m2, sd2=s2)
        fits = abs(both.mean - 5.5) <= 0.05 + 1e-12 and abs(both.sd - float(sd)) <= 0.005 + 1e-12
        ordered = n1 != n2 or (m1 <= m2 and s1 <= s2)
        if fits and ordered:
            expected.add(((str(m1), str(m2)), (str(s1), str(s2))))
    found = every_solution(sizes=sizes, mean_text="5.5", sd_text=sd, decimals=0)
    assert {(one.means, one.sds) for one in found} == expected
    assert len(found) == len(expected) > 0


def test_nonsense_is_refused():
    with pytest.raises(UsageError):
        unmerge(n1=1, n2=23, mean_text="4.25", sd_text="1.24", decimals=1)
    with pytest.raises(UsageError):
        unmerge(n1=23, n2=23, mean_text="4.25", sd_text="1.24", decimals=7)
    with pytest.raises(UsageError):
        unmerge(n1=23, n2=23, mean_text="4.25", sd_text="1.24 SD", decimals=1)
    with pytest.raises(NotEstimable):
        merge(n1=1, mean1=1, sd1=0, n2=1, mean2=2, sd2=0)
