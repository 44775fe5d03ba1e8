"""A trial as one row a participant: who has which visits, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialColumns:
    """The columns of a trial in long form; `event` marks visits from an intercurrent event on."""

    value: str
    participant: str
    visit: str
    arm: str
    baseline: str
    covariates: tuple[str, ...] = ()
    event: str | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """Return every column."""
        more = () if self.event is None else (self.event,)
        return (
            self.value,
            self.participant,
            self.visit,
            self.arm,
            self.baseline,
            *self.covariates,
            *more,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class IncompleteTrial:
    """Participants in one row each.

    Attributes
    ----------
    y : array, shape (n, J)
        Outcome at each visit, NaN where it is missing.
    event : array of int, shape (n,)
        First visit that an intercurrent event affects; J for none.
    people : DataFrame, n rows
        Columns "arm" (categorical, the reference first), "baseline", and the covariates by their
        `inner_names`.
    arms, visits : tuple of str
        Labels; the reference arm first.
    dropped : array of int, shape (arms,)
        Participants left out because the baseline or a covariate is missing.
    """

    y: FloatArray
    event: np.ndarray
    people: pd.DataFrame
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    dropped: np.ndarray

    @property
    def arm(self) -> np.ndarray:
        """Return the code of each participant's arm, 0 for the reference, shape (n,)."""
        return self.people["arm"].cat.codes.to_numpy().astype(int)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Return the names of the covariates in `people`."""
        return tuple(name for name in self.people.columns if name not in ("arm", "baseline"))

    @property
    def contrasts(self) -> tuple[str, ...]:
        """Return "arm - reference" for every other arm."""
        return tuple(f"{name} - {self.arms[0]}" for name in self.arms[1:])

    def place_of(self, visit: object) -> int:
        """Return the number of a visit, from 0; refuses one that the data do not have."""
        if str(visit) not in self.visits:
            raise UsageError(f"no visit {visit!r}; there are: {', '.join(self.visits)}")
        return self.visits.index(str(visit))

    def counts(self, at: int) -> pd.DataFrame:
        """Return n_arm, n_reference, dropped_arm, dropped_reference, n_imputed of each contrast."""
        arm, size = self.arm, len(self.arms)
        used = np.bincount(arm, minlength=size)
        gaps = np.bincount(arm[np.isnan(self.y[:, at])], minlength=size)
        return pd.DataFrame(
            {
                "n_arm": used[1:],
                "n_reference": used[0],
                "dropped_arm": self.dropped[1:],
                "dropped_reference": self.dropped[0],
                "n_imputed": gaps[1:] + gaps[0],
            }
        )
