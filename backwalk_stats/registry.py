"""Finds the members of a room, and gives a package public names that load when first used.

A room's members are found by themselves: a new one is one new file. A package's public names
stand in the stub beside its `__init__.py`, which type checkers and editors read too.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType


def members(room: ModuleType) -> tuple[ModuleType, ...]:
    """Return the modules directly inside a package, in the order of their names.

    >>> import backwalk_stats.ledger.checks as room
    >>> "two_sample" in [module.__name__.rpartition(".")[2] for module in members(room)]
    True
    """
    names = sorted(module.name for module in iter_modules(room.__path__))
    return tuple(import_module(f"{room.__name__}.{name}") for name in names)


class Namespace(ModuleType):
    """A package whose public names are imported when they are first used.

    A public name may be that of the file that it stands in (`motion.events` of `events.py`): the
    name stays the function, whoever imports the file.
    """

    _sources: dict[str, tuple[str, str]]

    def __getattr__(self, name: str) -> object:
        """Import a public name, once."""
        if name not in self._sources:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        module, original = self._sources[name]
        value = getattr(import_module(module), original) if original else import_module(module)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: object) -> None:
        """Keep a public name from being hidden by the file of the same name."""
        module, original = self._sources.get(name, ("", ""))
        if not (original and isinstance(value, ModuleType) and value.__name__ == module):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """Return what is here, loaded or not."""
        return sorted({*self.__dict__, *self._sources})


def load_names_when_used(package: str) -> None:
    """Give a package, by its `__name__`, the names that the stub `__init__.pyi` beside it imports.

    >>> import backwalk_stats.motion as motion
    >>> "coupling_angle" in dir(motion), motion.coupling_angle.__module__
    (True, 'backwalk_stats.motion.coordination')
    """
    module = sys.modules[package]
    stub = Path(str(module.__file__)).with_suffix(".pyi").read_text(encoding="utf-8")
    sources = public_sources(stub, package)
    module.__dict__.update(_sources=sources, __all__=sorted(sources))
    module.__class__ = Namespace


def public_sources(stub: str, package: str) -> dict[str, tuple[str, str]]:
    r"""Return, by public name, the module that a stub imports it from, and its name there.

    `from . import room` makes a room itself public.

    >>> public_sources("from a.b import run as walk\nfrom . import motion", "backwalk_stats")
    {'walk': ('a.b', 'run'), 'motion': ('backwalk_stats.motion', '')}
    """
    found = {}
    for line in ast.parse(stub).body:
        if isinstance(line, ast.ImportFrom) and line.module != "__future__":
            for one in line.names:
                source = (line.module or "", one.name)
                if line.level:
                    inside = [package, *filter(None, [line.module]), one.name]
                    source = (".".join(inside), "")
                found[one.asname or one.name] = source
    return found
