"""Responders compared between arms: risk difference, risk ratio, number needed to treat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.summary import proportions
from backwalk_stats.models.arms.samples import arm_samples, disagreement
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_level
from backwalk_stats.models.fit.summary import estimates_first

NULLS = {"risk_difference": (0.0, "Newcombe's"), "risk_ratio": (1.0, "Koopman's")}
THROUGH = "through infinity"


def responders(
    data: pd.DataFrame,
    *,
    responder: str,
    arm: str,
    reference: object = None,
    participant: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the share of responders of each arm with the reference arm's.

    Parameters
    ----------
    data, reference, participant, level
        As in `ancova`.
    responder, arm : str
        Columns: true or 1 for a responder, false or 0 for none, and the arm. A row without an
        answer is left out and counted: decide before whether it is a non-responder.

    Returns
    -------
    DataFrame
        Three rows a contrast ("arm - reference"): quantity risk_difference (Newcombe's hybrid score
        interval), risk_ratio (Koopman's score interval), nnt (1 / difference with its limits
        inverted; a negative number is needed to harm. Where the difference may be 0 the interval is
        from conf_high through infinity to conf_low, and the notes have it as Altman writes it:
        "NNTB 4.0 to ∞ to NNTH 20.0"); estimate, std_error, df and statistic (NaN:
        none of the intervals comes from them), p_value (Fisher's exact test, two-sided, the same
        for all three), conf_low, conf_high; events, n_arm, events_reference, n_reference,
        dropped_arm, dropped_reference; notes, which say when an interval is in two pieces or a
        ratio is 0, infinite or not determined.

    Raises
    ------
    UsageError
        If a column or arm does not exist, the responder holds other values, or a participant has
        two rows.
    NotEstimable
        If an arm has fewer than 2 answers.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 10 + ["backward"] * 10,
    ...     "responded": [True] * 2 + [False] * 8 + [True] * 8 + [False] * 2})
    >>> found = responders(frame, responder="responded", arm="group", reference="forward")
    >>> found.round(3)[["quantity", "estimate", "p_value", "conf_low", "conf_high"]]
              quantity  estimate  p_value  conf_low  conf_high
    0  risk_difference     0.600    0.023     0.162      0.803
    1       risk_ratio     4.000    0.023     1.388     14.472
    2              nnt     1.667    0.023     1.246      6.180
    """
    check_level(level)
    columns = TrialColumns(responder=responder, arm=arm, participant=participant)
    samples = arm_samples(data, columns, reference=reference)
    rows = []
    for label, base in samples.pairs:
        one, two = (samples.of(name)[:, 0] for name in (label, base))
        counts = proportions.Counts(
            events1=int(one.sum()), n1=len(one), events2=int(two.sum()), n2=len(two)
        )
        numbers = samples.counts(label, base)
        shared = {
            "events": counts.events1,
            "n_arm": numbers["n_arm"],
            "events_reference": counts.events2,
            **{name: n for name, n in numbers.items() if name != "n_arm"},
        }
        p = proportions.fisher_p(counts)
        for quantity, found, note in _quantities(counts, names=(label, base), level=level):
            rows.append(
                {
                    "contrast": f"{label} - {base}",
                    "quantity": quantity,
                    "estimate": found.estimate,
                    **dict.fromkeys(("std_error", "df", "statistic"), np.nan),
                    "p_value": p,
                    "conf_low": found.low,
                    "conf_high": found.high,
                    **shared,
                    "notes": "; ".join(
                        one
                        for one in (samples.notes, note, _apart(quantity, found, p, level))
                        if one
                    ),
                }
            )
    return estimates_first(pd.DataFrame(rows))


def _apart(quantity: str, found: proportions.Interval, p_value: float, level: float) -> str:
    """Return a note where Fisher's test and an interval say different things."""
    if quantity not in NULLS:
        return ""
    null, whose = NULLS[quantity]
    return disagreement(
        p_value,
        (found.low, found.high),
        null=null,
        level=level,
        methods=f"Fisher's exact test and {whose} interval",
    )


def _quantities(
    counts: proportions.Counts, *, names: tuple[str, str], level: float
) -> list[tuple[str, proportions.Interval, str]]:
    """Return name, estimate with limits, and note of each quantity."""
    difference = proportions.difference_interval(counts, level=level)
    through = difference.low <= 0.0 <= difference.high
    needed = proportions.needed_to_treat(difference)
    silent = [
        name
        for name, events in zip(names, (counts.events1, counts.events2), strict=True)
        if not events
    ]
    if len(silent) == 2:
        ratio = proportions.Interval(estimate=np.nan, low=np.nan, high=np.nan)
        note = "no responder in either arm: the ratio is not determined"
    else:
        ratio = proportions.ratio_interval(counts, level=level)
        note = f"no responder in {silent[0]}" if silent else ""
    return [
        ("risk_difference", difference, ""),
        ("risk_ratio", ratio, note),
        ("nnt", needed, _through(needed) if through else ""),
    ]


def _through(needed: proportions.Interval) -> str:
    """Return the interval of a number needed to treat that holds infinity, as Altman writes it.

    >>> _through(proportions.Interval(estimate=10.0, low=-20.0, high=4.0))
    'through infinity: NNTB 4.0 to ∞ to NNTH 20.0'
    """
    benefit = f"NNTB {needed.high:.1f}" if np.isfinite(needed.high) else ""
    harm = f"NNTH {-needed.low:.1f}" if np.isfinite(needed.low) else ""
    told = f"{benefit} to ∞ to {harm}" if benefit and harm else f"{benefit or harm} to ∞"
    return f"{THROUGH}: {told}"
