"""Disks, locks, clocks, fonts and threads: the rows of the group `ops`, and links in the way."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.writers import folder as write
from backwalk_stats.report.writers.folder import LOCK_NAME, reserved
from tests.report import trial_records as made


@pytest.fixture(scope="module")
def analysis():
    return Analysis(analysis=made.analysis())


@pytest.fixture(scope="module")
def written(analysis, tmp_path_factory):
    return analysis.report(tmp_path_factory.mktemp("ops") / "report")


def contents(folder: Path) -> dict[str, str]:
    """Return every file but the stamp and the lock, as a hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("provenance.json", LOCK_NAME)
    }


def test_ops_disk_full_read_only_output_interrupted_write(analysis, tmp_path, monkeypatch):
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.html").write_bytes(b"old")
    calls = iter(range(99))
    real = write._flush

    def full(path: Path, content: bytes) -> None:
        if next(calls) == 5:
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(write, "_flush", full)
    with pytest.raises(OSError, match="No space"):
        analysis.report(folder)
    assert contents(folder) == {"report.html": hashlib.sha256(b"old").hexdigest()}
    assert [path.name for path in folder.iterdir()] == ["report.html"]


def test_ops_disk_full_leaves_no_new_folder(analysis, tmp_path, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_flush", full)
    with pytest.raises(OSError, match="No space"):
        analysis.report(tmp_path / "deep" / "report")
    assert list(tmp_path.iterdir()) == []


def test_ops_two_runs_writing_one_output_folder(analysis, tmp_path):
    folder = tmp_path / "report"
    with reserved(folder):
        before = contents(folder)
        with pytest.raises(UsageError, match=rf"another run \(process {os.getpid()}\)"):
            analysis.report(folder)
        assert contents(folder) == before
        held = (folder / LOCK_NAME).read_text(encoding="utf-8")
        assert held == f"{os.getpid()} {socket.gethostname()}\n"
    assert not folder.exists()


def test_ops_clock_skew_no_git_dirty_tree(analysis, written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    again = analysis.report(tmp_path / "again")
    stamp = json.loads((again / "provenance.json").read_text(encoding="utf-8"))
    assert stamp["time"].endswith("Z")
    assert stamp["outputs"] == contents(again) == contents(written)


def test_ops_missing_fonts_no_latex_headless(root, tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from backwalk_stats.report.document.document import Document, Paragraph, Section\n"
        "from backwalk_stats.report.writers.html_pdf import to_pdf\n"
        "from backwalk_stats.report.writers.word import to_docx\n"
        "text = Section(id='a', title='A', blocks=(Paragraph(content=('b',)),))\n"
        "made = Document(title='T', subtitle='S', sections=(text,))\n"
        "assert to_pdf(made)[:5] == b'%PDF-' and to_docx(made)[:2] == b'PK'\n"
    )
    bare = {"PATH": "", "HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)}
    kept = {key: os.environ[key] for key in ("SYSTEMROOT", "LD_LIBRARY_PATH") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], env=bare | kept, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_ops_different_blas_thread_count_on_re_run(root):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import numpy as np, backwalk_stats as bw, pandas as pd\n"
        "rng = np.random.default_rng(1)\n"
        "d = pd.DataFrame({'i': np.repeat(range(80), 3), 'v': list('abc') * 80,\n"
        "                  'y': rng.normal(size=240), 'g': np.repeat(list('xy'), 120)})\n"
        "fit = bw.mmrm('y ~ g * v', d, participant='i', visit='v')\n"
        "print(fit.coefficients()['estimate'].map(float.hex).tolist())\n"
    )
    said = set()
    for threads in ("1", "4"):
        more = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), threads)
        done = subprocess.run(
            [sys.executable, "-c", code, str(root)], env=os.environ | more, capture_output=True,
            check=True,
        )  # fmt: skip
        said.add(done.stdout)
    assert len(said) == 1


def test_ops_worker_lacks_the_package_dask():
    # Nothing runs on other machines: worker processes are started from this installation.
    from importlib.metadata import requires

    assert not [name for name in requires("backwalk-stats") or [] if name.startswith("dask")]


@pytest.mark.parametrize("name", ["report.docx", "tables", "figures", "results.csv"])
def test_sec_symlink_in_output_folder(analysis, tmp_path, name):
    victim = tmp_path / "victim"
    victim.mkdir()
    folder = tmp_path / "report"
    folder.mkdir()
    target = victim if name in ("tables", "figures") else victim / "a"
    try:
        (folder / name).symlink_to(target)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    with pytest.raises(UsageError):
        analysis.report(folder)
    assert list(victim.iterdir()) == []
