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
    from backwalk_stats.models.ancova import adjusted_means, ancova
    from backwalk_stats.models.lmm import lmm
    from backwalk_stats.models.mmrm import mmrm
    from backwalk_stats.models.ols import ols
    from backwalk_stats.models.permutation import permutation_test
    from backwalk_stats.models.resampling import bootstrap
    from backwalk_stats.report.reproduction import reproduce

    __version__: str

__all__ = [
    "__version__",
    "adjusted_means",
    "ancova",
    "bootstrap",
    "lmm",
    "meta_analysis",
    "mmrm",
    "ols",
    "permutation_test",
    "reproduce",
]

_HOME = {
    "adjusted_means": "backwalk_stats.models.ancova",
    "ancova": "backwalk_stats.models.ancova",
    "bootstrap": "backwalk_stats.models.resampling",
    "lmm": "backwalk_stats.models.lmm",
    "meta_analysis": "backwalk_stats.analyses.pooled",
    "mmrm": "backwalk_stats.models.mmrm",
    "ols": "backwalk_stats.models.ols",
    "permutation_test": "backwalk_stats.models.permutation",
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
