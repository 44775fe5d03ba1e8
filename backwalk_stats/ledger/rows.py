"""Turns the rows of the contrast table into what checks look at, inputs found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from backwalk_stats.evidence.schema import OLDER_ORIGINS
from backwalk_stats.ledger.case import Cell, Contrast, ReviewRow, Study
from backwalk_stats.ledger.links import Link, link, link_named, link_within, outcome_labels
from backwalk_stats.ledger.reading.kinds import kind_of
from backwalk_stats.ledger.reading.printed import is_number, value_of
from backwalk_stats.ledger.reading.readings import readings_of, scores_of
from backwalk_stats.ledger.reading.synonyms import words_said
from backwalk_stats.ledger.reading.vocabulary import (
    arm_words,
    family,
    is_merged_arm,
    outcome_words,
    time_in,
    walks_backward,
    walks_forward,
)

_COLUMNS = {
    "estimate": "estimate",
    "ci_low": "conf_low",
    "ci_high": "conf_high",
    "statistic": "statistic",
    "df": "df",
    "p_value_as_printed": "p_value",
    "se": "std_error",
    "i2": "i2",
    "q": "q",
    "tau2": "tau2",
}
_NO_ARMS = "no two arms with n, mean and SD are printed for this outcome"
_AUTHOR = re.compile(
    r"^((?:[A-Z][\w'\u2019-]+ )+?)(?:[A-Z]{1,4}(?=[,.:;]|\s+et al|$)|et al|(?=\d{4}\b))"
)
# "t test of the differences" is one of changes; "of differences between groups" is not.
_OF_CHANGE = re.compile(
    r"\b(?:of|on) (?:the )?differences\b(?! (?:in|between|of|among))", re.IGNORECASE
)
_WITHIN = ("within", "single-group repeated", "five backward")
_CROSS_SECTIONAL = ("cross-sectional", "case-control", "reliab", "reproducib", "measurement")
_PRINTED = {"Mean": "estimate", "CI.start": "conf_low", "CI.end": "conf_high", "Weight": "weight"}


def contrasts_of(
    row: Mapping[str, str],
    *,
    study: Study,
    cells: Sequence[Cell],
    recovered: Sequence[tuple[Cell, ...]] = (),
) -> Iterator[Contrast]:
    """Yield one contrast per outcome that a row of the contrast table names.

    `recovered` holds alternative sets of arms behind merged ones; they are used where the printed
    rows hold no pair that fits.
    """
    arms = f"{row['arm_a']} {row['arm_b']}"
    about = f"{row['contrast_type']} {_OF_CHANGE.sub(' change ', row['method'])}"
    for outcome in outcome_labels(row["outcome"], cells):
        label = outcome
        contrast = _bare(row, study=study, label=outcome)
        if row.get("inputs", "").strip():
            yield _with_links(contrast, [link_named(inputs=row["inputs"], cells=cells)])
            continue
        if contrast.kind == "within":
            yield _with_links(contrast, [link_within(label=label, arms=arms, cells=cells)])
            continue
        if contrast.read.role == "baseline" and not time_in(label):
            label = f"{label} baseline"
        if contrast.kind == "anova":
            yield _with_links(contrast, _all_arms(label, cells, recovered, row))
            continue
        found = [_link(label, about, row, cells)]
        if recovered and not is_merged_arm(arms) and not _usable(found[0]):
            again = [_link(label, about, row, [*cells, *extra]) for extra in recovered]
            found = [one for one in again if _usable(one)] or found
        yield _with_links(contrast, found)


def _bare(row: Mapping[str, str], *, study: Study, label: str) -> Contrast:
    printed = {name: row.get(column, "").strip() for column, name in _COLUMNS.items()}
    return Contrast(
        study=study,
        outcome=label,
        arm_a=row["arm_a"],
        arm_b=row["arm_b"],
        kind=kind_of(row["contrast_type"], row["method"], row["arm_a"], row["arm_b"]),
        contrast_type=row["contrast_type"],
        method=row["method"],
        model=row.get("model", ""),
        printed={name: text for name, text in printed.items() if text not in ("", "-")},
        source=row["source_location"],
        line=int(row["line"]),
        origin=origin_of(row),
        same_as=row.get("same_as", "").strip(),
        note=row.get("note", ""),
        read=readings_of(row, {"design": study.design, "design_analysis": study.analysis}),
    )


def origin_of(row: Mapping[str, str]) -> str:
    """Return who printed or computed a row: "paper", "review", "collector" or "derived"."""
    named = row.get("origin", "")
    if not named and row.get("confidence", "").startswith("derived"):
        return "derived"
    return OLDER_ORIGINS.get(named, named)


def _link(label: str, about: str, row: Mapping[str, str], cells: Sequence[Cell]) -> Link:
    return link(
        label=label,
        about=about,
        arm_a=row["arm_a"],
        arm_b=row["arm_b"],
        source=row["source_location"],
        cells=cells,
    )


def _usable(found: Link) -> bool:
    """Tell whether a link leads to numbers that a test can be made of."""
    pairs = ((found.first, found.second), (found.change_first, found.change_second))
    return any(a is not None and b is not None and _counts(a, b) for a, b in pairs)


def _counts(a: Cell, b: Cell) -> bool:
    return all(cell.has_spread or (cell.unit == "events" and cell.n) for cell in (a, b))


def _with_links(contrast: Contrast, links: Sequence[Link]) -> Contrast:
    whole = [one for one in links if one.first is not None and one.second is not None]
    if not whole:
        return replace(contrast, missing=links[0].missing, has_rows=links[0].has_rows)
    lead = whole[0]
    return replace(
        contrast,
        has_rows=True,
        first=tuple(one.first for one in whole if one.first is not None),
        second=tuple(one.second for one in whole if one.second is not None),
        others=tuple(one.others for one in whole),
        before_first=lead.before_first,
        before_second=lead.before_second,
        change_first=lead.change_first,
        change_second=lead.change_second,
        remark=lead.remark,
        about_change=lead.about_change,
    )


def _all_arms(
    label: str, cells: Sequence[Cell], recovered: Sequence[tuple[Cell, ...]], row: Mapping[str, str]
) -> list[Link]:
    """Link a comparison of all arms: the first two stand first, the rest are the others."""
    links = []
    for extra in recovered or ((),):
        pool = [*[cell for cell in cells if not is_merged_arm(cell.arm)], *extra]
        arms = list(dict.fromkeys(cell.arm for cell in pool))
        pairs = [(a, b) for a in arms for b in arms if a != b]
        found = (_link(label, "", {**row, "arm_a": a, "arm_b": b}, pool) for a, b in pairs)
        links.append(next((one for one in found if _usable(one)), Link(missing=_NO_ARMS)))
    return links


def compares_directions(contrast: Contrast) -> bool:
    """Tell whether one side walks backward and the other forward."""
    backward, forward = walks_backward(contrast.arm_a), walks_forward(contrast.arm_b)
    turned = walks_backward(contrast.arm_b) and walks_forward(contrast.arm_a)
    return (backward and forward) or turned


# Reads the study and outcome rows of a record into what checks look at.


def study_from_row(row: Mapping[str, str]) -> Study:
    """Return a study of the record; sizes are read from the texts that print them.

    `n_total` is the number analysed where one is printed, else the number randomised.
    """
    arms = tuple(part.strip() for part in re.split(r"[;|]", row["arms"]) if part.strip())
    return Study(
        study_id=row["study_id"],
        label=study_label(row),
        design=row["design"],
        arms=arms,
        arm_sizes=_arm_sizes(row["arms"], row["n_randomised"]),
        n_total=_total(row["n_randomised"]),
        n_text=row["n_randomised"],
        numbers=row["numbers_available"],
        note=row["note"],
        line=int(row["line"]),
        analysis=row.get("design_analysis", ""),
        full_text=row.get("full_text", ""),
        read=row.get("read", ""),
    )


def study_label(row: Mapping[str, str]) -> str:
    """Return the short name, else "Author year" from the citation, else the study's id.

    >>> study_label({"citation": "Chen Z, Ye X. The efficacy", "year": "2021", "study_id": "c"})
    'Chen 2021'
    """
    if row.get("short_name"):
        return row["short_name"]
    author = _AUTHOR.match(row["citation"])
    if author is None:
        return row["study_id"]
    return f"{author.group(1).strip()} {row['year']}".strip()


def _arm_sizes(arms: str, n_randomised: str) -> tuple[int, ...]:
    """Return the arm sizes, in the order of the arms, or () where they were not printed."""
    in_arms = re.findall(r"n\s*=\s*(\d+)", arms)
    if len(in_arms) > 1:
        return tuple(int(size) for size in in_arms)
    summed = re.search(r"\b(\d+(?:\s*\+\s*\d+)+)\b", n_randomised)
    return tuple(int(size) for size in re.findall(r"\d+", summed.group(1))) if summed else ()


def _total(n_randomised: str) -> int | None:
    analysed = re.search(r"(?<!\d)(\d+)\s++analysed", n_randomised)
    first = analysed or re.search(r"(\d+)", n_randomised)
    return int(first.group(1)) if first else None


def cells_from_frame(
    outcomes: pd.DataFrame, analyses: Mapping[str, str] | None = None
) -> dict[str, tuple[Cell, ...]]:
    """Return the outcome rows of each study, in the order of the file.

    `analyses` holds what each study says of its analysis (the column `design_analysis`).
    """
    said = analyses or {}
    cells: dict[str, list[Cell]] = {}
    for row in outcomes.to_dict("records"):
        cells.setdefault(str(row["study_id"]), []).append(
            _cell({str(k): v for k, v in row.items()}, said.get(str(row["study_id"]), ""))
        )
    return {study_id: tuple(rows) for study_id, rows in cells.items()}


def _cell(row: Mapping[str, str], analysis: str) -> Cell:
    numeric = {
        name: row[name] if is_number(row.get(name, "")) else ""
        for name in ("mean", "sd", "se", "median", "q1", "q3", "minimum", "maximum")
    }
    if words_said("spread", row["note"]) and numeric["sd"] and not numeric["se"]:
        numeric |= {"se": numeric["sd"], "sd": ""}  # the source says what the column holds
    return Cell(
        study_id=row["study_id"],
        arm=row["arm"],
        outcome=row["outcome"],
        instrument=row["instrument"],
        unit=row["unit"],
        scale_min=row["scale_min"],
        scale_max=row["scale_max"],
        timepoint=row["timepoint"],
        n=int(row["n"]) if row["n"] else None,
        **numeric,
        ci_low=row["ci_low"],
        ci_high=row["ci_high"],
        ci_level=row.get("ci_level", ""),
        score_step=row.get("score_step", ""),
        origin=origin_of(row),
        read=scores_of(row, {"design_analysis": analysis}),
        items=row["items"],
        direction=row["direction_better"],
        confidence=row["confidence"],
        source=row["source_location"],
        note=row["note"],
        line=int(row["line"]),
    )


def design_class(study: Study, row: Mapping[str, str]) -> str:
    """Return the class of a study's design, for the map of which claim rests on what.

    It is the first class below whose words fit; "other" where none does.
    """
    design, sizes = study.design.lower(), row["n_randomised"].lower()
    both = walks_backward(row["arms"]) and walks_forward(row["arms"])
    named = {
        "protocol": "protocol" in design,
        "registry": "registered" in design or "registry" in design,
        "review": "review" in design or "meta-analysis" in design,
        "single session": is_single_session(row),
        "within-person experiment": any(words in design for words in _WITHIN),
        "cross-sectional": any(words in design for words in _CROSS_SECTIONAL),
        "not randomised": "not randomised" in sizes or "non-randomised" in design,
        "randomised, backward v forward": both and _randomised(design),
        "randomised, backward added or v control": _randomised(design),
    }
    return next((name for name, holds in named.items() if holds), "other")


def _randomised(design: str) -> bool:
    return "rct" in design or "random" in design


def is_single_session(row: Mapping[str, str]) -> bool:
    """Tell whether a study watched one session and so says nothing of weeks of training."""
    return "single session" in row["weeks"].lower() or "single-session" in row["design"].lower()


# Reads the rows of a review's analyses, so that its SMDs and weights can be recomputed.


def review_rows(
    frame: pd.DataFrame, studies: Sequence[Study], dois: Mapping[str, str]
) -> tuple[ReviewRow, ...]:
    """Return every row of every analysis, each with the rows that share its analysis.

    The review is the study with the row's DOI; `dois` is study id to DOI.
    """
    known = {study.study_id for study in studies}
    by_doi = {doi: study_id for study_id, doi in dois.items() if doi and study_id in known}
    rows: list[ReviewRow] = []
    for _, group in frame.groupby(
        ["file", "Analysis.group", "Analysis.number", "Subgroup"], sort=False
    ):
        records = [{str(k): v for k, v in one.items()} for one in group.to_dict("records")]
        pairs = [(_arm(r, "Experimental"), _arm(r, "Control")) for r in records]
        whole = all(a.has_spread and b.has_spread for a, b in pairs)
        for position, (record, pair) in enumerate(zip(records, pairs, strict=True)):
            rows.append(
                ReviewRow(
                    review_id=by_doi.get(
                        record["review_doi"], str(record["file"]).removesuffix(".csv")
                    ),
                    label=record["Study"],
                    analysis=f"{record['Analysis.group']}.{record['Analysis.number']}",
                    subgroup=record["Subgroup"],
                    first=pair[0],
                    second=pair[1],
                    printed={
                        name: record[column] for column, name in _PRINTED.items() if record[column]
                    },
                    group=tuple(pairs) if whole else (),
                    position=position,
                    file=record["file"],
                    line=int(record["line"]),
                )
            )
    return tuple(rows)


def _arm(record: Mapping[str, str], side: str) -> Cell:
    n = record[f"{side}.N"]
    return Cell(
        study_id=record["Study"],
        arm=f"{record['Study']}, {side.lower()}",
        outcome="",
        instrument="",
        unit="",
        scale_min="",
        scale_max="",
        timepoint="",
        n=int(value_of(n)) if is_number(n) else None,
        mean=record[f"{side}.mean"] if is_number(record[f"{side}.mean"]) else "",
        sd=record[f"{side}.SD"] if is_number(record[f"{side}.SD"]) else "",
        source=f"{record['file']}",
        derived=f"{record['file']} line {record['line']}",
    )


def analysis_outcomes(contrasts: Sequence[Contrast], rows: Sequence[ReviewRow]) -> dict[str, str]:
    """Return the outcome family of each analysis, as the record's comparisons that cite it say.

    An analysis that is cited for two families, or for none, is left out.
    """
    found: dict[str, str] = {}
    for analysis in dict.fromkeys(row.analysis for row in rows):
        cited = {
            family(contrast.outcome)
            for contrast in contrasts
            if analysis in contrast.source.split() and family(contrast.outcome)
        }
        if len(cited) == 1:
            found[analysis] = cited.pop()
    return found


# Numbers that stand in a record twice: found, said, and counted once. A row is a double where its
# column `same_as` says so, or where every number that it prints stands in an earlier row of the
# same study and outcome (or of a review's table), and there are two of them or the same two arms.

NUMBERS = ("estimate", "conf_low", "conf_high", "statistic", "p_value")


def counted_once(
    contrasts: Sequence[Contrast], reviews: Sequence[ReviewRow]
) -> tuple[tuple[Contrast, ...], tuple[str, ...]]:
    """Return the comparisons without those that repeat another row, and a note that says so."""
    kept: list[Contrast] = []
    doubles: list[str] = []
    for one in contrasts:
        first = one.same_as or next(_repeats(one, kept, reviews), "")
        if first:
            doubles.append(f"line {one.line}")
        else:
            kept.append(one)
    if not doubles:
        return tuple(kept), ()
    lines = ", ".join(doubles)
    repeated = "1 row repeats" if len(doubles) == 1 else f"{len(doubles)} rows repeat"
    return tuple(kept), (f"contrasts.csv: {repeated} numbers of another, counted once: {lines}",)


def _repeats(
    one: Contrast, earlier: Sequence[Contrast], reviews: Sequence[ReviewRow]
) -> Iterator[str]:
    numbers = _numbers(one)
    if "estimate" not in numbers:
        return
    for other in earlier:
        if _same_question(one, other) and _same_numbers(numbers, _numbers(other), one, other):
            yield f"line {other.line}"
    for row in reviews:
        shown = {name: row.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high")}
        if len(numbers) == len(shown) and numbers == shown:
            yield f"{row.file} line {row.line}"


def _numbers(one: Contrast) -> dict[str, str]:
    found = {name: one.printed[name] for name in NUMBERS if name in one.printed}
    return {name: text for name, text in found.items() if is_number(text)}


def _same_question(one: Contrast, other: Contrast) -> bool:
    return (
        one.study.study_id == other.study.study_id
        and one.line != other.line
        and one.kind == other.kind
        and outcome_words(one.outcome) == outcome_words(other.outcome)
    )


def _same_numbers(
    numbers: dict[str, str], earlier: dict[str, str], one: Contrast, other: Contrast
) -> bool:
    same_arms = arm_words(f"{one.arm_a} {one.arm_b}") == arm_words(f"{other.arm_a} {other.arm_b}")
    contained = all(earlier.get(name) == text for name, text in numbers.items())
    return contained and (len(numbers) > 1 or same_arms)
