"""Finds members of a room, loads public names when first used, lets objects show themselves.

A room's members are found by themselves: a new one is one new file. A package's public names
stand in the stub beside its `__init__.py`, which type checkers and editors read too. What an object
looks like in a notebook is drawn far above it: here stands who draws it, by name, and it is
imported when an object is looked at.
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


# How an object shows itself. Whatever it holds of people (frames, arrays, ids) is told by its size.

_FACES = "backwalk_stats.plot.notebook"
# Class to what draws it for a notebook, and to what writes it for a terminal.
HTML = {
    "Analysis": f"{_FACES}.trials.analysis_html",
    "ConstrainedLongitudinal": f"{_FACES}.fits.fit_html",
    "Coordination": f"{_FACES}.records.coordination_html",
    "FitTable": f"{_FACES}.fits.summary_html",
    "FittedModel": f"{_FACES}.fits.fit_html",
    "GeeModel": f"{_FACES}.fits.fit_html",
    "Ledger": f"{_FACES}.records.ledger_html",
    "LinearModel": f"{_FACES}.fits.fit_html",
    "Motion": f"{_FACES}.records.motion_html",
    "Power": f"{_FACES}.records.power_html",
    "Trial": f"{_FACES}.trials.trial_html",
}
TEXT = {
    "ConstrainedLongitudinal": f"{_FACES}.fits.fit_text",
    "FitTable": f"{_FACES}.fits.summary_text",
    "FittedModel": f"{_FACES}.fits.fit_text",
    "GeeModel": f"{_FACES}.fits.fit_text",
    "LinearModel": f"{_FACES}.fits.fit_text",
}
# Fields that hold a person's id, or a file's name in which one may stand.
PRIVATE = ("participant", "participants", "file", "person")
LONGEST_TEXT = 60
LONGEST_REPR = 1800


def rendered(shown: object, renderers: dict[str, str]) -> str:
    """Return an object as `HTML` or `TEXT` has it drawn; what is not named there as its fields.

    >>> rendered(Shown(), HTML)
    '<table><caption>Shown</caption><tbody></tbody></table>'
    """
    for kind in type(shown).__mro__:
        if kind.__name__ in renderers:
            module, _, name = renderers[kind.__name__].rpartition(".")
            return str(getattr(import_module(module), name)(shown))
    from html import escape

    rows = "".join(
        f"<tr><th scope='row' style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(text)}</td></tr>"
        for name, text in _told_fields(shown, digits=6)
    )
    name = escape(type(shown).__name__)
    return f"<table><caption>{name}</caption><tbody>{rows}</tbody></table>"


class Shown:
    """What shows itself: in a line with the sizes of what it holds, and in a notebook.

    A dataclass with `repr=False` takes both from here, one without keeps the `repr` of its fields.

    >>> Shown()
    Shown()
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the fields in short, without anything that is held of people."""
        told = ", ".join(f"{name}={text}" for name, text in _told_fields(self))
        cut = told if len(told) <= LONGEST_REPR else f"{told[:LONGEST_REPR]}..."
        return f"{type(self).__name__}({cut})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return rendered(self, HTML)


def _told_fields(shown: object, digits: int | None = None) -> list[tuple[str, str]]:
    """Return name and short text of fields, but of those that begin with _ or hold ids.

    `digits` of a number that count; None for all of them.
    """
    fields = getattr(shown, "__dataclass_fields__", getattr(shown, "_fields", ()))
    names = [name for name in fields if name[0] != "_" and name not in PRIVATE]
    told = [(name, getattr(shown, name)) for name in names]
    return [(name, _in_short(value, digits)) for name, value in told]


def _in_short(value: object, digits: int | None = None) -> str:
    """Return a number or a short text as it is, and the kind and size of anything else.

    >>> _in_short("reml"), _in_short((1, 2)), _in_short(())
    ("'reml'", '<2 items>', '()')
    """
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}..."
        return repr(short)
    if isinstance(value, float) and digits is not None:
        return f"{value:.{digits}g}"
    if value is None or isinstance(value, bool | int | float | complex):
        return repr(value)
    shape = getattr(value, "shape", None)
    kind = type(value).__name__.replace("ndarray", "array")
    if isinstance(shape, tuple):
        return f"<{kind} {' x '.join(map(str, shape))}>" if shape else repr(value)
    if isinstance(value, tuple | list | dict | set | frozenset):
        return f"<{len(value)} item{'s' * (len(value) != 1)}>" if value else repr(value)
    return f"<{kind}>"
