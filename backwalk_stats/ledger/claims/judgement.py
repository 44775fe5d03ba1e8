"""The verdict on a claim, as ordered questions to the record; the first that is answered decides.

1. Was the source that the article names traced, and can it not carry the claim (a protocol; one
   session for a claim about weeks; chronic complaints for acute ones; no arm of each direction for
   a claim about direction)? `source_does_not_carry_it`, whatever other studies say.
2. Does the claim name a dose that no study says it used? `no_evidence`.
3. Is of the named source only part read, and nothing that it prints on the outcome a number?
   `not_read`.
4. Findings of the claimed kind (backward against forward for a claim about direction or about what
   walking backward does; walking against anything for advice; before against after for a change)
   on the claimed outcome. A study counts once, on the side of most of its findings; what it
   printed stands back where the same outcome was recomputed from n, mean and SD.
   a. Some studies are for the claim and some against it: `mixed`, unless all were recomputed and
      both the interval and the prediction interval of their pool lie on one side: then b or c.
   b. None is against it, and one is for it with its whole recomputed interval: `holds`; where
      another recomputed interval reaches zero, only if the pool with its prediction interval says
      so too, else `mixed`.
   c. The same the other way round: `contradicted`.
   d. None is against it, and some print it: `supported_as_printed`; `mixed` where a recomputed
      interval reaches zero.
   e. None is for it, and some print the contrary: `contradicted`; `mixed` where a recomputed
      interval reaches zero, where no difference is printed, or one without its side, or where no
      p and no interval stands beside the words.
   In b to e it is `mixed` as well where as many studies print that there is no difference.
5. Nothing is for it or against it. Was of a study with the claimed arms not the full text read, and
   does none print that there is no difference? `not_read`.
6. Otherwise `no_evidence`: no study of the claimed kind, or only intervals that reach zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from backwalk_stats.analyses.pooled import meta_analysis
from backwalk_stats.engine.summary.two_arms import cochrane_smd
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.claims.bearing import Bearing
from backwalk_stats.ledger.claims.findings import (
    AGAINST,
    BOTH,
    FOR,
    NEITHER,
    UNSAID,
    Finding,
    same_people,
)
from backwalk_stats.ledger.claims.wording import HIGHER, polarity, wanted
from backwalk_stats.ledger.hulls import arm_of
from backwalk_stats.ledger.pools import weeks_of

HOLDS = "holds"
SUPPORTED = "supported_as_printed"
MIXED = "mixed"
CONTRADICTED = "contradicted"
NOT_CARRIED = "source_does_not_carry_it"
NOT_READ = "not_read"
NO_EVIDENCE = "no_evidence"


def verdict_of(bearing: Bearing) -> str:
    """Return the verdict on a claim; the module's text is the definition."""
    if bearing.cited and all(study.study_id in bearing.unfit for study in bearing.cited):
        return NOT_CARRIED
    if bearing.missing_dose:
        return NO_EVIDENCE
    if source_is_not_read(bearing):
        return NOT_READ
    recomputed, printed = sides_of(bearing, recomputed=True), sides_of(bearing, recomputed=False)
    found = {*recomputed.values(), *printed.values()}
    if BOTH in found or {FOR, AGAINST} <= found:
        only_recomputed = not {FOR, AGAINST, BOTH} & set(printed.values())
        return _by_pool(bearing) if only_recomputed and BOTH not in found else MIXED
    for side, whole, as_printed in ((FOR, HOLDS, SUPPORTED), (AGAINST, CONTRADICTED, CONTRADICTED)):
        none = _outnumbered(side, recomputed, printed)
        if side in recomputed.values():
            decided = _by_pool(bearing) if NEITHER in recomputed.values() else whole
            return MIXED if none else decided
        if side in printed.values():
            doubt = NEITHER in recomputed.values() or (
                side == AGAINST and not _all_against(bearing)
            )
            return MIXED if doubt or none else as_printed
    return NOT_READ if bearing.unread and NEITHER not in found else NO_EVIDENCE


def _outnumbered(side: str, recomputed: dict[str, str], printed: dict[str, str]) -> bool:
    """Tell whether as many studies print no difference as have findings on a side."""
    shown = {name for found in (recomputed, printed) for name in found if found[name] == side}
    none = {name for name in printed if printed[name] == NEITHER} - shown
    return bool(none) and len(none) >= len(shown)


def _all_against(bearing: Bearing) -> bool:
    """Tell whether print alone leaves no doubt that the contrary is the case.

    None without a difference, none unsaid, and a p or an interval beside the words of one.
    """
    printed = [f for f in bearing.findings if not f.recomputed]
    numbers = any(f.differs for f in printed)
    return numbers and all(f.side in (FOR, AGAINST) for f in printed)


def source_is_not_read(bearing: Bearing) -> bool:
    """Tell whether the named source could carry the claim, was read in part, and gave no number."""
    fit = {study.study_id for study in bearing.cited if study.study_id not in bearing.unfit}
    left = {study.study_id for study in bearing.unread}
    told = {f.study.study_id for f in bearing.findings if f.has_number}
    return bool(fit) and fit <= left and not fit & told


def sides_of(bearing: Bearing, *, recomputed: bool) -> dict[str, str]:
    """Return the side of each study, by id: that of most of its findings, `BOTH` where they tie."""
    by_study: dict[str, list[str]] = {}
    for finding in bearing.findings:
        if finding.recomputed == recomputed:
            by_study.setdefault(finding.study.study_id, []).append(finding.side)
    return {name: _side_of_study(sides) for name, sides in by_study.items()}


def _side_of_study(sides: Sequence[str]) -> str:
    count = Counter(sides)
    if count[FOR] or count[AGAINST]:
        if count[FOR] == count[AGAINST]:
            return BOTH
        return FOR if count[FOR] > count[AGAINST] else AGAINST
    return NEITHER if count[NEITHER] else UNSAID


def _by_pool(bearing: Bearing) -> str:
    """Return the verdict of the pool: only where both of its intervals lie on one side."""
    pool = claim_pool(bearing)
    if pool is None:
        return MIXED
    ends = [float(pool[name]) for name in ("conf_low", "conf_high", "pi_low", "pi_high")]
    if all(end > 0 for end in ends):
        return HOLDS
    return CONTRADICTED if all(end < 0 for end in ends) else MIXED


def claim_pool(bearing: Bearing) -> pd.Series[float] | None:
    """Return the pool of the recomputed studies; above zero bears the claim out.

    Standardised differences, REML, Hartung-Knapp; one comparison a study (the last visit printed).
    None with fewer than two studies, or where the same people walked both ways.
    """
    chosen: dict[str, Finding] = {}
    for finding in bearing.findings:
        if finding.recomputed and _week(finding) > _week(chosen.get(finding.study.study_id)):
            chosen[finding.study.study_id] = finding
    if len(chosen) < 2 or any(same_people(one.contrast) for one in chosen.values()):
        return None
    try:
        effects = pd.DataFrame([_effect(bearing, one) for one in chosen.values()])
        return meta_analysis(effects, method="reml", ci="hksj").iloc[0]
    except NotEstimable:
        return None


def _effect(bearing: Bearing, finding: Finding) -> dict[str, float]:
    assert finding.arms is not None
    a, b = finding.arms
    better = polarity(finding.contrast.outcome, a.direction)
    up = finding.first_is_claimed == (wanted(bearing.claim.sense, better) == HIGHER)
    result = cochrane_smd(arm_of(a), arm_of(b))
    sign = 1.0 if up else -1.0
    return {"estimate": sign * float(result.estimate), "std_error": float(result.std_error)}


def _week(finding: Finding | None) -> float:
    """Return the weeks after which a finding was made; -1 for none, 0 where that is not said."""
    if finding is None or finding.arms is None:
        return -1.0
    return weeks_of(finding.arms[0].timepoint)
