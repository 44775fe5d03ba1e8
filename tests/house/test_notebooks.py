"""Each notebook runs from top to bottom, and what is stored is what comes out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from notebooks.pair import cells_of, executed

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
QUICK = ("01", "06")  # run again with every change; the others in the slow suite
NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
MOST_BYTES = 3_000_000
# The beginnings of paths on whatever machine a stored file was made.
ROOTS = "|".join(("home", "root", "tmp", "work"))


def source(cell: dict) -> str:
    return "".join(cell["source"])


def texts(cell: dict) -> list[str]:
    """Return what a cell shows in words; pictures and their sizes are compared elsewhere."""
    shown = []
    for output in cell.get("outputs", []):
        held = output.get("data", {}).get("text/plain", output.get("text", ""))
        text = "".join(held)
        shown += [] if text.startswith("<Figure") else [text]
    return shown


def test_every_script_has_its_notebook():
    scripts = (Path(__file__).parents[2] / "notebooks").glob("[0-9]*.py")
    assert NOTEBOOKS
    assert [file.stem for file in NOTEBOOKS] == sorted(file.stem for file in scripts)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_cells_are_those_of_the_script(file: Path):
    stored = json.loads(file.read_text(encoding="utf-8"))["cells"]
    script = cells_of(file.with_suffix(".py")).cells
    assert [source(cell) for cell in stored] == [cell["source"] for cell in script], (
        "run `make notebooks`"
    )


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_is_stored_with_its_results_and_no_trace_of_where_it_ran(file: Path):
    text = file.read_text(encoding="utf-8")
    stored = json.loads(text)["cells"]
    shown = [cell for cell in stored if cell["cell_type"] == "code" and cell["outputs"]]
    assert len(shown) >= 3
    assert not [one for cell in stored for one in cell.get("outputs", [])
                if one["output_type"] == "error"]  # fmt: skip
    assert not re.search(rf"(?:/(?:{ROOTS})/|\.venv/)\S", text)
    assert file.stat().st_size < MOST_BYTES


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, id=file.stem,
                     marks=() if file.stem[:2] in QUICK else pytest.mark.slow)
        for file in NOTEBOOKS
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn about event loops
def test_it_runs_again_and_says_the_same(file: Path):
    stored = json.loads(file.read_text(encoding="utf-8"))["cells"]
    again = executed(file.with_suffix(".py")).cells
    for old, new in zip(stored, again, strict=True):
        assert_same_words(texts(old), texts(new))
        pictures = [
            sum("image/png" in one.get("data", {}) for one in cell.get("outputs", []))
            for cell in (old, new)
        ]
        assert pictures[0] == pictures[1]


def assert_same_words(old: list[str], new: list[str]) -> None:
    """Words are equal; numbers are, to the last digit but one that is shown."""
    assert len(old) == len(new)
    for was, now in zip(old, new, strict=True):
        assert NUMBER.sub("#", was).split() == NUMBER.sub("#", now).split()
        for one, other in zip(NUMBER.findall(was), NUMBER.findall(now), strict=True):
            a, b = (float(text.replace("−", "-")) for text in (one, other))
            step = 10.0 ** -len(one.partition(".")[2].partition("e")[0])
            assert a == pytest.approx(b, rel=1e-4, abs=2 * step)
