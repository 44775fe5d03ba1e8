"""The comparison of the arms: every estimand by its main analysis."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.estimate_pictures import main_picture
from backwalk_stats.report.headline import (
    DIFFERENCES,
    against_thresholds,
    headline,
    main_row,
    margin_table,
    uncertainty,
)
from backwalk_stats.report.outcome_forest import Compared, comparison_table
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import estimates, numbers
from backwalk_stats.tables.responder_table import category_table
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result

ORDER = 40
_LEAD = (
    "Every estimand at its visit stands in Table 1, on the first page; here are the other visits, "
    "and what the analyses say of themselves."
)


def section(subject: TrialSubject) -> document.Section:
    """Return each estimand: its sentence, its means by visit, its picture."""
    primary = [one for one in subject.trial.estimands if one.role == "primary"]
    first = next(iter(primary or subject.trial.estimands), None)
    blocks: list[document.Block] = []
    for estimand in subject.estimands:
        blocks += _one(subject, estimand, pictured=estimand is not first)
    return document.Section(
        id="results", title="Main results", short="Results", blocks=document.led(_LEAD, blocks)
    )


def _one(subject: TrialSubject, estimand: Estimand, *, pictured: bool) -> list[document.Block]:
    """Return one estimand: its sentence, what must be known, its table and its picture.

    The picture of the first stands on the first page.
    """
    blocks: list[document.Block] = [
        document.Subheading(id=f"result-{text.slug(estimand.id)}", text=subject.title_of(estimand)),
        document.Paragraph(content=(_sentences(subject, estimand),)),
    ]
    part = subject.main_part(estimand)
    if part is None:
        return blocks + document.paragraphs([f"The {ANALYSES[estimand.analysis]} gave no result."])
    blocks += document.paragraphs(map(text.note_text, part.notes))
    blocks += _against_margin(subject, estimand)
    blocks += _by_visit(subject, estimand, part)
    blocks += _all_arms(subject, estimand, part)
    blocks += _categories(subject, estimand, part)
    blocks += main_picture(subject, estimand) if pictured else []
    return blocks


def _sentences(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the answer, whom it favours, and what it is beside the changes that were named."""
    unsure = uncertainty(subject, estimand)
    told = (headline(subject, estimand), unsure, *against_thresholds(subject, estimand))
    return " ".join(one for one in told if one)


def _against_margin(subject: TrialSubject, estimand: Estimand) -> list[document.Block]:
    """Return what each analysis, and so each population, says of the margin."""
    table = margin_table(subject, estimand)
    place = f"margin-{text.slug(estimand.id)}"
    return [] if table is None else [document.TableBlock(id=place, table=table)]


def _by_visit(subject: TrialSubject, estimand: Estimand, part: Result) -> list[document.Block]:
    """Return the means of the model and their difference at every visit, where there are two."""
    means = part.frames.get("means")
    if means is None or means["visit"].nunique() < 2:
        return []
    rows = {
        str(row["visit"]): row
        for row in numbers.frame_rows(part.estimates)
        if row["contrast"] == estimand.contrast_name and row["quantity"] in DIFFERENCES
    }
    lines = [
        Compared(
            what=subject.visit_label(visit),
            contrast=estimand.contrast,
            arms={
                str(row["arm"]): (row["estimate"], row["conf_low"], row["conf_high"], row["n"])
                for row in numbers.frame_rows(means[means["visit"] == visit])
            },
            row=rows.get(visit, {}),
        )
        for visit in subject.visits
        if (means["visit"] == visit).any()
    ]
    name = in_sentence(subject.outcome_of(estimand).label)
    table = comparison_table(
        lines,
        arms=subject.arms,
        first="Visit",
        level=estimand.level,
        caption=f"Means of the model for {name} by visit, and their difference, "
        f"{' minus '.join(subject.arm_pair(estimand))}.",
    )
    return [document.TableBlock(id=f"model-means-{text.slug(estimand.id)}", table=table)]


def _categories(subject: TrialSubject, estimand: Estimand, part: Result) -> list[document.Block]:
    """Return how many of each arm are in which category; nothing where none can be shown."""
    frame = part.frames.get("categories")
    if frame is None or not len(frame):
        return []
    outcome, visit = subject.outcome_of(estimand), subject.visit_label(estimand.visit)
    caption = f"People by category of {in_sentence(outcome.label)} at {in_sentence(visit)}."
    table = category_table(frame, arms=subject.arms, caption=caption)
    return [document.TableBlock(id=f"categories-{text.slug(estimand.id)}", table=table)]


def _all_arms(subject: TrialSubject, estimand: Estimand, part: Result) -> list[document.Block]:
    """Return the comparisons of other arms, and what else the analysis estimates of them."""
    compared = part.estimates[part.estimates["contrast"] != ""]
    compared = compared[compared["quantity"] != (estimand.margin_quantity or None)]
    main = main_row(subject, estimand) or {"quantity": ""}
    other = compared[
        (compared["contrast"] != estimand.contrast_name)
        | ~compared["quantity"].isin((*DIFFERENCES, "f_statistic", main["quantity"]))
    ]
    if not len(other):
        return []
    name = in_sentence(subject.outcome_of(estimand).label)
    shown = estimates.results_table(
        other,
        labels=subject.labels,
        level=estimand.level,
        caption=f"Further comparisons of the analysis of {name}.",
    )
    return [document.TableBlock(id=f"comparisons-{text.slug(estimand.id)}", table=shown)]
