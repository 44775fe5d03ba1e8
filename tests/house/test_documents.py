"""What the documents tell a reader to type exists and works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from backwalk_stats.cli.app import app
from docs.make_pages import pages
from docs.reference_pages import GROUPS, reference_pages

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    file
    for folder in ("*.md", "docs/**/*.md", "data/**/*.md", "reports/README.md", "benchmarks/*.md")
    for file in ROOT.glob(folder)
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


def headings(file: Path) -> set[str]:
    """Return the anchors of a document's headings, as Git hosts make them."""
    found = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in found}


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_links_to_headings_lead_somewhere(file: Path):
    links = re.findall(r"\]\(([^)\s]*\.md)#([^)\s]+)\)", file.read_text(encoding="utf-8"))
    missing = [
        f"{target}#{anchor}"
        for target, anchor in links
        if "://" not in target and anchor not in headings(file.parent / target)
    ]
    assert not missing


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_paths_in_backticks_exist(file: Path):
    folders = "backwalk_stats|benchmarks|data|docs|notebooks|tests"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", file.read_text(encoding="utf-8"))
    assert not [path for path in named if not (ROOT / path).exists()]


def test_pictures_are_small_and_say_what_they_show():
    text = "\n".join(file.read_text(encoding="utf-8") for file in DOCUMENTS)
    shown = dict(re.findall(r"!\[([^\]]*)\]\([^)]*?([\w-]+\.png)\)", text))
    pictures = {file.name: file for file in (ROOT / "docs" / "images").iterdir()}
    assert pictures
    assert set(shown.values()) == pictures.keys(), "each picture is shown, and each shown exists"
    assert min(map(len, shown)) > 40
    assert max(file.stat().st_size for file in pictures.values()) < 300_000


def test_the_map_names_every_document():
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    documents = [file for file in (ROOT / "docs").rglob("*.md") if file.name != "map.md"]
    documents = [file for file in documents if file.parent.name != "reference"]
    paths = [file.relative_to(ROOT / "docs").as_posix() for file in documents]
    assert not [path for path in paths if f"({path})" not in text]


WRITTEN = [
    "README.md",
    "docs/checks.md",
    "docs/instruments.md",
    "docs/methods/curve_tests.md",
    "docs/methods/discrete.md",
    "docs/methods/nested.md",
    *(f"docs/reference/{name}.md" for name in ("README", *GROUPS)),
]


@pytest.mark.parametrize("path", WRITTEN)
def test_what_is_written_of_the_package_is_up_to_date(path: str):
    written = (reference_pages() if "/reference/" in path else pages())[ROOT / path]
    assert (ROOT / path).read_text(encoding="utf-8") == written, "run `make pages`"


def test_the_version_is_the_same_everywhere():
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(version)}$", citation, re.MULTILINE)
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_page_of_reference_is_left_over():
    assert set((ROOT / "docs" / "reference").iterdir()) == reference_pages().keys()
