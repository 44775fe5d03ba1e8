"""Each notebook runs from top to bottom, and its two spellings say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebooks.pair import paired

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
IDS = [file.stem for file in NOTEBOOKS]


def test_every_script_has_its_notebook():
    scripts = (Path(__file__).parents[2] / "notebooks").glob("[0-9]*.py")
    assert NOTEBOOKS
    assert [file.stem for file in NOTEBOOKS] == sorted(file.stem for file in scripts)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=IDS)
def test_the_notebook_is_its_script_without_outputs(file: Path):
    written = file.read_text(encoding="utf-8")
    assert written == paired(file.with_suffix(".py")), "run `make notebooks`"


@pytest.mark.parametrize("file", NOTEBOOKS, ids=IDS)
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn about event loops
def test_runs(file: Path, tmp_path):
    jupytext = pytest.importorskip("jupytext")
    client = pytest.importorskip("nbclient")
    notebook = jupytext.read(file)
    client.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
