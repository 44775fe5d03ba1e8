"""Two or three plain sentences on a claim, made from what bears on it."""

from __future__ import annotations

from collections.abc import Iterable

from backwalk_stats.ledger.bearing import Bearing, direct_estimate, favours_backward
from backwalk_stats.ledger.case import Contrast
from backwalk_stats.ledger.verdict import FAILURES, NO_RESULTS, NOT_DERIVABLE
from backwalk_stats.tables.numbers import interval_text, number, p_text


def explanation(bearing: Bearing) -> str:
    """Return the sentences: the cited source, the direct comparison, what was recomputed."""
    sentences = [_on_cited(bearing), _on_direct(bearing), _on_pools(bearing), _on_findings(bearing)]
    return " ".join(sentence for sentence in sentences if sentence)


def _on_cited(bearing: Bearing) -> str:
    """Say whether the source that the article names can carry the claim, and what it prints."""
    if bearing.missing_dose:
        return f"No study of the base says that it used {bearing.missing_dose}."
    parts = [
        f"{study.label} {bearing.unfit[study.study_id]}"
        for study in bearing.cited
        if study.study_id in bearing.unfit
    ]
    named = {study.study_id for study in bearing.cited}
    prints = [
        f"{contrast.study.label} prints {contrast.outcome}: {contrast.printed['p_value']}, "
        f"{contrast.contrast_type}"
        for contrast in bearing.own
        if contrast.study.study_id in named and "p_value" in contrast.printed
    ]
    sentences = []
    if parts:
        sentences.append(
            f"The source that the article points to does not carry this: {'; '.join(parts)}."
        )
    if prints:
        sentences.append(f"{'; '.join(prints)}.")
    return " ".join(sentences)


def _on_direct(bearing: Bearing) -> str:
    """Give the comparisons of backward with forward: recomputed ones, else what is printed."""
    shown = _different(_comparison(contrast) for contrast in bearing.direct)
    if shown:
        return f"Backward against forward: {'; '.join(shown)}."
    if "backward vs forward" not in bearing.claim["design_claimed"].lower():
        return ""
    bare = "No study of the base prints the n, mean and SD of backward against forward walking."
    printed = _different(_printed_only(contrast) for contrast in bearing.direct)
    return f"{bare} Printed without them: {'; '.join(printed)}." if printed else bare


def _different(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _printed_only(contrast: Contrast) -> str:
    texts = [contrast.printed[name] for name in ("estimate", "p_value") if name in contrast.printed]
    said = ", ".join(texts) or contrast.contrast_type
    return f"{contrast.study.label}, {contrast.outcome}: {said}"


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
    """Say how many other comparisons bear on it, and how many of them can be recomputed."""
    direct = {contrast.key for contrast in bearing.direct if direct_estimate(contrast) is not None}
    other = {contrast.key: contrast for contrast in bearing.own if contrast.key not in direct}
    if not other:
        return (
            "" if direct else f"No number on it is printed in the {_studies(bearing)} named for it."
        )
    effects = bearing.findings[bearing.findings["quantity"].isin(["estimate", "p_value"])]
    recomputed = effects[~effects["verdict"].isin([NOT_DERIVABLE, NO_RESULTS])]["finding_id"]
    keys = {key for key in other if recomputed.str.startswith(f"{key}-").any()}
    failed = effects[effects["verdict"].isin(FAILURES)]["finding_id"]
    wrong = {key for key in keys if failed.str.startswith(f"{key}-").any()}
    more = "other comparison" if direct else "comparison"
    count = f"{len(other)} {more}{'' if len(other) == 1 else 's'}"
    bears = "bears" if len(other) == 1 else "bear"
    said = f"{count} printed in the base {bears} on it; {_some(len(keys))} can be recomputed"
    return f"{said}{f', and {len(wrong)} of these do not come out' if wrong else ''}."


def _some(count: int) -> str:
    return "none" if count == 0 else str(count)


def _studies(bearing: Bearing) -> str:
    return "1 study" if len(bearing.studies) == 1 else f"{len(bearing.studies)} studies"
