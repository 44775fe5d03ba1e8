"""Nothing happens at import: the package is light and its names load when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import backwalk_stats

ROOMS = [f"backwalk_stats.{room}" for room in ("instruments", "motion", "tables")]
HEAVY = ("jinja2", "matplotlib", "numpy", "pandas", "scipy", "statsmodels", "typst")


def loaded_after(statement: str) -> set[str]:
    """Return which heavy libraries a fresh process has loaded after a statement."""
    code = f"import sys\n{statement}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["backwalk_stats", "backwalk_stats.cli.app", *ROOMS])
def test_import_loads_nothing_heavy(module: str):
    assert loaded_after(f"import {module}") == set()


def test_version_comes_from_the_installed_package(root):
    import tomllib

    stated = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert backwalk_stats.__version__ == stated["project"]["version"]


@pytest.mark.parametrize("name", backwalk_stats.__all__)
def test_every_public_name_can_be_had(name: str):
    assert name in dir(backwalk_stats)
    assert getattr(backwalk_stats, name) is not None
