"""The tables of a trial file that say what was planned: outcomes, estimands, their order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backwalk_stats.loaders.trial_file.words import (
    ItemsOrByVisit,
    Name,
    Number,
    Slug,
    Table,
    Words,
)
from backwalk_stats.trial.estimand import Intercurrent, MainAnalysis, Population, Sensitivity
from backwalk_stats.trial.outcome import Better, Role

CovarianceName = Literal["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp"]
DfName = Literal[
    "satterthwaite", "kenward-roger", "kenward-roger-linear", "between-within", "residual"
]


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
    columns, column : dict, str
        Visit to column (wide), or the column (long).
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
    columns: dict[str, Words] = Field(default_factory=dict)
    column: Words | None = None
    items: ItemsOrByVisit = Field(default_factory=dict)
    missing_rule: Words | None = None
    file: Words | None = None
    confirmed: list[Literal["unit", "site"]] = Field(default_factory=list)

    @property
    def is_long(self) -> bool:
        """Return whether a row of its file is one visit."""
        return self.column is not None or "" in self.items

    @property
    def layout(self) -> Literal["wide", "long"]:
        """Return the layout that its file must have."""
        return "long" if self.is_long else "wide"


class EstimandTable(Table):
    """One estimand; what is left out is filled in from the rest of the file."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$")] | None = None
    outcome: Words
    visit: Words | None = None
    contrast: Annotated[list[Words], Field(min_length=2, max_length=2)] | None = None
    role: Role | None = None
    population: Population = "all-randomised"
    intercurrent: Intercurrent = "treatment-policy"
    analysis: MainAnalysis = "mmrm"
    covariates: list[Words] | None = None
    sensitivity: list[Sensitivity] = Field(default_factory=list)
    covariance: CovarianceName = "us"
    df: DfName = "kenward-roger"
    fallback: list[CovarianceName] | None = None
    level: Annotated[Number, Field(ge=0.5, lt=1)] = 0.95
    imputations: Annotated[int, Field(ge=2, le=100_000)] | None = None
    resamples: Annotated[int, Field(ge=100, le=1_000_000)] | None = None
    subgroups: list[Words] = Field(default_factory=list)


class MultiplicityTable(Table):
    """How p-values of several estimands are adjusted, and in which order they are tested."""

    method: Literal["none", "holm", "hochberg", "hommel", "fixed-sequence", "gatekeeping"] = "none"
    order: list[Words] | None = None
