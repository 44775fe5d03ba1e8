"""`backwalk verify`: a folder that holds, one that was changed, and everything in its place."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from backwalk_stats.cli.app import run
from backwalk_stats.report.writers.folder import LOCK_NAME, write_folder

OUTPUTS = {"report.html": b"page", "figures/a.svg": b"picture", "tables/b.csv": b"table"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in OUTPUTS.items()}
    stamp = json.dumps({"outputs": digests, "time": "2026-01-01T00:00:00Z"}).encode()
    return write_folder(tmp_path / "report", {**OUTPUTS, "provenance.json": stamp})


def said(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Return exit code, output and errors; a traceback fails in any case."""
    code = run(["verify", str(folder)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def restamped(folder: Path, **changes: object) -> None:
    stamp = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    (folder / "provenance.json").write_text(json.dumps(stamp | changes), encoding="utf-8")


def listing(folder: Path, **more: object) -> dict[str, object]:
    stamp = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    return {**stamp["outputs"], **more}


def test_a_folder_that_holds_is_one_line(folder, capsys):
    assert said(folder, capsys) == (0, f"{folder}: all 3 files are as the run wrote them\n", "")


def test_nothing_is_written(folder, capsys):
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}
    said(folder, capsys)
    assert {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))} == before


def test_files_of_the_reader_are_named_and_no_fault(folder, capsys):
    for place in ("notes.txt", "figures/mine.svg"):
        (folder / place).write_bytes(b"mine")
    code, out, _ = said(folder, capsys)
    assert code == 0 and len(out.splitlines()) == 1
    assert out.endswith("; not of the run: notes.txt, figures/mine.svg\n")


def test_every_file_that_does_not_hold_has_its_line(folder, capsys):
    (folder / "report.html").write_bytes(b"pagE")
    (folder / "tables" / "b.csv").unlink()
    (folder / "notes.txt").write_bytes(b"mine")
    code, out, err = said(folder, capsys)
    assert code == 2 and out == ""
    assert err.splitlines() == [
        f"backwalk: {folder}: 2 of 3 files do not hold:",
        "  report.html: changed since the run",
        "  tables/b.csv: missing",
        "  not of the run: notes.txt",
    ]


def test_a_link_in_place_of_a_file_or_a_folder_is_not_followed(folder, tmp_path, capsys):
    (tmp_path / "same").write_bytes(OUTPUTS["report.html"])
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(tmp_path / "same")
    (folder / "figures").rename(tmp_path / "moved")
    (folder / "figures").symlink_to(tmp_path / "moved")
    code, _, err = said(folder, capsys)
    assert code == 2
    assert "report.html: report.html is a link" in err
    assert "figures/a.svg: figures is a link" in err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_a_folder_in_place_of_a_file_does_not_hang(folder, capsys):
    (folder / "report.html").unlink()
    os.mkfifo(folder / "report.html")
    (folder / "tables" / "b.csv").unlink()
    (folder / "tables" / "b.csv").mkdir()
    code, _, err = said(folder, capsys)
    assert code == 2 and err.count("not a plain file") + err.count("cannot be read") == 2


def test_a_huge_file_is_not_read(folder, capsys):
    with (folder / "report.html").open("r+b") as file:
        file.truncate(2**40)  # sparse: takes no room on the disk
    code, _, err = said(folder, capsys)
    assert code == 2 and "report.html: not a plain file of a report's size" in err


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "figures/../../outside", "a\x00", "a\nb", "", "A B"]
)
def test_a_stamp_that_leads_out_of_the_folder_is_told_and_not_followed(
    folder, tmp_path, capsys, name
):
    (tmp_path / "outside").write_bytes(b"precious")
    digest = hashlib.sha256(b"precious").hexdigest()
    restamped(folder, outputs=listing(folder, **{name: digest}))
    code, _, err = said(folder, capsys)
    assert code == 2 and "the stamp was changed" in err
    assert digest not in err


@pytest.mark.parametrize(
    "stamp",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"[]", b'"x"', b"{}", b'{"outputs": {}}',
     b'{"outputs": 3}', b'{"outputs": {"report.html": 3}}', b'{"outputs": {"report.html": "ab"}}',
     b'{"outputs": ' + b"9" * 5000 + b"}", b" " * 5_000_000 + b"{}"],
)  # fmt: skip
def test_a_stamp_that_cannot_be_used_is_refused_with_the_remedy(folder, capsys, stamp):
    (folder / "provenance.json").write_bytes(stamp)
    code, _, err = said(folder, capsys)
    assert code == 2 and "cannot be used" in err and "run the command that wrote it again" in err


def test_too_many_files_are_refused(folder, capsys):
    many = {f"figures/{place}.svg": "0" * 64 for place in range(10_001)}
    restamped(folder, outputs=many)
    assert "cannot be used" in said(folder, capsys)[2]


def test_no_stamp_no_folder_a_file(folder, tmp_path, capsys):
    (folder / "provenance.json").unlink()
    code, _, err = said(folder, capsys)
    assert code == 2 and "has no provenance.json" in err
    code, _, err = said(folder / "report.html", capsys)
    assert code == 2 and "is a file, expected the folder of a report" in err
    code, _, err = said(tmp_path / "nowhere", capsys)
    assert code == 2 and "is not there" in err
    code, _, err = said(tmp_path / ("x" * 5000), capsys)
    assert code == 2


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="rights bind everyone but the superuser"
)
@pytest.mark.parametrize("name", [".", "provenance.json", "report.html"])
def test_without_rights_it_says_so(folder, capsys, name):
    mode = (folder / name).stat().st_mode
    (folder / name).chmod(0)
    try:
        code, _, err = said(folder, capsys)
    finally:
        (folder / name).chmod(mode)
    assert code == 2 and "cannot be read" in err


def test_rights_refused_by_the_system_are_a_message(folder, capsys, monkeypatch):
    real = os.open

    def refused(path, *more, **named):
        if str(path).endswith("report.html"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *more, **named)

    monkeypatch.setattr(os, "open", refused)
    code, _, err = said(folder, capsys)
    assert code == 2 and "report.html: cannot be read (Permission denied)" in err


def test_a_run_at_work_is_waited_for(folder, capsys):
    (folder / LOCK_NAME).write_text(f"{os.getpid()} {socket.gethostname()}\n", encoding="utf-8")
    code, _, err = said(folder, capsys)
    assert code == 2 and "another run" in err and "wait" in err


def test_python_m_is_the_command(folder, root, tmp_path):
    def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "backwalk_stats", *arguments], cwd=tmp_path, text=True,
            env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, check=False,
        )  # fmt: skip

    held, refused, usage = asked("verify", str(folder)), asked("verify", "no"), asked("nonsense")
    assert (held.returncode, refused.returncode, usage.returncode) == (0, 2, 2)
    assert "all 3 files" in held.stdout and held.stderr == ""
    assert refused.stderr.startswith("backwalk: ")
    assert usage.stderr.startswith("Usage: backwalk ")
