"""The finished examples in `reports/`: of today's data, and what the package gives today."""

from __future__ import annotations

import io
import re
from hashlib import sha256
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.tables import numbers
from tests.house.test_notebooks import ROOTS

ROOT = Path(__file__).parents[2]
REPORTS, DATA = ROOT / "reports", ROOT / "data"
FOLDERS = {
    "published_record": "evidence",
    "simulated-knee": "example_trial",
    "simulated-knees": "example_knees",
    "simulated-back": "example_back",
    "simulated-motion": "example_motion",
}
FIGURE = re.compile(r"[-−]?\d+(?:\.\d+)?")


def words(page: Path) -> str:
    """Return the text of a page, without what only a program reads."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("name", FOLDERS)
def test_both_forms_are_there_and_were_made_from_the_data_of_today(name):
    page = words(REPORTS / name / "report.html")
    assert (REPORTS / name / "report.pdf").read_bytes().startswith(b"%PDF")
    said = dict(re.findall(r"([\w.-]+): sha256 ([0-9a-f]{64})", page))
    assert said or name == "simulated-motion"  # names its recordings in provenance.json alone
    for file, digest in said.items():
        found = DATA / FOLDERS[name] / file
        if found.is_file():
            assert sha256(found.read_bytes()).hexdigest() == digest, "run `make reports`"


@pytest.mark.parametrize("name", ["simulated-knee", "simulated-back"])
def test_the_first_page_says_the_main_result_of_the_results_file(name):
    results = pd.read_csv(REPORTS / name / "results.csv")
    row = results[(results["estimand"] == "E1") & (results["role"] == "primary")].iloc[0]
    digits = numbers.interval_digits(row["conf_low"], row["conf_high"], row["estimate"])
    page = words(REPORTS / name / "report.html")
    assert f"{abs(row['estimate']):.{digits}f} points" in page
    assert f"{abs(row['conf_high']):.{digits}f}" in page


def test_nothing_tells_where_they_were_made():
    for file in REPORTS.glob("*/report.html"):
        assert not re.search(rf"/(?:{ROOTS})/\w", file.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_the_package_gives_them_again(name, tmp_path):
    made = tmp_path / "report"
    folder = DATA / FOLDERS[name]
    if name == "published_record":
        bw.reproduce().report(made, formats=("html",))
    elif name == "simulated-motion":
        bw.analyse_motion(folder / "motion.toml").report(made, formats=("html",))
    else:
        bw.analyse(folder / "trial.toml").report(made, formats=("html",))
    old, new = words(REPORTS / name / "report.html"), words(made / "report.html")
    assert FIGURE.sub("#", old) == FIGURE.sub("#", new), "run `make reports`"
    for one, other in zip(FIGURE.findall(old), FIGURE.findall(new), strict=True):
        step = 10.0 ** -len(one.partition(".")[2])
        a, b = (float(text.replace("−", "-")) for text in (one, other))
        assert a == pytest.approx(b, abs=1.01 * step)
    for table in ("results.csv", "ledger.csv"):
        if (REPORTS / name / table).is_file():
            was, now = (
                pd.read_csv(io.StringIO((place / table).read_text(encoding="utf-8")))
                for place in (REPORTS / name, made)
            )
            pd.testing.assert_frame_equal(was, now, rtol=1e-6)
