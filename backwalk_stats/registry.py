"""Finds the members of a room, so that a new member is one new file and nothing else."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def members(room: ModuleType) -> tuple[ModuleType, ...]:
    """Return the modules of a room, in the order of their names.

    Parameters
    ----------
    room : module
        A package, such as `backwalk_stats.ledger.checks`.

    Returns
    -------
    tuple of module
        Every module directly inside the package.

    Examples
    --------
    >>> import backwalk_stats.ledger.checks as room
    >>> "two_sample" in [module.__name__.rpartition(".")[2] for module in members(room)]
    True
    """
    names = sorted(module.name for module in iter_modules(room.__path__))
    return tuple(import_module(f"{room.__name__}.{name}") for name in names)
