"""Designs that tests of simulated trials share, and their trials as frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.engine.simulation.designs import Design, Scale
from backwalk_stats.engine.simulation.draws import Drawn


def reference_design(scenario: dict[str, Any], per_arm: int) -> Design:
    """Return the design of a scenario of ../shared/plan/scenarios.json."""
    visits, told = len(scenario["visits"]), scenario["correlation"]
    apart = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    if isinstance(told, str):
        correlation = float(told.removeprefix("ar1:")) ** apart
    else:
        correlation = np.where(apart == 0, 1.0, np.broadcast_to(told, apart.shape))
    sd, leaving = np.array(scenario["sd"], dtype=float), scenario["dropout_mechanism"]
    return Design(
        sizes=(per_arm,) * len(scenario["arms"]),
        reference=0,
        means=np.array([scenario["means"][arm] for arm in scenario["arms"]], dtype=float),
        covariance=correlation * np.outer(sd, sd),
        dropout=np.array([scenario["dropout"][arm] for arm in scenario["arms"]], dtype=float),
        mar=None if leaving == "mcar" else leaving["mar"],
        scale=Scale(*scenario["scale"]) if scenario["round"] else None,
    )


def reference(shared: Path, name: str) -> Any:
    """Return a file of ../shared/plan."""
    return json.loads((shared / "plan" / f"{name}.json").read_text(encoding="utf-8"))


def design(
    *sizes: int,
    visits: int = 5,
    slope: float | None = 0.3,
    rounded: bool = True,
    share: float = 0.3,
) -> Design:
    """Return a design on a scale from 0 to 10; the last arm does best and loses `share`."""
    k, at = len(sizes), np.linspace(0.0, 1.0, visits)
    worth = np.arange(1.0, k + 1.0)[:, None] / k
    sd = np.linspace(1.6, 2.2, visits)
    apart = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    return Design(
        sizes=sizes,
        reference=0,
        means=6.0 - 2.4 * worth * at,
        covariance=0.7**apart * np.outer(sd, sd),
        dropout=share * worth * at,
        mar=slope,
        scale=Scale(0.0, 10.0, 1.0) if rounded else None,
    )


def long_frame(drawn: Drawn, trial: int, *, first: int) -> pd.DataFrame:
    """Return one trial, a row a score from visit `first` on: who, arm, visit, week, base, score."""
    y = drawn.y[trial]
    who, visit = np.nonzero(~np.isnan(y[:, first:]))
    visit = visit + first
    return pd.DataFrame(
        {
            "who": who,
            "arm": pd.Categorical([f"arm{one}" for one in drawn.arm[who]]),
            "visit": pd.Categorical([f"V{one}" for one in visit]),
            "week": 3.0 * visit,
            "base": y[who, 0],
            "score": y[who, visit],
        }
    )


def wide_frame(drawn: Drawn, trial: int, visit: int) -> pd.DataFrame:
    """Return one trial, a row a person: arm, base, score and change at a visit."""
    y = drawn.y[trial]
    return pd.DataFrame(
        {
            "arm": pd.Categorical([f"arm{one}" for one in drawn.arm]),
            "base": y[:, 0],
            "score": y[:, visit],
            "change": y[:, visit] - y[:, 0],
        }
    )
