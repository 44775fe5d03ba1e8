"""The blind run: an attacker looks for the true arms in it, and every part of it says BLIND."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.cli.app import run
from backwalk_stats.examples import example
from backwalk_stats.figures import page
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.plan import blind_review
from backwalk_stats.plan.blind import (
    BLIND,
    MARK,
    WITHOUT_EFFECTS,
    DryRun,
    hidden_estimates,
    hidden_numbers,
    hidden_section,
    hidden_table,
    marked_png,
    marked_svg,
)
from backwalk_stats.plan.deal import HIDDEN, dealt
from backwalk_stats.registry import members
from backwalk_stats.report import sections_trial
from backwalk_stats.report.document.document import Document, Section, TableBlock, words_of
from backwalk_stats.report.document.drawing import PagePictures, size_of
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.report.writers import outputs
from backwalk_stats.report.writers.html_pdf import to_html, to_pdf
from backwalk_stats.report.writers.word import to_docx
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.trial.tables import ESTIMATES
from backwalk_stats.trial.trial import Trial
from tests.bad_inputs.trials import write_trial
from tests.report.attacked_trials import analysed, random_trial

SEED = 11
SEEDS = [SEED, *(pytest.param(one, marks=pytest.mark.slow) for one in (2, 14, 27))]
NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?(?:e-?\d+)?")


def silent(*_: object) -> None:
    """Say nothing of how far it is."""


def blind_run(true: Trial, *, effects: bool, whole: TrialAnalysis | None = None) -> DryRun:
    """Return a blind run without models, or of a whole analysis of the dealt trial."""
    deal = dealt(true)
    analysis = whole or analysed(deal.trial)
    review = blind_review.sections(true, deal, analysis)
    return DryRun(deal=deal, analysis=analysis, review=review, effects=effects)


@lru_cache(maxsize=8)
def told(seed: int, *, effects: bool) -> tuple[DryRun, Document, dict[str, pd.DataFrame]]:
    """Return a blind run of a random trial, its report and its tables."""
    one = blind_run(random_trial(seed, small_cell=0), effects=effects)
    subject = trial_subject(one.analysis)
    document = one.document(subject, silent)
    return one, document, one.frames(subject, document)


@lru_cache(maxsize=8)
def plainly(seed: int, *, true: bool) -> tuple[TrialAnalysis, Document]:
    """Return the report as it would be without any blindness, of the true or the dealt arms."""
    trial = random_trial(seed, small_cell=0)
    analysis = analysed(trial if true else dealt(trial).trial)
    return analysis, outputs.trial_document(trial_subject(analysis), silent)


def telling(values: Iterable[float]) -> set[float]:
    """Return the numbers that nothing else gives by chance: of six significant digits or more."""
    found = {float(f"{value:.10g}") for value in values if np.isfinite(value)}
    return {one for one in found if float(f"{one:.5g}") != one}


def floats(frames: Iterable[pd.DataFrame]) -> set[float]:
    """Return every telling number of some frames, those inside of texts too."""
    cells = (cell for frame in frames for row in frame.to_numpy().tolist() for cell in row)
    texts = " ".join(map(str, cells))
    return telling(float(one.replace("−", "-")) for one in NUMBER.findall(texts))


def by_arm(trial: Trial) -> set[float]:
    """Return means, SDs and differences of the arms by visit, by an own slow way."""
    found: list[float] = []
    for _, rows in trial.data.groupby(["outcome", "visit"], observed=True):
        groups = [own["value"].dropna() for _, own in rows.groupby("arm", observed=True)]
        means = [float(own.mean()) for own in groups if len(own)]
        found += means + [float(own.std()) for own in groups if len(own) > 1]
        found += [a - b for a in means for b in means if a != b]
    return telling(found)


def phrases(document: Document) -> set[str]:
    """Return what stands in several numbers with decimals, such as 5.21 (4.80 to 5.62)."""
    several = re.compile(r"[−-]?\d+\.\d+%? ?[(\[][^()\[\]]*\d[^()\[\]]*[)\]]")
    return {found for text in words_of(document.sections) for found in several.findall(text)}


def described(document: Document) -> set[str]:
    """Return such phrases of what is of all arms or of baseline: what a blind run may show."""
    kept = [one for one in document.sections if one.id in (*WITHOUT_EFFECTS, "blind-review")]
    return phrases(replace(document, sections=tuple(kept)))


@pytest.mark.parametrize("effects", [False, True], ids=["hidden", "shown"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_number_of_a_true_arm_is_in_any_table_or_sentence(seed: int, effects: bool):
    true = random_trial(seed, small_cell=0)
    _, document, frames = told(seed, effects=effects)
    analysis, plain = plainly(seed, true=True)
    permuted, dealt_document = plainly(seed, true=False)
    secret = by_arm(true) | floats([analysis.estimates])
    allowed = by_arm(permuted.trial) | floats([permuted.estimates])
    assert len(secret - allowed) > 20, "the attack has nothing to look for"
    assert not (secret - allowed) & floats(frames.values())
    own = phrases(plain) - phrases(dealt_document)
    assert len(own) > 10, "the attack has nothing to look for"
    assert not own & phrases(document)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_attack_finds_the_true_arms_where_nobody_dealt(seed: int):
    analysis, plain = plainly(seed, true=True)
    permuted, dealt_document = plainly(seed, true=False)
    frames = outputs.trial_frames(trial_subject(analysis), plain)
    secret = floats([analysis.estimates]) - floats([permuted.estimates])
    assert len(secret & floats(frames.values())) > 20
    assert (phrases(plain) - phrases(dealt_document)) & phrases(plain)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_effects_are_hidden_not_even_those_of_the_dealt_arms_are_there(seed: int):
    permuted, plain = plainly(seed, true=False)
    _, document, frames = told(seed, effects=False)
    assert not phrases(document) & (phrases(plain) - described(plain))
    assert not floats([permuted.estimates]) & floats(frames.values())
    results = frames["results.csv"]
    assert results[list(ESTIMATES)].isna().all(axis=None) and (results["note"] == HIDDEN).all()
    shown = told(seed, effects=True)[1]
    assert phrases(shown) & (phrases(plain) - described(plain))


def test_every_section_that_is_not_known_to_be_free_of_effects_is_hidden():
    ids = {
        module.__name__.rpartition(".")[2].replace("_", "-") for module in members(sections_trial)
    }
    assert ids > WITHOUT_EFFECTS - {"plan"}  # that of what differs from a locked plan
    _, document, _ = told(SEED, effects=False)
    for section in document.sections:
        if section.id not in (*WITHOUT_EFFECTS, "blind", "blind-review"):
            assert HIDDEN in " ".join(words_of(section.blocks)), section.id
    new = Section(
        id="brand-new", title="New", blocks=plainly(SEED, true=True)[1].sections[0].blocks
    )
    assert not phrases(Document(title="", subtitle="", sections=(hidden_section(new),)))


def test_in_a_shell_only_labels_and_numbers_of_people_are_left():
    columns = display_columns(
        ("term", "Harm", "left", None),
        ("n0", "n", "right", None),
        ("arm0", "Forward", "right", None),
        ("direction", "Direction", "left", None),
    )
    rows = (("Fall", "30", "4 (13%)", "Favours forward"),)
    table = DisplayTable(columns=columns, rows=rows, caption="Harms. 4 fell.", notes=("p = 0.02",))
    shell = hidden_table(TableBlock(id="t", table=table)).table
    assert shell.rows == (("Fall", "30", HIDDEN, HIDDEN),)
    assert shell.caption == "Harms." and shell.notes == ()


def test_numbers_of_curves_are_hidden_and_places_of_the_cycle_stay():
    frame = pd.DataFrame({"signal": ["hip"], "node": [3], "n": [30], "estimate": [1.5], "x": [2]})
    assert hidden_numbers(frame).iloc[0].isna().tolist() == [False, False, False, True, True]
    estimates = pd.DataFrame({**{key: [0.5] for key in (*ESTIMATES, "p_adjusted")}, "n": [30.0]})
    assert hidden_estimates(estimates)["n"].tolist() == [30.0]


# The mark.


def test_a_table_as_csv_has_every_column_although_heads_come_twice():
    _, document, frames = told(SEED, effects=True)
    (block,) = [one for one in document.tables() if one.id == "main-estimates"]
    heads = frames["tables/main_estimates.csv"].columns.tolist()
    assert heads == [*(column.label for column in block.table.columns), "blind"]
    assert heads.count("n") == 2


def test_each_section_and_each_page_says_blind():
    _, document, frames = told(SEED, effects=True)
    html = to_html(document)
    assert html.count('<span class="part-mark">BLIND</span>') == html.count("<h2 ")
    assert f"<strong>{BLIND}</strong>{MARK[len(BLIND) :]}" in html and "position: sticky" in html
    assert f"<title>{BLIND}: " in html and "position: fixed" in html
    header = zipfile.ZipFile(io.BytesIO(to_docx(document)))
    heads = [header.read(name).decode() for name in header.namelist() if "/header" in name]
    assert any(MARK in head for head in heads)
    assert all(table.table.caption.startswith(f"{BLIND}. ") for table in document.tables())
    assert all(figure.caption.startswith(f"{BLIND}. ") for figure in document.figures())
    assert all((frame["blind"] == BLIND).all() for frame in frames.values())
    assert all(row["blind"] == BLIND for row in json.loads(outputs.to_json(frames["results.csv"])))


def test_each_page_of_the_pdf_says_blind(tmp_path: Path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "report.pdf"
    file.write_bytes(to_pdf(told(SEED, effects=False)[1]))
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    pages = done.stdout.decode().split("\f")[:-1]
    assert len(pages) > 2 and all(MARK in " ".join(one.split()) for one in pages)


def test_a_report_without_a_mark_has_none():
    html = to_html(plainly(SEED, true=True)[1])
    assert BLIND not in html and "page-mark" not in html


def test_a_picture_says_blind_in_every_form():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.0, 2.0))
    svg, png = page.save_svg(figure), page.save_png(figure)
    made = marked_svg(svg)
    assert size_of(made) == (size_of(svg)[0], size_of(svg)[1] + 15.0)
    assert b"#b3400b" in made and b"<title>BLIND</title>" in made and made == marked_svg(svg)
    assert b"BLIND" in marked_png(png, width=216.0)
    assert "var(--backward)" in PagePictures().markup(made, "f1")
    before, after = imread(io.BytesIO(png)), imread(io.BytesIO(marked_png(png, width=216.0)))
    strip = after.shape[0] - before.shape[0]
    assert strip == round(15.0 * 200 / 72) and after.shape[1] == before.shape[1]
    red = (after[:strip, :, 0] > 0.6) & (after[:strip, :, 2] < 0.2)
    assert red.mean() > 0.01
    np.testing.assert_array_equal(after[strip:, :, :3], before[..., :3])


# The command.

PLAN = """
[[decision]]
key = "estimand.E1.covariates"
what = "age is kept"
when = 2026-11-30
reason = "declared in the protocol"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blind run of a small trial by the command."""
    path = write_trial(tmp_path_factory.mktemp("trial"))
    text = path.read_text(encoding="utf-8").replace("[arms]", "unblinded = 2026-12-01\n[arms]", 1)
    path.write_text(text + PLAN, encoding="utf-8")
    out = tmp_path_factory.mktemp("out") / "blind"
    assert run(["plan", "dry-run", str(path), "--out", str(out), "--quiet"]) == 0
    return out


def test_the_command_writes_the_whole_report_marked(folder: Path):
    names = {one.name for one in folder.iterdir()}
    wanted = {"report.html", "report.pdf", "report.docx", "results.csv", "results.json"}
    assert names == {*wanted, "figures", "tables", "provenance.json"}
    assert json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["blind"] == MARK
    tables = [folder / "results.csv", *(folder / "tables").iterdir()]
    for table in tables:
        head, *rows = table.read_text(encoding="utf-8").splitlines()
        assert head.split(",")[-1] == "blind" and all(row.endswith(BLIND) for row in rows)
    pictures = list((folder / "figures").glob("*.svg"))
    assert pictures and all(b"#b3400b" in one.read_bytes() for one in pictures)
    decisions = (folder / "tables" / "review_decisions.csv").read_text(encoding="utf-8")
    assert "Before unblinding" in decisions and "2026-11-30" in decisions
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "None lies beside the trial file" in html


@pytest.mark.slow
def test_the_default_folder_and_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    path = write_trial(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("backwalk_stats.plan.blind.FORMATS", ("html",))
    assert run(["plan", "dry-run", str(path), "--show-effects"]) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0] == f"{MARK}." and out[-1] == "Report: plans/bw-knee-01/dry-run/report.html"
    assert "of the dealt arms, shown" in " ".join(out)
    html = (tmp_path / "plans" / "bw-knee-01" / "dry-run" / "report.html").read_text("utf-8")
    assert "BLIND, dealt arms: At week 6" in html


def test_without_data_it_says_what_to_do(tmp_path: Path, monkeypatch, capfd):
    path = write_trial(tmp_path)
    (tmp_path / "scores.csv").unlink()
    monkeypatch.chdir(tmp_path)
    assert run(["plan", "dry-run", str(path)]) == 2
    said = capfd.readouterr().err
    assert "Put the files that [[data]] names beside the trial file" in said
    assert "1 file of 1 that are not there yet" in said and "Traceback" not in said
    assert not (tmp_path / "plans").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[decision]]\nkey = "a"\nwhat = "b"\nreason = "c"\n', "when: expected this key"),
        (PLAN.replace("2026-11-30", '"2026-11-30"'), "a date such as 2026-11-30"),
        (PLAN.replace("2026-11-30", "2026-11-30T10:00:00"), "a date such as 2026-11-30"),
        (PLAN.replace("what", "waht"), "'waht'"),
    ],
)
def test_a_decision_that_cannot_be_read_is_refused(tmp_path: Path, capfd, text: str, expected: str):
    path = write_trial(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    assert run(["plan", "dry-run", str(path), "--out", str(tmp_path / "out")]) == 2
    assert expected in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_stratum_that_is_no_covariate_is_refused(tmp_path: Path, capfd):
    path = write_trial(tmp_path)
    text = path.read_text(encoding="utf-8").replace("[arms]", 'strata = ["clinic"]\n[arms]', 1)
    path.write_text(text, encoding="utf-8")
    assert run(["plan", "dry-run", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "trial.strata[0]" in capfd.readouterr().err


# The whole run of the example, every file of it.


@pytest.mark.slow
@pytest.mark.parametrize("effects", [False, True], ids=["hidden", "shown"])
def test_no_file_of_the_example_tells_a_true_arm(tmp_path: Path, effects: bool):
    from backwalk_stats.analyses.whole_trial import analyse_trial

    path = example("knee")
    out = tmp_path / "blind"
    shown = ["--show-effects"] if effects else []
    assert run(["plan", "dry-run", str(path), "--out", str(out), "--quiet", *shown]) == 0
    true = load_trial(path)
    analysis, permuted = analyse_trial(true), analyse_trial(dealt(true).trial)
    plain = outputs.trial_document(trial_subject(analysis), silent)
    other = outputs.trial_document(trial_subject(permuted), silent)
    secret = (by_arm(true) | floats([analysis.estimates])) - by_arm(permuted.trial)
    own = phrases(plain) - phrases(other)
    if effects:
        secret -= floats([permuted.estimates])
    else:  # nor those of the dealt arms
        own |= phrases(other) - described(other)
        secret |= floats([permuted.estimates])
    assert len(secret) > 200 and len(own) > 100
    for file in sorted(out.rglob("*")):
        if file.suffix in (".csv", ".json", ".html", ".svg", ".docx", ".pdf"):
            text = words_in(file)
            assert not [one for one in own if one in text], file.name
            if file.suffix in (".csv", ".json"):
                numbers = telling(float(n.replace("−", "-")) for n in NUMBER.findall(text))
                assert not secret & numbers, file.name


def words_in(file: Path) -> str:
    """Return the words of a file of a report, blanks as a reader sees them."""
    if file.suffix == ".docx":
        text = re.sub(r"<[^>]+>", "", zipfile.ZipFile(file).read("word/document.xml").decode())
    elif file.suffix == ".pdf":
        done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
        text = " ".join(done.stdout.decode().split())
    else:
        text = file.read_text(encoding="utf-8")
    return text
