"""Ordered categories compared between arms: the odds of a higher one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.models.arms.discrete.ordinal import ordinal as proportional_odds
from backwalk_stats.trial.estimand import BASELINE, Estimand
from backwalk_stats.trial.tables import CATEGORIES
from backwalk_stats.trial.trial import Trial

WALD = "Wald limits on the logarithm"
SMALL_SAMPLE = (
    "as fewer than 50 people are compared, p and limits of the score test by F with people less "
    "thresholds and coefficients as df"
)


@results.asked("ordinal")
def ordinal(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the odds ratio of a higher category at the estimand's visit, by proportional odds.

    Categories have the order that the trial file declares; the baseline, where the estimand lists
    it, is a category too. Rows odds_ratio, probability_of_superiority (of the values as they are,
    without covariates) and proportional_odds (the score test of one odds ratio for all cuts).
    """
    outcome = trial.outcome(estimand.outcome)
    included = rows.rows_at_visit(trial, estimand)
    listed = BASELINE in estimand.covariates
    if listed:
        included.require_baseline("proportional odds adjusted for the baseline")
    adjusted = [*(["baseline"] if listed else []), *included.covariates]
    frame = included.frame.assign(
        value=_categories(included.frame["value"], outcome.categories),
        baseline=_categories(included.frame["baseline"], outcome.categories),
    )
    whole = frame[["value", *adjusted]].notna().all(axis=1)
    used = rows.participants_in(frame[whole])
    few = results.few(sum(used.values()))
    kept, alone = _without_ends(frame, adjusted)
    found = _fitted(kept, estimand, adjusted, few=few)
    raw = found if kept is frame else _fitted(frame, estimand, [], few=few)
    return results.Answer(
        lines=_lines(found, raw, estimand, results.sizes_of(used, estimand)),
        method=(
            f"Proportional odds of a higher category at {estimand.visit} on arm"
            f"{', baseline as a category' * listed}{rows.listed_covariates(estimand)}; "
            f"{SMALL_SAMPLE if few else WALD}; categories from low to high: "
            f"{', '.join(outcome.categories)}; {included.used(sum(used.values()))} with complete "
            "data. No mean of categories is taken."
        ),
        notes=(
            *included.notes,
            *results.told_of_rows(found["notes"], estimand),
            *_not_proportional(found, estimand),
            *alone,
            *included.left_out_without(int((~whole).sum()), ["value", *adjusted], estimand),
            *rows.unused_baseline(included, estimand),
        ),
        frames={"categories": _counted(frame, outcome.categories)},
    )


def _counted(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return how many of each arm are in each category (`tables.CATEGORIES`), as observed."""
    lines = []
    for arm in frame["arm"].cat.categories:
        own = frame.loc[frame["arm"] == arm, "value"].dropna().astype("str")
        for name in names:
            n = int((own == name).sum())
            lines.append((str(arm), name, n, 100.0 * n / len(own) if len(own) else float("nan")))
    return pd.DataFrame(lines, columns=list(CATEGORIES))


def _categories(values: pd.Series, names: tuple[str, ...]) -> pd.Series:
    """Return places as an ordered categorical, without categories that nobody is in."""
    codes = values.fillna(0.0).astype(int).to_numpy() - 1
    ordered = pd.Categorical.from_codes(codes, pd.Index(names), ordered=True)
    column = pd.Series(ordered, index=values.index)
    return column.cat.remove_unused_categories()


def _fitted(
    frame: pd.DataFrame, estimand: Estimand, adjusted: list[str], *, few: bool
) -> pd.DataFrame:
    return proportional_odds(
        frame,
        outcome="value",
        arm="arm",
        reference=estimand.contrast[1],
        covariates=adjusted,
        participant="participant",
        level=estimand.level,
        limits="score" if few else "wald",
        df="residual" if few else "normal",
    )


def _lines(
    found: pd.DataFrame, raw: pd.DataFrame, estimand: Estimand, sizes: dict[str, Any]
) -> list[results.Line]:
    """Return the odds ratio, its test of proportionality, and the probability of a higher value."""
    pair = estimand.contrast_name
    (odds, *_) = found[(found["quantity"] == "odds_ratio") & (found["contrast"] == pair)].to_dict(
        "records"
    )
    (test,) = found[found["term"] == "score_test"].to_dict("records")
    (higher,) = raw[
        (raw["quantity"] == "superiority") & (raw["contrast"] == pair) & (raw["term"] == "raw")
    ].to_dict("records")
    about = {"visit": estimand.visit, "quantity": "proportional_odds"}
    return [
        results.compared(estimand, "odds_ratio", odds, **sizes),
        results.compared(estimand, "probability_of_superiority", higher, **sizes),
        {**about, **results.columns_of(test)},
    ]


def _without_ends(frame: pd.DataFrame, adjusted: list[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return rows without levels all of whose people are in the lowest, or highest, category.

    Such a level is fitted exactly by a coefficient without end: its people say nothing of the arms,
    and all other estimates are those without them.
    """
    kept = frame
    for name in adjusted:
        if not isinstance(frame[name].dtype, pd.CategoricalDtype):
            continue
        whole = kept[kept[["value", *adjusted]].notna().all(axis=1)]
        seen = whole["value"].cat.remove_unused_categories().cat.categories
        ends = whole.groupby(name, observed=True)["value"].agg(["min", "max"]).astype("object")
        alike = ends[(ends["max"] == seen[0]) | (ends["min"] == seen[-1])].index
        gone = kept[name].isin(list(alike))
        kept = kept[~gone]
    if len(kept) == len(frame):
        return frame, ()
    columns = ["value", *(n for n in adjusted if isinstance(frame[n].dtype, pd.CategoricalDtype))]
    kept = kept.assign(**{name: kept[name].cat.remove_unused_categories() for name in columns})
    note = (
        "in some level of a covariate everyone is in an end category: such a level is fitted "
        "exactly and tells nothing of the arms"
    )
    return kept.reset_index(drop=True), (note,)


def _not_proportional(found: pd.DataFrame, estimand: Estimand) -> tuple[str, ...]:
    """Return the note where the odds ratio is not the same at every cut."""
    p = float(found.loc[found["term"] == "score_test", "p_value"].iloc[0])
    if not p < 1.0 - estimand.level:
        return ()
    return (
        f"the odds ratios of the model differ between the cuts (score test, p = {p:.2g}): the one "
        "that is given is a mean of them",
    )
