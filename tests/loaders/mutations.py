"""Files of every format, and what damage makes of them: of single bytes, and of their structure."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat

from tests.loaders.sheet_files import Rows, write

ROWS: Rows = [
    ["id", "arm", "w0", "w6", "note"],
    *([f"K{k:02d}", "BW" if k % 2 else "FW", k % 9, (k * 3) % 10, "a remark"] for k in range(24)),
]
TRIAL = """
[trial]
id = "fuzz"
title = "SIMULATED: damaged files"
[arms]
reference = "forward"
labels = {{ BW = "backward", FW = "forward" }}
[visits]
baseline = "W0"
order = ["W0", "W6"]
[[data]]
file = "{file}"
participant = "id"
arm = "arm"
[[outcome]]
name = "pain"
instrument = "nprs"
role = "primary"
columns = {{ W0 = "w0", W6 = "w6" }}
"""
NUMBERS = (0, 1, 127, 128, 255, 32767, 65535, 2**31 - 1, 2**32 - 1)
WORDS = (
    b"9" * 30, b"-1", b"", b"\x00", b'"', b"\n", b",", b"\xff\xfe", b"1048576", b"16384", b"NaN",
    b"1e999", b"\xc2\xa0", b"A" * 200, b"<", b"&", b"=", b"1-2", b"#N/A", b"\r", b" " * 50,
)  # fmt: skip


def sound_file(folder: Path, kind: str) -> Path:
    """Write a file of a format that is read without a fault."""
    if kind in ("csv", "xlsx", "ods"):
        return write(folder, kind, ROWS)
    path = folder / f"scores.{kind}"
    frame = pd.DataFrame(ROWS[1:], columns=list(ROWS[0]))
    if kind == "sav":
        labels = {"w6": {0.0: "none", 9.0: "worst"}}
        pyreadstat.write_sav(frame, path, variable_value_labels=labels)
    elif kind == "zsav":
        pyreadstat.write_sav(frame, path, compress=True)
    elif kind == "dta":
        pyreadstat.write_dta(frame, path)
    else:
        pyreadstat.write_xport(frame, path)
    return path


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return a file with some of its bytes or its structure changed."""
    if content.startswith(b"PK\x03\x04") and rng.random() < 0.7:
        return _damaged_part(content, rng)
    return _bytes_changed(content, rng) if rng.random() < 0.5 else _structure(content, rng)


def _bytes_changed(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    # Headers are small beside the data, and lengths stand in them.
    most = len(changed) if rng.random() < 0.5 else min(len(changed), 1024)
    for _ in range(rng.choice([1, 1, 2, 8, 40])):
        changed[rng.randrange(most)] = rng.randrange(256)
    return bytes(changed)


def _structure(content: bytes, rng: random.Random) -> bytes:
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    piece = content[first:last]
    ways: list[Callable[[], bytes]] = [
        lambda: content[:last],
        lambda: content[:first] + content[last:],
        lambda: content[:last] + piece + content[last:],
        lambda: content[:first] + rng.choice(WORDS) + content[first:],
        lambda: content[:first] + _number(rng) + content[first + 4 :],
        lambda: content[:first] + bytes(len(piece)) + content[last:],
        lambda: content + content,
    ]
    return rng.choice(ways)()


def _number(rng: random.Random) -> bytes:
    return rng.choice(NUMBERS).to_bytes(4, rng.choice(["little", "big"]))


def _damaged_part(content: bytes, rng: random.Random) -> bytes:
    """Change the XML in an archive, which stays sound itself."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        wanted = rng.choice(names)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other:
            for name in names:
                part = archive.read(name)
                if name == wanted:
                    part = _damaged_xml(part, rng)
                if name != wanted or rng.random() > 0.03:
                    other.writestr(name, part)
    return out.getvalue()


def _damaged_xml(part: bytes, rng: random.Random) -> bytes:
    values = list(re.finditer(rb'"[^"<>]*"|>[^<>]+<', part))
    if not values or rng.random() < 0.2:
        return _structure(part or b" ", rng)
    for _ in range(rng.choice([1, 1, 3])):
        value = rng.choice(values)
        part = part[: value.start() + 1] + rng.choice(WORDS) + part[value.end() - 1 :]
    return part
