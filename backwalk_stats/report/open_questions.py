"""What the answer to an estimand leaves open, and how the analyses beside it agree."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np
import pandas as pd

from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.report import headline
from backwalk_stats.report.document import document
from backwalk_stats.report.document.risks_and_ratios import HUNDRED, QUANTITIES
from backwalk_stats.report.headline import DIFFERENCES, kept_within, margin_kept
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.tables.estimates import sensitivity_table
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.trial_labels import NO_EFFECT, in_sentence
from backwalk_stats.trial.estimand import Estimand

TITLE = "What is not known"
_WHO_KNEW = ("methods.blinded", "methods.blinding")
_WHAT_ELSE = ("methods.other_care",)
Question = tuple[str, str]


def open_questions(subject: TrialSubject, asked: tuple[Estimand, ...]) -> document.OpenQuestions:
    """Return what the answers leave open; of several, each begins with its id."""
    found: list[Question] = []
    for one in asked:
        head = f"{one.id}: " if len(asked) > 1 else ""
        for what, told in _of(subject, one):
            found.append((f"{head}{what}", told))
    found += _not_in_files(subject)
    return document.OpenQuestions(
        id="not-known",
        title=TITLE,
        entries=tuple(
            ((document.Strong(text=what),), (f" {told}",)) for what, told in dict.fromkeys(found)
        ),
    )


def _not_in_files(subject: TrialSubject) -> list[Question]:
    """Say which of harms, blinding and other care the files do not tell."""
    told = subject.analysis.trial.conduct.texts
    lacking = {
        "what harm was done": subject.analysis.trial.harms is None,
        "who knew the arm": not any(key in told for key in _WHO_KNEW),
        "what else was taken": not any(key in told for key in _WHAT_ELSE),
    }
    first, *others = [name for name, absent in lacking.items() if absent] or [""]
    if not others:
        return [(f"{sentence_case(first)}:", "not in the files.")] if first else []
    rest = ", ".join([*others[:-1], f"and {others[-1]}"])
    return [(f"{sentence_case(first)},", f"{rest}: not in the files.")]


def _of(subject: TrialSubject, estimand: Estimand) -> list[Question]:
    """Return the open questions of one estimand."""
    part = subject.main_part(estimand)
    found = [_matters(subject, estimand), *_missing(subject, estimand), *_lasts(subject, estimand)]
    # Without an estimate there was no model to converge: the notes say why.
    if part is not None and not part.converged and part.estimates["estimate"].notna().any():
        found.append(
            ("Whether the model holds.", "It did not converge: it gave no standard errors.")
        )
    return found


def _matters(subject: TrialSubject, estimand: Estimand) -> Question:
    """Say what the size can be held against."""
    outcome = subject.outcome_of(estimand)
    named = headline.important_change(outcome)
    if named is None:
        size = "change in points" if outcome.has_means else "difference"
        return "Whether it matters.", f"The trial file names no {size} as important."
    return (
        "Whether it matters.",
        f"{numbers.amount(named.value, outcome.unit)} is named as important for a person "
        f"({named.source}). Between arms it is a yardstick, no test.",
    )


def _lasts(subject: TrialSubject, estimand: Estimand) -> list[Question]:
    """Say that nothing was measured later, where that is so."""
    visits = [*subject.visits]
    later = visits[visits.index(estimand.visit) + 1 :] if estimand.visit in visits else []
    if any(_seen(subject, estimand.outcome, visit) for visit in later):
        return []
    return [("Whether it lasts.", f"Nothing was measured after {visit_words(subject, estimand)}.")]


def _seen(subject: TrialSubject, outcome: str, visit: str) -> bool:
    """Tell whether anybody was measured at a visit."""
    rows = _missingness(subject, outcome, visit)
    return bool(len(rows)) and bool((rows["n_observed"].fillna(1) > 0).any())


def visit_words(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the visit of an estimand as it stands inside a sentence."""
    return in_sentence(subject.visit_label(estimand.visit))


def _missingness(subject: TrialSubject, outcome: str, visit: str) -> pd.DataFrame:
    """Return the rows of missing values of one outcome at one visit, an arm each."""
    part = subject.analysis.part("missingness")
    if part is None or "missingness" not in part.frames:
        return pd.DataFrame(columns=["arm", "n", "n_observed", "n_missing"])
    frame = part.frames["missingness"]
    return frame[(frame["outcome"] == outcome) & (frame["visit"] == visit)]


def seen_by_arm(subject: TrialSubject, estimand: Estimand) -> dict[str, float]:
    """Return arm to the number who have the outcome at the visit; NaN is not shown."""
    rows = _missingness(subject, estimand.outcome, estimand.visit)
    return {str(row["arm"]): float(row["n_observed"]) for row in numbers.frame_rows(rows)}


def _missing(subject: TrialSubject, estimand: Estimand) -> list[Question]:
    """Say who has no value, how far it could carry the answer, and which analyses disagree."""
    rows = _missingness(subject, estimand.outcome, estimand.visit)
    gone = rows["n_missing"]
    disagree = disagreement(subject, estimand)
    if len(gone) and bool((gone == 0).all()):
        held = "Whether it hangs on the model."
        return [(held, disagree)] if disagree else []
    known = len(gone) and not gone.isna().any()
    many = f"{gone.sum():.0f} missing " if known else "those missing "
    people = "person" if known and gone.sum() == 1 else "people"
    many = many if known else "the missing "
    what = f"What {many}{people} would have scored at {visit_words(subject, estimand)}."
    told = [_tipping(subject, estimand, rows), disagree]
    told = [one for one in told if one]
    return [(what, " ".join(told) or "No analysis asked how far they could carry the answer.")]


def _tipping(subject: TrialSubject, estimand: Estimand, rows: pd.DataFrame) -> str:
    """Say at which shift of the missing of one arm the conclusion changes; "" without."""
    part = next(
        (p for p in subject.analysis.parts_of(estimand.id) if p.analysis == "tipping-point"), None
    )
    tips = part.frames.get("tips") if part is not None else None
    if part is None or tips is None or not len(tips) or not len(part.estimates):
        return ""
    arm, _ = subject.arm_pair(estimand)
    still = part.estimates.iloc[0]
    low, high = float(still["conf_low"]), float(still["conf_high"])
    outcome = subject.outcome_of(estimand)
    within = kept_within(estimand, outcome)
    held = not low <= 0 <= high if within is None else within[0] < low and high < within[1]
    ends = [float(tips.iloc[0][name]) for name in ("tips_low", "tips_high")]
    there = [end for end in ends if isfinite(end)]
    # Towards zero is what a conclusion must fear; one of no difference fears both ways.
    if not there:
        return f"No shift of the missing of {arm} that was tried changes the conclusion."
    end = min(there, key=abs)
    missing = rows.loc[rows["arm"].astype(str) == estimand.contrast[0], "n_missing"]
    who = "those" if not len(missing) or missing.isna().any() else f"the {missing.iloc[0]:.0f}"
    way = "higher" if end > 0 else "lower"
    if outcome.better:
        way = "worse off" if end * outcome.sign < 0 else "better off"
    unit = numbers.after(outcome.unit)
    then = f"would {'include' if held else 'leave out'} zero"
    if within is not None:
        then = f"would {'reach' if held else 'keep within'} the margin"
    size = f"{numbers.number(abs(end), numbers.decimals_of([end]))}{unit}"
    return (
        f"If {who} of {arm} were {size} {way} than the model takes them to be, the interval {then}."
    )


def disagreement(subject: TrialSubject, estimand: Estimand) -> str:
    """Say how many analyses beside the main one conclude otherwise; "" where there are none.

    Sensitivity analyses (the same estimand) and supplementary ones (another) are counted apart.
    """
    if estimand.margin is not None:
        return _margin_elsewhere(subject, estimand)
    main = headline.main_row(subject, estimand)
    if main is None or isnan(float(main["conf_low"])) or isnan(float(main["conf_high"])):
        return ""
    mine = side(main)
    across, beyond = [], []
    for role in ("sensitivity", "supplementary"):
        others = comparable(subject, estimand, role)
        many = others["analysis"].nunique()
        if many:
            opposite = (sides(others) == -mine).groupby(others["analysis"]).any()
            away = opposite.to_numpy() & (mine != 0)
            otherwise = int((~agree(main, others).to_numpy() & ~away).sum())
            of = f"of the {many} {role} {'analysis' if many == 1 else 'analyses'}"
            across.append(f"{otherwise} {of}")
            beyond += [f"{away.sum()} {of}"] if away.any() else []
    if not across:
        return ""
    null = no_effect_words(estimand)
    told = (
        f"The interval {'includes' if mine else 'leaves out'} {null} in {' and in '.join(across)}."
    )
    also = f" It lies on the other side of {null} in {' and in '.join(beyond)}." if beyond else ""
    return f"{told}{also}"


def _margin_elsewhere(subject: TrialSubject, estimand: Estimand) -> str:
    """Say in how many analyses beside the main one the margin is kept; "" where there are none."""
    told = []
    for role in ("sensitivity", "supplementary"):
        kept, of = margin_kept(subject, estimand, role)
        if of:
            told.append(f"{kept} of the {of} {role} {'analysis' if of == 1 else 'analyses'}")
    return f"The margin is kept in {' and in '.join(told)}." if told else ""


# The analyses of an estimand side by side: which of their rows answer it, and which agree.

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
