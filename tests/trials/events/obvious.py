"""A simulated trial with intercurrent events as files, and its values after them by plain loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from backwalk_stats.loaders.load import load_trial
from backwalk_stats.trial.trial import Trial

ORDER = ("W0", "W2", "W4", "W8")
WEEKS = (0, 2, 4, 8)
KINDS = ("stopped", "rescue", "moved away")
OUTCOMES = {"pain": ("lower", 0.0, 10.0), "walk": ("higher", 0.0, 100.0)}
START = date(2024, 3, 4)
Values = dict[str, dict[str, float | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One participant: arm, dates of visits (None where not held), values, and events."""

    id: str
    arm: str
    days: Mapping[str, date | None]
    values: Values
    events: Sequence[tuple[str, int, date]]


def people(n: int = 60, seed: int = 4) -> list[Person]:
    """Return people of whom some have no event, some one, some several; some come no more."""
    rng = np.random.default_rng(seed)
    found = []
    for place in range(n):
        start = START + timedelta(days=int(rng.integers(0, 60)))
        gone = int(rng.integers(2, 4)) if rng.random() < 0.2 else len(ORDER)
        planned = [start + timedelta(days=7 * week) for week in WEEKS]
        jitter = [0, *rng.integers(-2, 3, len(ORDER) - 1).tolist()]
        days = [day + timedelta(days=int(j)) for day, j in zip(planned, jitter, strict=True)]
        held = {name: days[k] if k < gone else None for k, name in enumerate(ORDER)}
        own = rng.normal()
        values: Values = {}
        for outcome, (better, low, high) in OUTCOMES.items():
            span, way = (high - low) / 10, -1 if better == "lower" else 1
            course = [5 + own + way * 0.5 * k + rng.normal() for k in range(len(ORDER))]
            kept = [float(np.clip(low + span * c, low, high).round(1)) for c in course]
            gaps = [k >= gone or (k > 0 and rng.random() < 0.06) for k in range(len(ORDER))]
            values[outcome] = {name: None if gaps[k] else kept[k] for k, name in enumerate(ORDER)}
        events = []
        for kind in KINDS:
            if rng.random() < 0.25:
                first = int(rng.integers(1, len(ORDER) + 1))
                # The day before the visit as it was planned or held, or after the last one.
                at = len(ORDER) - 1
                day = (min(planned[first], days[first]) - timedelta(days=3) if first <= at
                       else max(planned[at], days[at]) + timedelta(days=3))  # fmt: skip
                events.append((kind, first, day))
        found.append(
            Person(
                id=f"K{place:03d}",
                arm="BW" if place % 2 else "FW",
                days=held,
                values=values,
                events=events,
            )
        )
    return found


def after(one: Person, outcome: str, how: Mapping[str, str]) -> dict[str, float | None]:
    """Return the values of a person as the strategies want them, visit by visit."""
    better, low, high = OUTCOMES[outcome]
    given = one.values[outcome]
    found: dict[str, float | None] = {ORDER[0]: given[ORDER[0]]}
    for place, visit in enumerate(ORDER[1:], start=1):
        so_far = [(first, how[kind]) for kind, first, _ in one.events if first <= place]
        if any(strategy == "composite" for _, strategy in so_far):
            found[visit] = high if better == "lower" else low
            continue
        found[visit] = given[visit]
        deciding = [pair for pair in so_far if pair[1] != "treatment-policy"]
        if not deciding:
            continue
        first = min(at for at, _ in deciding)
        if (first, "while-on-treatment") in deciding:
            earlier = [given[name] for name in ORDER[:first] if given[name] is not None]
            found[visit] = earlier[-1] if earlier else None
        else:
            found[visit] = None
    return found


# The same as files.


def rows(who: Sequence[Person], layout: str, how: Mapping[str, Mapping[str, str]] | None) -> str:
    """Return the data as CSV; with strategies by outcome, as they want the values."""

    def values(one: Person, outcome: str) -> Mapping[str, float | None]:
        return one.values[outcome] if how is None else after(one, outcome, how[outcome])

    def cell(value: object) -> str:
        return "" if value is None else str(value)

    if layout == "wide":
        names = [f"{outcome}_{visit}" for outcome in OUTCOMES for visit in ORDER]
        lines = [",".join(["id", "group", *names, *(f"day_{visit}" for visit in ORDER)])]
        for one in who:
            cells = [cell(values(one, outcome)[visit]) for outcome in OUTCOMES for visit in ORDER]
            days = [cell(one.days[visit]) for visit in ORDER]
            lines.append(",".join([one.id, one.arm, *cells, *days]))
        return "\n".join(lines) + "\n"
    lines = [",".join(["id", "group", "visit", *OUTCOMES, "day"])]
    for one in who:
        for visit in ORDER:
            cells = [cell(values(one, outcome)[visit]) for outcome in OUTCOMES]
            lines.append(",".join([one.id, one.arm, visit, *cells, cell(one.days[visit])]))
    return "\n".join(lines) + "\n"


def made(
    folder: Path,
    who: Sequence[Person],
    *,
    layout: str = "wide",
    by: str = "visit",
    events: str | None = None,
    estimands: str,
    more: str = "",
    how: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Write a trial with its events `by` visit or date; none where it is ""."""
    folder.mkdir(exist_ok=True)
    (folder / "data.csv").write_text(rows(who, layout, how))
    if events is None:
        events = f"id,what,{by}\n"
        for one in who:
            for kind, first, day in one.events:
                if by == "date":
                    events += f"{one.id},{kind},{day}\n"
                elif first < len(ORDER):  # what comes after the last visit has no visit
                    events += f"{one.id},{kind},{ORDER[first]}\n"
    (folder / "events.csv").write_text(events)
    text = (
        '[trial]\nid = "e"\ntitle = "SIMULATED: events"\n[arms]\nreference = "forward"\n'
        'labels = { BW = "backward", FW = "forward" }\n[visits]\nbaseline = "W0"\n'
        f"order = {list(ORDER)}\nweeks = {list(WEEKS)}\n"
        '[[data]]\nfile = "data.csv"\nparticipant = "id"\narm = "group"\n'
    )
    if layout == "wide":
        days = ", ".join(f'{visit} = "day_{visit}"' for visit in ORDER)
        text += f"date = {{ {days} }}\n"
    else:
        text += 'layout = "long"\nvisit = "visit"\ndate = "day"\n'
    for outcome, (better, low, high) in OUTCOMES.items():
        columns = ", ".join(f'{visit} = "{outcome}_{visit}"' for visit in ORDER)
        where = f"columns = {{ {columns} }}" if layout == "wide" else f'column = "{outcome}"'
        text += f'[[outcome]]\nname = "{outcome}"\nbetter = "{better}"\nlow = {low:g}\n'
        text += f'high = {high:g}\nunit = "points"\nrole = "primary"\n{where}\n'
    if by:
        text += (
            f'[[events]]\nfile = "events.csv"\nparticipant = "id"\nkind = "what"\n{by} = "{by}"\n'
        )
    path = folder / "trial.toml"
    path.write_text(text + more + estimands)
    return path


def estimand(outcome: str, how: Mapping[str, str] | None, more: str = "") -> str:
    """Return an estimand of an outcome at the last visit, with strategies by kind."""
    told = f'[[estimand]]\noutcome = "{outcome}"\nvisit = "W8"\n{more}\n'
    if how is None:
        return told
    each = ", ".join(f'"{kind}" = "{strategy}"' for kind, strategy in how.items())
    return f"{told}events = {{ {each} }}\n"


def loaded(path: Path) -> Trial:
    """Return the trial of a folder."""
    return load_trial(path)
