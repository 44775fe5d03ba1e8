"""Where a trial stands between its plan and its report; nothing is written, no value is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.plan_lock.canonical import (
    PlannedTrial,
    canonical,
    plan_hash,
    power_hash,
)
from backwalk_stats.loaders.plan_lock.lock_file import compared
from backwalk_stats.loaders.trial_file.trial_file import TrialFile, read_trial_file, trial_file_at
from backwalk_stats.plan.data_there import DataThere, data_there
from backwalk_stats.plan.lock import POWER_FILE, power_found
from backwalk_stats.registry import Shown
from backwalk_stats.report.writers.folder import small_json
from backwalk_stats.trial.locked_plan import DATA_SEEN, Difference, PlanComparison

STAMP = "provenance.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Made(Shown):
    """A folder of outputs: whether it is there, when it was made, and from this very trial file.

    Attributes
    ----------
    done : bool
    when : str
        Time of its stamp; "" where it has none.
    of_this_file : bool or None
        Whether it was made from the trial file as it is; None where that is not known.
    """

    done: bool
    when: str = ""
    of_this_file: bool | None = None

    def in_words(self, what: str) -> str:
        """Return what is known of it, in a few words."""
        if not self.done:
            return f"no {what}"
        told = f"done {self.when}".rstrip()
        return f"{told}, of an earlier trial file" if self.of_this_file is False else told


@dataclass(frozen=True, kw_only=True, slots=True)
class Status(Shown):
    """Where a trial stands; `bw.plan_status` makes it.

    Attributes
    ----------
    file, trial : str
        Name of the trial file, and id of the trial; "" where its plan has faults.
    faults : tuple of Fault
        Of the plan; where there are any, nothing else is known.
    notes : tuple of str
        On deviations that explain nothing.
    hash : str
        Of the plan as it stands today.
    plan : PlanComparison or None
    there : DataThere or None
    power : str
        "none", "of this plan", "of another plan" or "not known of which plan".
    dry_run, analysed : Made
    next : str
        What to do now.
    """

    file: str
    trial: str = ""
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    hash: str = ""
    plan: PlanComparison | None = None
    there: DataThere | None = None
    power: str = "none"
    dry_run: Made = Made(done=False)
    analysed: Made = Made(done=False)
    next: str = ""

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return what differs from the plan."""
        return () if self.plan is None else self.plan.differences

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield what is told, a line each: its head and its text."""
        if self.faults:
            yield "plan", f"{len(self.faults)} faults" if len(self.faults) > 1 else "1 fault"
            yield from (("", str(one)) for one in self.faults)
            return
        yield "plan", f"valid, hash {self.hash}"
        yield "power", {"none": "not run"}.get(self.power, f"run, {self.power}")
        yield "lock", self._lock()
        yield "differs", self._differs()
        yield from (("note", one) for one in self.notes)
        yield "data", "" if self.there is None else self.there.in_words()
        yield "dry run", self.dry_run.in_words("dry run")
        yield "analysis", self.analysed.in_words("report")

    def _differs(self) -> str:
        """Return the short names of all keys that differ."""
        if self.plan is None or self.plan.held is None:
            return "not known without a lock"
        return ", ".join(dict.fromkeys(one.short for one in self.differences)) or "nothing"

    def _lock(self) -> str:
        plan = self.plan
        if plan is None or not plan.locks:
            return "no plan was locked"
        if plan.edited:
            return "changed by hand: a hash is not that of its plan"
        last = plan.locks[-1]
        many = len(plan.locks) - 1
        amended = f"; {many} amendment{'s' * (many > 1)}" if many else ""
        return f"{last.named}; {DATA_SEEN[last.data_seen]}{amended}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        plan = self.plan
        last = plan.locks[-1] if plan is not None and plan.locks else None
        lock = None if last is None or plan is None else {
            "hash": last.hash,
            "locked": last.locked.isoformat(),
            "data_seen": last.data_seen,
            "amendments": len(plan.locks) - 1,
            "edited": plan.edited,
        }  # fmt: skip
        differ = [
            {**asdict(one), "when": one.when and one.when.isoformat(), "short": one.short}
            for one in self.differences
        ]
        return {
            "file": self.file,
            "trial": self.trial,
            "valid": not self.faults,
            "faults": [str(one) for one in self.faults],
            "notes": list(self.notes),
            "hash": self.hash or None,
            "power": self.power,
            "lock": lock,
            "differences": differ,
            "data": None if self.there is None else asdict(self.there),
            "dry_run": asdict(self.dry_run),
            "analysed": asdict(self.analysed),
            "next": self.next,
        }


def status(
    path: Path | str, *, folder: Path | str | None = None, report: Path | str | None = None
) -> Status:
    """Return where a trial stands.

    Parameters
    ----------
    path : Path or str
        The trial file, or the folder in which it is called trial.toml; data need not be there.
    folder, report : Path or str, optional
        Of the plan and of the report; by default plans/<id> and reports/<id> in the current folder.

    Returns
    -------
    Status
        Whether the plan is valid, its power, lock and every key that differs from it, which data
        are there, what was made of them, and what to do next.

    Raises
    ------
    InputError
        If there is no such file, or no lock file that can be read; faults of the plan are told.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> found = status(bw.example("knee"))
    >>> found.trial, found.power, len(found.differences)
    ('simulated-knee', 'none', 0)
    """
    given = trial_file_at(path)
    try:
        file = read_trial_file(given, data=False)
        faults = file.faults
    except InputError as error:
        if not given.is_file():
            raise
        faults = error.faults
    if faults:
        return Status(file=given.name, faults=tuple(faults), next="Mend the faults of the plan.")
    folder, report = (None if one is None else Path(one) for one in (folder, report))
    return _of(file, folder=folder, report=report)


def _of(file: TrialFile, *, folder: Path | None, report: Path | None) -> Status:
    """Return where a trial without faults of its plan stands."""
    name = file.tables.trial.id
    folder = folder or Path("plans") / name
    findings = Findings(file.name, keys=file.lines, names=file.names)
    plan = compared(file, findings)
    values = canonical(PlannedTrial.of(file))
    log = findings.log()
    told = Status(
        file=file.name,
        trial=name,
        faults=tuple(findings.faults),
        notes=tuple(f"{one['column']}: {one['action']}" for one in log.to_dict("records")),
        hash=plan_hash(values),
        plan=plan,
        there=data_there(file),
        power=_power(folder, power_hash(values)),
        dry_run=_made(folder / "dry-run", file),
        analysed=_made(report or Path("reports") / name, file),
    )
    return replace(told, next=_next(told, file))


def _power(folder: Path, wanted: str) -> str:
    """Return of which plan the results of `plan power` are."""
    if not (folder / POWER_FILE).exists():
        return "none"
    found, _ = power_found(folder, wanted)
    said = small_json(folder / POWER_FILE)
    if found is None and (not isinstance(said, dict) or said.get("plan_hash") is None):
        return "not known of which plan"
    return "of another plan" if found is None else "of this plan"


def _made(folder: Path, file: TrialFile) -> Made:
    """Return what the stamp of a folder says; a folder without one was not made by us."""
    said = small_json(folder / STAMP)
    if not isinstance(said, dict):
        return Made(done=False)
    inputs = said.get("inputs")
    known = inputs.get(file.name) if isinstance(inputs, dict) else None
    same = None if known is None else known == file.sha256
    return Made(done=True, when=str(said.get("time") or ""), of_this_file=same)


def _next(told: Status, file: TrialFile) -> str:
    """Return the next thing to do."""
    plan, there, path = told.plan, told.there, file.path
    if told.faults:
        return "Mend the faults of the plan."
    if plan is None or not plan.locks:
        planned = getattr(file.tables, "plan", None) is not None
        first = "power" if planned and told.power != "of this plan" else "lock"
        return f"backwalk plan {first} {path}"
    if plan.edited:
        return "Take plan.lock.json from where it was kept."
    if plan.unexplained:
        key = plan.unexplained[0].key
        explain = f'Explain each difference: [[deviation]] key = "{key}", when, reason'
        opened = plan.unblinded is not None
        return explain if opened else f"{explain}; or backwalk plan lock {path} --amend"
    if there is None or not there.follow_up:
        return "Collect the data; the plan is locked."
    return _after_data(told, path)


def _after_data(told: Status, path: Path) -> str:
    """Return the next thing to do once data from after baseline are there."""
    if not told.dry_run.done and not told.analysed.done:
        return f"backwalk plan dry-run {path}"
    if not told.analysed.done or told.analysed.of_this_file is False:
        return f"backwalk analyse {path}"
    return "Nothing: the report is of this trial file."
