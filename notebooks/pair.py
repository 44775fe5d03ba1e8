"""Write each notebook's .ipynb from its script: the same cell ids every time, and no outputs.

The script (py:percent) is what is edited and reviewed. The .ipynb is for opening in Jupyter; it
carries no outputs, since numbers in it would be a second copy that nothing keeps up to date.
"""

from __future__ import annotations

import json
from pathlib import Path

import jupytext

FOLDER = Path(__file__).parent


def paired(script: Path) -> str:
    """Return the text of the notebook that belongs to a script."""
    notebook = jupytext.read(script)
    for place, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{place:02d}"
        cell["metadata"] = {}
        cell["source"] = cell["source"].splitlines(keepends=True)
    notebook.metadata.setdefault("language_info", {"name": "python"})
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every notebook of this folder beside its script."""
    for script in sorted(FOLDER.glob("[0-9]*.py")):
        script.with_suffix(".ipynb").write_text(paired(script), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
