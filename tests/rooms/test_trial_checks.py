"""What every check of the data of a trial promises: a good trial passes, and nothing is changed."""

from __future__ import annotations

import inspect

import pytest

import backwalk_stats.loaders.checks as room
from backwalk_stats.loaders import load as assemble_trial
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.registry import members
from tests.bad_inputs.trials import write_trial

CHECKS = members(room)
NAMES = [module.__name__.rpartition(".")[2] for module in CHECKS]
FRAMES = ("cells", "participants", "flow")


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """What the checks see of the good trial."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            assemble_trial, "_check_data", lambda view, findings, there: seen.append(view)
        )
        check_trial(write_trial(tmp_path_factory.mktemp("good")))
    return seen[0]


@pytest.mark.parametrize("module", CHECKS, ids=NAMES)
def test_a_good_trial_passes_and_stays_as_it_is(module, view):
    before = {name: getattr(view, name).copy() for name in FRAMES}
    findings = Findings()
    module.check(view, findings)
    assert not findings.faults and findings.log().empty
    assert all(getattr(view, name).equals(frame) for name, frame in before.items())


@pytest.mark.parametrize("module", CHECKS, ids=NAMES)
def test_a_check_is_one_function_of_a_view_and_findings(module):
    assert list(inspect.signature(module.check).parameters) == ["view", "findings"]
    assert (inspect.getdoc(module.check) or "").split()[0] in {"Ask", "Refuse", "Warn"}
