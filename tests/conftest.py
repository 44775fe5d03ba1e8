"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
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
