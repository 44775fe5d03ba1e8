"""The links between the tables of a record: every study_id that is used is a known study."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from backwalk_stats.errors import SHOWN_FAULTS, Fault, Faults, nearest
from backwalk_stats.evidence import article_claims, contrasts, outcomes, studies
from backwalk_stats.evidence.cells import STUDY
from backwalk_stats.loaders.sheets.records import LINE


def link_faults(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Return a fault for each study_id that `studies.csv` does not have.

    A contrast that was recomputed here, such as a pool, needs no study.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        File name to table, as `check_table` completes it; nothing is said when there is no
        table of studies.
    """
    register = tables.get(studies.FILE)
    if register is None or "study_id" not in register.columns:
        return []
    known = set(register["study_id"])
    used = []
    for file in (outcomes.FILE, contrasts.FILE):
        for line, study, origin in _uses(tables.get(file)):
            if origin != contrasts.RECOMPUTED_HERE:
                used.append((file, line, "study_id", study))
    claims = tables.get(article_claims.FILE)
    column = "evidence_study_ids"
    if claims is not None and column in claims.columns:
        for line, ids in zip(claims[LINE], claims[column], strict=True):
            used += [(article_claims.FILE, line, column, part.strip()) for part in ids.split(";")]
    unknown = [use for use in used if use[3] not in known and STUDY.fault(use[3]) is None]
    ids = sorted(name for name in known if STUDY.fault(name) is None)
    told = list(dict.fromkeys(study for *_, study in unknown))[:SHOWN_FAULTS]
    advice = {study: nearest(study, ids) for study in told}
    faults = Faults()
    for file, line, column, study in unknown:
        action = advice.get(study) or "Add the study, or correct the id"
        faults.add(column, f"a study_id of {studies.FILE}", study, action, row=int(line), file=file)
    return faults.faults


def _uses(table: pd.DataFrame | None) -> list[tuple[int, str, str]]:
    if table is None or "study_id" not in table.columns:
        return []
    origins = table["origin"].tolist() if "origin" in table.columns else [""] * len(table)
    return list(zip(table[LINE].tolist(), table["study_id"].tolist(), origins, strict=True))
