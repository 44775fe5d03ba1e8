"""Outputs reach the disk whole or not at all, and only inside the folder that was asked for."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from backwalk_stats.errors import UsageError
from backwalk_stats.report.lock import locked, runs

STAGING = ".backwalk-new"
MANIFEST = "provenance.json"
INNER = ("figures", "tables")  # folders of a report
_NAME = re.compile(rf"(?:(?:{'|'.join(INNER)})/)?[a-z0-9][a-z0-9_.-]{{0,90}}")
_OF_A_RUN = re.compile(
    r"(?:figures/[a-z0-9][a-z0-9_-]{0,80}\.(?:svg|png)|tables/[a-z0-9][a-z0-9_-]{0,80}\.csv)"
)


def write_folder(folder: Path, outputs: Mapping[str, bytes]) -> Path:
    """Write all outputs of a run into a folder.

    Everything is first written beside its place and flushed to the disk; then each file is put in
    place by one rename, the manifest last. A run that is stopped earlier leaves what was there.
    Figures and tables of a former run that this run does not make are removed, provided that the
    former manifest lists them and nobody has changed them since.

    Parameters
    ----------
    folder : Path
        Is made where it is missing.
    outputs : mapping of str to bytes
        Name inside the folder ("report.html", "figures/forest_pain.svg") to content.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If something in the way is not what it should be: a file where a folder must stand, a
        link, another run at work.
    """
    with reserved(folder):
        return write_reserved(folder, outputs)


@contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Hold a folder for one run from its beginning to its end.

    The folder is made where it is missing, and taken away again if the run leaves nothing in it.

    Raises
    ------
    UsageError
        If a link or a file stands in its place, or another run holds it.
    """
    check_folder(folder)
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder):
            yield
    finally:
        for place in missing:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def write_reserved(folder: Path, outputs: Mapping[str, bytes]) -> Path:
    """Write all outputs of a run into a folder that the caller holds, as `write_folder` does."""
    targets = {name: _inside(folder, name) for name in outputs}
    check_way(folder, outputs)
    old = _left_over(folder, set(outputs))
    staging = folder / STAGING
    _clear(staging)
    staging.mkdir()
    try:
        staged = _stage(staging, outputs)
        for inner in _inner_folders(outputs):
            (folder / inner).mkdir(exist_ok=True)
        for name in sorted(outputs, key=lambda name: (name == MANIFEST, name)):
            staged[name].replace(targets[name])
        for path in old:
            path.unlink()
    finally:
        _clear(staging)
    _flush_folder(folder)
    return folder


def write_file(path: Path, content: bytes) -> Path:
    """Write one file whole or not at all.

    Raises
    ------
    UsageError
        If a link or a folder stands at its place.
    """
    check_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*.new"):
        process = left.name.split(".")[-2]
        if process.isdecimal() and not runs(int(process)):
            left.unlink()
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _flush(beside, content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _flush_folder(path.parent)
    return path


def check_file(path: Path) -> None:
    """Raise when something other than a plain file stands at a path, or a file above it."""
    if path.is_symlink():
        raise UsageError(f"{path} is a link; nothing is written through a link")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is a folder, expected a file; move it away and try again")
    _check_above(path.parent)


def check_folder(folder: Path) -> None:
    """Raise when a folder cannot be written into: a link, or a file in its place."""
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link, expected a folder; name the folder itself")
    _check_above(folder)


def _check_above(folder: Path) -> None:
    """Raise when the nearest thing that exists on the way to a folder is a file."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if there.exists() and not there.is_dir():
        raise UsageError(f"{there} is a file, expected a folder to write into")


def check_way(folder: Path, names: Iterable[str]) -> None:
    """Raise when a link, or a folder in place of a file, stands in the way of an output."""
    for name in _inner_folders(names):
        inner = folder / name
        if inner.is_symlink() or (inner.exists() and not inner.is_dir()):
            raise UsageError(f"{inner} is not a plain folder; move it away and try again")
    for name in names:
        check_file(folder / name)


def _inner_folders(names: Iterable[str]) -> tuple[str, ...]:
    """Return the folders inside the report that outputs need; figures have one in any case."""
    return tuple(
        inner
        for inner in INNER
        if inner == "figures" or any(name.startswith(f"{inner}/") for name in names)
    )


def _inside(folder: Path, name: str) -> Path:
    """Return where an output goes; raise when its name would lead out of the folder."""
    plain = _NAME.fullmatch(name) is not None and ".." not in name
    target = folder / PurePosixPath(name if plain else "x")
    if not plain or not target.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"the output name {name!r} does not stay inside {folder}")
    return target


def _stage(staging: Path, outputs: Mapping[str, bytes]) -> dict[str, Path]:
    """Write every output into the staging folder and flush it."""
    staged = {}
    for place, name in enumerate(sorted(outputs)):
        staged[name] = staging / str(place)
        _flush(staged[name], outputs[name])
    return staged


def _flush(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Wait until the disk knows the new names; not every system can be asked to."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(staging: Path) -> None:
    """Remove what an interrupted run left behind; a link is removed, never followed."""
    if staging.is_symlink() or staging.is_file():
        staging.unlink()
    elif staging.exists():
        shutil.rmtree(staging)


def _left_over(folder: Path, new: set[str]) -> list[Path]:
    """Return figures and tables that only the former run made, still as it left them."""
    listed = _listed(folder / MANIFEST)
    old = []
    for name, digest in listed.items():
        path = folder / name
        ours = _OF_A_RUN.fullmatch(name) and name not in new
        if ours and path.is_file() and not path.is_symlink() and _digest(path) == digest:
            old.append(path)
    return old


def _listed(manifest: Path) -> dict[str, str]:
    """Return outputs and hashes of the former run; none when its manifest cannot be read."""
    try:
        outputs = json.loads(manifest.read_text(encoding="utf-8"))["outputs"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
    return {str(k): str(v) for k, v in outputs.items()} if isinstance(outputs, dict) else {}


def _digest(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
