"""Write each notebook's .ipynb from its script, executed: the same cells and outputs every time.

The script (py:percent) is what is edited and reviewed. The .ipynb is for whoever opens the
repository: its outputs are those of a run in the locked environment, without paths, times and
counters. A test runs the notebooks again and compares.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jupytext
import nbclient

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
DPI = 100
ENVIRONMENT = {"BACKWALK_PROGRESS": "0", "PYTHONHASHSEED": "0", "PUBLIC_TRIALS": "nowhere"}
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_SECONDS = re.compile(r"\b\d+(?:\.\d+)? (?:ms|s|seconds)\b(?= (?:wall|CPU|per))")


def cells_of(script: Path) -> Any:  # noqa: ANN401
    """Return the notebook that belongs to a script, not run: ids of its own, no metadata."""
    notebook = jupytext.read(script)
    for place, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{place:02d}"
        cell["metadata"] = {}
    notebook.metadata.setdefault("language_info", {"name": "python"})
    return notebook


def executed(script: Path) -> Any:  # noqa: ANN401
    """Return the notebook of a script after a run, its outputs without what changes by itself."""
    notebook = cells_of(script)
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        with TemporaryDirectory() as folder:
            where = {"metadata": {"path": folder}}
            nbclient.NotebookClient(
                notebook, timeout=600, kernel_name="python3", resources=where
            ).execute()
            for cell in notebook.cells:
                if cell["cell_type"] == "code":
                    cell["outputs"] = [_kept(one, folder) for one in cell["outputs"]]
                    cell["execution_count"] = None
                    cell["metadata"] = {}
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _kept(output: Any, folder: str) -> Any:  # noqa: ANN401
    """Return an output without counters, and its texts without paths, addresses and times."""
    if "execution_count" in output:
        output["execution_count"] = None
    if output["output_type"] == "stream":
        output["text"] = _plain(output["text"], folder)
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/") and isinstance(content, str):
            output["data"][kind] = _plain(content, folder)
    if "metadata" in output:
        output["metadata"] = {}
    return output


def _plain(text: str, folder: str) -> str:
    """Return a text without what differs from run to run and from place to place."""
    for path, word in ((folder, "."), (str(ROOT), "."), (sys.prefix, "python")):
        text = text.replace(path, word)
    return _SECONDS.sub("a moment", _ADDRESS.sub("0x0", text))


def as_text(notebook: Any) -> str:  # noqa: ANN401
    """Return a notebook as the text of its file."""
    for cell in notebook.cells:
        if isinstance(cell["source"], str):
            cell["source"] = cell["source"].splitlines(keepends=True)
        for output in cell.get("outputs", []):
            if isinstance(output.get("text"), str):
                output["text"] = output["text"].splitlines(keepends=True)
            for kind, content in output.get("data", {}).items():
                if kind.startswith("text/") and isinstance(content, str):
                    output["data"][kind] = content.splitlines(keepends=True)
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(wanted: list[str]) -> None:
    """Run every notebook of this folder, or those named, and write it beside its script."""
    for script in sorted(FOLDER.glob("[0-9]*.py")):
        if not wanted or any(script.stem.startswith(name) for name in wanted):
            print(script.stem)
            text = as_text(executed(script))
            script.with_suffix(".ipynb").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
