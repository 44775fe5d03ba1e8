"""Small exports of every text format, as the programs of laboratories write them."""

from __future__ import annotations

import json

import numpy as np

from backwalk_stats.analyses.simulated.motion import mot, trc
from tests.loaders.motion.bodies import body

FRAMES, RATE = 40, 100.0
TIME = np.arange(FRAMES) / RATE
TURN = 0.2 * np.sin(8 * TIME)
ANGLES = np.column_stack([10 * np.sin(7 * TIME), 5 * np.cos(7 * TIME), 3 * np.sin(5 * TIME + 1)])
MARKERS = body(FRAMES)
# Turns about x, scalar first.
QUATERNIONS = np.column_stack(
    [np.cos(TURN / 2), np.sin(TURN / 2), np.zeros(FRAMES), np.zeros(FRAMES)]
)


def nexus(
    *,
    subject: str = "AB01:",
    unit: str = "mm",
    outputs: bool = True,
    events: bool = True,
    separator: str = ",",
    decimal: str = ".",
    first: int = 1,
) -> str:
    """Return an ASCII export of Nexus: trajectories, model outputs, events."""

    def section(title: str, names: list[str], units: str, columns: np.ndarray) -> list[str]:
        count = len(names)
        rows = [
            [str(first + place), "0", *(f"{value:.4f}".replace(".", decimal) for value in row)]
            for place, row in enumerate(columns)
        ]
        table = [
            ["", "", *(cell for name in names for cell in (subject + name, "", ""))],
            ["Frame", "Sub Frame", *["X", "Y", "Z"] * count],
            ["", "", *[units] * (3 * count)],
            *rows,
        ]
        return [title, f"{RATE:g}", *(separator.join(row) for row in table), ""]

    lines = []
    if events:
        lines += [
            "Events", f"{RATE:g}",
            separator.join(["Subject", "Context", "Name", "Time (s)", "Description"]),
            separator.join(["AB01", "Left", "Foot Strike", f"0{decimal}10", "x"]),
            separator.join(["AB01", "Right", "Foot Off", f"0{decimal}20", "x"]),
            separator.join(["AB01", "General", "Turn", f"0{decimal}30", "x"]), "",
        ]  # fmt: skip
    if outputs:
        moments = np.column_stack([ANGLES, 100 * ANGLES])
        lines += section("Model Outputs", ["LSpineAngles"], "deg", ANGLES)
        both = section("Model Outputs", ["LSpineAngles", "LHipMoment"], "deg", moments)
        both[4] = separator.join(["", "", *["deg"] * 3, *["N.mm"] * 3])
        lines = lines[: -len(section("Model Outputs", ["a"], "deg", ANGLES))] + both
    points = np.column_stack([1000 * points for points in MARKERS.values()])
    lines += section("Trajectories", list(MARKERS), unit, points)
    return "\n".join(lines) + "\n"


def visual3d(recordings: tuple[str, ...] = ("walk1.c3d",), *, shorter: int = 0) -> str:
    """Return an ASCII export of Visual3D, with angles, a moment, markers and events."""
    head: list[list[str]] = [[""], [""], [""], [""], ["ITEM"]]
    columns: list[list[str]] = [[str(place + 1) for place in range(FRAMES)]]
    for place, recording in enumerate(recordings):
        count = FRAMES - place * shorter
        for name, kind, values in (
            ("TIME", "FRAME_NUMBERS", TIME[:, None]),
            ("Pelvis_Angles", "LINK_MODEL_BASED", ANGLES + place),
            ("Hip_Moment", "LINK_MODEL_BASED", ANGLES),
            *((name, "TARGET", points) for name, points in MARKERS.items()),
            ("LHS", "EVENT_LABEL", np.array([[0.1], [0.3]])),
        ):
            for axis, column in zip("XYZ", values.T, strict=False):
                cells = (recording, name, kind, "ORIGINAL", axis)
                for row, cell in zip(head, cells, strict=True):
                    row.append(cell)
                texts = [f"{value:.6f}" for value in column[:count]]
                columns.append(texts + [""] * (FRAMES - len(texts)))
    rows = ["\t".join(row) for row in [*head, *zip(*columns, strict=True)]]
    return "\n".join(rows) + "\n"


def qualisys(*, names: bool = True, counted: bool = True, events: str = "", first: int = 1) -> str:
    """Return a TSV export of Qualisys."""
    lines = [
        f"NO_OF_FRAMES\t{FRAMES}", "NO_OF_CAMERAS\t8", f"NO_OF_MARKERS\t{len(MARKERS)}",
        f"FREQUENCY\t{RATE:g}", "DESCRIPTION\t--", "DATA_INCLUDED\t3D", *events.splitlines(),
        "MARKER_NAMES\t" + "\t".join(MARKERS),
    ]  # fmt: skip
    columns = [f"{name} {axis}" for name in MARKERS for axis in "XYZ"]
    if names:
        lines.append("\t".join([*(["Frame", "Time"] if counted else []), *columns]))
    points = np.column_stack([1000 * points for points in MARKERS.values()])
    for place, row in enumerate(points):
        count = [str(first + place), f"{TIME[place]:.5f}"] if counted else []
        lines.append("\t".join([*count, *(f"{value:.3f}" for value in row)]))
    return "\n".join(lines) + "\n"


def opensense() -> str:
    """Return orientations of two sensors as OpenSense writes them."""
    lines = ["", "DataRate=100.000000", "DataType=Quaternion", "version=3", "endheader",
             "time\tpelvis_imu\ttorso_imu"]  # fmt: skip
    for time, parts in zip(TIME, QUATERNIONS, strict=True):
        cell = ",".join(f"{value:.9f}" for value in parts)
        lines.append(f"{time + 678:.2f}\t{cell}\t{cell}")
    return "\n".join(lines) + "\n"


def sensor_text(*, first: int = 65_530, lost: tuple[int, ...] = (), matrix: bool = True) -> str:
    """Return the text export of a sensor of Xsens, whose counter begins anew on the way."""
    names = [f"Mat[{row}][{column}]" for column in (1, 2, 3) for row in (1, 2, 3)]
    if not matrix:
        names = [f"Quat_q{place}" for place in range(4)]
    lines = ["// Start Time: Unknown", "// Update Rate: 100.0Hz",
             "\t".join(["PacketCounter", "SampleTimeFine", *names])]  # fmt: skip
    for place, angle in enumerate(TURN):
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
        values = turn.T.ravel() if matrix else QUATERNIONS[place]
        if place not in lost:
            counter = str((first + place) % 65_536)
            lines.append("\t".join([counter, "", *(f"{value:.6f}" for value in values)]))
    return "\n".join(lines) + "\n"


def mvnx(*, configuration: str = "FullBody", doctype: str = "") -> str:
    """Return an .mvnx file of two segments and a joint, with a frame of calibration."""
    frames = []
    for place, parts in enumerate(QUATERNIONS):
        turns = " ".join(f"{value:.6f}" for value in [1, 0, 0, 0, *parts])
        angles = " ".join(f"{value:.6f}" for value in ANGLES[place])
        foot = int(10 <= place < 30)
        frames.append(
            f'<frame time="{10 * place}" index="{place}" type="normal">'
            f"<orientation>{turns}</orientation><position>0 0 {1 + TURN[place]:.4f} 0 0 1.1"
            f"</position><jointAngle>{angles}</jointAngle>"
            f"<footContacts>{foot} 0 0 {1 - foot}</footContacts></frame>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}'
        '<mvnx xmlns="http://www.xsens.com/mvn/mvnx" version="4">\n'
        f'<subject label="s" frameRate="100" configuration="{configuration}"><segments>'
        '<segment label="Pelvis" id="1"/><segment label="L5" id="2"/></segments>'
        '<joints><joint label="jL5S1"><connector1>Pelvis/jL5S1</connector1></joint></joints>'
        "<footContactDefinition>"
        + "".join(
            f'<contactDefinition label="{side}Foot_{part}" index="0"/>'
            for side in ("Left", "Right")
            for part in ("Heel", "Toe")
        )
        + "</footContactDefinition><frames>\n"
        '<frame time="0" type="tpose"><orientation>1 0 0 0 1 0 0 0</orientation></frame>\n'
        + "\n".join(frames)
        + "\n</frames></subject></mvnx>\n"
    )


def bids() -> dict[str, str]:
    """Return the three files of a recording of Motion-BIDS."""
    channels = ["name\tcomponent\ttype\ttracked_point\tunits\tsampling_frequency"]
    columns = []
    for name, points in MARKERS.items():
        for axis, column in zip("xyz", points.T, strict=True):
            channels.append(f"{name}_{axis}\t{axis}\tPOS\t{name}\tmm\t100")
            columns.append(1000 * column)
    for axis, column in zip("xyz", ANGLES.T, strict=True):
        channels.append(f"spine_{axis}\t{axis}\tJNTANG\tspine\trad\t100")
        columns.append(np.radians(column))
    for part, column in zip("wxyz", QUATERNIONS.T, strict=True):
        channels.append(f"imu_{part}\tquat_{part}\tORNT\timu\tn/a\t100")
        columns.append(column)
    channels.append("knee\tn/a\tJNTANG\tknee\tdeg\t100")
    columns.append(ANGLES[:, 0])
    channels.append("gyro_x\tx\tGYRO\timu\trad/s\t100")
    columns.append(ANGLES[:, 1])
    rows = ["\t".join(f"{value:.7f}" for value in row) for row in zip(*columns, strict=True)]
    return {
        "a_motion.tsv": "\n".join(rows) + "\n",
        "a_channels.tsv": "\n".join(channels) + "\n",
        "a_motion.json": json.dumps({"SamplingFrequency": RATE, "TaskName": "walk"}),
    }


def table() -> str:
    """Return a plain CSV of a time, an angle, a marker and contacts."""
    lines = ["t,bend (deg),x,y,z,left"]
    for place, time in enumerate(TIME):
        numbers = [time, ANGLES[place, 0], *MARKERS["SACR"][place]]
        on = 1000 if 10 <= place < 30 else 0
        lines.append(",".join([*(f"{value:.6f}" for value in numbers), str(on)]))
    return "\n".join(lines) + "\n"


def storage(*, degrees: bool = True) -> str:
    """Return a .mot file with an angle, a position and a speed, by paths."""
    names = ["/jointset/b/lumbar_extension/value", "/jointset/g/pelvis_tx/value",
             "/jointset/b/lumbar_extension/speed"]  # fmt: skip
    text = mot(TIME, dict(zip(names, ANGLES.T, strict=True))).decode()
    return text if degrees else text.replace("inDegrees=yes", "inDegrees=no")


def markers_trc() -> str:
    """Return the markers of a body as a .trc file."""
    return trc(TIME, MARKERS, rate=RATE).decode()
