"""What every section of a trial's report promises."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from backwalk_stats.registry import members
from backwalk_stats.report import sections_trial as trial_sections
from backwalk_stats.report.document.document import Section, Subheading, TableBlock
from backwalk_stats.report.subject import trial_subject
from tests.report import motion_records as moved
from tests.report import trial_records as made

SECTIONS = members(trial_sections)
IDS = [module.__name__.rpartition(".")[2] for module in SECTIONS]


@pytest.fixture(scope="module")
def bare():
    """An analysis that has yielded nothing, of a trial that asks for nothing."""
    full = made.analysis(estimands=(), load_log=made.trial().load_log.iloc[:0], sources={})
    return trial_subject(replace(full, parts=(), estimates=full.estimates.iloc[:0]))


@pytest.fixture(scope="module")
def unanswered():
    """An analysis in which nothing could be estimated."""
    full = made.analysis()
    unknown = full.estimates.assign(estimate=float("nan"), conf_low=float("nan"))
    parts = tuple(replace(part, frames={}, converged=False) for part in full.parts)
    return trial_subject(replace(full, parts=parts, estimates=unknown))


@pytest.fixture(scope="module")
def sections():
    subject = trial_subject(replace(made.analysis(), motion=moved.study()))
    return [module.section(subject) for module in SECTIONS]


@pytest.mark.parametrize("module", SECTIONS, ids=IDS)
@pytest.mark.parametrize("subject", ["bare", "unanswered"])
def test_section_copes_with_nothing(module, subject, request):
    assert isinstance(module.section(request.getfixturevalue(subject)), Section)


def test_each_section_has_its_own_place():
    orders = [module.ORDER for module in SECTIONS]
    assert all(isinstance(order, int) for order in orders)
    assert len(set(orders)) == len(orders)


def test_every_section_has_something_to_say_of_a_full_analysis(sections):
    silent = {section.id for section in sections if not section.blocks}
    gone = {"motion", "supplementary", "multiplicity", "plan"}
    assert silent <= gone, "the made-up trial has no motion, other estimand, family or trial file"


def test_no_place_is_named_twice(sections):
    names = [section.id for section in sections]
    blocks = [block for section in sections for block in section.blocks]
    names += [block.id for block in blocks if isinstance(block, Subheading | TableBlock)]
    assert [name for name, count in Counter(names).items() if count > 1] == []
