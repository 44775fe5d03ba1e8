"""How to read the numbers, and what is not shown and why."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject

ORDER = 114
_DIFFERENCE = (
    "Every difference is the first arm named minus the second. Whether lower or higher is better "
    "is said with each outcome, and figures point to the better side."
)
_INTERVAL = (
    "An interval holds the differences with which the data agree. Tests are two-sided. A p-value "
    "below 0.05 says that the data agree poorly with a difference of zero, which as a rule "
    "lies outside the 95% interval of the same analysis; it says nothing about size. A p-value "
    "above 0.05 does not show that there is no difference."
)
_ROLE = {
    "primary": "A primary estimand carries the trial's conclusion.",
    "secondary": "A secondary one supports it.",
    "exploratory": "What is exploratory, subgroups among it, raises questions and answers none.",
    "sensitivity": "A sensitivity analysis keeps the estimand under other assumptions.",
    "supplementary": "A supplementary one is about another estimand.",
}
MIXED = frozenset({"mmrm", "constrained-longitudinal", "random-slope", "crossover"})
_MIXED = (
    "Mixed models use every value that was measured and take those missing to be missing at "
    "random, given what was measured."
)
_OTHER = "The sensitivity analyses show what other beliefs would give."


def _roles(subject: TrialSubject) -> list[tuple[str, str]]:
    """Say what the roles mean that occur here."""
    there: set[str] = {one.role for one in subject.estimands}
    there |= {"exploratory"} if subject.parts("subgroup") else set()
    there |= {one.role_of(code) for one in subject.estimands for code in one.sensitivity}
    told = " ".join(text for role, text in _ROLE.items() if role in there)
    return [("Roles.", told)] if told else []


def section(subject: TrialSubject) -> document.Section:
    """Return a few sentences for a reader who is no statistician."""
    compared = bool(subject.estimands)
    told = [("Direction.", _DIFFERENCE), ("Intervals and p-values.", _INTERVAL)] if compared else []
    told += _roles(subject)
    mixed = {part.analysis for part in subject.analysis.parts} & MIXED
    other = any(one.sensitivity for one in subject.estimands)
    missing = [text for text, there in ((_MIXED, mixed), (_OTHER, other)) if there]
    told += [("Missing values.", " ".join(missing))] if missing else []
    told.append(("What is not shown.", _hidden(subject)))
    return document.Section(
        id="how-to-read",
        title="How to read this report",
        blocks=tuple(
            document.Paragraph(content=(document.Strong(text=head), f" {words}"))
            for head, words in told
        ),
        appendix=True,
    )


def _hidden(subject: TrialSubject) -> str:
    """Say which rule of privacy this report keeps."""
    limit = subject.trial.small_cell
    people = (
        "Figures show single participants, without their ids, because that was asked for. Do not "
        "pass this report on as if it told of nobody."
        if subject.individuals
        else "No participant is shown: no ids, dates, lists, single points or lines."
    )
    never = "Ids, dates, free text and names of sites are never written; sites are numbered."
    if subject.individuals:
        return f"{people} Counts, means and labels of few people are shown as well. {never}"
    if limit <= 1:
        return f"{people} Small counts are shown, because the limit was set to {limit}. {never}"
    return (
        f"{people} Neither smallest nor largest values are shown, and percentiles only of 20 "
        f"people or more. Counts from 1 to {limit - 1} of what people are or how they fared, and "
        "those from which such a count could be worked out, are left out, and so are means and "
        "other statistics that describe so few people, those that would tell them beside a "
        "difference, and labels that only so few have. An asterisk stands in place of a count. "
        "How many of an arm were randomised, lost, seen and analysed is always shown, as CONSORT "
        f"asks, and so are comparisons of the arms: they describe nobody. {never}"
    )
