"""Analyse trials of backward against forward walking, and recompute the published ones.

Importing the package is light: a public name is imported when it is first used.

Examples
--------
>>> import backwalk_stats as bw
>>> "reproduce" in dir(bw)
True
"""

from __future__ import annotations

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)


def __getattr__(name: str) -> str:
    """Look the version up when it is asked for; every other name stands in `__init__.pyi`."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import version

    return version("backwalk-stats")
