"""SPIRIT 2025: what a trial file says of each item of a protocol, before there are data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.trial.conduct import INTERVENTION, METHODS

if TYPE_CHECKING:
    from backwalk_stats.loaders.trial_file.schema import TrialTables

# The items of SPIRIT 2025 (Chan and others, doi 10.1136/bmj-2024-081477) in our words, each with
# the keys that tell of it: of [methods], with "*" of every [intervention.ARM], with "=" of `_told`.
ITEMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "1a": ("Title", ("=title",)),
    "1b": ("Structured summary", ()),
    "2": ("Version of the protocol", ("protocol_version",)),
    "3a": ("Who wrote the protocol", ("roles",)),
    "3b": ("Sponsor", ("sponsor",)),
    "3c": ("Part of sponsor and funders", ()),
    "3d": ("Committees that run the trial", ()),
    "4": ("Registration", ("=registration", "registration_date")),
    "5": ("Where protocol and analysis plan can be read", ("protocol", "analysis_plan")),
    "6": ("Data, code and other material", ("data_access",)),
    "7a": ("Funding", ("funding",)),
    "7b": ("Interests", ("interests",)),
    "8": ("How results are made known", ("dissemination",)),
    "9a": ("Background", ("background",)),
    "9b": ("Why this comparator", ("comparator_choice",)),
    "10": ("Objectives, of benefit and of harm", ("objectives",)),
    "11": ("Part of patients or the public", ("patient_involvement",)),
    "12": ("Design", ("=design", "allocation_ratio", "framework")),
    "13": ("Setting and places", ("setting",)),
    "14a": ("Who can take part", ("eligibility",)),
    "14b": ("Which sites and therapists", ("sites",)),
    "15a": ("Intervention and comparator", ("*procedure", "*dose", "*provider", "*progression")),
    "15b": ("When the intervention is changed or stopped", ("*stopping_rule",)),
    "15c": ("How keeping to it is helped and checked", ("*motivation", "*fidelity_planned")),
    "15d": ("Other care", ("other_care",)),
    "16": ("Outcomes", ("=outcomes",)),
    "17": ("Harms", ("=harms",)),
    "18": ("Timeline of participants", ("=visits",)),
    "19": ("Sample size", ("sample_size",)),
    "20": ("Recruitment", ("recruitment",)),
    "21a": ("Random sequence: who and how", ("sequence_generation",)),
    "21b": ("Type of randomisation", ("randomisation_type",)),
    "22": ("Concealment", ("concealment",)),
    "23": ("Who sees the sequence", ("implementation",)),
    "24a": ("Who is blinded", ("blinded",)),
    "24b": ("How blinding is done", ("blinding",)),
    "24c": ("When the allocation may be told", ("unblinding",)),
    "25a": ("How data are collected", ("data_collection",)),
    "25b": ("How people are kept in the trial", ("retention",)),
    "26": ("How data are kept", ("data_management",)),
    "27a": ("Statistical methods", ("=analyses",)),
    "27b": ("Who is in each analysis", ("=populations",)),
    "27c": ("Missing data", ("=sensitivity",)),
    "27d": ("Further analyses", ("=subgroups",)),
    "28a": ("Who watches the data", ("data_monitoring",)),
    "28b": ("Interim analyses", ("interim",)),
    "29": ("Who watches the conduct", ("monitoring",)),
    "30": ("Ethics", ("ethics",)),
    "31": ("Changes of the protocol", ("amendments",)),
    "32a": ("Consent", ("consent",)),
    "32b": ("Consent to further use of data or samples", ()),
    "33": ("Confidentiality", ("confidentiality",)),
    "34": ("Care after the trial", ("care_afterwards",)),
}
TO_WRITE = "To be written"
_KEYS = {
    "title": "[trial] title",
    "registration": "[trial] registration",
    "design": "[trial] design",
    "outcomes": "[[outcome]]",
    "harms": "[harms] asked",
    "visits": "[visits] weeks",
    "analyses": "[[estimand]]",
    "populations": "[[estimand]]",
    "sensitivity": "[[estimand]] sensitivity",
    "subgroups": "[[estimand]] subgroups",
}
_ASKED = {
    "systematic": "asked of everybody, by a list or at set times",
    "spontaneous": "recorded as people tell of them unasked",
    "both": "asked of everybody, and recorded as people tell of them",
}


def spirit(path: Path | str) -> DisplayTable:
    """Return what a trial file says of each item of SPIRIT 2025, and what is to be written.

    The files of data need not exist: a protocol comes before them.

    Parameters
    ----------
    path : Path or str
        The trial file, or the folder in which it is called trial.toml.

    Returns
    -------
    DisplayTable
        A row an item or part: number, topic, what the trial file says, what is to be written and
        under which key. Topics are in our words.

    Raises
    ------
    InputError
        If the trial file cannot be read, or its plan has faults.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> table = bw.tables.spirit(bw.example("knee"))
    >>> table.rows[0][:2], len(table.rows)
    (('1a', 'Title'), 53)
    """
    from backwalk_stats.loaders.trial_file.trial_file import read_trial_plan

    return spirit_table(read_trial_plan(path))


def spirit_table(tables: TrialTables) -> DisplayTable:
    """Return the table of `spirit` from a trial file that was read."""
    rows, full = [], 0
    for number, (topic, keys) in ITEMS.items():
        pairs = [pair for key in keys for pair in _said(key, tables)]
        told = [text for _, text in pairs if text]
        lacking = [where for where, text in pairs if not text]
        missing = f"{TO_WRITE}: {', '.join(lacking)}" if lacking else ""
        rows.append((number, topic, " ".join(told), missing if keys else TO_WRITE))
        full += bool(told)
    return DisplayTable(
        columns=display_columns(
            ("item", "Item", "left", 0.4),
            ("topic", "Topic", "left", 1.4),
            ("said", "In the trial file", "left", 3.0),
            ("lacking", TO_WRITE, "left", 1.6),
        ),
        rows=display_rows(rows),
        caption=f"SPIRIT 2025: {full} of {len(ITEMS)} items or parts have material here.",
    )


def _said(key: str, tables: TrialTables) -> list[tuple[str, str]]:
    """Return the key as a trial file has it, and its text, "" where there is none; of each arm."""
    if key.startswith("="):
        return [(_KEYS[key[1:]], _told(key[1:], tables))]
    if not key.startswith("*"):
        text = tables.methods.get(key, "")
        return [(f"[methods] {key}", f"{METHODS[key]}: {_stopped(text)}" if text else "")]
    pairs = []
    for arm in tables.arm_names:
        text = tables.intervention.get(arm, {}).get(key[1:], "")
        label = f"{tables.arms.names.get(arm, arm)}, {INTERVENTION[key[1:]].lower()}"
        said = f"{sentence_case(label)}: {_stopped(text)}" if text else ""
        pairs.append((f"[intervention.{arm}] {key[1:]}", said))
    return pairs


def _stopped(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _told(what: str, tables: TrialTables) -> str:
    """Return what other tables of the trial file say, in a sentence; "" where they are silent."""
    asked = list(zip(tables.estimand_ids, tables.estimand, strict=True))
    if what == "analyses":
        return " ".join(f"{name}: {one.outcome} by {one.analysis}." for name, one in asked)
    if what == "populations":
        return " ".join(f"{name}: {one.population}." for name, one in asked)
    if what in ("sensitivity", "subgroups"):
        lists = [(name, getattr(one, what)) for name, one in asked]
        return " ".join(f"{name}: {', '.join(listed)}." for name, listed in lists if listed)
    return {
        "title": _title,
        "registration": _registration,
        "design": _design,
        "outcomes": _outcomes,
        "harms": _harms,
        "visits": _visits,
    }[what](tables)


def _title(tables: TrialTables) -> str:
    return _stopped(tables.trial.title)


def _registration(tables: TrialTables) -> str:
    return _stopped(tables.trial.registration) if tables.trial.registration else ""


def _design(tables: TrialTables) -> str:
    arms = " and ".join(tables.arms.names.get(arm, arm) for arm in tables.arm_names)
    return f"{sentence_case(tables.trial.design)}: {arms}."


def _outcomes(tables: TrialTables) -> str:
    names = [f"{one.label or one.name} ({one.role})" for one in tables.outcome]
    return f"{sentence_case('; '.join(names))}."


def _harms(tables: TrialTables) -> str:
    harms = tables.harms
    if harms is None or harms.asked is None:
        return ""
    defined = f" {_stopped(harms.definition)}" if harms.definition else ""
    return f"Harms are {_ASKED[harms.asked]}.{defined}"


def _visits(tables: TrialTables) -> str:
    weeks = tables.visits.weeks
    if not weeks:
        return ""
    pairs = zip(tables.visits.order, weeks, strict=False)
    return "; ".join(f"{visit}: week {week:g}" for visit, week in pairs) + "."
