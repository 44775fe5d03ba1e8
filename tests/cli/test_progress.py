"""How far work has come: a bar on a terminal, lines elsewhere where asked, silence on demand."""

from __future__ import annotations

import io

import pytest

from backwalk_stats import progress as told
from backwalk_stats.progress import Progress, telling


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(told, "WAIT", 0.0)
    monkeypatch.delenv(told.SILENCED, raising=False)


def test_a_terminal_shows_a_bar_that_takes_itself_away():
    terminal = Terminal()
    with Progress(stream=terminal) as progress:
        progress.say("reading")
        for done in range(5):
            progress(done, 5, f"figure {done}")
    shown = terminal.getvalue()
    assert "reading" in shown
    assert "figure 4" in shown
    assert shown.rstrip(" ").endswith("\r")


def test_a_pipe_gets_a_line_a_stage_where_asked_and_nothing_else():
    asked, plain, quiet = io.StringIO(), io.StringIO(), io.StringIO()
    for stream, choice in (
        (asked, {"lines": True}),
        (plain, {}),
        (quiet, {"lines": True, "shown": False}),
    ):
        with Progress(stream=stream, **choice) as progress:
            progress.say("reading the data")
            for done in range(3):
                progress(done, 3, f"part {done}")
    assert asked.getvalue().splitlines() == [
        "backwalk: reading the data",
        "backwalk: part 0, and 2 steps more",
    ]
    assert plain.getvalue() == quiet.getvalue() == ""


def test_the_environment_keeps_bars_away(monkeypatch):
    monkeypatch.setenv(told.SILENCED, "0")
    terminal = Terminal()
    with Progress(stream=terminal) as progress:
        progress(0, 2, "figures")
    assert terminal.getvalue() == ""


def test_a_caller_s_own_way_of_being_told_is_used():
    heard: list[tuple[int, int, str]] = []
    with telling(lambda *step: heard.append(step)) as tell:
        tell(0, 2, "figures")
    assert heard == [(0, 2, "figures")]
