"""Words for every code: what a reader sees in place of `not_reproduced` or `dl`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
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
ORIGINS = {
    "paper": "papers",
    "review": "reviews",
    "collector": "collectors",
    "derived": "collectors",
}
PRINTED_BY = {
    "paper": "the paper",
    "review": "a review",
    "collector": "nobody: the collectors computed it",
    "derived": "nobody: the collectors derived it",
}
CLAIM_VERDICTS = {
    "holds": "holds",
    "supported_as_printed": "supported as printed",
    "mixed": "mixed",
    "contradicted": "contradicted",
    "source_does_not_carry_it": "source does not carry it",
    "not_read": "not read",
    "no_evidence": "no evidence",
}
CLAIM_MEANINGS = {
    "holds": "a comparison of the claimed kind was recomputed, and its whole interval bears it out",
    "supported_as_printed": "studies of the claimed kind print it; it cannot be recomputed",
    "mixed": "findings of the claimed kind do not agree, or as many show no difference as show one",
    "contradicted": "findings of the claimed kind go against it",
    "source_does_not_carry_it": "the source that could be traced has no result that says so",
    "not_read": "a paper that would tell is known, and only its abstract was read",
    "no_evidence": "no finding of the claimed kind and dose shows a side",
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
    "interval midpoint": "middle of the interval",
    "n": "number of participants",
}
METHODS = {
    "common": "Common effect",
    "dl": "DerSimonian–Laird",
    "pm": "Paule–Mandel",
    "reml": "REML",
}
POOLS = {
    "backward trials": "trials of backward walking",
    "plus unverified direction": "with trials whose direction was not verified",
    "without merged arms": "without merged arms",
}
INTERVALS = {"z": "normal", "hksj": "Hartung–Knapp"}
HEAD_TO_HEAD = "randomised, backward v forward"
DESIGNS = {
    HEAD_TO_HEAD: "Randomised, backward against forward",
    "randomised, backward added or v control": "Randomised, backward added or against control",
    "not randomised": "Not randomised",
    "single session": "Single session",
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
    "none": "no results printed",
}
WHOLE_STUDY = "all"  # outcome of a row that is about a study and not about one of its outcomes
POOLS_OF_THE_RECORD = "Pools recomputed for this record"
_REMARK = re.compile(r"\s*\([^()]*\b(?:read|seen)\b[^()]*\)")
_AUTHOR_YEAR = re.compile(r"^([a-z]+?)(\d{4})(?:_(.+))?$")
_SURNAME = r"[^\W\d_][\w'’-]+"
_CITED_AUTHOR = re.compile(
    rf"^((?:[A-Z][a-z]+ )?{_SURNAME})(?: [A-Z]{{1,3}}(?:[,.]| et al)| \d{{4}}\b)"
)
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "for", "in", "of", "on", "or", "the", "to", "v", "vs", "with")
)
TITLE_LENGTH = 26
WALKS = {"forward": "walking forwards", "backward": "walking backwards", "": ""}
UNITS = {
    "rom": "°",
    "marp": "°",
    "deviation_phase": "°",
    "variability": "°",
    "sufficient_error": "°",
    "in_phase_of_mean_angle": "% of the cycle",
    "anti_phase_of_mean_angle": "% of the cycle",
    "proximal_of_mean_angle": "% of the cycle",
    "distal_of_mean_angle": "% of the cycle",
    "proximal": "% of all steps",
    "distal": "% of all steps",
    "in_phase": "% of all steps",
    "anti_phase": "% of all steps",
    "speed": "m/s",
    "cadence": "steps/min",
    "step_length": "m",
    "stance_left": "% of the cycle",
    "stance_right": "% of the cycle",
    "contribution": "%",
    "repositioning_constant": "unit of the positions",
    "repositioning_absolute": "unit of the positions",
    "repositioning_variable": "unit of the positions",
    "repositioning_rmse": "unit of the positions",
}
_WHOLE = {
    "speed": "Speed",
    "cadence": "Cadence",
    "step_length": "Step length",
    "stance_left": "Stance, left foot",
    "stance_right": "Stance, right foot",
    "lumbar_contribution": "Lumbar contribution to the bend",
    "repositioning_constant": "Repositioning, constant error",
    "repositioning_absolute": "Repositioning, absolute error",
    "repositioning_variable": "Repositioning, variable error",
    "repositioning_rmse": "Repositioning, root mean squared error",
}
_ENDINGS = {
    "_rom": "range of motion",
    "_marp": "mean absolute relative phase",
    "_deviation_phase": "deviation phase",
    "_variability": "coupling angle variability",
    "_sufficient_error": "error that alone gives this deviation phase",
    "_in_phase": "in-phase",
    "_anti_phase": "anti-phase",
    "_proximal": "proximal alone",
    "_distal": "distal alone",
    "_in_phase_of_mean_angle": "in-phase by the mean angle",
    "_anti_phase_of_mean_angle": "anti-phase by the mean angle",
    "_proximal_of_mean_angle": "proximal alone by the mean angle",
    "_distal_of_mean_angle": "distal alone by the mean angle",
}
_OF_A_BEND = ("bend_", "lumbar_contribution", "rhythm_ratio")
_QUARTERS = {
    "rhythm_ratio_q": ("Lumbar to hip ratio", ""),
    "lumbar_contribution_q": ("Lumbar contribution", "%"),
}


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


def without_remarks(text: str) -> str:
    """Return a text without the collectors' remarks on what was read of it.

    Examples
    --------
    >>> without_remarks("function (WOMAC (which score: not read))"), without_remarks("not read")
    ('function (WOMAC)', '')
    """
    bare = _REMARK.sub("", text)
    return "" if bare.lower() == "not read" else bare


def contrast_label(contrast: str, arms: Mapping[str, str]) -> str:
    """Return a comparison in the arms' words.

    Examples
    --------
    >>> contrast_label("backward - forward", {"backward": "Backward", "forward": "Forward"})
    'Backward − Forward'
    """
    return " − ".join(arms.get(name) or name for name in contrast.split(" - "))


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


def study_name(study_id: object, labels: Mapping[str, str] | None) -> str:
    """Return what a study is called: its label, else a name from its identifier alone."""
    return (labels or {}).get(str(study_id)) or study_label(str(study_id))


def study_labels(studies: pd.DataFrame) -> dict[str, str]:
    """Return a short name for every study, by identifier, no two alike.

    It is the record's `short_name`, else first author and year as cited (columns `study_id` and,
    where known, `citation` and `year`). Where the citation does not begin with an author, an
    identifier made of a name and a year, or a registry's number, is used; else the first words of
    the title. Studies that would share a name are named by identifier.

    Examples
    --------
    >>> import pandas as pd
    >>> studies = pd.DataFrame({
    ...     "study_id": ["laird2016", "retro_42"],
    ...     "citation": ["Laird RA, Keating JL. A title. 2016", "Walking backward on a slope"],
    ...     "year": ["2016", ""],
    ... })
    >>> study_labels(studies)
    {'laird2016': 'Laird 2016', 'retro_42': '“Walking backward…” (undated)'}
    """
    names: dict[str, str] = {}
    for row in studies.to_dict("records"):
        study_id, citation = str(row["study_id"]), str(row.get("citation") or "")
        year = str(row.get("year") or "")
        when = year if re.fullmatch(r"\d{4}", year) else "(undated)"
        author = _CITED_AUTHOR.match(citation)
        if row.get("short_name"):
            names[study_id] = str(row["short_name"])
        elif author is not None:
            names[study_id] = f"{author[1]} {when}"
        elif re.fullmatch(r"[a-z]+\d{4,}", study_id) or not citation:
            names[study_id] = study_label(study_id)
        else:
            names[study_id] = f"{_title(citation)} {when}"
    shared = Counter(names.values())
    return {key: name if shared[name] == 1 else study_label(key) for key, name in names.items()}


def ledger_labels(studies: pd.DataFrame, ledger: pd.DataFrame) -> dict[str, str]:
    """Return a short name for every study, and for what the ledger holds beside the studies.

    Rows that belong to no study of the record and recompute a pool are the record's own pools.

    Examples
    --------
    >>> import pandas as pd
    >>> studies = pd.DataFrame({"study_id": ["laird2016"], "citation": [""], "year": [""]})
    >>> ledger = pd.DataFrame({"study_id": ["laird2016", "x"], "check": ["", "pooled_estimate"]})
    >>> ledger_labels(studies, ledger)
    {'laird2016': 'Laird 2016', 'x': 'Pools recomputed for this record'}
    """
    names = study_labels(studies)
    for key, checks in ledger.groupby("study_id", sort=False)["check"]:
        study_id = str(key)
        if study_id not in names:
            pools = bool((checks == "pooled_estimate").any())
            fresh = pools and POOLS_OF_THE_RECORD not in names.values()
            names[study_id] = POOLS_OF_THE_RECORD if fresh else study_label(study_id)
    return names


def _title(citation: str) -> str:
    """Return the first words of a title, in quotation marks."""
    words = citation.split()
    kept = words[:1]
    for word in words[1:]:
        if len(" ".join([*kept, word])) > TITLE_LENGTH:
            break
        kept.append(word)
    while len(kept) > 1 and kept[-1].lower() in _SMALL_WORDS:
        kept.pop()
    whole = " ".join(kept)
    cut = "…" if len(kept) < len(words) or len(whole) > TITLE_LENGTH else ""
    return f"“{whole[:TITLE_LENGTH].rstrip(',.:; ')}{cut}”"


# Words for signals, features and walks: what a reader sees in place of their names.


def walk_label(feature: str, direction: str) -> str:
    """Return in which walk a feature was measured; "" for one of a bend.

    Examples
    --------
    >>> walk_label("speed", "backward"), walk_label("bend_pelvis_flexion_rom", "forward")
    ('walking backwards', '')
    """
    return "" if feature.startswith(_OF_A_BEND) else WALKS.get(direction, direction)


def signal_label(name: str) -> str:
    """Return a signal in words.

    Examples
    --------
    >>> signal_label("lumbar_side_bend")
    'Lumbar side bend'
    """
    return sentence_case(name.replace("_", " "))


def feature_label(name: str) -> str:
    """Return a feature in words with its unit.

    Examples
    --------
    >>> feature_label("lumbar_flexion_rom"), feature_label("speed")
    ('Lumbar flexion, range of motion (°)', 'Speed (m/s)')
    >>> feature_label("rhythm_ratio_q2"), feature_label("lumbopelvic_in_phase")
    ('Lumbar to hip ratio, quarter 2 of the bend', 'Lumbopelvic, in-phase (% of all steps)')
    """
    for start, (words, unit) in _QUARTERS.items():
        if name.startswith(start) and name[len(start) :].isdecimal():
            return _with_unit(f"{words}, quarter {name[len(start) :]} of the bend", unit)
    if name in _WHOLE:
        return _with_unit(_WHOLE[name], UNITS.get(name, UNITS.get(name.rpartition("_")[2], "")))
    for ending, words in _ENDINGS.items():
        if name.endswith(ending):
            whole = name.removesuffix(ending)
            bent = whole.removeprefix("bend_")
            of = f"Forward bend, {signal_label(bent).lower()}" if bent != whole else ""
            return _with_unit(f"{of or signal_label(whole)}, {words}", UNITS[ending[1:]])
    return signal_label(name)


def _with_unit(words: str, unit: str) -> str:
    return f"{words} ({unit})" if unit else words
