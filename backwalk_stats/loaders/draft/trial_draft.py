"""The draft of a trial file as text: each line with its reason, each doubt as a question."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from backwalk_stats.errors import printable
from backwalk_stats.loaders.draft.column_facts import (
    Facts,
    conduct_lines,
    facts_of,
    labels_of,
    looks_coded,
    reference_of,
    without_conduct,
)  # fmt: skip
from backwalk_stats.loaders.draft.column_roles import Outcome, Roles, roles_of, rows_after
from backwalk_stats.loaders.draft.scale_matching import likely_better, matched, misfit, unit_of
from backwalk_stats.loaders.draft.sheet_opening import Opening, headings, open_unknown, opened_again
from backwalk_stats.loaders.draft.visit_names import BY_WORDS, VisitName
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.covariate_values import is_site
from backwalk_stats.loaders.trial_file.schema import RESERVED

ASK = "# ? "
UNKNOWN = "?"  # what no trial file accepts: it must be answered
MOST_UNKNOWN = 2  # outcomes without a known direction that are drafted; others are commented out
MANY_LEVELS = 12
MOST_LISTED = 8  # unused columns of one reason that are listed each
_KNOWN_NUMBERS = {"age", "bmi", "height", "weight", "alter", "edad", "calcbmi"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialDraft:
    """A drafted trial file.

    Attributes
    ----------
    text : str
        The trial file, in TOML.
    questions : int
        How many of its lines ask.
    personal : tuple of str
        Columns that identify people: they are not used.
    covariates : tuple of str
        Columns of the covariates.
    lacking : tuple of str
        What of a trial no column looks like: "ids", "an arm", "an outcome".
    """

    text: str
    questions: int
    personal: tuple[str, ...]
    covariates: tuple[str, ...]
    lacking: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Writer:
    """Lines of a trial file as they come."""

    lines: list[str] = field(default_factory=list)

    def say(self, *texts: str) -> None:
        self.lines += [f"# {printable(text, 600)}" for text in texts if text]

    def ask(self, text: str) -> None:
        self.lines.append(f"{ASK}{printable(text, 600)}")

    def key(self, name: str, value: object, why: str = "") -> None:
        line = f"{name} = {value if isinstance(value, _Raw) else _toml(value)}"
        self.lines.append(f"{line}  # {printable(why, 300)}" if why else line)

    def part(self, heading: str) -> None:
        self.lines += ["", heading]


class _Raw(str):
    """A text that is TOML already."""

    __slots__ = ()


def draft_of(
    path: Path,
    *,
    trial_id: str,
    dictionary: Path | None = None,
    without: Mapping[str, str] | None = None,
) -> TrialDraft:
    """Return the draft of a trial file for a sheet; it names the sheet as if it lay beside it.

    Parameters
    ----------
    path : path
        The sheet, of any format that is read.
    trial_id : str
        What the trial is called.
    dictionary : path, optional
        Data dictionary of REDCap, where the sheet is a raw export.
    without : dict, optional
        Columns that are left out of the covariates, and why.

    Returns
    -------
    TrialDraft

    Raises
    ------
    InputError
        Where the sheet cannot be read.
    """
    opening = open_unknown(path, dictionary)
    facts = facts_of(opening.sheet, str(opening.keys.get("decimal", ".")))
    under = rows_after(opening.sheet, roles_of(facts))
    if under:
        footer = {"footer_rows": int(opening.keys.get("footer_rows", 0)) + under}
        asked = {"footer_rows": f"the last {under} row(s) that were read have no id: no records?"}
        opening = opened_again(path, opening, footer, asked)
    return draft_from(
        opening,
        trial_id=trial_id,
        file=path.name,
        dictionary=None if dictionary is None else dictionary.name,
        without=without or {},
    )


def draft_from(
    opening: Opening,
    *,
    trial_id: str,
    file: str,
    dictionary: str | None,
    without: Mapping[str, str],
) -> TrialDraft:
    """Return the draft for a sheet that is open."""
    facts = facts_of(opening.sheet, str(opening.keys.get("decimal", ".")))
    roles = roles_of(facts)
    for column in [one for one in roles.covariates if one in without]:
        roles.covariates.remove(column)
        roles.unused[column] = without[column]
    conduct = without_conduct(roles.facts, roles.covariates, roles.unused)
    visits = _visits(roles)
    writer = _Writer()
    _head(writer, trial_id, file, roles)
    arms = _arms(writer, roles)
    _write_visits(writer, roles, visits)
    _data(writer, roles, opening, {"file": file, "dictionary": dictionary})
    outcomes = _outcomes(writer, roles, visits)
    _estimands(writer, roles, visits, outcomes, arms)
    _unused(writer, roles)
    writer.lines += conduct_lines(conduct, next(iter(roles.ids), "id"))
    text = "\n".join(writer.lines) + "\n"
    parts = {
        "ids": roles.ids,
        "an arm": roles.arm or roles.arm_events or "crossover" in roles.notes,
        "an outcome": roles.outcomes,
    }
    asked = sum(line.startswith(ASK) for line in writer.lines)
    return TrialDraft(
        text=text,
        questions=asked,
        personal=tuple(roles.personal),
        covariates=tuple(roles.covariates),
        lacking=tuple(what for what, there in parts.items() if not there),
    )


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(str(key))} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _plain(text: str, mark: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", mark, ascii_text).strip(mark)


def _names(texts: Iterable[str], prefix: str) -> list[str]:
    """Return a plain name for each text, none twice and none that is taken."""
    taken = set(RESERVED)
    found = []
    for text in texts:
        name = _plain(text, "_")[:50] or prefix
        name = f"{prefix}_{name}" if not name[0].isalpha() else name
        base, number = name, 2
        while name in taken:
            name = f"{prefix}_{base}" if base in RESERVED and number == 2 else f"{base}_{number}"
            number += 1
        taken.add(name)
        found.append(name)
    return found


def _head(writer: _Writer, trial_id: str, file: str, roles: Roles) -> None:
    writer.say(
        f"A draft, made from the columns of {file}. Each choice has its reason beside it.",
        "A line that begins with # ? is a question about the line under it: edit that line, or "
        "leave it where it is right.",
        "backwalk check trial.toml says what is still open; keys: docs/trial_file.md.",
    )
    if roles.personal:
        listed = ", ".join(f"{name} ({what})" for name, what in roles.personal.items())
        writer.say(f"Not used, since they identify people: {listed}.")
        writer.ask("delete these columns from the sheet, or run check with --allow-identifiers")
    writer.part("[trial]")
    writer.key("id", trial_id)
    writer.ask("what is the trial called?")
    writer.key("title", f"Trial of {file}")
    if roles.crossover:
        writer.ask(f"each person has every level of {roles.arm} in turn: is it a crossover?")
        writer.key("design", "crossover")


def _arms(writer: _Writer, roles: Roles) -> dict[str, str]:
    """Write the arms and return arm to label as readers see it, the reference first."""
    facts = roles.facts
    if roles.arm:
        one = facts[roles.arm]
        # Labels of arms match without regard to case and spaces.
        levels = {folded(level): level for level in reversed(one.levels)}
        labels = {
            level: one.labels.get(level, level)
            for level in one.levels
            if levels[folded(level)] == level
        }
    else:
        labels = {arm: f"arm {arm}" for arm in roles.arm_events}
    writer.part("[arms]")
    if not labels:
        writer.ask("no column looks like the arm: which labels has it, and which is the reference?")
        writer.key("reference", "reference")
        writer.key("labels", {"A": "reference", "B": "other"})
        return {"reference": "reference", "other": "other"}
    coded = all(re.fullmatch(r"-?\d+", label) for label in labels.values())
    words = {level: f"arm {label}" if coded else label for level, label in labels.items()}
    slugs = {level: _plain(word, "-")[:60] or f"arm-{n}" for n, (level, word) in
             enumerate(words.items(), start=1)}  # fmt: skip
    if len(set(slugs.values())) < len(slugs):
        slugs = {level: f"arm-{n}" for n, level in enumerate(labels, start=1)}
    reference, word = reference_of(list(words.values()))
    own = next(level for level, one in words.items() if one == reference)
    why = f"its label says {word}" if word else "it is the first; nothing says which it is"
    writer.ask(f"which arm is the reference? Results are arm minus reference ({why})")
    writer.key("reference", slugs[own])
    if coded:
        writer.ask("what do these codes of the arms mean? Nothing in the sheet says it")
    writer.key("labels", slugs)
    if not coded:
        writer.key("names", {slugs[level]: word for level, word in words.items()})
    order = [own, *(level for level in slugs if level != own)]
    return {slugs[level]: words[level] for level in order}


# Visits: which is the baseline, and when they are.


def _visits(roles: Roles) -> list[VisitName]:
    """Return the visits with a baseline first, one that has no value where none is there."""
    visits = list(roles.visits)
    has_base = any(one.baseline_column for one in roles.outcomes)
    first = visits[0] if visits else None
    timed = first is not None and first.days is not None and first.days > 0
    if first is not None and roles.crossover:
        return visits
    if first is None or has_base or timed or (not first.before and first.place >= 1e6):
        name = "baseline" if all(one.name != "baseline" for one in visits) else "before"
        visits.insert(0, VisitName(name=name, place=-2.0, days=0.0, before=True))
    return visits


def _write_visits(writer: _Writer, roles: Roles, visits: Sequence[VisitName]) -> None:
    writer.part("[visits]")
    baseline = visits[0]
    if roles.crossover and not baseline.before:
        writer.ask("are these the periods, in order of time? None is taken for a baseline")
        writer.key("order", [one.name for one in visits], "by their numbers, then by words")
        return
    if baseline not in roles.visits:
        where = "in a column of its own" if any(o.baseline_column for o in roles.outcomes) else ""
        if where:
            writer.say(f"No row or column is a visit before treatment: it is {where}")
        else:
            writer.ask("no name says that it was measured before treatment: is there no baseline?")
    elif not baseline.before and baseline.place != 0:
        writer.ask(f"is {baseline.name} the visit before treatment? It is the first")
    writer.key("baseline", baseline.name)
    if not roles.visits:
        writer.ask("no column tells visits: name them, in order of time")
        writer.key("order", [baseline.name, "end"])
        return
    note = roles.notes.get("visits", "")
    if note:
        writer.ask(note)
    if last := [one.name for one in visits if one.place >= BY_WORDS]:
        timed = [one.name for one in visits if one.days is not None and not one.before]
        if timed:
            writer.ask(f"{' and '.join(last)}: no number says when it was. After {timed[-1]}?")
    writer.key("order", [one.name for one in visits], "by their numbers, then by words")
    days = [0.0 if one.before else one.days for one in visits]
    weeks = [round(one / 7, 2) for one in days if one is not None]
    if len(weeks) == len(days) > 1 and all(a < b for a, b in pairwise(weeks)):
        exact = all(one == int(one) for one in weeks)
        if not exact:
            writer.ask("weeks, a month being 30.44 days: right?")
        writer.key("weeks", [int(one) if one == int(one) else one for one in weeks])


# One table of data: how it is read, whose rows they are, covariates, missing codes.


def _data(
    writer: _Writer,
    roles: Roles,
    opening: Opening,
    files: Mapping[str, str | None],
) -> None:
    writer.part("[[data]]")
    if files["dictionary"] is None and any(name.startswith("redcap_") for name in roles.facts):
        writer.ask("an export of REDCap: labels and types come with init ... --dictionary FILE")
    for key, value in files.items():
        if value is not None:
            writer.key(key, value)
    for key, value in opening.keys.items():
        if key in opening.questions:
            writer.ask(opening.questions[key])
        writer.key(key, value, opening.why.get(key, ""))
    if lines := headings(opening.sheet):
        listed = ", ".join(map(str, lines[:MOST_LISTED]))
        writer.ask(
            f"one cell alone is filled in line {listed}: is it a heading of the rows under it, "
            "such as an arm? Write it into a column of its own, and delete the line"
        )
    if roles.visit:
        writer.key("layout", "long", f"people have several rows, told apart by {roles.visit}")
        if roles.instrument:
            writer.ask(roles.notes.get("instrument", "are the rows of this form the visits?"))
            writer.key("instrument", roles.instrument)
        if roles.by_day:
            writer.ask(f"{roles.visit} tells when each row was measured, a time of its own in most "
                       "people: which column tells the visit? Add one to the sheet")  # fmt: skip
        writer.key("visit", UNKNOWN if roles.by_day else roles.visit)
        if roles.written:
            writer.key("visit_labels", roles.written)
    else:
        writer.key("layout", "wide", "a row a person")
    _people(writer, roles)
    _missing(writer, roles)
    _covariates(writer, roles)


def _people(writer: _Writer, roles: Roles) -> None:
    facts = roles.facts
    if not roles.ids:
        writer.ask("no column looks like an id: is each row a person of its own?")
        writer.key("row_id", True)
    else:
        if "id" in roles.notes:
            writer.ask(f"{roles.notes['id']}: two people of one id, or a row twice?")
        elif len(roles.ids) > 1:
            writer.ask(f"{roles.ids[-1]} begins anew within {roles.ids[0]}: an id of both?")
        one = roles.ids[0] if len(roles.ids) == 1 else roles.ids
        writer.key("participant", one)
    if "side" in roles.notes:
        side = roles.notes["side"]
        writer.ask(
            f"rows of a person differ by {side}. They are no people of their own: keep one row a "
            f'person in the sheet, of one {side} or the mean of both (within = "{side}" says what '
            "they are, but its model is not here yet)"
        )
        writer.key("within", side)
    if roles.keep:
        writer.ask("are only these rows those of randomised people?")
        writer.key("keep", {name: [yes] for name, yes in roles.keep.items()})
    if roles.arm:
        if roles.no_arm:
            who = "person has" if roles.no_arm == 1 else "people have"
            writer.ask(f"{roles.no_arm} {who} no arm: left out here, as not randomised?")
            writer.key("keep", {roles.arm: list(facts[roles.arm].levels)})
        if "arm" in roles.notes:
            writer.ask(roles.notes["arm"])
        if roles.sequence:
            writer.key("sequence", roles.sequence, "by its name")
        writer.key("arm", roles.arm, f"its name, and {len(facts[roles.arm].levels)} labels")
    elif roles.arm_events:
        writer.ask("are the arms of the events the arms of the trial?")
        writer.key("arm_from_event", {arm: arm for arm in roles.arm_events})
    else:
        writer.ask(roles.notes.get("crossover", "which column is the arm?"))
        writer.key("arm", UNKNOWN)


def _missing(writer: _Writer, roles: Roles) -> None:
    facts = roles.facts
    used = _used(roles)
    words = sorted({word for name in used for word in facts[name].words})
    if words:
        writer.ask("do these words mean missing?")
        writer.key("missing_codes", words)
    codes = {name: list(facts[name].codes) for name in used if facts[name].codes}
    if codes:
        writer.ask("do these numbers mean missing? They stand far from all other values")
        writer.key("missing_codes_by_column", codes)


def _used(roles: Roles) -> list[str]:
    found = [*roles.covariates]
    for one in roles.outcomes:
        found += [*one.columns.values(), one.column, one.baseline_column]
    return list(dict.fromkeys(filter(None, found)))


def _covariates(writer: _Writer, roles: Roles) -> None:
    facts = roles.facts
    if not roles.covariates:
        return
    writer.lines.append("")
    writer.lines.append("[data.covariates]")
    writer.ask("were all of these known before randomisation? Take out what was not")
    names = _names(roles.covariates, "covariate")
    for name, column in zip(names, roles.covariates, strict=True):
        one = facts[column]
        table: dict[str, object] = {"column": column}
        known = name in _KNOWN_NUMBERS or set(name.split("_")) & _KNOWN_NUMBERS
        labels = {code: text for code, text in one.labels.items() if code in one.levels}
        if labels:
            table |= {"kind": "category", "labels": labels}
        elif not one.numeric or is_site(column):
            table["kind"] = "category"
        elif looks_coded(one) and not known:
            few = len(one.levels) <= MANY_LEVELS
            listed = " ".join(one.levels) if few else f"{len(one.levels)} different ones"
            writer.ask(f"{column}: codes of a category ({listed}), or a number? "
                       "labels = { ... } say what they mean")  # fmt: skip
            table["kind"] = "category"
        else:
            table["kind"] = "number"
            if unit_of(column):
                table["unit"] = unit_of(column)
        writer.key(name, table)


# Outcomes: instrument or own scale, direction, places.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Drafted:
    name: str
    outcome: Outcome


def _outcomes(writer: _Writer, roles: Roles, visits: Sequence[VisitName]) -> list[_Drafted]:
    """Write the outcomes, those that are known first; return those that are not commented out."""
    if not roles.outcomes:
        writer.part("[[outcome]]")
        writer.ask("no outcome at several visits was found: name one, its columns and direction")
        writer.key("name", "outcome")
        writer.key("better", UNKNOWN)
        writer.key("columns", {visits[0].name: UNKNOWN})
        return []
    blocks = []
    has_base = any(one.baseline_column for one in roles.outcomes)
    names = _names((one.stem for one in roles.outcomes), "outcome")
    for name, one in zip(names, roles.outcomes, strict=True):
        block = _Writer()
        sure = _scale(block, name, one, roles.facts)
        based = bool(one.baseline_column) or visits[0].name in one.columns
        order = (sure, not based and bool(one.column) and has_base)
        blocks.append((order, _Drafted(name=name, outcome=one), block))
    blocks.sort(key=lambda block: block[0])
    used: list[_Drafted] = []
    unknown = 0
    for (doubt, _), drafted, block in blocks:
        unknown += doubt == _NOTHING
        hidden = doubt > _NOTHING or (doubt == _NOTHING and unknown > MOST_UNKNOWN)
        hidden = hidden and bool(used)
        if hidden:
            writer.lines += ["", *(line if line[:1] == "#" else f"#{line}" for line in block.lines)]
            continue
        writer.lines += ["", *block.lines[:2]]
        if not used:
            writer.ask("is this the primary outcome? It comes first")
            writer.key("role", "primary")
        used.append(drafted)
        writer.lines += block.lines[2:]
    return used


_INSTRUMENT, _WORD, _NOTHING, _BINARY = range(4)


def _direction(stem: str) -> tuple[str, str]:
    """Return which way may be better, "" where nothing tells it, and why."""
    instrument, way = misfit(stem)
    if instrument:
        return way, f"its name says {instrument}, but no scale of {instrument} fits name and values"
    better, word = likely_better(stem)
    return better, f"its name says {word}" if better else "nothing in the sheet says it"


def _scale(writer: _Writer, name: str, one: Outcome, facts: Mapping[str, Facts]) -> int:
    """Write one outcome and return how little is known of it."""
    columns = [*one.columns.values(), *filter(None, [one.column])]
    levels = {level for column in columns for level in facts[column].levels}
    unit = next(filter(None, map(unit_of, columns)), "")
    total = any("total" in re.split(r"[\W_]+", column.casefold()) for column in columns)
    fits = matched(f"{one.stem}{' total' * total}", one.values, unit)
    writer.lines.append("[[outcome]]")
    writer.key("name", name)
    doubt = _INSTRUMENT
    if len(levels) <= 2:
        two = " and ".join(f'"{level}"' for level in labels_of(columns, facts))
        writer.ask(f"{one.stem} has two levels, {two}: which is the event? Nothing says it")
        writer.key("kind", "binary")
        writer.key("event", UNKNOWN)
        writer.key("better", UNKNOWN, "higher: the event is good")
        doubt = _BINARY
    elif fits is not None:
        other = f" or {'; '.join(fits.others[:4])}" if fits.others else ""
        writer.ask(f"is it this instrument{other}? {fits.why}")
        writer.key("instrument", fits.instrument)
        if fits.version:
            writer.key("version", fits.version)
        if fits.subscale:
            writer.key("subscale", fits.subscale)
    else:
        better, why = _direction(one.stem)
        doubt = _WORD if better else _NOTHING
        writer.ask(f'{one.stem}: which is better, "lower" or "higher"? {why}')
        writer.key("better", better or UNKNOWN)
        if unit:
            writer.key("unit", unit)
        writer.say("low = ..., high = ...: the ends of its scale, where it has ends")
    if one.columns:
        writer.key("columns", one.columns)
    else:
        writer.key("column", one.column)
    if one.baseline_column:
        writer.ask(f"is this its baseline? {one.baseline_why}")
        writer.key("baseline_column", one.baseline_column)
    return doubt


def _estimands(
    writer: _Writer,
    roles: Roles,
    visits: Sequence[VisitName],
    outcomes: Sequence[_Drafted],
    arms: Mapping[str, str],
) -> None:
    if not outcomes:
        return
    first = outcomes[0]
    there = list(first.outcome.columns) or [one.name for one in roles.visits]
    after = [name for name in there if name != visits[0].name]
    has_base = bool(first.outcome.baseline_column) or visits[0].name in there
    has_base = has_base and not roles.crossover
    reference, *others = arms
    for arm in others:
        writer.part("[[estimand]]")
        writer.key("outcome", first.name)
        if after and not roles.crossover:
            writer.ask("at which visit are the arms compared? It is the last")
            writer.key("visit", after[-1])
        writer.key("contrast", [arm, reference])
        writer.ask("was this analysis planned?")
        several = "mmrm" if len(after) > 1 and has_base else "ancova"
        writer.key("analysis", "crossover" if roles.crossover else several)
        writer.ask("which covariates were planned?" if has_base else
                   "the outcome has no baseline: which covariates were planned?")  # fmt: skip
        writer.key("covariates", ["baseline"] if has_base else [])


def _unused(writer: _Writer, roles: Roles) -> None:
    if roles.unused:
        writer.lines.append("")
        writer.say("Not used:")
        by_why: dict[str, list[str]] = {}
        for name, why in roles.unused.items():
            by_why.setdefault(why, []).append(name)
        for why, names in by_why.items():
            if len(names) > MOST_LISTED:
                writer.say(f"  {names[0]} ... {names[-1]} ({len(names)} columns): {why}")
            else:
                writer.say(*(f"  {name}: {why}" for name in names))
