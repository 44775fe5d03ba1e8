"""Tables and the words of pictures held against the rows of results that they show."""

from __future__ import annotations

import re
from math import isfinite, isnan
from typing import Any

from backwalk_stats.report.subject import TrialSubject
from tests.sentences.held import arms_of, limits, records, row_of
from tests.sentences.reader import ENDS, NUMBER, ends, name, printed, same_p

DASH = "–"


def holds(subject: TrialSubject, sections: Any) -> None:
    """Hold every table of estimates and every alternative text with estimates."""
    for section in sections:
        for block in section.blocks:
            if block.kind == "table":
                table(subject, block)
            if block.kind == "figure":
                picture(subject, block)


def table(subject: TrialSubject, block: Any) -> None:
    """Hold one table, by its anchor."""
    known = {"main": compared, "responders": responders, "change": within, "sensitivity": beside}
    for column in block.table.columns:
        assert "nan" not in column.label, column
    for row in block.table.rows:
        assert not any(re.search(r"−0(?:\.0*)?(?![\d.])", cell) for cell in row), row
        assert not any(re.search(r"\bnan\b|\binf\b|\d{12}", cell) for cell in row), row
    hold = known.get(block.id.split("-")[0])
    if hold is not None:
        hold(subject, block)


def near(text: str, row: dict[str, Any], what: str = "estimate") -> bool:
    """Tell whether a cell is a number of the row; a lone 0 is less than its interval can show."""
    number, value = printed(text), float(row[what])
    wide = float(row["conf_high"]) - float(row["conf_low"])
    return number.says(value) or (text == "0" and abs(value) <= 0.02 * wide)


def interval(text: str, row: dict[str, Any]) -> None:
    """Hold an interval; the estimate of the row lies inside what is printed."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if isnan(low) and isnan(high):
        assert text == DASH, (text, row)
        return
    first, last = ends(text)
    assert near(first.text, row, "conf_low") and near(last.text, row, "conf_high"), (text, row)


def inside(estimate: str, around: str) -> None:
    """Every printed estimate lies inside its printed interval."""
    if DASH not in (estimate, around):
        first, last = ends(around)
        assert first.value <= printed(estimate).value <= last.value, (estimate, around)


def compared(subject: TrialSubject, block: Any) -> None:
    """Hold the table of all outcomes: difference, interval, p."""
    keys = [column.key for column in block.table.columns]
    asked = [one for one in subject.estimands if row_of(subject, one) is not None]
    assert len(block.table.rows) == len(asked)
    for one, cells in zip(asked, block.table.rows, strict=True):
        row, cell = row_of(subject, one), dict(zip(keys, cells, strict=True))
        assert row is not None
        assert subject.trial.outcome(one.outcome).label in cell["what"], cells
        assert same_p(cell["p_value"], float(row["p_value"])), (cells, row)
        if "p_adjusted" in cell:
            assert same_p(cell["p_adjusted"], float(row["p_adjusted"])), (cells, row)
        if not isfinite(float(row["estimate"])):
            assert cell["difference"] == DASH, (cells, row)
            continue
        found = re.fullmatch(rf"(?:F = )?({NUMBER})(?: \(({ENDS})\))?", cell["difference"])
        assert found and near(found[1], row), (cells, row)
        interval(found[2] or DASH, row)
        inside(found[1], found[2] or DASH)
    levels = {one.level for one in asked}
    told = " ".join([*block.table.notes, *(row[0] for row in block.table.rows)])
    for level in levels:
        assert any(
            abs(float(one) - 100 * level) <= 0.0051
            for one in re.findall(r"([\d.]+)% interval", told)
        ), (told, levels)


def beside(subject: TrialSubject, block: Any) -> None:
    """Hold the analyses of one estimand beside each other: every row is one of the results."""
    one = next(e for e in subject.estimands if f"-{e.id.lower()}-" in block.id)
    frame = subject.analysis.estimates
    mine = frame[(frame["estimand"] == one.id) & (frame["contrast"] == one.contrast_name)]
    rows = records(mine[mine["visit"] == one.visit])
    arm, reference = arms_of(subject, one, walks=False)
    level = next(c.label for c in block.table.columns if c.key == "interval")
    assert abs(float(level.split("%")[0]) - 100 * one.level) <= 0.0051, level
    for group, cells in zip(block.table.groups, block.table.rows, strict=True):
        assert name(group).endswith(f"{arm} − {reference}"), group
        estimate, around, p = cells[3:6]
        assert any(_same(estimate, around, p, row) for row in rows), (cells, rows)
        inside(estimate, around)


def _same(estimate: str, around: str, p: str, row: dict[str, Any]) -> bool:
    if not same_p(p, float(row["p_value"])):
        return False
    value, low, _ = limits(row)
    if isnan(value):
        return estimate == DASH
    if estimate == DASH or not near(estimate, row) or isnan(low) != (around == DASH):
        return False
    return around == DASH or all(
        near(end.text, row, what)
        for end, what in zip(ends(around), ("conf_low", "conf_high"), strict=True)
    )


def within(subject: TrialSubject, block: Any) -> None:
    """Hold that every change within an arm lies inside its interval."""
    for cells in block.table.rows:
        for cell in cells[2:]:
            found = re.fullmatch(rf"({NUMBER}) \(({ENDS})\)", cell)
            if found:
                inside(found[1], found[2])


# Responders: one p a rule, and a number needed to treat inside its interval.


def responders(subject: TrialSubject, block: Any) -> None:
    """Hold the comparisons of responders: one p a rule, estimates inside their intervals."""
    frame = subject.analysis.estimates
    told = records(frame[frame["analysis"] == "responder"])
    seen: dict[str, list[str]] = {}
    level = next(c.label for c in block.table.columns if c.key == "interval")
    for group, cells in zip(block.table.groups, block.table.rows, strict=True):
        label, _, estimate, around, p = cells
        seen.setdefault(group, []).extend([] if p == DASH else [p])
        rows = [row for row in told if name(str(row["note"])) == name(group)]
        if label.startswith("Number needed to treat"):
            same = [one for one in rows if one["quantity"] == "nnt"
                    and needed(estimate, around, one)]  # fmt: skip
            assert any(same_p(seen[group][0], one["p_value"]) for one in same), (cells, rows)
        elif label.startswith("Difference of percentages"):
            found = re.fullmatch(rf"({NUMBER})%", estimate)
            assert found, cells
            inside(found[1], around.rstrip("%"))
            triple = [printed(found[1]), *ends(around.rstrip("%"))]
            shares = [[100 * value for value in limits(one)] for one in rows
                      if one["quantity"] == "risk_difference"]  # fmt: skip
            assert any(
                all(one.says(value) for one, value in zip(triple, row, strict=True))
                for row in shares
            ), (cells, rows)
        elif label.startswith("Ratio"):
            inside(estimate, around)
    assert all(len(one) <= 1 for one in seen.values()), seen
    assert re.match(r"[\d.]+% interval", level), level


def needed(estimate: str, around: str, row: dict[str, Any]) -> bool:
    """Hold a number needed to treat as Altman writes it: to benefit, through infinity, to harm."""
    value, low, high = limits(row)
    number = side(estimate)
    if number != value and not abs(number - value) <= 0.0501:
        return False
    pieces = around.split(" to ")
    if ("∞" in pieces) != (low < 0 < high):
        return False
    if "∞" in pieces:
        benefit = [side(one) for one in pieces if one.startswith("NNTB")]
        harm = [side(one) for one in pieces if one.startswith("NNTH")]
        assert len(pieces) == len(benefit) + len(harm) + 1, around
        assert number == float("inf") or any(number >= one for one in benefit) or any(
            number <= one for one in harm), (estimate, around)  # fmt: skip
        wanted = [one for one in (high, low) if isfinite(one)]
        return len(wanted) == len(benefit) + len(harm) and all(
            abs(a - b) <= 0.0501 for a, b in zip([*benefit, *harm], wanted, strict=True)
        )
    first, last = side(pieces[0]), float(pieces[1])
    last = last if first > 0 else -last
    assert min(first, last) <= number <= max(first, last), (estimate, around)
    return all(min(abs(one - low), abs(one - high)) <= 0.0501 for one in (first, last))


def side(text: str) -> float:
    """Return a number needed to treat with its sign: to benefit above zero, to harm below."""
    if text == "∞":
        return float("inf")
    kind, _, size = text.partition(" ")
    return {"NNTB": 1, "NNTH": -1}[kind] * printed(size).value


# The words of pictures: every estimate with its interval is one of the frames it was drawn from.

EFFECT = re.compile(rf"({NUMBER}) (?:\(({ENDS})\)|\[({NUMBER}), ({NUMBER})\])")


def picture(subject: TrialSubject, block: Any) -> None:
    """Hold estimates of an alternative text inside their intervals, and among the numbers known."""
    assert not re.search(r"\bnan\b|\binf\b|\d{12}|−0(?:\.0*)?(?![\d.])", block.alt), block.alt
    known = [*_known(subject)]
    for found in EFFECT.finditer(block.alt):
        low, high = (found[3], found[4]) if found[3] else found[2].split(" to ")
        triple = [printed(one) for one in (found[1], low, high)]
        assert triple[1].value <= triple[0].value <= triple[2].value, found[0]
        assert any(_is(triple, row) for row in known), (found[0], block.alt)
    for outcome in subject.trial.outcomes:
        if f"{outcome.label}, {outcome.unit}" in block.alt and outcome.better:
            other = {"lower": "higher", "higher": "lower"}[outcome.better]
            assert f"{other} is better" not in block.alt, block.alt


def _is(triple: list[Any], row: tuple[float, float, float]) -> bool:
    wide = row[2] - row[1] if isfinite(row[2] - row[1]) else 0.0
    return all(
        one.says(value) or (one.text == "0" and abs(value) <= 0.02 * wide)
        for one, value in zip(triple, row, strict=True)
    )


def _known(subject: TrialSubject) -> list[tuple[float, float, float]]:
    """Return estimate and limits of every frame of the analysis."""
    found = [subject.analysis.estimates]
    found += [frame for part in subject.analysis.parts for frame in part.frames.values()]
    rows: list[tuple[float, float, float]] = []
    for frame in found:
        middle = "mean" if "p95" in frame.columns else "estimate"
        if {middle, "conf_low", "conf_high"} <= set(frame.columns):
            part = frame[[middle, "conf_low", "conf_high"]].astype(float)
            rows += [(one, low, high) for one, low, high in part.to_numpy().tolist()]
    return [row for row in rows if not isnan(row[0])]
