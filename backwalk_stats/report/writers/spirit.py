"""SPIRIT 2025: what a trial file says of each item of a protocol, before there are data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.trial.conduct import INTERVENTION, METHODS
from backwalk_stats.trial.estimand import REFERENCE_BASED

if TYPE_CHECKING:
    from backwalk_stats.loaders.trial_file.schema import EstimandTable, TrialTables

# The items of SPIRIT 2025 (Chan and others, doi 10.1136/bmj-2024-081477, Table 1: PMC12035670) in
# our words, held against its text part by part. Each has the keys that tell of it: of [methods],
# with "*" of every [intervention.ARM], with "=" of `_told`.
ITEMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "1a": ("Title with design, population, interventions; called a protocol", ("=title",)),
    "1b": ("Structured summary", ()),
    "2": ("Date and number of this version", ("protocol_version",)),
    "3a": ("Who wrote the protocol, from where, in which part", ("roles",)),
    "3b": ("Sponsor, and how to reach them", ("sponsor",)),
    "3c": ("Part of sponsor and funders in the trial", ("sponsor_part",)),
    "3d": ("Who oversees the trial: centre, committees", ("committees",)),
    "4": ("Registry, number, date of registration", ("=registration", "registration_date")),
    "5": ("Where protocol and analysis plan can be read", ("protocol", "analysis_plan")),
    "6": ("Data, code and other material", ("data_access",)),
    "7a": ("Funding and other support", ("funding",)),
    "7b": ("Interests of those who run the trial", ("interests",)),
    "8": ("How results are made known", ("dissemination",)),
    "9a": ("Background, with studies of benefit and of harm", ("background",)),
    "9b": ("Why this comparator", ("comparator_choice",)),
    "10": ("Objectives, of benefit and of harm", ("objectives",)),
    "11": ("Part of patients or the public", ("patient_involvement",)),
    "12": ("Design, allocation ratio, framework", ("=design", "allocation_ratio", "framework")),
    "13": ("Setting and places", ("setting",)),
    "14a": ("Who can take part", ("eligibility",)),
    "14b": ("Which sites and which therapists", ("sites",)),
    "15a": (
        "Intervention and comparator, so that they can be repeated",
        ("*procedure", "*dose", "*provider", "*materials"),
    ),
    "15b": ("When the intervention is changed or stopped", ("*stopping_rule",)),
    "15c": ("How keeping to it is helped and checked", ("*motivation", "*fidelity_planned")),
    "15d": ("Other care, allowed or not", ("other_care",)),
    "16": ("Outcomes: measure, metric, summary, time", ("=outcomes",)),
    "17": ("How harm is defined and asked for", ("=harms",)),
    "18": ("Time schedule of participants", ("=visits",)),
    "19": ("How the sample size was found, with its assumptions", ("sample_size",)),
    "20": ("How enough people are recruited", ("recruitment",)),
    "21a": ("Random sequence: who and how", ("sequence_generation",)),
    "21b": ("Type of randomisation, strata", ("randomisation_type",)),
    "22": ("How the sequence is concealed", ("concealment",)),
    "23": ("Whether those who enrol can see the sequence", ("implementation",)),
    "24a": ("Who is blinded", ("blinded",)),
    "24b": ("How blinding is done, how alike interventions are", ("blinding",)),
    "24c": ("When and how the allocation may be told", ("unblinding",)),
    "25a": ("How data are collected, with which instruments", ("data_collection",)),
    "25b": ("How people are kept, and measured if they stop", ("retention",)),
    "26": ("How data are entered, kept and secured", ("data_management",)),
    "27a": ("Statistical methods for outcomes and harms", ("=analyses",)),
    "27b": ("Who is in each analysis, and in which group", ("=populations",)),
    "27c": ("How missing data are handled", ("=missing",)),
    "27d": ("Further analyses", ("=further",)),
    "28a": ("Who watches the data, or why nobody does", ("data_monitoring",)),
    "28b": ("Interim analyses, rules for stopping, who decides", ("interim",)),
    "29": ("How the conduct is watched", ("monitoring",)),
    "30": ("Approval by an ethics committee", ("ethics",)),
    "31": ("How changes of the protocol are made known", ("amendments",)),
    "32a": ("Who asks for consent, and how", ("consent",)),
    "32b": ("Consent to further use of data or samples", ("further_consent",)),
    "33": ("Confidentiality", ("confidentiality",)),
    "34": ("Care beside and after the trial, and for harm", ("care_afterwards",)),
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
    "missing": "[[estimand]] analysis",
    "further": "[[estimand]] sensitivity or subgroups",
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
    >>> table.rows[2][:2], len(table.rows)
    (('2', 'Date and number of this version'), 53)
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
    if what == "missing":
        return " ".join(f"{name}: {_missing(one, tables)}." for name, one in asked)
    if what == "further":
        groups = [[f"by {name}" for name in one.subgroups] for _, one in asked]
        lists = [
            (name, [*_others(one), *by]) for (name, one), by in zip(asked, groups, strict=True)
        ]
        return " ".join(f"{name}: {', '.join(listed)}." for name, listed in lists if listed)
    return {
        "title": _title,
        "registration": _registration,
        "design": _design,
        "outcomes": _outcomes,
        "harms": _harms,
        "visits": _visits,
    }[what](tables)


# What each analysis does with values that are missing, as its methods say it.
_LIKELIHOOD = ("mmrm", "constrained-longitudinal", "random-slope")
_OF_MISSING = (
    *("multiple-imputation", "tipping-point", "missing-as-failure", "best-case", "worst-case"),
    *REFERENCE_BASED,
)


def _missing(estimand: EstimandTable, tables: TrialTables) -> str:
    """Return how the main analysis takes missing values, and which others take them otherwise."""
    main = str(tables.analysis_of(estimand))
    imputed = [how for how in estimand.events.values() if how in REFERENCE_BASED]
    if imputed:
        told = f"{imputed[0]}, imputed"
    elif main in _LIKELIHOOD:
        told = f"{main}, missing at random given what was measured"
    else:
        told = f"{main}, people with the values that it needs"
    others = [word for word in estimand.sensitivity if word in _OF_MISSING]
    return f"{told}; beside it {', '.join(others)}" if others else told


def _others(estimand: EstimandTable) -> list[str]:
    """Return the further analyses that are of something else than missing values."""
    return [word for word in estimand.sensitivity if word not in _OF_MISSING]


def _title(tables: TrialTables) -> str:
    return _stopped(tables.trial.title)


def _registration(tables: TrialTables) -> str:
    return _stopped(tables.trial.registration) if tables.trial.registration else ""


def _design(tables: TrialTables) -> str:
    arms = " and ".join(tables.arms.names.get(arm, arm) for arm in tables.arm_names)
    return f"{sentence_case(tables.trial.design)}: {arms}."


def _outcomes(tables: TrialTables) -> str:
    names = []
    for outcome in tables.outcome:
        asked = [one for one in tables.estimand if one.outcome == outcome.name]
        told = [f"{tables.analysis_of(one)} at {one.visit or 'its last visit'}" for one in asked]
        about = ", ".join([outcome.role, *dict.fromkeys(told)])
        names.append(f"{outcome.label or outcome.name} ({about})")
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
