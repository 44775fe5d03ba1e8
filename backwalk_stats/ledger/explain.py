"""Two or three plain sentences on a claim, made from what bears on it."""

from __future__ import annotations

from backwalk_stats.ledger.bearing import Bearing, direct_estimate, favours_backward
from backwalk_stats.ledger.case import Contrast
from backwalk_stats.ledger.verdict import COMPATIBLE, FAILURES, REPRODUCED
from backwalk_stats.tables.numbers import interval_text, number, p_text


def explanation(bearing: Bearing) -> str:
    """Return the sentences: the cited source, the direct comparison, what was recomputed."""
    sentences = [_on_cited(bearing), _on_direct(bearing), _on_pools(bearing), _on_findings(bearing)]
    return " ".join(sentence for sentence in sentences if sentence)


def _on_cited(bearing: Bearing) -> str:
    unfit = [s for s in bearing.cited if s.study_id in bearing.unfit]
    if unfit:
        parts = [f"{study.label} {bearing.unfit[study.study_id]}" for study in unfit]
        return f"The source that the article points to does not carry this: {'; '.join(parts)}."
    if bearing.missing_dose:
        return f"No study of the base says that it used {bearing.missing_dose}."
    return ""


def _on_direct(bearing: Bearing) -> str:
    texts = (_comparison(contrast) for contrast in bearing.direct)
    shown = [text for text in dict.fromkeys(texts) if text]
    if shown:
        return f"Backward against forward: {'; '.join(shown)}."
    if "backward vs forward" in bearing.claim["design_claimed"].lower():
        return "No study of the base prints the n, mean and SD of backward against forward walking."
    return ""


def _comparison(contrast: Contrast) -> str:
    result = direct_estimate(contrast)
    if result is None:
        return ""
    better = favours_backward(contrast)
    low, high = float(result.conf_low), float(result.conf_high)
    numbers = (
        f"{contrast.outcome} {number(float(result.estimate), 2)} "
        f"(95% CI {interval_text(low, high)}, {p_text(float(result.p_value))})"
    )
    origin = ", on arms recovered by algebra" if contrast.derived else ""
    said = "in favour of backward" if better else "not shown to be better"
    return f"{contrast.study.label}, {numbers}{origin}, {said}"


def _on_pools(bearing: Bearing) -> str:
    """Give the pooled estimates that reviews printed on the outcome, as printed."""
    texts = [
        f"{pool.study.label}, {pool.outcome} {pool.printed['estimate']} "
        f"({pool.printed['conf_low']} to {pool.printed['conf_high']})"
        for pool in bearing.pools
        if {"estimate", "conf_low", "conf_high"} <= set(pool.printed)
    ]
    if not texts:
        return ""
    return f"Printed pools, not of backward against forward: {'; '.join(dict.fromkeys(texts))}."


def _on_findings(bearing: Bearing) -> str:
    """Say how many printed findings there are and what became of them."""
    verdicts = bearing.findings["verdict"]
    if bearing.findings.empty:
        return f"No number on it is printed in {_studies(len(bearing.studies))} named for it."
    held = int(verdicts.isin([REPRODUCED, COMPATIBLE]).sum())
    failed = int(verdicts.isin(FAILURES).sum())
    rest = len(verdicts) - held - failed
    return (
        f"Of {len(verdicts)} findings on this outcome in "
        f"{_studies(bearing.findings['study_id'].nunique())}, {held} could be recomputed and "
        f"agree, {failed} do not agree, and {rest} cannot be derived from what was printed."
    )


def _studies(count: int) -> str:
    return "1 study" if count == 1 else f"{count} studies"
