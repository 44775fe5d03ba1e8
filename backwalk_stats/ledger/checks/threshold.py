"""A significance threshold that is not the usual one.

"p > 0.001, not significant" holds of a p of 0.01, which most readers would call significant.  Usual
bounds are 0.1, 0.05, 0.01 and smaller powers of ten (or half of them) for "<", and 0.05 for ">".
Wasserstein and Lazar, Am Stat 2016;70:129-133.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.reading.printed import USUAL_LEVEL, PrintedP, parse_p
from backwalk_stats.ledger.verdict import COMPATIBLE, Ruling

FORMULA = "usual: p < 0.05, 0.01, 0.001, ...; not significant: p > 0.05"
USUAL_BELOW = (0.1, 0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001, 0.00005, 0.00001)


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield a note where the printed bound is not a usual threshold."""
    printed = parse_p(contrast.printed.get("p_value", ""))
    if printed is None or printed.level is None or _usual(printed):
        return
    yield Ruling(
        quantity="p_value",
        reported=printed.text,
        verdict=COMPATIBLE,
        reason=f"threshold is not the usual one: {printed.level:g}, where {USUAL_LEVEL:g} is usual"
        + _family_of_tests(printed, contrast.method),
        inputs=f"printed p: {printed.text}",
        formula=FORMULA,
        caution=True,
    )


def _usual(printed: PrintedP) -> bool:
    if printed.relation == ">":
        return printed.level == USUAL_LEVEL
    return any(abs((printed.level or 0.0) - usual) < 1e-12 for usual in USUAL_BELOW)


def _family_of_tests(printed: PrintedP, method: str) -> str:
    """Say of how many tests the threshold would be Bonferroni's, where the method names that."""
    tests = USUAL_LEVEL / printed.level if printed.level else 0.0
    if "bonferroni" not in method.lower() or tests < 2 or abs(tests - round(tests)) > 1e-9:
        return ""
    return f" (Bonferroni's for {round(tests)} tests, as the method says)"


CHECK = Check(
    name="threshold",
    title="A significance threshold that is not the usual one",
    formula=FORMULA,
    reference="Wasserstein and Lazar, Am Stat 2016;70:129",
    scope="contrast",
    run=run,
)
