"""What the trials say together, and how much that depends on choices."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from backwalk_stats.figures import forest, pooled_methods
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.tables.labels import sentence_case, study_labels
from backwalk_stats.tables.model import effects_table
from backwalk_stats.tables.numbers import DASH, frame_rows, interval_text, number
from backwalk_stats.tables.record import pool_words, pooled_table
from backwalk_stats.trial.result import Reproduction

ORDER = 50
_DOSE = (
    "A pool of trials that added backward walking to other care says whether more exercise, done "
    "backward, helps; it does not say whether walking backward is better than walking forward for "
    "the same time. Effects are Hedges’ g; below zero favours backward walking."
)
_FOREST = (
    "{outcome}: standardised mean differences with 95% confidence intervals, and under them the "
    "main analysis (filled diamond): random effects with REML and the Hartung–Knapp interval. "
    "Hollow diamonds: the same analysis of other choices of trials. Trials in doubt are hollow and "
    "marked; means and SDs with more than two decimals were derived, not printed, and are "
    "shortened."
)
_METHODS = (
    "The pooled effect under every method, interval and choice of trials. How far the marks lie "
    "apart is how much the answer depends on choices. The numbers stand in pooled.csv."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return forest plots and tables of every outcome that was pooled."""
    pooled = reproduction.pooled
    if not len(pooled) or not set(reproduction.effects["study_id"]) & set(_asked(reproduction)):
        return document.Section(id="pooled", title="The trials together", blocks=())
    blocks: list[document.Block] = [document.Paragraph(content=(_DOSE,))]
    blocks += [document.Items(entries=tuple(_main_results(pooled)))]
    for outcome in dict.fromkeys(str(name) for name in pooled["outcome"]):
        blocks.append(_forest_block(reproduction, outcome))
    whole = pooled[pooled["left_out"] == ""]
    methods = drawing.picture(pooled_methods, whole, name="pooled_methods", caption=_METHODS)
    blocks.append(replace(methods, on_paper=False))
    return document.Section(
        id="pooled",
        title="The trials together",
        short="Trials together",
        blocks=(*blocks, *_tables(reproduction)),
    )


def _asked(reproduction: Reproduction) -> list[str]:
    """Return the studies that the report is about."""
    return [str(name) for name in reproduction.studies["study_id"]]


def _pools(pooled: pd.DataFrame, outcome: str) -> list[str]:
    """Return the pools of an outcome, the main one first, each one once."""
    mine = pooled[(pooled["outcome"] == outcome) & (pooled["left_out"] == "")]
    return list(dict.fromkeys(str(name) for name in mine["pool"]))


def _main_results(pooled: pd.DataFrame) -> list[tuple[document.Strong | str, ...]]:
    """Return one line for every outcome and pool: REML with the Hartung-Knapp interval."""
    chosen = (pooled["method"] == "reml") & (pooled["ci"] == "hksj") & (pooled["left_out"] == "")
    lines: list[tuple[document.Strong | str, ...]] = []
    for row in frame_rows(_by_outcome(pooled[chosen])):
        new_trial = interval_text(row["pi_low"], row["pi_high"])
        expected = f"; a further trial is expected between {new_trial}" if new_trial != DASH else ""
        lines.append(
            (
                document.Strong(
                    text=f"{sentence_case(str(row['outcome']))}, {pool_words(row['pool'])}:"
                ),
                f" g = {number(row['estimate'])} (95% CI "
                f"{interval_text(row['conf_low'], row['conf_high'])}; {int(row['k'])} trials; "
                f"I² {number(row['i2'], 0)}%){expected.replace(' to ', ' and ')}.",
            )
        )
    return lines


def _forest_block(reproduction: Reproduction, outcome: str) -> document.Block:
    """Return the forest plot of one outcome."""
    main, *others = _pools(reproduction.pooled, outcome)
    told = forest.notes(reproduction.weights, outcome=outcome, pool=main, also=others)
    return drawing.picture(
        forest,
        reproduction.weights,
        reproduction.pooled,
        name=f"forest_{text.slug(outcome)}",
        caption=forest.caption(_FOREST.format(outcome=sentence_case(outcome)), told),
        outcome=outcome,
        pool=main,
        shown={"also": others, "effects": reproduction.effects},
    )


def _by_outcome(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the outcomes one after the other, in the order in which they come."""
    place = {name: place for place, name in enumerate(dict.fromkeys(rows["outcome"]))}
    return rows.sort_values("outcome", kind="stable", key=lambda names: names.map(place))


def _tables(reproduction: Reproduction) -> tuple[document.Block, ...]:
    """Return the effects of the trials, the pools, and the pools with one trial left out."""
    pooled = reproduction.pooled
    labels = study_labels(reproduction.studies)
    whole = pooled["left_out"] == ""
    blocks: list[document.Block] = []
    if len(reproduction.effects):
        effects = effects_table(_by_outcome(reproduction.effects))
        blocks.append(document.TableBlock(id="effects", table=effects))
    pools = pooled_table(_by_outcome(pooled[whole]), labels=labels)
    blocks.append(document.TableBlock(id="pools", table=pools, on_paper=False))
    if not whole.all():
        caption = "The pooled effect with one trial left out at a time."
        left = pooled_table(_by_outcome(pooled[~whole]), labels=labels, caption=caption)
        blocks.append(document.TableBlock(id="leave-one-out", table=left, on_paper=False))
    return tuple(blocks)
