"""What was to be estimated, in the five attributes of ICH E9(R1), before any number."""

from __future__ import annotations

from backwalk_stats.report import words
from backwalk_stats.report.document import document, text
from backwalk_stats.report.headline import WITHIN_PEOPLE, of_change
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import Estimand

ORDER = 20
_LEAD = (
    "An estimand says what is to be estimated, apart from how. Its five attributes follow ICH "
    "E9(R1); a value that is missing is a matter of the analysis, an event after randomisation "
    "(stopping the walks, changing treatment) a matter of the estimand."
)
_ADDED = (
    "Outcomes without an estimand of their own are compared at their last visit, as exploration: "
    "{names}."
)


def section(subject: TrialSubject) -> document.Section:
    """Return every estimand of the trial in words."""
    blocks: list[document.Block] = []
    for estimand in subject.trial.estimands:
        name = in_sentence(subject.outcome_of(estimand).label)
        title = f"{estimand.id}, {estimand.role}: {name}"
        blocks.append(document.Subheading(id=f"estimand-{text.slug(estimand.id)}", text=title))
        blocks.append(document.Definitions(entries=_attributes(subject, estimand), beside=True))
    more = [
        in_sentence(subject.outcome_of(one).label)
        for one in subject.estimands[len(subject.trial.estimands) :]
    ]
    if more:
        blocks += document.paragraphs([_ADDED.format(names="; ".join(more))])
    return document.Section(
        id="estimands", title="What was to be estimated", blocks=document.led(_LEAD, blocks)
    )


def _attributes(
    subject: TrialSubject, estimand: Estimand
) -> tuple[tuple[document.Text, document.Text], ...]:
    """Return the five attributes, and the analysis that estimates it."""
    outcome = subject.outcome_of(estimand)
    arm, reference = subject.arm_pair(estimand)
    visit = in_sentence(subject.visit_label(estimand.visit))
    when = " in each period" if estimand.analysis in WITHIN_PEOPLE else f" at {visit}"
    direction = f"; {outcome.better} is better" if outcome.better else ""
    variable = f"{outcome.label}{when}"
    if of_change(subject, estimand):
        variable = f"Change in {in_sentence(outcome.label)} from baseline to {visit}"
    summary = words.SUMMARIES[estimand.analysis].format(
        arm=arm, reference=reference, adjusted=_adjusted(subject, estimand)
    )
    asked = [words.ANALYSES[name] for name in estimand.sensitivity]
    entries = (
        ("Treatment", f"{sentence_case(arm)}, compared with {reference}."),
        ("Population", words.POPULATIONS[estimand.population]),
        ("Variable", f"{variable}{direction}."),
        ("Intercurrent events", words.INTERCURRENT[estimand.intercurrent]),
        ("Summary", summary),
        ("Estimated by", f"{sentence_case(words.ANALYSES[estimand.analysis])}."),
        ("Sensitivity", f"{sentence_case('; '.join(asked))}." if asked else "None was asked for."),
    )
    return tuple(((term,), (meaning,)) for term, meaning in entries)


def _adjusted(subject: TrialSubject, estimand: Estimand) -> str:
    """Return ", adjusted for" and the covariates of an estimand; "" where it has none."""
    labels = words.covariate_labels(subject.trial)
    names = [in_sentence(labels.get(name) or name) for name in estimand.covariates]
    if not names:
        return ""
    return f", adjusted for {', '.join(names[:-1])}{' and ' * (len(names) > 1)}{names[-1]}"
