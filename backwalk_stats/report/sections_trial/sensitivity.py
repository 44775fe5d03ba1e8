"""The same estimand under other assumptions: whether the answer hangs on them."""

from __future__ import annotations

from math import isnan

import pandas as pd

from backwalk_stats.report import headline
from backwalk_stats.report.document import document, text
from backwalk_stats.report.estimate_pictures import forest_of
from backwalk_stats.report.headline import margin_kept
from backwalk_stats.report.open_questions import (
    beside_the_main,
    comparable,
    no_effect,
    no_effect_words,
    sides,
)
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.locked_plan import POST_HOC

ORDER = 50
_LEAD = (
    "Each analysis below answers the same question under another belief, about the values that "
    "were not seen or about the model. Where they agree, the answer does not hang on that belief. "
    "Analyses of other people, of another treatment or of another summary are supplementary and "
    "stand apart."
)


def section(subject: TrialSubject) -> document.Section:
    """Return how far the sensitivity analyses of every estimand agree, and their forest."""
    blocks: list[document.Block] = []
    for estimand in subject.trial.estimands:
        blocks += _one(subject, estimand)
    return document.Section(
        id="sensitivity",
        title="Sensitivity analyses",
        short="Sensitivity",
        blocks=document.led(_LEAD, blocks),
    )


def _one(subject: TrialSubject, estimand: Estimand) -> list[document.Block]:
    """Return what the sensitivity analyses of one estimand say; nothing where there are none."""
    drawn = forest_of(subject, estimand, "sensitivity")
    told = agreement(subject, estimand)
    if not (drawn or told):
        return []
    place = f"sensitivity-{text.slug(estimand.id)}"
    head = document.Subheading(id=place, text=subject.title_of(estimand))
    return [head, *document.paragraphs([told] if told else []), *drawn]


def agreement(subject: TrialSubject, estimand: Estimand) -> str:
    """Say how many sensitivity analyses point the same way as the main one.

    One with several rows, as reference-based imputation has, counts only if all of them do.
    """
    if estimand.margin is not None:
        kept, of = margin_kept(subject, estimand, "sensitivity")
        many = text.plural(of, "sensitivity analysis", "sensitivity analyses")
        keep = "keeps" if kept == 1 else "keep"
        return f"Of {many} of {estimand.id}, {kept} {keep} the margin." if of else ""
    main = headline.main_row(subject, estimand)
    if main is None or isnan(float(main["estimate"])):
        return ""
    others = beside_the_main(subject, estimand, "sensitivity")
    if not len(others):
        return ""
    way = _way(main)
    ways = pd.Series([_way(row) for row in numbers.frame_rows(others)], index=others.index)
    alike = ways > 0 if way > 0 else ways < 0
    same = alike.groupby(others["analysis"]).all()
    ends = comparable(subject, estimand, "sensitivity")
    beyond = (sides(ends) != 0).groupby(ends["analysis"]).all()
    apart = ", the tipping point apart" if "tipping-point" in estimand.sensitivity else ""
    null = no_effect_words(estimand)
    points = f"none can point the way of the main analysis, which is {null}"
    if way != 0:
        verb = "points" if same.sum() == 1 else "point"
        points = f"{same.sum()} {verb} the same way as the main analysis"
    return (
        f"Of {text.plural(len(same), 'sensitivity analysis', 'sensitivity analyses')} of "
        f"{estimand.id}{apart}, {points}; of the {len(beyond)} with an interval, {beyond.sum()} "
        f"{'excludes' if beyond.sum() == 1 else 'exclude'} {null}.{_post_hoc(others)}"
    )


def _way(row: numbers.Row) -> float:
    """Return how far an estimate is from no difference."""
    return float(row["estimate"]) - no_effect(row)


def _post_hoc(rows: pd.DataFrame) -> str:
    """Name the analyses that the locked plan does not have, after a space; "" without any."""
    names = dict.fromkeys(rows.loc[rows["planned"] == POST_HOC, "analysis"].astype(str))
    told = ", ".join(ANALYSES.get(name, name) for name in names)
    if (rows["planned"] == POST_HOC).all():
        return " All of them are post hoc."
    return f" Post hoc among them: {told}." if told else ""
