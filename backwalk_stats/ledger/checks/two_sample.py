"""Difference of two independent arms from n, mean and SD: Student's and Welch's t.

d = m1 - m2.  Student: SE = s_p sqrt(1/n1 + 1/n2), df = n1 + n2 - 2.  Welch: SE^2 = s1^2/n1 +
s2^2/n2, df by Welch-Satterthwaite.  Rosner, Fundamentals of Biostatistics, 8th ed., ch. 8;
Welch, Biometrika 1947;34:28-35.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.hulls import TestBox, candidates, pair_inputs, student_box, welch_box
from backwalk_stats.ledger.preconditions import OF_AN_EFFECT, OF_AN_INTERVAL, OF_TWO_GROUPS
from backwalk_stats.ledger.reading.printed import parse_df
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "t = (m1 - m2) / SE; Student: SE = s_p sqrt(1/n1 + 1/n2); Welch: SE^2 = s1^2/n1 + s2^2/n2"
OTHER_PEOPLE = "the printed df are those of fewer people than the table holds"
LABELS = {"pooled_t": "Student t test", "welch_t": "Welch t test"}


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield Student's and Welch's test of the follow-up scores of two arms."""
    if contrast.kind != "between" or contrast.closer_test_exists:
        return
    for a, b in zip(contrast.first, contrast.second, strict=True):
        for test, box in _tests(a, b).items():
            yield from candidates(
                box,
                test=test,
                label=LABELS[test] + (" on recovered arms" if contrast.derived else ""),
                inputs=pair_inputs(a, b),
                formula=FORMULA,
                note=contrast.remark or contrast.read.test.other,
                indirect=bool(contrast.remark or contrast.read.test.other),
                level=contrast.read.level,
                normal=True,
                unsaid=_of_others(contrast, a, b),
            )


def _of_others(contrast: Contrast, a: Cell, b: Cell) -> str:
    """Say so where the printed df are not those of the people in the table."""
    df = parse_df(contrast.printed.get("df", ""))
    people = (a.n or 0) + (b.n or 0)
    fewer = len(df) == 1 and df[0] == int(df[0]) and df[0] < people - 2
    welch = contrast.read.test.keys == {"welch_t"}
    return OTHER_PEOPLE if fewer and not welch else ""


def _tests(a: Cell, b: Cell) -> dict[str, TestBox]:
    if not (a.has_spread and b.has_spread):
        return {}
    return {"pooled_t": student_box(a, b), "welch_t": welch_box(a, b)}


CHECK = Check(
    name="two_sample",
    title="Two arms, from n, mean and SD",
    formula=FORMULA,
    reference="Rosner, Fundamentals of Biostatistics, ch. 8; Welch, Biometrika 1947;34:28",
    scope="contrast",
    run=run,
    needs=(*OF_TWO_GROUPS, *OF_AN_EFFECT, *OF_AN_INTERVAL),
)
