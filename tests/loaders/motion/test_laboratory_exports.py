"""The lines that `docs/laboratory_exports.md` tells a laboratory to write read its export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.loaders.motion.readers import PRESETS
from tests.loaders.motion import exports
from tests.loaders.motion.folders import ONE_RECORDING

PAGE = Path(__file__).parents[3] / "docs" / "laboratory_exports.md"
HEAD = ONE_RECORDING.partition("[[recording]]")[0]
FILES = {
    "walk.csv": lambda: exports.nexus().replace("SACR", "LPSI"),
    "walk.txt": lambda: exports.visual3d(("walk1.c3d", "walk2.c3d")),
    "walk.tsv": exports.qualisys,
    "walk.mvnx": exports.mvnx,
    "pelvis.txt": exports.sensor_text,
    "trunk.txt": lambda: exports.sensor_text(lost=(4,)),
    "bend.mot": exports.storage,
    "orientations.sto": exports.opensense,
    "walk_noraxon.csv": exports.table,
}
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_the_lines_of_a_laboratory(place, tmp_path):
    for name, make in FILES.items():
        (tmp_path / name).write_text(make())
    for name, text in exports.bids().items():
        (tmp_path / name).write_text(text)
    block = BLOCKS[place]
    if "[[recording]]" not in block:
        row = ONE_RECORDING.partition("[[recording]]")[2].format(
            file="bare.txt", more='format = "bare"', body=""
        )
        block += f"\n[[recording]]{row}"
        lines = exports.qualisys(names=False).splitlines()
        cells = (line.split("\t") for line in lines if line[0].isdigit())
        (tmp_path / "bare.txt").write_text("\n".join("\t".join(row[:5]) for row in cells))
    (tmp_path / "motion.toml").write_text(HEAD + block)
    (one,) = load_motion(tmp_path / "motion.toml").recordings
    assert not one.unusable
    assert one.angles or one.markers or one.quaternions
    assert set(re.findall(r"^\[signals\.(\w+)\]", block, re.MULTILINE)) <= set(one.angles)
    sensors = set(re.findall(r'^sensor = "(\w+)"', block, re.MULTILINE))
    assert sensors <= set(one.quaternions)
    assert bool(one.given) == ('events = "file"' in block)


def test_every_preset_has_its_lines():
    assert set(re.findall(r'^format = "([\w-]+)"', "\n".join(BLOCKS), re.MULTILINE)) >= set(PRESETS)
    keys = (PAGE.parent / "motion_file.md").read_text("utf-8")
    assert all(f'| `"{name}"` |' in keys for name in PRESETS)


def test_every_key_of_the_motion_file_is_described():
    from backwalk_stats.loaders.motion import motion_file_schema as schema

    page = (PAGE.parent / "motion_file.md").read_text("utf-8")
    tables = ("MotionTable", "FormatTable", "RecordingTable", "SignalTable", "SegmentTable")
    keys = {key for name in tables for key in getattr(schema, name).model_fields}
    assert {key for key in keys if f"`{key}`" not in page} == set()
