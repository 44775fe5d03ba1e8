"""What trials that have been planned, and not yet reported, could see."""

from __future__ import annotations

from backwalk_stats.figures import power_curve
from backwalk_stats.report.document import document, drawing
from backwalk_stats.tables.numbers import count, frame_rows, number
from backwalk_stats.trial.result import Reproduction

ORDER = 70
_LEAD = (
    "A protocol has no results to recompute, but its planned size says what it could see: the "
    "power of a two-sided two-sample t test at the 5% level, by the true difference in standard "
    "deviations (Cohen’s d)."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the power of planned trials; nothing when the record has none."""
    power, designs = reproduction.power, reproduction.designs
    if not len(power) or not len(designs):
        return document.Section(id="power", title="What planned trials could see", blocks=())
    entries = tuple(
        (
            f"{row['label']}: with {count(row['n_per_arm'])} participants an arm, "
            f"d = {number(row['detectable_80'])} is found with a power of 80%, "
            f"d = {number(row['detectable_90'])} with 90%.",
        )
        for row in frame_rows(designs)
    )
    drawn = drawing.picture(
        power_curve, power, designs, name="power_curve", caption=power_curve.caption()
    )
    blocks = document.led(_LEAD, [document.Items(entries=entries), drawn])
    return document.Section(id="power", title="What planned trials could see", blocks=blocks)
