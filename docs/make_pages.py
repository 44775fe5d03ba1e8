"""Write what documents say of the package itself: checks, instruments, rates, verdicts, names.

Run by `make pages`; a test compares what is written with what the package says now.
"""

from __future__ import annotations

import re
from pathlib import Path

import backwalk_stats as bw
from backwalk_stats.ledger import checks
from backwalk_stats.ledger.case import Check
from backwalk_stats.registry import members
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.tables.labels import CLAIM_VERDICTS, VERDICT_MEANINGS, VERDICTS, words_for
from backwalk_stats.tables.record_counts import counts_sentence, verdict_counts
from docs.curve_rates import array_rates_block, rates_block
from docs.discrete_rates import discrete_block, nested_block, small_sample_block
from docs.instruments_page import instruments_page
from docs.markdown import cell, table
from docs.reference_pages import REFERENCE, reference_pages

ROOT = Path(__file__).parents[1]
CHECKS = ROOT / "docs" / "checks.md"
CURVE_TESTS = ROOT / "docs" / "methods" / "curve_tests.md"
DISCRETE = ROOT / "docs" / "methods" / "discrete.md"
NESTED = ROOT / "docs" / "methods" / "nested.md"
INSTRUMENTS = ROOT / "docs" / "instruments.md"
README = ROOT / "README.md"
SCOPES = {
    "contrast": "On a printed comparison (`contrasts.csv`)",
    "arm": "On an arm's own row (`outcomes.csv`)",
    "review": "On a row of a review (`cochrane_*.csv`)",
    "study": "On a study as a whole (`studies.csv`)",
}
OPENING = """\
# Checks

Every way in which a printed number is recomputed, or seen to clash with those beside it. This page
is written by `make pages` from the checks themselves. A check is one file in
[`ledger/checks/`](../backwalk_stats/ledger/checks); its name is what the ledger's column `check`
holds. What the verdicts mean: [`verdicts.md`](verdicts.md).
"""


def check_row(check: Check) -> list[str]:
    """Return what the table says of one check."""
    link = f"[`{check.name}`](../backwalk_stats/ledger/checks/{check.name}.py)"
    return [link, cell(check.title), f"`{cell(check.formula)}`", cell(check.reference)]


def checks_page() -> str:
    """Return the page of all checks, by what they look at."""
    known: list[Check] = [module.CHECK for module in members(checks)]
    parts = [OPENING]
    for scope, title in SCOPES.items():
        rows = [check_row(check) for check in known if check.scope == scope]
        if rows:
            heading = ("check", "what it looks at", "formula", "reference")
            parts.append(f"## {title}\n\n{table(heading, rows)}\n")
    return "\n".join(parts)


def claims_block(ledger: Ledger) -> str:
    """Return the claims of the article with today's verdicts."""
    rows = [
        [
            cell(str(claim["claim_id"])),
            cell(str(claim["claim"])),
            words_for(str(claim["verdict"]), CLAIM_VERDICTS),
            cell(str(claim["in_one_line"])),
        ]
        for claim in ledger.claims.to_dict("records")
    ]
    return table(("", "claim of the article", "verdict", "what that rests on"), rows)


def counts_block(ledger: Ledger) -> str:
    """Return how many numbers got each verdict, by who printed them."""
    counts = verdict_counts(ledger.checks).itertuples(index=False, name=None)
    rows = [[VERDICTS[v], *(str(n) for n in by), VERDICT_MEANINGS[v]] for v, *by in counts]
    heads = ("verdict", "printed by papers", "by reviews", "collectors’ own", "meaning")
    return f"{counts_sentence(ledger.checks)}\n\n{table(heads, rows)}"


def with_block(text: str, name: str, block: str) -> str:
    """Return a document with the text between two marks of a name replaced.

    Raises
    ------
    ValueError
        When the document has not exactly one such pair of marks.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"expected one pair of marks {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{block}\n{end}", text)


def pages() -> dict[Path, str]:
    """Return every document that is written here, by its path."""
    ledger = bw.reproduce()
    readme = with_block(README.read_text(encoding="utf-8"), "claims", claims_block(ledger))
    readme = with_block(readme, "counts", counts_block(ledger))
    curves = with_block(CURVE_TESTS.read_text(encoding="utf-8"), "rates", rates_block())
    curves = with_block(curves, "array-rates", array_rates_block())
    discrete = with_block(DISCRETE.read_text(encoding="utf-8"), "rates", discrete_block())
    discrete = with_block(discrete, "small", small_sample_block())
    nested = with_block(NESTED.read_text(encoding="utf-8"), "rates", nested_block())
    return {
        CHECKS: checks_page(),
        INSTRUMENTS: instruments_page(),
        CURVE_TESTS: curves,
        DISCRETE: discrete,
        NESTED: nested,
        README: readme,
        **reference_pages(),
    }


def main() -> None:
    """Write the documents."""
    REFERENCE.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
