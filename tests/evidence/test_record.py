"""The shipped record is whole and as its passport says; a folder of one's own needs little."""

from __future__ import annotations

import csv
import hashlib
import shutil
import tomllib

import pandas as pd
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.evidence import record as room
from backwalk_stats.evidence.record import read_record

FRAMES = ("studies", "outcomes", "contrasts", "claims", "searches", "cochrane")
FILES = {
    "studies.csv": "studies",
    "outcomes.csv": "outcomes",
    "contrasts.csv": "contrasts",
    "article_claims.csv": "claims",
    "cochrane_aerobic_addon.csv": "cochrane",
    "searches.csv": "searches",
}


@pytest.fixture(scope="module")
def shipped():
    return read_record()


def test_the_passport_describes_every_table_and_nothing_else(evidence_folder):
    passport = tomllib.loads((evidence_folder / "SOURCE.toml").read_text(encoding="utf-8"))
    tables = {path.name for path in evidence_folder.glob("*.csv")}
    assert {entry["name"] for entry in passport["file"]} == tables
    for entry in passport["file"]:
        content = (evidence_folder / entry["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["name"]
        assert {"what", "read", "from", "licence"} <= set(entry), entry["name"]


def test_the_shipped_record_is_read_without_a_repair(shipped, evidence_folder):
    assert shipped.notes == ()
    assert shipped.name == "the published record of backward walking"
    assert set(shipped.files) == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_every_cell_is_the_text_of_the_file(shipped, evidence_folder, file):
    frame = getattr(shipped, FILES[file])
    with (evidence_folder / file).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(frame) == len(rows)
    for name in rows[0]:
        assert frame[name].tolist() == [row[name] for row in rows], name


@pytest.mark.parametrize("name", FRAMES)
def test_columns_are_text_but_for_the_line(shipped, name):
    frame = getattr(shipped, name)
    assert frame["line"].dtype == "int64"
    assert not frame.isna().any().any()
    assert all(isinstance(dtype, pd.StringDtype) for dtype in frame.drop(columns="line").dtypes)


def test_the_folder_as_it_was_collected_gives_the_same_tables(shipped, shared):
    raw = read_record(shared / "record")
    assert raw.name == "record"
    for name in FRAMES:
        # The short form of a claim is this project's own, and was not collected.
        ours, theirs = (
            getattr(one, name).drop(columns="short_claim", errors="ignore")
            for one in (shipped, raw)
        )
        pd.testing.assert_frame_equal(theirs, ours)


@pytest.fixture
def copied(tmp_path, evidence_folder, monkeypatch):
    """A copy that takes the place of the shipped record."""
    folder = tmp_path / "evidence"
    shutil.copytree(evidence_folder, folder)
    monkeypatch.setattr(room, "shipped_folder", lambda name: folder)
    return folder


def test_a_changed_table_of_the_shipped_record_is_refused(copied):
    with (copied / "studies.csv").open("ab") as stream:
        stream.write(b"\r\n")
    with pytest.raises(InputError, match=r"studies\.csv: expected the file that SOURCE\.toml"):
        read_record()
    assert len(read_record(copied).studies) > 0


def test_a_table_that_the_passport_does_not_know_is_refused(copied):
    shutil.copy(copied / "cochrane_aerobic_addon.csv", copied / "cochrane_more.csv")
    with pytest.raises(InputError, match=r"cochrane_more\.csv: expected only files"):
        read_record()


def test_a_table_that_is_gone_is_refused(copied):
    (copied / "article_claims.csv").unlink()
    with pytest.raises(InputError, match=r"article_claims\.csv: .* found no such file"):
        read_record()


@pytest.mark.parametrize("text", ["name = 'x'", "not toml", "name = 'x'\nfile = 3"])
def test_a_passport_that_cannot_be_read_is_refused(copied, text):
    (copied / "SOURCE.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"SOURCE\.toml: expected a name"):
        read_record()


def test_a_record_without_its_passport_is_refused(copied):
    (copied / "SOURCE.toml").unlink()
    with pytest.raises(InputError, match=r"SOURCE\.toml: expected a file, found no such file"):
        read_record()


ESSENTIAL = {
    "studies.csv": "study_id,citation,design,arms,n_randomised\na1,A,RCT,x; y,20\n",
    "outcomes.csv": "study_id,arm,outcome,timepoint,n,mean,sd\na1,x,pain,week 1,10,1.0,0.5\n",
    "contrasts.csv": "study_id,outcome,arm_a,arm_b,contrast_type,p_value_as_printed\n"
    "a1,pain,x,y,between,0.03\n",
}


def write(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_essential_columns_are_enough(shipped, tmp_path):
    small = read_record(write(tmp_path, ESSENTIAL))
    assert small.name == tmp_path.name
    assert small.notes == ()
    for name in FRAMES:
        assert set(getattr(small, name).columns) == set(getattr(shipped, name).columns), name
    assert small.claims.empty
    assert small.cochrane.empty
    assert small.outcomes["unit"].tolist() == [""]


def test_other_columns_are_kept_and_named(tmp_path):
    files = {
        name: text.replace("study_id", "study_id,colour", 1) for name, text in ESSENTIAL.items()
    }
    files = {name: text.replace("\na1", "\na1,red", 1) for name, text in files.items()}
    record = read_record(write(tmp_path, files))
    assert record.outcomes["colour"].tolist() == ["red"]
    assert "outcomes.csv: columns kept but not used: colour" in record.notes


def test_reviews_are_stacked_in_the_order_of_their_names(tmp_path):
    head = (
        "Study,Experimental.mean,Experimental.SD,Experimental.N,Control.mean,Control.SD,Control.N"
    )
    files = {
        "cochrane_b.csv": f"{head}\nB,1,1,10,2,1,10\n",
        "cochrane_a.csv": f"{head},Weight\nA,1,1,10,2,1,10,50\nA2,1,1,10,2,1,10,50\n",
    }
    record = read_record(write(tmp_path, {**ESSENTIAL, **files}))
    assert record.cochrane["file"].tolist() == ["cochrane_a.csv"] * 2 + ["cochrane_b.csv"]
    assert record.cochrane["Study"].tolist() == ["A", "A2", "B"]
    assert record.cochrane["Weight"].tolist() == ["50", "50", ""]
    assert record.cochrane["line"].tolist() == [2, 3, 2]


def test_other_files_are_not_read(tmp_path):
    write(tmp_path, {**ESSENTIAL, "secret.csv": "a,b\n", "cochrane.txt": "x", "SOURCE.toml": "!"})
    assert list(read_record(tmp_path).files) == list(ESSENTIAL)


def test_a_linked_folder_may_be_given(tmp_path):
    (tmp_path / "real").mkdir()
    write(tmp_path / "real", ESSENTIAL)
    try:
        (tmp_path / "alias").symlink_to(tmp_path / "real", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert len(read_record(tmp_path / "alias").studies) == 1


@pytest.mark.parametrize("name", ["none", "studies.csv"])
def test_what_is_not_a_folder_says_what_was_expected(tmp_path, name):
    write(tmp_path, ESSENTIAL)
    with pytest.raises(InputError, match=r"expected a folder with studies\.csv, outcomes\.csv"):
        read_record(tmp_path / name)
