"""What the cells of each column of a sheet are: numbers, codes, dates, words for missing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.errors import printable
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.sheets.sheet import LINE, Sheet
from backwalk_stats.loaders.trial.categories import has_leading_zeros
from backwalk_stats.loaders.trial.covariate_values import FEW
from backwalk_stats.loaders.trial.numbers import MISSING_WORDS, looks_like, number


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text.

    >>> words_of("id subject")
    ('id', 'subject')
    """
    return tuple(text.split())


# Names that a column of ids, arms or visits has, the likeliest first.
IDS = words_of(
    "record_id participant_id participantid participant subject_id subjectid subjid usubjid "
    "subject patient_id pat_id patid patientid patient study_id studyid pid id case case_id "
    "caseid person teilnehmer proband patientennummer patienten_nr patnr probandennummer "
    "teilnehmernummer paciente participante sujeto sujeito n nr no s_no sno sr_no sl_no "
    "serial_no number code"
)
ARMS = words_of(
    "group arm treatment treat trt trt01p trtp allocation alloc allocated randomisation "
    "randomization randomised randomized intervention condition therapy study_group "
    "treatment_group treatment_arm study_arm randomised_to randomized_to assigned assignment grp "
    "gruppe behandlung grupo tratamiento tratamento brazo braco braço groupe traitement bras "
    "gruppo braccio tx rx th supp"
)
VISITS = words_of(
    "redcap_event_name event_name visit avisit visitnum timepoint time week weeks month months "
    "day days period event occasion wave session visite zeitpunkt woche monat "
    "visita momento tiempo tempo semana mes temps semaine mois"
)
SEQUENCES = words_of("sequence seq treatment_sequence sequence_group order reihenfolge secuencia")
REFERENCES = words_of(
    "control placebo usual tau sham sugar standard waiting waitlist forward fw kontrolle none "
    "observation pla uc kontrollgruppe controle contrôle témoin temoin controllo placebogruppe "
    "espera habitual"
)
# Of what happened after randomisation: such a column explains no arm and adjusts for none.
_AFTERWARDS = {
    "adherence": "adherence", "compliance": "adherence", "attended": "adherence",
    "dropout": "dropout_reason", "withdrawal": "dropout_reason", "withdrawn": "dropout_reason",
    "protocol": "sets", "pp": "sets",
    "completed": "sets", "completer": "sets", "received": "sets", "actual": "sets",
}  # fmt: skip
_FREE_TEXT = {"comment", "comments", "remark", "remarks", "note", "notes", "bemerkung", "kommentar"}
_OUTCOMES = {"outcome", "outcomes", "endpoint", "endpunkt", "desfecho", "desenlace"}
_CHANGES = {
    "change", "changes", "chg", "diff", "difference", "delta", "gain", "improvement",
    "veränderung", "differenz", "cambio", "diferencia", "mudança", "diferença", "δ",
}  # fmt: skip
_DATES = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:T[\d:.]+)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_CODES = ("99", "999", "9999", "-9", "-99", "-999", "-1", "88", "888", "-8", "-88", "77", "777")
_SURE = {"na", "n/a", "n.a.", "nan", "#n/a", "."}


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the cells of a column are.

    Attributes
    ----------
    name : str
    cells : tuple of str
        Every row, missing words and codes as "".
    values : array
        The cells that are numbers.
    levels : tuple of str
        Different cells, by number where all are numbers, else as they come.
    numeric, whole, dated : bool
    labels : mapping
        Value labels of the file.
    words, codes : tuple of str
        Words and isolated numbers that seem to mean missing.
    """

    name: str
    cells: tuple[str, ...]
    values: NDArray[np.float64]
    levels: tuple[str, ...]
    numeric: bool
    whole: bool
    dated: bool
    labels: Mapping[str, str]
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def labels_of(columns: Sequence[str], facts: Mapping[str, Facts]) -> list[str]:
    """Return the levels of columns as their labels have them, else as they are written."""
    levels = [(facts[name].labels, level) for name in columns for level in facts[name].levels]
    return list(dict.fromkeys(labels.get(level, level) for labels, level in levels))


def facts_of(sheet: Sheet, decimal: str = ".") -> dict[str, Facts]:
    """Return the facts of each column."""
    return {
        str(name): _facts(str(name), [str(cell) for cell in sheet.frame[name]], sheet, decimal)
        for name in sheet.frame.columns
        if name != LINE
    }


def _facts(name: str, texts: Sequence[str], sheet: Sheet, decimal: str) -> Facts:
    cells = [text.strip() for text in texts]
    # The file's own decimal mark is known by now.
    of = {cell: number(cell, decimal) for cell in set(cells)}  # type: ignore[arg-type]
    numbers = any(value is not None for value in of.values())
    # Among texts "none" and "x" may be levels.
    known = MISSING_WORDS if numbers else _SURE
    words = sorted({cell for cell in cells if cell.casefold() in known})
    cells = ["" if cell in words else cell for cell in cells]
    filled = [cell for cell in cells if cell]
    read = [of[cell] for cell in filled]
    values = np.array([one for one in read if one is not None], dtype=np.float64)
    numeric = bool(filled) and len(values) == len(filled)
    structural = any(rank(name, known) is not None for known in (IDS, ARMS, VISITS))
    codes = _isolated(filled, values) if numeric and not structural else ()
    if codes:
        cells = ["" if cell in codes else cell for cell in cells]
        values = np.array([v for c, v in zip(filled, values, strict=True) if c not in codes])
        filled = [cell for cell in filled if cell not in codes]
    levels = list(dict.fromkeys(filled))
    if numeric:
        levels.sort(key=lambda level: number(level, decimal) or 0.0)  # type: ignore[arg-type]
    return Facts(
        name=name,
        cells=tuple(cells),
        values=values,
        levels=tuple(levels),
        numeric=numeric,
        whole=numeric and bool(np.all(values == np.round(values))),
        dated=bool(sheet.dates.get(name))
        or (bool(filled) and all(_DATES.fullmatch(cell) for cell in filled)),
        labels=sheet.labels.get(name, {}),
        words=tuple(words),
        codes=codes,
    )


def _isolated(filled: Sequence[str], values: NDArray[np.float64]) -> tuple[str, ...]:
    """Return codes such as 99 and -9 that stand far from all other values."""
    if has_leading_zeros(filled):
        return ()
    levels = set(filled)
    # Among two codes such as 0 and 1 a 9 means missing as often as not.
    there = [one for one in (*_CODES, *("9" * (len(levels) <= 3))) if one in levels]
    found = []
    for code in there:
        others = values[~np.isin(values, [float(one) for one in there])]
        if len(others) < 5:
            continue
        low, high, own = float(others.min()), float(others.max()), float(code)
        gap = max(high - low, 1.0)
        if (own < 0 <= low) or own > high + max(gap, 0.5 * abs(high)) or own < low - gap:
            found.append(code)
    return tuple(found)


def rank(name: str, known: Sequence[str]) -> int | None:
    """Return where a name stands among known words, None where it does not.

    >>> rank("Record ID", ["id", "record_id"]), rank("pain", ["id"])
    (1, None)
    """
    plain = re.sub(r"[\W_]+", "_", name.casefold()).strip("_")
    return known.index(plain) if plain in known else None


def looks_coded(one: Facts) -> bool:
    """Return whether numbers of a column look like codes: few whole ones, in several people."""
    if has_leading_zeros(one.levels):
        return True
    people, levels = len(one.values), len(one.levels)
    return one.whole and any(levels <= most and people >= each * levels for most, each in FEW)


def reference_of(labels: Sequence[str]) -> tuple[str, str]:
    """Return the label that may be the reference, and the word that says so ("" for none).

    >>> reference_of(["BW", "FW"]), reference_of(["A", "B"])
    (('FW', 'fw'), ('A', ''))
    """
    for label in labels:
        for word in re.split(r"[\W_]+", label.casefold()):
            if word in REFERENCES:
                return label, word
    return labels[0], ""


def says_change(name: str) -> bool:
    """Return whether a name says that a column holds changes.

    >>> says_change("painChange_w6"), says_change("exchange")
    (True, False)
    """
    words = set(re.split(r"[\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold()))
    return not words.isdisjoint(_CHANGES)


def why_no_covariate(name: str) -> str:
    """Return why a column is no covariate by the words of its name; "" where none says so.

    >>> why_no_covariate("dropout"), why_no_covariate("age")
    ('known only after randomisation, by its name: dropout_reason may use it', '')
    """
    words = [word for word in re.split(r"[\W\d_]+", name.casefold()) if word]
    if name.casefold().endswith("_complete") or name == "Complete?":
        return "the status of a form of REDCap"
    if told := [_AFTERWARDS[word] for word in words if word in _AFTERWARDS]:
        return f"known only after randomisation, by its name: {told[0]} may use it"
    if says_change(name):
        return "a change, by its name: changes are made from what was measured"
    if not _FREE_TEXT.isdisjoint(words):
        return "free text, by its name"
    if not _OUTCOMES.isdisjoint(words):
        return "an outcome, by its name: say so under [[outcome]]"
    return ""


def looks_alike(one: Facts) -> str:
    """Return what most cells that are no numbers look like, such as times or bounds; "" for none.

    The words are those of the fault that reading the column as numbers gives.
    """
    texts = [cell for cell in one.cells if cell and number(cell, ".") is None]
    kinds = Counter(looks_like(cell)[0] for cell in texts)
    kind, times = kinds.most_common(1)[0] if kinds else ("", 0)
    if kind in ("", "text") or 2 * times < len(texts):
        return ""
    return f"{kind} ({times} cells; {dict(map(looks_like, texts))[kind]})"


def constant(facts: Mapping[str, Facts], name: str, ids: Sequence[str]) -> bool:
    """Return whether a column says one thing of each person."""
    if not ids:
        return True
    seen: dict[tuple[str, ...], str] = {}
    people = zip(*(facts[one].cells for one in ids), strict=True)
    return all(
        seen.setdefault(person, cell) == cell
        for person, cell in zip(people, facts[name].cells, strict=True)
        if cell
    )


def each_once(facts: Mapping[str, Facts], ids: Sequence[str], name: str) -> bool:
    """Return whether each person has each level of a column in one row, as treatments in turn."""
    own = (*(facts[one].cells for one in ids), facts[name].cells)
    rows = Counter(zip(*own, strict=True))
    people = {row[:-1] for row in rows}
    return set(rows.values()) == {1} and len(rows) == len(people) * len(facts[name].levels) > 2


# What a sheet may tell of events and harms after randomisation, by the names of its columns: told
# and asked, never assumed. Such a column explains no arm, so it adjusts for nothing.

EVENTS, HARMS = "events", "harms"
WHY = "by its name it may tell of an event or a harm after randomisation: see the end"
_WORDS = {
    EVENTS: words_of(
        "rescue stopped stop discontinued discontinuation surgery operated operation replacement "
        "injection switched switch death died deceased intercurrent abgebrochen abbruch verstorben "
        "operiert cirugia cirugía abandono fallecido chirurgie"
    ),
    HARMS: words_of(
        "adverse ae aes sae saes harm harms fall falls injury injuries complication complications "
        "serious sturz stürze nebenwirkung nebenwirkungen caida caidas caída caídas chute chutes "
        "queda quedas"
    ),
}
# A name with one of these is of the time before: a history of falls may well be a covariate.
_BEFORE = words_of("history hx previous prior past last before baseline bl w0 t0 v0 screening")
_ASKED = {
    EVENTS: "are these intercurrent events? Then a file with a row an event says who had which, "
    "and from which visit on, and each estimand says what becomes of values after it",
    HARMS: "are these harms? Then a file with a row a harm says who had which; asked is "
    '"systematic", "spontaneous" or "both"',
}
_KEYS = {
    EVENTS: ("[[events]]", 'file = "events.csv"', "{ids}", 'kind = "event"',
             'visit = "first_affected"'),
    HARMS: ("[harms]", 'file = "harms.csv"', "{ids}", 'term = "term"', 'asked = "?"'),
}  # fmt: skip


def columns_of_conduct(names: Collection[str]) -> dict[str, list[str]]:
    """Return which columns may tell of events, and which of harms, by the words of their names.

    >>> columns_of_conduct(["rescue_med", "falls_w12", "falls_last_year", "pain_w6"])
    {'events': ['rescue_med'], 'harms': ['falls_w12']}
    """
    found: dict[str, list[str]] = {EVENTS: [], HARMS: []}
    for name in names:
        words = {one for one in re.split(r"[\W_]+", folded(name)) if one}
        for kind, known in _WORDS.items():
            if words.intersection(known) and not words.intersection(_BEFORE):
                found[kind].append(name)
                break
    return found


def without_conduct(
    names: Collection[str], covariates: list[str], unused: dict[str, str]
) -> dict[str, list[str]]:
    """Take such columns out of the covariates, and return them as `columns_of_conduct` does."""
    found = columns_of_conduct(names)
    for name in (one for own in found.values() for one in own if one in covariates):
        covariates.remove(name)
        unused[name] = WHY
    return found


def conduct_lines(found: Mapping[str, Collection[str]], ids: str) -> list[str]:
    """Return the lines of a draft on such columns: what was seen, a question, keys in comments."""
    lines: list[str] = []
    for kind, names in found.items():
        if not names:
            continue
        what = "events after randomisation" if kind == EVENTS else "harms"
        listed = ", ".join(printable(name, 80) for name in names)
        keys = [one.format(ids=f"participant = {json.dumps(ids)}") for one in _KEYS[kind]]
        lines += [
            "",
            f"# By their names these columns may tell of {what}: {listed}.",
            "# Nothing is made of them.",
            f"# ? {_ASKED[kind]}",
            *(f"#{one}" for one in keys),
        ]
    return lines
