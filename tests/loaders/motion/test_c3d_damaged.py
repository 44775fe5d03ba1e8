"""Two thousand damaged C3D files with every group: each is read or refused, whatever it says."""

from __future__ import annotations

import random
import resource
import time

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.c3d import read_c3d
from tests.loaders.motion.bodies import DEC, INTEL, MIPS, body, c3d_bytes
from tests.loaders.mutations import damaged

FILES, SAMPLE = 2_000, 120
LONGEST = 2.0  # seconds of one file of 40 kB
MOST = 2**20  # kB of memory of the whole process
EXTREME = (0, 1, 2, 3, 127, 128, 255, 256, 32_767, 32_768, 65_534, 65_535)


def rich(processor: int = INTEL, scale: float = -1.0, frames: int = 40) -> bytes:
    """Return a file with markers, model angles, poses, events, analog channels and plates."""
    rng = np.random.default_rng(5)
    markers = body(frames)
    labels = [*(f"AB01:{name}" for name in markers), "LPelvisAngles", "LHipPower"]
    points = np.concatenate([1000.0 * np.stack(list(markers.values()), axis=1),
                             rng.normal(size=(frames, 2, 3))], axis=1)  # fmt: skip
    corner = np.array([[500.0, 500.0, 0.0], [0.0, 500, 0], [0, 0, 0], [500, 0, 0]])
    channels = np.arange(1, 9, dtype=np.int16)
    poses = np.zeros((frames, 2, 17))
    poses[..., [0, 5, 10, 15]] = 1.0
    groups: dict[str, dict[str, object]] = {
        "POINT": {"ANGLES": ["LPelvisAngles"], "POWERS": ["LHipPower"], "ANGLE_UNITS": "rad"},
        "FORCE_PLATFORM": {
            "USED": 3, "TYPE": np.array([2, 3, 4], np.int16), "CORNERS": np.stack([corner] * 3),
            "CHANNEL": np.stack([channels] * 3), "CAL_MATRIX": np.stack([np.eye(6)] * 3),
            "ZERO": np.array([1, 10], np.int16),
        },
        "EVENT": {
            "USED": 3, "LABELS": ["Foot Strike", "RTO", "Start"], "CONTEXTS": ["Left", "", ""],
            "TIMES": np.array([[0.0, 0.1], [0.0, 0.2], [0.0, 0.25]]),
        },
        "TRIAL": {
            "ACTUAL_START_FIELD": np.array([1, 0], np.int16),
            "ACTUAL_END_FIELD": np.array([frames, 0], np.int16),
        },
        "ROTATION": {"USED": 2, "RATIO": 1, "RATE": 100.0, "LABELS": ["pelvis", "thorax"]},
    }  # fmt: skip
    analog = rng.normal(scale=300.0, size=(frames, 4, 8)).round()
    return c3d_bytes(
        points, labels=labels, processor=processor, scale=scale, analog=analog, groups=groups,
        poses=poses,
    )  # fmt: skip


def spoiled(content: bytes, rng: random.Random) -> bytes:
    """Return a file with bytes, its structure, a word or a whole record of it changed."""
    if rng.random() < 0.4:
        return damaged(content, rng)
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4])):
        in_header = rng.random() < 0.4  # else in a record among the parameters
        at = 2 * rng.randrange(0, 12) if in_header else rng.randrange(512, 2560)
        word = rng.choice(EXTREME).to_bytes(2, "little")
        changed[at : at + 2] = word if rng.random() < 0.5 else word[::-1]
    if rng.random() < 0.2:
        cut = sorted(rng.randrange(512, len(changed)) for _ in range(2))
        changed[cut[0] : cut[1]] = b"" if rng.random() < 0.5 else changed[cut[0] : cut[1]] * 2
    return bytes(changed)


def attack(path, files: int, seed: int) -> tuple[int, float]:
    """Return how many damaged files were read, and the seconds of the slowest."""
    rng = random.Random(f"c3d {seed}")
    sound = [rich(processor, scale) for processor in (INTEL, DEC, MIPS) for scale in (-1.0, 0.05)]
    read, slowest = 0, 0.0
    for _ in range(files):
        path.write_bytes(spoiled(rng.choice(sound), rng))
        start = time.monotonic()
        try:
            found = read_c3d(path)
        except InputError as refusal:
            assert len(refusal.faults) == 1 and "AB01" not in str(refusal)
        else:
            read += 1
            series = [*found.markers.values(), *found.vectors.values(), *found.rotations.values()]
            lengths = {len(one) for one in [*series, *(plate.force for plate in found.plates)]}
            assert len(lengths) == 1 and 0.0 < found.rate < np.inf
            assert all(0.0 <= one.time < np.inf for one in found.events)
        slowest = max(slowest, time.monotonic() - start)
    return read, slowest


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize("scale", [-1.0, 0.05])
def test_the_sound_file_holds_everything(processor, scale, tmp_path):
    (tmp_path / "a.c3d").write_bytes(rich(processor, scale))
    found = read_c3d(tmp_path / "a.c3d")
    assert len(found.markers) == 5 and list(found.vectors) == ["LPelvisAngles"]
    assert list(found.rotations) == ["pelvis", "thorax"]
    assert len(found.events) == 2 and len(found.plates) == 3


def test_a_sample_of_damaged_files_is_read_or_refused(tmp_path):
    read, slowest = attack(tmp_path / "a.c3d", SAMPLE, seed=1)
    assert 0 < read < SAMPLE and slowest < LONGEST


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261201, 20261202])
def test_two_thousand_damaged_files_are_read_or_refused(seed, tmp_path):
    read, slowest = attack(tmp_path / "a.c3d", FILES, seed=seed)
    assert 0 < read < FILES and slowest < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MOST
