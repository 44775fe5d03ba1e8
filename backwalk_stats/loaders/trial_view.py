"""What the checks of a trial's data look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.loaders.covariate_values import is_site
from backwalk_stats.loaders.trial_file.outcome_scale import Measured

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.study import Study


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialView:
    """A trial before it is accepted.

    Attributes
    ----------
    study : Study
        With every arm that is declared.
    measured : tuple of Measured
    estimands : tuple of Estimand
    cells : DataFrame
        participant, arm, visit, outcome, value, reason, file, column, line: what was read.
    participants : DataFrame
        As `Trial.participants`.
    flow : DataFrame
        As `Trial.flow`.
    wide : mapping of str to DataFrame
        Outcome to a row a participant and a column a visit, visits in order; without visits at
        which nothing is there.
    lacking : frozenset of str
        Names of outcomes of which a column was not found, which is told already.
    """

    study: Study
    measured: tuple[Measured, ...]
    estimands: tuple[Estimand, ...]
    cells: pd.DataFrame
    participants: pd.DataFrame
    flow: pd.DataFrame
    wide: Mapping[str, pd.DataFrame]
    lacking: frozenset[str]

    def of(self, outcome: str) -> pd.DataFrame:
        """Return the cells of an outcome."""
        return self.cells[self.cells["outcome"] == outcome]

    def values(self, outcome: str) -> NDArray[np.float64]:
        """Return the values of an outcome that are there."""
        values = np.asarray(self.of(outcome)["value"], dtype=np.float64)
        return values[~np.isnan(values)]

    @property
    def sites(self) -> pd.Series | None:
        """Return the site of each participant, None where the trial has no such covariate."""
        name = next((str(one) for one in self.participants.columns if is_site(str(one))), None)
        return None if name is None else self.participants.set_index("participant")[name]
