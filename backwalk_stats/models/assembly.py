"""Puts a fit and what it was made of together as a `FittedModel`."""

from __future__ import annotations

from backwalk_stats.engine.contrasts import Inference
from backwalk_stats.engine.dof import DfMethod
from backwalk_stats.engine.fit import Fit
from backwalk_stats.models.coded import Coded
from backwalk_stats.models.fitted import FittedModel
from backwalk_stats.models.random_design import RandomDesign
from backwalk_stats.models.summary import FitSummary


def fitted_model(
    coded: Coded,
    fit: Fit,
    rule: DfMethod,
    summary: FitSummary,
    *,
    participants: tuple[object, ...],
    visits: tuple[str, ...] = (),
    groups: tuple[object, ...] = (),
    random: RandomDesign | None = None,
) -> FittedModel:
    """Return the record of a fit in the basis of `coded`; the rest as in `FittedModel`."""
    return FittedModel(
        formula=coded.formula,
        design=coded.design,
        fit=fit,
        inference=Inference(rule, fit.point.beta, coded.r),
        summary=summary,
        frame=coded.frame,
        x=coded.x,
        y=coded.y,
        visits=visits,
        groups=groups,
        participants=participants,
        random=random,
        offset=coded.offset,
    )
