"""The three reports in a browser as narrow as a telephone: what is to be read can be read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from backwalk_stats.report import sections_motion
from backwalk_stats.report.document.document import Document, written_sections
from backwalk_stats.report.subject import motion_subject, trial_subject
from backwalk_stats.report.writers.html_pdf import to_html
from backwalk_stats.report.writers.outputs import build, trial_document
from tests.report import motion_records, trial_records

WIDTH = 390
SMALLEST_PX = 12.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
MEASURE = """
<script>
document.fonts.ready.then(() => {
  const seen = one => one.getClientRects().length > 0;
  const box = one => one.getBoundingClientRect();
  const name = one => (one.closest("[id]") || {}).id || "";
  const all = (where, keep = seen) => [...document.querySelectorAll(where)].filter(keep);
  const size = svg => {
    const scales = [...svg.querySelectorAll("g[transform*='scale(']")]
      .map(one => /scale\\(([\\d.]+)/.exec(one.getAttribute("transform"))[1]).map(Number);
    return Math.min(...scales) * 100 * box(svg).width / svg.viewBox.baseVal.width;
  };
  const written = one => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getBoundingClientRect();
  };
  const found = {
    inner: innerWidth,
    scroll: document.scrollingElement.scrollWidth,
    faces: [...document.fonts].filter(one => one.status === "loaded").length,
    cells: all(".cards :is(.of-estimate, .of-difference, .of-interval, .of-p_value)").map(one =>
      ({table: name(one.closest("figure")), text: one.textContent, left: written(one).left,
        right: written(one).right, below: written(one).top - box(one.parentElement).top})),
    captions: all("caption, figcaption").map(one =>
      ({text: one.textContent, left: box(one).left, right: written(one).right,
        cut: one.scrollWidth > one.clientWidth + 1})),
    figures: all("figure").map(one => ({name: name(one), right: box(one).right})),
    pictures: all(".drawn svg").map(one =>
      ({name: name(one.closest("figure")).replace("figure-", ""), right: box(one).right,
        size: size(one)})),
    said: all(".said").map(one => parseFloat(getComputedStyle(one).fontSize)),
  };
  parent.postMessage(JSON.stringify(found), "*");
});
</script></body>
"""
# A window is never narrower than 500 pixels; a frame in it is.
FRAME = """<!DOCTYPE html><body><pre id="measured"></pre><script>
const shown = document.getElementById("measured");
addEventListener("message", told => { shown.textContent = told.data; });
</script><iframe src="copy.html" style="width:%dpx;height:900px;border:0"></iframe></body>
"""


@dataclass(frozen=True)
class Shown:
    """A report as a browser shows it."""

    report: str
    measured: dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    return found


def document_of(report: str, request: pytest.FixtureRequest) -> Document:
    """Return a small report of each kind."""
    if report == "record":
        return build(request.getfixturevalue("plain_record"))
    if report == "trial":
        return trial_document(trial_subject(trial_records.analysis()), lambda *_: None)
    subject = motion_subject(motion_records.study())
    sections = written_sections(sections_motion, subject)
    return Document(title="Movement", subtitle="A motion file", sections=sections)


@pytest.fixture(scope="module", params=["record", "trial", "motion"])
def shown(
    request: pytest.FixtureRequest, browser: str, tmp_path_factory: pytest.TempPathFactory
) -> Shown:
    page = to_html(document_of(request.param, request))
    return Shown(request.param, measure(page, browser, tmp_path_factory.mktemp(request.param)))


def measure(page: str, browser: str, folder: Path, width: int = WIDTH) -> dict[str, Any]:
    """Return what a script finds in a copy of a page that lets scripts run."""
    free = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    assert "<script" not in page
    (folder / "copy.html").write_text(free.replace("</body>", MEASURE), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME % width, encoding="utf-8")
    run = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--user-data-dir={folder / 'profile'}", "--window-size=1280,900",
         "--virtual-time-budget=10000", "--dump-dom", frame.as_uri()],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    found = re.search(r"<pre id=\"measured\">(.*?)</pre>", run.stdout, re.DOTALL)
    assert found is not None, run.stderr[-2000:]
    measured: dict[str, Any] = json.loads(unescape(found[1]))
    return measured


def test_nothing_is_wider_than_the_screen(shown: Shown) -> None:
    assert shown.measured["inner"] == WIDTH
    assert shown.measured["scroll"] <= WIDTH
    assert all(one["right"] <= WIDTH for one in shown.measured["figures"])
    assert shown.measured["faces"] >= 2  # the package's own type, from inside the file


def test_estimate_interval_and_p_are_in_sight(shown: Shown) -> None:
    cells = shown.measured["cells"]
    if shown.report != "motion":  # whose whole-curve tests have a p-value and no estimate
        assert cells
    for one in cells:
        assert one["left"] >= 0 and one["right"] <= WIDTH, one
        assert one["below"] < 150, one  # on the first lines of its card


def test_captions_are_whole(shown: Shown) -> None:
    assert shown.measured["captions"]
    for one in shown.measured["captions"]:
        assert not one["cut"] and one["left"] >= 0 and one["right"] <= WIDTH, one


def test_pictures_fit_and_can_be_read(shown: Shown) -> None:
    for one in shown.measured["pictures"]:
        assert one["right"] <= WIDTH, one
        assert one["size"] is None or one["size"] >= SMALLEST_PX - 0.05, one


def test_a_page_too_wide_is_found(browser: str, tmp_path: Path) -> None:
    wide = '<!DOCTYPE html><html><body><p style="width:900px">wide</p></body></html>'
    assert measure(wide, browser, tmp_path)["scroll"] > WIDTH
