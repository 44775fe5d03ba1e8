"""A small trial of one's own in any layout and format, with columns that a test adds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from backwalk_stats.loaders.load import check_trial, load_trial

FORMATS = ("csv", "xlsx", "sav", "dta")
LAYOUTS = ("wide", "long")
PLACES = (("csv", "wide"), ("csv", "long"), ("xlsx", "wide"), ("sav", "long"), ("dta", "wide"))
PEOPLE = 24
Columns = Mapping[str, Sequence[str]]

HEAD = """\
[trial]
id = "made"
title = "SIMULATED: a small trial"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W6"]
"""


def wide_frame(more: Columns | None = None, *, n: int = PEOPLE, seed: int = 7) -> pd.DataFrame:
    """Return a row a participant, as text: id, group, pre, post and more columns."""
    rng = np.random.default_rng(seed)
    pre = rng.integers(3, 10, n)
    post = np.clip(pre - rng.integers(0, 5, n), 0, 10)
    frame = pd.DataFrame(
        {
            "id": [f"P{k + 1:02d}" for k in range(n)],
            "group": ["BW" if k % 2 else "FW" for k in range(n)],
            "pre": pre.astype(str),
            "post": post.astype(str),
        }
    )
    return frame.assign(**{name: list(cells) for name, cells in (more or {}).items()})


def long_frame(wide: pd.DataFrame) -> pd.DataFrame:
    """Return the same with a row a visit: id, visit, pain and what else there is."""
    others = [name for name in wide.columns if name not in ("pre", "post")]
    parts = [
        wide[others].assign(visit=visit, pain=wide[column])
        for visit, column in (("W0", "pre"), ("W6", "post"))
    ]
    return pd.concat(parts).sort_values("id", kind="stable").reset_index(drop=True)


def write(frame: pd.DataFrame, path: Path, labels: Mapping[str, Mapping[str, str]] | None = None):
    """Write a frame of text in the format of a path's ending; numbers are numbers where it can."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
        return
    typed = frame.apply(_numbers)
    if path.suffix == ".xlsx":
        typed.to_excel(path, index=False)
        return
    import pyreadstat

    store = pyreadstat.write_sav if path.suffix == ".sav" else pyreadstat.write_dta
    values: dict[str, dict[int | float, str]] = {
        name: {int(code): label for code, label in of.items()}
        for name, of in (labels or {}).items()
    }
    store(typed, str(path), variable_value_labels=values)


def _numbers(column: pd.Series) -> pd.Series:
    filled = [text for text in column if text]
    if all(re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", text) for text in filled):
        return pd.to_numeric(column.where(column != "", None))
    return column


def made(
    folder: Path,
    frame: pd.DataFrame,
    *,
    kind: str = "csv",
    layout: str = "wide",
    data: str = "",
    outcome: str | None = None,
    estimand: str = "",
    head: str = HEAD,
    more: str = "",
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Write a trial in a format and a layout, and return its trial file.

    `frame` is wide; `data`, `outcome` and `estimand` are lines of their tables.
    """
    long = layout == "long"
    write(long_frame(frame) if long else frame, folder / f"s.{kind}", labels)
    visit = 'visit = "visit"\n' if long else ""
    place = 'column = "pain"' if long else 'columns = { W0 = "pre", W6 = "post" }'
    text = (
        f'{head}[[data]]\nfile = "s.{kind}"\nlayout = "{layout}"\nparticipant = "id"\n'
        f'arm = "group"\n{visit}{data}\n'
        f'[[outcome]]\nname = "pain"\nrole = "primary"\n'
        f'{outcome if outcome is not None else place}\n[[estimand]]\noutcome = "pain"\n'
        f'analysis = "ancova"\n{estimand}\n{more}'
    )
    path = folder / "trial.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(path: Path) -> tuple[list[str], pd.DataFrame]:
    """Return the faults of a trial in words, and its log."""
    faults, log = check_trial(path)
    return [str(one) for one in faults], log


def questions(path: Path) -> list[str]:
    """Return what a trial without a fault is asked about, column first."""
    faults, log = told(path)
    assert not faults, faults
    asked = log[log["level"] == "question"]
    return [f"{one['column']}: {one['action']}" for one in asked.to_dict("records")]


def people(path: Path) -> pd.DataFrame:
    """Return the participants of a trial."""
    return load_trial(path).participants
