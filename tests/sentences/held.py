"""Every sentence of a report held against the rows of results that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite, isinf, isnan
from typing import Any

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from tests.sentences import adjusted, margins, plans, ratios
from tests.sentences.reader import ENDS, NUMBER, P, ends, name, printed, same_p, tells, winner

Row = dict[str, Any]
QUANTITY = {"change-score": "change_difference", "random-slope": "change_difference",
            "rank-based": "hodges_lehmann", "mixed-anova": "f_statistic",
            **ratios.QUANTITY}  # fmt: skip
KINDS = {"mean_difference": "adjusted mean difference", "change_difference": "difference in mean "
         "change", "hodges_lehmann": "Hodges–Lehmann shift"}  # fmt: skip
UNIT = r"(?:°|(?: [^ ]+){0,2})"
ABOUT = (
    rf"(?P<where>At .+?|Over the periods), (?P<what>.+?) (?:was (?P<size>{NUMBER})(?P<unit>{UNIT})"
    r" (?P<way>lower|higher) with (?P<arm>.+?) than with (?P<ref>.+?)"
    r"|was(?P<digits>, to the digits shown,)? the same with (?P<arm2>.+?) as with (?P<ref2>.+?)"
    rf"|differed by (?P<zero>{NUMBER}){UNIT} between (?P<arm3>.+?) and (?P<ref3>.+?))"
)
HEADLINE = re.compile(
    rf"{ABOUT} \((?P<kind>[^()]*?) (?P<est>{NUMBER}), (?P<level>[\d.]+)% CI (?P<ci>{ENDS}|–), "
    rf"(?P<p>{P}){adjusted.SAID}\)\. (?P<rest>.+)"
)
FAILED = re.compile(r"(?:At .+?|Over the periods), .+ could not be compared between .+ and .+\.")
COURSE = re.compile(
    rf"The course of .+ by the interaction of arm and visit: F = (?P<est>{NUMBER}), (?P<p>{P})\. .+"
)
AMOUNT = rf"(?:less than )?{NUMBER}(?:°|(?: [^ ]+?){{0,2}})|a difference without limit"


def row_of(subject: TrialSubject, asked: Estimand) -> Row | None:
    """Return the row that answers an estimand: its analysis, arms, visit, role and quantity."""
    frame = subject.analysis.estimates
    quantity = QUANTITY.get(asked.analysis, "mean_difference")
    keys = {"estimand": asked.id, "analysis": asked.analysis, "contrast": asked.contrast_name,
            "visit": asked.visit, "role": asked.role, "quantity": quantity}  # fmt: skip
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    rows = records(frame)
    return rows[-1] if rows else None


def records(frame: Any) -> list[Row]:
    """Return the rows of a frame."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def limits(row: Row) -> tuple[float, float, float]:
    return float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"])


def arms_of(subject: TrialSubject, asked: Estimand, *, walks: bool = True) -> tuple[str, str]:
    """Return arm and reference; in sentences backward alone is backward walking."""
    labels = {one.name: name(one.label) for one in subject.trial.study.arms}
    pair = [labels[one] for one in asked.contrast]
    told = [f"{one} walking" if walks and one in ("backward", "forward") else one for one in pair]
    return told[0], told[1]


def holds(subject: TrialSubject, sections: Any) -> None:
    """Hold the first page and the main results of a report against its rows."""
    told = {one.id: one for one in sections}
    plans.section(subject, told)
    asked = subject.trial.estimands
    primary = [one for one in asked if one.role == "primary"] or list(asked)
    finding = next(one for one in told["answer"].blocks if one.kind == "finding")
    answer(subject, primary[0], finding)
    abstract(subject, next(one for one in told["answer"].blocks if one.kind == "abstract"))
    standing = [one for one in told["results"].blocks if one.kind in ("subheading", "paragraph")]
    for place, block in enumerate(standing):
        if block.kind == "subheading":
            one = next(e for e in subject.estimands if subject.title_of(e) == block.text)
            said = plans.without_beside(subject, one, words(standing[place + 1].content))
            headline(subject, one, said)
    if "estimands" in told:
        intercurrent(subject, told["estimands"])
    for section in sections:
        directions(subject, section)


def words(text: document.Text) -> str:
    return "".join(one if isinstance(one, str) else one.text for one in text)


WHOLE = re.compile(rf" The whole interval favours (.+?), by ({NUMBER}) .*?\.(?= |$)")
AGAINST = re.compile(r" Against the named important change .*? yardstick, not a test\.")
UNTOLD = (" No interval could be computed.", " The interval is compared with no important change: "
          "the trial file does not say which way is better.")  # fmt: skip


def further(rest: str, row: Row, outcome: Outcome, won: str | None) -> str:
    """Hold what follows the headline among the main results, and return the headline's own end."""
    _, low, high = limits(row)
    for found in WHOLE.finditer(rest):
        assert won is not None and name(found[1]) == won, (rest, row)
        assert printed(found[2]).says(min(abs(low), abs(high))), (rest, row)
    for found in AGAINST.finditer(rest):
        mark = next(one for one in outcome.thresholds if f"; {one.source})" in found[0])
        least, most = sorted(outcome.sign * end for end in (low, high))
        if least >= mark.value:
            assert "the whole interval is an advantage" in found[0], (rest, row)
        elif most < mark.value:
            assert "lies below an advantage" in found[0], (rest, row)
        else:
            assert "smaller and larger" in found[0] or isnan(low) or isnan(high), (rest, row)
    for text in UNTOLD:
        rest = rest.replace(text, "")
    rest = re.sub(r" No interval could be compared with the named .*?\)\.", "", rest)
    return AGAINST.sub("", WHOLE.sub("", rest)).rstrip()


# The headline: direction, size, interval, level, p, arms, and whom it favours.


def headline(subject: TrialSubject, asked: Estimand, said: str) -> None:
    row = row_of(subject, asked)
    if row is None or not (isfinite(float(row["estimate"])) or ratios.ended(row)):
        hidden = (
            row is not None
            and row["quantity"] in ratios.KINDS
            and ("not shown" in str(row["note"]))
        )
        assert (ratios.HIDDEN if hidden else FAILED).fullmatch(said), said
        return
    if row["quantity"] == "f_statistic":
        found = COURSE.fullmatch(said)
        assert found and printed(found["est"]).says(row["estimate"]), said
        assert same_p(found["p"], float(row["p_value"])), said
        return
    if row["quantity"] in ratios.KINDS:
        ratios.headline(subject, asked, row, arms_of(subject, asked), said)
        return
    found = HEADLINE.fullmatch(said)
    assert found, f"no grammar reads it: {said}"
    about(subject, asked, row, found)
    estimate, low, high = limits(row)
    number = printed(found["est"])
    assert tells(number, estimate, low, high), (said, row)
    level(found["level"], asked)
    kind = "mean difference" if asked.analysis == "crossover" else KINDS[row["quantity"]]
    assert found["kind"] == kind, said
    if isnan(low) or isnan(high):
        assert found["ci"] == "–", said
    else:
        first, last = ends(found["ci"])
        assert first.says(low) and last.says(high), (said, row)
        assert first.value <= number.value <= last.value, said
    assert same_p(found["p"], float(row["p_value"])), (said, row)
    adjusted.adjustment(subject.trial, asked, row, found)
    favour(subject, asked, row, found["rest"])


def level(text: str, asked: Estimand) -> None:
    """A level is given to two decimals of a per cent."""
    assert abs(float(text) - 100 * asked.level) <= 0.005 + 1e-9, (text, asked.level)


def about(subject: TrialSubject, asked: Estimand, row: Row, found: re.Match[str]) -> None:
    """Hold visit, outcome, unit, arms, size and direction."""
    said, outcome = found[0], subject.trial.outcome(asked.outcome)
    visit = "Over the periods" if asked.analysis == "crossover" else "At "
    assert found["where"].startswith(visit), said
    if visit == "At ":
        label = next(v.label for v in subject.trial.study.visits if v.name == asked.visit)
        assert name(found["where"][3:]) == name(label), said
    short = outcome.label.rpartition(" (")[0] or outcome.label
    assert name(found["what"]).endswith((name(outcome.label), name(short))), said
    changed = asked.analysis in ("change-score", "random-slope") or (
        asked.analysis == "rank-based" and bool(subject.trial.study.baseline)
    )
    assert ("the change " in found["what"]) == changed, said
    arm = found["arm"] or found["arm2"] or found["arm3"]
    reference = found["ref"] or found["ref2"] or found["ref3"]
    assert (name(arm), name(reference)) == arms_of(subject, asked), said
    estimate, low, high = limits(row)
    if found["way"]:
        size = printed(found["size"])
        assert size.value > 0 and tells(size, abs(estimate), low, high), (said, row)
        assert found["way"] == ("lower" if estimate < 0 else "higher"), (said, row)
        unit = "percentage points" if outcome.unit == "%" else outcome.unit
        assert found["unit"].strip() == unit, said
    else:  # said to be the same: no digit that is shown differs from zero
        wide = high - low
        close = not isfinite(wide) or abs(estimate) <= 0.02 * wide
        assert close and (found["zero"] is not None or (estimate == 0) == (not found["digits"])), (
            said, row)  # fmt: skip


def favour(subject: TrialSubject, asked: Estimand, row: Row, rest: str) -> None:
    """Hold what is said of direction: which way is better, whom it favours, how far it reaches."""
    outcome, (_, low, high) = subject.trial.outcome(asked.outcome), limits(row)
    arm, reference = arms_of(subject, asked)
    head = f"{outcome.better.capitalize()} is better" if outcome.better else (
        "The trial file does not say which way is better")  # fmt: skip
    assert rest.startswith(head), rest
    rest, held = margins.parted(further(rest, row, outcome, favoured_by(subject, asked, row)))
    margins.holds(subject, asked, (arm, reference), held)
    rest, apart = rest[len(head) :], ranks(rest, row, asked)
    rest = rest.replace(apart, "").rstrip()
    won = winner(outcome.better, low, high)
    inside = not (isnan(low) or isnan(high)) and low <= 0 <= high
    if won in ("arm", "reference"):
        favoured = re.fullmatch(r": the estimate favours (.+)\.", rest)
        assert favoured, (rest, row)
        assert name(favoured[1]) == {"arm": arm, "reference": reference}[won], (rest, row)
    elif inside:
        assert rest.startswith(". The interval "), (rest, row)
        both_ways(rest[2:], (low, high), outcome.better, (arm, reference))
    else:
        assert rest == ".", (rest, row)


def favoured_by(subject: TrialSubject, asked: Estimand, row: Row) -> str | None:
    """Return the arm that an interval favours, None where it favours neither."""
    arm, reference = arms_of(subject, asked)
    _, low, high = limits(row)
    won = winner(subject.trial.outcome(asked.outcome).better, low, high)
    return {"arm": arm, "reference": reference}.get(won)


def ranks(rest: str, row: Row, asked: Estimand) -> str:
    """Return the sentence on ranks whose p and interval part, which is there when they do."""
    estimate, low, high = limits(row)
    p, alpha = float(row["p_value"]), 1 - asked.level
    known = not any(map(isnan, (estimate, low, high, p)))
    parted = known and row["quantity"] == "hodges_lehmann" and (low <= 0 <= high) == (p < alpha)
    found = re.search(rf"Ranks: ({P}) is (not )?below ([\d.]+), and yet the .+? "
                      r"(includes|leaves out) no difference: .+", rest)  # fmt: skip
    assert bool(found) == parted, (rest, row)
    if found is None:
        return ""
    assert same_p(found[1], p) and bool(found[2]) == (p >= alpha), (rest, row)
    assert (found[4] == "includes") == (low <= 0 <= high), (rest, row)
    return found[0]


def both_ways(said: str, interval: tuple[float, float], better: str, pair: tuple[str, str]) -> None:
    """Hold a sentence on an interval with zero in it: how far, in favour of whom."""
    end = "which is better" if better else "that the arms differ"
    tail = f": it does not show {end}."
    assert said.endswith(tail), said
    body = said[: -len(tail)]
    shown = [one for one in interval if one != 0]
    if not shown:
        assert body == "The interval holds no difference and nothing else", said
        return
    head = "The interval begins at no difference and reaches to "
    if len(shown) == 2:
        head = "The interval includes no difference and differences in both directions, from "
    assert body.startswith(head), (said, interval)
    sides = re.findall(rf"({AMOUNT}) (in favour of|lower|higher)", body[len(head) :])
    assert len(sides) == len(shown), said
    order = sorted(shown) if better != "higher" else sorted(shown, reverse=True)
    for (amount, way), value in zip(sides, order, strict=True):
        amounts(amount, value)
        assert way == "in favour of" or way == ("lower" if value < 0 else "higher"), said
    if better:
        wanted = [pair[0] if (one < 0) == (better == "lower") else pair[1] for one in order]
        found = [name(one) for one in body.split(" in favour of ")[1:]]
        assert all(one.startswith(who) for one, who in zip(found, wanted, strict=True)), said
    else:
        assert name(body).replace("“", "").endswith(f" with {pair[0]}"), said


def amounts(text: str, value: float) -> None:
    """Hold the size of one limit: a number, less than the last digit, or no limit at all."""
    if isinf(value):
        assert text == "a difference without limit", text
        return
    number = printed(re.findall(NUMBER, text)[0])
    if text.startswith("less than"):
        assert 0 < abs(value) < number.value, (text, value)
    else:
        assert number.value > 0 and number.says(abs(value)), (text, value)


# The first page: the answer in a line, what it means, the abstract.


def answer(subject: TrialSubject, asked: Estimand, block: Any) -> None:
    row = row_of(subject, asked)
    said = block.answer.replace("\N{NO-BREAK SPACE}", " ")
    sure = block.sureness.replace("\N{NO-BREAK SPACE}", " ")
    known = row is not None and (isfinite(float(row["estimate"])) or ratios.ended(row))
    if row is None or row["quantity"] == "f_statistic" or not known:
        headline(subject, asked, plans.without_beside(subject, asked, said) if row else said)
        assert not sure
        return
    sure = plans.without_mark(subject, asked, sure, "; ")
    if row["quantity"] in ratios.KINDS:
        told = (said, sure, words(block.lead).replace("\N{NO-BREAK SPACE}", " "))
        ratios.answer(subject, asked, row, arms_of(subject, asked), told)
        return
    found = re.fullmatch(ABOUT, said)
    assert found, f"no grammar reads it: {said}"
    about(subject, asked, row, found)
    _, low, high = limits(row)
    lead = words(block.lead).replace("\N{NO-BREAK SPACE}", " ")
    if isnan(low) or isnan(high):
        assert sure.startswith("(no interval; ") and "No interval could be computed" in lead, sure
        return
    around = re.fullmatch(rf"\(([\d.]+)% CI (.+?); (?P<p>{P}){adjusted.SAID}\)\.", sure)
    assert around, sure
    level(around[1], asked)
    assert same_p(around["p"], float(row["p_value"])), (sure, row)
    adjusted.adjustment(subject.trial, asked, row, around)
    signed(around[2], low, high)
    meaning(subject, asked, row, lead)


def signed(text: str, low: float, high: float) -> None:
    """Hold an interval whose signs are words: "2.01 to 0.19 lower", "0.5 lower to 0.5 higher"."""
    size = rf"({NUMBER}|any amount)"
    found = re.fullmatch(rf"{size}( lower| higher)? to {size}( lower| higher)?", text)
    assert found, text
    ways = [found[2] or found[4], found[4]] if found[4] else [found[2], found[4]]
    if found[2] is None and printed_size(found[1]) == 0:
        ways[0] = None
    values = []
    for one, way in zip((found[1], found[3]), ways, strict=True):
        assert way or printed_size(one) == 0, text
        values.append(-printed_size(one) if way == " lower" else printed_size(one))
    if values[0] > values[1]:
        values.reverse()
    for value, end in zip(values, (low, high), strict=True):
        digit = [printed(one) for one in (found[1], found[3]) if one != "any amount"]
        slack = max((one.slack for one in digit), default=0.0)
        assert value == end or abs(value - end) <= slack * (1 + 1e-9), (text, low, high)


def printed_size(text: str) -> float:
    return float("inf") if text == "any amount" else printed(text).value


SCALE = re.compile(r"(?:(?:Scale|In) .+?, )?(?:\w+ is better|.+ does not say which .+)\.")


def meaning(subject: TrialSubject, asked: Estimand, row: Row, lead: str) -> None:
    """Hold whom the whole interval is said to favour, by how much, and against what."""
    outcome, (_, low, high) = subject.trial.outcome(asked.outcome), limits(row)
    lead, held = margins.parted(lead)
    margins.holds(subject, asked, arms_of(subject, asked), held)
    if held:  # the scale stands before it, and nothing more
        assert re.fullmatch(
            r"(?:Scale .+?|In .+?)?,? ?(?:\w+ is better|.+ does not say .+)\.", lead
        ), lead
        return
    won = winner(outcome.better, low, high)
    pair = dict(zip(("arm", "reference"), arms_of(subject, asked), strict=True))
    favoured = re.search(rf"interval favours (.+?)(?:;|,? by (less than )?({NUMBER}) )", lead)
    if won in ("arm", "reference"):
        assert favoured and name(favoured[1]) == pair[won], (lead, row)
    else:
        assert favoured is None, (lead, row)
    if low <= 0 <= high:
        at = lead.index("The interval ")
        said = lead[at:].replace(ranks(lead, row, asked), "").rstrip()
        both_ways(said, (low, high), outcome.better, arms_of(subject, asked))
    named = [one for one in outcome.thresholds if one.kind == "mcid"]
    if won not in ("arm", "reference") or not named:
        return
    least, most = sorted((abs(low), abs(high)))
    wanted = "less than" if most < named[0].value else "on both sides of"
    wanted = "at least" if least >= named[0].value else wanted
    found = re.search(rf"(at least|less than|on both sides of) the ({NUMBER})", lead)
    assert found and found[1] == wanted, (lead, row)
    assert abs(printed(found[2]).value - named[0].value) <= 1e-9 * named[0].value, lead


def abstract(subject: TrialSubject, block: Any) -> None:
    """Hold every result of the abstract: outcome, arms, estimate, interval, level, p."""
    told = {words(head): words(text) for head, text in block.entries}
    beside_results(subject, told)
    said = told.get("Results.", "")
    rows = [(one, row_of(subject, one)) for one in subject.trial.estimands]
    known = [(one, row) for one, row in rows if row and isfinite(float(row["estimate"]))]
    # Nothing is subtracted in a ratio.
    ratio = any(row["quantity"] in ("odds_ratio", "rate_ratio") for _, row in known)
    between = "against" if ratio else "minus"
    shared = re.match(rf" (.+?) {between} (.+?) \(([\d.]+)% CI\): ", said)
    pieces = re.findall(
        rf"(?:F = |OR |RR )?({NUMBER}) ?(?:\(({ENDS})\))?(?: \[([\d.]+)% CI\])?, ({P})"
        rf"((?:, {plans.MARK})?)",
        said,
    )
    assert len(pieces) == len(known), said
    for (number, interval, own, p, mark), (asked, row) in zip(pieces, known, strict=True):
        assert not plans.without_mark(subject, asked, mark, ", "), said
        estimate, low, high = ratios.scaled(row)
        read = printed(number)
        zero = number == "0" and abs(estimate) <= 0.02 * (high - low)
        assert zero or read.says(estimate), (said, row)
        assert bool(interval) == (not isnan(low)), (said, row)
        if interval:
            assert all(one.says(end) for one, end in zip(ends(interval), (low, high), strict=True))
        assert same_p(p, float(row["p_value"])), (said, row)
        if own or shared:
            level(own or (shared[3] if shared else ""), asked)
        assert subject.trial.outcome(asked.outcome).label.casefold() in said.casefold(), said
        arm, reference = arms_of(subject, asked)
        plain = said.casefold().replace("“", "").replace("”", "")
        assert f"{arm} {between} {reference}" in plain, (said, arm, reference)


def beside_results(subject: TrialSubject, told: dict[str, str]) -> None:
    """Hold what the abstract says of margins and of adjusted p-values."""
    asked = subject.trial.estimands
    held = [one for one in asked if one.margin is not None]
    for one in held:
        head = one.framework.capitalize() + (f", {one.id}" if len(held) > 1 else "")
        margins.holds(subject, one, arms_of(subject, one), told[f"{head}."].strip())
    said = told.get("Multiplicity.", "").strip()
    tests = records(subject.analysis.tests)
    method, order = subject.trial.multiplicity
    pieces = re.findall(rf"([\w-]+) ({P})", said)
    assert len(pieces) == len(tests), said
    for (one, p), row in zip(pieces, tests, strict=True):
        assert one == row["estimand"] and same_p(p, row["p_adjusted"]), (said, row)
    assert not tests or said.startswith(f"Adjusted by {adjusted.METHODS[method]}: "), said
    covered = {name for entry in order for name in entry.split("+")}
    primary = [one.id for one in asked if one.role == "primary"]
    left = [one for one in primary if one not in covered] if len(primary) > 1 else []
    found = re.search(r"The p-values? of (.+) (?:is|are) not adjusted\.$", said)
    listed = re.split(r", | and ", found[1]) if found else []
    assert listed == left, (said, left)


# Nothing that speaks of a direction or a result is passed by without being read.

RESULT = re.compile(r"\bCI\b|\bfavours\b|\bin favour of\b|\bp [=<>] |\b(?:lower|higher) with\b")
READ_ELSEWHERE = re.compile(
    r"At |Over the (?:periods|visits)|The course of |Interaction of |An interval of ranks|Ranks: |"
    r"The odds ratios of the model |Dotted|p is of Fisher|Improved |A p-value|An interval holds"
)


def directions(subject: TrialSubject, section: Any) -> None:
    """Refuse a sentence on results that no grammar of this oracle reads."""
    ids = {f"{one.id}. ": one for one in subject.trial.estimands}
    for text in paragraphs_of(section):
        further_answer = next((head for head in ids if text.startswith(head)), "")
        if further_answer:
            headline(subject, ids[further_answer], text[len(further_answer) :])
        elif RESULT.search(text):
            assert READ_ELSEWHERE.match(text), f"no grammar reads it: {text}"
    for text in paragraphs_of(section):
        if text.startswith("Interaction of "):
            interaction(subject, text)
        if text.startswith("The odds ratios of the model "):
            ratios.cuts(subject.analysis.estimates, text)


def paragraphs_of(section: Any) -> Iterator[str]:
    for block in section.blocks:
        if block.kind == "paragraph":
            yield words(block.content)
        if block.kind == "items":
            yield from (words(one) for one in block.entries)
        if block.kind == "table":
            yield from block.table.notes


def interaction(subject: TrialSubject, text: str) -> None:
    """Hold the test of an interaction against one of the rows of its column."""
    mark = rf"(?:, ({plans.MARK}))?"
    found = re.fullmatch(rf"(Interaction of arm and .+?): F = ({NUMBER}), ({P}){mark}\.", text)
    assert found, text
    frame = subject.analysis.estimates
    rows = frame[(frame["quantity"] == "f_statistic") & (frame["analysis"] == "subgroup")]
    assert any(
        printed(found[2]).says(row["estimate"]) and same_p(found[3], row["p_value"])
        for row in records(rows)
        if name(row["note"]) == name(found[1])
        and plans.WORD.get(row["planned"], "") == (found[4] or "")
    ), (text, rows)


# Intercurrent events: what was done with the values after each kind, and how many had it.

EVENT = re.compile(r"(?:^|(?<=\. ))([^:;]+): ([a-z ]+) \(([^()]+)\); had by ([^:;]+?)\.(?= |$)")
DONE = {
    "treatment policy": "values count whatever happened",
    "hypothetical": "values from the event on are set aside and missing at random",
    "while on treatment": "the last value before the event stands from it on",
}
IMPUTED = "values from the event on are set aside and imputed"


def intercurrent(subject: TrialSubject, section: Any) -> None:
    """Hold what is said of events against the strategies and the counts of each estimand."""
    texts = [words(text) for block in section.blocks if block.kind == "definitions"
             for _, text in block.entries]  # fmt: skip
    texts += [cell for block in section.blocks if block.kind == "table"
              for row in block.table.rows for cell in row]  # fmt: skip
    said = [[found.groups() for found in EVENT.finditer(text)] for text in texts]
    for asked in subject.trial.estimands:
        if not asked.events:
            assert any(text.startswith("Treatment policy: values count") for text in texts), texts
            continue
        wanted = [
            (name(", ".join(kinds[:-1]) + " and " * (len(kinds) > 1) + kinds[-1]), how)
            for how, kinds in grouped(asked).items()
        ]
        mine = [one for one in said if [(name(kind), how) for kind, how, *_ in one] == wanted]
        assert mine, (wanted, texts)
        assert any(told(subject, asked, one) for one in mine), (asked, mine)
        for part in subject.analysis.parts_of(asked.id):
            if part.analysis not in ("events", "sensitivity"):
                methods(asked, part)


def methods(asked: Estimand, part: Any) -> None:
    """Hold what the method of an analysis says it did with values after events."""
    found = re.search(r"Intercurrent events: (.+)\.$", part.method)
    assert found, part.method
    pieces = re.findall(r"(?:^|; )([^;()]+), ([a-z ]+) \(([^()]+)\)", found[1])
    said = {kind: (how, done) for kinds, how, done in pieces for kind in kinds.split(", ")}
    assert {kind: how for kind, (how, _) in said.items()} == {
        kind: how.replace("-", " ") for kind, how in asked.events
    }, (part.method, asked)
    for how, done in said.values():
        worst = re.fullmatch(rf"the worst score, ({NUMBER}), stands at every .+", done)
        assert bool(worst) == (how == "composite"), done
        assert worst or done == DONE.get(how, IMPUTED), done
        assert not worst or printed(worst[1]).says(float(asked.composite or 0)), done


def grouped(asked: Estimand) -> dict[str, list[str]]:
    """Return strategy in words to its kinds of events, in order."""
    found: dict[str, list[str]] = {}
    for kind, how in asked.events:
        found.setdefault(how.replace("-", " "), []).append(kind)
    return found


def told(subject: TrialSubject, asked: Estimand, said: list[tuple[str, ...]]) -> bool:
    """Return whether sentences on events say what was done, and the counts of an estimand."""
    outcome = subject.trial.outcome(asked.outcome)
    part = next(one for one in subject.analysis.parts_of(asked.id) if one.analysis == "events")
    counts = records(part.frames["event_counts"])
    arms = subject.trial.study.arms
    for (_, how, done, who), kinds in zip(said, grouped(asked).values(), strict=True):
        worst = outcome.high if outcome.better == "lower" else outcome.low
        if how == "composite":
            found = re.fullmatch(rf"the worst score, ({NUMBER}), stands at every .+", done)
            if not found or (worst is not None and not printed(found[1]).says(worst)):
                return False
        elif done != DONE.get(how, IMPUTED):
            return False
        rows = {(row["kind"], row["arm"]): float(row["n"]) for row in counts}
        few = f"fewer than {subject.trial.small_cell}"
        rest = who
        for arm in arms:
            own, found_arm, rest = rest.partition(f" of {arm.label}")
            each = re.split(r", | and ", re.sub(r"^(?:, and |, | and )", "", own))
            wanted = [rows[kind, arm.name] for kind in kinds]
            if not found_arm or each != [few if isnan(n) else f"{n:.0f}" for n in wanted]:
                return False
        if rest:
            return False
    return True
