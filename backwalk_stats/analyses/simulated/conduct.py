"""Events, harms, interventions and methods of a simulated trial: invented, as its scores are.

All of it comes after the scores, from generators of its own: no score depends on it. An invented
event changes no later score, so treatment policy, which uses scores as they are, is the truth here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backwalk_stats.analyses.simulated.people import SESSIONS_A_WEEK, Attendance
from backwalk_stats.engine.resampling import replicate_generator

STOPPED, RESCUE, SURGERY = "stopped", "rescue", "surgery"
EVENTS_STREAM, HARMS_STREAM = 101, 102  # of the trial's seed, far from those of the outcomes
FALL = "Fall"
_TRAILING = 2  # the last sessions that were missed: they had stopped
# Term, its events a person over the trial in the backward arm and in others, share related,
# share serious.
HARMS: tuple[tuple[str, float, float, float, float], ...] = (
    ("Muscle soreness", 0.55, 0.35, 0.9, 0.0),
    ("Knee pain flare", 0.20, 0.30, 0.6, 0.0),
    (FALL, 0.22, 0.14, 0.5, 0.15),
    ("Dizziness", 0.10, 0.04, 0.5, 0.0),
    ("Common cold", 0.15, 0.15, 0.0, 0.0),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedHarms:
    """The invented harms, a place an event.

    Attributes
    ----------
    who : array of int
        Places of the participants.
    term, serious, related : array of str
        What happened; yes or no.
    """

    who: np.ndarray
    term: np.ndarray
    serious: np.ndarray
    related: np.ndarray


def simulated_events(
    *, seed: int, attendance: Attendance, pain: np.ndarray, grade: np.ndarray
) -> list[tuple[int, str, int]]:
    """Return who had which event, and the number of the first visit that it affects.

    Who left had stopped the walks, and so had who came to none of the last sessions. Of those who
    are still there, more pain at the visit before means rescue medication more often, and a few
    knees of grade 3 or 4 are operated on before the last visit.

    Parameters
    ----------
    seed : int
    attendance : Attendance
    pain : array, shape (n, visits)
        As everybody would have scored it.
    grade : array of int, shape (n,)
        Radiographic grade, 1 to 4.
    """
    rng = replicate_generator(seed=seed, index=EVENTS_STREAM)
    n, size = pain.shape
    found: list[tuple[int, str, int]] = []
    leaves = attendance.leaves
    late = (attendance.sessions[:, -_TRAILING:] == "0").all(axis=1)
    takes = rng.random((n, size - 1)) < np.minimum(0.09 * np.exp(0.5 * (pain[:, :-1] - 5.5)), 0.5)
    operated = (grade >= 3) & (rng.random(n) < 0.1)
    for who in range(n):
        if leaves[who] < size or late[who]:
            found.append((who, STOPPED, int(min(leaves[who], size - 1))))
        first = int(takes[who].argmax()) + 1
        if takes[who].any() and first < leaves[who]:
            found.append((who, RESCUE, first))
        if operated[who] and leaves[who] == size:
            found.append((who, SURGERY, size - 1))
    return found


def simulated_harms(
    *,
    seed: int,
    backward: np.ndarray,
    weeks: np.ndarray | None = None,
    falls: np.ndarray | None = None,
) -> SimulatedHarms:
    """Return invented harms; counts are Poisson, in proportion to `weeks` where these are given.

    `backward`, shape (n,), says who walked backwards; `weeks`, shape (n,), for how long each was
    followed; `falls`, shape (n,), how often each fell, where that is known already.
    """
    rng = replicate_generator(seed=seed, index=HARMS_STREAM)
    share = np.ones(len(backward)) if weeks is None else weeks / weeks.max()
    parts: list[tuple[int, str, str, str]] = []
    for term, in_arm, elsewhere, related, serious in HARMS:
        counts = rng.poisson(np.where(backward, in_arm, elsewhere) * share)
        counts = falls if falls is not None and term == FALL else counts
        for who in np.repeat(np.arange(len(backward)), counts):
            graded, judged = ("yes" if rng.random() < one else "no" for one in (serious, related))
            parts.append((int(who), term, graded, judged))
    parts.sort(key=lambda one: one[0])
    whose, terms, grades, judgements = zip(*parts, strict=True)
    return SimulatedHarms(
        who=np.array(whose),
        term=np.array(terms),
        serious=np.array(grades),
        related=np.array(judgements),
    )


# What the trial file says of all this.

EVENTS_TABLE = """
[[events]]
file = "events.csv"
participant = "id"
kind = "event"
visit = "first_affected"
"""
HARMS_TABLE = """
[harms]
file = "harms.csv"
participant = "id"
term = "term"
serious = "serious"
related = "related"
asked = "systematic"
falls = ["Fall"]
definition = "Invented: any new or worse complaint, asked for by the same list at every visit."
"""
_COMMON = {
    "provider": "Physiotherapists who were trained for one day.",
    "mode": "One to one, in person.",
    "place": "The treadmill room of a clinic.",
    "surface": "Treadmill without slope.",
    "supervision": "A physiotherapist stands beside the treadmill.",
    "progression": "0.1 km/h faster after two sessions without more pain.",
    "tailoring": "Speed follows the person; the time does not.",
    "safety": "Handrails in reach and a stop cord; falls and dizziness are asked for.",
    "stopping_rule": "Pain above 7 of 10 while walking ends the session; two such sessions in a "
    "row end the walks.",
}
_WALKS = {
    "backward": {
        "name": "Backward walking",
        "why": "The knee is loaded less at contact, and its extensors work more.",
        "procedure": "5 min forwards to warm up, 20 min backwards, 5 min forwards.",
        "starting_level": "Half of the comfortable forward speed, found in the first session.",
    },
    "forward": {
        "name": "Forward walking",
        "why": "The same exercise in the usual direction: what is compared is the direction.",
        "procedure": "30 min forwards, the first and last 5 min slowly.",
        "starting_level": "The comfortable forward speed, found in the first session.",
    },
}
METHODS = {
    "background": "Invented: whether walking backwards takes more knee pain than walking forwards.",
    "objectives": "Invented: to compare pain, function and walking, and harms, between the arms.",
    "framework": "Superiority.",
    "allocation_ratio": "1 to 1.",
    "eligibility": "Invented: adults of 45 to 82 years with osteoarthritis of the knee.",
    "setting": "Invented: two clinics, A and B.",
    "sequence_generation": "The program that wrote the trial, by one random permutation of all.",
    "randomisation_type": "Half of the people to each arm; no blocks, no strata.",
    "concealment": "None was needed: nobody enrolled anybody.",
    "blinded": "Nobody.",
    "sample_size": "None was computed: an example of this size is quick to read.",
    "interim": "None.",
    "other_care": "Invented: rescue medication was allowed and recorded.",
    "data_access": "data/example_trial of this project, with the program that wrote it.",
    "funding": "None.",
    "interests": "None.",
}


def dose(weeks: float) -> str:
    """Return the dose of the walks over so many weeks, in words.

    >>> dose(6)
    '30 min a session, 3 sessions a week, 6 weeks.'
    """
    return f"30 min a session, {SESSIONS_A_WEEK} sessions a week, {weeks:g} weeks."


def walks(arm: str, weeks: float) -> dict[str, str]:
    """Return what is said of a walking arm, topic to text."""
    planned = f"{SESSIONS_A_WEEK * weeks:g}"
    return {**_WALKS[arm], **_COMMON, "dose": dose(weeks), "sessions": planned}


def prose_toml(name: str, texts: Mapping[str, str]) -> str:
    """Return a table of texts of a trial file."""
    return "\n".join([f"\n[{name}]", *(f'{key} = "{text}"' for key, text in texts.items())]) + "\n"


def events_key(how: Mapping[str, str]) -> str:
    """Return the line of an estimand that gives the strategy of each kind of event."""
    each = ", ".join(f'{kind} = "{one}"' for kind, one in how.items())
    return f"events = {{ {each} }}\n"


def every(strategy: str) -> dict[str, str]:
    """Return one strategy for events of every kind."""
    return dict.fromkeys((STOPPED, RESCUE, SURGERY), strategy)


def harms_csv(harms: SimulatedHarms, names: Sequence[str]) -> str:
    """Return the file of harms, a row each; `names` are the ids by place."""
    lines = ["id,term,serious,related"]
    parts = zip(harms.who, harms.term, harms.serious, harms.related, strict=True)
    lines += [",".join([names[who], *map(str, rest)]) for who, *rest in parts]
    return "\n".join(lines) + "\n"
