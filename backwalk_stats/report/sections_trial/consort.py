"""Which items of the CONSORT 2025 checklist this report fills, and which its authors must."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.trial.conduct import INTERVENTION, METHODS

ORDER = 110
# The items of CONSORT 2025 (Table 1: PMC11995449) by number, in our words, held against its text.
ITEMS = {
    "1a": "Called a randomised trial",
    "1b": "Structured summary",
    "2": "Registry, number, date of registration",
    "3": "Where protocol and analysis plan can be read",
    "4": "Where data, code and other material can be had",
    "5a": "Funding, and the part the funders had",
    "5b": "Interests of the authors",
    "6": "Background and rationale",
    "7": "Objectives, of benefit and of harm",
    "8": "Part that patients or the public had",
    "9": "Design, allocation ratio, framework",
    "10": "Changes after the start, also what was not planned, with reasons",
    "11": "Setting and places",
    "12a": "Who could take part",
    "12b": "Which sites and which therapists",
    "13": "Intervention and comparator, so that they can be repeated",
    "14": "Planned outcomes: measure, metric, summary, time",
    "15": "How harm was defined and asked for",
    "16a": "How the sample size was found, with its assumptions",
    "16b": "Interim analyses and rules for stopping",
    "17a": "Who made the random sequence, and how",
    "17b": "Type of randomisation, blocks, strata",
    "18": "How the sequence was concealed",
    "19": "Who could see the sequence when enrolling",
    "20a": "Who was blinded",
    "20b": "How blinding was done, how alike interventions were",
    "21a": "Statistical methods for outcomes and harms",
    "21b": "Who is in each analysis, and in which group",
    "21c": "How missing data were handled",
    "21d": "Methods of further analyses, planned or not",
    "22a": "Randomised, treated, analysed for the primary outcome, by group",
    "22b": "Losses and exclusions, with reasons",
    "23a": "Dates of recruitment and of follow-up, for benefit and harm",
    "23b": "Why the trial ended",
    "24a": "Intervention and comparator as given: by whom, adherence, fidelity",
    "24b": "Other care during the trial, by group",
    "25": "Baseline table",
    "26": "For each outcome: numbers, result by group, effect with interval; of events difference "
    "and ratio",
    "27": "Harms by group",
    "28": "Further analyses, planned or not",
    "29": "Interpretation of benefit and harm beside other evidence",
    "30": "Limitations: bias, imprecision, who it holds for, multiplicity",
}
_LEAD = (
    "The checklist of CONSORT 2025 (Hopewell and others, doi 10.1136/bmj-2024-081123) has 30 items "
    "with parts. Their topics are in our words; read the checklist itself before submitting."
)


def section(subject: TrialSubject) -> document.Section:
    """Return the checklist: every item, and under which heading this report fills it."""
    places = filled(subject)
    rows = [
        (number, topic, places[number].text if number in places else "")
        for number, topic in ITEMS.items()
    ]
    table = DisplayTable(
        columns=display_columns(
            ("item", "Item", "left", 0.4),
            ("topic", "Topic", "left", 2.4),
            ("here", "Filled here under", "left", 2.0),
        ),
        rows=display_rows(rows),
        caption=f"CONSORT 2025: {len(places)} of {len(ITEMS)} items or parts have material here.",
    )
    targets = tuple(places[number].target if number in places else "" for number in ITEMS)
    return document.Section(
        id="consort",
        title="CONSORT 2025",
        short="CONSORT",
        appendix=True,
        blocks=(
            document.Paragraph(content=(_LEAD,)),
            document.TableBlock(id="consort-items", table=table, targets=targets, leading=2),
            document.Subheading(id="to-be-written", text="To be written"),
            document.Items(entries=to_be_written(subject)),
        ),
    )


# What the authors write. The keys of `[methods]` that tell of each part of the checklist.
KEYS: dict[str, tuple[str, ...]] = {
    "3": ("protocol", "analysis_plan"),
    "4": ("data_access",),
    "5a": ("funding",),
    "5b": ("interests",),
    "6": ("background",),
    "7": ("objectives",),
    "8": ("patient_involvement",),
    "11": ("setting",),
    "12a": ("eligibility",),
    "12b": ("sites",),
    "16a": ("sample_size",),
    "16b": ("interim",),
    "17a": ("sequence_generation",),
    "17b": ("randomisation_type",),
    "18": ("concealment",),
    "19": ("implementation",),
    "20a": ("blinded",),
    "20b": ("blinding",),
    "23a": ("recruitment_from", "recruitment_to", "followed_until"),
    "23b": ("ended_because",),
    "24b": ("other_care",),
}
OTHER_KEYS = {
    "2": "[trial] registration",
    "10": "backwalk plan lock and [[deviation]], or [trial] deviations, or [methods] amendments",
    "13": "[intervention.ARM]",
    "15": "[harms]",
    "22b": "[flow], or dropout_reason of [[data]]",
    "24a": "[adherence]",
    "27": "[harms]",
}


def to_be_written(subject: TrialSubject) -> tuple[document.Text, ...]:
    """Return the one list of what is missing: part, topic, and the key that would fill it."""
    places, told = filled(subject), subject.trial.conduct
    entries: list[document.Text] = []
    for number, topic in ITEMS.items():
        lacking = [key for key in KEYS.get(number, ()) if key not in told.methods]
        if number in KEYS and lacking:
            topics = "; ".join(METHODS[key] for key in lacking)
            where = f" ([methods] {', '.join(lacking)})"
            entries.append((document.Strong(text=number), f" {topics}{where}"))
        elif number not in places:
            where = f" ({OTHER_KEYS[number]})" if number in OTHER_KEYS else ""
            entries.append((document.Strong(text=number), f" {topic}{where}"))
        if number == "13" and number in places:
            entries += _of_arms(subject)
    return tuple(entries)


def _of_arms(subject: TrialSubject) -> list[document.Text]:
    """Return what is not said of the intervention of each arm."""
    told, entries = subject.trial.conduct, list[document.Text]()
    for arm, label in subject.arms.items():
        lacking = [key for key in INTERVENTION if key not in told.of_arm(arm)]
        if lacking:
            names = f" {label}: {', '.join(lacking)} ([intervention.{arm}])"
            entries.append((document.Strong(text="13"), names))
    return entries


# Headings of the report by their anchors; a test holds them to those of the sections.
HEADINGS = {
    "abstract": "Abstract",
    "not-known": "What is not known",
    "estimands": "What was to be estimated",
    "participants": "Participants",
    "baseline": "Baseline",
    "adherence": "Adherence",
    "intervention": "Interventions",
    "harms": "Harms",
    "conduct": "How the trial was run",
    "plan": "The plan, and what differs from it",
    "results": "Main results",
    "sensitivity": "Sensitivity analyses",
    "supplementary": "Supplementary analyses",
    "subgroups": "Subgroups",
    "methods": "Statistical methods",
    "deviations": "Deviations and load log",
}


def filled(subject: TrialSubject) -> dict[str, document.Link]:
    """Return the items that the report fills, at least in part, and the heading that does."""
    trial, analysis = subject.trial, subject.analysis
    there = {part.analysis for part in analysis.parts}
    asked = bool(trial.estimands)
    further = _further(subject)
    planned = trial.plan is not None and trial.plan.held is not None
    found = {
        "1b": "abstract",
        "2": "participants" if trial.study.registration else "",
        "9": "participants",
        "10": "plan" if planned else "deviations" if trial.study.deviations else "",
        "13": "intervention" if _has_interventions(subject) else "",
        "14": "estimands" if asked else "",
        "15": "harms" if _has_harms(subject) else "",
        "21a": "methods" if asked else "",
        "21b": "estimands" if asked else "",
        "21c": "methods" if asked else "",
        "21d": "plan" if planned else further,
        "22a": "participants" if "flow" in there else "",
        "22b": "participants" if _has_losses(subject) else "",
        "24a": "adherence" if _has_sessions(subject) else "",
        "25": "baseline" if _has_baseline(subject) else "",
        "26": "results" if asked else "",
        "27": "harms" if _has_harms(subject) else "",
        "28": further,
        "30": "not-known",
    }
    said = trial.conduct.methods
    found |= {
        number: "conduct" for number, keys in KEYS.items() if any(key in said for key in keys)
    }
    if "amendments" in said and not found["10"]:
        found["10"] = "conduct"
    return {
        number: document.Link(text=HEADINGS[anchor], target=f"#{anchor}")
        for number in ITEMS
        if (anchor := found.get(number, ""))
    }


def _further(subject: TrialSubject) -> str:
    """Return the heading under which analyses beside the main ones stand, "" where none does."""
    for one in subject.trial.estimands:
        part = next(
            (p for p in subject.analysis.parts_of(one.id) if p.analysis == "sensitivity"), None
        )
        forest = part.frames.get("forest") if part is not None else None
        if forest is not None:
            groups = set(forest.loc[forest["estimate"].notna(), "group"])
            for role in ("sensitivity", "supplementary"):
                if role in groups:
                    return role
    drawn = [part.frames.get("forest") for part in subject.parts("subgroup")]
    return "subgroups" if any(f is not None and f["estimate"].notna().any() for f in drawn) else ""


def _has_interventions(subject: TrialSubject) -> bool:
    """Tell whether the intervention of every arm is described."""
    return all(subject.trial.conduct.of_arm(arm) for arm in subject.arms)


def _has_harms(subject: TrialSubject) -> bool:
    """Tell whether harms were recorded, or that none was."""
    return any(len(part.frames.get("harms", ())) for part in subject.parts("harms"))


def _has_baseline(subject: TrialSubject) -> bool:
    """Tell whether there is a baseline table."""
    return any(len(part.frames.get("baseline", ())) for part in subject.parts("baseline"))


def _has_sessions(subject: TrialSubject) -> bool:
    """Tell whether it is known who came to the sessions."""
    return any(len(part.frames.get("sessions", ())) for part in subject.parts("adherence"))


def _has_losses(subject: TrialSubject) -> bool:
    """Tell whether the trial file declares who was lost or left out."""
    stages = set(subject.trial.flow["stage"].astype(str))
    return bool(stages & {"lost", "discontinued", "excluded", "not_received"})
