"""A drafted trial file that the check of trials has seen: what it refuses is left out and told."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from backwalk_stats.errors import Fault, InputError, UsageError
from backwalk_stats.loaders.draft.trial_draft import UNKNOWN, TrialDraft, draft_of
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.loaders.trial_file.trial_file import TRIAL_FILE

_ROUNDS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedDraft:
    """A drafted trial file, and what is still to be answered.

    Attributes
    ----------
    draft : TrialDraft
    faults : tuple of Fault
        What `backwalk check` finds in it, identifying columns apart.
    """

    draft: TrialDraft
    faults: tuple[Fault, ...]


def checked_draft(sheet: Path, *, trial_id: str, dictionary: Path | None = None) -> CheckedDraft:
    """Return the draft of a trial file for a sheet of any format.

    Columns that loading refuses as covariates are left out, with the reason.

    Parameters
    ----------
    sheet : path
        Is read and not changed.
    trial_id : str
        What the trial is called.
    dictionary : path, optional
        Data dictionary of REDCap, where the sheet is a raw export.

    Returns
    -------
    CheckedDraft

    Raises
    ------
    InputError
        Where the sheet cannot be read.
    """
    _check_names(sheet, dictionary)
    without: dict[str, str] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(_ROUNDS):
            draft = draft_of(sheet, trial_id=trial_id, dictionary=dictionary, without=without)
            for one in filter(None, (sheet, dictionary)):
                shutil.copyfile(one, folder / one.name)
            faults = _faults(folder, draft.text)
            # The data are looked at only where the trial file itself is whole.
            whole = draft.text.replace(f'better = "{UNKNOWN}"', 'better = "lower"')
            refused = _refused(_faults(folder, whole), draft.covariates, without)
            if not refused:
                break
            without.update(refused)
    return CheckedDraft(draft=draft, faults=faults)


def _faults(folder: Path, text: str) -> tuple[Fault, ...]:
    (folder / TRIAL_FILE).write_text(text, encoding="utf-8")
    return check_trial(folder / TRIAL_FILE, allow_identifiers=True)[0]


def _check_names(sheet: Path, dictionary: Path | None) -> None:
    names = [one.name for one in (sheet, dictionary) if one is not None]
    if len({*names, TRIAL_FILE}) <= len(names):
        told = f"{' and '.join(names)}: they are copied beside {TRIAL_FILE}, give each its own name"
        raise UsageError(told)
    for one in filter(None, (sheet, dictionary)):
        if not one.is_file():
            found = "a folder" if one.is_dir() else "no such file"
            raise InputError.of(one.name, "a data file", found, "Give the file itself")


def _refused(
    faults: Sequence[Fault], covariates: Sequence[str], without: dict[str, str]
) -> dict[str, str]:
    """Return covariates that loading refuses, and why."""
    return {
        column: f"expected {fault.expected}, found {fault.found}"
        for fault in faults
        if (column := fault.column or "") in covariates and column not in without
    }
