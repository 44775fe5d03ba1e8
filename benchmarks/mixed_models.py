"""Mixed models: from a data frame to the table of coefficients, beside R in the same run.

R is timed inside one process of its own, after a first call that is thrown away; so is Python.
Where R or a package of it is missing, the time stands that was quoted when the goal was set, marked
so.

`--before FOLDER` adds the same calls with the package of another folder (a checkout of an older
commit), process about process so that whatever else the machine does meets both, in processor time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from measure import measure

import backwalk_stats as bw

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "data" / "example_mixed", ROOT.parent / "shared" / "reference")
ENGINE_LIMIT = 0.012
MEMORY_LIMIT = 500.0
IMPORT_LIMIT = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A model to time, R's quoted time for it, and how many times faster it has to be."""

    name: str
    label: str
    file: str
    orders: dict[str, list[str]]
    run: Callable[[pd.DataFrame], object]
    quoted: tuple[str, float]
    faster: float


def fev(frame: pd.DataFrame) -> pd.DataFrame:
    fit = bw.mmrm("FEV1 ~ RACE + SEX + ARMCD * AVISIT", frame, "USUBJID", "AVISIT")
    return fit.coefficients()


def large(frame: pd.DataFrame) -> pd.DataFrame:
    return bw.mmrm("pain ~ base * visit + arm * visit", frame, "id", "visit").coefficients()


def bcva(frame: pd.DataFrame) -> pd.DataFrame:
    fit = bw.mmrm("BCVA_CHG ~ BCVA_BL + RACE + ARMCD * AVISIT", frame, "USUBJID", "AVISIT")
    return fit.coefficients()


def sleep(frame: pd.DataFrame) -> pd.DataFrame:
    fit = bw.lmm("Reaction ~ Days + (Days | Subject)", frame, df="kenward-roger")
    return fit.coefficients()


CASES = (
    Case(name="fev", label="fev_data, us, Satterthwaite", file="fev_data.csv", run=fev,
         orders={"SEX": ["Male", "Female"]}, quoted=("50 to 65 ms", 0.05), faster=2.0),
    Case(name="large", label="trial_n2000, us, Satterthwaite", file="trial_n2000.csv", run=large,
         orders={"arm": ["forward", "backward"]}, quoted=("1.5 to 1.8 s", 1.5), faster=20.0),
    Case(name="bcva", label="bcva_data, us, 10 visits", file="bcva_data.csv", run=bcva,
         orders={}, quoted=("8 s", 8.0), faster=10.0),
    Case(name="sleep", label="sleepstudy, slope, Kenward-Roger", file="sleepstudy.csv", run=sleep,
         orders={}, quoted=("0.3 s", 0.3), faster=10.0),
)  # fmt: skip


def found(file: str) -> Path | None:
    """Return where a data file lies, or None."""
    return next((folder / file for folder in FOLDERS if (folder / file).exists()), None)


def loaded(case: Case, path: Path) -> pd.DataFrame:
    """Return the data of a case, text columns as categoricals."""
    frame = pd.read_csv(path)
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = pd.Categorical(frame[column], case.orders.get(column))
    return frame


def seconds(
    run: Callable[[], object],
    *,
    least: int = 3,
    about: float = 2.0,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median time of a call: for about two seconds, at least three times, warmed up."""
    run()
    times: list[float] = []
    while len(times) < least or sum(times) < about:
        start = clock()
        run()
        times.append(clock() - start)
    return median(times)


def times_of_r() -> dict[str, tuple[float, str]]:
    """Return R's median seconds of each case and its package; empty without R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            path = found(case.file)
            if path is not None:
                shutil.copy(path, folder)
        script = Path(__file__).with_suffix(".R")
        done = subprocess.run(
            [rscript, str(script), folder], capture_output=True, text=True, check=True
        )
    lines = (line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2)
    return {name: (float(value), package.strip()) for name, value, package in lines}


def engine_alone() -> float | None:
    """Return the time from arrays to standard errors and df of fev_data; None without it."""
    # here, because an older checkout has these in other places
    from backwalk_stats.engine.mixed.covariance import structure
    from backwalk_stats.engine.mixed.dof import Satterthwaite
    from backwalk_stats.engine.mixed.fit import maximise
    from backwalk_stats.engine.mixed.likelihood import Likelihood
    from backwalk_stats.engine.mixed.marginal import VisitCovariance
    from backwalk_stats.engine.mixed.patterns import gather

    path = found("fev_data.csv")
    if path is None:
        return None
    fit = bw.mmrm("FEV1 ~ RACE + SEX + ARMCD * AVISIT", loaded(CASES[0], path), "USUBJID", "AVISIT")
    y, x = fit.y, np.linalg.qr(fit.x)[0]
    people, visit = np.nonzero(fit.fit.likelihood.patterns.rows >= 0)
    order = np.argsort(fit.fit.likelihood.patterns.rows[people, visit])
    people, visit = people[order], visit[order]

    def run() -> object:
        patterns = gather(y=y, x=x, participant=people, slot=visit, slots=4)
        one = VisitCovariance(
            (structure("us", m=4),), patterns.mask, patterns.scale, patterns.group
        )
        start = one.start(patterns, y - x @ (x.T @ y))
        done = maximise(Likelihood(patterns, one, True), start)
        return np.sqrt(np.diagonal(done.point.phi)), Satterthwaite(done).single(np.eye(x.shape[1]))

    return seconds(run)


def text(value: float) -> str:
    """Return seconds as milliseconds below one second."""
    return f"{1000 * value:.1f} ms" if value < 1 else f"{value:.2f} s"


def print_case(case: Case, in_r: dict[str, tuple[float, str]]) -> None:
    """Print one line: this package, R, and how many times faster."""
    path = found(case.file)
    if path is None:
        print(f"{case.label:<36}left out: {case.file} is not here")
        return
    frame = loaded(case, path)
    own = seconds(lambda: case.run(frame))
    if case.name in in_r:
        other, source = in_r[case.name]
        shown = f"{text(other)} ({source})"
    else:
        other, shown = case.quoted[1], f"{case.quoted[0]} (quoted)"
    ratio = other / own
    kept = "kept" if ratio >= case.faster else "NOT KEPT"
    print(
        f"{case.label:<36}{text(own):>10}   {shown:<28}{ratio:>6.1f} x   {case.faster:g} x {kept}"
    )


def print_before_and_after(other: Path, rounds: int) -> None:
    """Print the processor time of every case with the package of a folder and with this one."""
    folders = (other.resolve(), ROOT)
    label = f"processor time, median of {rounds}"
    print(f"\n{label:<36}{'before':>10}{'after':>10}{'ratio':>9}")
    found_times: list[list[dict[str, float]]] = [[], []]
    for _ in range(rounds):
        for folder, times in zip(folders, found_times, strict=True):
            times.append(_times_with(folder))
    for case in CASES:
        if case.name in found_times[0][0]:
            before, after = ([one[case.name] for one in times] for times in found_times)
            ratio = median(b / a for a, b in zip(before, after, strict=True))
            shown = f"{text(median(before)):>10}{text(median(after)):>10}{100 * ratio:>7.0f} %"
            print(f"{case.label:<36}{shown}")


def _times_with(folder: Path) -> dict[str, float]:
    """Return the median processor seconds of each case in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--only-times"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: float(value) for name, value in lines}


def print_only_times() -> None:
    """Print the name and the median processor seconds of each case whose data are here."""
    for case in CASES:
        path = found(case.file)
        if path is not None:
            frame = loaded(case, path)
            value = seconds(lambda: case.run(frame), clock=time.process_time)  # noqa: B023
            print(case.name, value, sep="\t")


MEMORY = (
    "import pandas as pd, backwalk_stats as bw;"
    "d = pd.read_csv({path!r}); d['visit'] = pd.Categorical(d['visit']);"
    "bw.mmrm('pain ~ base * visit + arm * visit', d, 'id', 'visit').coefficients()"
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="an older checkout")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each, 5 if not given")
    parser.add_argument("--only-times", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_times:
        print_only_times()
        return
    print_beside_r()
    if asked.before is not None:
        print_before_and_after(asked.before, asked.rounds)


def print_beside_r() -> None:
    """Print every case beside R, then the engine alone, memory and import."""
    print(f"{'':<36}{'here':>10}   {'R':<28}{'faster':>8}   goal")
    in_r = times_of_r()
    for case in CASES:
        print_case(case, in_r)
    alone = engine_alone()
    if alone is not None:
        kept = "kept" if alone <= ENGINE_LIMIT else "NOT KEPT"
        print(f"{'fev_data, engine alone':<36}{text(alone):>10}{'':>43}12 ms {kept}")
    with tempfile.TemporaryDirectory() as folder:
        path = str(found("trial_n2000.csv"))
        code = MEMORY.format(path=path)
        cost = measure([sys.executable, "-c", code], folder=Path(folder))
        kept = "kept" if cost.peak_mb <= MEMORY_LIMIT else "NOT KEPT"
        print(f"{'trial_n2000, peak memory':<36}{cost.peak_mb:>7.0f} MB{'':>43}500 MB {kept}")
        command = [sys.executable, "-c", "import backwalk_stats"]
        walls = [measure(command, folder=Path(folder)).wall for _ in range(6)][1:]
        kept = "kept" if median(walls) <= IMPORT_LIMIT else "NOT KEPT"
        print(f"{'import backwalk_stats':<36}{text(median(walls)):>10}{'':>43}0.3 s {kept}")


if __name__ == "__main__":
    main()
