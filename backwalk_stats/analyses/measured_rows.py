"""The measurements that a model of several visits is fitted to, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backwalk_stats.analyses.told_counts import measurements_missing
from backwalk_stats.errors import NotEstimable

if TYPE_CHECKING:
    from backwalk_stats.analyses.analysis_rows import AnalysisRows
    from backwalk_stats.trial.estimand import Estimand


def measured_rows(
    rows: AnalysisRows, estimand: Estimand, *, baseline: bool, when: str = "after baseline"
) -> AnalysisRows:
    """Return the rows of `rows_by_visit` in which nothing is missing, with notes on what is.

    Where the `baseline` is a covariate of the model, who has none is left out. `when` says of which
    visits the measurements are. It is refused where nobody has everything that the model needs.
    """
    once = [*(["baseline"] if baseline else []), *rows.covariates]
    known = rows.frame[once].notna().all(axis=1)
    people = rows.frame.loc[~known, "participant"].nunique()
    planned = rows.frame[known]
    kept = planned[planned["value"].notna()].reset_index(drop=True)
    if kept.empty:
        names = [*(["baseline"] if baseline else []), *estimand.other_covariates]
        raise NotEstimable(f"nobody has the outcome together with {', '.join(names)}")
    said = (
        *rows.left_out_without(people, once, estimand),
        *measurements_missing(len(planned) - len(kept), len(planned), when=when),
    )
    return replace(rows, frame=kept, notes=(*rows.notes, *said))


def visits_in_words(rows: AnalysisRows) -> str:
    """Return of which visits the measurements are, where the baseline is one of them."""
    return "from baseline on" if rows.has_baseline else "at all visits"
