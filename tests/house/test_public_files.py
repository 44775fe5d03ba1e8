"""Hooks, forms and the workflow parse, and name commands, tools and files that exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
if not (ROOT / ".github").is_dir():
    pytest.skip("a source archive has no forms and workflows", allow_module_level=True)
FORMS = sorted(
    file for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if file.stem != "config"
)
YAML = sorted([ROOT / ".pre-commit-config.yaml", *(ROOT / ".github").rglob("*.yml")])
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIELDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


class Strict(yaml.SafeLoader):  # type: ignore[misc]
    """Refuses a key that stands twice, of which the first would be lost."""


def mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
    return dict(zip(keys, [loader.construct_object(one, deep=True) for _, one in node.value],
                    strict=True))  # fmt: skip


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


def held(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Strict)


def ids(files: list[Path]) -> list[str]:
    return [str(file.relative_to(ROOT)) for file in files]


def tools() -> set[str]:
    """Return the programs that the Makefile runs from the environment."""
    return set(re.findall(r"\$\(BIN\)/([a-z-]+)", (ROOT / "Makefile").read_text()))


@pytest.mark.parametrize("file", YAML, ids=ids(YAML))
def test_it_parses_and_leads_to_no_host(file: Path):
    assert isinstance(held(file), dict)
    assert "://" not in file.read_text(encoding="utf-8")


def test_hooks_run_the_tools_of_the_environment():
    (repository,) = held(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    entries = {hook["id"]: hook["entry"] for hook in repository["hooks"]}
    assert set(entries) == {"ruff-check", "ruff-format", "mypy", "lint-imports"}
    for entry in entries.values():
        folder, _, tool = shlex.split(entry)[0].rpartition("/")
        assert folder == ".venv/bin" and tool in tools()


def test_there_is_a_form_for_each_kind():
    assert [form.stem for form in FORMS] == ["data_refused", "idea", "wrong_number"]


@pytest.mark.parametrize("file", FORMS, ids=ids(FORMS))
def test_a_form_is_one_that_the_host_shows(file: Path):
    form = held(file)
    assert set(form) <= {"name", "description", "title", "labels", "body"}
    assert form["name"] and form["description"]
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in form["body"]} <= FIELDS
    names = [field["id"] for field in asked]
    assert len(names) == len(set(names))
    assert all(field["attributes"]["label"] for field in asked)
    assert any(field.get("validations", {}).get("required") for field in asked)


def test_forms_that_take_data_ask_for_made_up_ones():
    for name in ("wrong_number", "data_refused"):
        text = (ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text(encoding="utf-8")
        assert "**No data of real people**" in text
        (box,) = [field for field in yaml.safe_load(text)["body"] if field["type"] == "checkboxes"]
        assert box["attributes"]["options"][0]["required"] is True


def test_a_wrong_number_comes_with_trial_file_value_and_source():
    form = held(ROOT / ".github" / "ISSUE_TEMPLATE" / "wrong_number.yml")
    required = {one["id"] for one in form["body"] if one.get("validations", {}).get("required")}
    assert {"trial", "data", "found", "expected", "provenance"} <= required


def steps(job: str) -> str:
    jobs = held(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    return "\n".join(step.get("run", "") for step in jobs[job]["steps"])


def test_the_workflow_tests_what_the_project_supports():
    jobs = held(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    matrix = jobs["locked"]["strategy"]["matrix"]
    assert {name.partition("-")[0] for name in matrix["system"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={matrix['python'][0]}"
    lowest = [step.get("with", {}) for step in jobs["lowest"]["steps"]]
    assert {"python-version": matrix["python"][0]} in lowest


def test_the_workflow_runs_make_test_and_on_windows_the_same_steps():
    run = steps("locked")
    assert re.findall(r"^make (\w+)", run, re.MULTILINE) == ["test"]
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    spelled = {line.removeprefix("$bin/") for line in run.splitlines() if line.startswith("$bin/")}
    (wanted,) = re.findall(r"^test: (.+)$", made, re.MULTILINE)
    for target in wanted.split():
        recipe = made.partition(f"\n{target}: ")[2].partition("\n\n")[0].splitlines()[1:]
        assert {line.strip().removeprefix("$(BIN)/") for line in recipe} <= spelled


def test_the_workflow_tests_the_lowest_versions_with_a_target_that_exists():
    run = steps("lowest")
    assert "--resolution lowest-direct" in run
    assert set(re.findall(r"^make (\w+)", run, re.MULTILINE)) <= TARGETS
    (extra,) = re.findall(r'"\.\[(\w+)\]"', run)
    assert extra in PROJECT["optional-dependencies"]


def test_the_workflow_may_read_and_nothing_else():
    assert held(ROOT / ".github" / "workflows" / "ci.yml")["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("name", ["SECURITY.md", ".github/pull_request_template.md"])
def test_documents_name_files_and_commands_that_exist(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    files = set(re.findall(r"\b[A-Z]+\.md\b", text))
    assert files and not [file for file in files if not (ROOT / file).exists()]
    assert set(re.findall(r"`make (\w+)`", text)) <= TARGETS
