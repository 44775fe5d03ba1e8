"""What a run leaves behind: complete, the same every time, safe in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.trial import tables
from backwalk_stats.trial.result import Reproduction

FILES = {"report.html", "report.pdf", "ledger.csv", "ledger.json", "pooled.csv", "claims.csv"}
ANEW = """
import pickle, sys
from backwalk_stats.report.reproduction import Ledger
record = pickle.load(open(sys.argv[1], "rb"))
Ledger(reproduction=record).report(sys.argv[2])
"""


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, the stamp apart."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "provenance.json"
    }


@pytest.fixture(scope="module")
def written(plain_record: Reproduction, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "report"
    return Ledger(reproduction=plain_record).report(folder)


def test_everything_that_was_promised_is_there(written: Path) -> None:
    names = {path.name for path in written.iterdir()}
    assert names == FILES | {"provenance.json", "figures"}
    drawn = {path.stem for path in (written / "figures").glob("*.svg")}
    assert drawn == {path.stem for path in (written / "figures").glob("*.png")}
    assert {"verdict_matrix", "forest_pain", "grim_panels", "power_curve"} <= drawn


def test_same_bytes_in_another_process_folder_and_hash_seed(
    plain_record: Reproduction, written: Path, tmp_path: Path, root: Path
) -> None:
    record = tmp_path / "record.pickle"
    record.write_bytes(pickle.dumps(plain_record))
    other = tmp_path / "quite" / "another place"
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run(
        [sys.executable, "-c", ANEW, str(record), str(other)],
        check=True,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(root)},
    )
    assert contents(other) == contents(written)


@pytest.mark.slow
def test_same_bytes_over_an_old_report(plain_record: Reproduction, tmp_path: Path) -> None:
    ledger = Ledger(reproduction=plain_record)
    first = contents(ledger.report(tmp_path / "report"))
    assert contents(ledger.report(tmp_path / "report")) == first


def test_the_stamp_knows_every_output(written: Path) -> None:
    stamp = json.loads((written / "provenance.json").read_text(encoding="utf-8"))
    assert stamp["outputs"] == dict(sorted(contents(written).items()))
    assert stamp["inputs"] == {"studies.csv": "ab" * 32}
    assert {"package", "dependencies", "python", "platform", "record", "time"} <= set(stamp)
    assert all(version != "not installed" for version in stamp["dependencies"].values())
    assert str(written.parent) not in json.dumps(stamp)


def test_json_holds_what_csv_holds(written: Path) -> None:
    text = (written / "ledger.json").read_text(encoding="utf-8")
    rows = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert all(tuple(row) == tables.LEDGER for row in rows)
    with (written / "ledger.csv").open(encoding="utf-8", newline="") as file:
        printed = list(csv.DictReader(file))
    assert [row["finding_id"] for row in rows] == [row["finding_id"] for row in printed]
    assert rows[0]["recomputed"] == float(printed[0]["recomputed"]) == 0.0147231
    assert rows[2]["recomputed"] is None
    assert printed[2]["recomputed"] == ""


def test_no_formula_in_a_spreadsheet(hostile_record: Reproduction, tmp_path: Path) -> None:
    folder = Ledger(reproduction=hostile_record).report(tmp_path / "report")
    for name in ("ledger.csv", "claims.csv", "pooled.csv"):
        rows = csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8")))
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_hostile_names_stay_inside_the_folder(hostile_record: Reproduction, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "report"
    odd = hostile_record.pooled.assign(outcome="../../../escape")
    weights = hostile_record.weights.assign(outcome="../../../escape")
    record = Reproduction(
        **{name: getattr(hostile_record, name) for name in Reproduction.__slots__}
        | {"pooled": odd, "weights": weights}
    )
    Ledger(reproduction=record).report(folder)
    outside = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(folder) for path in outside)
    assert (folder / "figures" / "forest_escape.svg").is_file()


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_one_file_is_the_same_as_in_the_folder(
    name: str, plain_record: Reproduction, written: Path, tmp_path: Path
) -> None:
    path = Ledger(reproduction=plain_record).report(tmp_path / "new" / name)
    assert path.read_bytes() == (written / name).read_bytes()
    assert [child.name for child in path.parent.iterdir()] == [name]


def test_progress_counts_to_its_end(plain_record: Reproduction, tmp_path: Path) -> None:
    said: list[tuple[int, int, str]] = []
    Ledger(reproduction=plain_record).report(
        tmp_path / "report", progress=lambda *step: said.append(step)
    )
    totals = {total for _, total, _ in said}
    assert len(totals) == 1
    assert [done for done, _, _ in said] == list(range(totals.pop()))


def test_frames_are_copies(plain_record: Reproduction) -> None:
    ledger = Ledger(reproduction=plain_record)
    changed = ledger.checks
    changed["verdict"] = "reproduced"
    assert (ledger.checks["verdict"] == "not_reproduced").any()


def test_notebook_view_escapes(hostile_record: Reproduction) -> None:
    shown = Ledger(reproduction=hostile_record)._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_unknown_study_is_told_with_the_closest() -> None:
    from backwalk_stats.report.reproduction import _check_known

    with pytest.raises(UsageError, match=r"no study named 'chen2012' \(did you mean chen2021\?\)"):
        _check_known(["chen2012"], ["chen2021", "joshi2019"])
    with pytest.raises(UsageError, match="no study was named"):
        _check_known([], ["chen2021"])
