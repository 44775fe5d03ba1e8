"""What a simulated power shows: its report, its picture, its face."""

from __future__ import annotations

import re
from html import unescape

import matplotlib.pyplot as plt
import numpy as np
import pytest

import backwalk_stats as bw
from tests.plan.plans import SMALL, planned

RATIONALE = ("target_power = 0.85", 'target_power = 0.85\nrationale = "MCID <1.2> (Salaffi 2004)"')


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> bw.Power:
    path = planned(tmp_path_factory.mktemp("plan"), RATIONALE)
    return bw.power(path, replicates=250, progress=lambda *_: None)


@pytest.fixture(scope="module")
def page(found, tmp_path_factory) -> str:
    """The words of the report."""
    text = found.report(tmp_path_factory.mktemp("report") / "report.html").read_text()
    assert "<1.2>" not in text, "what a trial file says is escaped"
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    words = unescape(re.sub(r"<[^>]+>", " ", text))
    return re.sub(r"\s+", " ", words)


def test_every_assumption_stands_in_the_report(page):
    """As CONSORT 16a and SPIRIT 19 ask: difference, SD, correlation, drop-out, test, n."""
    for told in (
        "Forward 6, 5.2, 4.8; Backward 6, 4.6, 3.6",
        "standard deviations 1.8, 2, 2.1",
        "0.6 between any two visits",
        "recorded to steps of 1 within 0 to 10",
        "Forward 0, 5, 15; Backward 0, 10, 20",
        "log odds of leaving rise by 0.2 a point of the last recorded score",
        "The assumed difference rests on: MCID <1.2> (Salaffi 2004).",
        "mixed model for repeated measures",
        "Kenward-Roger (observed information)",
        "covariance us, else toeph, csh, cs",
        "two-sided at 0.05",
        "with 13, ",
        "250 simulated trials",
        "the seed 7",
        "backwalk-stats",
        "CONSORT 2025 item 16a and SPIRIT 2025 item 19",
        "One scenario alone does not show how the size depends on what is assumed",
    ):
        assert told in page, told


def test_power_in_the_report_is_that_of_the_results(found, page):
    rows = found.results.query("quantity == 'power'")
    for row in rows.to_dict("records"):
        low, high = (f"{100 * row[name]:.1f}" for name in ("conf_low", "conf_high"))
        assert f"{100 * row['value']:.1f}% ({low} to {high})" in page


def test_what_the_difference_rests_on_is_missed_where_it_is_not_said(tmp_path):
    found = bw.power(planned(tmp_path), replicates=4, progress=lambda *_: None)
    text = found.report(tmp_path / "report.html").read_text()
    assert "does not say what the assumed difference rests on" in text


@pytest.mark.parametrize(("ending", "begins"), [("pdf", b"%PDF"), ("docx", b"PK")])
def test_the_ending_chooses_the_report(found, tmp_path, ending, begins):
    written = found.report(tmp_path / f"power.{ending}")
    assert written.read_bytes().startswith(begins)
    with pytest.raises(bw.UsageError):
        found.report(tmp_path / "power.csv")


def test_the_picture_holds_every_power(found):
    ax = bw.plot.power(found)
    power = found.results.query("quantity == 'power' and estimand == 'E1'")["value"]
    drawn = [np.asarray(line.get_ydata(), dtype=float).tolist() for line in ax.lines]
    assert any(len(y) == 2 and y == pytest.approx((100 * power).tolist()) for y in drawn)
    assert any(y == [85.0, 85.0] for y in drawn), "the target"
    assert any(y == [5.0, 5.0] for y in drawn), "alpha"
    words = {text.get_text() for text in ax.texts}
    assert {"E1", "E2", "target", "no effect"} <= words


def test_the_picture_stands_on_given_axes_and_asks_which_scenario(tmp_path):
    twice = SMALL + SMALL[SMALL.index("[[plan.scenario]]") :].replace('"expected"', '"worse"')
    found = bw.power(planned(tmp_path, text=twice), replicates=4, progress=lambda *_: None)
    _, own = plt.subplots()
    assert bw.plot.power(found, scenario="worse", ax=own) is own
    with pytest.raises(bw.UsageError, match="there are: expected, worse"):
        bw.plot.power(found)


def test_the_face_has_power_and_size(found):
    face = found._repr_html_()
    assert "E1: Mixed model (MMRM)" in face and "an arm for a power of 80%" in face
