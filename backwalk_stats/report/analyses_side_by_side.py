"""The analyses of an estimand side by side: which of their rows answer it, and which agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.report.document.risks_and_ratios import HUNDRED, QUANTITIES
from backwalk_stats.report.headline import DIFFERENCES
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.tables.estimates import sensitivity_table
from backwalk_stats.tables.trial_labels import NO_EFFECT
from backwalk_stats.trial.estimand import Estimand

RANKS = "probability_of_superiority"  # all that ranks of categories say of the arms


def answering_rows(subject: TrialSubject, estimand: Estimand) -> pd.DataFrame:
    """Return the rows that answer an estimand, of its main analysis and of those beside it.

    Of each analysis the differences of means, or the interaction; else what the main analysis
    gives; else its own difference of risks, odds, rates, or the probability of a higher value.
    """
    table = subject.analysis.estimates
    rows = table[
        (table["estimand"] == estimand.id)
        & table["analysis"].isin((estimand.analysis, *estimand.sensitivity))
        & (table["contrast"] == estimand.contrast_name)
        & table["visit"].isin(("", estimand.visit))
    ]
    main = main_quantity(estimand.analysis)
    ordered = [(*DIFFERENCES, "f_statistic"), (main,), *((one,) for one in (*QUANTITIES, RANKS))]
    kept = pd.Series(False, index=rows.index)
    for _, own in rows.groupby("analysis", sort=False)["quantity"]:
        masks = (own.isin(list(kinds)) for kinds in ordered)
        answering = next((mask for mask in masks if mask.any()), None)
        if answering is not None:
            kept[own.index] = answering
    return rows[kept]


def side_by_side(subject: TrialSubject, estimand: Estimand) -> DisplayTable:
    """Return the table of the analyses of an estimand; differences of shares out of 100."""
    rows = answering_rows(subject, estimand)
    of_shares = rows["quantity"] == "risk_difference"
    names = ["estimate", "conf_low", "conf_high"]
    hundreds = rows[names].astype(float).mul(np.where(of_shares, HUNDRED, 1.0), axis=0)
    shown = rows.assign(**{name: hundreds[name] for name in names})
    return sensitivity_table(shown, labels=subject.labels, level=estimand.level)


def beside_the_main(subject: TrialSubject, estimand: Estimand, role: str) -> pd.DataFrame:
    """Return the estimates of the analyses of one role beside the main one."""
    rows = answering_rows(subject, estimand)
    names = [one for one in estimand.sensitivity if estimand.role_of(one) == role]
    return rows[
        rows["analysis"].isin(names)
        # Unshifted, the tipping point is no answer of its own; an F has no side.
        & ~rows["analysis"].isin((estimand.analysis, "tipping-point"))
        & (rows["quantity"] != "f_statistic")
        & (rows["visit"] == estimand.visit)
        & rows["estimate"].notna()
    ]


def comparable(subject: TrialSubject, estimand: Estimand, role: str) -> pd.DataFrame:
    """Return the rows with an interval of the analyses of one role beside the main one."""
    rows = beside_the_main(subject, estimand, role)
    return rows[rows["conf_low"].notna() & rows["conf_high"].notna()]


def agree(main: numbers.Row, others: pd.DataFrame) -> pd.Series:
    """Return analysis to whether all its rows conclude as the main one does.

    The conclusion is no difference in the interval, or out of it and on which side.
    """
    return (sides(others) == side(main)).groupby(others["analysis"]).all()


def sides(rows: pd.DataFrame) -> pd.Series:
    """Return the side of every row, as `side`."""
    found = [side(row) for row in numbers.frame_rows(rows)]
    return pd.Series(found, index=rows.index, dtype=int)


def side(row: numbers.Row) -> int:
    """Return on which side of no difference an interval lies, 0 where it holds it.

    Examples
    --------
    >>> side({"quantity": "odds_ratio", "conf_low": 0.3, "conf_high": 0.8})
    -1
    >>> side({"quantity": "mean_difference", "conf_low": 0.3, "conf_high": 0.8})
    1
    """
    null = no_effect(row)
    return int(float(row["conf_low"]) > null) - int(float(row["conf_high"]) < null)


def no_effect(row: numbers.Row) -> float:
    """Return the value of a row that means no difference: 0, of a ratio 1, of a probability 1/2."""
    return NO_EFFECT.get(str(row["quantity"]), 0.0)


def no_effect_words(estimand: Estimand) -> str:
    """Return what sentences on an estimand call no difference: zero, where it is one of means."""
    of_means = main_quantity(estimand.analysis) in (*DIFFERENCES, "f_statistic")
    return "zero" if of_means else "no difference"
