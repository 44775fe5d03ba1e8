"""Risk ratio and risk difference from counts, 0.5 added to every cell when one is empty.

log RR = log((a/n1) / (c/n2)), SE^2 = 1/a - 1/n1 + 1/c - 1/n2; RD = a/n1 - c/n2.  Cochrane Handbook
6.4 and 10.4; counts are whole, so rounding adds nothing.  p also by Fisher's exact test and by
Pearson's chi-square, with and without Yates's correction: papers print these beside either measure.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2_contingency, fisher_exact

from backwalk_stats.engine.summary.proportions import Counts, risk_difference, risk_ratio
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.hulls import sizes_of
from backwalk_stats.ledger.preconditions import ENDS, P_VALUE, Need
from backwalk_stats.ledger.reading.printed import exactly, is_number, value_of
from backwalk_stats.ledger.verdict import Candidate
from backwalk_stats.software import computes_with

FORMULA = "RR = (a/n1) / (c/n2), SE(log RR)^2 = 1/a - 1/n1 + 1/c - 1/n2; RD = a/n1 - c/n2"
MEASURES = {
    "risk_ratio": ("risk ratio", risk_ratio),
    "risk_difference": ("risk difference", risk_difference),
}


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the ratio or difference of two risks."""
    if contrast.kind not in MEASURES:
        return
    label, measure = MEASURES[contrast.kind]
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if not (a.n and b.n and a.mean and b.mean):
            continue
        n1, n2 = sizes_of(a, b)
        try:
            result = measure(Counts(events1=a.mean_value, n1=n1, events2=b.mean_value, n2=n2))
        except NotEstimable:
            continue
        found = [
            (quantity, contrast.kind, label, float(getattr(result, quantity)))
            for quantity in ("estimate", "conf_low", "conf_high", "p_value")
        ]
        points = 100.0 if contrast.kind == "risk_difference" and _in_points(contrast) else 1.0
        for quantity, test, words, value in (*found, *_table_tests(a, b)):
            shown = value if quantity == "p_value" else value * points
            yield Candidate(
                quantity=quantity,
                value=shown,
                interval=exactly(shown),
                test=test,
                label=words,
                inputs=f"{a.described_as_count()}; {b.described_as_count()}",
                formula=FORMULA,
            )


def _in_points(contrast: Contrast) -> bool:
    """Tell whether a difference of risks is printed in percentage points."""
    said = f"{contrast.contrast_type} {contrast.note} {contrast.outcome}".lower()
    text = contrast.printed.get("estimate", "")
    beyond = is_number(text) and abs(value_of(text)) > 1
    return beyond or "percent" in said or "%" in said.replace("% ci", "").replace("%ci", "")


def _table_tests(a: Cell, b: Cell) -> Iterator[tuple[str, str, str, float]]:
    """Yield the p-values of the two-by-two table; none where one of its columns is empty."""
    events = np.array([a.mean_value, b.mean_value])
    table = np.column_stack([events, np.array(sizes_of(a, b)) - events]).astype(int)
    if not table.sum(axis=0).all():
        return
    computes_with("scipy")
    yield "p_value", "fisher", "Fisher's exact test", float(fisher_exact(table).pvalue)
    for test, words in (("chi_square", "chi-square test"), ("yates", "chi-square test, Yates")):
        found = chi2_contingency(table, correction=test == "yates")
        yield "p_value", test, words, float(found.pvalue)


CHECK = Check(
    name="risk",
    title="Risk ratio and risk difference from counts",
    formula=FORMULA,
    reference="Cochrane Handbook for Systematic Reviews of Interventions, 6.4 and 10.4",
    scope="contrast",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("adjusted",)),
        Need(of="model", excludes=("mixed",)),
        Need(of="level", fits=("95",), quantities=ENDS),
        Need(of="interval_way", excludes=("resampled", "bayes", "interval"), quantities=ENDS),
        Need(of="sides", quantities=P_VALUE),
        Need(of="people", fits=("different",)),
    ),
)
