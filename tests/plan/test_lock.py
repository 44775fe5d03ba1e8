"""`backwalk plan lock` and `plan status`: what is written, refused, chained, found and told."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from backwalk_stats.cli.app import run
from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.plan_lock.canonical import PlannedTrial, canonical, power_hash
from backwalk_stats.loaders.plan_lock.lock_file import read_locks
from backwalk_stats.loaders.trial_file.trial_file import read_trial_file
from backwalk_stats.plan.lock import lock_plan
from tests.bad_inputs.trials import LONG, TOML, long_rows, write_trial

COVARIATES = 'covariates = ["baseline", "age"]'
LATER = ("nprs_w3", "nprs_w6", "womacf_w3", "womacf_w6")
DAY = "1764547200"  # 1 December 2025, 00:00 UTC


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trial file without data, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    path = tmp_path / "trial.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def lock(path: Path, *more: str) -> int:
    return run(["plan", "lock", str(path), *more])


def said(path: Path) -> dict[str, Any]:
    return dict(json.loads((path.parent / "plan.lock.json").read_text(encoding="utf-8")))


def status(path: Path, capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capfd.readouterr()
    assert run(["plan", "status", str(path), "--json"]) == 0
    return dict(json.loads(capfd.readouterr().out))


def test_a_lock_holds_plan_hash_day_versions_and_what_was_seen(planned, capfd):
    assert lock(planned) == 0
    found = said(planned)
    plain = json.dumps(found["plan"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert found["hash"] == sha256(plain.encode()).hexdigest()
    assert found["hash"] in capfd.readouterr().out
    assert (found["locked"], found["data_seen"], found["previous"]) == ("2025-12-01", "none", [])
    assert found["plan"]["estimand.E1.covariates"] == ["age", "baseline"]
    assert found["plan"]["estimand.E1.fallback"] == ["toeph", "csh", "cs"]
    assert found["power"] is None and "backwalk-stats" in found["versions"]
    before = (planned.parent / "plan.lock.json").read_bytes()
    (planned.parent / "plan.lock.json").unlink()
    assert lock(planned, "--quiet") == 0
    assert (planned.parent / "plan.lock.json").read_bytes() == before
    assert capfd.readouterr().out == ""


def test_a_lock_is_not_written_over_and_an_amendment_keeps_it(planned, capfd):
    assert lock(planned, "--amend") == 2
    assert "no lock yet" in capfd.readouterr().err
    assert lock(planned) == 0
    first = said(planned)
    assert lock(planned) == lock(planned, "--amend") == 2
    assert "nothing differs" in capfd.readouterr().err
    changed(planned, COVARIATES, 'covariates = ["baseline"]')
    assert lock(planned) == 2
    told = capfd.readouterr().err
    assert "1 December 2025" in told and first["hash"][:12] in told and "--amend" in told
    assert said(planned) == first
    for place, (old, new) in enumerate((('["baseline"]', "[]"), ("seed = 20261122", "seed = 5"))):
        changed(planned, old, new)
        day = date(2026, 1, 1 + place)
        lock_plan(planned, amend=True, reason=f"because {place}", day=day)
    chain = said(planned)
    assert [one["locked"] for one in chain["previous"]] == ["2025-12-01", "2026-01-01"]
    assert chain["previous"][0]["hash"] == first["hash"]
    assert chain["previous"][0]["plan"] == first["plan"]
    assert [one.reason for one in read_locks(planned)] == ["", "because 0", "because 1"]
    assert "previous" not in chain["previous"][1]


def test_a_lock_that_was_changed_by_hand_is_told(planned, capfd):
    assert lock(planned) == 0
    found = said(planned)
    path = planned.parent / "plan.lock.json"
    path.write_text(json.dumps(found), encoding="utf-8")  # another layout is no other plan
    assert not status(planned, capfd)["lock"]["edited"]
    found["plan"]["estimand.E1.level"] = 0.9
    path.write_text(json.dumps(found), encoding="utf-8")
    assert status(planned, capfd)["lock"]["edited"]
    changed(planned, COVARIATES, "covariates = []")
    assert lock(planned, "--amend") == 2
    assert "changed by hand" in capfd.readouterr().err
    assert json.loads(path.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not json", "a lock file"),
        ("[1]", "a lock: a table of keys"),
        ('{"hash": "a"}', "this key"),
        ('{"hash": "a", "locked": "soon", "data_seen": "none", "plan": {}}', "a day"),
        ('{"hash": "a", "locked": "2026-01-01", "data_seen": "some", "plan": {}}', "one of none"),
        ('{"form": 2}', "1 at most"),
    ],
)
def test_a_file_that_is_no_lock_is_refused(planned, capfd, text, expected):
    (planned.parent / "plan.lock.json").write_text(text, encoding="utf-8")
    for command in ("lock", "status"):
        assert run(["plan", command, str(planned)]) == 2
        told = capfd.readouterr().err
        assert expected in told and "plan.lock.json" in told and "Traceback" not in told


def test_a_plan_with_a_fault_is_told_with_its_line(planned, capfd):
    changed(planned, 'visit = "W6"\ncontrast', 'visit = "W9"\ncontrast')
    assert lock(planned) == 2
    assert "line 40" in capfd.readouterr().err
    assert not (planned.parent / "plan.lock.json").exists()
    found = status(planned, capfd)
    assert not found["valid"] and "line 40" in found["faults"][0]
    assert run(["plan", "status", "nowhere.toml"]) == 2


# What can be read of the data on the day of the lock.


def without(rows: list[dict[str, str]], columns: tuple[str, ...], cell: str = "") -> Any:
    return [{**row, **dict.fromkeys(columns, cell)} for row in rows]


def long_without_later(rows: list[dict[str, str]]) -> Any:
    return [row for row in long_rows(rows) if row["visit"] == "W0"]


@pytest.mark.parametrize(
    ("toml", "spoil", "seen"),
    [
        ((), lambda rows: without(rows, LATER), "baseline"),
        ((), lambda rows: without(rows, LATER, "999"), "baseline"),
        ((), lambda rows: without(rows, (*LATER, "nprs_w0", "womacf_w0"), "NA"), "none"),
        (LONG, long_without_later, "baseline"),
    ],
    ids=["no later value", "codes of missing", "no value", "long, baseline rows"],
)
def test_what_was_seen_is_found_where_nothing_later_can_be_read(
    tmp_path, monkeypatch, toml, spoil, seen
):
    monkeypatch.chdir(tmp_path)
    path = write_trial(tmp_path, toml=toml, spoil=spoil)
    assert lock(path, "-q") == 0
    assert said(path)["data_seen"] == seen


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("answer", ["none", "baseline", "blinded", "all"])
def test_later_values_ask_what_was_seen_of_them(tmp_path, monkeypatch, capfd, layout, answer):
    monkeypatch.chdir(tmp_path)
    long = layout == "long"
    path = write_trial(tmp_path, toml=LONG if long else (), spoil=long_rows if long else None)
    assert lock(path) == 2
    told = capfd.readouterr().err
    assert "--data-seen" in told and "40 people" in told
    assert not (tmp_path / "plan.lock.json").exists()
    assert lock(path, "--data-seen", answer, "-q") == 0
    found = said(path)
    assert found["data_seen"] == answer and "40 at later visits" in found["data_found"]


def test_a_file_that_cannot_be_read_asks_too(planned, capfd):
    (planned.parent / "scores.csv").write_bytes(b"\x00\x01\x02")
    assert lock(planned) == 2
    assert "cannot be read as declared" in capfd.readouterr().err
    assert lock(planned, "--data-seen", "some") == 2
    assert "none, baseline, blinded or all; found 'some'" in capfd.readouterr().err


def test_records_of_the_conduct_are_data_from_after_baseline(planned):
    harms = '\n[harms]\nfile = "harms.csv"\nparticipant = "id"\nterm = "term"\nasked = "both"\n'
    planned.write_text(TOML + harms, encoding="utf-8")
    (planned.parent / "harms.csv").write_text("id,term\n", encoding="utf-8")
    assert lock(planned, "-q") == 0
    (planned.parent / "plan.lock.json").unlink()
    (planned.parent / "harms.csv").write_text("id,term\n001,fall\n", encoding="utf-8")
    with pytest.raises(UsageError, match="records of harms"):
        lock_plan(planned)


# What power has found.


def test_the_lock_takes_power_of_this_very_plan_only(planned, capfd):
    folder = planned.parent / "plans" / "bw-knee-01"
    folder.mkdir(parents=True)
    mine = power_hash(canonical(PlannedTrial.of(read_trial_file(planned, data=False))))
    held = {"plan_hash": mine, "replicates": 200, "needed": [{"estimand": "E1"}], "blocks": 8}
    told = []
    for power in ({"replicates": 200}, held | {"plan_hash": "0" * 64}, held):
        (folder / "power.json").write_text(json.dumps(power), encoding="utf-8")
        told.append(status(planned, capfd)["power"])
        assert lock(planned, "-q") == 0
        found = said(planned)["power"]
        assert (found is None) == (power is not held)
        (planned.parent / "plan.lock.json").unlink()
    assert told == ["not known of which plan", "of another plan", "of this plan"]
    assert found == {name: held[name] for name in ("plan_hash", "replicates", "needed")}


# Where a trial stands.


def test_status_names_every_key_that_differs_and_nothing_for_prose(planned, capfd):
    assert lock(planned, "-q") == 0
    changed(planned, 'title = "Backward', 'title = "Backward,')
    changed(planned, "seed = 20261122", "# a comment\nseed = 20261122")
    changed(planned, 'visit = "W6"\ncontrast', "contrast")
    found = status(planned, capfd)
    assert found["differences"] == [] and found["valid"] and found["next"].startswith("Collect")
    changed(planned, COVARIATES, 'covariates = ["baseline"]\nlevel = 0.9')
    found = status(planned, capfd)
    assert [one["short"] for one in found["differences"]] == ["covariates", "level"]
    assert found["differences"][0]["key"] == "estimand.E1.covariates"
    assert "[[deviation]]" in found["next"] and "--amend" in found["next"]
    assert run(["plan", "status", str(planned)]) == 0
    told = capfd.readouterr().out
    assert "covariates, level" in told and "not explained" in told


def test_status_goes_from_lock_to_report(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    path = write_trial(tmp_path)
    found = status(path, capfd)
    assert found["lock"] is None and "plan lock" in found["next"]
    assert found["data"]["later"] == 40 and "001" not in json.dumps(found)
    assert lock(path, "--data-seen", "none", "-q") == 0
    assert "dry-run" in status(path, capfd)["next"]
    stamp = {"time": "2026-12-01T10:00:00Z", "inputs": {"trial.toml": "0" * 64}}
    (tmp_path / "plans/bw-knee-01/dry-run").mkdir(parents=True)
    (tmp_path / "plans/bw-knee-01/dry-run/provenance.json").write_text(json.dumps(stamp))
    found = status(path, capfd)
    assert found["dry_run"]["when"] == "2026-12-01T10:00:00Z"
    assert found["next"].startswith("backwalk analyse")
    stamp["inputs"] = {"trial.toml": sha256(path.read_bytes()).hexdigest()}
    (tmp_path / "reports/bw-knee-01").mkdir(parents=True)
    (tmp_path / "reports/bw-knee-01/provenance.json").write_text(json.dumps(stamp))
    found = status(path, capfd)
    assert found["analysed"]["of_this_file"] and found["next"].startswith("Nothing")


def test_a_page_can_be_pasted_without_locking(planned, capfd):
    assert lock(planned, "--page") == 0
    told = capfd.readouterr().out
    heads = ["Data", "Question", "Outcomes", "Arms", "Analyses", "Exclusions", "Sample", "Anything"]
    places = [told.index(f"\n{n}. {head}") for n, head in enumerate(heads, start=1)]
    assert places == sorted(places)
    assert "E1 (primary): mmrm of knee_pain at W6" in told and "No plan was locked yet" in told
    assert not (planned.parent / "plan.lock.json").exists()
