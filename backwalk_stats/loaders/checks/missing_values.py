"""Missing values: cells that cannot be analysed at all, and amounts that a reader must know."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import Measured
from backwalk_stats.trial.estimand import BASELINE

MUCH = 20.0  # per cent
APART = 15.0  # per cent between arms, and
FEWEST = 3  # participants: one more in a small arm is no pattern


def check(view: TrialView, findings: Findings) -> None:
    """Refuse a visit without values in an arm; warn of much, of unequal, of baselines missing."""
    for one in view.measured:
        name = one.outcome.name
        if name in view.lacking:
            continue
        wide = view.wide[name]
        people = view.participants.set_index("participant")
        there = wide.reindex(people.index).notna()
        observed = there.groupby(people["arm"], observed=True).sum()
        n = people.groupby("arm", observed=True).size()
        if view.study.design == "parallel":
            _check_empty(view, one, observed[n > 1], findings)
            _check_amount(view, one, observed, n, findings)
        else:  # everybody walks in every arm
            whole = there.sum().to_frame().T
            _check_amount(view, one, whole, pd.Series({0: len(people)}), findings)
        _check_baseline(view, one, there, findings)


def _check_amount(
    view: TrialView, one: Measured, observed: pd.DataFrame, n: pd.Series, findings: Findings
) -> None:
    """Warn of visits at which much is missing, or more in one arm than in another."""
    for visit in observed.columns[observed.min() > 0]:
        missing = n - observed[visit]
        percent = 100 * missing / n
        unequal = percent.max() - percent.min() > APART
        unequal &= missing.max() - missing.min() >= FEWEST
        if not unequal and 100 * missing.sum() / n.sum() <= MUCH:
            continue
        why = f"arms differ by more than {APART:g}%" if unequal else f"more than {MUCH:g}% in all"
        for arm, count in missing[missing > 0].items():
            where = f" in arm {arm}" if len(n) > 1 else ""
            action = f"{one.outcome.name} at {visit}: values missing{where} ({why})"
            findings.warn(one.key, action, int(count))


def _check_empty(
    view: TrialView, one: Measured, observed: pd.DataFrame, findings: Findings
) -> None:
    name = one.outcome.name
    asked = [estimand for estimand in view.estimands if estimand.outcome == name]
    needed = {(estimand.visit, arm) for estimand in asked for arm in estimand.contrast}
    for visit in view.study.visit_names:
        if visit not in observed.columns:
            compared = any(visit == estimand.visit for estimand in asked)
            if compared and not _told(view, one, findings):
                _refuse(view, one, f"values of {name} at {visit}", "none", findings)
            continue
        for arm, count in observed[visit].items():
            label = f"values of {name} at {visit} in arm {arm}"
            told = [e.id for e in asked if e.visit == visit and arm in e.contrast]
            if count == 0 and told:
                verb = "cannot be compared there, and says" if len(told) == 1 else (
                    "cannot be compared there, and say")  # fmt: skip
                findings.warn(one.key, f"no {label}: {', '.join(told)} {verb} so in the report")
            elif count == 0:
                findings.warn(one.key, f"no {label}: models of several visits leave {visit} out")
            elif count == 1 and (visit, arm) in needed:
                _refuse(view, one, f"two {label} or more", "1", findings)


def _told(view: TrialView, one: Measured, findings: Findings) -> bool:
    """Return whether cells of the outcome are refused already: it is empty because of that."""
    columns = {*view.of(one.outcome.name)["column"]}
    return any(fault.column in columns for fault in findings.faults)


def _refuse(view: TrialView, one: Measured, expected: str, found: str, findings: Findings) -> None:
    action = "Nothing can be estimated there: give the data, or take the visit out of the outcome"
    findings.add(one.key, expected, found, action)


def _check_baseline(
    view: TrialView, one: Measured, there: pd.DataFrame, findings: Findings
) -> None:
    baseline = view.study.baseline
    asked = any(
        estimand.outcome == one.outcome.name and BASELINE in estimand.covariates
        for estimand in view.estimands
    )
    if not asked:
        return
    if baseline not in there.columns:
        expected = f"values of {one.outcome.name} at {baseline}, which estimands adjust for"
        action = (
            "Name their column: baseline_column, where it is repeated in every row; or write "
            "covariates = [] in the estimand, or those that it has"
        )
        findings.add(one.key, expected, "none", action)
        return
    later = there.drop(columns=baseline).any(axis=1)
    lacking = ~there[baseline] & later
    if lacking.any():
        arms = view.participants.set_index("participant")["arm"][lacking].value_counts(sort=False)
        for arm, n in arms[arms > 0].items():
            action = (
                f"{one.outcome.name}: baseline missing in arm {arm}; ANCOVA leaves these "
                "participants out, a constrained longitudinal model keeps them"
            )
            findings.warn(one.key, action, int(n))
