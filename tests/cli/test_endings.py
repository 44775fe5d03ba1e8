"""How the command ends: exit codes, one message on stderr, never a traceback for bad input."""

from __future__ import annotations

import errno
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from backwalk_stats.cli.app import run
from backwalk_stats.errors import Fault, InputError, UsageError


@dataclass
class FakeLedger:
    """Stands for a recomputed record, so that each ending can be brought about."""

    verdicts: tuple[str, ...] = ("reproduced",)
    origin: str = "paper"
    failure: BaseException | None = None
    claims: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def studies(self) -> pd.DataFrame:
        return pd.DataFrame({"study_id": ["a1"]})

    @property
    def checks(self) -> pd.DataFrame:
        columns = {"study_id": "a1", "origin": self.origin, "reported": "1"}
        return pd.DataFrame({**columns, "verdict": self.verdicts})

    def report(self, path: Path, progress=None, formats=()) -> Path:
        if self.failure is not None:
            raise self.failure
        progress(1, 1, "report.html")
        return path


@pytest.fixture
def recomputed(monkeypatch):
    """Put a function in the place of `reproduce`, and keep what it was asked for."""

    def put(ledger: FakeLedger | BaseException) -> list[tuple[object, object]]:
        asked: list[tuple[object, object]] = []

        def reproduce(studies=None, evidence=None):
            asked.append((studies, evidence))
            if isinstance(ledger, BaseException):
                raise ledger
            return ledger

        module = ModuleType("backwalk_stats.report.reproduction")
        module.reproduce = reproduce  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return asked

    return put


def test_all_well_ends_with_zero_and_says_where_the_report_is(recomputed, capsys):
    asked = recomputed(FakeLedger())
    assert run(["reproduce", "--out", "there"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "Report: there"
    assert all(line.startswith("backwalk: ") for line in err.splitlines()), "a line a stage"
    assert asked == [(None, None)]


def test_studies_and_folder_are_handed_on(recomputed):
    asked = recomputed(FakeLedger())
    run(["reproduce", "a1", "b2", "--evidence", "mine"])
    assert asked == [(["a1", "b2"], Path("mine"))]


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ("reproduced", 0),
        ("compatible", 0),
        ("not_derivable", 0),
        ("no_results", 0),
        ("not_reproduced", 1),
        ("inputs_inconsistent", 1),
    ],
)
def test_strict_ends_with_one_when_a_finding_does_not_hold(recomputed, verdict, code):
    recomputed(FakeLedger(verdicts=("reproduced", verdict)))
    assert run(["reproduce", "--strict"]) == code
    assert run(["reproduce"]) == 0


@pytest.mark.parametrize(
    ("origin", "code"), [("paper", 1), ("review", 1), ("collector", 0), ("derived", 0)]
)
def test_strict_is_about_what_was_printed(recomputed, origin, code):
    """DESIGN.md 5: only `paper` and `review` count as printed."""
    recomputed(FakeLedger(verdicts=("not_reproduced",), origin=origin))
    assert run(["reproduce", "--strict"]) == code


def test_quiet_prints_nothing(recomputed, capsys):
    recomputed(FakeLedger())
    assert run(["reproduce", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_every_fault_is_told(recomputed, capsys):
    faults = [
        Fault(file="outcomes.csv", row=row, column="sd", expected="a number", found="4,5")
        for row in (3, 8)
    ]
    recomputed(InputError(faults))
    assert run(["reproduce"]) == 2
    err = capsys.readouterr().err
    assert "2 faults" in err and "line 3" in err and "line 8" in err
    assert "Traceback" not in err


def test_control_characters_do_not_reach_the_terminal(recomputed, capsys):
    recomputed(UsageError("no study \x1b[2Jevil"))
    assert run(["reproduce"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_trouble_with_files_is_a_message(recomputed, capsys, number):
    recomputed(FakeLedger(failure=OSError(number, "no luck", "there/report.html")))
    assert run(["reproduce"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "backwalk: no luck: there/report.html"


def test_interrupted_ends_quietly(recomputed, capsys):
    recomputed(FakeLedger(failure=KeyboardInterrupt()))
    assert run(["reproduce"]) == 130
    assert capsys.readouterr().out == ""


def test_a_fault_of_ours_is_not_mistaken_for_a_finding(recomputed, capsys):
    recomputed(FakeLedger(failure=ZeroDivisionError("ours")))
    assert run(["reproduce", "--strict"]) == 70
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err and "please report it" in err


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["reproduce", "--nonsense"], ["reproduce", "--out"], []]
)
def test_usage_errors_end_with_two(arguments, capsys):
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err != "" and "Traceback" not in err


def test_help_and_version(capsys):
    assert run(["--help"]) == 0
    assert run(["reproduce", "--help"]) == 0
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("backwalk ")
