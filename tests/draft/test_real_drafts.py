"""From real files to a checked trial in under ten edits; docs/drafting.md has the table."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from backwalk_stats.cli.app import run
from backwalk_stats.loaders.load import check_trial

ROOT = Path(__file__).parents[2]
REAL = Path(__file__).parents[3] / "shared" / "trials" / "real"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the real trials are not here ({REAL})")
MOST_EDITS = 9


@dataclass(frozen=True)
class RealTrial:
    """A real trial: its file, and what a person who knows it changes in the draft.

    Each edit is the beginning of a line and what stands in its place; "" takes the line out.
    """

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    dictionary: str = ""
    personal: bool = False


TRIALS = (
    *(
        RealTrial(
            f"acupuncture.{ending}",
            f"acupuncture.{ending}",
            (
                ("labels = ", 'labels = { 0 = "usual-care", 1 = "acupuncture" }'),
                ("reference = ", 'reference = "usual-care"'),
                ("contrast = ", 'contrast = ["acupuncture", "usual-care"]'),
                ('better = "?"', 'better = "lower"'),
                ('better = "?"', 'better = "lower"'),
                (
                    "arm = ",
                    'arm = "group"\nmissing_codes_by_column = { f2 = ["0"], f5 = ["0"] }',
                ),
            ),
        )
        for ending in ("csv", "sav", "xlsx")
    ),
    RealTrial("antidepressant", "antidepressant.csv", (('better = "?"', 'better = "lower"'),)),
    RealTrial("beat_the_blues", "beat_the_blues.csv", ()),
    RealTrial(
        "licorice_gargle",
        "licorice_gargle.csv",
        (
            ("labels = ", 'labels = { 0 = "sugar", 1 = "licorice" }'),
            ("reference = ", 'reference = "sugar"'),
            ("outcome = ", 'outcome = "throat_pain"'),
            ("visit = ", 'visit = "min30"'),
            ("contrast = ", 'contrast = ["licorice", "sugar"]'),
            ("extubation_cough = ", ""),
        ),
    ),
    RealTrial(
        "cdystonia",
        "cdystonia.csv",
        (
            ("labels = ", 'labels = { 1 = "u10000", 2 = "u5000", 3 = "placebo" }'),
            ("reference = ", 'reference = "placebo"'),
            ("contrast = ", 'contrast = ["u5000", "placebo"]'),
            ("contrast = ", 'contrast = ["u10000", "placebo"]'),
        ),
    ),
    RealTrial(
        "boulder",
        "boulder_five_yr_long_final.csv",
        (
            ("labels = ", 'labels = { 1 = "prt", 2 = "placebo", 3 = "usual-care" }'),
            ("reference = ", 'reference = "usual-care"'),
            ('better = "?"', 'better = "lower"'),
            ('better = "?"', 'better = "higher"'),
            ("contrast = ", 'contrast = ["prt", "usual-care"]'),
            ("contrast = ", 'contrast = ["placebo", "usual-care"]'),
            ("outcome = ", 'outcome = "pain_avg"'),
            ("outcome = ", 'outcome = "pain_avg"'),
        ),
    ),
    RealTrial(
        "messy_uc",
        "messy_uc.xlsx",
        (('better = "?"', 'better = "lower"'), ('better = "?"', 'better = "lower"')),
        personal=True,
    ),
)


def edited(text: str, edits: Sequence[tuple[str, str]]) -> str:
    """Return a draft with its edits, each at the first line of its beginning not yet edited."""
    lines = text.splitlines()
    done: set[int] = set()
    for begins, new in edits:
        place = next(
            place
            for place, line in enumerate(lines)
            if line.startswith(begins) and place not in done
        )
        lines[place] = new
        done.add(place)
    return "\n".join(lines) + "\n"


def changed(before: str, after: str) -> int:
    """Return how many lines were changed, added or taken out."""
    pairs = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return sum(max(b - a, d - c) for kind, a, b, c, d in pairs.get_opcodes() if kind != "equal")


def drafted(one: RealTrial, folder: Path) -> str:
    more = ["--dictionary", str(REAL / one.dictionary)] if one.dictionary else []
    sheet = str(REAL / one.file)
    assert run(["init", str(folder), "--from", sheet, "--quiet", *more]) == 0
    return (folder / "trial.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("one", TRIALS, ids=lambda one: one.name)
def test_a_draft_is_accepted_after_few_edits(one: RealTrial, tmp_path: Path):
    text = drafted(one, tmp_path / "trial")
    after = edited(text, one.edits)
    assert changed(text, after) <= MOST_EDITS
    file = tmp_path / "trial" / "trial.toml"
    file.write_text(after, encoding="utf-8")
    assert not check_trial(file, allow_identifiers=one.personal)[0]


@pytest.mark.slow
@pytest.mark.parametrize("one", TRIALS, ids=lambda one: one.name)
def test_an_edited_draft_is_analysed(one: RealTrial, tmp_path: Path):
    file = tmp_path / "trial" / "trial.toml"
    file_text = edited(drafted(one, tmp_path / "trial"), one.edits)
    file.write_text(file_text, encoding="utf-8")
    allowed = ["--allow-identifiers"] if one.personal else []
    out = ["--out", str(tmp_path / "report"), "--only", "html", "--quiet"]
    assert run(["analyse", str(file), *out, *allowed]) == 0
    assert (tmp_path / "report" / "results.csv").is_file()


def test_the_table_of_the_document_is_what_is_measured(tmp_path: Path):
    text = (ROOT / "docs" / "drafting.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([\w.]+)` \|.*\| (\d+) \|$", text, flags=re.MULTILINE))
    measured = {}
    for one in TRIALS:
        draft = drafted(one, tmp_path / one.name)
        measured[one.name] = str(changed(draft, edited(draft, one.edits)))
    assert told == measured


REDCAP = sorted(file.parent for file in (REAL / "redcap").glob("*/data.csv"))


@pytest.mark.parametrize("folder", REDCAP, ids=lambda folder: folder.name)
def test_every_redcap_project_gives_a_draft_that_asks(folder: Path, tmp_path: Path):
    one = RealTrial("", str(folder / "data.csv"), (), str(folder / "dictionary.csv"))
    assert re.search(r"^# \? ", drafted(one, tmp_path / "trial"), flags=re.MULTILINE)


NO_TRIALS = ("messy_bp.xlsx", "messy_glucose.xlsx", "jamovi_bugs.csv", "jamovi_ToothGrowth.csv")


@pytest.mark.parametrize("file", NO_TRIALS)
def test_a_sheet_without_arms_asks_for_them(file: str, tmp_path: Path):
    text = drafted(RealTrial("", file, ()), tmp_path / "trial")
    assert re.search(r"^# \? .*arm", text, flags=re.MULTILINE)
