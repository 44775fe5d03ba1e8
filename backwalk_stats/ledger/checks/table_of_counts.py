"""Chi-square and Fisher's exact p of the printed counts.

X2 = sum (O - E)^2 / E (Pearson 1900), with |O - E| - 1/2 for two by two (Yates 1934); Fisher's
exact p sums the tables that are no more likely than the one printed (Fisher 1935; Agresti,
Categorical Data Analysis, 3rd ed., ch. 3). McNemar's test of the same people is not determined by
these counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.stats import chi2_contingency, fisher_exact

from backwalk_stats.engine.numbers import FloatArray, chi_square_p
from backwalk_stats.ledger.beside import (
    OF_THE_EFFECT,
    another_way,
    corrected,
    said,
    statistic_beside,
)
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading import vocabulary
from backwalk_stats.ledger.reading.printed import exactly
from backwalk_stats.ledger.verdict import Candidate
from backwalk_stats.software import computes_with

FORMULA = (
    "X2 = sum (O - E)^2 / E, Yates: (|O - E| - 1/2)^2 / E; Fisher: sum of P(table) <= P(printed)"
)
RISKS = ("risk_ratio", "risk_difference")
FISHER = r"\bfisher\w*"
CHI_SQUARE = r"\bchi\W?(?:2|squared?)\b|[\u03c7\u03a7]\W?2|[\u03c7\u03a7]\u00b2|\bx2\b"
YATES = r"\byates\b|\bcontinuity\b"
OTHER_TESTS = (
    r"\bmcnemar|\bmantel|\bcochran|\btrend\b|\blog-?rank|\bcmh\b|\bbarnard|\bboschloo|\bfriedman"
    r"|\bwald\b|\bregression\b|\bgoodness\b|\bkruskal"
)
EITHER = "both Fisher's and a chi-square test are named, not which of them this is"
GROUPS = re.compile(r"\b(\d+|all)[- ](?:arms?|groups?)\b", re.IGNORECASE)


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the tests of the table that two or more arms print."""
    if corrected(contrast) or another_way(contrast, "resampled", "bayes"):
        return
    words = said(contrast)
    if re.search(OTHER_TESTS, words, re.IGNORECASE):
        return
    for arms in tables_of(contrast):
        table = counted(arms)
        if table is None or not table.sum(axis=0).all():
            continue
        yield from _chi_squares(contrast, table, arms, words)
        if contrast.kind not in RISKS and table.shape == (2, 2):
            yield from _fisher(contrast, table, arms, words)


def tables_of(contrast: Contrast) -> Iterator[tuple[Cell, ...]]:
    """Yield the arms of a comparison that print counts."""
    yield from zip(contrast.first, contrast.second, strict=True)
    every = GROUPS.search(f"{contrast.arm_a} ; {contrast.contrast_type}")
    if contrast.first or every is None:
        return
    wanted = vocabulary.outcome_words(contrast.outcome)
    cells = [c for c in contrast.cells if vocabulary.outcome_words(c.outcome) == wanted]
    cells = [c for c in cells if not vocabulary.is_before(c.timepoint) and is_counted(c)]
    whole = len({c.arm for c in cells}) == len(cells) > 2
    if whole and every.group(1).lower() in ("all", str(len(cells))):
        yield tuple(cells)


def is_counted(cell: Cell) -> bool:
    """Tell whether a row prints how many of its people had an event."""
    return cell.is_count and not cell.sd and cell.was_printed


def counted(arms: Sequence[Cell]) -> FloatArray | None:
    """Return with and without the event, a row an arm; None where no counts are printed."""
    if not all(is_counted(arm) for arm in arms):
        return None
    events = np.array([float(arm.mean) for arm in arms])
    return np.column_stack([events, np.array([float(arm.n or 0) for arm in arms]) - events])


def _described(arms: Sequence[Cell]) -> str:
    return "; ".join(arm.described_as_count() for arm in arms)


def _candidate(test: str, label: str, value: float, arms: Sequence[Cell]) -> Candidate:
    """Return a p of the counts."""
    return Candidate(
        quantity="p_value",
        value=value,
        interval=exactly(value),
        test=test,
        label=label,
        inputs=_described(arms),
        formula=FORMULA,
    )


def _chi_squares(
    contrast: Contrast, table: FloatArray, arms: Sequence[Cell], words: str
) -> Iterator[Candidate]:
    """Yield chi-square and its p: Pearson's and Yates's, others as a condition."""
    statistic = statistic_beside(contrast)
    df = float(len(table) - 1)
    shown = statistic is not None and statistic.family == "chi2" and statistic.df in ((), (df,))
    exact = re.search(r"(?<!fisher )(?<!fisher's )\bexact\b", words, re.IGNORECASE)
    either = EITHER if re.search(FISHER, words, re.IGNORECASE) else ""
    for test, label, value, condition in _kinds(table, words):
        one = replace(_candidate(test, label, value, arms), condition=condition, unsaid=either)
        if shown:
            yield replace(one, quantity="statistic")
        if contrast.kind not in RISKS and not exact:
            p = float(chi_square_p(statistic=value, df=df))
            yield replace(one, value=p, interval=exactly(p))


def _kinds(table: FloatArray, words: str) -> Iterator[tuple[str, str, float, str]]:
    """Yield test, label, statistic and condition of each chi-square that can have been meant.

    R prints "Pearson's Chi-squared test" above a corrected one, so that his name does not tell.
    """
    computes_with("scipy")
    plain = float(chi2_contingency(table, correction=False).statistic)
    total = float(table.sum())
    without = re.search(r"\b(?:without|no)\W+(?:yates|continuity)", words, re.IGNORECASE)
    yates = not without and re.search(YATES, words, re.IGNORECASE) is not None
    pearson = re.search(r"\bpearson", words, re.IGNORECASE) is not None
    yield "chi_square", "chi-square test", plain, "it is not corrected" if yates else ""
    if len(table) == 2 and not without:
        corrected_one = float(chi2_contingency(table, correction=True).statistic)
        said_so = "" if yates or not pearson else "it is corrected for continuity"
        yield "yates", "chi-square test, Yates", corrected_one, said_so
    ratio = float(chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic)
    yield "chi_square", "likelihood-ratio chi-square", ratio, "it is the likelihood ratio"
    share = plain * (total - 1) / total
    yield "chi_square", "chi-square (N - 1)", share, "it is the linear-by-linear or N - 1 one"


def _fisher(
    contrast: Contrast, table: FloatArray, arms: Sequence[Cell], words: str
) -> Iterator[Candidate]:
    """Yield Fisher's exact p: of both sides, doubled, and of either side."""
    if re.search(r"\bmid[- ]?p\b", words, re.IGNORECASE):
        return
    either = EITHER if re.search(CHI_SQUARE, words, re.IGNORECASE) else ""
    computes_with("scipy")
    counts = table.astype(int)
    two, less, greater = (
        float(fisher_exact(counts, alternative=side).pvalue)
        for side in ("two-sided", "less", "greater")
    )
    doubled = min(2 * min(less, greater), 1.0)
    of_one = "" if contrast.read.sides == "one" else "the test is one-sided"
    of_both = [("", "", two), (", doubled", "the smaller tail was doubled", doubled)]
    tails = [(", one-sided", of_one, tail) for tail in (less, greater)]
    ways = of_both if contrast.read.sides != "one" else []
    ways += tails if contrast.read.sides != "two" else []
    for more, condition, p in ways:
        one = _candidate("fisher", f"Fisher's exact test{more}", p, arms)
        yield replace(one, condition=condition, unsaid=either)


CHECK = Check(
    name="table_of_counts",
    title="Chi-square and Fisher's exact test of printed counts",
    formula=FORMULA,
    reference="Agresti, Categorical Data Analysis, 3rd ed., ch. 3; Yates 1934",
    scope="contrast",
    run=run,
    needs=(
        Need(of="people", excludes=("same",)),
        Need(of="adjusted", excludes=("adjusted",)),
        OF_THE_EFFECT,
    ),
)
