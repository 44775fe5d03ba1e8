"""A folder of one's own: the three files suffice, and nothing in them is trusted."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import InputError

HOSTILE = "<script>alert(1)</script>"


def written(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)


def folder_of(path: Path, trials: Iterable[str], *, label: str = "pain", step: float = 0.3) -> Path:
    """Write trials of two arms, each with a t test and a standardised difference.

    The first trial has 3.10 (1.20) against 4.20 (1.30), 20 an arm; every further one has a control
    mean that is `step` higher.
    """
    path.mkdir()
    names = {name: 4.2 + step * index for index, name in enumerate(trials)}
    study = {"design": "2-arm RCT", "arms": "backward walking; control", "n_randomised": "40"}
    written(
        path / "studies.csv",
        [{"study_id": name, "citation": f"Author A. {name}", **study} for name in names],
    )
    written(
        path / "outcomes.csv",
        [
            {"study_id": name, "arm": arm, "outcome": label, "instrument": "NRS"}
            | {"timepoint": "week 6", "n": "20", "mean": f"{mean:.2f}", "sd": sd}
            for name, control in names.items()
            for arm, mean, sd in (("backward", 3.1, "1.20"), ("control", control, "1.30"))
        ],
    )
    sides = {"outcome": label, "arm_a": "backward", "arm_b": "control"}
    first = ("-1.10", "0.008", "-0.86")
    written(
        path / "contrasts.csv",
        [
            {"study_id": name, **sides, "contrast_type": kind, "method": method}
            | {"estimate": estimate, "p_value_as_printed": p}
            for name, (difference, p_text, smd) in zip(
                names, (first, *[("", "", "")] * len(names)), strict=False
            )
            for kind, method, estimate, p in (
                ("post-score mean difference", "Student t test", difference, p_text),
                ("SMD (Hedges g)", "Cochrane RevMan", smd, ""),
            )
        ],
    )
    return path


def test_three_files_are_enough(tmp_path: Path) -> None:
    ledger = bw.reproduce(evidence=folder_of(tmp_path / "mine", ["first"]))
    found = ledger.checks.set_index(["check", "quantity"])["verdict"]
    # t(38) = -2.781, p = 0.00838; g = -0.879 * (1 - 3/(4*40 - 9)) = -0.862, by hand.
    assert found[("two_sample", "p_value")] == "reproduced"
    assert found[("two_sample", "estimate")] == "reproduced"
    assert found[("standardised_difference", "estimate")] == "reproduced"
    assert ledger.claims.empty


def test_pools_the_users_own_trials(tmp_path: Path) -> None:
    names = ["first", "second", "third"]
    pooled = bw.reproduce(evidence=folder_of(tmp_path / "mine", names)).pooled
    assert set(pooled["k"]) == {2, 3}, "three trials, and each left out"
    # Cochrane's g and its variance, weighted by hand.
    d = (3.1 - np.array([4.2, 4.5, 4.8])) / np.sqrt((1.2**2 + 1.3**2) / 2)
    g = d * (1 - 3 / (4 * 40 - 9))
    weight = 1 / (40 / 400 + g**2 / (2 * (40 - 3.94)))
    common = pooled[(pooled["method"] == "common") & (pooled["k"] == 3)]
    assert common["estimate"].tolist() == pytest.approx([(weight * g).sum() / weight.sum()])


def test_trials_with_the_same_effect_still_pool(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", ["first", "second", "third"], step=0.0)
    pooled = bw.reproduce(evidence=folder).pooled
    # Three equal effects: Hartung-Knapp has no standard error then, and no row.
    assert pooled["estimate"].round(3).unique().tolist() == [-0.862]
    assert set(pooled["ci"]) == {"z"}


def test_arms_without_spread_stop_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", ["first", "second"])
    text = (folder / "outcomes.csv").read_text("utf-8")
    (folder / "outcomes.csv").write_text(text.replace("1.20", "0").replace("1.30", "0"), "utf-8")
    ledger = bw.reproduce(evidence=folder)
    assert ledger.pooled.empty
    p = ledger.checks[ledger.checks["quantity"] == "p_value"]
    assert p["verdict"].tolist() == ["not_derivable"]


def test_html_in_a_label_is_text(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", ["first"], label=f"pain {HOSTILE}")
    ledger = bw.reproduce(evidence=folder)
    assert ledger.checks["outcome"].str.contains(HOSTILE, regex=False).any()
    report = ledger.report(tmp_path / "report.html").read_text("utf-8")
    assert HOSTILE not in report
    assert "alert(1)" in report, "shown as text, not dropped"


@pytest.mark.parametrize("name", ["../outside", "a/b", "..", "C:\\x", "a b", "/etc/passwd", ""])
def test_a_path_in_a_study_id_is_refused(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / "mine", ["first"])
    text = (folder / "studies.csv").read_text("utf-8")
    (folder / "studies.csv").write_text(text.replace("first", name, 1), "utf-8")
    with pytest.raises(InputError) as refused:
        bw.reproduce(evidence=folder)
    faults = [(fault.file, fault.row, fault.column) for fault in refused.value.faults]
    assert ("studies.csv", 2, "study_id") in faults


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", ["first"])
    (folder / "contrasts.csv").unlink()
    with pytest.raises(InputError, match=r"contrasts\.csv"):
        bw.reproduce(evidence=folder)
