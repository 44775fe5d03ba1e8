"""What a blind review looks at: all arms together, and nothing of any arm (ICH E9, 7.1).

Sizes of populations, what is missing, distributions, coding, questions, whether the planned models
converge on dealt arms, what was planned against what is seen, and the decisions that were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import pandas as pd

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.plan.deal import Deal, limit_of
from backwalk_stats.plan.pooled_tables import (
    coding_table,
    few,
    missing_table,
    planned_table,
    pooled_table,
    populations_table,
    reasons_table,
)
from backwalk_stats.report.document import document as doc
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.model import CODES
from backwalk_stats.tables.participants import decisions_table
from backwalk_stats.trial.plan import Scenario
from backwalk_stats.trial.trial import Trial


def sections(
    true: Trial,
    deal: Deal,
    analysis: TrialAnalysis,
    *,
    scenarios: Sequence[Scenario] = (),
    lock: str = "",
) -> tuple[doc.Section, ...]:
    """Return the first page of a dry run and the tables of the review.

    Parameters
    ----------
    true : Trial
        As it was loaded: only pooled numbers are taken from it, and where one arm alone has values
        none at all.
    deal : Deal
    analysis : TrialAnalysis
        Of the dealt trial.
    scenarios : sequence of Scenario
    lock : str
        Hash of the lock of the plan, "" where there is none.

    Returns
    -------
    tuple of Section
    """
    trial = deal.trial
    tables = [
        ("populations", populations_table(true)),
        ("missing-pooled", missing_table(true)),
        ("missing-reasons", reasons_table(true)),
        ("pooled", pooled_table(true)),
        ("coding", coding_table(true)),
        ("questions", questions_table(trial)),
        ("convergence", convergence_table(analysis)),
        ("planned", planned_table(true, scenarios)),
        ("decisions", decisions_table(trial.study.decisions, trial.study.unblinded)),
    ]
    blocks = [
        doc.TableBlock(id=f"review-{name}", table=table) for name, table in tables if table.rows
    ]
    lead = doc.paragraphs(_leads(true, scenarios))
    review = doc.Section(
        id="blind-review", title="Blind review", short="Review", blocks=(*lead, *blocks)
    )
    return _first_page(deal, lock=lock), review


# The first page: what this is, what it protects against, and what not.


def _first_page(deal: Deal, *, lock: str) -> doc.Section:
    finding = doc.Finding(
        answer="The arms of this report were dealt by chance", sureness="", lead=(_LEAD,)
    )
    entries = [
        ("How the arms were dealt.", how_dealt(deal)),
        ("What it protects.", _PROTECTS),
        ("What it does not.", _PROTECTS_NOT),
        ("Lock of the plan.", _locked(lock)),
        ("Unblinding.", _unblinded(deal.trial)),
    ]
    told = doc.OpenQuestions(
        id="blindness",
        title="What this run is",
        entries=tuple(((doc.Strong(text=head),), (f" {text}",)) for head, text in entries),
    )
    figures = _key_figures(deal.trial)
    return doc.Section(
        id="blind", title="Blind run", short="Blind", blocks=(finding, figures, told)
    )


def _key_figures(trial: Trial) -> doc.KeyFigures:
    asked = trial.load_log["level"].astype(str).isin(["question", "warning"]).sum()
    counts = (
        ("Participants", len(trial.participants), "In the data, all arms together."),
        ("Questions and warnings", int(asked), "Of reading the data."),
        ("Decisions", len(trial.study.decisions), "In the trial file."),
    )
    return doc.KeyFigures(
        figures=tuple(
            doc.KeyFigure(label=label, figure=str(count), note=note)
            for label, count, note in counts
        )
    )


_LEAD = (
    "It shows that every planned analysis runs, what the report will look like, and what a blind "
    "review has to decide before the arms are known. It says nothing of the treatment."
)
_PROTECTS = (
    "Who reads it can decide on exclusions, outliers, covariates and models without knowing which "
    "way a decision would turn the result: no number of a true arm is in any file of the run. The "
    "deal is drawn from the seed, the data and the true allocation together, so that neither the "
    "files nor the seed lead back."
)
_PROTECTS_NOT = (
    "Who holds the data file with the arms can always look. What people know from the clinic, "
    "side effects that only one treatment has, free words of the trial file that name an arm, and "
    "outcomes that only one arm has are not hidden by a deal."
)


def how_dealt(deal: Deal) -> str:
    """Say who was dealt an arm, within what, and how much of a true difference could show.

    >>> import backwalk_stats as bw
    >>> from backwalk_stats.plan.deal import dealt
    >>> how_dealt(dealt(bw.load_trial(bw.example("knee"))))[:58]
    'Each participant got the arm of another by chance, within '
    """
    who = "participant" if deal.unit == "participant" else f"{deal.unit}, whole,"
    told = f"Each {who} got the arm of another by chance"
    told += f", within {' and '.join(deal.within)}" if deal.within else ", over everybody"
    if not deal.within and not deal.trial.study.strata:
        told += " (the trial file names no strata of the randomisation: [trial] strata)"
    whole = "Each arm keeps as many of them as it had."
    told += f". {'The sizes of the arms are kept.' if deal.unit == 'participant' else whole}"
    if deal.with_arm:
        told += f" With the arm went {' and '.join(deal.with_arm)}, whose levels have one arm each."
    if deal.left_out:
        told += f" Left out, as one arm alone has it: {', '.join(deal.left_out)}."
    share = numbers.percent(100.0 * deal.alike, 0)
    return f"{told} Of a true difference at most {_share(deal.alike, share)} could show."


def _share(alike: float, told: str) -> str:
    """Return the bound that the deal was held to, in small trials what it came to."""
    return "half" if alike <= 0.5 else told


def _locked(lock: str) -> str:
    if lock:
        return f"plan.lock.json lies beside the trial file: hash {lock}."
    return (
        "None lies beside the trial file, so that nothing shows what was planned beforehand; "
        "backwalk plan lock makes one."
    )


def _unblinded(trial: Trial) -> str:
    day = trial.study.unblinded
    if day is None:
        return "The trial file declares no day on which the arms became known ([trial] unblinded)."
    return (
        f"The trial file says that the arms became known on {day.isoformat()}: a decision after "
        "that day is not one of a blind review."
    )


def _leads(true: Trial, scenarios: Sequence[Scenario]) -> list[str]:
    told = [
        "All numbers of this section are of all arms together, as the data are; those of models "
        "are of dealt arms."
    ]
    if not true.study.decisions:
        told.append(
            "The trial file has no [[decision]]: what the review decides is written there, with "
            "key, what, when and reason."
        )
    if not scenarios:
        told.append(
            "The trial file has no [[plan.scenario]]: what was planned is not held against what "
            "is seen."
        )
    return told


# The tables of what was run.


def questions_table(trial: Trial) -> DisplayTable:
    """Return what reading the data asked and warned of; lines that name an arm are counted."""
    log = trial.load_log
    asked = log[log["level"].astype(str).isin(["question", "warning", "note"])]
    limit = limit_of(trial)
    rows = [
        (
            sentence_case(str(row["level"])),
            ", ".join(filter(None, (str(row["file"]), str(row["column"])))) or numbers.DASH,
            sentence_case(str(row["action"])),
            _counted(row["count"], limit),
        )
        for row in numbers.frame_rows(asked)
    ]
    return DisplayTable(
        columns=display_columns(
            ("kind", "Kind", "left", 0.9),
            ("where", "Where", "left", 1.6),
            ("what", "What", "left", 3.6),
            ("count", "Cells or rows", "right", 0.9),
        ),
        rows=display_rows(rows),
        caption="Questions, warnings and notes of reading the data.",
    )


def _counted(count: object, limit: int) -> str:
    size = float(str(count))
    return few(int(size), limit) if isfinite(size) else "*"


def convergence_table(analysis: TrialAnalysis) -> DisplayTable:
    """Return whether each planned analysis could be carried out on the dealt arms."""
    rows, groups = [], []
    for part in analysis.parts:
        asked = part.estimand
        if asked is None or part.analysis in ("sensitivity", "events", "responder", "subgroup"):
            continue
        used = part.frames.get("fit")
        fitted = str(used.iloc[0].get("covariance", "")) if used is not None and len(used) else ""
        chain = f"{_code(asked.covariance)}; else {', '.join(map(_code, asked.fallback)) or 'none'}"
        reason = next((one for one in part.notes if one.startswith("not estimated: ")), "")
        rows.append(
            (
                sentence_case(ANALYSES.get(part.analysis, part.analysis)),
                "No" if reason or not part.converged else "Yes",
                chain if fitted else numbers.DASH,
                _code(fitted) if fitted else numbers.DASH,
                _used(part.estimates, asked.contrast_name),
            )
        )
        groups.append(f"{asked.id}: {analysis.trial.outcome(asked.outcome).label}")
    return DisplayTable(
        columns=display_columns(
            ("analysis", "Analysis", "left", 2.4),
            ("converged", "Carried out", "left", 0.9),
            ("planned", "Covariance as planned", "left", 2.2),
            ("fitted", "As fitted", "left", 1.4),
            ("n", "People", "right", 0.8),
        ),
        rows=display_rows(rows),
        caption="Whether the planned analyses run and converge, on dealt arms.",
        groups=tuple(groups),
        notes=("On the true arms a model can still behave otherwise.",) if rows else (),
    )


def _code(name: str) -> str:
    return CODES.get(name, name)


def _used(estimates: pd.DataFrame, contrast: str) -> str:
    """Return how many people of both arms a comparison rests on."""
    own = estimates[estimates["contrast"].astype(str) == contrast]
    if not len(own):
        return numbers.DASH
    both = own.iloc[-1][["n", "n_reference"]].astype(float)
    return str(int(both.sum())) if both.notna().all() else numbers.DASH
