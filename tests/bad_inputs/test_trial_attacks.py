"""Rows of the list of bad inputs about trial files that are wrong on purpose."""

from __future__ import annotations

import os

import pytest

from tests.bad_inputs.trials import TOML, faults_of, the_fault, write_trial

HARMFUL = "__import__('os').system('touch owned')"


@pytest.mark.parametrize(
    ("key", "old"),
    [
        ("estimand[0].covariates", '["baseline", "age"]'),
        ("data[0].covariates", '["age", "sex", "site"]'),
    ],
)
def test_sec_formula_string_from_config_import_os_system(tmp_path, monkeypatch, key, old):
    monkeypatch.chdir(tmp_path)
    path = write_trial(tmp_path, toml=[(old, f'["{HARMFUL}"]')])
    assert any(fault.column == key for fault in faults_of(path))
    assert not (tmp_path / "owned").exists()


def test_sec_a_name_that_is_code_stays_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_trial(tmp_path, toml=[('"sex", "site"]', '"sex", "site"]\n[data.x]\ny = "@os"')])
    assert the_fault(path).column == "data[0].x"
    named = write_trial(tmp_path, toml=[('W0 = "nprs_w0"', f'W0 = "{HARMFUL}"')])
    assert the_fault(named).column == "outcome[0].columns.W0"
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("text", ["age > 3 or @os", "age; import os", "`age`", "C(age)", "I(age)"])
def test_sec_dataframe_query_eval_text(tmp_path, text):
    path = write_trial(tmp_path, toml=[('["baseline", "age"]', f'["{text}"]')])
    assert the_fault(path).column == "estimand[0].covariates"


@pytest.mark.parametrize("name", ["trial.yaml", "trial.yml", "trial.json", "trial", "trial.py"])
def test_sec_yaml_python_object(tmp_path, name):
    path = write_trial(tmp_path)
    other = path.rename(tmp_path / name)
    other.write_text("!!python/object/apply:os.system ['touch owned']\n")
    fault = the_fault(other)
    assert fault.expected == "a trial file in TOML"
    as_toml = other.rename(tmp_path / "trial.toml")
    assert the_fault(as_toml).row == 1
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("old", "new", "key", "found"),
    [
        ("seed = 20261122", "seed = 1e3", "trial.seed", "1000.0"),
        ("seed = 20261122", 'seed = "010"', "trial.seed", "'010'"),
        ("seed = 20261122", "seed = true", "trial.seed", "true"),
        ("weeks = [0, 3, 6]", "weeks = [0, 01:30:00, 6]", "visits.weeks[1]", "01:30:00"),
        ("weeks = [0, 3, 6]", 'weeks = [0, "3", 6]', "visits.weeks[1]", "'3'"),
        ("weeks = [0, 3, 6]", "weeks = [0, 3, inf]", "visits.weeks[2]", "inf"),
        ('BW = "backward"', "BW = false", "arms.labels.BW", "false"),
    ],
)
def test_sec_yaml_no_010_1_30_1e3(tmp_path, old, new, key, found):
    fault = the_fault(write_trial(tmp_path, toml=[(old, new)]))
    assert (fault.column, fault.found) == (key, found)


@pytest.mark.parametrize("again", ['id = "other"', "[arms]\nx = 1", "[trial]"])
def test_sec_yaml_duplicate_keys_alias_bombs(tmp_path, again):
    path = write_trial(tmp_path, toml=[("seed = 20261122\n", f"seed = 20261122\n{again}\n")])
    fault = the_fault(path)
    assert fault.row in (5, 7, 8)
    assert fault.expected == "every key and every table once"


def test_sec_trial_files_that_are_too_large_or_too_deep(tmp_path):
    path = write_trial(tmp_path)
    path.write_text(TOML + "#" * (1024 * 1024))
    assert the_fault(path).expected == "at most 1024 kB"
    path.write_text("a = " + "[" * 100_000)
    assert the_fault(path).found == "lists or tables nested too deeply"
    path.write_bytes(TOML.encode("utf-16"))
    assert the_fault(path).expected == "UTF-8 text"
    path.unlink()
    assert the_fault(path).found == "no such file"
    assert the_fault(tmp_path).found == "no such file"  # a folder stands for the file in it


@pytest.mark.parametrize(
    "name", ["scores.pkl", "scores.joblib", "scores.npy", "scores.RData", "scores.rds", "x.yaml"]
)
def test_sec_pickle_joblib_rdata_exec_npy_allow_pickle(tmp_path, name):
    path = write_trial(tmp_path, toml=[("scores.csv", name)])
    (tmp_path / name).write_bytes(b"\x80\x04\x95cos\nsystem\n(S'touch owned'\ntR.")
    fault = the_fault(path)
    assert fault.expected.startswith("a data file")
    disguised = write_trial(tmp_path)
    (tmp_path / "scores.csv").write_bytes(b"\x80\x04\x95cos\nsystem\n(S'touch owned'\ntR.")
    assert "pickle" in the_fault(disguised).found


@pytest.mark.parametrize(
    "name",
    ["../scores.csv", "/etc/passwd", "data/../../scores.csv", "C:/scores.csv", "..\\\\scores.csv",
     "//host/share/x.csv", "~/../../x.csv"],
)  # fmt: skip
def test_sec_path_traversal_in_study_id_config_x_absolute(tmp_path, name):
    folder = tmp_path / "trial"
    folder.mkdir()
    (tmp_path / "scores.csv").write_text("id,secret\n1,word\n")
    fault = the_fault(write_trial(folder, toml=[('"scores.csv"', f'"{name}"')]))
    assert fault.column == "data[0].file"
    assert "secret" not in str(fault)


@pytest.mark.parametrize("name", ["../../x", "/etc", "a/b", "..", "", "a b", "A", "x" * 65, "a\\n"])
def test_sec_path_traversal_in_study_id_config_x_absolute_id(tmp_path, name):
    fault = the_fault(write_trial(tmp_path, toml=[('"bw-knee-01"', f'"{name}"')]))
    assert fault.column == "trial.id"


def test_sec_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "trial"
    folder.mkdir()
    path = write_trial(folder)
    (folder / "scores.csv").rename(tmp_path / "outside.csv")
    try:
        (folder / "scores.csv").symlink_to(tmp_path / "outside.csv")
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert the_fault(path).found == "a link that leads out of the folder"
    (folder / "scores.csv").unlink()
    (tmp_path / "elsewhere").mkdir()
    os.replace(tmp_path / "outside.csv", tmp_path / "elsewhere" / "scores.csv")
    (folder / "data").symlink_to(tmp_path / "elsewhere")
    path = write_trial(folder, toml=[('"scores.csv"', '"data/scores.csv"')])
    assert the_fault(path).found == "a link that leads out of the folder"


def test_sec_ansi_terminal_escape_in_labels_printed_to_console(tmp_path):
    path = write_trial(tmp_path, cells=[(3, "group", "\x1b[31mBW"), (4, "nprs_w0", "\x1b[2J")])
    assert "\x1b" not in "\n".join(map(str, faults_of(path)))
    path = write_trial(tmp_path, toml=[('"nprs_w0"', '"\\u001b[31m"')])
    assert "\x1b" not in "\n".join(map(str, faults_of(path)))
