"""Columns that identify people: names, addresses, dates of birth, national numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from backwalk_stats.loaders.trial.sources import Source

# Words of a header that say so by themselves, in languages that trials here are kept in.
_WORDS = {
    "a name": (
        "surname lastname firstname forename givenname familyname fullname patientname initials "
        "vorname nachname familienname prenom prénom apellido apellidos cognome imie imię "
        "nazwisko achternaam voornaam etternavn efternamn förnamn soyad"
    ),
    "an e-mail address": "email mail emailaddress courriel correo",
    "a telephone number": ("phone telephone tel cellphone telefon téléphone telefono teléfono"),
    "an address": (
        "address street postcode zipcode zip adresse anschrift straße strasse plz direccion"
    ),
    "a date of birth": (
        "dob birthdate birthday dateofbirth geburtsdatum geburtstag fechanacimiento naissance "
        "nascita geboortedatum"
    ),
    "a national or hospital number": (
        "ssn nhs nhsnumber mrn medicalrecord passport nationalid bsn personnummer svnr ahv "
        "aadhaar pesel curp cnp insurancenumber versichertennummer"
    ),
}
# Pairs of words that say so only together.
_TOGETHER = {
    "a name": "first name, last name, family name, patient name",
    "an e-mail address": "e mail",
    "a date of birth": "birth date, date birth, date naissance",
    "a national or hospital number": (
        "national id, hospital number, social security, medical record, record number, "
        "insurance number, nhs number, patient number"
    ),
}
_ALONE = {"name": "a name", "nombre": "a name", "nom": "a name", "birth": "a date of birth"}
# Every text has one way through these only: a remark of capitals must not take for ever.
_NAME = r"[^\W\d_]+(?:-[^\W\d_]+)?,? [^\W\d_]\.?|[A-ZÀ-Þ][^\W\d_]+,?(?: [A-ZÀ-Þ][^\W\d_]+)+"
# What the cells of a column look like, and from which share of the filled cells on.
_CELLS = (
    ("an e-mail address", re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)*\.[^@\s.]{2,}"), 0.0),
    ("a national number", re.compile(r"\d{3}-\d{2}-\d{4}|756\.\d{4}\.\d{4}\.\d{2}"), 0.0),
    ("a telephone number", re.compile(r"\+\d[\d ()/-]{7,18}"), 0.5),
    ("a name", re.compile(_NAME), 0.8),
    ("a date of birth", re.compile(r"(?:19\d\d|200\d)-\d\d-\d\d"), 0.9),
)
_SPLIT = re.compile(r"[^\w]+|_|(?<=[a-zà-þ])(?=[A-ZÀ-Þ])")
OPTION = "--allow-identifiers"


def check_identifiers(source: Source, *, allowed: bool) -> None:
    """Refuse a file with columns that identify people, whether they are used or not.

    Where they are allowed they are only warned of; they never reach a result, since what is not
    declared is not read further. Cells that are declared as dates are not looked at for dates, nor
    those of arms, visits and covariates for names: that is what they should or may hold.
    """
    table = source.table
    dated = [*table.date.values(), table.randomised]
    labelled = [
        *table.arm.values(),
        *(one.column for one in table.covariates.values()),
        table.visit,
    ]
    for column in source.columns:
        texts = [text for text in source.texts(column) if text.strip()]
        found = _by_header(column) or _by_cells(
            texts, dated=column in dated, labelled=column in labelled
        )
        said = f"what looks like {found}"
        if found is not None and allowed:
            source.findings.warn(column, f"{said}; allowed by {OPTION}", file=source.file)
        elif found is not None:
            action = f"Delete the column before the file is shared, or use {OPTION}"
            expected = "no column that identifies people"
            source.findings.add(column, expected, said, action, file=source.file)


def identifies(header: str, texts: Sequence[str]) -> str | None:
    """Return what a column that identifies people looks like, by its header or its cells.

    >>> identifies("First name", []), identifies("age", ["61", "58"])
    ('a name', None)
    """
    filled = [text for text in texts if text.strip()]
    return _by_header(header) or _by_cells(filled, dated=False, labelled=False)


def _by_header(header: str) -> str | None:
    """Return what a header says that its column holds."""
    words = [word for word in (part.casefold() for part in _SPLIT.split(header)) if word]
    whole = "".join(words)
    apart = zip(words, words[2:], strict=False)  # date of birth
    pairs = {" ".join(pair) for pair in (*pairwise(words), *apart)}
    for kind, listed in _WORDS.items():
        together = _TOGETHER.get(kind, "").split(", ")
        if any(word in listed.split() for word in (*words, whole)) or pairs.intersection(together):
            return kind
    return _ALONE.get(whole)


def _by_cells(texts: Sequence[str], *, dated: bool, labelled: bool) -> str | None:
    """Return what the cells of a column look like."""
    if not texts:
        return None
    distinct = len(set(texts))
    for kind, pattern, share in _CELLS:
        if (kind == "a date of birth" and dated) or (kind == "a name" and labelled):
            continue
        # Labels of a few kinds, such as "Grade II", are no names of people.
        if kind == "a name" and distinct <= max(3, len(texts) // 2):
            continue
        fits = sum(pattern.fullmatch(text.strip()) is not None for text in texts)
        if fits and fits >= share * len(texts):
            return kind
    return None
