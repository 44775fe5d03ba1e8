"""The PDF: sound, tagged, the same words as the page, whatever the words are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from backwalk_stats.report.writers.html_pdf import to_pdf
from backwalk_stats.report.writers.outputs import build
from backwalk_stats.trial.result import Reproduction


def words_of(pdf: bytes, folder: Path) -> str:
    """Return the text of a PDF as a reader would copy it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    file = folder / "report.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\u200b", "")


@pytest.mark.parametrize("name", ["plain_record", "hostile_record", "empty_record"])
def test_conforms_to_pdf_ua(name: str, request: pytest.FixtureRequest) -> None:
    page = pytest.importorskip("page", reason="the wheel page-validation is not installed")
    report = page.validate_pdf_bytes(to_pdf(build(request.getfixturevalue(name))), profile="ua1")
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.is_compliant


def test_hostile_words_are_set_as_words(hostile_record: Reproduction, tmp_path: Path) -> None:
    words = words_of(to_pdf(build(hostile_record)), tmp_path)
    assert "#set page()" in words
    assert "$x$" in words
    assert "*b* _i_ `c` @ref" in words


def test_no_time_in_the_file(plain_record: Reproduction) -> None:
    pdf = to_pdf(build(plain_record))
    assert b"CreationDate" not in pdf
    assert b"ModDate" not in pdf


def test_long_words_stay_on_the_page(hostile_record: Reproduction, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "report.pdf"
    file.write_bytes(to_pdf(build(hostile_record)))
    done = subprocess.run(["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True)
    marks = [line for line in done.stdout.decode().splitlines() if "<word" in line]
    right = [float(line.split('xMax="')[1].split('"')[0]) for line in marks]
    assert max(right) < 595.3 - 50


def test_first_page_holds_the_verdict_of_every_claim(
    plain_record: Reproduction, tmp_path: Path
) -> None:
    first = words_of(to_pdf(build(plain_record)), tmp_path).split("\f")[0]
    assert "source does not carry it" in first
    assert "N2" in first
