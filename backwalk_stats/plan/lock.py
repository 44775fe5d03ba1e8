"""The lock of a plan: what was planned, by its hash, on which day, and what had been seen then."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.loaders.plan_lock.canonical import (
    PlannedTrial,
    canonical,
    plan_hash,
    power_hash,
)
from backwalk_stats.loaders.plan_lock.lock_file import (
    FORM,
    LOCK_FILE,
    differences,
    edited,
    lock_path,
    read_locks,
)
from backwalk_stats.loaders.planned import whole_plan
from backwalk_stats.plan.data_there import DataThere, data_there
from backwalk_stats.registry import Shown
from backwalk_stats.report.provenance import DISTRIBUTION, python_version, version_of
from backwalk_stats.report.writers.folder import small_json, write_file
from backwalk_stats.trial.locked_plan import DATA_SEEN, Lock, in_words

if TYPE_CHECKING:
    pass

POWER_FILE = "power.json"
# What the lock takes of power.json: what was simulated, how often, by which version.
_OF_POWER = ("plan_hash", "version", "replicates", "results", "needed")
_PROGRAMS = (DISTRIBUTION, "numpy", "pandas", "scipy")
ANSWERS = "none, baseline, blinded or all"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Locked(Shown):
    """What came of locking a plan; `bw.lock_plan` makes it.

    Attributes
    ----------
    path : Path
        Of the lock file.
    lock : Lock
    previous : tuple of Lock
        Those that it amends, oldest first.
    changed : int
        Keys and tables in which it differs from the one before.
    power : str
        What became of the results of `plan power`, in a sentence.
    there : DataThere
    late : bool
        Whether the allocation had been opened on an earlier day.
    """

    path: Path
    lock: Lock
    previous: tuple[Lock, ...]
    changed: int
    power: str
    there: DataThere
    late: bool

    def __repr__(self) -> str:
        """Return what a terminal shows."""
        return told(self)


def today() -> date:
    """Return the day of today in UTC, or that of `SOURCE_DATE_EPOCH`: the same lock again."""
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(said), tz=UTC) if said.isdecimal() else datetime.now(UTC)
    return moment.date()


def lock_plan(
    path: Path | str,
    *,
    data_seen: str | None = None,
    reason: str = "",
    amend: bool = False,
    folder: Path | None = None,
    day: date | None = None,
) -> Locked:
    """Write the lock of a trial file beside it.

    Parameters
    ----------
    path : Path or str
        The trial file, or the folder in which it is called trial.toml. Its data need not be there.
    data_seen : {"none", "baseline", "blinded", "all"}, optional
        What had been seen of the data; without it what the data files tell.
    reason : str
        Why an earlier lock is amended.
    amend : bool
        Whether a lock that is there may be amended; it is kept under `previous`.
    folder : Path, optional
        Where `plan power` has written; by default plans/<id of the trial>.
    day : date, optional
        Of the lock; by default today in UTC.

    Returns
    -------
    Locked
        The lock, where it was written, the locks that it amends, and what became of the power.

    Raises
    ------
    InputError
        If the plan has faults.
    UsageError
        If follow-up data can be read and nobody says what was seen of them, if there is a lock and
        no amendment is asked for, or if a lock was changed by hand.

    Examples
    --------
    >>> import shutil, tempfile
    >>> import backwalk_stats as bw
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     trial = shutil.copytree(bw.example("knee"), Path(folder, "knee"))
    ...     locked = lock_plan(trial, data_seen="all")
    >>> locked.path.name, locked.lock.data_seen, len(locked.lock.hash)
    ('plan.lock.json', 'all', 64)
    """
    file = whole_plan(path)
    plan = canonical(PlannedTrial.of(file))
    digest = plan_hash(plan)
    earlier = read_locks(file.path)
    _require_amendable(earlier, digest, amend=amend)
    there = data_there(file)
    seen = _seen(data_seen, there)
    day = day or today()
    found, told = power_found(folder or Path("plans") / file.tables.trial.id, power_hash(plan))
    lock = Lock(
        hash=digest,
        locked=day,
        data_seen=seen,
        found=there.in_words(),
        reason=" ".join(reason.split()),
        plan=plan,
        versions={name: version_of(name) for name in _PROGRAMS} | {"python": python_version()},
    )
    entry = {"form": FORM, "trial": file.tables.trial.id, **_entry(lock), "power": found}
    before = _raw(file.path)
    entry["previous"] = [] if before is None else [*before.pop("previous", []), before]
    content = json.dumps(entry, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    written = write_file(lock_path(file.path), f"{content}\n".encode())
    opened = file.tables.trial.unblinded
    return Locked(
        path=written,
        lock=lock,
        previous=earlier,
        changed=len(list(differences(earlier[-1].plan, plan))) if earlier else 0,
        power=told,
        there=there,
        late=opened is not None and day > opened,
    )


def _require_amendable(earlier: tuple[Lock, ...], digest: str, *, amend: bool) -> None:
    """Refuse to write over a lock in silence, to amend none, or one that was changed by hand."""
    if not earlier:
        if amend:
            raise UsageError("--amend: there is no lock yet; leave --amend out")
        return
    last = earlier[-1]
    if any(map(edited, earlier)):
        raise UsageError(
            f"{LOCK_FILE} was changed by hand: a hash in it is not that of the plan beside it. "
            "Take the file from where it was kept; nothing has been written"
        )
    same = "; nothing differs from it" if last.hash == digest else ""
    if same or not amend:
        action = "" if same else ". --amend adds to it and keeps it; --reason says why"
        raise UsageError(f"the plan was locked on {last.named}{same}{action}")


def _seen(said: str | None, there: DataThere) -> str:
    """Return what had been seen of the data: as it is said, else as the files tell."""
    if said is not None and said not in DATA_SEEN:
        raise UsageError(f"--data-seen: expected {ANSWERS}; found '{printable(said)}'")
    if said is None and there.follow_up:
        raise UsageError(
            f"data from after baseline can be read already. {there.in_words()} Say what was seen "
            f"of them before this plan was made: --data-seen {ANSWERS}. The answer is recorded "
            "with what was found"
        )
    return there.seen if said is None else said


def _entry(lock: Lock) -> dict[str, Any]:
    return {
        "hash": lock.hash,
        "locked": lock.locked.isoformat(),
        "data_seen": lock.data_seen,
        "data_found": lock.found,
        "reason": lock.reason,
        "versions": dict(lock.versions),
        "plan": dict(lock.plan),
    }


def _raw(trial_file: Path) -> dict[str, Any] | None:
    """Return the lock that is there as it stands, None without one."""
    path = lock_path(trial_file)
    return dict(json.loads(path.read_text(encoding="utf-8-sig"))) if path.exists() else None


def power_found(folder: Path, wanted: str) -> tuple[Mapping[str, Any] | None, str]:
    """Return what `plan power` found for this very plan, and a sentence on it; None where nothing.

    `wanted` is the `power_hash` of the plan.
    """
    if not (folder / POWER_FILE).exists():
        return None, "Power was not run: the lock holds none."
    said = small_json(folder / POWER_FILE)
    if not isinstance(said, dict):
        return None, f"{POWER_FILE} cannot be read: the lock holds no power."
    if said.get("plan_hash") is None:
        return None, f"{POWER_FILE} does not say of which plan it is: the lock holds no power."
    if said["plan_hash"] != wanted:
        return None, (
            f"{POWER_FILE} is of another plan: the lock holds no power. "
            "Run backwalk plan power again."
        )
    kept = {name: said[name] for name in _OF_POWER if name in said}
    return kept, "The lock holds what power was found for this plan."


def told(locked: Locked) -> str:
    """Return what a terminal shows of a lock that was written."""
    lock = locked.lock
    lines = [f"Locked on {in_words(lock.locked)}: {printable(str(locked.path), limit=4096)}"]
    if locked.previous:
        before = locked.previous[-1]
        many = "1 key differs" if locked.changed == 1 else f"{locked.changed} keys differ"
        lines.append(f"Amends the plan of {before.named}: {many} from it.")
    lines += [
        f"Hash: {lock.hash} ({len(lock.plan)} keys that decide numbers)",
        f"Data: {DATA_SEEN[lock.data_seen]}. {lock.found}",
        f"Power: {locked.power}",
    ]
    if locked.late:
        lines.append("The allocation had been opened before: what is new in it stays post hoc.")
    return "\n".join(lines)
