"""What the commands print: the summary, the list of studies, progress on a terminal only."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.cli.reproduce import default_folder, summary
from backwalk_stats.cli.studies import listing
from backwalk_stats.cli.terminal import aligned


def test_default_folder_is_named_after_the_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert default_folder(None) == Path("reports/published_record")
    assert default_folder(Path("..") / tmp_path.name) == Path("reports") / tmp_path.name
    assert default_folder(Path(".")) == Path("reports") / tmp_path.name
    assert default_folder(Path("/")) == Path("reports/evidence")


def ledger(claims: pd.DataFrame) -> Any:
    checks = pd.DataFrame(
        {
            "study_id": ["a", "a", "b"],
            "verdict": ["reproduced", "not_derivable", "not_derivable"],
            "origin": ["paper", "review", "derived"],
            "reported": ["1", "2", "3"],
        }
    )
    studies = pd.DataFrame({"study_id": ["a1", "b2"]})
    return SimpleNamespace(checks=checks, claims=claims, studies=studies)


def test_summary_counts_each_verdict_and_tells_each_claim(tmp_path):
    claims = pd.DataFrame(
        {
            "claim_id": ["N1"],
            "verdict": ["not_read"],
            "claim": ["pain falls"],
            "in_one_line": ["pain\nfalls \x1b[31m"],
        }
    )
    text = summary(ledger(claims), tmp_path)
    assert "1 number printed by papers and 1 by reviews were looked at" in text.replace("\n", " ")
    counts = dict(re.findall(r"^(\w+(?: \w+)?) +(\d+ +\d+ +\d+)$", text, flags=re.MULTILINE))
    assert counts["reproduced"].split() == ["1", "0", "0"]
    assert counts["not derivable"].split() == ["0", "1", "1"]
    assert counts["not reproduced"].split() == ["0", "0", "0"]
    assert "N1  not read  pain?falls ?[31m" in text
    assert text.endswith(f"Report: {tmp_path / 'report.html'}")


def test_summary_without_claims_has_no_such_heading(tmp_path):
    assert "Claims" not in summary(ledger(pd.DataFrame()), tmp_path)


def test_listing_has_one_line_per_study():
    columns = ["study_id", "year", "design", "n_randomised", "numbers_available"]
    studies = pd.DataFrame([["a1", "2020", "RCT\nsecond line", "30", "yes"]] * 3, columns=columns)
    lines = listing(studies).splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["study_id", "year", "design", "n", "numbers", "available"]


cell = st.text(max_size=30)


@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=6))
def test_columns_start_at_the_same_place_whatever_the_text(rows):
    lines = aligned([[*row, "|"] for row in rows], limit=20).split("\n")
    assert len(lines) == len(rows)
    assert len({len(line) for line in lines}) == 1
    assert all(line.isprintable() for line in lines)
