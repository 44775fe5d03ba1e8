"""Damaged motion files: they are read or refused, never a crash, never without an end."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.motion_file import load_motion
from tests.loaders.motion import exports
from tests.loaders.motion.folders import ONE_RECORDING

FORMAT = """
[[format]]
name = "own"
time = "t"
contacts = { left = "left" }
[format.markers]
SACR = ["x", "y", "z"]
"""
USES = """
[markers]
sacrum = "SACR"
heel_left = "LHEE"
[segments.pelvis]
sensor = "pelvis_imu"
[signals.bend]
label = "LABEL"
COMPONENT
"""
# Name of the file, its text or texts, its format, and the label of an angle with its component.
KINDS = {
    "mot": ("p.mot", exports.storage, "", "lumbar_extension", ""),
    "trc": ("p.trc", exports.markers_trc, "", "", ""),
    "csv": ("p.csv", exports.table, "own", "bend (deg)", ""),
    "mvnx": ("p.mvnx", exports.mvnx, "", "jL5S1", "z"),
    "opensense": ("p.sto", exports.opensense, "opensense", "", ""),
    "nexus": ("p.csv", exports.nexus, "nexus", "LSpineAngles", "x"),
    "visual3d": ("p.txt", exports.visual3d, "visual3d", "Pelvis_Angles", "y"),
    "qualisys": ("p.tsv", exports.qualisys, "qualisys", "", ""),
    "sensor": ("p.txt", exports.sensor_text, "xsens-mvnx", "", ""),
}
SCRAPS = [
    b"nan", b"inf", b"-", b"1e400", b"1_0", b"0", b"9" * 400, b"\x00", b"\xff\xfe", b'"', b"'",
    b"\t", b",", b";", b"\n", b"\r", b" " * 50, b"=", b"<", b">", b"&amp;", b"&x;", b"<!DOCTYPE a>",
    b"<![CDATA[", b"]]>", b"/", b":", b"endheader\n", b"MARKER_NAMES\t", b"Trajectories\n100\n",
    "é".encode(), b"\xe2\x80\xa8", b"X", b"1e-320", b"0x10", b"(", b"a" * 300,
]  # fmt: skip


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a file with one to six pieces of it changed, moved, doubled or lost."""
    for _ in range(rng.integers(1, 7)):
        size = len(content)
        if size < 2:
            break
        start = int(rng.integers(0, size))
        end = min(size, start + int(rng.integers(1, 40)))
        lines = content.split(b"\n")
        line, other = (int(rng.integers(0, len(lines))) for _ in range(2))
        match int(rng.integers(0, 8)):
            case 0:
                content = content[:start] + content[end:]
            case 1:
                content = content[:start] + bytes(rng.integers(0, 256, 3)) + content[start + 1 :]
            case 2:
                scrap = SCRAPS[int(rng.integers(0, len(SCRAPS)))]
                content = content[:start] + scrap + content[start:]
            case 3:
                scrap = SCRAPS[int(rng.integers(0, len(SCRAPS)))]
                content = content[:start] + scrap + content[end:]
            case 4:
                lines[line], lines[other] = lines[other], lines[line]
                content = b"\n".join(lines)
            case 5:
                content = b"\n".join([*lines[:line], *lines[line + 1 :]])
            case 6:
                content = b"\n".join([*lines[:line], lines[other], *lines[line:]])
            case _:
                content = content[: max(start, 1)] if rng.random() < 0.3 else content
    return content


def study(folder: Path, kind: str) -> tuple[Path, Path, bytes]:
    """Return a motion file, the file that it reads, and its sound content."""
    name, make, preset, label, component = KINDS[kind]
    uses = USES if label else USES.partition("[signals")[0]
    uses = uses.replace("LABEL", label)
    uses = uses.replace("COMPONENT", f'component = "{component}"' if component else "")
    own = FORMAT if preset == "own" else ""
    text = ONE_RECORDING.format(file=name, more=f'format = "{preset}"', body=uses + own)
    (folder / "motion.toml").write_text(text)
    return folder / "motion.toml", folder / name, make().encode()


def attack(folder: Path, kind: str, *, seed: int, count: int) -> int:
    """Read mutated files, and return how many were read; whatever else than a refusal leaves."""
    motion, file, content = study(folder, kind)
    rng = np.random.default_rng(seed)
    whole = 0
    for _ in range(count):
        file.write_bytes(mutated(content, rng))
        started = time.process_time()
        try:
            (one,) = load_motion(motion).recordings
        except InputError as error:
            told = str(error)
            assert file.name not in told, told
            assert "found" in told and len(error.faults) >= 1
        else:
            assert not one.unusable and (one.rate > 0.0)
            whole += 1
        assert time.process_time() - started < 5.0
    return whole


@pytest.mark.parametrize("kind", KINDS)
def test_sound_files_are_read(kind, tmp_path):
    motion, file, content = study(tmp_path, kind)
    file.write_bytes(content)
    (one,) = load_motion(motion).recordings
    assert not one.unusable and one.rate == pytest.approx(100.0)
    assert one.angles or one.markers or one.quaternions


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused(kind, tmp_path):
    assert attack(tmp_path, kind, seed=20261201, count=15) <= 15


STRANGERS = {name: make().encode() for name, (_, make, *_) in KINDS.items()} | {
    "empty": b"", "blank": b"\n\n\n", "one line": b"a,b\n1,2\n", "nul": bytes(4000),
    "noise": np.random.default_rng(8).bytes(4000), "no end": b"9\t" * 20_000,
    "quotes": b'"' * 20_001, "tags": b"<a>" * 20_000, "xml": b"<mvnx/>",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_another_kind_are_refused(kind, tmp_path):
    motion, file, _ = study(tmp_path, kind)
    for name, content in STRANGERS.items():
        if name != kind:
            file.write_bytes(content)
            with pytest.raises(InputError) as told:
                load_motion(motion)
            assert file.name not in str(told.value), name


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files_are_read_or_refused(kind, tmp_path):
    assert 0 < attack(tmp_path, kind, seed=711, count=2000) < 2000


@pytest.mark.parametrize("kind", ["channels", "motion"])
def test_damaged_files_beside_a_table_of_motion_bids(kind, tmp_path):
    _attack_bids(tmp_path, kind, seed=5, count=15)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["channels", "motion"])
def test_many_damaged_files_beside_a_table_of_motion_bids(kind, tmp_path):
    _attack_bids(tmp_path, kind, seed=6, count=2000)


def _attack_bids(folder: Path, kind: str, *, seed: int, count: int) -> None:
    files = exports.bids()
    for name, text in files.items():
        (folder / name).write_text(text)
    body = USES.replace("LABEL", "spine").replace("COMPONENT", 'component = "y"')
    text = ONE_RECORDING.format(file="a_motion.tsv", more='format = "motion-bids"', body=body)
    (folder / "motion.toml").write_text(text)
    assert load_motion(folder / "motion.toml").recordings[0].rate == 100.0
    rng = np.random.default_rng(seed)
    name = {"channels": "a_channels.tsv", "motion": "a_motion.json"}[kind]
    for _ in range(count):
        (folder / name).write_bytes(mutated(files[name].encode(), rng))
        try:
            load_motion(folder / "motion.toml")
        except InputError as error:
            assert error.faults
