"""The `[[data]]` tables of a trial file: which file, and which of its columns is what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backwalk_stats.loaders.trial_file.words import (
    ColumnOrByVisit,
    Covariates,
    MissingCodes,
    Table,
    Words,
)


class DataTable(Table):
    """One file of data.

    Attributes
    ----------
    file : str
        Beside or below the trial file.
    layout : str
        "wide": a row is a participant; "long": a row is a participant at a visit.
    participant : str
        Column of the ids, by which files are joined.
    arm : dict
        {"": column}, or visit to column in a wide crossover. Empty where another file has it.
    visit : str
        Column of the visits, for the long layout.
    sequence : str
        Column of the order of treatments, in a crossover.
    covariates : dict
        Name of the covariate to column.
    missing_codes : dict
        Text that means missing to the reason; the empty cell always is.
    encoding, separator, decimal, sheet, dictionary, header_row, footer_rows
        How the file is read.
    duplicates : str
        What happens to a participant (wide) or a participant's visit (long) that occurs twice.
    date : dict
        {"": column} (long) or visit to column (wide): dates of visits.
    date_format : str
        "iso", a format of digits such as "%d/%m/%Y", or the date system of a spreadsheet.
    randomised : str
        Column of the date of randomisation.
    """

    file: Words
    layout: Literal["wide", "long"] = "wide"
    participant: Words
    arm: ColumnOrByVisit = Field(default_factory=dict)
    visit: Words | None = None
    sequence: Words | None = None
    covariates: Covariates = Field(default_factory=dict)
    missing_codes: MissingCodes = Field(default_factory=dict)
    encoding: Words = "utf-8"
    separator: Literal[",", ";", "\t", "|"] | None = None
    decimal: Literal[".", ","] = "."
    sheet: Words | None = None
    dictionary: Words | None = None
    header_row: Annotated[int, Field(ge=1, le=1000)] = 1
    footer_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    duplicates: Literal["reject", "first", "last", "mean"] = "reject"
    date: ColumnOrByVisit = Field(default_factory=dict)
    date_format: Literal[
        "iso",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%Y/%m/%d",
        "excel-1900",
        "excel-1904",
    ] = "iso"
    randomised: Words | None = None
