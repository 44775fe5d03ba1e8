"""The one door to a data file: its name and its first bytes decide who reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.sheets.delimited import read_bytes, read_delimited_sheet
from backwalk_stats.loaders.sheets.encoding import (
    OLD_STATA,
    SAS_DATA,
    SAS_TRANSPORT,
    file_kind,
)
from backwalk_stats.loaders.sheets.sheet import ReadOptions, Sheet

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".ods")
SPSS = (".sav", ".zsav")
STATA = (".dta",)
SAS = (".sas7bdat", ".xpt")
READ = (*TEXT, *WORKBOOKS, *SPSS, *STATA, *SAS)
SIGNATURES = {
    **dict.fromkeys(WORKBOOKS, (b"PK\x03\x04",)),
    **dict.fromkeys(SPSS, (b"$FL2", b"$FL3")),
    ".dta": (b"<stata_dta>", *OLD_STATA),
    ".sas7bdat": (SAS_DATA,),
    ".xpt": (SAS_TRANSPORT,),
}
RUNS_CODE = "Such a file can run code when it is read. Export the table as CSV"
SAVE_XLSX = "Open it in a spreadsheet and save it as .xlsx"
REFUSED = {
    **dict.fromkeys([".pkl", ".pickle", ".joblib"], ("a Python pickle", RUNS_CODE)),
    **dict.fromkeys([".rds", ".rda", ".rdata"], ("an R workspace", RUNS_CODE)),
    **dict.fromkeys([".npy", ".npz"], ("a NumPy array", RUNS_CODE)),
    **dict.fromkeys([".xlsm", ".xltm", ".xlsb"], ("a workbook that can hold macros", SAVE_XLSX)),
    # Error cells, hidden rows and the date system cannot be told from the reader of .xls.
    **dict.fromkeys([".xls", ".xlt"], ("a workbook of the old kind", SAVE_XLSX)),
    ".numbers": ("an Apple Numbers document", "Export it as .xlsx or CSV"),
    **dict.fromkeys([".parquet", ".feather", ".arrow"], ("a columnar file", "Export it as CSV")),
    ".sas7bcat": ("a catalogue of SAS", 'Read the .sas7bdat and set catalogue = "..."'),
    ".por": ("an SPSS portable file", "Save it as .sav"),
    **dict.fromkeys([".json", ".yaml", ".yml", ".xml"], ("no table", "Export the table as CSV")),
    **dict.fromkeys([".zip", ".gz", ".7z", ".rar"], ("an archive", "Unpack it first")),
}


def read_sheet(path: Path | str, options: ReadOptions | None = None) -> Sheet:
    """Return the table of a data file, in which every row is a record.

    Parameters
    ----------
    path, options
        As in `read_any_sheet`.

    Returns
    -------
    Sheet
        `.frame` (every cell text, `line` where the record stands) and `.log`.

    Raises
    ------
    InputError
        As `read_any_sheet`, and where rows are no records.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> read_sheet(bw.example("knee") / "scores.csv").frame.columns[:3].tolist()
    ['line', 'id', 'group']
    """
    sheet = read_any_sheet(path, options)
    if sheet.faults:
        raise InputError(sheet.faults)
    return sheet


def read_any_sheet(path: Path | str, options: ReadOptions | None = None) -> Sheet:
    r"""Return the table of a data file: every cell text, with a log of what reading has changed.

    For who goes on to look for other faults, and refuses the sheet in the end where its `faults`
    (rows that are no records) are any; every other fault is an `InputError`, as is a file that is
    not what its name says. A .csv with `options.dictionary` is a raw export of REDCap.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "scores.tsv")
    ...     _ = path.write_text("id\tpain\n007\t6\n", encoding="utf-8")
    ...     read_any_sheet(path).frame.to_dict("list")
    {'line': [2], 'id': ['007'], 'pain': ['6']}
    """
    path, options = Path(path), options or ReadOptions()
    file, ending = path.name, path.suffix.lower()
    expected = f"a data file ({', '.join(READ)})"
    if ending in REFUSED:
        found, action = REFUSED[ending]
        raise InputError.of(file, expected, found, action)
    if ending not in READ:
        found = f"a file that ends in '{ending}'" if ending else "a file without an ending"
        raise InputError.of(file, expected, found, "Export the table as CSV")
    _check_signature(path, ending, file=file)
    return _reader(ending, options, file=file)(path, options)


def _reader(
    ending: str, options: ReadOptions, *, file: str
) -> Callable[[Path, ReadOptions], Sheet]:
    if options.dictionary is not None:
        from backwalk_stats.loaders.sheets.redcap import read_redcap

        if ending not in TEXT:
            expected = "a raw CSV export beside its data dictionary"
            raise InputError.of(file, expected, f"a {ending} file")
        return read_redcap
    if ending in TEXT:
        return read_delimited_sheet
    if ending in WORKBOOKS:
        from backwalk_stats.loaders.sheets.workbook import read_workbook

        return read_workbook
    from backwalk_stats.loaders.sheets.spss_stata import read_labelled

    return read_labelled


def _check_signature(path: Path, ending: str, *, file: str) -> None:
    """Refuse a binary file that does not begin as its name promises; text is judged by decoding."""
    signatures = SIGNATURES.get(ending)
    if signatures is None:
        return
    content = read_bytes(path)
    if content.startswith(signatures):
        return
    kind = file_kind(content) or ("an empty file" if not content else "another kind of file")
    if kind.startswith("an old Office file"):
        protected = "EncryptedPackage".encode("utf-16-le") in content
        kind = "a workbook with a password" if protected else kind
    action = "Renaming a file does not convert it; save it anew in the program it comes from"
    raise InputError.of(file, f"what a {ending} file begins with", kind, action)
