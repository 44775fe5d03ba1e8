"""Interventions, methods, the checklists and the box for patients: said where there, else not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.harms import harms
from backwalk_stats.cli.app import run
from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.sections_trial import conduct, consort, intervention
from backwalk_stats.report.sections_trial.for_patients import plain_words
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.report.writers.spirit import ITEMS as SPIRIT
from backwalk_stats.trial.conduct import INTERVENTION, METHODS, Conduct
from tests.loaders.test_harm_rows import SCORES, TOML
from tests.report import trial_records as made

LONG = 7  # letters of a long word, as in Björnsson's LIX (Scand J Educ Res 1968;12:209)
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Readability:
    """How hard a text is to read.

    Attributes
    ----------
    sentence_length : float
        Words of a sentence, on average.
    long_words : float
        Share of words of 7 letters or more, 0 to 1.
    """

    sentence_length: float
    long_words: float

    @property
    def lix(self) -> float:
        """Return Björnsson's index: below 30 is easy, above 50 hard."""
        return self.sentence_length + 100.0 * self.long_words


def readability(text: str) -> Readability:
    """Return the mean length of the sentences of a text and the share of its long words.

    Numbers are words of a sentence and never long.

    >>> readability("People walked. Some of them walked backwards for 20 minutes.")
    Readability(sentence_length=5.0, long_words=0.2)
    """
    sentences = [one for one in _SENTENCE.split(text.strip()) if one]
    words = _WORD.findall(text)
    n = len(words) + len(re.findall(r"\d+(?:\.\d+)?", text))
    if not sentences or not n:
        return Readability(sentence_length=0.0, long_words=0.0)
    long = sum(len(re.sub(r"\W", "", word)) >= LONG for word in words)
    return Readability(sentence_length=n / len(sentences), long_words=long / n)


def told(**changes: object) -> TrialSubject:
    return trial_subject(made.analysis(**changes))


def whole() -> Conduct:
    items = {arm: dict.fromkeys(INTERVENTION, "Said") for arm in ("forward", "backward")}
    return Conduct(interventions=items, methods=dict.fromkeys(METHODS, "Said"))


def test_all_but_title_and_interpretation_can_come_from_files() -> None:
    trial = made.trial()
    study = replace(trial.study, registration="NCT1", deviations=("One",))
    full = consort.filled(told(conduct=whole(), study=study))
    assert set(consort.ITEMS) - set(full) == {"1a", "29"}
    assert len(consort.ITEMS) == 42
    assert not any("[methods]" in str(one) for one in consort.to_be_written(told(conduct=whole())))


@pytest.mark.parametrize("key", sorted(METHODS))
def test_a_part_is_filled_by_its_own_key_alone(key: str) -> None:
    bare = set(consort.filled(told(conduct=Conduct())))
    full = set(consort.filled(told(conduct=Conduct(methods={key: "Said"}))))
    named = {number for number, keys in consort.KEYS.items() if key in keys}
    assert full - bare == named
    assert not bare & set(consort.KEYS)


def test_every_part_is_filled_or_in_the_one_list() -> None:
    subject = told(conduct=Conduct())
    listed = {entry[0].text for entry in consort.to_be_written(subject)}  # type: ignore[union-attr]
    assert listed == set(consort.ITEMS) - set(consort.filled(subject))


def test_an_arm_without_a_description_leaves_the_part_open() -> None:
    one = Conduct(interventions={"backward": {"dose": "3 a week"}})
    subject = told(conduct=one)
    assert "13" not in consort.filled(subject)
    table = intervention.section(subject).blocks[0].table  # type: ignore[union-attr]
    assert table.rows[0] == (INTERVENTION["dose"], "–", "3 a week")
    assert table.rows[-1][0] == "Sessions that people came to"
    assert not conduct.section(subject).blocks


def test_spirit_is_there_before_the_data(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trial.toml"
    prose = '[methods]\nfunding = "A fund"\nrecruitment_from = 2026-03-04\n'
    path.write_text(f'{TOML}{prose}[intervention.backward]\ndose = "3 a week"\n', encoding="utf-8")
    rows = {row[0]: row for row in bw.tables.spirit(path).rows}
    assert list(rows) == list(SPIRIT)
    assert rows["7a"][2:] == (f"{METHODS['funding']}: A fund.", "")
    assert "[intervention.forward] dose" in rows["15a"][3] and "3 a week" in rows["15a"][2]
    assert rows["17"][2:] == ("", "To be written: [harms] asked")
    assert run(["check", str(path), "--spirit"]) == 0
    assert "A fund" in capfd.readouterr().out
    path.write_text(f'{TOML}[methods]\nfundng = "A fund"\n', encoding="utf-8")
    with pytest.raises(InputError, match="funding"):
        bw.tables.spirit(path)


def parts(text: str) -> list[str]:
    """Return the parts of a checklist: "3a-d" is 3a, 3b, 3c and 3d, "5-8" is 5 to 8."""
    found: list[str] = []
    for one in text.split():
        first, _, last = one.partition("-")
        number = first.rstrip("abcd")
        if last and not last.isdigit():
            found += [f"{number}{letter}" for letter in "abcd"[: "abcd".index(last) + 1]]
        else:
            found += [str(k) for k in range(int(first), int(last or first) + 1)]
    return found


# Table 1 of Hopewell and others, BMJ 2025;389:e081123 (PMC11995449), and of Chan and others, BMJ
# 2025;389:e081477 (PMC12035670): the numbers of their items and parts.
CONSORT_PARTS = (
    "1a-b 2-4 5a-b 6-11 12a-b 13-15 16a-b 17a-b 18-19 20a-b 21a-d 22a-b 23a-b 24a-b 25-30"
)
SPIRIT_PARTS = (
    "1a-b 2 3a-d 4-6 7a-b 8 9a-b 10-13 14a-b 15a-d 16-20 21a-b 22-23 24a-c 25a-b 26 27a-d 28a-b "
    "29-31 32a-b 33-34"
)


def test_the_parts_are_those_of_the_published_checklists() -> None:
    assert list(consort.ITEMS) == parts(CONSORT_PARTS) and len(consort.ITEMS) == 42
    assert list(SPIRIT) == parts(SPIRIT_PARTS) and len(SPIRIT) == 53
    assert {number for number, (_, keys) in SPIRIT.items() if not keys} == {"1b"}


def test_spirit_tells_missing_values_and_further_analyses_apart() -> None:
    rows = {row[0]: row for row in bw.tables.spirit(bw.example("knee")).rows}
    missing, further = rows["27c"][2], rows["27d"][2]
    assert "E1: mmrm, missing at random given what was measured; beside it multiple-imp" in missing
    assert "E7: jump-to-reference, imputed" in missing
    assert "bootstrap" in further and "by sex" in further and "tipping-point" not in further
    assert "(primary, mmrm at W6, ancova at W6)" in rows["16"][2]


def test_keys_of_spirit_are_keys_of_the_trial_file() -> None:
    named = [key for _, keys in SPIRIT.values() for key in keys]
    assert {key for key in named if key[0] not in "*="} <= set(METHODS)
    assert {key[1:] for key in named if key.startswith("*")} <= set(INTERVENTION)
    assert len({number.rstrip("abcd") for number in SPIRIT}) == 34


def test_prose_names_no_participant(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text(SCORES, encoding="utf-8")
    text = f'{TOML}[methods]\nblinded = "All but A03"\n'
    (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
    trial = load_trial(tmp_path)
    assert trial.conduct.methods == {"blinded": "All but A03"}
    with pytest.raises(InputError, match=r"methods\.blinded"):
        trial_subject(made.analysis(conduct=trial.conduct, participants=trial.participants))


def test_the_box_for_patients_is_easy_and_says_its_rows() -> None:
    subject = told(small_cell=0)
    parts = dict(plain_words(subject))
    text = " ".join(parts.values())
    found = readability(text)
    assert found.sentence_length <= 15 and found.lix <= 40, (found, text)
    shares = next(p for p in subject.analysis.parts if p.analysis == "harms").frames["harms"]
    for row in shares[shares["term"] == "any harm"].to_dict("records"):
        assert f"{row['percent']:.0f} with {row['arm']} walking" in parts["Harm."]
    assert "none" not in parts["Harm."].lower()
    trial = load_trial(bw.example("knee"))
    asked = replace(trial.estimands[0], analysis="change-score", sensitivity=(), subgroups=())
    own: dict[str, Any] = {
        "estimands": (asked,),
        "multiplicity": ("none", ()),
        "outcomes": trial.outcomes[:1],
    }
    analysis = bw.analyse(replace(trial, **own)).analysis
    better = dict(plain_words(trial_subject(analysis)))["Who got better."]
    part = next(one for one in analysis.parts if one.analysis == "responder")
    frame = part.frames["responders"]
    mine = frame[frame["rule"].str.endswith("missing = no response")]
    mine = mine[mine["rule"] == mine["rule"].iloc[0]]
    for row in mine.to_dict("records"):
        assert f"{row['percent']:.0f} with {row['arm']} walking" in better
    gaps = part.estimates[part.estimates["quantity"] == "risk_difference"]
    gap = gaps[gaps["note"] == mine["rule"].iloc[0]].iloc[0]
    low, high = 100 * gap["conf_low"], 100 * gap["conf_high"]
    ends = [f"{abs(one):.0f} {'more' if one > 0 else 'fewer'}" for one in (low, high)]
    assert f"With backward walking, the true gap may lie from {ends[0]} to {ends[1]}" in better
    assert not plain_words(told(harms=None))  # nothing is known of a response either


def test_hidden_harms_are_not_said_to_patients() -> None:
    recorded = made.recorded_harms()
    few = replace(recorded, events=recorded.events.tail(2))
    analysis = made.analysis(harms=few)
    part = harms(analysis.trial)
    parts = tuple(part if one.analysis == "harms" else one for one in analysis.parts)
    said = dict(plain_words(trial_subject(replace(analysis, parts=parts))))["Harm."]
    assert "few" in said and not any(mark.isdigit() for mark in said)


def test_readability_is_that_of_counted_words() -> None:
    """Björnsson's LIX by hand: 8 words in 2 sentences, 2 of them long: 4 + 25."""
    found = readability("The patient walked. It was remarkably slow today.")
    assert (found.sentence_length, found.long_words, found.lix) == (4.0, 0.25, 29.0)


def test_tables_harms_is_that_of_the_report() -> None:
    analysis = Analysis(analysis=made.analysis())
    assert bw.tables.harms(analysis).rows[0][0] == "Fall"
    bare = replace(analysis.analysis, parts=())
    with pytest.raises(UsageError, match="harms"):
        bw.tables.harms(Analysis(analysis=bare))
