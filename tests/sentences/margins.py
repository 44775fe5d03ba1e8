"""What is said of a margin held against the rows that test it: populations, size, p, verdict."""

from __future__ import annotations

import re
from typing import Any

from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.trial.estimand import Estimand
from tests.sentences import adjusted
from tests.sentences.reader import ENDS, NUMBER, P, ends, name, printed, same_p

WHOLE = {
    "all-randomised": "Of everyone randomised",
    "per-protocol": "Of those who kept to the protocol",
    "as-treated": "By the treatment received",
}
SIZE = rf"(?P<factor>a factor of )?(?P<size>{NUMBER})(?P<unit>°|(?: [^ ]+){{0,2}}?)"
TESTED = re.compile(
    r"it is (?P<no>not )?shown that (?P<arm>.+?) (?:is not worse than (?P<ref>.+?)|"
    r"and (?P<ref2>.+?) differ) by (?P<less>less than )?the margin of "
    rf"{SIZE}(?P<more> or more)?"
    r" \((?P<kind>non-inferiority, one-sided|equivalence, the larger of two one-sided) "
    rf"(?P<p>{P}){adjusted.SAID}(?:, score test with limits (?P<limits>{ENDS}))?\)\."
)
UNTESTED = re.compile(
    rf"the (?:margin of {SIZE} could not be tested|"
    r"test of the margin of .+? is not shown: it would tell of few people)\."
)
ALONE = "No analysis of those who kept to the protocol was asked for beside it."
NOT_THIS = "The whole of those randomised is not this estimand."
START = re.compile(rf" ?(?:{'|'.join(WHOLE.values())}), (?:it is |the margin of |the test of the )")


def parted(rest: str) -> tuple[str, str]:
    """Return a text without what it says of a margin at its end, and that."""
    found = START.search(rest)
    return (rest, "") if found is None else (rest[: found.start()], rest[found.start() :].strip())


def holds(subject: TrialSubject, asked: Estimand, pair: tuple[str, str], said: str) -> None:
    """Hold what is said of the margin: first of the estimand's population, then of protocol."""
    if asked.margin is None:
        assert not said, said
        return
    said = clause(subject, asked, pair, asked.analysis, said, WHOLE[asked.population])
    if asked.population == "per-protocol":
        assert said == NOT_THIS, said
    elif "per-protocol" not in asked.sensitivity:
        assert said == ALONE, said
    else:
        said = clause(subject, asked, pair, "per-protocol", said, WHOLE["per-protocol"])
        assert not said, said


def clause(
    subject: TrialSubject,
    asked: Estimand,
    pair: tuple[str, str],
    analysis: str,
    said: str,
    whole: str,
) -> str:
    """Hold one clause against the row of its analysis, and return what follows it."""
    head = f"{whole}, "
    assert said.startswith(head), (said, whole)
    said = said[len(head) :]
    rows = subject.analysis.estimates
    wanted = {"non-inferiority": "non_inferiority", "equivalence": "equivalence"}[asked.framework]
    rows = rows[(rows["estimand"] == asked.id) & (rows["analysis"] == analysis)
                & (rows["quantity"] == wanted) & rows["p_value"].notna()]  # fmt: skip
    found = TESTED.match(said)
    if not len(rows):
        found = UNTESTED.match(said)
        assert found, f"no grammar reads it: {said}"
        return said[found.end() :].strip()
    assert found, f"no grammar reads it: {said}"
    row = {str(key): value for key, value in rows.iloc[-1].items()}
    reference = found["ref"] or found["ref2"]
    assert (name(found["arm"]), name(reference)) == pair, (said, pair)
    alike = asked.framework == "equivalence"
    assert found["kind"].startswith(asked.framework), said
    assert bool(found["ref2"]) == bool(found["less"]) == alike != bool(found["more"]), said
    size(subject, asked, found)
    assert same_p(found["p"], float(row["p_value"])), (said, row)
    adjusted.adjustment(subject.trial, asked, row, found)
    p = row["p_adjusted"] if found["p_adjusted"] else row["p_value"]
    assert bool(found["no"]) == (p >= (1 - asked.level) / 2), (said, row)
    limits(asked, row, found)
    return said[found.end() :].strip()


def size(subject: TrialSubject, asked: Estimand, found: re.Match[str]) -> None:
    """Hold the size of the margin and its unit."""
    outcome = subject.trial.outcome(asked.outcome)
    shares = outcome.kind == "binary" and asked.margin_scale == "difference"
    told = printed(found["size"])
    assert told.says((100 if shares else 1) * float(asked.margin or 0)), (found[0], asked)
    factor = bool(found["factor"])
    assert factor == (asked.margin_scale == "ratio"), found[0]
    unit = (found["unit"] or "").strip()
    wanted = "" if factor else "percentage points" if shares else outcome.unit
    assert unit == wanted, (found[0], outcome)


def limits(asked: Estimand, row: dict[str, Any], found: re.Match[str]) -> None:
    """Hold the limits of a score test: they say what its p says."""
    assert bool(found["limits"]) == ("score test" in row["note"]), (found[0], row)
    if not found["limits"]:
        return
    times = 1.0 if asked.margin_scale == "ratio" else 100.0
    for one, key in zip(ends(found["limits"]), ("conf_low", "conf_high"), strict=True):
        assert one.says(times * row[key]), (found[0], row)
