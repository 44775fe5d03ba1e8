"""How the cost of a ledger grows with its papers: two-arm trials with a t test and interval."""

from __future__ import annotations

import csv
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import stats

import backwalk_stats as bw

SIZES = (10, 100, 1000)
STUDIES = ("study_id", "citation", "design", "arms", "n_randomised")
OUTCOMES = ("study_id", "arm", "outcome", "instrument", "unit", "timepoint", "n", "mean", "sd")
CONTRASTS = (
    *("study_id", "outcome", "arm_a", "arm_b", "contrast_type", "estimate", "ci_low", "ci_high"),
    *("ci_level", "statistic", "df", "p_value_as_printed", "sided", "scale", "null", "method"),
)


def folder_of(count: int, folder: Path) -> Path:
    """Write a record of so many honest trials."""
    rng = np.random.default_rng(count)
    rows: dict[str, list[tuple[str, ...]]] = {"studies": [], "outcomes": [], "contrasts": []}
    for index in range(count):
        name = f"trial{index}"
        a, b = (rng.normal(mean, 1.8, rng.integers(15, 40)) for mean in (4.0, 5.0))
        test = stats.ttest_ind(a, b)
        ends = test.confidence_interval()
        df = len(a) + len(b) - 2
        rows["studies"].append((name, name, "2-arm RCT", "backward; forward", str(df + 2)))
        for arm, x in (("backward", a), ("forward", b)):
            shown = (str(len(x)), f"{x.mean():.2f}", f"{x.std(ddof=1):.2f}")
            rows["outcomes"].append((name, arm, "pain", "VAS", "cm", "week 6", *shown))
        printed = (f"{a.mean() - b.mean():.2f}", f"{ends.low:.2f}", f"{ends.high:.2f}", "95")
        rest = (f"t={test.statistic:.2f}", str(df), f"{test.pvalue:.3f}", "two", "difference", "0")
        pair = (name, "pain", "backward", "forward", "mean difference")
        rows["contrasts"].append((*pair, *printed, *rest, "Student t"))
    for file, heads in (("studies", STUDIES), ("outcomes", OUTCOMES), ("contrasts", CONTRASTS)):
        with (folder / f"{file}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([heads, *rows[file]])
    return folder


def main() -> None:
    """Print a table."""
    print("| papers | rows | processor | a paper |\n|---|---|---|---|")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as where:
            folder = folder_of(size, Path(where))
            start = time.process_time()
            rows = len(bw.reproduce(evidence=folder).checks)
            spent = time.process_time() - start
        print(f"| {size} | {rows} | {spent:.2f} s | {1000 * spent / size:.1f} ms |")


if __name__ == "__main__":
    main()
