"""Words for every code: what a reader sees in place of `not_reproduced` or `dl`."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = {
    "reproduced": "reproduced",
    "compatible": "compatible",
    "not_reproduced": "not reproduced",
    "inputs_inconsistent": "inputs inconsistent",
    "not_derivable": "not derivable",
    "no_results": "no results",
}
VERDICT_MEANINGS = {
    "reproduced": "the printed number comes out of the other printed numbers",
    "compatible": "inside what rounding allows, but the range is wide or the test is not named",
    "not_reproduced": "the printed number does not come out of the other printed numbers",
    "inputs_inconsistent": "these numbers cannot all be right as printed",
    "not_derivable": "what was printed does not determine it",
    "no_results": "a protocol or registry entry: nothing to check yet",
}
QUANTITIES = {
    "estimate": "estimate",
    "conf_low": "lower confidence limit",
    "conf_high": "upper confidence limit",
    "confidence interval": "confidence interval",
    "statistic": "test statistic",
    "df": "degrees of freedom",
    "p_value": "p-value",
    "mean": "mean",
    "sd": "standard deviation",
    "percent": "percentage",
    "mdc": "minimal detectable change",
    "sem": "standard error of measurement",
    "weight": "weight",
    "n": "number of participants",
}
METHODS = {
    "common": "Common effect",
    "dl": "DerSimonian–Laird",
    "pm": "Paule–Mandel",
    "reml": "REML",
}
INTERVALS = {"z": "normal", "hksj": "Hartung–Knapp"}
DESIGNS = {
    "randomised, backward v forward": "Randomised, backward against forward",
    "randomised, backward added to care": "Randomised, backward added to care",
    "randomised, backward added or v control": "Randomised, backward added or against control",
    "not randomised": "Not randomised",
    "single session": "Single session",
    "within-person biomechanics": "Within-person biomechanics",
    "within-person experiment": "Within-person experiment",
    "cross-sectional": "Cross-sectional",
    "review": "Review",
    "protocol": "Protocol",
    "registry": "Registry entry",
    "other": "Other",
}
NUMBERS = {
    "recomputable": "numbers that can be recomputed",
    "printed only": "numbers printed, nothing to recompute",
    "none": "no numbers",
}
_AUTHOR_YEAR = re.compile(r"^([a-z]+?)(\d{4})(?:_(.+))?$")


def words_for(code: str, known: dict[str, str]) -> str:
    """Return the words for a code; an unknown code is shown with its underscores as spaces.

    Examples
    --------
    >>> words_for("p_value", QUANTITIES), words_for("significance_threshold", QUANTITIES)
    ('p-value', 'significance threshold')
    """
    return known.get(code, code.replace("_", " "))


def sentence_case(text: str) -> str:
    """Return a text that begins with a capital, the rest as it stands.

    Examples
    --------
    >>> sentence_case("p-value"), sentence_case("NRS change"), sentence_case("")
    ('P-value', 'NRS change', '')
    """
    return text[:1].upper() + text[1:]


def study_label(study_id: str) -> str:
    """Return a readable name of a study from its identifier alone.

    Examples
    --------
    >>> study_label("alghadir2019"), study_label("alghadir2018_mdc"), study_label("fw_vs_rw_66")
    ('Alghadir 2019', 'Alghadir 2018 (mdc)', 'Fw vs rw 66')
    """
    found = _AUTHOR_YEAR.match(study_id)
    if found is None:
        registered = re.fullmatch(r"[a-z]+\d{6,}", study_id)
        return study_id.upper() if registered else sentence_case(study_id.replace("_", " "))
    author, year, rest = found.groups()
    label = f"{author.capitalize()} {year}"
    return f"{label} ({rest.replace('_', ' ')})" if rest else label


def study_labels(studies: pd.DataFrame) -> dict[str, str]:
    """Return a short name for every study, no two alike.

    Parameters
    ----------
    studies : DataFrame
        Columns `study_id` and, where known, `citation` and `year` (text).

    Returns
    -------
    dict of str to str
        Study identifier to first author and year as cited. Where the citation does not begin with
        an author, or two studies would share a name, the name is made from the identifier.

    Examples
    --------
    >>> import pandas as pd
    >>> studies = pd.DataFrame({
    ...     "study_id": ["laird2016", "registry_1"],
    ...     "citation": ["Laird RA, Keating JL. A title. 2016", "A registry entry"],
    ...     "year": ["2016", ""],
    ... })
    >>> study_labels(studies)
    {'laird2016': 'Laird 2016', 'registry_1': 'Registry 1'}
    """
    names: dict[str, str] = {}
    for row in studies.to_dict("records"):
        study_id = str(row["study_id"])
        author = re.match(
            r"^([^\W\d_][\w'’-]+) [A-Z]{1,3}(?:[,.]| et al)", str(row.get("citation"))
        )
        year = str(row.get("year") or "")
        when = year if re.fullmatch(r"\d{4}", year) else "(undated)"
        names[study_id] = f"{author[1]} {when}" if author else study_label(study_id)
    shared = Counter(names.values())
    return {key: name if shared[name] == 1 else study_label(key) for key, name in names.items()}
