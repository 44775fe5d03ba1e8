"""Small trials that failed once: each gives what its expectation says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backwalk_stats.cli.app import run
from tests.trials.expected import SHARED, Outcome, cases, drafted, holds

CASES = cases()
pytestmark = pytest.mark.skipif(not CASES, reason=f"the shared cases are not here ({SHARED})")


def arguments(case: dict[str, Any], folder: Path) -> list[str]:
    if case["command"] == "init":
        return ["init", str(folder), "--from", str(SHARED / case["sheet"])]
    trial = str(SHARED / case["trial"])
    if case["command"] == "check":
        return ["check", trial]
    return ["analyse", trial, "--out", str(folder), "--only", "html", "--quiet"]


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["name"])
def test_a_case_gives_what_it_should(
    case: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    code = run(arguments(case, folder))
    got = Outcome(code, "".join(capfd.readouterr()), folder)
    lacks = list(drafted(case, folder)) if case["command"] == "init" and code == 0 else []
    lacks += holds(case, got)
    assert not lacks, "\n".join([case["why"], *lacks, got.printed[:3000]])
