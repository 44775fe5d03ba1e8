"""The reader's process: what happens in it stays there, and it is kept only as long as needed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.sheets import reader_process
from backwalk_stats.loaders.sheets.reader_process import one_reader, read_apart

TOLD = {"file": "scores.sav", "what": "a sound file", "action": "Save it anew"}


@pytest.fixture
def elsewhere(monkeypatch):
    # The other process finds modules as this one does, and "tests" may be another package.
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return import_module("read_elsewhere")


def test_answers_and_errors_come_back(elsewhere):
    assert read_apart(len, "four", **TOLD) == 4
    with pytest.raises(InputError, match="expected a file, found another"):
        read_apart(elsewhere.refuse, "a.sav", **TOLD)
    with pytest.raises(UsageError, match="no such choice"):
        read_apart(elsewhere.misuse, **TOLD)


def test_what_is_printed_there_does_not_disturb(elsewhere):
    assert read_apart(elsewhere.noisy, **TOLD) != os.getpid()


@pytest.mark.parametrize(
    ("read", "found"),
    [("abort", "a damaged file"), ("greedy", "more than 1536 MB"), ("broken", r"\(KeyError\)")],
)
def test_a_crash_is_the_fault_of_one_file(elsewhere, read, found):
    with one_reader():
        with pytest.raises(InputError, match=found) as caught:
            read_apart(getattr(elsewhere, read), **TOLD)
        assert "P01" not in str(caught.value)
        assert read_apart(len, "four", **TOLD) == 4


def test_a_reader_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(reader_process, "PATIENCE", 1)
    with pytest.raises(InputError, match="takes longer than 1 s"):
        read_apart(time.sleep, 30, **TOLD)


def test_one_process_serves_all_files_within_and_ends_after():
    with one_reader():
        first = read_apart(os.getpid, **TOLD)
        assert read_apart(os.getpid, **TOLD) == first
        with one_reader():
            assert read_apart(os.getpid, **TOLD) == first
    assert read_apart(os.getpid, **TOLD) != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_small_table_of_text_starts_no_process(tmp_path):
    (tmp_path / "a.csv").write_text("id,pain\n1,2\n")
    code = (
        "import subprocess, sys, backwalk_stats as bw\n"
        "subprocess.Popen = None\n"
        f"print(len(bw.read_sheet({str(tmp_path / 'a.csv')!r}).frame))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
