"""From a published record to its ledger: every finding recomputed, with a verdict and a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import pandas as pd

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger import findings, pools
from backwalk_stats.ledger.case import Arm, Cell, Contrast, ReviewRow, Study, numbered
from backwalk_stats.ledger.checks import one_way, two_sample
from backwalk_stats.ledger.claims.explanation import claims_frame
from backwalk_stats.ledger.grid import grim_frame
from backwalk_stats.ledger.planned import planned_power
from backwalk_stats.ledger.reading.printed import parse_p
from backwalk_stats.ledger.rows import (
    analysis_outcomes,
    cells_from_frame,
    contrasts_of,
    counted_once,
    design_class,
    review_rows,
    study_from_row,
)
from backwalk_stats.ledger.unmerge import recovered_arms
from backwalk_stats.ledger.verdict import NO_RESULTS, NOT_DERIVABLE
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.trial.result import Reproduction
from backwalk_stats.trial.tables import EVIDENCE_MAP, LEDGER, SEARCHES


@dataclass(frozen=True, kw_only=True, slots=True)
class Cases:
    """Every case of a record that a check can look at."""

    studies: tuple[Study, ...]
    cells: dict[str, tuple[Cell, ...]]
    recovered: dict[str, tuple[tuple[Cell, ...], ...]]
    contrasts: tuple[Contrast, ...]
    reviews: tuple[ReviewRow, ...]


def recompute(record: Record, studies: Sequence[str] | None = None) -> Reproduction:
    """Recompute a published record; the ledger holds the studies asked for, by default all.

    Pools and claims always use the whole record; listed are the claims that name a study asked for.
    """
    with libraries_that_compute() as heard:
        found = _recomputed(record, studies)
    return replace(found, libraries=tuple(sorted(heard)))


def _recomputed(record: Record, studies: Sequence[str] | None) -> Reproduction:
    cases = cases_of(record)
    trials = pools.trials_of(cases.contrasts)
    outcomes = analysis_outcomes(cases.contrasts, cases.reviews)
    together = pools.pools_of(trials, pools.review_trials(cases.reviews, outcomes))
    known = pools.pool_records(together)
    contrasts = tuple(replace(one, pools=known) for one in cases.contrasts)
    single, doubles = counted_once(contrasts, cases.reviews)
    ledger = ledger_frame(replace(cases, contrasts=single))
    power, designs = planned_power(cases.studies)
    wanted = set(record.studies["study_id"]) if studies is None else set(studies)
    about = [wanted & set(_ids(claim)) for claim in record.claims["evidence_study_ids"]]
    told = record.claims[[studies is None or bool(own) for own in about]]
    return Reproduction(
        studies=record.studies[record.studies["study_id"].isin(wanted)].reset_index(drop=True),
        ledger=_of(ledger, studies),
        claims=claims_frame(replace(record, claims=told), contrasts, ledger),
        effects=pools.effects_frame(trials),
        directions=pools.directions_frame(contrasts),
        pooled=pools.pooled_frame(together),
        weights=pools.weights_frame(together),
        grim=_of(grim_frame(cases.cells), studies),
        power=_of(power, studies),
        designs=_of(designs, studies),
        evidence_map=evidence_map_frame(replace(record, claims=told), ledger),
        searches=record.searches.reindex(columns=list(SEARCHES), fill_value=""),
        record=record.name,
        sources=dict(record.files),
        notes=(*record.notes, *doubles),
    )


def cases_of(record: Record) -> Cases:
    """Return every case of a record, inputs found and merged arms recovered."""
    studies = {row["study_id"]: study_from_row(row) for row in _rows(record.studies)}
    cells = cells_from_frame(
        record.outcomes, {name: study.analysis for name, study in studies.items()}
    )
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
    """Return the ledger: one row per printed number."""
    return pd.DataFrame(numbered(_findings(cases)), columns=list(LEDGER))


def _findings(cases: Cases) -> Iterator[dict[str, object]]:
    contrasts: dict[str, list[Contrast]] = {}
    for contrast in cases.contrasts:
        contrasts.setdefault(contrast.study.study_id, []).append(contrast)
    listed = {study.study_id: study for study in cases.studies}
    reviewed = {row.review_id for row in cases.reviews}
    for name in dict.fromkeys([*listed, *contrasts, *reviewed]):
        own = cases.cells.get(name, ())
        together = contrasts.get(name, ())
        for contrast in together:
            beside = tuple(one for one in together if one is not contrast)
            yield from findings.contrast_findings(replace(contrast, cells=own, siblings=beside))
        if name in listed:
            arms = tuple(
                arm for alternative in cases.recovered.get(name, ()) for arm in alternative
            )
            for cell in own:
                yield from findings.arm_findings(
                    Arm(study=listed[name], cell=cell, siblings=own, derived_arms=arms)
                )
            has_numbers = bool(own or contrasts.get(name) or name in reviewed)
            yield from findings.study_findings(listed[name], has_numbers=has_numbers)
        for row in cases.reviews:
            if row.review_id == name:
                yield from findings.review_findings(row)


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _unlisted(study_id: str) -> Study:
    """Return a study that only the contrast table knows: a pool of the record itself."""
    return Study(study_id=study_id, label=study_id)


# Whether recovered arms can give the p-values that their study printed.


def agrees_with_printed(
    *, study: Study, cells: Sequence[Cell], rows: Sequence[Mapping[str, str]]
) -> Callable[[tuple[Cell, ...]], bool]:
    """Return a function that tells whether recovered arms fit all printed p-values of a study."""

    def allowed(arms: tuple[Cell, ...]) -> bool:
        found = (
            contrast
            for row in rows
            for contrast in contrasts_of(row, study=study, cells=cells, recovered=[arms])
            if contrast.derived
        )
        return all(_can_give(contrast) for contrast in found)

    return allowed


def _can_give(contrast: Contrast) -> bool:
    """Tell whether some test of the arms gives the printed p, rounding allowed for."""
    printed = parse_p(contrast.printed.get("p_value", ""))
    if printed is None:
        return True
    candidates = [
        one
        for check in (two_sample, one_way)
        for one in check.run(contrast)
        if one.quantity == "p_value"
    ]
    return not candidates or any(
        interval.meets(one.interval) for one in candidates for interval in printed.intervals
    )


def _of(frame: pd.DataFrame, studies: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows of the studies asked for; all, those of no listed study too, by default."""
    asked = frame if studies is None else frame[frame["study_id"].isin(list(studies))]
    return asked.reset_index(drop=True)


def _ids(joined: str) -> list[str]:
    return [name.strip() for name in joined.split(";")]


# Which claim rests on which study, of which design, with how much that can be recomputed.


def evidence_map_frame(record: Record, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return one row per claim and study (`tables.EVIDENCE_MAP`)."""
    studies = {
        str(row["study_id"]): {str(k): v for k, v in row.items()}
        for row in record.studies.to_dict("records")
    }
    rows = []
    for claim in record.claims.to_dict("records"):
        for name in (one for one in _ids(claim["evidence_study_ids"]) if one in studies):
            study = study_from_row(studies[name])
            rows.append(
                {
                    "claim_id": claim["claim_id"],
                    "topic": claim["topic"],
                    "study_id": name,
                    "label": study.label,
                    "design_class": design_class(study, studies[name]),
                    "n": nan if study.n_total is None else float(study.n_total),
                    "numbers": _numbers(ledger[ledger["study_id"] == name]),
                }
            )
    return pd.DataFrame(rows, columns=list(EVIDENCE_MAP))


def _numbers(findings: pd.DataFrame) -> str:
    """Tell how much of a study can be recomputed; a protocol has no results, whatever it plans."""
    findings = findings[findings["origin"].isin(["paper", "review"])]
    if (findings["verdict"] == NO_RESULTS).all():
        return "none"
    if (~findings["verdict"].isin([NOT_DERIVABLE, NO_RESULTS])).any():
        return "recomputable"
    return "printed only" if (findings["reported"] != "").any() else "none"
