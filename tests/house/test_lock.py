"""The lock holds all that is imported, with hashes, and names no registry."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.txt", "requirements-dev.txt")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return normal(found.group(0))


def locked(file: str) -> dict[str, set[str]]:
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / file).read_text(), flags=re.MULTILINE)
    names = {normal(name) for name, _ in pins}
    return {name: {version for pin, version in pins if normal(pin) == name} for name in names}


def wanted(*extras: str) -> set[str]:
    project = PROJECT["project"]
    listed = [*project["dependencies"], *PROJECT["dependency-groups"]["build"]]
    listed += [line for extra in extras for line in project["optional-dependencies"][extra]]
    return {name_of(line) for line in listed} - {normal(project["name"])}


EXTRAS = ("cluster", "fast", "notebook", "paper", "tables")
# Distributions that are imported by another name.
OTHER_NAMES = {"docx": "python-docx", "pydantic_core": "pydantic"}


def imported() -> set[str]:
    """Return the top-level names that the package imports from outside the standard library."""
    names: set[str] = set()
    for file in (ROOT / "backwalk_stats").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"backwalk_stats"}


@pytest.mark.parametrize("file", LOCKS)
def test_lock_names_no_address(file: str):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text and "--find-links" not in text


@pytest.mark.parametrize("file", LOCKS)
def test_every_pin_has_a_hash(file: str):
    entries = re.split(r"^(?=[A-Za-z0-9])", (ROOT / file).read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_lock_holds_every_requirement():
    assert wanted() <= locked("requirements.txt").keys()
    assert wanted("notebook", "dev") <= locked("requirements-dev.txt").keys()


def test_both_locks_agree():
    run, dev = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {name: dev.get(name) for name in run} == run


def test_what_is_imported_is_required_and_the_other_way_round():
    declared = {name_of(line) for line in PROJECT["project"]["dependencies"]}
    extras = PROJECT["project"]["optional-dependencies"]
    optional = {name_of(line) for extra in EXTRAS for line in extras[extra]}
    found = {normal(OTHER_NAMES.get(name, name)) for name in imported()}
    assert declared <= found <= declared | optional
