"""What was measured in each arm: means by visit, and change from baseline."""

from __future__ import annotations

from backwalk_stats.figures import change_raincloud, trajectories
from backwalk_stats.report.document import document, drawing, planned, text
from backwalk_stats.report.estimate_pictures import has_model_means
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import estimates, model
from backwalk_stats.trial.result import Result

ORDER = 102
_LEAD = (
    "Change within an arm mixes the treatment with everything else that happened: the course of "
    "the condition, regression to the mean, attention. It does not compare the arms."
)
_FEW = (
    " Arms of fewer than 20 show no percentiles and no distribution; a distribution is drawn from "
    "means of {limit} people or more."
)


def section(subject: TrialSubject) -> document.Section:
    """Return, outcome by outcome, what was observed and how it changed."""
    blocks: list[document.Block] = []
    for place, part in enumerate(subject.parts("within-arm"), start=1):
        blocks += _one(subject, part, place)
    return document.Section(
        id="within-arm",
        title="Each arm by itself",
        blocks=document.led(_LEAD, blocks),
        appendix=True,
    )


def _one(subject: TrialSubject, part: Result, place: int) -> list[document.Block]:
    """Return tables and figures of one outcome."""
    words, labels = subject.words(part.outcome), subject.labels
    blocks: list[document.Block] = [
        document.Subheading(id=f"within-arm-{place}", text=words.outcome)
    ]
    blocks += _raincloud(subject, part)
    means = part.frames.get("means")
    if means is not None and len(means):
        table = model.means_table(means, kind="observed", labels=labels)
        blocks.append(document.TableBlock(id=f"means-{place}", table=table))
        blocks += _course(subject, part)
    if len(part.estimates):
        changed = estimates.within_arm_table(part.estimates, labels=labels)
        blocks.append(document.TableBlock(id=f"change-{place}", table=changed))
    return blocks + document.paragraphs([*planned.of_part(part), *map(text.note_text, part.notes)])


def _course(subject: TrialSubject, part: Result) -> list[document.Block]:
    """Return the means by visit, unless the picture of a model's means shows the same course."""
    means, words = part.frames["means"], subject.words(part.outcome)
    seen = part.frames.get("observations") if subject.individuals else None
    if seen is None and any(
        one.outcome == part.outcome and has_model_means(subject, one) for one in subject.estimands
    ):
        return []
    return [
        drawing.picture(
            trajectories,
            means,
            name=f"trajectories-{part.outcome}",
            caption=trajectories.caption(words=words, individuals=seen is not None, level=0.95),
            words=words,
            visits=subject.visits,
            shown={"observations": seen},
        )
    ]


def _raincloud(subject: TrialSubject, part: Result) -> list[document.Block]:
    """Return the distribution of change in each arm."""
    density, box = part.frames.get("density"), part.frames.get("box")
    if density is None or box is None or not len(density) or not box["mean"].notna().any():
        return []
    words = subject.words(part.outcome)
    points = part.frames.get("points") if subject.individuals else None
    limit = subject.trial.small_cell
    few = "" if limit <= 1 else _FEW.format(limit=limit)
    return [
        drawing.picture(
            change_raincloud,
            density,
            box,
            name=f"change-{part.outcome}",
            caption=change_raincloud.caption(
                words=words,
                level=0.95,
                individuals=points is not None,
                quartiles=bool(box["q1"].notna().any()),
                tails=bool(box["p5"].notna().any()),
            )
            + few,
            words=words,
            shown={"points": points},
        )
    ]
