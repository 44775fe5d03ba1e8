"""The trial file as a typed schema: its tables, their keys and what each key holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backwalk_stats.loaders.trial_file.data_tables import DataTable
from backwalk_stats.loaders.trial_file.plan_tables import (
    EstimandTable,
    MultiplicityTable,
    OutcomeTable,
)
from backwalk_stats.loaders.trial_file.words import (
    Count,
    CountOrByReason,
    MissingCodes,
    Number,
    Slug,
    Table,
    Words,
)
from backwalk_stats.trial.study import Design

Week = Annotated[Number, Field(ge=-520, le=2600)]


class TrialTable(Table):
    """What the trial is called."""

    id: Slug
    title: Words
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    design: Design = "parallel"
    registration: str = ""
    deviations: list[Words] = Field(default_factory=list)


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

    file: Words
    participant: Words
    columns: list[Words] = Field(default_factory=list)
    session: Words | None = None
    status: Words | None = None
    codes: dict[str, Literal["attended", "missed", "withdrawn"]] = Field(default_factory=dict)
    missing_codes: MissingCodes = Field(default_factory=dict)
    encoding: Words = "utf-8"
    separator: Literal[",", ";", "\t", "|"] | None = None
    sheet: Words | None = None


class MotionFileTable(Table):
    """The motion file of the trial."""

    file: Words


class ReportTable(Table):
    """What the report may show."""

    small_cell: Annotated[int, Field(ge=1, le=1000)] = 5


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
    adherence: AdherenceTable | None = None
    motion: MotionFileTable | None = None
    report: ReportTable = ReportTable()

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
    def estimand_ids(self) -> list[str]:
        """Return the ids of the estimands: as written, else E1, E2 ... by place."""
        return [one.id or f"E{place}" for place, one in enumerate(self.estimand, start=1)]
