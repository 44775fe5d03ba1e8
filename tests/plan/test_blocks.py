"""Blocks are the same whoever computes them and whatever was interrupted; sums lose nothing."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.simulation.answers import answers
from backwalk_stats.engine.simulation.designs import expected_scores
from backwalk_stats.engine.simulation.draws import calibrated
from backwalk_stats.errors import UsageError
from backwalk_stats.plan import blocks as made
from backwalk_stats.plan.blocks import Store, blocks_of, computed, generator, merged
from backwalk_stats.plan.scenarios import cells, design_of, question_of
from tests.plan.plans import planned

ONE_SIZE = ("per_arm = [13, 20]", "per_arm = 13")


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return planned(tmp_path_factory.mktemp("plan"), ONE_SIZE)


@pytest.fixture(scope="module")
def whole(path) -> dict[str, bytes]:
    """The files of an undisturbed run without a store."""
    return files(bw.power(path, replicates=600, progress=quiet))


def quiet(done: int, total: int, what: str) -> None:
    """Say nothing."""


def files(found: bw.Power) -> dict[str, bytes]:
    return {"results": bw_csv(found.results), "needed": bw_csv(found.needed),
            "json": found.as_json().encode()}  # fmt: skip


def bw_csv(frame) -> bytes:
    return frame.to_csv(index=False).encode()


def test_a_run_is_the_set_of_missing_blocks(path, whole, tmp_path):
    first = bw.power(path, replicates=250, store=tmp_path, progress=quiet)
    names = {one.name for one in tmp_path.iterdir()}
    assert len(names) == 2 and first.notes == ()
    more = bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    assert names < {one.name for one in tmp_path.iterdir()}
    assert more.notes == ("2 of 6 blocks were there already",)
    assert files(more) == whole
    again = bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    assert files(again) == whole and again.notes == ("6 of 6 blocks were there already",)


def test_blocks_of_another_plan_are_left_alone(path, tmp_path):
    bw.power(path, replicates=250, store=tmp_path, progress=quiet)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    other = planned(tmp_path, ONE_SIZE, ("seed = 7", "seed = 8"))
    found = bw.power(other, replicates=250, store=tmp_path, progress=quiet)
    assert found.notes == ()
    assert before.items() <= {one.name: one.read_bytes() for one in tmp_path.iterdir()}.items()


@pytest.mark.parametrize(
    ("change", "new_work"),
    [
        (('name = "expected"', 'name = "another name"'), False),
        (('title = "A small trial"', 'title = "Another title"'), False),
        (('role = "secondary"', 'role = "exploratory"'), False),
        (("target_power = 0.85", "target_power = 0.7"), False),
        (("seed = 7", "seed = 8"), True),
        (("4.6, 3.6]", "4.6, 3.5]"), True),
        (("{ mar = 0.2 }", '"mcar"'), True),
        (("round = true", "round = false"), True),
        (('analysis = "ancova"', 'analysis = "ancova"\ncovariates = []'), True),
        (('analysis = "mmrm"', 'analysis = "mmrm"\ndf = "satterthwaite"'), True),
        (("replicates = 300", "replicates = 300\nalpha = 0.01"), True),
    ],
)
def test_a_block_is_named_by_what_decides_its_numbers(path, tmp_path, change, new_work):
    def names(where: Path) -> set[str]:
        plan = bw.load_plan(where)
        alternative = cells(plan, plan.scenarios[0])[0]
        return {one.name for one in blocks_of(plan, alternative, 500)}

    other = names(planned(tmp_path, ONE_SIZE, change))
    assert names(path).isdisjoint(other) if new_work else names(path) == other


@pytest.mark.parametrize("harm", ["cut", "empty", "digit", "other", "list"])
def test_a_damaged_block_is_computed_again_and_that_is_said(path, whole, tmp_path, harm):
    bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    files_there = sorted(tmp_path.iterdir())
    hurt = files_there[1]
    content = hurt.read_bytes()
    told = json.loads(content)
    told["sums"]["estimands"]["E1"]["rejected"] += 1
    harmed = {
        "cut": content[: len(content) // 2],
        "empty": b"",
        "digit": json.dumps(told).encode(),
        "other": files_there[2].read_bytes(),
        "list": b"[1, 2]",
    }
    hurt.write_bytes(harmed[harm])
    found = bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    assert any("not whole, computed again: 1" in note for note in found.notes)
    assert files(found) == whole and hurt.read_bytes() == content


class Stop(BaseException):
    """What interrupts a run at a point of a test's choice."""


@pytest.mark.parametrize("point", [0, 3])
def test_an_interrupt_loses_no_finished_block(path, whole, tmp_path, monkeypatch, point):
    put, count = Store.put, iter(range(100))

    def stopping(self, block, sums):
        if next(count) == point:
            raise KeyboardInterrupt
        put(self, block, sums)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "put", stopping)
        with pytest.raises(KeyboardInterrupt):
            bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    assert len(list(tmp_path.glob("*.json"))) == point
    found = bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    assert files(found) == whole


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("point", ["half-written", "before the rename"])
def test_a_client_that_is_killed_leaves_a_store_that_goes_on(path, whole, tmp_path, point):
    child = os.fork()
    if child == 0:
        _die_at(point)
        bw.power(path, replicates=600, store=tmp_path, progress=quiet)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert len(list(tmp_path.glob("*.json"))) == 2 and len(list(tmp_path.glob("*.part"))) == 1
    found = bw.power(path, replicates=600, store=tmp_path, progress=quiet)
    assert files(found) == whole


def _die_at(point: str) -> None:
    """Have this process killed while it writes its third block."""
    write, rename, count = Path.write_bytes, Path.replace, iter(range(100))

    def writing(self, data):
        third = next(count) == 2
        if third and point == "half-written":
            write(self, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, data)

    def renaming(self, target):
        if len(list(self.parent.glob("*.json"))) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return rename(self, target)

    setattr(Path, "write_bytes", writing)  # noqa: B010
    if point == "before the rename":
        setattr(Path, "replace", renaming)  # noqa: B010


def test_two_clients_share_a_store(path, whole, tmp_path):
    """What the other client has finished in the meantime is not computed again."""
    other, own = tmp_path / "other", tmp_path / "own"
    bw.power(path, replicates=600, store=other, progress=quiet)
    submitted = []

    class Slow(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            submitted.extend(args[1])
            for one in other.iterdir():
                shutil.copy(one, own / one.name)
            return super().submit(fn, *args, **kwargs)

    with Slow(1) as executor:
        found = bw.power(path, replicates=600, store=own, executor=executor, progress=quiet)
    assert len(submitted) == 1, "the first was out before the other client was there"
    assert files(found) == whole


def test_a_folder_in_the_place_of_a_block_is_told(path, tmp_path):
    bw.power(path, replicates=20, store=tmp_path / "store")
    block = sorted((tmp_path / "store").iterdir())[0]
    block.unlink()
    block.mkdir()
    with pytest.raises(UsageError, match="is a folder, expected the file of a block"):
        bw.power(path, replicates=20, store=tmp_path / "store")


@pytest.mark.parametrize(
    ("asked", "told"),
    [({"scenarios": []}, "scenarios is empty"), ({"workers": 1.5}, "workers is 1.5")],
)
def test_an_empty_choice_and_part_of_a_worker_are_refused(path, asked, told):
    with pytest.raises(UsageError, match=told):
        bw.power(path, **asked)


def test_half_written_blocks_of_long_ago_are_cleared_away(path, tmp_path):
    old, new = tmp_path / "a.json.1-x.part", tmp_path / "b.json.2-y.part"
    for one in (old, new):
        one.write_text("{")
    past = time.time() - 2 * made.OLD_PART
    os.utime(old, (past, past))
    Store(tmp_path)
    assert not old.exists() and new.exists(), "another run may be writing the new one"


def test_a_worker_of_other_versions_is_refused(path, tmp_path):
    plan = bw.load_plan(path)
    block = blocks_of(plan, cells(plan, plan.scenarios[0])[0], 20)[0]
    with pytest.raises(UsageError, match="a worker has other versions"):
        Store(tmp_path).put(block, {**computed(block), "engine": "another"})
    assert not list(tmp_path.iterdir())


def test_sums_are_those_of_the_answers(path):
    """A block holds the sums of what the engine answers, by plain loops over its trials."""
    plan = bw.load_plan(path)
    cell = cells(plan, plan.scenarios[0])[0]
    parts = blocks_of(plan, cell, 90)
    store = Store()
    for block in parts:
        store.put(block, computed(block))
    sums = merged(parts, store)
    design = design_of(plan, cell)
    sampler = calibrated(design)
    drawn = sampler.draw(90, generator(parts[0]))
    means = expected_scores(design)[:, 2]
    truth = means[1] - means[0]
    for one in plan.estimands:
        question = question_of(plan, cell.scenario, one)
        assert question is not None
        found, own = answers(question, drawn, sampler), sums["estimands"][one.id]
        rejected = covered = 0
        away = 0.0
        for trial in range(90):
            rejected += bool(found.p_value[trial] < 0.05)
            covered += bool(found.conf_low[trial] <= truth <= found.conf_high[trial])
            away += found.estimate[trial] - truth
        assert (own["n"], own["rejected"], own["covered"]) == (90, rejected, covered)
        assert own["away"] == pytest.approx(away, rel=1e-9)
    assert sums["missing"]["backward"][0] == 0
    assert sums["missing"]["backward"][2] == int(np.isnan(drawn.y[:, drawn.arm == 1, 2]).sum())


def test_blocks_of_one_cell_have_random_numbers_of_their_own(path):
    plan = bw.load_plan(path)
    first, null = cells(plan, plan.scenarios[0])
    drawn = [generator(one).random() for one in (*blocks_of(plan, first, 600),
                                                  *blocks_of(plan, null, 600))]  # fmt: skip
    assert len(set(drawn)) == 6
    again = [generator(one).random() for one in blocks_of(plan, first, 250)]
    assert again == drawn[:1], "more replicates change no block that is there"


def test_a_scenario_twice_is_computed_once(path, tmp_path):
    plan = bw.load_plan(path)
    twin = replace(plan.scenarios[0], name="twin")
    both = replace(plan, scenarios=(plan.scenarios[0], twin))
    found = bw.power(both, replicates=250, store=tmp_path, progress=quiet)
    assert len(list(tmp_path.iterdir())) == 2
    one, other = (own["value"].tolist() for _, own in found.results.groupby("scenario"))
    np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_forty_kills_at_random_points_leave_the_same_bytes(root, tmp_path):
    """The command, killed again and again, then left to end: power.csv and power.json are one."""
    path = planned(tmp_path)
    command = [sys.executable, "-m", "backwalk_stats", "plan", "power", str(path), "--quiet",
               "--replicates", "40000"]  # fmt: skip
    where = {**os.environ, "PYTHONPATH": str(root)}
    draw = random.Random(20261201)
    for kill in range(40):
        workers = "1" if kill % 2 else "2"
        run = subprocess.Popen([*command, "--workers", workers, "--out", str(tmp_path / "hurt")],
                               cwd=tmp_path, env=where)  # fmt: skip
        time.sleep(draw.uniform(1.0, 8.0))
        run.kill()
        run.wait()
    hurt, plain = tmp_path / "hurt", tmp_path / "plain"
    for folder, workers in ((hurt, "2"), (plain, "1")):
        subprocess.run([*command, "--workers", workers, "--out", str(folder)], cwd=tmp_path,
                       env=where, check=True)  # fmt: skip
    for name in ("power.csv", "power.json", "report.html"):
        assert (hurt / name).read_bytes() == (plain / name).read_bytes()
    blocks = {one.name: one.read_bytes() for one in (hurt / "blocks").glob("*.json")}
    assert blocks == {one.name: one.read_bytes() for one in (plain / "blocks").glob("*.json")}
