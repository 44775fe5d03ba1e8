"""Delta tipping point: how much worse the unseen must have done for the conclusion to change.

A number (delta) is added to every imputed value after dropout, then the data are analysed (Cro et
al., Stat Med 2020;39:2815, section 3.3). With conditional means all is linear in delta: estimate
and leave-one-out estimates are e + delta s, where s is the estimate of the indicator of imputed
values. So each point of the grid has its own jackknife standard error, without a refit, and the
deltas at which the conclusion changes are the roots of a quadratic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from backwalk_stats.engine.missing import pooling
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_choice, check_level, check_numbers
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.models.missing.imputation import conditional_means
from backwalk_stats.models.missing.imputation_model import ImputationChoices, imputation_model
from backwalk_stats.models.missing.incomplete import IncompleteTrial, analysis_of, incomplete_trial

PATTERNS = ("constant", "per-visit")


@on_one_thread
def tipping_point(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline: str,
    at: object,
    deltas: Sequence[float],
    deltas_reference: Sequence[float] = (0.0,),
    pattern: str = "constant",
    strategy: str = "mar",
    reference: object = None,
    covariates: str | Sequence[str] = (),
    by_visit: str | Sequence[str] | None = None,
    event: str | None = None,
    covariance: str = "us",
    covariance_by_arm: bool = False,
    level: float = 0.95,
    margins: Sequence[float] = (),
) -> pd.DataFrame:
    """Return the comparison of the arms over a grid of deltas.

    Parameters
    ----------
    data, value, participant, visit, arm, baseline, at, strategy, reference, covariates, by_visit
        As in `conditional_mean_imputation`.
    event, covariance, covariance_by_arm, level
        As in `conditional_mean_imputation`.
    deltas, deltas_reference : sequence of float
        Added to imputed values of the other arms, and of the reference arm, in the unit of the
        outcome; positive is worse where lower is better. Every pair is one point of the grid.
        Values missing before the event (gaps) are imputed without a delta.
    pattern : str
        "constant": delta is added once; "per-visit": as often as there are visits from the event
        to the visit compared, that one included.
    margins : sequence of float
        Differences at a margin of non-inferiority or equivalence, with their signs.

    Returns
    -------
    DataFrame
        contrast, delta, delta_reference, estimate, conf_low, conf_high, p_value, std_error, df,
        statistic, and the counts of `conditional_mean_imputation`; for each contrast and
        delta_reference also tips_low and tips_high: the nearest deltas below and above 0 at which
        the p-value is 1 - level, and the conclusion changes (NaN where it never does). With margins
        also margin_tips_low and margin_tips_high: those at which the interval reaches one of them.

    Raises
    ------
    UsageError
        If a column or choice does not exist, a delta is not finite, or the data cannot answer.
    NotEstimable
        As in `conditional_mean_imputation`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(30), 2),
    ...     "group": np.repeat(["backward", "forward"], 30), "week": ["W3", "W6"] * 30,
    ...     "before": np.repeat(rng.normal(6, 1, 30).round(1), 2),
    ...     "pain": rng.normal(4, 1, 60).round(1) - np.repeat([1.0, 0.0], 30)})
    >>> frame.loc[[1, 5, 9, 33], "pain"] = np.nan
    >>> found = tipping_point(frame, value="pain", participant="who", visit="week", arm="group",
    ...     baseline="before", at="W6", reference="forward", deltas=[0, 2, 4])
    >>> found.round(3)[["delta", "estimate", "p_value", "tips_high"]]
       delta  estimate  p_value  tips_high
    0    0.0    -1.340    0.000      2.421
    1    2.0    -0.982    0.025      2.421
    2    4.0    -0.623    0.276      2.421
    """
    check_level(level)
    check_choice("pattern", pattern, PATTERNS)
    own = check_numbers("deltas", deltas)
    other = check_numbers("deltas_reference", deltas_reference)
    marks = [float(one) for one in check_numbers("margins", margins)] if len(margins) else []
    columns = TrialColumns(
        outcome=value,
        participant=participant,
        visit=visit,
        arm=arm,
        baseline=baseline,
        covariates=names_of(covariates),
        event=event,
    )
    trial = incomplete_trial(data, columns, reference=reference)
    place = trial.place_of(at)
    choices = ImputationChoices(
        strategy=strategy, covariance=covariance, by_arm=covariance_by_arm, by_visit=by_visit
    )
    model = imputation_model(trial, columns, choices)
    analysis = analysis_of(trial)
    found = conditional_means(model, analysis, at=place)
    shifts = [_shift(trial, analysis, at=place, pattern=pattern, own=one) for one in (True, False)]
    line = pooling.DeltaLine(
        whole=np.stack([found.whole, *(one[0] for one in shifts)]),
        without=np.stack([found.without, *(one[1] for one in shifts)]),
    )
    frame = _grid(trial, line, (own, other), level=level, margins=marks)
    counts = trial.counts(place).assign(contrast=list(trial.contrasts))
    return frame.merge(counts, on="contrast", how="left")


def _shift(
    trial: IncompleteTrial, analysis: pooling.CompletedAnalysis, *, at: int, pattern: str, own: bool
) -> tuple[FloatArray, FloatArray]:
    """Return what a delta of 1 does to the contrasts, shape (L,), and without each, (n, L)."""
    since = at + 1 - trial.event
    moved = np.isnan(trial.y[:, at]) & (since > 0) & ((trial.arm > 0) == own)
    unit = np.where(moved, since if pattern == "per-visit" else 1, 0).astype(float)
    return analysis.estimates(unit[None])[0], analysis.without(unit[None], np.arange(len(unit)))


def _grid(
    trial: IncompleteTrial,
    line: pooling.DeltaLine,
    grid: tuple[FloatArray, FloatArray],
    *,
    level: float,
    margins: Sequence[float],
) -> pd.DataFrame:
    """Return the frame of all points, delta varying fastest; the grid is of arm and reference."""
    parts = []
    deltas, deltas_reference = grid
    for index, name in enumerate(trial.contrasts):
        for other in deltas_reference:
            own = line.of(index, delta_reference=float(other))
            low, high = pooling.tipping_deltas(own, level=level)
            columns = estimate_columns(pooling.estimates_at(own, deltas, level=level))
            parts.append(
                pd.DataFrame(
                    {
                        "contrast": name,
                        "delta": deltas,
                        "delta_reference": other,
                        **columns,
                        "tips_low": low,
                        "tips_high": high,
                        **_margin_tips(own, margins, level=level),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _margin_tips(line: pooling.Line, margins: Sequence[float], *, level: float) -> dict[str, float]:
    """Return the nearest deltas below and above 0 at which the interval reaches a margin.

    The limits reach m where |e - m + delta s| = z SE: the quadratic of the difference from m.
    """
    if not margins:
        return {}
    ends = [
        pooling.tipping_deltas(
            replace(line, estimate=line.estimate - m, estimates=line.estimates - m), level=level
        )
        for m in margins
    ]
    below = [low for low, _ in ends if np.isfinite(low)]
    above = [high for _, high in ends if np.isfinite(high)]
    return {
        "margin_tips_low": max(below, default=np.nan),
        "margin_tips_high": min(above, default=np.nan),
    }
