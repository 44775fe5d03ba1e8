"""What a report says of a locked plan, read back and held against the plan; plans that could be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from backwalk_stats.analyses.planned import with_plan
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.locked_plan import NOT_PLANNED, Difference, Lock, PlanComparison
from backwalk_stats.trial.trial import Trial

Row = dict[str, Any]
KEY = r"[\w ]+?(?: \(not explained\))?"
BESIDE = re.compile(
    r" (?:(?P<new>Post hoc: not in the locked plan\.)"
    r"|(?P<closed>Post hoc: the plan was locked after the allocation had been opened\.)"
    rf"|Post hoc, as decided after unblinding: (?P<late>{KEY}(?:, {KEY})*)\."
    rf"|Changed from the plan: (?P<changed>{KEY}(?:, {KEY})*)\.)"
)
WORD = {"post hoc": "post hoc", "changed": "changed from the plan"}
MARK = rf"(?:{'|'.join(WORD.values())})"
SENTENCE = re.compile(
    r"(?P<n>\w+) (?:entry differs|entries differ) from the plan of "
    r"(?P<named>.+? \([0-9a-f]{12}\)): "
    r"(?P<explained>\d+) explained, (?P<not>\d+) not explained, (?P<early>\d+) decided before "
    r"unblinding, (?P<late>\d+) post hoc\."
)
SAME = re.compile(r"Nothing differs from the plan of (?P<named>.+? \([0-9a-f]{12}\))\.")
OPENED = re.compile(
    r"The plan was locked on (?P<named>.+? \([0-9a-f]{12}\)), after the allocation had been opened "
    r"on (?P<day>\d+ \w+ \d{4}): nothing here is told as planned\."
)
SEEN = {
    "none": "no data had been seen",
    "baseline": "data at baseline had been seen, none of later visits",
    "blinded": "data of later visits had been seen, without the arms",
    "all": "all data had been seen",
}
WORDS = ["", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]
# Keys of an estimand that its main analysis never hangs on, and those of mixed models alone.
LISTS = ("sensitivity", "subgroups", "imputations", "resamples")
MIXED = ("covariance", "fallback", "df")
OF_MIXED = ("mmrm", "constrained-longitudinal", "random-slope", "crossover")


def standing(subject: TrialSubject, asked: Estimand) -> tuple[str, list[Difference]]:
    """Return how the main analysis of an estimand stands to the plan, told from its keys alone."""
    plan = subject.trial.plan
    if plan is None or plan.held is None:
        return "", []
    if plan.unblinded is not None and plan.held.locked > plan.unblinded:
        return "post hoc", []
    if asked.id not in plan.covers or asked.outcome not in plan.outcomes:
        return "post hoc", []
    found = [one for one in plan.differences if _hangs_on(one.key, asked)]
    late = [one for one in found if one.before_unblinding is False]
    return ("post hoc", late) if late else ("changed" if found else "planned", found)


def _hangs_on(key: str, asked: Estimand) -> bool:
    kind, _, rest = key.partition(".")
    if kind == "estimand":
        name, _, own = rest.partition(".")
        if name != asked.id or own in LISTS or (own in MIXED and asked.analysis not in OF_MIXED):
            return False
        return own != "covariates" or asked.analysis not in ("change-score", "rank-based")
    return kind in ("visits", "arms") or key.startswith(f"outcome.{asked.outcome}.")


def without_beside(subject: TrialSubject, asked: Estimand, said: str) -> str:
    """Hold what a headline says of the plan, and return the headline without it."""
    stands, keys = standing(subject, asked)
    found = BESIDE.search(said)
    assert bool(found) == (stands in ("changed", "post hoc")), (said, stands)
    if found is None:
        return said
    plan = subject.trial.plan
    assert plan is not None
    if found["closed"] or found["new"]:
        assert stands == "post hoc" and bool(found["closed"]) == plan.late, said
        assert found["closed"] or asked.id not in plan.covers, said
    else:
        assert stands == ("post hoc" if found["late"] else "changed"), said
        told = (found["late"] or found["changed"]).split(", ")
        wanted = [
            one.key.split(".")[-1] + ("" if one.reason else " (not explained)") for one in keys
        ]
        assert sorted(told) == sorted(set(wanted)), (said, wanted)
    return said[: found.start()] + said[found.end() :]


def without_mark(subject: TrialSubject, asked: Estimand, said: str, before: str) -> str:
    """Hold the word that follows a result which is not as planned; return the text without it."""
    stands, _ = standing(subject, asked)
    words = WORD.get(stands, "")
    found = re.search(rf"{before}{MARK}", said)
    assert (found[0] if found else "") == (f"{before}{words}" if words else ""), (said, stands)
    return said if found is None else said[: found.start()] + said[found.end() :]


def section(subject: TrialSubject, told: dict[str, Any]) -> None:
    """Hold the sentence on the plan and its table of differences."""
    plan = subject.trial.plan
    methods = [_words(one) for one in told["methods"].blocks if one.kind == "paragraph"]
    said = next(one for one in methods if one.startswith("Plan. ")).removeprefix("Plan. ")
    if plan is None or not plan.locks:
        assert said == "No plan was locked before this analysis.", said
        assert "plan" not in told
        return
    assert plan.held is not None
    seen = f" When it was locked, {SEEN[plan.held.data_seen]}."
    assert said.endswith(seen), said
    _sentence(plan, said.removesuffix(seen))
    first = told["plan"].blocks[0]
    assert _words(first) == said
    tables = [one.table for one in told["plan"].blocks if one.kind == "table"]
    rows = tables[0].rows if plan.differences else ()
    assert [row[0] for row in rows] == [one.key for one in plan.differences]
    for row, one in zip(rows, plan.differences, strict=True):
        assert row[1:3] == (one.planned, one.done)
        assert row[4] == (one.reason or "not explained")
        assert row[5] == {True: "yes", False: "no", None: "not known"}[one.before_unblinding]


def _sentence(plan: PlanComparison, said: str) -> None:
    held = plan.held
    assert held is not None
    found = OPENED.fullmatch(said)
    assert bool(found) == plan.late, said
    found = found or SAME.fullmatch(said) or SENTENCE.fullmatch(said)
    assert found, f"no grammar reads it: {said}"
    assert found["named"].endswith(f"({held.hash[:12]})"), said
    assert f"{held.locked.day} " in found["named"] and f"{held.locked.year} " in found["named"]
    if found.re is SAME:
        assert not plan.differences, said
    if found.re is SENTENCE:
        many, told = len(plan.differences), [one for one in plan.differences if one.reason]
        assert found["n"] == (WORDS[many] if many < len(WORDS) else str(many)), said
        assert (int(found["explained"]), int(found["not"])) == (len(told), many - len(told)), said
        early = sum(one.before_unblinding is True for one in plan.differences)
        late = sum(
            one.before_unblinding is False or one.planned == NOT_PLANNED for one in plan.differences
        )
        assert (int(found["early"]), int(found["late"])) == (early, late), said


def _words(block: Any) -> str:
    return "".join(one if isinstance(one, str) else one.text for one in block.content)


# Plans that could be locked beside a random trial.


def with_random_plan(analysis: TrialAnalysis, seed: int) -> TrialAnalysis:
    """Return an analysis held against a random plan; every second one has no lock."""
    rng = np.random.default_rng([seed, 20261201])
    plan = random_plan(analysis.trial, rng) if rng.random() < 0.5 else None
    trial = replace(analysis.trial, plan=plan)
    asked = {one.id: one for one in trial.estimands}
    parts = tuple(
        replace(part, estimates=with_plan(plan, part.estimates, asked)) for part in analysis.parts
    )
    estimates = with_plan(plan, analysis.estimates, asked)
    return replace(analysis, trial=trial, parts=parts, estimates=estimates)


def random_plan(trial: Trial, rng: np.random.Generator) -> PlanComparison:
    """Return a plan that lacks some estimands and differs in some keys, explained or not."""
    locked = date(2026, 3, 1) + timedelta(days=int(rng.integers(0, 300)))
    opened = None if rng.random() < 0.3 else locked + timedelta(days=int(rng.integers(-5, 60)))
    held = Lock(hash=f"{int(rng.integers(1, 2**62)):064x}", locked=locked, plan={},
                data_seen=str(rng.choice(list(SEEN))))  # fmt: skip
    planned = [one for one in trial.estimands if rng.random() < 0.8]
    found = [
        Difference(key=f"estimand.{one.id}", planned=NOT_PLANNED, done="a comparison")
        for one in trial.estimands
        if one not in planned
    ]
    keys = ("level", "covariates", "covariance", "resamples", "analysis")
    for one in planned:
        for key in rng.permutation(list(keys))[: int(rng.integers(0, 3))]:
            found.append(_difference(f"estimand.{one.id}.{key}", rng))
    if rng.random() < 0.3:
        found.append(_difference(f"outcome.{trial.outcomes[0].name}.columns", rng))
    return PlanComparison(
        locks=(held,),
        held=held,
        unblinded=opened,
        differences=tuple(sorted(found, key=lambda one: one.key)),
        covers={one.id: (one.analysis, *one.sensitivity) for one in planned},
        outcomes=tuple(one.name for one in trial.outcomes),
    )


def _difference(key: str, rng: np.random.Generator) -> Difference:
    one = Difference(key=key, planned="as planned", done="as done")
    if rng.random() < 0.4:
        return one
    before = [True, False, None][int(rng.integers(0, 3))]
    return replace(one, when=date(2026, 5, 4), reason="A reason.", before_unblinding=before)
