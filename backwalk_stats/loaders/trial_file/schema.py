"""The trial file as a typed schema: its tables, their keys and what each key holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from backwalk_stats.loaders.trial_file.conduct_schema import (
    Day,
    DecisionTable,
    DeviationTable,
    HarmsTable,
    Intervention,
    Methods,
)
from backwalk_stats.loaders.trial_file.plan_schema import PlanTable
from backwalk_stats.loaders.trial_file.table_schema import (
    FileName,
    MissingCodes,
    Slug,
    Table,
    Words,
    unexpected,
)
from backwalk_stats.trial.estimand import (
    DEFAULT_ANALYSIS,
    Framework,
    Intercurrent,
    MainAnalysis,
    MarginScale,
    Method,
    Population,
    Sensitivity,
    Strategy,
    Times,
)
from backwalk_stats.trial.outcome import Better, Kind, Role
from backwalk_stats.trial.study import Design

NAME = re.compile(r"[^\W\d]\w{0,62}")
# Columns that the package itself gives to its frames.
_RESERVED = (
    "participant arm visit outcome value baseline change week session status period sequence line "
    "per_protocol arm_received"
)
RESERVED = frozenset(_RESERVED.split())
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
CovarianceName = Literal[
    "us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp", "sp_pow", "sp_gau"
]
DfName = Literal[
    "satterthwaite", "kenward-roger", "kenward-roger-linear", "between-within", "residual"
]
AnyStrategy = Literal[Strategy, "principal-stratum"]  # the last is refused with a reason
Suspicion = Literal["unit", "site", "zeros", "percent", "codes"]  # that may be called unfounded
Row = Annotated[int, Field(ge=1, le=1000)]
Week = Annotated[Number, Field(ge=-520, le=2600)]


# What the words of a trial file may be: names, slugs, and lists that may also be tables.


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        expected = "a name: a letter, then letters, digits and _"
        raise unexpected(expected, action="It becomes the name of a column")
    return text


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
Name = Annotated[str, AfterValidator(_name)]


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


def _under_one_key(kind: type) -> Callable[[object], object]:
    def under(value: object) -> object:
        plain = isinstance(value, kind) and not isinstance(value, bool)
        return {"": value} if plain else value

    return under


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _lists_by_visit(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {visit: _listed(columns) for visit, columns in value.items()}


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
OneOrMore = Annotated[list[Words], Field(min_length=1, max_length=20), BeforeValidator(_listed)]
ColumnsByVisit = Annotated[dict[str, OneOrMore], BeforeValidator(_lists_by_visit)]
ColumnOrByVisit = Annotated[dict[str, Words], BeforeValidator(_under_one_key(str))]
ItemsOrByVisit = Annotated[dict[str, list[Words]], BeforeValidator(_under_one_key(list))]
CountOrByReason = Annotated[dict[str, Count], BeforeValidator(_under_one_key(int))]


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


# The tables of a trial file that say what was planned: outcomes, estimands, their order.


class ThresholdTable(Table):
    """A threshold of the user's own, with where it comes from."""

    name: Slug
    kind: Literal["mcid", "mdc", "pass"]
    value: Annotated[Number, Field(gt=0)]
    unit: Literal["points", "percent"] = "points"
    population: Words
    source: Words


class OutcomeTable(Table):
    """One outcome: what yields it, and where it stands in the data.

    Attributes
    ----------
    kind : str
        What its values are: "continuous", "binary", "ordinal" or "count".
    event : str
        The value that counts, of a binary outcome.
    order : list
        The categories of an ordinal outcome from the lowest to the highest.
    exposure : str
        Column of the time at risk, of a count.
    exposure_unit : str
        What that time is in, such as "month".
    columns, column : dict, str
        Visit to columns (wide), or the column (long).
    combine : str
        What becomes of several columns of one visit: "mean" of those that are filled.
    baseline_column : str
        Column of the baseline, repeated in every row of a participant or once.
    units : dict
        Visit to the unit in which its cells stand, where that is not `unit`.
    items : dict
        Visit to item columns (wide), {"": item columns} (long): the instrument scores them.
    missing_rule : str
        The instrument's rule for unanswered items; None is its own default.
    file : str
        The file that has the columns, where several have columns of the same name.
    confirmed : list
        Suspicions that somebody has looked into and found unfounded.
    """

    name: Name
    label: Words | None = None
    instrument: Words | None = None
    version: Words | None = None
    subscale: Words | None = None
    role: Role = "secondary"
    unit: str | None = None
    better: Better | None = None
    low: Number | None = None
    high: Number | None = None
    step: Annotated[Number, Field(gt=0)] | None = None
    thresholds: list[Words] = Field(default_factory=list)
    threshold: list[ThresholdTable] = Field(default_factory=list)
    kind: Kind = "continuous"
    event: Words | None = None
    order: list[Words] = Field(default_factory=list)
    exposure: Words | None = None
    exposure_unit: Words | None = None
    columns: ColumnsByVisit = Field(default_factory=dict)
    column: Words | None = None
    combine: Literal["mean"] | None = None
    baseline_column: Words | None = None
    units: dict[str, Words] = Field(default_factory=dict)
    items: ItemsOrByVisit = Field(default_factory=dict)
    missing_rule: Words | None = None
    file: FileName | None = None
    confirmed: list[Suspicion] = Field(default_factory=list)

    @property
    def is_long(self) -> bool:
        """Return whether a row of its file is one visit."""
        return self.column is not None or "" in self.items

    @property
    def layout(self) -> Literal["wide", "long"]:
        """Return the layout that its file must have."""
        return "long" if self.is_long else "wide"


class EstimandTable(Table):
    """One estimand; what is left out is filled in from the rest of the file.

    `events` is the strategy of each kind of intercurrent event, `intercurrent` that of all;
    `composite` is the worst score, of a scale without a declared one.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$")] | None = None
    outcome: Words
    visit: Words | None = None
    contrast: Annotated[list[Words], Field(min_length=2, max_length=2)] | None = None
    role: Role | None = None
    population: Population = "all-randomised"
    intercurrent: Intercurrent | None = None
    events: dict[Words, AnyStrategy] = Field(default_factory=dict)
    composite: Number | None = None
    analysis: MainAnalysis | None = None
    covariates: list[Words] | None = None
    sensitivity: list[Sensitivity] = Field(default_factory=list)
    covariance: CovarianceName = "us"
    df: DfName = "kenward-roger"
    fallback: list[CovarianceName] | None = None
    times: Times = "weeks"
    level: Annotated[Number, Field(ge=0.5, lt=1)] = 0.95
    imputations: Annotated[int, Field(ge=2, le=100_000)] | None = None
    resamples: Annotated[int, Field(ge=100, le=1_000_000)] | None = None
    subgroups: list[Words] = Field(default_factory=list)
    framework: Framework = "superiority"
    margin: Annotated[Number, Field(gt=0)] | None = None
    margin_scale: MarginScale | None = None
    confirmed: list[Literal["margin"]] = Field(default_factory=list)


class MultiplicityTable(Table):
    """How p-values of several estimands are adjusted, and in which order they are tested.

    Attributes
    ----------
    method : str
        None where nobody has said; "none" is an answer, with its `reason`.
    order : list
        Ids of estimands; families are joined by "+".
    weights : dict
        Id to the share of the level that it has at the start, of a graph.
    transitions : dict
        Id to {id: part}: where its share goes once it is rejected.
    """

    method: Method | None = None
    order: list[Words] | None = None
    weights: dict[Words, Share] | None = None
    transitions: dict[Words, dict[Words, Share]] | None = None
    reason: Words | None = None


# The `[[data]]` tables of a trial file: which file, and which of its columns is what.


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
    participant: Annotated[list[Words], Field(max_length=5), BeforeValidator(_listed)] = Field(
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


class TrialTable(Table):
    """What the trial is called."""

    id: Slug
    title: Words
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    design: Design = "parallel"
    registration: str = ""
    deviations: list[Words] = Field(default_factory=list)
    unblinded: Day | None = None
    strata: list[Words] = Field(default_factory=list)


class ArmsTable(Table):
    """The arms: the reference, labels in the data to arms, arms to words."""

    reference: Slug
    labels: dict[str, Slug] = Field(default_factory=dict)
    names: dict[Slug, Words] = Field(default_factory=dict)


class VisitsTable(Table):
    """The visits in order of time, with weeks since randomisation."""

    baseline: str = ""
    order: Annotated[list[Words], Field(min_length=1, max_length=60)]
    weeks: list[Week] | None = None
    windows: dict[str, Annotated[list[Number], Field(min_length=2, max_length=2)]] = Field(
        default_factory=dict
    )
    labels: dict[str, Words] = Field(default_factory=dict)


class SetsTable(Table):
    """Columns that say who belongs to which analysis set."""

    per_protocol: Words | None = None
    received: Words | None = None


class FlowTable(Table):
    """Counts of the participant flow that the data cannot tell; per arm where it is a table."""

    assessed: Count | None = None
    excluded: CountOrByReason = Field(default_factory=dict)
    randomised: Count | None = None
    allocated: dict[str, Count] = Field(default_factory=dict)
    received: dict[str, Count] = Field(default_factory=dict)
    not_received: dict[str, CountOrByReason] = Field(default_factory=dict)
    lost: dict[str, CountOrByReason] = Field(default_factory=dict)
    discontinued: dict[str, CountOrByReason] = Field(default_factory=dict)
    analysed: dict[str, Count] = Field(default_factory=dict)


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
    participant: Annotated[list[Words], Field(min_length=1, max_length=5), BeforeValidator(_listed)]
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


class MotionFileTable(Table):
    """The motion file of the trial."""

    file: FileName


class ReportTable(Table):
    """What the report may show."""

    small_cell: Annotated[int, Field(ge=0, le=1000)] = 5


class TrialTables(Table):
    """All tables of a trial file."""

    trial: TrialTable
    arms: ArmsTable
    visits: VisitsTable
    data: Annotated[list[DataTable], Field(min_length=1, max_length=50)]
    outcome: Annotated[list[OutcomeTable], Field(min_length=1, max_length=200)]
    estimand: Annotated[list[EstimandTable], Field(max_length=200)] = Field(default_factory=list)
    labels: dict[str, Words] = Field(default_factory=dict)
    multiplicity: MultiplicityTable = MultiplicityTable()
    sets: SetsTable = SetsTable()
    flow: FlowTable = FlowTable()
    events: Annotated[list[EventsTable], Field(max_length=50)] = Field(default_factory=list)
    adherence: AdherenceTable | None = None
    harms: HarmsTable | None = None
    intervention: dict[str, Intervention] = Field(default_factory=dict)
    methods: Methods = Field(default_factory=dict)
    clusters: dict[Name, Words] = Field(default_factory=dict)
    motion: MotionFileTable | None = None
    plan: PlanTable | None = None
    decision: Annotated[list[DecisionTable], Field(max_length=500)] = Field(default_factory=list)
    report: ReportTable = ReportTable()
    deviation: Annotated[list[DeviationTable], Field(max_length=500)] = Field(default_factory=list)

    @property
    def arm_names(self) -> list[str]:
        """Return the arms, the reference first, the others as they are written."""
        written = [*self.arms.labels.values(), *self.arms.names]
        others = [name for name in dict.fromkeys(written) if name != self.arms.reference]
        return [self.arms.reference, *others]

    @property
    def covariate_names(self) -> list[str]:
        """Return the names of the covariates of all files."""
        return list(dict.fromkeys(name for table in self.data for name in table.covariates))

    @property
    def outcome_columns(self) -> frozenset[str]:
        """Return the columns of all outcomes, those of items too."""
        found: set[str] = set()
        for one in self.outcome:
            found |= {name for columns in one.columns.values() for name in columns}
            found |= {name for columns in one.items.values() for name in columns}
            found |= set(filter(None, (one.column, one.baseline_column, one.exposure)))
        return frozenset(found)

    def kind_of(self, outcome: str) -> Kind:
        """Return what the values of an outcome are."""
        return next((one.kind for one in self.outcome if one.name == outcome), "continuous")

    def analysis_of(self, estimand: EstimandTable) -> MainAnalysis:
        """Return the main analysis of an estimand: as written, else that of the outcome's kind."""
        return estimand.analysis or DEFAULT_ANALYSIS[self.kind_of(estimand.outcome)]

    def models_with(self, covariate: str) -> list[str]:
        """Return the ids of the estimands whose models or subgroups have a covariate."""
        pairs = zip(self.estimand_ids, self.estimand, strict=True)
        return [
            name
            for name, one in pairs
            if covariate in (one.covariates or ()) or covariate in one.subgroups
        ]

    @property
    def estimand_ids(self) -> list[str]:
        """Return the ids of the estimands: as written, else E1, E2 ... by place."""
        return [one.id or f"E{place}" for place, one in enumerate(self.estimand, start=1)]
