"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import backwalk_stats

MODULES = sorted(
    module.name for module in walk_packages(backwalk_stats.__path__, prefix="backwalk_stats.")
)


@pytest.mark.parametrize("name", ["backwalk_stats", *MODULES])
def test_examples_run(name: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = doctest.testmod(import_module(name))
    assert outcome.failed == 0
