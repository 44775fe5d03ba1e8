"""Sentences on risks, odds and rates held against their rows: people of 100, ratios, directions."""

from __future__ import annotations

import re
from math import inf, isnan
from typing import Any

from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from tests.sentences import adjusted, margins
from tests.sentences.reader import ENDS, NUMBER, P, ends, name, printed, same_p

Row = dict[str, Any]
QUANTITY = {"adjusted-risk": "risk_difference", "ordinal": "odds_ratio", "gee": "odds_ratio",
            "rate-ratio": "rate_ratio"}  # fmt: skip
MARKS = {"odds_ratio": "OR ", "rate_ratio": "RR "}
KINDS = {
    "risk_difference": "difference of risks, percentage points,",
    "odds_ratio": "odds ratio",
    "rate_ratio": "rate ratio",
}
SAID = (
    rf"(?P<where>At .+?|Over the visits after baseline), (?:(?P<size>{NUMBER}) (?P<way>fewer|more) "
    r"of 100 people had “(?P<event>.+?)” with (?P<arm>.+?) than with (?P<ref>.+?)"
    r"|as many people had “(?P<same>.+?)” with (?P<arm2>.+?) as with (?P<ref2>.+?)"
    r"|the (?P<what>rate of .+?|odds of .+?) with (?P<arm3>.+?) (?:was|were) "
    rf"(?P<ratio>{NUMBER}) times (?:that|those) with (?P<ref3>.+?)"
    r"|the rate of (?P<ended>.+?) was 0 with (?P<none>.+?) and above 0 with (?P<some>.+?))"
)
HIDDEN = re.compile(r"At .+ is not compared here between .+ and .+: the numbers would tell of .+\.")
HEADLINE = re.compile(
    rf"{SAID} \((?P<adjusted>adjusted )?(?P<kind>[a-z, ]+?) (?P<est>{NUMBER}), (?P<level>[\d.]+)% "
    rf"CI (?P<ci>{ENDS}|–), (?P<p>{P}){adjusted.SAID}\)\. (?P<rest>.+)"
)


def ended(row: Row) -> bool:
    """Tell whether a row is a ratio of rates without end: nobody had an event in the reference."""
    return row["quantity"] == "rate_ratio" and row["estimate"] == inf


def scaled(row: Row) -> tuple[float, float, float]:
    """Return estimate and limits as they are printed: of a difference of risks in per cent."""
    times = 100.0 if row["quantity"] == "risk_difference" else 1.0
    return tuple(times * float(row[one]) for one in ("estimate", "conf_low", "conf_high"))  # type: ignore[return-value]


def headline(
    subject: TrialSubject, asked: Estimand, row: Row, pair: tuple[str, str], said: str
) -> None:
    """Hold a headline: what, how much, which way, how sure, and whom it favours."""
    found = HEADLINE.fullmatch(said)
    assert found, f"no grammar reads it: {said}"
    estimate, low, high = scaled(row)
    outcome = subject.trial.outcome(asked.outcome)
    about(asked, outcome, row, pair, found)
    assert printed(found["est"]).says(estimate), (said, row)
    assert found["kind"] == KINDS[row["quantity"]], said
    assert bool(found["adjusted"]) == bool(asked.covariates), said
    assert abs(float(found["level"]) - 100 * asked.level) <= 0.005 + 1e-9, said
    if isnan(low) or isnan(high):
        assert found["ci"] == "–", said
    else:
        first, last = ends(found["ci"])
        assert first.says(low) and last.says(high), (said, row)
    assert same_p(found["p"], float(row["p_value"])), (said, row)
    adjusted.adjustment(subject.trial, asked, row, found)
    rest, held = margins.parted(found["rest"])
    margins.holds(subject, asked, pair, held)
    direction(outcome, row, pair, rest)


def about(
    asked: Estimand, outcome: Outcome, row: Row, pair: tuple[str, str], found: re.Match[str]
) -> None:
    """Hold visit, outcome, arms, size and way of a statement."""
    said, (estimate, _, _) = found[0], scaled(row)
    assert found["where"].startswith("Over") == (asked.analysis == "gee"), said
    if found["ended"]:
        ends_of = pair if estimate == 0.0 else pair[::-1]
        assert estimate in (0.0, inf) and row["quantity"] == "rate_ratio", (said, row)
        assert (name(found["none"]), name(found["some"])) == ends_of, said
        assert name(found["ended"]) == name(outcome.label), said
        return
    arm = found["arm"] or found["arm2"] or found["arm3"]
    reference = found["ref"] or found["ref2"] or found["ref3"]
    reference = reference.removesuffix(", to the digits shown")
    assert (name(arm), name(reference)) == pair, said
    what = found["event"] or found["same"] or found["what"]
    assert name(what).endswith(name(outcome.label)), said
    if row["quantity"] != "risk_difference":
        assert printed(found["ratio"]).says(estimate), (said, row)
        rate = row["quantity"] == "rate_ratio"
        assert found["what"].startswith("rate of" if rate else "odds of"), said
        assert ("a higher category of" in said) == (outcome.kind == "ordinal"), said
    elif found["way"]:
        assert printed(found["size"]).says(abs(estimate)) and estimate != 0, (said, row)
        assert found["way"] == ("fewer" if estimate < 0 else "more"), (said, row)
    else:
        assert abs(estimate) < 0.5, (said, row)


def direction(outcome: Outcome, row: Row, pair: tuple[str, str], rest: str) -> None:
    """Hold which way is better, whom the interval favours, or how far it reaches."""
    _, low, high = scaled(row)
    null = 0.0 if row["quantity"] == "risk_difference" else 1.0
    heads = {"higher": "Higher is better", "lower": "Lower is better",
             "": "The trial file does not say which way is better"}  # fmt: skip
    if outcome.kind == "binary":
        heads = {"higher": "The event is better", "lower": "The event is worse",
                 "": "The trial file does not say whether the event is better"}  # fmt: skip
    head = heads[outcome.better]
    assert rest.startswith(head), rest
    rest = rest[len(head) :]
    if isnan(low) or isnan(high):
        assert rest == ". No interval could be computed.", rest
    elif low <= null <= high:
        reaches = re.search(rf"reaches from ({NUMBER})(?: fewer)? to ({NUMBER}|any ratio)", rest)
        assert reaches and printed(reaches[1]).says(abs(low)), (rest, row)
        assert reaches[2] == "any ratio" or printed(reaches[2]).says(high), (rest, row)
        shows = "which is better" if outcome.better else "that the arms differ"
        assert rest.endswith(f"it does not show {shows}.") and "favours" not in rest, rest
    elif not outcome.better:
        assert rest == ".", rest
    else:
        won = pair[0] if (low > null) == (outcome.better == "higher") else pair[1]
        found = re.fullmatch(r": the whole interval favours (.+)\.", rest)
        assert found and name(found[1]) == won, (rest, row)


def answer(
    subject: TrialSubject,
    asked: Estimand,
    row: Row,
    pair: tuple[str, str],
    told: tuple[str, str, str],
) -> None:
    """Hold the first page: the answer, how sure, and its direction."""
    (said, sure, lead), outcome = told, subject.trial.outcome(asked.outcome)
    found = re.fullmatch(SAID, said)
    assert found, f"no grammar reads it: {said}"
    about(asked, outcome, row, pair, found)
    _, low, high = scaled(row)
    lead, held = margins.parted(lead)
    margins.holds(subject, asked, pair, held)
    direction(outcome, row, pair, lead)
    if isnan(low) or isnan(high):
        assert sure.startswith("(no interval; "), sure
        return
    around = re.fullmatch(rf"\([\d.]+% CI ({ENDS})(?: of 100)?; ({P}){adjusted.SAID}\)\.", sure)
    assert around, sure
    first, last = ends(around[1])
    assert first.says(low) and last.says(high), (sure, row)
    assert same_p(around[2], float(row["p_value"])), (sure, row)
    adjusted.adjustment(subject.trial, asked, row, around)


def cuts(estimates: Any, said: str) -> None:
    """Hold what is said of odds ratios that differ between the cuts against the score test."""
    found = re.search(r"p = ([\d.e-]+)\)", said)
    rows = estimates[estimates["quantity"] == "proportional_odds"]
    assert found and any(f"{p:.2g}" == found[1] for p in rows["p_value"]), (said, rows)
