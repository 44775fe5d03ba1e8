"""From a published record to its ledger: every finding recomputed, with a verdict and a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from backwalk_stats.engine.software import libraries_that_compute
from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.case import Arm, Cell, Contrast, ReviewRow, Study
from backwalk_stats.ledger.claims import claims_frame
from backwalk_stats.ledger.contrasts import contrasts_of
from backwalk_stats.ledger.evidence_map import evidence_map_frame
from backwalk_stats.ledger.findings import (
    arm_findings,
    contrast_findings,
    review_findings,
    study_findings,
)
from backwalk_stats.ledger.granularity import grim_frame
from backwalk_stats.ledger.place import numbered
from backwalk_stats.ledger.planned import planned_power
from backwalk_stats.ledger.plausible import agrees_with_printed
from backwalk_stats.ledger.pools import (
    effects_frame,
    pool_records,
    pooled_frame,
    pools_of,
    review_trials,
    trials_of,
    weights_frame,
)
from backwalk_stats.ledger.reviews import analysis_outcomes, review_rows
from backwalk_stats.ledger.study_facts import cells_from_frame, study_from_row
from backwalk_stats.ledger.unmerge import recovered_arms
from backwalk_stats.trial.reproduction import Reproduction
from backwalk_stats.trial.tables import LEDGER


@dataclass(frozen=True, kw_only=True, slots=True)
class Cases:
    """Every case of a record that a check can look at."""

    studies: tuple[Study, ...]
    cells: dict[str, tuple[Cell, ...]]
    recovered: dict[str, tuple[tuple[Cell, ...], ...]]
    contrasts: tuple[Contrast, ...]
    reviews: tuple[ReviewRow, ...]


def recompute(record: Record, studies: Sequence[str] | None = None) -> Reproduction:
    """Recompute a published record.

    Parameters
    ----------
    record : Record
        As `backwalk_stats.evidence.record.read_record` returns it.
    studies : sequence of str, optional
        Study ids; all by default. Pools and claims always use the whole record; the ledger holds
        the studies that were asked for.

    Returns
    -------
    Reproduction
        All frames of the result.
    """
    with libraries_that_compute() as heard:
        found = _recomputed(record, studies)
    return replace(found, libraries=tuple(sorted(heard)))


def _recomputed(record: Record, studies: Sequence[str] | None) -> Reproduction:
    cases = cases_of(record)
    trials = trials_of(cases.contrasts)
    outcomes = analysis_outcomes(cases.contrasts, cases.reviews)
    pools = pools_of(trials, review_trials(cases.reviews, outcomes))
    known = pool_records(pools)
    contrasts = tuple(replace(one, pools=known) for one in cases.contrasts)
    ledger = ledger_frame(replace(cases, contrasts=contrasts))
    power, designs = planned_power(cases.studies)
    wanted = set(record.studies["study_id"]) if studies is None else set(studies)
    asked = ledger if studies is None else ledger[ledger["study_id"].isin(wanted)]
    return Reproduction(
        studies=record.studies[record.studies["study_id"].isin(wanted)].reset_index(drop=True),
        ledger=asked.reset_index(drop=True),
        claims=claims_frame(record, contrasts, ledger),
        effects=effects_frame(trials),
        pooled=pooled_frame(pools),
        weights=weights_frame(pools),
        grim=grim_frame(cases.cells),
        power=power,
        designs=designs,
        evidence_map=evidence_map_frame(record, ledger),
        record=record.name,
        sources=dict(record.files),
        notes=record.notes,
    )


def cases_of(record: Record) -> Cases:
    """Return every case of a record, inputs found and merged arms recovered."""
    studies = {row["study_id"]: study_from_row(row) for row in _rows(record.studies)}
    cells = cells_from_frame(record.outcomes)
    by_study: dict[str, list[dict[str, str]]] = {}
    for row in _rows(record.contrasts):
        by_study.setdefault(row["study_id"], []).append(row)
    recovered = {
        name: recovered_arms(
            study=study,
            cells=cells.get(name, ()),
            allowed=agrees_with_printed(
                study=study, cells=cells.get(name, ()), rows=by_study.get(name, ())
            ),
        )
        for name, study in studies.items()
    }
    contrasts = tuple(
        contrast
        for row in _rows(record.contrasts)
        for contrast in contrasts_of(
            row,
            study=studies.get(row["study_id"]) or _unlisted(row["study_id"]),
            cells=cells.get(row["study_id"], ()),
            recovered=recovered.get(row["study_id"], ()),
        )
    )
    dois = {row["study_id"]: row["doi"] for row in _rows(record.studies)}
    reviews = review_rows(record.cochrane, tuple(studies.values()), dois)
    return Cases(
        studies=tuple(studies.values()),
        cells=cells,
        recovered=recovered,
        contrasts=contrasts,
        reviews=reviews,
    )


def ledger_frame(cases: Cases) -> pd.DataFrame:
    """Return the ledger: one row per printed quantity that a check looked at."""
    return pd.DataFrame(numbered(_findings(cases)), columns=list(LEDGER))


def _findings(cases: Cases) -> Iterator[dict[str, object]]:
    contrasts: dict[str, list[Contrast]] = {}
    for contrast in cases.contrasts:
        contrasts.setdefault(contrast.study.study_id, []).append(contrast)
    listed = {study.study_id: study for study in cases.studies}
    reviewed = {row.review_id for row in cases.reviews}
    for name in dict.fromkeys([*listed, *contrasts, *reviewed]):
        own = cases.cells.get(name, ())
        for contrast in contrasts.get(name, ()):
            yield from contrast_findings(contrast)
        if name in listed:
            arms = tuple(
                arm for alternative in cases.recovered.get(name, ()) for arm in alternative
            )
            for cell in own:
                yield from arm_findings(
                    Arm(study=listed[name], cell=cell, siblings=own, derived_arms=arms)
                )
            has_numbers = bool(own or contrasts.get(name) or name in reviewed)
            yield from study_findings(listed[name], has_numbers=has_numbers)
        for row in cases.reviews:
            if row.review_id == name:
                yield from review_findings(row)


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _unlisted(study_id: str) -> Study:
    """Return a study that only the contrast table knows: a pool of the record itself."""
    return Study(
        study_id=study_id, label=study_id, design="", arms=(), arm_sizes=(), n_total=None,
        n_text="", numbers="", note="", line=0,
    )  # fmt: skip
