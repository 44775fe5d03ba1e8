"""Movement: whole-curve tests beside spm1d in the same run, and a long C3D file to features.

spm1d is a library of the development environment; where it, or one of its tests, does not run with
the installed numpy, the table says so. Times are medians after a first call that is thrown away.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from measure import COMMAND, measure

from backwalk_stats.analyses.motion.movement import movement
from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.analyses.simulated.motion import MOTION_TOML, c3d
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.motion.curve_statistics import ancova, two_sample
from backwalk_stats.motion.curve_tests import permutation_test, random_field_test
from backwalk_stats.motion.permutation import ancova_null, two_sample_null
from backwalk_stats.motion.pointwise_model import pointwise_model

N, NODES, PERMUTATIONS = 20, 101, 10_000  # participants of each arm
RATE, SECONDS, MARKERS = 200.0, 60.0, 40
WALKER = Walker(cycle=1.15, lag=140.0, pelvis_rotation=6.0, lumbar_rotation=7.0,
                lumbar_flexion=3.0, lordosis=-12.0, bump=0.0, wobble=0.06)  # fmt: skip
LIST = "file,participant,arm,visit,direction,belt_speed\n{file},P1,forward,W0,forward,{belt:.4f}\n"


def curves() -> tuple[np.ndarray, np.ndarray]:
    """Return curves of both arms at two visits, shape (2 N, 2, NODES), and who is in which arm."""
    rng = np.random.default_rng(1)
    y = np.cumsum(rng.normal(size=(2 * N, 2, NODES)), axis=2) / 5 + rng.normal(size=(2 * N, 1, 1))
    return y, np.arange(2 * N) < N


def seconds(run: Callable[[], object], *, least: int = 3) -> float:
    """Return the median time of a call, at least three times, warmed up."""
    run()
    times = []
    for _ in range(least):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return median(times)


def of_spm1d(run: Callable[[object], object]) -> str:
    """Return spm1d's time, or why there is none."""
    try:
        import spm1d
    except ImportError:
        return "not installed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return f"{seconds(lambda: run(spm1d)):.2f} s"
        except Exception as error:  # whatever another library does is told, not hidden
            return f"fails: {type(error).__name__}"


def line(label: str, own: float, other: str = "", limit: float | None = None) -> None:
    """Print one row: what was measured, here and by spm1d, and the limit it has to keep."""
    goal = "" if limit is None else f"{limit:g} s {'kept' if own <= limit else 'NOT KEPT'}"
    print(f"{label:<46}{own:>8.3f} s   {other:<24}{goal}")


def tests() -> None:
    """Time the whole-curve tests."""
    y, arm = curves()
    one, other = y[arm, 1], y[~arm, 1]

    def by_permutation() -> object:
        null = two_sample_null(one, other, permutations=PERMUTATIONS, seed=1)
        return permutation_test(two_sample(one, other), null)

    def adjusted() -> object:
        null = ancova_null(y[:, 1], arm, y[:, 0], permutations=PERMUTATIONS, seed=1)
        return permutation_test(ancova(y[:, 1], arm, y[:, 0]), null)

    def theirs(spm1d: object) -> object:
        found = spm1d.stats.nonparam.ttest2(one, other)  # type: ignore[attr-defined]
        return found.inference(0.05, two_tailed=True, iterations=PERMUTATIONS)

    def field(spm1d: object) -> object:
        found = spm1d.stats.ttest2(one, other, equal_var=True)  # type: ignore[attr-defined]
        return found.inference(0.05, two_tailed=True)

    line("two-sample, 10,000 permutations", seconds(by_permutation), of_spm1d(theirs), 1.0)
    line("baseline-adjusted, 10,000 permutations", seconds(adjusted), "has no such test", 3.0)
    line(
        "two-sample, random field",
        seconds(lambda: random_field_test(two_sample(one, other))),
        of_spm1d(field),
    )
    line("pointwise mixed model", seconds(lambda: pointwise_model(y, arm, visit=1)), "has none")


def study(folder: Path) -> Path:
    """Write a study of one long C3D file, and return its motion file."""
    at = np.arange(int(RATE * SECONDS)) / RATE
    angles = walk_angles(WALKER, at, backward=False, rng=np.random.default_rng(1))
    markers = walk_markers(angles, WALKER, at, backward=False)
    for place in range(MARKERS - len(markers)):
        markers[f"X{place:02d}"] = markers["SACR"] + 0.005 * place
    (folder / "long.c3d").write_bytes(c3d(markers, rate=RATE))
    text = MOTION_TOML.format(seed=1)
    wanted = text[: text.index("[repositioning]")]
    (folder / "motion.toml").write_text(wanted)
    listed = LIST.format(file="long.c3d", belt=belt_speed(WALKER))
    (folder / "recordings.csv").write_text(listed)
    return folder / "motion.toml"


def main() -> None:
    """Print the table."""
    print(f"{2 * N} participants, {NODES} nodes\n{'':<46}{'here':>10}   {'spm1d':<24}limit")
    tests()
    with tempfile.TemporaryDirectory() as name:
        file = study(Path(name))
        line("C3D, 60 s, 40 markers, 200 Hz: to features", seconds(
            lambda: movement(load_motion(file))), limit=2.0)  # fmt: skip
        command = [*COMMAND, "motion", "features", "motion.toml", "--out", "o", "--quiet"]
        line("the same as a command, from its start", measure(command, folder=Path(name)).wall)


if __name__ == "__main__":
    main()
