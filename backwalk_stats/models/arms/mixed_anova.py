"""Mixed analysis of variance: arm between participants, visit within, as R's afex.

It needs every visit of everyone; a participant who misses one is left out. A mixed model (`mmrm`)
uses what they gave, and needs no sphericity: prefer it, and use this for comparison with published
work.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear.split_plot import split_plot
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.columns.participants import codes_of
from backwalk_stats.models.columns.trial_columns import (
    TrialColumns,
    refuse_one_arm,
    settled_visits,
)
from backwalk_stats.models.fit.choices import check_choice
from backwalk_stats.models.formula.design import Factor, as_factor
from backwalk_stats.models.formula.rows import refuse_few_visits

TYPES = ("III", "II")


def mixed_anova(
    data: pd.DataFrame, *, value: str, participant: str, visit: str, arm: str, ss: str = "III"
) -> pd.DataFrame:
    """Return the analysis of variance of arm, visit and their interaction.

    Parameters
    ----------
    data : DataFrame
        One row for each participant and visit.
    value, participant, visit, arm : str
        Columns: the score, the id, the visit, and the arm, constant within a participant.
    ss : str
        Type of sums of squares. "III": arms weigh equally in the test of the visit (SAS, SPSS,
        afex's default). "II": participants do. They differ where arms differ in size.

    Returns
    -------
    DataFrame
        Rows arm, visit, arm:visit (by the names of the columns): term, ss_type, sum_sq,
        error_sum_sq, df_num, df_den, statistic, p_value; epsilon (Greenhouse-Geisser), df_num_gg,
        df_den_gg, p_value_gg; epsilon_hf (Huynh-Feldt), p_value_hf; ges (generalised eta squared,
        both factors manipulated); n participants used and n_dropped, who miss a visit; notes. For
        the arm there is nothing to correct: its epsilons are 1.

    Raises
    ------
    UsageError
        If a column or type does not exist, a participant has two rows at a visit or two arms.
    NotEstimable
        If fewer than two arms or visits are left, or an arm has no complete participant.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(10), 3), "week": [0, 3, 6] * 10,
    ...     "arm": np.repeat(["forward", "backward"], 15),
    ...     "pain": rng.normal(5.0, 1.0, 30).round(1) - np.tile([0.0, 1.0, 2.0], 10)})
    >>> found = mixed_anova(frame, value="pain", participant="who", visit="week", arm="arm")
    >>> found.round(3)[["term", "df_num", "df_den", "statistic", "epsilon", "p_value_gg"]]
           term  df_num  df_den  statistic  epsilon  p_value_gg
    0       arm     1.0     8.0      0.636    1.000       0.448
    1      week     2.0    16.0     12.089    0.827       0.002
    2  arm:week     2.0    16.0      0.398    0.827       0.642
    """
    check_choice("ss", ss, TYPES)
    wide = _wide(data, value=value, participant=participant, visit=visit, arm=arm)
    whole = np.isfinite(wide.y).all(axis=1)
    held = Counter(wide.arms.labels[code] for code in wide.arms.codes[whole])
    empty = [label for label in wide.arms.labels if not held[label]]
    if empty:
        raise NotEstimable(
            f"{arm} = {', '.join(empty)}: nobody has a value at every one of the visits "
            f"{', '.join(wide.visits)}; leave out a visit, or use mmrm"
        )
    found = split_plot(wide.y[whole], wide.arms.codes[whole], unweighted=ss == "III")
    terms = {arm: found.arm, visit: found.visit, f"{arm}:{visit}": found.interaction}
    rows = []
    for name, effect in terms.items():
        within = effect is not found.arm
        epsilon = found.greenhouse_geisser if within else 1.0
        feldt = found.huynh_feldt if within else 1.0
        rows.append(
            {
                "term": name,
                "ss_type": ss,
                "sum_sq": effect.sum_sq,
                "error_sum_sq": effect.error_sum_sq,
                "df_num": effect.df_num,
                "df_den": effect.df_den,
                "statistic": effect.statistic,
                "p_value": effect.p_value,
                "epsilon": epsilon,
                "df_num_gg": epsilon * effect.df_num,
                "df_den_gg": epsilon * effect.df_den,
                "p_value_gg": effect.corrected_p(epsilon),
                "epsilon_hf": feldt,
                "p_value_hf": effect.corrected_p(feldt),
                "ges": found.generalised_eta_squared(effect),
                "n": int(whole.sum()),
                "n_dropped": int((~whole).sum()),
                "notes": wide.notes,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wide:
    """A row a participant: arm, and the value at each visit (NaN where missing)."""

    arms: Factor
    visits: tuple[str, ...]
    y: FloatArray
    notes: str


def _wide(data: object, *, value: str, participant: str, visit: str, arm: str) -> _Wide:
    columns = TrialColumns(outcome=value, participant=participant, visit=visit, arm=arm)
    settled = settled_visits(data, columns, compared=False)
    frame = settled.frame
    people = codes_of(frame[participant])
    visits, arms = as_factor(frame[visit], visit), as_factor(frame[arm], arm)
    refuse_one_arm(arms.levels, arm)
    refuse_few_visits(visits, least=2)
    ids, people = np.unique(people, return_inverse=True)
    first = np.full(len(ids), -1)
    first[people] = arms.codes
    y = np.full((len(ids), len(visits.levels)), np.nan)
    y[people, visits.codes] = frame[value].to_numpy()
    own = Factor(name=arm, levels=arms.levels, codes=first)
    return _Wide(arms=own, visits=visits.labels, y=y, notes=settled.note)
