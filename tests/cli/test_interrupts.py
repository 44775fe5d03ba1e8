"""An interrupt ends a run at its next stage, also where a library has swallowed it."""

from __future__ import annotations

import os
import signal

import pytest

from backwalk_stats.progress import Progress, interrupts_kept

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals differ elsewhere")


def swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_swallowed_interrupt_ends_the_next_stage():
    before = signal.getsignal(signal.SIGINT)
    with interrupts_kept(), Progress(shown=False) as progress:
        progress.say("loading")
        swallowed()
        with pytest.raises(KeyboardInterrupt):
            progress.say("analysing")
        with pytest.raises(KeyboardInterrupt):
            progress(0, 2, "figures")
    assert signal.getsignal(signal.SIGINT) is before
    with interrupts_kept(), Progress(shown=False) as progress:
        progress.say("the next run is not ended by it")
