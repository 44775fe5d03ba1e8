"""Two thousand damaged files of each format: each is read or refused, and none ends the program."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable

import pytest

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.sheets.reader_process import MEMORY, one_reader
from backwalk_stats.paper.paper_files import read_paper
from tests.loaders.motion.bodies import body, write_c3d
from tests.loaders.mutations import TRIAL, damaged, sound_file

SHEETS = ("csv", "xlsx", "ods", "sav", "zsav", "dta", "xpt")
FILES = 2_000
MOST = 2 * 1024**2  # kB
LONGEST = 60.0  # seconds of a run


def word_file(path):
    docx = pytest.importorskip("docx", reason="the extra `paper` is not installed")
    document = docx.Document()
    document.add_paragraph("Pain was 3.4 (SD 1.2) and 4.5 (SD 1.1), t(28) = 2.2, p = .03.")
    table = document.add_table(rows=3, cols=3)
    for place, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = str(place)
    document.save(path)
    return path


def pdf_file(path):
    pytest.importorskip("pypdf", reason="the extra `paper` is not installed")
    pyplot = pytest.importorskip("matplotlib.figure", reason="figures are not installed")
    figure = pyplot.Figure()
    figure.text(0.1, 0.5, "Pain was 3.4 (SD 1.2), p = .03")
    figure.savefig(path, format="pdf")
    return path


def attack(kind, folder, files, seed=20261201):
    """Return how many damaged files were read, and the seconds of the slowest."""
    rng = random.Random(f"{kind} {seed}")
    read: Callable[[], object]
    if kind == "c3d":
        path = write_c3d(folder / "a.c3d", body())
        read = lambda: read_c3d(path)  # noqa: E731
    elif kind in ("docx", "pdf"):
        path = (word_file if kind == "docx" else pdf_file)(folder / f"paper.{kind}")
        read = lambda: read_paper(path)  # noqa: E731
    elif kind == "toml":
        sound_file(folder, "csv")
        path = folder / "trial.toml"
        path.write_text(TRIAL.format(file="scores.csv"))
        read = lambda: check_trial(path)  # noqa: E731
    else:
        path = sound_file(folder, kind)
        trial = folder / "trial.toml"
        trial.write_text(TRIAL.format(file=path.name))
        read = lambda: check_trial(trial)  # noqa: E731
    sound, slowest, fine = path.read_bytes(), 0.0, 0
    for _ in range(files):
        path.write_bytes(damaged(sound, rng))
        start = time.monotonic()
        try:
            result = read()
        except (InputError, UsageError):
            result = None
        took = time.monotonic() - start
        slowest = max(slowest, took)
        faults = result[0] if isinstance(result, tuple) else ()
        fine += result is not None and not faults
    return fine, slowest


@pytest.mark.parametrize("kind", SHEETS)
def test_sound_files_have_no_fault(kind, tmp_path):
    path = sound_file(tmp_path, kind)
    trial = tmp_path / "trial.toml"
    trial.write_text(TRIAL.format(file=path.name))
    assert check_trial(trial)[0] == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*SHEETS, "toml", "c3d", "docx", "pdf"])
def test_damaged_files_are_read_or_refused(kind, tmp_path):
    with one_reader():
        fine, slowest = attack(kind, tmp_path, FILES)
    assert fine < FILES
    assert slowest < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MOST
    assert MEMORY < MOST * 1024


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav", "toml"])
def test_a_sample_of_them(kind, tmp_path):
    with one_reader():
        fine, _ = attack(kind, tmp_path, 12)
    assert fine < 12
