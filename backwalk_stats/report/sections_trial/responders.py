"""Who improved by a named amount, and how many by every amount."""

from __future__ import annotations

from backwalk_stats.figures import responder_waterfall, response_curve
from backwalk_stats.report.document import document, drawing, planned, text
from backwalk_stats.report.estimate_pictures import named_thresholds
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import rule_told
from backwalk_stats.tables.responder_table import responder_table
from backwalk_stats.trial.result import Result

ORDER = 101
_LEAD = (
    "A responder is a participant whose change reaches a threshold that the trial file names, or "
    "30 % of the baseline. Cutting a scale in two throws information away: the means above tell "
    "more. The p-value is of Fisher’s exact test and the intervals are not: close to the level, "
    "an interval may leave out no difference though the test does not; the notes say where."
)


def section(subject: TrialSubject) -> document.Section:
    """Return responders, for every outcome that has them."""
    blocks: list[document.Block] = []
    for place, part in enumerate(_different(subject.parts("responder")), start=1):
        blocks += _one(subject, part, place)
    return document.Section(
        id="responders", title="Responders", blocks=document.led(_LEAD, blocks), appendix=True
    )


def _different(parts: tuple[Result, ...]) -> list[Result]:
    """Return the parts without those that answer the question of an earlier one again."""
    found: dict[tuple[object, ...], Result] = {}
    for part in parts:
        one = part.estimand
        key = (part.outcome, one and (one.visit, one.contrast, one.population, one.level))
        found.setdefault(key, part)
    return list(found.values())


def _one(subject: TrialSubject, part: Result, place: int) -> list[document.Block]:
    """Return the responders of one outcome: table, curve, and bars where asked for."""
    words, outcome = subject.words(part.outcome), subject.trial.outcome(part.outcome)
    blocks: list[document.Block] = [
        document.Subheading(
            id=f"responders-{place}", text=f"{words.outcome}{_between(subject, part)}"
        )
    ]
    frame = part.frames.get("responders")
    if frame is not None and len(frame):
        level = 0.95 if part.estimand is None else part.estimand.level
        rules = {rule: rule_told(rule, outcome) for rule in frame["rule"].astype(str).unique()}
        told = responder_table(frame, part.estimates, arms=subject.arms, rules=rules, level=level)
        blocks.append(document.TableBlock(id=f"responders-{place}-shares", table=told))
    notes = (rule_told(note, outcome) for note in part.notes)
    blocks += document.paragraphs([*planned.of_part(part), *map(text.note_text, notes)])
    blocks += _curve(subject, part, place)
    points = part.frames.get("points") if subject.individuals else None
    if points is not None and len(points):
        blocks.append(
            drawing.picture(
                responder_waterfall,
                points,
                name=f"waterfall-{part.outcome}-{place}",
                caption=responder_waterfall.caption(words=words),
                words=words,
                column="change",
            )
        )
    return blocks


def _between(subject: TrialSubject, part: Result) -> str:
    """Return which arms are compared, where the trial has more than two."""
    if part.estimand is None or len(subject.arms) < 3:
        return ""
    return f": {' and '.join(subject.arm_pair(part.estimand))}"


def _curve(subject: TrialSubject, part: Result, place: int) -> list[document.Block]:
    """Return the share that improved by at least every amount."""
    curve = part.frames.get("response_curve")
    if curve is None or not curve["percent"].notna().any():
        return []
    words = subject.words(part.outcome)
    named = named_thresholds(subject.trial.outcome(part.outcome))
    return [
        drawing.picture(
            response_curve,
            curve,
            name=f"response-curve-{part.outcome}-{place}",
            caption=response_curve.caption(curve, words=words, thresholds=named),
            words=words,
            thresholds=named,
        )
    ]
