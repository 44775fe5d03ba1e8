"""How often two random factors find a difference of 13-person arms where there is none.

Prints p <= 0.05 as a share of the data sets that give a p, with limits of what the simulation
itself leaves open (Wilson, 95 %), the share without a p and the share with a variance at zero:
`python benchmarks/nested_error_rates.py 1000` for all designs, with names behind the number for
some. docs/methods/nested_error_rates.csv holds the result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

import backwalk_stats as bw
from backwalk_stats.engine.summary.proportions import wilson_interval
from backwalk_stats.errors import NotEstimable, UsageError

PER_ARM = 13
ALPHA = 0.05
SEED = 20261202
ARMS = ("forward", "backward")
WEEKS = (4.0, 8.0, 12.0)
PERSON, RESIDUAL = 0.5, 0.5  # variances; the other factor's share of a person's is in the name
METHODS = {
    "Satterthwaite": {"df": "satterthwaite"},
    "Kenward-Roger, observed": {"df": "kenward-roger"},
    "Kenward-Roger, expected": {"df": "kenward-roger", "information": "expected"},
}


def people(rng: np.random.Generator, repeats: int) -> pd.DataFrame:
    """Return rows of two arms with a baseline that predicts and an arm that does not."""
    n = 2 * PER_ARM
    base, own = rng.normal(size=n), rng.normal(0.0, np.sqrt(PERSON), n)
    who = np.repeat(np.arange(n), repeats)
    code = np.arange(n) // PER_ARM
    y = 0.4 * base[who] + own[who] + rng.normal(0.0, np.sqrt(RESIDUAL), len(who))
    arm = pd.Categorical(np.array(ARMS)[code[who]], list(ARMS))
    frame = pd.DataFrame({"id": who, "arm": arm, "base": base[who], "pain": y})
    frame["place"] = who % PER_ARM  # within the arm
    return frame


def visits(rng: np.random.Generator) -> pd.DataFrame:
    """Return three visits of each person, one in ten missing."""
    frame = people(rng, len(WEEKS))
    frame["week"] = np.tile(WEEKS, len(frame) // len(WEEKS))
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


def with_levels(frame: pd.DataFrame, rng: np.random.Generator, share: float) -> pd.DataFrame:
    """Return rows with the effect of the column `level` added."""
    levels, codes = np.unique(frame["level"], return_inverse=True)
    own = rng.normal(0.0, np.sqrt(share), len(levels))
    return frame.assign(pain=frame["pain"] + own[codes])


def therapists_in_arms(rng: np.random.Generator, share: float, each: int) -> pd.DataFrame:
    """Return a trial whose therapists, `each` an arm, treat in one arm alone."""
    frame = visits(rng)
    return with_levels(frame.assign(level=_named(frame, each)), rng, share)


def therapists_in_one(rng: np.random.Generator, share: float, each: int) -> pd.DataFrame:
    """Return a trial in which the backward arm alone has therapists."""
    frame = visits(rng)
    treated = (frame["arm"] == "backward").astype(float)
    frame = frame.assign(treated=treated, level=_named(frame, each))
    frame.loc[treated == 0.0, "level"] = "none"
    plain = frame["pain"].copy()
    found = with_levels(frame, rng, share)
    return found.assign(pain=found["pain"].where(treated > 0.0, plain))


def sites_crossed(rng: np.random.Generator, share: float, each: int) -> pd.DataFrame:
    """Return a trial of sites that have both arms."""
    frame = visits(rng)
    frame["level"] = [f"S{one}" for one in frame["place"] % each]
    return with_levels(frame, rng, share)


def two_knees(rng: np.random.Generator, share: float, each: int) -> pd.DataFrame:
    """Return both knees of everyone, measured `each` times."""
    frame = people(rng, 2 * each)
    frame["knee"] = np.tile(np.repeat(["left", "right"], each), 2 * PER_ARM)
    frame["level"] = frame["id"].astype(str) + frame["knee"]
    return with_levels(frame, rng, share)


def _named(frame: pd.DataFrame, each: int) -> list[str]:
    return [f"{arm[0]}{place % each}" for arm, place in zip(frame["arm"], frame["place"])]  # noqa: B905


Trial = Callable[[np.random.Generator, float, int], pd.DataFrame]
NESTED = "pain ~ arm + base + week + (1 | level/id)"
ONE_ARM = "pain ~ arm + base + week + (0 + treated | level) + (1 | id)"
CROSSED = "pain ~ arm + base + week + (1 | level) + (1 | id)"
KNEES = "pain ~ arm + base + (1 | id/knee)"
DESIGNS: dict[str, tuple[Trial, float, int, str]] = {
    "3 therapists in each arm, no variance": (therapists_in_arms, 0.0, 3, NESTED),
    "3 therapists in each arm, variance 0.05": (therapists_in_arms, 0.05, 3, NESTED),
    "3 therapists in each arm, variance 0.25": (therapists_in_arms, 0.25, 3, NESTED),
    "6 therapists in each arm, variance 0.05": (therapists_in_arms, 0.05, 6, NESTED),
    "6 therapists in each arm, variance 0.25": (therapists_in_arms, 0.25, 6, NESTED),
    "3 therapists in one arm, variance 0.05": (therapists_in_one, 0.05, 3, ONE_ARM),
    "3 therapists in one arm, variance 0.25": (therapists_in_one, 0.25, 3, ONE_ARM),
    "6 therapists in one arm, variance 0.25": (therapists_in_one, 0.25, 6, ONE_ARM),
    "4 sites with both arms, no variance": (sites_crossed, 0.0, 4, CROSSED),
    "4 sites with both arms, variance 0.25": (sites_crossed, 0.25, 4, CROSSED),
    "both knees twice, variance 0.05": (two_knees, 0.05, 2, KNEES),
    "both knees twice, variance 0.25": (two_knees, 0.25, 2, KNEES),
}


def tested(name: str, seed: int, index: int) -> tuple[dict[str, float], bool]:
    """Return the p of the arm by each method, NaN for none, and whether a variance is at 0."""
    trial, share, each, formula = DESIGNS[name]
    place = list(DESIGNS).index(name)
    sequence = np.random.SeedSequence(seed, spawn_key=(place, index))
    data = trial(np.random.Generator(np.random.Philox(sequence)), share, each)
    found, singular = {}, False
    for method, choice in METHODS.items():
        try:
            fit = bw.lmm(formula, data, **choice)  # type: ignore[arg-type]
            found[method] = float(fit.pvalues["armbackward"])
            singular = fit.stats.singular
        except (NotEstimable, UsageError):
            found[method] = float("nan")
    return found, singular


def rates(name: str, replicates: int, *, seed: int = SEED) -> pd.DataFrame:
    """Return of each method: error, low, high, none, singular, data_sets."""
    drawn = [tested(name, seed, index) for index in range(replicates)]
    rows = []
    for method in METHODS:
        p = np.array([one[method] for one, _ in drawn])
        held = p[~np.isnan(p)]
        hits = int((held <= ALPHA).sum())
        limits = wilson_interval(events=hits, n=len(held))
        rows.append(
            {
                "design": name,
                "method": method,
                "error": hits / len(held),
                "low": limits.low,
                "high": limits.high,
                "none": 1.0 - len(held) / len(p),
                "singular": float(np.mean([zero for _, zero in drawn])),
                "data_sets": replicates,
            }
        )
    return pd.DataFrame(rows)


def main(replicates: int, names: Sequence[str]) -> None:
    """Print the table as CSV, for all designs or those whose names hold one of the words."""
    chosen = [one for one in DESIGNS if not names or any(word in one for word in names)]
    for at, name in enumerate(chosen):
        found = rates(name, replicates)
        print(found.to_csv(index=False, header=not at, float_format="%.4f"), end="", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
