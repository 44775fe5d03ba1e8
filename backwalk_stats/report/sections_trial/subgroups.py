"""The comparison repeated within subgroups, to raise questions and not to answer them."""

from __future__ import annotations

from math import isfinite

from backwalk_stats.analyses.whole_trial import with_everyone
from backwalk_stats.figures import effect_forest
from backwalk_stats.report.document import document, drawing, planned, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.numbers import frame_rows, number, p_text
from backwalk_stats.trial.result import Result

ORDER = 70
_LEAD = (
    "Subgroups are small and many: one that differs by chance is to be expected. Whether an effect "
    "differs between subgroups is a matter of the interaction, not of which intervals leave out no "
    "difference."
)


def section(subject: TrialSubject) -> document.Section:
    """Return a forest for every estimand that asked for subgroups."""
    known = {one.id: one for one in subject.estimands}
    blocks: list[document.Block] = []
    for part in subject.parts("subgroup"):
        if part.estimand is None:
            continue
        estimand = known.get(part.estimand.id, part.estimand)
        forest = with_everyone(subject.analysis, estimand)
        if forest is None or not part.frames["forest"]["estimate"].notna().any():
            continue
        words = subject.words(part.outcome)
        blocks.append(
            drawing.picture(
                effect_forest,
                forest,
                name=f"subgroups-{estimand.id}",
                caption=effect_forest.caption(
                    f"{words.outcome}: the difference of the arms within subgroups.",
                    level=estimand.level,
                    rows="subgroups",
                    counts=True,
                ),
                words=words,
                contrast=estimand.contrast,
                shown={"level": estimand.level},
            )
        )
        notes = [*planned.of_part(part), *map(text.note_text, part.notes)]
        blocks += document.paragraphs([*_interactions(part), *notes])
    return document.Section(id="subgroups", title="Subgroups", blocks=document.led(_LEAD, blocks))


def _interactions(part: Result) -> list[str]:
    """Return the test of each interaction in a sentence."""
    return [
        text.sentence(
            f"{row['note']}: F = {number(float(row['estimate']), 2)}, "
            f"{p_text(float(row['p_value']))}{planned.suffix(row)}"
        )
        for row in frame_rows(part.estimates)
        if row["quantity"] == "f_statistic" and isfinite(float(row["p_value"]))
    ]
