"""Which claim rests on which study, of which design, with how much that can be recomputed."""

from __future__ import annotations

from math import nan

import pandas as pd

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.study_facts import design_class, study_from_row
from backwalk_stats.ledger.verdict import NO_RESULTS, NOT_DERIVABLE
from backwalk_stats.trial.tables import EVIDENCE_MAP


def evidence_map_frame(record: Record, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return one row per claim and study.

    Parameters
    ----------
    record : Record
        Holds the claims and the studies.
    ledger : DataFrame
        All findings, with the columns of `tables.LEDGER`.
    """
    studies = {
        str(row["study_id"]): {str(k): v for k, v in row.items()}
        for row in record.studies.to_dict("records")
    }
    rows = []
    for claim in record.claims.to_dict("records"):
        named = [name.strip() for name in claim["evidence_study_ids"].split(";")]
        for name in (one for one in named if one in studies):
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
    if (findings["verdict"] == NO_RESULTS).all():
        return "none"
    if (~findings["verdict"].isin([NOT_DERIVABLE, NO_RESULTS])).any():
        return "recomputable"
    return "printed only" if (findings["reported"] != "").any() else "none"
