"""A first reading of an SPSS or Stata file in a process of its own, which may crash for us."""

from __future__ import annotations

import subprocess
import sys

from backwalk_stats.errors import InputError

PATIENCE = 120  # seconds
READING = """
import io, sys, pyreadstat
content = io.BytesIO(sys.stdin.buffer.read())
pyreadstat.{reader}(content, user_missing=True, output_format="dict", row_limit={rows})
"""


def refuse_what_crashes(content: bytes, *, reader: str, rows: int, file: str) -> None:
    """Raise where the library that reads a format does not survive the file.

    The library is written in C: bytes that are damaged in an unlucky place end the whole process,
    and no exception can be caught. So another process reads the file first.

    Parameters
    ----------
    content : bytes
        The whole file.
    reader : str
        Name of the function of pyreadstat: "read_sav" or "read_dta".
    rows : int
        How many rows are read at most.
    file : str
        For messages.

    Raises
    ------
    InputError
        If that process crashed or did not end.
    """
    code = READING.format(reader=reader, rows=rows)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        # 0: it was read; 1: an exception, which the next reading meets again and explains.
        survived = done.returncode in (0, 1)
    except subprocess.TimeoutExpired:
        survived = False
    if not survived:
        raise InputError.of(file, "an SPSS or Stata data file", "a damaged file", "Save it anew")
