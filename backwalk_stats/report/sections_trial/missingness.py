"""Values that are missing, by arm and visit."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.figures import missingness
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.participants import missingness_table, values_table
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import Estimand

ORDER = 35
_APART = (
    "Values that were measured after an intercurrent event and are not used are not missing: they "
    "are counted apart, by what the estimand puts in their place."
)
_NONE = "No value of any outcome is missing."


def section(subject: TrialSubject) -> document.Section:
    """Return the table of missing values, and who they are missing of where that was asked for."""
    parts = [part for part in subject.parts("missingness") if "missingness" in part.frames]
    if not parts:
        return document.Section(id="missingness", title="Missing values", blocks=())
    frame = parts[0].frames["missingness"]
    labels = subject.labels
    blocks = document.paragraphs(map(text.note_text, parts[0].notes))
    if (frame["n_missing"] == 0).all():
        blocks += document.paragraphs([_NONE])
    else:
        table = missingness_table(frame, labels=labels)
        blocks.append(document.TableBlock(id="missing-values", table=table))
        blocks += _people(subject, frame)
    blocks += _after_events(subject)
    return document.Section(id="missingness", title="Missing values", blocks=tuple(blocks))


def _after_events(subject: TrialSubject) -> list[document.Block]:
    """Return, for each estimand with events, what stands at each visit in how many people."""
    parts = [part for part in subject.parts("events") if _changes_values(part.estimand)]
    blocks: list[document.Block] = list(document.paragraphs([_APART] if parts else []))
    for part in parts:
        asked = part.estimand
        if asked is not None:
            strategy = subject.strategy_of(asked)
            how = f", {strategy}" if strategy else ""
            title = f"{asked.id}, {in_sentence(subject.outcome_of(asked).label)}{how}"
            frame = part.frames["values_by_event"]
            table = values_table(frame, labels=subject.labels, title=title)
            name = f"values-after-events-{asked.id.lower()}"
            blocks.append(document.TableBlock(id=name, table=table))
    return blocks


def _changes_values(estimand: Estimand | None) -> bool:
    """Tell whether a strategy changes values: treatment policy leaves what was measured."""
    return estimand is not None and any(how != "treatment-policy" for _, how in estimand.events)


def _people(subject: TrialSubject, frame: pd.DataFrame) -> list[document.Block]:
    """Return a cell for every participant; by arms alone a picture would repeat the table."""
    if not subject.individuals:
        return []
    hidden = bool(frame["n_missing"].isna().any())
    return [
        drawing.picture(
            missingness,
            frame,
            name="missingness",
            caption=missingness.caption(individuals=True, hidden=hidden),
            labels=subject.labels,
            shown={"observations": subject.trial.data},
        )
    ]
