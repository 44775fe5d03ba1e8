"""Arms compared by ranks: Wilcoxon-Mann-Whitney, or van Elteren's test within strata."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.ranks import two_arms
from backwalk_stats.engine.ranks.ranking import snapped
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.samples import ArmSamples, arm_samples, disagreement
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_level
from backwalk_stats.models.formula.design import Factor, as_factor


def rank_based(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: object = None,
    strata: str | None = None,
    participant: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare each arm with the reference arm by ranks.

    Parameters
    ----------
    data, reference, participant, level
        As in `ancova`.
    outcome, arm : str
        Columns: the score or its change, and the arm.
    strata : str, optional
        Column: ranks are taken within its levels (van Elteren).

    Returns
    -------
    DataFrame
        One row a contrast ("arm - reference"): estimate (Hodges-Lehmann shift, in the unit of the
        outcome), std_error and df (NaN), statistic (U of the arm; with strata the sum of
        U / (N + 1)), p_value, conf_low, conf_high (infinite where so few participants do not
        determine a limit); probability that a participant of the arm is higher, ties counting half,
        with prob_low and prob_high (Newcombe's method 5; NaN with strata, where it is a weighted
        mean); method ("exact", conditional on the midranks, up to 200 participants; else
        "normal"); n_arm, n_reference, dropped_arm, dropped_reference; notes.

    Raises
    ------
    UsageError
        If a column or arm does not exist, the outcome is not numeric, or a participant has two
        rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, or every value is the same.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 5 + ["backward"] * 5,
    ...     "pain": [5, 6, 6, 7, 8, 3, 4, 4, 5, 6]})
    >>> found = rank_based(frame, outcome="pain", arm="group", reference="forward")
    >>> found.round(4)[["contrast", "estimate", "statistic", "p_value", "probability", "method"]]
                 contrast  estimate  statistic  p_value  probability method
    0  backward - forward      -2.0        2.5   0.0556          0.1  exact
    """
    check_level(level)
    columns = TrialColumns(outcome=outcome, arm=arm, participant=participant, strata=strata)
    factors = [] if strata is None else [strata]
    samples = arm_samples(data, columns, factors=factors, reference=reference)
    values = snapped(samples.scores[:, 0], scale=samples.scale)
    blocks = None if strata is None else as_factor(samples.rows[strata], strata)
    rows = []
    for label, base in samples.pairs:
        if blocks is None:
            found = _unstratified(samples, values, (label, base), level=level)
        else:
            found = _stratified(samples, values, (label, base), blocks, level=level)
        rows.append({"contrast": f"{label} - {base}", **found})
    return pd.DataFrame(rows)


def _unstratified(
    samples: ArmSamples, values: FloatArray, pair: tuple[str, str], *, level: float
) -> dict[str, object]:
    first, second = (values[samples.members(label)] for label in pair)
    found = two_arms.rank_sum(first, second, level=level)
    limits = two_arms.superiority_interval(
        probability=found.probability, n1=len(first), n2=len(second), level=level
    )
    said = [
        disagreement(
            found.p_value, ends, null=null, level=level, methods=f"the rank test and {whose}"
        )
        for ends, null, whose in (
            ((found.shift.low, found.shift.high), 0.0, "the limits of the shift"),
            (limits, 0.5, "the limits of the probability"),
        )
    ]
    note = "; ".join(one for one in said if one)
    return _columns(found, limits, counts=samples.counts(*pair), decided=samples.notes, note=note)


def _stratified(
    samples: ArmSamples, values: FloatArray, pair: tuple[str, str], blocks: Factor, *, level: float
) -> dict[str, object]:
    parts, alone = [], 0
    members = [samples.members(label) for label in pair]
    for code in range(len(blocks.levels)):
        own = [values[one & (blocks.codes == code)] for one in members]
        if all(map(len, own)):
            parts.append((own[0], own[1]))
        else:
            alone += sum(map(len, own))
    if not parts:
        raise NotEstimable(
            f"no level of {blocks.name} has participants of both {' and '.join(pair)}"
        )
    found = two_arms.van_elteren(parts, level=level)
    note = f"{alone} participants in strata without the other arm do not count" if alone else ""
    return _columns(
        found, (np.nan, np.nan), counts=samples.counts(*pair), decided=samples.notes, note=note
    )


def _columns(
    found: two_arms.RankTest,
    limits: tuple[float, float],
    *,
    counts: dict[str, int],
    decided: str,
    note: str = "",
) -> dict[str, object]:
    unbounded = not np.isfinite([found.shift.low, found.shift.high]).all()
    notes = [one for one in (decided, note) if one]
    notes += ["so few participants give the shift no interval"] if unbounded else []
    return {
        "estimate": found.shift.estimate,
        "conf_low": found.shift.low,
        "conf_high": found.shift.high,
        "p_value": found.p_value,
        "std_error": np.nan,
        "df": np.nan,
        "statistic": found.statistic,
        "probability": found.probability,
        "prob_low": limits[0],
        "prob_high": limits[1],
        "method": "exact" if found.exact else "normal",
        **counts,
        "notes": "; ".join(notes),
    }
