"""The trial file as a typed schema: all its tables, and those of outcomes and estimands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from backwalk_stats.loaders.trial_file.conduct_schema import (
    Day,
    DecisionTable,
    DeviationTable,
    HarmsTable,
    Intervention,
    Methods,
)
from backwalk_stats.loaders.trial_file.data_schema import AdherenceTable, DataTable, EventsTable
from backwalk_stats.loaders.trial_file.plan_schema import PlanTable
from backwalk_stats.loaders.trial_file.table_schema import (
    FileName,
    Name,
    OneOrMore,
    Slug,
    Table,
    Words,
    listed,
    under_one_key,
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
# Suspicions that a trial file may call unfounded, by the word of the check that has them.
Suspicion = Literal["unit", "site", "zeros", "percent", "codes"]
Week = Annotated[Number, Field(ge=-520, le=2600)]


def _lists_by_visit(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {visit: listed(columns) for visit, columns in value.items()}


# Each of these may be written short; what comes out is always the table.
ColumnsByVisit = Annotated[dict[str, OneOrMore], BeforeValidator(_lists_by_visit)]
ItemsOrByVisit = Annotated[dict[str, list[Words]], BeforeValidator(under_one_key(list))]
CountOrByReason = Annotated[dict[str, Count], BeforeValidator(under_one_key(int))]


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
