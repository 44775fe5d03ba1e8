"""Contacts and offs of the EVENT group, and what force plates carried."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.gait_events import gait_event
from tests.loaders.motion.bodies import DEC, INTEL, MIPS, RATE, body, c3d_bytes

FRAMES = 60
POINTS = 1000.0 * np.stack(list(body(FRAMES).values()), axis=1)


@pytest.fixture
def read(tmp_path):
    """Return a reader of a file of the body with these groups and analog words."""

    def reader(groups=None, **more):
        path = tmp_path / "a.c3d"
        content = c3d_bytes(POINTS, labels=list(body()), groups=groups, **more)
        path.write_bytes(content)
        return read_c3d(path)

    return reader


def events(labels, times, contexts=None, **more) -> dict[str, object]:
    held: dict[str, object] = {
        "USED": len(labels),
        "LABELS": labels,
        "TIMES": np.array([[time // 60.0, time % 60.0] for time in times]),
    }
    return held | ({} if contexts is None else {"CONTEXTS": contexts}) | more


@pytest.mark.parametrize(
    ("label", "context", "expected"),
    [
        ("Foot Strike", "Left", ("left", "contact")),
        ("Foot Off", "Right", ("right", "off")),
        ("FOOT STRIKE", "RIGHT", ("right", "contact")),
        ("LHS", "", ("left", "contact")),
        ("RHS", "", ("right", "contact")),
        ("LTO", "", ("left", "off")),
        ("RTO", "", ("right", "off")),
        ("RON", "", ("right", "contact")),
        ("LOFF", "", ("left", "off")),
        ("Left Foot Strike", "", ("left", "contact")),
        ("right_toe_off", "", ("right", "off")),
        ("L Heel Strike", "", ("left", "contact")),
        ("FootStrike_R", "", ("right", "contact")),
        ("Toe Off Left", "General", ("left", "off")),
        ("Initial Contact", "L", ("left", "contact")),
        ("LIC", "Left", ("left", "contact")),
        ("LHS", "Right", ("", "contact")),  # it contradicts itself
        ("Foot Strike", "General", ("", "contact")),
        ("Foot Strike", "", ("", "contact")),
        ("Heel Off", "Left", ("left", "")),  # of another phase
        ("Event", "Left", ("left", "")),
        ("Left", "", ("", "")),
        ("", "", ("", "")),
        ("Rotation", "", ("", "")),
        ("Stop", "", ("", "")),
    ],
)
def test_labels_mean_a_side_and_an_event(label, context, expected):
    assert gait_event(label, context) == expected


@pytest.mark.parametrize("first", [1, 286, 9_000])
def test_times_are_minutes_and_seconds_from_frame_one(first, read):
    start = (first - 1) / RATE
    samples = [50, 0, 21, 59]
    held = events(
        ["Foot Strike", "Foot Strike", "Foot Off", "Foot Off"],
        [start + sample / RATE for sample in samples],
        ["Left", "Right", "Left", "Right"],
    )
    found = read({"EVENT": held}, first=first)
    assert found.notes == ()
    assert [(one.side, one.event) for one in found.events] == [
        ("right", "contact"), ("left", "off"), ("left", "contact"), ("right", "off")
    ]  # fmt: skip
    times = [one.time * RATE for one in found.events]
    np.testing.assert_allclose(times, sorted(samples), atol=0.01)


def test_other_labels_and_times_outside_are_told_in_a_note(read):
    held = events(
        ["LHS", "Start", "Start", "Foot Strike", "RTO", "RTO"],
        [0.1, 0.2, 0.3, 0.35, 9.0, np.nan],
        ["", "General", "General", "General", "", ""],
    )
    found = read({"EVENT": held})
    assert [(one.side, one.event) for one in found.events] == [("left", "contact")]
    assert found.notes == (
        "events that are no contact or off of a side were left out: 2 'Start General', "
        "1 'Foot Strike General'",
        "2 events outside its frames were left out",
    )


def test_events_of_force_plates_are_not_taken_beside_those_of_the_feet(read):
    plates = (["LON", "ROFF"], [0.11, 0.3])
    alone = read({"EVENT": events(*plates)})
    assert [one.event for one in alone.events] == ["contact", "off"] and alone.notes == ()
    both = read({"EVENT": events([*plates[0], "LHS"], [*plates[1], 0.1])})
    assert [(one.event, round(one.time, 2)) for one in both.events] == [
        ("contact", 0.1),
        ("off", 0.3),
    ]
    assert "1 events of force plates were left out" in both.notes[0]


def test_events_go_on_beyond_255(read):
    labels, times = ["LHS", "RTO"] * 150, np.linspace(0.0, 0.59, 300)
    pairs = np.array([[0.0, time] for time in times])
    held = {
        "USED": 300,
        "LABELS": labels[:255], "LABELS2": labels[255:],
        "TIMES": pairs[:255], "TIMES2": pairs[255:],
    }  # fmt: skip
    found = read({"EVENT": held})
    assert len(found.events) == 300 and found.notes == ()


def test_fewer_labels_than_are_used_are_told(read):
    found = read({"EVENT": events(["LHS"], [0.1], USED=3)})
    assert len(found.events) == 1
    assert found.notes == ("2 of its 3 events have no label or no time",)


def test_events_of_two_subjects_are_not_taken(read):
    held = events(["LHS", "RHS"], [0.1, 0.2], SUBJECTS=["Anna", "Berta"])
    found = read({"EVENT": held})
    assert found.events == ()
    assert found.notes == ("its events are those of 2 subjects: none of them was taken",)


def test_spare_labels_of_events_are_ignored(read):
    found = read({"EVENT": events(["LHS", "RHS"], [0.1, 0.2], USED=1)})
    assert len(found.events) == 1 and found.notes == ()


def test_times_of_another_shape_are_told(read):
    flat = events(["LHS", "RTO"], [0.1, 0.2]) | {"TIMES": np.array([0.0, 0.1, 0.0, 0.2])}
    assert [one.time for one in read({"EVENT": flat}).events] == pytest.approx([0.1, 0.2])
    found = read({"EVENT": events(["LHS"], [0.1]) | {"TIMES": np.array([[0.1]])}})
    assert found.events == ()
    assert found.notes == ("the times of its 1 events are no minutes and seconds: none was taken",)


@pytest.mark.parametrize("processor", [INTEL, MIPS])
def test_events_that_stand_in_the_header_alone_are_told(processor, read):
    found = read(header={150: 12_345, 151: 3}, processor=processor)
    assert found.notes == ("3 events stand in its header; only those of its group EVENT are read",)
    held = {"EVENT": events(["LHS"], [0.1])}
    assert read(held, header={150: 12_345, 151: 1}, processor=processor).notes == ()


# Force plates.

CORNERS = np.array([[[500.0, 400, 0], [0, 400, 0], [0, 0, 0], [500, 0, 0]]])
LOAD = 700.0 * np.exp(-(((np.arange(FRAMES * 10) / 10.0 - 30.0) / 8.0) ** 2))  # of a step


def plate(kind: int = 2, channels: int = 6, **more) -> dict[str, dict[str, object]]:
    held: dict[str, object] = {
        "USED": 1,
        "TYPE": np.array([kind], np.int16),
        "CORNERS": CORNERS,
        "CHANNEL": np.arange(1, channels + 1, dtype=np.int16)[None],
    }
    return {"FORCE_PLATFORM": held | more}


def words(channels: int, at: list[int], load=LOAD) -> np.ndarray:
    """Return analog words in which the channels `at` share a load."""
    held = np.full((FRAMES, 10, channels), 3.0)
    held[..., at] = (load / len(at)).reshape(FRAMES, 10, 1)
    return held


def at_samples(values: np.ndarray) -> np.ndarray:
    """Return values at the rate of the markers, each the mean over a frame around its sample."""
    return np.array([
        np.mean([values[abs(k) if k < len(values) else 2 * (len(values) - 1) - k]
                 for k in range(10 * frame - 5, 10 * frame + 6)])
        for frame in range(FRAMES)
    ])  # fmt: skip


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("kind", "channels", "normal"),
    [(1, 6, [2]), (2, 6, [2]), (3, 8, [4, 5, 6, 7]), (4, 6, [2])],
)
def test_plates_of_four_types_give_the_force_upwards(kind, channels, normal, sign, read):
    groups = plate(kind, channels, CAL_MATRIX=np.eye(6)[None])
    found = read(groups, analog=words(channels, normal, sign * LOAD))
    (one,) = found.plates
    np.testing.assert_allclose(one.force, at_samples(LOAD), atol=1e-3)
    np.testing.assert_allclose(one.corners, CORNERS[0] / 1000.0, atol=1e-6)
    assert found.notes == () and np.argmax(one.force) == 30, "at the marker's own sample"


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize(("scale", "form"), [(-1.0, "SIGNED"), (0.1, "SIGNED"), (0.1, "UNSIGNED")])
def test_offset_and_scale_make_newtons(processor, scale, form, read):
    offset = 32_768 if form == "UNSIGNED" else 512
    raw = np.full((FRAMES, 10, 6), float(offset))
    raw[..., 2] += np.round(LOAD / 0.25).reshape(FRAMES, 10)
    groups = plate() | {
        "ANALOG": {
            "OFFSET": np.full(6, offset, np.uint16),
            "SCALE": np.full(6, 0.5),
            "GEN_SCALE": 0.5,
            "FORMAT": form,
        }
    }
    found = read(groups, analog=raw, scale=scale, processor=processor)
    np.testing.assert_allclose(found.plates[0].force, at_samples(LOAD), atol=0.13)


def test_the_matrix_of_calibration_turns_channels_into_forces(read):
    matrix = np.random.default_rng(2).normal(size=(6, 6))
    raw = np.random.default_rng(3).normal(scale=90.0, size=(FRAMES, 10, 6)).astype(np.float32)
    groups = plate(4, CAL_MATRIX=matrix.T[None])  # column by column: the first index runs fastest
    groups["ANALOG"] = {"UNITS": ["V"] * 6}
    expected = at_samples((raw.reshape(-1, 6) @ matrix.T)[:, 2])
    loaded = expected[np.abs(expected) > 20.0].sum()
    found = read(groups, analog=raw)
    np.testing.assert_allclose(found.plates[0].force, np.sign(loaded) * expected, atol=1e-3)


def test_a_matrix_among_larger_ones_is_its_first_six_rows(read):
    matrix = np.random.default_rng(2).normal(size=(8, 12))
    raw = np.random.default_rng(3).normal(scale=90.0, size=(FRAMES, 10, 6)).astype(np.float32)
    found = read(plate(4, CAL_MATRIX=matrix.T[None]), analog=raw)
    expected = at_samples(raw.reshape(-1, 6) @ matrix[2, :6])
    np.testing.assert_allclose(np.abs(found.plates[0].force), np.abs(expected), atol=1e-3)


def test_it_agrees_with_the_plates_of_ezc3d(tmp_path, read):
    ezc3d = pytest.importorskip("ezc3d")
    matrix = np.random.default_rng(4).normal(size=(6, 6))
    raw = np.random.default_rng(5).normal(scale=60.0, size=(FRAMES, 1, 6))
    groups = plate(4, CAL_MATRIX=matrix[None], ORIGIN=np.array([[1.0, 2.0, -30.0]]))
    groups["FORCE_PLATFORM"]["UNITS"] = ["N"]
    groups["ANALOG"] = {"DESCRIPTIONS": []}
    groups["POINT"] = {"DESCRIPTIONS": []}
    found = read(groups, analog=raw).plates[0]
    theirs = ezc3d.c3d(str(tmp_path / "a.c3d"), extract_forceplat_data=True)
    up = theirs["data"]["platform"][0]["force"][2]
    np.testing.assert_allclose(np.abs(found.force), np.abs(up), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"TYPE": np.array([5], np.int16)}, "it is of type 5, which is not read (1 to 4 are)"),
        ({"CORNERS": None}, "its corners are not told"),
        ({"CORNERS": 0.0 * CORNERS}, "its corners are no rectangle"),
        ({"CHANNEL": None}, "its channels are not told"),
        ({"CHANNEL": np.array([[1, 2, 3, 4, 5, 9]], np.int16)}, "a channel of it is not in"),
        ({"TYPE": np.array([4], np.int16)}, "its matrix of calibration is not told"),
    ],
)  # fmt: skip
def test_a_plate_that_cannot_be_read_is_told_and_the_markers_are_read(changes, said, read):
    found = read(plate(**changes), analog=words(6, [2]))
    assert found.plates == () and len(found.markers) == 5
    (note,) = found.notes
    assert note.startswith(f"force plate 1 was left out: {said}")


@pytest.mark.parametrize(
    ("unit", "said"), [("V", "V, not newtons"), ("", "not told, not newtons"), ("lbf", "lbf, not")]
)
def test_a_force_in_another_unit_is_left_out(unit, said, read):
    groups = plate() | {"ANALOG": {"UNITS": [unit] * 6}}
    found = read(groups, analog=words(6, [2]))
    assert found.plates == () and said in found.notes[0]


def test_kilonewtons_are_newtons(read):
    groups = plate() | {"ANALOG": {"UNITS": ["kN"] * 6}}
    found = read(groups, analog=words(6, [2], LOAD / 1000.0))
    np.testing.assert_allclose(found.plates[0].force, at_samples(LOAD), atol=1e-3)


def test_a_load_that_no_person_has_is_left_out(read):
    found = read(plate(), analog=words(6, [2], 100.0 * LOAD))
    assert found.plates == () and "not that of a person" in found.notes[0]


def test_a_load_in_the_frames_of_the_baseline_is_told(read):
    groups = plate(ZERO=np.array([1, 10], np.int16))
    loaded = read(groups, analog=words(6, [2], np.full(FRAMES * 10, 40.0)))
    assert loaded.notes == (
        "force plate 1 carries 40 N in frames 1 to 10, which FORCE_PLATFORM:ZERO names for a "
        "baseline: nothing was taken off",
    )
    assert read(groups, analog=words(6, [2])).notes == ()


def test_where_analog_channels_are_not_there_plates_are_told(read):
    found = read(plate())
    assert found.notes == ("force plate 1 was left out: the file holds no analog channels",)
