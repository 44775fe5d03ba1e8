"""Each notebook runs from top to bottom, and its two spellings say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
IDS = [file.stem for file in NOTEBOOKS]


def cells(notebook) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=IDS)
def test_paired_script_says_the_same(file: Path):
    jupytext = pytest.importorskip("jupytext")
    script = file.with_suffix(".py")
    assert script.exists(), "pair it: jupytext --set-formats ipynb,py:percent"
    assert cells(jupytext.read(script)) == cells(jupytext.read(file))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=IDS)
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn about event loops
def test_runs(file: Path, tmp_path):
    jupytext = pytest.importorskip("jupytext")
    client = pytest.importorskip("nbclient")
    notebook = jupytext.read(file)
    client.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
