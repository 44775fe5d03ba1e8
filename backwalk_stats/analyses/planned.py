"""Which estimates the locked plan has, which it has otherwise, and which it does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from backwalk_stats.trial.estimand import REFERENCE_BASED, SENSITIVITY, Estimand
from backwalk_stats.trial.locked_plan import (
    CHANGED,
    PLANNED,
    POST_HOC,
    Difference,
    PlanComparison,
)

_IMPUTING = ("multiple-imputation", *REFERENCE_BASED, "tipping-point")
_RESAMPLING = ("bootstrap", "permutation")
_AS_MAIN = (*_RESAMPLING, "per-protocol", "as-treated", "subgroup")  # by the main analysis' model
_MIXED = ("mmrm", "constrained-longitudinal", "random-slope", "crossover")
# Keys of an estimand that only some of its analyses use; every other key is used by all.
_USED_BY = {
    # What is added to these lists is not in the plan, and told by that.
    **dict.fromkeys(("sensitivity", "subgroups"), ()),
    "imputations": _IMPUTING,
    "resamples": _RESAMPLING,
    **dict.fromkeys(("covariance", "fallback"), (*_MIXED, *_AS_MAIN)),
    "df": (*_MIXED, "ancova", *_AS_MAIN),  # ancova within clusters has a random intercept
}
_NOT_USED_BY = {"covariates": ("responder", "change-score", "rank-based")}
_NOT_IN_RESULTS = ("plan", "adherence", "motion")
_ANSWERS = ("primary", "secondary", "exploratory")


def with_plan(
    plan: PlanComparison | None, estimates: pd.DataFrame, estimands: Mapping[str, Estimand]
) -> pd.DataFrame:
    """Return estimates (`tables.RESULTS`) whose column `planned` says how each stands to the plan.

    "planned": as it was locked. "changed": a key that it hangs on differs, which was decided
    before unblinding, or nobody says when. "post hoc": it is not in the plan, or the difference
    was decided after unblinding. "" where there is no lock to hold it against.
    """
    rows = estimates.to_dict("records")
    marks = [mark(plan, row, estimands.get(str(row["estimand"]))) for row in rows]
    return estimates.assign(planned=pd.Series(marks, index=estimates.index, dtype="str"))


def mark(plan: PlanComparison | None, row: Mapping[Any, Any], asked: Estimand | None) -> str:
    """Return how one estimate stands to the plan, as `with_plan` says it."""
    if plan is None or plan.held is None:
        return ""
    if plan.late or not in_plan(plan, row, asked):
        return POST_HOC
    found = [one for one in plan.differences if touches(one, row, asked)]
    if any(one.post_hoc for one in found):
        return POST_HOC
    return CHANGED if found else PLANNED


def in_plan(plan: PlanComparison, row: Mapping[Any, Any], asked: Estimand | None) -> bool:
    """Tell whether the plan has an estimate at all: its outcome, its estimand, its analysis.

    The main analysis of a planned estimand is in it, whichever it was; that it is another one is a
    difference of the key `analysis`. An outcome without an estimand has an exploratory one.
    """
    outcome, analysis = str(row["outcome"]), str(row["analysis"])
    if outcome and outcome not in plan.outcomes:
        return False
    if asked is None:
        return True
    if asked.id.startswith("exploratory-") and asked.role == "exploratory":
        held = plan.held
        values = {} if held is None else held.plan
        return not any(values.get(f"estimand.{one}.outcome") == outcome for one in plan.covers)
    if asked.id not in plan.covers:
        return False
    if analysis == "subgroup":
        return _subgroup_in_plan(plan, str(row["note"]), asked)
    beside = analysis in SENSITIVITY and analysis != asked.analysis
    return not beside or analysis in plan.covers[asked.id]


def _subgroup_in_plan(plan: PlanComparison, note: str, asked: Estimand) -> bool:
    """Tell whether the subgroup that a note names was planned."""
    held = plan.held
    planned = () if held is None else held.plan.get(f"estimand.{asked.id}.subgroups", ())
    added = [one for one in asked.subgroups if one not in planned]
    heads = tuple(f"{one}: " for one in added)
    tests = [f"interaction of arm and {one}" for one in added]
    return not note.startswith(heads) and note not in tests


def touches(one: Difference, row: Mapping[Any, Any], asked: Estimand | None) -> bool:
    """Tell whether an estimate hangs on a key that differs.

    Examples
    --------
    >>> asked = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"))
    >>> row = {"estimand": "E1", "outcome": "pain", "analysis": "mmrm", "role": "primary"}
    >>> keys = ("estimand.E1.covariates", "estimand.E2.covariates", "estimand.E1.resamples")
    >>> [touches(Difference(key=key, planned="", done=""), row, asked) for key in keys]
    [True, False, False]
    """
    kind, *rest = one.key.split(".")
    analysis = str(row["analysis"])
    if kind == "estimand":
        own = rest[0] == str(row["estimand"])
        return own and _uses(analysis, rest[-1] if rest[1:] else "", asked)
    if kind == "outcome":
        return rest[0] == str(row["outcome"])
    if kind == "multiplicity":
        return str(row["role"]) in _ANSWERS
    if kind == "data" and rest[1:2] == ["covariates"]:
        return asked is not None and rest[2] in (*asked.covariates, *asked.subgroups)
    return _touched_by_all(one.key, analysis, asked)


def _touched_by_all(key: str, analysis: str, asked: Estimand | None) -> bool:
    """Tell whether an analysis hangs on a key of no single estimand or outcome."""
    kind = key.partition(".")[0]
    if key == "trial.seed":
        return analysis in (*_IMPUTING, *_RESAMPLING)
    if kind in ("sets", "events"):
        others = {"sets.per_protocol": "per-protocol", "sets.received": "as-treated"}
        of_events = asked is not None and bool(asked.events)
        people = (analysis, asked.population if asked else "")
        return of_events if kind == "events" else others.get(key, "") in people
    # Arms, visits, files of data, clusters and the design are under everything.
    return analysis == "harms" if kind == "harms" else kind not in _NOT_IN_RESULTS


def _uses(analysis: str, key: str, asked: Estimand | None) -> bool:
    """Tell whether an analysis of an estimand uses one of its keys; "" is the whole table."""
    if key == "analysis" and asked is not None:
        return analysis in (asked.analysis, *_AS_MAIN)
    if analysis in _NOT_USED_BY.get(key, ()):
        return False
    return key not in _USED_BY or analysis in _USED_BY[key]
