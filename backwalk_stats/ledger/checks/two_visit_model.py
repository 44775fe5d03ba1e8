"""Mixed model or repeated-measures ANOVA of two arms at two visits.

With complete data and two visits the arm-by-time effect of a random-intercept model, of an
unstructured MMRM (REML, interior solution) and of the 2 x 2 ANOVA is the difference in mean change:
F = t^2 on N - 2 df, t being Student's test of changes.  Maxwell, Delaney and Kelley, Designing
Experiments and Analyzing Data, 3rd ed., ch. 12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.hulls import TestBox, candidates, change_box, pair_inputs, student_box
from backwalk_stats.ledger.preconditions import P_VALUE, Need
from backwalk_stats.ledger.reading.printed import Interval, parse_df
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "arm x time: F(1, N - 2) = t^2, t = (change1 - change2) / (s_d sqrt(1/n1 + 1/n2))"
MODEL_UNSAID = "how the model treats covariates, df and missing visits is not said"
VISITS_UNSAID = "how many visits the test takes in is not said"
TWO_BY_TWO = re.compile(r"\b(?:2|two)\s*(?:x|\u00d7|by|-by-)\s*(?:2|two)\b", re.IGNORECASE)
UNPRINTED = "the correlation of the scores before and after"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the arm-by-time effect of two visits."""
    model = "two_visit_model" in contrast.read.test.keys
    if contrast.kind != "interaction" and not (model and contrast.kind == "between"):
        return
    df = parse_df(contrast.printed.get("df", ""))
    if _people_were_lost(contrast) or (len(df) == 2 and df[0] != 1):
        # A mixed model keeps those who were lost; more than 1 df is more than two visits.
        return
    two_visits = bool(df) or TWO_BY_TWO.search(f"{contrast.contrast_type} {contrast.method}")
    unsaid = MODEL_UNSAID if model else "" if two_visits else VISITS_UNSAID
    if contrast.changes is not None and any(cell.sd_value > 0 for cell in contrast.changes):
        inputs = pair_inputs(*contrast.changes)
        yield from _shown(contrast, student_box(*contrast.changes), inputs=inputs, unsaid=unsaid)
    elif contrast.before_and_after is not None:
        before, after = contrast.before_and_after
        yield from _shown(
            contrast,
            change_box(before, after),
            inputs="; ".join(cell.described() for cell in before + after),
            unprinted=UNPRINTED,
            unsaid=unsaid,
        )


def _people_were_lost(contrast: Contrast) -> bool:
    """Tell whether an arm prints more people before treatment than after it."""
    before = (contrast.before_first, contrast.before_second)
    after = contrast.changes or (contrast.first[:1] + contrast.second[:1])
    return any(x is not None and x.n != y.n for x, y in zip(before, after, strict=False))


def _shown(
    contrast: Contrast, box: TestBox, *, inputs: str, unprinted: str = "", unsaid: str = ""
) -> Iterator[Candidate]:
    found = candidates(
        box,
        test="two_visit_model",
        label="two-visit model: Student t test of changes",
        inputs=inputs,
        formula=FORMULA,
        unprinted=unprinted,
    )
    found = [replace(one, unsaid=unsaid) for one in found]
    as_f = contrast.printed.get("statistic", "").strip().upper().startswith("F")
    for one in found:
        yield _squared(one) if as_f and one.quantity == "statistic" else one


def _squared(one: Candidate) -> Candidate:
    size = one.interval.magnitude()
    return replace(one, value=one.value**2, interval=Interval(size.low**2, size.high**2))


CHECK = Check(
    name="two_visit_model",
    title="Two arms at two visits: mixed model or repeated-measures ANOVA",
    formula=FORMULA,
    reference="Maxwell, Delaney and Kelley, Designing Experiments and Analyzing Data, ch. 12",
    scope="contrast",
    run=run,
    needs=(
        Need(of="p_way", excludes=("resampled", "bayes", "exact"), quantities=P_VALUE),
        Need(of="people", fits=("different",)),
        Need(of="level", fits=("95",), quantities=("conf_low", "conf_high")),
    ),
)
