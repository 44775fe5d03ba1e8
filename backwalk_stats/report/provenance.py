"""The stamp of a run: what it read, what it made, with which programs, and when."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version

DISTRIBUTION = "backwalk-stats"
_IMPORTED = ("jinja2", "matplotlib", "numpy", "pandas", "scipy", "typst")


def provenance(*, sources: Mapping[str, str], outputs: Mapping[str, bytes], record: str) -> bytes:
    """Return the stamp as JSON.

    It is the only output that carries a time, or the versions of programs.

    Parameters
    ----------
    sources : mapping of str to str
        Name of every file that was read, without its folder, to its sha256.
    outputs : mapping of str to bytes
        Every other output of the run.
    record : str
        Name of the record.
    """
    stamp = {
        "package": {"name": DISTRIBUTION, "version": version_of(DISTRIBUTION)},
        "dependencies": {name: version_of(name) for name in _dependencies()},
        "python": python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "record": record,
        "inputs": {name.rpartition("/")[2]: digest for name, digest in sorted(sources.items())},
        "outputs": {
            name: hashlib.sha256(content).hexdigest() for name, content in sorted(outputs.items())
        },
        "time": datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return (json.dumps(stamp, indent=2, ensure_ascii=False) + "\n").encode()


def version_of(name: str) -> str:
    """Return the version of an installed distribution, "not installed" where it is not."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def python_version() -> str:
    """Return the version of Python."""
    return platform.python_version()


def _dependencies() -> tuple[str, ...]:
    """Return what the package needs at run time, by name, as its own metadata say."""
    try:
        needed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return _IMPORTED
    plain = [line for line in needed if "extra ==" not in line]
    cut = ("".join(c if c.isalnum() or c in "-_." else " " for c in line) for line in plain)
    return tuple(sorted({line.split()[0] for line in cut}))
