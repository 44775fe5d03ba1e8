"""What was to be estimated, in the five attributes of ICH E9(R1), before any number."""

from __future__ import annotations

from backwalk_stats.report import words
from backwalk_stats.report.document import document, planned
from backwalk_stats.report.headline import WITHIN_PEOPLE, main_row, margin_size, of_change
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.participants import strategy_sentences
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import plain_words

ORDER = 20
_LEAD = (
    "An estimand says what is to be estimated, apart from how. Its five attributes follow ICH "
    "E9(R1); a value that is missing is a matter of the analysis, an event after randomisation "
    "that changes what values mean{such} is a matter of the estimand."
)
_ADDED = (
    "Outcomes without an estimand of their own are compared at their last visit, as exploration: "
    "{names}."
)
_ATTRIBUTES = ("Treatment", "Population", "Variable", "Intercurrent events", "Summary")
_NONE = "None was asked for."


def section(subject: TrialSubject) -> document.Section:
    """Return every estimand of the trial in words: what they share, then what is each one's own."""
    asked = subject.trial.estimands
    told = {one.id: _attributes(subject, one) for one in asked}
    terms = list(next(iter(told.values()), {}))
    shared = [term for term in terms if len({own[term] for own in told.values()}) == 1]
    shared = [term for term in shared if term in _ATTRIBUTES or told[asked[0].id][term] != _NONE]
    blocks: list[document.Block] = []
    if shared:
        entries = [((term,), (told[asked[0].id][term],)) for term in shared]
        alone = [(("Role",), (f"{_role(subject, asked[0])}.",))] if len(asked) == 1 else []
        blocks.append(document.Definitions(entries=(*entries, *alone), beside=True))
    if len(asked) > 1:
        blocks.append(_own(subject, told, [term for term in terms if term not in shared]))
    more = [in_sentence(subject.outcome_of(one).label) for one in subject.estimands[len(asked) :]]
    if more:
        blocks += document.paragraphs([_ADDED.format(names="; ".join(more))])
    return document.Section(
        id="estimands",
        title="What was to be estimated",
        blocks=document.led(_lead(subject), blocks),
    )


def _lead(subject: TrialSubject) -> str:
    """Return what an estimand is, with the events that the trial file names as the example."""
    kinds = [plain_words(kind) for one in subject.trial.estimands for kind, _ in one.events]
    named = ", ".join(dict.fromkeys(kinds))
    return _LEAD.format(such=f" (here: {named})" if named else "")


def _own(
    subject: TrialSubject, told: dict[str, dict[str, str]], terms: list[str]
) -> document.TableBlock:
    """Return a row for each estimand with what it does not share."""
    asked = subject.trial.estimands
    kept = [term for term in terms if any(own[term] != _NONE for own in told.values())]
    widths = {"Sensitivity": 2.6, "Supplementary": 2.4, "Intercurrent events": 2.6}
    heads = [DisplayColumn(key=term, label=term, width=widths.get(term, 1.8)) for term in kept]
    rows = display_rows(
        (one.id, _role(subject, one), *(told[one.id][term] for term in kept)) for one in asked
    )
    return document.TableBlock(
        id="estimand-own",
        table=DisplayTable(
            columns=(
                DisplayColumn(key="id", label="Estimand", width=0.8),
                DisplayColumn(key="role", label="Role", width=0.9),
                *heads,
            ),
            rows=rows,
            caption="The estimands, each with what it does not share with the others.",
        ),
    )


def _role(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the role of an estimand, and whether it is not as planned."""
    return sentence_case(estimand.role) + planned.suffix(main_row(subject, estimand))


def _attributes(subject: TrialSubject, estimand: Estimand) -> dict[str, str]:
    """Return the five attributes, and the analyses that estimate it."""
    outcome = subject.outcome_of(estimand)
    arm, reference = subject.arm_pair(estimand)
    visit = in_sentence(subject.visit_label(estimand.visit))
    when = " in each period" if estimand.analysis in WITHIN_PEOPLE else f" at {visit}"
    when = " at the visits after baseline" if estimand.analysis == "gee" else when
    direction = f"; {outcome.better} is better" if outcome.better else ""
    variable = f"{outcome.label}{when}"
    if of_change(subject, estimand):
        variable = f"Change in {in_sentence(outcome.label)} from baseline to {visit}"
    summary = words.SUMMARIES[estimand.analysis].format(
        arm=arm, reference=reference, adjusted=_adjusted(subject, estimand)
    )
    if estimand.margin is not None:
        size = margin_size(estimand, outcome)
        summary += f" {sentence_case(estimand.framework)}, margin {size}."
    return {
        "Treatment": f"{sentence_case(arm)}, compared with {reference}.",
        "Population": words.POPULATIONS[estimand.population],
        "Variable": f"{variable}{direction}.",
        "Intercurrent events": _events(subject, estimand),
        "Summary": summary,
        "Estimated by": f"{sentence_case(words.ANALYSES[estimand.analysis])}.",
        "Sensitivity": _beside(estimand, "sensitivity"),
        "Supplementary": _beside(estimand, "supplementary"),
    }


def _events(subject: TrialSubject, estimand: Estimand) -> str:
    """Return what was done with values after events of each kind, and how many had it."""
    part = next((one for one in subject.analysis.parts_of(estimand.id)
                 if "event_counts" in one.frames), None)  # fmt: skip
    counts = None if part is None else part.frames["event_counts"]
    limit = subject.trial.small_cell
    return " ".join(strategy_sentences(estimand, counts, subject.arms, small_cell=limit))


def _beside(estimand: Estimand, role: str) -> str:
    """Return the analyses beside the main one that keep the estimand, or that ask for another."""
    asked = [words.ANALYSES[one] for one in estimand.sensitivity if estimand.role_of(one) == role]
    return f"{sentence_case('; '.join(asked))}." if asked else _NONE


def _adjusted(subject: TrialSubject, estimand: Estimand) -> str:
    """Return ", adjusted for" and the covariates of an estimand; "" where it has none."""
    labels = words.covariate_labels(subject.trial)
    names = [in_sentence(labels.get(name) or name) for name in estimand.covariates]
    if not names:
        return ""
    return f", adjusted for {', '.join(names[:-1])}{' and ' * (len(names) > 1)}{names[-1]}"
