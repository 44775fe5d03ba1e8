"""What each column of a sheet seems to be: id, arm, visit, covariate, outcome, or nothing of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.loaders.draft.column_facts import (
    ARMS,
    IDS,
    REFERENCES,
    SEQUENCES,
    VISITS,
    Facts,
    constant,
    each_once,
    looks_alike,
    rank,
    says_change,
    why_no_covariate,
)
from backwalk_stats.loaders.draft.visit_names import (
    BY_WORDS,
    VisitName,
    in_time,
    numbered_name,
    parted_name,
    visit_of,
)
from backwalk_stats.loaders.sheets.redcap import EVENT, REPEATS
from backwalk_stats.loaders.sheets.sheet import LINE, Sheet
from backwalk_stats.loaders.trial.covariate_values import is_site
from backwalk_stats.loaders.trial.numbers import number
from backwalk_stats.loaders.trial.personal_columns import identifies

_ARM_WORDS = {*REFERENCES, "backward", "bw", "active", "intervention", "treatment"}
_MANY_TEXTS = "text with many different cells"
MOST_SHARED = 1 / 3  # of the people who have a typical level: below, it is a day and no visit
_BASES = ("base", "baseline", "basval", "bl", "bas", "pre")
_BIRTH = re.compile(r"birth|d(?:ate)?_?o_?f?_?b(?:irth)?$", re.IGNORECASE)
_PAIR = re.compile(r"\d{1,4}\s?/\s?\d{1,4}")
_CHANGE = re.compile(r"ch(?:an)?ge?|chg|diff", re.IGNORECASE)
_YES = {"yes", "y", "true", "ja", "j", "si", "sí", "oui"}
_NO = {"no", "n", "false", "nein", "non"}
_TIMES = {"day", "month", "year", "date", "week", "time", "hour", "weeks", "days", "months"}
_SIDES = {"side", "knee", "hip", "eye", "limb", "leg", "joint", "seite"}
_OF_TIME = {"age", "alter", "height"}
MOST_ARMS = 6
LONGEST = 100  # characters of a name
ITEMS = 5  # so many numbered columns are items, not visits
MOST_ANSWERS = 7
MOST_LEVELS = 12
MOST_VISITS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is measured, and where: columns by visit (wide), or one column (long)."""

    stem: str
    columns: dict[str, str] = field(default_factory=dict)
    column: str = ""
    baseline_column: str = ""
    baseline_why: str = ""
    values: NDArray[np.float64]


@dataclass(kw_only=True, slots=True)
class Roles:
    """What the columns of a sheet seem to be; "" and empty where nothing seems so.

    `written` is text in the column of visits to visit, `unused` column to why, `notes` role to what
    is to be asked or told about it. `crossover`: each person has every arm in turn. `by_day`: what
    `visit` names is a time of each row, no visit.
    """

    facts: Mapping[str, Facts]
    ids: list[str] = field(default_factory=list)
    arm: str = ""
    arm_events: list[str] = field(default_factory=list)
    visit: str = ""
    instrument: str = ""
    visits: list[VisitName] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    covariates: list[str] = field(default_factory=list)
    personal: dict[str, str] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    no_arm: int = 0
    crossover: bool = False
    sequence: str = ""
    by_day: bool = False
    keep: dict[str, str] = field(default_factory=dict)


def roles_of(facts: Mapping[str, Facts]) -> Roles:
    """Return what the columns of a sheet seem to be."""
    roles = Roles(facts=facts)
    for name, one in facts.items():
        what = identifies(name, list(one.cells)) if rank(name, IDS) is None else None
        if what is None and _BIRTH.search(name):
            what = "a part of a date of birth"
        many = not one.numeric and len(one.levels) > MOST_LEVELS
        if what is None and many and "name" in re.split(r"[\W_]+", name.casefold()):
            what = "a name"
        if what:
            roles.personal[name] = what
        elif not one.levels:
            roles.unused[name] = "no value in it"
        elif len(name) > LONGEST:
            roles.unused[name] = "its name is too long"
    left = [name for name in facts if name not in roles.personal and name not in roles.unused]
    _redcap(left, roles)
    _identify(left, roles)
    _find_arm(left, roles)
    taken = {*roles.ids, *roles.keep, *roles.unused, roles.arm, roles.visit, roles.sequence}
    left = [name for name in left if name not in taken]
    (_long if roles.visit else _wide)(left, roles)
    return roles


def rows_after(sheet: Sheet, roles: Roles) -> int:
    """Return how many lines of the file stand under the last row that has an id and an arm."""
    needed = [roles.facts[name].cells for name in roles.ids]
    lines = [int(line) for line in sheet.frame[LINE]]
    last = max((line for line, *ids in zip(lines, *needed, strict=True) if all(ids)), default=0)
    return lines[-1] - last if needed and last else 0


def _best(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the names that are known words, the likeliest first."""
    ranked = [(at, name) for name in names if (at := rank(name, known)) is not None]
    return [name for _, name in sorted(ranked, key=lambda one: one[0])]


def _redcap(left: list[str], roles: Roles) -> None:
    facts = roles.facts
    forms, event = facts.get(REPEATS[0]), facts.get(EVENT)
    if forms is not None and forms.levels and REPEATS[1] in left:
        counts = Counter(cell for cell in forms.cells if cell)
        roles.instrument = counts.most_common(1)[0][0]
        roles.visit = REPEATS[1]
        if len(counts) > 1:
            roles.notes["instrument"] = f"other forms repeat too: {', '.join(forms.levels)}"
    if event is not None:
        arms = {match[1] for level in event.levels if (match := re.search(r"_arm_(\d+)$", level))}
        roles.arm_events = sorted(arms, key=int) if len(arms) > 1 else []
    for name in [one for one in left if one.startswith("redcap_repeat_")]:
        left.remove(name)


def _identify(left: Sequence[str], roles: Roles) -> None:
    """Find the ids, and the visit where an id stands in several rows."""
    facts = roles.facts
    ids = _best(left, IDS) or [name for name in left if re.search(r"(?:^|[\W_])id$", name.lower())]
    rows = len(next(iter(facts.values())).cells)
    weak = ("n", "nr", "no", "number", "code", "case", "person")
    ids = [n for n in ids if n.casefold() not in weak or len(facts[n].levels) >= 0.1 * rows]
    if not ids:
        return
    own = next((name for name in ids if len(facts[name].levels) == rows), ids[0])
    filled = sum(bool(cell) for cell in facts[own].cells)
    repeats = filled - len(facts[own].levels)
    places = [name for name in left if is_site(name) and name != own]
    if not roles.visit and repeats > 0.2 * rows and _by_visit(left, own, places, roles):
        return
    roles.ids = [own]
    if roles.visit or not repeats:
        return
    for place in places:
        if _unique(facts, [place, own]):
            roles.ids = [place, own]
            return
    roles.notes["id"] = "some ids occur more than once"
    sides = [n for n in left if set(re.split(r"[\W_]+", n.casefold())) & _SIDES]
    for side in sides:
        if _unique(facts, [own, side]):
            roles.notes = {"side": side}
            roles.unused[side] = "it tells rows of one person apart"
            return
    telling = [n for n in left if n != own and len(facts[n].levels) <= MOST_VISITS]
    for name in [n for n in telling if not facts[n].numeric and _unique(facts, [own, n])][:1]:
        roles.notes["id"] = (
            f"rows of an id differ by {name}: is it the visit (visit = ...)? Where it says what "
            "was measured, give each measurement a column of its own. Or is it"
        )


def _by_visit(left: Sequence[str], own: str, places: Sequence[str], roles: Roles) -> bool:
    """Find the column that tells the rows of an id apart, and return whether there is one."""
    facts = roles.facts
    named = [name for name in _best(left, VISITS) if name != own and not facts[name].dated]
    named = [name for name in named if len(facts[name].levels) > 1]
    days = [name for name in named if _of_each(facts, own, name)]
    visits = [n for n in named if len(facts[n].levels) <= MOST_VISITS and n not in days]
    for name in visits:
        for more in ([], *([place] for place in places)):
            if _unique(facts, [*more, own, name]):
                roles.ids, roles.visit = [*more, own], name
                return True
    roles.ids = [own]
    if visits:
        roles.visit = visits[0]
        roles.notes["id"] = "some ids occur more than once at a visit"
    elif days:
        roles.visit, roles.by_day = days[0], True
    return bool(roles.visit)


def _of_each(facts: Mapping[str, Facts], own: str, name: str) -> bool:
    """Return whether a column tells when each row was measured, each person at times of its own."""
    rows = set(zip(facts[own].cells, facts[name].cells, strict=True))
    shared = Counter(level for person, level in rows if person and level)
    each = max(Counter(person for person, level in rows if person and level).values(), default=0)
    typical = float(np.median(list(shared.values()))) if shared else 0.0
    few = typical < MOST_SHARED * len(facts[own].levels)
    return few and len(shared) >= 2 * each


def _unique(facts: Mapping[str, Facts], names: Sequence[str]) -> bool:
    rows = list(zip(*(facts[name].cells for name in names), strict=True))
    return len(set(rows)) == len(rows)


def _find_arm(left: Sequence[str], roles: Roles) -> None:
    facts = roles.facts
    for name in left:
        folded = {level.casefold() for level in facts[name].levels}
        if name.casefold().startswith("randomi") and folded & _YES and folded <= _YES | _NO:
            yes = next(level for level in facts[name].levels if level.casefold() in _YES)
            roles.keep = {name: yes}
    if roles.arm_events:
        return

    def may_be(name: str) -> bool:
        one = facts[name]
        few = 2 <= len(one.levels) <= MOST_ARMS and not one.dated
        free = name not in (*roles.ids, *roles.keep, roles.visit)
        return few and free and (not roles.visit or constant(facts, name, roles.ids))

    named = [name for name in _best(left, ARMS) if may_be(name)]
    if not named:
        named = [
            name
            for name in left
            if may_be(name)
            and (
                any(word in ARMS for word in re.split(r"[\W_]+", name.casefold()))
                or _worded(facts[name])
            )
        ]
    if named:
        roles.arm = named[0]
        if not roles.keep:
            roles.no_arm = _without(facts, roles.arm, roles.ids)
    else:
        _treatments_in_turn(left, roles)
        if roles.crossover:
            return
    like = [name for name in left if roles.arm and name != roles.arm and may_be(name)]
    others = dict.fromkeys(
        [*named[1:], *(name for name in like if _like_arm(facts, name, roles.arm))]
    )
    if others:
        roles.notes["arm"] = f"or is it {' or '.join(list(others)[:3])}?"


def _treatments_in_turn(left: Sequence[str], roles: Roles) -> None:
    """Find an arm that changes within a person: a crossover where each has every level once."""
    facts = roles.facts
    changing = [n for n in _best(left, ARMS) if 1 < len(facts[n].levels) <= MOST_ARMS]
    for name in changing[:1]:
        if each_once(facts, roles.ids, name):
            roles.arm, roles.crossover = name, True
            roles.sequence = next(iter(_best(left, SEQUENCES)), "")
            return
        told = f'{name} changes within a person: is it a crossover? Then arm = "{name}"'
        roles.notes["crossover"] = f'{told}, and design = "crossover" under [trial]'


def _like_arm(facts: Mapping[str, Facts], name: str, arm: str) -> bool:
    """Return whether a column may be an arm as well: it has the arm's labels, or an arm's name."""
    return re.sub(r"[\W\d_]+", "", name.casefold()) in ARMS or _has_levels_of(facts, name, arm)


def _has_levels_of(facts: Mapping[str, Facts], name: str, arm: str) -> bool:
    """Return whether a column of words, or of labelled codes, has the levels of the arm."""
    if name == arm or not arm:
        return False
    own, of_arm = (
        {(level.casefold(), facts[one].labels.get(level, "")) for level in facts[one].levels}
        for one in (name, arm)
    )
    worded = not facts[arm].numeric or bool(facts[arm].labels)
    return worded and len(own) > 1 and own <= of_arm


def _without(facts: Mapping[str, Facts], name: str, ids: Sequence[str]) -> int:
    """Return how many people, or rows where none have ids, have no cell filled in a column."""
    cells = facts[name].cells
    if not ids:
        return sum(not cell for cell in cells)
    people = list(zip(*(facts[one].cells for one in ids), strict=True))
    filled = {person for person, cell in zip(people, cells, strict=True) if cell}
    return len(set(people) - filled)


def _worded(one: Facts) -> bool:
    texts = [one.labels.get(level, level) for level in one.levels]
    words = {word for text in texts for word in re.split(r"[\W_]+", text.casefold())}
    return len(words & _ARM_WORDS) > 0


# A row a person: outcomes are columns of one stem at several visits.


def _wide(left: Sequence[str], roles: Roles) -> None:
    facts = roles.facts
    stems: dict[str, dict[str, str]] = {}
    visits: list[VisitName] = []
    for name in [one for one in left if says_change(one) and facts[one].numeric]:
        roles.unused[name] = "a change, by its name: changes are made from what was measured"
    for name in [one for one in left if one not in roles.unused]:
        parted = parted_name(name)
        if parted is not None and facts[name].numeric and not facts[name].dated:
            stem, visit = parted
            if set(stem.split()) & _TIMES:
                continue
            stems.setdefault(stem, {}).setdefault(visit.name, name)
            visits.append(visit)
    _items(stems, roles)
    _one_baseline(stems, visits, roles)
    if not any(len(columns) > 1 for columns in stems.values()):
        stems, visits = _numbered(facts, [name for name in left if name not in roles.unused])
        for stem in [one for one in stems if _are_items(facts, stems[one].values())]:
            why = f"an item of {stem}, it seems: items = {{ visit = [...] }} has it scored"
            roles.unused.update(dict.fromkeys(stems.pop(stem).values(), why))
        roles.notes["visits"] = "the names tell numbers only: are these visits in this order?"
    there = {v for columns in stems.values() if len(columns) > 1 for v in columns}
    # A stem of one visit counts where others have that visit, and it is not the first.
    stems = {
        stem: columns
        for stem, columns in stems.items()
        if len(columns) > 1 or (set(columns) <= there and not _before(visits, columns))
    }
    used = {visit for columns in stems.values() for visit in columns}
    roles.visits = in_time([one for one in visits if one.name in used])
    order = [one.name for one in roles.visits]
    for stem, columns in stems.items():
        by_time = {visit: columns[visit] for visit in order if visit in columns}
        values = np.concatenate([facts[name].values for name in by_time.values()])
        roles.outcomes.append(Outcome(stem=stem or "score", columns=by_time, values=values))
    taken = {name for one in roles.outcomes for name in one.columns.values()}
    _rest([n for n in left if n not in taken and n not in roles.unused], roles)


def _are_items(facts: Mapping[str, Facts], columns: Collection[str]) -> bool:
    """Return whether numbered columns are items: several, of few whole answers."""
    few = all(facts[one].whole and len(facts[one].levels) <= MOST_ANSWERS for one in columns)
    return len(columns) >= ITEMS and few


def _items(stems: dict[str, dict[str, str]], roles: Roles) -> None:
    """Leave out what is numbered within each visit, such as rmdq1_w0 to rmdq24_w6, and tell it."""
    scales: dict[str, list[str]] = {}
    for stem in stems:
        numbered = numbered_name(stem)
        if numbered is not None:
            scales.setdefault(numbered[0], []).append(stem)
    for scale, found in scales.items():
        columns = [column for stem in found for column in stems[stem].values()]
        if len(found) >= ITEMS and _are_items(roles.facts, columns):
            why = f"an item of {scale}, it seems: items = {{ visit = [...] }} has it scored"
            roles.unused.update(dict.fromkeys(columns, why))
            for stem in found:
                del stems[stem]


def _one_baseline(stems: dict[str, dict[str, str]], visits: list[VisitName], roles: Roles) -> None:
    """Make one baseline of pre, baseline, W0 and the like; of two for an outcome keep the later."""
    first = {one.name: one for one in in_time(visits) if one.before or one.place == 0}
    if len(first) < 2:
        return
    counts = Counter(name for columns in stems.values() for name in columns if name in first)
    kept = max(counts, key=lambda name: (first[name].place, counts[name]))
    for columns in stems.values():
        own = sorted((name for name in columns if name in first), key=lambda n: first[n].place)
        for name in own[:-1]:
            why = f"measured before treatment as {columns[own[-1]]} is: combine may use both"
            roles.unused[columns.pop(name)] = why
        if own and own[-1] != kept:
            columns[kept] = columns.pop(own[-1])


def _before(visits: Sequence[VisitName], columns: Mapping[str, str]) -> bool:
    return any(one.before for one in visits if one.name in columns)


def _numbered(
    facts: Mapping[str, Facts], left: Sequence[str]
) -> tuple[dict[str, dict[str, str]], list[VisitName]]:
    """Return outcomes of names that end in a number, such as pk1 and pk2."""
    stems: dict[str, dict[str, str]] = {}
    visits = []
    for name in left:
        parted = numbered_name(name)
        when = None if parted is None else visit_of(parted[0])
        if parted is not None and when is not None and facts[name].numeric:
            # pre1, pre2, post1, post2: two measurements at each of two visits.
            stems.setdefault(f"score {parted[1]}", {})[when.name] = name
            visits.append(when)
        elif parted is not None and facts[name].numeric:
            visit = VisitName(name=f"V{parted[1]}", place=float(parted[1]))
            stems.setdefault(parted[0], {})[visit.name] = name
            visits.append(visit)
    return stems, visits


# A row a visit: outcomes differ between the rows of a person, covariates do not.


def _visit_rows(roles: Roles) -> None:
    """Put the visits of a column in order of time; those that tell none as they first occur."""
    if roles.by_day:
        return
    found = {level: visit_of(level) for level in roles.facts[roles.visit].levels}
    if None in found.values():
        roles.notes["visits"] = "names that tell no time stand as they first occur: order them"
    placed = [
        (visit.place if visit else 1e9 + place, level)
        for place, (level, visit) in enumerate(found.items())
    ]
    for _, level in sorted(placed):
        visit = found[level]
        name = re.sub(r"_arm_\d{1,3}$", "", level) if roles.visit == EVENT else level
        if name != level and not roles.arm_events:
            roles.written[level] = name
        if name in [one.name for one in roles.visits]:
            continue
        days = visit.days if visit else None
        roles.visits.append(
            VisitName(
                name=name,
                place=visit.place if visit else 1.0,
                days=_days(roles.visit, level) if days is None else days,
                before=visit.before if visit else False,
            )
        )


def _long(left: Sequence[str], roles: Roles) -> None:
    facts = roles.facts
    _visit_rows(roles)
    varying = [
        name
        for name in left
        if facts[name].numeric and not facts[name].dated and not constant(facts, name, roles.ids)
    ]
    timed = [name for name in varying if _says_time(name) or name.casefold() in _OF_TIME]
    roles.unused.update(dict.fromkeys(timed, "a time or an age of the visit, by its name"))
    outcomes = [name for name in varying if name not in timed]
    changes = _changes(facts, outcomes, left)
    roles.unused.update(changes)
    outcomes = [name for name in outcomes if name not in changes]
    steady = [name for name in left if name not in varying]
    bases = _baselines(facts, outcomes, [name for name in steady if facts[name].numeric])
    for name in outcomes:
        base, why = bases.get(name, ("", ""))
        roles.outcomes.append(
            Outcome(
                stem=name,
                column=name,
                baseline_column=base,
                baseline_why=why,
                values=facts[name].values,
            )
        )
    used = {base for base, _ in bases.values()}
    _rest([name for name in steady if name not in used], roles)


def _says_time(name: str) -> bool:
    return re.search(r"days?$|dy$|weeks?$|months?$|_time$", name.casefold()) is not None


def _days(column: str, level: str) -> float | None:
    """Return the days of a visit whose column says the unit: week, month, day."""
    visit = visit_of(f"{column} {level}") if re.fullmatch(r"\d{1,4}", level) else None
    return visit.days if visit else None


def _baselines(
    facts: Mapping[str, Facts], outcomes: Sequence[str], steady: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Return outcome to the column of its baseline and why, where one is told."""
    found: dict[str, tuple[str, str]] = {}
    bases = [name for name in steady if _is_base(name)]
    many = [name for name in outcomes if len(facts[name].levels) > 2]
    for base in bases:
        for name in outcomes:
            if told := _proved(facts, name, base):
                found[name] = (base, told)
        if base in [one for one, _ in found.values()]:
            continue
        stem = re.sub(r"[\W_]*(?:baseline|base|basval|bl|bas|pre)[\W_]*", "", base.casefold())
        own = [name for name in outcomes if stem and stem == name.casefold()]
        if own or len(many) == 1:
            name = (own or many)[0]
            found[name] = (base, "it has one value a person, and its name says baseline")
    return found


def _proved(facts: Mapping[str, Facts], name: str, base: str) -> str:
    """Return what proves that one column is the baseline of another, else ""."""
    for change in facts:
        if _CHANGE.search(change) and _is_change(facts, name, base, change):
            return f"{name} less {base} is {change} in every row"
    return ""


def _changes(
    facts: Mapping[str, Facts], outcomes: Sequence[str], left: Sequence[str]
) -> dict[str, str]:
    """Return columns that are another outcome less its baseline, and of which they are."""
    found = {}
    for change in filter(_CHANGE.search, outcomes):
        for name in outcomes:
            for base in filter(_is_base, left):
                if name != change and _is_change(facts, name, base, change):
                    found[change] = f"it is {name} less {base}"
    return found


def _is_base(name: str) -> bool:
    words = re.split(r"[\W_]+", name.casefold())
    return any(word in _BASES for word in words) or name.casefold().startswith("basval")


def _is_change(facts: Mapping[str, Facts], name: str, base: str, change: str) -> bool:
    columns = [facts[one].cells for one in (name, base, change)]
    rows = [row for row in zip(*columns, strict=True) if all(row)]
    read = [[number(cell, ".") for cell in row] for row in rows]
    return bool(read) and all(
        None not in row and abs(row[0] - row[1] - row[2]) < 1e-6  # type: ignore[operator]
        for row in read
    )


def _kept_out(name: str, roles: Roles) -> str:
    """Return why a column is no covariate by what its name, or its levels, say of it."""
    if _has_levels_of(roles.facts, name, roles.arm):
        return "it has the labels of the arm: received = ... under [sets] where it is that"
    if why := why_no_covariate(name):
        return why
    words = set(re.split(r"[\W\d_]+", name.casefold()))
    parted = parted_name(name)
    later = parted and (parted[1].place >= BY_WORDS or (parted[1].days or 0.0) > 0.0)
    if parted and later and roles.facts[name].numeric:
        return f"measured after treatment began, by {parted[1].name} in its name"
    stems = {one.stem.casefold() for one in roles.outcomes if len(one.columns) > 1}
    same = [stem for stem in stems if name.casefold().startswith(stem) and len(stem) > 2]
    if roles.facts[name].numeric and same and not words & {"duration", "since", "onset"}:
        return f"its name begins as {same[0]}: is it a visit of it, in columns?"
    return ""


def _rest(left: Sequence[str], roles: Roles) -> None:
    """Part what is left into covariates and what is not used."""
    facts = roles.facts
    for name in left:
        one = facts[name]
        if why := _kept_out(name, roles):
            roles.unused[name] = why
        elif one.dated:
            roles.unused[name] = "dates: date, randomised or dropout_date may use it"
        elif set(re.split(r"[\W_]+", name.casefold())) & _TIMES:
            roles.unused[name] = "a part of a date or a time, by its name"
        elif one.levels and all(_PAIR.fullmatch(level) for level in one.levels):
            roles.unused[name] = "two numbers in one cell: write them in two columns"
        elif not one.numeric and len(one.values) >= 0.5 * len([c for c in one.cells if c]):
            roles.unused[name] = f"mostly numbers, with {looks_alike(one) or 'texts'} among them"
        elif not one.numeric and len(one.levels) > MOST_LEVELS:
            like = looks_alike(one)
            roles.unused[name] = f"many different cells of {like}" if like else _MANY_TEXTS
        elif len(one.levels) == 1:
            roles.unused[name] = "the same in every row"
        elif not constant(facts, name, roles.ids):
            roles.unused[name] = "it changes within a person"
        else:
            roles.covariates.append(name)
