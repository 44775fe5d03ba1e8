"""The stamp of a run: what it read and made, what was asked for, which programs took part, when."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

from backwalk_stats.errors import printable

DISTRIBUTION = "backwalk-stats"
UNKNOWN = "unknown"
# numpy and pandas hold every number of every run; the others are named where they take part.
ALWAYS = ("numpy", "pandas")
READERS = {
    ".toml": "pydantic",
    ".xlsx": "python-calamine",
    ".ods": "python-calamine",
    ".sav": "pyreadstat",
    ".zsav": "pyreadstat",
    ".dta": "pyreadstat",
}
WRITERS = {
    ".html": "jinja2",
    ".pdf": "typst",
    ".docx": "python-docx",
    ".svg": "matplotlib",
    ".png": "matplotlib",
}
_DECIDE = ("backwalk_stats", "data/evidence")  # a new file here can change a number
_COMMAND: ContextVar[tuple[str, ...] | None] = ContextVar("command line of a run", default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run was asked, and which libraries took part in it.

    Attributes
    ----------
    options : mapping of str to object
        Every choice that the trial file or the record does not make, defaults included.
    seeds : mapping of str to int
        Where random numbers start, by what draws them; empty where nothing does.
    computed : iterable of str
        Libraries that computed (`engine.software`); numpy and pandas go without saying.
    files : iterable of str
        Names of files whose ending tells who read them.
    blind : str
        What a run whose arms were dealt anew says of itself; "" for every other run.
    """

    options: Mapping[str, object]
    seeds: Mapping[str, int] = field(default_factory=dict)
    computed: Iterable[str] = ()
    files: Iterable[str] = ()
    blind: str = ""


def provenance(
    *, sources: Mapping[str, str], outputs: Mapping[str, bytes], record: str, run: Run
) -> bytes:
    """Return the stamp as JSON. `reports/README.md` says what each of its keys holds.

    It is the only output that carries a time, the command, or the commit of the package.

    Parameters
    ----------
    sources : mapping of str to str
        Name of every file that was read, without its folder, to its sha256.
    outputs : mapping of str to bytes
        Every other output of the run.
    record : str
        Name of the record.
    run : Run
    """
    computed = set(run.computed)
    took_part = {*ALWAYS, *computed, *_by_ending(run.files, READERS), *_by_ending(outputs, WRITERS)}
    command = _COMMAND.get()
    stamp = ({"blind": run.blind} if run.blind else {}) | {
        "package": {
            "name": DISTRIBUTION,
            "version": version_of(DISTRIBUTION),
            "commit": commit(Path(str(files("backwalk_stats"))).resolve().parent),
        },
        "command": None if command is None else shlex.join(["backwalk", *map(_bare, command)]),
        "options": dict(run.options),
        "seeds": dict(run.seeds),
        "dependencies": {name: version_of(name) for name in sorted(took_part)},
        "extras": _extras(took_part),
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


def software_sentence(computed: Iterable[str]) -> str:
    """Return the programs that computed, with versions, in a sentence for a methods section.

    Parameters
    ----------
    computed : iterable of str
        As in `Run`.
    """
    names = sorted({*ALWAYS, *computed})
    libraries = ", ".join(f"{name} {version_of(name)}" for name in names)
    return (
        f"The analysis was done with backwalk_stats {version_of(DISTRIBUTION)} on Python "
        f"{python_version()} ({libraries})."
    )


@contextmanager
def commanded(arguments: Sequence[str]) -> Iterator[None]:
    """Keep the command line while a command runs, for the stamp of what it writes.

    Parameters
    ----------
    arguments : sequence of str
        What followed `backwalk`. Folders are left out of the stamp: they can name people.
    """
    token = _COMMAND.set(tuple(arguments))
    try:
        yield
    finally:
        _COMMAND.reset(token)


def version_of(name: str) -> str:
    """Return the version of an installed distribution, "not installed" where it is not."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def python_version() -> str:
    """Return the version of Python."""
    return platform.python_version()


def commit(checkout: Path) -> str:
    """Return the git commit of a checkout of this package, with "modified" where files differ.

    Modified is a checkout in which a file that git knows was changed, or a file that git does not
    know lies where it can change a number. "unknown" is the answer for an installed package, and
    where git is missing or refuses.

    Parameters
    ----------
    checkout : Path
        The folder that holds `backwalk_stats`.

    Examples
    --------
    >>> commit(Path("no such folder"))
    'unknown'
    """
    if not (checkout / ".git").exists() or not _is_ours(checkout):
        return UNKNOWN
    head = _git(checkout, "rev-parse", "HEAD")
    changed = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    new = _git(checkout, "ls-files", "--others", "--exclude-standard", "--", *_DECIDE)
    if not head or changed is None or new is None:
        return UNKNOWN
    return f"{head} modified" if changed or new else head


def _is_ours(checkout: Path) -> bool:
    """Tell whether a folder is the project itself, not another that holds a copy of the package."""
    try:
        held = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    project = held.get("project")
    return isinstance(project, dict) and project.get("name") == DISTRIBUTION


def _git(checkout: Path, *arguments: str) -> str | None:
    """Return what git answers; None where it does not. It writes nothing and starts no hook."""
    quiet = ("--no-optional-locks", "-c", "core.fsmonitor=false")
    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    try:
        done = subprocess.run(
            ["git", *quiet, "-C", str(checkout), *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace").strip()


def _by_ending(names: Iterable[str], known: Mapping[str, str]) -> set[str]:
    """Return who takes care of files, by the endings of their names."""
    endings = {Path(name).suffix.lower() for name in names}
    return {library for ending, library in known.items() if ending in endings}


def _extras(took_part: set[str]) -> dict[str, dict[str, object]]:
    """Return, of each extra, what of it is installed and what of that took part in the run."""
    try:
        needed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for line in needed:
        asked = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if asked and name and asked[1] != "dev":
            found.setdefault(asked[1], {})[name[0]] = version_of(name[0])
    return {
        extra: {
            "installed": {name: one for name, one in own.items() if one != "not installed"},
            "took_part": sorted(took_part & own.keys()),
        }
        for extra, own in sorted(found.items())
    }


def _bare(argument: str) -> str:
    """Return an argument of the command without folders, which can name people.

    Examples
    --------
    >>> _bare("/home/Dr Who/trial.toml"), _bare("--out=../reports/knee/"), _bare("--quiet")
    ('trial.toml', '--out=knee', '--quiet')
    """
    option, equals, value = argument.partition("=") if argument[:2] == "--" else ("", "", argument)
    parts = [part for part in re.split(r"[/\\]", value) if part]
    return printable(option + equals + (parts[-1] if parts else value[:1]), limit=200)
