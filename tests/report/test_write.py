"""Outputs are whole or not there, and nothing outside the folder is touched."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.report.writers import folder as write
from backwalk_stats.report.writers.folder import LOCK_NAME, reserved, write_file, write_folder
from backwalk_stats.report.writers.verify import verify_folder
from backwalk_stats.trial.result import Reproduction

OLD = {"report.html": b"old page", "figures/a.svg": b"old picture", "provenance.json": b"{}"}
NEW = {"report.html": b"new page", "figures/a.svg": b"new picture", "provenance.json": b"{ }"}
WRITER = """
import sys
from pathlib import Path
from backwalk_stats.report.writers.folder import write_folder
round = 0
while True:
    round += 1
    body = str(round % 10).encode() * 400_000
    write_folder(Path(sys.argv[1]), {f"file{i}.csv": body for i in range(4)})
    print(round, flush=True)
"""
STOPPED = """
import json, os, signal, sys
from pathlib import Path
from backwalk_stats.report.writers import folder as write
left, outputs = int(sys.argv[2]), json.loads(sys.argv[3])

def faulty(call):
    def stopped(*arguments, **named):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return call(*arguments, **named)
    return stopped

for name in ("replace", "fsync", "unlink", "mkdir"):
    setattr(os, name, faulty(getattr(os, name)))
write.write_folder(Path(sys.argv[1]), {name: text.encode() for name, text in outputs.items()})
"""


def stamped(outputs: dict[str, bytes]) -> dict[str, bytes]:
    """Return outputs with a stamp that lists them."""
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in outputs.items()}
    return {**outputs, "provenance.json": json.dumps({"outputs": digests}).encode()}


OLDER = stamped({"report.html": b"old", "ledger.csv": b"old", "figures/gone.svg": b"old"})
NEWER = stamped({"report.html": b"new", "ledger.csv": b"new", "tables/a.csv": b"new"})


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def dead_process() -> int:
    """Return the number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_writes_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_folder(tmp_path / "deep" / "report", OLD)
    assert files(tmp_path / "deep" / "report") == OLD


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_folder(tmp_path, OLD)
    assert files(tmp_path) == {**OLD, "notes.txt": b"mine"}


@pytest.mark.parametrize("broken", ["stage", "render"])
def test_failure_before_the_end_leaves_the_old_report(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain_record: Reproduction
) -> None:
    write_folder(tmp_path, OLD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if broken == "stage":
        real, calls = write._flush, iter(range(9))
        monkeypatch.setattr(
            write, "_flush", lambda path, body: full() if next(calls) == 2 else real(path, body)
        )
        with pytest.raises(OSError, match="No space"):
            write_folder(tmp_path, NEW)
    else:
        monkeypatch.setattr("backwalk_stats.report.writers.html_pdf.to_pdf", full)
        with pytest.raises(OSError, match="No space"):
            Ledger(reproduction=plain_record).report(tmp_path)
    assert files(tmp_path) == OLD


def test_a_failing_first_run_makes_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain_record: Reproduction
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr("backwalk_stats.report.writers.html_pdf.to_pdf", broken)
    with pytest.raises(RuntimeError, match="broken"):
        Ledger(reproduction=plain_record).report(tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is known to POSIX only")
def test_killed_at_any_moment_leaves_whole_files(tmp_path: Path, root: Path) -> None:
    for wait in (0.0, 0.004, 0.009, 0.015, 0.022):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "out")],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(root)},
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        found = [body for name, body in files(tmp_path / "out").items() if name.endswith(".csv")]
        assert len(found) == 4
        assert all(len(body) == 400_000 and len(set(body)) == 1 for body in found)
    write_folder(tmp_path / "out", OLD)
    assert not (tmp_path / "out" / write.STAGING).exists()
    assert not (tmp_path / "out" / LOCK_NAME).exists()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is known to POSIX only")
def test_killed_at_each_step_is_of_one_run_after_the_next(tmp_path: Path, root: Path) -> None:
    newer = json.dumps({name: body.decode() for name, body in NEWER.items()})
    seen, step, code = [], 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        folder = tmp_path / str(step)
        write_folder(folder, OLDER)
        code = subprocess.run(
            [sys.executable, "-c", STOPPED, str(folder), str(step), newer],
            env=os.environ | {"PYTHONPATH": str(root)}, check=False,
        ).returncode  # fmt: skip
        left = {name: body for name, body in files(folder).items() if not name.startswith(".")}
        try:
            held = not verify_folder(folder).faults
        except UsageError as error:
            assert "a run was interrupted" in str(error) and "finishes" in str(error)
            held = False
        assert not held or all(left[name] == body for name, body in OLDER.items()) or left == NEWER
        with reserved(folder):  # the next run, which itself writes nothing
            pass
        after = files(folder)
        assert after in (OLDER, NEWER)
        assert not verify_folder(folder).faults
        seen.append((left in (OLDER, NEWER), after == NEWER))
        step += 1
    assert code == 0 and after == NEWER
    assert [new for _, new in seen] == sorted(new for _, new in seen), "once whole, always finished"
    assert (False, True) in seen, "some step was between two runs"
    assert (True, False) in seen, "some step was before anything was complete"


def interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Leave a folder in which the third rename of a run has failed."""
    write_folder(folder, OLDER)
    calls, real = iter(range(9)), os.replace

    def replace(source: Path, target: Path) -> None:
        if next(calls) == 2:
            raise error
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        with pytest.raises((type(error), UsageError)):
            write_folder(folder, NEWER)
    mixed = files(folder)
    assert mixed["ledger.csv"] == b"new" and mixed["report.html"] == b"old"


def test_a_file_that_a_program_holds_open_is_named_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(tmp_path, monkeypatch, PermissionError(13, "in use"))
    with pytest.raises(UsageError, match="a run was interrupted"):
        verify_folder(tmp_path)
    with reserved(tmp_path):
        assert {name: files(tmp_path)[name] for name in NEWER} == NEWER
    assert files(tmp_path) == NEWER


def test_what_was_changed_after_the_interruption_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(tmp_path, monkeypatch, KeyboardInterrupt())
    (tmp_path / "figures" / "gone.svg").write_bytes(b"mine")
    (tmp_path / "ledger.csv").write_bytes(b"mine")
    with reserved(tmp_path):
        pass
    assert files(tmp_path) == {**NEWER, "figures/gone.svg": b"mine", "ledger.csv": b"mine"}
    found = verify_folder(tmp_path)
    assert found.faults == ("ledger.csv: changed since the run",)
    assert found.extra == ("figures/gone.svg",)


def test_a_link_put_in_the_way_of_an_interrupted_run_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, victim = tmp_path / "report", tmp_path / "victim"
    interrupted(folder, monkeypatch, KeyboardInterrupt())
    victim.write_bytes(b"precious")
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(victim)
    with pytest.raises(UsageError, match="is a link"), reserved(folder):
        pass
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize(
    "journal",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[1, 2]",
        b'{"new": {"../victim": "00"}, "old": {}}',
        b'{"new": {"report.html": 3}, "old": {}}',
        b'{"new": {}, "old": "x"}',
        b'{"new": {}, "old": {"../victim": "HASH"}}',
    ],
)
def test_a_journal_that_no_run_wrote_moves_and_removes_nothing(
    journal: bytes, tmp_path: Path
) -> None:
    folder, victim = tmp_path / "report", tmp_path / "victim"
    victim.write_bytes(b"precious")
    write_folder(folder, OLDER)
    (folder / write.STAGING).mkdir()
    (folder / write.STAGING / "0").write_bytes(b"evil")
    digest = hashlib.sha256(b"precious").hexdigest().encode()
    (folder / write.STAGING / write.JOURNAL).write_bytes(journal.replace(b"HASH", digest))
    with reserved(folder):
        pass
    assert files(folder) == OLDER
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_disk_that_takes_no_more_leaves_what_was_there(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, OLDER)
    for fine in range(len(NEWER) + 2):  # outputs, journal, and the folder itself
        calls, real = iter(range(99)), os.fsync

        def full(handle: int, calls=calls, fine=fine, real=real) -> None:
            if next(calls) == fine:
                raise OSError(number, os.strerror(number))
            real(handle)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match=os.strerror(number)):
                write_folder(tmp_path, NEWER)
        assert files(tmp_path) == OLDER
        assert not verify_folder(tmp_path).faults


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="rights bind everyone but the superuser"
)
def test_a_folder_that_may_not_be_written_stays_as_it_is(tmp_path: Path) -> None:
    write_folder(tmp_path, OLDER)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            write_folder(tmp_path, NEWER)
    finally:
        tmp_path.chmod(0o755)
    assert files(tmp_path) == OLDER


def test_a_second_run_says_so_and_stops(tmp_path: Path) -> None:
    write_folder(tmp_path, OLD)
    (tmp_path / LOCK_NAME).write_text(f"{os.getpid()} {socket.gethostname()}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=rf"another run \(process {os.getpid()}\)"):
        write_folder(tmp_path, NEW)
    assert {name: body for name, body in files(tmp_path).items() if name != LOCK_NAME} == OLD


def test_the_lock_of_a_run_elsewhere_is_respected(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(f"{dead_process()} another-machine\n", encoding="utf-8")
    with pytest.raises(UsageError, match="another run"):
        write_folder(tmp_path, NEW)


def test_the_lock_of_a_dead_run_is_taken_over(tmp_path: Path) -> None:
    lock = f"{dead_process()} {socket.gethostname()}\n"
    (tmp_path / LOCK_NAME).write_text(lock, encoding="utf-8")
    write_folder(tmp_path, NEW)
    assert files(tmp_path) == NEW


@pytest.mark.parametrize("name", ["report.html", "figures", "figures/a.svg"])
def test_nothing_is_written_through_a_link(name: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "a.svg").write_bytes(b"precious")
    folder = tmp_path / "report"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).symlink_to(victim if name == "figures" else victim / "a.svg")
    with pytest.raises(UsageError):
        write_folder(folder, NEW)
    assert (victim / "a.svg").read_bytes() == b"precious"
    assert not (folder / "provenance.json").exists()


def test_what_stands_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "folder" / "report.html").mkdir(parents=True)
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        write_folder(tmp_path / "file", NEW)
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        write_folder(tmp_path / "file" / "below", NEW)
    with pytest.raises(UsageError, match="is a link"):
        write_folder(tmp_path / "link", NEW)
    with pytest.raises(UsageError, match="is a folder, expected a file"):
        write_folder(tmp_path / "folder", NEW)
    with pytest.raises(UsageError, match="is a folder, expected a file"):
        write_file(tmp_path / "folder" / "report.html", b"x")


@pytest.mark.parametrize("name", ["../a.svg", "/etc/passwd", "figures/../../a", "a\x00", "", "A B"])
def test_a_name_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not stay inside"):
        write_folder(tmp_path / "report", {name: b""})
    assert not (tmp_path / "report").exists()


def test_old_figures_go_when_the_manifest_lists_them_unchanged(tmp_path: Path) -> None:
    bodies = {"figures/old.svg": b"1", "figures/edited.svg": b"2", "figures/mine.svg": b"3"}
    for name, body in bodies.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    (tmp_path / "precious.txt").write_bytes(b"4")
    listed = {
        "figures/old.svg": hashlib.sha256(b"1").hexdigest(),
        "figures/edited.svg": hashlib.sha256(b"before").hexdigest(),
        "precious.txt": hashlib.sha256(b"4").hexdigest(),
        "../precious.txt": hashlib.sha256(b"4").hexdigest(),
    }
    (tmp_path / "provenance.json").write_text(json.dumps({"outputs": listed}), encoding="utf-8")
    write_folder(tmp_path, NEW)
    left = set(files(tmp_path))
    assert left == set(NEW) | {"figures/edited.svg", "figures/mine.svg", "precious.txt"}


@pytest.mark.parametrize("manifest", [b"", b"[]", b'{"outputs": 3}', b"\xff\xfe"])
def test_a_manifest_that_cannot_be_read_removes_nothing(manifest: bytes, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "old.svg").write_bytes(b"1")
    (tmp_path / "provenance.json").write_bytes(manifest)
    write_folder(tmp_path, NEW)
    assert (tmp_path / "figures" / "old.svg").exists()


def test_one_file_is_replaced_whole(tmp_path: Path) -> None:
    path = write_file(tmp_path / "deep" / "report.html", b"one")
    (path.parent / f".report.html.{dead_process()}.new").write_bytes(b"left behind")
    write_file(path, b"two")
    assert files(tmp_path) == {"deep/report.html": b"two"}
