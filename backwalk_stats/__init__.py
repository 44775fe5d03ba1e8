"""Recompute the published record of backward-walking trials, and analyse new ones.

Importing the package is light: a public name is imported when it is first used.

Examples
--------
>>> import backwalk_stats as bw
>>> "reproduce" in dir(bw)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backwalk_stats.analyses.pooled import meta_analysis
    from backwalk_stats.report.reproduction import reproduce

    __version__: str

__all__ = ["__version__", "meta_analysis", "reproduce"]

_HOME = {
    "meta_analysis": "backwalk_stats.analyses.pooled",
    "reproduce": "backwalk_stats.report.reproduction",
}


def __getattr__(name: str) -> object:
    """Import a public name from the module where it lives (PEP 562).

    Raises
    ------
    AttributeError
        When the package has no such name.
    """
    if name == "__version__":
        return import_module("importlib.metadata").version("backwalk-stats")
    if name not in _HOME:
        raise AttributeError(f"module 'backwalk_stats' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__})
