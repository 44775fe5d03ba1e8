"""What the documents tell a reader to type exists and works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from backwalk_stats.cli.app import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    file
    for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]
    if ".venv" not in file.parts
)
IDS = [str(file.relative_to(ROOT)) for file in DOCUMENTS]


def blocks(file: Path, language: str) -> list[str]:
    text = file.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


PYTHON = [
    pytest.param(code, id=f"{file.relative_to(ROOT)}-{place}")
    for file in DOCUMENTS
    for place, code in enumerate(blocks(file, "python"), start=1)
]


@pytest.mark.parametrize("code", PYTHON)
def test_python_runs(code: str, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_commands_exist(file: Path):
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    code = "\n".join(blocks(file, "console") + blocks(file, "sh"))
    used = set(re.findall(r"^(?:\$ )?(?:uv run --no-sync )?backwalk (\w+)", code, re.MULTILINE))
    assert used <= known


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_make_targets_exist(file: Path):
    known = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = re.findall(r"^make ([a-z -]+)", "\n".join(blocks(file, "sh")), re.MULTILINE)
    assert {word for line in lines for word in line.split()} <= known


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_links_lead_somewhere(file: Path):
    targets = re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8"))
    missing = [
        target for target in targets if "://" not in target and not (file.parent / target).exists()
    ]
    assert not missing


def test_the_version_is_the_same_everywhere():
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(version)}$", citation, re.MULTILINE)
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
