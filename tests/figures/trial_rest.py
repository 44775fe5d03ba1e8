"""More frames of an analysed trial: flow, responders, lines, residuals, shifts, sessions."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from backwalk_stats.trial import tables
from tests.figures.synthetic import HOSTILE
from tests.figures.trial_frames import Case, changes


def flow(case: Case) -> pd.DataFrame:
    """Return counts from assessment to analysis (`tables.FLOW`)."""
    n = case.n
    why = HOSTILE if case.hostile else ("not meeting criteria", "declined", "other reasons")
    total = n * case.arms
    rows: list[tuple[str, str, str, float]] = [
        ("assessed", "", "", total + 24),
        ("excluded", "", "", 24),
    ]
    rows += [("excluded", "", reason, 8) for reason in why[:3]]
    rows += [("randomised", "", "", total)]
    for arm in case.arm_labels:
        rows += [("allocated", arm, "", n), ("received", arm, "", n - 1)]
        rows += [("not_received", arm, "", 1), ("not_received", arm, why[0], 1)]
        rows += [("lost", arm, "", 4), ("lost", arm, why[1], 3), ("lost", arm, why[2], 1)]
        rows += [("discontinued", arm, "", nan)] if case.sparse else []
        rows += [("analysed", arm, "", n), ("excluded_from_analysis", arm, "", 0)]
    return pd.DataFrame(rows, columns=list(tables.FLOW))


def response_curve(case: Case) -> pd.DataFrame:
    """Return the share that improved by at least each threshold (`tables.RESPONSE_CURVE`)."""
    rows = []
    for arm in case.arm_labels:
        better = -changes(case).query("arm == @arm")["change"].dropna().to_numpy()
        for at in np.linspace(-2, 6, 33) * case.scale:
            if len(better):
                rows.append((arm, at, 100 * float((better >= at).mean()), len(better)))
    return pd.DataFrame(rows, columns=list(tables.RESPONSE_CURVE))


def lines(case: Case) -> pd.DataFrame:
    """Return expected values by baseline (`tables.ANCOVA_LINES`)."""
    rows = []
    for place, arm in enumerate(case.arm_labels):
        for x in np.linspace(3, 9, 25):
            y, half = 1.5 + 0.5 * x - place, 0.4 + 0.1 * abs(x - 6)
            ends = [value * case.scale + case.shift for value in (x, y, y - half, y + half)]
            rows.append((arm, *ends))
    return pd.DataFrame(rows, columns=list(tables.ANCOVA_LINES))


def residual_bins(case: Case) -> pd.DataFrame:
    """Return residuals in bins of the fit (`tables.RESIDUAL_BINS`)."""
    fitted = np.linspace(3, 8, 10) * case.scale + case.shift
    mean = np.sin(np.arange(10)) * 0.2 * case.scale
    spread = 1.6 * case.scale
    frame = {"fitted": fitted, "residual": mean, "low": mean - spread, "high": mean + spread}
    return pd.DataFrame(frame | {"n": 15.0}, columns=list(tables.RESIDUAL_BINS))


def residual_quantiles(case: Case) -> pd.DataFrame:
    """Return quantiles of residuals (`tables.RESIDUAL_QUANTILES`)."""
    p = np.linspace(0.02, 0.98, 25)
    z = np.log(p / (1 - p)) / 1.7
    return pd.DataFrame({"probability": p, "normal": z, "residual": z + 0.04 * z**3})


def residuals(case: Case) -> pd.DataFrame:
    """Return a residual for each observation (`tables.RESIDUALS`)."""
    rng = np.random.default_rng(3)
    count = case.n * case.visits
    z = np.sort(rng.normal(size=count))
    frame = {
        "participant": [f"p{i}" for i in range(count)],
        "arm": "forward",
        "visit": "V1",
        "fitted": rng.uniform(3, 8, count) * case.scale + case.shift,
        "residual": z * case.scale,
        "normalised": z,
        "quantile": np.sort(rng.normal(size=count)),
    }
    return pd.DataFrame(frame, columns=list(tables.RESIDUALS))


def tipping(case: Case, *, both: bool) -> pd.DataFrame:
    """Return estimates over one or both shifts (`tables.TIPPING`)."""
    rows = []
    steps = np.arange(0, 4.5, 0.5) * case.scale
    for delta in steps:
        for other in -steps if both else [0.0]:
            value = -1.1 * case.scale + 0.2 * delta - 0.2 * other
            z = value / (0.45 * case.scale)
            half = 0.9 * case.scale
            rows.append(
                (delta, other, value, value - half, value + half, float(np.exp(-z * z / 1.3)))
            )
    return pd.DataFrame(rows, columns=list(tables.TIPPING))


def adherence(case: Case, sessions: int = 24) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sessions of every participant, and the participants."""
    rng = np.random.default_rng(5)
    rows, people = [], []
    for arm in case.arm_labels:
        for i in range(case.n):
            name, gone = f"{arm}{i}", rng.integers(8, 200)
            people.append((name, arm))
            for session in range(1, sessions + 1):
                came = "attended" if rng.random() > 0.12 else "missed"
                rows.append((name, session, came if session < gone else "withdrawn"))
    frame = pd.DataFrame(rows, columns=["participant", "session", "status"])
    return frame, pd.DataFrame(people, columns=["participant", "arm"])


def sessions(case: Case) -> pd.DataFrame:
    """Return counts by session and arm (`tables.SESSIONS`)."""
    rows, people = adherence(case)
    merged = rows.merge(people, on="participant")
    wide = merged.groupby(["arm", "session"], sort=False)["status"].value_counts().unstack()
    wide = wide.reindex(columns=["attended", "missed", "withdrawn"]).fillna(0.0)
    frame = wide.assign(n=wide.sum(axis=1)).reset_index()
    if case.sparse:
        frame.loc[::5, ["attended", "missed", "withdrawn"]] = nan
    return frame[list(tables.SESSIONS)]


def missingness(case: Case) -> pd.DataFrame:
    """Return what is missing by outcome, visit and arm (`tables.MISSINGNESS`)."""
    rows = []
    for outcome in ("pain", "function"):
        for step, visit in enumerate(case.visit_labels):
            for arm in case.arm_labels:
                gone = case.n if case.sparse and arm == "control" else step * 2
                share = 100 * gone / case.n
                hidden = case.sparse and 0 < gone < 5
                count = nan if hidden else float(gone)
                rows.append((outcome, visit, arm, case.n, case.n - count, count,
                             nan if hidden else share))  # fmt: skip
    return pd.DataFrame(rows, columns=list(tables.MISSINGNESS))
