"""What every test may ask for."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# The same examples on every run: a test that fails here fails everywhere. `deep` looks further.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `slow_tests.toml` names: it costs much, and a sibling runs always."""
    named = tomllib.loads((Path(__file__).parent / "slow_tests.toml").read_text(encoding="utf-8"))
    slow = re.compile("|".join(f"(?:{one})" for one in named["slow"]))
    for item in items:
        if slow.search(item.nodeid):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    """Close what a test has drawn: figures add up over a run, and matplotlib warns of them."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def evidence_folder(root: Path) -> Path:
    """The folder of the shipped record in the checkout."""
    return root / "data" / "evidence"


@pytest.fixture(scope="session")
def shared(root: Path) -> Path:
    """A folder beside the checkout with reference material; the test is skipped without it."""
    folder = root.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder ../shared beside the checkout")
    return folder


@pytest.fixture(scope="session")
def rscript() -> str:
    """The path of Rscript; the test is skipped without it."""
    found = shutil.which("Rscript")
    if found is None:
        pytest.skip("R is not installed")
    return found
