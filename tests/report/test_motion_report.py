"""The report on movement: whole, the same every time, and nothing of a single participant in it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.report.motion_analysis import Motion, analyse_motion
from backwalk_stats.report.subject import motion_subject
from tests.report.motion_folders import CANARY, motion_folder

FILES = {"report.html", "report.pdf", "report.docx", "curve_tests.csv", "clusters.csv",
         "mean_curves.csv", "provenance.json"}  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return motion_folder(tmp_path_factory.mktemp("motion"), participants=12)


@pytest.fixture(scope="module")
def found(file) -> Motion:
    return analyse_motion(file)


@pytest.fixture(scope="module")
def written(found, tmp_path_factory) -> Path:
    return found.report(tmp_path_factory.mktemp("report"))


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, the stamp apart."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*") if path.is_file() and path.name != "provenance.json"
    }  # fmt: skip


def everything(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where it is an archive."""
    content = path.read_bytes()
    if path.suffix == ".pdf" and shutil.which("pdftotext"):
        command = ["pdftotext", str(path), "-"]
        return content + subprocess.run(command, capture_output=True, check=True).stdout
    if path.suffix != ".docx":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_everything_is_there(written):
    assert {path.name for path in written.iterdir()} >= FILES
    drawn = {path.stem for path in (written / "figures").glob("*.svg")}
    assert drawn == {path.stem for path in (written / "figures").glob("*.png")}
    assert {f"curve_{k}_lumbar_flexion" for k in range(1, 5)} <= drawn
    for kind in ("patterns", "rose", "loop"):
        assert f"lumbopelvic_backward_{kind}" in drawn
    assert not any(name.startswith("cycles") for name in drawn)


def test_the_page_tells_the_answer_and_shows_every_figure(written):
    page = (written / "report.html").read_text(encoding="utf-8")
    assert page.index("The answer") < page.index("Coordination") < page.index("Methods")
    assert "of 4 questions asked of whole curves" in page
    assert page.count("<figure") >= len(list((written / "figures").glob("*.svg")))
    assert "\x00" not in page and "nan" not in re.sub(r"<[^>]+>", " ", page).lower().split()


@pytest.mark.slow
def test_the_same_bytes_twice_and_in_another_process(found, written, file, tmp_path, root):
    assert contents(found.report(tmp_path / "again")) == contents(written)
    code = (
        "import sys\nfrom backwalk_stats.report.motion_analysis import analyse_motion\n"
        "analyse_motion(sys.argv[1]).report(sys.argv[2])"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-c", code, str(file), str(tmp_path / "other")]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment | {"PYTHONPATH": str(root)})
    assert contents(tmp_path / "other") == contents(written)


def test_the_stamp_knows_inputs_and_outputs(written, file):
    stamp = json.loads((written / "provenance.json").read_text(encoding="utf-8"))
    assert stamp["outputs"] == dict(sorted(contents(written).items()))
    files = {path.name for path in file.parent.iterdir()}
    assert len(stamp["inputs"]) == len(files), "every file that was read, whatever its name"
    assert stamp["inputs"]["motion.toml"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_no_artefact_holds_an_id_or_the_name_of_a_persons_file(written):
    for path in written.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in everything(path).lower(), path.name
            assert CANARY not in path.name


@pytest.mark.slow
def test_individuals_are_lines_without_names_and_only_when_asked(found, written, tmp_path):
    shown = found.report(tmp_path / "shown", individuals=True)
    new = set(contents(shown)) - set(contents(written))
    assert new == {f"figures/cycles_lumbar_flexion.{kind}" for kind in ("svg", "png")}
    for path in shown.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in everything(path).lower(), path.name


def test_data_hold_ids_because_they_are_data(found, tmp_path):
    folder = found.write_features(tmp_path / "features")
    sheet = pd.read_csv(folder / "features_by_visit.csv")
    assert len(sheet) == 24 and sheet["participant"].str.startswith("CANARY").all()
    assert {"lumbopelvic_marp_backward", "repositioning_absolute", "lumbar_contribution",
            "speed_forward"} <= set(sheet.columns)  # fmt: skip
    stamp = (folder / "provenance.json").read_text(encoding="utf-8")
    assert CANARY not in stamp.lower()


def test_curves_of_small_arms_are_not_shown_and_comparisons_are(found, tmp_path):
    folder = found.report(tmp_path / "small", small_cell=7)  # six in each arm
    means = pd.read_csv(folder / "mean_curves.csv")
    assert means.empty
    tests = pd.read_csv(folder / "curve_tests.csv")
    assert len(set(tests["test"])) == len(found.study.results)
    assert not any("lumbopelvic" in name for name in contents(folder))


def test_an_arm_below_the_limit_is_not_told_by_the_means(found):
    movement = found.study.movement
    few = movement.features["participant"].isin(
        sorted(movement.features["participant"].unique())[:7]
    )
    thin = replace(found.study, movement=replace(movement, features=movement.features[few]))
    subject = motion_subject(thin)
    from backwalk_stats.report.sections_motion.features import section

    block: Any = section(subject).blocks[1]
    table = block.table
    assert table.columns[-1].key == "mdc", "of one person, published: no number of this study"
    cells = [cell for row in table.rows for cell in row[1:-1]]
    assert cells and not any(re.search(r"\d", cell) for cell in cells)


@pytest.mark.slow
def test_without_curve_tests_the_report_still_describes(found, tmp_path):
    plain = Motion(study=replace(found.study, results=()))
    folder = plain.report(tmp_path / "plain")
    names = {path.name for path in folder.iterdir()}
    assert "curve_tests.csv" not in names and {"report.html", "mean_curves.csv"} <= names
    assert "No whole-curve test was asked for" in (folder / "report.html").read_text("utf-8")


def test_what_it_is_says_nothing_of_anyone(found):
    assert repr(found) == "<Motion simulated-motion: 72 recordings; 4 whole-curve tests>"
    assert found.features is not found.features, "a copy"


def test_who_is_left_out_is_counted_as_in_the_tables(found):
    from backwalk_stats.report.sections_motion.curves import section

    for left_out, words in (
        (0, ""),
        (1, "1 participant without a visit"),
        (2, "2 participants without"),
    ):
        results = tuple(replace(one, left_out=left_out) for one in found.study.results[:1])
        blocks: Any = section(motion_subject(replace(found.study, results=results))).blocks
        told = "".join(str(part) for part in blocks[1].content)
        assert words in told and ("left out" in told) == bool(left_out)


def test_recordings_are_counted_and_no_note_or_file_is_told(found):
    from backwalk_stats.report.sections_motion.methods import section

    rows = found.study.movement.recordings
    noted = rows.assign(file=CANARY, note=rows["note"].where(rows.index > 0, f"not used: {CANARY}"))
    movement = replace(found.study.movement, recordings=noted, notes=(f"{CANARY}: not used",))
    blocks: Any = section(motion_subject(replace(found.study, movement=movement))).blocks
    tables = {one.id: one.table for one in blocks if hasattr(one, "table")}
    assert set(tables) == {"recordings-quality", "cycles-per-person"}
    assert "11 of 12" in {row[1] for row in tables["recordings-quality"].rows}
    assert CANARY not in str(blocks).lower()
