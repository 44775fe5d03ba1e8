"""The door to a trial of one's own: from its trial file to data that can be analysed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.trial.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

TRIAL_FILE = "trial.toml"


def load_trial(path: Path | str, *, allow_identifiers: bool = False) -> Trial:
    r"""Return a trial from its trial file and the data files that it names.

    Nothing is guessed and nothing is dropped silently: what was put right, and what looks odd, is
    in `Trial.load_log`; what cannot be used as it stands is refused, all of it at once.

    Parameters
    ----------
    path : path
        The trial file, in TOML, or the folder in which it is called trial.toml. Its data lie beside
        or below it.
    allow_identifiers : bool
        Whether files may have columns that identify people, such as names and dates of birth. They
        are not read further, with or without it.

    Returns
    -------
    Trial

    Raises
    ------
    InputError
        With every fault. Messages hold lines and columns, never a participant's value or id.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> text = '''
    ... [trial]
    ... id = "small"
    ... title = "A small trial"
    ... [arms]
    ... reference = "forward"
    ... labels = { BW = "backward", FW = "forward" }
    ... [visits]
    ... baseline = "W0"
    ... order = ["W0", "W6"]
    ... [[data]]
    ... file = "scores.csv"
    ... participant = "id"
    ... arm = "group"
    ... [[outcome]]
    ... name = "pain"
    ... instrument = "nprs"
    ... columns = { W0 = "pain_w0", W6 = "pain_w6" }
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "trial.toml").write_text(text)
    ...     rows = "id,group,pain_w0,pain_w6\n001,BW,6,3\n002,BW,7,\n003,FW,6,5\n004,FW,5,4\n"
    ...     _ = pathlib.Path(folder, "scores.csv").write_text(rows)
    ...     trial = load_trial(pathlib.Path(folder, "trial.toml"))
    >>> trial
    <Trial small: 4 participants; arms forward, backward; 2 visits; 1 outcomes>
    >>> trial.participants["participant"].tolist()
    ['001', '002', '003', '004']
    """
    trial, findings = _load(path, allow_identifiers=allow_identifiers)
    if trial is None:
        raise InputError(findings.faults)
    return trial


def check_trial(
    path: Path | str, *, allow_identifiers: bool = False
) -> tuple[tuple[Fault, ...], pd.DataFrame]:
    """Return everything that is wrong with a trial's files, and the log of loading them.

    Parameters
    ----------
    path, allow_identifiers
        As in `load_trial`.

    Returns
    -------
    faults : tuple of Fault
        Empty where the trial can be analysed.
    log : DataFrame
        Columns of `tables.LOAD_LOG`; as far as loading came.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> faults, log = check_trial(bw.example("knee"))
    >>> len(faults), list(log.columns)[:2]
    (0, ['file', 'column'])
    """
    _, findings = _load(path, allow_identifiers=allow_identifiers)
    return tuple(findings.faults), findings.log()


def _load(path: Path | str, *, allow_identifiers: bool) -> tuple[Trial | None, Findings]:
    from backwalk_stats.loaders.assemble_trial import assemble
    from backwalk_stats.loaders.trial_file.trial_file import read_trial_file

    given = Path(path)
    try:
        trial_file = read_trial_file(given / TRIAL_FILE if given.is_dir() else given)
    except InputError as error:
        findings = Findings()
        findings.extend(error.faults)
        return None, findings
    findings = Findings(trial_file.name, keys=trial_file.lines)
    trial = assemble(
        trial_file, allow_identifiers=allow_identifiers, today=date.today(), findings=findings
    )
    findings.sort()
    return trial, findings
