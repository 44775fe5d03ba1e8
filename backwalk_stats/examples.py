"""The data that travel with the package: the published record, and simulated examples."""

from __future__ import annotations

from pathlib import Path

from backwalk_stats.errors import UsageError, printable

RECORD = "evidence"
FOLDERS = {
    "back": "example_back",
    "knee": "example_trial",
    "knees": "example_knees",
    "mixed": "example_mixed",
    "motion": "example_motion",
    "record": RECORD,
}


def example(name: str) -> Path:
    """Return the folder of an example that travels with the package.

    Parameters
    ----------
    name : {"knee", "knees", "back", "motion", "mixed", "record"}
        A SIMULATED knee trial with its trial file, events and harms; a SIMULATED trial of three
        arms in which both knees are measured; a SIMULATED trial in low back pain with
        recordings of walking; a SIMULATED motion study with its motion file;
        two SIMULATED trials as plain tables for mixed models; the published record as printed.

    Returns
    -------
    Path
        The folder; `load_trial`, `analyse`, `analyse_motion` and `reproduce(evidence=...)` take it
        as it is. It belongs to the package: copy it before changing anything in it.

    Raises
    ------
    UsageError
        If there is no such example; the message names those there are.

    Examples
    --------
    >>> sorted(path.name for path in example("knee").iterdir() if path.suffix == ".csv")
    ['adherence.csv', 'events.csv', 'harms.csv', 'scores.csv']
    """
    if name not in list(FOLDERS):  # a list has no hash
        raise UsageError(
            f"expected an example that travels with the package: {', '.join(FOLDERS)}; "
            f"found '{printable(str(name))}'"
        )
    return shipped_folder(FOLDERS[name])


def shipped_folder(folder: str) -> Path:
    """Return a folder of the package's data: inside an installed package, beside a checked-out one.

    >>> (shipped_folder(RECORD) / "studies.csv").is_file()
    True
    """
    package = Path(__file__).resolve().parent
    installed = package / "data" / folder
    return installed if installed.is_dir() else package.parent / "data" / folder
