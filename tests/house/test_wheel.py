"""The wheel holds the evidence, the templates and the licence, and is the same bytes twice."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from backwalk_stats.examples import FOLDERS

NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "build", "dist"
)


def build(source: Path, target: Path, kind: str) -> Path:
    """Build a wheel or a source archive and return its path."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    (built,) = target.iterdir()
    return built


@pytest.fixture(scope="module")
def source(root: Path, tmp_path_factory) -> Path:
    # A copy: building in the checkout while other tests run would race with them.
    return Path(shutil.copytree(root, tmp_path_factory.mktemp("copy") / "src", ignore=NOT_SOURCE))


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory) -> Path:
    return build(source, tmp_path_factory.mktemp("wheel"), "wheel")


def shipped(source: Path) -> dict[str, Path]:
    """Return the data that travel with the package, by their names in the wheel."""
    data = source / "data"
    return {
        f"backwalk_stats/data/{file.relative_to(data).as_posix()}": file
        for folder in FOLDERS.values()
        for file in sorted((data / folder).rglob("*"))
        if file.is_file()
    }


def test_wheel_holds_what_the_command_needs(wheel: Path, source: Path):
    held = set(zipfile.ZipFile(wheel).namelist())
    package = {
        file.relative_to(source).as_posix()
        for file in (source / "backwalk_stats").rglob("*")
        if file.is_file()
    }
    assert set(shipped(source)) | package <= held
    assert not [name for name in held if name.startswith(("tests/", "benchmarks/"))]
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_data_in_the_wheel_are_the_same_bytes(wheel: Path, source: Path):
    archive = zipfile.ZipFile(wheel)
    for name, file in shipped(source).items():
        assert archive.read(name) == file.read_bytes()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_same_bytes_twice(source: Path, kind: str, tmp_path):
    digests = set()
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        built = build(source, tmp_path / place, kind)
        digests.add(hashlib.sha256(built.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_data_and_public_names_are_found_in_an_unpacked_wheel(wheel: Path, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import backwalk_stats as bw;"
        "assert len(bw.load_trial(bw.example('knee')).participants) == 60;"
        "assert bw.motion.events and bw.example('motion').is_dir();"
        "print(bw.__file__, len(bw.read_record().studies))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    where, studies = done.stdout.split()
    assert Path(where).is_relative_to(tmp_path)
    assert int(studies) > 0
