"""Every figure of movement, drawn from frames that are made up for a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from backwalk_stats.figures import (
    angle_angle,
    coupling_area,
    coupling_rose,
    individual_cycles,
    joint_planes,
    mean_curves,
)
from backwalk_stats.motion.coordination import PATTERNS
from backwalk_stats.trial import tables
from tests.figures.synthetic import HOSTILE

WORDS = ("Forward walking", "Backward walking", "Usual care")


@dataclass(frozen=True)
class Case:
    """What is drawn: how many groups, nodes and people, how large the numbers are."""

    groups: int = 2
    nodes: int = 101
    n: int = 12
    scale: float = 1.0
    shift: float = 0.0
    hostile: bool = False
    single: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """Name to label."""
        words = HOSTILE[3:6] if self.hostile else WORDS
        return {f"g{k}": words[k % len(words)] for k in range(self.groups)}

    @property
    def title(self) -> str:
        """A title, which may be anything."""
        return HOSTILE[5] if self.hostile else "Pelvis rotation and lumbar rotation, W6"


CASES = {
    "ordinary": Case(),
    "three arms": Case(groups=3),
    "hostile": Case(groups=3, hostile=True),
    "one group": Case(groups=1),
    "few nodes": Case(nodes=11),
    "large": Case(scale=2500.0, shift=1e5),
    "tiny": Case(scale=1e-3),
    "single participants": Case(single=True),
}


def means(case: Case) -> pd.DataFrame:
    """Return columns of `tables.MEAN_CURVES`, two signals."""
    turn = 2 * np.pi * np.arange(case.nodes) / (case.nodes - 1)
    rows = []
    for place, name in enumerate(case.labels):
        for signal, lag in (("pelvis_rotation", 0.0), ("lumbar_rotation", 2.4)):
            y = case.shift + case.scale * (5 * np.sin(turn - lag) + place)
            half = np.nan if case.single else 1.2 * case.scale
            rows += [
                (signal, "backward", "W6", name, k, case.n, y[k], y[k] - half, y[k] + half)
                for k in range(case.nodes)
            ]
    return pd.DataFrame(rows, columns=list(tables.MEAN_CURVES))


def statistics(case: Case, *, f: bool = False) -> pd.DataFrame:
    """Return columns of `tables.CURVE_TEST`."""
    node = np.arange(case.nodes)
    values = 5 * np.sin(2 * np.pi * node / (case.nodes - 1))
    frame = pd.DataFrame({"node": node, "statistic": np.abs(values) if f else values})
    frame = frame.assign(threshold=np.inf if case.single else 3.1, estimate=values, std_error=1.0)
    half = frame["threshold"] * frame["std_error"]
    frame = frame.assign(conf_low=values - half, conf_high=values + half, contrast="g1 - g0")
    return frame.reindex(columns=list(tables.CURVE_TEST))


def clusters(case: Case) -> pd.DataFrame:
    """Return columns of `tables.CLUSTERS`."""
    last = case.nodes - 1
    rows = [{"method": "permutation", "start": a * last, "end": b * last, "peak": peak,
             "p_value": 0.01}
            for a, b, peak in ((0.11, 0.39, 5.0), (0.61, 0.89, -5.0))]  # fmt: skip
    return pd.DataFrame(rows[: 0 if case.single else 2], columns=list(tables.CLUSTERS))


def shares(case: Case) -> pd.DataFrame:
    """Return columns of `tables.COUPLING_OVER_CYCLE`."""
    rng = np.random.default_rng(4)
    rows = []
    for name in case.labels:
        parts = 100 * rng.dirichlet(np.ones(4), case.nodes - 1)
        rows += [("lumbopelvic", "backward", "W6", name, k, pattern, parts[k, p], case.n)
                 for k in range(case.nodes - 1) for p, pattern in enumerate(PATTERNS)]  # fmt: skip
    return pd.DataFrame(rows, columns=list(tables.COUPLING_OVER_CYCLE))


def rose(case: Case) -> pd.DataFrame:
    """Return columns of `tables.COUPLING_ROSE`."""
    rng = np.random.default_rng(5)
    rows = []
    for name in case.labels:
        parts = 100 * rng.dirichlet(np.ones(24))
        rows += [("lumbopelvic", "backward", "W6", name, 7.5 + 15 * k, parts[k], case.n)
                 for k in range(24)]  # fmt: skip
    return pd.DataFrame(rows, columns=list(tables.COUPLING_ROSE))


def cycles(case: Case) -> pd.DataFrame:
    """Return columns of `tables.CYCLES`, one signal, and the group."""
    rng = np.random.default_rng(6)
    node = np.arange(case.nodes)
    turn = 2 * np.pi * node / (case.nodes - 1)
    parts = [
        pd.DataFrame({
            "participant": f"p{who}", "visit": "W6", "direction": "backward", "recording": who,
            "signal": "lumbar_flexion", "cycle": cycle, "odd": cycle == 3, "node": node,
            "value": case.shift + case.scale * (3 * np.sin(turn) + rng.normal()), "arm": name,
        })
        for who, name in enumerate(case.labels) for cycle in range(1, 5)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _curves(case: Case, *, tested: bool = True, f: bool = False) -> tuple[Figure, str]:
    frame = means(case)
    frame = frame[frame["signal"] == "lumbar_rotation"]
    words: Any = {"groups": case.labels, "by": "arm", "signal": case.title, "unit": "°"}
    if not tested:
        return mean_curves.mean_curves(frame, **words), mean_curves.alt_text(frame, **words)
    words |= {"clusters": clusters(case), "statistic": "F" if f else "t"}
    test = statistics(case, f=f)
    return mean_curves.mean_curves(frame, test, **words), mean_curves.alt_text(frame, test, **words)


def _full(case: Case) -> tuple[Figure, str]:
    """Return what a report draws: signs named, toe-off marked, baseline beneath."""
    frame = means(case)
    frame = frame[frame["signal"] == "lumbar_rotation"]
    before = frame.assign(estimate=frame["estimate"] - 0.4 * case.scale)
    words: Any = {
        "groups": case.labels, "by": "arm", "signal": case.title, "unit": "degrees",
        "more": ("rotation to the left", "rotation to the right"), "clusters": clusters(case),
        "toe_off": toe_offs(case), "baseline": before,
    }  # fmt: skip
    test = statistics(case)
    return mean_curves.mean_curves(frame, test, **words), mean_curves.alt_text(frame, test, **words)


def toe_offs(case: Case) -> dict[str, float]:
    """Return toe-offs that are near each other and far, in per cent of the cycle."""
    return dict(zip(case.labels, (62.0, 63.4, 98.0), strict=False))


def planes(case: Case, *, tested: bool = True) -> tuple[Figure, str]:
    """Return three planes of a joint, with a statistic of all or without."""
    names = ("pelvis_rotation", "lumbar_rotation", "third")
    third = means(case).query("signal == 'lumbar_rotation'").assign(signal="third")
    frame = pd.concat([means(case), third])
    test = statistics(case, f=True) if tested else None
    words: Any = {
        "planes": [joint_planes.Plane(signal=one, label=case.title, more=("more", "less"))
                   for one in names],
        "groups": case.labels, "by": "arm", "unit": "degrees", "toe_off": toe_offs(case),
        "clusters": clusters(case) if tested else None,
    }  # fmt: skip
    drawn = joint_planes.joint_planes(frame, test, **words)
    return drawn, joint_planes.alt_text(frame, test, **words)


def _panels(draw: Any, frame: pd.DataFrame, case: Case) -> tuple[Figure, str]:
    words: Any = {"panels": case.labels, "by": "arm", "title": case.title}
    name = draw.__name__.rpartition(".")[2]
    return getattr(draw, name)(frame, **words), draw.alt_text(frame, **words)


def _loop(case: Case) -> tuple[Figure, str]:
    words: Any = {"proximal": ("pelvis_rotation", case.title), "groups": case.labels,
                  "distal": ("lumbar_rotation", case.title)}  # fmt: skip
    frame = means(case)
    return angle_angle.angle_angle(frame, **words), angle_angle.alt_text(frame, **words)


def _cycles(case: Case) -> tuple[Figure, str]:
    words: Any = {"groups": case.labels, "signal": case.title, "unit": "°"}
    frame = cycles(case)
    drawn = individual_cycles.individual_cycles(frame, **words)
    return drawn, individual_cycles.alt_text(frame, **words)


FIGURES: dict[str, Callable[[Case], tuple[Figure, str]]] = {
    "mean_curves": _curves,
    "mean_curves F": lambda case: _curves(case, f=True),
    "mean_curves full": _full,
    "joint_planes": planes,
    "joint_planes alone": lambda case: planes(case, tested=False),
    "mean_curves alone": lambda case: _curves(case, tested=False),
    "coupling_area": lambda case: _panels(coupling_area, shares(case), case),
    "coupling_rose": lambda case: _panels(coupling_rose, rose(case), case),
    "angle_angle": _loop,
    "individual_cycles": _cycles,
}
