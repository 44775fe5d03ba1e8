"""How a trial was to be run, in the words of its file: interventions by arm, methods in prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backwalk_stats.registry import Shown

# What makes an exercise repeatable, by the key of the trial file: the topics of TIDieR (Hoffmann
# and others, BMJ 2014;348:g1687) and of CERT (Slade and others, Br J Sports Med 2016;50:1428).
INTERVENTION = {
    "name": "Name",
    "why": "Why it should work",
    "materials": "Materials and equipment",
    "procedure": "What is done in a session",
    "provider": "Who provides it, and their training",
    "mode": "Alone or in a group, in person or not",
    "place": "Where",
    "dose": "Dose: sessions, length, weeks",
    "sessions": "Sessions planned",
    "speed": "Speed",
    "surface": "Surface and slope",
    "supervision": "Supervision",
    "starting_level": "Where one starts, and how it is found",
    "progression": "Progression, and the rule for it",
    "tailoring": "What is fitted to the person",
    "motivation": "How people are kept going",
    "home": "Exercise at home",
    "other_components": "Parts beside the exercise",
    "safety": "Precautions, and harms of the exercise",
    "stopping_rule": "When it is changed or stopped for a person",
    "modifications": "Changes during the trial",
    "fidelity_planned": "How keeping to it was to be checked",
    "fidelity": "How well it was kept to",
}
# What a report says of the methods of a trial, by the key of the trial file.
METHODS = {
    "background": "Background",
    "objectives": "Objectives, of benefit and of harm",
    "framework": "Framework",
    "allocation_ratio": "Allocation ratio",
    "eligibility": "Who could take part",
    "sites": "Sites and therapists",
    "setting": "Setting and places",
    "recruitment": "How people were recruited",
    "recruitment_from": "Recruitment began",
    "recruitment_to": "Recruitment ended",
    "followed_until": "Follow-up ended",
    "ended_because": "Why the trial ended",
    "sequence_generation": "Who made the random sequence, and how",
    "randomisation_type": "Type of randomisation, blocks, strata",
    "concealment": "How the sequence was concealed",
    "implementation": "Who could see the sequence when enrolling",
    "blinded": "Who was blinded",
    "blinding": "How blinding was done",
    "unblinding": "When the allocation may be told",
    "sample_size": "How the sample size was found",
    "interim": "Interim analyses and rules for stopping",
    "data_collection": "How data are collected",
    "retention": "How people are kept in the trial",
    "data_management": "How data are kept",
    "data_monitoring": "Who watches the data",
    "monitoring": "Who watches the conduct",
    "other_care": "Other care during the trial",
    "care_afterwards": "Care after the trial",
    "patient_involvement": "Part that patients or the public had",
    "ethics": "Approval by an ethics committee",
    "consent": "Consent",
    "further_consent": "Consent to further use of data or samples",
    "confidentiality": "Confidentiality",
    "registration_date": "Date of registration",
    "protocol": "Where the protocol can be read",
    "protocol_version": "Version of the protocol",
    "analysis_plan": "Where the analysis plan can be read, and its versions",
    "amendments": "How changes of the protocol are made known",
    "data_access": "Where data, code and other material can be had",
    "dissemination": "How results are made known",
    "funding": "Funding, and the part the funders had",
    "sponsor": "Sponsor",
    "sponsor_part": "Part of sponsor and funders in the trial",
    "committees": "Who oversees the trial",
    "roles": "Who has which part in the trial",
    "interests": "Interests of the authors",
    "comparator_choice": "Why this comparator",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct(Shown):
    """What a trial file says in prose of interventions and methods; nothing is filled in.

    Attributes
    ----------
    interventions : mapping of str to (mapping of str to str)
        Arm to key of `INTERVENTION` to its text.
    methods : mapping of str to str
        Key of `METHODS` to its text.
    """

    interventions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)

    def of_arm(self, arm: str) -> Mapping[str, str]:
        """Return what is said of the intervention of an arm."""
        return self.interventions.get(arm, {})

    @property
    def texts(self) -> dict[str, str]:
        """Return every text by its dotted key in the trial file."""
        told = {f"methods.{key}": text for key, text in self.methods.items()}
        for arm, items in self.interventions.items():
            told |= {f"intervention.{arm}.{key}": text for key, text in items.items()}
        return told
