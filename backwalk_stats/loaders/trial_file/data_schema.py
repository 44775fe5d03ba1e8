"""The tables of a trial file on its files: data, covariates, attendance, intercurrent events."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from backwalk_stats.loaders.trial_file.table_schema import (
    NAME,
    FileName,
    MissingCodes,
    Name,
    OneOrMore,
    Table,
    Words,
    listed,
    under_one_key,
    unexpected,
)

Row = Annotated[int, Field(ge=1, le=1000)]


def _date_format(text: str) -> str:
    codes = re.findall(r"%.", text)
    kinds = sorted("".join(codes).replace("%", "").replace("b", "m").lower())
    between = re.split(r"%[dmbYy]", text)
    marks = all(re.fullmatch(r"[-/. ,]{1,2}", mark) for mark in between[1:-1])
    sound = kinds == ["d", "m", "y"] and between[0] == between[-1] == "" and marks
    if not sound and text not in ("iso", "excel-1900", "excel-1904"):
        action = (
            "%d is the day, %m the month, %b a month by name, %Y the year, %y its last two digits"
        )
        expected = 'iso, excel-1900, excel-1904, or a format such as "%d/%m/%Y"'
        raise unexpected(expected, action=action)
    return text


DateFormat = Annotated[str, AfterValidator(_date_format)]


def _columns_by_name(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: {"column": one} if isinstance(one, str) else one for name, one in value.items()
        }
    if not isinstance(value, list):
        return value
    wrong = [one for one in value if not isinstance(one, str) or not NAME.fullmatch(one)]
    if wrong:
        action = (
            'A column whose name is no plain word gets one: covariates = { age = "Age (years)" }'
        )
        raise unexpected("names of columns: letters, digits and _", action=action)
    if len(set(value)) < len(value):
        raise unexpected("every covariate once")
    return {one: {"column": one} for one in value}


class CovariateTable(Table):
    """One covariate: its column, and what its cells mean.

    Attributes
    ----------
    column : str
        Where it stands.
    kind : str
        "number" or "category"; None where nobody has said, and then the data are asked.
    labels : dict
        Code or spelling in the data to the level that it means; two may mean one level.
    unit : str
        Of a number, as readers see it.
    confirmed : list
        "bounds" where its values are right although no person's age or height lies there;
        "codes" where a value such as 999, far from all others, is right.
    """

    column: Words
    kind: Literal["number", "category"] | None = None
    labels: dict[str, Words] = Field(default_factory=dict)
    unit: Words | None = None
    confirmed: list[Literal["bounds", "codes"]] = Field(default_factory=list)


# Each of these may be written short; what comes out is always the table.
Covariates = Annotated[dict[Name, CovariateTable], BeforeValidator(_columns_by_name)]
ColumnOrByVisit = Annotated[dict[str, Words], BeforeValidator(under_one_key(str))]


class WhereEmpty(Table):
    """Codes of a column that mean missing only in rows in which other columns are empty.

    Attributes
    ----------
    codes : dict
        As `DataTable.missing_codes`.
    empty : list
        The other columns; all of them are empty.
    """

    codes: MissingCodes
    empty: OneOrMore


class DataTable(Table):
    """One file of data.

    Attributes
    ----------
    file : str
        Beside or below the trial file.
    layout : str
        "wide": a row is a participant; "long": a row is a participant at a visit.
    participant : list
        Column of the ids, by which files are joined; or several, which are an id together.
    row_id : bool
        Whether rows have no id and each gets one of its own: nothing can be joined to them.
    keep : dict
        Column to the values of the rows that are read, such as those who were randomised.
    within : str
        Column that tells rows of one participant apart, such as the side of a knee.
    instrument : str
        Form of a REDCap export whose rows are the visits.
    arm_from_event : dict
        Number of a REDCap arm, as in "baseline_arm_1", to a label of an arm.
    arm : dict
        {"": column}, or visit to column in a wide crossover. Empty where another file has it.
    visit : str
        Column of the visits, for the long layout.
    visit_labels : dict
        Text in that column to visit; without it, visits stand as `visits.order` has them.
    dropout_reason, dropout_date : str
        Columns of why and when a participant left.
    sequence : str
        Column of the order of treatments, in a crossover.
    covariates : dict
        Name of the covariate to its column and what is said of it.
    missing_codes : dict
        Text that means missing to the reason; the empty cell always is.
    missing_codes_by_column : dict
        Column to such codes of its own, beside the others.
    missing_codes_where_empty : dict
        Column to codes that mean missing only where other columns of the row are empty.
    encoding, separator, decimal, sheet, dictionary, catalogue, header_row, header_rows, footer_rows
        How the file is read.
    duplicates : str
        What happens to a participant (wide) or a participant's visit (long) that occurs twice.
    date : dict
        {"": column} (long) or visit to column (wide): dates of visits.
    date_format : str
        "iso", the date system of a spreadsheet ("excel-1900"), or a format such as "%d/%m/%Y",
        "%d-%b-%Y" with months by name, "%d.%m.%y" with two digits of the year.
    randomised : str
        Column of the date of randomisation.
    """

    file: FileName
    layout: Literal["wide", "long"] = "wide"
    participant: Annotated[list[Words], Field(max_length=5), BeforeValidator(listed)] = Field(
        default_factory=list
    )
    row_id: bool = False
    keep: dict[Words, OneOrMore] = Field(default_factory=dict)
    within: Words | None = None
    instrument: Words | None = None
    arm_from_event: dict[str, Words] = Field(default_factory=dict)
    arm: ColumnOrByVisit = Field(default_factory=dict)
    visit: Words | None = None
    visit_labels: dict[str, Words] = Field(default_factory=dict)
    dropout_reason: Words | None = None
    dropout_date: Words | None = None
    sequence: Words | None = None
    covariates: Covariates = Field(default_factory=dict)
    missing_codes: MissingCodes = Field(default_factory=dict)
    missing_codes_by_column: dict[Words, MissingCodes] = Field(default_factory=dict)
    missing_codes_where_empty: dict[Words, WhereEmpty] = Field(default_factory=dict)
    encoding: Words = "utf-8"
    separator: Literal[",", ";", "\t", "|"] | None = None
    decimal: Literal[".", ","] = "."
    sheet: Words | None = None
    dictionary: FileName | None = None
    catalogue: FileName | None = None
    header_row: Row = 1
    header_rows: Annotated[list[Row], Field(min_length=2, max_length=2)] | None = None
    footer_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    duplicates: Literal["reject", "first", "last", "mean"] = "reject"
    date: ColumnOrByVisit = Field(default_factory=dict)
    date_format: DateFormat = "iso"
    randomised: Words | None = None


class AdherenceTable(Table):
    """Sessions attended: a column a session (wide), or a row a session (long).

    Attributes
    ----------
    columns : list
        Columns of the sessions, in order, for a file with one row a participant.
    session, status : str
        Columns of the session's number and of what happened, for one row a session.
    codes : dict
        Text in the data to "attended", "missed" or "withdrawn".
    """

    file: FileName
    participant: Words
    columns: list[Words] = Field(default_factory=list)
    session: Words | None = None
    status: Words | None = None
    codes: dict[str, Literal["attended", "missed", "withdrawn"]] = Field(default_factory=dict)
    missing_codes: MissingCodes = Field(default_factory=dict)
    encoding: Words = "utf-8"
    separator: Literal[",", ";", "\t", "|"] | None = None
    sheet: Words | None = None


class EventsTable(Table):
    """Intercurrent events: a row for each event of a participant.

    Attributes
    ----------
    participant : list
        Column of the ids, or several which are an id together, as in `DataTable`.
    kind : str
        Column of what happened.
    visit : str
        Column of the first visit that the event affects; it was measured after the event.
    date : str
        Column of the date, in place of `visit`: what is measured on a later date is after it.
    visit_labels, date_format, missing_codes, encoding, separator, sheet, header_row, footer_rows
        As in `DataTable`.
    """

    file: FileName
    participant: Annotated[list[Words], Field(min_length=1, max_length=5), BeforeValidator(listed)]
    kind: Words
    visit: Words | None = None
    date: Words | None = None
    visit_labels: dict[str, Words] = Field(default_factory=dict)
    date_format: DateFormat = "iso"
    missing_codes: MissingCodes = Field(default_factory=dict)
    encoding: Words = "utf-8"
    separator: Literal[",", ";", "\t", "|"] | None = None
    sheet: Words | None = None
    header_row: Row = 1
    footer_rows: Annotated[int, Field(ge=0, le=1000)] = 0
