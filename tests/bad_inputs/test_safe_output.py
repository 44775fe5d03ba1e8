"""What comes out is safe: the rows of the groups `priv` and `sec` that are about output.

A trial is planted with values that must not be seen (canaries), and every file that a report
leaves, every message and every line of output is searched for them.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.cli.analyse import command, summary
from backwalk_stats.cli.app import run
from backwalk_stats.errors import InputError
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.headline import headline
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.trial.study import Arm
from tests.bad_inputs.trials import write_trial
from tests.report import trial_records as made

NAN = float("nan")
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "=HYPERLINK(\"http://x.example\")",
    "$\\frac{1}{2}$ 5% & _x_ ^ # {y}",
    "#image(\"file:///etc/passwd\") ![](http://x.example/a.png) file:///etc/passwd",
    "\x1b[31mred\x1b]0;title\x07",
)  # fmt: skip


def pdf_words(pdf: bytes, folder: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    file = folder / "searched.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    file.unlink()
    return done.stdout.decode().replace("\u200b", "")


def readable(path: Path, folder: Path) -> str:
    """Return everything in a file that somebody could read."""
    content = path.read_bytes()
    if path.suffix == ".pdf":
        return pdf_words(content, folder)
    if path.suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = [name for name in parts.namelist() if name.endswith((".xml", ".rels"))]
            return "\n".join(parts.read(name).decode() for name in names)
    return content.decode("latin-1") if path.suffix == ".png" else content.decode()


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, str]]:
    """Return a function that writes a report and returns the text of every file in it."""

    def written(analysis: TrialAnalysis, *, individuals: bool = False) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("report")
        Analysis(analysis=analysis).report(folder / "out", individuals=individuals)
        files = sorted(path for path in (folder / "out").rglob("*") if path.is_file())
        assert {".html", ".pdf", ".docx", ".csv", ".json", ".svg", ".png"} <= {
            path.suffix for path in files
        }
        return {path.name: readable(path, folder) for path in files}

    return written


@pytest.fixture(scope="module")
def plain(search):
    return search(made.analysis())


@pytest.fixture(scope="module")
def open_one(search):
    return search(made.analysis(), individuals=True)


@pytest.fixture(scope="module")
def hostile(search):
    labels = (Arm(name="forward", label=HOSTILE[0]), Arm(name="backward", label=HOSTILE[2]))
    known = made.trial().study
    analysis = made.analysis(
        study=replace(known, title=HOSTILE[3], arms=labels, deviations=HOSTILE),
        outcomes=(made.pain(label=f"{HOSTILE[1]} {HOSTILE[4]}"),),
    )
    estimates = analysis.estimates.assign(note=HOSTILE[1])
    parts = tuple(replace(part, notes=HOSTILE) for part in analysis.parts)
    return search(replace(analysis, estimates=estimates, parts=parts))


def absent(files: dict[str, str], *canaries: str) -> None:
    for name, text in files.items():
        for canary in canaries:
            assert canary not in text, f"{canary} is in {name}"


def test_priv_cells_with_n_5_by_arm_x_sex_x_site(search):
    table = made.people()
    few = table["sex"].astype(object)
    few.iloc[[1, 3, 5]] = "diverse"
    changed = table.assign(sex=pd.Categorical(few))
    analysis = made.analysis(participants=changed)
    rows = pd.DataFrame(made.baseline_rows(changed))
    parts = tuple(
        replace(part, frames={"baseline": rows[list(part.frames["baseline"].columns)]})
        if part.analysis == "baseline"
        else part
        for part in analysis.parts
    )
    files = search(replace(analysis, parts=parts))
    absent(files, "diverse", "Diverse")
    with_group = list(csv.reader(io.StringIO(files["baseline_table.csv"])))
    sexes = [row for row in with_group if row[0] == "Sex"]
    # Primary: nobody reads that three are of one sex. Secondary: nor can it be worked out.
    assert sum("*" in row[2] for row in sexes) >= 2


def test_priv_cells_with_n_5_by_arm_x_sex_x_site_in_the_results():
    analysis = made.analysis()
    small = replace(analysis, estimates=analysis.estimates.assign(n=4.0))
    shown = trial_subject(small).analysis.estimates
    numbers = ["estimate", "std_error", "p_value", "conf_low"]
    assert (shown["n"] == 4.0).all(), "how many of an arm were analysed, CONSORT asks for"
    of_a_subgroup = small.estimates.assign(analysis="subgroup")
    hidden = trial_subject(replace(small, estimates=of_a_subgroup)).analysis.estimates
    assert hidden["n"].isna().all()
    described = shown["contrast"].eq("") | shown["analysis"].isin(["responder", "harms"])
    assert described.any()
    assert shown.loc[described, numbers].isna().all().all()
    assert shown.loc[described, "note"].str.contains("fewer than 5 people").all()
    # Comparisons of arms are what a trial is for, and describe nobody.
    assert shown.loc[~described, numbers].notna().all().all()
    assert "was 1.10 points lower" in headline(trial_subject(small), analysis.trial.estimands[0])
    opened = (
        trial_subject(replace(small, trial=made.trial(small_cell=0))),
        trial_subject(small, individuals=True),
    )
    for subject in opened:
        assert subject.analysis.estimates[["n", "estimate"]].notna().all().all()


def test_priv_cells_with_n_5_by_arm_x_sex_x_site_a_mean_is_not_told_by_the_other_arms():
    analysis = made.analysis()
    sizes = analysis.estimates["arm"].map({"backward": 4.0, "forward": 30.0})
    table = analysis.estimates.assign(n=sizes.fillna(30.0))
    shown = trial_subject(replace(analysis, estimates=table)).analysis.estimates
    within = shown[shown["analysis"] == "within-arm"]
    assert set(within["arm"]) == {"backward", "forward"}
    assert within["estimate"].isna().all()
    assert shown.loc[shown["analysis"] == "ancova", "estimate"].notna().all()


def test_priv_how_many_of_an_arm_were_analysed_is_shown_as_consort_asks():
    analysis = made.analysis()
    table = analysis.estimates.assign(n=28.0, n_reference=29.0, df=27.0)
    shown = trial_subject(replace(analysis, estimates=table)).analysis.estimates
    assert (shown["n"] == 28.0).all()
    assert (shown["n_reference"] == 29.0).all()


def test_priv_min_max_extreme_outlier_points_spaghetti_plots(plain, open_one):
    names = set(plain)
    assert not any(name.startswith(("waterfall", "adherence_grid")) for name in names)
    assert any(name.startswith("waterfall") for name in open_one)
    assert any(name.startswith("adherence_grid") for name in open_one)
    assert "trajectories_pain.svg" in open_one
    for figure in ("change_pain.svg", "ancova_ancova_e1.svg"):
        assert len(open_one[figure]) > len(plain[figure])


@pytest.mark.parametrize(("events", "kept"), [((9, 16), True), ((0, 16), True), ((0, 3), False)])
def test_priv_notes_on_responders_go_with_the_rows_they_belong_to(events, kept):
    part = made.analysis().part("responder")
    assert part is not None
    shares = pd.DataFrame([
        made.estimate_row("responder", "percent", arm=arm, contrast="", estimate=n / 0.3,
                          note="30 % of baseline")
        for arm, n in zip(("forward", "backward"), events, strict=True)
    ])  # fmt: skip
    estimates = pd.concat([part.estimates, shares], ignore_index=True)
    silent = "30 % of baseline, risk_ratio: no responder in forward"
    told = replace(part, estimates=estimates, notes=(silent, "another rule: not applied"))
    trial = made.trial()
    shown = trial_subject(replace(made.analysis(), trial=trial, parts=(told,))).analysis.parts[0]
    assert any("no responder" in note for note in shown.notes) == kept
    assert any("not applied" in note for note in shown.notes)


def test_priv_min_max_percentiles_need_twenty_people():
    analysis = made.analysis()
    within = analysis.part("within-arm")
    assert within is not None
    few = within.frames["box"].assign(n=19.0)
    part = replace(within, frames={**within.frames, "box": few})
    shown = trial_subject(replace(analysis, parts=(part,))).analysis.parts[0].frames
    assert shown["box"][["p5", "q1", "median", "q3", "p95"]].isna().all().all()
    assert len(shown["density"]) == 0
    assert shown["box"]["mean"].notna().all()


def test_priv_nothing_of_one_person_is_let_through():
    subject = trial_subject(made.analysis())
    assert len(subject.trial.data) == len(subject.trial.participants) == 0
    assert len(subject.trial.adherence) == len(subject.trial.missing) == 0
    for part in subject.analysis.parts:
        for frame in part.frames.values():
            assert "participant" not in frame.columns


def test_priv_free_text_dates_of_visit_site_names(search):
    table = made.people()
    told = pd.Categorical([f"CANARYTEXT fell on day {place}" for place in range(60)])
    seen = pd.Categorical(["2024-03-05" if place % 2 else "2024-03-06" for place in range(60)])
    table = table.assign(remark=told, first_visit=seen)
    analysis = made.analysis(participants=table)
    baseline = analysis.part("baseline")
    assert baseline is not None
    rows = [*made.baseline_rows(table)]
    for arm in ("forward", "backward"):
        for name in ("remark", "first_visit"):
            chosen = table[table["arm"] == arm]
            counts = chosen[name].value_counts()
            known = {**rows[1], "variable": name, "arm": arm, "n": 30}
            rows += [
                {**known, "level": level, "count": count, "percent": count / 0.3}
                for level, count in counts.items()
            ]
    frame = pd.DataFrame(rows)[list(baseline.frames["baseline"].columns)]
    notes = ("CANARYTEXT fell on day 7 is the only one; first on 2024-03-05 at Klinik Ost",)
    changed = replace(baseline, frames={"baseline": frame}, notes=notes)
    parts = tuple(changed if one is baseline else one for one in analysis.parts)
    for individuals in (False, True):
        files = search(replace(analysis, parts=parts), individuals=individuals)
        absent(files, "CANARYTEXT", "2024-03-0", "Klinik", "Kanarienvogel")
        assert "Site 1" in files["baseline_table.csv"]


@pytest.mark.parametrize("which", ["plain", "open_one"])
def test_priv_ids_are_nowhere(which, request):
    absent(request.getfixturevalue(which), "CANARYID", "Kanarienvogel")


def planted(rows):
    """Return a sheet with values that nobody may find again."""
    for place, row in enumerate(rows):
        row["id"] = f"CANARYID{place:03d}"
        row["site"] = "Praxis Kanarienvogel" if place < 3 else "Klinik Ost"
    rows[7]["age"] = "97.125"
    rows[8]["sex"] = "CANARYSEX"
    return rows


@pytest.mark.parametrize("individuals", [False, True])
def test_priv_from_files_to_report_nothing_personal_is_told(
    tmp_path, monkeypatch, capfd, individuals
):
    home = tmp_path / "Dr Canary" / "Canary Hospital"
    home.mkdir(parents=True)
    path = write_trial(home, spoil=planted, more='subgroups = ["site", "sex"]\n')
    monkeypatch.chdir(tmp_path)
    more = ["--individuals"] if individuals else []
    assert run(["analyse", str(path), "--out", "out", *more]) == 0
    told = {"printed": "".join(capfd.readouterr())}
    files = [one for one in sorted((tmp_path / "out").rglob("*")) if one.is_file()]
    told |= {one.name: readable(one, tmp_path) for one in files}
    absent(told, "CANARYID", "Kanarienvogel", "Klinik", "97.125", "Dr Canary", "Canary Hospital")
    # A label of one person is a small cell, which --individuals opens.
    assert any("CANARYSEX" in text for text in told.values()) == individuals


def test_priv_exception_text_log_containing_row_values(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_trial(tmp_path, cells=((3, "nprs_w6", "CANARY77"), (4, "id", "")))
    with pytest.raises(InputError) as caught:
        command(path)
    said = str(caught.value) + "".join(capfd.readouterr())
    assert "nprs_w6" in said
    assert "line 3" in said
    assert "CANARY77" not in said
    assert not (tmp_path / "reports").exists()


def test_priv_file_paths_with_user_hospital_names_in_the(plain):
    absent(plain, "Canary/", "Dr Canary", "Hospital", "/home/")
    stamp = json.loads(plain["provenance.json"])
    assert set(stamp["inputs"]) == {"scores.csv", "trial.toml"}


def test_sec_excel_csv_formula_injection_in_ids_or_labels(hostile):
    for name, text in hostile.items():
        if name.endswith(".csv"):
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "@"))]


def test_sec_html_js_in_ids_or_labels(hostile):
    page = hostile["report.html"]
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    assert "<w:t>alert" not in hostile["report.docx"]
    for name, text in hostile.items():
        if name.endswith(".svg"):
            drawn = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
            assert "script" not in drawn
            assert "onerror" not in drawn


def test_sec_html_js_in_a_notebook(hostile):
    analysis = made.analysis(outcomes=(made.pain(label=HOSTILE[0]),))
    assert "<script" not in Analysis(analysis=analysis)._repr_html_()


def test_sec_labels_with_in_pdf_latex_mathtext(hostile):
    words = re.sub(r"\s+", " ", hostile["report.pdf"])
    assert "$\\frac{1}{2}$ 5% & _x_ ^ # {y}" in words


def test_sec_pdf_renderer_fetching_file_or_http_from_a_label(hostile):
    assert "root:x:0" not in hostile["report.pdf"]
    assert "#image(" in hostile["report.pdf"]
    outside = re.findall(r'Target="([^"]+)"[^>]*TargetMode="External"', hostile["report.docx"])
    assert all(target.startswith("https://") for target in outside)
    assert not re.search(r"(?:src|href)=\"(?:http:|file:)", hostile["report.html"])


def test_sec_ansi_terminal_escape_in_labels_printed_to(hostile, capsys):
    analysis = made.analysis(outcomes=(made.pain(label=HOSTILE[4]),))
    assert "\x1b" not in summary(Analysis(analysis=analysis), Path("reports"))
    for name, text in hostile.items():
        if not name.endswith(".png"):
            assert "\x1b" not in text, name
