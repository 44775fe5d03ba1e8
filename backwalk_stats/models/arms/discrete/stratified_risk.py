"""Risks of arms compared within strata and pooled: Mantel-Haenszel and its test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.discrete.risks import (
    StratifiedCounts,
    conditional_excess,
    difference_error,
    log_ratio_error,
    pooled_risks,
)
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.discrete.comparison import (
    Row,
    as_frame,
    labelled,
    with_chi_square,
    with_difference,
    with_ratio,
    with_share,
)
from backwalk_stats.models.arms.samples import ArmSamples, arm_samples
from backwalk_stats.models.columns.trial_columns import TrialColumns, require_named
from backwalk_stats.models.fit.choices import check_level
from backwalk_stats.models.formula.design import Factor, as_factor
from backwalk_stats.software import computes_with

UNDETERMINED = "no stratum has what the ratio needs in both arms: it is not determined"
AT_AN_END = "the ratio is {0}: its logarithm has no standard error, so no limit or p is given"


def stratified_risk(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    strata: str,
    reference: object = None,
    participant: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the risks of arms within strata, such as sites, and pool the comparisons.

    Parameters
    ----------
    data, reference, participant, level
        As in `ancova`.
    outcome, arm, strata : str
        Columns: true or 1, false or 0; the arm; the stratum. Strata in which one of the two arms
        has nobody do not count, and the notes say how many people are in them.

    Returns
    -------
    DataFrame
        For each arm against the reference, quantity: risk (of both, strata weighed by n n0 / N;
        limits by the logit), risk_difference (Sato, Greenland and Robins), risk_ratio (Greenland
        and Robins), odds_ratio (Robins, Breslow and Greenland; test and limits of ratios by the
        logarithm, std_error of the ratio itself), cmh and cmh_corrected (Cochran-Mantel-Haenszel
        chi-square without and with the continuity correction of 1/2; estimate NaN); contrast, arm,
        the estimate columns (df NaN where normal), notes.

    Raises
    ------
    UsageError
        If a column or arm does not exist, the outcome holds other values, or a participant has two
        rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, or no stratum has both arms.

    References
    ----------
    Mantel and Haenszel, J Natl Cancer Inst 1959;22:719. Greenland and Robins, Biometrics
    1985;41:55. Robins, Breslow and Greenland, Biometrics 1986;42:311. Sato, Greenland and Robins,
    Biometrics 1989;45:1323.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward", "backward"] * 10, "site": ["N"] * 8 + ["S"] * 12,
    ...     "better": [0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0]})
    >>> found = stratified_risk(frame, outcome="better", arm="group", reference="forward",
    ...     strata="site")
    >>> found.round(3)[["quantity", "arm", "estimate", "p_value"]].tail(5)
              quantity       arm  estimate  p_value
    2  risk_difference  backward     0.400    0.047
    3       risk_ratio  backward     2.333    0.103
    4       odds_ratio  backward     5.800    0.082
    5              cmh  backward       NaN    0.083
    6    cmh_corrected  backward       NaN    0.194
    """
    check_level(level)
    columns = TrialColumns(
        outcome=outcome, arm=arm, participant=participant, strata=strata, outcome_as="answers"
    )
    require_named(columns, "strata")
    samples = arm_samples(data, columns, factors=[strata], reference=reference)
    blocks = as_factor(samples.rows[strata], strata)
    rows: list[Row] = []
    for pair in samples.pairs:
        rows += _compared(samples, pair, blocks, level=level)
    return as_frame(rows, samples.notes, samples.left_out)


def _compared(
    samples: ArmSamples, pair: tuple[str, str], blocks: Factor, *, level: float
) -> list[Row]:
    """Return the rows of an arm against the reference."""
    counts, note = _counts(samples, pair, blocks)
    risk, error = pooled_risks(counts)
    arm, base = pair
    rows = [
        with_share(labelled("risk", arm=label, note=note), float(one), float(own), level=level)
        for label, one, own in zip((base, arm), risk[::-1], error[::-1], strict=True)
    ]
    row = labelled("risk_difference", arm=arm, base=base, note=note)
    gap = float(risk[0] - risk[1])
    rows.append(with_difference(row, gap, difference_error(counts), level=level))
    for quantity, (above, below, own) in (
        ("risk_ratio", (float(risk[0]), float(risk[1]), log_ratio_error(counts))),
        ("odds_ratio", _odds(counts)),
    ):
        row = labelled(quantity, arm=arm, base=base, note=note)
        rows.append(_ratio(row, above, below, own, level=level))
    excess, spread = conditional_excess(counts)
    for quantity, less in (("cmh", 0.0), ("cmh_corrected", 0.5)):
        row = labelled(quantity, arm=arm, base=base, note=note)
        if spread > 0.0:
            # as R's mantelhaen.test: an excess below 1/2 is not corrected
            beyond = abs(excess) - (less if abs(excess) >= less else 0.0)
            row = with_chi_square(row, beyond**2 / spread, 1.0)
        else:
            row["note"] = "; ".join(filter(None, (note, "the outcome does not vary within strata")))
        rows.append(row)
    return rows


def _counts(
    samples: ArmSamples, pair: tuple[str, str], blocks: Factor
) -> tuple[StratifiedCounts, str]:
    """Return the counts of the strata that both arms are in, and a note on the others."""
    y = samples.scores[:, 0]
    found, alone = [], 0
    for code in range(len(blocks.levels)):
        own = [y[samples.members(label) & (blocks.codes == code)] for label in pair]
        if all(map(len, own)):
            found.append([value for one in own for value in (one.sum(), len(one))])
        else:
            alone += sum(map(len, own))
    if not found:
        raise NotEstimable(
            f"no level of {blocks.name} has participants of both {' and '.join(pair)}"
        )
    events, n, events0, n0 = np.array(found, dtype=float).T
    counts = StratifiedCounts(events=events, n=n, events0=events0, n0=n0)
    return counts, (
        f"{alone} participants in strata without the other arm do not count" if alone else ""
    )


def _odds(counts: StratifiedCounts) -> tuple[float, float, float]:
    """Return numerator, denominator and log standard error of the pooled odds ratio."""
    e, n, e0, n0, total = counts.events, counts.n, counts.events0, counts.n0, counts.total
    above, below = float((e * (n0 - e0) / total).sum()), float((e0 * (n - e) / total).sum())
    if not (above > 0.0 and below > 0.0):
        return above, below, float("nan")
    from statsmodels.stats.contingency_tables import StratifiedTable

    computes_with("statsmodels")
    tables = StratifiedTable(np.array([[e, n - e], [e0, n0 - e0]]))
    return float(tables.oddsratio_pooled), 1.0, float(tables.logodds_pooled_se)


def _ratio(row: Row, above: float, below: float, error: float, *, level: float) -> Row:
    """Return a row with a ratio, or what is known of one at an end."""
    if above > 0.0 and below > 0.0:
        return with_ratio(row, float(np.log(above / below)), error, level=level)
    if above == below:
        note, estimate = UNDETERMINED, np.nan
    else:
        note, estimate = AT_AN_END.format("infinite" if above else 0), np.inf if above else 0.0
    return row | {"estimate": estimate, "note": "; ".join(filter(None, (row["note"], note)))}
