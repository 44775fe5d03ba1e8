"""The ledger for a reader: each printed number, what it recomputes to, and the verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite, isnan
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import (
    CLAIM_VERDICTS,
    INTERVALS,
    METHODS,
    POOLS,
    QUANTITIES,
    VERDICTS,
    WHOLE_STUDY,
    sentence_case,
    study_labels,
    study_name,
    without_remarks,
    words_for,
)

if TYPE_CHECKING:
    import pandas as pd

LEDGER_COLUMNS = display_columns(
    ("finding", "Finding", "left", 4.0),
    ("reported", "Printed", "right", 1.6),
    ("recomputed", "Recomputed", "right", 1.6),
    ("range", "Range that rounding allows", "right", 2.2),
    ("verdict", "Verdict", "left", 1.8),
    ("reason", "Reason", "left", 5.0),
)
# Checks in which only some values can occur: their two ends are the nearest of these.
NEAREST = ("grim", "grimmer", "percentage")
COUNTS = ("df", "n")
CLAIM_COLUMNS = display_columns(
    ("claim_id", "No.", "left", 0.6),
    ("claim", "Claim", "left", 4.0),
    ("cited_source", "Source it names", "left", 2.0),
    ("verdict", "Verdict", "left", 1.6),
    ("explanation", "Why", "left", 5.0),
)
STUDY_COLUMNS = display_columns(
    ("study", "Study", "left", 2.2),
    ("design", "Design", "left", 2.6),
    ("population", "Population", "left", 2.4),
    ("n_randomised", "Participants", "left", 1.6),
    ("numbers_available", "Numbers printed", "left", 1.5),
    ("citation", "Citation, with DOI or address", "left", 6.6),
)
GRIM_COLUMNS = display_columns(
    ("outcome", "Outcome, arm", "left", 3.4),
    ("n", "n", "right", 0.6),
    ("reported", "Printed mean", "right", 1.2),
    ("nearest", "Nearest means possible", "right", 2.0),
    ("possible", "Mean possible", "left", 1.2),
    ("sd_possible", "SD possible", "left", 1.2),
    ("assumption", "What this assumes", "left", 3.4),
)
_ANSWERS = {"yes": "Yes", "no": "No", "": "Not tested"}
POOL_COLUMNS = display_columns(
    ("method", "Method, interval", "left", 2.8),
    ("k", "Trials", "right", 0.7),
    ("estimate", "Hedges g", "right", 1.0),
    ("interval", "95% interval", "right", 1.7),
    ("p_value", "p", "right", 1.0),
    ("prediction", "95% prediction interval", "right", 1.7),
    ("tau2", "τ² (95% interval)", "right", 2.0),
    ("i2", "I²", "right", 0.8),
    ("q", "Q (df), p", "right", 1.8),
)


def ledger_table(
    ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None, caption: str = ""
) -> DisplayTable:
    """Return the ledger (`tables.LEDGER`) as text, the findings of a study under each other.

    `labels` is study to the name shown. Of the table `groups` holds the study of each row, `keys`
    its finding.
    """
    rows = numbers.frame_rows(ledger)
    return DisplayTable(
        columns=LEDGER_COLUMNS,
        rows=display_rows(_ledger_cells(row) for row in rows),
        caption=caption or "Printed numbers, recomputed from the other printed numbers.",
        notes=(
            "The range is what the recomputed number can be when every printed input may have "
            "been any number that rounds to it. Where only some values can occur, because people "
            "are counted, it is the two nearest of them.",
        ),
        groups=tuple(study_name(row["study_id"], labels) for row in rows),
        keys=tuple(str(row["finding_id"]) for row in rows),
    )


def finding_text(row: numbers.Row) -> str:
    """Return what a finding is about: outcome, contrast and quantity.

    Examples
    --------
    >>> finding_text({"outcome": "NRS", "contrast": "BG v CG", "quantity": "p_value"})
    'NRS, BG v CG: p-value'
    """
    about = about_text(row)
    quantity = words_for(row["quantity"], QUANTITIES)
    return f"{about}: {quantity}" if about else sentence_case(quantity)


def about_text(row: numbers.Row) -> str:
    """Return outcome and contrast of a finding; "" where it is about the study as a whole.

    Examples
    --------
    >>> about_text({"outcome": "all", "contrast": ""})
    ''
    """
    outcome, contrast = without_remarks(str(row["outcome"])), str(row["contrast"])
    if outcome == WHOLE_STUDY and not contrast:
        return ""
    return ", ".join(part for part in (outcome, contrast) if part)


def recomputed_text(row: numbers.Row) -> str:
    """Return the recomputed number with a digit more than the printed one.

    Examples
    --------
    >>> recomputed_text({"quantity": "p_value", "reported": "<0.05", "recomputed": 0.0147})
    '0.015'
    >>> recomputed_text({"quantity": "mdc", "reported": "1.33", "recomputed": 1.33036})
    '1.330'
    """
    return _value(row, "recomputed")


def range_text(row: numbers.Row) -> str:
    """Return the interval that rounding of the printed inputs allows, or the values that can be.

    Examples
    --------
    >>> row = {"quantity": "p_value", "reported": "<0.05"}
    >>> range_text({**row, "recomputed_low": 0.01313, "recomputed_high": 0.01644})
    '0.013 to 0.016'
    >>> row = {"quantity": "mean", "reported": "20.79", "check": "grim"}
    >>> range_text({**row, "recomputed_low": 20.7619, "recomputed_high": 20.8095})
    'nearest possible 20.762 and 20.810'
    """
    low, high = _value(row, "recomputed_low"), _value(row, "recomputed_high")
    if low == high == numbers.DASH:
        return numbers.DASH
    if row.get("check") in NEAREST:
        return f"nearest possible {low}" + ("" if low == high else f" and {high}")
    if row["quantity"] == "p_value":
        return numbers.significant_interval(row["recomputed_low"], row["recomputed_high"], 2)
    return low if low == high else f"{low} to {high}"


def _value(row: numbers.Row, column: str) -> str:
    """Return one recomputed number as text."""
    value = row[column]
    if value is None or isnan(value):
        return numbers.DASH
    if row["quantity"] == "p_value":
        return numbers.significant(value, 2)
    if row["quantity"] in COUNTS:
        return numbers.count(value)
    return numbers.beside(value, row["reported"])


def _ledger_cells(row: numbers.Row) -> tuple[str, ...]:
    """Return the cells of one row."""
    return (
        finding_text(row),
        row["reported"] or numbers.DASH,
        recomputed_text(row),
        range_text(row),
        words_for(row["verdict"], VERDICTS),
        row["reason"],
    )


# The claims of the article with their verdicts.


def claims_table(claims: pd.DataFrame) -> DisplayTable:
    """Return the claims (`tables.CLAIMS`), each with its verdict and the reason in plain sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> from backwalk_stats.trial.tables import CLAIMS
    >>> row = ("N1", "pain", "It helps.", "", "a paper", "holds", "", "It does.", "", "", "")
    >>> claims_table(pd.DataFrame([row], columns=list(CLAIMS))).rows
    (('N1', 'It helps.', 'A paper', 'Holds', 'It does.'),)
    """
    rows = numbers.frame_rows(claims)
    return DisplayTable(
        columns=CLAIM_COLUMNS,
        rows=display_rows(
            (
                row["claim_id"],
                row["claim"],
                sentence_case(row["cited_source"]),
                sentence_case(words_for(row["verdict"], CLAIM_VERDICTS)),
                row["explanation"],
            )
            for row in rows
        ),
        caption="Claims, and whether what was published bears them out.",
        keys=tuple(str(row["claim_id"]) for row in rows),
    )


# The studies of the record.


def studies_table(
    studies: pd.DataFrame, *, labels: Mapping[str, str] | None = None
) -> DisplayTable:
    """Return the list of studies, everything as printed in the record; what is absent is a dash.

    `labels` is study to the name shown.

    Examples
    --------
    >>> import pandas as pd
    >>> studies_table(pd.DataFrame({"study_id": ["chen2021"], "doi": ["10.1155/x"]})).rows
    (('Chen 2021', '–', '–', '–', '–', 'doi:10.1155/x'),)
    """
    names = labels or study_labels(studies)
    rows = numbers.frame_rows(studies)
    return DisplayTable(
        columns=STUDY_COLUMNS,
        rows=display_rows(
            (
                names.get(str(row["study_id"]), str(row["study_id"])),
                *(sentence_case(_text(row, column.key)) for column in STUDY_COLUMNS[1:5]),
                _citation(row),
            )
            for row in rows
        ),
        caption="Studies, protocols, registry entries and reviews of the record.",
        keys=tuple(str(row["study_id"]) for row in rows),
    )


def _text(row: numbers.Row, column: str) -> str:
    """Return the text of a cell, or a dash where it is empty."""
    text = row.get(column)
    return (without_remarks(text) if isinstance(text, str) else "") or numbers.DASH


def _citation(row: numbers.Row) -> str:
    """Return a citation with the DOI, or the address where there is none."""
    cited, doi, url = (_text(row, column) for column in ("citation", "doi", "url"))
    place = f"doi:{doi}" if doi != numbers.DASH else url
    parts = [part for part in (cited, place) if part != numbers.DASH]
    return ". ".join(part.removesuffix(".") for part in parts) or numbers.DASH


# Which printed means are possible for whole-number scores.


def grim_table(grim: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> DisplayTable:
    """Return the printed means (`tables.GRIM`) beside the nearest that whole-number scores allow.

    `labels` is study to the name shown.

    References
    ----------
    Brown and Heathers 2017, Social Psychological and Personality Science 8:363 (GRIM).
    """
    rows = numbers.frame_rows(grim)
    return DisplayTable(
        columns=GRIM_COLUMNS,
        rows=display_rows(_grim_cells(row) for row in rows),
        caption="Means of whole-number scores: what the number of participants allows.",
        groups=tuple(study_name(row["study_id"], labels) for row in rows),
    )


def _grim_cells(row: numbers.Row) -> tuple[str, ...]:
    """Return the cells of one row."""
    decimals = len(str(row["reported"]).partition(".")[2]) + 1
    below, above = numbers.number(row["below"], decimals), numbers.number(row["above"], decimals)
    nearest = below if below == above else f"{below} or {above}"
    return (
        ", ".join(part for part in (without_remarks(row["outcome"]), row["arm"]) if part)
        or numbers.DASH,
        numbers.count(row["n"]),
        row["reported"],
        nearest,
        "Yes" if row["possible"] else "No",
        _ANSWERS.get(row["sd_possible"], str(row["sd_possible"])),
        sentence_case(row["assumption"]),
    )


# Pooled effects: one row for every way of pooling.


def pooled_table(
    pooled: pd.DataFrame, *, labels: Mapping[str, str] | None = None, caption: str = ""
) -> DisplayTable:
    """Return pooled effects (`tables.POOLED`) as text, by outcome, pool and the trial left out.

    `labels` is study to the name shown, for rows that leave a trial out.
    """
    rows = numbers.frame_rows(pooled)
    return DisplayTable(
        columns=POOL_COLUMNS,
        rows=display_rows(_pool_cells(row) for row in rows),
        caption=caption or "Pooled standardised mean differences; below zero favours backward.",
        notes=(
            "Hedges g is a difference in standard deviations. Of the interval and the prediction "
            "interval, the first is about the mean effect, the second about a new trial.",
            "A dash stands where the number of trials does not allow the quantity.",
        ),
        groups=tuple(_group(row, labels) for row in rows),
    )


def pool_words(pool: object) -> str:
    """Return the name of a pool for readers.

    Examples
    --------
    >>> pool_words("review, analysis 4.5")
    'the review’s analysis 4.5'
    """
    name = str(pool)
    return POOLS.get(name) or re.sub(r"^review, analysis ", "the review’s analysis ", name)


def _group(row: numbers.Row, labels: Mapping[str, str] | None) -> str:
    """Return the heading of a row: outcome, pool, trial left out."""
    without = f", without {study_name(row['left_out'], labels)}" if row["left_out"] else ""
    return f"{sentence_case(row['outcome'])}: {pool_words(row['pool'])}{without}"


def _pool_cells(row: numbers.Row) -> tuple[str, ...]:
    """Return the cells of one row."""
    return (
        f"{words_for(row['method'], METHODS)}, {words_for(row['ci'], INTERVALS)}",
        numbers.count(row["k"]),
        numbers.number(row["estimate"]),
        numbers.interval_text(row["conf_low"], row["conf_high"]),
        numbers.p_value(row["p_value"]),
        numbers.interval_text(row["pi_low"], row["pi_high"]),
        _tau2(row),
        numbers.percent(row["i2"], 0),
        _q(row),
    )


def _tau2(row: numbers.Row) -> str:
    """Return the variance between trials with its interval."""
    if isnan(row["tau2"]):
        return numbers.DASH
    low, high = row["tau2_low"], row["tau2_high"]
    known = isfinite(low) and isfinite(high)
    around = f" ({numbers.number(low)} to {numbers.number(high)})" if known else ""
    return f"{numbers.significant(row['tau2'], 2)}{around}"


def _q(row: numbers.Row) -> str:
    """Return the test of heterogeneity."""
    if isnan(row["q"]) or row["q_df"] < 1:
        return numbers.DASH
    return (
        f"{numbers.number(row['q'])} ({numbers.count(row['q_df'])}), {numbers.p_value(row['q_p'])}"
    )


# What a record was made from: open papers that were not read in full, and the log of searches.

UNREAD_COLUMNS = display_columns(
    ("study", "Study", "left", 2.6),
    ("address", "Where it is open", "left", 3.4),
    ("licence", "Licence", "left", 2.4),
)
SEARCH_COLUMNS = display_columns(
    ("date", "Date", "left", 1.0),
    ("query", "Asked", "left", 5.0),
    ("hits", "Hits", "right", 0.7),
    ("kept", "Kept", "left", 2.8),
)


def open_and_unread(studies: pd.DataFrame) -> pd.DataFrame:
    """Return the studies whose full text is open and of which no more than the abstract was read.

    Examples
    --------
    >>> import pandas as pd
    >>> studies = pd.DataFrame({"full_text": ["open", "open"], "read": ["abstract", "full text"]})
    >>> len(open_and_unread(studies))
    1
    """
    if not {"full_text", "read"} <= set(studies.columns):
        return studies.iloc[:0]
    shut_or_read = (studies["full_text"] == "open") & studies["read"].str.startswith("abstract")
    return studies[shut_or_read]


def unread_table(studies: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> DisplayTable:
    """Return open papers that were not read in full: name, address and licence.

    `labels` is study to the name shown.
    """
    rows = numbers.frame_rows(open_and_unread(studies))
    return DisplayTable(
        columns=UNREAD_COLUMNS,
        rows=display_rows(
            (
                study_name(row["study_id"], labels),
                _address(str(row.get("doi") or ""), str(row.get("url") or "")),
                _licence(str(row.get("licence") or "")),
            )
            for row in rows
        ),
        caption="Papers that are open and of which only the abstract was read.",
        notes=("A dash stands where no licence was found.",),
        keys=tuple(str(row["study_id"]) for row in rows),
    )


def _address(doi: str, url: str) -> str:
    """Return the DOI, or the site where there is none."""
    return f"doi:{doi}" if doi else urlsplit(url).netloc.removeprefix("www.") or numbers.DASH


def _licence(text: str) -> str:
    """Return a licence without remarks on where it was read; a dash where it is not known.

    >>> _licence("CC BY (statement seen)"), _licence("not read")
    ('CC BY', '–')
    """
    return sentence_case(without_remarks(text)) or numbers.DASH


def searches_table(
    searches: pd.DataFrame, *, labels: Mapping[str, str] | None = None
) -> DisplayTable:
    """Return the log of searches (`tables.SEARCHES`), those of one source under each other.

    `labels` is study to the name shown: identifiers in the log are replaced by it.
    """
    rows = numbers.frame_rows(searches.sort_values("source", kind="stable"))
    return DisplayTable(
        columns=SEARCH_COLUMNS,
        rows=display_rows(
            tuple(_named(str(row[column.key]), labels or {}) for column in SEARCH_COLUMNS)
            for row in rows
        ),
        caption="What was searched, and what was kept of it.",
        groups=tuple(sentence_case(str(row["source"])) for row in rows),
    )


def _named(text: str, labels: Mapping[str, str]) -> str:
    """Return a text in which studies are called by name."""
    return re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), text) or numbers.DASH


def study_addresses(studies: pd.DataFrame) -> tuple[str, ...]:
    """Return the web address of every study: its DOI where known, else where it was read."""
    doi = studies["doi"] if "doi" in studies else [""] * len(studies)
    url = studies["url"] if "url" in studies else [""] * len(studies)
    return tuple(
        f"https://doi.org/{number}" if str(number).startswith("10.") else str(address)
        for number, address in zip(doi, url, strict=True)
    )
