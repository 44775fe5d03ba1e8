"""The faces of a recomputed record, a motion study, a simulated power: what was found in each."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.analyses.motion.coordination import Coordination
from backwalk_stats.figures import inline_svg
from backwalk_stats.plan.power_report import Power
from backwalk_stats.plan.power_tables import needed_text, power_cells
from backwalk_stats.plot.notebook import blocks
from backwalk_stats.report.motion_analysis import Motion
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.report.sections_record.answer import PooledAnswer, main_answer
from backwalk_stats.report.subject import motion_subject
from backwalk_stats.tables import labels, numbers
from backwalk_stats.tables.motion import curve_tests_table
from backwalk_stats.tables.record_counts import counts_sentence

MOST_LINES = 40
SHARES = ("share_of_steps", "share_of_mean_angle")


def ledger_html(ledger: Ledger) -> str:
    """Return a recomputed record for a notebook: the answer, the trials, the claims, the counts."""
    record = ledger.reproduction
    answer = main_answer(record)
    studies = f"{len(record.studies)} studies, {len(record.ledger)} printed numbers looked at"
    parts = [blocks.head(record.record[:1].upper() + record.record[1:], rests_on=studies)]
    if answer is not None:
        parts.append(blocks.side_by_side(_pool(answer)))
    if len(record.claims):
        parts.append(_claims(record.claims))
    counts = counts_sentence(record.ledger)
    return blocks.face(*parts, blocks.second(counts))


def _pool(answer: PooledAnswer) -> str:
    """Return the trials of the main pool with their intervals, and the pool in bold."""
    trials = numbers.frame_rows(answer.trials.sort_values("estimate", kind="stable"))
    rows = [*trials, {**answer.pool, "label": "Together (REML, Hartung-Knapp)"}]
    scale = inline_svg.interval_scale(rows)
    body = []
    for row in rows:
        n = row.get("n_backward"), row.get("n_control")
        size = " + ".join(map(numbers.count, n)) if n[0] is not None else str(answer.size)
        bold = row is rows[-1]
        picture = inline_svg.interval_picture(row, scale, bold=bold)
        interval = numbers.interval_text(row["conf_low"], row["conf_high"])
        body.append([str(row["label"]), numbers.number(row["estimate"]), interval, picture, size])
    heads = ["Trial", "Hedges g", "95% interval", "below zero: less with backward", "n"]
    caption = f"{answer.outcome[:1].upper()}{answer.outcome[1:]}: backward walking against control"
    return blocks.table(heads, body, caption=caption, main=len(rows) - 1, pictures=3)


def _claims(claims: pd.DataFrame) -> str:
    """Return the claims, a line each: number, claim, verdict, what it rests on."""
    rows = [
        [
            str(row["claim_id"]),
            str(row["short_claim"]),
            str(labels.CLAIM_VERDICTS.get(row["verdict"], row["verdict"])),
            str(row["in_one_line"]),
        ]
        for row in numbers.frame_rows(claims.head(MOST_LINES))
    ]
    heads = ["", "Claim", "Verdict", "What it rests on"]
    return blocks.table(heads, rows, caption=f"Claims, {len(claims)}", texts=(2,), wrapped=(1, 3))


def motion_html(motion: Motion) -> str:
    """Return a motion study for a notebook: recordings, and every whole-curve comparison."""
    study, plan = motion.study, motion.study.plan
    people = len({one.participant for one in plan.recordings})
    second = (
        f"{len(plan.recordings)} recordings of {people} participants · "
        f"{len(plan.visits)} visits · seed {plan.seed}"
    )
    title = plan.title or f"Movement: {plan.id}"
    if not study.results:
        nothing = "<p>No whole-curve test was computed; .features and .curves hold the rest.</p>"
        return blocks.face(blocks.head(title, rests_on=second), nothing)
    subject = motion_subject(study)
    told = curve_tests_table([subject.answer(one) for one in study.results], visits=subject.visits)
    rows = [
        [f"{signal}: {row[0]}", row[1], *row[3:], row[2]]
        for signal, row in zip(told.groups, told.rows, strict=True)
    ]
    heads = ["Comparison", "Walk and visit", "p, whole curve", "Beyond chance at", "n"]
    table = blocks.table(heads, rows, caption="Whole-curve comparisons", wrapped=(1, 3))
    return blocks.face(blocks.head(title, rests_on=second), blocks.side_by_side(table))


def coordination_html(shown: Coordination) -> str:
    """Return the coordination of two segments for a notebook: shares by pattern, then spreads."""
    cycles, nodes = shown.coupling_angle.shape
    size = f"{cycles} cycles x {nodes + 1} nodes"
    rows = [
        [str(row["pattern"]), *(numbers.number(row[name], 1) for name in SHARES)]
        for row in numbers.frame_rows(shown.pattern_shares)
    ]
    heads = ["Pattern", "% of all steps", "% of the mean angle"]
    told = {
        "Mean absolute relative phase": shown.marp,
        "Deviation phase": shown.deviation_phase,
        "Error of both angles that alone gives this deviation phase": shown.sufficient_error,
    }
    spreads = blocks.table(
        ["Relative phase", "degrees"], [[name, numbers.number(at, 1)] for name, at in told.items()]
    )
    short = (
        f"{shown.short_steps} of {shown.steps} steps are not longer than {shown.floor:.2g} and are "
        "left out."
    )
    said = "".join(blocks.second(f"{note[:1].upper()}{note[1:]}.") for note in shown.notes)
    return blocks.face(
        blocks.head("Coordination of two segments", rests_on=size),
        blocks.side_by_side(blocks.table(heads, rows), spreads),
        blocks.second(short),
        said,
    )


def power_html(power: Power) -> str:
    """Return a simulated power for a notebook: by scenario, estimand and size; what is needed."""
    plan = power.plan
    second = (
        f"{numbers.count(plan.replicates)} simulated trials of each size and hypothesis · "
        f"seed {plan.study.seed}"
    )
    rows = [
        [one.name, *cells]
        for one in plan.scenarios
        for cells in power_cells(power.results, one.name)
    ]
    heads = ["Scenario", "Estimand", "n an arm", "Power (95% limits)", "Type I error (95% limits)"]
    caption = f"Power of the planned analyses, {len(rows)} rows"
    table = blocks.table(heads, rows[:MOST_LINES], caption=caption, texts=(0, 1))
    needed = "; ".join(
        f"{row['scenario']}, {row['estimand']}: {needed_text(row)}"
        for row in numbers.frame_rows(power.needed.head(MOST_LINES))
    )
    return blocks.face(blocks.head(plan.study.title, rests_on=second), table, blocks.second(needed))
